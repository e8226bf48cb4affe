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
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from eventstore import merkle
from eventstore.schema import blobs, claims, commands, data_keys, events, log_head, numbers

FORMAT = 1
TABLES = (blobs, data_keys, events, commands, numbers, claims, log_head)
MANIFEST = "manifest.json"
CHUNK = 1 << 20  # bytes

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
    if to.exists():
        raise BackupError(f"{to} 已存在，不覆盖；请另选文件名 / {to} exists: choose another name")
    fresh = to.with_name(f".{to.name}.{os.getpid()}.part")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            _write(engine, out, told)
            out.flush()
            os.fsync(out.fileno())
        manifest = inspect(fresh)
        os.link(fresh, to)  # never over another's file
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return manifest


def _write(engine: sa.Engine, out: IO[bytes], told: Progress) -> None:
    rows: dict[str, int] = {}
    sums: dict[str, str] = {}
    snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with snapshot as connection, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        head = connection.execute(sa.select(log_head)).one()
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
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            if manifest.format != FORMAT:
                raise BackupError(
                    f"备份格式 {manifest.format} 与本版软件（{FORMAT}）不符"
                    f" / backup format {manifest.format} is not this version's"
                )
            for table in TABLES:
                _whole(archive, table.name, manifest)
            _proved(archive, manifest, told)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError, EOFError) as error:
        raise BackupError(
            f"备份 {path} 已损坏或不完整，不能使用 / damaged or incomplete: {type(error).__name__}"
        ) from None
    return manifest


def _whole(archive: zipfile.ZipFile, name: str, manifest: Manifest) -> None:
    member = hashlib.sha256()
    with archive.open(f"{name}.copy") as file:
        while data := file.read(CHUNK):
            member.update(data)
    if member.hexdigest() != manifest.sha256[name]:
        raise BackupError(f"备份中 {name} 与清单不符，已损坏 / member {name} is damaged")


def _proved(archive: zipfile.ZipFile, manifest: Manifest, told: Progress) -> None:
    """The log proves itself: dense positions, every leaf, and the head's own root."""
    frontier, position = b"", 0
    for fields in _lines(archive, events):
        position += 1
        leaf = _bytes(fields["leaf"])
        if int(fields["position"]) != position or merkle.leaf(_bytes(fields["record"])) != leaf:
            raise BackupError(
                f"备份中第 {position} 条记录不对 / record {position} of the backup does not verify"
            )
        frontier = merkle.append(frontier, position - 1, [leaf])
        told(position, manifest.position)
    [head] = _lines(archive, log_head)
    ends = (int(head["position"]), _bytes(head["frontier"]))
    if ends != (position, frontier) or manifest.position != position:
        raise BackupError(
            f"备份的日志在第 {position} 条处与日志头不符，可能缺少记录"
            f" / the log of the backup ends at {position}, unlike its head"
        )
    if merkle.root(frontier).hex() != manifest.root:
        raise BackupError("备份的根与清单不符 / the backup's root is not the manifest's")


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
    with admin.begin() as connection, zipfile.ZipFile(path) as archive:
        head = connection.execute(sa.select(log_head).with_for_update()).one()
        if head.position:
            raise BackupError(
                f"此处的日志已有 {head.position} 条记录，不能恢复到其上；请恢复到新建的空库"
                " / the log here is not empty: restore into a fresh schema"
            )
        connection.execute(sa.delete(log_head))
        raw: Any = connection.connection.driver_connection
        for table in TABLES:
            with (
                archive.open(f"{table.name}.copy") as file,
                raw.cursor().copy(_copy(table, "FROM STDIN")) as copy,
            ):
                while data := file.read(CHUNK):
                    copy.write(data)
            counted = sa.select(sa.func.count()).select_from(table)
            if connection.execute(counted).scalar_one() != manifest.rows[table.name]:
                raise BackupError(f"{table.name} 恢复后行数不符 / rows of {table.name} differ")
    return manifest
