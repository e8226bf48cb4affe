"""What must hold of every clock and every date, counted again day by day."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import acts
from domain.corrections import FactCorrected
from domain.events import shanghai_day
from domain.tasks import Task, deadline_of, summary
from tests.domain.invariants.asking import told
from tests.domain.world import Told, World

ALWAYS_MOVES = (
    *("task.suspended", "task.resumed", "task.extended", "task.return_upheld", "task.ruled"),
    *("case.fact_corrected", "case.reference_applied"),
)


@told(
    "期限日只因写明依据的行为、规则所列的事件、更正或新版次而变",
    "A due date moves only by an act with its clause, what its rule names, a correction, adoption",
)
def a_date_moves_only_by_what_may_move_it(world: World, one: Told) -> None:
    for id, task in one.after.tasks.items():
        old = one.before.tasks.get(id)
        if not (old and old.due and task.due) or old.due.legal == task.due.legal:
            continue
        rule = task.rule
        named = (*rule.starts_on, *rule.suspended_by, *rule.resumed_by, *ALWAYS_MOVES)
        anew = _put_afresh(one)
        assert one.type in named or rule.starts_after or anew, (rule.id, one.type)


def _put_afresh(one: Told) -> bool:
    """The question whether to take a tip is the receiver's own, with days of its own."""
    return bool(getattr(one.event, "anew", False))


@told(
    "期限不因转办、督办、签收、并案而变",
    "Passing on, pressing, signing or merging moves no legal day",
)
def passing_on_moves_no_day(world: World, one: Told) -> None:
    quiet = ("task.transferred", "task.signed", "task.supervised", "task.returned", "tip.merged")
    more = ("task.return_rejected", "tip.joined", "tip.unmerged", "tip.parted", "task.disputed")
    if one.type in (*quiet, *more) and not _put_afresh(one):
        for id, old in one.before.tasks.items():
            assert one.after.tasks[id].due == old.due


@told("中止的时限没有期限日", "A stopped clock has no date")
def a_stopped_clock_has_no_date(world: World, one: Told) -> None:
    for task in one.after.open_tasks():
        stopped = [stop.since for stop in task.stops if stop.until is None]
        if stopped and task.due and not task.rule.starts_after:
            assert task.due.passed(min(stopped))  # run out before it was stopped
        assert task.due is None or task.start is not None


@told(
    "时限恰好走满其天数：中止的日子一天不多、一天不少",
    "A clock runs exactly its days: a stop neither loses nor gains one",
)
def a_clock_runs_exactly_its_days(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.touched == one.after.version and task.due and task.start:
            _runs_its_days(task)


def _runs_its_days(task: Task) -> None:
    """Counted day by day: those of the length are the days that pass outside every stop."""
    deadline, due, start = deadline_of(task), task.due, task.start
    assert deadline
    assert due
    assert start
    first = shanghai_day(start)
    stops = [(shanghai_day(s.since), shanghai_day(s.until)) for s in task.stops if s.until]
    works = task.reference.calendar.works
    days = [first + timedelta(days=n) for n in range(1, (due.raw - first).days + 1)]
    stops = [(a, b) for a, b in stops if a <= due.legal]
    ran = [d for d in days if not any(max(a, first) < d <= b for a, b in stops)]
    total = deadline.length + task.extended
    if any(sum(d <= a for d in ran) >= total for a, _ in stops):
        return  # stopped when its days had run, on a rest day before it rolled
    match deadline.unit:
        case "calendar_days":
            assert len(ran) == total, (task.rule.id, len(ran), total)
        case "working_days":
            assert sum(works(d) for d in ran) == total, (task.rule.id, total)
        case "months" | "years" if not stops:
            months = total * (12 if deadline.unit == "years" else 1)
            later = (due.raw.year - first.year) * 12 + due.raw.month - first.month
            last = (due.raw + timedelta(days=1)).day == 1
            assert later == months, task.rule.id
            assert due.raw.day == first.day or last, task.rule.id
        case "hours" if not stops:
            assert due.instant == start + timedelta(hours=total)
        case _:
            pass


@told(
    "法定日是届满日起的第一个工作日（依规则顺延），稳妥日是届满日或之前的工作日",
    "The legal day is the first working day from the raw end on; the safe day never after it",
)
def a_day_rolls_to_a_working_day(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        due, deadline = task.due, deadline_of(task)
        if due is None or deadline is None or task.touched != one.after.version:
            continue
        calendar = task.reference.calendar
        assert due.safe <= due.legal
        assert due.raw <= due.legal
        if deadline.unit == "hours":
            continue
        assert calendar.works(due.safe)
        assert due.safe <= due.raw
        between = (due.raw + timedelta(days=n) for n in range((due.legal - due.raw).days))
        if deadline.rolls:
            assert calendar.works(due.legal)
            assert not any(map(calendar.works, between))
        else:
            assert due.legal == due.raw


@told("所涉年份日历未公布的，日期为暂定", "A date in a year without a calendar is provisional")
def an_unpublished_year_is_provisional(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.due and task.due.instant is None and task.touched == one.after.version:
            published = task.reference.calendar.published
            if {task.due.raw.year, task.due.legal.year} - published:
                assert task.due.provisional, task.rule.id


@told(
    "送达起算的，自送达日起算，不自发出日起算",
    "A receiving unit's clock starts when it was delivered, not when it was sent",
)
def a_received_task_starts_at_delivery(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        rule, opened = task.rule, task.opened
        plain = not (rule.counted_from or rule.starts_on or rule.starts_after or task.rerouted)
        if task.id in one.before.tasks or not plain or task.start is None:
            continue
        stated = getattr(one.event, rule.received, None) if rule.received else None
        day = shanghai_day(task.start)
        if rule.anchor == "delivered" and not isinstance(one.event, FactCorrected):
            if isinstance(stated, datetime):  # to the minute, where clocks run by the hour
                assert task.start == stated, rule.id
            else:
                assert day == (stated or opened.recorded_on), rule.id
        elif rule.anchor == "happened":
            assert day == opened.occurred.day


@told(
    "权利不计入按期率，也不离开其主体",
    "A right stays with its party and never counts as on time or late",
)
def a_right_is_never_counted(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.rule.nature == "right":
            old = one.before.tasks.get(task.id)
            same = old is None or task.holder == old.holder
            assert same or isinstance(one.event, FactCorrected), task.rule.id
            assert task.on_time is None, task.rule.id
            assert summary(task).on_time is None


@told("确认退回的事项不计入任何一方的按期率", "A task rightly returned counts for neither side")
def an_upheld_return_counts_for_nobody(world: World, one: Told) -> None:
    if isinstance(one.event, acts.ReturnUpheld):
        task = one.after.tasks[one.event.task]
        assert task.rerouted
        assert task.on_time is None
