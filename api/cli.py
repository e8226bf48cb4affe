"""`zhifang …`: the command line. Answers on stdout, progress on stderr, stable exit codes.

0 done · 1 something is wrong (said in words) · 2 wrong usage · 3 a check found differences.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated

import sqlalchemy as sa
import typer
import uvicorn
from rich.table import Table
from rich.text import Text

from api import demo, desk, draw, exports, law, listings, operators, reads, rulings, scenario
from api.app import create_app
from api.demo import table as demo_table
from api.terminal import AsOf, Json, err, fail, out, progress, say_if_simulated, show
from api.terminal import county as opening
from domain.decider import Refused
from domain.events import SHANGHAI, shanghai_day, shanghai_minute
from domain.rules import UNSURE, LawError
from domain.tasks import Summary, called
from eventstore import doctor as checks
from eventstore import embedded
from eventstore.application import IdReusedError
from eventstore.backup import BackupError
from eventstore.clock import InjectedClock, SystemClock
from eventstore.embedded import EmbeddedError
from eventstore.keys import KeyLostError
from eventstore.loading import OvertakenError
from eventstore.recorder import ClockError
from eventstore.schema import connect
from eventstore.schema import migrate as migrate_schema
from projections import outward, tasks
from projections.county import County, Settings, SettingsError, Urls, database, opened
from projections.logs import configure as configure_logs

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
law_app = typer.Typer(
    no_args_is_help=True, help="法规数据：检查、采用、存疑、规则 / the law as data"
)
scenario_app = typer.Typer(no_args_is_help=True, help="情景 / scenarios")
case_app = typer.Typer(no_args_is_help=True, help="案件 / cases")
task_app = typer.Typer(no_args_is_help=True, help="事项 / tasks")
for name, sub in (
    ("law", law_app),
    ("scenario", scenario_app),
    ("case", case_app),
    ("task", task_app),
):
    app.add_typer(sub, name=name)
law_app.command("rules")(listings.rules)
case_app.command("list")(listings.cases)
scenario_app.command("commands")(listings.commands)
operators.add_to(app)
desk.add_to(app)
draw.add_to(app)
exports.add_to(app)
rulings.add_to(app)

SAID = (
    BackupError,
    EmbeddedError,
    ClockError,
    KeyLostError,
    scenario.ScenarioError,
    demo.NotOursError,
    OvertakenError,
    checks.UnsafeDatabaseError,
    SettingsError,
)
"""Failures whose own words say what to do."""


def main() -> None:
    """The entry point: every expected failure is a sentence, never a traceback."""
    try:
        app()
    except SAID as error:
        fail(str(error))
    except LawError as error:
        fail(f"法规数据有 {len(error.mistakes)} 处错误：\n{error}")
    except Refused as refused:
        fail(f"{refused.zh} / {refused.en}")
    except IdReusedError as error:
        fail(
            f"命令编号 {error} 已用于另一内容的命令 / this command id was used for another command"
        )
    except sa.exc.ProgrammingError as error:
        told = str(error.orig).splitlines()[0]
        fail(f"数据表不全或权限不足，请以所有者运行 zhifang migrate / migrate first: {told}")
    except sa.exc.OperationalError as error:
        told = str(error.orig).splitlines()[0]
        fail(f"连不上数据库，请检查 ZHIFANG_DATABASE_URL 或先 make run / no database: {told}")


@app.command()
def run() -> None:
    """启动本机试用：数据库、迁移、法规、演示数据、服务 / everything, on this machine."""
    settings = Settings()
    _port_free(settings.port)
    with database(settings) as urls, opened(settings, urls) as county:
        if county.log.recorder.max_notification_id() is None:
            _load_demo(settings, urls, FIRST_DEMO)
        elif not law.in_force(county.log, law.files()):
            law.adopt(county.log, law.files(), title="随软件发布的版次", recorder="zhifang run")
        if not settings.database_url:
            home = embedded.data_folder(settings.var)
            err.print(f"数据位于 {home} / data in {home}", markup=False)
        _serve(county, settings, urls, three_things=True)


FIRST_DEMO = demo.Plan(employers=40, years=0.25)  # so that the first start stays quick


def _load_demo(settings: Settings, urls: Urls, plan: demo.Plan) -> tuple[int, float]:
    """Load the demo county; how many events were added, and how many seconds it took."""
    today = shanghai_day(SystemClock().now())
    clock = InjectedClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
    started = monotonic()
    with (
        opened(settings, urls, clock=clock) as county,
        progress("装载合成演示数据（日） / loading the synthetic demo, by days") as told,
    ):
        before = county.log.recorder.max_notification_id() or 0
        demo.load(county, clock, replace(plan, today=today), told)
        added = (county.log.recorder.max_notification_id() or 0) - before
    return added, monotonic() - started


@app.command("demo")
def demo_county(
    employers: Annotated[int, typer.Option(min=1, help="用人单位数 / firms")] = demo.EMPLOYERS,
    years: Annotated[int, typer.Option(min=1, max=4, help="往前几年 / years back")] = demo.YEARS,
    seed: Annotated[int, typer.Option(help="种子：同一种子同一县 / the same again")] = demo.SEED,
) -> None:
    """装载合成演示县（人名、单位均为虚构）/ load a synthetic demo county into an empty log."""
    settings = Settings()
    with database(settings) as urls:
        plan = demo.Plan(employers=employers, years=years, seed=seed)
        added, seconds = _load_demo(settings, urls, plan)
        if added:
            out.print(
                f"装入 {added} 条事件，{seconds:.1f} 秒，"
                f"每秒 {added / seconds:.0f} 条（含查询模型）"
                " / events added, seconds, events a second"
            )
        else:
            out.print("该演示县此前已装完，没有新增 / loaded before: nothing was added")
        with opened(settings, urls) as county:
            out.print(demo_table.table(county))


@app.command()
def serve(
    workers: Annotated[bool, typer.Option(help="同时启动后台任务 / with the workers")] = True,
) -> None:
    """在本机回环地址上提供服务 / serve on loopback."""
    settings = Settings()
    _listening_fit(settings)
    _port_free(settings.port)
    with database(settings) as urls, opened(settings, urls) as county:
        _serve(county, settings, urls, three_things=False, workers=workers)


def _listening_fit(settings: Settings) -> None:
    """Until sign-in exists, whoever reaches the port may act for any unit."""
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return
    told = (
        f"监听 {settings.host}：凡能连上者都可以任何单位名义办事"
        " / whoever reaches this address may act for any unit"
    )
    if not settings.trust_network:
        how = "；确由前端限制访问的，设 ZHIFANG_TRUST_NETWORK=true / set it if access is limited"
        fail(f"不予启动：{told}{how}")
    err.print(f"[bold red]注意：{told}[/bold red]")


def _port_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            fail(
                f"端口 {port} 已被占用；请停止占用者，或设 ZHIFANG_PORT=其他端口"
                f" / port {port} is taken: free it or set ZHIFANG_PORT"
            )


def _serve(
    county: County, settings: Settings, urls: Urls, *, three_things: bool, workers: bool = True
) -> None:
    """Serve until Ctrl-C, with the workers as a child that ends when we do."""
    for engine in (county.app, county.projector):
        checks.require_safe(engine, settings.allow_unsafe_database)
    county.engine.catch_up()
    configure_logs(logging.WARNING if three_things else logging.INFO)
    with _workers(settings, urls) if workers else nullcontext():
        _greet(county, settings.port, three_things)
        config = uvicorn.Config(
            create_app(county),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=3,  # an open stream must not keep us from stopping
        )
        # Ctrl-C is how one stops serving: the server has ended in good order by then.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run()


@contextmanager
def _workers(settings: Settings, urls: Urls) -> Iterator[None]:
    """The workers as a child that ends when we do, started anew should it fall."""
    environment = {
        **os.environ,
        "ZHIFANG_DATABASE_URL": urls.app,
        "ZHIFANG_DATABASE_PROJECTOR_URL": urls.projector,
        "ZHIFANG_VAR": str(settings.var.resolve()),
    }
    command = [sys.executable, "-m", "workers", *outward.WORKERS]
    log = settings.var.resolve() / "workers.log"
    stop = threading.Event()

    def tend() -> None:
        while not stop.is_set():
            with log.open("ab") as out:
                child = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stderr=out, env=environment
                )
                while child.poll() is None and not stop.wait(0.2):
                    pass
                child.terminate()
                child.wait(timeout=20)
            stop.wait(1)

    tending = threading.Thread(target=tend)
    tending.start()
    try:
        yield
    finally:
        stop.set()
        tending.join()


def _greet(county: County, port: int, three_things: bool) -> None:
    base = f"http://127.0.0.1:{port}"
    out.print(f"\n[bold]职防已启动 / Zhifang is serving:[/bold] {base}  （Ctrl-C 停止）")
    say_if_simulated(county)
    if not three_things:
        return
    now = county.log.clock.now()
    with county.reading.view(now) as view:
        to_sign = [i.task for i in view.queue("HB") if i.tab == "to_sign"]
    out.print(f"\n打开页面 / open: [bold]{base}/[/bold]（各单位待办），接口文档 {base}/docs")
    out.print("\n试试 / try:", highlight=False)
    lines = [
        f"curl -s {base}/api/v1/queue/HB",
        f"curl -s '{base}/api/v1/queue/HSSB?as_of=2026-03-20T18:00'",
        f"curl -s {base}/api/v1/cases/DX-2026-0001/audit",
    ]
    if to_sign:
        lines[0] += (
            f"\n   curl -s -X POST -H 'X-Zhifang-Unit: HB' -H 'Content-Type: application/json'"
            f" -H 'If-Match: *' -d '{{}}' {base}/api/v1/tasks/{to_sign[0].id}/sign"
        )
    for number, line in enumerate(lines, 1):
        out.print(f"{number}. {line}", highlight=False, markup=False)


@app.command()
def migrate() -> None:
    """建立或补齐数据表（需所有者角色）/ create what is missing."""
    settings = Settings()
    with database(settings) as urls:
        if urls.admin is None:
            fail("请设置 ZHIFANG_DATABASE_ADMIN_URL（所有者角色） / set the owner's URL")
        owner = connect(urls.admin, settings.schema_name)
        migrate_schema(owner, settings.schema_name)
        owner.dispose()
    out.print("已完成 / done")


@app.command()
def queue(unit: str, as_of: AsOf = None, json: Json = False) -> None:
    """单位或当事方的待办 / a party's queue."""
    with opening() as county, reads.looking(county, as_of) as view:
        known = county.log.reference_in_force().edition.units
        if not known:
            how = "请先 make run（或 zhifang demo 装入合成演示数据）"
            fail(f"本库还没有数据，也没有采用法规；{how} / nothing here yet: make run first")
        unit = next((code for code, said in known.items() if said.name == unit), unit)
        if unit not in known and ":" not in unit:
            names = "、".join(f"{code} {known[code].name}" for code in known)
            fail(f"没有单位 {unit}；可选：{names}，或当事方如 worker:S-… / no such unit")
        items, may = view.queue(unit), view.rights(unit)
        numbers = view.numbers(item.task.case for item in [*items, *may])
        at = view.asked.at

        law = county.log.reference_in_force()
        counts = tasks.counts(items)

    def table() -> Table:
        made = Table(title=f"{called(unit, law)} 待办：{tasks.load(counts)}", title_justify="left")
        for column in ("案号", "事项", "状态", "期限"):
            made.add_column(column, no_wrap=column != "事项", overflow="fold")
        for item in [*items, *may]:
            task = item.task
            holder = "" if task.holder == unit else f"\n{called(task.holder, law)}"
            provisional = "（暂定）" if task.provisional else ""
            names = [task.day_name] if task.legal else []
            names += [f"稳妥 {task.alarm}"] if task.alarm != task.last else []
            made.add_row(
                numbers[task.case],
                f"{task.title}{holder}\n[dim]{task.id}[/dim]",
                f"{task.left(at)}\n[dim]{item.tab_name}[/dim]",
                "\n".join([f"{task.last}{provisional}", *(f"[dim]{n}[/dim]" for n in names)]),
            )
        return made

    show({"queue": items, "rights": may, "counts": counts}, json, table)


@case_app.command("show")
def case_show(case: str, as_of: AsOf = None, json: Json = False) -> None:
    """案件的事项与审计轨迹 / a case: its tasks and its trail."""
    with opening() as county, reads.looking(county, as_of) as view:
        found = view.case(case)
        if found is None:
            fail(f"没有案件 {case}；案号如 DX-2026-0001 / no such case")
        held, trail = view.tasks_of(found["case"]), view.trail(found["case"])
        at, law = view.asked.at, county.log.reference_in_force()

    def table() -> Table:
        made = Table(title=f"{found['number']} {found['status']}", title_justify="left")
        for column in ("版", "发生", "记录", "事实"):
            made.add_column(column, no_wrap=column != "事实", overflow="fold")
        for line in trail:
            corrected = "、".join(f"第{v}版" for v in line["corrected_by"])
            mark = f"（已由{corrected}更正）" if corrected else ""
            made.add_row(
                str(line["version"]),
                shanghai_minute(line["occurred_at"])
                if line["precision"] == "minute"
                else str(shanghai_day(line["occurred_at"])),
                str(shanghai_day(line["recorded_at"]))
                + (f"（晚{line['late_days']}日）" if line["late_days"] else ""),
                f"{line['sentence']}{mark}\n[dim]{called(line['actor'], law)}[/dim]",
            )
        for task in held:
            if task.standing(at) != "hidden":
                who = called(task.holder, law)
                made.add_row("▸", "", "", f"{who} {task.title}：{_dates(task, at)}")
        return made

    show({**found, "tasks": held, "trail": trail}, json, table)


def _dates(task: Summary, at: datetime) -> str:
    if task.standing(at) == "closed":
        return task.ended
    if task.legal is None:
        return task.left(at)
    return f"{task.left(at)}，{task.day_name} {task.last}，稳妥 {task.alarm}"


@task_app.command("why")
def task_why(task: str, as_of: AsOf = None, json: Json = False) -> None:
    """为何在此：规则、条款、版次、事件与算式 / why a task is where it is."""
    with opening() as county, reads.looking(county, as_of) as view:
        found = view.task(task)
        if found is None:
            fail(f"没有事项 {task} / no such task")
    show({"id": task, "why": found.why}, json, lambda: found.why)


@law_app.command("check")
def law_check(folder: Path = law.LAW) -> None:
    """检查法规数据，报告每处错误的文件与行 / report every mistake with file and line."""
    edition = law.check(law.files(folder))
    told = f"条款 {len(edition.clauses)}，时限 {len(edition.deadlines)}，规则 {len(edition.rules)}"
    out.print(f"没有错误 / no mistakes：{told}；版次 {edition.id[:12]}")


@law_app.command("adopt")
def law_adopt(title: str = "随软件发布的版次", folder: Path = law.LAW) -> None:
    """采用当前法规与日历，逐案重算未结期限 / adopt, and recompute open cases."""
    with opening() as county, progress("逐案重算 / case by case") as told:
        by = "zhifang law adopt"
        anew = law.adopt(county.log, law.files(folder), title=title, recorder=by, told=told)
    out.print(
        f"已采用；{len(anew)} 件在办案件改按新版计算 / adopted, {len(anew)} open cases under it"
    )


@law_app.command("unsure")
def law_unsure(json: Json = False) -> None:
    """存疑与本县口径 / what is unsure, each a value the county can change."""
    edition = law.check(law.files())
    unsure = [p for p in edition.policies.values() if p.confidence in UNSURE]

    def table() -> Table:
        title = f"存疑与本县口径（{len(unsure)}）"
        made = Table(title=title, title_justify="left", show_lines=True)
        for column in ("口径", "现值与说明"):
            made.add_column(column, overflow="fold", ratio=1 if column == "口径" else 2)
        for policy in unsure:
            said = Text(law.in_words(policy, edition))
            said.append(f"\n{policy.note}", "dim")
            made.add_row(Text.assemble(policy.title, (f"\n{policy.id}", "dim")), said)
        return made

    show(unsure, json, table)


@scenario_app.command("run")
def scenario_run(files: list[Path]) -> None:
    """播放情景文件并逐日核对 / play scenario files and print a clear difference.

    退出码：0 全部相符，1 有文件写得有误，3 只有不符。
    """
    mistaken = failed = 0
    settings = Settings()
    with database(settings) as urls:
        for path in files:
            try:
                result = play_file(settings, urls, path)
            except scenario.ScenarioError as error:
                mistaken += 1
                err.print(f"[red]有误[/red] {path.name}")
                err.print(f"  ! {error}", markup=False, highlight=False)
                continue
            mistaken += bool(result.mistake)
            failed += bool(result.wrong)
            mark = "[green]相符[/green]"
            if result.wrong or result.mistake:
                mark = f"[red]{'有误' if result.mistake else '不符'}[/red] {path.name}"
            out.print(f"{mark} {result.title}：{result.steps} 步，{result.checks} 处核对")
            for line in result.wrong:
                out.print(f"  ✗ {line}", markup=False, highlight=False)
            if result.mistake:
                err.print(f"  ! {result.mistake}", markup=False, highlight=False)
            for line in result.outside:
                out.print(f"  · 范围外 {line}", markup=False, highlight=False)
    if mistaken or failed:
        raise SystemExit(1 if mistaken else 3)


def play_file(settings: Settings, urls: Urls, path: Path) -> scenario.Result:
    """Play one scenario file in a schema of its own, which is dropped afterwards."""
    if not path.is_file():
        raise scenario.ScenarioError(f"没有文件 {path} / no such file")
    played = scenario.read(path)
    if urls.admin is None:
        raise SettingsError(
            "播放情景要另建一个模式，请设置 ZHIFANG_DATABASE_ADMIN_URL"
            " / a scenario needs a schema of its own: set ZHIFANG_DATABASE_ADMIN_URL"
        )
    schema = f"scenario_{os.getpid()}"
    start = scenario.recorded_day(played.story[0])
    clock = InjectedClock(datetime.combine(start, datetime.min.time(), SHANGHAI))
    with opened(settings, urls, schema=schema, clock=clock) as county:
        try:
            player = scenario.Player(county.log, county.engine, county.reading, clock)
            player.prepare(clock.now(), played.title)
            return player.play(played)
        finally:
            assert county.admin is not None
            with county.admin.begin() as connection:
                connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
