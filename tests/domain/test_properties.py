"""What holds for every history, whatever officers do. Hypothesis looks for the exception."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar, LengthUnit, Suspension, reckon
from domain.cases import diagnosis
from domain.cases.diagnosis import DIAGNOSIS
from domain.corrections import FactCorrected, ReferenceApplied
from domain.events import SHANGHAI, type_of
from domain.fold import CaseFold, empty, step
from tests.domain import test_arbitration as arb
from tests.domain import test_diagnosis as dx
from tests.spec import Case, Fact, on, reference

CALENDAR = reference().calendar
DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 30))
LENGTHS = st.integers(1, 90)
DAY_UNITS: st.SearchStrategy[LengthUnit] = st.sampled_from(
    ("calendar_days", "working_days", "months")
)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def stop(day: date, days: int) -> Suspension:
    return Suspension(at(day), at(day + timedelta(days=days)))


@given(DAYS, LENGTHS, DAY_UNITS)
def test_safe_is_never_after_raw_and_raw_never_after_legal(
    start: date, length: int, unit: LengthUnit
) -> None:
    due = reckon(CALENDAR, at(start), length % 24 + 1, unit)
    assert due is not None
    assert due.safe <= due.raw <= due.legal
    assert CALENDAR.works(due.legal)
    assert CALENDAR.works(due.safe)


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


@given(
    st.dates(date(2026, 6, 1), date(2027, 12, 1)),
    LENGTHS,
    st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=20),
)
def test_publishing_a_year_moves_only_dates_that_were_provisional(
    start: date, length: int, rest: set[date]
) -> None:
    published = Calendar(
        "new",
        CALENDAR.published | {2027},
        CALENDAR.rest | rest,
        CALENDAR.work,
        CALENDAR.fixed_rest,
    )
    for unit in ("calendar_days", "working_days"):
        before = reckon(CALENDAR, at(start), length, unit)
        after = reckon(published, at(start), length, unit)
        assert before is not None
        if not before.provisional:
            assert after == before


# --- Histories ----------------------------------------------------------------------------------

AWARD_OVER = diagnosis.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
FACTS = [
    *(dx.SUSPECTED, dx.APPLIED, dx.ASKED, dx.SUPPLIED, dx.COMPLETE, dx.RULING, dx.RULED),
    *(dx.ARBITRATION, dx.concluded(), dx.concluded(result="not_od"), dx.delivered("worker")),
    *(dx.delivered("employer"), dx.FIRST, dx.ACCEPTED, dx.panel("first", "2026-07-10")),
    *(dx.handed("first", "worker", "2026-07-14"), dx.handed("first", "employer", "2026-07-15")),
    on("2026-05-20", diagnosis.CardReported()),
    on("2026-03-10", diagnosis.EmployerUrged(note="n"), "HB"),
    on("2026-03-10", diagnosis.SurveyRequested(matter="m")),
    on("2026-03-20", diagnosis.SurveyFinished(finding="f"), "HB"),
    on("2026-04-01", diagnosis.DiagnosisWithdrawn(reason="r")),
    on("2026-04-13", AWARD_OVER, "HSSB"),
    on("2026-06-20", FactCorrected(target=2, target_type="", changes=(), sealed={}, subject=None,
       occurred_on=date(2026, 3, 5), occurred_before=None, reason="r")),
]  # fmt: skip
HISTORIES = st.lists(st.sampled_from(FACTS), max_size=24)


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_any_history_in_any_order_folds(history: list[Fact]) -> None:
    """Total on any subsequence: evolve and the fold never refuse and never fail."""
    Case("diagnosis").add(*history)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([arb.FILED, arb.ACCEPTED, arb.AWARDED, arb.TO_WORKER, arb.TO_EMPLOYER]),
        max_size=10,
    )
)
def test_any_arbitration_in_any_order_folds(history: list[Fact]) -> None:
    Case("arbitration").add(*history)


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_any_prefix_replays_to_the_state_then(history: list[Fact]) -> None:
    case = Case("diagnosis")
    then: list[CaseFold] = []
    for fact in history:
        case.add(fact)
        then.append(case.fold)
    for fold in then:
        again = Case("diagnosis").add(*history[: fold.version]).fold
        assert (again.state, again.tasks) == (fold.state, fold.tasks)


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_a_stopped_clock_has_no_date_and_a_date_has_a_started_clock(history: list[Fact]) -> None:
    for task in Case("diagnosis").add(*history).fold.open_tasks():
        if task.suspended:
            assert task.due is None
        if task.due:
            assert task.start is not None


MOVERS = {
    *("diagnosis.ruling_requested", "diagnosis.ruling_given", "diagnosis.arbitration_filed"),
    *("diagnosis.arbitration_concluded", "diagnosis.file_completed", "case.fact_corrected"),
    # What opens or ends the windows another window starts after.
    *("diagnosis.delivered", "diagnosis.appraisal_requested", "diagnosis.appraisal_delivered"),
    *("diagnosis.concluded", "diagnosis.applied"),
    type_of(ReferenceApplied).name,
}


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_a_due_date_moves_only_by_an_event_that_may_move_it(history: list[Fact]) -> None:
    case = Case("diagnosis")
    for fact in history:
        before = dict(case.fold.tasks)
        case.add(fact)
        for id, task in case.fold.tasks.items():
            old = before.get(id)
            if old and old.due and task.due and old.due.legal != task.due.legal:
                assert type_of(fact.event).name in MOVERS


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_no_task_vanishes_and_none_is_closed_twice(history: list[Fact]) -> None:
    case = Case("diagnosis")
    for fact in history:
        before = dict(case.fold.tasks)
        case.add(fact)
        assert before.keys() <= case.fold.tasks.keys()
        if isinstance(fact.event, FactCorrected):
            continue
        for id, old in before.items():
            if old.closed:
                assert case.fold.tasks[id].closed == old.closed


def test_an_unknown_event_of_another_kind_is_not_silently_taken() -> None:
    """Control for totality: the type checker's list of cases is what makes evolve total."""
    fold = empty(DIAGNOSIS, "diagnosis-1")
    stranger = Case("arbitration")
    try:
        step(fold, stranger._recorded(arb.FILED), reference())
    except AssertionError:
        return
    raise AssertionError("an event of another kind was folded into a diagnosis")
