"""Cursors 翻页标记: opaque, bound to their filters and to the moment of the first page.

Whoever pages on sees the same log and the same clock as on the first page, however much is
recorded meanwhile.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from domain.decider import Refused


@dataclass(frozen=True)
class Cursor:
    """Where the next page starts: after `key`, in the log up to `position`, judged at `at`."""

    key: tuple[int, date, str]  # rank, day and id of the row last seen
    position: int
    at: datetime


def written(cursor: Cursor, *bound_to: Any) -> str:
    """The cursor as a client sends it back."""
    told = [_digest(bound_to), cursor.position, cursor.at.isoformat(), cursor.key]
    return base64.urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=").decode()


def read(text: str | None, *bound_to: Any) -> Cursor | None:
    """The cursor a client sent. Raises Refused where it is damaged or of another query."""
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        digest, position, at, (rank, day, last) = orjson.loads(raw)
        key = (int(rank), date.fromisoformat(day), str(last))
        cursor = Cursor(key, position, datetime.fromisoformat(at))
        fits = digest == _digest(bound_to) and isinstance(position, int)
    except (ValueError, TypeError):
        fits = False
    if not fits:
        zh = "翻页标记与查询条件不符；请去掉 cursor 从第一页读起"
        raise Refused("cursor", zh, "The cursor does not fit this query: start from the first page")
    return cursor


def _digest(bound_to: tuple[Any, ...]) -> str:
    told = "|".join(map(str, bound_to))
    return hashlib.sha256(told.encode()).hexdigest()[:12]
