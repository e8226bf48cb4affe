"""The tables of the yearly export: their columns, and a row of each. Names, never codes alone.

The codes stand in the last columns, for the screen and for machines. Of a case only its number,
days and parties' codes are told: no disease, nothing sealed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from api.sheets import Book, Column, Shape, Table
from domain.cases import CASE_KINDS
from domain.decider import CaseKind
from domain.events import SHANGHAI, shanghai_day
from domain.figures import ENDS, LEFT, SOURCES, VERDICTS, Sums, why_undated
from domain.rules import Edition
from domain.units import OUTSIDE_CLASSES, party_class, role_name
from projections.yearly import Duty, Entry

IN_HAND = "件数：上年结转＋本年产生＝本年办结＋其他终结＋期末未结"
IN_TIME = "按期：法定期限在本年度的义务"
NO_RATE = "不入按期率"
FIGURES = (
    *(Column(name, 8, IN_HAND) for name in ("上年结转", "结转中本年办结")),
    *(Column(name, 8, IN_HAND) for name in ("本年产生", "本年办结", "其他终结")),
    *(Column(name, 8, IN_HAND) for name in ("期末未结", "未结中已超期")),
    *(Column(name, 8, IN_TIME) for name in ("应办", "按期办结", "逾期办结", "超期未结")),
    *(Column(name, 8, IN_TIME) for name in ("按期率", "未到期")),
    *(Column(name, 8, NO_RATE) for name in ("不计", "未定期限", "期限在他年")),
)
DUTIES = (
    Column("责任方", 16),
    Column("视图", 6),
    Column("案号", 14),
    Column("所在乡镇", 8),
    Column("事项", 22),
    Column("条款", 24),
    Column("产生日", 10.5),
    Column("法定期限", 10.5),
    Column("法定时刻", 11.5),
    Column("期限性质", 8),
    Column("暂定", 5),
    Column("办结日", 10.5),
    Column("办结时刻", 11.5),
    Column("记录日", 10.5),
    Column("补记天数", 5),
    Column("来源", 8),
    Column("去向", 8),
    Column("未结状态", 8),
    Column("按期结果", 8),
    Column("说明", 18),
    Column("责任方代码", 28),
    Column("条款编号", 40),
    Column("规则", 24),
    Column("事项编号", 20),
)
VIEWS = {"township": "块", "department": "条", "body": "机构"}
DAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "diagnosis": {
        "疑似报告日": ("suspected_reported",),
        "申请日": ("applied",),
        "资料齐全日": ("file_completed",),
        "结论日": ("concluded",),
        "送达日": ("delivered",),
        "申请鉴定日": ("appraisal_requested",),
        "鉴定结论日": ("appraisal_concluded",),
        "鉴定书送达日": ("appraisal_delivered",),
        "撤回日": ("withdrawn",),
    },
    "arbitration": {
        "申请日": ("filed",),
        "受理日": ("accepted",),
        "裁决日": ("awarded",),
        "送达日": ("served",),
        "判决日": ("judged",),
        "不予受理或撤回日": ("refused", "withdrawn"),
    },
    "determination": {
        "期限起算日": ("opened", "accident_opened"),
        "申请日": ("filed",),
        "受理日": ("accepted",),
        "不予受理日": ("refused",),
        "决定日": ("determined",),
        "送达日": ("served",),
        "撤销日": ("revoked",),
    },
    "incident": {
        "报告日": ("reported",),
        "牵头确定日": ("lead_assigned",),
        "成立调查组日": ("team_formed",),
        "提交报告日": ("report_submitted",),
        "批复日": ("report_approved",),
        "移送公安日": ("referred",),
        "结案日": ("closed",),
        "移交、并案或否定日": ("handed_up", "merged", "rejected"),
    },
    "relief": {
        "申请日": ("applied",),
        "先行救助日": ("relieved_first",),
        "核查日": ("checked",),
        "公示期满日": ("publicised",),
        "批准日": ("approved",),
        "不予救助日": ("denied",),
        "终止日": ("ended",),
    },
    "tip": {
        "收到日": ("received",),
        "受理日": ("accepted", "case_filed"),
        "不予受理日": ("not_accepted",),
        "告知日": ("informed",),
        "处理意见日": ("concluded",),
        "答复日": ("replied",),
    },
    "reconsideration": {
        "申请日": ("applied",),
        "受理日": ("accepted",),
        "答复日": ("replied",),
        "决定日": ("decided",),
        "不予受理或撤回日": ("refused", "withdrawn"),
    },
    "plan": {"公布日": ("published",), "抽取日": ("drawn",), "取消日": ("cancelled",)},
    "inspection": {
        "确定日": ("opened",),
        "检查或巡查日": ("visited", "examined", "patrolled"),
        "结束日": ("ended", "unreachable", "cancelled"),
        "责令改正日": ("ordered",),
        "复查或回访日": ("reinspected", "revisited"),
        "处罚立案日": ("case_filed",),
        "移交日": ("escalated",),
        "公示日": ("published",),
    },
    "visits": {"最近入企检查日": ("counted",)},
    "period": {"最近报告日": ("reported",)},
}
"""The days a ledger shows of each kind: the column, and the events of the kind that give it."""


def tables(book: Book, folder: Path) -> dict[str, Table]:
    """The tables in the order of their sheets, by what they hold."""
    units = (Column("名称", 21), *FIGURES, Column("代码", 12))
    cases = tuple(Column(f"{k.title}案件", 8, "辖区内案件") for k in placed())
    areas = (Column("乡镇（街道）", 18), *cases, *FIGURES, Column("代码", 12))
    shapes = {
        "township": Shape("块（乡镇街道）", "块（乡镇、街道）义务办理情况表", units, 1),
        "department": Shape("条（部门）", "条（县级部门）义务办理情况表", units, 1),
        "area": Shape("块×条（辖区部门）", "各乡镇（街道）辖区内部门义务办理情况表", areas, 1),
        "body": Shape("机构", "领导与协调机构义务办理情况表", units, 1),
        "outside": Shape("当事方", "当事方义务办理情况表", units, 1),
        "duties": Shape("事项", "义务明细表", DUTIES, 4),
    }
    for kind in CASE_KINDS.values():
        shapes[kind.name] = Shape(f"台账-{kind.title}", f"{kind.title}台账", _ledger(kind))
    return {name: Table(book, folder, shape) for name, shape in shapes.items()}


def placed() -> list[CaseKind]:
    """The kinds of case that lie in a township."""
    return [kind for kind in CASE_KINDS.values() if _lies(kind)]


def _lies(kind: CaseKind) -> bool:
    return "township" in kind.roles or kind.place is not None


def _ledger(kind: CaseKind) -> tuple[Column, ...]:
    return (
        Column("案号", 15),
        Column("状态", 12),
        Column("立案日", 10.5),
        Column("责任单位", 14),
        *([Column("所在乡镇", 10)] if _lies(kind) else ()),
        *([Column("用人单位代码", 21)] if "employer" in kind.roles else ()),
        *(Column(name, 10.5) for name in DAYS.get(kind.name, ())),
        *([Column("其他当事方", 30)] if _others(kind) else ()),
        Column("未结义务", 6),
        Column("其中已超期", 6),
        Column("未结义务责任方", 20),
        Column("最近一事发生日", 10.5),
        Column("事件数", 6),
    )


def _others(kind: CaseKind) -> list[str]:
    """The roles of a kind that have no column of their own; who informed is exported nowhere."""
    other = ("lead", "handler", "township", "employer", "informant")
    return sorted(role for role in kind.roles if role not in other)


def figures(s: Sums) -> tuple[Any, ...]:
    return (
        *(s.carried, s.carried_done, s.arisen, s.done, s.ended, s.left, s.left_overdue),
        *(s.due, s.on_time, s.late, s.overdue, s.rate, s.not_yet),
        *(s.excluded, s.undated, s.elsewhere),
    )


def duty_row(duty: Duty, edition: Edition) -> tuple[Any, ...]:
    one, task = duty.judged, duty.judged.task
    unit = edition.units.get(task.holder)
    ending = duty.ending
    recorded = shanghai_day(ending.recorded) if ending else None
    late = (recorded - task.closed_on).days if recorded and task.closed_on else 0
    titles = (edition.clauses[c].title if c in edition.clauses else c for c in task.clauses)
    return (
        _name(task.holder, edition),
        VIEWS[unit.klass] if unit else "当事方",
        duty.number,
        edition.unit_name(duty.township) if duty.township else None,
        task.title,
        "、".join(titles),
        one.begun_on,
        task.legal,
        task.instant.astimezone(SHANGHAI) if task.instant else None,
        task.day_name if task.confidence else None,
        task.provisional,
        task.closed_on,
        ending.happened.astimezone(SHANGHAI) if task.instant and ending else None,
        recorded,
        late or None,
        SOURCES[one.source],
        ENDS[one.end],
        LEFT[one.left] if one.left else None,
        VERDICTS[one.verdict],
        one.reason or (why_undated(task, edition) if task.legal is None else ""),
        task.holder,
        "、".join(task.clauses),
        task.rule,
        task.id,
    )


def _name(party: str, edition: Edition) -> str:
    """A unit's name, or the class of an outside party with its identifier."""
    klass, _, id = party.partition(":")
    known = OUTSIDE_CLASSES.get(klass)
    return f"{known} {id}" if known and id else known or edition.unit_name(party)


def case_row(entry: Entry, unfinished: list[Duty], edition: Edition) -> tuple[Any, ...]:
    kind, parties = CASE_KINDS[entry.kind], entry.parties
    # Where a case names no unit, the one that answers for its kind.
    supervisor = kind.corrections.supervisor if kind.corrections else ""
    leading = parties.get("lead") or parties.get("handler") or supervisor
    others = [
        f"{role_name(role, entry.kind)} {_code(parties[role])}"
        for role in _others(kind)
        if role in parties
    ]
    holders = {duty.judged.task.holder for duty in unfinished}
    names = {
        OUTSIDE_CLASSES.get(party_class(h)) or edition.unit_name(h): None for h in sorted(holders)
    }
    return (
        entry.number,
        entry.status,
        entry.opened_on,
        _name(leading, edition),
        *([_place(entry, edition)] if _lies(kind) else ()),
        *([_code(parties.get("employer", ""))] if "employer" in kind.roles else ()),
        *(_last(entry, types) for types in DAYS.get(entry.kind, {}).values()),
        *(["；".join(others)] if _others(kind) else ()),
        len(unfinished),
        sum(duty.judged.left == "overdue" for duty in unfinished),
        "、".join(names),
        entry.last_on,
        entry.events,
    )


def _place(entry: Entry, edition: Edition) -> str:
    return edition.unit_name(entry.township) if entry.township else ""


def _code(party: str) -> str:
    """The identifier of an outside party, without its class."""
    return party.rpartition(":")[2]


def _last(entry: Entry, types: tuple[str, ...]) -> date | None:
    names = (f"{entry.kind}.{type}" for type in types)
    return max((entry.days[name] for name in names if name in entry.days), default=None)
