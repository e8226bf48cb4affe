"""Legal days 期间: working days with 调休, and the sums that make a due date.

Counting rules CR1–CR9: the start day is excluded (民法典 201); a last day that is a rest day
rolls to the next working day (民法典 203); months and years end on the corresponding day, else
on the month's last (民法典 202); a suspension keeps the days that remain; days in a year whose
calendar is not yet published are provisional 暂定.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from domain.events import shanghai_day, shanghai_minute

LengthUnit = Literal["calendar_days", "working_days", "hours", "months", "years"]

UNIT_NAMES: dict[LengthUnit, str] = {
    "calendar_days": "日",
    "working_days": "个工作日",
    "hours": "小时",
    "months": "个月",
    "years": "年",
}

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Rest and working days of the published years, and a policy for the years after them."""

    id: str  # content hash of the adopted bytes
    published: frozenset[int]
    rest: frozenset[date]  # 法定节假日及调休休息日
    work: frozenset[date]  # 调休工作日 (weekend days worked)
    fixed_rest: frozenset[tuple[int, int]]  # (month, day) rest days assumed for unpublished years

    def works(self, day: date) -> bool:
        """Whether `day` is a working day 工作日; by policy where the year is unpublished."""
        if day in self.work:
            return True
        if day in self.rest or day.weekday() >= 5:
            return False
        return day.year in self.published or (day.month, day.day) not in self.fixed_rest

    def on_or_after(self, day: date) -> date:
        while not self.works(day):
            day += DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.works(day):
            day -= DAY
        return day

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`; `start` itself does not count."""
        day = start
        while count > 0:
            day += DAY
            if self.works(day):
                count -= 1
        return day

    def working_days_between(self, after: date, until: date) -> int:
        """Working days later than `after`, up to and including `until`."""
        days = (until - after).days
        return sum(self.works(after + timedelta(days=n)) for n in range(1, days + 1))

    def published_through(self, *days: date) -> bool:
        return all(day.year in self.published for day in days)


@dataclass(frozen=True)
class Suspension:
    """中止: from the moment the clock stopped to the moment it ran again (None: still stopped)."""

    stopped: datetime
    resumed: datetime | None


@dataclass(frozen=True)
class Due:
    """When something is due. Overdue means after `instant` if given, else after the legal day."""

    raw: date  # by plain counting
    legal: date  # rolled to a working day: the last lawful day
    safe: date  # the last working day on or before the raw end: what we alarm on
    provisional: bool
    sum: str  # how the date came about, in Chinese
    instant: datetime | None = None  # for hour clocks: the exact minute

    def passed(self, at: datetime) -> bool:
        """Whether the last lawful moment lies before `at`."""
        return at > self.instant if self.instant else shanghai_day(at) > self.legal


def reckon(
    calendar: Calendar,
    start: datetime,
    length: int,
    unit: LengthUnit,
    *,
    suspensions: Iterable[Suspension] = (),
    extended: int = 0,
    rolls: bool = True,
) -> Due | None:
    """The due date of a clock that started at `start` (its Shanghai day, or minute for hours).

    An extension lengthens the original length and counts from the original start (CR6). Returns
    None while a suspension is open: a stopped clock has no date, only days that remain. A clock
    that had run out before it was stopped keeps its date.
    """
    total = length + extended
    stops = _merged(start, suspensions)
    if stops and stops[-1].resumed is None:
        *stops, last = stops
        due = reckon(
            calendar, start, length, unit, suspensions=stops, extended=extended, rolls=rolls
        )
        return due if due and due.passed(last.stopped) else None
    first = shanghai_day(start)
    if unit == "hours":
        return _hours(start, total, stops)
    raw, stopped_days = (
        _working_days(calendar, first, total, stops)
        if unit == "working_days"
        else _calendar_days(calendar, first, total, unit, stops, rolls)
    )
    legal = calendar.on_or_after(raw) if rolls else raw
    safe = calendar.on_or_before(raw)
    # Working days rest on every year they were counted through, other clocks on their end alone.
    rests_on = (first + DAY if unit == "working_days" else raw, raw, legal, safe)
    return Due(
        raw=raw,
        legal=legal,
        safe=safe,
        provisional=not calendar.published_through(*rests_on),
        sum=_told(first, length, extended, unit, stopped_days, raw, legal),
    )


def _merged(start: datetime, suspensions: Iterable[Suspension]) -> list[Suspension]:
    """Suspensions from `start` on, in order, overlaps counted once (CR6)."""
    merged: list[Suspension] = []
    for stop in sorted(suspensions, key=lambda s: s.stopped):
        if stop.resumed is not None and stop.resumed <= start:
            continue
        stopped = max(stop.stopped, start)
        last = merged[-1] if merged else None
        if last and (last.resumed is None or stopped <= last.resumed):
            ends = (last.resumed, stop.resumed)
            resumed = None if None in ends else max(e for e in ends if e is not None)
            merged[-1] = Suspension(last.stopped, resumed)
        else:
            merged.append(Suspension(stopped, stop.resumed))
    return merged


def _calendar_days(
    calendar: Calendar,
    start: date,
    total: int,
    unit: LengthUnit,
    stops: list[Suspension],
    rolls: bool,
) -> tuple[date, int]:
    raw = {
        "calendar_days": lambda: start + timedelta(days=total),
        "months": lambda: add_months(start, total),
        "years": lambda: add_months(start, 12 * total),
    }[unit]()
    stopped_days = 0
    for stop in stops:
        stopped, resumed = _days(stop)
        # A clock that had run out, to its legal day, cannot be stopped any more.
        if stopped > (calendar.on_or_after(raw) if rolls else raw):
            break
        stopped_days += (resumed - stopped).days
        raw += resumed - stopped
    return raw, stopped_days


def _working_days(
    calendar: Calendar, start: date, total: int, stops: list[Suspension]
) -> tuple[date, int]:
    left, stopped_days, since = total, 0, start
    for stop in stops:
        stopped, resumed = _days(stop)
        if stopped > calendar.add_working_days(since, left):
            break
        left -= calendar.working_days_between(since, stopped)
        stopped_days += (resumed - stopped).days
        since = resumed
    # Stopped on its very last day, nothing is left: the clock ends on the day it runs again.
    return calendar.add_working_days(since, left), stopped_days


def _hours(start: datetime, total: int, stops: list[Suspension]) -> Due:
    until = start + timedelta(hours=total)
    for stop in stops:
        if stop.stopped > until or stop.resumed is None:
            break
        until += stop.resumed - stop.stopped
    day = shanghai_day(until)
    told = f"自{shanghai_minute(start)}起{total}小时，至{shanghai_minute(until)}"
    return Due(raw=day, legal=day, safe=day, provisional=False, sum=told, instant=until)


def _days(stop: Suspension) -> tuple[date, date]:
    assert stop.resumed is not None  # reckon() has refused open suspensions
    return shanghai_day(stop.stopped), shanghai_day(stop.resumed)


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later, else that month's last day (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _told(
    first: date,
    length: int,
    extended: int,
    unit: LengthUnit,
    stopped_days: int,
    raw: date,
    legal: date,
) -> str:
    counted = f"自{first}次日起算{length}{UNIT_NAMES[unit]}"
    parts = [counted if length else f"载明的末日为{first}"]
    if extended:
        parts.append(f"经批准延长{extended}{UNIT_NAMES[unit]}")
    if stopped_days:
        parts.append(f"扣除中止{stopped_days}日")
    parts.append(f"至{raw}届满")
    if legal != raw:
        parts.append(f"该日为休息日，顺延至{legal}")
    return "，".join(parts)
