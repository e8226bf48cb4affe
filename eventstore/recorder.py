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
from threading import Thread
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
from sqlalchemy.dialects import postgresql

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
    caused: Mapping[int, int] = field(default_factory=dict)  # index of event -> index of its cause
    claims: Sequence[tuple[str, str, str]] = ()  # (index, key, stream)
    releases: Sequence[tuple[str, str]] = ()
    command: str | None = None
    fingerprint: bytes = b""
    receipt: Callable[[Envelopes], bytes] = lambda envelopes: b""


class LogRecorder(ApplicationRecorder):
    """Inserts and selects the log's events."""

    def __init__(self, engine: sa.Engine, now: Callable[[datetime | None], datetime]) -> None:
        self.engine = engine
        self.now = now
        with engine.connect() as connection:
            schema = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
        self.channel = f"zhifang_{schema}"  # of the database's notification with each commit

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append `stored_events`, whose states are drafts; returns their positions.

        Keyword `writing` says what else commits and what is checked. Raises ConflictError,
        ClaimTakenError, CommandKnownError or ClockError, and then nothing was written.
        """
        writing: Writing = kwargs.get("writing") or Writing(now=self.now)
        try:
            with self.engine.begin() as connection:
                return self._append(connection, stored_events, writing)
        except sa.exc.IntegrityError as error:
            # The first line only: the database's detail would repeat the values.
            raise ConflictError(str(error.orig).splitlines()[0]) from None

    def _append(
        self, connection: sa.Connection, stored: Sequence[StoredEvent], writing: Writing
    ) -> list[int]:
        head = connection.execute(
            sa.select(log_head).where(log_head.c.log == LOG).with_for_update()
        ).one()
        self._check(connection, writing)
        recorded_at = writing.now(head.recorded_at)
        given = self._numbers(connection, writing, recorded_at)
        rows: list[dict[str, Any]] = []
        envelopes: Envelopes = []
        for index, event in enumerate(stored):
            draft = orjson.loads(event.state)
            envelope = draft["envelope"]
            envelope["position"] = head.position + 1 + index
            envelope["recorded_at"] = instant(recorded_at)
            envelope["case_number"] = given.get(index)
            if index in writing.caused:
                envelope["causation"] = head.position + 1 + writing.caused[index]
            envelopes.append(envelope)
            rows.append(_row(event, envelope, canonical(draft), recorded_at))
        if rows:
            connection.execute(sa.insert(events), rows)
            self._move_head(connection, head, rows, recorded_at)
        self._beside(connection, writing, given, envelopes, head.position + len(rows))
        return [row["position"] for row in rows]

    def _check(self, connection: sa.Connection, writing: Writing) -> None:
        if writing.command is not None:
            known = sa.select(commands.c.id).where(commands.c.id == writing.command)
            if connection.execute(known).first():
                raise CommandKnownError
        if writing.read:
            versions = sa.select(events.c.stream, sa.func.max(events.c.version)).where(
                events.c.stream.in_(writing.read)
            )
            rows = connection.execute(versions.group_by(events.c.stream))
            found = {stream: version for stream, version in rows}  # noqa: C416 - rows, not pairs
            for stream, version in writing.read.items():
                if found.get(stream, 0) != version:
                    raise ConflictError(f"{stream} is at {found.get(stream, 0)}, not {version}")
        for index, key, stream in writing.claims:
            wanted = sa.select(claims.c.stream).where(claims.c.index == index, claims.c.key == key)
            holder = connection.execute(wanted).scalar()
            if holder is not None and holder != stream:
                raise ClaimTakenError(index, key, holder)

    def _numbers(
        self, connection: sa.Connection, writing: Writing, recorded_at: datetime
    ) -> dict[int, str]:
        """Gapless case numbers per kind and year 案号: DX-2026-0001."""
        given: dict[int, str] = {}
        last: dict[str, int] = {}
        for index, prefix in writing.numbered.items():
            series = f"{prefix}-{shanghai_day(recorded_at).year}"
            if series not in last:
                top = sa.select(sa.func.max(numbers.c.number)).where(numbers.c.series == series)
                last[series] = connection.execute(top).scalar() or 0
            last[series] += 1
            given[index] = f"{series}-{last[series]:04d}"
        return given

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

    def _beside(
        self,
        connection: sa.Connection,
        writing: Writing,
        given: Mapping[int, str],
        envelopes: Envelopes,
        position: int,
    ) -> None:
        """What commits with the events: numbers, uniqueness keys, the command's receipt."""
        for index, number in given.items():
            series, _, last = number.rpartition("-")
            row = {"series": series, "number": int(last), "position": envelopes[index]["position"]}
            connection.execute(sa.insert(numbers), row)
        for name, key in writing.releases:
            connection.execute(sa.delete(claims).where(claims.c.index == name, claims.c.key == key))
        for name, key, stream in writing.claims:
            claim = postgresql.insert(claims).values(index=name, key=key, stream=stream)
            connection.execute(claim.on_conflict_do_nothing())
        if writing.command is not None:
            row = {
                "id": writing.command,
                "fingerprint": writing.fingerprint,
                "position": position,
                "receipt": writing.receipt(envelopes),
            }
            connection.execute(sa.insert(commands), row)

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
        with self.engine.connect() as connection:
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
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(events.c.position).limit(limit)).all()
        return [Notification(r.stream, r.version, r.type, r.record, r.position) for r in rows]

    def max_notification_id(self) -> int | None:
        """The position of the last event; None for an empty log."""
        query = sa.select(log_head.c.position).where(log_head.c.log == LOG)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar_one() or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """The log after `gt`, and what is recorded from now on, without end."""
        return LogSubscription(self, gt, topics)


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
