"""The one projection engine: reads the log in order, folds in memory, writes rows and position.

Live, rebuilt, one event at a time or thousands: the same rows. An event that cannot be folded
parks its case, and only it; mended, the case is refolded by a rebuild.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from domain.fold import CaseFold, empty
from domain.reference import STREAM
from eventstore.application import Log, kind_of
from eventstore.codec import decode
from eventstore.schema import Roles
from projections import audit, cases, notices, tables, tasks
from projections.tables import Tables, pointer, progress

BATCH = 1_000
FOLDS_KEPT = 20_000

Progress = Callable[[int, int], None]
"""Called with (position reached, position aimed at)."""


class Engine:
    """Keeps the read tables of one county."""

    def __init__(self, projector: sa.Engine, log: Log, roles: Roles | None = None) -> None:
        self.projector, self.log, self.roles = projector, log, roles
        self._folds: OrderedDict[str, CaseFold] = OrderedDict()
        self._generation = 0
        self._shape_known = False
        tables.prepare(projector, roles)

    def catch_up(self, batch: int = BATCH) -> int:
        """Bring the live generation up to the log's end; returns the position reached.

        Rows written by another version of the software are rebuilt first.
        """
        if not self._shape_known:
            if self._live_shape() != tables.shape():
                self.rebuild(batch)
            self._shape_known = True
        while True:
            with self.projector.begin() as connection:
                generation = connection.execute(
                    sa.select(pointer.c.generation).with_for_update()
                ).scalar_one()
                position, seen = self._batch(connection, tables.tables(generation), batch)
            if seen < batch:
                return position

    def _live_shape(self) -> str:
        with self.projector.connect() as connection:
            joined = sa.join(pointer, progress, progress.c.generation == pointer.c.generation)
            return str(connection.execute(sa.select(progress.c.shape).select_from(joined)).scalar())

    def rebuild(self, batch: int = BATCH, told: Progress = lambda reached, aim: None) -> int:
        """Fill a new generation beside the live one and flip the pointer once it has caught up."""
        with self.projector.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('zhifang.read'))"))
            newest = connection.execute(sa.select(sa.func.max(progress.c.generation))).scalar_one()
            fresh = tables.create(connection, newest + 1, self.roles)
        seen = batch
        while seen == batch:
            with self.projector.begin() as connection:
                position, seen = self._batch(connection, fresh, batch)
            told(position, self.log.recorder.max_notification_id() or 0)
        with self.projector.begin() as connection:
            old = connection.execute(sa.select(pointer.c.generation).with_for_update()).scalar_one()
            while seen:
                position, seen = self._batch(connection, fresh, batch)
            connection.execute(sa.update(pointer).values(generation=fresh.generation))
        self._drop_older_than(old)
        return position

    def _drop_older_than(self, generation: int) -> None:
        """Readers of the generation just left may still be at work; older ones are gone."""
        with self.projector.begin() as connection:
            wanted = sa.select(progress.c.generation).where(progress.c.generation < generation)
            for (stale,) in connection.execute(wanted).all():
                tables.tables(stale).metadata.drop_all(connection)
                connection.execute(sa.delete(progress).where(progress.c.generation == stale))

    def _batch(self, connection: sa.Connection, into: Tables, size: int) -> tuple[int, int]:
        """Fold the next events into the tables; returns (position reached, events seen)."""
        if self._generation != into.generation:
            self._folds.clear()
            self._generation = into.generation
        mine = progress.c.generation == into.generation
        position: int = connection.execute(sa.select(progress.c.position).where(mine)).scalar_one()
        found = self.log.recorder.select_notifications(
            start=position, limit=size, inclusive_of_start=False
        )
        if not found:
            return position, 0
        parked = set(connection.execute(sa.select(into.parked.c.case)).scalars())
        task_rows, case_rows = tasks.Changes(), cases.Changes()
        audit_rows: list[dict[str, Any]] = []
        notice_rows: list[dict[str, Any]] = []
        for notification in found:
            case = str(notification.originator_id)
            try:
                recorded = decode(notification.state)
                audit_rows.append(audit.row(recorded, self.log.units(recorded)))
                if case == STREAM or case in parked:
                    continue
                before = self._before(case, recorded.envelope.version)
                after = self.log.stepped(before, recorded)
                task_rows.note(before, after)
                case_rows.note(before, after)
                notice_rows += notices.rows(before, after, recorded)
                audit_rows[-1]["concerned"] = audit.concerned(after, recorded)
            except Exception as error:
                # Whatever is wrong with this event must not stop the others.
                parked.add(case)
                self._folds.pop(case, None)
                row = {"case": case, "position": notification.id, "error": type(error).__name__}
                connection.execute(sa.insert(into.parked).values(row))
                continue
            self._keep(after)
        if audit_rows:
            connection.execute(sa.insert(into.audit), audit_rows)
        if notice_rows:
            connection.execute(sa.insert(into.notices), notice_rows)
        task_rows.write(connection, into.tasks)
        case_rows.write(connection, into.cases)
        position = found[-1].id
        connection.execute(sa.update(progress).where(mine).values(position=position))
        return position, len(found)

    def _before(self, case: str, version: int) -> CaseFold:
        """The case just before `version`, from memory or from the log."""
        fold = self._folds.get(case)
        if fold is None or fold.version >= version:
            fold = empty(kind_of(case), case)
        if fold.version < version - 1:
            for recorded in self.log.events.get(case, gt=fold.version, lte=version - 1):
                fold = self.log.stepped(fold, recorded)
        return fold

    def _keep(self, fold: CaseFold) -> None:
        self._folds[fold.case] = fold
        self._folds.move_to_end(fold.case)
        if len(self._folds) > FOLDS_KEPT:
            self._folds.popitem(last=False)
