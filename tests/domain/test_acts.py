"""Acts on tasks 事项操作: sign, return, transfer, help, stop, extend, press, dispute."""

from __future__ import annotations

from datetime import date

import pytest

from domain import acts
from domain.cases import diagnosis as dx
from domain.cases import relief as rlf
from domain.decider import Refused
from domain.tasks import task_id, why
from tests.domain.test_diagnosis import APPLIED, ASKED, COMPLETE, RULED
from tests.domain.test_relief import applied as asked
from tests.domain.test_tip import accepted, received
from tests.spec import EMPLOYER, INSTITUTION, Case, given, noon, on, reference

# HB has the ruling from Wednesday 2026-04-01; 30 days end 05-01, in the holiday: 05-06, safe 04-30.
# Its return window: 04-02, 04-03, 04-07, 04-08, 04-09 (Qingming 04-04…06).
RULING = on("2026-04-01", dx.RulingRequested(ground="disputed_data"))


def ruling() -> tuple[Case, str]:
    case = given("diagnosis", APPLIED, RULING)
    return case, case.task("dx.ruling").id


def household() -> tuple[Case, str]:
    """TS-110 has to check a household by 12-31: fifteen working days from Wednesday 2025-12-10."""
    case = given("relief", asked())
    return case, case.task("rlf.check").id


def after(case: Case, command: object, day: str, by: str = "HB") -> Case:
    return case.when(command, day, by).done()


def tab(case: Case, unit: str, day: str) -> str | None:
    from domain.tasks import summary

    return summary(case.task("dx.ruling")).tab(unit, noon(day))


def test_a_task_is_to_sign_until_signed() -> None:
    case, id = ruling()
    assert tab(case, "HB", "2026-04-02") == "to_sign"
    after(case, acts.SignTask(task=id), "2026-04-02")
    assert tab(case, "HB", "2026-04-02") == "in_hand"
    case.when(acts.SignTask(task=id), "2026-04-03", "HB").refused("signed")


def test_silence_past_the_return_window_is_acceptance() -> None:
    case, _ = ruling()
    assert tab(case, "HB", "2026-04-09") == "to_sign"
    assert tab(case, "HB", "2026-04-10") == "in_hand"


def test_a_return_goes_to_the_office_with_its_reason_and_the_clock_runs_on() -> None:
    case, id = ruling()
    after(case, acts.ReturnTask(task=id, reason="not_my_duty", note="仲裁事项"), "2026-04-09")
    assert tab(case, "LGO", "2026-04-09") == "returned"
    assert tab(case, "HB", "2026-04-09") == "waiting_on"
    task = case.task("dx.ruling")
    assert (task.returned and task.returned.reason) == "不属于本单位职责"
    assert case.owes("LGO", "2026-04-09") == {"dx.ruling": "2026-05-06/04-30"}


def test_after_the_window_there_is_no_return() -> None:
    case, id = ruling()
    returning = acts.ReturnTask(task=id, reason="not_my_duty", note="n")
    case.when(returning, "2026-04-10", "HB").refused("return-window")
    case.when(returning, "2026-04-02", "HSSB").refused("not-holder")
    after(case, acts.SignTask(task=id), "2026-04-02")
    case.when(returning, "2026-04-03", "HB").refused("accepted")


def test_a_rejected_return_never_stopped_the_clock_and_is_final() -> None:
    case, id = ruling()
    after(case, acts.ReturnTask(task=id, reason="not_my_duty", note="n"), "2026-04-03")
    case.when(acts.RejectReturn(task=id, reason="r"), "2026-04-07", "HB").refused("not-holder")
    after(case, acts.RejectReturn(task=id, reason="应由卫健局判定"), "2026-04-07", "LGO")
    assert case.owes("HB", "2026-04-08") == {"dx.ruling": "2026-05-06/04-30"}
    assert tab(case, "HB", "2026-04-08") == "in_hand"
    again = acts.ReturnTask(task=id, reason="not_my_duty", note="n")
    case.when(again, "2026-04-08", "HB").refused("accepted")
    case.add(on("2026-05-06", RULED.event, "HB"))
    assert case.task("dx.ruling").on_time is True


def test_an_upheld_return_starts_the_new_units_clock_at_delivery_to_it() -> None:
    case, id = household()
    after(case, acts.ReturnTask(task=id, reason="not_my_area", note="n"), "2025-12-12", "TS-110")
    after(case, acts.UpholdReturn(task=id, to="TS-111"), "2025-12-15", "LGO")
    # Fifteen working days from 12-15: twelve to 12-31, then 01-04 (a worked Sunday), 05, 06.
    assert case.owes("TS-111", "2025-12-16")["rlf.check"] == "2026-01-06"
    assert case.owes("TS-110", "2025-12-16") == {}
    assert case.task("rlf.check").rerouted


def test_a_second_return_goes_to_the_leading_group_whose_word_is_final() -> None:
    case, id = household()
    back = acts.ReturnTask(task=id, reason="not_my_area", note="n")
    after(case, back, "2025-12-12", "TS-110")
    after(case, acts.UpholdReturn(task=id, to="TS-111"), "2025-12-15", "LGO")
    after(case, back, "2025-12-16", "TS-111")
    assert case.owes("LG", "2025-12-16") == {"rlf.check": "2026-01-06"}
    after(case, acts.UpholdReturn(task=id, to="TS-110"), "2025-12-17", "LG")
    assert "rlf.check" in case.owes("TS-110", "2025-12-17")
    case.when(back, "2025-12-18", "TS-110").refused("ruled")
    on_again = acts.TransferTask(task=id, to="TS-111", reason="r")
    case.when(on_again, "2025-12-18", "TS-110").refused("ruled")


def test_a_transfer_keeps_the_legal_day_and_can_be_taken_back_before_acceptance() -> None:
    case, id = household()
    after(case, acts.TransferTask(task=id, to="TS-111", reason="住址"), "2025-12-11", "TS-110")
    assert case.owes("TS-111", "2025-12-11")["rlf.check"] == "2025-12-31"
    case.when(acts.WithdrawTask(task=id, reason="r"), "2025-12-11", "CAB").refused("not-sender")
    after(case, acts.WithdrawTask(task=id, reason="转错"), "2025-12-12", "TS-110")
    # A duty passed on does not vanish: it falls back.
    assert case.owes("TS-110", "2025-12-12")["rlf.check"] == "2025-12-31"


@pytest.mark.parametrize("to", ["HSSB", "TS-110", "LG"])
def test_a_power_given_by_statute_is_passed_to_nobody_by_any_act(to: str) -> None:
    """卫健局 rules on disputed data by 职业病防治法 48."""
    case, id = ruling()
    passed = acts.TransferTask(task=id, to=to, reason="r")
    case.when(passed, "2026-04-02", "HB").refused("statutory")
    after(case, acts.ReturnTask(task=id, reason="not_my_duty", note="n"), "2026-04-03")
    case.when(acts.UpholdReturn(task=id, to=to), "2026-04-07", "LGO").refused("statutory")


def test_what_strayed_before_goes_back_to_whom_the_statute_names() -> None:
    """An older log may hold a transfer that would be refused today."""
    case, id = ruling()
    strayed = acts.TaskTransferred(task=id, title="x", to="EIB", reason="r")
    case.add(on("2026-04-02", strayed, "HB"))
    after(case, acts.TransferTask(task=id, to="HB", reason="归还"), "2026-04-03", "EIB")
    assert "dx.ruling" in case.owes("HB", "2026-04-03")


def test_what_goes_with_its_case_is_passed_on_by_itself_by_no_act() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    id = case.task("tip.finish").id
    passed = acts.TransferTask(task=id, to="HSSB", reason="r")
    case.when(passed, "2026-04-15", "HB").refused("not-transferable")
    dispute = acts.DisputeTask(task=id, reason="r")
    case.when(dispute, "2026-04-15", "HB").refused("not-transferable")


def test_what_was_accepted_cannot_be_withdrawn() -> None:
    case, id = household()
    after(case, acts.TransferTask(task=id, to="TS-111", reason="r"), "2025-12-11", "TS-110")
    after(case, acts.SignTask(task=id), "2025-12-12", "TS-111")
    case.when(acts.WithdrawTask(task=id, reason="r"), "2025-12-12", "TS-110").refused("accepted")


def test_help_is_asked_and_answered_while_the_holder_stays_responsible() -> None:
    case, id = ruling()
    after(case, acts.RequestAssist(task=id, unit="TS-110", question="现场情况"), "2026-04-02")
    assert tab(case, "TS-110", "2026-04-02") == "helping"
    case.when(acts.AnswerAssist(task=id, answer="a"), "2026-04-03", "HSSB").refused("not-helper")
    after(case, acts.AnswerAssist(task=id, answer="属实"), "2026-04-03", "TS-110")
    assert tab(case, "TS-110", "2026-04-03") is None
    assert case.owes("HB", "2026-04-03") == {"dx.ruling": "2026-05-06/04-30"}


def test_an_officer_claims_and_releases() -> None:
    case, id = ruling()
    after(case, acts.ClaimTask(task=id), "2026-04-02")
    assert case.task("dx.ruling").officer == "officer-1"
    case.when(acts.ClaimTask(task=id), "2026-04-02", "HB").refused("claimed")
    after(case, acts.ReleaseTask(task=id), "2026-04-03")
    case.when(acts.ReleaseTask(task=id), "2026-04-03", "HB").refused("unclaimed")


def test_a_suspension_keeps_the_days_that_remain() -> None:
    case, id = ruling()
    bad = acts.SuspendTask(task=id, reason="等待", clause="no-such")
    case.when(bad, "2026-04-10", "HB").refused("no-such-clause")
    after(case, acts.SuspendTask(task=id, reason="等待检测", clause="o6-25"), "2026-04-10")
    assert case.owes("HB", "2026-04-20") == {"dx.ruling": None}
    again = acts.SuspendTask(task=id, reason="r", clause="o6-25")
    case.when(again, "2026-04-11", "HB").refused("no-running-clock")
    after(case, acts.ResumeTask(task=id), "2026-04-20")
    # 05-01 plus ten days: 05-11, a Monday.
    assert case.owes("HB", "2026-04-20") == {"dx.ruling": "2026-05-11"}
    case.when(acts.ResumeTask(task=id), "2026-04-21", "HB").refused("not-suspended")


def test_a_deadline_without_an_extension_in_law_cannot_be_extended() -> None:
    case, id = ruling()
    extend = acts.ExtendTask(task=id, length=10, reason="复杂")
    case.when(extend, "2026-04-10", "HB").refused("no-extension")


def test_only_those_above_press_a_task() -> None:
    case, id = ruling()
    case.when(acts.SuperviseTask(task=id, note="n"), "2026-04-28", "HSSB").refused("not-supervisor")
    after(case, acts.SuperviseTask(task=id, note="请抓紧"), "2026-04-28", "CGO")
    assert case.task("dx.ruling").supervised == ("2026-04-28 县政府办：请抓紧",)


def test_a_dispute_is_marked_and_the_task_stays_due() -> None:
    case, id = ruling()
    after(case, acts.SignTask(task=id), "2026-04-02")
    after(case, acts.DisputeTask(task=id, reason="应属仲裁"), "2026-04-15")
    assert case.task("dx.ruling").disputed == "应属仲裁"
    assert case.owes("HB", "2026-04-15") == {"dx.ruling": "2026-05-06/04-30"}


def test_an_ended_or_unknown_or_hidden_task_admits_no_act() -> None:
    case, id = ruling()
    case.add(on("2026-04-13", RULED.event, "HB"))
    case.when(acts.SignTask(task=id), "2026-04-14", "HB").refused("task-closed")
    case.when(acts.SignTask(task="t-0"), "2026-04-14", "HB").refused("no-such-task")
    hidden = given("diagnosis", APPLIED, ASKED)
    urge = hidden.task("dx.urge-employer").id
    hidden.when(acts.SignTask(task=urge), "2026-03-10", "HB").refused("no-such-task")


def test_a_right_cannot_be_passed_on() -> None:
    case = given("diagnosis", APPLIED, COMPLETE)
    case.add(on("2026-05-15", dx.DiagnosisDelivered(party="employer")))
    id = case.task("dx.appraise-first").id
    command = acts.TransferTask(task=id, to="HB", reason="r")
    case.when(command, "2026-05-16", EMPLOYER).refused("right")


@pytest.mark.parametrize("to", ["XX", "HB"])
def test_a_task_goes_only_to_another_unit_that_exists(to: str) -> None:
    case, id = ruling()
    outcome = case.when(acts.TransferTask(task=id, to=to, reason="r"), "2026-04-02", "HB")
    outcome.refused("no-such-unit" if to == "XX" else "same-unit")


def test_every_act_without_its_reason_is_refused() -> None:
    case, id = ruling()
    for command in (
        acts.TransferTask(task=id, to="TS-110", reason=" "),
        acts.ReturnTask(task=id, reason="not_my_duty", note=""),
        acts.DisputeTask(task=id, reason=""),
    ):
        case.when(command, "2026-04-02", "HB").refused("reason-missing")


def test_an_act_on_a_task_another_rule_set_lacks_is_unmatched_and_no_crash() -> None:
    case, _ = ruling()
    tasks = dict(case.fold.tasks)
    case.add(on("2026-04-02", acts.TaskSigned(task="t-of-another-edition", title="x"), "HB"))
    assert case.fold.tasks == tasks


def test_task_ids_do_not_depend_on_the_edition() -> None:
    case, id = ruling()
    assert id == task_id("diagnosis-1", 2, "dx.ruling", "HB") == case.task("dx.ruling").id


def test_why_a_task_is_here_names_rule_clause_edition_event_and_sum() -> None:
    case, _ = ruling()
    told = why(case.task("dx.ruling"))
    for part in (
        "第2号事件",
        "诊断机构提请卫健局作出判定（对用人单位资料有异议）",
        "职业病防治法第四十八条",
        "规则dx.ruling",
        reference().edition.id[:8],
        "卫健局负责“对诊断争议资料作出判定”",
        "自2026-04-01次日起算30日，至2026-05-01届满，该日为休息日，顺延至2026-05-06",
        "稳妥期限2026-04-30",
    ):
        assert part in told


def test_an_extension_needs_its_approver_its_measure_and_a_deadline_not_yet_passed() -> None:
    from dataclasses import replace as with_

    from domain.rules import Extension, Reference

    base = reference()
    (d44,) = base.edition.deadlines["D44"]
    extendable = with_(d44, extension=Extension(length=15, by="CGO", clause="odl-48"))
    edition = with_(base.edition, deadlines={**base.edition.deadlines, "D44": (extendable,)})
    case = given("diagnosis", APPLIED, RULING, under=Reference(edition, base.calendar))
    id = case.task("dx.ruling").id
    extend = acts.ExtendTask(task=id, length=15, reason="复杂")
    case.when(extend, "2026-04-28", "HB").refused("not-approver")
    case.when(acts.ExtendTask(task=id, length=16, reason="r"), "2026-04-28", "CGO").refused(
        "too-long"
    )
    case.when(extend, "2026-05-07", "CGO").refused("expired")
    after(case, extend, "2026-04-28", "CGO")
    # 45 days from the original start: 05-16, a Saturday; 05-18.
    assert case.owes("HB", "2026-04-28") == {"dx.ruling": "2026-05-18/05-15"}


def test_a_refusal_is_worded_for_an_officer_in_both_languages() -> None:
    case, id = ruling()
    refusal = case.when(acts.SignTask(task=id), "2026-04-02", "HSSB").refusal
    assert isinstance(refusal, Refused)
    assert "请由其办理或先转办" in refusal.zh
    assert "Only the holder" in refusal.en


def test_an_institution_outside_the_county_has_no_return_window() -> None:
    case = given("diagnosis", APPLIED, COMPLETE)
    assert case.task("dx.conclude").return_by is None
    id = case.task("dx.conclude").id
    command = acts.ReturnTask(task=id, reason="not_my_duty", note="n")
    case.when(command, "2026-04-21", INSTITUTION).refused("not-returnable")
    assert case.task("dx.conclude").due.legal == date(2026, 5, 20)  # type: ignore[union-attr]


# --- What nobody may do with a task --------------------------------------------------------------


def test_an_outside_party_can_neither_pass_its_duty_on_nor_stop_its_own_clock() -> None:
    case = given("diagnosis", APPLIED, ASKED)
    id = case.task("dx.employer-data").id
    case.when(acts.TransferTask(task=id, to="HB", reason="r"), "2026-03-05", EMPLOYER).refused(
        "outside"
    )
    stop = acts.SuspendTask(task=id, reason="等待", clause="odl-47")
    case.when(stop, "2026-03-05", EMPLOYER).refused("not-holder")
    # The unit that supervises it may: 03-13 plus the four days from 03-05 to 03-09.
    after(case, stop, "2026-03-05", "HB")
    case.when(acts.ResumeTask(task=id), "2026-03-09", EMPLOYER).refused("not-holder")
    after(case, acts.ResumeTask(task=id), "2026-03-09", "HB")
    assert case.owes(EMPLOYER, "2026-03-09") == {"dx.employer-data": "2026-03-17"}


def test_the_time_of_a_right_cannot_be_stopped() -> None:
    case = given("diagnosis", APPLIED, COMPLETE)
    case.add(on("2026-05-15", dx.DiagnosisDelivered(party="employer")))
    stop = acts.SuspendTask(task=case.task("dx.appraise-first").id, reason="r", clause="o6-34")
    case.when(stop, "2026-05-20", EMPLOYER).refused("right")


def test_an_overdue_task_does_not_hide_behind_a_stop() -> None:
    case, id = ruling()
    stop = acts.SuspendTask(task=id, reason="等待检测", clause="o6-25")
    case.when(stop, "2026-05-07", "HB").refused("expired")
    # Stopped by an act all the same, as an older log may have it: it stays overdue, and a breach.
    event = acts.TaskSuspended(task=id, title="x", reason="r", clause="o6-25")
    case.add(on("2026-05-07", event, "HB"))
    assert case.task("dx.ruling").standing(noon("2026-05-08")) == "overdue"
    case.add(on("2026-05-11", RULED.event, "HB"))
    assert case.task("dx.ruling").on_time is False


def test_a_returned_task_waits_for_the_ruling_on_its_return() -> None:
    case, id = ruling()
    after(case, acts.ReturnTask(task=id, reason="not_my_duty", note="n"), "2026-04-03")
    for command in (
        acts.SignTask(task=id),
        acts.ClaimTask(task=id),
        acts.TransferTask(task=id, to="HSSB", reason="r"),
        acts.ReturnTask(task=id, reason="not_my_duty", note="n"),
    ):
        case.when(command, "2026-04-07", "LGO").refused("returned")


def test_a_return_is_not_upheld_back_to_the_unit_that_returned() -> None:
    case, id = ruling()
    after(case, acts.ReturnTask(task=id, reason="not_my_duty", note="n"), "2026-04-03")
    case.when(acts.UpholdReturn(task=id, to="HB"), "2026-04-07", "LGO").refused("same-unit")


def test_a_new_unit_counts_from_the_receipt_it_proves_neither_early_nor_in_the_future() -> None:
    case, id = household()
    after(case, acts.ReturnTask(task=id, reason="not_my_area", note="n"), "2025-12-12", "TS-110")
    for day in (date(2025, 12, 14), date(2025, 12, 17)):
        early = acts.UpholdReturn(task=id, to="TS-111", received_on=day)
        case.when(early, "2025-12-16", "LGO", happened="2025-12-15").refused("receipt-day")
    stated = acts.UpholdReturn(task=id, to="TS-111", received_on=date(2025, 12, 16))
    case.when(stated, "2025-12-16", "LGO", happened="2025-12-15").done()
    # Fifteen working days from 12-16: eleven to 12-31, 01-04, 05, 06, 07; five: 17, 18, 19, 22, 23.
    assert case.owes("TS-111", "2025-12-16")["rlf.check"] == "2026-01-07"
    assert case.task("rlf.check").return_by == date(2025, 12, 23)


def test_what_a_rule_alone_routed_nobody_takes_back() -> None:
    case, id = ruling()
    case.when(acts.WithdrawTask(task=id, reason="r"), "2026-04-02", "LGO").refused("not-routed")
    id = case.task("dx.conclude").id  # the institution's
    case.when(acts.WithdrawTask(task=id, reason="r"), "2026-04-02", "LGO").refused("not-routed")


def test_neither_an_outside_partys_duty_nor_its_right_can_be_taken_from_it() -> None:
    case = given("diagnosis", APPLIED, ASKED, COMPLETE)
    case.add(on("2026-05-15", dx.DiagnosisDelivered(party="worker")))
    for rule in ("dx.employer-data", "dx.conclude", "dx.appraise-first"):
        take = acts.WithdrawTask(task=case.task(rule).id, reason="r")
        case.when(take, "2026-05-16", "LGO").refused("not-routed")


def test_the_office_takes_back_what_it_routed_itself() -> None:
    case, id = household()
    after(case, acts.ReturnTask(task=id, reason="not_my_area", note="n"), "2025-12-12", "TS-110")
    after(case, acts.UpholdReturn(task=id, to="TS-111"), "2025-12-15", "LGO")
    after(case, acts.WithdrawTask(task=id, reason="改派有误"), "2025-12-16", "LGO")
    assert case.owes("LGO", "2025-12-16") == {"rlf.check": "2026-01-06"}


def test_nobody_makes_a_tip_vanish_by_taking_it_back() -> None:
    case = given("tip", received())
    take = acts.WithdrawTask(task=case.task("tip.accept").id, reason="登记有误")
    case.when(take, "2026-04-14", "CGO").refused("not-sender")
    case.when(take, "2026-04-14", "LGO").refused("not-routed")  # it routes the tip instead


def test_the_same_help_is_asked_once() -> None:
    case, id = ruling()
    ask = acts.RequestAssist(task=id, unit="TS-110", question="现场情况")
    after(case, ask, "2026-04-02")
    case.when(ask, "2026-04-02", "HB").refused("asked")


def test_rights_and_rightly_returned_tasks_enter_no_on_time_figure() -> None:
    case, id = household()
    after(case, acts.ReturnTask(task=id, reason="not_my_area", note="n"), "2025-12-12", "TS-110")
    after(case, acts.UpholdReturn(task=id, to="TS-111"), "2025-12-15", "LGO")
    case.add(on("2026-02-02", rlf.HouseholdChecked(township="TS-111", eligible=True), "TS-111"))
    case.add(on("2026-02-02", rlf.EntryChecked(blocked=()), "TS-111"))
    assert case.task("rlf.check").closed is not None
    assert case.task("rlf.check").on_time is None
    case = given("diagnosis", APPLIED, COMPLETE)
    asked_for = dx.AppraisalRequested(level="first", party="employer", office="appraisal:330500")
    case.add(on("2026-07-01", dx.DiagnosisDelivered(party="employer")))
    case.add(on("2026-07-02", asked_for, EMPLOYER))
    right = case.task("dx.appraise-first")
    assert right.closed is not None
    assert right.on_time is None


def test_nobody_withdraws_a_duty_of_its_own_act() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    finish = acts.WithdrawTask(task=case.task("tip.finish").id, reason="不办了")
    case.when(finish, "2026-04-15", "HB").refused("own-duty")


def test_what_a_rule_alone_gave_to_a_township_or_lead_nobody_takes_back() -> None:
    case = given("relief", asked())
    check = acts.WithdrawTask(task=case.task("rlf.check").id, reason="收回")
    case.when(check, "2025-12-10", "LGO").refused("not-routed")
