"""The fold 折叠: a case as its events make it, with every task its rules open.

`step` is the one place where events become tasks. It is total, reads no clock, and each event is
folded under the law and calendar in force at its own position, so nothing adopted later rewrites
yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from domain import acts, papers
from domain.calendar import DAY
from domain.corrections import FactCorrected, ReferenceApplied, corrected
from domain.decider import CaseKind
from domain.events import Moment, Recorded, sentence
from domain.links import REVIEWED, BasisQuestioned, BasisReviewed, ReliedOn
from domain.papers import Papers
from domain.rules import EVERY_KIND, Reference, Rule
from domain.rulings import RulingFollowed
from domain.tasks import (
    NEVER,
    Closing,
    Task,
    TaskId,
    anchored,
    dated,
    delivered_at,
    rereferenced,
    resumed,
    return_day,
    stopped,
    task_id,
)
from domain.units import LEADING_GROUP_OFFICE, is_outside


@dataclass(frozen=True)
class CaseFold:
    """A case as its events make it: the kind's state, the tasks, and the facts as corrected."""

    kind: CaseKind
    case: str
    version: int = 0
    touched: int = 0  # the last version that was not a mere act on one of its tasks
    position: int = 0
    number: str | None = None
    opened_on: date | None = None
    state: Any = None
    tasks: Mapping[TaskId, Task] = field(default_factory=dict)
    facts: tuple[tuple[Recorded, Reference], ...] = ()
    papers: Papers = field(default_factory=Papers)
    dependents: tuple[str, ...] = ()  # cases that rest on this one

    @property
    def parties(self) -> Mapping[str, str]:
        return self.kind.parties(self.state)

    @property
    def township(self) -> str | None:
        """Where the case lies, as far as its kind says; for figures by area alone."""
        place = self.kind.place
        return place(self.state) if place else self.parties.get("township")

    @property
    def under_review(self) -> bool:
        """What the case rests on has changed, and who must look again has not yet said."""
        return any(REVIEWED in task.rule.closed_by for task in self.open_tasks())

    @property
    def status(self) -> str:
        """The kind's word for where the case stands, marked while its basis is under review."""
        said = self.kind.status(self.state)
        return f"{said}（复核中）" if self.under_review else said

    def open_tasks(self) -> list[Task]:
        return [task for task in self.tasks.values() if task.closed is None]

    def open_under(self, *rules: str) -> list[Task]:
        """The open tasks of these rules."""
        return [task for task in self.open_tasks() if task.rule.id in rules]

    def visible(self, at: datetime) -> list[Task]:
        """The open tasks that show at `at`."""
        return [
            t for t in self.open_tasks() if t.standing(at) not in ("hidden", "lapsed", "closed")
        ]

    def under(self, reference: Reference) -> CaseFold:
        """The case with its open tasks under a newly adopted law and calendar."""
        tasks = {
            id: task if task.closed else rereferenced(task, reference)
            for id, task in self.tasks.items()
        }
        return _derived(replace(self, tasks=tasks))

    def fact(self, version: int) -> Recorded | None:
        """The fact recorded as `version`, with corrections applied."""
        return next((f for f, _ in self.facts if f.envelope.version == version), None)

    def facts_of(self, *types: type[Any]) -> list[Recorded]:
        """The facts of these types in their order, with corrections applied."""
        return [fact for fact, _ in self.facts if isinstance(fact.event, types)]


def empty(kind: CaseKind, case: str) -> CaseFold:
    return CaseFold(kind=kind, case=case, state=kind.initial)


def step(fold: CaseFold, recorded: Recorded, reference: Reference) -> CaseFold:
    """The case after one more event, under the reference in force at its position. Total."""
    envelope = recorded.envelope
    before = fold
    fold = replace(
        fold,
        version=envelope.version,
        touched=fold.touched if isinstance(recorded.event, acts.TaskAct) else envelope.version,
        position=envelope.position,
        number=fold.number or envelope.case_number,
        opened_on=fold.opened_on or envelope.occurred.day,
    )
    if isinstance(recorded.event, FactCorrected):
        return _tagged(before, _corrected(fold, recorded, recorded.event))
    fold = replace(fold, facts=(*fold.facts, (recorded, reference)))
    return _tagged(before, _fact(fold, recorded, reference))


def _tagged(before: CaseFold, after: CaseFold) -> CaseFold:
    """Each task that the event changed bears its version: what a page was shown can be told apart
    from what has been changed since, task by task.
    """
    tasks = {}
    for id, task in after.tasks.items():
        old = before.tasks.get(id)
        same = old is not None and (old is task or old == task)
        touched = old.touched if old is not None and same else after.version
        tasks[id] = task if task.touched == touched else replace(task, touched=touched)
    return replace(after, tasks=tasks)


def _fact(fold: CaseFold, recorded: Recorded, reference: Reference) -> CaseFold:
    match recorded.event:
        case acts.TaskAct() as act:
            # An act on a task another rule set lacks is unmatched, never a crash.
            task = fold.tasks.get(act.task)
            tasks = dict(fold.tasks)
            if task and task.closed is None:
                tasks[task.id] = acts.evolve(task, act, recorded)
            if isinstance(act, acts.RULED_ON):
                fold, tasks = _ruled(replace(fold, tasks=tasks), recorded, reference)
        case ReferenceApplied():
            return fold.under(reference)
        case ReliedOn(case=case):
            fold = replace(fold, dependents=tuple(dict.fromkeys((*fold.dependents, case))))
            fold, tasks = _ruled(fold, recorded, reference)
        case RulingFollowed():
            tasks = dict(fold.tasks)
        case BasisQuestioned() | BasisReviewed() as told if type(told) not in fold.kind.events:
            fold, tasks = _ruled(fold, recorded, reference)
        case _:
            fold, tasks = _kind_fact(fold, recorded, reference)
    return _derived(replace(fold, tasks=_settled(tasks, recorded)))


def _settled(tasks: Mapping[TaskId, Task], recorded: Recorded) -> dict[TaskId, Task]:
    """A task about another one (the ruling a dispute asks for) ends when that is settled: done,
    or in other hands."""
    closing = Closing("void", recorded.envelope.occurred.day, recorded.envelope.version)
    return {
        id: replace(task, closed=closing) if _idle(task, tasks) else task
        for id, task in tasks.items()
    }


def _idle(task: Task, tasks: Mapping[TaskId, Task]) -> bool:
    about = tasks.get(task.slot)
    return not task.closed and about is not None and bool(about.closed or about.disputed is None)


def _kind_fact(
    fold: CaseFold, recorded: Recorded, reference: Reference
) -> tuple[CaseFold, dict[TaskId, Task]]:
    """A fact of the case's own kind, or a paper of any; then the rules speak."""
    if isinstance(recorded.event, papers.PaperFact):
        fold = replace(fold, papers=papers.evolve(fold.papers, recorded))
    else:
        fold = replace(fold, state=fold.kind.evolve(fold.state, recorded.event))
    return _ruled(fold, recorded, reference)


def _ruled(
    fold: CaseFold, recorded: Recorded, reference: Reference
) -> tuple[CaseFold, dict[TaskId, Task]]:
    """What the rules make of a fact: tasks close, start, stop and open."""
    tasks = {
        id: task if task.closed else _touched(fold, task, recorded)
        for id, task in fold.tasks.items()
    }
    for rule in reference.edition.opening.get(recorded.envelope.type, ()):
        if _opens(fold, rule, recorded):
            for task in _opened(fold, rule, recorded, reference):
                tasks[task.id] = task
    return fold, tasks


def _corrected(fold: CaseFold, correction: Recorded, change: FactCorrected) -> CaseFold:
    """Fold the case anew with the corrected value as if it had stood from the start (更正).

    Task ids stay, dates move; a task whose condition no longer holds closes as 已更正失效; acts
    done stand.
    """
    facts = tuple(
        (corrected(fact, change), reference)
        if (fact.envelope.version, fact.envelope.type) == (change.target, change.target_type)
        else (fact, reference)
        for fact, reference in fold.facts
    )
    anew = empty(fold.kind, fold.case)
    for fact, reference in facts:
        anew = _fact(anew, fact, reference)
    closing = Closing("corrected", correction.envelope.occurred.day, fold.version)
    gone = {
        id: task if task.closed else replace(task, closed=closing)
        for id, task in fold.tasks.items()
        if id not in anew.tasks
    }
    opened_on = facts[0][0].envelope.occurred.day if facts else fold.opened_on
    tasks = {**gone, **anew.tasks}
    fold = replace(fold, opened_on=opened_on, state=anew.state, papers=anew.papers)
    return replace(fold, tasks=tasks, facts=facts)


def _opens(fold: CaseFold, rule: Rule, recorded: Recorded) -> bool:
    return (
        rule.kind in (fold.kind.name, EVERY_KIND)
        and rule.in_force(recorded.envelope.occurred.day)
        and _holds(fold, rule.when, recorded.event)
    )


def _holds(fold: CaseFold, condition: str | None, event: Any) -> bool:
    if condition is None:
        return True
    if condition in papers.CONDITIONS:
        return papers.CONDITIONS[condition](fold.papers, event)
    return fold.kind.conditions[condition](fold.state, event)


def _opened(fold: CaseFold, rule: Rule, recorded: Recorded, reference: Reference) -> Iterable[Task]:
    envelope = recorded.envelope
    for slot in _slots(rule, recorded.event):
        supervisor = _supervisor(fold, rule, recorded.event)
        # A duty of somebody not yet known (the hospital of an incident) is its supervisor's.
        unknown = slot in fold.kind.roles and slot not in fold.parties
        holder = supervisor if unknown and supervisor else fold.parties.get(slot, slot)
        if rule.slot:
            slot = str(getattr(recorded.event, rule.slot))
        named_by_act = rule.holder.startswith("@") and not is_outside(envelope.actor)
        anchor = anchored(rule, recorded)
        # Told from which day it counts it runs from there, and what starts it later moves it.
        told = rule.counted_from and getattr(recorded.event, rule.counted_from, None)
        waits = bool(rule.starts_on or rule.starts_after) and not told
        task = Task(
            id=task_id(fold.case, envelope.version, rule.id, slot),
            rule=rule,
            slot=slot,
            case=fold.case,
            opened=envelope,
            cause=sentence(recorded.event, reference.edition.names),
            holder=holder,
            supervisor=supervisor,
            # A return goes to the unit whose act routed the task, else to 领导小组办公室.
            sender=rule.returned_to or (envelope.actor if named_by_act else LEADING_GROUP_OFFICE),
            reference=reference,
            started=None if waits else anchor,
            appears=NEVER if rule.appears_after else None,
        )
        yield dated(replace(task, return_by=return_day(task, delivered_at(rule, recorded))))


def _supervisor(fold: CaseFold, rule: Rule, event: Any) -> str | None:
    """Who watches over an outside holder: a unit, a role, or the event's `@field`."""
    if rule.supervisor is None or not rule.supervisor.startswith("@"):
        return fold.parties.get(rule.supervisor, rule.supervisor) if rule.supervisor else None
    named = getattr(event, rule.supervisor[1:], None)
    return str(named) if named else None


def _slots(rule: Rule, event: Any) -> tuple[str, ...]:
    """The roles (or units) that hold the task: a name, or what the `@field` of the event says."""
    if not rule.holder.startswith("@"):
        return (rule.holder,)
    named = getattr(event, rule.holder[1:], None)
    match named:
        case None:
            return ()
        case tuple():
            return named
        case _:
            return (str(named),)


def _touched(fold: CaseFold, task: Task, recorded: Recorded) -> Task:
    """The task after a fact of its case: closed, no longer needed, started, stopped, resumed."""
    rule, type, event = task.rule, recorded.envelope.type, recorded.event
    if not papers.concerns(event, task.opened):
        return task
    day = recorded.envelope.occurred.day
    if type in rule.closed_by and _closes(fold, task, event):
        closing = Closing("done", day, recorded.envelope.version)
        return replace(task, closed=closing, ended=recorded.envelope.occurred.at, returned=None)
    if type in rule.void_by and _holds(fold, rule.void_when, event):
        closing = Closing("void", day, recorded.envelope.version)
        return replace(task, closed=closing, ended=recorded.envelope.occurred.at, returned=None)
    if type in rule.moved_by:
        to = str(getattr(event, rule.holder.removeprefix("@")))
        if to != task.holder:
            task = acts.moved(task, to, recorded)
    if type in rule.starts_on and _mine(task, event):
        start = anchored(rule, recorded)
        if rule.starts_after and task.started:  # with several parties, the last (CR6)
            start = max(start, task.started)
        task = dated(replace(task, started=start))
    if type in rule.suspended_by:
        return stopped(task, type, recorded.envelope.occurred.at)
    if type in rule.resumed_by:
        causes = [s for s, r in zip(rule.suspended_by, rule.resumed_by, strict=True) if r == type]
        for cause in causes:
            task = resumed(task, cause, recorded.envelope.occurred.at)
    return task


def _closes(fold: CaseFold, task: Task, event: Any) -> bool:
    return _mine(task, event) and _holds(fold, task.rule.closed_when, event)


def _mine(task: Task, event: Any) -> bool:
    """Where an event names a party, it touches only that party's task, held or supervised."""
    by = task.rule.closed_by_holder
    if by is None:
        return True
    named = getattr(event, by, None)
    return named is not None and named in (task.slot, task.holder, task.supervisor)


def _derived(fold: CaseFold) -> CaseFold:
    """Tasks whose start or appearance hangs on other tasks of the case."""
    tasks = dict(fold.tasks)
    for task in fold.open_tasks():
        if task.rule.starts_after:
            tasks[task.id] = task = _started_after(fold, task, tasks.values())
        if task.rule.appears_after:
            tasks[task.id] = replace(task, appears=_appearance(task, tasks.values()))
    return replace(fold, tasks=tasks)


def _started_after(fold: CaseFold, task: Task, others: Iterable[Task]) -> Task:
    """A window that starts at another's end starts at its legal end; with several, the last."""
    ends = [t for t in others if t.rule.id in task.rule.starts_after and t.closed is None]
    if not _holds(fold, task.rule.starts_when, None) or any(t.due is None for t in ends):
        return replace(task, start=None, due=None)
    moments = [Moment.on(t.due.legal).at for t in ends if t.due]
    if task.started:
        moments.append(task.started)
    if not moments:
        return dated(task)
    after = dated(task, max(moments))
    if after.due and any(t.due and t.due.provisional for t in ends):
        after = replace(after, due=replace(after.due, provisional=True))
    return after


def _appearance(task: Task, others: Iterable[Task]) -> date:
    """A task caused by another's silence shows the day after the other's legal day."""
    # The other opened with this one, or is what was passed on when this one opened.
    before = (
        other
        for other in others
        if other.rule.id == task.rule.appears_after and other.opened.version <= task.opened.version
    )
    other = max(before, key=lambda o: o.opened.version, default=None)
    if other is None or other.due is None or other.returned:  # whoever gave it back is not silent
        return NEVER
    late = other.closed and other.closed.day > other.due.legal
    if other.closed and not (late and other.closed.outcome == "done"):
        return NEVER
    return other.due.legal + DAY
