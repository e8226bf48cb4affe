"""Tasks 待办事项: what someone owes or may do, by when, under which clause, and its clock.

Tasks are derived, never commanded: `domain/fold.py` opens and closes them by the rules in force.
What people do *to* a task (sign, transfer, return, …) stands in `domain/acts/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from domain.calendar import DAY, Due, Suspension, reckon
from domain.events import (
    INFORMANT,
    Envelope,
    Moment,
    Recorded,
    headline,
    shanghai_day,
    shanghai_minute,
)
from domain.rules import Confidence, Deadline, Reference, Rule, day_name
from domain.units import OUTSIDE_CLASSES, is_outside, party_class, role_name

TaskId = str
Outcome = Literal["done", "void", "withdrawn", "corrected"]
OUTCOMES: Mapping[Outcome, str] = {
    "done": "已办结",
    "void": "无须办理",
    "withdrawn": "已撤回",
    "corrected": "已更正失效",
}

Standing = Literal[
    "hidden", "waiting", "suspended", "running", "near", "overdue", "lapsed", "undated", "closed"
]
STANDINGS: Mapping[Standing, str] = {
    "hidden": "未出现",
    "waiting": "时限未起算",
    "suspended": "中止",
    "running": "在办",
    "near": "临期",
    "overdue": "超期",
    "lapsed": "超期失权",
    "undated": "无期限",
    "closed": "已结束",
}

Tab = Literal["to_sign", "in_hand", "helping", "returned", "waiting_on"]
TABS: Mapping[Tab, str] = {
    "to_sign": "待签收",
    "in_hand": "办理中",
    "returned": "退回我方",
    "helping": "协办",
    "waiting_on": "等待他方",
}

NEVER = date.max
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Closing:
    """How and when a task ended; `version` is the event that ended it."""

    outcome: Outcome
    day: date
    version: int


@dataclass(frozen=True)
class Return:
    """退回: who gave the task back, why, and when."""

    by: str
    reason: str
    day: date


@dataclass(frozen=True)
class Stop:
    """A suspension and what it waits for; `until` None while it lasts."""

    cause: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Task:
    """Something a party owes (duty) or may do (right), opened by a rule on an event."""

    id: TaskId
    rule: Rule
    slot: str  # distinguishes several holders of one rule on one event
    case: str
    opened: Envelope
    cause: str  # the opening event as a sentence
    holder: str
    supervisor: str | None
    sender: str  # where a return goes
    reference: Reference = field(compare=False)
    started: datetime | None = None  # the clock's anchor, when an event gave it
    start: datetime | None = None  # the anchor in force, `started` or derived from other tasks
    due: Due | None = None
    appears: date | None = None  # None: from the start; NEVER: not (yet) known
    return_by: date | None = None  # after it, silence counts as acceptance
    signed: date | None = None
    officer: str | None = None
    helpers: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    extended: int = 0
    returned: Return | None = None
    returns: int = 0
    rejected: bool = False  # its return was rejected: it must be done
    rerouted: bool = False  # its return was upheld: outside the on-time figure of both sides
    supervised: tuple[str, ...] = ()
    disputed: str | None = None
    ruled_by: str | None = None  # who ruled on it last: the office, or those above it
    closed: Closing | None = None
    ended: datetime | None = None  # the instant of the fact that closed it: hour clocks want it
    touched: int = field(default=0, compare=False)  # version of the case that last changed it

    @property
    def is_duty(self) -> bool:
        return self.rule.nature == "duty"

    @property
    def on_time(self) -> bool | None:
        """Whether it was done in time; None while open, undated or not counted.

        A task that was no longer needed counts only if its day had passed before that. Rights are
        never counted, nor is a task that was rightly returned.
        """
        if (
            self.closed is None
            or self.due is None
            or self.closed.outcome in ("withdrawn", "corrected")
            or not self.is_duty
            or self.rerouted
        ):
            return None
        late = self.closed.day > self.due.legal
        if self.due.instant and self.ended:
            late = self.ended > self.due.instant
        return False if late else (True if self.closed.outcome == "done" else None)

    def standing(self, at: datetime) -> Standing:
        """What the clock says at the moment asked; nothing of it is stored."""
        return summary(self, told=False).standing(at)

    @property
    def suspended(self) -> bool:
        return any(stop.until is None for stop in self.stops)

    def accepted(self, at: datetime) -> bool:
        """Signed, or silent past the return window (silence = accepted)."""
        return summary(self, told=False).accepted(at)


@dataclass(frozen=True)
class Summary:
    """A task as queues and pages show it; the row of the read model. Holds no computed status."""

    id: TaskId
    case: str
    rule: str
    title: str
    nature: str
    slot: str
    holder: str
    supervisor: str | None
    sender: str
    clauses: tuple[str, ...]
    consequence: str
    edition: str
    calendar: str
    opened_position: int
    opened_version: int
    opened_on: date
    cause: str
    why: str
    near_days: int
    deadline: str | None
    confidence: Confidence | None  # of the deadline: the law's, still to be verified, the county's
    start: datetime | None
    raw: date | None
    legal: date | None
    safe: date | None
    instant: datetime | None
    provisional: bool
    suspended: bool
    appears: date | None
    return_by: date | None
    signed: date | None
    officer: str | None
    helpers: tuple[str, ...]
    returned_by: str | None
    returned_reason: str | None
    rejected: bool
    rerouted: bool
    extended: int
    supervised: tuple[str, ...]
    disputed: str | None
    outcome: Outcome | None
    closed_on: date | None
    closed_version: int | None
    on_time: bool | None
    silence: bool
    immediate: bool
    touched: int

    @property
    def unseen(self) -> bool:
        """Whether it ended before it was to appear: what another's silence alone would have
        caused, and nobody was silent, was never owed."""
        return bool(self.closed_on and self.appears and self.closed_on < self.appears)

    def standing(self, at: datetime) -> Standing:
        """What the clock says at `at`."""
        today = shanghai_day(at)
        if self.unseen:
            return "hidden"
        if self.outcome:
            return "closed"
        if self.appears and self.appears > today:
            return "hidden"
        if self.deadline is None:
            return "undated"
        if self.legal is None or self.safe is None:
            return "suspended" if self.start and self.suspended else "waiting"
        if (at > self.instant) if self.instant else (today > self.legal):
            if self.silence and not self.returned_by:
                return "closed"
            return "overdue" if self.nature == "duty" else "lapsed"
        near = self.safe - timedelta(days=self.near_days)
        return "near" if near <= today else "running"

    @property
    def last(self) -> str:
        """The last lawful day, or minute of an hour clock; — where there is none."""
        return self._said(self.legal)

    @property
    def alarm(self) -> str:
        """The safe day, or minute of an hour clock; — where there is none."""
        return self._said(self.safe)

    def _said(self, day: date | None) -> str:
        return shanghai_minute(self.instant) if self.instant else str(day or "—")

    @property
    def day_name(self) -> str:
        """法定期限, or 本县口径期限 where the county set the length itself."""
        return day_name(self.confidence)

    @property
    def ended(self) -> str:
        """When and how it ended, in words; silence past its day counts as acceptance."""
        if self.outcome is None:
            return f"超期未表示，视为受理（期限{self.last}）" if self.silence else ""
        kept = "" if self.on_time is None else "（按期）" if self.on_time else "（超期）"
        return f"{self.closed_on} {OUTCOMES[self.outcome]}{kept}"

    def left(self, at: datetime) -> str:
        """What remains at `at`, or how long it is overdue, in words."""
        standing = self.standing(at)
        if standing == "undated" and self.immediate:
            return "立即办理"
        if standing not in ("near", "running", "overdue") or not (self.legal and self.safe):
            return STANDINGS[standing]
        late = standing == "overdue"
        if self.instant:
            return f"{'超期' if late else '剩'} {_span(abs(at - self.instant))}"
        if late:
            return f"超期 {(shanghai_day(at) - self.legal).days} 天"
        days = (self.safe - shanghai_day(at)).days
        if days > 0:
            return f"剩 {days} 天" if self.safe == self.legal else f"距稳妥期限 {days} 天"
        return "今日到期" if days == 0 else "已过稳妥期限"

    def accepted(self, at: datetime) -> bool:
        """Signed, or silent past the return window (silence = accepted)."""
        deemed = self.return_by is not None and shanghai_day(at) > self.return_by
        return self.signed is not None or deemed or self.rejected

    def tab(self, unit: str, at: datetime) -> Tab | None:
        """The tab of `unit`'s queue this task stands in; None if in none."""
        if self.holder == unit:
            if self.returned_by:
                return "returned"
            return "in_hand" if is_outside(unit) or self.accepted(at) else "to_sign"
        if unit in self.helpers:
            return "helping"
        if unit in (self.supervisor, self.returned_by):
            return "waiting_on"
        return None


def _span(time: timedelta) -> str:
    """A length of time as one says it: days, else hours, else minutes."""
    if time.days:
        return f"{time.days} 天"
    return f"{time // HOUR} 小时" if time >= HOUR else f"{time.seconds // 60} 分钟"


def summary(task: Task, *, told: bool = True) -> Summary:
    """The task as a row of the read model; without the sentence `why` where nobody reads it."""
    due, closed, back, deadline = task.due, task.closed, task.returned, deadline_of(task)
    edition, calendar = task.reference.key
    return Summary(
        id=task.id,
        case=task.case,
        rule=task.rule.id,
        title=task.rule.title,
        nature=task.rule.nature,
        slot=task.slot,
        holder=task.holder,
        supervisor=task.supervisor,
        sender=task.sender,
        clauses=task.rule.clauses,
        consequence=task.rule.consequence,
        edition=edition,
        calendar=calendar,
        opened_position=task.opened.position,
        opened_version=task.opened.version,
        opened_on=task.opened.occurred.day,
        cause=task.cause,
        why=why(task) if told else "",
        deadline=task.rule.deadline,
        confidence=deadline.confidence if deadline else None,
        near_days=_near_days(task),
        start=task.start,
        raw=due.raw if due else None,
        legal=due.legal if due else None,
        safe=due.safe if due else None,
        instant=due.instant if due else None,
        provisional=bool(due and due.provisional),
        suspended=task.suspended,
        appears=task.appears,
        return_by=task.return_by,
        signed=task.signed,
        officer=task.officer,
        helpers=task.helpers,
        returned_by=back.by if back else None,
        returned_reason=back.reason if back else None,
        rejected=task.rejected,
        rerouted=task.rerouted,
        extended=task.extended,
        supervised=task.supervised,
        disputed=task.disputed,
        outcome=closed.outcome if closed else None,
        closed_on=closed.day if closed else None,
        closed_version=closed.version if closed else None,
        on_time=task.on_time,
        silence=task.rule.silence,
        immediate=task.rule.immediate,
        touched=task.touched,
    )


def _near_days(task: Task) -> int:
    """From how many days before its safe day it is marked 临期: its deadline's own, else policy."""
    deadline = deadline_of(task)
    own = deadline.near if deadline else None
    return int(task.reference.edition.policy("near-due-days")) if own is None else own


def task_id(case: str, version: int, rule: str, slot: str) -> TaskId:
    """The same under every edition and every replay; short enough to type."""
    digest = hashlib.sha256(f"{case}|{version}|{rule}|{slot}".encode()).hexdigest()
    return f"t-{digest[:16]}"


def anchored(rule: Rule, recorded: Recorded) -> datetime:
    """Where the clock starts: a duty-holder's when the fact happened, a receiving unit's when it
    was delivered to it."""
    counted: date | None = (
        getattr(recorded.event, rule.counted_from, None) if rule.counted_from else None
    )
    if counted:
        return counted if isinstance(counted, datetime) else Moment.on(counted).at
    if rule.anchor == "delivered":
        return delivered_at(rule, recorded)
    return recorded.envelope.occurred.at


def delivered_at(rule: Rule, recorded: Recorded) -> datetime:
    """When the receiver itself states or a receipt proves, otherwise when it was recorded."""
    stated: date | None = getattr(recorded.event, rule.received, None) if rule.received else None
    if isinstance(stated, datetime):
        return stated
    if stated:
        return Moment.on(stated).at
    envelope = recorded.envelope
    if envelope.occurred.day > envelope.recorded_on:  # corrected to a day after it was recorded
        return envelope.occurred.at
    # Clocks of hours run from the minute (CR1).
    return envelope.recorded_at.replace(second=0, microsecond=0)


def return_day(task: Task, delivered: datetime) -> date | None:
    """The last day on which a unit may return a duty; 信访工作条例 22 by analogy, local policy."""
    if not task.is_duty or is_outside(task.holder) or not task.rule.returnable:
        return None
    window = int(task.reference.edition.policy("return-window-working-days"))
    return task.reference.calendar.add_working_days(shanghai_day(delivered), window)


def stopped(task: Task, cause: str, at: datetime) -> Task:
    """中止: the clock keeps the days that remain."""
    return dated(replace(task, stops=(*task.stops, Stop(cause, at))))


def resumed(task: Task, cause: str, at: datetime) -> Task:
    """恢复: the oldest open stop of this cause ends; another (a second arbitration) lasts."""
    stops = list(task.stops)
    for index, stop in enumerate(stops):
        if stop.cause == cause and stop.until is None:
            stops[index] = replace(stop, until=max(at, stop.since))
            break
    return dated(replace(task, stops=tuple(stops)))


def dated(task: Task, start: datetime | None = None) -> Task:
    """The task with its due date worked out from its own clock."""
    start = start or task.started
    deadline = deadline_of(task)
    due = None
    if start and deadline:
        due = reckon(
            task.reference.calendar,
            start,
            deadline.length,
            deadline.unit,
            suspensions=(Suspension(s.since, s.until) for s in task.stops),
            extended=task.extended,
            rolls=deadline.rolls,
        )
    return replace(task, start=start, due=due)


def counted(deadline: str, start: date, reference: Reference) -> Due:
    """The days of a deadline of the law from a day on, apart from any task."""
    length = reference.edition.deadline(deadline, start)
    assert length is not None, deadline
    at = Moment.on(start).at
    due = reckon(reference.calendar, at, length.length, length.unit, rolls=length.rolls)
    assert due is not None
    return due


def deadline_of(task: Task) -> Deadline | None:
    """The deadline as in force on the day the triggering fact happened (CR8)."""
    if task.rule.deadline is None:
        return None
    return task.reference.edition.deadline(task.rule.deadline, task.opened.occurred.day)


def rereferenced(task: Task, reference: Reference) -> Task:
    """The task under a newly adopted law and calendar.

    A rule the new edition lacks stays, with the law it came from; only its calendar is new.
    """
    rule = reference.edition.rule(task.rule.id, task.opened.occurred.day)
    if rule is None:
        rule, reference = task.rule, Reference(task.reference.edition, reference.calendar)
    derived_start = task.start if task.rule.starts_after else None
    return dated(replace(task, rule=rule, reference=reference), derived_start)


def why(task: Task) -> str:
    """为何在此: rule, clause, edition, event and the sum that made the date, in one sentence."""
    edition = task.reference.edition
    clauses = "、".join(edition.clauses[c].title for c in task.rule.clauses if c in edition.clauses)
    number = f"第{task.opened.position}号事件"
    told = f"因{number}“{task.cause}”（{task.opened.occurred.day}），{_missed(task)}"
    told += f"依{clauses}（规则{task.rule.id}，法规版次{edition.id[:8]}），"
    name = party_name(task.holder, task.reference)
    told += f"由{name}负责" if task.is_duty else f"{name}有权"
    return f"{told}“{task.rule.title}”；{_clock(task)}。"


def _missed(task: Task) -> str:
    """What another rule's day passed without, where that is why the task appears."""
    day, other = task.opened.occurred.day, task.rule.appears_after
    before = task.reference.edition.rule(other, day) if other else None
    if before is None or task.appears is None or task.appears == NEVER:
        return ""
    silent = "没有表示、视为受理" if before.silence else ""
    done = silent or ("仍未办结" if before.nature == "duty" else "未行使")
    return f"且“{before.title}”至{task.appears - DAY}{done}的，"


def _clock(task: Task) -> str:
    deadline = deadline_of(task)
    if task.due:
        name = day_name(deadline.confidence if deadline else None)
        unpublished = "办结时为" if task.closed else ""
        unpublished += "暂定：所涉年份节假日安排尚未公布"
        provisional = f"（{unpublished}）" if task.due.provisional else ""
        if task.due.instant:  # an hour clock has no safe day: its minute is the last
            return f"{task.due.sum}，{name}{shanghai_minute(task.due.instant)}"
        return f"{task.due.sum}，{name}{task.due.legal}，稳妥期限{task.due.safe}{provisional}"
    if task.start and task.suspended:
        stop = next(s for s in task.stops if s.until is None)
        # An act that stops a clock is the stop itself, not its cause.
        cause = "" if stop.cause == "task.suspended" else f"因“{headline(stop.cause)}”"
        since = f"自{shanghai_day(stop.since)}起{cause}"
        return f"时限{since}中止，剩余期间保留，恢复后另算期限"
    if deadline is None:
        return "须立即办理" if task.rule.immediate else "无法定期限"
    return f"时限尚未起算，待{_awaited(task)}后起算"


def _awaited(task: Task) -> str:
    """What starts the clock: an event, or the end of another's time."""
    edition, day = task.reference.edition, task.opened.occurred.day
    ends = [edition.rule(id, day) for id in task.rule.starts_after]
    return "、".join(
        [f"“{headline(type)}”" for type in task.rule.starts_on]
        + [f"“{rule.title}”期限届满" for rule in ends if rule]
    )


def party_name(party: str, reference: Reference) -> str:
    """A unit's short name, or the Chinese class of an outside party with its identifier; of an
    informant the class alone: whoever reads the sentence need not learn who he is."""
    return reference.edition.unit_names.get(party) or _outside(party)


def _outside(party: str) -> str:
    klass, colon, identifier = party.partition(":")
    if colon and klass == INFORMANT:
        return OUTSIDE_CLASSES[INFORMANT]
    return f"{OUTSIDE_CLASSES.get(klass, klass)} {identifier}" if colon else role_name(party)


PERSONS = ("worker", "citizen")


def called(party: str | None, reference: Reference) -> str:
    """A party as a refusal says it, so that a code can be looked up: 卫健局（HB）. A person is
    called by class alone: whoever is refused need not learn who informed."""
    if party is None:
        return "（无）"
    if party == "system":
        return "系统"
    if is_outside(party) and party_class(party) in PERSONS:
        return OUTSIDE_CLASSES[party_class(party)]
    unit = reference.edition.units.get(party)
    return f"{unit.name}（{party}）" if unit else _outside(party)


def in_english(party: str | None) -> str:
    """A party in the English of a refusal: its code, of a person the class alone."""
    person = party is not None and is_outside(party) and party_class(party) in PERSONS
    return party_class(party) if party and person else str(party)
