"""The pages 页面: queue and case, read only, rendered here; they work without JavaScript.

Filters stand in the address, the past is `?as_of=` on any page, and a queue looks again every half
minute. Nothing is fetched from another host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import rulings
from api.queues import shown_to
from api.reads import AsOf, CaseKey, PartyPath, looking
from api.web import letters, shown
from domain.decider import Refused
from domain.events import shanghai_day, shanghai_minute
from domain.tasks import STANDINGS, TABS, party_name
from projections import tasks
from projections.county import County
from projections.reading import NotYetError
from projections.tasks import Narrowing
from projections.yearly import reference_at

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "HX-Request",
}
STYLES = ("app.css", "letter.css")
TROUBLE = {
    404: "没有找到",
    409: "不能显示",
    422: "地址有误",
    503: "暂时不可用",
}

Text = Annotated[str | None, Query(max_length=100)]


def router(county: County) -> APIRouter:
    """The pages of a county, and the files they use."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    simulated = county.log.fold("reference").state.simulated

    def page(template: str, request: Request, status: int = 200, **values: Any) -> Response:
        as_of = request.query_params.get("as_of")
        text = (
            _templates()
            .get_template(template)
            .render(
                as_of=as_of, simulated=simulated, request=request, link=shown.Link(as_of), **values
            )
        )
        return _answer(text, request, status)

    def trouble(request: Request, status: int, words: str) -> Response:
        return page("problem.html", request, status, title=TROUBLE[status], words=words)

    def safely(request: Request, made: Callable[[], Response]) -> Response:
        """The page, or another that says in words what is wrong."""
        try:
            return made()
        except Refused as refused:
            status = 404 if refused.code.startswith("no-such") else 422
            return trouble(request, 503 if refused.code == "parked" else status, refused.zh)
        except (NotYetError, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
            return trouble(request, 503, "数据库暂时不可用，请稍后再试。")
        except sa.exc.DataError:
            return trouble(request, 422, "地址中有无法识别的字符。")

    @routes.get("/")
    def home(request: Request, as_of: AsOf = None) -> Response:
        def made() -> Response:
            units = county.log.reference_in_force().edition.units.values()
            with looking(county, as_of) as view:
                rows = [shown.unit_row(unit, view.queue(unit.code)) for unit in units]
                asked = view.asked
            return page("home.html", request, groups=shown.grouped(rows), asked=asked)

        return safely(request, made)

    @routes.get("/rulings")
    def class_rulings(request: Request, as_of: AsOf = None) -> Response:
        def made() -> Response:
            with looking(county, as_of) as view:
                asked = view.asked
            state = reference_at(county.log, asked.position)
            day = shanghai_day(asked.at)
            found = rulings.told(state.rulings, county.log.ruled(state).edition, day)
            return page("rulings.html", request, rulings=found, day=day, asked=asked)

        return safely(request, made)

    @routes.get("/queue/{party}")
    def queue(
        request: Request,
        party: PartyPath,
        tab: Text = None,
        standing: Text = None,
        rule: Text = None,
        kind: Text = None,
        text: Text = None,
        as_of: AsOf = None,
    ) -> Response:
        def made() -> Response:
            reference = county.log.reference_in_force()
            if party not in reference.edition.units and ":" not in party:
                zh = f"没有单位 {party}；请从首页选择单位。"
                raise Refused("no-such-unit", zh, f"No unit {party}")
            narrowing = Narrowing(
                shown.one_of(tab, TABS, "没有栏"),
                shown.one_of(standing, STANDINGS, "没有状态"),
                rule or None,
                kind or None,
                None,
                text or None,
            )
            with looking(county, as_of) as view:
                # A page does not know who looks.
                found = tasks.page(
                    shown_to(None, view, party, view.queue(party)), narrowing, None, 500
                )
                rights = shown_to(None, view, party, view.rights(party))
                rows = shown.task_rows(found.items, view, reference)
                may = shown.task_rows(rights, view, reference)
                asked = view.asked
            values: dict[str, Any] = {
                "party": party,
                "name": party_name(party, reference),
                "tabs": TABS,
                "own": tasks.OWN,
                "load": tasks.load(found.counts),
                "standings": STANDINGS,
                "narrowing": narrowing,
                "found": found,
                "rows": rows,
                "rights": may,
                "asked": asked,
            }
            part = request.headers.get("HX-Request") == "true"
            return page("_queue.html" if part else "queue.html", request, **values)

        return safely(request, made)

    @routes.get("/cases")
    def wanted(request: Request, key: Text = None, as_of: AsOf = None) -> Response:
        """The form on the first page asks for a case by its number."""
        if not key or not key.strip():
            return trouble(request, 422, "请填写案号，如 DX-2026-0001。")
        return case(request, key.strip(), as_of)

    @routes.get("/cases/{key}")
    def case(request: Request, key: CaseKey, as_of: AsOf = None) -> Response:
        def made() -> Response:
            reference = county.log.reference_in_force()
            with looking(county, as_of) as view:
                found = shown.case_page(view, key, reference)
                found |= letters.of_case(view, found["lines"], reference)
            with looking(county) as live:
                positions = [line["position"] for line in live.trail(found["row"]["case"])]
            steps = shown.neighbours(positions, found["asked"].position)
            return page("case.html", request, steps=steps, **found)

        return safely(request, made)

    @routes.get("/cases/{key}/letters/{number}")
    def letter(
        request: Request, key: CaseKey, number: str, as_of: AsOf = None, party: Text = None
    ) -> Response:
        def made() -> Response:
            with looking(county, as_of) as view:
                found = letters.page(county, view, key, number, party)
            return page("letter.html", request, **found)

        return safely(request, made)

    @routes.get("/static/{name}")
    def static(request: Request, name: str) -> Response:
        if name == "htmx.js":
            return _answer(_htmx(), request, 200, "text/javascript; charset=utf-8")
        if name not in STYLES:
            return trouble(request, 404, f"没有文件 {name}。")
        return _answer(_css(name), request, 200, "text/css; charset=utf-8")

    return routes


def _answer(
    text: str, request: Request, status: int, media: str = "text/html; charset=utf-8"
) -> Response:
    """The text, or 304 where the browser has it already."""
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**HEADERS, "ETag": tag, "Content-Type": media}
    if status == 200 and request.headers.get("If-None-Match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, headers=headers)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=shown.day, minute=shanghai_minute)
    return made


@cache
def _css(name: str) -> str:
    return (HERE / "static" / name).read_text()


@cache
def _htmx() -> str:
    """htmx out of its wheel; served from here, so its source can change in one place."""
    return files("js_lib_htmx").joinpath("static/htmx/htmx.min.js").read_text()
