"""`zhifang draw`: repeat a draw 双随机抽取 from its seed, or check one that was recorded.

The algorithm stands in `domain/draw.py`; `docs/draw.md` repeats it with `sha256sum` alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from api.terminal import Json, county, fail, show
from domain.cases import plan as plans
from domain.draw import draw, number, pool_hash
from eventstore.application import Log


def add_to(app: typer.Typer) -> None:
    """Add `zhifang draw` to the command line."""
    app.command("draw")(drawn)


def drawn(
    file: Annotated[
        Path | None, typer.Argument(help="名录，每行一项 / the pool, one a line")
    ] = None,
    seed: Annotated[str | None, typer.Option(help="种子 / the recorded seed")] = None,
    count: Annotated[int, typer.Option(min=1, help="抽取几项 / how many to draw")] = 1,
    check: Annotated[str | None, typer.Option(help="复核已记录的计划 / a plan's number")] = None,
    json: Json = False,
) -> None:
    """复核双随机抽取：同一名录、同一种子，人人得到同一结果 / repeat a draw from its seed."""
    if check:
        with county() as found:
            answer = checked(found.log, check)
    elif file and seed:
        answer = repeated(_lines(file), seed, count)
    else:
        fail("请给出名录文件和 --seed，或 --check 计划案号 / give FILE and --seed, or --check PLAN")

    def table() -> Table:
        made = Table(title=f"名录 SHA-256 {answer['pool_hash']}", title_justify="left")
        for column in ("次序", "抽中", "SHA-256(种子 换行 项)"):
            made.add_column(column, overflow="fold")
        for place, item in enumerate(answer["drawn"], 1):
            made.add_row(str(place), item["line"], item["number"])
        return made

    show(answer, json, table)
    for weak in answer.get("weak", ()):
        typer.echo(f"注意：{weak}", err=True)
    wrong = answer.get("wrong")
    if check and not wrong and not json:
        told = "名录散列、抽中的企业、每件检查的企业和执法人员都与记录相符"
        typer.echo(f"{told}；种子：{answer['seed']} / repeated as recorded")
    if wrong:
        fail(f"与记录不符：{'；'.join(wrong)} / the recorded draw cannot be repeated")


def repeated(lines: list[str], seed: str, count: int) -> dict[str, Any]:
    """The draw from these lines, with the hash of the pool and the number of each item drawn."""
    chosen = draw(lines, seed, count)
    return {
        "pool_hash": pool_hash(lines),
        "drawn": [{"line": line, "number": number(line, seed)} for line in chosen],
    }


def checked(log: Log, number: str) -> dict[str, Any]:
    """A recorded draw made again: `wrong` names each thing that differs from the record, `weak`
    what could be repeated but was hardly a draw."""
    case = log.case_of(number) or number
    if case.partition("-")[0] != "plan" or log.fold(case).version == 0:
        fail(f"没有检查计划 {number}；案号如 PLAN-2026-0001 / no such plan")
    state: plans.State = log.fold(case).state
    plan = state.plan
    if plan is None or state.seed is None:
        fail(f"计划 {number} 没有抽取过 / nothing was drawn under this plan")
    again = repeated([target.line for target in plan.targets], state.seed, plan.count)
    inspectors = pool_hash(inspector.line for inspector in plan.inspectors)
    firms = tuple(target.employer for target in plans.firms(plan, state.seed))
    differs = {
        "检查对象名录的散列": again["pool_hash"] != plan.targets_hash,
        "执法人员名录的散列": inspectors != plan.inspectors_hash,
        "抽中的检查对象": firms != state.drawn,
    }
    wrong = [what for what, does in differs.items() if does]
    for place, firm in enumerate(firms, 1):
        wrong += _inspection_differs(log, case, state, place, firm)
    reference = log.reference_in_force().edition
    return {**again, "seed": state.seed, "wrong": wrong, "weak": plans.weak(state, reference)}


def _inspection_differs(
    log: Log, plan: str, state: plans.State, place: int, firm: str
) -> list[str]:
    """How the inspection in this place differs from the draw, recorded recusals counted in."""
    fold = log.fold(plans.inspection_of(plan, place))
    held = fold.state
    assert state.plan is not None
    assert state.seed is not None
    if held.opened is None:
        return [f"第{place}家没有开立检查"]
    told = fold.number or fold.case
    wrong = [] if held.opened.employer == firm else [f"{told}的检查对象"]
    drawn = plans.officers(state.plan, state.seed, firm, state.officers_each, held.recused)
    return wrong if set(held.officers) == set(drawn) else [*wrong, f"{told}的执法人员"]


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        fail(f"读不出 {file}：应为 UTF-8 文本，每行一项 / a UTF-8 text file, one item a line")
    return [line for line in lines if line.strip()]
