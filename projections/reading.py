"""Reading 查询: the one door to the read tables, now or as of a moment.

`as_of(happened, recorded)`: what was recorded up to one moment, less what happened after the
other, clocks judged at the first. The pointer is read once a request, so a page never mixes
generations.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from domain.decider import Refused
from domain.events import Recorded
from domain.fold import CaseFold, empty
from domain.reference import STREAM
from domain.tasks import Summary, summary
from eventstore.application import Log, kind_of
from eventstore.codec import decode
from eventstore.schema import events
from projections import audit, cases, notices, tables, tasks
from projections.cases import Known
from projections.tables import Tables

PATIENCE = 5.0  # seconds a reader waits for the position it asks for


class NotYetError(Exception):
    """The read models have not reached the position asked for in time."""


@dataclass(frozen=True)
class AsOf:
    """The moment a reader asks about: clocks judged at `at`, the log up to `position`."""

    at: datetime
    position: int
    happened: datetime | None = None  # leave out what happened later than this


@dataclass(frozen=True)
class View:
    """One consistent look at the read tables."""

    connection: sa.Connection
    into: Tables
    log: Log
    asked: AsOf
    later: frozenset[str]  # cases in which something already recorded happened after `asked`

    def queue(self, party: str) -> list[tasks.QueueItem]:
        """What `party` owes, helps with or waits for."""
        return tasks.queue(self._concerning(party), party, self.asked.at)

    def rights(self, party: str) -> list[tasks.QueueItem]:
        """What `party` may still ask for, until when."""
        return tasks.rights(self._concerning(party), party, self.asked.at)

    def tasks_of(self, case: str) -> list[Summary]:
        if case in self.later:
            return [summary(task) for task in self.fold(case).tasks.values()]
        return tasks.of_case(self.connection, self.into, case, self.asked.position)

    def task(self, id: str) -> Summary | None:
        return tasks.by_id(self.connection, self.into, id, self.asked.position)

    def case(self, key: str) -> dict[str, Any] | None:
        """A case by its stream id or case number."""
        found = cases.by_key(self.connection, self.into, key, self.asked.position)
        if found is None or found["case"] not in self.later:
            return found
        fold = self.fold(found["case"])
        return {**found, **cases.row(fold)} if fold.version else None

    def cases(
        self,
        wanted: cases.Wanted = cases.ANY,
        after: tuple[date, str] | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """The newest cases first; `after` is the (day, number) of the last one already seen."""
        asked = self.asked.position
        return cases.listing(self.connection, self.into, asked, wanted, after, limit)

    def resting_on(self, case: str) -> list[dict[str, Any]]:
        """The cases that rest on this one."""
        return cases.resting_on(self.connection, self.into, self.asked.position, case)

    def numbers(self, wanted: Iterable[str]) -> dict[str, str]:
        """The number 案号 of each case; its id where it has none."""
        return cases.numbers(self.connection, self.into, set(wanted))

    def known(self, wanted: Iterable[str]) -> dict[str, Known]:
        """What is known of each case whoever looks, then and today."""
        asked = self.asked.position
        found = cases.known(self.connection, self.into, set(wanted), asked)
        for case in self.later & found.keys():
            found[case] = replace(found[case], then=self.fold(case).parties)
        return found

    def notices(self, party: str, after: int, limit: int) -> list[dict[str, Any]]:
        """What `party` was told after a position, oldest first."""
        upto = self.asked.position
        return notices.for_party(self.connection, self.into, party, after, upto, limit)

    def feed(self, party: str, after: int, limit: int) -> list[dict[str, Any]]:
        """The lines of the log after a position that `party` may read, in order."""
        upto = self.asked.position
        return audit.feed(self.connection, self.into, party, after, upto, limit)

    def records(self, positions: list[int]) -> dict[int, Recorded]:
        """The events recorded at these positions."""
        wanted = sa.select(events.c.position, events.c.record).where(
            events.c.position.in_(positions)
        )
        rows = self.connection.execute(wanted)
        return {position: decode(record) for position, record in rows}

    def events(self, case: str) -> list[Recorded]:
        """The events of a case as recorded, up to the moment asked, without what came later."""
        kept = []
        for event in self.log.events.get(case):
            recorded: Recorded = event  # type: ignore[assignment]
            late = self.asked.happened and recorded.envelope.occurred.at > self.asked.happened
            if recorded.envelope.position <= self.asked.position and not late:
                kept.append(recorded)
        return kept

    def trail(self, case: str) -> list[dict[str, Any]]:
        """The trail of a case, without what happened after the moment asked."""
        lines = audit.trail(self.connection, self.into, case, self.asked.position)
        until = self.asked.happened
        return [line for line in lines if until is None or line["occurred_at"] <= until]

    def parked(self, case: str) -> int | None:
        """The position at which this case could not be folded; None when all is well."""
        table = self.into.parked
        wanted = sa.select(table.c.position).where(table.c.case == case)
        return self.connection.execute(wanted).scalar()

    def streams(self) -> list[str]:
        """Every case that has an event by now."""
        table = self.into.audit
        wanted = sa.select(table.c.case).where(table.c.position <= self.asked.position)
        return sorted(self.connection.execute(wanted.distinct()).scalars())

    def parked_cases(self) -> int:
        """How many cases cannot be folded."""
        counted = sa.select(sa.func.count()).select_from(self.into.parked)
        return self.connection.execute(counted).scalar_one()

    def provisional(self) -> int:
        """How many open tasks have a date that an unpublished calendar may still move."""
        return tasks.provisional(self.connection, self.into, self.asked.position)

    def fold(self, case: str) -> CaseFold:
        """The case as of the moment asked, folded from the log itself."""
        fold = empty(kind_of(case), case)
        for recorded in self.events(case):
            fold = self.log.stepped(fold, recorded)
        return fold

    def _concerning(self, party: str) -> list[Summary]:
        found = tasks.open_for(self.connection, self.into, party, self.asked.position)
        kept = [task for task in found if task.case not in self.later]
        for case in self.later:
            kept += [summary(task) for task in self.fold(case).tasks.values()]
        return kept


class Reading:
    """Opens views on a county's read tables."""

    def __init__(self, engine: sa.Engine, log: Log) -> None:
        self.engine, self.log = engine, log

    @contextmanager
    def view(
        self,
        now: datetime,
        *,
        position: int | None = None,
        happened: datetime | None = None,
        recorded: datetime | None = None,
        at: datetime | None = None,
        min_position: int = 0,
        patience: float | None = None,
    ) -> Iterator[View]:
        """A look at the tables: live, at a `position`, or as of (`happened`, `recorded`).

        Clocks are judged now, at the position's own moment, or at `at` where that is given.

        Waits up to `patience` seconds until `min_position` is reached; raises NotYetError then,
        and Refused for a position the log does not have.
        """
        self._wait(min_position, PATIENCE if patience is None else patience)
        with self.engine.connect() as connection:
            into, reached = tables.live(connection)
            upto = reached if position is None else min(position, reached)
            judged = at or now
            if happened or recorded:
                judged = happened or recorded or now
                upto = min(upto, _recorded_by(connection, recorded or judged))
            elif position is not None:
                judged = at or _moment_of(connection, upto) or now
            later = _happened_later(connection, happened, upto)
            yield View(connection, into, self.log, AsOf(judged, upto, happened), later)

    def _wait(self, position: int, patience: float) -> None:
        if not position:
            return
        if position > (self.log.recorder.max_notification_id() or 0):
            zh = f"日志还没有位置 {position}；min_position 写命令回执中的 position"
            raise Refused("position", zh, f"The log has no position {position} yet")
        deadline = time.monotonic() + patience
        while True:
            with self.engine.connect() as connection:
                if tables.live(connection)[1] >= position:
                    return
            if time.monotonic() > deadline:
                raise NotYetError(position)
            time.sleep(0.02)


def _happened_later(
    connection: sa.Connection, happened: datetime | None, position: int
) -> frozenset[str]:
    """Cases in which something recorded up to `position` happened after the moment asked."""
    if happened is None:
        return frozenset()
    wanted = sa.select(events.c.stream).where(
        events.c.position <= position,
        events.c.occurred_at > happened,
        events.c.stream != STREAM,
    )
    return frozenset(connection.execute(wanted.distinct()).scalars())


def _recorded_by(connection: sa.Connection, moment: datetime) -> int:
    wanted = sa.select(sa.func.max(events.c.position)).where(events.c.recorded_at <= moment)
    return connection.execute(wanted).scalar() or 0


def _moment_of(connection: sa.Connection, position: int) -> datetime | None:
    wanted = sa.select(events.c.recorded_at).where(events.c.position == position)
    return connection.execute(wanted).scalar()
