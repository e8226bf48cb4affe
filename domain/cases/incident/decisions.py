"""Incidents 职业病危害事故 (INC): what each command admits, refuses and brings about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import assert_never, cast

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
    DONE,
    DUTIES,
    LEVELS,
    REASONED,
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
    Level,
    PowerExceeded,
    RectificationEvaluated,
    ReferralAnswered,
    ReferralDecided,
    RefusalDisputed,
    ReportApproved,
    ReportingBreachFound,
    ReportSubmitted,
    Scale,
    SourceMissing,
    TeamFormed,
    UnitTold,
    minute_of,
)
from domain.cases.incident.state import State, employer_reported
from domain.decider import Context, Correctable, Decision, On, Refused, in_time, known_unit, need
from domain.events import SHANGHAI, Recorded
from domain.fold import CaseFold
from domain.links import ReliedOn
from domain.rulings import ABOVE, routed
from domain.tasks import called
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

# A control, a duty still owed and what is referred to 公安局 outlive the case here: a referral runs
# beside the case and is ended by nothing but its own steps (移送规定 11).
OUTLIVES = (
    *(ReportIncident, LiftControl, DoDuty, UnmergeIncident),
    *(SuspectCrime, DecideReferral, ReferCrime, AnswerReferral, DisputeRefusal),
)


RADIATION = "radiation-42"


def decide(state: State, given: Command, context: Context) -> Decision:
    lead = state.lead or ""
    if not isinstance(given, OUTLIVES):
        zh = "本件已移交、并案、否定或结案，不再办理"
        need(state.gone is None and not state.closed, "ended", zh, "This incident has ended here")
    match given:
        case ReportIncident():
            return _reported(given, context)
        case TellUnit():
            known_unit(given.unit, context)
            aware = _aware(state, context)
            own = context.fold.open_under("inc.employer-report")
            zh = "该单位已知悉"
            if any(task.holder == context.actor for task in own):
                zh += "；用人单位自己的报告请以“完成应急或报告职责”（employer_report）登记"
            need(given.unit not in aware, "told", zh, "It knows of it already")
            return (_told(given.unit, (*aware, given.unit), lead, context),)
        case VerifyIncident():
            need(not state.verified, "verified", "已核实", "Verified already")
            return (IncidentVerified(unit=context.actor),)
        case RejectIncident():
            return _rejected(state, given, context)
        case FindCause():
            return _led(state, given, context)
        case DisputeLead():
            return _lead_disputed(state, given, context)
        case RuleLead():
            return _lead_ruled(state, given, context)
        case IdentifyCasualty():
            return _identified(state, given, context)
        case FindReportingBreach():
            return _breached(state, given, context)
        case ReportMissingSource():
            return _source_missing(state, given, context)
        case DoDuty():
            return _done(given, context)
        case ChangeCasualties():
            return _casualties(state, given, context)
        case GradeIncident():
            return _graded(state, given, context)
        case ImposeControl():
            imposed = (context.actor, given.measure) in state.measures
            need(not imposed, "imposed", "本单位已采取该项措施", "You imposed it already")
            return (ControlImposed(unit=context.actor, measure=given.measure),)
        case LiftControl():
            return _lifted(state, given, context)
        case FormTeam():
            return _team_formed(state, given, context)
        case SubmitReport():
            need(bool(state.team), "no-team", "尚未成立调查组", "There is no team yet")
            need(not state.submitted, "submitted", "已提交", "Submitted already")
            _within_power(state, context)
            return (ReportSubmitted(lead=lead, received_on=given.received_on),)
        case ApproveReport():
            need(state.submitted, "not-submitted", "尚未提交调查报告", "No report yet")
            need(not state.approved, "approved", "已批复", "Approved already")
            _within_power(state, context)
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
            return _referral_decided(state, given)
        case ReferCrime():
            return _referred(state, given)
        case AnswerReferral():
            return _answered(state, given, context)
        case DisputeRefusal():
            return _refusal_disputed(state, given, context)
        case HandUp():
            return _handed_up(state, given)
        case MergeIncident():
            return _merged(state, given, context)
        case UnmergeIncident():
            return _parted(state, given, context)
        case CloseIncident():
            return _closed(state, given, context)
        case _:
            assert_never(given)


def _reported(given: ReportIncident, context: Context) -> Decision:
    known_unit(given.told, context)
    known = context.reference.edition.is_township(given.township)
    need(known, "no-such-township", f"没有乡镇（街道） {given.township}", "No such township")
    day = context.occurred.day
    zh = "事故发生日不能晚于报告日"
    need(given.accident_on <= day, "accident-day", zh, "Not after the day it is reported")
    _counted(given)
    _minute(given, context)
    radiates = given.cause == "radiation_accident"
    in_hospital = given.in_hospital
    if in_hospital is None:
        in_hospital = radiates and context.actor == given.hospital
    zh = "事故发生在医疗卫生机构内的，须写明是哪一家"
    fine = not in_hospital or given.hospital is not None
    need(fine, "no-hospital", zh, "Name the hospital it happened in")
    reported = IncidentReported(
        employer=given.employer,
        township=given.township,
        cause=given.cause,
        accident_on=given.accident_on,
        hospital=given.hospital,
        deaths=given.deaths,
        poisoned=given.poisoned,
        reportable=_reportable(given.cause, given, context),
        subject=given.subject,
        account=given.account,
        accident_at=given.accident_at,
        told=given.told,
        in_hospital=in_hospital,
        injured=given.injured,
        irradiated=given.irradiated,
        grave=_grave(given, context),
    )
    provisional = given.cause == "unknown_cause"
    leads, ruling = routed(f"incident-lead-{given.cause}", given.township, context)
    lead = LeadAssigned(
        lead=leads,
        provisional=provisional,
        accident_on=given.accident_on,
        begins=True,
        grave=reported.grave,
    )
    followed = (ruling,) if ruling else ()
    told = _told(given.told, (given.told,), leads, context)
    return (reported, told, *followed, lead)


def _told(unit: str, known: tuple[str, ...], lead: str, context: Context) -> UnitTold:
    """A unit is told. Who says so of itself states the minute; of another, its clock starts when
    that one has it on record. It sees to it that 卫健局 and the lead both know at once."""
    occurred, received = context.occurred, None
    if context.actor == unit and (occurred.precision == "minute" or occurred.day < context.today):
        received = occurred.at.astimezone(SHANGHAI).isoformat(timespec="minutes")
    others = dict.fromkeys((*context.reference.edition.policy("incident-always-told"), lead))
    unaware = tuple(other for other in others if other not in known)
    return UnitTold(unit=unit, by=context.actor, received_at=received, pass_on=unaware)


def _aware(state: State, context: Context) -> tuple[str, ...]:
    """Who was told, and who leads what was parted from another: it owes its report with that."""
    parted = bool(context.fold.facts_of(IncidentUnmerged))
    return (*state.told, state.lead) if parted and state.lead else state.told


Numbers = ReportIncident | ChangeCasualties | IncidentReported | CasualtiesChanged


def _counted(numbers: Numbers) -> None:
    said = (numbers.deaths, numbers.poisoned, numbers.injured or 0, numbers.irradiated or 0)
    need(min(said) >= 0, "numbers", "人数不能为负", "Numbers are not negative")


def _minute(given: ReportIncident, context: Context) -> None:
    try:
        minute = minute_of(given.accident_on, given.accident_at)
    except ValueError:
        zh, en = "事故时刻应写作 14:20 这样的时与分", "Write the minute of the accident as 14:20"
        raise Refused("accident-minute", zh, en) from None
    late = minute is not None and minute > context.now
    need(not late, "accident-minute", "事故时刻不能晚于现在", "Not in the future")


def _levelled(scale: Scale, level: Level, context: Context) -> None:
    """A scale has its own levels, and the numbers on record demand a least one."""
    names = LEVELS[scale]
    zh = f"该尺度只有{'、'.join(f'{name}（{code}）' for code, name in names.items())}"
    need(level in names, "no-such-level", zh, f"Levels of this scale: {', '.join(names)}")
    least = _least(scale, context)
    if least is None:
        return
    numbers, floor = _numbers(context), LEVELS[scale][least]
    zh = f"已记录死亡{numbers.deaths}人、中毒{numbers.poisoned}人、重伤{numbers.injured}人，"
    order = list(names)
    fine = order.index(level) >= order.index(least)
    en = f"The numbers on record demand {least} at least"
    clauses = context.reference.edition.policies[f"incident-floor-{scale}"].clauses
    need(fine, "below-floor", f"{zh}至少应定为{floor}", en, clause=clauses[0])


def _above_the_numbers(given: GradeIncident, context: Context) -> None:
    """A level above what the numbers demand rests on something else (the damage), which is said."""
    if f"incident-floor-{given.scale}" not in context.reference.edition.policies:
        return
    names = LEVELS[given.scale]
    lowest, *_ = names
    least = _least(given.scale, context) or lowest
    zh = f"已记录的人数只达{names[least]}，定为{names[given.level]}的须说明理由（如直接经济损失）"
    fine = given.level == least or given.reason is not None
    en = f"The numbers on record demand {least}: say why it is graded above"
    need(fine, "reason-missing", zh, en)


def _least(scale: Scale, context: Context) -> Level | None:
    """The least level that the numbers on record demand, by the thresholds of its scale."""
    policy = context.reference.edition.policies.get(f"incident-floor-{scale}")
    numbers, least = _numbers(context), None
    counted = {
        "deaths": numbers.deaths,
        "poisoned": numbers.poisoned,
        "injured": numbers.poisoned + numbers.injured,  # 重伤，包括急性工业中毒
    }
    for threshold in policy.value if policy else ():  # from the least level on
        if any(counted[name] >= bound for name, bound in threshold.items() if name in counted):
            least = threshold["level"]
    return least


def _within_power(state: State, context: Context) -> None:
    """What goes on in the county is graded as its numbers demand, and the county's to handle."""
    zh = "定级超出本县权限，须移交上级或重新定级"
    fine = not state.exceeded
    need(fine, "exceeded", zh, "Beyond the county: hand it up, or grade it anew")
    for scale, level in state.grades:
        _levelled(cast(Scale, scale), cast(Level, level), context)


def _numbers(context: Context) -> IncidentReported | CasualtiesChanged:
    return _numbers_of(context.fold)


def _numbers_of(fold: CaseFold) -> IncidentReported | CasualtiesChanged:
    """The latest numbers on record."""
    told: IncidentReported | CasualtiesChanged
    told = fold.facts_of(IncidentReported, CasualtiesChanged)[-1].event
    return told


def _grave(numbers: Numbers, context: Context) -> bool:
    """So many dead or gravely injured that a crime must be considered (法释〔2015〕22号)."""
    policies = context.reference.edition.policies
    deaths, injured = policies.get("crime-deaths"), policies.get("crime-injured")
    if deaths is None or injured is None:
        return False
    return bool(numbers.deaths >= deaths.value or (numbers.injured or 0) >= injured.value)


def _reportable(cause: Cause | None, numbers: Numbers, context: Context) -> bool:
    """Whether a hospital reports by network (突发公共卫生事件应对法 30): an acute poisoning from
    its threshold on, an irradiation of anybody, whatever the cause is thought to be; where nobody
    said of how many, a radiation accident is of one."""
    if numbers.irradiated is not None and numbers.irradiated > 0:
        return True
    if cause == "radiation_accident":
        return numbers.irradiated is None
    policy = context.reference.edition.policy
    return cause == "acute_poisoning" and bool(
        numbers.deaths >= policy("network-report-deaths")
        or numbers.poisoned >= policy("network-report-poisoned")
    )


def _may_lead(unit: str, context: Context) -> None:
    """43号文 names who leads incidents: 应急管理局, 生态环境局, 卫健局."""
    leads = context.reference.edition.policies.get("incident-leads")
    names = "、".join(called(one, context.reference) for one in (leads.value if leads else ()))
    zh = f"{called(unit, context.reference)}不能牵头事故调查；可由{names}牵头"
    fine = leads is None or unit in leads.value
    need(fine, "no-lead", zh, f"{unit} leads no incidents", clause="43-3.EMB")


def _radiates(state: State) -> bool:
    return state.cause == "radiation_accident"


def _radiation_unit(context: Context) -> str:
    """Whose radiation accidents are by law: 生态环境局."""
    return str(context.reference.edition.policy("incident-lead-radiation_accident"))


def _led(state: State, given: FindCause, context: Context) -> Decision:
    assert state.accident_on is not None
    radiates = given.cause == "radiation_accident"
    if _radiates(state) and not radiates:
        own = _radiation_unit(context)
        name = called(own, context.reference)
        zh = f"不属于放射事故，只由{name}查明并说明理由，且须查明属于何种原因"
        en = f"That it is none of radiation only {own} finds: with its reason, and what it is"
        ours = context.actor == own and given.reason and given.cause != "unknown_cause"
        need(bool(ours), "statutory", zh, en, clause=RADIATION)
    crosses = radiates != _radiates(state)
    lead, ruling = routed(f"incident-lead-{given.cause}", state.township, context)
    still = given.cause == "unknown_cause"  # known no better than before
    same = given.cause == state.cause and (still or not state.provisional)
    need(not same, "same-unit", "原因和牵头单位没有变化", "Cause and lead do not change")
    other = CauseFound(
        cause=given.cause,
        reportable=not state.reportable and _reportable(given.cause, _numbers(context), context),
        was=state.cause,
        reason=given.reason,
        source_user=_source_user(state) if radiates else None,
    )
    found = (other,) if given.cause != state.cause else ()
    # What was ruled stands, unless the law gives a radiation accident to 生态环境局.
    stands = state.ruled and context.actor not in ABOVE
    if not crosses and (stands or (lead == state.lead and not state.provisional)):
        return found
    followed = (ruling,) if ruling else ()
    provisional = given.cause == "unknown_cause"
    assigned = _assigned(state, lead, context, provisional=provisional, begins=crosses)
    return (*found, *followed, *assigned)


def _source_user(state: State) -> str | None:
    return state.hospital if state.in_hospital else state.employer


def _assigned(
    state: State,
    lead: str,
    context: Context,
    *,
    provisional: bool = False,
    begins: bool = False,
    ruled_by: str | None = None,
) -> Decision:
    """The lead as it is from now on. Who is given the lead knows of the incident with that."""
    assert state.accident_on is not None
    assigned = LeadAssigned(
        lead=lead,
        provisional=provisional,
        accident_on=state.accident_on,
        begins=begins and not state.submitted,
        ruled_by=ruled_by,
    )
    if lead in state.told:
        return (assigned,)
    return (assigned, _told(lead, (*state.told, lead), lead, context))


def _not_statutory(state: State, lead: str, context: Context) -> None:
    """A radiation accident is 生态环境局's to handle and grade; no county ruling moves that."""
    own = _radiation_unit(context)
    zh = f"放射事故依法由{called(own, context.reference)}处理和定级，牵头不得改变"
    en = f"Radiation accidents are {own}'s by law; the lead does not move"
    fine = not _radiates(state) or lead == own
    need(fine, "statutory", zh, en, clause=RADIATION)


def _lead_disputed(state: State, given: DisputeLead, context: Context) -> Decision:
    known_unit(context.actor, context)
    _may_lead(context.actor, context)
    _not_statutory(state, context.actor, context)
    zh = "已由本单位牵头"
    need(context.actor != state.lead, "same-unit", zh, "You lead it already")
    waiting = context.fold.open_under("inc.rule-lead")
    zh = "已提请领导小组裁定"
    need(not waiting, "disputed", zh, "It is before the leading group already")
    return (LeadDisputed(unit=context.actor, reason=given.reason),)


def _lead_ruled(state: State, given: RuleLead, context: Context) -> Decision:
    known_unit(given.lead, context)
    _may_lead(given.lead, context)
    _not_statutory(state, given.lead, context)
    fits = state.provisional or given.lead != state.lead
    asked = fits or bool(context.fold.open_under("inc.rule-lead"))
    need(asked, "same-unit", "牵头单位没有变化", "The lead does not change")
    return _assigned(state, given.lead, context, ruled_by=context.actor)


def _rejected(state: State, given: RejectIncident, context: Context) -> Decision:
    zh = "已提交调查报告，不再否定"
    need(not state.submitted, "submitted", zh, "Its report is submitted already")
    own = _radiation_unit(context)
    zh = f"放射事故由{called(own, context.reference)}核实、否定"
    ours = not _radiates(state) or context.actor == own
    need(ours, "statutory", zh, f"{own} says what is no radiation accident", clause=RADIATION)
    _nothing_referred(context, besides=("inc.crime-decide", "inc.consider-crime"))
    return (IncidentRejected(unit=context.actor, reason=given.reason),)


def _identified(state: State, given: IdentifyCasualty, context: Context) -> Decision:
    known = given.subject in state.casualties
    need(not known, "known", "该劳动者已确认", "This worker is known already")
    suspected = given.hazard is not None
    zh = "超剂量照射须写明疑似职业病的危害因素"
    need(given.harm != "over_exposed" or suspected, "hazard-missing", zh, "Name the hazard")
    hospital = context.actor if context.actor.startswith("hospital:") else state.hospital
    zh = "疑似职业病由接诊的医疗卫生机构报告，本件没有载明"
    need(not suspected or hospital is not None, "no-hospital", zh, "No hospital is on record")
    inspected = any(getattr(fact.event, "inspect", False) for fact, _ in context.fold.facts)
    return (
        CasualtyIdentified(
            subject=given.subject,
            harm=given.harm,
            hazard=given.hazard,
            hospital=hospital,
            worker_name=given.worker_name,
            inspect=given.harm == "over_exposed" and state.in_hospital and not inspected,
        ),
    )


def _breached(state: State, given: FindReportingBreach, context: Context) -> Decision:
    party = given.party or state.employer or ""
    found = ReportingBreachFound(unit=context.actor, party=party, breach=given.breach)
    known = any(fact.event == found for fact, _ in context.fold.facts)
    need(not known, "found", "已查明并在查处", "Found already")
    return (found,)


def _source_missing(state: State, given: ReportMissingSource, context: Context) -> Decision:
    zh = "只有放射事故才报告放射源丢失、被盗"
    fits = _radiates(state)
    need(fits, "not-radiation", zh, "Only in a radiation accident", clause=RADIATION)
    searching = bool(context.fold.open_under("inc.source"))
    need(not searching, "reported", "公安局已在追查", "It is searched for already")
    return (SourceMissing(how=given.how),)


def _graded(state: State, given: GradeIncident, context: Context) -> Decision:
    own = _radiation_unit(context)
    zh = f"辐射事故等级由{called(own, context.reference)}核定"
    fine = given.scale != "radiation_scale" or context.actor == own
    need(fine, "radiation-grade", zh, f"Only {own} grades radiation accidents", clause=RADIATION)
    new = (given.scale, given.level) not in state.grades
    need(new, "graded", "该尺度已定为这一等级", "Graded so already")
    _levelled(given.scale, given.level, context)
    _above_the_numbers(given, context)
    graded = IncidentGraded(scale=given.scale, level=given.level, reason=given.reason)
    county = context.reference.edition.policies.get(f"incident-county-{given.scale}")
    if county is None or given.level in county.value:
        return (graded,)
    return (graded, PowerExceeded(lead=state.lead or "", scale=given.scale, level=given.level))


def _lifted(state: State, given: LiftControl, context: Context) -> Decision:
    mine = context.actor in state.controlled_by
    zh = "本单位没有采取控制措施"
    need(mine, "no-control", zh, "You imposed no control", clause="odl-64")
    known = given.measure is None or (context.actor, given.measure) in state.measures
    zh = f"本单位没有在用的控制措施“{given.measure}”"
    need(known, "no-control", zh, "You imposed no such control", clause="odl-64")
    return (ControlLifted(unit=context.actor, measure=given.measure),)


def _team_formed(state: State, given: FormTeam, context: Context) -> Decision:
    named = {done.event.unit for done in _duties_done("investigator", context)}
    zh = "调查组须有工会指派的成员"
    fine = bool(named.intersection(given.members))
    need(fine, "no-union", zh, "The team needs a union member", clause="union-27")
    for member in given.members:
        known_unit(member, context)
    once = len(set(given.members)) == len(given.members)
    need(once, "members", "调查组成员重复", "A member is named twice")
    zh = "调查组须有牵头单位"
    need(state.lead in given.members, "lead-missing", zh, "The lead is in the team")
    return (TeamFormed(members=given.members),)


def _merged(state: State, given: MergeIncident, context: Context) -> Decision:
    main = context.cases.get(given.case_main)
    other = main if main and main.kind.name == "incident" and main.version else None
    zh = "只能并入另一件事故"
    if other is None or given.case_main == context.case:
        raise Refused("not-an-incident", zh, "Only into another incident")
    main_state: State = other.state
    goes_on = main_state.gone is None and not main_state.closed
    zh = "对方已移交、并案、否定或结案，不能并入"
    need(goes_on, "merged", zh, "That one has ended itself")
    same = main_state.employer == state.employer
    need(same, "other-employer", "两件事故的用人单位不同", "They are of two employers")
    both = main_state.lead == state.lead or context.actor in (LEADING_GROUP, LEADING_GROUP_OFFICE)
    zh = "两件事故由不同单位牵头，由领导小组或其办公室决定并案"
    need(both, "other-lead", zh, "Two units lead them: the leading group or its office merges")
    zh = "放射事故只并入放射事故"
    fine = not _radiates(state) or _radiates(main_state)
    need(fine, "statutory", zh, "A radiation accident merges into one alone", clause=RADIATION)
    known = tuple(who for who in state.casualties if who not in main_state.casualties)
    taken = IncidentAbsorbed(
        incident=context.case,
        casualties=known,
        employer_reported=_employer_reported(state, context),
    )
    absorbed = On(given.case_main, taken)
    # Whatever rests on this one rests on the other from now on.
    rests = (On(given.case_main, ReliedOn(case=case)) for case in context.fold.dependents)
    numbers = (On(given.case_main, changed) for changed in _carried(other, context))
    return (IncidentMerged(into=given.case_main), absorbed, *numbers, *rests)


def _carried(main: CaseFold, context: Context) -> Decision:
    """One accident reported twice: the higher of both numbers holds, and is judged anew."""
    here, there = _numbers(context), _numbers_of(main)
    irradiated = [n for n in (here.irradiated, there.irradiated) if n is not None]
    higher = ChangeCasualties(
        deaths=max(here.deaths, there.deaths),
        poisoned=max(here.poisoned, there.poisoned),
        injured=max(here.injured, there.injured),
        irradiated=max(irradiated, default=None),
    )
    same = vars(higher) == {name: getattr(there, name) for name in vars(higher)}
    return () if same else (_changed(main.state, higher, context),)


def _employer_reported(state: State, context: Context) -> bool:
    """Whether the employer itself reported to 应急管理局."""
    facts = context.fold.facts_of(UnitTold, DutyDone)
    return any(employer_reported(state, fact.event) for fact in facts)


def _parted(state: State, given: UnmergeIncident, context: Context) -> Decision:
    main = state.gone
    if main is None or not main.startswith("incident-"):
        raise Refused("not-merged", "本件没有并案", "This incident is not merged")
    assert state.lead is not None
    assert state.accident_on is not None
    parted = IncidentUnmerged(
        parted_from=main,
        lead=state.lead,
        accident_on=state.accident_on,
        reason=given.reason,
        accident_at=state.accident_at,
        source_user=_source_user(state) if _radiates(state) else None,
        received_on=state.received_on,
        employer_reported=_employer_reported(state, context),
    )
    into = context.cases.get(main)
    lives = into is None or not (into.state.gone or "").startswith("incident-")
    zh = "并入的事故又并入了别的事故，请先将它分案"
    need(lives, "main-merged", zh, "What it was merged into was merged itself: part that first")
    absorbed = into.facts_of(IncidentAbsorbed) if into else []
    mine = [fact.event for fact in absorbed if fact.event.incident == context.case]
    theirs = mine[-1].casualties if mine else ()
    return (parted, On(main, IncidentParted(incident=context.case, casualties=theirs)))


def _closed(state: State, given: CloseIncident, context: Context) -> Decision:
    zh = "整改评估完成、控制措施全部解除后方可结案"
    ready = state.evaluated and not state.controlled_by
    need(ready, "not-ready", zh, "Evaluate rectification and lift every control first")
    _nothing_referred(context)
    _within_power(state, context)
    return (IncidentClosed(note=given.note),)


def _handed_up(state: State, given: HandUp) -> Decision:
    zh = "等级没有超出本县权限；上级书面要求移交的，请写明文号（order）"
    en = "The county's own grade: give the number of the superior's order"
    beyond = bool(state.exceeded) or given.order is not None
    need(beyond, "not-exceeded", zh, en, clause="safety-19")
    return (HandedUp(reason=given.reason, order=given.order),)


# --- Referral to 公安局 ---------------------------------------------------------------------------


def _referral_decided(state: State, given: DecideReferral) -> Decision:
    zh = "调查组尚未认为涉嫌犯罪"
    need(state.suspected and state.refer is None, "not-suspected", zh, "Nothing to decide")
    zh = "不移送的，须说明理由"
    said = given.refer or given.reason is not None
    need(said, "reason-missing", zh, "Not to refer it wants a reason", clause="referral-5")
    return (ReferralDecided(lead=state.lead or "", refer=given.refer, reason=given.reason),)


def _referred(state: State, given: ReferCrime) -> Decision:
    zh = "负责人尚未批准移送"
    need(state.refer is True and not state.referred, "not-decided", zh, "Not approved")
    referred = CrimeReferred(lead=state.lead or "", received_on=given.received_on)
    return (referred, ExhibitsKept(lead=state.lead or "")) if given.exhibits else (referred,)


def _answered(state: State, given: AnswerReferral, context: Context) -> Decision:
    need(state.referred, "not-referred", "没有移送的案件", "Nothing was referred")
    waiting = context.fold.open_under("inc.crime-review", "inc.crime-again")
    need(bool(waiting), "answered", "已答复", "Answered already")
    again = bool(context.fold.open_under("inc.crime-again"))
    return (ReferralAnswered(answer=given.answer, received_on=given.received_on, final=again),)


def _refusal_disputed(state: State, given: DisputeRefusal, context: Context) -> Decision:
    held = context.fold.open_under("inc.crime-dispute")
    need(bool(held), "not-refused", "公安局没有不予立案", "It was not refused")
    last = max((t.due.legal for t in held if t.due), default=context.occurred.day)
    in_time(last, context, clause="referral-9")
    return (RefusalDisputed(lead=state.lead or "", received_on=given.received_on),)


def _nothing_referred(context: Context, *, besides: tuple[str, ...] = ()) -> None:
    """No step towards 公安局 is owed. A suspicion nobody has decided on falls with a denial."""
    waiting = [
        task.rule.title
        for task in context.fold.open_tasks()
        if task.rule.id.startswith(("inc.crime-", "inc.consider-crime"))
        and task.rule.id not in besides
    ]
    zh = f"涉嫌犯罪的移送尚未办结：{'、'.join(waiting)}"
    need(not waiting, "crime-open", zh, "A referral is under way", clause="referral-5")


# --- Duties and numbers ---------------------------------------------------------------------------


def _duties_done(duty: Duty, context: Context) -> list[Recorded]:
    return [done for done in context.fold.facts_of(DutyDone) if done.event.duty == duty]


def _done(given: DoDuty, context: Context) -> Decision:
    if given.duty not in DUTIES:  # no door lets it in: a correction says it was not done at all
        return (DutyDone(unit=context.actor, duty="not_done", note=given.note),)
    owed = [
        task
        for task in context.fold.open_tasks()
        if task.rule.closed_when == f"did_{given.duty}" and task.holder == context.actor
    ]
    zh = f"{called(context.actor, context.reference)}没有未办结的“{DUTIES[given.duty]}”"
    need(bool(owed), "not-owed", zh, f"{context.actor} owes no such duty")
    zh = f"“{DUTIES[given.duty]}”须说明理由（note）"
    said = given.duty != REASONED or given.note != DONE
    need(said, "reason-missing", zh, "That is said with its reason", clause="spc2015-22")
    tasks = tuple(task.id for task in owed)
    return (DutyDone(unit=context.actor, duty=given.duty, note=given.note, tasks=tasks),)


def _casualties(state: State, given: ChangeCasualties, context: Context) -> Decision:
    was = _numbers(context)
    injured = was.injured if given.injured is None else given.injured
    irradiated = was.irradiated if given.irradiated is None else given.irradiated
    now = replace(given, injured=injured, irradiated=irradiated)
    _counted(now)
    parted = bool(context.fold.facts_of(IncidentParted))
    zh = "死亡人数不能减少；录错的请更正"
    fewer = now.deaths < was.deaths and not parted
    need(not fewer, "numbers", zh, "Deaths do not go down: correct a mistake")
    same = vars(now) == {name: getattr(was, name) for name in vars(now)}
    need(not same, "same-numbers", "人数没有变化", "The numbers do not change")
    return (_changed(state, now, context),)


def _changed(state: State, now: ChangeCasualties, context: Context) -> CasualtiesChanged:
    """The numbers as they are from now on, and what they bring about."""
    assert state.accident_on is not None
    assert now.injured is not None
    deadline = context.reference.edition.deadline("D04", context.occurred.day)
    days = timedelta(days=deadline.length if deadline else 0)
    return CasualtiesChanged(
        deaths=now.deaths,
        poisoned=now.poisoned,
        reportable=not state.reportable and _reportable(state.cause, now, context),
        accident_on=state.accident_on,
        injured=now.injured,
        irradiated=now.irradiated,
        supplement=context.occurred.day <= state.accident_on + days,
        grave=not state.grave and _grave(now, context),
    )


# --- Corrections ----------------------------------------------------------------------------------


def _reported_again(fact: Recorded) -> ReportIncident:
    """The command from its fact; whom it was told to stands in `incident.told`."""
    said = dict(vars(fact.event))
    worked_out = ("reportable", "grave", "told")
    values = {name: value for name, value in said.items() if name not in worked_out}
    return ReportIncident(told=said["told"] or "HB", **values)


CORRECTIONS = Correctable(
    supervisor="HB",
    commands={
        IncidentReported: _reported_again,
        UnitTold: TellUnit,
        CasualtiesChanged: ChangeCasualties,
        DutyDone: DoDuty,
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
