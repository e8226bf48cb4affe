"""Figures: what is counted of any duty, whatever its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import figures
from domain.cases import period
from domain.events import SHANGHAI
from domain.figures import Judged, Sums, figure, judged
from domain.tasks import Outcome, Summary, summary
from tests.spec import Case, on, reference

YEARS = range(2024, 2030)
EDGES = [date(year, month, day) for year in YEARS for month, day in ((1, 1), (12, 31))]
DAYS = st.sampled_from(EDGES[:-2]) | st.dates(EDGES[0], EDGES[-3])


def a_duty() -> Summary:
    """The yearly survey of 卫健局, due on 31 December 2025."""
    year = period.PeriodOpened(year=2025, eve=date(2024, 12, 31), townships=("TS-001",))
    tasks = Case("period").add(on("2025-01-01", year, "system")).fold.tasks.values()
    return next(summary(task) for task in tasks if task.rule.id == "nd.survey")


DUTY = a_duty()


@st.composite
def duties(draw: st.DrawFn) -> Summary:
    """A duty of any days: late data may close it before it opened, its day may lie before both."""
    closed_on = draw(st.none() | DAYS)
    legal = draw(st.none() | DAYS)
    outcome: Outcome = draw(st.sampled_from(("done", "void", "withdrawn", "corrected")))
    return replace(
        DUTY,
        opened_on=draw(DAYS),
        appears=draw(st.none() | DAYS),
        legal=legal,
        safe=legal,
        closed_on=closed_on,
        outcome=outcome if closed_on else None,
        on_time=closed_on <= legal if closed_on and legal else None,
        silence=draw(st.booleans()),
    )


def over(year: int) -> datetime:
    """The instant at which a year is over."""
    return datetime(year + 1, 1, 1, tzinfo=SHANGHAI)


def as_known(task: Summary, at: datetime) -> Summary:
    """The duty as its log showed it then: nothing that happened later."""
    if task.closed_on and task.closed_on >= at.date():
        return replace(task, closed_on=None, outcome=None, on_time=None)
    return task


def seen(task: Summary, year: int) -> Judged | None:
    return judged(as_known(task, over(year)), year, over(year))


@given(duties())
def test_what_is_left_open_is_what_the_next_year_carries_over(task: Summary) -> None:
    for year in YEARS:
        before, after = seen(task, year), seen(task, year + 1)
        left = before is not None and before.end == "left"
        carried = after is not None and after.source == "carried"
        assert left == carried


@given(duties())
def test_every_duty_in_hand_comes_once_and_goes_once(task: Summary) -> None:
    for year in YEARS:
        one = seen(task, year)
        sums = figure(one) if one else Sums()
        assert sums.carried + sums.arisen == sums.done + sums.ended + sums.left <= 1
        assert sums.carried_done <= min(sums.carried, sums.done)
        assert sums.left_overdue <= sums.left


@given(duties())
def test_a_dated_duty_counts_in_the_rate_of_one_year_alone(task: Summary) -> None:
    at = over(YEARS[-1])
    found = [one for year in YEARS if (one := judged(task, year, at))]
    rated = [one for one in found if one.verdict not in ("elsewhere", "undated")]
    if task.legal is None:
        assert all(one.verdict in ("undated", "excluded") for one in found)
    else:
        assert len(rated) == min(1, len(found))


def test_a_breach_known_only_after_its_year_counts_in_the_year_it_was_known_in() -> None:
    late = replace(DUTY, opened_on=date(2026, 1, 5), legal=date(2025, 12, 20))
    assert judged(late, 2025, over(2025)) is None
    one = judged(late, 2026, over(2026))
    assert one is not None
    assert (one.source, one.left, one.verdict) == ("arisen", "overdue", "overdue")


def test_the_first_day_of_the_year_arises_in_it_and_the_last_day_before_is_carried() -> None:
    for opened_on, source in ((date(2025, 12, 31), "carried"), (date(2026, 1, 1), "arisen")):
        one = judged(replace(DUTY, opened_on=opened_on), 2026, over(2026))
        assert one is not None
        assert one.source == source


def test_what_was_entered_as_ended_before_it_began_still_came_and_went() -> None:
    odd = replace(DUTY, opened_on=date(2026, 1, 2), closed_on=date(2025, 12, 30), outcome="done")
    one = judged(odd, 2026, over(2026))
    assert one is not None
    assert (one.source, one.end, one.ended_on) == ("arisen", "done", date(2026, 1, 2))


def test_a_duty_done_before_the_year_of_its_day_counts_there_and_is_no_longer_in_hand() -> None:
    done = replace(
        DUTY,
        legal=date(2026, 1, 5),
        closed_on=date(2025, 12, 30),
        outcome="done",
        on_time=True,
    )
    one = judged(done, 2026, over(2026))
    assert one is not None
    assert (one.source, one.end, one.verdict) == ("before", "before", "on_time")
    assert figure(one) == Sums(on_time=1)


def test_what_was_no_longer_needed_only_after_its_day_is_late_and_says_so() -> None:
    void = replace(DUTY, closed_on=date(2026, 2, 1), outcome="void", on_time=False)
    one = judged(void, 2025, over(2026))
    assert one is not None
    assert (one.verdict, one.reason) == ("late", "期限过后才无须办理")


def test_silence_ends_a_duty_on_its_day_whatever_is_done_later() -> None:
    spoken = {"closed_on": date(2026, 2, 1), "outcome": "done", "on_time": False}
    late = replace(DUTY, silence=True, **spoken)  # type: ignore[arg-type]
    one = judged(late, 2025, over(2025))
    assert one is not None
    assert (one.ended_on, one.end, one.verdict) == (DUTY.legal, "ended", "excluded")
    assert judged(late, 2026, over(2026)) is None


def test_an_undated_duty_says_why() -> None:
    edition = reference().edition
    undated = replace(DUTY, legal=None, safe=None, deadline=None)
    assert figures.why_undated(undated, edition) == "无法定期限"
    waiting = replace(undated, deadline=DUTY.deadline, start=None)
    assert figures.why_undated(waiting, edition) == "时限未起算：自上一年度最后一日起算"
    ended = replace(waiting, outcome="done", closed_on=date(2025, 3, 1))
    assert figures.why_undated(ended, edition).startswith("时限未起算即已终结")
    start = over(2024) + timedelta(days=9)
    stopped = replace(waiting, start=start, suspended=True)
    assert figures.why_undated(stopped, edition) == "时限中止，恢复后另算期限"
