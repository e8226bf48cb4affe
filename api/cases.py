"""Cases 案件 over HTTP: the list, one case, its events, its trail, its tasks, its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import paging
from api.access import Viewer, etag, veiled
from api.paging import Cursor
from api.problems import answers, problem
from api.reads import AsOf, AtLeast, CaseKey, CursorText, Known, Limit, looking
from domain.access import kept_from
from domain.decider import Refused
from domain.events import Precision, Recorded, Source, told
from domain.sealing import Sealed
from domain.tasks import Summary
from eventstore.codec import plain
from projections.cases import Wanted
from projections.county import County
from projections.reading import View


@dataclass(frozen=True)
class CaseRow:
    """A case as the list shows it; `touched` is its tag."""

    case: str
    number: str
    kind: str
    status: str
    opened_on: date
    version: int
    touched: int
    parties: dict[str, str]
    links: list[str]


@dataclass(frozen=True)
class CasePage:
    """A page of cases, newest first."""

    items: list[CaseRow]
    position: int
    next: str | None


@dataclass(frozen=True)
class Case(CaseRow):
    """A case with its tasks, closed ones too. `parked`: the position that cannot be read."""

    tasks: list[Summary]
    parked: int | None


@dataclass(frozen=True)
class Event:
    """An event as recorded; sealed fields say only whose key seals them."""

    position: int
    case: str
    version: int
    type: str
    schema: int
    occurred_at: datetime
    precision: Precision
    recorded_at: datetime
    actor: str
    recorder: str
    source: Source
    command: str
    causation: int | None
    correlation: str
    edition: str
    calendar: str
    document_number: str | None
    sentence: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of the audit trail."""

    position: int
    case: str
    version: int
    type: str
    sentence: str
    actor: str
    recorder: str
    occurred_at: datetime
    precision: Precision
    recorded_at: datetime
    late_days: int
    corrects: int | None
    corrected_by: list[int]
    source: Source
    causation: int | None
    command: str


@dataclass(frozen=True)
class Links:
    """The cases this one rests on, and those that rest on it."""

    rests_on: list[CaseRow]
    rested_on_by: list[CaseRow]


def router(county: County) -> APIRouter:
    """The routes of cases."""
    routes = APIRouter(prefix="/api/v1", tags=["案件"], responses=answers(422, 429, 503))
    one = answers(404)

    @routes.get("/cases", summary="案件列表，新的在前")
    def cases(
        kind: Annotated[str | None, Query(max_length=50)] = None,
        status: Annotated[str | None, Query(max_length=50)] = None,
        party: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 100,
        cursor: CursorText = None,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> CasePage:
        wanted = Wanted(kind, status, party)
        bound = ("cases", wanted, as_of, known)
        after = paging.read(cursor, *bound)
        with looking(county, as_of, known, min_position, after) as view:
            rows = view.cases(wanted, after.key[1:] if after else None, limit + 1)
            asked = view.asked
        following = None
        if len(rows) > limit:
            key = (0, rows[limit - 1]["opened_on"], rows[limit - 1]["number"])
            following = paging.written(Cursor(key, asked.position, asked.at), *bound)
        shown = [_row(row, viewer) for row in rows[:limit]]
        return CasePage(shown, asked.position, following)

    @routes.get("/cases/{key}", summary="案件及其事项", responses=one)
    def case(
        key: CaseKey,
        response: Response,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> Case:
        with looking(county, as_of, known, min_position) as view:
            found = _found(view, key)
            response.headers.update(etag(found["touched"]))
            held = _held(view, found, viewer)
            return Case(**_values(found, viewer), tasks=held, parked=view.parked(found["case"]))

    @routes.get("/cases/{key}/tasks", summary="案件的事项，含已结束", responses=one)
    def tasks(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Summary]:
        with looking(county, as_of, known, min_position) as view:
            return _held(view, _found(view, key), viewer)

    @routes.get("/cases/{key}/events", summary="案件的事件，按记录次序", responses=one)
    def events(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Event]:
        with looking(county, as_of, known, min_position) as view:
            row = _found(view, key)
            secret, found = kept_from(viewer, row["parties"]), view.events(row["case"])
            return [event_of(recorded, view.log.units(recorded), secret) for recorded in found]

    @routes.get("/cases/{key}/audit", summary="审计轨迹", responses=one)
    def trail(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Line]:
        with looking(county, as_of, known, min_position) as view:
            row = _found(view, key)
            lines = view.trail(row["case"])
        lines = veiled(lines, kept_from(viewer, row["parties"]))
        return [Line(**{f.name: line[f.name] for f in fields(Line)}) for line in lines]

    @routes.get("/cases/{key}/links", summary="关联案件", responses=one)
    def links(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> Links:
        with looking(county, as_of, known, min_position) as view:
            found = _found(view, key)
            below = [view.case(id) for id in found["links"]]
            return Links(
                [_row(row, viewer) for row in below if row],
                [_row(row, viewer) for row in view.resting_on(found["case"])],
            )

    return routes


def _values(row: dict[str, Any], viewer: str | None) -> dict[str, Any]:
    shown = {f.name: row[f.name] for f in fields(CaseRow)}
    return {**shown, "parties": veiled(row["parties"], kept_from(viewer, row["parties"]))}


def _row(row: dict[str, Any], viewer: str | None) -> CaseRow:
    return CaseRow(**_values(row, viewer))


def _held(view: View, row: dict[str, Any], viewer: str | None) -> list[Summary]:
    secret = kept_from(viewer, row["parties"])
    held = view.tasks_of(row["case"])
    return [replace(task, holder=veiled(task.holder, secret)) for task in held] if secret else held


def _found(view: View, key: str) -> dict[str, Any]:
    found = view.case(key)
    parked = view.parked(found["case"] if found else key)
    if parked is not None and found is None:
        zh = f"位置 {parked} 的记录无法读取，案件已停办；请修复后重建"
        raise problem(503, "parked", zh, "The case is parked: mend it and rebuild")
    if found is None:
        raise Refused("no-such-case", f"没有案件 {key}", f"No case {key}")
    return found


def event_of(recorded: Recorded, units: Mapping[str, str], secret: str | None) -> Event:
    """The event as it is shown: no ciphertext, no plaintext, and no `secret` informant's id."""
    envelope, event = recorded.envelope, recorded.event
    payload = {f.name: _open(getattr(event, f.name)) for f in fields(event)}
    return Event(
        position=envelope.position,
        case=envelope.stream,
        version=envelope.version,
        type=envelope.type,
        schema=envelope.schema,
        occurred_at=envelope.occurred.at,
        precision=envelope.occurred.precision,
        recorded_at=envelope.recorded_at,
        actor=veiled(envelope.actor, secret),
        recorder=envelope.recorder,
        source=envelope.source,
        command=envelope.command,
        causation=envelope.causation,
        correlation=envelope.correlation,
        edition=envelope.edition,
        calendar=envelope.calendar,
        sentence=told(recorded, units),
        document_number=envelope.document_number,
        payload=veiled(payload, secret),
    )


def _open(value: Any) -> Any:
    match value:
        case Sealed():
            return {"sealed": value.subject}
        case dict():
            return {name: _open(item) for name, item in value.items()}
        case _:
            return plain(value)
