"""Papers 文书与材料: letters issued, delivered and withdrawn, and documents filed, on any case.

Like acts on tasks, these are shared by every kind of case. A letter's number 文号 is given out
under the log's lock and stands in the envelope of its `letter.issued`; a withdrawn letter keeps
it. A document's bytes are stored apart; the event holds their hash, size and type.
"""

from __future__ import annotations

from domain.papers.decisions import decide
from domain.papers.events import (
    EVENTS,
    METHODS,
    PAPER_KINDS,
    Command,
    DeliverLetter,
    DocumentFiled,
    FileDocument,
    IssueLetter,
    LetterDelivered,
    LetterIssued,
    LetterWithdrawn,
    PaperFact,
    PaperKind,
    WithdrawLetter,
)
from domain.papers.grounds import concerned
from domain.papers.state import (
    CONDITIONS,
    Delivery,
    Document,
    Letter,
    Papers,
    StoredBytes,
    concerns,
    evolve,
)

__all__ = [
    "CONDITIONS",
    "EVENTS",
    "METHODS",
    "PAPER_KINDS",
    "Command",
    "DeliverLetter",
    "Delivery",
    "Document",
    "DocumentFiled",
    "FileDocument",
    "IssueLetter",
    "Letter",
    "LetterDelivered",
    "LetterIssued",
    "LetterWithdrawn",
    "PaperFact",
    "PaperKind",
    "Papers",
    "StoredBytes",
    "WithdrawLetter",
    "concerned",
    "concerns",
    "decide",
    "evolve",
]
