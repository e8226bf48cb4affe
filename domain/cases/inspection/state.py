"""Inspection 监督检查 (INS): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from domain.cases.inspection.events import (
    ActTaken,
    CancellationReviewed,
    CheckEnded,
    CorrectionOrdered,
    DeskChecked,
    Escalated,
    Event,
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
    Violation,
    VisitMade,
)
from domain.cases.plan import Officer
from domain.cases.visits import file_of

ON_SITE = ("random", "targeted", "joint", "special")


@dataclass(frozen=True)
class Ordered:
    """An order of one unit and what became of it."""

    unit: str
    violations: tuple[Violation, ...]
    until: date
    reported: bool = False
    passed: bool | None = None  # by re-inspection
    remaining: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class State:
    opened: InspectionOpened | None = None
    officers: tuple[Officer, ...] = ()  # as drawn, after recusals
    recused: tuple[str, ...] = ()
    checked_on: date | None = None  # the day of the visit or the desk check
    ended: bool = False
    assisted: bool = False
    found: tuple[tuple[str, tuple[Violation, ...]], ...] = ()  # unit -> what it found
    orders: tuple[Ordered, ...] = ()
    filed: tuple[tuple[str, Violation], ...] = ()
    published: bool = False
    unreachable: bool = False
    cancelled: bool = False
    problems: tuple[Point, ...] | None = None  # of the patrol; None: not yet patrolled
    revisited: bool = False
    escalated: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()
    beyond: tuple[tuple[str, Violation], ...] = ()  # found by a unit without power over it
    referred: tuple[tuple[str, Violation], ...] = ()  # bureau in power -> not yet taken up
    taken_up: tuple[tuple[str, Violation], ...] = ()  # by the bureau in power, to be ordered here
    declined: tuple[tuple[str, Violation], ...] = ()  # not filed, for a reason
    decided: tuple[tuple[str, Violation], ...] = ()  # penalty cases that have their outcome
    followed_up: tuple[tuple[str, int], ...] = ()  # orders put right, and published as such
    served: tuple[tuple[str, int], ...] = ()  # orders whose service was recorded by itself

    def order_of(self, unit: str) -> Ordered | None:
        """The first order of a unit."""
        return self.numbered(unit, 1)

    def numbered(self, unit: str, number: int) -> Ordered | None:
        """The n-th order of a unit, counted from one."""
        orders = self.orders_of(unit)
        return orders[number - 1] if 0 < number <= len(orders) else None

    def orders_of(self, unit: str) -> tuple[Ordered, ...]:
        return tuple(order for order in self.orders if order.unit == unit)

    def to_order(self, unit: str) -> set[Violation]:
        """What a unit found or took up, has power over, and has in no order of its own yet."""
        known = {*(self.found_by(unit) or ()), *_of(self.taken_up, unit)}
        ordered = {v for order in self.orders_of(unit) for v in order.violations}
        return known - _of(self.beyond, unit) - ordered

    def failed(self, unit: str) -> set[Violation]:
        """What re-inspections of a unit found still wrong, and no later order of its own took."""
        left: set[Violation] = set()
        for order in self.orders_of(unit):
            left = (left - set(order.violations)) | set(order.remaining)
        return left

    def to_file(self, unit: str) -> set[Violation]:
        """What a unit's failed re-inspections left that nobody filed or declined to file."""
        filed = {violation for _, violation in self.filed}
        return self.failed(unit) - filed - _of(self.declined, unit)

    def found_by(self, unit: str) -> tuple[Violation, ...] | None:
        """What a unit found; None while it has not recorded its findings."""
        return dict(self.found).get(unit)

    @property
    def settled(self) -> bool:
        """Nothing of the inspection waits for anybody any longer."""
        units = {*self.units, *(unit for unit, _ in self.taken_up)}
        orders = [(u, n, o) for u in units for n, o in enumerate(self.orders_of(u), 1)]
        return (
            self.published
            and all(self.found_by(unit) is not None for unit in self.units)
            and not self.referred
            and all(not self.to_order(unit) and not self.to_file(unit) for unit in units)
            and all(o.passed is not None for _, _, o in orders)
            and all((u, n) in self.followed_up for u, n, o in orders if o.passed)
            and set(self.filed) <= set(self.decided)
        )

    @property
    def units(self) -> tuple[str, ...]:
        return self.opened.units if self.opened else ()


def evolve(state: State, event: Event) -> State:
    match event:
        case InspectionOpened():
            return replace(state, opened=event, officers=event.officers)
        case OfficerRecused():
            left = tuple(o for o in state.officers if o.licence != event.licence)
            team = (*left, Officer(event.unit, event.next)) if event.next else left
            return replace(state, officers=team, recused=(*state.recused, event.licence))
        case VisitMade() | DeskChecked():
            return replace(state, checked_on=event.on)
        case TownshipAssisted():
            return replace(state, assisted=True)
        case CheckEnded():
            return replace(state, ended=True)
        case FindingsRecorded():
            beyond = tuple((event.unit, v) for v in event.beyond)
            referred = tuple(zip(event.referred_to, event.referred, strict=False))
            return replace(
                state,
                found=(*state.found, (event.unit, event.violations)),
                beyond=(*state.beyond, *beyond),
                referred=(*state.referred, *referred),
            )
        case CorrectionOrdered():
            order = Ordered(event.unit, event.violations, event.until)
            return replace(state, orders=(*state.orders, order))
        case OrderServed():
            served = (*state.served, (event.unit, event.order))
            state = replace(state, served=served)
            return _order(state, event.unit, event.order, until=event.until)
        case RectificationReported():
            return _order(state, event.unit, event.order, reported=True)
        case Reinspected():
            result = {"passed": event.passed, "remaining": event.remaining}
            return _order(state, event.unit, event.order, **result)
        case PenaltyFiled():
            return replace(state, filed=(*state.filed, (event.unit, event.violation)))
        case ActTaken():
            return state
        case FilingDeclined():
            declined = tuple((event.unit, v) for v in event.violations)
            return replace(state, declined=(*state.declined, *declined))
        case PenaltyDecided():
            return replace(state, decided=(*state.decided, (event.unit, event.violation)))
        case FindingTakenUp():
            pairs = tuple((event.unit, v) for v in event.violations)
            waiting = tuple(pair for pair in state.referred if pair not in pairs)
            taken = pairs if event.measure == "take_order" else ()
            return replace(state, referred=waiting, taken_up=(*state.taken_up, *taken))
        case ResultPublished():
            return replace(state, published=True)
        case FollowUpPublished():
            followed = (*state.followed_up, (event.unit, event.order))
            return replace(state, followed_up=followed)
        case FirmUnreachable():
            return replace(state, unreachable=True)
        case InspectionCancelled():
            return replace(state, cancelled=True)
        case CancellationReviewed():
            return state
        case Patrolled():
            return replace(state, problems=event.problems)
        case Revisited():
            # Where the patrol is put right, what was no problem was not left by it either.
            still = tuple(point for point in event.remaining if point in (state.problems or ()))
            return replace(state, problems=still, revisited=True)
        case Escalated():
            return replace(state, escalated=event.to if state.problems else ())
        case TakenOver():
            return replace(state, taken_over=(*state.taken_over, event.unit))
        case TakeOverUndone():
            left_over = tuple(unit for unit in state.taken_over if unit != event.unit)
            return replace(state, taken_over=left_over)
        case _:
            assert_never(event)


def _order(state: State, unit: str, number: int, **changes: Any) -> State:
    meant = state.numbered(unit, number)
    orders = (replace(o, **changes) if o is meant else o for o in state.orders)
    return replace(state, orders=tuple(orders))


def _of(pairs: Iterable[tuple[str, Violation]], unit: str) -> set[Violation]:
    return {violation for one, violation in pairs if one == unit}


# --- Conditions, named in rules ----------------------------------------------------------------


def on_site(state: State, event: Any) -> bool:
    """An inspection in the firm, with power of enforcement."""
    return state.opened is not None and state.opened.kind in ON_SITE


def off_site(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "off_site"


def is_random(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "random"


def is_joint(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "joint"


def is_single(state: State, event: Any) -> bool:
    """One unit inspects alone."""
    return not is_joint(state, event)


def is_special(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "special"


def is_targeted(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "targeted"


def put_right(state: State, event: Any) -> bool:
    """The re-inspection found everything put right."""
    return bool(getattr(event, "passed", False))


def is_patrol(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "patrol"


def to_be_ordered(state: State, event: Any) -> bool:
    """What the unit found is not all in an order of its own yet."""
    order = state.order_of(getattr(event, "unit", ""))
    return bool(set(getattr(event, "violations", ())) - set(order.violations if order else ()))


def to_be_filed(state: State, event: Any) -> bool:
    """The re-inspection left something that nobody has filed."""
    return bool(set(getattr(event, "remaining", ())) - _acts_filed(state))


def all_filed(state: State, event: Any) -> bool:
    """Of what the unit's failed re-inspection left, everything is filed, by whomever."""
    order = state.order_of(getattr(event, "unit", ""))
    return order is None or set(order.remaining) <= _acts_filed(state)


def left_to_order(state: State, event: Any) -> bool:
    """The unit has something to order that is in no order of its own yet."""
    return bool(state.to_order(getattr(event, "unit", "")))


def all_ordered(state: State, event: Any) -> bool:
    """Control of `left_to_order`: everything the unit has to order is in an order of its own."""
    return not left_to_order(state, event)


def first_order(state: State, event: Any) -> bool:
    return getattr(event, "order", 1) == 1


def further_order(state: State, event: Any) -> bool:
    """A later order of a unit that has given one before."""
    return not first_order(state, event)


def left_to_file(state: State, event: Any) -> bool:
    """The re-inspection left what nobody filed, and no reason says why it is not."""
    return bool(set(getattr(event, "remaining", ())) & state.to_file(getattr(event, "unit", "")))


def all_dealt_with(state: State, event: Any) -> bool:
    """All the unit's re-inspections left is filed by whomever, declined, or ordered again."""
    return not state.to_file(getattr(event, "unit", ""))


def taken_up(state: State, event: Any) -> bool:
    """Nothing that was referred to the unit waits any longer."""
    return not _of(state.referred, getattr(event, "unit", ""))


def was_drawn(state: State, event: Any) -> bool:
    """The firm was drawn: whoever lets it go answers for it."""
    return state.opened is not None and bool(state.opened.officers)


def _acts_filed(state: State) -> set[Violation]:
    return {violation for _, violation in state.filed}


def has_problems(state: State, event: Any) -> bool:
    """The patrol or the revisit left something to put right."""
    return bool(getattr(event, "problems", ()) or getattr(event, "remaining", ()))


def problems_left(state: State, event: Any) -> bool:
    """Patrol and revisit, as put right by now, leave something to hand over."""
    return bool(state.problems)


def links(state: State) -> tuple[str, ...]:
    """What it rests on, and the firm's file of visits it reads and writes."""
    if state.opened is None:
        return ()
    basis = (state.opened.basis,) if state.opened.basis else ()
    return (*basis, file_of(state.opened.employer))


def parties(state: State) -> dict[str, str]:
    if state.opened is None:
        return {}
    told = state.opened
    return {"lead": told.lead, "employer": told.employer, "township": told.township}


def status(state: State) -> str:
    match state:
        case State(cancelled=True):
            return "已取消"
        case State(unreachable=True):
            return "无法联系"
        case State(settled=True):
            return "已办结"
        case State(escalated=to, taken_over=taken) if to and set(to) <= set(taken):
            return "已接手"
        case State(escalated=to) if to:
            return "已移交"
        case State(problems=problems) if problems is not None:
            if not problems:
                return "已办结"
            return "已巡查" if state.revisited else "待回访"
        case State(filed=filed) if filed:
            return "已立案"
        case State(orders=orders) if orders:
            return _rectification(orders)
        case State(published=True):
            return "已公示"
        case State(ended=True):
            return "检查结束"
        case State(checked_on=day) if day:
            return "检查中"
        case _:
            return "待检查"


def _rectification(orders: tuple[Ordered, ...]) -> str:
    if any(order.passed is False for order in orders):
        return "复查不合格"
    return "已改正" if all(order.passed for order in orders) else "责令改正中"
