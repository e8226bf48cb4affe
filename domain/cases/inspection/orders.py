"""Inspection 监督检查 (INS): what follows a finding: referral, order, re-inspection, filing.

Only the bureau in power orders and punishes (policy `power-…`); what another unit found is
referred to it and taken up by it: one finding, two items 一次发现、两个事项.
"""

from __future__ import annotations

from datetime import timedelta

from domain.cases import plan as plans
from domain.cases.inspection.commands import (
    DecidePenalty,
    DeclineFiling,
    FilePenalty,
    OrderCorrection,
    RecordFindings,
    Reinspect,
    ReportRectified,
    ServeOrder,
    TakeUpFinding,
)
from domain.cases.inspection.events import (
    VIOLATIONS,
    ActTaken,
    CorrectionOrdered,
    FilingDeclined,
    FindingsRecorded,
    FindingTakenUp,
    OrderServed,
    PenaltyDecided,
    PenaltyFiled,
    RectificationReported,
    Reinspected,
    Violation,
)
from domain.cases.inspection.guards import (
    begun,
    fields_of,
    happened_on,
    has_power_over,
    in_power,
    least,
    not_before,
    takes_part,
    units_called,
)
from domain.cases.inspection.state import Ordered, State
from domain.cases.visits import ActDecided, ActFiled, file_of, holder_of
from domain.decider import Context, Decision, On, Refused, need
from domain.tasks import called


def found(state: State, given: RecordFindings, context: Context) -> FindingsRecorded:
    actor, edition = context.actor, context.reference.edition
    plans.has_power((actor,), edition)
    zh = f"由参加检查的单位（{units_called(state.units, context)}）办理"
    need(actor in state.units, "not-taking-part", zh, "Only a unit that takes part")
    begun(state)
    recorded = state.found_by(actor) is not None
    need(not recorded, "found", "本单位已记录检查结果", "Recorded already by this unit")
    not_before(state.checked_on, "检查之日", context)
    ordered = {v for order in state.orders_of(actor) for v in order.violations}
    zh = "检查结果须包括已责令改正的问题"
    left_out = ordered - set(given.violations)
    need(not left_out, "ordered-omitted", zh, "What was ordered must be among the findings")
    beyond = tuple(v for v in given.violations if actor not in in_power(v, edition))
    referred = tuple(v for v in beyond if not _known(state, v, in_power(v, edition)))
    return FindingsRecorded(
        unit=actor,
        beyond=beyond,
        referred=referred,
        referred_to=tuple(in_power(v, edition)[0] for v in referred),
        **fields_of(given),
    )


def _known(state: State, violation: Violation, units: tuple[str, ...]) -> bool:
    """Whether a bureau in power has found or ordered it itself, or has had it referred."""
    ordered = {(order.unit, v) for order in state.orders for v in order.violations}
    seen = {*ordered, *state.referred, *state.taken_up}
    return any(
        violation in (state.found_by(unit) or ()) or (unit, violation) in seen for unit in units
    )


def taken_up(state: State, given: TakeUpFinding, context: Context) -> FindingTakenUp:
    plans.has_power((context.actor,), context.reference.edition)
    need(bool(given.violations), "no-violation", "须写明接收的问题", "Name what is taken up")
    for violation in given.violations:
        need(
            (context.actor, violation) in state.referred,
            "not-referred",
            "该问题没有移送本单位，或已接收",
            "That was not referred to this unit, or is taken up already",
        )
    not_before(happened_on(context, FindingsRecorded), "移送之日", context)
    return FindingTakenUp(unit=context.actor, **fields_of(given))


def ordered(state: State, given: OrderCorrection, context: Context) -> CorrectionOrdered:
    takes_part(state, context)
    begun(state)
    actor = context.actor
    need(
        bool(given.violations), "no-violation", "须写明要改正的问题", "Name what is to be put right"
    )
    earlier = state.orders_of(actor)
    anew = set(given.violations) - {v for order in earlier for v in order.violations}
    again = set(given.violations) - anew - state.failed(actor)
    need(not again, "ordered", "其中有的本单位已责令改正", "This unit has ordered that already")
    known = {*(state.found_by(actor) or ()), *(v for u, v in state.taken_up if u == actor)}
    on_the_spot = actor in state.units and state.found_by(actor) is None
    beyond = anew - (set(given.violations) if on_the_spot else known)
    need(
        not beyond, "not-found", "责令改正的问题不在本单位检查结果中", "The unit did not find that"
    )
    has_power_over(given.violations, context)
    not_before(state.checked_on, "检查之日", context)
    if set(given.violations) - anew:
        not_before(happened_on(context, Reinspected, unit=actor), "复查之日", context)
    most = int(context.reference.edition.policy("inspection-order-days-at-most"))
    zh = f"改正期限应为一至{most}日"
    need(0 < given.days <= most, "days", zh, f"The order sets one to {most} days")
    served = given.served_on or context.occurred.day
    need(
        context.occurred.day <= served <= context.today,
        "served-on",
        "送达日应在责令之日与今日之间",
        "The order is served on its day or later, and not in the future",
    )
    until = served + timedelta(days=given.days)
    return CorrectionOrdered(unit=actor, until=until, order=len(earlier) + 1, **fields_of(given))


def served(state: State, given: ServeOrder, context: Context) -> OrderServed:
    actor = context.actor
    orders = range(1, 1 + len(state.orders_of(actor)))
    left = [number for number in orders if (actor, number) not in state.served]
    number = _numbered(state, actor, given.order, (left, "登记送达"), context)
    _order(state, actor, number, context)
    zh = "这份责令已登记送达；日期有误的请更正"
    need(number in left, "served", zh, "Its service is on record: correct the day instead")
    given_on = happened_on(context, CorrectionOrdered, unit=actor, order=number)
    not_before(given_on, "责令改正之日", context)
    said = (f.event for f in context.fold.facts_of(CorrectionOrdered))
    days = next(o.days for o in said if (o.unit, o.order) == (actor, number))
    day = context.occurred.day
    until = day + timedelta(days=days)
    return OrderServed(unit=actor, order=number, served_on=day, until=until)


def reported(state: State, given: ReportRectified, context: Context) -> RectificationReported:
    number = _numbered(state, given.unit, given.order, _running(state, given.unit), context)
    order = _order(state, given.unit, number, context)
    done = order.reported or order.passed is not None
    need(not done, "reported", "已报告或已复查", "Reported or re-inspected already")
    day = happened_on(context, CorrectionOrdered, unit=given.unit, order=number)
    not_before(day, "责令改正之日", context)
    return RectificationReported(unit=given.unit, note=given.note, order=number)


def reinspected(state: State, given: Reinspect, context: Context) -> Decision:
    actor = context.actor
    number = _numbered(state, actor, given.order, _running(state, actor), context)
    order = _order(state, actor, number, context)
    done = order.passed is not None
    need(not done, "reinspected", "已复查；不合格的依法立案或再次责令", "Re-inspected already")
    not_before(
        happened_on(context, CorrectionOrdered, unit=actor, order=number), "责令改正之日", context
    )
    last = context.reference.calendar.on_or_after(order.until)
    need(
        order.reported or context.occurred.day > last,
        "too-early",
        f"改正期限至{last}，用人单位也未报告改正，不到复查时",
        f"The order runs until {last} and the firm has not reported",
        clause="apl-28",
    )
    if context.occurred.day <= last:
        report = happened_on(context, RectificationReported, unit=actor, order=number)
        not_before(report, "报告改正之日", context)
    plans.enough_officers(given.officers, (actor,), least(context), context.reference.edition)
    other = [officer for officer in given.officers if officer.unit != actor]
    need(not other, "other-unit", "复查人员须为本单位执法人员", "An officer of another unit")
    gone = [officer for officer in given.officers if officer.licence in state.recused]
    need(not gone, "recused", "已回避的人员不得参加", "A recused officer", clause="apl-43")
    beyond = set(given.remaining) - set(order.violations)
    need(not beyond, "not-ordered", "未改正的问题不在责令范围内", "That was not in the order")
    made = Reinspected(
        unit=actor, passed=not given.remaining, order=number, **fields_of(given, "order")
    )
    return (made, *_held_elsewhere(state, given, context))


def _held_elsewhere(state: State, given: Reinspect, context: Context) -> Decision:
    """Of what is left, what another unit has filed already: this one owes no filing of it."""
    if state.opened is None or state.checked_on is None or not given.remaining:
        return ()
    file = context.cases[file_of(state.opened.employer)].state
    freed = _freed(context)
    held = ((v, holder_of(file, v, state.checked_on, freed)) for v in given.remaining)
    return tuple(
        FilingDeclined(
            unit=context.actor,
            violations=(v,),
            ground="act_held",
            note=f"已由{called(first.unit, context.reference)}立案",
        )
        for v, first in held
        if first is not None and first.unit != context.actor
    )


def _freed(context: Context) -> tuple[str, ...]:
    """The outcomes after which an act is another unit's to file."""
    return tuple(context.reference.edition.policy("inspection-outcomes-freeing-act"))


def filed(state: State, given: FilePenalty, context: Context) -> Decision:
    takes_part(state, context)
    begun(state)
    assert state.opened is not None
    assert state.checked_on is not None
    actor, act = context.actor, given.violation
    known = {*(state.found_by(actor) or ()), *(v for u, v in state.taken_up if u == actor)}
    known |= {v for order in state.orders_of(actor) for v in order.violations}
    need(act in known, "not-found", "本单位没有查明该行为", "This unit did not find that act")
    file = file_of(state.opened.employer)
    first = holder_of(context.cases[file].state, act, state.checked_on, _freed(context))
    if first is not None:
        by = called(first.unit, context.reference)
        zh = f"“{VIOLATIONS[act]}”已由{by}立案：同一行为由先立案的管辖，不得再罚款"
        en = f"{first.unit} has filed {act}: one act is fined once"
        raise Refused("one-act", zh, en, clause="apl-29")
    has_power_over((act,), context)
    needs_order = act in context.reference.edition.policy("inspection-order-before-penalty")
    need(
        not needs_order or act in state.failed(actor),
        "order-first",
        "该行为须先责令改正、逾期不改的才予处罚",
        "This act is punished only where an order was not carried out",
        clause="apl-28",
    )
    not_before(state.checked_on, "检查之日", context)
    not_before(happened_on(context, FindingsRecorded, unit=actor), "检查结果之日", context)
    if act in state.failed(actor):
        not_before(happened_on(context, Reinspected, unit=actor), "复查之日", context)
    entry = ActFiled(
        employer=state.opened.employer,
        unit=actor,
        violation=act,
        inspection=context.case,
        on=context.occurred.day,
    )
    others = dict.fromkeys(o.unit for o in state.orders if o.unit != actor and act in o.remaining)
    taken = (ActTaken(unit=unit, violation=act, by=actor) for unit in others)
    return (PenaltyFiled(unit=actor, violation=act), *taken, On(file, entry))


def declined(state: State, given: DeclineFiling, context: Context) -> FilingDeclined:
    actor = context.actor
    plans.has_power((actor,), context.reference.edition)
    left = state.to_file(actor)
    need(
        bool(given.violations) and set(given.violations) <= left,
        "nothing-to-file",
        "只对本单位复查不合格、尚未立案的行为决定不予立案",
        "Only what this unit's re-inspection left and nobody filed is declined",
        clause="43-2.3.k",
    )
    not_before(happened_on(context, Reinspected, unit=actor), "复查之日", context)
    return FilingDeclined(unit=actor, **fields_of(given))


def decided(state: State, given: DecidePenalty, context: Context) -> Decision:
    actor, act = context.actor, given.violation
    plans.has_power((actor,), context.reference.edition)
    assert state.opened is not None
    need(
        (actor, act) in state.filed,
        "not-filed",
        "由立案的单位登记处理结果；本单位没有就该行为立案",
        "Only the unit that filed the act records its outcome",
        clause="apl-60",
    )
    done = (actor, act) in state.decided
    need(not done, "decided", "已登记处理结果；有误的请更正", "Its outcome is recorded already")
    filing = happened_on(context, PenaltyFiled, unit=actor, violation=act)
    not_before(filing, "立案之日", context)
    day = context.occurred.day
    said = PenaltyDecided(
        unit=actor, on=day, matter=_matter(actor, act, context), **fields_of(given)
    )
    entry = ActDecided(
        employer=state.opened.employer,
        unit=actor,
        violation=act,
        inspection=context.case,
        outcome=given.outcome,
        on=day,
    )
    return (said, On(file_of(state.opened.employer), entry))


def _matter(unit: str, act: Violation, context: Context) -> str:
    """How the duty that the filing opened is told apart: by the act, in older editions by unit."""
    versions = {
        fact.envelope.version
        for fact in context.fold.facts_of(PenaltyFiled)
        if fact.event == PenaltyFiled(unit=unit, violation=act)
    }
    slots = (
        task.slot
        for task in context.fold.open_under("ins.penalty")
        if task.opened.version in versions
    )
    return next(slots, act)


def _running(state: State, unit: str) -> tuple[list[int], str]:
    """The orders of a unit that are still to be re-inspected."""
    return [n for n, order in enumerate(state.orders_of(unit), 1) if order.passed is None], "复查"


def _numbered(
    state: State, unit: str, number: int | None, left: tuple[list[int], str], context: Context
) -> int:
    """The order that is meant: the one named, else the only one left to act on, else the last."""
    if number is not None:
        return number
    running, what = left
    told = "、".join(map(str, running))
    need(
        len(running) < 2,
        "which-order",
        f"{called(unit, context.reference)}有{len(running)}份责令尚未{what}，"
        f"请写明第几份（order：{told}）",
        f"{unit} has {len(running)} such orders: say which",
    )
    return running[0] if running else max(1, len(state.orders_of(unit)))


def _order(state: State, unit: str, number: int, context: Context) -> Ordered:
    order = state.numbered(unit, number)
    if order is None:
        name = called(unit, context.reference)
        zh = f"{name}没有责令改正" if number == 1 else f"{name}没有第{number}份责令"
        raise Refused("not-ordered", zh, f"{unit} has given no such order", clause="apl-28")
    return order
