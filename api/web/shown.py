"""What the pages show, in the words they show it in. Names, never codes; nothing sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from domain.cases import CASE_KINDS
from domain.decider import Refused
from domain.events import shanghai_day, shanghai_minute
from domain.rules import Reference
from domain.tasks import Standing, Summary, party_name
from domain.units import OUTSIDE_CLASSES, Unit, party_class, role_name
from projections import tasks
from projections.reading import View
from projections.tasks import Count, QueueItem

GROUPS = {"department": "部门", "township": "乡镇（街道）", "body": "领导与协调机构"}
T = TypeVar("T", bound=str)


def one_of(value: str | None, known: Mapping[T, str], missing: str) -> T | None:
    """A value of an address that must be one of these. Refused otherwise."""
    if not value:
        return None
    for name in known:
        if name == value:
            return name
    raise Refused("filter", f"{missing} {value}。", f"No such value: {value}")


@dataclass(frozen=True)
class Link:
    """Addresses within the pages; they keep the moment that is looked at."""

    as_of: str | None

    def __call__(self, path: str, **query: str | None) -> str:
        asked = {name: value for name, value in query.items() if value}
        if self.as_of and "as_of" not in query:
            asked["as_of"] = self.as_of
        return f"{path}?{urlencode(asked)}" if asked else path


def day(value: date | None) -> str:
    return value.isoformat() if value else "—"


@dataclass(frozen=True)
class UnitRow:
    """A unit on the first page."""

    code: str
    name: str
    klass: str
    own: Count
    helping: int
    waiting_on: int


def unit_row(unit: Unit, items: list[QueueItem]) -> UnitRow:
    """How much a unit owes itself, how much of it presses, and what it helps with or waits for."""
    counts = tasks.counts(items)
    helping, waiting_on = counts["helping"].total, counts["waiting_on"].total
    return UnitRow(unit.code, unit.name, unit.klass, tasks.own(counts), helping, waiting_on)


def grouped(rows: list[UnitRow]) -> list[tuple[str, list[UnitRow]]]:
    return [(title, [r for r in rows if r.klass == klass]) for klass, title in GROUPS.items()]


@dataclass(frozen=True)
class TaskRow:
    """A task as a row of a queue or of its case."""

    task: Summary
    number: str
    kind: str
    holder: str
    supervisor: str | None
    tab: str
    standing: Standing
    left: str


def task_rows(items: list[QueueItem], view: View, reference: Reference) -> list[TaskRow]:
    """The rows of a queue."""
    numbers = view.numbers(item.task.case for item in items)
    return [
        replace(
            _row(item.task, numbers[item.task.case], item.standing, view, reference),
            tab=item.tab_name,
        )
        for item in items
    ]


def _row(
    task: Summary, number: str, standing: Standing, view: View, reference: Reference
) -> TaskRow:
    supervisor = party_name(task.supervisor, reference) if task.supervisor else None
    return TaskRow(
        task=task,
        number=number,
        kind=CASE_KINDS[task.case.partition("-")[0]].title,
        holder=_shown(task.holder, reference),
        supervisor=supervisor,
        tab="",
        standing=standing,
        left=task.left(view.asked.at),
    )


def case_page(view: View, key: str, reference: Reference) -> dict[str, Any]:
    """All that the page of a case shows. Refused where there is none, or it is parked."""
    row = view.case(key)
    parked = view.parked(row["case"] if row else key)
    if row is None:
        if parked is not None:
            raise Refused("parked", f"案件在位置 {parked} 的记录无法读取，已停办。", "Parked")
        raise Refused("no-such-case", f"没有案件 {key}；案号如 DX-2026-0001。", f"No case {key}")
    at = view.asked.at
    rows = [
        _row(task, row["number"], task.standing(at), view, reference)
        for task in view.tasks_of(row["case"])
    ]
    lines = view.trail(row["case"])
    versions = {line["version"] for line in lines}
    linked = [*(view.case(id) for id in row["links"]), *view.resting_on(row["case"])]
    return {
        "row": row,
        "kind": CASE_KINDS[row["kind"]].title,
        "parties": [
            (role_name(role, row["kind"]), _shown(party, reference))
            for role, party in row["parties"].items()
        ],
        "open": [
            r for r in rows if r.standing not in ("hidden", "closed") and r.task.nature == "duty"
        ],
        "rights": [
            r for r in rows if r.standing not in ("hidden", "closed") and r.task.nature == "right"
        ],
        "closed": [r for r in rows if r.standing == "closed"],
        # A correction stands under the fact it corrects, not in a place of its own.
        "lines": [
            _line(line, lines, reference) for line in lines if line["corrects"] not in versions
        ],
        "linked": [(found, CASE_KINDS[found["kind"]].title) for found in linked if found],
        "parked": parked,
        "asked": view.asked,
    }


def _line(
    line: dict[str, Any], lines: list[dict[str, Any]], reference: Reference
) -> dict[str, Any]:
    when = line["occurred_at"]
    return {
        **line,
        "who": _shown(line["actor"], reference) if line["actor"] != "system" else "系统",
        "when": shanghai_minute(when) if line["precision"] == "minute" else day(shanghai_day(when)),
        "recorded": day(shanghai_day(line["recorded_at"])),
        "corrections": [
            _line(other, [], reference) for other in lines if other["corrects"] == line["version"]
        ],
    }


def _shown(party: str, reference: Reference) -> str:
    """A party by its name. A page does not know who looks: an informant is shown by class alone."""
    person = party_class(party) == "citizen"
    return OUTSIDE_CLASSES["citizen"] if person else party_name(party, reference)


def neighbours(positions: list[int], asked: int) -> tuple[int | None, int | None, int | None]:
    """The case's event before the moment looked at, the next one, and the last of those seen."""
    seen = [p for p in positions if p <= asked]
    return (
        seen[-2] if len(seen) > 1 else None,
        next((p for p in positions if p > asked), None),
        seen[-1] if seen else None,
    )
