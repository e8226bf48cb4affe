"""Figures 数字: what each duty counts for in a year, and the sums a unit is judged by.

A duty counts for the year in which its legal day lies. It is judged at one instant, on its legal
day (an hour clock to the second); a breach is charged to whoever holds the duty then. Rights are
no duties and enter no figure; nor does what was rightly returned, withdrawn, corrected away, or no
longer needed before its day, which is listed with the reason. Basis: 43号文 四(三); the counting
itself is a design of this software, to be confirmed by the county.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction
from typing import Literal

from domain.events import shanghai_day
from domain.tasks import Summary

Verdict = Literal["on_time", "late", "overdue", "not_yet", "undated", "excluded"]
VERDICTS: dict[Verdict, str] = {
    "on_time": "按期办结",
    "late": "逾期办结",
    "overdue": "超期未结",
    "not_yet": "未到期",
    "undated": "未定期限",
    "excluded": "不计",
}


@dataclass(frozen=True)
class Judged:
    """A duty as it counts for a year: the verdict, and why where it is left out."""

    task: Summary
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Sums:
    """The figures of one unit. `due` is what the on-time rate is taken of."""

    opened: int = 0
    closed: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    not_yet: int = 0
    undated: int = 0
    excluded: int = 0

    @property
    def due(self) -> int:
        """应办: duties whose day came, and that count."""
        return self.on_time + self.late + self.overdue

    @property
    def rate(self) -> Fraction | None:
        """按期率: the share done in time of what was due; None where nothing was."""
        return Fraction(self.on_time, self.due) if self.due else None

    def __add__(self, other: Sums) -> Sums:
        both = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)}
        return Sums(**both)


def judged(task: Summary, year: int, at: datetime) -> Judged | None:
    """How a task counts for the year, judged at `at`; None where it has nothing to do with it.

    A duty without a legal day (not started, suspended, or without a deadline) belongs to the year
    in which it was opened.
    """
    standing = task.standing(at)
    shown = task.appears is None or (task.closed_on or shanghai_day(at)) >= task.appears
    if task.nature != "duty" or not shown:
        return None
    day = task.legal or task.opened_on
    if day.year != year:
        return None
    reason = _left_out(task, at)
    if reason:
        return Judged(task, "excluded", reason)
    if task.legal is None:
        return Judged(task, "undated", "" if task.outcome else "时限未起算、中止或没有法定期限")
    if task.outcome:
        return Judged(task, "on_time" if task.on_time else "late")
    return Judged(task, "overdue" if standing == "overdue" else "not_yet")


def _left_out(task: Summary, at: datetime) -> str:
    if task.rerouted:
        return "退回经确认，双方均不计"
    if task.outcome == "withdrawn":
        return "已撤回"
    if task.outcome == "corrected":
        return "已更正失效"
    if task.outcome == "void" and task.on_time is not False:
        return "期限届满前已无须办理"
    if task.outcome is None and task.standing(at) == "closed":
        return "沉默视为办结"
    return ""


def figure(one: Judged, year: int) -> Sums:
    """What one duty adds."""
    task = one.task
    closed = task.closed_on is not None and task.closed_on.year == year
    added = {one.verdict: 1, "opened": int(task.opened_on.year == year), "closed": int(closed)}
    return Sums(**added)
