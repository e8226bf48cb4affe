"""Papers 文书与材料: what the letters and documents of a case add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.events import Envelope, Recorded
from domain.papers.events import (
    DocumentFiled,
    LetterDelivered,
    LetterIssued,
    LetterWithdrawn,
    Method,
    PaperFact,
)


@dataclass(frozen=True)
class StoredBytes:
    """What the store knows of a document's bytes, whatever the sender said of them."""

    sha256: str
    size: int
    media_type: str
    uploaded_by: tuple[str, ...] = ()  # the parties that sent these very bytes


@dataclass(frozen=True)
class Delivery:
    """How and when a letter reached a party 送达."""

    to: str
    day: date
    method: Method
    carrier: str
    document: str | None
    receipt: str | None


@dataclass(frozen=True)
class Letter:
    """A letter of a case."""

    number: str
    envelope: Envelope  # of its issue: day, edition, position
    issued: LetterIssued
    delivered: tuple[Delivery, ...] = ()
    withdrawn: str | None = None  # the reason
    corrected_by: str | None = None  # the number of the letter in its place

    @property
    def everywhere(self) -> bool:
        """Whether it reached everyone it is addressed to."""
        return set(self.issued.to) <= {delivery.to for delivery in self.delivered}


@dataclass(frozen=True)
class Document:
    """A document of a case."""

    envelope: Envelope
    filed: DocumentFiled
    replaced_by: str | None = None


@dataclass(frozen=True)
class Papers:
    """The letters of a case by number and its documents by hash, in order of recording."""

    letters: Mapping[str, Letter] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)


def evolve(papers: Papers, recorded: Recorded) -> Papers:
    """The papers of a case after one more event. Total on any subsequence."""
    fact, envelope = recorded.event, recorded.envelope
    match fact:
        case LetterIssued():
            number = envelope.document_number or f"{fact.series}〔〕第{envelope.version}版"
            letters = {**papers.letters, number: Letter(number, envelope, fact)}
            corrected = papers.letters.get(fact.corrects or "")
            if corrected:
                letters[corrected.number] = replace(corrected, corrected_by=number)
            return replace(papers, letters=letters)
        case LetterDelivered() if fact.letter in papers.letters:
            letter = papers.letters[fact.letter]
            how = Delivery(
                fact.to,
                envelope.occurred.day,
                fact.method,
                fact.carrier,
                fact.document,
                fact.receipt,
            )
            letter = replace(letter, delivered=(*letter.delivered, how))
            return replace(papers, letters={**papers.letters, fact.letter: letter})
        case LetterWithdrawn() if fact.letter in papers.letters:
            letter = replace(papers.letters[fact.letter], withdrawn=fact.reason)
            return replace(papers, letters={**papers.letters, fact.letter: letter})
        case DocumentFiled():
            documents = dict(papers.documents)
            if fact.replaces in documents:
                old = documents[fact.replaces]
                documents[fact.replaces] = replace(old, replaced_by=fact.sha256)
            documents[fact.sha256] = Document(envelope, fact)
            return replace(papers, documents=documents)
        case _:
            return papers


# --- Conditions, named in rules of every kind ---------------------------------------------------


def delivered_everywhere(papers: Papers, event: Any) -> bool:
    """The letter the event is about has reached everyone it is addressed to."""
    letter = papers.letters.get(getattr(event, "letter", ""))
    return letter is not None and letter.everywhere


def no_longer_stands(papers: Papers, event: Any) -> bool:
    """The letter the event is about was withdrawn, or another now stands in its place."""
    return isinstance(event, LetterWithdrawn) or getattr(event, "letter", None) is not None


CONDITIONS: Mapping[str, Callable[[Papers, Any], bool]] = {
    "delivered_everywhere": delivered_everywhere,
    "no_longer_stands": no_longer_stands,
}


def concerns(event: Any, opening: Envelope) -> bool:
    """Whether an event touches a task opened by `opening`: that of another letter it does not."""
    about = getattr(event, "letter", None) if isinstance(event, PaperFact) else None
    return about is None or opening.document_number in (None, about)
