"""The yearly export 年度导出: a freeze as workbook, CSV files and a manifest; the same bytes twice.

What is text stays text: no cell is a formula, a link or a rounded number. Everything is written
into a folder of its own that takes its name at the end, so there is never half an export.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xlsxwriter

from domain.cases import CASE_KINDS
from domain.decider import Refused
from domain.events import SHANGHAI
from domain.figures import VERDICTS, Judged, Sums, figure
from domain.reference import State
from domain.rules import Edition
from domain.units import OUTSIDE_CLASSES, is_outside, party_class, role_name
from projections import yearly
from projections.county import County
from projections.yearly import Entry, Freeze

MANIFEST = "manifest.json"
CREATED = datetime.fromisoformat("2022-07-09")  # the notice's first day, never that of making
MOST_ROWS = 1_000_000  # of a sheet; a spreadsheet ends at 1,048,576
WORKBOOK = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
Told = Callable[[int, int], None]

FIGURES = (
    "应办", "按期办结", "逾期办结", "超期未结", "按期率", "未到期", "未定期限", "不计",
    "年内产生", "年内办结",
)  # fmt: skip
DUTIES = (
    "责任方", "责任方名称", "视图", "案号", "事项编号", "事项", "规则", "条款", "产生日",
    "法定期限", "法定时刻", "暂定", "办结日", "结果", "说明", "期限性质",
)  # fmt: skip
LEDGER = ("案号", "状态", "立案日", "当事方", "未结事项的责任方", "最近一事发生日", "事件数")
VIEWS = {"township": "块", "department": "条", "body": "机构"}

DEFINITIONS = (
    ("应办", "法定期限在本年度内的义务，已到期或已办结；＝按期办结＋逾期办结＋超期未结"),
    ("按期办结", "在法定期限（遇休息日顺延后）当日或之前办结；小时制按时刻"),
    ("逾期办结", "在法定期限之后办结，或期限已过才无须办理"),
    ("超期未结", "判定时刻法定期限已过而未办结；记在判定时的责任方"),
    ("按期率", "按期办结÷应办；应办为零的不计算"),
    ("未到期", "法定期限在本年度内而判定时刻尚未届满"),
    ("未定期限", "本年度产生、没有法定期限日的义务（未起算、中止、无期限），不入按期率"),
    ("不计", "退回经确认的（双方均不计）、已撤回、已更正失效、期限前已无须办理、沉默视为办结"),
    ("年内产生、年内办结", "计入本表的事项中，产生日、办结日在本年度的"),
    ("块、条、机构", "块为乡镇（街道），条为部门，机构为领导小组、其办公室与联席会议"),
    ("当事方", "用人单位、诊断机构等的义务另列，不入各单位的数字"),
    ("权利", "申请鉴定、复议、起诉等权利逾期是失权，不是违反，不入任何数字"),
    (
        "期限性质",
        "“法定期限”一列的日子出自法规还是本县口径；法规尚待核实的注明",
    ),
    ("核对", "在“事项”表按责任方与结果筛选，行数即各表的数"),
)


@dataclass(frozen=True)
class Made:
    """A file of the export."""

    name: str
    sha256: str
    size: int
    rows: int


class _Table:
    """One table, written to a sheet of the workbook and to a CSV file, row by row."""

    def __init__(self, book: Any, folder: Path, title: str, file: str, head: Sequence[str]) -> None:
        self.book, self.title, self.head = book, title, tuple(head)
        self.name, self.rows = f"{file}.csv", 0
        self._file = (folder / self.name).open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(self.head)
        self._bold = book.add_format({"bold": True, "bg_color": "#E8ECF0", "text_wrap": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._share = book.add_format({"num_format": "0.0%"})
        self._begin(title)

    def _begin(self, title: str) -> None:
        self._sheet = self.book.add_worksheet(title)
        self._line = 0
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(self.head):
            self._sheet.set_column(column, column, 34 if name in ("事项", "说明", "当事方") else 14)
            self._sheet.write_string(0, column, name, self._bold)

    def add(self, row: Sequence[Any]) -> None:
        """One row; None leaves a cell empty."""
        if self._line == MOST_ROWS:
            self._end()
            self._begin(f"{self.title}{self.rows // MOST_ROWS + 1}")
        self._line += 1
        self.rows += 1
        for column, value in enumerate(row):
            self._cell(column, value)
        self._csv.writerow([_plain(value) for value in row])

    def _cell(self, column: int, value: Any) -> None:
        sheet, line = self._sheet, self._line
        match value:
            case None:
                return
            case bool():
                sheet.write_string(line, column, "是" if value else "否")
            case int():
                sheet.write_number(line, column, value)
            case float():
                sheet.write_number(line, column, value, self._share)
            case datetime():
                sheet.write_datetime(line, column, value.replace(tzinfo=None), self._minute)
            case date():
                sheet.write_datetime(line, column, value, self._day)
            case _:
                sheet.write_string(line, column, str(value))

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, max(self._line, 1), len(self.head) - 1)

    def close(self) -> None:
        self._end()
        self._file.close()


def _plain(value: Any) -> str:
    """A value as a CSV cell; text that a spreadsheet would run as a formula is quoted."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float():
            return f"{value:.4f}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date() | int():
            return str(value)
        case _:
            text = str(value)
            return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def export(county: County, freeze: Freeze, out: Path, told: Told = lambda done, of: None) -> Path:
    """Write the export of a freeze into the new folder `out`; the path of its manifest.

    Raises Refused where `out` exists with something in it, or where a case cannot be read.
    """
    if out.exists() and any(out.iterdir()):
        zh = f"{out} 已有内容；请换一个目录，或先移走"
        raise Refused("not-empty", zh, f"{out} is not empty: name another folder")
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        _write(county, freeze, draft, told)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return out / MANIFEST


def _write(county: County, freeze: Freeze, folder: Path, told: Told) -> None:
    workbook = f"年度导出-{freeze.year}.xlsx"
    with yearly.frozen(county, freeze) as view:
        state = yearly.reference_at(county.log, freeze.cut_off)
        edition = county.log.reference(state.edition, state.calendar).edition
        root = yearly.root(county.log, freeze.cut_off)
        book = xlsxwriter.Workbook(folder / workbook, WORKBOOK)
        book.set_properties({"title": f"{freeze.year} 年度导出", "created": CREATED})
        _notes(book, freeze, state, root)
        tables = _tables(book, folder)
        units = {code: Sums() for code in edition.units}
        outside: dict[str, Sums] = {klass: Sums() for klass in OUTSIDE_CLASSES}
        of = yearly.count(view, freeze)
        for done, (number, one) in enumerate(yearly.duties(view, freeze), 1):
            holder = one.task.holder
            into, key = (outside, party_class(holder)) if is_outside(holder) else (units, holder)
            into[key] = into.get(key, Sums()) + figure(one, freeze.year)
            tables["duties"].add(_duty(number, one, edition))
            told(done, of)
        for code, unit in edition.units.items():
            tables[unit.klass].add((code, unit.name, *_figures(units[code])))
        for klass, name in OUTSIDE_CLASSES.items():
            tables["outside"].add((klass, name, *_figures(outside[klass])))
        for entry in yearly.ledger(view, freeze):
            tables[entry.kind].add(_case(entry))
        for table in tables.values():
            table.close()
        book.close()
    rows = {table.name: table.rows for table in tables.values()}
    rows[workbook] = sum(rows.values())
    made = [_made(folder / name, count) for name, count in sorted(rows.items())]
    manifest = _manifest(freeze, state, root, made)
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")


def _tables(book: Any, folder: Path) -> dict[str, _Table]:
    """The tables in the order of their sheets, by what they hold."""
    table = partial(_Table, book, folder)
    figures = ("代码", "名称", *FIGURES)
    made = {
        "township": table("块（乡镇街道）", "块-乡镇街道", figures),
        "department": table("条（部门）", "条-部门", figures),
        "body": table("机构", "机构", figures),
        "outside": table("当事方", "当事方", figures),
        "duties": table("事项", "事项", DUTIES),
    }
    for kind in CASE_KINDS.values():
        made[kind.name] = table(f"台账-{kind.title}", f"台账-{kind.title}", LEDGER)
    return made


def _notes(book: Any, freeze: Freeze, state: State, root: str) -> None:
    """The first sheet: what was frozen, and what each figure means."""
    sheet = book.add_worksheet("说明")
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 90)
    lines = [
        ("年度", f"{freeze.year}（{freeze.year}-01-01 至 {freeze.year}-12-31，按事实发生）"),
        ("截至位置", f"{freeze.cut_off}（此后记录的不计）"),
        ("判定时刻", f"{freeze.at:%Y-%m-%d %H:%M:%S}（北京时间）"),
        ("法规版次", state.edition),
        ("日历版次", state.calendar),
        ("日志根", root),
        *DEFINITIONS,
    ]
    if state.simulated:
        lines.insert(0, ("模拟数据", f"{state.simulated}。本导出不是真实统计。"))
    for line, (name, text) in enumerate(lines):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, text, wrap)


def _figures(sums: Sums) -> tuple[Any, ...]:
    return (
        sums.due,
        sums.on_time,
        sums.late,
        sums.overdue,
        None if sums.rate is None else float(sums.rate),
        sums.not_yet,
        sums.undated,
        sums.excluded,
        sums.opened,
        sums.closed,
    )


def _duty(number: str, one: Judged, edition: Edition) -> tuple[Any, ...]:
    task = one.task
    unit = edition.units.get(task.holder)
    klass = party_class(task.holder)
    return (
        task.holder,
        unit.name if unit else OUTSIDE_CLASSES.get(klass, klass),
        VIEWS[unit.klass] if unit else "当事方",
        number,
        task.id,
        task.title,
        task.rule,
        "、".join(task.clauses),
        task.opened_on,
        task.legal,
        task.instant.astimezone(SHANGHAI) if task.instant else None,
        task.provisional,
        task.closed_on,
        VERDICTS[one.verdict],
        one.reason,
        task.day_name if task.confidence else None,
    )


def _case(entry: Entry) -> tuple[Any, ...]:
    parties = "；".join(
        f"{role_name(role, entry.kind)} {party}" for role, party in sorted(entry.parties.items())
    )
    return (
        entry.number,
        entry.status,
        entry.opened_on,
        parties,
        "、".join(entry.holders),
        entry.last_on,
        entry.events,
    )


def _made(path: Path, rows: int) -> Made:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(path.name, digest, path.stat().st_size, rows)


def _manifest(freeze: Freeze, state: State, root: str, made: list[Made]) -> str:
    told = {
        "freeze": {
            "year": freeze.year,
            "cut_off": freeze.cut_off,
            "judged_at": freeze.at.isoformat(),
        },
        "edition": state.edition,
        "calendar": state.calendar,
        "log_root": root,
        "simulated": state.simulated,
        "software": version("zhifang"),
        "files": [asdict(file) for file in made],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def wrong(folder: Path) -> Iterator[str]:
    """What in an export's folder is not as its manifest says, in words; nothing when all is.

    Raises Refused where there is no readable manifest.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        named = {file["name"]: Made(**file) for file in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        zh = f"{folder} 里没有可读的 {MANIFEST}；请给出导出的目录"
        raise Refused("no-manifest", zh, f"No readable {MANIFEST} in {folder}") from None
    for name, file in named.items():
        path = folder / name
        if not path.is_file():
            yield f"{name}：缺少 / missing"
        elif _made(path, file.rows) != file:
            yield f"{name}：内容与清单不符 / not what the manifest says"
    for path in sorted(folder.iterdir()):
        if path.name not in (*named, MANIFEST):
            yield f"{path.name}：清单中没有 / not in the manifest"
