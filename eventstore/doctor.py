"""The doctor 体检: is this role fit to serve, are the settings durable, is the log whole?

What it cannot see. A superuser who rewrites records, leaves *and* the head row consistently leaves
a log that verifies; only a root kept outside the database would show it. A command's fingerprint,
the uniqueness keys and the wrapped data keys follow from no record: changed by hand, they show
only when used (a command sent again is refused, a second case opens, a sealed field stays shut).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from domain.rules import content_hash
from eventstore import documents, merkle
from eventstore.codec import canonical
from eventstore.recorder import as_written
from eventstore.schema import LOG, blobs, commands, events, log_head, numbers

BATCH = 2_000
# The law's editions too: whoever changed them would change how every case reads.
APPEND_ONLY = ("events", "commands", "numbers", "blobs", "documents", "document_chunks")
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


# Whoever logged in may always return to himself and take on any role he is a member of, whether
# or not he inherits its rights: all of them count.
_ROLES = "FROM pg_roles AS r WHERE pg_has_role(session_user, r.oid, 'MEMBER') AND "
_POWERS = "rolcreaterole OR rolname IN ('pg_execute_server_program', 'pg_write_server_files')"
_OWNERS = """r.oid IN (
    SELECT relowner FROM pg_class WHERE oid = 'events'::regclass
    UNION SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()
    UNION SELECT datdba FROM pg_database WHERE datname = current_database())"""


def _role(connection: sa.Connection) -> Iterator[Finding]:
    """Whether the login could alter the log, itself or by a role it may take on."""

    def asked(condition: str, **given: str) -> str:
        """The names of the roles for which it holds."""
        found = connection.execute(sa.text(f"SELECT rolname {_ROLES} ({condition})"), given)
        return "、".join(sorted(found.scalars()))

    me = connection.execute(sa.text("SELECT session_user")).scalar_one()
    if asked("rolsuper"):
        zh = f"角色 {me} 是（或可成为）超级用户，能改动日志；请改用只有写入权限的角色"
        yield Finding("error", "role-superuser", zh, f"{me} is or can become a superuser")
        return
    if powers := asked(_POWERS):
        zh = f"角色 {me} 可经 {powers} 自行扩大权限，能改动日志；请收回"
        yield Finding("error", "role-powers", zh, f"{me} can widen its rights: revoke {powers}")
    if owners := asked(_OWNERS):
        zh = f"角色 {me} 是（或可成为）日志表、模式或数据库的所有者 {owners}，能改动日志"
        en = f"{me} is or can become {owners}, who owns the log's tables, schema or database"
        yield Finding("error", "role-owner", zh, en)
    for table in APPEND_ONLY:
        for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
            # The right to update one column is enough.
            has = "has_any_column_privilege" if right == "UPDATE" else "has_table_privilege"
            if holders := asked(f"{has}(r.oid, :table, :right)", table=table, right=right):
                zh = f"角色 {me} 对 {table} 有 {right} 权限（{holders}），能改动日志；请收回"
                en = f"{me} may {right} {table} (by {holders}): revoke it"
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


@dataclass
class _Walk:
    """What is carried from event to event while the log is walked."""

    reached: int = 0
    recorded_at: str = ""
    leaves: int = 0
    frontier: bytes = b""
    versions: dict[str, int] = field(default_factory=dict)
    borne: dict[str, int] = field(default_factory=dict)  # case number -> position of its event
    opened: dict[str, str] = field(default_factory=dict)  # case -> its number
    lettered: dict[str, str] = field(default_factory=dict)  # command -> number of its letter
    filed: dict[str, int] = field(default_factory=dict)  # document -> last position
    named: dict[str, int] = field(default_factory=dict)  # edition or calendar -> last position


def verify(
    engine: sa.Engine, told: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[Finding]:
    """Walk the whole log: positions, leaves, copies, versions, times, receipts, numbers, root."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        columns = (log_head.c.position, log_head.c.frontier, _utc(log_head.c.recorded_at))
        head = connection.execute(sa.select(*columns).where(log_head.c.log == LOG)).first()
        walk = _Walk()
        after = -(2**63)  # a forged event may stand before the first
        while rows := _batch(connection, after):
            for row in rows:
                yield from _in_order(row, walk)
                yield from _record(row, walk)
            yield from _receipts(connection, rows, walk)
            # Over the records themselves: the root then tells a changed record from a changed leaf.
            leaves = (merkle.leaf(row.record) for row in rows)
            walk.frontier = merkle.append(walk.frontier, walk.leaves, leaves)
            walk.leaves += len(rows)
            after = rows[-1].position
            told(after, head.position if head else after)
        yield from _head(head, walk)
        yield from _numbers(connection, walk.borne)
        yield from _editions(connection, walk.named)
        yield from _documents(connection, walk.filed)
        beyond = sa.select(commands.c.id, commands.c.position)
        for row in connection.execute(beyond.where(commands.c.position > walk.reached)):
            zh = f"命令 {row.id} 的回执指向不存在的位置"
            yield _broken("receipt", row.position, zh, "a receipt points beyond the log")


def _utc(column: sa.Column[Any]) -> sa.Label[str]:
    """An instant written as in a record: as text, for a forged one may be infinite."""
    text = sa.func.to_char(sa.func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return sa.func.coalesce(text, "").label(column.name)


def _batch(connection: sa.Connection, after: int) -> Sequence[Any]:
    instants = ("occurred_at", "recorded_at")
    columns = [_utc(column) if column.name in instants else column for column in events.c]
    wanted = sa.select(*columns).where(events.c.position > after)
    return connection.execute(wanted.order_by(events.c.position).limit(BATCH)).all()


def _broken(code: str, position: int, zh: str, en: str) -> Finding:
    return Finding("error", f"log-{code}", f"位置 {position}：{zh}", f"position {position}: {en}")


def _in_order(row: Any, walk: _Walk) -> Iterator[Finding]:
    """The event against those before it."""
    if row.position != walk.reached + 1:
        zh = f"此前应为位置 {walk.reached}，其间缺失或多出事件"
        yield _broken("gap", row.position, zh, f"does not follow position {walk.reached}")
    if row.version != walk.versions.get(row.stream, 0) + 1:
        zh = f"{row.stream} 的版本应为 {walk.versions.get(row.stream, 0) + 1}"
        yield _broken("version", row.position, zh, "stream version out of order")
    if row.recorded_at < walk.recorded_at:
        yield _broken(
            "time", row.position, "记录时间早于前一事件", "recorded before its predecessor"
        )
    if row.case_number:
        walk.borne[row.case_number] = row.position
        walk.opened[row.stream] = row.case_number
    walk.reached, walk.recorded_at = row.position, row.recorded_at
    walk.versions[row.stream] = row.version


COPIES = ("position", "stream", "version", "type", "actor", "command", "case_number", "recorded_at")


def _record(row: Any, walk: _Walk) -> Iterator[Finding]:
    """The record against its leaf, its canonical form and the columns copied from it."""
    if merkle.leaf(row.record) != row.leaf:
        yield _broken(
            "leaf", row.position, "记录与其哈希不符，内容被改动", "record differs from leaf"
        )
    try:
        data = orjson.loads(row.record)
        envelope = data["envelope"]
        copied = {name: envelope[name] for name in COPIES}
        copied["occurred_at"] = envelope["occurred"]["at"]
        for edition in filter(None, (envelope["edition"], envelope["calendar"])):
            walk.named[edition] = row.position
        if number := envelope.get("document_number"):
            walk.borne[number] = row.position
            walk.lettered[row.command] = number
        if row.type == "document.filed":
            walk.filed[data["payload"]["sha256"]] = row.position
    except (ValueError, KeyError, TypeError):
        yield _broken("record", row.position, "记录无法解读", "the record cannot be read")
        return
    if canonical(data) != row.record:
        yield _broken("canonical", row.position, "记录不是规范形式", "the record is not canonical")
    for column, value in copied.items():
        if getattr(row, column) != value:
            zh = f"列 {column} 与记录不符"
            yield _broken("copy", row.position, zh, f"column {column} differs from the record")


def _receipts(connection: sa.Connection, rows: Sequence[Any], walk: _Walk) -> Iterator[Finding]:
    """The receipts of the commands behind these events: they tell what was recorded."""
    told: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows:
        event = {name: getattr(row, name) for name in ("position", "stream", "version", "type")}
        told.setdefault(row.command, {})[row.position] = event
    wanted = sa.select(commands).where(commands.c.id.in_(told))
    kept = {row.id: row for row in connection.execute(wanted)}
    first, last = rows[0].position, rows[-1].position
    for id, recorded in told.items():
        position = max(recorded)
        if id not in kept:
            yield _broken("command", position, "事件没有对应的命令", "no command stands behind it")
            continue
        try:
            receipt = orjson.loads(kept[id].receipt)
            # A command's events may go on in the batches before and after.
            listed = {e["position"]: e for e in receipt["events"]}
            here = {p: e for p, e in listed.items() if first <= p <= last}
            number = walk.opened.get(receipt["case"])
            same = here == recorded and kept[id].position == receipt["position"] == max(listed)
            same = same and (receipt["command"], receipt["case_number"]) == (id, number)
            same = same and receipt.get("document_number") == walk.lettered.get(id)
        except (ValueError, KeyError, TypeError):
            same = False
        if not same:
            zh = f"命令 {id} 的回执与其事件不符"
            yield _broken("receipt", position, zh, "the command's receipt differs from its events")


def _head(head: Any, walk: _Walk) -> Iterator[Finding]:
    """The head row against all that was walked."""
    if head is None:
        zh = "日志头不存在，请由备份恢复"
        yield _broken("head", walk.reached, zh, "the head row is missing: restore it")
        return
    if head.position != walk.reached:
        zh = f"日志头为 {head.position}，最后事件为 {walk.reached}"
        yield _broken("head", walk.reached, zh, "the head and the last event differ")
    if head.recorded_at != walk.recorded_at:
        zh = "日志头的记录时间与最后事件不符"
        yield _broken("head-time", walk.reached, zh, "the head's time is not the last event's")
    if merkle.root(walk.frontier) != merkle.root(head.frontier):
        zh = "全部记录的默克尔根与日志头不符：有记录被改动、增删或调换"
        yield _broken("root", walk.reached, zh, "the Merkle root differs from the head's")


def _numbers(connection: sa.Connection, borne: dict[str, int]) -> Iterator[Finding]:
    """Numbers given out: gapless, and each borne by the event it was given to."""
    last: dict[str, int] = {}
    rows = connection.execute(sa.select(numbers).order_by(numbers.c.series, numbers.c.number))
    for row in rows:
        number = as_written(row.series, row.number)
        if row.number != last.get(row.series, 0) + 1:
            zh = f"{row.series} 编号有缺，{number} 之前缺号"
            yield _broken("number-gap", row.position, zh, f"a number before {number} is missing")
        if borne.pop(number, None) != row.position:
            zh = f"编号 {number} 与其事件不符"
            yield _broken("number", row.position, zh, f"{number} is not borne by its event")
        last[row.series] = row.number
    for number, position in borne.items():
        zh = f"编号 {number} 没有发号记录"
        yield _broken("number", position, zh, f"{number} was never given out")


def _editions(connection: sa.Connection, named: dict[str, int]) -> Iterator[Finding]:
    """The law and calendars the events were recorded under: kept, and as their hashes say."""
    whole = set()
    for row in connection.execute(sa.select(blobs)):
        with suppress(ValueError, AttributeError, TypeError):
            if content_hash(orjson.loads(row.content)) == row.hash:
                whole.add(row.hash)
    for hash, position in named.items():
        if hash not in whole:
            zh = f"所依据的法规版次或日历 {hash[:12]} 缺失或被改动"
            en = f"the edition or calendar {hash[:12]} it rests on is missing or changed"
            yield _broken("edition", position, zh, en)


def _documents(connection: sa.Connection, filed: dict[str, int]) -> Iterator[Finding]:
    """The documents the events name: kept, and their stored bytes as they were written."""
    whole = set(documents.whole(connection))
    for sha256, position in filed.items():
        if sha256 not in whole:
            zh = f"归档的材料 {sha256[:12]} 缺失或被改动"
            yield _broken("document", position, zh, f"document {sha256[:12]} is missing or changed")
