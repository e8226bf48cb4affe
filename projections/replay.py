"""Replay 重放: a case told again event by event, from the records alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.events import Recorded, sentence
from domain.fold import CaseFold, empty
from domain.reference import STREAM
from domain.rules import Edition
from domain.tasks import OUTCOMES, Task, party_name, summary
from eventstore.application import kind_of
from projections import cases
from projections.county import County
from projections.reading import View


@dataclass(frozen=True)
class Step:
    """One event, and what it did to the case's tasks, each in one line."""

    position: int
    version: int
    sentence: str
    changes: tuple[str, ...]


def told(view: View, case: str) -> Iterator[Step]:
    """The steps of a case up to the moment the view asks about."""
    before = empty(kind_of(case), case)
    for recorded in view.events(case):
        after = view.log.stepped(before, recorded)
        envelope = recorded.envelope
        law = view.log.reference(envelope.edition, envelope.calendar).edition
        yield _step(before, after, recorded, law)
        before = after


def _step(before: CaseFold, after: CaseFold, recorded: Recorded, law: Edition) -> Step:
    told = ((before.tasks.get(id), task) for id, task in after.tasks.items())
    changes = tuple(line for old, task in told for line in _change(old, task))
    said = sentence(recorded.event, law.names)
    return Step(recorded.envelope.position, recorded.envelope.version, said, changes)


def _change(old: Task | None, task: Task) -> Iterator[str]:
    now = summary(task)
    legal = f"{now.day_name}{now.last}" if task.due else "无期限日"
    name, holder = f"“{task.rule.title}”", party_name(task.holder, task.reference)
    if old is None:
        yield f"＋ {holder} {name}，{legal}"
        return
    if old.closed is None and task.closed:
        yield f"－ {holder} {name}：{OUTCOMES[task.closed.outcome]}"
    if old.holder != task.holder:
        yield f"→ {name}：{party_name(old.holder, task.reference)} 转 {holder}"
    was = summary(old).last if old.due else "无期限日"
    if was != (now.last if task.due else "无期限日") and not task.closed:
        yield f"± {name}：{was} 改为 {legal}"


def differences(
    county: County, progress: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[str]:
    """Where the live read models differ from the records folded anew, case by case."""
    with county.reading.view(county.log.clock.now()) as view:
        streams = [s for s in view.streams() if s != STREAM]
        for number, stream in enumerate(streams, 1):
            yield from _differs(view, stream)
            progress(number, len(streams))


def _differs(view: View, stream: str) -> Iterator[str]:
    if view.parked(stream) is not None:
        yield f"{stream}：已停办 / parked"
        return
    fold = view.fold(stream)
    shown: dict[str, Any] = view.case(stream) or {}
    row = cases.row(fold)
    if {name: shown.get(name) for name in row} != row:
        yield f"{fold.number}：案件行不符 / the case's row differs"
    anew = {id: summary(task) for id, task in fold.tasks.items()}
    kept = {task.id: task for task in view.tasks_of(stream)}
    for id in anew.keys() | kept.keys():
        if anew.get(id) != kept.get(id):
            yield f"{fold.number} {id}：事项行不符 / the task's row differs"
