"""Determination 工伤认定 (WI): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, assert_never, get_args

from domain.cases import diagnosis as dx
from domain.cases.determination.events import (
    Applicant,
    BasisChanged,
    BasisLost,
    DecisionServed,
    DeterminationAccepted,
    DeterminationFiled,
    DeterminationOpened,
    DeterminationRefused,
    DeterminationResumed,
    DeterminationSuspended,
    Determined,
    Event,
    ExclusionBegan,
    ExclusionEnded,
    Investigation,
    PapersRequested,
    PapersSupplied,
    Served,
    ServiceExcused,
    TimeExcluded,
)


@dataclass(frozen=True)
class State:
    diagnosis: str | None = None
    worker: str | None = None
    employer: str | None = None
    result: dx.Result | None = None
    excluded: bool = False
    applicant: Applicant | None = None
    employer_late: bool = False
    overdue: bool = False
    papers_asked: bool = False
    papers_pending: bool = False
    accepted: bool = False
    refused: bool = False
    suspended: bool = False
    determined: Literal["yes", "no"] | None = None
    under_review: bool = False  # the basis changed after a decision
    served: frozenset[str] = frozenset()
    excused: bool = False  # the employer is gone and counts as served


def evolve(state: State, event: Event) -> State:
    match event:
        case DeterminationOpened():
            # A new conclusion of disease: an application that failed does not stand in its way.
            failed = state.refused or state.determined == "no"
            return replace(
                State() if failed else state,
                excluded=False,
                diagnosis=event.diagnosis,
                worker=event.worker,
                employer=event.employer,
                result="od",
            )
        case BasisChanged():
            decided = state.determined is not None
            return replace(state, result=event.result, under_review=decided)
        case BasisLost():
            return replace(state, result="not_od")
        case ExclusionBegan():
            return replace(state, excluded=True)
        case ExclusionEnded():
            return replace(state, excluded=False)
        case TimeExcluded():
            return replace(state, overdue=event.overdue)
        case DeterminationFiled():
            return replace(
                state,
                applicant=event.applicant,
                employer_late=event.employer_late,
                overdue=event.overdue,
            )
        case PapersRequested():
            return replace(state, papers_asked=True, papers_pending=True)
        case PapersSupplied():
            return replace(state, papers_pending=False)
        case DeterminationAccepted():
            return replace(state, accepted=True)
        case DeterminationRefused():
            return replace(state, refused=True)
        case Investigation():
            return state
        case DeterminationSuspended():
            return replace(state, suspended=True)
        case DeterminationResumed():
            return replace(state, suspended=False)
        case Determined():
            return replace(state, determined=event.injury)
        case DecisionServed():
            return replace(state, served=state.served | {event.party})
        case ServiceExcused():
            return replace(state, excused=True)
        case _:
            assert_never(event)


# --- Conditions, named in rules ----------------------------------------------------------------


def is_clear(state: State, event: Any) -> bool:
    return bool(getattr(event, "clear", False))


def is_not_clear(state: State, event: Any) -> bool:
    return not getattr(event, "clear", False)


def by_employer(state: State, event: Any) -> bool:
    """The employer itself applied."""
    return getattr(event, "applicant", None) == "employer"


def all_served(state: State, event: Any) -> bool:
    return state.served | ({"employer"} if state.excused else set()) >= set(get_args(Served))


def not_filed(state: State, event: Any) -> bool:
    """Nobody has an application under way: the clocks to apply are needed."""
    return state.applicant is None


def parties(state: State) -> dict[str, str]:
    known = {"worker": state.worker, "employer": state.employer}
    found = {role: party for role, party in known.items() if party}
    applying = state.employer if state.applicant == "employer" else state.worker
    return {**found, "applicant": applying} if state.applicant and applying else found


def status(state: State) -> str:
    match state:
        case State(under_review=True):
            return "依据变更，待复核"
        case State(determined=injury) if injury:
            return "已认定" if injury == "yes" else "不予认定"
        case State(refused=True):
            return "不予受理"
        case State(suspended=True):
            return "中止"
        case State(accepted=True):
            return "已受理"
        case State(papers_pending=True):
            return "待补正"
        case State(applicant=applicant) if applicant:
            return "已申请"
        case State(result="not_od"):
            return "依据已失"
        case _:
            return "待申请"
