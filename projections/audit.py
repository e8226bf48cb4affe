"""The audit trail 审计轨迹: one plain sentence an event, when it happened, when it was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from domain.access import sees_all
from domain.corrections import FactCorrected
from domain.events import Recorded, told
from domain.fold import CaseFold
from projections.tables import Tables


def row(recorded: Recorded, units: Mapping[str, str]) -> dict[str, Any]:
    """The event as a line of the trail; late where recorded on a later day than it happened.

    `units` gives the name of each unit's code.
    """
    envelope, event = recorded.envelope, recorded.event
    return {
        "position": envelope.position,
        "case": envelope.stream,
        "version": envelope.version,
        "type": envelope.type,
        "sentence": told(recorded, units),
        "actor": envelope.actor,
        "recorder": envelope.recorder,
        "occurred_at": envelope.occurred.at,
        "precision": envelope.occurred.precision,
        "recorded_at": envelope.recorded_at,
        "late_days": (envelope.recorded_on - envelope.occurred.day).days,
        "corrects": event.target if isinstance(event, FactCorrected) else None,
        "source": envelope.source,
        "causation": envelope.causation,
        "command": envelope.command,
        "concerned": [envelope.actor],
    }


def concerned(fold: CaseFold, recorded: Recorded) -> list[str]:
    """Every party that has had to do with the case by now: those may read what it records."""
    parties = {recorded.envelope.actor, *fold.parties.values()}
    for task in fold.tasks.values():
        back = task.returned.by if task.returned else None
        parties |= {p for p in (task.holder, task.supervisor, back, *task.helpers) if p}
    return sorted(parties)


def trail(
    connection: sa.Connection, into: Tables, case: str, position: int
) -> list[dict[str, Any]]:
    """The trail of a case up to a position, corrections folded onto the facts they correct."""
    table = into.audit
    wanted = sa.select(table).where(table.c.case == case, table.c.position <= position)
    rows = connection.execute(wanted.order_by(table.c.version)).mappings()
    lines = [{**line, "corrected_by": []} for line in rows]
    by_version = {line["version"]: line for line in lines}
    for line in lines:
        if line["corrects"] in by_version:
            by_version[line["corrects"]]["corrected_by"].append(line["version"])
    return lines


def feed(
    connection: sa.Connection, into: Tables, party: str, after: int, upto: int, limit: int
) -> list[dict[str, Any]]:
    """The lines after a position that `party` may read: its own cases, or all to an overseer."""
    table = into.audit
    wanted = sa.select(table).where(table.c.position > after, table.c.position <= upto)
    if not sees_all(party):
        wanted = wanted.where(table.c.concerned.contains([party]))
    rows = connection.execute(wanted.order_by(table.c.position).limit(limit)).mappings()
    return [dict(row) for row in rows]
