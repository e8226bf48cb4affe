"""Corrections 更正 and newly adopted calendars: nothing is edited, dates follow the facts."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import get_args, get_type_hints

import pytest

from domain.acts import TaskClaimed
from domain.cases import CASE_KINDS, period, tip
from domain.cases import arbitration as arb
from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.corrections import (
    ANY_KIND,
    NOT_CORRECTED,
    ApplyReference,
    Change,
    CorrectFact,
    FactCorrected,
    Moved,
    ReferenceApplied,
)
from domain.decider import CaseKind, Claim, Release
from domain.events import field_name, sentence, type_of
from domain.rules import Reference
from domain.sealing import Sealed, Secret
from domain.tasks import STANDINGS
from tests.domain.test_arbitration import FILED
from tests.domain.test_determination import OPENED, filed
from tests.domain.test_diagnosis import (
    APPLIED,
    COMPLETE,
    DIAGNOSED,
    FIRST,
    concluded,
    delivered,
    panel,
)
from tests.domain.test_tip import received
from tests.spec import EMPLOYER, INSTITUTION, WORKER, Case, given, noon, on, reference


def diagnosed() -> Case:
    return given("diagnosis", APPLIED, COMPLETE, concluded(), delivered("worker"))


def test_a_correction_keeps_both_values_and_moves_the_dates_that_rest_on_them() -> None:
    case = diagnosed()
    before = case.task("dx.appraise-first")
    wrong_day = CorrectFact(version=4, occurred_on=date(2026, 5, 13), reason="回证录错")
    case.when(wrong_day, "2026-05-19").then(
        FactCorrected(
            target=4,
            target_type="diagnosis.delivered",
            changes=(),
            sealed={},
            subject=None,
            occurred_on=date(2026, 5, 13),
            occurred_before=date(2026, 5, 15),
            reason="回证录错",
        )
    )
    case.when(wrong_day, "2026-05-19").done()
    after = case.task("dx.appraise-first")
    assert after.id == before.id
    assert str(before.due.legal) == "2026-06-15"  # type: ignore[union-attr]
    assert str(after.due.legal) == "2026-06-12"  # type: ignore[union-attr]


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
    (event,) = case.when(given_name, "2026-03-03", WORKER).decided
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
    assert applied.moved == (Moved(task.id, date(2026, 10, 5), date(2026, 10, 8), task.rule.title),)
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


def test_a_clock_that_has_not_started_is_put_under_the_new_calendar_by_an_event() -> None:
    case = given("diagnosis", APPLIED, under=reference(without_year=2026))
    conclude = case.task("dx.conclude")
    case.under = reference()
    outcome = case.when(ApplyReference(), "2026-09-01", "system")
    outcome.then(ReferenceApplied(moved=(Moved(conclude.id, None, None, conclude.rule.title),)))
    assert sentence(outcome.decided[0], {}).endswith(
        "重算期限：“作出职业病诊断结论”尚无期限日，以后按新版计算"
    )
    outcome.done()
    assert case.when(ApplyReference(), "2026-09-02", "system").decided == ()
    # The thirtieth day, 10-04, lies in the National Day holiday of the calendar adopted: 10-08.
    case.add(on("2026-09-04", dx.FileCompleted(basis="齐全")))
    firm = case.task("dx.conclude").due
    assert firm is not None
    assert (firm.legal, firm.provisional) == (date(2026, 10, 8), False)


def test_a_calendar_adopted_while_a_clock_stands_still_holds_when_it_runs_on() -> None:
    # Started 08-26, 30 days: 09-25. Stopped from 09-01 to 09-10, nine days more: 10-04, a Sunday
    # of the National Day holiday, which by policy alone would end on 10-03.
    case = given(
        "diagnosis",
        APPLIED,
        on("2026-08-26", dx.FileCompleted(basis="齐全")),
        on("2026-09-01", dx.RulingRequested(ground="disputed_data")),
        under=reference(without_year=2026),
    )
    conclude = case.task("dx.conclude")
    case.under = reference()
    outcome = case.when(ApplyReference(), "2026-09-05", "system")
    (applied,) = outcome.decided
    assert Moved(conclude.id, None, None, conclude.rule.title) in applied.moved
    outcome.done()
    case.add(on("2026-09-10", dx.RulingGiven(finding="属实", basis="现场"), "HB"))
    firm = case.task("dx.conclude").due
    assert firm is not None
    assert (firm.legal, firm.provisional) == (date(2026, 10, 8), False)


def test_a_date_that_stays_is_put_under_the_new_calendar_too_for_it_may_be_stopped() -> None:
    # 30 days from 08-18: 09-17, a Thursday and no holiday under either calendar.
    case = given(
        "diagnosis",
        APPLIED,
        on("2026-08-18", dx.FileCompleted(basis="齐全")),
        under=reference(without_year=2026),
    )
    case.under = reference()
    outcome = case.when(ApplyReference(), "2026-09-01", "system")
    conclude = case.task("dx.conclude")
    stays = Moved(conclude.id, date(2026, 9, 17), date(2026, 9, 17), conclude.rule.title)
    outcome.then(ReferenceApplied(moved=(stays,)))  # no longer provisional
    outcome.done()
    assert case.when(ApplyReference(), "2026-09-02", "system").decided == ()
    case.add(on("2026-09-03", dx.RulingRequested(ground="disputed_data")))
    case.add(on("2026-09-19", dx.RulingGiven(finding="属实", basis="现场"), "HB"))
    # Sixteen days stopped: 10-03, in the holiday, so 10-08.
    firm = case.task("dx.conclude").due
    assert firm is not None
    assert (firm.legal, firm.provisional) == (date(2026, 10, 8), False)


def test_a_right_that_has_lapsed_is_left_as_it_lapsed() -> None:
    # Served 2026-01-05; thirty days end 02-04.
    case = given(
        "diagnosis",
        APPLIED,
        COMPLETE,
        concluded("2026-01-05"),
        on("2026-01-05", dx.CardReported()),
        delivered("worker", "2026-01-05"),
        delivered("employer", "2026-01-05"),
        under=reference(without_year=2027),
    )
    case.under = Reference(case.under.edition, replace(case.under.calendar, id="later"))
    assert case.when(ApplyReference(), "2026-02-04", "system").decided != ()
    assert case.when(ApplyReference(), "2026-02-05", "system").decided == ()


def test_a_new_calendar_leaves_a_case_alone_until_its_event() -> None:
    early = on("2026-09-04", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, under=reference(without_year=2026))
    case.under = reference()
    case.add(on("2026-09-07", dx.SurveyRequested(matter="m")))
    assert str(case.task("dx.conclude").due.legal) == "2026-10-05"  # type: ignore[union-attr]


def test_a_correction_that_changes_nothing_is_refused() -> None:
    case = diagnosed()
    same_stage = CorrectFact(version=3, changes={"stage": "壹期"}, reason="r")
    case.when(same_stage, "2026-05-20").refused("nothing-changed")
    same_day = CorrectFact(version=4, occurred_on=date(2026, 5, 15), reason="r")
    case.when(same_day, "2026-05-20").refused("nothing-changed")
    stage = CorrectFact(version=3, changes={"stage": "贰期"}, reason="录错")
    case.when(stage, "2026-05-20").done()
    case.when(stage, "2026-05-20").refused("nothing-changed")


def test_a_sealed_field_takes_no_plain_value_and_the_refusal_does_not_repeat_it() -> None:
    case = given("diagnosis", APPLIED)  # its sealed fields are empty
    plain = CorrectFact(version=1, changes={"worker_name": "合成姓名"}, reason="r")
    outcome = case.when(plain, "2026-03-03", WORKER)
    outcome.refused("no-such-field")
    assert outcome.refusal is not None
    assert "合成姓名" not in outcome.refusal.zh + outcome.refusal.en


def test_an_empty_sealed_field_is_filled_by_a_correction() -> None:
    filled = CorrectFact(version=1, sealed={"worker_name": Secret("合成")}, reason="补录")
    (event,) = given("diagnosis", APPLIED).when(filled, "2026-03-03", "HB").decided
    assert event.sealed["worker_name"].plaintext == "合成"


def test_the_day_a_case_was_opened_follows_its_first_fact() -> None:
    case = given("diagnosis", APPLIED)
    case.when(
        CorrectFact(version=1, occurred_on=date(2026, 2, 27), reason="r"), "2026-03-03", WORKER
    ).done()
    assert case.fold.opened_on == date(2026, 2, 27)


def test_a_correction_of_another_fact_than_it_cites_changes_nothing() -> None:
    case = given("diagnosis", APPLIED, COMPLETE)
    stray = FactCorrected(
        target=2,
        target_type="diagnosis.concluded",
        changes=(Change("result", "od", "not_od"),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="r",
    )
    before = case.fold
    case.add(on("2026-04-21", stray))
    assert (case.fold.state, case.fold.tasks) == (before.state, before.tasks)


def test_a_window_that_starts_at_anothers_end_is_told_with_its_new_day_too() -> None:
    # Both were served 2026-09-01; thirty days end 10-01, in the holiday. Without the 2026 calendar
    # by policy 10-05, and fifteen days more 10-20; with it 10-08 and 10-23.
    over = on("2026-04-13", dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"))
    case = given(
        "diagnosis",
        APPLIED,
        over,
        concluded("2026-08-28"),
        delivered("worker", "2026-09-01"),
        delivered("employer", "2026-09-01"),
        under=reference(without_year=2026),
    )
    suit = case.task("dx.employer-sue")
    case.under = reference()
    outcome = case.when(ApplyReference(), "2026-09-10", "system")
    (applied,) = outcome.decided
    assert Moved(suit.id, date(2026, 10, 20), date(2026, 10, 23), suit.rule.title) in applied.moved
    outcome.done()
    firm = case.task("dx.employer-sue").due
    assert firm is not None
    assert (firm.legal, firm.provisional) == (date(2026, 10, 23), False)
    assert case.when(ApplyReference(), "2026-09-11", "system").decided == ()


def test_a_task_whose_rule_the_new_edition_lacks_keeps_its_law_and_takes_the_calendar() -> None:
    early = on("2026-09-04", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, under=reference(without_year=2026))
    old, new = case.under.edition, reference()
    lacking = replace(
        new.edition,
        id="lacking",
        rules=tuple(rule for rule in old.rules if rule.id != "dx.conclude"),
        deadlines={id: d for id, d in old.deadlines.items() if id != "D45"},
    )
    case.under = Reference(lacking, new.calendar)
    case.when(ApplyReference(), "2026-09-10", "system").done()
    task = case.task("dx.conclude")
    assert str(task.due and task.due.legal) == "2026-10-08"
    assert task.reference.key == (old.id, new.calendar.id)


# --- Who may correct, and what the original command would have admitted --------------------------


def test_a_fact_is_corrected_by_who_acted_or_by_who_supervises_it() -> None:
    stage = CorrectFact(version=3, changes={"stage": "贰期"}, reason="录错")
    for by in (INSTITUTION, "HB"):
        assert diagnosed().when(stage, "2026-05-20", by).refusal is None
    for by in (WORKER, EMPLOYER, "HSSB", "TS-110", "institution:DI-02"):
        outcome = diagnosed().when(stage, "2026-05-20", by)
        outcome.refused("wrong-actor")
        assert outcome.refusal is not None
        assert "DI-01" in outcome.refusal.zh
        assert "卫健局" in outcome.refusal.zh
    applied_by = CorrectFact(version=1, changes={"hazard": "锰"}, reason="录错")
    outcome = diagnosed().when(applied_by, "2026-05-20", EMPLOYER)
    outcome.refused("wrong-actor")
    assert outcome.refusal is not None
    assert "S-1" not in outcome.refusal.zh + outcome.refusal.en  # a person is not named
    applied = CorrectFact(version=2, changes={"applicant": "kin"}, reason="录错")
    for by, fine in ((WORKER, False), ("HSSB", True), ("HB", False)):
        case = given("determination", OPENED, on("2025-09-25", filed().event, "citizen:C-1"))
        assert (case.when(applied, "2025-09-26", by).refusal is None) is fine


def test_what_was_entered_before_it_happened_is_put_right_to_the_true_day() -> None:
    """Posted and entered as served on 15 May, signed on the 18th: thirty days, so 17 June."""
    late = CorrectFact(version=4, occurred_on=date(2026, 5, 18), reason="r")
    window = diagnosed().when(late, "2026-05-20").done().task("dx.appraise-first", "worker")
    assert window.due is not None
    assert window.due.legal == date(2026, 6, 17)
    future = CorrectFact(version=4, occurred_on=date(2026, 5, 21), reason="r")
    diagnosed().when(future, "2026-05-20").refused("future")
    entered = given("diagnosis", APPLIED, on("2026-03-04", COMPLETE.event, recorded="2026-03-09"))
    on_that_day = CorrectFact(version=2, occurred_on=date(2026, 3, 9), reason="r")
    assert entered.when(on_that_day, "2026-05-20").refusal is None


def test_a_correction_is_refused_where_the_command_itself_would_have_been() -> None:
    """Each change is one the kind refuses when it is first said; the code is the kind's own."""
    panelled = on("2026-07-10", panel("first", "2026-07-10").event, "appraisal:330500")
    accepted = on("2026-06-03", dx.AppraisalAccepted(level="first"), "appraisal:330500")
    for code, case, version, changes in (
        ("not-listed", diagnosed(), 3, {"disease": "没有的病"}),
        ("stage-missing", diagnosed(), 3, {"stage": None}),
        ("stage-unfit", diagnosed(), 3, {"disease": "噪声聋"}),
        ("derived", diagnosed(), 3, {"catalogue": "catalogue-2013"}),
        ("no-ruling-for-this", _ruling(), 2, {"ground": "data_withheld"}),
        ("delivered", given("diagnosis", *DIAGNOSED), 5, {"party": "worker"}),
        ("panel", given("diagnosis", *DIAGNOSED, FIRST, accepted, panelled), 8, {"panel": 6}),
        ("blank", diagnosed(), 3, {"certificate": " "}),
        ("party", given("diagnosis", APPLIED), 1, {"institution": "DI-02"}),
        ("receipt-day", _ruling(), 2, {"received_on": "2026-03-01"}),
        ("not-overdue", _refused(), 3, {"ground": "overdue"}),
        ("certificate-stands", _investigated(), 4, {"matter": "disease"}),
    ):
        by = "HSSB" if case.fold.kind.name == "determination" else "HB"
        correction = CorrectFact(version=version, changes=changes, reason="r")
        case.when(correction, "2026-07-20", by).refused(code)


def _ruling() -> Case:
    return given("diagnosis", APPLIED, on("2026-03-20", dx.RulingRequested(ground="disputed_data")))


def _refused() -> Case:
    out_of_scope = on("2025-09-28", wi.DeterminationRefused(ground="out_of_scope"), "HSSB")
    return given("determination", OPENED, filed(), out_of_scope)


def _investigated() -> Case:
    accepted = on("2025-09-28", wi.DeterminationAccepted(clear=False), "HSSB")
    looked = on("2025-09-29", wi.Investigation(matter="insurance", finding="f"), "HSSB")
    return given("determination", OPENED, filed(), accepted, looked)


def test_a_disease_and_its_stage_are_put_right_together() -> None:
    both = CorrectFact(version=3, changes={"disease": "噪声聋", "stage": None}, reason="录错")
    assert diagnosed().when(both, "2026-05-20").refusal is None


def test_the_catalogue_is_the_one_in_force_on_the_corrected_day() -> None:
    # The 2024 catalogue is in force from 2025-08-01.
    early = (
        on("2025-06-02", APPLIED.event, WORKER),
        on("2025-06-20", COMPLETE.event),
        concluded("2025-08-04"),
    )
    moved = CorrectFact(version=3, occurred_on=date(2025, 7, 30), reason="录错")
    (correction,) = given("diagnosis", *early).when(moved, "2025-08-05").decided
    assert correction.changes == (Change("catalogue", "catalogue-2024", "catalogue-2013"),)


def test_the_lateness_of_an_application_follows_its_corrected_day() -> None:
    # The thirty days end on 10-09; entered as of 10-10 it was late.
    late = on("2025-10-10", filed(by="employer", late=True).event, EMPLOYER)
    moved = CorrectFact(version=2, occurred_on=date(2025, 10, 9), reason="收件日录错")
    case = given("determination", OPENED, late)
    (correction,) = case.when(moved, "2025-10-13", EMPLOYER).decided
    assert correction.changes == (Change("employer_late", True, False),)
    case.when(moved, "2025-10-13", EMPLOYER).done()
    assert case.fold.state.employer_late is False
    assert case.task("wi.employer-apply").on_time is True


def test_what_stood_in_the_way_before_does_not_forbid_a_harmless_correction() -> None:
    # The certificate of this fact is not in the catalogue named today; its number is put right.
    odd = dx.DiagnosisConcluded(**{**vars(concluded().event), "disease": "旧目录病名"})
    case = given("diagnosis", APPLIED, COMPLETE, on("2026-05-12", odd))
    number = CorrectFact(version=3, changes={"certificate": "合成-2"}, reason="录错")
    assert case.when(number, "2026-05-20").refusal is None


# --- Uniqueness keys follow ---------------------------------------------------------------------


def test_a_corrected_institution_takes_its_key_along() -> None:
    other = CorrectFact(version=1, changes={"institution": "institution:DI-02"}, reason="录错")
    _, *keys = given("diagnosis", APPLIED).when(other, "2026-03-03", WORKER).decided
    assert keys == [
        Release("diagnosis.open", f"{INSTITUTION}|S-1"),
        Claim("diagnosis.open", "institution:DI-02|S-1"),
    ]


def test_no_key_is_taken_or_given_back_once_the_application_has_ended() -> None:
    other = CorrectFact(version=1, changes={"institution": "institution:DI-02"}, reason="录错")
    withdrawn = on("2026-03-03", dx.DiagnosisWithdrawn(reason="r"), WORKER)
    for case in (diagnosed(), given("diagnosis", APPLIED, withdrawn)):
        decided = case.when(other, "2026-05-20", "HB").decided
        assert not any(isinstance(item, (Claim, Release)) for item in decided)


def test_a_corrected_matter_takes_the_arbitrations_key_along() -> None:
    case = given("arbitration", FILED)
    case.others["diagnosis-1"] = given("diagnosis", APPLIED).fold
    other = CorrectFact(version=1, changes={"matter": "relation"}, reason="录错")
    _, *keys = case.when(other, "2026-03-13", "HSSB").decided
    assert keys == [
        Release("arbitration.pending", "diagnosis-1|post"),
        Claim("arbitration.pending", "diagnosis-1|relation"),
    ]
    refused = on("2026-03-16", arb.ArbitrationRefused(ground="same_dispute"), "HSSB")
    case.add(refused)
    assert len(case.when(other, "2026-03-17", "HSSB").decided) == 1


# --- What was copied or derived follows ----------------------------------------------------------


def test_a_lateness_worked_out_from_a_corrected_day_follows_it() -> None:
    # Diagnosed 2025-09-01, filed 10-10: late. Diagnosed on 09-12 in truth: 10-12 is a Sunday.
    late = on("2025-10-10", filed(by="employer", late=True).event, EMPLOYER)
    case = given("determination", OPENED, late)
    day = CorrectFact(version=1, changes={"diagnosed_on": "2025-09-12"}, reason="录错")
    opening, lateness = case.when(day, "2025-10-13", "HSSB").decided
    assert lateness.target_type == "determination.filed"
    assert lateness.changes == (Change("employer_late", True, False),)
    case.when(day, "2025-10-13", "HSSB").done()
    assert case.fold.state.employer_late is False
    assert opening.target == 1


def test_a_tip_is_corrected_as_it_would_have_been_received() -> None:
    received = tip_received()
    none = CorrectFact(version=1, changes={"matters": []}, reason="录错")
    received.when(none, "2026-04-14", "LGO").refused("no-matter")
    channel = CorrectFact(version=1, changes={"channel": "letter"}, reason="录错")
    received.when(channel, "2026-04-14", "TS-110").refused("wrong-actor")
    assert received.when(channel, "2026-04-14", "LGO").refusal is None
    routed = received.add(
        on("2026-04-14", tip.TipRouted(actor="LGO", to="HSSB", reason="r"), "LGO")
    )
    again = CorrectFact(version=2, changes={"to": "EMB"}, reason="r")
    routed.when(again, "2026-04-15", "LGO").refused("undone-otherwise")


def test_a_conclusion_that_looked_at_a_case_parted_since_is_still_corrected() -> None:
    case = tip_received().add(
        on("2026-04-14", tip.TipAccepted(unit="HB"), "HB"),
        on("2026-04-15", tip.TipJoined(tip="tip-2"), "HB"),
        on("2026-04-20", tip.TipConcluded(unit="HB", finding="partly", note="旧"), "HB"),
        on("2026-04-21", tip.TipParted(tip="tip-2"), "HB"),
    )
    note = CorrectFact(version=4, changes={"note": "新"}, reason="录错")
    assert case.when(note, "2026-04-22", "HB").refusal is None


def tip_received() -> Case:
    return given(
        "tip",
        on(
            "2026-04-13",
            tip.TipReceived(
                channel="platform",
                matters=("unprotected",),
                to="HB",
                anonymous=True,
                informant=None,
                accused=None,
                accused_unit=None,
                subject="S-t",
                content=Secret("合成"),
                name=None,
                contact=None,
            ),
            "citizen:C-1",
        ),
    )


def test_a_yearly_duty_reported_wrongly_is_put_right_by_who_reported() -> None:
    opened = period.PeriodOpened(year=2026, eve=date(2025, 12, 31), townships=("TS-001",))
    told = period.DutyReported(unit="HB", matter="survey", note="旧")
    case = given("period", on("2026-01-01", opened, "system"), on("2026-03-02", told, "HB"))
    note = CorrectFact(version=2, changes={"note": "新"}, reason="录错")
    case.when(note, "2026-03-03", "EMB").refused("wrong-actor")
    case.when(note, "2026-03-03", "HB").done()
    assert case.fold.facts[1][0].event.note == "新"
    other = CorrectFact(version=2, changes={"matter": "funds"}, reason="录错")
    case.when(other, "2026-03-03", "HB").refused("not-owed")


def test_an_act_on_a_task_stands_after_a_correction() -> None:
    case = diagnosed()
    task = case.task("dx.card")
    case.add(on("2026-05-20", TaskClaimed(task=task.id, title="报告卡", officer="officer-7")))
    wrong = CorrectFact(version=2, occurred_on=date(2026, 4, 17), reason="录错")
    case.when(wrong, "2026-05-21").done()
    assert case.task("dx.card").officer == "officer-7"


# --- What a field is called ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", CASE_KINDS.values(), ids=lambda kind: kind.name)
def test_every_field_that_may_be_put_right_has_a_chinese_name(kind: CaseKind) -> None:
    unnamed = [
        f"{name}.{f.name}"
        for event in kind.events
        if not (name := type_of(event).name).startswith(NOT_CORRECTED)
        if not isinstance((kind.corrections or ANY_KIND).undone_by.get(event), str)
        for f in fields(event)
        if Sealed not in get_args(get_type_hints(event)[f.name])
        if field_name(name, f.name) == f.name
    ]
    assert unnamed == []


def test_a_kinds_own_word_for_a_field_goes_before_that_of_every_kind() -> None:
    assert field_name("diagnosis.survey_requested", "matter") == "争议事项"
    assert field_name("period.reported", "matter") == "事项"


def test_a_fact_is_not_turned_to_another_case_that_nobody_looked_at() -> None:
    none = tip.IncidentChecked(unit="HB", outcome="no_incident", note="x")
    case = given("tip", received(to="HB"), on("2026-04-14", none, "HB"))
    turned = {"outcome": "incident_reported", "incident": "incident-1"}
    said = CorrectFact(version=2, changes=turned, reason="录错")
    case.when(said, "2026-04-15", "HB").refused("other-case")
