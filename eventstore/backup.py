"""Backup 备份 and restore 恢复: the log in one file that proves itself, and back again to the byte.

A zip of what PostgreSQL's own COPY writes, one member a table, and a manifest with each member's
hash, the position and the Merkle root. Read tables are not in it: they are rebuilt. Neither is the
key file: whoever holds both can open what is sealed, so the two are kept apart.

What it cannot see. Whoever rewrites records, head and manifest consistently makes a file that
verifies; only the root told at the time of the backup and kept elsewhere would show it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
import psycopg
import sqlalchemy as sa

from eventstore import merkle
from eventstore.doctor import COPIES
from eventstore.schema import (
    blobs,
    claims,
    commands,
    data_keys,
    document_chunks,
    document_uploads,
    documents,
    events,
    log_head,
    numbers,
)

FORMAT = 3
OF_FORMAT: dict[int, tuple[sa.Table, ...]] = {
    1: (blobs, data_keys, events, commands, numbers, claims, log_head)
}
OF_FORMAT[2] = (*OF_FORMAT[1], documents, document_chunks)
OF_FORMAT[3] = (*OF_FORMAT[2], document_uploads)
"""The tables in a backup; the first format knew no documents, the second not who sent them."""
TABLES = OF_FORMAT[FORMAT]
MANIFEST = "manifest.json"
CHUNK = 1 << 20  # bytes
# COPY writes as the session's settings say; a server's own must not decide how a backup is written.
PLAIN = sa.text(
    "SELECT set_config('datestyle', 'ISO', true), set_config('bytea_output', 'hex', true),"
    " set_config('client_encoding', 'UTF8', true)"
)

Progress = Callable[[int, int], None]
"""Called with (events done, events in all)."""


class BackupError(Exception):
    """A backup cannot be made, is damaged, or cannot be restored here; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    format: int
    position: int
    root: str  # of the log's Merkle tree, in hex
    rows: dict[str, int]
    sha256: dict[str, str]


def _quiet(done: int, of: int) -> None:
    return None


def backup(engine: sa.Engine, to: Path, told: Progress = _quiet) -> Manifest:
    """Write one consistent moment of the log to the new file `to`, and verify what was written.

    Raises BackupError where `to` exists or the log does not verify: a bad copy is no backup.
    """
    try:
        with _placed(to) as fresh:
            with fresh.open("r+b") as out:
                _write(engine, out, told)
                out.flush()
                os.fsync(out.fileno())
            return inspect(fresh)
    except OSError as error:
        raise BackupError(
            f"{to} 写不出，请检查文件夹、权限与剩余空间 / cannot be written: {error.strerror}"
        ) from None


@contextmanager
def _placed(to: Path) -> Iterator[Path]:
    """A private file that takes the name `to` once it is whole, and is gone if it never is."""
    if os.path.lexists(to):
        raise _taken(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        yield fresh
        try:
            os.link(fresh, to)  # unlike a renaming, never over another's file
        except OSError:
            if os.path.lexists(to):
                raise _taken(to) from None
            fresh.rename(to)  # a memory stick's file system has no such links
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _taken(to: Path) -> BackupError:
    return BackupError(f"{to} 已存在，不覆盖；请另选文件名 / {to} exists: choose another name")


def _write(engine: sa.Engine, out: IO[bytes], told: Progress) -> None:
    rows: dict[str, int] = {}
    sums: dict[str, str] = {}
    snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with snapshot as connection, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        connection.execute(PLAIN)
        head = connection.execute(sa.select(log_head)).one_or_none()
        if head is None:
            raise BackupError(
                "日志头不存在，日志不完整；请运行 zhifang doctor / no head row: run zhifang doctor"
            )
        raw: Any = connection.connection.driver_connection
        for table in TABLES:
            member = hashlib.sha256()
            count = 0
            with (
                # Without force_zip64 a member beyond two gigabytes could not be written.
                archive.open(f"{table.name}.copy", "w", force_zip64=True) as file,
                raw.cursor().copy(_copy(table, "TO STDOUT")) as copy,
            ):
                for data in copy:
                    file.write(data)
                    member.update(data)
                    count += bytes(data).count(b"\n")
                    if table is events:
                        told(count, head.position)
            rows[table.name], sums[table.name] = count, member.hexdigest()
        root = merkle.root(head.frontier).hex()
        manifest = Manifest(FORMAT, head.position, root, rows, sums)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


def _copy(table: sa.Table, direction: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    if direction.startswith("FROM"):
        return f"COPY {table.name} ({columns}) {direction}"
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f"COPY (SELECT {columns} FROM {table.name} ORDER BY {order}) {direction}"


def inspect(path: Path, told: Progress = _quiet) -> Manifest:
    """The manifest of a backup that is whole. Raises BackupError naming what is wrong."""
    with _readable(path), zipfile.ZipFile(path) as archive:
        told_of = json.loads(archive.read(MANIFEST))
        if told_of["format"] not in OF_FORMAT:
            raise BackupError(
                f"备份格式 {told_of['format']} 与本版软件（{FORMAT}）不符；请以原版本恢复，再升级"
                f" / backup format {told_of['format']} is another version's: restore with that one"
            )
        manifest = Manifest(**told_of)
        tables = OF_FORMAT[manifest.format]
        if sorted(archive.namelist()) != sorted([MANIFEST, *(f"{t.name}.copy" for t in tables)]):
            raise ValueError("a member is missing, or there are others")
        for table in tables:
            _whole(archive, table.name, manifest)
        _proved(archive, manifest, told)
    return manifest


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Whatever a damaged file makes the readers of zip and JSON say is one sentence."""
    try:
        yield
    except (
        *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError),
        *(LookupError, TypeError, ValueError, AttributeError, RuntimeError),
    ) as error:
        raise BackupError(
            f"备份 {path} 已损坏或不完整，不能使用 / damaged or incomplete: {type(error).__name__}"
        ) from None


def _whole(archive: zipfile.ZipFile, name: str, manifest: Manifest) -> None:
    member = hashlib.sha256()
    with archive.open(f"{name}.copy") as file:
        while data := file.read(CHUNK):
            member.update(data)
    if member.hexdigest() != manifest.sha256[name]:
        raise BackupError(f"备份中 {name} 与清单不符，已损坏 / member {name} is damaged")


def _proved(archive: zipfile.ZipFile, manifest: Manifest, told: Progress) -> None:
    """The log proves itself: dense positions, every leaf, and the head's own root."""
    frontier, position, recorded_at = b"", 0, "\\N"
    for fields in _lines(archive, events):
        position += 1
        if wrong := _wrong(fields, position):
            raise BackupError(
                f"备份中第 {position} 条记录不对（{wrong}）；若是刚作的备份，请运行 zhifang doctor"
                f" / record {position} of the backup does not verify ({wrong})"
            )
        frontier = merkle.append(frontier, position - 1, [_bytes(fields["leaf"])])
        recorded_at = fields["recorded_at"]
        told(position, manifest.position)
    [head] = _lines(archive, log_head)
    ends = (int(head["position"]), _bytes(head["frontier"]), head["recorded_at"])
    if ends != (position, frontier, recorded_at) or manifest.position != position:
        raise BackupError(
            f"备份的日志在第 {position} 条处与日志头不符，可能缺少记录"
            f" / the log of the backup ends at {position}, unlike its head"
        )
    if merkle.root(frontier).hex() != manifest.root:
        raise BackupError("备份的根与清单不符 / the backup's root is not the manifest's")


def _wrong(fields: dict[str, str], position: int) -> str:
    """The first column that is not what the record at this position makes it; else nothing."""
    record = _bytes(fields["record"])
    if int(fields["position"]) != position:
        return "position"
    if merkle.leaf(record) != _bytes(fields["leaf"]):
        return "leaf"
    try:
        envelope = orjson.loads(record)["envelope"]
        copied = {name: envelope[name] for name in COPIES}
        copied["occurred_at"] = envelope["occurred"]["at"]
        for name, value in copied.items():
            if name.endswith("_at"):
                same = datetime.fromisoformat(fields[name]) == datetime.fromisoformat(value)
            else:
                same = fields[name] == _text(value)
            if not same:
                return name
    except (ValueError, LookupError, TypeError):
        return "record"
    return ""


ESCAPES = {
    ord(sign): f"\\{letter}" for sign, letter in zip("\\\b\f\n\r\t\v", "\\bfnrtv", strict=True)
}


def _text(value: str | int | None) -> str:
    """A value as COPY writes it."""
    return "\\N" if value is None else str(value).translate(ESCAPES)


def _lines(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[dict[str, str]]:
    names = [column.name for column in table.columns]
    with archive.open(f"{table.name}.copy") as file:
        for line in file:
            yield dict(zip(names, line.decode().rstrip("\n").split("\t"), strict=True))


def _bytes(field: str) -> bytes:
    """A bytea as COPY writes it: a doubled backslash, `x`, and hex digits."""
    return bytes.fromhex(field.removeprefix("\\\\x"))


def restore(admin: sa.Engine, path: Path, told: Progress = _quiet) -> Manifest:
    """Put a backup into a migrated schema whose log is empty, as the owner; all of it or nothing.

    Raises BackupError where the backup is damaged or the log is not empty.
    """
    manifest = inspect(path, told)
    with (
        _readable(path),
        zipfile.ZipFile(path) as archive,
        admin.begin() as connection,
    ):
        connection.execute(PLAIN)
        names = ", ".join(table.name for table in TABLES)
        connection.execute(sa.text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        _require_empty(connection)
        connection.execute(sa.delete(log_head))
        raw: Any = connection.connection.driver_connection
        for table in OF_FORMAT[manifest.format]:
            _load(archive, table, raw)
            _whole(archive, table.name, manifest)  # the file may have changed since
            counted = sa.select(sa.func.count()).select_from(table)
            if connection.execute(counted).scalar_one() != manifest.rows[table.name]:
                raise BackupError(f"{table.name} 恢复后行数不符 / rows of {table.name} differ")
    return manifest


def _require_empty(connection: sa.Connection) -> None:
    position = connection.execute(sa.select(sa.func.max(log_head.c.position))).scalar() or 0
    others = [table for table in TABLES if table is not log_head]
    if position or any(connection.execute(sa.select(table).limit(1)).first() for table in others):
        raise BackupError(
            f"此处的日志不空（{position} 条记录），不能恢复到其上；请恢复到新建的空库"
            " / the log here is not empty: restore into a fresh schema"
        )


def _load(archive: zipfile.ZipFile, table: sa.Table, raw: Any) -> None:
    try:
        with (
            archive.open(f"{table.name}.copy") as file,
            raw.cursor().copy(_copy(table, "FROM STDIN")) as copy,
        ):
            while data := file.read(CHUNK):
                copy.write(data)
    except psycopg.Error as error:
        # The name only: the database's own words would repeat the values.
        raise BackupError(
            f"数据库不接受备份中 {table.name} 的内容，全部撤销"
            f" / the database refuses {table.name}, all is undone: {type(error).__name__}"
        ) from None
