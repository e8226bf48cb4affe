"""Scenarios 情景: dated acts and, at chosen days, exactly what each unit must then owe.

A file is played through the ordinary command path with a clock set by hand, in a schema of its
own whose first event says *simulated*. Its format is described for its writers in
`docs/scenarios.md`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api import law
from domain.decider import COMMAND_TYPES, CommandType, Refused
from domain.events import SHANGHAI, Moment
from domain.reference import Simulate
from domain.sealing import Secret
from domain.tasks import STANDINGS, Summary
from eventstore.application import Log, Order
from eventstore.clock import InjectedClock
from projections.engine import Engine
from projections.reading import Reading, View

OPENING_HOUR = time(9)
CLOSING_HOUR = time(18)


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
    legal: date | datetime | None = None
    safe: date | None = None
    clock: str | None = None  # 未起算, 中止 or 无期限, where there is no date
    provisional: bool = False
    standing: str | None = None  # 在办, 临期, 超期 …, where it matters


class Step(_Part):
    """An act, a change of calendar, or a look at the queues."""

    day: date | datetime
    recorded: date | None = None  # the day it was entered, where later than `day`
    by: str | None = None
    do: str | None = None
    case: str | None = None
    # A name for the case another kind opens in the same transaction; with several, kind: name.
    opens: str | dict[str, str] | None = None
    letter: str | None = None  # name for the number of the letter this step issues
    task: str | None = None  # for acts on tasks: rule id, as in the expectations
    with_: dict[str, Any] = Field(default={}, alias="with")
    refused: str | None = None
    calendar: dict[int, dict[str, list[date]]] | None = None
    expect: dict[str, list[Owed]] | None = None
    rights: dict[str, list[Owed]] | None = None
    waits: dict[str, list[Owed]] | None = None
    happened: date | None = None  # look as of this day …
    known: date | None = None  # … with what had been recorded by the end of that day


class Scenario(_Part):
    """A whole file."""

    title: str
    about: str = ""
    scope: Scope = Scope()
    cast: dict[str, str] = {}
    story: list[Step]

    @property
    def changes_law(self) -> bool:
        return any(step.calendar for step in self.story)


@dataclass
class Result:
    """What came of a play."""

    title: str
    steps: int = 0
    checks: int = 0
    wrong: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def read(path: Path) -> Scenario:
    """The scenario in a YAML file. Raises ScenarioError naming the place of each mistake."""
    try:
        return Scenario.model_validate(yaml.safe_load(path.read_text()))
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name}: YAML 写法有误 / not valid YAML: {error}") from None
    except ValidationError as error:
        places = (f"{path.name}: {_place(e['loc'])}: {_mistake(e)}" for e in error.errors())
        raise ScenarioError("\n".join(places)) from None


def _place(loc: tuple[int | str, ...]) -> str:
    """`story 第3步 / expect / HSSB 第1项`."""
    return " / ".join(f"第{part + 1}项" if isinstance(part, int) else part for part in loc)


def _mistake(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "不认识的键 / unknown key"
        case "missing":
            return "缺少此项 / missing"
        case _:
            return f"值不合要求 / {error['msg']}"


class Player:
    """Plays scenarios on one simulated log."""

    def __init__(self, log: Log, engine: Engine, reading: Reading, clock: InjectedClock) -> None:
        self.log, self.engine, self.reading, self.clock = log, engine, reading, clock
        self._cases: dict[str, str] = {}  # and letters, by the names the file gives them
        self.touched: set[str] = set()  # every case the file's acts touched
        self._numbers = 0

    def prepare(self, start: datetime, title: str, given: dict[str, str] | None = None) -> None:
        """Mark the log as simulated and adopt the law, before the first act."""
        self.clock.set(start)
        self.files = dict(given or law.files())
        order = Order(
            command=Simulate(title=title),
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"simulate:{title}")),
            actor="system",
            recorder="scenario",
            occurred=Moment(start, "minute"),
            source="simulated",
        )
        self.log.execute(order)
        law.adopt(self.log, self.files, title="随软件发布的版次", recorder="scenario")

    def play(
        self, scenario: Scenario, told: Callable[[int, int], None] = lambda done, of: None
    ) -> Result:
        """Play every step; differences are collected, not raised."""
        result = Result(scenario.title)
        self._cases, self.touched = {}, set()
        for number, step in enumerate(scenario.story, 1):
            self.one(scenario, step, number, result)
            told(number, len(scenario.story))
        self.engine.catch_up()
        return result

    def one(
        self, scenario: Scenario, step: Step, number: int, result: Result | None = None
    ) -> None:
        """Play one step; without a `result` to note differences in, only its act."""
        self._clock(step, number)
        if step.calendar:
            self._calendar(step.calendar)
        noted = result or Result(scenario.title)
        if step.do:
            self._act(scenario, step, number, noted)
        if result is None:
            if noted.wrong:
                raise ScenarioError(f"{scenario.title}：{noted.wrong[0]}")
        elif step.expect is not None or step.rights or step.waits:
            self._look(scenario, step, number, result)
        noted.steps += 1

    def _clock(self, step: Step, number: int) -> None:
        """Recorded on its own day unless said otherwise; always after what came before."""
        day = recorded_day(step)
        hour = step.day.time() if isinstance(step.day, datetime) else OPENING_HOUR
        at = datetime.combine(day, hour, SHANGHAI)
        least = self.clock.now() + timedelta(seconds=1)
        if at.date() < least.astimezone(SHANGHAI).date() and (step.do or step.calendar):
            raise ScenarioError(
                f"第{number}步：按记录先后排列；补记的事实用 day 写发生日、recorded 写记录日"
                " / steps go in order of recording"
            )
        self.clock.set(max(at, least))

    def _act(self, scenario: Scenario, step: Step, number: int, result: Result) -> None:
        kind = COMMAND_TYPES.get(step.do or "")
        if kind is None or not step.by:
            known = "、".join(sorted(COMMAND_TYPES))
            raise ScenarioError(f"第{number}步：没有命令 {step.do}，或缺少 by；可用：{known}")
        case = self._case(scenario, kind, step, number)
        self._numbers += 1
        order = Order(
            command=self._command(scenario, kind, step, case, number),
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{scenario.title}|{number}|{self._numbers}")),
            actor=self._party(scenario, step.by, number),
            recorder="scenario",
            occurred=_moment(step.day),
            case=case,
            source="simulated",
        )
        try:
            receipt = self.log.execute(order)
        except Refused as refused:
            if step.refused != refused.code:
                wanted = f"应以 {step.refused} 拒绝" if step.refused else "不应拒绝"
                result.wrong.append(
                    f"第{number}步 {step.do}：{wanted}，实际 {refused.code}：{refused.zh}"
                )
            return
        if step.refused:
            result.wrong.append(f"第{number}步 {step.do}：应以 {step.refused} 拒绝，实际已执行")
        self.touched |= {e["stream"] for e in receipt.events}
        if kind.opens and step.case:
            self._cases[step.case] = receipt.case
        if step.letter and receipt.document_number:
            self._cases[step.letter] = receipt.document_number
        others = [e["stream"] for e in receipt.events if e["stream"] != receipt.case]
        named = {"": step.opens} if isinstance(step.opens, str) else step.opens or {}
        for opened, name in named.items():
            found = [stream for stream in others if stream.startswith(opened)]
            if not found:
                raise ScenarioError(f"第{number}步：{step.do} 没有开立其他案件，opens 无从命名")
            self._cases[name] = found[0]

    def _party(self, scenario: Scenario, name: str, number: int) -> str:
        """A party by its name in the cast, its unit code, or written out as `class:id`."""
        party = scenario.cast.get(name, name)
        if ":" not in party and party not in (*self._units(), "system"):
            zh = f"没有单位或当事方“{name}”；写单位代码（如 HB）、cast 里的名字，或 worker:S-1"
            raise ScenarioError(f"第{number}步：{zh} / no unit or party {name!r}")
        return party

    def _units(self) -> tuple[str, ...]:
        return tuple(self.log.reference_in_force().edition.units)

    def _case(self, scenario: Scenario, kind: CommandType, step: Step, number: int) -> str | None:
        if kind.opens:
            return None
        name = step.case or next(iter(self._cases), "")
        if name not in self._cases:
            raise ScenarioError(f"第{number}步：没有名为“{name}”的案件；立案的那一步用 case 命名")
        return self._cases[name]

    def _command(
        self, scenario: Scenario, kind: CommandType, step: Step, case: str | None, number: int
    ) -> Any:
        given = {key: self._value(scenario, value) for key, value in step.with_.items()}
        if step.task and case:
            given["task"] = self._task(case, step.task, number)
        hints = get_type_hints(kind.cls)
        known = {f.name for f in fields(kind.cls)}
        for key in given:
            if key not in known:
                allowed = "、".join(sorted(known))
                raise ScenarioError(f"第{number}步：{step.do} 没有 {key}；可写：{allowed}")
            if "Secret" in str(hints[key]) and isinstance(given[key], str):
                given[key] = Secret(given[key])
        try:
            return TypeAdapter(kind.cls).validate_python(given)
        except ValidationError as error:
            places = "；".join(f"{_place(e['loc'])} {_mistake(e)}" for e in error.errors())
            raise ScenarioError(f"第{number}步 {step.do}：{places}") from None

    def _value(self, scenario: Scenario, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return self._cases.get(value) or scenario.cast.get(value, value)

    def _task(self, case: str, rule: str, number: int) -> str:
        held = [t for t in self.log.fold(case).open_tasks() if t.rule.id == rule]
        if not held:
            raise ScenarioError(f"第{number}步：该案没有未结事项 {rule}")
        return held[-1].id

    def _calendar(self, years: dict[int, dict[str, list[date]]]) -> None:
        for year, days in years.items():
            rest, work = ([d.isoformat() for d in days.get(k, [])] for k in ("rest", "work"))
            self.files[f"calendar/{year}.toml"] = (
                f'year = {year}\npublished = true\nsource = "情景"\n'
                f"rest = [{', '.join(rest)}]\nwork = [{', '.join(work)}]\n"
            )
        law.adopt(self.log, self.files, title="随软件发布的版次", recorder="scenario")

    def _look(self, scenario: Scenario, step: Step, number: int, result: Result) -> None:
        self.engine.catch_up()
        day = step.happened or _day(step.day)
        at = step.day if isinstance(step.day, datetime) else datetime.combine(day, CLOSING_HOUR)
        at = at.replace(tzinfo=SHANGHAI)
        asked: dict[str, Any] = {}
        if step.happened or step.known:
            known = step.known or _day(step.day)
            asked = {
                "happened": datetime.combine(day, time.max, SHANGHAI),
                "recorded": datetime.combine(known, time.max, SHANGHAI),
            }
        with self.reading.view(at, **asked) as view:
            for difference in self._differences(scenario, step, number, view, result):
                result.wrong.append(f"第{number}步 {step.day}：{difference}")

    def _differences(
        self, scenario: Scenario, step: Step, number: int, view: View, result: Result
    ) -> Iterator[str]:
        rules = {rule.id for rule in self.log.reference_in_force().edition.rules}
        for looked in (step.expect, step.rights, step.waits):
            for name, owed in (looked or {}).items():
                self._party(scenario, name, number)
                for unknown in {o.task for o in owed} - rules:
                    raise ScenarioError(f"第{number}步：没有规则 {unknown} / no rule {unknown}")
        if step.expect is not None:
            named = {scenario.cast.get(party, party): owed for party, owed in step.expect.items()}
            for party in [*named, *(unit for unit in self._units() if unit not in named)]:
                held = [i.task for i in view.queue(party) if i.tab != "waiting_on"]
                yield from self._compare(scenario, view, party, named.get(party, []), held, result)
        for name, owed in (step.rights or {}).items():
            party = scenario.cast.get(name, name)
            held = [i.task for i in view.rights(party)]
            yield from self._compare(scenario, view, f"{party} 权利", owed, held, result)
        for name, owed in (step.waits or {}).items():
            party = scenario.cast.get(name, name)
            held = [i.task for i in view.queue(party) if i.tab == "waiting_on"]
            yield from self._compare(scenario, view, f"{party} 等待他方", owed, held, result)

    def _compare(
        self,
        scenario: Scenario,
        view: View,
        party: str,
        owed: list[Owed],
        held: list[Summary],
        result: Result,
    ) -> Iterator[str]:
        result.checks += 1
        left = [t for t in held if t.case in self.touched]
        for expected in owed:
            match = next((t for t in left if self._is(expected, t)), None)
            if match is None:
                yield f"{party} 缺少 {expected.task}"
                continue
            left.remove(match)
            yield from (f"{party} {expected.task} {d}" for d in _unlike(expected, match, view))
        for task in left:
            told = f"{party} {task.rule} “{task.title}” 法定{task.legal}"
            if self._in_scope(scenario, task):
                yield f"多出 {told}"
            elif told not in result.outside:
                result.outside.append(told)

    def _is(self, expected: Owed, task: Summary) -> bool:
        named = expected.case is None or self._cases.get(expected.case) == task.case
        return named and expected.task == task.rule

    def _in_scope(self, scenario: Scenario, task: Summary) -> bool:
        scope = scenario.scope
        inside = not scope.cases or task.case in {self._cases.get(name) for name in scope.cases}
        families = {clause.split("-")[0] for clause in task.clauses}
        return inside and (not scope.clauses or bool(families & set(scope.clauses)))


def _unlike(expected: Owed, task: Summary, view: View) -> Iterator[str]:
    """How a task differs from what was expected of it."""
    standing = task.standing(view.asked.at)
    if expected.clock:
        clocks = {"waiting": "未起算", "suspended": "中止", "undated": "无期限"}
        found = clocks.get(standing, "起算")
        if found != expected.clock:
            yield f"时钟应为{expected.clock}，实际{found}（法定{task.legal}）"
    elif isinstance(expected.legal, datetime):
        wanted = expected.legal.replace(tzinfo=SHANGHAI)
        if task.instant != wanted:
            yield f"法定应为{wanted:%Y-%m-%d %H:%M}，实际{task.instant}"
    else:
        safe = expected.safe or expected.legal
        if (task.legal, task.safe) != (expected.legal, safe):
            yield (f"应为法定{expected.legal}/稳妥{safe}，实际{task.legal}/{task.safe}；{task.why}")
    if expected.provisional != task.provisional:
        yield "应为暂定" if expected.provisional else "不应为暂定"
    if expected.standing and STANDINGS[standing] != expected.standing:
        yield f"应为{expected.standing}，实际{STANDINGS[standing]}"


def recorded_day(step: Step) -> date:
    """The day a step was entered: its own, unless said otherwise."""
    return step.recorded or _day(step.day)


def _day(on: date | datetime) -> date:
    return on.date() if isinstance(on, datetime) else on


def _moment(on: date | datetime) -> Moment:
    if isinstance(on, datetime):
        return Moment(on.replace(tzinfo=SHANGHAI), "minute")
    return Moment.on(on)
