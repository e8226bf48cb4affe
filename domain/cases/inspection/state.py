"""Inspection 监督检查 (INS): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from domain.cases.inspection.events import (
    ActTaken,
    CheckEnded,
    CorrectionOrdered,
    DeskChecked,
    Escalated,
    Event,
    FindingsRecorded,
    FirmUnreachable,
    InspectionCancelled,
    InspectionOpened,
    OfficerRecused,
    Patrolled,
    PenaltyFiled,
    Point,
    RectificationReported,
    Reinspected,
    ResultPublished,
    Revisited,
    TakenOver,
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

    def order_of(self, unit: str) -> Ordered | None:
        return next((order for order in self.orders if order.unit == unit), None)

    def found_by(self, unit: str) -> tuple[Violation, ...] | None:
        """What a unit found; None while it has not recorded its findings."""
        return dict(self.found).get(unit)

    @property
    def units(self) -> tuple[str, ...]:
        return self.opened.units if self.opened else ()


def evolve(state: State, event: Event) -> State:
    match event:
        case InspectionOpened():
            return replace(state, opened=event, officers=event.officers)
        case OfficerRecused():
            left = tuple(o for o in state.officers if o.licence != event.licence)
            team = (*left, Officer(event.unit, event.next))
            return replace(state, officers=team, recused=(*state.recused, event.licence))
        case VisitMade() | DeskChecked():
            return replace(state, checked_on=event.on)
        case TownshipAssisted():
            return replace(state, assisted=True)
        case CheckEnded():
            return replace(state, ended=True)
        case FindingsRecorded():
            return replace(state, found=(*state.found, (event.unit, event.violations)))
        case CorrectionOrdered():
            order = Ordered(event.unit, event.violations, event.until)
            return replace(state, orders=(*state.orders, order))
        case RectificationReported():
            return _order(state, event.unit, reported=True)
        case Reinspected():
            return _order(state, event.unit, passed=event.passed, remaining=event.remaining)
        case PenaltyFiled():
            return replace(state, filed=(*state.filed, (event.unit, event.violation)))
        case ActTaken():
            return state
        case ResultPublished():
            return replace(state, published=True)
        case FirmUnreachable():
            return replace(state, unreachable=True)
        case InspectionCancelled():
            return replace(state, cancelled=True)
        case Patrolled():
            return replace(state, problems=event.problems)
        case Revisited():
            return replace(state, problems=event.remaining, revisited=True)
        case Escalated():
            return replace(state, escalated=event.to)
        case TakenOver():
            return replace(state, taken_over=(*state.taken_over, event.unit))
        case _:
            assert_never(event)


def _order(state: State, unit: str, **changes: Any) -> State:
    orders = (replace(o, **changes) if o.unit == unit else o for o in state.orders)
    return replace(state, orders=tuple(orders))


# --- Conditions, named in rules ----------------------------------------------------------------


def on_site(state: State, event: Any) -> bool:
    """An inspection in the firm, with power of enforcement."""
    return state.opened is not None and state.opened.kind in ON_SITE


def off_site(state: State, event: Any) -> bool:
    return state.opened is not None and state.opened.kind == "off_site"


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


def _acts_filed(state: State) -> set[Violation]:
    return {violation for _, violation in state.filed}


def has_problems(state: State, event: Any) -> bool:
    """The patrol or the revisit left something to put right."""
    return bool(getattr(event, "problems", ()) or getattr(event, "remaining", ()))


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
        case State(escalated=to) if to:
            return "已移交"
        case State(problems=problems) if problems is not None:
            return "待回访" if problems and not state.revisited else "已巡查"
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
