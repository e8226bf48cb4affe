"""The library's recorder on PostgreSQL: dense positions, given out under the head row's lock.

Order is fixed at the writer. Payloads arrive serialised; under the lock the positions, case
numbers and recording time are added, the records and their leaf hashes written, and everything
the decision had read is checked again. Readers never guess about gaps: there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread
from time import sleep
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
    Subscription,
)

from domain.events import shanghai_day
from eventstore import merkle
from eventstore.codec import canonical, instant
from eventstore.schema import LOG, claims, commands, events, log_head, numbers


class ConflictError(IntegrityError):
    """Something the decision had read has changed: decide again."""


class ClaimTakenError(Exception):
    """A uniqueness key is held by another case."""

    def __init__(self, index: str, key: str, holder: str) -> None:
        self.index, self.key, self.holder = index, key, holder
        super().__init__(f"{index} is held by {holder}")


class CommandKnownError(Exception):
    """The command id was carried out meanwhile, by whoever held the lock before."""


class ClockError(Exception):
    """The clock cannot be trusted to write: behind the last event, or it jumped."""


Envelopes = list[dict[str, Any]]


@dataclass(frozen=True)
class Writing:
    """What commits with the events, and what is checked first, under the lock."""

    now: Callable[
        [datetime | None], datetime
    ]  # given the last recording time; may raise ClockError
    read: Mapping[str, int] = field(default_factory=dict)  # stream -> version the decision saw
    numbered: Mapping[int, str] = field(default_factory=dict)  # index of event -> number prefix
    lettered: Mapping[int, str] = field(default_factory=dict)  # index of event -> 机关代字
    caused: Mapping[int, int] = field(default_factory=dict)  # index of event -> index of its cause
    claims: Sequence[tuple[str, str, str]] = ()  # (index, key, stream)
    releases: Sequence[tuple[str, str, str]] = ()  # given back where that stream holds them
    command: str | None = None
    fingerprint: bytes = b""
    receipt: Callable[[Envelopes], bytes] = lambda envelopes: b""


@dataclass
class _Waiting:
    """Events that wait for their commit, and what came of it."""

    stored: Sequence[StoredEvent]
    writing: Writing
    positions: list[int] | None = None
    error: Exception | None = None


@dataclass
class _Standing:
    """What stands under the lock, as far as the waiting writings have to do with it.

    Read once for all of them; each writing's own checks see what those before it will write.
    """

    position: int
    known: set[str]  # command ids carried out
    versions: dict[str, int]  # of the streams read or written
    claims: dict[tuple[str, str], str]  # (index, key) -> the stream that holds it
    last: Callable[[str], int]  # number series -> the last number given out before
    given: dict[str, int] = field(default_factory=dict)  # … and by the writings at hand

    def next_number(self, series: str) -> int:
        """The next of the series, which only whoever holds the lock may give out."""
        last = self.given[series] if series in self.given else self.last(series)
        self.given[series] = last + 1
        return last + 1

    def check(self, waiting: _Waiting) -> None:
        writing = waiting.writing
        if writing.command in self.known:
            raise CommandKnownError
        for stream, version in writing.read.items():
            if self.versions.get(stream, 0) != version:
                raise ConflictError(f"{stream} is at {self.versions.get(stream, 0)}")
        reached: dict[str, int] = {}  # a large load knows every stream: nothing here copies them
        for event in waiting.stored:
            stream = str(event.originator_id)
            last = reached.get(stream, self.versions.get(stream, -1))
            if event.originator_version <= last:
                raise ConflictError(f"{stream} is at {last} already")
            reached[stream] = event.originator_version
        taken: dict[tuple[str, str], str] = {}
        for index, key, stream in writing.claims:
            held = self.claims.get((index, key), stream)
            free = (index, key, held) in writing.releases
            holder = taken.setdefault((index, key), stream if free else held)
            if holder != stream:
                raise ClaimTakenError(index, key, holder)

    def apply(self, waiting: _Waiting) -> None:
        writing = waiting.writing
        if writing.command is not None:
            self.known.add(writing.command)
        for event in waiting.stored:
            self.versions[str(event.originator_id)] = event.originator_version
        for index, key, stream in writing.releases:
            # A stream gives back its own alone: what another holds by now stays that one's.
            if self.claims.get((index, key)) == stream:
                del self.claims[index, key]
        for index, key, stream in writing.claims:
            self.claims[index, key] = stream
        self.position += len(waiting.stored)


@dataclass
class Gathered:
    """Writings checked and completed on one standing, to be inserted in one transaction."""

    standing: _Standing
    recorded_at: datetime | None  # of the last event
    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    held: dict[tuple[str, str], str] = field(init=False)  # claims as they stood before

    def __post_init__(self) -> None:
        self.held = dict(self.standing.claims)

    def take(self, waiting: _Waiting) -> None:
        """Check a writing and complete its events; raises, and takes nothing, if it cannot be."""
        writing, standing = waiting.writing, self.standing
        standing.check(waiting)
        self.recorded_at = writing.now(self.recorded_at)
        fresh, envelopes = _completed(waiting, standing, self.recorded_at, self.numbers)
        self.rows += fresh
        standing.apply(waiting)
        waiting.positions = [row["position"] for row in fresh]
        if writing.command is not None:
            done = {
                "id": writing.command,
                "fingerprint": writing.fingerprint,
                "position": standing.position,
                "receipt": writing.receipt(envelopes),
            }
            self.commands.append(done)


TOGETHER = 100  # writings that may share a commit


class LogRecorder(ApplicationRecorder):
    """Inserts and selects the log's events."""

    def __init__(self, engine: sa.Engine, now: Callable[[datetime | None], datetime]) -> None:
        self.engine = engine
        self.reads = engine.execution_options(isolation_level="AUTOCOMMIT")  # no BEGIN, no ROLLBACK
        self.now = now
        self._queue: list[_Waiting] = []
        self._writer, self._queueing = Lock(), Lock()
        with self.reads.connect() as connection:
            schema = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
        self.channel = f"zhifang_{schema}"  # of the database's notification with each commit

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append `stored_events`, whose states are drafts; returns their positions.

        Keyword `writing` says what else commits and what is checked. Raises ConflictError,
        ClaimTakenError, CommandKnownError or ClockError, and then nothing of it was written.
        Threads that wait for the lock share the next commit, each with its own checks.
        """
        waiting = _Waiting(stored_events, kwargs.get("writing") or Writing(now=self.now))
        with self._queueing:
            self._queue.append(waiting)
        with self._writer:
            if waiting.positions is None and waiting.error is None:
                with self._queueing:
                    together, self._queue = self._queue[:TOGETHER], self._queue[TOGETHER:]
                self._commit(together)
        if waiting.error is not None:
            raise waiting.error
        return waiting.positions

    def _commit(self, together: list[_Waiting]) -> None:
        """Commit what can be; whoever cannot is told why. Alone, where sharing failed."""
        try:
            with self.engine.begin() as connection:
                self._append(connection, together)
        except Exception as error:
            if len(together) > 1:
                for waiting in together:
                    waiting.positions = waiting.error = None
                    self._commit([waiting])
                return
            told = error
            if isinstance(error, sa.exc.IntegrityError):
                # The first line only: the database's detail would repeat the values.
                told = ConflictError(str(error.orig).splitlines()[0])
            together[0].positions, together[0].error = None, told

    def _append(self, connection: sa.Connection, together: list[_Waiting]) -> None:
        head = locked_head(connection)
        standing = _standing(connection, together, head.position)
        gathered = Gathered(standing, head.recorded_at)
        for waiting in together:
            try:
                gathered.take(waiting)
            except Exception as error:
                waiting.error = error
        self.write(connection, head, gathered)

    def write(self, connection: sa.Connection, head: Any, gathered: Gathered) -> None:
        """Insert all that was gathered on top of `head`, which this transaction holds locked."""
        if gathered.rows and gathered.recorded_at:
            connection.execute(sa.insert(events), gathered.rows)
            self._move_head(connection, head, gathered.rows, gathered.recorded_at)
        for table, more in ((numbers, gathered.numbers), (commands, gathered.commands)):
            if more:
                connection.execute(sa.insert(table), more)
        _move_claims(connection, gathered.held, gathered.standing.claims)

    def _move_head(
        self,
        connection: sa.Connection,
        head: Any,
        rows: list[dict[str, Any]],
        recorded_at: datetime,
    ) -> None:
        position = rows[-1]["position"]
        frontier = merkle.append(head.frontier, head.position, (row["leaf"] for row in rows))
        moved = sa.update(log_head).where(log_head.c.log == LOG)
        connection.execute(
            moved.values(position=position, recorded_at=recorded_at, frontier=frontier)
        )
        connection.execute(sa.select(sa.func.pg_notify(self.channel, str(position))))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, in order of version."""
        query = sa.select(events).where(events.c.stream == str(originator_id))
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        order = events.c.version.desc() if desc else events.c.version
        with self.reads.connect() as connection:
            rows = connection.execute(query.order_by(order).limit(limit)).all()
        return [StoredEvent(r.stream, r.version, r.type, r.record) for r in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log from `start` on, in order of position, at most `limit` events."""
        query = sa.select(events)
        if start is not None:
            position = events.c.position
            query = query.where(position >= start if inclusive_of_start else position > start)
        if stop is not None:
            query = query.where(events.c.position <= stop)
        if topics:
            query = query.where(events.c.type.in_(topics))
        with self.reads.connect() as connection:
            rows = connection.execute(query.order_by(events.c.position).limit(limit)).all()
        return [Notification(r.stream, r.version, r.type, r.record, r.position) for r in rows]

    def max_notification_id(self) -> int | None:
        """The position of the last event; None for an empty log."""
        query = sa.select(log_head.c.position).where(log_head.c.log == LOG)
        with self.reads.connect() as connection:
            return connection.execute(query).scalar_one() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """The log after `gt`, and what is recorded from now on, without end."""
        return LogSubscription(self, gt, topics)


def locked_head(connection: sa.Connection) -> Any:
    """The head row, locked until the transaction ends: whoever holds it fixes the order."""
    return connection.execute(
        sa.select(log_head).where(log_head.c.log == LOG).with_for_update()
    ).one()


def _standing(connection: sa.Connection, together: list[_Waiting], position: int) -> _Standing:
    """What the waiting writings have to do with, read under the lock."""
    asked = {w.writing.command for w in together if w.writing.command is not None}
    streams = {stream for w in together for stream in w.writing.read}
    streams |= {str(event.originator_id) for w in together for event in w.stored}
    keys = {(i, k) for w in together for i, k, _ in (*w.writing.claims, *w.writing.releases)}
    known: set[str] = set()
    versions: dict[str, int] = {}
    held: dict[tuple[str, str], str] = {}
    if asked:
        query = sa.select(commands.c.id).where(commands.c.id.in_(asked))
        known = set(connection.execute(query).scalars())
    if streams:
        highest = sa.select(events.c.stream, sa.func.max(events.c.version))
        of = highest.where(events.c.stream.in_(streams)).group_by(events.c.stream)
        versions = dict(connection.execute(of).all())
    if keys:
        pair = sa.tuple_(claims.c.index, claims.c.key)
        rows = connection.execute(sa.select(claims).where(pair.in_(keys)))
        held = {(index, key): stream for index, key, stream in rows}

    def last(series: str) -> int:
        top = sa.select(sa.func.max(numbers.c.number)).where(numbers.c.series == series)
        return connection.execute(top).scalar() or 0

    return _Standing(position, known, versions, held, last)


def _completed(
    waiting: _Waiting,
    standing: _Standing,
    recorded_at: datetime,
    given: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], Envelopes]:
    """The rows of a writing's events, with position, recording time and case number 案号."""
    writing, first = waiting.writing, standing.position + 1
    rows: list[dict[str, Any]] = []
    envelopes: Envelopes = []
    for index, event in enumerate(waiting.stored):
        draft = orjson.loads(event.state)
        envelope = draft["envelope"]
        envelope["position"] = first + index
        envelope["recorded_at"] = instant(recorded_at)
        envelope["case_number"] = None
        envelope.pop("document_number", None)  # stands in the record of a letter alone
        year = shanghai_day(recorded_at).year
        for name, series in (
            # Gapless per kind and year: DX-2026-0001, 安卫职告〔2026〕3号.
            ("case_number", _series(writing.numbered, index, f"-{year}")),
            ("document_number", _series(writing.lettered, index, f"〔{year}〕")),
        ):
            if series:
                number = standing.next_number(series)
                envelope[name] = as_written(series, number)
                given.append({"series": series, "number": number, "position": first + index})
        if index in writing.caused:
            envelope["causation"] = first + writing.caused[index]
        envelopes.append(envelope)
        rows.append(_row(event, envelope, canonical(draft), recorded_at))
    return rows, envelopes


def _series(prefixes: Mapping[int, str], index: int, year: str) -> str | None:
    return f"{prefixes[index]}{year}" if index in prefixes else None


def as_written(series: str, number: int) -> str:
    """A number of a series as its event bears it: 案号 or 文号."""
    return f"{series}{number}号" if series.endswith("〕") else f"{series}-{number:04d}"


def _move_claims(
    connection: sa.Connection,
    before: dict[tuple[str, str], str],
    after: dict[tuple[str, str], str],
) -> None:
    """Bring the uniqueness keys from how they stood to how they stand now."""
    gone = [pair for pair, stream in before.items() if after.get(pair) != stream]
    taken = [(pair, stream) for pair, stream in after.items() if before.get(pair) != stream]
    if gone:
        pair = sa.tuple_(claims.c.index, claims.c.key)
        connection.execute(sa.delete(claims).where(pair.in_(gone)))
    if taken:
        rows = [{"index": i, "key": k, "stream": stream} for (i, k), stream in taken]
        connection.execute(sa.insert(claims), rows)


def _row(
    event: StoredEvent, envelope: dict[str, Any], record: bytes, recorded_at: datetime
) -> dict[str, Any]:
    return {
        "position": envelope["position"],
        "stream": str(event.originator_id),
        "version": event.originator_version,
        "type": event.topic,
        "occurred_at": datetime.fromisoformat(envelope["occurred"]["at"]),
        "recorded_at": recorded_at,
        "actor": envelope["actor"],
        "command": envelope["command"],
        "case_number": envelope["case_number"],
        "record": record,
        "leaf": merkle.leaf(record),
    }


RETRY_SECONDS = 1


class LogSubscription(ListenNotifySubscription["LogRecorder"]):
    """Woken by the database at most once a commit, with a look every two seconds besides."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        while not self._has_been_stopped:
            with suppress(psycopg.Error, sa.exc.SQLAlchemyError):
                raw = self._recorder.engine.raw_connection()
                try:
                    self._wait(raw.driver_connection)
                finally:
                    raw.invalidate()
            # Only a lost connection comes here: not to be tried thousands of times a second.
            if not self._has_been_stopped:
                sleep(RETRY_SECONDS)

    def _wait(self, connection: Any) -> None:
        connection.rollback()
        connection.autocommit = True
        connection.execute(f'LISTEN "{self._recorder.channel}"')
        self._has_been_notified.set()
        while not self._has_been_stopped:
            for _ in connection.notifies(timeout=2, stop_after=1):
                pass
            self._has_been_notified.set()


class LogFactory(InfrastructureFactory[Any]):
    """Hands the library our one recorder; there is no other to construct."""

    def __init__(self, env: Any, recorder: LogRecorder) -> None:
        super().__init__(env)
        self._recorder = recorder

    def application_recorder(self) -> ApplicationRecorder:
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> LogRecorder:
        return self._recorder

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        raise InfrastructureFactoryError("read models keep their own positions")

    def process_recorder(self) -> Any:
        raise InfrastructureFactoryError("read models keep their own positions")
