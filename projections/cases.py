"""Cases 案件 as rows: number, kind, status, parties, by position."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from domain.fold import CaseFold
from projections.spans import Spans, standing_at
from projections.tables import Tables


class Changes(Spans):
    """The case rows a batch of events changes: one for each event of the case."""

    def __init__(self) -> None:
        super().__init__("case")

    def note(self, before: CaseFold, after: CaseFold) -> None:
        row = {
            "number": after.number,
            "kind": after.kind.name,
            "status": after.kind.status(after.state),
            "opened_on": after.opened_on,
            "version": after.version,
            "parties": dict(after.parties),
        }
        self.put(after.case, row, after.position)


def by_key(
    connection: sa.Connection, into: Tables, key: str, position: int
) -> dict[str, Any] | None:
    """The case with this stream id or case number 案号, as it stood at a position."""
    table = into.cases
    wanted = sa.select(table).where(
        sa.or_(table.c.case == key, table.c.number == key), standing_at(table, position)
    )
    row = connection.execute(wanted).mappings().first()
    return dict(row) if row else None


def listing(
    connection: sa.Connection, into: Tables, position: int, limit: int = 100
) -> list[dict[str, Any]]:
    """The newest cases as they stood at a position."""
    table = into.cases
    wanted = (
        sa.select(table)
        .where(standing_at(table, position))
        .order_by(table.c.opened_on.desc(), table.c.number.desc())
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]
