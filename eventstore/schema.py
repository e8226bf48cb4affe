"""The log's tables and what each database role may do with them.

Three roles: the owner migrates; the application may INSERT and SELECT events and commands and
move the head row; the projector owns the read tables. A county is a schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

metadata = sa.MetaData()

INSTANT = sa.DateTime(timezone=True)

log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("log", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", INSTANT),
    sa.Column("frontier", BYTEA, nullable=False),
    comment="One row a log: whoever holds its lock writes next.",
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("occurred_at", INSTANT, nullable=False),
    sa.Column("recorded_at", INSTANT, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("case_number", sa.Text),
    sa.Column("record", BYTEA, nullable=False),
    sa.Column("leaf", BYTEA, nullable=False),
    sa.UniqueConstraint("stream", "version"),
    sa.Index("events_recorded_at", "recorded_at"),
    comment="The log. `record` is the truth; the other columns are copies the verifier compares.",
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("receipt", BYTEA, nullable=False),
    comment="Commands carried out: sent again, the first receipt answers.",
)

numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    comment="Gapless numbers given out, with the event that bears each.",
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("index", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    comment="Uniqueness keys held by a case.",
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("content", BYTEA, nullable=False),
    comment="Adopted law and calendar editions, by content hash.",
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("sealed_sha256", sa.Text, nullable=False),
    comment="Documents by the hash of their bytes; `key` names the data key that opens them."
    " Stored anew after that key was destroyed: `hash/2` and so on.",
)

document_chunks = sa.Table(
    "document_chunks",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", BYTEA, nullable=False),
    comment="Their bytes, sealed piece by piece.",
)

document_uploads = sa.Table(
    "document_uploads",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("party", sa.Text, primary_key=True),
    comment="Who sent the bytes: knowing their hash alone puts them on no case.",
)

data_keys = sa.Table(
    "data_keys",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("master", sa.Text, nullable=False),
    sa.Column("wrapped", BYTEA, nullable=False),
    comment="One data key a subject, wrapped by the master key named.",
)

APP_GRANTS: dict[str, str] = {
    "log_head": "SELECT, UPDATE",
    "events": "SELECT, INSERT",
    "commands": "SELECT, INSERT",
    "numbers": "SELECT, INSERT",
    "claims": "SELECT, INSERT, DELETE",
    "blobs": "SELECT, INSERT",
    "data_keys": "SELECT, INSERT",
    "documents": "SELECT, INSERT",
    "document_chunks": "SELECT, INSERT",
    "document_uploads": "SELECT, INSERT",
}
PROJECTOR_GRANTS: dict[str, str] = {"log_head": "SELECT", "events": "SELECT", "blobs": "SELECT"}

LOG = "events"  # the name of the case log's head row
COUNTY = "zhifang"  # the schema of a county, unless set otherwise


@dataclass(frozen=True)
class Roles:
    """The login roles of a database; their names are a setting."""

    app: str = "zhifang_app"
    projector: str = "zhifang_projector"


def connect(url: str, schema: str = COUNTY, **options: Any) -> sa.Engine:
    """An engine whose every connection works in the county's `schema`."""
    settings = f"-csearch_path={checked_name(schema)} -ctimezone=UTC"
    return sa.create_engine(
        url,
        connect_args={"options": settings, "connect_timeout": 5},
        pool_pre_ping=True,
        hide_parameters=True,  # an error or a log line must not show what was sent
        pool_size=10,
        max_overflow=30,  # the web server answers with up to forty threads
        **options,
    )


def checked_name(name: str) -> str:
    """An identifier safe to stand in SQL. ValueError otherwise."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", name):
        raise ValueError(f"not a plain schema or role name: {name!r}")
    return name


def is_empty(engine: sa.Engine) -> bool:
    """Whether nothing was ever written to the log."""
    with engine.connect() as connection:
        return not connection.execute(sa.select(sa.func.max(log_head.c.position))).scalar()


def migrate(admin: sa.Engine, schema: str = COUNTY, roles: Roles | None = None) -> None:
    """Create what is missing, as the owner; safe to repeat and to run from several processes."""
    roles = roles or Roles()
    app, projector = checked_name(roles.app), checked_name(roles.projector)
    checked_name(schema)
    with admin.begin() as connection:

        def run(sql: str, **values: Any) -> None:
            connection.execute(sa.text(sql), values)

        # Processes creating tables at the same time collide; the lock makes them take turns.
        run("SELECT pg_advisory_xact_lock(hashtext('zhifang.migrate'))")
        run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        metadata.create_all(connection)
        head = "INSERT INTO log_head (log, position, frontier) VALUES (:log, 0, '')"
        run(f"{head} ON CONFLICT DO NOTHING", log=LOG)
        run(f"GRANT USAGE ON SCHEMA {schema} TO {app}, {projector}")
        run(f"GRANT CREATE ON SCHEMA {schema} TO {projector}")
        for table, rights in APP_GRANTS.items():
            run(f"GRANT {rights} ON {table} TO {app}")
        for table, rights in PROJECTOR_GRANTS.items():
            run(f"GRANT {rights} ON {table} TO {projector}")
