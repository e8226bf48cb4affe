"""Incidents 职业病危害事故 (INC): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.cases.incident.events import (
    CasualtiesChanged,
    CasualtyIdentified,
    Cause,
    CauseFound,
    ControlImposed,
    ControlLifted,
    CrimeReferred,
    CrimeSuspected,
    Duty,
    DutyDone,
    Event,
    ExhibitsKept,
    HandedUp,
    IncidentAbsorbed,
    IncidentClosed,
    IncidentGraded,
    IncidentMerged,
    IncidentParted,
    IncidentRejected,
    IncidentReported,
    IncidentUnmerged,
    IncidentVerified,
    LeadAssigned,
    LeadDisputed,
    PowerExceeded,
    RectificationEvaluated,
    ReferralAnswered,
    ReferralDecided,
    RefusalDisputed,
    ReportApproved,
    ReportingBreachFound,
    ReportSubmitted,
    SourceMissing,
    TeamFormed,
    UnitTold,
)
from domain.decider import Condition


@dataclass(frozen=True)
class State:
    employer: str | None = None
    township: str | None = None
    hospital: str | None = None
    cause: Cause | None = None
    accident_on: date | None = None
    told: tuple[str, ...] = ()
    lead: str | None = None
    provisional: bool = False
    deaths: int = 0
    reportable: bool = False
    grades: tuple[tuple[str, str], ...] = ()
    controlled_by: tuple[str, ...] = ()
    union_named: bool = False
    team: tuple[str, ...] = ()
    submitted: bool = False
    approved: bool = False
    evaluated: bool = False
    suspected: bool = False
    refer: bool | None = None
    referred: bool = False
    gone: str | None = None  # handed up, merged or no incident: nothing more is done here
    verified: bool = False
    casualties: tuple[str, ...] = ()  # subject ids of the workers known to be harmed
    exhibits: bool = False  # kept until 公安局 has filed the case
    exceeded: tuple[str, ...] = ()  # scales on which the grade is beyond the county
    closed: bool = False


def evolve(state: State, event: Event) -> State:
    match event:
        case IncidentReported():
            return replace(
                state,
                employer=event.employer,
                township=event.township,
                hospital=event.hospital,
                cause=event.cause,
                accident_on=event.accident_on,
                deaths=event.deaths,
                reportable=event.reportable,
            )
        case UnitTold():
            return replace(state, told=(*state.told, event.unit))
        case LeadAssigned():
            return replace(state, lead=event.lead, provisional=event.provisional)
        case DutyDone():
            named = state.union_named or event.duty == "investigator"
            return replace(state, union_named=named)
        case CasualtiesChanged():
            reached = state.reportable or event.reportable
            return replace(state, deaths=event.deaths, reportable=reached)
        case IncidentGraded():
            left = tuple(scale for scale in state.exceeded if scale != event.scale)
            others = tuple(grade for grade in state.grades if grade[0] != event.scale)
            grades = (*others, (event.scale, event.level))
            return replace(state, grades=grades, exceeded=left)
        case ControlImposed():
            return replace(state, controlled_by=(*state.controlled_by, event.unit))
        case ControlLifted():
            left = tuple(unit for unit in state.controlled_by if unit != event.unit)
            return replace(state, controlled_by=left)
        case TeamFormed():
            return replace(state, team=event.members)
        case ReportSubmitted():
            return replace(state, submitted=True)
        case ReportApproved():
            return replace(state, approved=True)
        case RectificationEvaluated():
            return replace(state, evaluated=True)
        case CrimeSuspected():
            return replace(state, suspected=True)
        case ReferralDecided():
            return replace(state, refer=event.refer)
        case CrimeReferred():
            return replace(state, referred=True)
        case ReferralAnswered() | RefusalDisputed():
            return state
        case IncidentAbsorbed() | IncidentParted() | LeadDisputed() | ReportingBreachFound():
            return state
        case SourceMissing():
            return state
        case PowerExceeded():
            return replace(state, exceeded=(*state.exceeded, event.scale))
        case ExhibitsKept():
            return replace(state, exhibits=True)
        case IncidentVerified():
            return replace(state, verified=True)
        case IncidentRejected():
            return replace(state, gone="not_an_incident")
        case CauseFound():
            reached = state.reportable or event.reportable
            return replace(state, cause=event.cause, reportable=reached)
        case CasualtyIdentified():
            return replace(state, casualties=(*state.casualties, event.subject))
        case IncidentUnmerged():
            return replace(state, gone=None)
        case HandedUp():
            return replace(state, gone="handed_up")
        case IncidentMerged():
            return replace(state, gone=event.into)
        case IncidentClosed():
            return replace(state, closed=True)
        case _:
            assert_never(event)


def casualty_id(incident: str, subject: str) -> str:
    """What the cases of one worker harmed in one incident share after the dash."""
    return hashlib.sha256(f"{incident}|{subject}".encode()).hexdigest()[:32]


# --- Conditions, named in rules ----------------------------------------------------------------


def did(duty: Duty) -> Condition:
    return lambda state, event: bool(event.duty == duty)


def safety_told(state: State, event: Event) -> bool:
    return isinstance(event, UnitTold) and event.unit == "EMB"


def health_told(state: State, event: Event) -> bool:
    return isinstance(event, UnitTold) and event.unit == "HB"


def reportable(state: State, event: Event) -> bool:
    """The threshold is reached with this fact; what changes after it is a supplement."""
    return bool(getattr(event, "reportable", False))


def radiation(state: State, event: Event) -> bool:
    return state.cause == "radiation_accident"


def not_radiation(state: State, event: Event) -> bool:
    return state.cause != "radiation_accident"


def filed_with_exhibits(state: State, event: Event) -> bool:
    """公安局 filed the case and the unit still keeps what belongs to it."""
    return state.exhibits and getattr(event, "answer", None) == "psb_filed"


def power_settled(state: State, event: Event) -> bool:
    """Handed up, or graded down to what the county investigates."""
    return isinstance(event, HandedUp) or not state.exceeded


def refusal_settled(state: State, event: Event) -> bool:
    """The refusal of 公安局 was disputed, or accepted."""
    accepted = getattr(event, "duty", None) == "refusal_accepted"
    return accepted or isinstance(event, RefusalDisputed)


def filing_refused(state: State, event: Event) -> bool:
    return getattr(event, "answer", None) == "psb_refused"


def refers(state: State, event: Event) -> bool:
    return isinstance(event, ReferralDecided) and event.refer


def status(state: State) -> str:
    if state.closed:
        return "已结案"
    if state.gone:
        ways = {"handed_up": "已移交上级", "not_an_incident": "不属于事故"}
        return ways.get(state.gone, "已并案")
    if state.approved:
        return "整改中"
    if state.submitted:
        return "待批复"
    return "调查中" if state.team else "应急处置"
