"""The audit trail 审计轨迹: one plain sentence an event, when it happened, when it was recorded."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from domain.corrections import FactCorrected
from domain.events import Recorded, sentence
from projections.tables import Tables


def row(recorded: Recorded) -> dict[str, Any]:
    """The event as a line of the trail; late where recorded on a later day than it happened."""
    envelope, event = recorded.envelope, recorded.event
    return {
        "position": envelope.position,
        "case": envelope.stream,
        "version": envelope.version,
        "type": envelope.type,
        "sentence": sentence(event),
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
    }


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
