"""The read tables. They live in generations: a rebuild fills a new one and flips the pointer.

Task and case rows carry `[from_position, to_position)`, so the queue as of a position is an index
lookup. Rows hold dates, never a status computed from now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.events import EVENT_TYPES
from domain.tasks import Summary
from eventstore.schema import Roles, checked_name
from projections import outward

pointers = sa.MetaData()

pointer = sa.Table(
    "read_pointer",
    pointers,
    sa.Column("one", sa.Boolean, primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
    comment="The generation readers use; its row is the projector's lock.",
)
progress = sa.Table(
    "read_progress",
    pointers,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Tables:
    """The read tables of one generation."""

    generation: int
    metadata: sa.MetaData
    tasks: sa.Table
    cases: sa.Table
    audit: sa.Table
    notices: sa.Table
    parked: sa.Table

    def all(self) -> tuple[sa.Table, ...]:
        return self.tasks, self.cases, self.audit, self.notices, self.parked


@cache
def tables(generation: int) -> Tables:
    """The tables of a generation, whether they exist yet or not."""
    metadata = sa.MetaData()
    span: tuple[Callable[[], sa.Column[int]], ...] = (
        lambda: sa.Column("from_position", sa.BigInteger(), nullable=False),
        lambda: sa.Column("to_position", sa.BigInteger()),
    )
    tasks = sa.Table(
        f"tasks_g{generation}",
        metadata,
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("concerned", ARRAY(sa.Text), nullable=False),  # every unit in whose queue it is
        sa.Column("nature", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("legal", sa.Date),
        sa.Column("safe", sa.Date),
        *(make() for make in span),
        sa.Column("body", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", "from_position"),
        sa.Index(f"tasks_g{generation}_concerned", "concerned", postgresql_using="gin"),
        sa.Index(f"tasks_g{generation}_case", "case"),
    )
    cases = sa.Table(
        f"cases_g{generation}",
        metadata,
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("touched", sa.Integer, nullable=False),  # its tag: see CaseFold.touched
        *(make() for make in span),
        sa.Column("links", ARRAY(sa.Text), nullable=False),
        sa.Column("parties", JSONB, nullable=False),
        sa.Column("township", sa.Text),
        sa.PrimaryKeyConstraint("case", "from_position"),
        sa.Index(f"cases_g{generation}_number", "number"),
        sa.Index(f"cases_g{generation}_links", "links", postgresql_using="gin"),
    )
    audit = sa.Table(
        f"audit_g{generation}",
        metadata,
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorder", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("precision", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_days", sa.Integer, nullable=False),
        sa.Column("corrects", sa.Integer),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("causation", sa.BigInteger),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("concerned", ARRAY(sa.Text), nullable=False),  # every party in the case by then
        sa.Index(f"audit_g{generation}_case", "case", "version"),
    )
    notices = sa.Table(
        f"notices_g{generation}",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("legal", sa.Date),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Index(f"notices_g{generation}_party", "party", "position"),
        sa.Index(f"notices_g{generation}_position", "position"),
    )
    parked = sa.Table(
        f"parked_g{generation}",
        metadata,
        sa.Column("case", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    return Tables(generation, metadata, tasks, cases, audit, notices, parked)


def prepare(projector: sa.Engine, roles: Roles | None = None) -> None:
    """Create the pointer and the first generation where absent; safe to repeat."""
    app = checked_name((roles or Roles()).app)
    with projector.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('zhifang.read'))"))
        pointers.create_all(connection)
        if connection.execute(sa.select(pointer.c.generation)).scalar() is None:
            create(connection, 1, roles)
            connection.execute(sa.insert(pointer).values(one=True, generation=1))
        outward.prepare(connection, roles or Roles())
        for table in (pointer, progress):
            connection.execute(sa.text(f"GRANT SELECT ON {table.name} TO {app}"))


def create(connection: sa.Connection, generation: int, roles: Roles | None = None) -> Tables:
    """The empty tables of a new generation, readable by the application."""
    made = tables(generation)
    made.metadata.create_all(connection)
    app = checked_name((roles or Roles()).app)
    for table in made.all():
        connection.execute(sa.text(f"GRANT SELECT ON {table.name} TO {app}"))
    fresh = {"generation": generation, "position": 0, "shape": shape()}
    connection.execute(sa.insert(progress).values(fresh))
    return made


@cache
def shape() -> str:
    """What the rows of this version of the software look like; another shape wants a rebuild."""
    columns = [f"{t.name}.{c.name}:{c.type}" for t in tables(0).all() for c in t.columns]
    members = [f"{f.name}:{f.type}" for f in fields(Summary)]
    said = [f"{name}:{event.sentence}" for name, event in sorted(EVENT_TYPES.items())]
    return hashlib.sha256("\n".join([*columns, *members, *said]).encode()).hexdigest()[:16]


def live(connection: sa.Connection) -> tuple[Tables, int]:
    """The live generation and its position; read once a request."""
    row = connection.execute(
        sa.select(pointer.c.generation, progress.c.position).join(
            progress, progress.c.generation == pointer.c.generation
        )
    ).one()
    return tables(row.generation), row.position
