"""Cases 案件 over HTTP: the list, one case, its events, its trail, its tasks, its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import paging
from api.access import Viewer, etag, secrets, veiled
from api.paging import Cursor
from api.problems import answers, problem
from api.reads import AsOf, AtLeast, CaseKey, CursorText, Known, Limit, looking
from domain.access import BASIS, told_the_basis
from domain.decider import Refused
from domain.events import INFORMANT, Precision, Recorded, Source, told
from domain.sealing import Sealed
from domain.tasks import Summary
from domain.units import party_class
from eventstore.codec import plain
from projections.cases import Wanted
from projections.county import County
from projections.reading import View

INSPECTED = "inspection"
A_CITIZENS = 10_000  # more cases than one citizen has


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
            # Of a citizen only the cases in which he may be told are found, else the list tells.
            person = party is not None and party_class(party) == INFORMANT
            many = A_CITIZENS if person else limit + 1
            rows = view.cases(wanted, after.key[1:] if after else None, many)
            if person:
                kept = secrets(view, (row["case"] for row in rows), viewer)
                rows = [row for row in rows if party not in kept[row["case"]]]
            shown, asked = _rows(view, rows[:limit], viewer), view.asked
        following = None
        if len(rows) > limit:
            key = (0, rows[limit - 1]["opened_on"], rows[limit - 1]["number"])
            following = paging.written(Cursor(key, asked.position, asked.at), *bound)
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
            held = _held(view, found["case"], viewer)
            [row] = _rows(view, [found], viewer)
            return Case(**vars(row), tasks=held, parked=view.parked(found["case"]))

    @routes.get("/cases/{key}/tasks", summary="案件的事项，含已结束", responses=one)
    def tasks(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Summary]:
        with looking(county, as_of, known, min_position) as view:
            return _held(view, _found(view, key)["case"], viewer)

    @routes.get("/cases/{key}/events", summary="案件的事件，按记录次序", responses=one)
    def events(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Event]:
        with looking(county, as_of, known, min_position) as view:
            case = _found(view, key)["case"]
            hidden = secrets(view, [case], viewer)[case]
            return [
                event_of(recorded, view.log.units(recorded), viewer, hidden)
                for recorded in view.events(case)
            ]

    @routes.get("/cases/{key}/audit", summary="审计轨迹", responses=one)
    def trail(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[Line]:
        with looking(county, as_of, known, min_position) as view:
            case = _found(view, key)["case"]
            lines = veiled(view.trail(case), secrets(view, [case], viewer)[case])
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
            below = [row for id in _links(found, viewer) if (row := view.case(id))]
            above = view.resting_on(found["case"])
            if not told_the_basis(viewer):
                above = [row for row in above if row["kind"] != INSPECTED]
            return Links(_rows(view, below, viewer), _rows(view, above, viewer))

    return routes


def _rows(view: View, rows: list[dict[str, Any]], viewer: str | None) -> list[CaseRow]:
    hidden = secrets(view, (row["case"] for row in rows), viewer)
    return [_row(row, viewer, hidden[row["case"]]) for row in rows]


def _row(row: dict[str, Any], viewer: str | None, hidden: frozenset[str]) -> CaseRow:
    said = {f.name: row[f.name] for f in fields(CaseRow)}
    parties = veiled(row["parties"], hidden)
    return CaseRow(**{**said, "parties": parties, "links": _links(row, viewer)})


def _links(row: dict[str, Any], viewer: str | None) -> list[str]:
    """What a case rests on, as whoever looks may know it."""
    told = row["kind"] != INSPECTED or told_the_basis(viewer)
    return list(row["links"]) if told else []


def _held(view: View, case: str, viewer: str | None) -> list[Summary]:
    hidden = secrets(view, [case], viewer)[case]
    return [veiled(task, hidden) for task in view.tasks_of(case)]


def _found(view: View, key: str) -> dict[str, Any]:
    found = view.case(key)
    parked = view.parked(found["case"] if found else key)
    if parked is not None and found is None:
        zh = f"位置 {parked} 的记录无法读取，案件已停办；请修复后重建"
        raise problem(503, "parked", zh, "The case is parked: mend it and rebuild")
    if found is None:
        raise Refused("no-such-case", f"没有案件 {key}", f"No case {key}")
    return found


def event_of(
    recorded: Recorded, units: Mapping[str, str], viewer: str | None, hidden: frozenset[str]
) -> Event:
    """The event as it is shown to whoever looks: no ciphertext, no plaintext, no `hidden` id
    (`api.access.secrets`), and to the firm not why it is inspected."""
    envelope, event = recorded.envelope, recorded.event
    payload = {f.name: _open(getattr(event, f.name)) for f in fields(event)}
    if not told_the_basis(viewer):
        _without_basis(envelope.type, payload)
    return Event(
        position=envelope.position,
        case=envelope.stream,
        version=envelope.version,
        type=envelope.type,
        schema=envelope.schema,
        occurred_at=envelope.occurred.at,
        precision=envelope.occurred.precision,
        recorded_at=envelope.recorded_at,
        actor=veiled(envelope.actor, hidden),
        recorder=envelope.recorder,
        source=envelope.source,
        command=envelope.command,
        causation=envelope.causation,
        correlation=envelope.correlation,
        edition=envelope.edition,
        calendar=envelope.calendar,
        sentence=told(recorded, units),
        document_number=envelope.document_number,
        payload=veiled(payload, hidden),
    )


def _without_basis(type: str, payload: dict[str, Any]) -> None:
    payload |= dict.fromkeys(BASIS.get(type, ()))
    for change in payload["changes"] if type == "case.fact_corrected" else ():
        if change["field"] in BASIS.get(payload["target_type"], ()):
            change |= {"old": None, "new": None}


def _open(value: Any) -> Any:
    match value:
        case Sealed():
            return {"sealed": value.subject}
        case dict():
            return {name: _open(item) for name, item in value.items()}
        case _:
            return plain(value)
