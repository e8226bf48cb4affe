"""Papers 文书与材料: what is recorded of them and what is asked, under their stored names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Any, Literal, get_args

from domain.decider import command
from domain.events import Payload, event, terms, upcaster
from domain.sealing import RESTRICTED

Method = Literal["in_person", "left_on_site", "by_post", "electronically", "by_public_notice"]
METHODS: dict[Method, str] = {
    "in_person": "直接送达",
    "left_on_site": "留置送达",
    "by_post": "邮寄送达",
    "electronically": "电子送达",
    "by_public_notice": "公告送达",
}
terms(METHODS)
PaperKind = Literal[
    "application_form",
    "labour_contract",
    "medical_record",
    "site_record",
    "court_paper",
    "service_proof",
    "letter_scan",
    "other_paper",
]
PAPER_KINDS: dict[PaperKind, str] = {
    "application_form": "申请书",
    "labour_contract": "劳动关系材料",
    "medical_record": "医疗资料",
    "site_record": "现场记录与照片",
    "court_paper": "裁判与仲裁文书",
    "service_proof": "送达凭证",
    "letter_scan": "文书用印件",
    "other_paper": "其他材料",
}
terms(PAPER_KINDS)


class PaperFact:
    """What every event here has in common: any kind of case may bear it."""


@event("letter.issued", "发出文书《{title}》，致{to}{instead}", version=2)
class LetterIssued(PaperFact):
    """A letter was fixed and given its number, which stands in the envelope of this event."""

    template: str
    title: str
    series: str  # the words before the year in the number 文号
    issuer: str
    to: tuple[str, ...]
    values: Annotated[Mapping[str, str], RESTRICTED]  # what was filled in; nothing sealed
    sha256: str  # of the text, the place of the number left empty
    corrects: str | None = None  # since version 2: the delivered letter it stands in for

    @property
    def instead(self) -> str:
        return f"，更正并代替{self.corrects}" if self.corrects else ""

    @property
    def letter(self) -> str | None:
        """The earlier letter that this one is about."""
        return self.corrects


@event("letter.delivered", "文书{named}由{carrier}{method}{to}，凭{proof}", version=2)
class LetterDelivered(PaperFact):
    """A letter reached one of its addressees on the day of this event."""

    letter: str  # its number 文号
    to: str
    method: Method
    carrier: str  # who brought it: the issuer, or a unit it asked
    document: str | None  # SHA-256 of the proof, filed on this case
    receipt: str | None  # the number of a return slip, a postal item, a public notice
    title: str = ""  # since version 2, as `announced_on`: the day of a public notice 公告
    announced_on: date | None = None

    @property
    def named(self) -> str:
        return _named(self.title, self.letter)

    @property
    def proof(self) -> str:
        told = [self.receipt, f"材料{self.document[:8]}" if self.document else None]
        return "、".join(filter(None, told))


@event("letter.withdrawn", "文书{named}作废：{reason}", version=2)
class LetterWithdrawn(PaperFact):
    """A letter no longer stands; its number is not given out again."""

    letter: str
    reason: str
    title: str = ""  # since version 2

    @property
    def named(self) -> str:
        return _named(self.title, self.letter)


def _named(title: str, number: str) -> str:
    return f"《{title}》（{number}）" if title else number


def _as_it_was(payload: Payload) -> Payload:
    return payload


for _name in ("letter.issued", "letter.delivered", "letter.withdrawn"):
    upcaster(_name, 1)(_as_it_was)


@event("document.filed", "归档材料《{title}》（{kind}，第{edition}版）")
class DocumentFiled(PaperFact):
    """A document was put on the case; its bytes are stored under their hash."""

    sha256: str
    title: Annotated[str, RESTRICTED]
    kind: PaperKind
    media_type: str
    size: int  # bytes
    edition: int  # 1, or one more than that of the document it replaces
    replaces: str | None


Event = LetterIssued | LetterDelivered | LetterWithdrawn | DocumentFiled
EVENTS: tuple[type[Any], ...] = get_args(Event)


@command("letter.issue", "发出文书", clause="43-3.ALL")
class IssueLetter:
    """Fixes the text, gives the next number of its series, and owes the delivery.

    `corrects` names a letter that was delivered, wrong as it is: this one stands in its place.
    """

    template: str
    to: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    corrects: str | None = None


@command("letter.deliver", "送达文书", clause="cpl-87")
class DeliverLetter:
    """Records that the letter reached a party, with the proof; clocks may rest on that day.

    Where the letter is what the law wants told (告知、答复、认定决定), that act is recorded too.
    By public notice it takes effect when the days of the notice `announced_on` have passed.
    """

    letter: str
    to: str
    method: Method
    carrier: str | None = None
    document: str | None = None
    receipt: str | None = None
    announced_on: date | None = None


@command("letter.withdraw", "作废文书", clause="43-3.ALL")
class WithdrawLetter:
    """The letter no longer stands; it keeps its number, and a new one takes the next.

    Not once it has reached somebody: then a correcting letter stands in its place.
    """

    letter: str
    reason: str


@command("document.file", "归档材料", clause="43-3.ALL")
class FileDocument:
    """Puts a stored document on the case, as a new one or in place of an earlier version."""

    sha256: str
    title: str
    kind: PaperKind
    replaces: str | None = None


Command = IssueLetter | DeliverLetter | WithdrawLetter | FileDocument
