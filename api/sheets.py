"""Sheets 表: one table as a page of a workbook, ready to print and sign, and as a CSV file.

What is text stays text: no cell is a formula, a link or a rounded number. A page is A4 landscape,
one page wide, with its title and header on every page; the CSV is the bare table for a machine.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

MOST_ROWS = 1_000_000  # of a sheet; a spreadsheet ends at 1,048,576
A4 = 9
LINE = 13.0  # height of a line of text, in points
FONT = "宋体"
OPTIONS = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
LETTERS = {"font_name": FONT, "font_size": 10, "font_scheme": "none"}  # none: not the theme's
SIGNATURES = ("填报人：", "审核人：", "单位负责人：", "填报日期：")
NATURE = "数据性质"  # of the CSV: whether what is told is real


@dataclass(frozen=True)
class Heading:
    """What every page of the workbook says above and below its table."""

    of: str  # 安吉县2026年度职业病防治工作
    period: str  # 统计期间, judged when
    by: str  # 填报单位
    simulated: bool


@dataclass(frozen=True)
class Column:
    """A column: its name, how wide (in Latin letters), and the group it stands in."""

    name: str
    width: float = 8
    group: str = ""


@dataclass(frozen=True)
class Shape:
    """A table as it is laid out."""

    title: str  # of the sheet
    told: str  # of the page: 块（乡镇街道）办理情况表
    columns: tuple[Column, ...]
    codes: int = 0  # how many of the last columns are for the screen alone, not for paper
    unit: str = "件"


class Book:
    """The workbook and the formats its sheets share."""

    def __init__(self, path: Path, heading: Heading, properties: Mapping[str, Any]) -> None:
        self.heading = heading
        # A copy: the library writes into what it is given, and the next book would differ.
        options = {**OPTIONS, "default_format_properties": dict(LETTERS)}
        self.file: Any = xlsxwriter.Workbook(path, options)
        self.file.set_properties({**properties})
        framed = {"border": 1, "valign": "vcenter", "text_wrap": True}
        centred = {**framed, "align": "center"}
        add = self.file.add_format
        self.title = add({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.line = add({"valign": "vcenter"})
        self.right = add({"align": "right", "valign": "vcenter"})
        self.head = add({**centred, "bold": True, "bg_color": "#E8ECF0"})
        self.text, self.centre = add(framed), add(centred)
        self.day = add({**centred, "num_format": "yyyy-mm-dd"})
        self.minute = add({**centred, "num_format": "mm-dd hh:mm"})  # its day stands beside it
        self.share = add({**centred, "num_format": "0.0%"})
        self.name = add({"bold": True, "valign": "top", "text_wrap": True})
        self.told = add({"valign": "top", "text_wrap": True})

    def sheet(self, title: str, told: str, last: int) -> Any:
        """A new sheet, laid out for paper; its first row is the title over the columns to `last`.

        Where the log is simulated, the title and the foot of every page say so.
        """
        sheet = self.file.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        mark = "模拟数据" if self.heading.simulated else ""
        sheet.set_footer(f"&L{mark}&C第 &P 页，共 &N 页&R{title}")
        sheet.set_row(0, 28)
        title_row = f"{self.heading.of}{told}" + (f"（{mark}）" if mark else "")
        sheet.merge_range(0, 0, 0, last, title_row, self.title)
        return sheet

    def notes(self, lines: Sequence[tuple[str, str]], sheet: Any) -> None:
        """Fill a sheet of two columns: a name, and what is said of it."""
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 110)
        sheet.repeat_rows(0)
        for line, (name, text) in enumerate(lines, 1):
            sheet.write_string(line, 0, name, self.name)
            sheet.write_string(line, 1, text, self.told)

    def close(self) -> None:
        try:
            self.file.close()
        except (
            xlsxwriter.exceptions.FileCreateError
        ) as error:  # it hides the system's own error: a full disk
            raise OSError(*error.args) from error


@dataclass
class Table:
    """One table, written to its sheet and its CSV file row by row."""

    book: Book
    folder: Path
    shape: Shape
    rows: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        # 块（乡镇街道） is the file 块-乡镇街道.csv.
        self.name = re.sub("[（）]", "-", self.shape.title).rstrip("-") + ".csv"
        self._file = (self.folder / self.name).open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([*(column.name for column in self.shape.columns), NATURE])
        self._nature = "模拟数据" if self.book.heading.simulated else "实际数据"
        self._begin(self.shape.title)

    def _begin(self, title: str) -> None:
        columns, book = self.shape.columns, self.book
        last = len(columns) - 1
        self._sheet = sheet = book.sheet(title, self.shape.told, last - self.shape.codes)
        sheet.write_string(1, 0, book.heading.period, book.line)
        sheet.write_string(2, 0, book.heading.by, book.line)
        sheet.write_string(2, last - self.shape.codes, f"单位：{self.shape.unit}", book.right)
        self._line = 3
        if any(column.group for column in columns):
            self._groups()
        self._head = self._line
        widths = [column.width for column in columns]
        sheet.set_row(self._head, _height([column.name for column in columns], widths))
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(self._head, number, _halved(column), book.head)
        sheet.freeze_panes(self._head + 1, 1)
        sheet.repeat_rows(0, self._head)

    def _groups(self) -> None:
        """The row above the header: columns of one group side by side under one name."""
        columns, start = self.shape.columns, 0
        self._sheet.set_row(self._line, LINE * 2)
        for number, column in enumerate(columns, 1):
            if number < len(columns) and columns[number].group == column.group:
                continue
            if number - start > 1:
                place = (self._line, start, self._line, number - 1)
                self._sheet.merge_range(*place, column.group, self.book.head)
            else:
                self._sheet.write_string(self._line, start, column.group, self.book.head)
            start = number
        self._line += 1

    def add(self, row: Sequence[Any]) -> None:
        """One row; None leaves a cell empty."""
        if self._line - self._head == MOST_ROWS:
            self._end()
            self._begin(f"{self.shape.title}{self.rows // MOST_ROWS + 1}")
        self.rows += 1
        self._write(row)
        self._csv.writerow([*(_plain(value) for value in row), self._nature])

    def _write(self, row: Sequence[Any]) -> None:
        self._line += 1
        texts = [value if isinstance(value, str) else "" for value in row]
        height = _height(texts, [column.width for column in self.shape.columns])
        self._sheet.set_row(self._line, height)
        for column, value in enumerate(row):
            self._cell(column, value)

    def _cell(self, column: int, value: Any) -> None:
        sheet, line, book = self._sheet, self._line, self.book
        match value:
            case None | "":
                sheet.write_blank(line, column, None, book.text)
            case bool():
                sheet.write_string(line, column, "是" if value else "否", book.centre)
            case int():
                sheet.write_number(line, column, value, book.centre)
            case Fraction():
                sheet.write_number(line, column, float(value), book.share)
            case datetime():
                sheet.write_datetime(line, column, value.replace(tzinfo=None), book.minute)
            case date():
                sheet.write_datetime(line, column, value, book.day)
            case _:
                sheet.write_string(line, column, str(value), book.text)

    def close(self, total: Sequence[Any] | None = None) -> None:
        """End the table with its row 合计 (on paper alone) and the line for signatures."""
        self._end(total)
        self._file.close()

    def _end(self, total: Sequence[Any] | None = None) -> None:
        last = len(self.shape.columns) - 1
        self._sheet.autofilter(self._head, 0, max(self._line, self._head + 1), last)
        if self._line == self._head:
            self._line += 1  # an empty table still shows a row
        if total is not None:
            self._write(total)
        printed = last - self.shape.codes
        self._line += 2
        for number, name in enumerate(SIGNATURES):
            column = number * (printed + 1) // len(SIGNATURES)
            self._sheet.write_string(self._line, column, name, self.book.line)
        self._sheet.print_area(0, 0, self._line, printed)


def _halved(column: Column) -> str:
    """The name of a column, broken in two even halves where it does not fit one line."""
    name, half = column.name, len(column.name) // 2
    return name if _wide(name) <= column.width else f"{name[:half]}\n{name[half:]}"


def _wide(text: str) -> float:
    """How wide a text is, in Latin letters."""
    return sum(1.9 if east_asian_width(c) in "WFA" else 1 for c in text)


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """How high a row must be for its texts to show whole: not every program fits it by itself."""
    lines = (math.ceil(_wide(text) / width) for text, width in zip(texts, widths, strict=True))
    return 2 + LINE * max(1, *lines)


def _plain(value: Any) -> str:
    """A value as a CSV cell, as the sheet shows it; text that a spreadsheet would run as a formula
    is quoted."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Fraction():
            tenths = int(value * 1000 + Fraction(1, 2))  # rounded as a spreadsheet rounds
            return f"{tenths // 10}.{tenths % 10}%"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date() | int():
            return str(value)
        case _:
            text = str(value)
            return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
