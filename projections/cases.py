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
        self.put(after.case, row(after), after.position)


def row(fold: CaseFold) -> dict[str, Any]:
    """A case as the list and its page show it."""
    return {
        "number": fold.number,
        "kind": fold.kind.name,
        "status": fold.kind.status(fold.state),
        "opened_on": fold.opened_on,
        "version": fold.version,
        "parties": dict(fold.parties),
    }


def by_key(
    connection: sa.Connection, into: Tables, key: str, position: int
) -> dict[str, Any] | None:
    """The case with this stream id or case number 案号, as it stood at a position."""
    table = into.cases
    wanted = sa.select(table).where(
        sa.or_(table.c.case == key, table.c.number == key), standing_at(table, position)
    )
    found = connection.execute(wanted).mappings().first()
    return dict(found) if found else None


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
    return [dict(found) for found in connection.execute(wanted).mappings()]
