"""Sealing keys 密钥: one data key a subject, wrapped by a rotating master key.

AES-GCM with AAD = stream/version/field, so a ciphertext moved elsewhere does not open; inside it
the salt of the commitment and the plaintext. The key file stays with the county, readable by the
service alone. Plaintext appears in no table, log line or error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql

from domain.sealing import Sealed, Secret, commitment
from eventstore.schema import data_keys

SALT, NONCE, KEY = 32, 12, 32


class KeyLostError(Exception):
    """A sealed field cannot be opened: its key was destroyed, or the wrong key file is in use."""


@dataclass(frozen=True)
class KeyFile:
    """The master keys by name, the one in use, and the key of fingerprints and search indexes."""

    current: str
    masters: dict[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    @staticmethod
    def new() -> KeyFile:
        return KeyFile("m1", {"m1": os.urandom(32)}, os.urandom(32))

    @staticmethod
    def read(path: Path, *, may_create: bool = True) -> KeyFile:
        """The key file at `path`; created, readable by its owner alone, where absent.

        Raises KeyLostError where it is absent and `may_create` is False: a log that was written
        under other keys must not be carried on under new ones.
        """
        if not path.exists():
            if not may_create:
                raise KeyLostError(
                    f"日志已有事件，而密钥文件 {path} 不存在；请先恢复它，密封字段靠它打开"
                    "（试用数据可 make clean-data 另起）"
                    f" / the key file {path} is missing: restore it"
                )
            KeyFile.new().write(path, first=True)
        try:
            data = json.loads(path.read_text())
            masters = {name: bytes.fromhex(key) for name, key in data["masters"].items()}
            keys = KeyFile(data["current"], masters, bytes.fromhex(data["index"]))
            lengths = {len(key) for key in (keys.index, *masters.values())}
            whole = keys.current in masters and lengths == {32}
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise KeyLostError(
                f"密钥文件 {path} 内容不完整；请由备份恢复，密封字段靠它打开"
                f" / the key file {path} is damaged: restore it from a backup"
            )
        return keys

    def write(self, path: Path, *, first: bool = False) -> None:
        """Replace the file at `path`, durably: what is sealed from now on depends on it.

        `first`: of two processes that find no file, the one that comes second keeps the other's.
        """
        data = {
            "current": self.current,
            "index": self.index.hex(),
            "masters": {name: key.hex() for name, key in self.masters.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.urandom(4).hex()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(data, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        if first:
            with suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        else:
            fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def with_new_master(self) -> KeyFile:
        """The same keys with a fresh master in use; the old still open what they wrapped."""
        taken = (int(name[1:]) for name in self.masters)
        name = f"m{max(taken) + 1}"
        return KeyFile(name, {**self.masters, name: os.urandom(32)}, self.index)


class Keyring:
    """Seals and opens the sealed fields of a county's log."""

    def __init__(self, engine: sa.Engine, keys: KeyFile) -> None:
        self.engine, self.keys = engine, keys
        self._open: dict[str, bytes] = {}
        self._fits()

    def _fits(self) -> None:
        """Raises KeyLostError where the key file is another log's: nothing new under it."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(data_keys).limit(20)).all()
        lost: KeyLostError | None = None
        for row in rows:
            try:
                _unwrap(self.keys, row)
            except KeyLostError as error:
                lost = error
            else:
                return  # one damaged row is not another file
        if lost:
            raise lost

    def fingerprint(self, content: bytes) -> bytes:
        """A keyed fingerprint: nobody without the key can test a guess against it."""
        return hmac.new(self.keys.index, content, hashlib.sha256).digest()

    def seal(self, secret: Secret, subject: str, place: str) -> Sealed:
        """Seal `secret` under the key of `subject`, bound to its place in the log."""
        salt, nonce = os.urandom(SALT), os.urandom(NONCE)
        content = salt + secret.plaintext.encode()
        sealed = AESGCM(self._data_key(subject)).encrypt(nonce, content, place.encode())
        return Sealed(
            subject=subject,
            ciphertext=base64.b64encode(nonce + sealed).decode(),
            commitment=commitment(salt, secret.plaintext),
        )

    def open(self, sealed: Sealed, place: str) -> str:
        """The plaintext. Raises KeyLostError where the key is gone or the place is another."""
        key = self._stored(sealed.subject)
        if key is None:
            raise KeyLostError(f"key of subject {sealed.subject} is destroyed")
        try:
            raw = base64.b64decode(sealed.ciphertext)
            content = AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], place.encode())
        except (InvalidTag, ValueError):
            raise KeyLostError(f"{place} does not open under its subject's key") from None
        salt, plaintext = content[:SALT], content[SALT:].decode()
        if commitment(salt, plaintext) != sealed.commitment:
            raise KeyLostError(f"{place} does not match its commitment")
        return plaintext

    def _data_key(self, subject: str) -> bytes:
        key = self._stored(subject)
        if key is not None:
            return key
        row = wrapped(self.keys, os.urandom(KEY), subject)
        with self.engine.begin() as connection:
            # Two writers may meet a new subject at once; the first one's key stands.
            connection.execute(postgresql.insert(data_keys).values(row).on_conflict_do_nothing())
        key = self._stored(subject)
        assert key is not None
        return key

    def fresh(self, subject: str) -> tuple[bytes, dict[str, Any]]:
        """A new data key and the row that keeps it, for the caller to write with what it seals."""
        key, master = os.urandom(32), self.keys.current
        wrapped = _wrap(self.keys.masters[master], key, subject)
        return key, {"subject": subject, "master": master, "wrapped": wrapped}

    def kept(self, subject: str) -> bytes:
        """The data key of `subject`, read anew. Raises KeyLostError where it was destroyed."""
        self._open.pop(subject, None)
        key = self._stored(subject)
        if key is None:
            raise KeyLostError(f"key of subject {subject} is destroyed")
        return key

    def _stored(self, subject: str) -> bytes | None:
        if subject not in self._open:
            wanted = sa.select(data_keys).where(data_keys.c.subject == subject)
            with self.engine.connect() as connection:
                row = connection.execute(wanted).first()
            if row is None:
                return None
            self._open[subject] = _unwrap(self.keys, row)
        return self._open[subject]


def wrapped(keys: KeyFile, key: bytes, subject: str) -> dict[str, Any]:
    """The row of a subject's data key, wrapped by the master key in use."""
    master = keys.masters[keys.current]
    return {"subject": subject, "master": keys.current, "wrapped": _wrap(master, key, subject)}


def rewrap(admin: sa.Engine, keys: KeyFile) -> int:
    """Wrap every data key by the master key in use; returns how many. Owner role only."""
    stale = sa.select(data_keys).where(data_keys.c.master != keys.current).with_for_update()
    with admin.begin() as connection:
        rows = connection.execute(stale).all()
        for row in rows:
            key = _unwrap(keys, row)
            wrapped = _wrap(keys.masters[keys.current], key, row.subject)
            where = data_keys.c.subject == row.subject
            connection.execute(
                sa.update(data_keys).where(where).values(master=keys.current, wrapped=wrapped)
            )
    return len(rows)


def _wrap(master: bytes, key: bytes, subject: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, subject.encode())


def _unwrap(keys: KeyFile, row: Any) -> bytes:
    """The data key in this row. Raises KeyLostError where these keys do not open it."""
    if row.master not in keys.masters:
        raise KeyLostError(
            f"密钥文件中没有主密钥 {row.master}；请恢复写入日志时所用的密钥文件"
            f" / master key {row.master} is not in the key file: restore the log's own"
        )
    master, subject = AESGCM(keys.masters[row.master]), row.subject.encode()
    try:
        return master.decrypt(row.wrapped[:NONCE], row.wrapped[NONCE:], subject)
    except (InvalidTag, ValueError):
        raise KeyLostError(
            f"密钥文件打不开 {row.subject} 的数据密钥；请恢复写入日志时所用的密钥文件"
            f" / the key file does not open the key of {row.subject}: restore the log's own"
        ) from None
