"""What operators do at the terminal: check, rebuild, replay, resend."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.table import Table

from api import reads
from api.terminal import AsOf, Json, county, err, fail, out, progress, show
from domain.decider import Refused
from domain.reference import STREAM
from eventstore import backup, embedded
from eventstore import doctor as checks
from eventstore.doctor import Finding
from eventstore.embedded import EmbeddedError
from eventstore.keys import KeyLostError
from eventstore.schema import connect, migrate
from projections import checkup, outward, replay
from projections.county import County, Settings, SettingsError, database, opened


def add_to(app: typer.Typer) -> None:
    """Add the operators' commands to `zhifang`."""
    app.command()(rebuild)
    app.command()(doctor)
    app.command("replay")(replayed)
    app.command("backup")(backed_up)
    app.command("restore")(restored)
    app.command("clean-data")(cleaned)
    notices = typer.Typer(no_args_is_help=True, help="外送通知 / notices sent outside")
    notices.command("dead")(dead)
    notices.command("resend")(resend)
    app.add_typer(notices, name="notices")


def rebuild() -> None:
    """重建查询模型，完成后切换 / rebuild the read models beside the live ones."""
    with county() as found, progress("重建 / rebuilding") as told:
        position = found.engine.rebuild(told=told)
    out.print(f"已重建至位置 {position} / rebuilt up to {position}")


def doctor(json: Json = False) -> None:
    """体检：角色、设置、日志完整性、后台与通知 / check the database, the log and what runs."""
    settings = Settings()
    # Nothing is folded or caught up first: the doctor must see a log that no longer can be.
    with (
        database(settings) as urls,
        opened(settings, urls) as found,
        progress("核验日志 / verifying the log") as told,
    ):
        findings = [*checks.check_database(found.app), *checks.verify(found.app, told=told)]
        findings += _running(found)

    def table() -> Table:
        made = Table(title=f"发现 {len(findings)} 项", title_justify="left")
        for column in ("程度", "代码", "说明"):
            made.add_column(column)
        for finding in findings:
            made.add_row(finding.severity, finding.code, f"{finding.zh} / {finding.en}")
        return made

    show({"findings": findings}, json, table)
    if any(f.severity == "error" for f in findings):
        raise SystemExit(3)


def _running(found: County) -> list[Finding]:
    """What is known of the rest, where a damaged log lets it be known."""
    try:
        return list(checkup.findings(found))
    except (Refused, sa.exc.SQLAlchemyError, ValueError, KeyError) as error:
        zh = "查询模型或基准无法读取，后台情况未能检查；请先处理日志的问题"
        en = f"The rest could not be checked: {type(error).__name__}"
        return [Finding("error", "unchecked", zh, en)]


def replayed(
    case: Annotated[str | None, typer.Argument(help="案号；不写则核对全部案件")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """由记录重放一案，或核对全部案件 / replay a case, or check all."""
    with county() as found:
        if case is None:
            with progress("重放 / replaying") as told:
                wrong = list(replay.differences(found, told))
            show({"differences": wrong}, json, lambda: "\n".join(wrong) or "全部相符 / all agree")
            if wrong:
                raise SystemExit(3)
            return
        with reads.looking(found, as_of) as view:
            row = view.case(case)
            if row is None:
                fail(f"没有案件 {case}；案号如 DX-2026-0001 / no such case")
            steps = list(replay.told(view, row["case"]))

    def table() -> Table:
        made = Table(title=f"{row['number']} 重放（{len(steps)} 步）", title_justify="left")
        for column in ("位置", "版", "事实与事项变化"):
            made.add_column(column, overflow="fold")
        for step in steps:
            lines = "\n".join([step.sentence, *(f"[dim]{line}[/dim]" for line in step.changes)])
            made.add_row(str(step.position), str(step.version), lines)
        return made

    show({"case": row["number"], "steps": steps}, json, table)


def backed_up(to: Annotated[Path, typer.Argument(help="新文件，如 zhifang.zip")]) -> None:
    """备份日志到一个自我核验的文件；密钥文件须另行保存 / back up the log; keep the keys apart."""
    settings = Settings()
    with (
        database(settings) as urls,
        opened(settings, urls) as found,
        progress("备份 / backing up") as told,
    ):
        made = backup.backup(found.app, to, told)
    out.print(
        f"已备份 {made.position} 条；请把根抄存到库外 / {made.position} events, keep the root:"
    )
    out.print(f"根 / root {made.root}", highlight=False)
    keys = settings.keys_file or settings.var / "keys.json"
    out.print(f"密钥文件 {keys} 不在其中，请另存一处 / keep the key file elsewhere", markup=False)


def restored(
    path: Annotated[Path, typer.Argument(help="zhifang backup 所得的文件")],
) -> None:
    """恢复到新建的空库，核验后重建查询模型 / restore into an empty schema, verify, rebuild."""
    settings = Settings()
    keys = settings.keys_file or settings.var / "keys.json"
    if not keys.exists():
        fail(f"请先把原日志的密钥文件放回 {keys} / put the log's key file back first")
    with database(settings) as urls, progress("恢复 / restoring") as told:
        if urls.admin is None:
            fail("请设置 ZHIFANG_DATABASE_ADMIN_URL（所有者角色） / set the owner's URL")
        owner = connect(urls.admin, settings.schema_name)
        migrate(owner, settings.schema_name)
        made = backup.restore(owner, path, told)
        owner.dispose()
        with opened(settings, urls) as found:
            wrong = list(checks.verify(found.app))
            found.engine.rebuild()
    out.print(f"已恢复 {made.position} 条，核验发现 {len(wrong)} 项 / {made.position} events")
    out.print(f"根 / root {made.root}", highlight=False)
    if wrong:
        raise SystemExit(3)


def cleaned(
    yes: Annotated[bool, typer.Option("--yes", help="不是模拟日志也清除 / a real one too")] = False,
) -> None:
    """清除 ./var 的数据和密钥文件（本机试用数据）/ forget the trial data, keys and all."""
    settings = Settings()
    keys = settings.var / "keys.json"
    if keys.exists():
        zh = f"密钥文件 {keys} 将一并删除；没有它，由本库所做的备份不能恢复"
        en = "the key file goes too: no backup of this log can be restored without it"
        err.print(f"{zh} / {en}", markup=False)
    why = None if yes else _worth_keeping(settings)
    if why:
        fail(
            f"没有清除：{why}。请先 zhifang backup，并将密钥文件另存一处；"
            "确要清除的，zhifang clean-data --yes"
            " / not removed: back it up and keep the key file elsewhere, or add --yes"
        )
    embedded.remove(settings.var)
    shutil.rmtree(settings.var, ignore_errors=True)
    out.print("已清除 / forgotten")


def _worth_keeping(settings: Settings) -> str | None:
    """Why the data may be more than a trial; None where the log says that it is simulated."""
    if not settings.database_url and not embedded.data_folder(settings.var).exists():
        kept = (settings.var / "keys.json").exists()
        return "没有数据库而有密钥文件，它可能属于某个备份" if kept else None
    try:
        with database(settings) as urls, opened(settings, urls) as found:
            empty = found.log.recorder.max_notification_id() is None
            simulated = found.log.fold(STREAM).state.simulated
    except (EmbeddedError, KeyLostError, SettingsError, Refused, sa.exc.SQLAlchemyError) as error:
        return f"读不出是不是模拟日志（{str(error).splitlines()[0]}）"
    return None if empty or simulated else "这不是模拟日志"


def dead(json: Json = False) -> None:
    """已放弃的外送通知 / deliveries that were given up."""
    with county() as found:
        rows = outward.listing(found.app, "dead", 1_000)

    def table() -> Table:
        made = Table(title=f"已放弃 {len(rows)} 条", title_justify="left")
        for column in ("通知", "渠道", "次数", "原因"):
            made.add_column(column, overflow="fold")
        for row in rows:
            cells = (row["notice"], row["channel"], str(row["attempts"]), row["error"] or "")
            made.add_row(*cells)
        return made

    show({"dead": rows}, json, table)


def resend(
    notice: Annotated[str | None, typer.Argument(help="通知编号；不写则全部")] = None,
) -> None:
    """重发已放弃的通知，编号不变 / send given-up notices again, under the same id."""
    with county() as found:
        rows = outward.listing(found.app, "dead", 1_000)
        wanted = [row for row in rows if notice in (None, row["notice"])]
        if notice and not wanted:
            fail(f"没有已放弃的通知 {notice}；用 zhifang notices dead 查看 / no such delivery")
        done = sum(outward.resend(found.app, row["notice"], row["channel"]) for row in wanted)
    out.print(f"{done} 条将再次送出 / will be sent again")
