"""Inspection 监督检查 (INS): what each command admits, refuses and brings about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, assert_never

from domain.cases import plan as plans
from domain.cases.inspection.commands import (
    AssistInspection,
    CancelInspection,
    Command,
    EndInspection,
    Escalate,
    ExamineOffSite,
    FilePenalty,
    MakeVisit,
    OpenInspection,
    OrderCorrection,
    Patrol,
    PublishResult,
    RecordFindings,
    RecordUnreachable,
    RecuseOfficer,
    Reinspect,
    ReportRectified,
    Revisit,
)
from domain.cases.inspection.events import (
    POINTS,
    ActTaken,
    CheckEnded,
    CorrectionOrdered,
    DeskChecked,
    Escalated,
    FindingsRecorded,
    FirmUnreachable,
    InspectionCancelled,
    InspectionOpened,
    OfficerRecused,
    Patrolled,
    PenaltyFiled,
    RectificationReported,
    Reinspected,
    ResultPublished,
    Revisited,
    TakenOver,
    TownshipAssisted,
    VisitMade,
)
from domain.cases.inspection.opening import opened
from domain.cases.inspection.state import ON_SITE, Ordered, State
from domain.cases.plan import Officer
from domain.cases.visits import ActFiled, VisitCounted, file_of, holder_of, times
from domain.cases.visits import State as Visits
from domain.decider import Context, Correctable, Decision, On, Refused, need


def decide(state: State, given: Command, context: Context) -> Decision:
    if isinstance(given, OpenInspection):
        return opened(given, context)
    need(not state.cancelled, "cancelled", "检查已取消", "The inspection is cancelled")
    actor = context.actor
    match given:
        case RecuseOfficer():
            return _recused(state, given, context)
        case MakeVisit():
            return _visited(state, given, context)
        case ExamineOffSite():
            _kind(state, ("off_site",))
            _not_begun(state)
            _present(given.officers, state.units, state, context)
            day = context.occurred.day
            return (DeskChecked(units=state.units, on=day, **_fields(given)),)
        case AssistInspection():
            _kind(state, ON_SITE)
            need(not state.assisted, "assisted", "已记录协助情况", "Recorded already")
            return (TownshipAssisted(unit=actor, note=given.note),)
        case EndInspection():
            _begun(state)
            need(not state.ended, "ended", "检查已结束", "It has ended already")
            return (CheckEnded(lead=actor),)
        case RecordFindings():
            return (_found(state, given, context),)
        case OrderCorrection():
            return (_ordered(state, given, context),)
        case ReportRectified():
            order = _order(state, given.unit)
            done = order.reported or order.passed is not None
            need(not done, "reported", "已报告或已复查", "Reported or re-inspected already")
            return (RectificationReported(unit=given.unit, note=given.note),)
        case Reinspect():
            return (_reinspected(state, given, context),)
        case FilePenalty():
            return _filed(state, given, context)
        case PublishResult():
            _publishable(state)
            return (ResultPublished(lead=actor),)
        case RecordUnreachable():
            _kind(state, (*ON_SITE, "patrol"))
            _not_begun(state)
            return (FirmUnreachable(lead=actor, note=given.note),)
        case CancelInspection():
            _not_begun(state)
            return (InspectionCancelled(reason=given.reason),)
        case Patrol():
            return (_patrolled(state, given, context),)
        case Revisit():
            return (_revisited(state, given, actor),)
        case Escalate():
            return (_escalated(state, given, context),)
        case _:
            assert_never(given)


# --- Officers and the visit --------------------------------------------------------------------


def _recused(state: State, given: RecuseOfficer, context: Context) -> Decision:
    _not_begun(state)
    out = next((o for o in state.officers if o.licence == given.licence), None)
    if out is None or state.opened is None or state.opened.basis is None:
        zh = "该执法人员不在本次抽取之列"
        raise Refused("not-assigned", zh, "This officer was not drawn for it", clause="apl-43")
    need(
        context.actor in (out.unit, state.opened.lead),
        "wrong-actor",
        "由执法人员所在单位或牵头单位决定回避",
        "For the officer's unit or the lead to decide",
    )
    drawn: plans.State = context.cases[state.opened.basis].state
    assert drawn.plan is not None
    assert drawn.seed is not None
    least = _least(context)
    gone = (*state.recused, given.licence)
    team = plans.officers(drawn.plan, drawn.seed, state.opened.employer, least, gone)
    plans.enough_officers(team, (out.unit,), least)
    [following] = [o for o in team if o.unit == out.unit and o not in state.officers]
    return (
        OfficerRecused(
            unit=out.unit, licence=given.licence, reason=given.reason, next=following.licence
        ),
    )


def _visited(state: State, given: MakeVisit, context: Context) -> Decision:
    _kind(state, ON_SITE)
    _not_begun(state)
    assert state.opened is not None
    _present(given.officers, state.units, state, context)
    need(
        given.licences_shown,
        "licence",
        "执法人员应当主动出示执法证件",
        "The officers must show their licences",
        clause="apl-55",
    )
    day, file = context.occurred.day, file_of(state.opened.employer)
    counted = _counts(state, context)
    over = _over_limit(context.cases[file].state, state.units, day, context) if counted else None
    need(
        over is None or given.override is not None,
        "visit-limit",
        f"{over}本年度入企检查已达上限；确有必要的，写明理由（override）",
        f"{over} reached this year's limit of visits here: give a reason to go beyond it",
        clause="inspect-54",
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
    return (made, On(file, entry))


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
    plans.enough_officers(present, units, _least(context))
    foreign = [o.unit for o in present if o.unit not in units]
    need(not foreign, "other-unit", "到场人员不属参加检查的单位", "An officer of another unit")
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


def _least(context: Context) -> int:
    return int(context.reference.edition.policy("inspection-officers-at-least"))


# --- Findings, order, re-inspection, filing ----------------------------------------------------


def _found(state: State, given: RecordFindings, context: Context) -> FindingsRecorded:
    _takes_part(state, context)
    _begun(state)
    recorded = state.found_by(context.actor) is not None
    need(not recorded, "found", "本单位已记录检查结果", "Recorded already by this unit")
    order = state.order_of(context.actor)
    left_out = set(order.violations if order else ()) - set(given.violations)
    zh = "检查结果须包括已责令改正的问题"
    need(not left_out, "ordered-omitted", zh, "What was ordered must be among the findings")
    return FindingsRecorded(unit=context.actor, **_fields(given))


def _ordered(state: State, given: OrderCorrection, context: Context) -> CorrectionOrdered:
    _takes_part(state, context)
    _begun(state)
    actor = context.actor
    need(
        bool(given.violations), "no-violation", "须写明要改正的问题", "Name what is to be put right"
    )
    again = state.order_of(actor) is not None
    need(not again, "ordered", "本单位已责令改正", "This unit has ordered already")
    found = state.found_by(actor)
    beyond = set(given.violations) - set(given.violations if found is None else found)
    need(
        not beyond, "not-found", "责令改正的问题不在本单位检查结果中", "The unit did not find that"
    )
    need(given.days > 0, "days", "改正期限至少一日", "The order sets at least one day")
    until = context.occurred.day + timedelta(days=given.days)
    return CorrectionOrdered(unit=actor, until=until, **_fields(given))


def _reinspected(state: State, given: Reinspect, context: Context) -> Reinspected:
    order = _order(state, context.actor)
    done = order.passed is not None
    need(not done, "reinspected", "已复查；不合格的依法立案", "Re-inspected already")
    last = context.reference.calendar.on_or_after(order.until)
    need(
        order.reported or context.occurred.day > last,
        "too-early",
        f"改正期限至{last}，用人单位也未报告改正，不到复查时",
        f"The order runs until {last} and the firm has not reported",
        clause="apl-28",
    )
    plans.enough_officers(given.officers, (context.actor,), _least(context))
    beyond = set(given.remaining) - set(order.violations)
    need(not beyond, "not-ordered", "未改正的问题不在责令范围内", "That was not in the order")
    return Reinspected(unit=context.actor, passed=not given.remaining, **_fields(given))


def _filed(state: State, given: FilePenalty, context: Context) -> Decision:
    _takes_part(state, context)
    assert state.opened is not None
    actor, act = context.actor, given.violation
    order = state.order_of(actor)
    known = {*(state.found_by(actor) or ()), *(order.violations if order else ())}
    need(act in known, "not-found", "本单位没有查明该行为", "This unit did not find that act")
    file = file_of(state.opened.employer)
    assert state.checked_on is not None
    first = holder_of(context.cases[file].state, act, state.checked_on)
    need(
        first is None,
        "one-act",
        f"同一行为已由{first.unit if first else ''}立案：先立案的管辖，不得再罚款",
        f"{first.unit if first else ''} has filed this act: one act is fined once",
        clause="apl-29",
    )
    needs_order = act in context.reference.edition.policy("inspection-order-before-penalty")
    need(
        not needs_order or (order is not None and act in order.remaining),
        "order-first",
        "该行为须先责令改正、逾期不改的才予处罚",
        "This act is punished only where an order was not carried out",
        clause="apl-28",
    )
    entry = ActFiled(
        employer=state.opened.employer,
        unit=actor,
        violation=act,
        inspection=context.case,
        on=context.occurred.day,
    )
    others = (o.unit for o in state.orders if o.unit != actor and act in o.remaining)
    taken = (ActTaken(unit=unit, violation=act, by=actor) for unit in others)
    return (PenaltyFiled(unit=actor, violation=act), *taken, On(file, entry))


def _publishable(state: State) -> None:
    need(not state.published, "published", "检查结果已公示", "Published already")
    if state.unreachable:
        return
    need(state.ended, "not-ended", "检查尚未结束", "The check has not ended")
    missing = [unit for unit in state.units if state.found_by(unit) is None]
    zh = f"{'、'.join(missing)}尚未记录检查结果"
    need(not missing, "findings-missing", zh, f"No findings yet of {', '.join(missing)}")


# --- Patrols -----------------------------------------------------------------------------------


def _patrolled(state: State, given: Patrol, context: Context) -> Patrolled:
    _kind(state, ("patrol",))
    _not_begun(state)
    problems = tuple(point for point in POINTS if getattr(given, point) == "mark_problem")
    need(
        bool(problems) == (given.revisit_by is not None),
        "revisit-day",
        "有问题的须定回访日，没有问题的不定",
        "A problem sets a day of revisit, and nothing else does",
        clause="43-3.TS.4",
    )
    day = given.revisit_by
    ahead = day is None or day > context.occurred.day
    need(ahead, "revisit-day", "回访日须在巡查之后", "The revisit comes after the patrol")
    return Patrolled(unit=context.actor, problems=problems, **_fields(given))


def _revisited(state: State, given: Revisit, actor: str) -> Revisited:
    open_points = set(state.problems or ())
    fine = bool(open_points) and not state.revisited
    need(fine, "no-revisit", "没有待回访的问题", "There is nothing to revisit")
    beyond = set(given.remaining) - open_points
    need(not beyond, "not-found", "该项巡查时没有问题", "The patrol found no problem there")
    return Revisited(unit=actor, remaining=given.remaining)


def _escalated(state: State, given: Escalate, context: Context) -> Escalated:
    fine = state.revisited and bool(state.problems) and not state.escalated
    zh = "回访后仍未改正的才移交，且只移交一次"
    need(fine, "not-escalated", zh, "Only what a revisit still found is handed over, once")
    points = state.problems or ()
    edition = context.reference.edition
    to = dict.fromkeys(str(edition.policy(f"patrol-{point}")) for point in points)
    return Escalated(unit=context.actor, points=points, to=tuple(to), note=given.note)


# --- Guards several share ----------------------------------------------------------------------


def _takes_part(state: State, context: Context) -> None:
    """A unit with power of enforcement that takes part; a township never orders (APL 24)."""
    plans.has_power((context.actor,), context.reference.edition)
    zh = f"由参加检查的单位（{'、'.join(state.units)}）办理"
    need(context.actor in state.units, "not-taking-part", zh, "Only a unit that takes part")


def _kind(state: State, kinds: tuple[str, ...]) -> None:
    fits = state.opened is not None and state.opened.kind in kinds
    need(fits, "other-kind", "这种检查没有此项操作", "This kind of inspection has no such step")


def _not_begun(state: State) -> None:
    begun = state.checked_on is not None or state.problems is not None or state.unreachable
    need(not begun, "begun", "检查已经进行", "The inspection has taken place already")


def _begun(state: State) -> None:
    zh = "尚未检查：先记录入企检查或非现场检查"
    need(state.checked_on is not None, "not-begun", zh, "Nothing was inspected yet")


def _order(state: State, unit: str) -> Ordered:
    order = state.order_of(unit)
    if order is None:
        zh = f"{unit}没有责令改正"
        raise Refused("not-ordered", zh, f"{unit} has given no order", clause="apl-28")
    return order


def _fields(given: object) -> dict[str, Any]:
    return dict(vars(given))


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
        RectificationReported: ReportRectified,
        Reinspected: Reinspect,
        PenaltyFiled: FilePenalty,
        ResultPublished: PublishResult,
        FirmUnreachable: RecordUnreachable,
        InspectionCancelled: CancelInspection,
        Patrolled: Patrol,
        Revisited: Revisit,
    },
    undone_by={
        ActTaken: "行政处罚立案的更正",
        OfficerRecused: "执法人员回避",
        Escalated: "退回移交事项",
        TakenOver: "取消检查",
    },
)
