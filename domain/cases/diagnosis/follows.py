"""Diagnosis 职业病诊断 (DX): what other kinds of case bring about here."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.cases import incident as inc
from domain.cases.diagnosis.events import AroseIn, DiagnosisApplied, SuspectedReported
from domain.cases.diagnosis.state import State
from domain.corrections import Change
from domain.decider import On
from domain.fold import CaseFold
from domain.links import ReliedOn, told


def parties_corrected(was: Any, right: Any, state: State) -> tuple[Change, ...]:
    """What a corrected application changes on the cases that copied the parties from it."""
    if not isinstance(was, (DiagnosisApplied, SuspectedReported)):
        return ()
    changes: tuple[Change, ...] = ()
    if was.employer == state.employer and right.employer != was.employer:
        changes = (Change("employer", was.employer, right.employer),)
    if was.subject == state.subject and right.subject != was.subject:
        worker = Change("worker", f"worker:{was.subject}", f"worker:{right.subject}")
        changes = (*changes, Change("subject", was.subject, right.subject), worker)
    return changes


def on_casualty(
    case: str, casualty: inc.CasualtyIdentified, before: CaseFold, day: date
) -> tuple[On, ...]:
    """A hospital suspects an occupational disease of a worker harmed in an incident. ODL 50."""
    if casualty.hazard is None or casualty.hospital is None:
        return ()
    suspected = SuspectedReported(
        subject=casualty.subject,
        reporter=casualty.hospital,
        employer=before.state.employer,
        hazard=casualty.hazard,
        worker_name=casualty.worker_name,
    )
    here = f"diagnosis-{inc.casualty_id(case, casualty.subject)}"
    arose = AroseIn(incident=case)
    return (On(here, suspected), On(here, arose), On(case, ReliedOn(case=here)))


def on_rejection(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    return told(before.dependents, case, "not_an_incident", "diagnosis")


def on_merger(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    return told(before.dependents, case, "incident_joined", "diagnosis")


def on_judgment(case: str, event: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """A judgment unlike the award: the history that file or conclusion rests on is gone. ODL 49."""
    if event.outcome != "award_set_aside":
        return ()
    return told((before.state.diagnosis,), case, "award_set_aside", "diagnosis")
