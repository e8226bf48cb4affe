"""Tasks 待办事项 as rows: a unit's queue now, at a position, or as of two times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from domain.fold import CaseFold
from domain.tasks import STANDINGS, TABS, Standing, Summary, Tab, summary
from eventstore.codec import plain
from projections.spans import Spans, standing_at
from projections.tables import Tables

_SUMMARY = TypeAdapter(Summary)


class Changes(Spans):
    """The task rows a batch of events changes."""

    def __init__(self) -> None:
        super().__init__("id")

    def note(self, before: CaseFold, after: CaseFold) -> None:
        for id, task in after.tasks.items():
            old = before.tasks.get(id)
            if old is task:
                continue
            told = summary(task)
            if old is None or summary(old) != told:
                self.put(id, _row(told), after.position, first=old is None)


def _row(told: Summary) -> dict[str, object]:
    parties = (told.holder, told.supervisor, told.returned_by, *told.helpers)
    return {
        "case": told.case,
        "holder": told.holder,
        "concerned": sorted({party for party in parties if party}),
        "nature": told.nature,
        "rule": told.rule,
        "open": told.outcome is None,
        "legal": told.legal,
        "safe": told.safe,
        "body": plain(told),
    }


@dataclass(frozen=True)
class QueueItem:
    """A task in a party's queue, judged at the moment asked."""

    task: Summary
    tab: Tab
    tab_name: str
    standing: Standing
    standing_name: str


def queue(items: list[Summary], party: str, at: datetime) -> list[QueueItem]:
    """The duties of `party` (and what it waits for) that show at `at`, most urgent first."""
    found = []
    for task in items:
        tab, standing = task.tab(party, at), task.standing(at)
        if tab and task.nature == "duty" and standing not in ("hidden", "closed"):
            found.append(QueueItem(task, tab, TABS[tab], standing, STANDINGS[standing]))
    return sorted(found, key=urgency)


def rights(items: list[Summary], party: str, at: datetime) -> list[QueueItem]:
    """What `party` may still ask for, and until when: windows that are open or to come."""
    found = [
        QueueItem(task, "in_hand", "权利", standing, STANDINGS[standing])
        for task in items
        if task.nature == "right" and task.holder == party
        for standing in (task.standing(at),)
        if standing not in ("hidden", "closed", "lapsed")
    ]
    return sorted(found, key=urgency)


Urgency = tuple[int, date, str]


def urgency(item: QueueItem) -> Urgency:
    """What stands first: the overdue by day, what is to be done at once, by safe day, the rest."""
    task = item.task
    if item.standing == "overdue":
        return 0, task.legal or date.min, task.id
    if task.immediate:
        return 1, task.opened_on, task.id
    return (2, task.safe, task.id) if task.safe else (3, task.opened_on, task.id)


@dataclass(frozen=True)
class Narrowing:
    """Which rows of a queue to keep; None keeps all."""

    tab: Tab | None = None
    standing: Standing | None = None
    rule: str | None = None
    kind: str | None = None  # of case: the stream prefix
    clause: str | None = None
    text: str | None = None  # in the title

    def keeps(self, item: QueueItem) -> bool:
        task = item.task
        return (
            (self.tab is None or item.tab == self.tab)
            and (self.standing is None or item.standing == self.standing)
            and (self.rule is None or task.rule == self.rule)
            and (self.kind is None or task.case.partition("-")[0] == self.kind)
            and (self.clause is None or self.clause in task.clauses)
            and (self.text is None or self.text in task.title)
        )


@dataclass(frozen=True)
class Count:
    """How many rows a tab holds, and how many of them are pressing."""

    total: int
    near: int
    overdue: int


OWN: tuple[Tab, ...] = ("to_sign", "in_hand", "returned")
"""The tabs of what a party owes itself 应办; what it helps with or waits for is another's."""


def own(counts: dict[Tab, Count]) -> Count:
    """What the party itself owes, over its tabs."""
    mine = [counts[tab] for tab in OWN]
    return Count(
        sum(c.total for c in mine), sum(c.near for c in mine), sum(c.overdue for c in mine)
    )


def load(counts: dict[Tab, Count]) -> str:
    """The counts in words: the same on every screen."""
    held = own(counts)
    parts = "、".join(f"{TABS[tab]} {counts[tab].total}" for tab in OWN)
    pressing = f"超期 {held.overdue}、临期 {held.near}"
    others = f"协办 {counts['helping'].total} 项、等待他方 {counts['waiting_on'].total} 项"
    return f"应办 {held.total} 项（{parts}；{pressing}）；另有{others}"


@dataclass(frozen=True)
class Page:
    """A page of a queue: its rows, and the counts of every tab from the same rows."""

    items: list[QueueItem]
    counts: dict[Tab, Count]
    total: int  # rows that the narrowing keeps, on all pages
    more: bool


def page(items: list[QueueItem], narrowing: Narrowing, after: Urgency | None, limit: int) -> Page:
    """The rows kept, from the one after `after` on; most urgent first."""
    kept = [item for item in items if narrowing.keeps(item)]
    left = [item for item in kept if after is None or urgency(item) > after]
    return Page(left[:limit], counts(items), len(kept), len(left) > limit)


def counts(items: list[QueueItem]) -> dict[Tab, Count]:
    """What each tab holds; the tabs that hold nothing too."""
    told = {}
    for tab in TABS:
        standings = [item.standing for item in items if item.tab == tab]
        told[tab] = Count(len(standings), standings.count("near"), standings.count("overdue"))
    return told


def open_for(connection: sa.Connection, into: Tables, party: str, position: int) -> list[Summary]:
    """The open tasks that concern `party` as they stood at a position."""
    table = into.tasks
    wanted = sa.select(table.c.body).where(
        table.c.concerned.contains([party]), table.c.open, standing_at(table, position)
    )
    return [_SUMMARY.validate_python(body) for body in connection.execute(wanted).scalars()]


def read(body: object) -> Summary:
    """A task from its stored row."""
    return _SUMMARY.validate_python(body)


def of_case(connection: sa.Connection, into: Tables, case: str, position: int) -> list[Summary]:
    """Every task of a case, closed ones too, as they stood at a position."""
    table = into.tasks
    wanted = sa.select(table.c.body).where(table.c.case == case, standing_at(table, position))
    rows = connection.execute(wanted).scalars()
    return sorted(
        (_SUMMARY.validate_python(body) for body in rows),
        key=lambda t: (t.opened_position, t.rule, t.slot),
    )


def by_id(connection: sa.Connection, into: Tables, id: str, position: int) -> Summary | None:
    """One task as it stood at a position."""
    table = into.tasks
    wanted = sa.select(table.c.body).where(table.c.id == id, standing_at(table, position))
    body = connection.execute(wanted).scalar()
    return _SUMMARY.validate_python(body) if body else None


def provisional(connection: sa.Connection, into: Tables, position: int) -> int:
    """How many open tasks bear a provisional date 暂定 at a position."""
    table = into.tasks
    wanted = sa.select(sa.func.count()).where(
        table.c.open, table.c.body["provisional"].as_boolean(), standing_at(table, position)
    )
    return connection.execute(wanted).scalar_one()


def pressing(connection: sa.Connection, into: Tables, position: int, until: date) -> list[Summary]:
    """The open duties whose safe day is not after `until`, the earliest first."""
    table = into.tasks
    wanted = sa.select(table.c.body).where(
        table.c.open,
        table.c.nature == "duty",
        table.c.safe <= until,
        standing_at(table, position),
    )
    found = connection.execute(wanted.order_by(table.c.safe, table.c.id)).scalars()
    return [_SUMMARY.validate_python(body) for body in found]
