"""The yearly export 年度导出 over HTTP, as a job one asks after, and at the terminal.

A job is its freeze: asked for again, it is the same job and the same files. One is made at a time.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path as Folder
from threading import Lock
from typing import Annotated, Any, Literal
from urllib.parse import quote

import structlog
import typer
from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from rich.table import Table

from api import yearly
from api.access import Party
from api.problems import answers, problem
from api.terminal import county as opened_county
from api.terminal import fail, out, progress
from api.yearly import MANIFEST
from domain.access import sees_all
from domain.decider import Refused
from domain.events import SHANGHAI
from projections.county import County
from projections.yearly import Freeze, freeze

logger = structlog.get_logger("zhifang.exports")

KEPT = 20  # exports on disk; the oldest goes first
WAITING = 4  # jobs at once, the one under way among them
NAME = r"^\d{4}-\d+-\d{8}T\d{6}$"
Name = Annotated[
    str, Path(description="导出编号，即其冻结 / the job, named by its freeze", pattern=NAME)
]
State = Literal["waiting", "running", "done", "failed"]
STATES: dict[State, str] = {
    "waiting": "排队中",
    "running": "制作中",
    "done": "已完成",
    "failed": "未成",
}


class Wanted(BaseModel):
    """What to freeze: a year; by default all that is recorded, judged at its end or at the last
    event."""

    year: int = Field(ge=2000, le=2200, description="年度 / the year")
    cut_off: int | None = Field(None, gt=0, lt=2**63, description="截至位置 / position of the log")
    judged_at: datetime | None = Field(None, description="判定时刻 / instant of judgement")


@dataclass(frozen=True)
class File:
    """A file of an export, and where it is fetched."""

    name: str
    sha256: str
    size: int
    rows: int
    href: str


@dataclass(frozen=True)
class Job:
    """An export under way or made. `done` of `of` duties are looked at; of one that is made, all
    rows are written. `manifest_sha256` vouches for every file: keep it apart from them."""

    id: str
    state: State
    state_name: str
    done: int
    of: int
    error: str | None
    manifest_sha256: str | None
    files: list[File]


class Jobs:
    """The exports of one process: one at a time, the rest wait."""

    def __init__(self, county: County) -> None:
        self.county, self.folder = county, county.settings.var / "exports"
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._under_way: dict[str, Future[Any]] = {}
        self._seen: dict[str, tuple[int, int]] = {}
        self._failed: dict[str, str] = {}
        self._lock = Lock()

    def ask(self, wanted: Freeze) -> Job:
        """Start the job of a freeze, or find it. Raises a problem where too many wait."""
        with self._lock:
            job = self.job(wanted.name)
            if job is not None and job.state != "failed":
                return job
            if len(self._under_way) >= WAITING:
                zh = "正在制作的导出过多，请稍后再试"
                raise problem(503, "busy", zh, "Too many exports wait", {"Retry-After": "30"})
            self._failed.pop(wanted.name, None)
            self._under_way[wanted.name] = self._pool.submit(self._make, wanted)
        asked = self.job(wanted.name)
        assert asked is not None
        return asked

    def job(self, id: str) -> Job | None:
        """How a job stands; None for one nobody asked for."""
        done, of = self._seen.get(id, (0, 0))
        if id in self._under_way:
            state: State = "running" if id in self._seen else "waiting"
        elif id in self._failed:
            state = "failed"
        elif (self.folder / id / MANIFEST).is_file():
            state = "done"
        else:
            return None
        if state != "done":
            return Job(id, state, STATES[state], done, of, self._failed.get(id), None, [])
        files, hash = self._files(id), yearly.manifest_hash(self.folder / id)
        rows = sum(file.rows for file in files if file.name.endswith(".csv"))
        return Job(id, state, STATES[state], rows, rows, None, hash, files)

    def path(self, id: str, name: str) -> Folder | None:
        """A file of a made export; None where its manifest names no such file."""
        job = self.job(id)
        known = job is not None and name in {file.name for file in job.files}
        return self.folder / id / name if known else None

    def _files(self, id: str) -> list[File]:
        """The files the manifest names, and the manifest."""
        folder = self.folder / id
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        made = [*told["files"], asdict(yearly.made(folder / MANIFEST, len(told["files"])))]
        return [File(**f, href=f"/api/v1/exports/{id}/files/{quote(f['name'])}") for f in made]

    def _make(self, wanted: Freeze) -> None:
        name = wanted.name
        try:
            self._seen[name] = (0, 0)
            self._forget_old()
            yearly.export(self.county, wanted, self.folder / name, self._telling(name))
        except Refused as refused:
            self._failed[name] = refused.zh
        except Exception:
            logger.exception("export.failed", export=name)
            self._failed[name] = "制作未成，请看服务日志后重试"
        finally:
            self._under_way.pop(name, None)

    def _telling(self, name: str) -> Callable[[int, int], None]:
        def told(done: int, of: int) -> None:
            self._seen[name] = (done, of)

        return told

    def _forget_old(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        made = sorted(self.folder.glob("*-*"), key=lambda path: path.stat().st_mtime)
        for path in made[: max(0, len(made) - KEPT + 1)]:
            shutil.rmtree(path, ignore_errors=True)


def router(county: County) -> APIRouter:
    """The routes of exports: for those who oversee every unit."""
    said = answers(403, 404, 422, 429, 503)
    routes = APIRouter(prefix="/api/v1/exports", tags=["年度导出"], responses=said)
    jobs = Jobs(county)

    def overseer(party: str) -> None:
        if not sees_all(party):
            zh = "年度导出由县政府办、领导小组及其办公室办理"
            raise problem(403, "not-overseer", zh, "Exports are for those who oversee every unit")

    def found(id: str) -> Job:
        job = jobs.job(id)
        if job is None:
            raise Refused("no-such-export", f"没有导出 {id}", f"No export {id}")
        return job

    @routes.post("/year", status_code=202, summary="制作年度导出；同一冻结即同一导出")
    def ask(wanted: Wanted, party: Party, response: Response) -> Job:
        overseer(party)
        at = wanted.judged_at
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=SHANGHAI)
        job = jobs.ask(freeze(county.log, wanted.year, wanted.cut_off, at))
        response.headers["Location"] = f"/api/v1/exports/{job.id}"
        return job

    @routes.get("/{id}", summary="一份导出的进度与文件")
    def status(id: Name, party: Party) -> Job:
        overseer(party)
        return found(id)

    @routes.get("/{id}/files/{name}", summary="取一个文件", response_class=FileResponse)
    def fetch(id: Name, name: Annotated[str, Path(max_length=100)], party: Party) -> FileResponse:
        overseer(party)
        path = jobs.path(id, name)
        if path is None:
            raise Refused("no-such-file", f"导出中没有文件 {name}", f"No file {name} in it")
        return FileResponse(path, filename=name, headers={"X-Content-Type-Options": "nosniff"})

    return routes


# --- At the terminal -----------------------------------------------------------------------------


def add_to(app: typer.Typer) -> None:
    """Add `zhifang export` to the command line."""
    sub = typer.Typer(no_args_is_help=True, help="年度导出 / yearly exports")
    sub.command("year")(year)
    sub.command("verify")(verify)
    app.add_typer(sub, name="export")


def year(
    year: Annotated[int, typer.Argument(min=2000, max=2200, help="年度 / the year")],
    to: Annotated[Folder, typer.Option("--out", help="写入的新目录 / a new folder")],
    cut_off: Annotated[
        int | None, typer.Option(min=1, help="截至日志位置，默认全部 / position of the log")
    ] = None,
    judged_at: Annotated[
        str | None,
        typer.Option(help="判定时刻，默认年末或末条记录 / e.g. 2027-01-01T00:00"),
    ] = None,
) -> None:
    """制作年度导出：块与条的数字、数字背后的事项、台账 / figures, duties and ledgers of a year."""
    at = _moment(judged_at) if judged_at else None
    with opened_county() as found, progress("导出 / exporting") as told:
        try:
            wanted = freeze(found.log, year, cut_off, at)
            yearly.export(found, wanted, to, told)
        except Refused as refused:
            fail(f"{refused.zh} / {refused.en}")
        except OSError as error:
            zh = f"不能写入 {to}（{error.strerror or error}）；请换一个可写的目录"
            fail(f"{zh} / cannot write there: name a folder that can be written")
    told_of = json.loads((to / MANIFEST).read_text(encoding="utf-8"))
    table = Table(title=f"已写入 {to}", title_justify="left")
    for column in ("文件", "行", "字节", "SHA-256"):
        table.add_column(column, overflow="fold")
    for file in told_of["files"]:
        table.add_row(file["name"], str(file["rows"]), str(file["size"]), file["sha256"][:16])
    out.print(table)
    vouching = yearly.manifest_hash(to)
    out.print(f"清单本身的 SHA-256，请另行保存 / the manifest's own, keep it apart: {vouching}")
    again = f"zhifang export year {year} --cut-off {wanted.cut_off}"
    again += f" --judged-at {wanted.at:%Y-%m-%dT%H:%M:%S} --out …"
    out.print(f"同样的字节可再次得到 / the same bytes again: {again}", highlight=False)


def verify(
    folder: Annotated[Folder, typer.Argument(help="导出的目录 / an export's folder")],
    manifest_hash: Annotated[
        str | None, typer.Option(help="导出时给出的清单 SHA-256 / the manifest's hash as told then")
    ] = None,
) -> None:
    """核对导出：文件与清单、清单与另存的哈希 / check files against the manifest, and that."""
    try:
        wrong = list(yearly.wrong(folder, manifest_hash))
    except Refused as refused:
        fail(f"{refused.zh} / {refused.en}")
    if wrong:
        fail("\n".join(wrong))
    out.print("与清单一致 / as the manifest says")
    if manifest_hash is None:
        zh = "清单本身未核对；请以导出时给出的哈希加 --manifest-hash"
        out.print(f"{zh} / the manifest itself is unchecked: add --manifest-hash")


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", text):
        fail("判定时刻写作 2027-01-01T00:00 / write the instant as 2027-01-01T00:00")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        fail(f"没有这个时刻：{text} / no such instant")
