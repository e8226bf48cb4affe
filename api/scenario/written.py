"""The file of a scenario 情景文件: what may stand in it, and where a mistake in it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from domain.events import SHANGHAI, Moment, shown

OPENING_HOUR = time(9)


class ScenarioError(Exception):
    """The file cannot be played as written; the message says where and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Scope(_Part):
    """Inside the scope the sets are exact; tasks outside are told and not judged."""

    cases: list[str] = []  # names of cases in this file; empty: all it opens
    clauses: list[str] = []  # clause families such as `odl`; empty: all


class Owed(_Part):
    """One expected task."""

    task: str
    case: str | None = None
    clauses: list[str] = []  # each is among those the task cites
    legal: date | datetime | None = None
    safe: date | None = None
    clock: str | None = None  # 未起算, 中止 or 无期限, where there is no date
    provisional: bool = False
    standing: str | None = None  # 在办, 临期, 超期 …, where it matters


class Ended(_Part):
    """One task that must have ended."""

    task: str
    case: str | None = None
    clauses: list[str] = []
    on_time: bool | None = None  # null: outside the on-time figure; unsaid: not looked at
    outcome: str | None = None  # 已办结, 无须办理 …, where it matters


class Step(_Part):
    """An act, a change of calendar, or a look at the queues."""

    day: date | datetime
    recorded: date | datetime | None = None  # when it was entered, where later than `day`
    by: str | None = None
    do: str | None = None
    case: str | None = None
    # Names for the cases of other kinds opened in the same transaction, in their order.
    opens: str | dict[str, str | list[str]] | None = None
    letter: str | None = None  # name for the number of the letter this step issues
    task: str | None = None  # for acts on tasks: rule id, as in the expectations
    of: int | None = None  # which of several tasks of the rule: the event that opened it …
    holder: str | None = None  # … or whose it is; unsaid the last
    with_: dict[str, Any] = Field(default={}, alias="with")
    refused: str | None = None
    calendar: dict[int, dict[str, list[date]]] | None = None
    expect: dict[str, list[Owed]] | None = None
    rights: dict[str, list[Owed]] | None = None
    waits: dict[str, list[Owed]] | None = None
    closed: dict[str, list[Ended]] | None = None
    status: dict[str, str] | None = None  # of cases
    shows: dict[str, str | list[str]] | None = None  # in the timelines of cases
    links: dict[str, list[str]] | None = None  # the cases that a case rests on
    happened: date | None = None  # look as of this day …
    known: date | None = None  # … with what had been recorded by the end of that day

    @property
    def looks(self) -> bool:
        """Whether anything is to be compared at this step."""
        asked = (self.expect, self.rights, self.waits, self.closed)
        return any(part is not None for part in (*asked, self.status, self.shows, self.links))

    @model_validator(mode="after")
    def _recorded_after(self) -> Step:
        # A fact of the future is the system's to refuse; a file may expect just that.
        if self.recorded and recorded_at(self) < moment(self.day).at and not self.refused:
            raise ValueError(
                f"recorded（{self.recorded}）早于 day（{self.day}）：day 写事情发生的日子，"
                "recorded 写后来补记的日子 / recorded is earlier than day"
            )
        return self


class Scenario(_Part):
    """A whole file."""

    title: str
    about: str = ""
    scope: Scope = Scope()
    cast: dict[str, str] = {}
    story: list[Step] = Field(min_length=1)
    _file: str = PrivateAttr("")
    _lines: list[int] = PrivateAttr([])  # of the steps

    @property
    def changes_law(self) -> bool:
        return any(step.calendar for step in self.story)

    def step(self, number: int) -> str:
        """A step as the differences name it."""
        line = f"（第{self._lines[number - 1]}行）" if self._lines else ""
        return f"第{number}步{line}"

    def place(self, number: int) -> str:
        """A step as mistakes name it, with its file."""
        at = f"{self._file}:{self._lines[number - 1]}: " if self._lines else f"{self.title}："
        return f"{at}第{number}步"


@dataclass
class Result:
    """What came of a play."""

    title: str
    steps: int = 0
    checks: int = 0
    wrong: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    mistake: str | None = None  # of the file, at which the play ended


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: ten times faster


def read(path: Path) -> Scenario:
    """The scenario in a YAML file. Raises ScenarioError naming the place of each mistake."""
    try:
        loader = LOADER(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        scenario = Scenario.model_validate(loader.construct_document(root) if root else None)
    except UnicodeDecodeError:
        raise ScenarioError(f"{path.name}: 请存为 UTF-8 编码 / save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name}: YAML 写法有误 / not valid YAML: {error}") from None
    except ValidationError as error:
        told = (f"{path.name}:{_place(root, e['loc'])}: {mistake(e)}" for e in error.errors())
        raise ScenarioError("\n".join(dict.fromkeys(told))) from None
    scenario._file = path.name
    assert isinstance(root, yaml.MappingNode)
    story = next(value for key, value in root.value if key.value == "story")
    scenario._lines = [step.start_mark.line + 1 for step in story.value]
    return scenario


def recorded_at(step: Step) -> datetime:
    """When a step was entered: at its own time, unless said otherwise; a day means its morning."""
    day = step.recorded or step.day
    told = next((t for t in (step.recorded, step.day) if isinstance(t, datetime)), None)
    return datetime.combine(day_of(day), told.time() if told else OPENING_HOUR, SHANGHAI)


def recorded_day(step: Step) -> date:
    """The day a step was entered."""
    return recorded_at(step).date()


def day_of(on: date | datetime) -> date:
    return on.date() if isinstance(on, datetime) else on


def moment(on: date | datetime) -> Moment:
    """A day, or a minute in Shanghai."""
    if isinstance(on, datetime):
        return Moment(on.replace(tzinfo=SHANGHAI), "minute")
    return Moment.on(on)


def resolved(value: Any, names: Mapping[str, str]) -> Any:
    """The value with every name in it, however deep, replaced by what it stands for."""
    match value:
        case str():
            return names.get(value, value)
        case dict():
            return {key: resolved(item, names) for key, item in value.items()}
        case list():
            return [resolved(item, names) for item in value]
        case _:
            return value


# --- Mistakes ------------------------------------------------------------------------------------


def near(word: str, known: Iterable[str]) -> str:
    """`；相近的：…`: what may have been meant, alike in letters or of the same family."""
    known = sorted(known)
    family = word.partition(".")[0] + "."
    found = difflib.get_close_matches(word, known, 5, 0.6)
    found += [name for name in known if "." in word and name.startswith(family)][: 8 - len(found)]
    return f"；相近的：{'、'.join(dict.fromkeys(found))}" if found else ""


def mistake(error: Any) -> str:
    """What is wrong with a value, Chinese first."""
    kind, last = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"不认识的键{near(last, _keys(error['loc']))} / unknown key"
    if kind == "literal_error":
        codes = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        told = "、".join(f"{c}（{shown(c, {})}）" if shown(c, {}) != c else c for c in codes)
        return f"应为其中之一：{told} / one of these"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    said = next((words for start, words in _SAID.items() if kind.startswith(start)), "值不合要求")
    return f"{said} / {error['msg']}"


_SAID = {
    "missing": "缺少此项",
    "list_": "应为列表，写作 [甲, 乙]",
    "tuple_": "应为列表，写作 [甲, 乙]",
    "dict_": "应为成对的项，写作 {名: 值}",
    "model_": "应为成对的项，写作 {名: 值}",
    "dataclass_": "应为成对的项，写作 {名: 值}",
    "string_": "应为文字；数字、日期、yes/no 请加引号",
    "int_": "应为整数",
    "bool_": "应为 true 或 false",
    "datetime_": "应为时刻，如 2026-03-18T14:20",
    "date_": "应为日期，如 2026-03-18",
    "too_short": "不能为空",
}


def _keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where an unknown one was found."""
    part: type[_Part] = Owed
    if len(loc) == 1:
        part = Scenario
    elif loc[0] == "scope":
        part = Scope
    elif loc[0] == "story" and len(loc) == 3:
        part = Step
    elif "closed" in loc:
        part = Ended
    return [given.alias or name for name, given in part.model_fields.items()]


def _place(node: Any, loc: tuple[int | str, ...]) -> str:
    """`12: story / 第3项 / expect / HSSB / 第1项`: the line, and the way to it."""
    line, told = 0, []
    for part in loc:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(part)]
            if not found and re.search(r"\W|^str$", str(part)):
                break  # the name of a choice that the format leaves, of no use to the writer
            node = found[0][1] if found else None
            line = found[0][0].start_mark.line if found else line
        else:
            break
        told.append(f"第{part + 1}项" if isinstance(part, int) else part)
    return f"{line + 1}: {' / '.join(told)}"


def at(loc: tuple[int | str, ...]) -> str:
    """`targets / 第1项 / employer`: a place inside a command."""
    return " / ".join(f"第{part + 1}项" if isinstance(part, int) else part for part in loc)
