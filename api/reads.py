"""What every read shares: `as_of`, `known`, `min_position`, and the view they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query

from api.paging import Cursor
from domain.decider import Refused
from domain.events import SHANGHAI
from projections.county import County
from projections.reading import View

AsOf = Annotated[
    str | None,
    Query(
        description="截至：日志位置，或时刻（按当时已发生、已记录）/ a position, or a moment",
        max_length=40,
        examples=["2026-04-21T18:00"],
    ),
]
Known = Annotated[
    datetime | None, Query(description="已知截至：只看到此刻已记录的 / recorded up to")
]
AtLeast = Annotated[
    int, Query(description="至少等到此位置 / wait for this position", ge=0, lt=2**63)
]
Limit = Annotated[int, Query(description="每页几条 / rows a page", ge=1, le=500)]
CursorText = Annotated[
    str | None, Query(description="上一页给出的 next / the last page's `next`", max_length=400)
]
PartyPath = Annotated[
    str,
    Path(description="单位代码（HB、TS-001）或当事方（worker:S-1）/ a party", max_length=200),
]
CaseKey = Annotated[str, Path(description="案号或案件编号 / case number or id", max_length=200)]
TaskId = Annotated[str, Path(description="事项编号 / task id", max_length=200)]


@contextmanager
def looking(
    county: County,
    as_of: str | None = None,
    known: datetime | None = None,
    min_position: int = 0,
    cursor: Cursor | None = None,
) -> Iterator[View]:
    """A view for these query parameters. Refused where `as_of` is neither kind.

    A cursor goes on looking at what its first page looked at.
    """
    asked: dict[str, Any] = {"min_position": min_position}
    if as_of and as_of.isascii() and as_of.isdigit():
        asked["position"] = min(int(as_of), 2**63 - 1)
    elif as_of:
        happened = _moment(as_of)
        asked |= {"happened": happened, "recorded": _shanghai(known) if known else happened}
    if cursor:
        upto = min(cursor.position, asked.get("position", cursor.position))
        asked |= {"position": upto, "at": cursor.at}
    with county.reading.view(county.log.clock.now(), **asked) as view:
        yield view


def _moment(text: str) -> datetime:
    try:
        return _shanghai(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        zh = "as_of 应为日志位置或 ISO 时刻，如 2026-04-21T18:00"
        raise Refused("as-of", zh, "as_of is a position of the log or an ISO moment") from None


def _shanghai(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
