"""Looking 核对: how queues, cases and timelines differ from what a step expects of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from api.scenario.written import Ended, Owed, Result, Scenario, ScenarioError, Step, near
from domain.events import SHANGHAI
from domain.rules import Edition
from domain.tasks import OUTCOMES, STANDINGS, Summary
from projections.reading import View

E = TypeVar("E", Owed, Ended)
BY_SILENCE = "沉默视为办结"  # ended by the mere passing of its day: no event, no outcome


@dataclass(frozen=True)
class Look:
    """A scenario's names, and the cases its acts have touched so far."""

    scenario: Scenario
    edition: Edition
    cases: Mapping[str, str]  # and letters, by the names the file gives them
    mine: frozenset[str]

    def party(self, name: str) -> str:
        """A party by its name in the cast, its unit code, or written out as `class:id`."""
        party = self.scenario.cast.get(name, name)
        units = self.edition.units
        if ":" not in party and party not in (*units, "system"):
            named = {unit.name: f"{unit.name}写 {code}" for code, unit in units.items()}
            close = near(name, [*self.scenario.cast, *units, *named])
            for full, told in named.items():
                close = close.replace(full, told)
            how = "写单位代码（如 HB）、cast 里的名字，或 worker:S-1"
            zh = f"没有单位或当事方“{name}”{close}；{how}"
            raise ScenarioError(f"{zh} / no unit or party {name!r}")
        return party

    def differences(self, step: Step, view: View, result: Result) -> Iterator[str]:
        """Everything in which the view is not as the step expects it."""
        self._known_rules(step)
        if step.expect is not None:
            named = {self.party(name): owed for name, owed in step.expect.items()}
            for party in [*named, *(unit for unit in self.edition.units if unit not in named)]:
                held = [i.task for i in view.queue(party) if i.tab != "waiting_on"]
                yield from self._compare(view, party, named.get(party, []), held, result)
        for name, owed in (step.rights or {}).items():
            party = self.party(name)
            held = [i.task for i in view.rights(party)]
            yield from self._compare(view, f"{party} 权利", owed, held, result)
        for name, owed in (step.waits or {}).items():
            party = self.party(name)
            held = [i.task for i in view.queue(party) if i.tab == "waiting_on"]
            yield from self._compare(view, f"{party} 等待他方", owed, held, result)
        for name, ended in (step.closed or {}).items():
            yield from self._ended(view, self.party(name), ended, result)
        yield from self._of_cases(step, view, result)

    def _known_rules(self, step: Step) -> None:
        rules = {rule.id for rule in self.edition.rules}
        parts = (step.expect, step.rights, step.waits, step.closed)
        named = [told for part in parts if part for told in part.values()]
        for unknown in (told.task for owed in named for told in owed if told.task not in rules):
            zh = f"没有规则 {unknown}{near(unknown, rules)}；全部见 zhifang law rules"
            raise ScenarioError(f"{zh} / no rule {unknown}")

    def _compare(
        self, view: View, party: str, owed: list[Owed], held: list[Summary], result: Result
    ) -> Iterator[str]:
        """The tasks held are those owed, no more and no less."""
        result.checks += 1
        left = [task for task in held if task.case in self.mine]
        for expected in owed:
            found, unlike = self._likest(expected, left, lambda e, t: _unlike(e, t, view))
            if found is None:
                yield f"{party} 缺少 {expected.task}"
                continue
            left.remove(found)
            yield from (f"{party} {expected.task} {difference}" for difference in unlike)
        for task in left:
            told = f"{party} {task.rule} “{task.title}” 法定{task.legal}"
            if self._in_scope(task):
                yield f"多出 {told}"
            elif told not in result.outside:
                result.outside.append(told)

    def _ended(self, view: View, party: str, ended: list[Ended], result: Result) -> Iterator[str]:
        """Each task expected to have ended has; others are not looked at."""
        result.checks += 1
        left = [
            task
            for case in sorted(self.mine)
            for task in view.tasks_of(case)
            if task.holder == party and task.standing(view.asked.at) == "closed"
        ]
        for expected in ended:
            found, unlike = self._likest(expected, left, _unlike_ended)
            if found is None:
                yield f"{party} 没有已结束的 {expected.task}"
                continue
            left.remove(found)
            yield from (f"{party} 已结束的 {expected.task} {told}" for told in unlike)

    def _likest(
        self, expected: E, held: list[Summary], unlike: Callable[[E, Summary], Iterator[str]]
    ) -> tuple[Summary | None, list[str]]:
        """Of several tasks of one rule the one that fits best, and how it differs."""
        case = self._case(expected.case) if expected.case else None
        fitting = [t for t in held if t.rule == expected.task and case in (None, t.case)]
        told = [(task, list(unlike(expected, task))) for task in fitting]
        return min(told, key=lambda pair: len(pair[1]), default=(None, []))

    def _of_cases(self, step: Step, view: View, result: Result) -> Iterator[str]:
        """How the cases stand, what their timelines say, what they rest on."""
        for name, status in (step.status or {}).items():
            result.checks += 1
            found = view.case(self._case(name))
            stands = found["status"] if found else "尚未立案"
            if stands != status:
                yield f"{name} 的状态应为“{status}”，实际“{stands}”"
        for name, fragments in (step.shows or {}).items():
            result.checks += 1
            trail = [line["sentence"] for line in view.trail(self._case(name))]
            for fragment in [fragments] if isinstance(fragments, str) else fragments:
                if not any(fragment in sentence for sentence in trail):
                    said = trail[-1] if trail else "（无）"
                    yield f"{name} 的经过里没有“{fragment}”；最后一条是“{said}”"
        for name, rested in (step.links or {}).items():
            result.checks += 1
            found = view.case(self._case(name))
            links = set(found["links"]) if found else set()
            if links != {self._case(other) for other in rested}:
                names = {id: given for given, id in self.cases.items()}
                told = "、".join(sorted(names.get(id, id) for id in links)) or "无"
                yield f"{name} 应以{'、'.join(rested) or '无'}为依据，实际：{told}"

    def _case(self, name: str) -> str:
        if name not in self.cases:
            zh = f"没有名为“{name}”的案件{near(name, self.cases)}"
            raise ScenarioError(f"{zh} / no case of that name")
        return self.cases[name]

    def _in_scope(self, task: Summary) -> bool:
        scope = self.scenario.scope
        inside = not scope.cases or task.case in {self.cases.get(name) for name in scope.cases}
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
            actual = task.instant.astimezone(SHANGHAI) if task.instant else None
            told = f"{actual:%Y-%m-%d %H:%M}" if actual else f"{task.legal}"
            yield f"法定应为{wanted:%Y-%m-%d %H:%M}，实际{told}；{task.why}"
    else:
        safe = expected.safe or expected.legal
        if (task.legal, task.safe) != (expected.legal, safe):
            yield (f"应为法定{expected.legal}/稳妥{safe}，实际{task.legal}/{task.safe}；{task.why}")
    if expected.provisional != task.provisional:
        yield "应为暂定" if expected.provisional else "不应为暂定"
    if expected.standing and STANDINGS[standing] != expected.standing:
        yield f"应为{expected.standing}，实际{STANDINGS[standing]}"
    yield from _uncited(expected, task)


def _unlike_ended(expected: Ended, task: Summary) -> Iterator[str]:
    outcome = OUTCOMES[task.outcome] if task.outcome else BY_SILENCE
    if expected.outcome and expected.outcome != outcome:
        yield f"应为{expected.outcome}，实际{outcome}"
    if "on_time" in expected.model_fields_set and expected.on_time != task.on_time:
        words = {True: "按期", False: "逾期", None: "不计入按期率"}
        told = f"结束于{task.closed_on}，法定{task.legal}"
        yield f"应为{words[expected.on_time]}，实际{words[task.on_time]}（{told}）"
    yield from _uncited(expected, task)


def _uncited(expected: Owed | Ended, task: Summary) -> Iterator[str]:
    for clause in expected.clauses:
        if clause not in task.clauses:
            yield f"应引 {clause}，实际所引：{'、'.join(task.clauses)}"
