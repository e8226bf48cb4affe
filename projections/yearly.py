"""The year 年度: a frozen look at the log, and what the export and the assessment read from it.

A freeze 冻结 names a year (what happened), a cut-off position (what was recorded) and an instant of
judgement; the same three give the same rows for ever, whatever is recorded later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain import reference
from domain.corrections import FactCorrected
from domain.decider import Refused
from domain.events import SHANGHAI, Moment, Recorded, shanghai_day, type_of
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
FAR = datetime(2200, 1, 1, tzinfo=SHANGHAI)  # beyond any instant of judgement
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
    def until(self) -> datetime:
        """The last instant whose facts count: a fact known to the day is placed at its 0:00, so
        that of 1 January is just outside."""
        return min(self.ends - timedelta(microseconds=1), self.at)

    @property
    def name(self) -> str:
        """A name for the freeze, fit for a folder."""
        return f"{self.year}-{self.cut_off}-{self.at:%Y%m%dT%H%M%S}"


def freeze(log: Log, year: int, cut_off: int | None = None, at: datetime | None = None) -> Freeze:
    """The freeze asked for; by default all that is recorded, judged at the year's end or now.

    While the year runs, the instant is that of the last event up to the cut-off: no clock of the
    machine enters. Raises Refused for a position the log lacks, a year that has not begun, or an
    instant before the year.
    """
    head = log.recorder.max_notification_id() or 0
    if head == 0:
        raise Refused("position", "日志还没有记录，没有可导出的", "The log is empty")
    if cut_off is not None and not 0 < cut_off <= head:
        zh = f"截至位置（cut_off）应为日志的位置 1 至 {head}"
        raise Refused(
            "position", zh, f"The cut-off (cut_off) is a position of the log, 1 to {head}"
        )
    upto = cut_off or head
    recorded = _recorded_at(log, upto)
    begins, ends = (datetime(y, 1, 1, tzinfo=SHANGHAI) for y in (year, year + 1))
    if at is not None and not begins <= at < FAR:
        zh = f"判定时刻（judged_at）不早于 {year} 年 1 月 1 日零时"
        raise Refused("year", zh, f"The instant of judgement (judged_at) is not before {year}")
    if recorded < begins:
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
        happened=frozen.until,
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


@dataclass(frozen=True)
class Ending:
    """When the fact that ended a duty happened, and when it was recorded."""

    happened: datetime
    recorded: datetime


@dataclass(frozen=True)
class Duty:
    """A duty that counts for the year, with the case it stands in."""

    case: str
    number: str
    township: str | None
    judged: Judged
    ending: Ending | None


def duties(view: View, freeze: Freeze) -> Iterator[Duty]:
    """Every duty that counts for the year, by holder and legal day.

    Those of cases that went on after the year are folded from the log, and come last.
    """
    table, numbered = view.into.tasks, view.into.cases
    ended = sa.and_(
        events.c.stream == table.c.case,
        events.c.version == table.c.body["closed_version"].as_integer(),
    )
    wanted = (
        sa.select(
            *(table.c.case, numbered.c.number, numbered.c.township, table.c.body),
            *(events.c.occurred_at, events.c.recorded_at),
        )
        .join(numbered, numbered.c.case == table.c.case)
        .outerjoin(events, ended)
        .where(standing_at(table, freeze.cut_off), standing_at(numbered, freeze.cut_off))
        .where(table.c.nature == "duty")
        .order_by(_plain(table.c.holder), table.c.legal, _plain(table.c.id))
    )
    for case, number, township, body, happened, recorded in _rows(view, wanted):
        counted = judged(read(body), freeze.year, freeze.at) if case not in view.later else None
        if counted:
            ending = Ending(happened, recorded) if happened else None
            yield _duty(case, number, township, counted, ending)
    for case in sorted(view.later):
        fold = view.fold(case)
        endings = _endings(view, case)
        for task in fold.tasks.values():
            counted = judged(summary(task), freeze.year, freeze.at)
            if counted:
                ending = endings[task.closed.version] if task.closed else None
                yield _duty(case, fold.number or case, fold.township, counted, ending)


def _duty(case: str, number: str, township: str | None, one: Judged, ending: Ending | None) -> Duty:
    """Where a correction moved the day of the fact that ended the duty, that day counts."""
    day = one.task.closed_on
    if ending and day and shanghai_day(ending.happened) != day:
        ending = Ending(Moment.on(day).at, ending.recorded)
    return Duty(case, number, township, one, ending)


def _endings(view: View, case: str) -> dict[int, Ending]:
    """When each fact of a case happened and was recorded, by its version."""
    wanted = sa.select(events.c.version, events.c.occurred_at, events.c.recorded_at)
    rows = view.connection.execute(wanted.where(events.c.stream == case))
    return {version: Ending(happened, recorded) for version, happened, recorded in rows}


@dataclass(frozen=True)
class Entry:
    """A case in a ledger 台账: parties by their codes, nothing sealed, no disease."""

    case: str
    number: str
    kind: str
    status: str
    opened_on: date
    parties: Mapping[str, str]
    township: str | None
    days: Mapping[str, date]  # the type of an event -> the last day it happened on
    events: int
    last_on: date


def ledger(view: View, freeze: Freeze, unfinished: set[str]) -> Iterator[Entry]:
    """The cases in which something happened in the year, and those unfinished at its end, by
    number."""
    table = view.into.cases
    begins = freeze.ends.replace(year=freeze.year)
    day = sa.cast(sa.func.timezone("Asia/Shanghai", sa.func.max(events.c.occurred_at)), sa.Date)
    of_type = (
        sa.select(
            *(events.c.stream, events.c.type, day.label("day")),
            sa.func.count().label("events"),
            sa.func.max(events.c.occurred_at).label("last_at"),
        )
        .where(events.c.position <= freeze.cut_off, events.c.occurred_at <= freeze.until)
        .where(events.c.stream != reference.STREAM)
        .group_by(events.c.stream, events.c.type)
        .subquery()
    )
    happened = (
        sa.select(
            of_type.c.stream,
            sa.func.sum(of_type.c.events).label("events"),
            sa.func.max(of_type.c.last_at).label("last_at"),
            sa.func.jsonb_object_agg(of_type.c.type, of_type.c.day).label("days"),
        )
        .group_by(of_type.c.stream)
        .subquery()
    )
    open_still = table.c.case == sa.any_(sa.cast(sorted(unfinished), ARRAY(sa.Text)))
    wanted = (
        sa.select(table, happened.c.events, happened.c.last_at, happened.c.days)
        .join(happened, happened.c.stream == table.c.case)
        .where(standing_at(table, freeze.cut_off))
        .where(sa.or_(happened.c.last_at >= begins, open_still))
        .order_by(_plain(table.c.kind), _plain(table.c.number))
    )
    for row in _rows(view, wanted):
        yield _entry(view, row._mapping)


CORRECTED = type_of(FactCorrected).name


def _entry(view: View, row: Any) -> Entry:
    told = dict(row)
    days = {name: date.fromisoformat(day) for name, day in row["days"].items()}
    if row["case"] in view.later or CORRECTED in days:
        fold = view.fold(row["case"])
        told |= cases.row(fold)
        # A correction may have moved the day of a fact.
        for fact, _ in fold.facts:
            days.pop(fact.envelope.type, None)
        for fact, _ in fold.facts:
            known = days.get(fact.envelope.type, fact.envelope.occurred.day)
            days[fact.envelope.type] = max(known, fact.envelope.occurred.day)
    return Entry(
        case=row["case"],
        number=told["number"],
        kind=told["kind"],
        status=told["status"],
        opened_on=told["opened_on"],
        parties=dict(told["parties"]),
        township=told["township"],
        days=days,
        events=int(row["events"]),
        last_on=shanghai_day(row["last_at"]),
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
