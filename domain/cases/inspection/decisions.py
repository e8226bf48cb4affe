"""Inspection 监督检查 (INS): what each command admits, refuses and brings about."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from domain.cases import plan as plans
from domain.cases.inspection import orders
from domain.cases.inspection.commands import (
    AssistInspection,
    CancelInspection,
    Command,
    DecidePenalty,
    DeclineFiling,
    EndInspection,
    Escalate,
    ExamineOffSite,
    FilePenalty,
    MakeVisit,
    OpenInspection,
    OrderCorrection,
    Patrol,
    PublishFollowUp,
    PublishResult,
    RecordFindings,
    RecordUnreachable,
    RecuseOfficer,
    Reinspect,
    ReportRectified,
    ReviewCancellation,
    Revisit,
    ServeOrder,
    TakeUpFinding,
)
from domain.cases.inspection.events import (
    POINTS,
    ActTaken,
    CancellationReviewed,
    CheckEnded,
    CorrectionOrdered,
    DeskChecked,
    Escalated,
    FilingDeclined,
    FindingsRecorded,
    FindingTakenUp,
    FirmUnreachable,
    FollowUpPublished,
    InspectionCancelled,
    InspectionOpened,
    OfficerRecused,
    OrderServed,
    Patrolled,
    PenaltyDecided,
    PenaltyFiled,
    Point,
    RectificationReported,
    Reinspected,
    ResultPublished,
    Revisited,
    TakenOver,
    TakeOverUndone,
    TownshipAssisted,
    VisitMade,
)
from domain.cases.inspection.guards import (
    begun,
    fields_of,
    happened_on,
    least,
    not_before,
    not_begun,
    of_kind,
    units_called,
)
from domain.cases.inspection.opening import basis_keys, opened
from domain.cases.inspection.state import ON_SITE, State, was_drawn
from domain.cases.plan import Officer
from domain.cases.visits import State as Visits
from domain.cases.visits import VisitCounted, file_of, times
from domain.decider import Context, Correctable, Decision, On, Refused, Release, need
from domain.fold import CaseFold
from domain.tasks import called


def decide(state: State, given: Command, context: Context) -> Decision:
    if isinstance(given, OpenInspection):
        return opened(given, context)
    after = isinstance(given, PublishResult | ReviewCancellation)
    need(not state.cancelled or after, "cancelled", "检查已取消", "The inspection is cancelled")
    actor = context.actor
    match given:
        case RecuseOfficer():
            return _recused(state, given, context)
        case MakeVisit():
            return _visited(state, given, context)
        case ExamineOffSite():
            of_kind(state, ("off_site",))
            not_begun(state)
            _present(given.officers, state.units, state, context)
            _after_opening(context)
            checked = DeskChecked(units=state.units, on=context.occurred.day, **fields_of(given))
            return (checked, *_had_its_turn(state, "off_site_seen", context))
        case AssistInspection():
            of_kind(state, ON_SITE)
            need(not state.assisted, "assisted", "已记录协助情况", "Recorded already")
            return (TownshipAssisted(unit=actor, note=given.note),)
        case EndInspection():
            begun(state)
            need(not state.ended, "ended", "检查已结束", "It has ended already")
            not_before(state.checked_on, "检查之日", context)
            return (CheckEnded(lead=actor),)
        case RecordFindings():
            return (orders.found(state, given, context),)
        case TakeUpFinding():
            return (orders.taken_up(state, given, context),)
        case OrderCorrection():
            return (orders.ordered(state, given, context),)
        case ServeOrder():
            return (orders.served(state, given, context),)
        case ReportRectified():
            return (orders.reported(state, given, context),)
        case Reinspect():
            return orders.reinspected(state, given, context)
        case FilePenalty():
            return orders.filed(state, given, context)
        case DeclineFiling():
            return (orders.declined(state, given, context),)
        case DecidePenalty():
            return orders.decided(state, given, context)
        case PublishResult():
            return (_published(state, given, context),)
        case PublishFollowUp():
            return (_followed_up(state, given, context),)
        case RecordUnreachable():
            of_kind(state, (*ON_SITE, "patrol"))
            not_begun(state)
            _after_opening(context)
            lost = FirmUnreachable(lead=actor, note=given.note)
            return (lost, *_had_its_turn(state, "not_found", context), *_given_back(state))
        case CancelInspection():
            not_begun(state)
            need(
                given.ground is not None or not was_drawn(state, given),
                "ground-missing",
                "抽中的企业只能凭规定的理由（ground）取消检查",
                "A firm that was drawn is let go on a coded ground alone",
                clause="43-2.3.a",
            )
            return _let_go(state, given, context)
        case ReviewCancellation():
            fine = state.cancelled and was_drawn(state, given)
            need(fine, "not-cancelled", "没有待核查的取消", "Nothing to review")
            return (CancellationReviewed(office=actor, note=given.note),)
        case Patrol():
            patrolled = _patrolled(state, given, context)
            return (patrolled, *_had_its_turn(state, "patrolled", context))
        case Revisit():
            not_before(happened_on(context, Patrolled), "巡查之日", context)
            return (_revisited(state, given, actor),)
        case Escalate():
            return (_escalated(state, given, context),)
        case _:
            assert_never(given)


def _after_opening(context: Context) -> None:
    not_before(context.fold.opened_on, "立项之日", context)


def _had_its_turn(state: State, result: plans.Result, context: Context) -> Decision:
    """Tell the plan that lists the firm; a drawn one is bound by its own inspections."""
    told = state.opened
    if told is None or told.ground != "plan" or told.basis is None or told.officers:
        return ()
    done = plans.TargetDone(employer=told.employer, inspection=context.case, result=result)
    return (On(told.basis, done),)


def _let_go(state: State, given: CancelInspection, context: Context) -> Decision:
    """A listed firm let go on a ground of its own has had its turn; what a bureau had taken over
    from a township is open again."""
    assert state.opened is not None
    told: Decision = ()
    if given.ground not in (None, "opened_wrongly"):
        told = _had_its_turn(state, "let_go", context)
    if state.opened.ground == "patrol" and state.opened.basis is not None:
        undone = TakeOverUndone(unit=state.opened.lead, inspection=context.case)
        told = (On(state.opened.basis, undone),)
    return (InspectionCancelled(**fields_of(given)), *told, *_given_back(state))


def _given_back(state: State) -> Decision:
    """The basis, for another inspection to rest on."""
    return tuple(Release(c.index, c.key) for c in sorted(basis_keys(state), key=str))


# --- Officers and the visit --------------------------------------------------------------------


def _recused(state: State, given: RecuseOfficer, context: Context) -> Decision:
    unit = context.actor
    need(
        unit in state.units, "wrong-actor", "各单位决定本单位人员回避", "Each unit its own officers"
    )
    need(
        state.found_by(unit) is None and not state.unreachable,
        "found",
        "本单位已记录检查结果",
        "This unit has recorded its findings",
    )
    need(given.licence not in state.recused, "recused", "该人员已回避", "He is recused already")
    return (OfficerRecused(unit=unit, next=_following(state, given, context), **fields_of(given)),)


def _following(state: State, given: RecuseOfficer, context: Context) -> str | None:
    """Who takes the place of a drawn officer; none where nobody was drawn."""
    assert state.opened is not None
    if not state.opened.officers or state.opened.basis is None:
        return None
    mine = Officer(context.actor, given.licence)
    if mine not in state.officers:
        others = {o.licence: o.unit for o in state.officers}
        theirs = given.licence in others
        zh = "由执法人员所在单位决定回避" if theirs else "该执法人员不在本次抽取之列"
        en = "For the officer's unit to decide" if theirs else "This officer was not drawn for it"
        raise Refused("wrong-actor" if theirs else "not-assigned", zh, en, clause="apl-43")
    drawn: plans.State = context.cases[state.opened.basis].state
    assert drawn.plan is not None
    assert drawn.seed is not None
    each, gone = drawn.officers_each, (*state.recused, given.licence)
    team = plans.officers(drawn.plan, drawn.seed, state.opened.employer, each, gone)
    plans.enough_officers(team, (mine.unit,), each, context.reference.edition)
    [following] = [o for o in team if o.unit == mine.unit and o not in state.officers]
    return following.licence


def _visited(state: State, given: MakeVisit, context: Context) -> Decision:
    of_kind(state, ON_SITE)
    not_begun(state)
    assert state.opened is not None
    _present(given.officers, state.units, state, context)
    need(
        given.licences_shown,
        "licence",
        "执法人员应当主动出示执法证件",
        "The officers must show their licences",
        clause="apl-55",
    )
    _after_opening(context)
    day, file = context.occurred.day, file_of(state.opened.employer)
    counted = _counts(state, context)
    first = _over_limit(context.cases[file].state, state.units, day, context) if counted else None
    over = called(first, context.reference) if first else None
    need(
        over is None or given.override is not None,
        "visit-limit",
        f"{over}本年度入企检查已达上限；确有必要的，写明理由（override）",
        f"{first} reached this year's limit of visits here: give a reason to go beyond it",
        clause=plans.basis_clause(context),
    )
    reason = given.override if over else None
    made = VisitMade(
        units=state.units,
        officers=given.officers,
        licences_shown=given.licences_shown,
        record=given.record,
        on=day,
        override=reason,
    )
    entry = VisitCounted(
        employer=state.opened.employer,
        units=state.units,
        inspection=context.case,
        on=day,
        counted=counted,
        override=reason,
    )
    return (made, On(file, entry), *_had_its_turn(state, "seen", context))


def _counts(state: State, context: Context) -> bool:
    """Whether the county's policy counts such a visit towards the yearly limit."""
    assert state.opened is not None
    outside = context.reference.edition.policy("inspection-uncounted-grounds")
    return state.opened.ground not in outside


def _over_limit(file: Visits, units: tuple[str, ...], day: date, context: Context) -> str | None:
    """The first unit whose yearly number of visits to this firm is used up."""
    limit = int(context.reference.edition.policy("inspection-visits-a-year"))
    return next((unit for unit in units if times(file, unit, day.year) >= limit), None)


def _present(
    present: tuple[Officer, ...], units: tuple[str, ...], state: State, context: Context
) -> None:
    """Two officers of every unit, none of them recused, those drawn where they were drawn."""
    plans.enough_officers(present, units, least(context), context.reference.edition)
    foreign = [o.unit for o in present if o.unit not in units]
    need(not foreign, "other-unit", "到场人员不属参加检查的单位", "An officer of another unit")
    twice = len({o.licence for o in present}) < len(set(present))
    need(not twice, "licence-twice", "同一执法证号不得代表两个单位", "One licence for two units")
    gone = [o.licence for o in present if o.licence in state.recused]
    need(not gone, "recused", "已回避的人员不得参加", "A recused officer", clause="apl-43")
    stranger = [o for o in present if state.officers and o not in state.officers]
    need(
        not stranger,
        "not-assigned",
        "到场人员不是抽取的执法人员；需换人的，办理回避",
        "These officers were not drawn: recuse those who cannot come",
        clause="43-2.3.a",
    )


# --- Publication ------------------------------------------------------------------------------


def _published(state: State, given: PublishResult, context: Context) -> ResultPublished:
    need(not state.published, "published", "检查结果已公示", "Published already")
    ending = happened_on(context, CheckEnded, FirmUnreachable, InspectionCancelled)
    not_before(ending, "检查结束之日", context)
    lead = context.actor
    if state.unreachable or (state.cancelled and was_drawn(state, None)):
        return ResultPublished(lead=lead)
    need(not state.cancelled, "cancelled", "检查已取消", "The inspection is cancelled")
    need(state.ended, "not-ended", "检查尚未结束", "The check has not ended")
    missing = tuple(unit for unit in state.units if state.found_by(unit) is None)
    late = all(_findings_overdue(unit, context) for unit in missing)
    names = units_called(missing, context)
    need(
        not missing or (late and given.override is not None),
        "findings-missing",
        f"{names}尚未记录检查结果；逾期仍未记录的，写明理由（override）先行公示",
        f"No findings yet of {', '.join(missing)}: once overdue, publish with a reason",
    )
    return ResultPublished(lead=lead, missing=missing, override=given.override if missing else None)


def _findings_overdue(unit: str, context: Context) -> bool:
    return any(
        task.due is not None and context.occurred.day > task.due.legal
        for task in context.fold.open_tasks()
        if task.slot == unit and task.rule.id.startswith("ins.findings")
    )


def _followed_up(state: State, given: PublishFollowUp, context: Context) -> FollowUpPublished:
    unit = context.actor
    order = state.numbered(unit, given.order)
    need(
        order is not None and bool(order.passed),
        "not-passed",
        "只公示本单位复查合格的责令",
        "Only what this unit ordered and found put right is published so",
    )
    once = (unit, given.order) not in state.followed_up
    need(once, "published", "复查结果已公示", "Published already")
    not_before(happened_on(context, Reinspected, unit=unit, order=given.order), "复查之日", context)
    return FollowUpPublished(unit=unit, order=given.order)


# --- Patrols -----------------------------------------------------------------------------------


def _patrolled(state: State, given: Patrol, context: Context) -> Patrolled:
    of_kind(state, ("patrol",))
    not_begun(state)
    applies = any(getattr(given, point) != "mark_na" for point in POINTS)
    need(applies, "nothing-applies", "六项不能都不适用", "At least one of the six points applies")
    problems = tuple(point for point in POINTS if getattr(given, point) == "mark_problem")
    zh = "有问题的须定回访日（revisit_by）"
    zh = zh if problems else "没有问题的不定回访日：回访日（revisit_by）须置空，更正的一并置空"
    need(
        bool(problems) == (given.revisit_by is not None),
        "revisit-day",
        zh,
        "A problem sets a day of revisit; where there is none, leave revisit_by empty",
        clause="43-3.TS.4",
    )
    day = given.revisit_by
    ahead = day is None or day > context.occurred.day
    need(ahead, "revisit-day", "回访日须在巡查之后", "The revisit comes after the patrol")
    most = int(context.reference.edition.policy("patrol-revisit-days-at-most"))
    need(
        day is None or (day - context.occurred.day).days <= most,
        "revisit-day",
        f"回访日不得晚于巡查后{most}日",
        f"The revisit comes within {most} days",
        clause="43-3.TS.4",
    )
    _after_opening(context)
    return Patrolled(unit=context.actor, problems=problems, **fields_of(given))


def _revisited(state: State, given: Revisit, actor: str) -> Revisited:
    open_points = set(state.problems or ())
    zh = "问题已移交主管部门，由其处理，不再回访"
    need(not state.escalated, "escalated", zh, "The bureaus have it: there is no revisit")
    fine = bool(open_points) and not state.revisited
    need(fine, "no-revisit", "没有待回访的问题", "There is nothing to revisit")
    beyond = set(given.remaining) - open_points
    need(not beyond, "not-found", "该项巡查时没有问题", "The patrol found no problem there")
    return Revisited(unit=actor, remaining=given.remaining)


def _escalated(state: State, given: Escalate, context: Context) -> Escalated:
    seen = state.revisited or given.grave
    fine = seen and bool(state.problems) and not state.escalated
    zh = "回访后仍未改正的才移交（有重大危险的可以立即移交），且只移交一次"
    not_before(happened_on(context, Patrolled, Revisited), "巡查或回访之日", context)
    need(fine, "not-escalated", zh, "Only what a revisit still found is handed over, once")
    points = state.problems or ()
    edition = context.reference.edition
    to = dict.fromkeys(str(edition.policy(f"patrol-{point}")) for point in points)
    return Escalated(
        unit=context.actor, points=points, to=tuple(to), note=given.note, grave=given.grave
    )


def _somebody_has(before: CaseFold, after: CaseFold) -> None:
    """After the hand-over no correction adds a problem that is handed to nobody: the township has
    no revisit left, and a bureau takes over only what is its own."""
    handed = [set(fact.event.points) for fact in after.facts_of(Escalated)]
    if not handed:
        return
    added = (_points_of(after) - _points_of(before)) | set(after.state.problems or ())
    loose = added - set().union(*handed) - set(before.state.problems or ())
    told = "、".join(POINTS[point] for point in POINTS if point in loose)
    need(
        not loose,
        "handed-over",
        f"问题已移交，更正不能加上没有移交的问题（{told}）；移交后新发现的问题另行巡查",
        "Handed over already: what was not handed over is for another patrol",
        clause="43-3.TS.4",
    )


def _points_of(fold: CaseFold) -> set[Point]:
    """What the patrol, as put right, found."""
    return {point for fact in fold.facts_of(Patrolled) for point in fact.event.problems}


CORRECTIONS = Correctable(
    supervisor="HB",
    commands={
        InspectionOpened: OpenInspection,
        VisitMade: MakeVisit,
        DeskChecked: ExamineOffSite,
        TownshipAssisted: AssistInspection,
        CheckEnded: EndInspection,
        FindingsRecorded: RecordFindings,
        CorrectionOrdered: OrderCorrection,
        OrderServed: ServeOrder,
        RectificationReported: ReportRectified,
        Reinspected: Reinspect,
        PenaltyFiled: FilePenalty,
        FilingDeclined: DeclineFiling,
        PenaltyDecided: DecidePenalty,
        FindingTakenUp: TakeUpFinding,
        ResultPublished: PublishResult,
        FollowUpPublished: PublishFollowUp,
        FirmUnreachable: RecordUnreachable,
        InspectionCancelled: CancelInspection,
        CancellationReviewed: ReviewCancellation,
        Patrolled: Patrol,
        Revisited: Revisit,
        Escalated: Escalate,
    },
    elsewhere={
        InspectionOpened: dict.fromkeys(("basis", "ground"), "取消检查后，另行确定检查"),
    },
    undone_by={
        InspectionOpened: lambda opened: "取消检查" if opened.officers else None,
        ActTaken: "行政处罚立案的更正",
        OfficerRecused: "执法人员回避",
        Escalated: "退回移交事项",
        TakenOver: "取消检查",
        TakeOverUndone: "接手移交事项",
    },
    bears=_somebody_has,
    keys=basis_keys,
)
