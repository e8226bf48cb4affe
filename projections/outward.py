"""What leaves the house 外送: leases of the workers, places reached, deliveries owed to channels.

Unlike the read tables these rows are not derived alone: they remember what was sent. They belong to
the projector's role; the application may read them and put a given-up delivery back in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from eventstore.schema import Roles, checked_name

WORKERS = ("projector", "relay", "clock", "notifier")
"""Every worker there is, by the name of its lease."""

metadata = sa.MetaData()

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    comment="Which process does a worker's work; by the database's own clock.",
)
places = sa.Table(
    "places",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    comment="How far a worker has carried the log.",
)
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("notice", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),  # pending, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.Column("error", sa.Text),
    sa.Index("deliveries_due", "state", "next_at"),
    comment="One notice to one channel: at least once, under the notice's id.",
)

NOW = sa.func.clock_timestamp()


def prepare(connection: sa.Connection, roles: Roles) -> None:
    """Create the tables where absent; the application may read them, and resend."""
    metadata.create_all(connection)
    app = checked_name(roles.app)
    for table in metadata.sorted_tables:
        connection.execute(sa.text(f"GRANT SELECT ON {table.name} TO {app}"))
    resending = "GRANT UPDATE (state, attempts, next_at) ON deliveries TO"
    connection.execute(sa.text(f"{resending} {app}"))


def take_lease(connection: sa.Connection, name: str, holder: str, seconds: float) -> bool:
    """Take or renew a lease; False while another process holds it.

    It holds for the work of its own transaction, which waits for no other holder's, and lasts
    `seconds` beyond.
    """
    until = NOW + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    mine = {"holder": holder, "until": until}
    take = (
        sa.dialects.postgresql.insert(leases)
        .values(name=name, **mine)
        .on_conflict_do_update(
            index_elements=["name"],
            set_=mine,
            where=sa.or_(leases.c.holder == holder, leases.c.until < NOW),
        )
        .returning(leases.c.holder)
    )
    return connection.execute(take).scalar() is not None


def give_back(connection: sa.Connection, name: str, holder: str) -> None:
    """End a lease early, so that another process need not wait."""
    mine = sa.and_(leases.c.name == name, leases.c.holder == holder)
    connection.execute(sa.delete(leases).where(mine))


def stale(engine: sa.Engine, names: Iterable[str] = WORKERS) -> list[str]:
    """The workers among `names` that nobody has been doing lately."""
    fresh = sa.select(leases.c.name).where(leases.c.until > NOW)
    with engine.connect() as connection:
        held = set(connection.execute(fresh).scalars())
    return [name for name in names if name not in held]


def place(connection: sa.Connection, name: str) -> int | None:
    """How far `name` has got; None where it never began."""
    wanted = sa.select(places.c.position).where(places.c.name == name)
    return connection.execute(wanted).scalar()


def put_place(connection: sa.Connection, name: str, position: int) -> None:
    """Remember how far `name` has got."""
    row = {"name": name, "position": position}
    put = sa.dialects.postgresql.insert(places).values(row)
    connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=row))


def undelivered(engine: sa.Engine) -> tuple[int, int]:
    """How many deliveries are pending, and how many were given up."""
    counted = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    with engine.connect() as connection:
        found: dict[str, int] = dict(connection.execute(counted).all())
    return found.get("pending", 0), found.get("dead", 0)


def listing(engine: sa.Engine, state: str | None, limit: int) -> list[dict[str, Any]]:
    """The latest deliveries, of one state or of all."""
    query = sa.select(deliveries).order_by(deliveries.c.position.desc(), deliveries.c.notice)
    if state:
        query = query.where(deliveries.c.state == state)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def resend(engine: sa.Engine, notice: str, channel: str) -> bool:
    """Put a given-up delivery back in the queue, under the same id; False where there is none."""
    again = (
        sa.update(deliveries)
        .where(deliveries.c.notice == notice, deliveries.c.channel == channel)
        .where(deliveries.c.state == "dead")
        .values(state="pending", attempts=0, next_at=NOW)
    )
    with engine.begin() as connection:
        return connection.execute(again).rowcount > 0
