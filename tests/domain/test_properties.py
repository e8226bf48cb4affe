"""What holds for every history, whatever officers do. Hypothesis looks for the exception."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases import diagnosis
from domain.cases.diagnosis import DIAGNOSIS
from domain.corrections import Change, FactCorrected, ReferenceApplied
from domain.events import type_of
from domain.fold import CaseFold, empty, step
from tests.domain import test_arbitration as arb
from tests.domain import test_diagnosis as dx
from tests.spec import Case, Fact, on, reference

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
    on("2026-06-20", FactCorrected(target=2, target_type="diagnosis.applied", changes=(), sealed={},
       subject=None, occurred_on=date(2026, 3, 5), occurred_before=None, reason="r")),
    on("2026-06-21", FactCorrected(target=3, target_type="diagnosis.concluded",
       changes=(Change("result", "od", "not_od"),), sealed={}, subject=None, occurred_on=None,
       occurred_before=None, reason="r")),
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
        if task.due and any(stop.until is None for stop in task.stops):
            since = min(stop.since for stop in task.stops if stop.until is None)
            assert task.due.passed(since)  # it had run out before it was stopped
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
