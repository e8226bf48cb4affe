"""Determination 工伤认定 (WI): what other kinds of case bring about here.

A concluded diagnosis opens the clocks, an incident opens them for each worker harmed; what changes
there afterwards changes the basis here. One worker and one incident have one injury case: the
diagnosis that a casualty leads to shares its number after the dash.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.cases.determination.events import (
    AccidentOpened,
    BasisChanged,
    BasisLost,
    DeterminationOpened,
)
from domain.corrections import Change, FactCorrected, corrected, opening_corrected
from domain.decider import On
from domain.events import Recorded
from domain.fold import CaseFold
from domain.links import ReliedOn, told


def case_for(diagnosis: str) -> str:
    """The one determination case of a diagnosis."""
    return f"determination-{diagnosis.partition('-')[2]}"


def on_conclusion(case: str, concluded: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """A conclusion of the institution or of a panel; the latest valid one counts, and one that
    differs from the last starts the clocks anew from its own day."""
    if not dx.differs(concluded, before.state.conclusion):
        return ()
    return _basis(case, concluded.result, before, day)


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """What is put right there and copied here is put right here too; a corrected conclusion
    changes the basis as an appraised one does, and its day moves the days."""
    fact = before.fact(correction.target)
    if fact is None:
        return ()
    right = corrected(fact, correction)
    if isinstance(fact.event, inc.IncidentReported):
        return _incident_corrected(case, fact.event, right.event, before, correction.reason)
    latest = before.state.conclusion if before.kind.name == "diagnosis" else None
    if latest is None:
        return ()
    if isinstance(fact.event, (dx.DiagnosisApplied, dx.SuspectedReported)):
        changes = dx.parties_corrected(fact.event, right.event, before.state)
        if not changes or latest.result != "od":
            return ()
        if before.state.incident:  # opened by the accident, with the parties known there
            return told((case_for(case),), case, "conclusion_corrected", "determination")
        put_right = opening_corrected(DeterminationOpened, changes, correction.reason)
        return (On(case_for(case), put_right),)
    if not dx.is_latest(latest, fact.event):
        return ()
    return _conclusion_corrected(case, fact, right, before, correction.reason)


def _conclusion_corrected(
    case: str, fact: Recorded, right: Recorded, before: CaseFold, reason: str
) -> tuple[On, ...]:
    latest = before.state.conclusion
    counted, was = right.envelope.occurred.day, fact.envelope.occurred.day
    if right.event.result != latest.result:
        return _basis(case, right.event.result, before, counted)
    if latest.result != "od":
        return ()
    changed: tuple[On, ...] = ()
    if dx.differs(right.event, latest):  # another disease or stage: the clocks count as before
        changed = (On(case_for(case), BasisChanged(result="od")),)
    if counted == was:
        return changed
    again = before.version > len(before.facts)
    if latest.by != "institution" or before.state.incident or again:
        # Opened by a panel, an accident, or perhaps anew by a correction: open once more.
        return (*_basis(case, "od", before, counted)[:1], *changed)
    moved = Change("diagnosed_on", was.isoformat(), counted.isoformat())
    put_right = opening_corrected(DeterminationOpened, (moved,), f"诊断结论日更正：{reason}")
    return (On(case_for(case), put_right), *changed)


def _incident_corrected(
    case: str, was: Any, right: Any, before: CaseFold, reason: str
) -> tuple[On, ...]:
    """The employer and the day of the accident stand on every injury case it led to."""
    copied = {"employer": "employer", "accident_on": "counted_on"}
    changes = tuple(
        Change(here, str(getattr(was, there)), str(getattr(right, there)))
        for there, here in copied.items()
        if getattr(was, there) != getattr(right, there)
    )
    if not changes:
        return ()
    return tuple(
        On(injury, opening_corrected(AccidentOpened, changes, f"事故记录更正：{reason}"))
        for injury in before.dependents
        if injury.startswith("determination-")
    )


def on_casualty(
    case: str, casualty: inc.CasualtyIdentified, before: CaseFold, day: date
) -> tuple[On, ...]:
    """A worker killed, hurt or poisoned in an incident: his employer has thirty days to apply."""
    if casualty.harm == "over_exposed":  # not yet an injury: a suspected case, and then a diagnosis
        return ()
    opened = AccidentOpened(
        incident=case,
        subject=casualty.subject,
        worker=f"worker:{casualty.subject}",
        employer=before.state.employer,
        harm=casualty.harm,
        counted_on=before.state.accident_on,
    )
    injury = f"determination-{inc.casualty_id(case, casualty.subject)}"
    return (On(injury, opened), On(case, ReliedOn(case=injury)))


def on_rejection(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    return told(before.dependents, case, "not_an_incident", "determination")


def on_merger(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    return told(before.dependents, case, "incident_joined", "determination")


def _basis(case: str, result: dx.Result, before: CaseFold, diagnosed_on: date) -> tuple[On, ...]:
    """The basis as it is from now on; the first conclusion changes nothing yet."""
    target, was = case_for(case), before.state.conclusion
    if result == "not_od":
        lost = (On(target, BasisChanged(result=result)), On(target, BasisLost()))
        return lost if was and was.result == "od" else ()
    opened = DeterminationOpened(
        diagnosis=case,
        subject=before.state.subject,
        worker=before.parties["worker"],
        employer=before.parties["employer"],
        diagnosed_on=diagnosed_on,
        employer_gone=before.state.employer_gone,
    )
    changed = (On(target, BasisChanged(result=result)),) if was else ()
    return (On(target, opened), *changed)
