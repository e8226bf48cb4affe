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
    union_named: bool = False  # who named its member, the fact says
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
    done: tuple[str, ...] = ()  # duties reported done, told since version 2 of that fact
    ruled: bool = False  # the lead in force was ruled by 领导小组 or 联席会议
    accident_at: str | None = None
    in_hospital: bool = False
    grave: bool = False  # so many dead or gravely injured that a crime must be considered
    supplement: bool = False  # a change of the numbers is still to be reported upward
    measures: tuple[tuple[str, str], ...] = ()  # unit and control in force
    received_on: date | None = None  # when the county government received the report


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
                accident_at=event.accident_at,
                in_hospital=event.in_hospital,
                grave=event.grave,
            )
        case UnitTold():
            return replace(state, told=(*state.told, event.unit))
        case LeadAssigned():
            ruled = event.ruled_by is not None
            return replace(state, lead=event.lead, provisional=event.provisional, ruled=ruled)
        case DutyDone():
            named = state.union_named or event.duty == "investigator"
            done = (*state.done, event.duty) if event.tasks else state.done
            owed = state.supplement and event.duty != "casualty_supplement"
            return replace(state, union_named=named, done=done, supplement=owed)
        case CasualtiesChanged():
            reached = state.reportable or event.reportable
            return replace(
                state,
                deaths=event.deaths,
                reportable=reached,
                grave=state.grave or event.grave,
                supplement=state.supplement or event.supplement,
            )
        case IncidentGraded():
            left = tuple(scale for scale in state.exceeded if scale != event.scale)
            others = tuple(grade for grade in state.grades if grade[0] != event.scale)
            grades = (*others, (event.scale, event.level))
            return replace(state, grades=grades, exceeded=left)
        case ControlImposed():
            measures = (*state.measures, (event.unit, event.measure))
            return replace(
                state, controlled_by=(*state.controlled_by, event.unit), measures=measures
            )
        case ControlLifted():
            measures = tuple(
                (unit, measure)
                for unit, measure in state.measures
                if unit != event.unit or event.measure not in (None, measure)
            )
            return replace(
                state, controlled_by=tuple(unit for unit, _ in measures), measures=measures
            )
        case TeamFormed():
            return replace(state, team=event.members)
        case ReportSubmitted():
            return replace(state, submitted=True, received_on=event.received_on)
        case ReportApproved():
            return replace(state, approved=True)
        case RectificationEvaluated():
            return replace(state, evaluated=True)
        case CrimeSuspected():
            return replace(state, suspected=True)
        case ReferralDecided():
            if not event.refer:  # what comes to be known later may be suspected anew
                return replace(state, suspected=False, refer=None)
            return replace(state, refer=True)
        case CrimeReferred():
            return replace(state, referred=True)
        case ReferralAnswered() | RefusalDisputed():
            return state
        case IncidentAbsorbed():
            return replace(state, casualties=(*state.casualties, *event.casualties))
        case IncidentParted():
            own = tuple(who for who in state.casualties if who not in event.casualties)
            return replace(state, casualties=own)
        case LeadDisputed() | ReportingBreachFound():
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
            known = (*state.casualties, event.subject)
            return replace(state, casualties=known)
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


def undone(duty: Duty) -> Condition:
    """Not yet done: owed with the report, and again where a merger is undone."""
    return lambda state, event: duty not in state.done


def undone_outside_radiation(duty: Duty) -> Condition:
    """… in an incident that is no radiation accident, or turns out to be none."""

    def owed(state: State, event: Event) -> bool:
        left = not isinstance(event, CauseFound) or event.was == "radiation_accident"
        return state.cause != "radiation_accident" and left and duty not in state.done

    return owed


def undone_in_radiation(duty: Duty) -> Condition:
    """… in a radiation accident, or what turns out to be one."""

    def owed(state: State, event: Event) -> bool:
        turned = not isinstance(event, CauseFound) or event.was != "radiation_accident"
        return state.cause == "radiation_accident" and turned and duty not in state.done

    return owed


def undone_upward_report(state: State, event: Event) -> bool:
    """应急管理局 was told; or it was, and a merger is undone before it reported."""
    told = isinstance(event, UnitTold) and event.unit == "EMB"
    return state.cause != "radiation_accident" and (told or _parted_undone(state, event, "EMB"))


def undone_six_hour_report(state: State, event: Event) -> bool:
    return health_told(state, event) or _parted_undone(state, event, "HB")


def undone_network_report(state: State, event: Event) -> bool:
    if isinstance(event, IncidentUnmerged):
        return state.reportable and "network_report" not in state.done
    return reportable(state, event)


def undone_radiation_upward(state: State, event: Event) -> bool:
    """生态环境局 was told of a radiation accident, or knew of what turns out to be one."""
    told = isinstance(event, UnitTold) and event.unit == "EEB"
    found = isinstance(event, CauseFound) and event.was != "radiation_accident"
    turned = found and "EEB" in state.told
    owed = told or turned or _parted_undone(state, event, "EEB")
    return state.cause == "radiation_accident" and owed


def health_unaware(state: State, event: Event) -> bool:
    """Whoever was told knows that 卫健局, the receiver by statute, was not."""
    return "HB" in getattr(event, "pass_on", ())


def lead_unaware(state: State, event: Event) -> bool:
    """… that the lead was not, where another unit than 卫健局 leads."""
    return any(unit != "HB" for unit in getattr(event, "pass_on", ()))


def lead_told(state: State, event: Event) -> bool:
    return isinstance(event, UnitTold) and event.unit == state.lead


def employer_reports(state: State, event: Event) -> bool:
    """A sudden accident at a known minute, of which 应急管理局 was not told."""
    sudden = state.cause not in ("radiation_accident", "chronic")
    return sudden and state.accident_at is not None and "EMB" not in state.told


def employer_told_safety(state: State, event: Event) -> bool:
    return safety_told(state, event) and getattr(event, "by", None) == state.employer


def employer_need_not(state: State, event: Event) -> bool:
    """The case has ended here, or somebody else told 应急管理局."""
    return not isinstance(event, UnitTold) or safety_told(state, event)


def _parted_undone(state: State, event: Event, unit: str) -> bool:
    duty = "six_hour_report" if unit == "HB" else "upward_report"
    parted = isinstance(event, IncidentUnmerged) and unit in state.told
    return parted and duty not in state.done


def upward_report_owed(state: State, event: Event) -> bool:
    """… or the lead has it again, parted from another, though nobody had told it of this one."""
    parted = _lead_parted(state, event, "EMB") and state.cause != "radiation_accident"
    return parted or undone_upward_report(state, event)


def radiation_upward_owed(state: State, event: Event) -> bool:
    parted = _lead_parted(state, event, "EEB") and state.cause == "radiation_accident"
    return parted or undone_radiation_upward(state, event)


def _lead_parted(state: State, event: Event, unit: str) -> bool:
    mine = isinstance(event, IncidentUnmerged) and state.lead == unit
    return mine and "upward_report" not in state.done


def parted_health_unaware(state: State, event: Event) -> bool:
    """卫健局 was told of the other incident, not of the one now parted from it."""
    return isinstance(event, IncidentUnmerged) and "HB" not in (*state.told, state.lead)


def investigation_begins(state: State, event: Event) -> bool:
    """With the first lead, or where it turns out to be no radiation accident; not with another
    lead, who goes on with the investigation as it stands; and again where a merger is undone."""
    return state.cause != "radiation_accident" and _begins(state, event)


def radiation_investigation_begins(state: State, event: Event) -> bool:
    return state.cause == "radiation_accident" and _begins(state, event)


def _begins(state: State, event: Event) -> bool:
    if isinstance(event, IncidentUnmerged):
        return not state.submitted
    return isinstance(event, LeadAssigned) and event.begins


def supplement_owed(state: State, event: Event) -> bool:
    """A change within the days of the law, or one not yet reported where a merger is undone."""
    changed = getattr(event, "supplement", False) or isinstance(event, IncidentUnmerged)
    return state.cause != "radiation_accident" and changed and state.supplement


def radiation_supplement_owed(state: State, event: Event) -> bool:
    changed = getattr(event, "supplement", False) or isinstance(event, IncidentUnmerged)
    return state.cause == "radiation_accident" and changed and state.supplement


def report_unapproved(state: State, event: Event) -> bool:
    """Submitted and not approved, also where a merger is undone."""
    return state.submitted and not state.approved


def rectification_unevaluated(state: State, event: Event) -> bool:
    return state.approved and not state.evaluated


def still_exceeded(state: State, event: Event) -> bool:
    return bool(state.exceeded) and state.cause != "radiation_accident"


def still_exceeded_in_radiation(state: State, event: Event) -> bool:
    return bool(state.exceeded) and state.cause == "radiation_accident"


def no_longer_radiation(state: State, event: Event) -> bool:
    """The case has ended here, or it turns out to be no radiation accident."""
    return not isinstance(event, CauseFound) or state.cause != "radiation_accident"


def found_radiation(state: State, event: Event) -> bool:
    """The case has ended here, or it turns out to be a radiation accident."""
    return not isinstance(event, CauseFound) or state.cause == "radiation_accident"


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


def own_controls_lifted(state: State, event: Event) -> bool:
    """The last control of the unit that lifted one."""
    return isinstance(event, ControlLifted) and event.unit not in state.controlled_by


def radiation_controls(state: State, event: Event) -> bool:
    """生态环境局's own, under the regulation on radiation."""
    return isinstance(event, ControlImposed) and event.unit == "EEB"


def health_controls(state: State, event: Event) -> bool:
    return isinstance(event, ControlImposed) and event.unit != "EEB"


def first_radiation_control(state: State, event: Event) -> bool:
    """One item a unit, however many measures: it ends when the last of them is lifted."""
    return radiation_controls(state, event) and _first_control(state, event)


def first_health_control(state: State, event: Event) -> bool:
    return health_controls(state, event) and _first_control(state, event)


def _first_control(state: State, event: Event) -> bool:
    return state.controlled_by.count(getattr(event, "unit", "")) == 1


def crime_to_consider(state: State, event: Event) -> bool:
    """So many dead or gravely injured that a crime must be considered, and nobody has yet."""
    came = isinstance(event, (LeadAssigned, CasualtiesChanged)) and event.grave
    again = isinstance(event, IncidentUnmerged) and state.grave
    return (came or again) and not state.suspected and "crime_considered" not in state.done


def crime_considered(state: State, event: Event) -> bool:
    """It is suspected, or found to be none."""
    return isinstance(event, CrimeSuspected) or getattr(event, "duty", None) == "crime_considered"


def institution_to_inspect(state: State, event: Event) -> bool:
    """Somebody was over-exposed in a hospital itself, the first."""
    return bool(getattr(event, "inspect", False))


def first_refusal(state: State, event: Event) -> bool:
    """公安局 refuses to file the case, not yet upon reconsideration: that is asked for once."""
    refused = isinstance(event, ReferralAnswered) and event.answer == "psb_refused"
    return refused and not getattr(event, "final", False)


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
