"""Playing a scenario 播放: each step through the ordinary command path, by a clock set by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from api import law
from api.scenario.looking import Look
from api.scenario.written import (
    Result,
    Scenario,
    ScenarioError,
    Step,
    at,
    day_of,
    mistake,
    moment,
    near,
    recorded_at,
    resolved,
)
from domain.decider import COMMAND_TYPES, CommandType, Refused
from domain.events import SHANGHAI, Moment
from domain.reference import Simulate
from domain.sealing import Secret
from eventstore.application import Log, Order, Receipt
from eventstore.clock import InjectedClock
from projections.engine import Engine
from projections.reading import Reading

CLOSING_HOUR = time(18)


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
        """Play every step; differences are collected, and so is a mistake, which ends the play."""
        result = Result(scenario.title)
        self._cases, self.touched = {}, set()
        for number, step in enumerate(scenario.story, 1):
            try:
                self.one(scenario, step, number, result)
            except ScenarioError as error:
                result.mistake = str(error)
                break
            told(number, len(scenario.story))
        self.engine.catch_up()
        return result

    def one(
        self, scenario: Scenario, step: Step, number: int, result: Result | None = None
    ) -> None:
        """Play one step; without a `result` to note differences in, only its act.

        Raises ScenarioError, with file and step, where it cannot be played as written.
        """
        noted = result or Result(scenario.title)
        try:
            self._clock(step)
            if step.calendar:
                self._calendar(step.calendar)
            if step.do:
                self._act(scenario, step, number, noted)
            if result is not None and step.looks:
                self._look(scenario, step, number, result)
        except ScenarioError as error:
            raise ScenarioError(f"{scenario.place(number)}：{error}") from None
        if result is None and noted.wrong:
            raise ScenarioError(f"{scenario.title}：{noted.wrong[0]}")
        noted.steps += 1

    def _clock(self, step: Step) -> None:
        """Recorded on its own day unless said otherwise; always after what came before."""
        at, now = recorded_at(step), self.clock.now().astimezone(SHANGHAI)
        least = now + timedelta(seconds=1)
        exact = isinstance(step.recorded, datetime) and at < now.replace(second=0, microsecond=0)
        if (at.date() < least.date() or exact) and (step.do or step.calendar):
            zh = f"按记录先后排列，而上一步已记录到 {now:%Y-%m-%d %H:%M}；"
            zh += "补记的事实用 day 写发生日、recorded 写记录日或记录时刻"
            raise ScenarioError(f"{zh} / steps go in order of recording")
        self.clock.set(max(at, least))

    def _act(self, scenario: Scenario, step: Step, number: int, result: Result) -> None:
        name = step.do or ""
        kind = COMMAND_TYPES.get(name)
        if kind is None:
            listed = "；全部见 zhifang scenario commands"
            zh = f"没有命令 {name}{near(name, COMMAND_TYPES)}{listed}"
            raise ScenarioError(f"{zh} / no command {name}")
        if not step.by:
            raise ScenarioError(f"{name} 缺少 by：由谁作出 / say by whom")
        case = self._case(kind, step)
        self._numbers += 1
        order = Order(
            command=self._command(scenario, kind, step, case),
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{scenario.title}|{number}|{self._numbers}")),
            actor=self._look_at(scenario).party(step.by),
            recorder="scenario",
            occurred=moment(step.day),
            case=case,
            source="simulated",
        )
        told = f"{scenario.step(number)} {name}"
        try:
            receipt = self.log.execute(order)
        except Refused as refused:
            if step.refused != refused.code:
                wanted = f"应以 {step.refused} 拒绝" if step.refused else "不应拒绝"
                result.wrong.append(f"{told}：{wanted}，实际 {refused.code}：{refused.zh}")
            return
        if step.refused:
            result.wrong.append(f"{told}：应以 {step.refused} 拒绝，实际已执行")
        self.touched |= {e["stream"] for e in receipt.events}
        self._named(kind, step, receipt)

    def _named(self, kind: CommandType, step: Step, receipt: Receipt) -> None:
        """Remember what the step gives a name: its case, its letter, the cases it brought about."""
        if kind.opens and step.case:
            self._cases[step.case] = receipt.case
        if step.letter and receipt.document_number:
            self._cases[step.letter] = receipt.document_number
        new = [e["stream"] for e in receipt.events if e["version"] == 1]
        others = [stream for stream in new if stream != receipt.case]
        given = {"": step.opens} if isinstance(step.opens, str) else step.opens or {}
        for opened, names in given.items():
            found = [s for s in others if opened in ("", s.partition("-")[0])]
            names = [names] if isinstance(names, str) else names
            if len(names) > len(found):
                kinds = "、".join(s.partition("-")[0] for s in others) or "无"
                zh = f"{step.do} 没有开立这么多其他案件，opens 无从命名；这一步另开立：{kinds}"
                raise ScenarioError(f"{zh} / not so many cases were opened")
            self._cases.update(zip(names, found, strict=False))

    def _case(self, kind: CommandType, step: Step) -> str | None:
        if kind.opens or kind.name.startswith("reference."):
            return None
        name = step.case or next(iter(self._cases), "")
        if name not in self._cases:
            zh = f"没有名为“{name}”的案件{near(name, self._cases)}；立案的那一步用 case 命名"
            raise ScenarioError(f"{zh} / no case of that name")
        return self._cases[name]

    def _command(self, scenario: Scenario, kind: CommandType, step: Step, case: str | None) -> Any:
        given = resolved(step.with_, {**scenario.cast, **self._cases})
        if step.task and case:
            given["task"] = self._task(scenario, case, step)
        hints = get_type_hints(kind.cls)
        known = {f.name for f in fields(kind.cls)}
        for key in given:
            if key not in known:
                zh = f"{step.do} 没有 {key}{near(key, known)}；可写：{'、'.join(sorted(known))}"
                raise ScenarioError(f"{zh} / no such field")
            if "Secret" in str(hints[key]) and isinstance(given[key], str):
                given[key] = Secret(given[key])
        try:
            return TypeAdapter(kind.cls).validate_python(given)
        except ValidationError as error:
            places = dict.fromkeys(f"{at(e['loc'])} {mistake(e)}" for e in error.errors())
            raise ScenarioError(f"{step.do}：{'；'.join(places)}") from None

    def _task(self, scenario: Scenario, case: str, step: Step) -> str:
        """The task the step means: the last open one of the rule, else the last that ended."""
        holder = self._look_at(scenario).party(step.holder) if step.holder else None
        all_of_case = self.log.fold(case).tasks.values()
        meant = [
            task
            for task in all_of_case
            if task.rule.id == step.task
            and step.of in (None, task.opened.version)
            and holder in (None, task.holder)
        ]
        if not meant:
            had = (
                f"{t.rule.id}（of: {t.opened.version}，holder: {t.holder}）" for t in all_of_case
            )
            zh = f"该案没有这样的事项 {step.task}；该案有：{'、'.join(dict.fromkeys(had)) or '无'}"
            raise ScenarioError(f"{zh} / no such task on the case")
        return ([task for task in meant if task.closed is None] or meant)[-1].id

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
        day = step.happened or day_of(step.day)
        at = step.day if isinstance(step.day, datetime) else datetime.combine(day, CLOSING_HOUR)
        at = at.replace(tzinfo=SHANGHAI)
        asked: dict[str, Any] = {}
        if step.happened or step.known:
            known = step.known or day_of(step.day)
            asked = {
                "happened": datetime.combine(day, time.max, SHANGHAI),
                "recorded": datetime.combine(known, time.max, SHANGHAI),
            }
        with self.reading.view(at, **asked) as view:
            for difference in self._look_at(scenario).differences(step, view, result):
                result.wrong.append(f"{scenario.step(number)} {step.day}：{difference}")

    def _look_at(self, scenario: Scenario) -> Look:
        edition = self.log.reference_in_force().edition
        return Look(scenario, edition, self._cases, frozenset(self.touched))
