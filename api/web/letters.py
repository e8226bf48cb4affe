"""The letters of a case as pages: a list on its page, and each to be printed as it was issued."""

from __future__ import annotations

from typing import Any

from api.papers import folded, letter_of, readers, rendered, template_of
from domain.decider import Refused
from domain.papers import METHODS, PAPER_KINDS, Document, Letter
from domain.rules import Reference
from domain.tasks import party_name
from projections.county import County
from projections.reading import View


def of_case(view: View, lines: list[dict[str, Any]], reference: Reference) -> dict[str, Any]:
    """The letters and documents that the page of a case lists; it folds only where there are."""
    case = next((line["case"] for line in lines), None)
    borne = any(line["type"].startswith(("letter.", "document.")) for line in lines)
    if case is None or not borne:
        return {"letters": [], "documents": []}
    papers = view.fold(case).papers
    return {
        "letters": [_row(letter, reference) for letter in papers.letters.values()],
        "documents": [_filed(document, reference) for document in papers.documents.values()],
    }


def page(
    county: County, view: View, key: str, number: str, party: str | None = None
) -> dict[str, Any]:
    """All that the page of a letter shows to a party. Refused where there is none, and where it
    tells a disease to somebody it is not for."""
    fold = folded(view, key)
    letter = letter_of(fold, number)
    if template_of(county, letter).restricted and party not in readers(letter, fold):
        zh = f"{number} 载有病名等健康信息，只供与本案有关的单位和当事方阅看；"
        zh += "请在网址后加 ?party=单位代码 打开"
        raise Refused("not-concerned", zh, "It tells a disease: only for those concerned")
    return {
        "letter": rendered(county, letter),
        "row": _row(letter, county.log.reference_in_force()),
        "case": fold.number or fold.case,
        "sha256": letter.issued.sha256,
    }


def _row(letter: Letter, reference: Reference) -> dict[str, Any]:
    issued = letter.issued
    return {
        "number": letter.number,
        "title": issued.title,
        "issuer": party_name(issued.issuer, reference),
        "to": "、".join(party_name(party, reference) for party in issued.to),
        "day": letter.envelope.occurred.day,
        "withdrawn": letter.withdrawn,
        "corrected_by": letter.corrected_by,
        "delivered": [
            f"{d.day} {METHODS[d.method]} {party_name(d.to, reference)}" for d in letter.delivered
        ],
        "everywhere": letter.everywhere or letter.corrected_by is not None,
    }


def _filed(document: Document, reference: Reference) -> dict[str, Any]:
    filed = document.filed
    return {
        "title": filed.title,
        "kind": PAPER_KINDS[filed.kind],
        "edition": filed.edition,
        "size": filed.size,
        "day": document.envelope.occurred.day,
        "by": party_name(document.envelope.actor, reference),
        "sha256": filed.sha256,
        "replaced": document.replaced_by is not None,
    }
