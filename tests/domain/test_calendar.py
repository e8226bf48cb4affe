"""Legal days 期间: the counting rules worked by hand, then what holds for every date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, Due, LengthUnit, Suspension, add_months, reckon
from domain.events import SHANGHAI
from tests.spec import reference

CALENDAR = reference().calendar


def at(day: str | date) -> datetime:
    """Midnight of a Shanghai day, or the minute given."""
    text = day if isinstance(day, str) else day.isoformat()
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(
    start: str, length: int, unit: LengthUnit = "calendar_days", *stops: str, extended: int = 0
) -> Due:
    """The date of a clock; a stop is written `2026-03-20/2026-04-13`."""
    held = [Suspension(*(at(end) for end in stop.split("/"))) for stop in stops]
    found = reckon(CALENDAR, at(start), length, unit, suspensions=held, extended=extended)
    assert found is not None
    return found


def days(found: Due) -> tuple[str, str, str]:
    return str(found.raw), str(found.legal), str(found.safe)


# --- The counting rules -------------------------------------------------------------------------


def test_the_start_day_does_not_count() -> None:
    assert days(due("2026-03-03", 10)) == ("2026-03-13", "2026-03-13", "2026-03-13")
    assert days(due("2026-03-03", 1, "working_days"))[1] == "2026-03-04"


def test_a_last_day_in_the_national_holiday_rolls_and_the_safe_day_lies_before_it() -> None:
    assert days(due("2025-09-01", 30)) == ("2025-10-01", "2025-10-09", "2025-09-30")
    assert days(due("2026-09-04", 30)) == ("2026-10-04", "2026-10-08", "2026-09-30")


def test_a_worked_saturday_is_a_working_day_and_does_not_roll() -> None:
    assert days(due("2025-09-11", 30)) == ("2025-10-11",) * 3
    assert days(due("2022-09-07", 31)) == ("2022-10-08",) * 3
    assert days(due("2026-09-28", 5, "working_days")) == ("2026-10-10",) * 3
    # Sunday 09-28 is worked: it is the third of the five.
    assert days(due("2025-09-25", 5, "working_days")) == ("2025-10-09",) * 3


def test_an_hour_clock_runs_through_the_night_to_the_minute() -> None:
    found = due("2026-03-18T23:05", 6, "hours")
    assert found.instant == at("2026-03-19T05:05")
    assert not found.passed(at("2026-03-19T05:05"))
    assert found.passed(at("2026-03-19T05:06"))
    assert not found.provisional


def test_an_hour_clock_neither_rolls_nor_forgets_its_suspension() -> None:
    # Saturday to Sunday; stopped for three hours.
    assert days(due("2026-03-07T20:00", 24, "hours"))[1] == "2026-03-08"
    held = due("2026-03-07T20:00", 24, "hours", "2026-03-08T01:00/2026-03-08T04:00")
    assert held.instant == at("2026-03-08T23:00")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2025-12-15", 1, "2026-01-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_months_last(
    start: str, months: int, end: str
) -> None:
    assert str(add_months(date.fromisoformat(start), months)) == end


def test_a_year_is_twelve_months_and_a_leap_day_ends_a_day_earlier() -> None:
    assert days(due("2025-03-18", 1, "years"))[0] == "2026-03-18"
    assert days(due("2024-02-29", 1, "years"))[0] == "2025-02-28"


def test_a_suspension_keeps_the_days_that_remain() -> None:
    # The example of CR6: 60 days from 03-02 end 05-01; 24 days stopped, 05-25, a Monday.
    assert days(due("2026-03-02", 60, "calendar_days", "2026-03-20/2026-04-13")) == (
        ("2026-05-25",) * 3
    )


def test_working_days_left_at_the_stop_are_counted_from_the_resumption() -> None:
    # Ten from Monday 03-02: used 03-03…06 (four); six left from 03-16: 03-17…20, 23, 24.
    assert days(due("2026-03-02", 10, "working_days", "2026-03-06/2026-03-16"))[1] == "2026-03-24"


def test_overlapping_stops_count_once_and_a_stop_before_the_start_not_at_all() -> None:
    both = due(
        *("2026-03-02", 60, "calendar_days", "2026-03-12/2026-04-10", "2026-03-20/2026-04-13")
    )
    # 05-01 and the 32 days from 03-12 to 04-13: 06-02.
    assert days(both)[0] == "2026-06-02"
    assert due("2026-03-02", 60, "calendar_days", "2026-02-01/2026-02-20").raw == date(2026, 5, 1)
    # Stopped already when it would have started: only the days after the start are given back.
    assert due("2026-03-02", 60, "calendar_days", "2026-02-20/2026-03-12").raw == date(2026, 5, 11)


def test_a_stopped_clock_has_no_date() -> None:
    held = [Suspension(at("2026-03-20"), None)]
    assert reckon(CALENDAR, at("2026-03-02"), 60, "calendar_days", suspensions=held) is None


def test_a_clock_that_had_run_out_cannot_be_stopped() -> None:
    # Ten days from 03-03 end on Friday 03-13.
    for unit, length in (("calendar_days", 10), ("working_days", 8)):
        out = Suspension(at("2026-03-14"), None)
        plain = reckon(CALENDAR, at("2026-03-03"), length, unit)  # type: ignore[arg-type]
        held = reckon(CALENDAR, at("2026-03-03"), length, unit, suspensions=[out])  # type: ignore[arg-type]
        over = replace(out, resumed=at("2026-03-20"))
        after = reckon(CALENDAR, at("2026-03-03"), length, unit, suspensions=[over])  # type: ignore[arg-type]
        assert plain == held == after
        assert plain is not None
        assert str(plain.legal) == "2026-03-13"


def test_a_clock_between_its_raw_end_and_its_rolled_legal_day_can_still_be_stopped() -> None:
    # 30 days from 2026-04-01 end in the May holiday, legally 05-06; stopped 05-04 for ten days.
    assert days(due("2026-04-01", 30, "calendar_days", "2026-05-04/2026-05-14")) == (
        ("2026-05-11",) * 3
    )


def test_an_extension_lengthens_the_original_length_from_the_original_start() -> None:
    # 45 days from 04-01: 05-16, a Saturday. Extending the rolled 05-06 by 15 would give 05-21.
    assert days(due("2026-04-01", 30, extended=15)) == ("2026-05-16", "2026-05-18", "2026-05-15")


def test_a_day_in_an_unpublished_year_is_provisional_and_counted_by_policy() -> None:
    # 2027-10-01…03 rest by policy, 10-02 and 10-03 are a weekend anyway: Monday 10-04.
    found = due("2027-09-01", 30)
    assert (days(found), found.provisional) == (("2027-10-01", "2027-10-04", "2027-09-30"), True)
    # The raw day is the policy's New Year: the legal day is provisional, though the safe is not.
    assert due("2026-12-02", 30).provisional
    assert not due("2026-12-01", 30).provisional


def test_working_days_counted_through_an_unpublished_year_are_provisional() -> None:
    # 2021 is not among the published years; the date itself lies in 2022.
    assert due("2021-12-20", 15, "working_days").provisional


def test_the_sum_of_a_date_says_how_it_came_about() -> None:
    told = due("2026-04-01", 30, "calendar_days", "2026-04-10/2026-04-20", extended=5).sum
    assert told == (
        "自2026-04-01次日起算30日，经批准延长5日，扣除中止10日，"
        "至2026-05-16届满，该日为休息日，顺延至2026-05-18"
    )


# --- What holds for every date ------------------------------------------------------------------

DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 30))
LENGTHS = st.integers(1, 90)
DAY_UNITS: st.SearchStrategy[LengthUnit] = st.sampled_from(
    ("calendar_days", "working_days", "months")
)


def stop(day: date, days: int) -> Suspension:
    return Suspension(at(day), at(day + timedelta(days=days)))


@given(DAYS, LENGTHS, DAY_UNITS)
def test_safe_is_never_after_raw_and_raw_never_after_legal(
    start: date, length: int, unit: LengthUnit
) -> None:
    found = reckon(CALENDAR, at(start), length % 24 + 1, unit)
    assert found is not None
    assert found.safe <= found.raw <= found.legal
    assert CALENDAR.works(found.legal)
    assert CALENDAR.works(found.safe)


@given(DAYS, LENGTHS, st.integers(0, 90), st.integers(1, 40))
def test_a_suspension_gives_back_exactly_its_days(
    start: date, length: int, after: int, days: int
) -> None:
    stopped = stop(start + timedelta(days=min(after, length)), days)
    plain = reckon(CALENDAR, at(start), length, "calendar_days")
    held = reckon(CALENDAR, at(start), length, "calendar_days", suspensions=[stopped])
    assert plain is not None
    assert held is not None
    assert held.raw == plain.raw + timedelta(days=days)


@given(DAYS, LENGTHS, st.integers(1, 20), st.integers(1, 30), st.integers(0, 10))
def test_overlapping_suspensions_count_once(
    start: date, length: int, first: int, second: int, shift: int
) -> None:
    one, two = stop(start, first), stop(start + timedelta(days=min(shift, first)), second)
    whole = stop(start, max(first, min(shift, first) + second))
    for unit in ("calendar_days", "working_days"):
        both = reckon(CALENDAR, at(start), length, unit, suspensions=[two, one])
        assert both == reckon(CALENDAR, at(start), length, unit, suspensions=[whole])


@given(DAYS, st.integers(1, 30), st.integers(0, 40))
def test_working_days_left_at_a_stop_are_the_days_left_after_it(
    start: date, length: int, days: int
) -> None:
    stopped = start + timedelta(days=3)
    used = CALENDAR.working_days_between(start, stopped)
    held = reckon(CALENDAR, at(start), length, "working_days", suspensions=[stop(stopped, days)])
    assert held is not None
    if used < length:
        assert held.raw == CALENDAR.add_working_days(stopped + timedelta(days=days), length - used)


@given(DAYS, LENGTHS, LENGTHS, DAY_UNITS)
def test_an_extension_counts_from_the_original_start(
    start: date, length: int, more: int, unit: LengthUnit
) -> None:
    length, more = length % 12 + 1, more % 12
    extended = reckon(CALENDAR, at(start), length, unit, extended=more)
    whole = reckon(CALENDAR, at(start), length + more, unit)
    assert extended is not None
    assert whole is not None
    assert (extended.raw, extended.legal, extended.safe) == (whole.raw, whole.legal, whole.safe)


@given(DAYS, LENGTHS, DAY_UNITS, st.integers(0, 200), st.integers(1, 60))
def test_a_suspension_never_brings_a_date_forward(
    start: date, length: int, unit: LengthUnit, after: int, days: int
) -> None:
    plain = reckon(CALENDAR, at(start), length % 24 + 1, unit)
    stopped = stop(start + timedelta(days=after), days)
    held = reckon(CALENDAR, at(start), length % 24 + 1, unit, suspensions=[stopped])
    assert plain is not None
    assert held is not None
    assert held.legal >= plain.legal


@given(
    st.dates(date(2026, 6, 1), date(2027, 12, 1)),
    LENGTHS,
    st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=20),
    st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=5),
)
def test_publishing_a_year_moves_only_dates_that_were_provisional(
    start: date, length: int, rest: set[date], work: set[date]
) -> None:
    published = Calendar(
        "new",
        CALENDAR.published | {2027},
        CALENDAR.rest | (rest - work),
        CALENDAR.work | work,
        CALENDAR.fixed_rest,
    )
    for unit in ("calendar_days", "working_days"):
        before = reckon(CALENDAR, at(start), length, unit)
        after = reckon(published, at(start), length, unit)
        assert before is not None
        if not before.provisional:
            assert after == before


def test_a_date_with_no_mark_would_move_when_a_year_is_published() -> None:
    """Control: the mark matters, for publishing 2027 really moves a provisional date."""
    week = {date(2027, 10, day) for day in range(1, 5)}
    published = replace(CALENDAR, published=CALENDAR.published | {2027}, rest=CALENDAR.rest | week)
    moved = reckon(published, at("2027-09-01"), 30, "calendar_days")
    assert moved is not None
    assert (moved.legal, moved.provisional) == (date(2027, 10, 5), False)
