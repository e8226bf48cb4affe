"""Rows that hold for a span of positions: the one way read tables keep their history."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

Row = dict[str, Any]


class Spans:
    """Collects the rows a batch adds and those it ends; the same rows for any batch size."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._added: list[Row] = []
        self._current: dict[str, Row] = {}
        self._ended: dict[str, int] = {}

    def put(self, key: str, row: Row, position: int, *, first: bool = False) -> None:
        """From `position` on, `row` is what stands for `key`; the `first` one ends no other."""
        if key in self._current:
            self._current[key]["to_position"] = position
        elif not first:
            self._ended[key] = position
        row = {self.key: key, **row, "from_position": position, "to_position": None}
        self._added.append(row)
        self._current[key] = row

    def write(self, connection: sa.Connection, table: sa.Table) -> None:
        if not self._added:
            return
        end = (
            sa.update(table)
            .where(table.c[self.key] == sa.bindparam("ending"), table.c.to_position.is_(None))
            .values(to_position=sa.bindparam("at"))
        )
        if self._ended:
            connection.execute(end, [{"ending": k, "at": p} for k, p in self._ended.items()])
        connection.execute(sa.insert(table), self._added)


def standing_at(table: sa.Table, position: int) -> sa.ColumnElement[bool]:
    """The rows that stood at a position of the log."""
    ends = table.c.to_position
    return sa.and_(table.c.from_position <= position, sa.or_(ends.is_(None), ends > position))
