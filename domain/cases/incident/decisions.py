"""Incidents 职业病危害事故 (INC): what each command admits, refuses and brings about."""

from __future__ import annotations

from typing import assert_never

from domain.cases.incident.commands import (
    AnswerReferral,
    ApproveReport,
    ChangeCasualties,
    CloseIncident,
    Command,
    DecideReferral,
    DisputeLead,
    DisputeRefusal,
    DoDuty,
    EvaluateRectification,
    FindCause,
    FindReportingBreach,
    FormTeam,
    GradeIncident,
    HandUp,
    IdentifyCasualty,
    ImposeControl,
    LiftControl,
    MergeIncident,
    ReferCrime,
    RejectIncident,
    ReportIncident,
    ReportMissingSource,
    RuleLead,
    SubmitReport,
    SuspectCrime,
    TellUnit,
    UnmergeIncident,
    VerifyIncident,
)
from domain.cases.incident.events import (
    DUTIES,
    CasualtiesChanged,
    CasualtyIdentified,
    CauseFound,
    ControlImposed,
    ControlLifted,
    CrimeReferred,
    CrimeSuspected,
    DutyDone,
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
from domain.cases.incident.state import State
from domain.decider import Context, Correctable, Decision, On, Refused, need
from domain.events import Recorded
from domain.links import ReliedOn
from domain.rulings import routed
from domain.tasks import Task

# A control, a duty still owed and what is referred to 公安局 outlive the case here: a referral runs
# beside the case and is ended by nothing but its own steps (移送规定 11).
OUTLIVES = (
    *(ReportIncident, LiftControl, DoDuty, UnmergeIncident),
    *(SuspectCrime, DecideReferral, ReferCrime, AnswerReferral, DisputeRefusal),
)


def decide(state: State, given: Command, context: Context) -> Decision:
    lead = state.lead or ""
    if not isinstance(given, OUTLIVES):
        zh = "本件已移交、并案、否定或结案，不再办理"
        need(state.gone is None and not state.closed, "ended", zh, "This incident has ended here")
    match given:
        case ReportIncident():
            return _reported(given, context)
        case TellUnit():
            _unit(given.unit, context)
            need(given.unit not in state.told, "told", "已通报该单位", "Told already")
            return (UnitTold(unit=given.unit),)
        case VerifyIncident():
            need(not state.verified, "verified", "已核实", "Verified already")
            return (IncidentVerified(unit=context.actor),)
        case RejectIncident():
            zh = "已提交调查报告，不再否定"
            need(not state.submitted, "submitted", zh, "Its report is submitted already")
            _nothing_referred(context, besides="inc.crime-decide")
            return (IncidentRejected(unit=context.actor, reason=given.reason),)
        case FindCause():
            return _led(state, given, context)
        case DisputeLead():
            _unit(context.actor, context)
            _not_statutory(state, context.actor)
            zh = "已由本单位牵头"
            need(context.actor != state.lead, "same-unit", zh, "You lead it already")
            waiting = _open(context, "inc.rule-lead")
            zh = "已提请领导小组裁定"
            need(not waiting, "disputed", zh, "It is before the leading group already")
            return (LeadDisputed(unit=context.actor, reason=given.reason),)
        case RuleLead():
            _unit(given.lead, context)
            _not_statutory(state, given.lead)
            fits = state.provisional or given.lead != state.lead
            asked = fits or bool(_open(context, "inc.rule-lead"))
            need(asked, "same-unit", "牵头单位没有变化", "The lead does not change")
            return (_assigned(state, given.lead),)
        case IdentifyCasualty():
            return _identified(state, given, context)
        case FindReportingBreach():
            party = given.party or state.employer or ""
            found = ReportingBreachFound(unit=context.actor, party=party, breach=given.breach)
            known = any(fact.event == found for fact, _ in context.fold.facts)
            need(not known, "found", "已查明并在查处", "Found already")
            return (found,)
        case ReportMissingSource():
            zh = "只有放射事故才报告放射源丢失、被盗"
            fits = state.cause == "radiation_accident"
            need(fits, "not-radiation", zh, "Only in a radiation accident", clause="radiation-42")
            searching = bool(_open(context, "inc.source"))
            need(not searching, "reported", "公安局已在追查", "It is searched for already")
            return (SourceMissing(how=given.how),)
        case DoDuty():
            return _done(given, context)
        case ChangeCasualties():
            return _casualties(state, given, context)
        case GradeIncident():
            zh = "辐射事故等级由生态环境局核定"
            own = given.scale != "radiation_scale" or context.actor == "EEB"
            need(own, "radiation-grade", zh, "Only EEB grades radiation accidents")
            new = (given.scale, given.level) not in state.grades
            need(new, "graded", "该尺度已定为这一等级", "Graded so already")
            graded = IncidentGraded(scale=given.scale, level=given.level)
            ours = context.reference.edition.policies.get(f"incident-county-{given.scale}")
            if ours is None or given.level in ours.value:
                return (graded,)
            return (graded, PowerExceeded(lead=lead, scale=given.scale, level=given.level))
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
            for member in given.members:
                _unit(member, context)
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
            need(not state.evaluated, "evaluated", "已评估", "Evaluated already")
            return (RectificationEvaluated(lead=lead),)
        case SuspectCrime():
            zh = "已核实不属于事故或已并案，不在本件移送"
            ours = state.gone in (None, "handed_up")
            need(ours, "ended", zh, "No incident, or merged: not referred from here")
            need(not state.suspected, "suspected", "已提出", "Said already")
            return (CrimeSuspected(lead=lead),)
        case DecideReferral():
            zh = "调查组尚未认为涉嫌犯罪"
            need(state.suspected and state.refer is None, "not-suspected", zh, "Nothing to decide")
            return (ReferralDecided(lead=lead, refer=given.refer),)
        case ReferCrime():
            zh = "负责人尚未批准移送"
            need(state.refer is True and not state.referred, "not-decided", zh, "Not approved")
            referred = CrimeReferred(lead=lead)
            return (referred, ExhibitsKept(lead=lead)) if given.exhibits else (referred,)
        case AnswerReferral():
            need(state.referred, "not-referred", "没有移送的案件", "Nothing was referred")
            waiting = _open(context, "inc.crime-review", "inc.crime-again")
            need(bool(waiting), "answered", "已答复", "Answered already")
            return (ReferralAnswered(answer=given.answer),)
        case DisputeRefusal():
            held = _open(context, "inc.crime-dispute")
            need(bool(held), "not-refused", "公安局没有不予立案", "It was not refused")
            last = max((t.due.legal for t in held if t.due), default=context.occurred.day)
            zh = f"提请复议的期限至{last}，已逾期"
            in_time = context.occurred.day <= last
            need(in_time, "window-closed", zh, f"The window closed on {last}", clause="referral-9")
            return (RefusalDisputed(lead=lead),)
        case HandUp():
            return (HandedUp(reason=given.reason),)
        case MergeIncident():
            return _merged(given, context)
        case UnmergeIncident():
            return _parted(state, given, context)
        case CloseIncident():
            zh = "整改评估完成、控制措施全部解除后方可结案"
            ready = state.evaluated and not state.controlled_by
            need(ready, "not-ready", zh, "Evaluate rectification and lift every control first")
            _nothing_referred(context)
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
    leads, ruling = routed(f"incident-lead-{given.cause}", given.township, context)
    lead = LeadAssigned(lead=leads, provisional=provisional, accident_on=given.accident_on)
    followed = (ruling,) if ruling else ()
    return (reported, UnitTold(unit=given.told), *followed, lead)


def _unit(code: str, context: Context) -> None:
    known = code in context.reference.edition.units
    need(known, "no-such-unit", f"没有单位 {code}；请填单位代码，如 HB", f"No unit {code}")


def _reportable(deaths: int, poisoned: int, context: Context) -> bool:
    """Whether a hospital reports by network (突发公共卫生事件应对法 30)."""
    policy = context.reference.edition.policy
    return bool(
        deaths >= policy("network-report-deaths") or poisoned >= policy("network-report-poisoned")
    )


def _led(state: State, given: FindCause, context: Context) -> Decision:
    assert state.accident_on is not None
    lead, ruling = routed(f"incident-lead-{given.cause}", state.township, context)
    still = given.cause == "unknown_cause"  # known no better than before
    same = given.cause == state.cause and (still or not state.provisional)
    need(not same, "same-unit", "原因和牵头单位没有变化", "Cause and lead do not change")
    reportable = given.cause == "radiation_accident" and not state.reportable
    other = CauseFound(cause=given.cause, reportable=reportable)
    found = (other,) if given.cause != state.cause else ()
    if lead == state.lead and not state.provisional:
        return found
    followed = (ruling,) if ruling else ()
    provisional = given.cause == "unknown_cause"
    return (*found, *followed, _assigned(state, lead, provisional=provisional))


def _assigned(state: State, lead: str, *, provisional: bool = False) -> LeadAssigned:
    assert state.accident_on is not None
    return LeadAssigned(lead=lead, provisional=provisional, accident_on=state.accident_on)


def _not_statutory(state: State, lead: str) -> None:
    """A radiation accident is 生态环境局's to handle and grade; no county ruling moves that."""
    zh = "放射事故依法由生态环境局处理和定级，牵头不得改变"
    en = "Radiation accidents are EEB's by law; the lead does not move"
    fine = state.cause != "radiation_accident" or lead == "EEB"
    need(fine, "statutory", zh, en, clause="radiation-42")


def _identified(state: State, given: IdentifyCasualty, context: Context) -> Decision:
    known = given.subject in state.casualties
    need(not known, "known", "该劳动者已确认", "This worker is known already")
    suspected = given.hazard is not None
    zh = "超剂量照射须写明疑似职业病的危害因素"
    need(given.harm != "over_exposed" or suspected, "hazard-missing", zh, "Name the hazard")
    hospital = context.actor if context.actor.startswith("hospital:") else state.hospital
    zh = "疑似职业病由接诊的医疗卫生机构报告，本件没有载明"
    need(not suspected or hospital is not None, "no-hospital", zh, "No hospital is on record")
    return (
        CasualtyIdentified(
            subject=given.subject,
            harm=given.harm,
            hazard=given.hazard,
            hospital=hospital,
            worker_name=given.worker_name,
        ),
    )


def _merged(given: MergeIncident, context: Context) -> Decision:
    main = context.cases.get(given.case_main)
    other = main if main and main.kind.name == "incident" and main.version else None
    zh = "只能并入另一件事故"
    if other is None or given.case_main == context.case:
        raise Refused("not-an-incident", zh, "Only into another incident")
    need(other.state.gone is None, "merged", "对方已并案", "That one is merged itself")
    absorbed = On(given.case_main, IncidentAbsorbed(incident=context.case))
    # Whatever rests on this one rests on the other from now on.
    rests = (On(given.case_main, ReliedOn(case=case)) for case in context.fold.dependents)
    return (IncidentMerged(into=given.case_main), absorbed, *rests)


def _parted(state: State, given: UnmergeIncident, context: Context) -> Decision:
    main = state.gone
    if main is None or not main.startswith("incident-"):
        raise Refused("not-merged", "本件没有并案", "This incident is not merged")
    assert state.lead is not None
    assert state.accident_on is not None
    parted = IncidentUnmerged(
        parted_from=main, lead=state.lead, accident_on=state.accident_on, reason=given.reason
    )
    return (parted, On(main, IncidentParted(incident=context.case)))


def _open(context: Context, *rules: str) -> list[Task]:
    return [task for task in context.fold.open_tasks() if task.rule.id in rules]


def _nothing_referred(context: Context, *, besides: str = "") -> None:
    """No step towards 公安局 is owed. A suspicion nobody has decided on falls with a denial."""
    waiting = [
        task.rule.title
        for task in context.fold.open_tasks()
        if task.rule.id.startswith("inc.crime-") and task.rule.id != besides
    ]
    zh = f"涉嫌犯罪的移送尚未办结：{'、'.join(waiting)}"
    need(not waiting, "crime-open", zh, "A referral is under way", clause="referral-5")


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


# --- Corrections ----------------------------------------------------------------------------------


def _reported_again(fact: Recorded) -> ReportIncident:
    """The command from its fact; whom it was told to stands in `incident.told`."""
    said = dict(vars(fact.event))
    return ReportIncident(told="HB", **{k: v for k, v in said.items() if k != "reportable"})


CORRECTIONS = Correctable(
    supervisor="HB",
    commands={
        IncidentReported: _reported_again,
        UnitTold: TellUnit,
        CasualtiesChanged: ChangeCasualties,
        IncidentGraded: GradeIncident,
        ControlImposed: ImposeControl,
        TeamFormed: FormTeam,
        ReportSubmitted: SubmitReport,
        ReportApproved: ApproveReport,
        RectificationEvaluated: EvaluateRectification,
        CrimeSuspected: SuspectCrime,
        ReferralDecided: DecideReferral,
        ReferralAnswered: AnswerReferral,
        CauseFound: FindCause,
        CasualtyIdentified: IdentifyCasualty,
        ReportingBreachFound: FindReportingBreach,
        SourceMissing: ReportMissingSource,
    },
    undone_by={
        LeadAssigned: "查明原因、变更牵头",
        IncidentMerged: "分案",
        IncidentUnmerged: "并案",
        IncidentAbsorbed: "分案",
        IncidentParted: "并案",
        PowerExceeded: "重新定级",
    },
)
