"""What holds for every history, whatever officers do. Hypothesis looks for the exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import acts
from domain.cases import diagnosis
from domain.cases.arbitration import (
    AcceptArbitration,
    Award,
    RefuseArbitration,
    ServeAward,
    Sue,
)
from domain.cases.diagnosis import DIAGNOSIS
from domain.corrections import ApplyReference, CorrectFact, FactCorrected, ReferenceApplied
from domain.decider import Claim, Release
from domain.events import type_of
from domain.fold import CaseFold, empty, step
from domain.tasks import summary
from tests.domain import test_arbitration as arb
from tests.domain import test_diagnosis as dx
from tests.spec import EMPLOYER, INSTITUTION, WORKER, Case, Fact, noon, on, reference


@dataclass(frozen=True)
class Act:
    """An act on whichever task of the case `pick` falls on."""

    pick: int
    day: str
    by: str
    event: Callable[[str], Any]


@dataclass(frozen=True)
class Adopt:
    """The law and calendar in force change, and are applied to the case."""

    without_year: int | None


Step = Fact | Act | Adopt


def play(case: Case, *history: Step) -> Case:
    for happened in history:
        match happened:
            case Fact():
                case.add(happened)
            case Adopt():
                case.under = reference(happened.without_year)
                case.add(on("2026-09-10", ReferenceApplied(moved=()), "system"))
            case Act():
                ids = [*case.fold.tasks, "t-unknown"]
                event = happened.event(ids[happened.pick % len(ids)])
                case.add(on(happened.day, event, happened.by))
    return case


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
    *(
        on("2026-06-20", FactCorrected(target=n, target_type=fact, changes=(), sealed={},
           subject=None, occurred_on=date(2026, 3, 6), occurred_before=None, reason="r"))
        for n, fact in ((1, "diagnosis.applied"), (3, "diagnosis.file_completed"))
    ),
]  # fmt: skip
DONE: list[Callable[[str], Any]] = [
    lambda id: acts.TaskSigned(task=id, title="x"),
    lambda id: acts.TaskClaimed(task=id, title="x", officer="o"),
    lambda id: acts.TaskReleased(task=id, title="x"),
    lambda id: acts.TaskTransferred(task=id, title="x", to="TS-110", reason="r"),
    lambda id: acts.AssistRequested(task=id, title="x", unit="TS-110", question="q"),
    lambda id: acts.AssistAnswered(task=id, title="x", unit="TS-110", answer="a"),
    lambda id: acts.TaskReturned(task=id, title="x", reason="not_my_duty", note="n", to="LGO"),
    lambda id: acts.ReturnUpheld(task=id, title="x", to="HSSB"),
    lambda id: acts.ReturnRejected(task=id, title="x", to="HB", reason="r"),
    lambda id: acts.TaskWithdrawn(task=id, title="x", reason="r"),
    lambda id: acts.TaskSuspended(task=id, title="x", reason="r", clause="o6-25"),
    lambda id: acts.TaskResumed(task=id, title="x"),
    lambda id: acts.TaskExtended(
        task=id, title="x", length=5, approver="CGO", clause="o6-25", reason="r"
    ),
    lambda id: acts.TaskSupervised(task=id, title="x", note="n"),
    lambda id: acts.TaskDisputed(task=id, title="x", reason="r", to="LGO"),
]
ACTS = st.builds(
    Act,
    st.integers(0, 12),
    st.dates(date(2026, 3, 2), date(2026, 8, 31)).map(str),
    st.sampled_from(("HB", "HSSB", "LGO", INSTITUTION, EMPLOYER)),
    st.sampled_from(DONE),
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(FACTS),
    st.sampled_from(FACTS),
    ACTS,
    st.sampled_from((Adopt(None), Adopt(2026))),
)
HISTORIES = st.lists(STEPS, max_size=24)
HEARINGS = st.lists(
    st.sampled_from([arb.FILED, arb.ACCEPTED, arb.AWARDED, arb.TO_WORKER, arb.TO_EMPLOYER]),
    max_size=10,
)


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_any_history_in_any_order_folds(history: list[Step]) -> None:
    """Total on any subsequence: evolve and the fold never refuse and never fail."""
    play(Case("diagnosis"), *history)


@settings(max_examples=60, deadline=None)
@given(HEARINGS)
def test_any_arbitration_in_any_order_folds(history: list[Fact]) -> None:
    Case("arbitration").add(*history)


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_any_prefix_replays_to_the_state_then(history: list[Step]) -> None:
    case = Case("diagnosis")
    then: list[CaseFold] = []
    for happened in history:
        then.append(play(case, happened).fold)
    for fold in then:
        again = play(Case("diagnosis"), *history[: fold.version]).fold
        assert (again.state, again.tasks) == (fold.state, fold.tasks)


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_a_stopped_clock_has_no_date_and_a_date_has_a_started_clock(history: list[Step]) -> None:
    for task in play(Case("diagnosis"), *history).fold.open_tasks():
        stopped = [stop.since for stop in task.stops if stop.until is None]
        if stopped and task.due:
            # Only a clock that had run out before it was stopped keeps its date.
            assert task.due.passed(min(stopped))
        if task.due:
            assert task.start is not None


MOVERS = {
    # Suspension and resumption,
    *("diagnosis.ruling_requested", "diagnosis.ruling_given", "diagnosis.arbitration_filed"),
    *("diagnosis.arbitration_concluded", "task.suspended", "task.resumed"),
    # extension, re-route, correction, a change of the reference,
    *("task.extended", "task.return_upheld", "case.fact_corrected", "case.reference_applied"),
    # a clock's start, and what opens or ends the windows another window starts after.
    *("diagnosis.file_completed", "diagnosis.delivered", "diagnosis.concluded"),
    *("diagnosis.appraisal_requested", "diagnosis.appraisal_delivered", "diagnosis.applied"),
}


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_a_due_date_moves_only_by_an_event_that_may_move_it(history: list[Step]) -> None:
    case = Case("diagnosis")
    for happened in history:
        before = dict(case.fold.tasks)
        play(case, happened)
        for id, task in case.fold.tasks.items():
            old = before.get(id)
            if old and old.due and task.due and old.due.legal != task.due.legal:
                assert type_of(case.fold.facts[-1][0].event).name in MOVERS or isinstance(
                    getattr(happened, "event", None), FactCorrected
                )


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_no_task_vanishes_and_none_is_closed_twice(history: list[Step]) -> None:
    case = Case("diagnosis")
    for happened in history:
        before = dict(case.fold.tasks)
        play(case, happened)
        assert before.keys() <= case.fold.tasks.keys()
        if isinstance(happened, Fact) and isinstance(happened.event, FactCorrected):
            continue
        for id, old in before.items():
            if old.closed:
                assert case.fold.tasks[id].closed == old.closed


@settings(max_examples=100, deadline=None)
@given(HISTORIES, st.dates(date(2026, 3, 2), date(2027, 3, 1)))
def test_a_task_that_shows_stands_in_one_tab_of_its_holders_queue(
    history: list[Step], day: date
) -> None:
    at = noon(str(day))
    for task in play(Case("diagnosis"), *history).fold.visible(at):
        tab = summary(task).tab(task.holder, at)
        assert tab in ("to_sign", "in_hand", "returned")
        assert (tab == "returned") == (task.returned is not None)


# --- A repeated command -------------------------------------------------------------------------

OFFICE = "appraisal:330500"
COMMANDS: list[tuple[Any, str]] = [
    (diagnosis.InformSuspect(party="worker"), "hospital:H-01"),
    (diagnosis.FileSuspectedCard(), "hospital:H-01"),
    (diagnosis.ApplyDiagnosis(institution=INSTITUTION, locality="household"), WORKER),
    (diagnosis.WithdrawDiagnosis(reason="r"), WORKER),
    (diagnosis.RequestEmployerData(items=("职业史",)), INSTITUTION),
    (diagnosis.UrgeEmployer(note="n"), "HB"),
    (diagnosis.SupplyData(), EMPLOYER),
    (diagnosis.RequestSurvey(matter="m"), INSTITUTION),
    (diagnosis.OrganiseSurvey(), "HB"),
    (diagnosis.FinishSurvey(finding="f"), "HB"),
    (diagnosis.RequestRuling(ground="disputed_data"), INSTITUTION),
    (diagnosis.GiveRuling(finding="f"), "HB"),
    (diagnosis.CompleteFile(basis="b"), INSTITUTION),
    (dx.SILICOSIS, INSTITUTION),
    (diagnosis.Deliver(party="worker"), INSTITUTION),
    (diagnosis.ReportCard(), INSTITUTION),
    (diagnosis.RequestAppraisal(office=OFFICE), WORKER),
    (diagnosis.AcceptAppraisal(), OFFICE),
    (diagnosis.SendFiles(), INSTITUTION),
    (diagnosis.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=5), OFFICE),
    (diagnosis.DeliverAppraisal(party="worker"), OFFICE),
    (CorrectFact(version=1, occurred_on=date(2026, 3, 1), reason="r"), "HB"),
    (ApplyReference(), "system"),
]
AGAIN: set[type[Any]] = {
    # Said again they are a second urging, a further notice, further data: facts of their own.
    diagnosis.UrgeEmployer,
    diagnosis.RequestEmployerData,
    diagnosis.SupplyData,
}
ACTING: list[Callable[[str], Any]] = [
    lambda id: acts.SignTask(task=id),
    lambda id: acts.ClaimTask(task=id),
    lambda id: acts.ReleaseTask(task=id),
    lambda id: acts.TransferTask(task=id, to="TS-110", reason="r"),
    lambda id: acts.RequestAssist(task=id, unit="TS-110", question="q"),
    lambda id: acts.ReturnTask(task=id, reason="not_my_duty", note="n"),
    lambda id: acts.UpholdReturn(task=id, to="HSSB"),
    lambda id: acts.RejectReturn(task=id, reason="r"),
    lambda id: acts.WithdrawTask(task=id, reason="r"),
    lambda id: acts.SuspendTask(task=id, reason="r", clause="o6-25"),
    lambda id: acts.ResumeTask(task=id),
]


def nothing_new(case: Case, command: Any, by: str) -> None:
    """A command that was carried out, given once more, is refused or adds no event."""
    day = "2026-07-16"
    if case.when(command, day, by).refusal:
        return
    again = case.when(command, day, by).done().when(command, day, by)
    assert again.refusal or not [
        told for told in again.decided if not isinstance(told, (Claim, Release))
    ]


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.sampled_from([c for c in COMMANDS if type(c[0]) not in AGAIN]))
def test_a_repeated_command_is_refused_or_adds_nothing(
    history: list[Step], command: tuple[Any, str]
) -> None:
    case = play(Case("diagnosis"), *history)
    case.under = reference()
    nothing_new(case, *command)


@settings(max_examples=200, deadline=None)
@given(HISTORIES, st.sampled_from(ACTING), st.integers(0, 12))
def test_a_repeated_act_is_refused(
    history: list[Step], acting: Callable[[str], Any], pick: int
) -> None:
    case = play(Case("diagnosis"), *history)
    for task in list(case.fold.tasks.values())[pick : pick + 1]:
        nothing_new(case, acting(task.id), task.holder)


@settings(max_examples=60, deadline=None)
@given(
    HEARINGS,
    st.sampled_from(
        [
            (AcceptArbitration(), "HSSB"),
            (RefuseArbitration(ground="same_dispute"), "HSSB"),
            (Award(finding="f"), "HSSB"),
            (ServeAward(party="worker"), "HSSB"),
            (Sue(), WORKER),
        ]
    ),
)
def test_a_repeated_step_of_an_arbitration_is_refused(
    history: list[Fact], command: tuple[Any, str]
) -> None:
    nothing_new(arb.arbitration(arb.FILED, *history), *command)


# --- Controls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [c for c, _ in COMMANDS], ids=lambda c: type(c).__name__)
def test_every_command_is_carried_out_in_some_history(command: Any) -> None:
    """Control: the search for a repetition is not empty; each command succeeds somewhere."""
    by = next(by for given_, by in COMMANDS if given_ is command)
    appraised = [*dx.DIAGNOSED, dx.FIRST, dx.ACCEPTED]
    stories: list[list[Fact]] = [
        [dx.SUSPECTED],
        [dx.APPLIED],
        [dx.APPLIED, dx.ASKED],
        [dx.APPLIED, on("2026-03-03", diagnosis.SurveyRequested(matter="m"))],
        [dx.APPLIED, dx.RULING],
        [dx.APPLIED, dx.COMPLETE],
        [dx.APPLIED, dx.COMPLETE, dx.concluded()],
        [dx.APPLIED, dx.COMPLETE, dx.concluded(), dx.delivered("worker", "2026-06-20")],
        appraised[:-1],
        appraised,
        [*appraised, dx.panel("first", "2026-07-10")],
    ]
    cases = [Case("diagnosis", reference(without_year=2026)).add(*story) for story in stories]
    for case in cases:
        case.under = reference()
    assert any(case.when(command, "2026-07-16", by).decided for case in cases)


def test_an_unknown_event_of_another_kind_is_not_silently_taken() -> None:
    """Control for totality: the type checker's list of cases is what makes evolve total."""
    fold = empty(DIAGNOSIS, "diagnosis-1")
    stranger = Case("arbitration")
    try:
        step(fold, stranger._recorded(arb.FILED), reference())
    except AssertionError:
        return
    raise AssertionError("an event of another kind was folded into a diagnosis")
