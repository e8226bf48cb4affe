"""Class rulings 类案裁定 over HTTP and at the terminal: read, made, ended."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer
from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from rich.table import Table
from rich.text import Text

from api.access import Commander
from api.problems import answers
from api.terminal import Json, county, fail, out, show
from domain.decider import Refused
from domain.events import shanghai_day
from domain.reference import EndRuling, MakeRuling
from domain.rules import Edition
from domain.rulings import ClassRuling
from eventstore.application import Log, Order, Receipt
from projections.county import County


class Making(BaseModel):
    """A ruling for a class of cases."""

    routing: str = Field(description="分派口径，如 tip-route-no_contract / the county's routing")
    to: str = Field(description="由哪个单位办理 / the unit")
    reason: str = Field(min_length=1)
    since: date
    area: str | None = Field(None, description="乡镇（街道），不写即全县 / a township")
    until: date | None = None
    replaces: str | None = Field(None, description="取代哪一裁定 / the ruling it replaces")


class Ending(BaseModel):
    """The last day of a ruling, and why."""

    until: date
    reason: str = Field(min_length=1)


@dataclass(frozen=True)
class Ruling:
    """A class ruling as it stands, with the names of what its codes say."""

    id: str
    by: str
    by_name: str
    routing: str
    title: str
    to: str
    to_name: str
    area: str | None
    area_name: str
    since: date
    until: date | None
    in_force: bool
    reason: str

    def status(self, day: date) -> str:
        if self.in_force:
            return "有效"
        return "尚未开始" if self.since > day else "已终止"


def told(rulings: Iterable[ClassRuling], edition: Edition, day: date) -> list[Ruling]:
    """Class rulings as they stand on a day, the newest first."""
    names = edition.names
    return [
        Ruling(
            **vars(ruling),
            by_name=edition.unit_name(ruling.by),
            title=names.get(ruling.routing, ruling.routing),
            to_name=edition.unit_name(ruling.to),
            area_name=edition.unit_name(ruling.area) if ruling.area else "全县",
            in_force=ruling.in_force(day),
        )
        for ruling in reversed(list(rulings))
    ]


def standing(log: Log) -> list[Ruling]:
    """Every class ruling made, as it stands today."""
    reference = log.reference_in_force()
    return told(reference.rulings, reference.edition, shanghai_day(log.clock.now()))


def router(county: County) -> APIRouter:
    """The routes of class rulings."""
    routes = APIRouter(prefix="/api/v1/rulings", tags=["裁定"], responses=answers(422, 429, 503))
    refused = answers(404, 409)

    @routes.get("", summary="类案裁定：起止、情形、区域、由谁办理")
    def listed() -> list[Ruling]:
        return standing(county.log)

    @routes.post("", summary="作出类案裁定（领导小组、联席会议）", responses=refused)
    def make(who: Commander, body: Making) -> Receipt:
        command = MakeRuling(**body.model_dump())
        return county.log.execute(Order(command, who.command_id, who.party, who.officer))

    @routes.post("/{id}/end", summary="终止类案裁定", responses=refused)
    def end(who: Commander, id: Annotated[str, Path(max_length=40)], body: Ending) -> Receipt:
        command = EndRuling(ruling=id, **body.model_dump())
        return county.log.execute(Order(command, who.command_id, who.party, who.officer))

    return routes


# --- At the terminal -----------------------------------------------------------------------------

By = Annotated[str, typer.Option("--as", help="LG 领导小组或 JC 联席会议 / who rules")]
Officer = Annotated[str, typer.Option(help="经办人 / the officer")]


def add_to(app: typer.Typer) -> None:
    """Add `zhifang ruling` to the command line."""
    sub = typer.Typer(no_args_is_help=True, help="类案裁定 / rulings for a class of cases")
    sub.command("list")(listed)
    sub.command("make")(made)
    sub.command("end")(ended)
    app.add_typer(sub, name="ruling")


def listed(json: Json = False) -> None:
    """列出类案裁定 / the class rulings."""
    with county() as found:
        rulings, today = standing(found.log), shanghai_day(found.log.clock.now())

    def table() -> Table:
        shown = Table(title=f"类案裁定 {len(rulings)} 项", title_justify="left")
        for column in ("编号", "情形与理由", "由谁办理", "起止", "状态与作出"):
            shown.add_column(column, overflow="fold", no_wrap=column in ("编号", "起止"))
        for r in rulings:
            to, by = f"{r.to_name}（{r.to}）", f"{r.by_name}（{r.by}）"
            where = f"{r.area_name}（{r.area}）" if r.area else r.area_name
            days = f"{r.since}\n{r.until or '未定止日'}"
            why = Text.assemble(r.title, (f"\n{r.reason}", "dim"))
            shown.add_row(r.id, why, f"{to}\n{where}", days, f"{r.status(today)}\n{by}")
        return shown

    show(rulings, json, table)


def made(
    routing: Annotated[str, typer.Argument(help="如 tip-route-no_contract")],
    to: Annotated[str, typer.Argument(help="由哪个单位办理 / the unit")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    by: By,
    since: Annotated[str, typer.Option(help="自哪日起，如 2026-12-01")],
    until: Annotated[str | None, typer.Option(help="到哪日止 / the last day")] = None,
    area: Annotated[str | None, typer.Option(help="乡镇（街道），如 TS-110")] = None,
    replaces: Annotated[str | None, typer.Option(help="取代哪一裁定")] = None,
    officer: Officer = "officer",
) -> None:
    """作出类案裁定 / make a ruling."""
    command = MakeRuling(
        routing=routing,
        to=to,
        reason=reason,
        since=_day(since),
        until=_day(until) if until else None,
        area=area,
        replaces=replaces,
    )
    _carried_out(command, by, officer)


def ended(
    ruling: Annotated[str, typer.Argument(help="编号，如 R2026-1")],
    until: Annotated[str, typer.Option(help="最后一日 / the last day")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    by: By,
    officer: Officer = "officer",
) -> None:
    """终止类案裁定 / end a ruling."""
    _carried_out(EndRuling(ruling=ruling, until=_day(until), reason=reason), by, officer)


def _carried_out(command: MakeRuling | EndRuling, by: str, officer: str) -> None:
    with county() as found:
        try:
            receipt = found.log.execute(Order(command, str(uuid.uuid4()), by, officer))
        except Refused as refused:
            fail(f"{refused.zh} / {refused.en}")
    out.print(f"已记录，位置 {receipt.position} / recorded at {receipt.position}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"日期写作 2026-12-01：{text} / write a day as 2026-12-01")
