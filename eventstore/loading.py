"""Loading 装载: many commands in one commit, for whoever brings a whole county's past into a log.

A `Loader` is the log itself: the same `execute`, the same deciders, checks, receipts and command
ids. Only the commit differs: what the commands decided is gathered, folded in memory and inserted
in one transaction at `flush`. Nothing may write beside it: if the head moved meanwhile nothing of
the batch is written, and `OvertakenError` says so. What was flushed stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from eventsourcing.persistence import StoredEvent

from domain.fold import CaseFold
from eventstore.application import Log, Order, Receipt
from eventstore.clock import Clock
from eventstore.keys import KEY, KeyFile, Keyring, wrapped
from eventstore.recorder import Gathered, LogRecorder, Writing, _Standing, _Waiting, locked_head
from eventstore.schema import LOG, claims, commands, data_keys, events, log_head, numbers

BATCH = 500  # commands a commit


class OvertakenError(Exception):
    """Somebody else wrote to the log while a batch was being gathered; the batch was dropped."""

    def __init__(self) -> None:
        super().__init__(
            "装载期间另有写入，本批未写入；请停止服务后以同样参数重试，已写入的不会重复"
            " / another writer came between: stop the service and run it again"
        )


class LoadingKeyring(Keyring):
    """Makes the data keys of new subjects in memory; they are stored with the batch they seal."""

    def __init__(self, engine: sa.Engine, keys: KeyFile) -> None:
        super().__init__(engine, keys)
        self.reset()

    def reset(self) -> None:
        """Know the stored keys alone: those of a batch that was dropped never were."""
        self._open.clear()
        with self.engine.connect() as connection:
            self._known = set(connection.execute(sa.select(data_keys.c.subject)).scalars())
        self.unstored: list[dict[str, Any]] = []

    def _data_key(self, subject: str) -> bytes:
        if subject in self._known:
            return super()._data_key(subject)
        self._known.add(subject)
        key = self._open[subject] = os.urandom(KEY)
        self.unstored.append(wrapped(self.keys, key, subject))
        return key


class LoadingRecorder(LogRecorder):
    """Gathers what is to be inserted, and reads as if it had been inserted already."""

    def __init__(self, engine: sa.Engine, now: Callable[[datetime | None], datetime]) -> None:
        super().__init__(engine, now)
        self._pending: dict[str, list[StoredEvent]] = {}
        self._gathered = self._stand()
        self.reached: dict[str, int] | None = None  # while replaying: how far each stream was told
        self.met: str | None = None  # the command that was found to be known already

    def _stand(self) -> Gathered:
        """All of the log's standing, read once: loading holds it in memory, one line a case."""
        with self.reads.connect() as connection:
            head = connection.execute(sa.select(log_head).where(log_head.c.log == LOG)).one()
            highest = sa.select(events.c.stream, sa.func.max(events.c.version))
            versions = dict(connection.execute(highest.group_by(events.c.stream)).all())
            known = set(connection.execute(sa.select(commands.c.id)).scalars())
            rows = connection.execute(sa.select(claims))
            held = {(index, key): stream for index, key, stream in rows}
            top = sa.select(numbers.c.series, sa.func.max(numbers.c.number))
            last = dict(connection.execute(top.group_by(numbers.c.series)).all())
        self._base = head.position
        standing = _Standing(head.position, known, versions, held, lambda name: last.get(name, 0))
        return Gathered(standing, head.recorded_at)

    @property
    def waiting(self) -> int:
        """Commands gathered and not yet committed."""
        return len(self._gathered.commands)

    def knows(self, command: str) -> bool:
        return command in self._gathered.standing.known

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Gather the events, under the checks of every writing; positions are final if flushed."""
        waiting = _Waiting(stored_events, kwargs.get("writing") or Writing(now=self.now))
        before = len(self._gathered.rows)
        if self.knows(waiting.writing.command or ""):
            self.met = waiting.writing.command
        else:
            self.reached = None  # beyond what was loaded before: the log is read whole again
        self._gathered.take(waiting)
        for row in self._gathered.rows[before:]:
            event = StoredEvent(row["stream"], row["version"], row["type"], row["record"])
            self._pending.setdefault(row["stream"], []).append(event)
        return waiting.positions

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, those not yet committed among them."""
        stream, after = str(originator_id), gt or 0
        if self.reached is not None:
            told = self.reached.get(stream, 0)
            return super().select_events(stream, gt=gt, lte=told) if told > after else []
        if after >= self._gathered.standing.versions.get(stream, 0):
            return []
        pending = self._pending.get(stream, [])
        stored: Sequence[StoredEvent] = []
        if not pending or pending[0].originator_version > after + 1:
            stored = super().select_events(stream, gt=gt)
        found = [*stored, *(e for e in pending if e.originator_version > after)]
        if lte is not None:
            found = [e for e in found if e.originator_version <= lte]
        return (found[::-1] if desc else found)[:limit]

    def flush(self, keys: list[dict[str, Any]]) -> None:
        """Commit what was gathered. Raises OvertakenError, and then nothing of it was written."""
        gathered = self._gathered
        if not gathered.commands and not gathered.rows:
            return
        try:
            with self.engine.begin() as connection:
                head = locked_head(connection)
                if head.position != self._base:
                    raise OvertakenError
                if keys:
                    connection.execute(sa.insert(data_keys), keys)
                self.write(connection, head, gathered)
        except Exception:
            self._pending, self._gathered = {}, self._stand()
            raise
        self._pending, self._base = {}, gathered.standing.position
        self._gathered = Gathered(gathered.standing, gathered.recorded_at)


class Loader(Log):
    """A log whose commands share commits. `flush` before anybody else is to see them."""

    recorder_class = LoadingRecorder
    log_recorder: LoadingRecorder
    keyring: LoadingKeyring
    cached_cases = 60_000  # all that go on in a large county at once: read again they cost the most

    def __init__(self, engine: sa.Engine, keyring: Keyring, clock: Clock, batch: int) -> None:
        super().__init__(engine, LoadingKeyring(engine, keyring.keys), clock)
        self.batch = batch
        self.unfinished: dict[str, None] = {}  # every case written to that may have open tasks

    def fold(self, case: str) -> CaseFold:
        """The case as it stands; one that nothing is left to do in is finished until written to."""
        fold = super().fold(case)
        if not fold.open_tasks():
            self.unfinished.pop(case, None)
        return fold

    def execute(self, order: Order) -> Receipt:
        """Carry a command out, once, to be committed with others; refusals are as ever."""
        receipt = super().execute(order)
        self.unfinished |= dict.fromkeys(event["stream"] for event in receipt.events)
        if self.log_recorder.waiting >= self.batch:
            self.flush()
        return receipt

    def flush(self) -> None:
        """Commit what waits; after a failure the folds in memory are those of the log again."""
        try:
            self.log_recorder.flush(self.keyring.unstored)
        except Exception:
            self._folds.clear()
            self.keyring.reset()
            raise
        self.keyring.unstored = []

    def replay(self, given: dict[str, int]) -> None:
        """Take the orders of an interrupted load again from the first: each is decided on what
        stood then, those carried out answer with their receipts, and the rest goes on from there.
        `given` says how far each stream stood before the first order.
        """
        self.flush()
        self._folds.clear()
        self.unfinished.clear()
        self.log_recorder.reached = dict(given)

    def _receipt(self, id: str, fingerprint: bytes) -> Receipt | None:
        recorder = self.log_recorder
        if not recorder.knows(id) or (recorder.reached is not None and recorder.met != id):
            return None
        self.flush()
        receipt = super()._receipt(id, fingerprint)
        if receipt and recorder.reached is not None:
            for told in receipt.events:
                recorder.reached[told["stream"]] = told["version"]
        return receipt
