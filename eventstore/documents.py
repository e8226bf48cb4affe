"""Documents 材料: their bytes, apart from the log, sealed, and stored once whatever names them.

Bytes come in as a stream: counted against the limit, recognised by what they are rather than by
what the sender says, sealed piece by piece and put aside, and only when all is well written in one
short transaction. So an upload broken off, refused or without room leaves nothing. Each document
has a data key of its own, kept like a subject's: destroy it and the bytes are gone for ever, while
the log, which holds only their hash, still verifies. A document no event names is harmless.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql

from domain.papers import StoredBytes
from eventstore.keys import NONCE, KeyLostError, Keyring
from eventstore.schema import data_keys, document_chunks, document_uploads, documents

PIECE = 1 << 18  # bytes sealed at a time
SEALED_PIECE = NONCE + PIECE + 16  # with GCM's tag
TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text": "text/plain; charset=utf-8",
}
"""The types there are, by the names the setting uses."""
MAGIC = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
ZIP = b"PK\x03\x04"
INSIDE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "OFD.xml": "ofd"}
"""What an office document holds: an entry of its directory, not words somewhere in its bytes."""
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")  # no plain text has these
LONGEST_MARK = max(map(len, (*MAGIC, ZIP)))


class TooLargeError(Exception):
    """More bytes came than the limit allows."""


class WrongTypeError(Exception):
    """The bytes are of no type that may be filed."""


class Intake:
    """One document on its way in. Feed it with `take`, then `keep`; leaving it drops all."""

    def __init__(self, keyring: Keyring, limit: int, allowed: Iterable[str] = TYPES) -> None:
        """`limit` in bytes; `allowed` are names among TYPES."""
        self._keyring, self._limit, self._allowed = keyring, limit, set(allowed)
        self._name = f"document:{uuid.uuid4()}"  # of its key, and bound into every piece
        self._key, self._key_row = keyring.fresh(self._name)
        self._aside = TemporaryFile()  # noqa: SIM115 - closed by __exit__; holds sealed bytes only
        self._hash, self._sealed_hash = hashlib.sha256(), hashlib.sha256()
        self._size = self._pieces = 0
        self._pending = bytearray()
        self._kind = _Recognising()

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, *failure: object) -> None:
        self._aside.close()

    def take(self, data: bytes) -> None:
        """The next bytes. Raises TooLargeError at the byte too many, WrongTypeError once clear."""
        self._size += len(data)
        if self._size > self._limit:
            raise TooLargeError
        self._kind.look(data)
        self._hash.update(data)
        self._pending += data
        while len(self._pending) >= PIECE:
            self._put_aside(bytes(self._pending[:PIECE]))
            del self._pending[:PIECE]

    def _put_aside(self, piece: bytes) -> None:
        nonce = os.urandom(NONCE)
        place = f"{self._name}/{self._pieces}".encode()
        sealed = nonce + AESGCM(self._key).encrypt(nonce, piece, place)
        self._aside.write(sealed)
        self._sealed_hash.update(sealed)
        self._pieces += 1

    def keep(self, engine: sa.Engine, party: str) -> StoredBytes:
        """Write what `party` sent, once: bytes already stored are not stored again, unless the key
        of what is stored was destroyed.
        """
        if self._pending:
            self._put_aside(bytes(self._pending))
            self._pending.clear()
        name = self._inside() if self._kind.zipped else self._kind.found()
        if name is None or name not in self._allowed:
            raise WrongTypeError
        stored = StoredBytes(self._hash.hexdigest(), self._size, TYPES[name], (party,))
        sent = {"sha256": stored.sha256, "party": party}
        row = {
            "sha256": stored.sha256,
            "size": stored.size,
            "media_type": stored.media_type,
            "key": self._name,
            "chunks": self._pieces,
            "sealed_sha256": self._sealed_hash.hexdigest(),
        }
        self._aside.seek(0)
        with engine.begin() as connection:
            uploaded = postgresql.insert(document_uploads).values(sent)
            connection.execute(uploaded.on_conflict_do_nothing())
            row["sha256"] = place = _free(connection, stored.sha256)
            if place is None:
                return stored
            new = postgresql.insert(documents).values(row).on_conflict_do_nothing()
            if connection.execute(new.returning(documents.c.sha256)).first():
                connection.execute(sa.insert(data_keys), [self._key_row])
                for number in range(self._pieces):
                    content = self._aside.read(SEALED_PIECE)
                    chunk = {"sha256": place, "number": number, "content": content}
                    connection.execute(sa.insert(document_chunks), [chunk])
        return stored

    def _inside(self) -> str | None:
        """Which office document a zip is, by its directory; None for another or a broken one."""
        try:
            with zipfile.ZipFile(_Opened(self._aside, self._key, self._name, self._size)) as zipped:
                held = set(zipped.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return None
        return next((name for entry, name in INSIDE.items() if entry in held), None)


class _Opened(io.RawIOBase):
    """The plain bytes of what was put aside, to be looked into without writing them anywhere."""

    def __init__(self, aside: IO[bytes], key: bytes, name: str, size: int) -> None:
        self._aside, self._key, self._name, self._size = aside, AESGCM(key), name, size
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, skipped = divmod(self._at, PIECE)
        self._aside.seek(number * SEALED_PIECE)
        sealed = self._aside.read(SEALED_PIECE)
        if not sealed:
            return 0
        place = f"{self._name}/{number}".encode()
        piece = self._key.decrypt(sealed[:NONCE], sealed[NONCE:], place)[skipped:]
        taken = piece[: len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)


class _Recognising:
    """What the bytes are, by what they say themselves."""

    def __init__(self) -> None:
        self._begun = b""
        self._decoder = getincrementaldecoder("utf-8")()
        self._text = True

    def look(self, data: bytes) -> None:
        """Raises WrongTypeError as soon as it can be none of the types there are."""
        self._begun += data[: LONGEST_MARK - len(self._begun)]
        if self._magic():
            return
        if self.zipped:  # an office document, perhaps: which one, its directory at the end tells
            return
        self._text = self._text and self._readable(data)
        if not self._text and len(self._begun) >= LONGEST_MARK:
            raise WrongTypeError

    @property
    def zipped(self) -> bool:
        return self._begun.startswith(ZIP)

    def found(self) -> str | None:
        """The name of the type, once all bytes were seen; None for none there is."""
        text = self._begun and self._text and self._readable(b"", final=True)
        return self._magic() or ("text" if text else None)

    def _magic(self) -> str | None:
        return next((n for magic, n in MAGIC.items() if self._begun.startswith(magic)), None)

    def _readable(self, data: bytes, *, final: bool = False) -> bool:
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError:
            return False
        return not CONTROL.search(text)


def described(source: sa.Engine, sha256: str | None) -> StoredBytes | None:
    """What is known of the document with this hash; None where there is none."""
    if not sha256:
        return None
    with source.connect() as connection:
        row = _latest(connection, sha256)
        sent = sa.select(document_uploads.c.party).where(document_uploads.c.sha256 == sha256)
        by = tuple(connection.execute(sent.order_by(document_uploads.c.party)).scalars())
    return StoredBytes(sha256, row.size, row.media_type, by) if row else None


def _latest(connection: sa.Connection, sha256: str) -> sa.Row[Any] | None:
    """What is stored of these bytes, the last time they were."""
    again = documents.c.sha256.startswith(f"{sha256}/", autoescape=True)
    wanted = sa.select(documents).where(sa.or_(documents.c.sha256 == sha256, again))
    rows = connection.execute(wanted).all()
    return max(rows, key=lambda row: _turn(row.sha256), default=None)


def _turn(place: str) -> int:
    return int(place.partition("/")[2] or 1)


def _free(connection: sa.Connection, sha256: str) -> str | None:
    """Where to store bytes of this hash; None where they are and their key is kept."""
    row = _latest(connection, sha256)
    if row is None:
        return sha256
    key = sa.select(data_keys.c.subject).where(data_keys.c.subject == row.key)
    if connection.execute(key).first():
        return None
    return f"{sha256}/{_turn(row.sha256) + 1}"


def opened(engine: sa.Engine, keyring: Keyring, sha256: str) -> Iterator[bytes]:
    """The bytes of a stored document, piece by piece.

    Raises KeyLostError, before the first byte, where its key was destroyed, and wherever a piece
    is missing or not as it was written.
    """
    with engine.connect() as connection:
        row = _latest(connection, sha256)
    if row is None:
        raise KeyLostError(f"document {sha256[:12]} is not stored")
    key = AESGCM(keyring.kept(row.key))

    def pieces() -> Iterator[bytes]:
        for number in range(row.chunks):
            sealed = _chunk(engine, row.sha256, number)
            try:
                place = f"{row.key}/{number}".encode()
                yield key.decrypt(sealed[:NONCE], sealed[NONCE:], place)
            except (InvalidTag, ValueError):
                raise KeyLostError(f"piece {number} of document {sha256[:12]} is damaged") from None

    return pieces()


def _chunk(engine: sa.Engine, sha256: str, number: int) -> bytes:
    wanted = sa.select(document_chunks.c.content).where(
        document_chunks.c.sha256 == sha256, document_chunks.c.number == number
    )
    with engine.connect() as connection:
        return bytes(connection.execute(wanted).scalar() or b"")


def whole(connection: sa.Connection) -> Iterator[str]:
    """The hashes of the documents whose stored bytes are as they were written. No keys needed."""
    damaged, rows = set(), connection.execute(sa.select(documents)).all()
    for row in rows:
        stored = hashlib.sha256()
        for number in range(row.chunks):
            wanted = sa.select(document_chunks.c.content).where(
                document_chunks.c.sha256 == row.sha256, document_chunks.c.number == number
            )
            stored.update(connection.execute(wanted).scalar() or b"")
        if stored.hexdigest() != row.sealed_sha256:
            damaged.add(row.sha256.partition("/")[0])
    yield from {row.sha256 for row in rows} - damaged
