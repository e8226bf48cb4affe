"""Figures 数字: what each duty counts for in a year, and the sums a unit is judged by.

A duty counts twice, in ways that are kept apart. As one of the duties in hand 件数 it counts in
every year it is open in: carried over or arisen, and then ended or left open, so that

    上年结转 + 本年产生 = 本年办结 + 其他终结 + 期末未结

For the on-time figure 按期 it counts once, in the year of its legal day. It is judged at one
instant, on its legal day (an hour clock to the second); a breach is charged to whoever holds it
then. Rights are no duties and enter no figure. Basis: 43号文 四(三); the counting itself is a
design of this software, to be confirmed by the county.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from domain.events import shanghai_day
from domain.rules import Edition
from domain.tasks import Summary

Source = Literal["carried", "arisen", "before"]
SOURCES: dict[Source, str] = {
    "carried": "上年结转",
    "arisen": "本年产生",
    "before": "以前年度已结",
}

End = Literal["done", "ended", "left", "before"]
ENDS: dict[End, str] = {
    "done": "本年办结",
    "ended": "其他终结",
    "left": "期末未结",
    "before": "以前年度已结",
}

Left = Literal["overdue", "running", "undated"]
LEFT: dict[Left, str] = {"overdue": "已超期", "running": "未到期", "undated": "未定期限"}

Verdict = Literal["on_time", "late", "overdue", "not_yet", "undated", "excluded", "elsewhere"]
VERDICTS: dict[Verdict, str] = {
    "on_time": "按期办结",
    "late": "逾期办结",
    "overdue": "超期未结",
    "not_yet": "未到期",
    "undated": "未定期限",
    "excluded": "不计",
    "elsewhere": "期限在他年",
}


@dataclass(frozen=True)
class Judged:
    """A duty as it counts for a year: where it came from, what became of it, and the verdict on
    its deadline with the reason where it enters no rate."""

    task: Summary
    begun_on: date
    ended_on: date | None  # up to the year's end; None while open
    source: Source
    end: End
    left: Left | None  # how it stands, where it is left open
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Sums:
    """The figures of one unit. `due` is what the on-time rate is taken of."""

    carried: int = 0
    carried_done: int = 0
    arisen: int = 0
    done: int = 0
    ended: int = 0
    left: int = 0
    left_overdue: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    not_yet: int = 0
    undated: int = 0
    excluded: int = 0
    elsewhere: int = 0

    @property
    def due(self) -> int:
        """应办: duties whose day lies in the year and came, and that count."""
        return self.on_time + self.late + self.overdue

    @property
    def rate(self) -> Fraction | None:
        """按期率: the share done in time of what was due; None where nothing was."""
        return Fraction(self.on_time, self.due) if self.due else None

    def __add__(self, other: Sums) -> Sums:
        both = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)}
        return Sums(**both)


def judged(task: Summary, year: int, at: datetime) -> Judged | None:
    """How a task counts for the year, judged at `at`; None where it has nothing to do with it."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    upto = min(last, shanghai_day(at))
    begun = max(task.opened_on, task.appears or task.opened_on)
    if task.nature != "duty" or begun > upto or task.unseen:
        return None
    ended = _ended_on(task, at)
    if ended is not None and ended > upto:
        ended = None
    # What was entered late may have ended before it began: then it did both on one day.
    ended = max(ended, begun) if ended else None
    source: Source = "arisen" if begun >= first else "carried"
    if ended and ended < first:
        source = "before"
    counted = _year_of_rate(task, begun)
    if source == "before" and counted != year:
        return None
    verdict, reason = _verdict(task, year, counted, at)
    end = "before" if source == "before" else _end(task, ended, at)
    left = _left(task, at) if end == "left" else None
    return Judged(task, begun, ended, source, end, left, verdict, reason)


def _ended_on(task: Summary, at: datetime) -> date | None:
    """The day the duty ended; where silence counts as done, its legal day."""
    return task.legal if _silent(task, at) else task.closed_on


def _silent(task: Summary, at: datetime) -> bool:
    """Whether silence ended it: what was done about it after its legal day changes nothing."""
    if task.closed_on:
        return task.silence and task.legal is not None and task.closed_on > task.legal
    return task.outcome is None and task.standing(at) == "closed"


def _year_of_rate(task: Summary, begun: date) -> int | None:
    """The one year in whose on-time figure a duty counts: that of its legal day. What came to be
    known after that day counts in the year it was known in: no earlier export could hold it."""
    return max(task.legal.year, begun.year) if task.legal else None


def _end(task: Summary, ended: date | None, at: datetime) -> End:
    if ended is None:
        return "left"
    return "done" if task.outcome == "done" and not _silent(task, at) else "ended"


def _left(task: Summary, at: datetime) -> Left:
    if task.legal is None:
        return "undated"
    return "overdue" if task.standing(at) == "overdue" else "running"


def _verdict(task: Summary, year: int, counted: int | None, at: datetime) -> tuple[Verdict, str]:
    if counted is not None and counted != year:
        return "elsewhere", f"期限计入{counted}年度"
    reason = _left_out(task, at)
    if reason:
        return "excluded", reason
    if task.legal is None:
        return "undated", ""
    if task.outcome:
        needless = "期限过后才无须办理" if task.outcome == "void" else ""
        return ("on_time" if task.on_time else "late"), needless
    return ("overdue" if task.standing(at) == "overdue" else "not_yet"), ""


def _left_out(task: Summary, at: datetime) -> str:
    if task.rerouted:
        return "退回经确认，双方均不计"
    if task.outcome == "withdrawn":
        return "已撤回"
    if task.outcome == "corrected":
        return "已更正失效"
    if task.outcome == "void" and task.on_time is not False:
        return "期限届满前已无须办理"
    return "沉默视为办结" if _silent(task, at) else ""


def why_undated(task: Summary, edition: Edition) -> str:
    """Why a duty has no legal day: no law gives one, its clock has not started, or is stopped."""
    versions = edition.deadlines.get(task.deadline, ()) if task.deadline else ()
    deadline = next((d for d in versions if d.in_force(task.opened_on)), None)
    if deadline is None:
        return "无法定期限"
    if task.start and task.suspended:
        return "时限中止，恢复后另算期限"
    never = "时限未起算即已终结" if task.outcome else "时限未起算"
    return f"{never}：自{deadline.counted_from}起算"


def figure(one: Judged) -> Sums:
    """What one duty adds."""
    added: dict[str, int] = {one.verdict: 1}
    if one.source != "before":
        added[one.source] = 1
        added[one.end] = 1
        added["carried_done"] = int(one.source == "carried" and one.end == "done")
        added["left_overdue"] = int(one.left == "overdue")
    return Sums(**added)
