"""Reading over HTTP: queues, rights, cases, the audit trail, why; each with `as_of`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response

from domain.events import SHANGHAI
from domain.tasks import Summary
from projections.county import County
from projections.reading import View
from projections.tasks import QueueItem

AsOf = Annotated[
    str | None,
    Query(description="截至：日志位置，或时刻（按当时已发生、已记录）/ a position, or a moment"),
]
Known = Annotated[
    datetime | None, Query(description="已知截至：只看到此刻已记录的 / recorded up to")
]
AtLeast = Annotated[int, Query(description="至少等到此位置 / wait for this position")]


@contextmanager
def looking(
    county: County, as_of: str | None = None, known: datetime | None = None, min_position: int = 0
) -> Iterator[View]:
    """A view for these query parameters. HTTPException where `as_of` is neither kind."""
    asked: dict[str, Any] = {"min_position": min_position}
    if as_of and as_of.isdigit():
        asked["position"] = int(as_of)
    elif as_of:
        try:
            happened = _shanghai(datetime.fromisoformat(as_of))
        except ValueError:
            told = (
                "as_of 应为日志位置或 ISO 时刻，如 2026-04-21T18:00 / a position or an ISO moment"
            )
            raise HTTPException(422, told) from None
        asked |= {"happened": happened, "recorded": _shanghai(known) if known else happened}
    with county.reading.view(county.log.clock.now(), **asked) as view:
        yield view


def _shanghai(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def router(county: County) -> APIRouter:
    """The read routes."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/health", tags=["运行"], summary="运行状况")
    def health() -> dict[str, Any]:
        with looking(county) as view:
            reached = view.asked.position
        end = county.log.recorder.max_notification_id() or 0
        simulated = county.log.fold("reference").state.simulated
        return {"status": "ok", "log": end, "read": reached, "simulated": simulated}

    @routes.get("/queue/{party}", tags=["待办"], summary="单位或当事方的待办")
    def queue(
        party: str, as_of: AsOf = None, known: Known = None, min_position: AtLeast = 0
    ) -> list[QueueItem]:
        with looking(county, as_of, known, min_position) as view:
            return view.queue(party)

    @routes.get("/rights/{party}", tags=["待办"], summary="当事方可行使的权利及期限")
    def rights(
        party: str, as_of: AsOf = None, known: Known = None, min_position: AtLeast = 0
    ) -> list[QueueItem]:
        with looking(county, as_of, known, min_position) as view:
            return view.rights(party)

    @routes.get("/cases", tags=["案件"], summary="案件列表")
    def cases(as_of: AsOf = None, known: Known = None) -> list[dict[str, Any]]:
        with looking(county, as_of, known) as view:
            return view.cases()

    @routes.get("/cases/{key}", tags=["案件"], summary="案件及其事项")
    def case(
        key: str,
        response: Response,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
    ) -> dict[str, Any]:
        with looking(county, as_of, known, min_position) as view:
            found = _found(view, key)
            response.headers["ETag"] = f'"{found["version"]}"'
            tasks: list[Summary] = view.tasks_of(found["case"])
            return {**found, "tasks": tasks, "parked": view.parked(found["case"])}

    @routes.get("/cases/{key}/audit", tags=["案件"], summary="审计轨迹")
    def trail(key: str, as_of: AsOf = None, known: Known = None) -> list[dict[str, Any]]:
        with looking(county, as_of, known) as view:
            return view.trail(_found(view, key)["case"])

    @routes.get("/tasks/{id}/why", tags=["待办"], summary="为何在此")
    def why(id: str, as_of: AsOf = None, known: Known = None) -> dict[str, str]:
        with looking(county, as_of, known) as view:
            task = view.task(id)
        if task is None:
            raise HTTPException(404, f"没有事项 {id} / no task {id}")
        return {"id": id, "title": task.title, "why": task.why}

    return routes


def _found(view: View, key: str) -> dict[str, Any]:
    found = view.case(key)
    parked = view.parked(found["case"] if found else key)
    if parked is not None and found is None:
        told = f"位置 {parked} 的记录无法读取，案件已停办；请修复后重建"
        raise HTTPException(503, f"{told} / the case is parked: mend it and rebuild")
    if found is None:
        raise HTTPException(404, f"没有案件 {key} / no case {key}")
    return found
