"""Reading the law files 法规文件: an edition or a calendar, or every mistake with its line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, TypeVar, get_args

from domain.calendar import Calendar, LengthUnit
from domain.letters import Template
from domain.rules.checking import KindNames, Mistake, Where, mistakes
from domain.rules.edition import (
    FIRST_DAY,
    Anchor,
    Area,
    Catalogue,
    Clause,
    Confidence,
    Deadline,
    Disease,
    Edition,
    Extension,
    Nature,
    Policy,
    Rule,
)
from domain.units import Unit, UnitClass


class LawError(Exception):
    """The given law files are not a valid edition; `mistakes` lists every one found."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda m: (m.file, m.line))
        super().__init__("\n".join(map(str, self.mistakes)))


Files = Mapping[str, str]  # path below domain/law -> text


def content_hash(files: Files) -> str:
    """The name of an edition: SHA-256 over its paths and texts in order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def split(files: Files) -> tuple[dict[str, str], dict[str, str]]:
    """The law files and the calendar files among `files`."""
    law = {p: t for p, t in files.items() if not p.startswith("calendar/")}
    return law, {p: t for p, t in files.items() if p.startswith("calendar/")}


def parse_calendar(files: Files) -> Calendar:
    """The calendar edition in `calendar/*.toml`. Raises LawError with every mistake found."""
    mistakes: list[Mistake] = []
    published: set[int] = set()
    rest: set[date] = set()
    work: set[date] = set()
    fixed: set[tuple[int, int]] = set()
    for path, text in sorted(files.items()):
        data = _toml(path, text, mistakes)
        if data.get("published"):
            year = data.get("year")
            if not isinstance(year, int):
                mistakes.append(Mistake(path, 1, "缺少 year（整数年份）"))
                continue
            published.add(year)
            for name, days in (("rest", rest), ("work", work)):
                for day in _days_of(data, name, path, text, mistakes):
                    if type(day) is not date or day.year != year:
                        line = _line_of(text, str(day))
                        mistakes.append(Mistake(path, line, f"{name} 中的 {day} 不属于 {year} 年"))
                    else:
                        days.add(day)
            for day in sorted(rest & work):
                if day.year == year:
                    line = _line_of(text, str(day))
                    mistakes.append(Mistake(path, line, f"{day} 既是休息日又是工作日"))
        else:
            for entry in _days_of(data, "rest", path, text, mistakes):
                match = re.fullmatch(r"(\d\d)-(\d\d)", str(entry))
                if match:
                    fixed.add((int(match[1]), int(match[2])))
                else:
                    line = _line_of(text, str(entry))
                    mistakes.append(Mistake(path, line, f"rest 中的 {entry!r} 应写作 MM-DD"))
    if mistakes:
        raise LawError(mistakes)
    return Calendar(
        content_hash(files),
        frozenset(published),
        frozenset(rest),
        frozenset(work),
        frozenset(fixed),
    )


def _days_of(
    data: Mapping[str, Any], name: str, path: str, text: str, mistakes: list[Mistake]
) -> list[Any]:
    days = data.get(name, [])
    if not isinstance(days, list):
        mistakes.append(Mistake(path, _line_of(text, name), f"{name} 应为日期的列表"))
        return []
    return days


def parse_edition(
    files: Files,
    *,
    kinds: Mapping[str, KindNames] | None = None,
) -> Edition:
    """Build the edition in the law files. Raises LawError naming every mistake, file and line.

    With `kinds` (what each case kind offers) rules are also checked against the code: event
    names, conditions, roles.
    """
    reader = _Reader()
    for path, text in sorted(files.items()):
        reader.read(path, text)
    edition = Edition(
        id=content_hash(files),
        clauses=reader.unique("clause", Clause),
        deadlines=reader.dated("deadline", Deadline),
        rules=tuple(rule for rules in reader.dated("rule", Rule).values() for rule in rules),
        units=reader.unique("unit", Unit, key="code"),
        areas=reader.unique("area", Area, key="code"),
        catalogues=tuple(reader.catalogues),
        policies=reader.unique("policy", Policy),
        letters=reader.unique("letter", Template),
    )
    found = [*reader.mistakes, *mistakes(edition, reader.where, kinds)]
    if found:
        raise LawError(found)
    return edition


E = TypeVar("E")
_SECTIONS = (
    *("clause", "deadline", "rule", "unit", "area", "policy", "letter"),
    *("category", "disease"),
)
_RENAMED = {"from": "since", "class": "klass"}


class _Reader:
    """Collects entries with their file and line, and the mistakes met."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.entries: dict[str, list[tuple[str, int, dict[str, Any]]]] = {s: [] for s in _SECTIONS}
        self.where: Where = {}
        self.catalogues: list[Catalogue] = []

    def read(self, path: str, text: str) -> None:
        data = _toml(path, text, self.mistakes)
        if path.startswith("catalogue/"):
            self._catalogue(path, text, data)
            return
        lines = _headers(text)
        for section, values in data.items():
            if section not in _SECTIONS or not isinstance(values, list):
                self.mistakes.append(
                    Mistake(path, _line_of(text, section), f"不认识的表 {section}")
                )
                continue
            for index, entry in enumerate(values):
                line = lines.get((section, index), _line_of(text, section))
                if isinstance(entry, dict):
                    self.entries[section].append((path, line, entry))
                else:
                    self.mistakes.append(Mistake(path, line, f"{section} 应写作 [[{section}]] 表"))

    def _catalogue(self, path: str, text: str, data: dict[str, Any]) -> None:
        lines = _headers(text)
        tables: dict[str, list[dict[str, Any]]] = {}
        for section, keys in (("disease", ()), ("category", ("number", "name"))):
            given = data.pop(section, [])
            fine = isinstance(given, list) and all(
                isinstance(entry, dict) and entry.keys() >= set(keys) for entry in given
            )
            if not fine:
                message = f"{section} 应写作 [[{section}]] 表，并写明 {'、'.join(keys) or '病种'}"
                self.mistakes.append(Mistake(path, _line_of(text, section), message))
            tables[section] = given if fine else []
        diseases = [
            self._build(Disease, path, lines.get(("disease", n), 1), entry)
            for n, entry in enumerate(tables["disease"])
        ]
        categories = {c["number"]: c["name"] for c in tables["category"]}
        found = tuple(d for d in diseases if d)
        for disease in found:
            if disease.category not in categories:
                message = f"病种 {disease.name} 的类别 {disease.category} 不在目录中"
                self.mistakes.append(Mistake(path, _line_of(text, disease.code), message))
        head = {**data, "categories": categories, "diseases": list(found)}
        catalogue = self._build(Catalogue, path, 1, head)
        if catalogue:
            self.catalogues.append(catalogue)

    def unique(self, section: str, cls: type[E], key: str = "id") -> dict[str, E]:
        found: dict[str, E] = {}
        for path, line, entry in self.entries[section]:
            item = self._build(cls, path, line, entry)
            if item is None:
                continue
            id = getattr(item, key)
            if id in found:
                first = self.where[section, id, FIRST_DAY]
                self.mistakes.append(Mistake(path, line, f"{id} 已在 {first[0]}:{first[1]} 定义"))
            else:
                found[id] = item
                self.where[section, id, FIRST_DAY] = (path, line)
        return found

    def dated(self, section: str, cls: type[E]) -> dict[str, tuple[E, ...]]:
        """Entries that may stand several times under one id, for intervals that do not overlap."""
        found: dict[str, tuple[E, ...]] = {}
        for path, line, entry in self.entries[section]:
            item: Any = self._build(cls, path, line, entry)
            if item is None:
                continue
            for other in found.get(item.id, ()):
                if item.since <= other.until and other.since <= item.until:  # type: ignore[attr-defined]
                    message = f"{item.id} 的生效期间与另一条重叠，请写明 from 与 until"
                    self.mistakes.append(Mistake(path, line, message))
            found[item.id] = (*found.get(item.id, ()), item)
            self.where[section, item.id, item.since] = (path, line)
        return found

    def _build(self, cls: type[E], path: str, line: int, entry: Mapping[str, Any]) -> E | None:
        given = {_RENAMED.get(key, key): value for key, value in entry.items()}
        known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
        ok = True
        for name in given.keys() - known.keys():
            self.mistakes.append(Mistake(path, line, f"不认识的键 {name}（{cls.__name__}）"))
            ok = False
        for name, f in known.items():
            if name not in given and f.default is MISSING and f.default_factory is MISSING:
                self.mistakes.append(Mistake(path, line, f"缺少 {name}（{cls.__name__}）"))
                ok = False
            elif name in given:
                expected = _EXPECTED.get(str(f.type).removesuffix(" | None"))
                if expected and not expected(given[name]):
                    message = f"{name} 的值 {given[name]!r} 不合要求（{cls.__name__}）"
                    self.mistakes.append(Mistake(path, line, message))
                    ok = False
        if not ok:
            return None
        if isinstance(given.get("extension"), dict):
            given["extension"] = self._build(Extension, path, line, given["extension"])
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})


def _one_of(literal: Any) -> Callable[[Any], bool]:
    return lambda value: value in get_args(literal)


_EXPECTED: dict[str, Callable[[Any], bool]] = {
    "str": lambda v: isinstance(v, str),
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, bool),
    "date": lambda v: type(v) is date,  # a date with an hour is no legal day
    "tuple[str, ...]": lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v),
    "Mapping[str, str]": lambda v: (
        isinstance(v, dict) and all(isinstance(i, str) for i in v.values())
    ),
    "Confidence": _one_of(Confidence),
    "Nature": _one_of(Nature),
    "Anchor": _one_of(Anchor),
    "LengthUnit": _one_of(LengthUnit),
    "UnitClass": _one_of(UnitClass),
}


def _toml(path: str, text: str, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        mistakes.append(Mistake(path, int(line[1]) if line else 1, f"TOML 语法错误：{error}"))
        return {}


def _headers(text: str) -> dict[tuple[str, int], int]:
    """The line on which the n-th `[[section]]` of a file stands."""
    lines: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[(\w+)\]\]", line)
        if header:
            index = seen.get(header[1], 0)
            seen[header[1]] = index + 1
            lines[header[1], index] = number
    return lines


def _line_of(text: str, needle: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if needle in line:
            return number
    return 1
