"""Incidents 职业病危害事故 (INC): told at once, led by one unit, investigated with the union.

The cause names the lead: radiation 生态环境局, acute poisoning and other sudden events 应急管理局,
the rest 卫健局; an unknown cause is led by 应急管理局 for the time being. 卫健局 is told in every
case and does rescue and control (ODL 37). Whoever is told reports upward by the hour from the
moment it was told; what the accident itself starts, counts from the day it happened.
Basis: 职业病防治法 37, 64; 生产安全事故报告和调查处理条例 11, 13, 27, 29, 32; 工会法 27;
行政执法机关移送涉嫌犯罪案件的规定 5, 8; 43号文 三.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal, assert_never, get_args

from domain.decider import CaseKind, Condition, Context, Decision, On, command, need
from domain.events import event, terms
from domain.sealing import RESTRICTED, SealedText

Cause = Literal["acute_poisoning", "other_sudden", "radiation_accident", "chronic", "unknown_cause"]
Duty = Literal[
    "rescue",
    "assist",
    "relay",
    "record",
    "investigator",
    "upward_report",
    "six_hour_report",
    "network_report",
    "casualty_supplement",
    "radiation_form",
    "acknowledge",
]
Scale = Literal["work_safety", "moh25", "public_health", "radiation_scale"]
Level = Literal["I", "II", "III", "IV"]
Answer = Literal["psb_filed", "psb_refused"]

CAUSES: dict[Cause, str] = {
    "acute_poisoning": "急性职业中毒",
    "other_sudden": "其他突发事故",
    "radiation_accident": "放射事故",
    "chronic": "慢性危害",
    "unknown_cause": "原因不明",
}
DUTIES: dict[Duty, str] = {
    "rescue": "医疗救援与应急控制",
    "assist": "属地协助",
    "relay": "信息报送",
    "record": "备案",
    "investigator": "指派调查组成员",
    "upward_report": "逐级上报",
    "six_hour_report": "六小时报告",
    "network_report": "网络直报",
    "casualty_supplement": "补报伤亡变化",
    "radiation_form": "放射事故初始报告",
    "acknowledge": "知悉备查",
}
terms(CAUSES)
terms(DUTIES)
terms(
    {
        "work_safety": "生产安全事故等级",
        "moh25": "职业病危害事故等级",
        "public_health": "突发公共卫生事件等级",
        "radiation_scale": "辐射事故等级",
    }
)
terms({"psb_filed": "予以立案", "psb_refused": "不予立案"})


# --- Facts ---------------------------------------------------------------------------------------


@event("incident.reported", "{employer}发生职业病危害事故（{cause}），在{township}")
class IncidentReported:
    """An incident came to be known. When it was told to whom stands in `incident.told`."""

    employer: str
    township: str
    cause: Cause
    accident_on: date  # what the accident itself starts, counts from here
    hospital: str | None
    deaths: int
    poisoned: Annotated[int, RESTRICTED]
    reportable: bool  # the threshold of network reporting is reached with this
    subject: str
    account: SealedText | None


@event("incident.told", "{unit}接报")
class UnitTold:
    """A unit was told; its own reporting clocks start at that minute."""

    unit: str


@event("incident.lead_assigned", "由{lead}牵头（暂定：{provisional}）")
class LeadAssigned:
    lead: str
    provisional: bool
    accident_on: date


@event("incident.duty_done", "{unit}完成{duty}")
class DutyDone:
    unit: str
    duty: Duty
    note: str


@event("incident.casualties_changed", "伤亡变化：死亡{deaths}人，中毒{poisoned}人")
class CasualtiesChanged:
    deaths: int
    poisoned: int
    reportable: bool  # the threshold of network reporting is reached with this
    accident_on: date


@event("incident.graded", "{scale}：{level}级")
class IncidentGraded:
    scale: Scale
    level: Level


@event("incident.control_imposed", "{unit}采取临时控制措施：{measure}")
class ControlImposed:
    unit: str
    measure: str


@event("incident.control_lifted", "{unit}解除临时控制措施")
class ControlLifted:
    unit: str


@event("incident.team_formed", "成立调查组：{members}")
class TeamFormed:
    members: tuple[str, ...]


@event("incident.report_submitted", "{lead}提交调查报告")
class ReportSubmitted:
    lead: str
    received_on: date | None = None


@event("incident.report_approved", "县政府批复调查报告")
class ReportApproved:
    lead: str


@event("incident.rectification_evaluated", "{lead}评估整改落实情况")
class RectificationEvaluated:
    lead: str


@event("incident.crime_suspected", "调查组认为涉嫌犯罪")
class CrimeSuspected:
    lead: str


@event("incident.referral_decided", "{lead}负责人决定移送公安机关：{refer}")
class ReferralDecided:
    lead: str
    refer: bool


@event("incident.referred", "{lead}向公安局移送涉嫌犯罪案件")
class CrimeReferred:
    """The file, its list and the receipt went to 公安局."""

    lead: str


@event("incident.referral_answered", "公安局{answer}")
class ReferralAnswered:
    answer: Answer


@event("incident.handed_up", "等级超出本县管辖，移交上级：{reason}")
class HandedUp:
    reason: str


@event("incident.merged", "与另一件事故并案")
class IncidentMerged:
    into: str


@event("incident.absorbed", "另一件事故并入本件")
class IncidentAbsorbed:
    incident: str


@event("incident.closed", "结案")
class IncidentClosed:
    note: str


Event = (
    IncidentReported
    | UnitTold
    | LeadAssigned
    | DutyDone
    | CasualtiesChanged
    | IncidentGraded
    | ControlImposed
    | ControlLifted
    | TeamFormed
    | ReportSubmitted
    | ReportApproved
    | RectificationEvaluated
    | CrimeSuspected
    | ReferralDecided
    | CrimeReferred
    | ReferralAnswered
    | HandedUp
    | IncidentMerged
    | IncidentAbsorbed
    | IncidentClosed
)


# --- State ---------------------------------------------------------------------------------------


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
    gone: str | None = None  # handed up or merged: nothing more is done here
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
            return replace(state, grades=(*state.grades, (event.scale, event.level)))
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
        case ReferralAnswered() | IncidentAbsorbed():
            return state
        case HandedUp():
            return replace(state, gone="handed_up")
        case IncidentMerged():
            return replace(state, gone=event.into)
        case IncidentClosed():
            return replace(state, closed=True)
        case _:
            assert_never(event)


# --- Commands ------------------------------------------------------------------------------------


@command("incident.report", "报告事故", clause="odl-37", opens=True)
class ReportIncident:
    """Reports an incident to a unit, whose clocks start at that minute; the cause names a lead."""

    employer: str
    township: str
    cause: Cause
    accident_on: date
    told: str
    subject: str
    hospital: str | None = None
    deaths: int = 0
    poisoned: int = 0
    account: SealedText | None = None


@command("incident.tell", "通报另一单位", clause="odl-37")
class TellUnit:
    """Tells another unit, from which minute its own reporting clocks run."""

    unit: str


@command("incident.find_cause", "查明原因、变更牵头", by=("lead", "LG"), clause="43-3.EMB")
class FindCause:
    """The cause as found names the lead anew; 领导小组 rules on a dispute."""

    cause: Cause


@command("incident.do", "完成应急或报告职责", clause="43-3.ALL")
class DoDuty:
    """Reports one of the unit's own duties done."""

    duty: Duty
    note: str = "已完成"


@command("incident.change_casualties", "报告伤亡变化", clause="safety-13")
class ChangeCasualties:
    """The numbers changed; from one death or ten poisoned on a hospital reports by network."""

    deaths: int
    poisoned: int


@command("incident.grade", "定级", by=("lead",), clause="43-3.EMB")
class GradeIncident:
    """Grades by one of four independent scales; the radiation scale is 生态环境局's alone."""

    scale: Scale
    level: Level


@command("incident.impose_control", "采取临时控制措施", by=("HB", "EEB"), clause="odl-64")
class ImposeControl:
    """Stops work, seals material or equipment until the danger is over."""

    measure: str


@command("incident.lift_control", "解除临时控制措施", by=("HB", "EEB"), clause="odl-64")
class LiftControl:
    """Owed as soon as the danger is over, by whoever imposed the control."""


@command("incident.form_team", "成立调查组", by=("lead",), clause="union-27")
class FormTeam:
    """Forms the investigation team; without a member of the union there is none."""

    members: tuple[str, ...]


@command("incident.submit_report", "提交调查报告", by=("lead",), clause="safety-29")
class SubmitReport:
    """Submits the report to the county government."""

    received_on: date | None = None


@command("incident.approve_report", "批复调查报告", by=("CGO",), clause="safety-32")
class ApproveReport:
    """The county government's approval; rectification is evaluated within a year."""


@command("incident.evaluate", "评估整改", by=("lead",), clause="safety-32")
class EvaluateRectification:
    """The evaluation of what was rectified."""


@command("incident.suspect_crime", "认为涉嫌犯罪", by=("lead",), clause="referral-5")
class SuspectCrime:
    """The head of the unit decides on a referral in three days; a fine never replaces it."""


@command("incident.decide_referral", "决定是否移送", by=("lead",), clause="referral-5")
class DecideReferral:
    """Approved, the file goes to 公安局 within twenty-four hours."""

    refer: bool


@command("incident.refer", "移送涉嫌犯罪案件", by=("lead",), clause="referral-5")
class ReferCrime:
    """Hands over the file; 公安局 reviews it in three days."""


@command("incident.answer_referral", "答复移送", by=("PSB",), clause="referral-8")
class AnswerReferral:
    """公安局 files the case or refuses to."""

    answer: Answer


@command("incident.hand_up", "移交上级", by=("lead",), clause="safety-29")
class HandUp:
    """A grade beyond the county's power: a higher level takes it over."""

    reason: str


@command("incident.merge", "并案", by=("lead",), clause="43-3.ALL")
class MergeIncident:
    """The same incident reported twice goes on as one."""

    case_main: str


@command("incident.close", "结案", by=("lead",), clause="43-3.ALL")
class CloseIncident:
    """Only when rectification is evaluated and no control is left."""

    note: str


Command = (
    ReportIncident
    | TellUnit
    | FindCause
    | DoDuty
    | ChangeCasualties
    | GradeIncident
    | ImposeControl
    | LiftControl
    | FormTeam
    | SubmitReport
    | ApproveReport
    | EvaluateRectification
    | SuspectCrime
    | DecideReferral
    | ReferCrime
    | AnswerReferral
    | HandUp
    | MergeIncident
    | CloseIncident
)


# --- Decisions -----------------------------------------------------------------------------------


def decide(state: State, given: Command, context: Context) -> Decision:
    lead = state.lead or ""
    if not isinstance(given, ReportIncident):
        zh = "本件已移交、并案或结案，不再办理"
        need(state.gone is None and not state.closed, "ended", zh, "This incident has ended here")
    match given:
        case ReportIncident():
            return _reported(given, context)
        case TellUnit():
            _unit(given.unit, context)
            need(given.unit not in state.told, "told", "已通报该单位", "Told already")
            return (UnitTold(unit=given.unit),)
        case FindCause():
            return _led(state, given, context)
        case DoDuty():
            return _done(given, context)
        case ChangeCasualties():
            return _casualties(state, given, context)
        case GradeIncident():
            zh = "辐射事故等级由生态环境局核定"
            own = given.scale != "radiation_scale" or context.actor == "EEB"
            need(own, "radiation-grade", zh, "Only EEB grades radiation accidents")
            return (IncidentGraded(scale=given.scale, level=given.level),)
        case ImposeControl():
            return (ControlImposed(unit=context.actor, measure=given.measure),)
        case LiftControl():
            mine = context.actor in state.controlled_by
            zh = "本单位没有采取控制措施"
            need(mine, "no-control", zh, "You imposed no control", clause="odl-64")
            return (ControlLifted(unit=context.actor),)
        case FormTeam():
            union = "FTU" in given.members and state.union_named
            zh = "调查组须有工会指派的成员"
            need(union, "no-union", zh, "The team needs a union member", clause="union-27")
            return (TeamFormed(members=given.members),)
        case SubmitReport():
            need(bool(state.team), "no-team", "尚未成立调查组", "There is no team yet")
            need(not state.submitted, "submitted", "已提交", "Submitted already")
            return (ReportSubmitted(lead=lead, received_on=given.received_on),)
        case ApproveReport():
            need(state.submitted, "not-submitted", "尚未提交调查报告", "No report yet")
            need(not state.approved, "approved", "已批复", "Approved already")
            return (ReportApproved(lead=lead),)
        case EvaluateRectification():
            need(state.approved, "not-approved", "报告尚未批复", "The report is not approved")
            return (RectificationEvaluated(lead=lead),)
        case SuspectCrime():
            need(not state.suspected, "suspected", "已提出", "Said already")
            return (CrimeSuspected(lead=lead),)
        case DecideReferral():
            zh = "调查组尚未认为涉嫌犯罪"
            need(state.suspected and state.refer is None, "not-suspected", zh, "Nothing to decide")
            return (ReferralDecided(lead=lead, refer=given.refer),)
        case ReferCrime():
            zh = "负责人尚未批准移送"
            need(state.refer is True and not state.referred, "not-decided", zh, "Not approved")
            return (CrimeReferred(lead=lead),)
        case AnswerReferral():
            need(state.referred, "not-referred", "没有移送的案件", "Nothing was referred")
            return (ReferralAnswered(answer=given.answer),)
        case HandUp():
            return (HandedUp(reason=given.reason),)
        case MergeIncident():
            main = context.cases[given.case_main]
            fits = main.kind.name == "incident" and given.case_main != context.case
            need(
                fits and main.version > 0,
                "not-an-incident",
                "只能并入另一件事故",
                "Not another one",
            )
            need(main.state.gone is None, "merged", "对方已并案", "That one is merged itself")
            absorbed = On(given.case_main, IncidentAbsorbed(incident=context.case))
            return (IncidentMerged(into=given.case_main), absorbed)
        case CloseIncident():
            zh = "整改评估完成、控制措施全部解除后方可结案"
            ready = state.evaluated and not state.controlled_by
            need(ready, "not-ready", zh, "Evaluate rectification and lift every control first")
            return (IncidentClosed(note=given.note),)
        case _:
            assert_never(given)


def _reported(given: ReportIncident, context: Context) -> Decision:
    _unit(given.told, context)
    unit = context.reference.edition.units.get(given.township)
    known = unit is not None and unit.klass == "township"
    need(known, "no-such-township", f"没有乡镇（街道） {given.township}", "No such township")
    day = context.occurred.day
    zh = "事故发生日不能晚于报告日"
    need(given.accident_on <= day, "accident-day", zh, "Not after the day it is reported")
    counted = given.deaths >= 0 and given.poisoned >= 0
    need(counted, "numbers", "人数不能为负", "Numbers are not negative")
    reported = IncidentReported(
        employer=given.employer,
        township=given.township,
        cause=given.cause,
        accident_on=given.accident_on,
        hospital=given.hospital,
        deaths=given.deaths,
        poisoned=given.poisoned,
        reportable=given.cause == "radiation_accident"
        or _reportable(given.deaths, given.poisoned, context),
        subject=given.subject,
        account=given.account,
    )
    provisional = given.cause == "unknown_cause"
    lead = LeadAssigned(
        lead=_lead(given.cause, context),
        provisional=provisional,
        accident_on=given.accident_on,
    )
    return (reported, UnitTold(unit=given.told), lead)


def _unit(code: str, context: Context) -> None:
    known = code in context.reference.edition.units
    need(known, "no-such-unit", f"没有单位 {code}；请填单位代码，如 HB", f"No unit {code}")


def _lead(cause: Cause, context: Context) -> str:
    """Who leads, by cause: the county's division of work (43号文 三)."""
    return str(context.reference.edition.policy(f"incident-lead-{cause}"))


def _reportable(deaths: int, poisoned: int, context: Context) -> bool:
    """Whether a hospital reports by network (突发公共卫生事件应对法 30)."""
    policy = context.reference.edition.policy
    return bool(
        deaths >= policy("network-report-deaths") or poisoned >= policy("network-report-poisoned")
    )


def _led(state: State, given: FindCause, context: Context) -> Decision:
    assert state.accident_on is not None
    lead = _lead(given.cause, context)
    same = lead == state.lead and not state.provisional
    need(not same, "same-unit", "牵头单位没有变化", "The lead does not change")
    return (
        LeadAssigned(
            lead=lead,
            provisional=given.cause == "unknown_cause",
            accident_on=state.accident_on,
        ),
    )


def _done(given: DoDuty, context: Context) -> Decision:
    owed = [
        task
        for task in context.fold.open_tasks()
        if task.rule.closed_when == f"did_{given.duty}" and task.holder == context.actor
    ]
    zh = f"{context.actor}没有未办结的“{DUTIES[given.duty]}”"
    need(bool(owed), "not-owed", zh, f"{context.actor} owes no such duty")
    return (DutyDone(unit=owed[0].slot, duty=given.duty, note=given.note),)


def _casualties(state: State, given: ChangeCasualties, context: Context) -> Decision:
    assert state.accident_on is not None
    more = given.deaths >= state.deaths
    need(
        more,
        "numbers",
        "死亡人数不能减少；录错的请更正",
        "Deaths do not go down: correct a mistake",
    )
    return (
        CasualtiesChanged(
            deaths=given.deaths,
            poisoned=given.poisoned,
            reportable=not state.reportable and _reportable(given.deaths, given.poisoned, context),
            accident_on=state.accident_on,
        ),
    )


# --- Conditions ----------------------------------------------------------------------------------


def _did(duty: Duty) -> Condition:
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


def refers(state: State, event: Event) -> bool:
    return isinstance(event, ReferralDecided) and event.refer


def status(state: State) -> str:
    if state.closed:
        return "已结案"
    if state.gone:
        return "已移交上级" if state.gone == "handed_up" else "已并案"
    if state.approved:
        return "整改中"
    if state.submitted:
        return "待批复"
    return "调查中" if state.team else "应急处置"


INCIDENT = CaseKind(
    name="incident",
    title="职业病危害事故",
    number_prefix="INC",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        **{f"did_{duty}": _did(duty) for duty in DUTIES},
        **{
            made.__name__: made
            for made in (safety_told, health_told, reportable, radiation, not_radiation, refers)
        },
    },
    parties=lambda state: {
        role: party
        for role, party in (
            ("employer", state.employer),
            ("township", state.township),
            ("hospital", state.hospital),
            ("lead", state.lead),
        )
        if party
    },
    status=status,
    roles=("employer", "township", "hospital", "lead"),
    links=lambda state: (state.gone,) if state.gone and "-" in state.gone else (),
)
