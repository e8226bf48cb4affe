"""Corrections 更正 and newly adopted calendars: nothing is edited, dates follow the facts."""

from __future__ import annotations

from datetime import date

from domain.cases import diagnosis as dx
from domain.corrections import ApplyReference, Change, CorrectFact, FactCorrected, Moved
from domain.sealing import Secret
from domain.tasks import STANDINGS
from tests.domain.test_diagnosis import APPLIED, COMPLETE, concluded, delivered
from tests.spec import INSTITUTION, WORKER, Case, given, noon, on, reference


def diagnosed() -> Case:
    return given("diagnosis", APPLIED, COMPLETE, concluded(), delivered("worker"))


def test_a_correction_keeps_both_values_and_moves_the_dates_that_rest_on_them() -> None:
    case = diagnosed()
    before = case.task("dx.appraise-first")
    wrong_day = CorrectFact(version=4, occurred_on=date(2026, 5, 18), reason="回证录错")
    case.when(wrong_day, "2026-05-19").then(
        FactCorrected(
            target=4,
            target_type="diagnosis.delivered",
            changes=(),
            sealed={},
            subject=None,
            occurred_on=date(2026, 5, 18),
            occurred_before=date(2026, 5, 15),
            reason="回证录错",
        )
    )
    case.when(wrong_day, "2026-05-19").done()
    after = case.task("dx.appraise-first")
    assert after.id == before.id
    assert str(before.due.legal) == "2026-06-15"  # type: ignore[union-attr]
    assert str(after.due.legal) == "2026-06-17"  # type: ignore[union-attr]


def test_a_task_whose_condition_fails_ends_as_corrected_and_comes_back() -> None:
    case = diagnosed()
    no = CorrectFact(version=3, changes={"result": "not_od"}, reason="录错")
    outcome = case.when(no, "2026-05-20")
    assert outcome.decided[0].changes == (Change("result", "od", "not_od"),)
    outcome.done()
    card = case.task("dx.card")
    assert card.closed is not None
    assert card.closed.outcome == "corrected"
    assert STANDINGS[card.standing(noon("2026-05-20"))] == "已结束"
    case.when(CorrectFact(version=3, changes={"result": "od"}, reason="前误"), "2026-05-21").done()
    assert case.owes(INSTITUTION, "2026-05-21")["dx.card"] == "2026-05-27"


def test_what_was_done_stands_after_a_correction() -> None:
    case = diagnosed().add(on("2026-05-20", dx.CardReported()))
    case.when(
        CorrectFact(version=2, occurred_on=date(2026, 4, 17), reason="录错"), "2026-05-21"
    ).done()
    card = case.task("dx.card")
    assert card.closed is not None
    assert card.closed.outcome == "done"
    assert str(case.task("dx.conclude").due.legal) == "2026-05-18"  # type: ignore[union-attr]


def test_a_correction_must_fit_the_fact() -> None:
    case = diagnosed()
    for code, command in (
        ("reason-missing", CorrectFact(version=3, changes={"stage": "贰期"}, reason=" ")),
        ("no-such-fact", CorrectFact(version=9, changes={"stage": "贰期"}, reason="r")),
        ("no-such-field", CorrectFact(version=3, changes={"colour": "red"}, reason="r")),
        ("bad-value", CorrectFact(version=3, changes={"result": "perhaps"}, reason="r")),
        ("bad-value", CorrectFact(version=3, changes={"certificate": 5}, reason="r")),
        ("nothing-changed", CorrectFact(version=3, reason="r")),
        ("future", CorrectFact(version=3, occurred_on=date(2026, 7, 1), reason="r")),
        ("not-sealed", CorrectFact(version=3, sealed={"stage": Secret("x")}, reason="r")),
    ):
        case.when(command, "2026-05-20").refused(code)


def test_a_correction_is_itself_corrected_by_correcting_the_fact_again() -> None:
    case = diagnosed()
    case.when(CorrectFact(version=3, changes={"stage": "贰期"}, reason="录错"), "2026-05-20").done()
    case.when(CorrectFact(version=5, changes={"reason": "x"}, reason="r"), "2026-05-21").refused(
        "no-such-fact"
    )
    case.when(CorrectFact(version=3, changes={"stage": "壹期"}, reason="前误"), "2026-05-21").done()
    assert case.fold.state.conclusion == dx.Conclusion("institution", "od", "矽肺", "壹期")


def test_a_sealed_field_is_corrected_sealed() -> None:
    named = dx.DiagnosisApplied(**{**vars(APPLIED.event), "worker_name": Secret("旧")})
    case = given("diagnosis", on("2026-03-02", named, WORKER))
    given_name = CorrectFact(version=1, sealed={"worker_name": Secret("新")}, reason="录错")
    (event,) = case.when(given_name, "2026-03-03").decided
    assert event.subject == "S-1"
    assert event.sealed["worker_name"].plaintext == "新"


def test_a_provisional_date_becomes_firm_by_an_event_that_names_old_and_new() -> None:
    # 30 days from 2026-09-04 end in the National Day holiday: 10-08. Without the 2026 calendar
    # only 1–3 October rest by policy: 10-04, a Sunday, so provisionally 10-05.
    early = on("2026-09-04", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, under=reference(without_year=2026))
    task = case.task("dx.conclude")
    assert task.due is not None
    assert (str(task.due.legal), task.due.provisional) == ("2026-10-05", True)
    case.under = reference()
    outcome = case.when(ApplyReference(), "2026-09-10", "system")
    (applied,) = outcome.decided
    assert applied.moved == (Moved(task.id, date(2026, 10, 5), date(2026, 10, 8)),)
    outcome.done()
    firm = case.task("dx.conclude").due
    assert firm is not None
    assert (str(firm.legal), str(firm.safe), firm.provisional) == (
        "2026-10-08",
        "2026-09-30",
        False,
    )


def test_applying_what_is_in_force_changes_nothing() -> None:
    assert diagnosed().when(ApplyReference(), "2026-05-20", "system").decided == ()


def test_a_new_calendar_leaves_a_case_alone_until_its_event() -> None:
    early = on("2026-09-04", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, under=reference(without_year=2026))
    case.under = reference()
    case.add(on("2026-09-07", dx.SurveyRequested(matter="m")))
    assert str(case.task("dx.conclude").due.legal) == "2026-10-05"  # type: ignore[union-attr]
