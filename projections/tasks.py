"""Tasks 待办事项 as rows: a unit's queue now, at a position, or as of two times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from domain.fold import CaseFold
from domain.tasks import STANDINGS, TABS, Standing, Summary, Tab, Task, summary
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
            if old is not task and (old is None or summary(old) != summary(task)):
                self.put(id, _row(task), after.position)


def _row(task: Task) -> dict[str, object]:
    told = summary(task)
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
    return sorted(found, key=_urgency)


def rights(items: list[Summary], party: str, at: datetime) -> list[QueueItem]:
    """What `party` may still ask for, and until when: windows that are open or to come."""
    found = [
        QueueItem(task, "in_hand", "权利", standing, STANDINGS[standing])
        for task in items
        if task.nature == "right" and task.holder == party
        for standing in (task.standing(at),)
        if standing not in ("hidden", "closed", "lapsed")
    ]
    return sorted(found, key=_urgency)


def _urgency(item: QueueItem) -> tuple[date, str]:
    return item.task.safe or date.max, item.task.id


def open_for(connection: sa.Connection, into: Tables, party: str, position: int) -> list[Summary]:
    """The open tasks that concern `party` as they stood at a position."""
    table = into.tasks
    wanted = sa.select(table.c.body).where(
        table.c.concerned.contains([party]), table.c.open, standing_at(table, position)
    )
    return [_SUMMARY.validate_python(body) for body in connection.execute(wanted).scalars()]


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
