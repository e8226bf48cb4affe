"""Labour arbitration 劳动争议仲裁: how it holds a diagnosis, and what it opens for the parties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import arbitration as arb
from domain.cases import diagnosis as dx
from domain.decider import On, Release
from domain.events import sentence
from domain.rules import Reference
from tests.domain.test_diagnosis import APPLIED, ARBITRATION, ASKED, COMPLETE, DIAGNOSED
from tests.spec import EMPLOYER, INSTITUTION, WORKER, Case, Fact, given, noon, on, reference

FILED = on(
    "2026-03-12",
    arb.ArbitrationFiled(
        diagnosis="diagnosis-1", party="worker", matter="post", worker=WORKER, employer=EMPLOYER
    ),
    WORKER,
)
ACCEPTED = on("2026-03-17", arb.ArbitrationAccepted(), "HSSB")
AWARDED = on("2026-04-10", arb.ArbitrationAwarded(finding="确认"), "HSSB")
TO_WORKER = on("2026-04-13", arb.AwardServed(party="worker"), "HSSB")
TO_EMPLOYER = on("2026-04-13", arb.AwardServed(party="employer"), "HSSB")


def arbitration(*facts: Fact, diagnosis: Case | None = None) -> Case:
    case = given("arbitration", *facts)
    case.others["diagnosis-1"] = (diagnosis or given("diagnosis", APPLIED)).fold
    return case


def test_the_commission_accepts_in_five_working_days_and_awards_in_thirty() -> None:
    assert arbitration(FILED).owes("HSSB", "2026-03-12") == {"arb.accept": "2026-03-19"}
    # From acceptance and not 45 days: ODL 49.
    assert arbitration(FILED, ACCEPTED).owes("HSSB", "2026-03-20") == {"arb.award": "2026-04-16"}
    assert arbitration(FILED, ACCEPTED, AWARDED).owes("HSSB", "2026-04-10") == {"arb.serve": None}


def test_the_worker_may_sue_for_fifteen_days_from_service() -> None:
    case = arbitration(FILED, ACCEPTED, AWARDED, TO_WORKER)
    assert case.may(WORKER, "2026-04-21") == {"arb.worker-sue": "2026-04-28"}
    case.when(arb.Sue(), "2026-04-28", WORKER).then(arb.AwardSued(party="worker"))
    case.when(arb.Sue(), "2026-04-29", WORKER).refused("window-closed")


def test_filing_tells_the_diagnosis_in_the_same_breath() -> None:
    command = arb.FileArbitration(case_diagnosis="diagnosis-1", matter="post")
    filed, told, claim = arbitration().when(command, "2026-03-12", WORKER).decided
    assert filed == FILED.event
    assert told == On(
        "diagnosis-1", dx.ArbitrationFiled(arbitration="arbitration-1", matter="工种、工作岗位")
    )
    assert claim.key == "diagnosis-1|post"


def test_the_last_service_tells_the_diagnosis_that_it_is_over() -> None:
    case = arbitration(FILED, ACCEPTED, AWARDED)
    case.when(arb.ServeAward(party="worker"), "2026-04-13", "HSSB").then(TO_WORKER.event)
    case.add(TO_WORKER)
    ended = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    case.when(arb.ServeAward(party="employer"), "2026-04-13", "HSSB").then(
        TO_EMPLOYER.event, On("diagnosis-1", ended)
    )


def test_a_refusal_ends_the_waiting_too() -> None:
    refused = arb.ArbitrationRefused(ground="no_jurisdiction")
    ended = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="refused")
    arbitration(FILED).when(
        arb.RefuseArbitration(ground="no_jurisdiction"), "2026-03-16", "HSSB"
    ).then(refused, On("diagnosis-1", ended))


def test_the_employer_sues_only_after_the_diagnosis_and_its_windows_have_ended() -> None:
    filed = on("2026-03-12", dx.ArbitrationFiled(arbitration="arbitration-1", matter="post"))
    over = on("2026-04-13", dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"))
    running = given("diagnosis", APPLIED, filed, over)
    served = (FILED, ACCEPTED, AWARDED, TO_WORKER, TO_EMPLOYER)
    arbitration(*served, diagnosis=running).when(arb.Sue(), "2026-04-20", EMPLOYER).refused(
        "window-not-open"
    )
    ended = running.add(*DIAGNOSED[1:])
    case = arbitration(*served, diagnosis=ended)
    case.when(arb.Sue(), "2026-06-14", EMPLOYER).refused("window-not-open")
    sued = dx.EmployerSued(arbitration="arbitration-1")
    case.when(arb.Sue(), "2026-06-30", EMPLOYER).then(
        arb.AwardSued(party="employer"), On("diagnosis-1", sued)
    )
    case.when(arb.Sue(), "2026-07-01", EMPLOYER).refused("window-closed")


@pytest.mark.parametrize(
    ("code", "facts", "command", "by"),
    [
        ("no-such-diagnosis", (), arb.FileArbitration(case_diagnosis="x", matter="post"), WORKER),
        ("not-a-party", (), arb.FileArbitration(case_diagnosis="diagnosis-1", matter="post"), "HB"),
        ("accepted", (FILED, ACCEPTED), arb.AcceptArbitration(), "HSSB"),
        ("accepted", (FILED, ACCEPTED), arb.RefuseArbitration(ground="same_dispute"), "HSSB"),
        ("not-accepted", (FILED,), arb.Award(finding="f"), "HSSB"),
        ("ended", (FILED, ACCEPTED, AWARDED), arb.Award(finding="f"), "HSSB"),
        ("not-awarded", (FILED, ACCEPTED), arb.ServeAward(party="worker"), "HSSB"),
        ("served", (FILED, ACCEPTED, AWARDED, TO_WORKER), arb.ServeAward(party="worker"), "HSSB"),
        ("window-closed", (FILED, ACCEPTED, AWARDED), arb.Sue(), WORKER),
    ],
)
def test_what_the_facts_do_not_admit_is_refused(
    code: str, facts: tuple[Fact, ...], command: Any, by: str
) -> None:
    arbitration(*facts).when(command, "2026-04-20", by).refused(code)


def test_a_concluded_diagnosis_is_disputed_by_appraisal_not_arbitration() -> None:
    case = arbitration(diagnosis=given("diagnosis", *DIAGNOSED))
    command = arb.FileArbitration(case_diagnosis="diagnosis-1", matter="post")
    case.when(command, "2026-06-01", WORKER).refused("concluded")


# --- Arbitration holds the diagnosis, to the day -------------------------------------------------


def test_a_diagnosis_held_by_an_arbitration_goes_its_whole_way() -> None:
    disputed = dx.DataSupplied(disputed="工种")
    case = given("diagnosis", APPLIED, ASKED)
    assert case.owes(EMPLOYER, "2026-03-04") == {"dx.employer-data": "2026-03-13"}
    case.add(on("2026-03-11", disputed, EMPLOYER), ARBITRATION)
    held = arbitration(FILED, ACCEPTED)
    assert held.owes("HSSB", "2026-03-20") == {"arb.award": "2026-04-16"}
    assert case.owes("HB", "2026-03-20") == {}
    assert case.owes(INSTITUTION, "2026-03-20") == {"dx.conclude": None}

    over = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    case.add(on("2026-04-13", over, "HSSB"), COMPLETE)
    held.add(AWARDED, TO_WORKER, TO_EMPLOYER)
    assert held.owes("HSSB", "2026-04-21") == {}
    assert held.may(WORKER, "2026-04-21") == {"arb.worker-sue": "2026-04-28"}
    assert case.owes(INSTITUTION, "2026-04-21") == {"dx.conclude": "2026-05-20"}
    assert case.may(EMPLOYER, "2026-04-21") == {"dx.employer-sue": None}

    case.add(*DIAGNOSED[2:])
    for party in ("worker", "employer"):
        due = case.task("dx.appraise-first", party).due
        assert due is not None
        # Thirty days from 05-15 end on Sunday 06-14.
        assert (str(due.raw), str(due.legal), str(due.safe)) == (
            "2026-06-14",
            "2026-06-15",
            "2026-06-12",
        )
    suit = case.task("dx.employer-sue")
    assert (str(suit.due and suit.due.legal), suit.on_time) == ("2026-06-30", None)
    assert suit.standing(noon("2026-07-01")) == "lapsed"


# --- Withdrawal, an employer that is gone, more awards than one -----------------------------------


def test_who_filed_may_withdraw_until_the_award_and_the_diagnosis_goes_on() -> None:
    withdraw = arb.WithdrawArbitration(reason="和解")
    ended = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="withdrawn")
    for facts in ((FILED,), (FILED, ACCEPTED)):
        case = arbitration(*facts)
        case.when(withdraw, "2026-03-20", EMPLOYER).refused("not-the-applicant")
        outcome = case.when(withdraw, "2026-03-20", WORKER)
        outcome.then(arb.ArbitrationWithdrawn(reason="和解"), On("diagnosis-1", ended))
        assert Release("arbitration.pending", "diagnosis-1|post") in outcome.decided
        outcome.done()
        assert case.owes("HSSB", "2026-03-20") == {}
        assert case.fold.kind.status(case.fold.state) == "已撤回"
        case.when(arb.AcceptArbitration(), "2026-03-21", "HSSB").refused("ended")
    arbitration(FILED, ACCEPTED, AWARDED).when(withdraw, "2026-04-11", WORKER).refused("ended")


GONE = on("2026-03-02", dx.RulingRequested(ground="employer_gone"))


def held_against_a_gone_employer(*facts: Fact) -> Case:
    return arbitration(FILED, ACCEPTED, *facts, diagnosis=given("diagnosis", APPLIED, GONE))


def test_an_award_against_an_employer_that_is_gone_ends_with_its_service_excused() -> None:
    excuse = arb.ExcuseService(reason="已注销")
    excused = arb.ServiceExcused(reason="已注销")
    ended = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    held_against_a_gone_employer().when(excuse, "2026-04-13", "HSSB").refused("not-awarded")
    arbitration(FILED, ACCEPTED, AWARDED).when(excuse, "2026-04-13", "HSSB").refused(
        "employer-stands"
    )
    case = held_against_a_gone_employer(AWARDED, TO_WORKER)
    case.when(arb.ServeAward(party="employer"), "2026-04-13", "HSSB").refused("employer-gone")
    outcome = case.when(excuse, "2026-04-13", "HSSB")
    outcome.then(excused, On("diagnosis-1", ended))
    outcome.done()
    assert case.owes("HSSB", "2026-04-13") == {}
    case.when(excuse, "2026-04-14", "HSSB").refused("served")
    first = held_against_a_gone_employer(AWARDED, on("2026-04-12", excused, "HSSB"))
    first.when(arb.ServeAward(party="worker"), "2026-04-13", "HSSB").then(
        TO_WORKER.event, On("diagnosis-1", ended)
    )


def test_a_county_may_ask_public_notice_instead() -> None:
    edition = reference().edition
    way = replace(edition.policies["service-on-gone-employer"], value="公告送达")
    policies = {**edition.policies, way.id: way}
    case = held_against_a_gone_employer(AWARDED, TO_WORKER)
    case.under = Reference(replace(edition, policies=policies), reference().calendar)
    bare = arb.ExcuseService(reason="下落不明")
    case.when(bare, "2026-04-13", "HSSB").refused("notice-missing")
    noticed = arb.ExcuseService(reason="下落不明", announced_on=date(2026, 4, 13))
    # Thirty days from 04-13: 05-13.
    case.when(noticed, "2026-05-12", "HSSB").refused("notice-running")
    assert case.when(noticed, "2026-05-13", "HSSB").refusal is None


def test_the_employers_window_opens_when_the_diagnosis_is_withdrawn() -> None:
    filed = on("2026-03-12", dx.ArbitrationFiled(arbitration="arbitration-1", matter="post"))
    over = on("2026-04-13", dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"))
    withdrawn = on("2026-04-15", dx.DiagnosisWithdrawn(reason="和解"), WORKER)
    case = given("diagnosis", APPLIED, filed, over)
    assert case.may(EMPLOYER, "2026-04-14") == {"dx.employer-sue": None}
    case.add(withdrawn)
    assert case.may(EMPLOYER, "2026-04-15") == {"dx.employer-sue": "2026-04-30"}
    held = arbitration(FILED, ACCEPTED, AWARDED, TO_WORKER, TO_EMPLOYER, diagnosis=case)
    assert held.when(arb.Sue(), "2026-04-30", EMPLOYER).refusal is None
    held.when(arb.Sue(), "2026-05-06", EMPLOYER).refused("window-closed")
    # Applied for again, the diagnosis is not over.
    again = on("2026-04-20", APPLIED.event, WORKER)
    assert case.add(again).may(EMPLOYER, "2026-04-20") == {"dx.employer-sue": None}


def test_an_award_served_after_the_withdrawal_opens_the_window_at_once() -> None:
    filed = on("2026-03-12", dx.ArbitrationFiled(arbitration="arbitration-1", matter="post"))
    withdrawn = on("2026-04-09", dx.DiagnosisWithdrawn(reason="r"), WORKER)
    over = on("2026-04-13", dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"))
    case = given("diagnosis", APPLIED, filed, withdrawn, over)
    assert case.may(EMPLOYER, "2026-04-13") == {"dx.employer-sue-ended": "2026-04-28"}
    held = arbitration(FILED, ACCEPTED, AWARDED, TO_WORKER, TO_EMPLOYER, diagnosis=case)
    assert held.when(arb.Sue(), "2026-04-28", EMPLOYER).refusal is None


def test_a_suit_on_one_award_leaves_the_right_on_another() -> None:
    def told(id: str, outcome: dx.ArbitrationOutcome) -> Fact:
        return on("2026-04-13", dx.ArbitrationConcluded(arbitration=id, outcome=outcome))

    case = given(
        "diagnosis",
        APPLIED,
        told("arbitration-1", "awarded"),
        told("arbitration-2", "awarded"),
        told("arbitration-3", "refused"),
        *DIAGNOSED[1:],
    )
    case.add(on("2026-06-20", dx.EmployerSued(arbitration="arbitration-2"), EMPLOYER))
    assert case.may(EMPLOYER, "2026-06-20") == {"dx.employer-sue": "2026-06-30"}
    served = (FILED, ACCEPTED, AWARDED, TO_WORKER, TO_EMPLOYER)
    held = arbitration(*served, diagnosis=case)
    assert held.when(arb.Sue(), "2026-06-30", EMPLOYER).refusal is None
    case.add(on("2026-06-30", dx.EmployerSued(arbitration="arbitration-1"), EMPLOYER))
    assert case.may(EMPLOYER, "2026-06-30") == {}
    sued = on("2026-06-30", arb.AwardSued(party="employer"), EMPLOYER)
    arbitration(*served, sued, diagnosis=case).when(arb.Sue(), "2026-06-30", EMPLOYER).refused(
        "sued"
    )
    arbitration(FILED, diagnosis=case).when(arb.Sue(), "2026-06-30", EMPLOYER).refused(
        "not-awarded"
    )


def test_nothing_is_concluded_while_an_arbitration_is_pending() -> None:
    filed = dx.ArbitrationFiled(arbitration="arbitration-1", matter="岗位")
    case = given("diagnosis", APPLIED, COMPLETE, on("2026-04-02", filed))
    conclude = dx.Conclude(result="od", disease="矽肺", stage="壹期", certificate="合成")
    case.when(conclude, "2026-04-03").refused("arbitration-pending")


def test_who_sued_leaves_the_judgment_to_be_registered() -> None:
    served = on("2026-04-13", arb.AwardServed(party="worker"), "HSSB")
    sued = on("2026-04-20", arb.AwardSued(party="worker"), WORKER)
    case = given("arbitration", FILED, ACCEPTED, AWARDED, served)
    assert "arb.record-judgment" not in case.owes("HSSB", "2026-04-13")
    case.add(sued)
    assert case.owes("HSSB", "2026-04-20")["arb.record-judgment"] is None
    case.add(on("2026-04-21", arb.AwardSued(party="employer"), EMPLOYER))
    left = [t.rule.id for t in case.fold.open_tasks() if t.rule.id == "arb.record-judgment"]
    assert left == ["arb.record-judgment"]
    first = arb.RecordJudgment(outcome="award_set_aside", document="合成民初1号", final=False)
    case.when(first, "2026-08-03", "HSSB").done()
    # Not yet final: nothing ends by it, and it is registered once.
    assert "arb.record-judgment" in case.owes("HSSB", "2026-08-03")
    assert case.fold.status == "已起诉"
    case.when(first, "2026-08-04", "HSSB").refused("judged")
    judged = arb.RecordJudgment(outcome="award_upheld", document="合成民终1号")
    case.when(judged, "2026-10-12", "HSSB").done()
    assert "arb.record-judgment" not in case.owes("HSSB", "2026-10-12")
    assert case.fold.status == "判决与裁决一致"


def test_an_employer_that_is_gone_files_no_arbitration() -> None:
    gone = on("2026-03-04", dx.RulingRequested(ground="employer_gone"))
    case = given("arbitration")
    case.others["diagnosis-1"] = given("diagnosis", APPLIED, gone).fold
    file = arb.FileArbitration(case_diagnosis="diagnosis-1", matter="post")
    case.when(file, "2026-03-12", EMPLOYER).refused("employer-gone")
    assert case.when(file, "2026-03-12", WORKER).refusal is None


def test_an_award_without_a_disputed_relation_says_nothing_of_one() -> None:
    assert sentence(arb.ArbitrationAwarded(finding="确认岗位"), {}) == "仲裁裁决：确认岗位"
    told = arb.ArbitrationAwarded(finding="f", relation="relation_absent")
    assert sentence(told, {}).endswith("（不存在劳动关系）")
