"""The feed 动态: the log after a position, as far as the caller may read it; once, or as a stream.

Whoever keeps the last `next` it was given misses nothing and can always read again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import TypeAdapter

from api.access import Party, Viewer, secret, secrets, veiled
from api.cases import Event, event_of
from api.problems import answers
from api.reads import AtLeast, Limit, PartyPath, looking
from projections.county import County
from projections.notices import Reason

PAUSE, QUIET = 0.5, 15.0  # seconds between looks, and between signs of life


@dataclass(frozen=True)
class Item(Event):
    """An event of the feed, with the case's number and every party concerned by then."""

    number: str
    concerned: list[str]


@dataclass(frozen=True)
class Page:
    """What follows a position. `next` is where to go on; `behind`: more is there already."""

    items: list[Item]
    next: int
    behind: bool


@dataclass(frozen=True)
class Notice:
    """A notice 通知 to a party; `id` is the same on every channel and every repeat."""

    id: str
    position: int
    party: str
    reason: Reason
    case: str
    number: str
    task: str
    text: str
    legal: date | None
    recorded_at: datetime


_ITEM = TypeAdapter(Item)  # the same bytes in the page and in the stream

After = Annotated[int, Query(description="从此位置之后 / after this position", ge=0, lt=2**63)]


def router(county: County) -> APIRouter:
    """The routes of the feed and of notices."""
    routes = APIRouter(prefix="/api/v1", tags=["动态"], responses=answers(409, 422, 429, 503))

    def page(party: str, after: int, limit: int, min_position: int = 0) -> Page:
        with looking(county, min_position=min_position) as view:
            rows = view.feed(party, after, limit)
            end = view.asked.position
            known = view.known(row["case"] for row in rows)
            told = view.records([row["position"] for row in rows])
            veils = {case: secret(view, case, known[case], party) for case in known}
        items = []
        for row in rows:
            recorded, hidden = told[row["position"]], veils[row["case"]]
            event = event_of(recorded, view.log.units(recorded), party, hidden)
            concerned = veiled(row["concerned"], hidden)
            items.append(Item(**vars(event), number=known[row["case"]].number, concerned=concerned))
        behind = len(rows) == limit
        return Page(items, items[-1].position if behind else max(end, after), behind)

    @routes.get("/feed", summary="日志动态：某位置之后、本单位可见的事件")
    def feed(party: Party, after: After = 0, limit: Limit = 100, min_position: AtLeast = 0) -> Page:
        return page(party, after, limit, min_position)

    @routes.get(
        "/feed/stream",
        summary="日志动态：持续推送（SSE），断线以 Last-Event-ID 续接",
        response_class=EventSourceResponse,
    )
    async def stream(
        request: Request,
        party: Party,
        after: After = 0,
        last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        reached = after if last_event_id is None else last_event_id
        quiet = 0.0
        while not await request.is_disconnected():
            found = await run_sync(page, party, reached, 100)
            for item in found.items:
                told = _ITEM.dump_json(item).decode()
                yield ServerSentEvent(raw_data=told, event=item.type, id=str(item.position))
            reached = found.next
            if found.items:
                quiet = 0.0
            elif quiet >= QUIET:
                quiet = 0.0
                yield ServerSentEvent(comment="alive", id=str(reached))
            if not found.behind:
                await anyio.sleep(PAUSE)
                quiet += PAUSE

    @routes.get("/notices/{party}", summary="通知：某位置之后，旧的在前")
    def notices(
        party: PartyPath,
        after: After = 0,
        limit: Limit = 100,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Notice]:
        with looking(county, min_position=min_position) as view:
            rows = view.notices(party, after, limit)
            hidden = secrets(view, (row["case"] for row in rows), viewer)
            return [Notice(**row) for row in rows if party not in hidden[row["case"]]]

    return routes
