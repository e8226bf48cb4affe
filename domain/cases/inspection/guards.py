"""Inspection 监督检查 (INS): the guards that several of its decisions share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.cases import plan as plans
from domain.cases.inspection.events import Violation
from domain.cases.inspection.state import State
from domain.decider import Context, need
from domain.rules import Edition
from domain.tasks import called


def takes_part(state: State, context: Context) -> None:
    """A unit with power of enforcement that takes part; a township never orders (APL 24)."""
    plans.has_power((context.actor,), context.reference.edition)
    zh = f"由参加检查的单位（{units_called(state.units, context)}）办理"
    mine = context.actor in state.units or any(u == context.actor for u, _ in state.taken_up)
    need(mine, "not-taking-part", zh, "Only a unit that takes part")


def units_called(units: Iterable[str], context: Context) -> str:
    return "、".join(called(unit, context.reference) for unit in units)


def of_kind(state: State, kinds: tuple[str, ...]) -> None:
    fits = state.opened is not None and state.opened.kind in kinds
    need(fits, "other-kind", "这种检查没有此项操作", "This kind of inspection has no such step")


def not_begun(state: State) -> None:
    zh = "已记录无法联系，本件不再进行；找到企业后，另行确定检查"
    en = "The firm was not reached: once it is found, open another one"
    need(not state.unreachable, "unreachable", zh, en)
    begun = state.checked_on is not None or state.problems is not None
    need(not begun, "begun", "检查已经进行", "The inspection has taken place already")


def begun(state: State) -> None:
    zh = "尚未检查：先记录入企检查或非现场检查"
    need(state.checked_on is not None, "not-begun", zh, "Nothing was inspected yet")


def least(context: Context) -> int:
    return int(context.reference.edition.policy("inspection-officers-at-least"))


def in_power(violation: Violation, edition: Edition) -> tuple[str, ...]:
    """The bureaus that may order and punish this, the first of them in charge (A.2 no. 4)."""
    return tuple(edition.policy(f"power-{violation}"))


def has_power_over(violations: Iterable[Violation], context: Context) -> None:
    """One finding, two items: only the bureau in power orders and punishes."""
    edition = context.reference.edition
    for violation in violations:
        units = in_power(violation, edition)
        need(
            context.actor in units,
            "not-in-power",
            f"该行为由{units_called(units, context)}责令、处罚；写入检查结果后移送该单位",
            f"That is for {', '.join(units)} to order and punish: record it and it is referred",
            clause="43-2.3.k",
        )


def happened_on(context: Context, *types: type[Any], **said: Any) -> date | None:
    """The last day on which a fact of these types, saying this, happened in the case."""
    days = [
        fact.envelope.occurred.day
        for fact in context.fold.facts_of(*types)
        if all(getattr(fact.event, name) == value for name, value in said.items())
    ]
    return max(days, default=None)


def not_before(day: date | None, what: str, context: Context) -> None:
    """No act is dated before what it rests on."""
    need(
        day is None or context.occurred.day >= day,
        "dated-before",
        f"日期不得早于{what}（{day}）",
        f"It cannot be dated before {day}, the day of what it rests on",
    )


def fields_of(given: object, *left_out: str) -> dict[str, Any]:
    return {name: value for name, value in vars(given).items() if name not in left_out}
