"""What is looked up at the terminal: the cases, the rules, the commands with their codes."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from rich.markup import escape
from rich.table import Table

from api import law, reads
from api.refusals import reasons
from api.scenario.written import near
from api.terminal import AsOf, Json, county, err, fail, show
from domain.calendar import UNIT_NAMES
from domain.cases import CASE_KINDS
from domain.decider import COMMAND_TYPES, CommandType
from domain.events import shown
from domain.rules import EVERY_KIND, FIRST_DAY, LAST_DAY, Edition, Rule
from domain.sealing import Sealed, Secret
from domain.tasks import Summary
from projections.cases import Wanted

MOST = 500  # cases at once


def cases(
    kind: Annotated[str | None, typer.Option(help="种类，如 plan / a kind of case")] = None,
    status: Annotated[str | None, typer.Option(help="状态，一字不差 / its status")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="最多几件 / at most")] = 20,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """案件，新的在前：案号、种类、状态、立案日、未结事项 / cases, the newest first."""
    if kind is not None and kind not in CASE_KINDS:
        fail(f"没有案件种类 {kind}；可选：{'、'.join(CASE_KINDS)} / no such kind")
    with county() as opened, reads.looking(opened, as_of) as view:
        found = view.cases(Wanted(kind, status), limit=limit + 1)
        listed = [
            {name: case[name] for name in ("case", "number", "kind", "status", "opened_on")}
            | {"open_duties": _open_duties(view.tasks_of(case["case"]), view.asked.at)}
            for case in found[:limit]
        ]
    more = len(found) > limit

    def table() -> Table:
        made = Table(title=f"案件（{len(listed)}）", title_justify="left")
        for column in ("案号", "种类", "状态", "立案", "未结"):
            made.add_column(column, no_wrap=column in ("案号", "立案"), overflow="fold")
        for case in listed:
            cells = (case["number"], CASE_KINDS[case["kind"]].title, case["status"])
            made.add_row(*cells, str(case["opened_on"]), str(case["open_duties"]))
        return made

    show({"cases": listed, "more": more}, json, table)
    if more:
        err.print(f"还有更多：加 --limit（至多 {MOST}），或按种类、状态筛选 / there are more")


def _open_duties(tasks: list[Summary], at: datetime) -> int:
    """How many duties of a case are owed at the moment asked."""
    over = ("hidden", "closed")
    return sum(task.nature == "duty" and task.standing(at) not in over for task in tasks)


Kind = Annotated[str | None, typer.Option(help="案件种类，如 tip；* 为各种案件共有 / of a kind")]


def rules(kind: Kind = None, json: Json = False) -> None:
    """规则：谁、多久、依哪些条款 / the rules: holder, deadline, clauses."""
    known = [*CASE_KINDS, EVERY_KIND]
    if kind is not None and kind not in known:
        fail(f"没有案件种类 {kind}；可选：{'、'.join(known)} / no such kind")
    edition = law.check(law.files())
    found = [_rule(rule, edition) for rule in edition.rules if kind in (None, rule.kind)]

    def told() -> str:
        return "\n".join(
            f"{r['id']}  {r['title']}{_interval(r)}\n"
            f"    由 {r['holder']}；{r['deadline']}；{'、'.join(r['clauses'])}"
            for r in found
        )

    show({"rules": found}, json, lambda: escape(told()))


def _rule(rule: Rule, edition: Edition) -> dict[str, Any]:
    lengths = {
        f"{d.length}{UNIT_NAMES[d.unit]}" for d in edition.deadlines.get(rule.deadline or "", ())
    }
    holder = rule.holder
    if holder.startswith("@"):
        holder = f"事件写明的 {holder[1:]}"
    elif shown(holder, edition.unit_names) != holder:
        holder = f"{shown(holder, edition.unit_names)}（{holder}）"
    return {
        "id": rule.id,
        "kind": rule.kind,
        "title": rule.title,
        "nature": rule.nature,
        "holder": holder,
        "deadline": "、".join(sorted(lengths)) or "无期限",
        "clauses": list(rule.clauses),
        "since": rule.since,
        "until": rule.until,
    }


def _interval(rule: dict[str, Any]) -> str:
    nature = "（权利）" if rule["nature"] == "right" else ""
    since = f"自 {rule['since']}" if rule["since"] > FIRST_DAY else ""
    until = f"至 {rule['until']}" if rule["until"] < LAST_DAY else ""
    return f"{nature}{f'（{since}{until}）' if since or until else ''}"


Named = Annotated[
    str | None, typer.Argument(help="命令名如 tip.receive，或种类如 tip / a command, or a kind")
]


def commands(name: Named = None, json: Json = False) -> None:
    """情景可用的命令；写命令名则列出各项、代码与拒绝理由 / commands, their fields and codes."""
    exact = COMMAND_TYPES.get(name or "")
    if exact:
        told = _command(exact)
        show(told, json, lambda: escape(_spelt_out(told)))
        return
    found = [c for c in COMMAND_TYPES.values() if name in (None, c.name.partition(".")[0])]
    if not found:
        fail(f"没有命令或种类 {name}{near(name or '', COMMAND_TYPES)} / no such command")
    listed = [{"name": c.name, "title": c.title, "by": c.by, "opens": c.opens} for c in found]

    def lines() -> str:
        return "\n".join(
            f"{c.name}  {c.title}{'（立案）' if c.opens else ''}{_by(c.by)}" for c in found
        )

    show({"commands": listed}, json, lines)


def _by(parties: tuple[str, ...]) -> str:
    return f"  由 {'、'.join(parties)}" if parties else ""


def _command(kind: CommandType) -> dict[str, Any]:
    hints = get_type_hints(kind.cls)
    given = [
        f for f in fields(kind.cls) if (kind.name.partition(".")[0], f.name) != ("task", "task")
    ]
    return {
        "name": kind.name,
        "title": kind.title,
        "by": kind.by,
        "opens": kind.opens,
        "fields": [
            {"name": f.name, "required": _required(f), "value": _value(hints[f.name])}
            for f in given
        ],
        "refused": reasons(kind.name.partition(".")[0]),
        "refused_any": reasons("*"),
    }


def _spelt_out(told: dict[str, Any]) -> str:
    opens = "（立案）" if told["opens"] else ""
    lines = [f"{told['name']}  {told['title']}{opens}{_by(told['by'])}", "", "with 可写："]
    for f in told["fields"]:
        lines.append(f"  {f['name']}{'（必写）' if f['required'] else ''}：{f['value']}")
    for title, codes in (
        ("refused", told["refused"]),
        ("refused（各命令共有）", told["refused_any"]),
    ):
        lines += ["", f"{title} 可写："]
        lines += [f"  {code}：{zh}" for code, zh in codes.items()]
    return "\n".join(lines)


def _required(given: Field[Any]) -> bool:
    return given.default is MISSING and given.default_factory is MISSING


def _value(hint: Any) -> str:
    """What may be written for a field, in Chinese, with the words of each code."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        words = ((str(c), shown(c, {})) for c in inside)
        return "、".join(f"{code}（{zh}）" if zh != code else code for code, zh in words)
    if origin in (Union, types.UnionType):
        rest = [part for part in inside if part not in (type(None), Sealed)]
        return " 或 ".join(_value(part) for part in rest)
    if origin is tuple:
        return f"列表 [{_value(inside[0])}]"
    if origin is not None and issubclass(origin, Mapping):
        return f"成对的项 {{{_value(inside[0])}: {_value(inside[1])}}}"
    if is_dataclass(hint) and hint is not Secret:
        parts = get_type_hints(hint)
        return "{" + "，".join(f"{f.name}: {_value(parts[f.name])}" for f in fields(hint)) + "}"
    said = {
        date: "日期",
        datetime: "时刻",
        bool: "true 或 false",
        int: "整数",
        Secret: "文字（密封）",
    }
    return said.get(hint, "文字")
