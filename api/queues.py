"""Queues 待办 over HTTP: a party's tasks by tab and filter, its rights, a task and why it is so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import paging
from api.access import Viewer, etag, secrets, veiled
from api.paging import Cursor
from api.problems import answers
from api.reads import AsOf, AtLeast, CursorText, Known, Limit, PartyPath, TaskId, looking
from domain.decider import Refused
from domain.tasks import Standing, Summary, Tab
from projections import tasks
from projections.county import County
from projections.reading import View
from projections.tasks import Count, Narrowing, QueueItem


@dataclass(frozen=True)
class QueuePage:
    """A page of a queue, and the counts of every tab from the same rows."""

    items: list[QueueItem]
    counts: dict[Tab, Count]
    own: Count  # what the party itself owes: without 协办 and 等待他方
    total: int  # rows that the filter keeps, on all pages
    position: int  # of the log that was looked at
    at: datetime  # when the clocks were judged
    next: str | None


@dataclass(frozen=True)
class Why:
    """为何在此: rule, clause, edition, event and sum, in one sentence."""

    id: str
    title: str
    why: str
    clauses: tuple[str, ...]
    consequence: str


Filter = Annotated[str | None, Query(max_length=100)]


def router(county: County) -> APIRouter:
    """The routes of queues and tasks."""
    routes = APIRouter(prefix="/api/v1", tags=["待办"], responses=answers(422, 429, 503))

    @routes.get("/queue/{party}", summary="单位或当事方的待办")
    def queue(
        party: PartyPath,
        tab: Annotated[Tab | None, Query(description="栏")] = None,
        standing: Annotated[
            Standing | None, Query(description="状态：near 临期，overdue 超期")
        ] = None,
        rule: Filter = None,
        kind: Filter = None,
        clause: Filter = None,
        text: Filter = None,
        limit: Limit = 100,
        cursor: CursorText = None,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> QueuePage:
        narrowing = Narrowing(tab, standing, rule, kind, clause, text)
        bound = ("queue", party, narrowing, as_of, known)
        after = paging.read(cursor, *bound)
        with looking(county, as_of, known, min_position, after) as view:
            items = shown_to(viewer, view, party, view.queue(party))
            found = tasks.page(items, narrowing, after.key if after else None, limit)
            following = None
            if found.more:
                key = tasks.urgency(found.items[-1])
                following = paging.written(Cursor(key, view.asked.position, view.asked.at), *bound)
            return QueuePage(
                found.items,
                found.counts,
                tasks.own(found.counts),
                found.total,
                view.asked.position,
                view.asked.at,
                following,
            )

    @routes.get("/rights/{party}", summary="当事方可行使的权利及期限")
    def rights(
        party: PartyPath,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[QueueItem]:
        with looking(county, as_of, known, min_position) as view:
            return shown_to(viewer, view, party, view.rights(party))

    @routes.get("/tasks/{id}", summary="一个事项", responses=answers(404))
    def task(
        id: TaskId,
        response: Response,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> Summary:
        with looking(county, as_of, known, min_position) as view:
            found = _found(view, id, viewer)
        response.headers.update(etag(found.touched))
        return found

    @routes.get("/tasks/{id}/why", summary="为何在此", responses=answers(404))
    def why(
        id: TaskId,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> Why:
        with looking(county, as_of, known, min_position) as view:
            found = _found(view, id, viewer)
        return Why(id, found.title, found.why, found.clauses, found.consequence)

    return routes


def shown_to(viewer: str | None, view: View, party: str, items: list[QueueItem]) -> list[QueueItem]:
    """What `party` has to do, as whoever looks may see it: of an informant, nothing of the cases in
    which he is not told, else his queue would tell of them."""
    hidden = secrets(view, {item.task.case for item in items}, viewer)
    kept = (item for item in items if party not in hidden[item.task.case])
    return [veiled(item, hidden[item.task.case]) for item in kept]


def _found(view: View, id: str, viewer: str | None) -> Summary:
    found = view.task(id)
    if found is None:
        raise Refused("no-such-task", f"没有事项 {id}", f"No task {id}")
    shown: Summary = veiled(found, secrets(view, [found.case], viewer)[found.case])
    return shown
