"""Relief 救助 (RLF): what becomes of the cases it rests on is told here, and looked at again.

Nothing granted ends by itself: 民政局 reviews, offers a hearing and decides.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.cases import diagnosis as dx
from domain.cases.relief.events import ReliefApplied
from domain.corrections import FactCorrected, corrected, opening_corrected
from domain.decider import On
from domain.fold import CaseFold
from domain.links import told


def on_appraisal(
    case: str, concluded: dx.AppraisalConcluded, before: CaseFold, day: date
) -> tuple[On, ...]:
    """A panel concluded otherwise: he may be no patient any more, or another one."""
    if not dx.differs(concluded, before.state.conclusion):
        return ()
    return told(before.dependents, case, "conclusion_appraised", "relief")


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """The patient was another, or the conclusion that counts was recorded wrongly."""
    fact = before.fact(correction.target)
    latest = before.state.conclusion if before.kind.name == "diagnosis" else None
    if fact is None or latest is None:
        return ()
    right = corrected(fact, correction).event
    changes = dx.parties_corrected(fact.event, right, before.state)
    person = [change for change in changes if change.field != "employer"]
    if person:  # relief is the patient's own, whoever employed him
        put_right = opening_corrected(ReliefApplied, person, correction.reason)
        reliefs = [id for id in before.dependents if id.startswith("relief-")]
        anew = tuple(On(id, put_right) for id in reliefs)
        # Whether it was a slip of the pen or somebody else, who grants it must look.
        return (*anew, *told(before.dependents, case, "person_corrected", "relief"))
    if not dx.is_latest(latest, fact.event) or not dx.differs(right, latest):
        return ()
    return told(before.dependents, case, "conclusion_corrected", "relief")


def on_determined(case: str, determined: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """Determined as an injury: insurance, employer or fund stand before relief."""
    if determined.injury == "no":
        return ()
    return told(before.dependents, case, "injury_determined", "relief")


def on_revocation(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    return told(before.dependents, case, "injury_revoked", "relief")


def on_judgment(case: str, judged: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """The award that proved the ground was set aside."""
    if judged.outcome != "award_set_aside":
        return ()
    return told(before.dependents, case, "award_set_aside", "relief")
