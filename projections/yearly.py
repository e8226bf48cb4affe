"""The year 年度: a frozen look at the log, and what the export and the assessment read from it.

A freeze 冻结 names a year (what happened), a cut-off position (what was recorded) and an instant of
judgement; the same three give the same rows for ever, whatever is recorded later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain import reference
from domain.decider import Refused
from domain.events import SHANGHAI, Recorded, shanghai_day
from domain.figures import Judged, judged
from domain.tasks import summary
from eventstore import merkle
from eventstore.application import Log
from eventstore.schema import events
from projections import cases
from projections.county import County
from projections.reading import View
from projections.spans import standing_at
from projections.tasks import read

BATCH = 2_000
STREAMED = {"stream_results": True, "max_row_buffer": BATCH}


@dataclass(frozen=True)
class Freeze:
    """A year, up to which position of the log, judged when. Times are Shanghai's."""

    year: int
    cut_off: int
    at: datetime

    @property
    def ends(self) -> datetime:
        """The first instant after the year: a duty due on 31 December is breached then."""
        return datetime(self.year + 1, 1, 1, tzinfo=SHANGHAI)

    @property
    def name(self) -> str:
        """A name for the freeze, fit for a folder."""
        return f"{self.year}-{self.cut_off}-{self.at:%Y%m%dT%H%M%S}"


def freeze(log: Log, year: int, cut_off: int | None = None, at: datetime | None = None) -> Freeze:
    """The freeze asked for; by default all that is recorded, judged at the year's end or now.

    While the year runs, the instant is that of the last event up to the cut-off: no clock of the
    machine enters. Raises Refused for a position the log lacks or a year that has not begun.
    """
    head = log.recorder.max_notification_id() or 0
    if head == 0 or (cut_off is not None and not 0 < cut_off <= head):
        zh = f"日志的位置为 1 至 {head}；--cut-off 写其中之一"
        raise Refused("position", zh, f"The log's positions are 1 to {head}")
    upto = cut_off or head
    recorded = _recorded_at(log, upto)
    ends = datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
    if recorded < datetime(year, 1, 1, tzinfo=SHANGHAI):
        zh = f"截至位置 {upto} 日志还没有 {year} 年的记录"
        raise Refused("year", zh, f"Nothing of {year} is recorded up to position {upto}")
    if at is None:
        over = ends <= log.clock.now()
        # A whole second, so that the instant can be written down and asked for again.
        at = ends if over else min((recorded + timedelta(seconds=1)).replace(microsecond=0), ends)
    return Freeze(year, upto, at.astimezone(SHANGHAI).replace(microsecond=0))


def _recorded_at(log: Log, position: int) -> datetime:
    wanted = sa.select(events.c.recorded_at).where(events.c.position == position)
    with log.engine.connect() as connection:
        moment: datetime = connection.execute(wanted).scalar_one()
    return moment.astimezone(SHANGHAI)


@contextmanager
def frozen(county: County, frozen: Freeze) -> Iterator[View]:
    """The view of a freeze. Raises Refused where a case cannot be read."""
    with county.reading.view(
        frozen.at,
        position=frozen.cut_off,
        happened=min(frozen.ends, frozen.at),
        recorded=county.log.clock.now(),  # all of it: the cut-off alone bounds what was recorded
        at=frozen.at,
        min_position=frozen.cut_off,
        patience=600,
    ) as view:
        if view.parked_cases():
            zh = "有停办的案件，导出会缺数；请先 zhifang doctor 查明、修复并 zhifang rebuild"
            raise Refused("parked", zh, "A case is parked: mend it, rebuild, then export")
        yield view


def count(view: View, freeze: Freeze) -> int:
    """How many duties there are to look at: for the progress of long work."""
    table = view.into.tasks
    wanted = sa.select(sa.func.count()).select_from(table)
    at = standing_at(table, freeze.cut_off)
    return view.connection.execute(wanted.where(at, table.c.nature == "duty")).scalar_one()


def duties(view: View, freeze: Freeze) -> Iterator[tuple[str, Judged]]:
    """Every duty that counts for the year with the number of its case, by holder and legal day.

    Those of cases that went on after the year are folded from the log, and come last.
    """
    table, numbered = view.into.tasks, view.into.cases
    wanted = (
        sa.select(table.c.case, numbered.c.number, table.c.body)
        .join(numbered, numbered.c.case == table.c.case)
        .where(standing_at(table, freeze.cut_off), standing_at(numbered, freeze.cut_off))
        .where(table.c.nature == "duty")
        .order_by(_plain(table.c.holder), table.c.legal, _plain(table.c.id))
    )
    for case, number, body in _rows(view, wanted):
        counted = judged(read(body), freeze.year, freeze.at) if case not in view.later else None
        if counted:
            yield number, counted
    for case in sorted(view.later):
        fold = view.fold(case)
        for task in fold.tasks.values():
            counted = judged(summary(task), freeze.year, freeze.at)
            if counted:
                yield fold.number or case, counted


@dataclass(frozen=True)
class Entry:
    """A case in a ledger 台账: parties by their codes, nothing sealed, no disease."""

    case: str
    number: str
    kind: str
    status: str
    opened_on: date
    parties: dict[str, str]
    events: int
    last_on: date
    holders: tuple[str, ...]  # who owes something in it


def ledger(view: View, freeze: Freeze) -> Iterator[Entry]:
    """The cases in which something happened in the year, by number."""
    table, tasks = view.into.cases, view.into.tasks
    begins = freeze.ends.replace(year=freeze.year)
    until = min(freeze.ends, freeze.at)
    happened = (
        sa.select(
            events.c.stream,
            sa.func.count().label("events"),
            sa.func.max(events.c.occurred_at).label("last_at"),
        )
        .where(events.c.position <= freeze.cut_off, events.c.occurred_at < until)
        .where(events.c.stream != reference.STREAM)
        .group_by(events.c.stream)
        .having(sa.func.max(events.c.occurred_at) >= begins)
        .subquery()
    )
    holders = (
        sa.select(sa.func.array_agg(sa.distinct(tasks.c.holder)))
        .where(
            tasks.c.case == table.c.case,
            tasks.c.open,
            tasks.c.nature == "duty",
            standing_at(tasks, freeze.cut_off),
        )
        .scalar_subquery()
    )
    wanted = (
        sa.select(table, happened.c.events, happened.c.last_at, holders.label("holders"))
        .join(happened, happened.c.stream == table.c.case)
        .where(standing_at(table, freeze.cut_off))
        .order_by(_plain(table.c.kind), _plain(table.c.number))
    )
    for row in _rows(view, wanted):
        yield _entry(view, row._mapping)


def _entry(view: View, row: Any) -> Entry:
    told, held = dict(row), set(row["holders"] or ())
    if row["case"] in view.later:
        fold = view.fold(row["case"])
        told |= cases.row(fold)
        held = {t.holder for t in fold.open_tasks() if t.is_duty}
    return Entry(
        case=row["case"],
        number=told["number"],
        kind=told["kind"],
        status=told["status"],
        opened_on=told["opened_on"],
        parties=dict(told["parties"]),
        events=row["events"],
        last_on=shanghai_day(row["last_at"]),
        holders=tuple(sorted(held)),
    )


def _plain(column: sa.Column[str]) -> sa.ColumnElement[str]:
    """The order of the bytes, whatever the locale of the database."""
    return sa.collate(column, "C")


def _rows(view: View, wanted: Any) -> Iterator[Any]:
    """The rows of a query, fetched as they are read."""
    yield from view.connection.execute(wanted, execution_options=STREAMED)


def reference_at(log: Log, cut_off: int) -> reference.State:
    """What had been adopted by the cut-off: law, calendar, and whether the log is simulated."""
    state = reference.State()
    for event in log.events.get(reference.STREAM):
        recorded: Recorded = event  # type: ignore[assignment]
        if recorded.envelope.position <= cut_off:
            state = reference.evolve(state, recorded.event)
    return state


def root(log: Log, cut_off: int) -> str:
    """The Merkle root over the records up to the cut-off, in hexadecimal."""
    frontier, size = b"", 0
    wanted = sa.select(events.c.leaf).where(events.c.position <= cut_off)
    with log.engine.connect() as connection:
        ordered = connection.execute(wanted.order_by(events.c.position), execution_options=STREAMED)
        for page in ordered.scalars().partitions(BATCH):
            leaves = [bytes(leaf) for leaf in page]
            frontier, size = merkle.append(frontier, size, leaves), size + len(leaves)
    return merkle.root(frontier).hex()
