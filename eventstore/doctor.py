"""The doctor 体检: is this role fit to serve, are the settings durable, is the log whole?

What it cannot see: a superuser who rewrites records, leaves *and* the head row consistently leaves
a log that verifies; only a root kept outside the database would show it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from eventstore import merkle
from eventstore.codec import canonical
from eventstore.schema import LOG, commands, events, log_head, numbers

BATCH = 2_000
APPEND_ONLY = ("events", "commands", "numbers")
SETTINGS = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on"}
DURABLE_COMMITS = ("on", "remote_apply")  # anything less may lose what was acknowledged

logger = logging.getLogger("zhifang.doctor")


class UnsafeDatabaseError(Exception):
    """The database or role is not fit to serve; the message says what to change."""


@dataclass(frozen=True)
class Finding:
    """Something the doctor found, and what it means."""

    severity: Literal["error", "warning"]
    code: str
    zh: str
    en: str


def check_database(engine: sa.Engine) -> Iterator[Finding]:
    """What makes this role or these settings unfit to keep the log."""
    with engine.connect() as connection:
        yield from _role(connection)
        for name, wanted in SETTINGS.items():
            found = str(connection.execute(sa.text(f"SHOW {name}")).scalar_one())
            if found != wanted:
                yield _unsafe_setting(name, found, wanted)
        found = str(connection.execute(sa.text("SHOW synchronous_commit")).scalar_one())
        if found not in DURABLE_COMMITS:
            yield _unsafe_setting("synchronous_commit", found, "on")


def _unsafe_setting(name: str, found: str, wanted: str) -> Finding:
    zh = f"数据库设置 {name}={found}，断电可能丢失已确认的记录；应设为 {wanted}"
    en = f"{name} is {found}: acknowledged events could be lost; set it to {wanted}"
    return Finding("error", f"setting-{name}", zh, en)


def _role(connection: sa.Connection) -> Iterator[Finding]:
    """Whether the present role could alter the log, itself or by a role it may take on."""
    role = connection.execute(
        sa.text("SELECT rolsuper, current_user AS name FROM pg_roles WHERE rolname = current_user")
    ).one()
    if role.rolsuper:
        zh = f"角色 {role.name} 是超级用户，能改动日志；请改用只有写入权限的角色"
        yield Finding("error", "role-superuser", zh, f"{role.name} is a superuser")
        return
    owner = connection.execute(
        sa.text(
            "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class"
            " WHERE oid = 'events'::regclass"
        )
    ).scalar_one()
    if owner:
        zh = f"角色 {role.name} 是日志表的所有者（或其成员），能改动日志"
        yield Finding("error", "role-owner", zh, f"{role.name} owns the log's tables")
    for table in APPEND_ONLY:
        for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
            asked = sa.text("SELECT has_table_privilege(:table, :right)")
            if connection.execute(asked, {"table": table, "right": right}).scalar_one():
                zh = f"角色 {role.name} 对 {table} 有 {right} 权限，能改动日志；请收回"
                en = f"{role.name} may {right} {table}: revoke it"
                yield Finding("error", f"role-{right.lower()}-{table}", zh, en)


def require_safe(engine: sa.Engine, allow_unsafe: bool) -> None:
    """Refuse to serve on an unfit database. Raises UnsafeDatabaseError, unless overridden."""
    found = list(check_database(engine))
    for finding in found:
        logger.error("%s / %s", finding.zh, finding.en)
    if not found:
        return
    if allow_unsafe:
        logger.error("已按 ZHIFANG_ALLOW_UNSAFE_DATABASE 放行，仅限试用 / overridden: trials only")
        return
    told = "\n".join(f"{f.zh} / {f.en}" for f in found)
    raise UnsafeDatabaseError(told)


def verify(
    engine: sa.Engine, told: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[Finding]:
    """Walk the whole log: positions, leaves, copies, versions, times, numbers, receipts, root."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        head = connection.execute(sa.select(log_head).where(log_head.c.log == LOG)).one()
        frontier, reached = b"", 0
        versions: dict[str, int] = {}
        last: datetime | None = None
        bearing: dict[str, int] = {}
        while True:
            wanted = sa.select(events).where(events.c.position > reached)
            rows = connection.execute(wanted.order_by(events.c.position).limit(BATCH)).all()
            if not rows:
                break
            for row in rows:
                if row.position != reached + 1:
                    yield _broken(
                        "gap", row.position, f"缺少位置 {reached + 1}", "positions missing"
                    )
                yield from _record(row)
                if row.version != versions.get(row.stream, 0) + 1:
                    zh = f"{row.stream} 的版本应为 {versions.get(row.stream, 0) + 1}"
                    yield _broken("version", row.position, zh, "stream version out of order")
                if last is not None and row.recorded_at < last:
                    zh = "记录时间早于前一事件"
                    yield _broken("time", row.position, zh, "recorded before its predecessor")
                if row.case_number:
                    bearing[row.case_number] = row.position
                versions[row.stream], last, reached = row.version, row.recorded_at, row.position
            frontier = merkle.append(frontier, rows[0].position - 1, (row.leaf for row in rows))
            told(reached, head.position)
        if head.position != reached:
            zh, en = (
                f"日志头为 {head.position}，最后事件为 {reached}",
                "the head and the last event differ",
            )
            yield _broken("head", reached, zh, en)
        if merkle.root(frontier) != merkle.root(head.frontier):
            zh = "全部记录的默克尔根与日志头不符：有记录被改动、增删或调换"
            yield _broken("root", reached, zh, "the Merkle root differs from the head's")
        yield from _numbers(connection, bearing)
        yield from _receipts(connection, reached)


def _broken(code: str, position: int, zh: str, en: str) -> Finding:
    return Finding("error", f"log-{code}", f"位置 {position}：{zh}", f"position {position}: {en}")


def _record(row: Any) -> Iterator[Finding]:
    """The record against its leaf, its canonical form and the columns copied from it."""
    if merkle.leaf(row.record) != row.leaf:
        yield _broken(
            "leaf", row.position, "记录与其哈希不符，内容被改动", "record differs from leaf"
        )
    try:
        data = orjson.loads(row.record)
        envelope = data["envelope"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        yield _broken("record", row.position, "记录无法解读", "the record cannot be read")
        return
    if canonical(data) != row.record:
        yield _broken("canonical", row.position, "记录不是规范形式", "the record is not canonical")
    copies = {
        "position": envelope.get("position"),
        "stream": envelope.get("stream"),
        "version": envelope.get("version"),
        "type": envelope.get("type"),
        "actor": envelope.get("actor"),
        "command": envelope.get("command"),
        "case_number": envelope.get("case_number"),
        "recorded_at": datetime.fromisoformat(envelope["recorded_at"]),
        "occurred_at": datetime.fromisoformat(envelope["occurred"]["at"]),
    }
    for column, value in copies.items():
        if getattr(row, column) != value:
            zh = f"列 {column} 与记录不符"
            yield _broken("copy", row.position, zh, f"column {column} differs from the record")


def _numbers(connection: sa.Connection, bearing: dict[str, int]) -> Iterator[Finding]:
    """Numbers given out: gapless, and each borne by the event it was given to."""
    last: dict[str, int] = {}
    rows = connection.execute(sa.select(numbers).order_by(numbers.c.series, numbers.c.number))
    for row in rows:
        number = f"{row.series}-{row.number:04d}"
        if row.number != last.get(row.series, 0) + 1:
            zh = f"{row.series} 编号有缺，{number} 之前缺号"
            yield _broken("number-gap", row.position, zh, f"a number before {number} is missing")
        if bearing.pop(number, None) != row.position:
            zh = f"编号 {number} 与其事件不符"
            yield _broken("number", row.position, zh, f"{number} is not borne by its event")
        last[row.series] = row.number
    for number, position in bearing.items():
        zh = f"案号 {number} 没有发号记录"
        yield _broken("number", position, zh, f"{number} was never given out")


def _receipts(connection: sa.Connection, reached: int) -> Iterator[Finding]:
    beyond = sa.select(commands.c.id, commands.c.position).where(commands.c.position > reached)
    for row in connection.execute(beyond):
        zh = f"命令 {row.id} 的回执指向不存在的位置"
        yield _broken("receipt", row.position, zh, "a receipt points beyond the log")
    unknown = sa.select(events.c.position).where(events.c.command.not_in(sa.select(commands.c.id)))
    for position in connection.execute(unknown).scalars():
        yield _broken(
            "command", position, "事件没有对应的命令", "no command stands behind the event"
        )
