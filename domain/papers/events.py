"""Papers 文书与材料: what is recorded of them and what is asked, under their stored names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal, get_args

from domain.decider import command
from domain.events import event, terms
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


@event("letter.issued", "发出文书《{title}》，致{to}")
class LetterIssued(PaperFact):
    """A letter was fixed and given its number, which stands in the envelope of this event."""

    template: str
    title: str
    series: str  # the words before the year in the number 文号
    issuer: str
    to: tuple[str, ...]
    values: Annotated[Mapping[str, str], RESTRICTED]  # what was filled in; nothing sealed
    sha256: str  # of the text, the place of the number left empty


@event("letter.delivered", "文书{letter}由{carrier}{method}{to}，凭{proof}")
class LetterDelivered(PaperFact):
    """A letter reached one of its addressees on the day of this event."""

    letter: str  # its number 文号
    to: str
    method: Method
    carrier: str  # who brought it: the issuer, or a unit it asked
    document: str | None  # SHA-256 of the proof, filed on this case
    receipt: str | None  # the number of a return slip, a postal item, a public notice

    @property
    def proof(self) -> str:
        told = [self.receipt, f"材料{self.document[:8]}" if self.document else None]
        return "、".join(filter(None, told))


@event("letter.withdrawn", "文书{letter}作废：{reason}")
class LetterWithdrawn(PaperFact):
    """A letter no longer stands; its number is not given out again."""

    letter: str
    reason: str


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
    """Fixes the text, gives the next number of its series, and owes the delivery."""

    template: str
    to: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)


@command("letter.deliver", "送达文书", clause="cpl-87")
class DeliverLetter:
    """Records that the letter reached a party, with the proof; clocks may rest on that day."""

    letter: str
    to: str
    method: Method
    carrier: str | None = None
    document: str | None = None
    receipt: str | None = None


@command("letter.withdraw", "作废文书", clause="43-3.ALL")
class WithdrawLetter:
    """The letter no longer stands; it keeps its number, and a new one takes the next."""

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
