"""The demo county 演示县: its stories told together, in order of time, by one scheduler.

What happens in a case follows from the case (`ways`, `desk`); when it happens follows from its
deadlines: most in time, some late, a few never. Everything goes through `execute`.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from api.demo import (  # noqa: F401 - each registers its ways
    stories_disease,
    stories_incident,
    stories_inspection,
    stories_period,
    stories_relief,
    stories_tip,
)
from api.demo.desk import handled
from api.demo.openings import Opening, laid_out
from api.demo.people import People, luck
from api.demo.ways import WAYS, Act, Now
from domain.decider import Refused, command_type
from domain.events import SHANGHAI, Moment
from domain.fold import CaseFold
from domain.tasks import Task
from eventstore.application import Order
from eventstore.clock import InjectedClock
from eventstore.loading import Loader

LONGEST = 90  # acts in one case
PATIENCE = 3  # refusals in a row before a story is left
FORGOTTEN = timedelta(days=210)  # what was forgotten longer ago has been found since


@dataclass
class Told:
    """What came of a load."""

    events: int = 0
    commands: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Scheduler:
    """Plays all cases of the county side by side, up to the eve of `today`."""

    def __init__(
        self, loader: Loader, clock: InjectedClock, people: People, today: date, prefix: str
    ) -> None:
        self.loader, self.clock, self.people, self.prefix = loader, clock, people, prefix
        self.until = datetime.combine(today, time(0), SHANGHAI)
        self.chance = Random(f"county|{people.seed}")
        self.told = Told()
        self._heap: list[tuple[datetime, int, Any]] = []
        self._pushed = 0
        self._live: dict[str, int] = {}  # case -> refusals in a row
        self._peers: dict[str, deque[str]] = {kind: deque(maxlen=12) for kind in WAYS}
        self._asked: set[tuple[str, str]] = set()
        self._known: set[str] = set()  # cases that were heard of

    def push(self, at: datetime, what: str | Opening | Callable[[], None]) -> None:
        self._pushed += 1
        heapq.heappush(self._heap, (at, self._pushed, what))

    def run(self) -> Iterator[datetime]:
        """Play until the eve of today; yields the time reached after each step."""
        while self._heap and self._heap[0][0] < self.until:
            at, _, what = heapq.heappop(self._heap)
            if at > self.clock.now():
                self.clock.set(at)
            if isinstance(what, str):
                self._goes_on(what, at)
            elif isinstance(what, Opening):
                if what.office and not self._works(at.date()):
                    self.push(self._office(at.date()), what)
                    continue
                self._do(what.command, what.actor, None, at, what.id)
            else:
                what()
            yield at

    def _goes_on(self, case: str, at: datetime) -> None:
        fold = self.loader.fold(case)
        if fold.kind.name != "incident" and not self._works(at.date()):
            # The day was chosen before that year's holidays were announced.
            self.push(self._office(at.date()), case)
            return
        act = self._next(fold, at.date())
        refusals = self._live.pop(case)
        if act is None:
            return
        on = act.on or case
        if self._do(act.command, act.actor, on, at, after=case, happened=act.happened):
            return
        if refusals < PATIENCE:
            self._live[case] = refusals + 1
            self.push(self._office(at.date() + timedelta(days=3)), case)

    def _next(self, fold: CaseFold, day: date) -> Act | None:
        if fold.version > LONGEST:
            return None
        now = Now(day, self.people, self.loader.fold, self._peers, self._asked)
        act = handled(fold, day)
        if act is None and not any(task.returned for task in fold.open_tasks()):
            act = WAYS[fold.kind.name](fold, now)
        return act

    def _do(
        self,
        command: Any,
        actor: str,
        case: str | None,
        at: datetime,
        id: str | None = None,
        after: str | None = None,
        happened: date | None = None,
    ) -> bool:
        """Carry a command out; every case it touched goes on from there."""
        command, occurred = self._sent(command, case, at)
        order = Order(
            command=command,
            id=id or f"{self.prefix}:{self.told.commands}",
            actor=actor,
            recorder=f"经办{1 + self.told.commands % 3}",
            occurred=Moment.on(happened) if happened else occurred,
            case=None if command_type(command).opens else case,
            source="simulated",
        )
        try:
            receipt = self.loader.execute(order)
        except Refused as refused:
            self.told.refused[f"{command_type(command).name} {refused.code}"] += 1
            if command_type(command).opens and case:
                self._asked.add((case, _kind(command)))
            return False
        self.told.commands += 1
        self.told.events += len(receipt.events)
        if case and receipt.case != case:
            self._asked.add((case, _kind(command)))
        own = [after] if after else []
        touched = dict.fromkeys([*own, *(e["stream"] for e in receipt.events)])
        self.follow(touched, at)
        return True

    def follow(self, cases: dict[str, None], at: datetime) -> None:
        """Let each of these cases that has a way go on at its time."""
        for case in cases:
            kind = case.partition("-")[0]
            if kind not in WAYS:
                continue
            if case not in self._known:
                self._known.add(case)
                self._peers[kind].append(case)
            if case in self._live:
                continue
            fold = self.loader.fold(case)
            act = self._next(fold, at.date())
            if act is None:
                continue
            when = self._when(fold, act, at)
            if when is not None and when < self.until:
                self._live[case] = 0
                self.push(when, case)

    def _when(self, fold: CaseFold, act: Act, at: datetime) -> datetime | None:
        """When the act comes: by its own haste, or as the nearest deadline leaves; or never."""
        draw, pick = self.chance.random(), self.chance.random()
        # What is begun at a firm is brought to its end, and what goes through many hands mostly is.
        never = {"plan": 1.0, "inspection": 1.0, "incident": 1.0}.get(fold.kind.name, 0.982)
        if draw > never:
            if self.until - at < FORGOTTEN:
                return None
            draw = 2 * draw - 1  # most of what was forgotten longer ago was merely late
        if draw > never:
            return self._office(at.date() + timedelta(days=30 + int(pick * 90)))
        due = [t for t in fold.open_tasks() if t.is_duty and t.due and t.holder == act.actor]
        first = min(due, key=lambda t: (t.due.legal if t.due else date.max, t.id), default=None)
        if act.days is not None:
            low, high = act.days
            if high == 0:
                alarm = fold.kind.name == "incident"  # where reports are due by the hour
                soon = at + timedelta(minutes=3 + int(pick * (12 if alarm else 40)))
                open_now = alarm or 8 <= soon.hour < 18
                return soon if open_now else self._office(at.date() + timedelta(days=1))
            return self._office(at.date() + timedelta(days=low + int(pick * (high - low + 1))))
        if first and first.due and first.due.instant:
            left = (first.due.instant - at).total_seconds() / 60
            minutes = left * (0.2 + 0.6 * pick) if draw < 0.93 else left + 60 + pick * 600
            return at + timedelta(minutes=max(3, int(minutes)))
        return self._office(at.date() + timedelta(days=self._days(first, at.date(), draw, pick)))

    def _days(self, task: Task | None, day: date, draw: float, pick: float) -> int:
        if task is None or task.due is None:
            return 1 + int(pick * 9)
        left = (task.due.safe - day).days
        if left > 0 and draw < 0.94:
            return max(1, int(min(left, 75) * (0.1 + 0.8 * pick)))
        return max(0, left) + 1 + int(pick * 18)

    def _works(self, day: date) -> bool:
        return self.loader.reference_in_force().calendar.works(day)

    def _office(self, day: date) -> datetime:
        """A minute within office hours of the first working day from `day` on."""
        works = self.loader.reference_in_force().calendar.on_or_after(day)
        minutes = 8 * 60 + 30 + self.chance.randrange(8 * 60)
        return datetime.combine(works, time(minutes // 60, minutes % 60), SHANGHAI)

    def _sent(self, command: Any, case: str | None, at: datetime) -> tuple[Any, Moment]:
        """When it happened: to the minute where clocks run by the hour, else to the day. One in
        ten of the things somebody receives was sent on the working day before."""
        day = at.date()
        if command_type(command).name.startswith("incident."):
            return command, Moment(at, "minute")
        unstated = getattr(command, "received_on", day) is None
        if unstated and luck(f"{case}|{at}", "on its way") < 0.1:
            sent = self.loader.reference_in_force().calendar.on_or_before(day - timedelta(days=1))
            return replace(command, received_on=day), Moment.on(sent)
        return command, Moment.on(day)


def _kind(command: Any) -> str:
    return command_type(command).name.partition(".")[0]


def county(
    loader: Loader,
    clock: InjectedClock,
    people: People,
    span: tuple[date, date],
    prefix: str,
) -> Scheduler:
    """A scheduler with all that opens between the first day and today laid out."""
    first, today = span
    made = Scheduler(loader, clock, people, today, prefix)
    for at, opening in laid_out(people, loader.reference_in_force(), first, today):
        made.push(at, opening)
    return made


__all__ = ["Scheduler", "Told", "county", "luck"]
