"""Deliveries 外送 over HTTP: what was sent outside, what was given up, and sending it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.access import Party
from api.problems import answers
from api.reads import Limit
from domain.decider import Refused
from projections import outward
from projections.county import County

State = Literal["pending", "sent", "dead"]


@dataclass(frozen=True)
class Delivery:
    """One notice to one channel; `dead` was given up and waits for somebody to resend it."""

    notice: str
    channel: str
    position: int
    state: State
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class Again:
    """The delivery that will be tried again, under the same id."""

    notice: str
    channel: str


def router(county: County) -> APIRouter:
    """The routes of deliveries."""
    routes = APIRouter(prefix="/api/v1/deliveries", tags=["通知"], responses=answers(422, 429, 503))

    @routes.get("", summary="外送记录，新的在前；state=dead 为已放弃的")
    def deliveries(
        state: Annotated[State | None, Query()] = None, limit: Limit = 100
    ) -> list[Delivery]:
        return [Delivery(**row) for row in outward.listing(county.app, state, limit)]

    @routes.post(
        "/{notice}/{channel}/resend", summary="重发已放弃的一条", responses=answers(404, 409)
    )
    def resend(
        who: Party,
        notice: Annotated[str, Path(max_length=100)],
        channel: Annotated[str, Path(max_length=200)],
    ) -> Again:
        if not outward.resend(county.app, notice, channel):
            zh = f"没有已放弃的外送 {notice} → {channel}"
            raise Refused("no-such-delivery", zh, "No given-up delivery of that id and channel")
        return Again(notice, channel)

    return routes
