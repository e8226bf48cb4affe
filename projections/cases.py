"""Cases 案件 as rows: number, kind, status, parties, by position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH

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
        "status": fold.status,
        "opened_on": fold.opened_on,
        "version": fold.version,
        "touched": fold.touched,
        "links": sorted(fold.kind.links(fold.state)),
        "parties": dict(fold.parties),
        "township": fold.township,
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


@dataclass(frozen=True)
class Wanted:
    """Which cases a listing keeps; None keeps all."""

    kind: str | None = None
    status: str | None = None
    party: str | None = None


ANY = Wanted()


def listing(
    connection: sa.Connection,
    into: Tables,
    position: int,
    wanted: Wanted = ANY,
    after: tuple[date, str] | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """The cases as they stood at a position, newest first, from the one after `after` on."""
    table = into.cases
    query = sa.select(table).where(standing_at(table, position))
    if wanted.kind:
        query = query.where(table.c.kind == wanted.kind)
    if wanted.status:
        query = query.where(table.c.status == wanted.status)
    if wanted.party:
        query = query.where(
            sa.func.jsonb_path_exists(
                table.c.parties,
                sa.cast("$.* ? (@ == $party)", JSONPATH),
                sa.func.jsonb_build_object("party", wanted.party),
            )
        )
    if after:
        query = query.where(sa.tuple_(table.c.opened_on, table.c.number) < sa.tuple_(*after))
    query = query.order_by(table.c.opened_on.desc(), table.c.number.desc()).limit(limit)
    return [dict(found) for found in connection.execute(query).mappings()]


def resting_on(
    connection: sa.Connection, into: Tables, position: int, case: str
) -> list[dict[str, Any]]:
    """The cases that name this one among those they rest on, oldest first."""
    table = into.cases
    query = sa.select(table).where(table.c.links.contains([case]), standing_at(table, position))
    rows = connection.execute(query.order_by(table.c.opened_on, table.c.number)).mappings()
    return [dict(found) for found in rows]


@dataclass(frozen=True)
class Known:
    """What is known of a case whoever looks: its number, its parties at the position looked at and
    today, and everybody it ever named as informant."""

    number: str
    then: Mapping[str, str]
    now: Mapping[str, str]
    informants: frozenset[str]


def known(
    connection: sa.Connection, into: Tables, wanted: set[str], position: int
) -> dict[str, Known]:
    """What is known of each case wanted, in one query."""
    table = into.cases
    then, now = standing_at(table, position), table.c.to_position.is_(None)
    query = sa.select(table.c.case, table.c.number, table.c.parties, then, now)
    found: dict[str, list[Any]] = {case: [] for case in wanted}
    for case, *row in connection.execute(query.where(table.c.case.in_(wanted)).distinct()):
        found[case].append(row)
    return {case: _known(case, rows) for case, rows in found.items()}


def _known(case: str, rows: list[Any]) -> Known:
    named = {parties.get("informant") for _, parties, _, _ in rows} - {None}
    return Known(
        number=next((number for number, *_ in rows if number), case),
        then=next((parties for _, parties, then, _ in rows if then), {}),
        now=next((parties for _, parties, _, now in rows if now), {}),
        informants=frozenset(named),
    )


def numbers(connection: sa.Connection, into: Tables, wanted: set[str]) -> dict[str, str]:
    """The number 案号 of each case wanted (it never changes); the id where there is none."""
    table = into.cases
    query = sa.select(table.c.case, table.c.number).where(table.c.case.in_(wanted)).distinct()
    found = dict(connection.execute(query).all())
    return {case: found.get(case) or case for case in wanted}
