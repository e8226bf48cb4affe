"""Tips 投诉举报: accepted, returned, routed again, merged and parted; each informant on his clock.

Working days of 2026: 04-13 is a Monday; 05-01 to 05-05 are rest days, 05-09 (Saturday) is worked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.acts import (
    DisputeTask,
    RejectReturn,
    RequestAssist,
    ReturnTask,
    ReturnUpheld,
    RuleTask,
    SignTask,
    SuperviseTask,
    TaskReturned,
    TaskTransferred,
    TransferTask,
    UpholdReturn,
)
from domain.cases import tip
from domain.corrections import CorrectFact
from domain.decider import COMMAND_TYPES, On
from domain.events import sentence
from domain.sealing import Secret
from domain.tasks import why
from tests.spec import EMPLOYER, Case, Fact, given, on, reference

CONTENT = Secret("合成内容")


def received(day: str = "2026-04-13", to: str = "HB", **also: Any) -> Fact:
    anonymous = also.get("anonymous", False)
    fact = tip.TipReceived(
        channel="platform",
        matters=also.get("matters", ("no_contract",)),
        to=to,
        anonymous=anonymous,
        informant=None if anonymous else "citizen:S-1",
        accused=EMPLOYER,
        accused_unit=also.get("accused_unit"),
        subject="S-1",
        content=CONTENT,
        name=None,
        contact=None,
    )
    return on(day, fact, "CGO")


def accepted(day: str, unit: str = "HB") -> Fact:
    return on(day, tip.TipAccepted(unit=unit), unit)


def receive(**also: Any) -> tip.ReceiveTip:
    told: dict[str, Any] = {
        "channel": "letter",
        "matters": ("unprotected",),
        "subject": "S-1",
        "content": CONTENT,
    }
    return tip.ReceiveTip(**{**told, **also})


def returned(case: Case, day: str, by: str, to: str) -> Case:
    task = case.task("tip.accept")
    back = TaskReturned(
        task=task.id, title=task.rule.title, reason="not_my_duty", note="不属职责", to=to
    )
    return case.add(on(day, back, by))


# --- Receiving and routing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matter", "unit"),
    [
        ("unprotected", "HB"),
        ("no_contract", "HSSB"),
        ("poisoning", "EMB"),
        ("radiation", "EEB"),
        ("officials", "LGO"),
    ],
)
def test_a_tip_without_a_named_unit_goes_where_the_countys_policy_says(
    matter: tip.Matter, unit: str
) -> None:
    outcome = given("tip").when(receive(matters=(matter,)), "2026-04-13", "CGO")
    [event] = outcome.decided
    assert event.to == unit
    assert event.informant == "citizen:S-1"


def test_a_tip_never_goes_to_the_unit_it_accuses() -> None:
    given("tip").when(receive(to="HB", accused_unit="HB"), "2026-04-13", "CGO").refused("accused")
    [event] = given("tip").when(receive(accused_unit="HB"), "2026-04-13", "CGO").decided
    assert event.to == "LGO"
    case = given("tip", received(to="LGO", accused_unit="HB"))
    case.when(tip.RouteTip(to="HB", reason="职责"), "2026-04-14", "LGO").refused("accused")


def test_an_anonymous_tip_keeps_no_name_and_has_nobody_to_answer() -> None:
    command = receive(anonymous=True, name=Secret("合成姓名"), contact=Secret("合成电话"))
    [event] = given("tip").when(command, "2026-04-13", "CGO").decided
    assert (event.informant, event.name, event.contact) == (None, None, None)
    case = given("tip", received(anonymous=True), accepted("2026-04-14"))
    # Sixty days of handling all the same: 06-13 is a Saturday.
    assert case.owes("HB", "2026-04-14") == {"tip.finish": "2026-06-15/06-12"}
    case.when(tip.TellInformant(), "2026-04-15", "HB").refused("anonymous")
    case.when(tip.ReplyToInformant(), "2026-04-15", "HB").refused("anonymous")
    concluded = tip.TipConcluded(unit="HB", finding="partly", note="已改")
    done = case.add(on("2026-05-11", concluded, "HB"))
    assert done.owes("HB", "2026-05-11") == {}


def test_what_a_patrol_found_has_no_informant_to_tell_or_to_answer() -> None:
    found = receive(channel="patrol_found", to="HB", name=Secret("合成姓名"))
    [event] = given("tip").when(found, "2026-04-13", "TS-110").decided
    assert (event.informant, event.name, event.contact) == (None, None, None)
    case = given("tip").when(found, "2026-04-13", "HB").done()
    case = case.when(tip.AcceptTip(), "2026-04-14", "HB").done()
    # Handled in sixty days all the same: 06-13 is a Saturday.
    assert case.owes("HB", "2026-04-14") == {"tip.finish": "2026-06-15/06-12"}
    case.when(tip.TellInformant(), "2026-04-15", "HB").refused("anonymous")
    case = case.when(tip.ConcludeTip(finding="substantiated", note="x"), "2026-05-06", "HB").done()
    assert (case.owes("HB", "2026-05-06"), case.may("citizen:S-1", "2026-05-06")) == ({}, {})


def test_a_channel_put_right_takes_or_leaves_the_informant() -> None:
    case = given("tip", received())
    case = case.when(correction(1, channel="patrol_found"), "2026-04-14", "LGO").done()
    assert (case.fold.state.named, case.fold.state.informant) == (False, None)
    named = correction(1, channel="letter", anonymous=False)
    case = case.when(named, "2026-04-15", "LGO").done()
    assert (case.fold.state.named, case.fold.state.informant) == (True, "citizen:S-1")


# --- Accepting, returning, silence ---------------------------------------------------------------


def test_the_unit_has_five_working_days_to_accept_or_return() -> None:
    case = given("tip", received())
    assert case.owes("HB", "2026-04-14") == {"tip.accept": "2026-04-20"}


def test_silence_is_acceptance_and_the_informant_is_told_all_the_same() -> None:
    case = given("tip", received())
    assert case.owes("HB", "2026-04-20") == {"tip.accept": "2026-04-20"}
    # Sixty days from 04-20 end on Friday 06-19, 端午, and roll to Monday 06-22. Fifteen days from
    # the receipt on 04-13: 04-28.
    assert case.owes("HB", "2026-04-21") == {
        "tip.finish-silent": "2026-06-22/06-18",
        "tip.inform-silent": "2026-04-28",
    }
    case.when(tip.AcceptTip(), "2026-04-22", "HB").refused("deemed-accepted")
    task = case.task("tip.accept")
    back = ReturnTask(task=task.id, reason="not_my_duty", note="不属职责")
    case.when(back, "2026-04-21", "HB").refused("deemed-accepted")
    told = case.when(tip.TellInformant(), "2026-04-22", "HB").done()
    assert list(told.owes("HB", "2026-04-22")) == ["tip.finish-silent"]


def test_what_was_accepted_in_time_and_entered_later_is_no_silence() -> None:
    in_time = given("tip", received()).when(tip.AcceptTip(), "2026-04-20", "HB").done()
    assert "tip.finish-silent" not in in_time.owes("HB", "2026-04-21")


def test_whoever_gave_it_back_is_not_silent_while_nobody_has_ruled_on_the_return() -> None:
    case = returned(given("tip", received()), "2026-04-20", "HB", "LGO")
    assert case.owes("HB", "2026-04-27") == {}
    assert case.owes("LGO", "2026-04-27") == {"tip.accept": "2026-04-20"}
    case = case.when(tip.RouteTip(to="HSSB", reason="合成"), "2026-04-27", "LGO").done()
    # Five working days from 04-27: 28, 29, 30, 05-06, 05-07.
    assert case.owes("HSSB", "2026-04-27")["tip.accept"] == "2026-05-07"


def test_its_own_mail_counts_from_the_day_it_came_however_late_it_is_entered() -> None:
    """信访工作条例 22, 23: from receipt. Five working days from Friday 04-03, 清明 04-04 to 06:
    07, 08, 09, 10, 13; fifteen days: Saturday 04-18, so Monday 04-20, safe Friday 04-17."""
    late = given("tip").when(receive(to="HB"), "2026-04-09", "HB", happened="2026-04-03").done()
    assert late.owes("HB", "2026-04-09") == {"tip.accept": "2026-04-13"}
    # If nobody says anything, told of by the same day.
    assert late.owes("HB", "2026-04-14")["tip.inform-silent"] == "2026-04-20/04-17"
    taken = late.when(tip.AcceptTip(), "2026-04-10", "HB").done()
    assert taken.owes("HB", "2026-04-10")["tip.inform"] == "2026-04-20/04-17"


def test_a_tip_passed_on_by_another_unit_counts_from_delivery_to_the_one_it_goes_to() -> None:
    passed = receive(to="HSSB", matters=("no_contract",))
    case = given("tip").when(passed, "2026-04-09", "LGO", happened="2026-04-03").done()
    # Five working days from 04-09: 10, 13, 14, 15, 16.
    assert case.owes("HSSB", "2026-04-09") == {"tip.accept": "2026-04-16"}


def test_a_corrected_day_of_receipt_moves_the_days_of_accepting_and_telling() -> None:
    case = given("tip").when(receive(to="HB"), "2026-04-08", "HB").done()
    case = case.when(tip.AcceptTip(), "2026-04-09", "HB").done()
    # Fifteen days from 04-08: 04-23.
    assert case.owes("HB", "2026-04-09")["tip.inform"] == "2026-04-23"
    moved = CorrectFact(version=1, occurred_on=date(2026, 4, 3), reason="邮戳日录错")
    case = case.when(moved, "2026-04-10", "HB").done()
    assert case.owes("HB", "2026-04-10")["tip.inform"] == "2026-04-20/04-17"
    direct = CorrectFact(version=1, changes={"received_on": "2026-04-01"}, reason="x")
    case.when(direct, "2026-04-10", "HB").refused("derived")


def test_it_is_told_of_in_fifteen_days_from_receipt_and_finished_in_sixty_from_acceptance() -> None:
    case = given("tip", received("2026-03-02")).when(tip.AcceptTip(), "2026-03-09", "HB").done()
    # 03-02 and fifteen days: 03-17; 03-09 and sixty days: 05-08.
    assert case.owes("HB", "2026-03-09") == {"tip.inform": "2026-03-17", "tip.finish": "2026-05-08"}


def test_the_office_routes_what_was_returned_and_the_clock_starts_at_delivery() -> None:
    case = returned(given("tip", received()), "2026-04-16", "HB", "LGO")
    ruling = tip.RouteTip(to="HSSB", reason="劳动合同")
    outcome = case.when(ruling, "2026-04-17", "LGO")
    task = case.task("tip.accept")
    outcome.then(
        ReturnUpheld(task=task.id, title=task.rule.title, to="HSSB"),
        tip.TipRouted(actor="LGO", to="HSSB", reason="劳动合同"),
    )
    after = outcome.done()
    assert after.owes("HB", "2026-04-20") == {}
    assert after.owes("HSSB", "2026-04-20") == {
        "tip.accept": "2026-04-24",
        "tip.inform": "2026-05-06/04-30",
    }


def test_a_second_return_is_for_the_leading_group_and_its_word_is_final() -> None:
    case = returned(given("tip", received()), "2026-04-16", "HB", "LGO")
    case = case.when(tip.RouteTip(to="HSSB", reason="劳动合同"), "2026-04-17", "LGO").done()
    case = returned(case, "2026-04-20", "HSSB", "LG")
    again = tip.RouteTip(to="HB", reason="裁定")
    case.when(again, "2026-04-21", "LGO").refused("second-return")
    after = case.when(again, "2026-04-21", "LG").done()
    # Five working days from 04-21: 22, 23, 24, 27, 28.
    assert after.owes("HB", "2026-04-22")["tip.accept"] == "2026-04-28"
    assert after.owes("HSSB", "2026-04-22") == {}
    task = after.task("tip.accept").id
    third = ReturnTask(task=task, reason="not_my_duty", note="不属职责")
    after.when(third, "2026-04-22", "HB").refused("ruled")
    after.when(DisputeTask(task=task, reason="合成"), "2026-04-22", "HB").refused("final")
    passed = TransferTask(task=task, to="EMB", reason="合成")
    after.when(passed, "2026-04-22", "HB").refused("ruled")
    after.when(tip.RouteTip(to="EMB", reason="合成"), "2026-04-22", "LGO").refused("above")
    taken = after.when(tip.AcceptTip(), "2026-04-22", "HB").done()
    taken.when(tip.RouteTip(to="EMB", reason="合成"), "2026-04-23", "LGO").refused("above")


def test_what_the_leading_group_routed_of_its_own_the_office_does_not_change() -> None:
    route = tip.RouteTip(to="EMB", reason="x")
    case = given("tip", received()).when(route, "2026-04-14", "LG").done()
    case.when(tip.RouteTip(to="HSSB", reason="x"), "2026-04-15", "LGO").refused("above")
    back = ReturnTask(task=case.task("tip.accept").id, reason="not_my_duty", note="x")
    case.when(back, "2026-04-15", "EMB").refused("ruled")
    assert "最终裁定" in str(case.when(back, "2026-04-15", "EMB").refusal)


@pytest.mark.parametrize(("registrar", "to"), [("HB", "LGO"), ("CGO", "LGO")])
def test_a_first_return_is_the_offices_whoever_registered_the_tip(registrar: str, to: str) -> None:
    case = given("tip", replace(received(), by=registrar))
    back = ReturnTask(task=case.task("tip.accept").id, reason="not_my_duty", note="x")
    [event] = case.when(back, "2026-04-14", "HB").decided
    assert event.to == to


def test_after_silence_the_routing_may_still_be_disputed_and_the_days_run_on() -> None:
    """Silence took it on Monday 04-20; sixty days end on 06-19, 端午, so on 06-22."""
    case = given("tip", received())
    dispute = DisputeTask(task=case.task("tip.accept").id, reason="劳动合同归人社")
    case = case.when(dispute, "2026-04-21", "HB").done()
    assert case.owes("HB", "2026-04-21")["tip.finish-silent"] == "2026-06-22/06-18"
    # Five working days from 04-21: 22, 23, 24, 27, 28.
    assert case.owes("LGO", "2026-04-21") == {"task.dispute": "2026-04-28"}
    ruling = RuleTask(task=dispute.task, to="HSSB", reason="劳动合同")
    case = case.when(ruling, "2026-04-22", "LGO").done()
    # From 04-22: 23, 24, 27, 28, 29; fifteen days: 05-07.
    assert case.owes("HSSB", "2026-04-22") == {
        "tip.accept": "2026-04-29",
        "tip.inform": "2026-05-07",
    }
    assert (case.owes("HB", "2026-04-22"), case.fold.state.handler) == ({}, "HSSB")


def test_what_was_concluded_or_merged_is_disputed_no_more() -> None:
    case = given("tip", received())
    dispute = DisputeTask(task=case.task("tip.accept").id, reason="合成")
    ruling = RuleTask(task=dispute.task, to="HSSB", reason="合成")
    pending = given("tip", received()).when(dispute, "2026-04-15", "HB").done()
    pending.add(concluded("2026-04-22"))
    pending.when(ruling, "2026-04-23", "LGO").refused("concluded")
    case.add(concluded("2026-04-22"))
    case.when(dispute, "2026-04-23", "HB").refused("concluded")
    merged = given("tip", received(), on("2026-04-22", tip.TipMerged(into="tip-2"), "HB"))
    merged.when(dispute, "2026-04-23", "HB").refused("merged")


def test_whoever_gave_it_back_takes_it_only_once_the_return_is_ruled_on() -> None:
    case = returned(given("tip", received(to="HSSB")), "2026-04-16", "HSSB", "LGO")
    for command in (tip.AcceptTip(), tip.RefuseTip(ground="no_facts"), tip.FileLabourCase()):
        case.when(command, "2026-04-17", "HSSB").refused("returned")
    kept = RejectReturn(task=case.task("tip.accept").id, reason="合成")
    case = case.when(kept, "2026-04-17", "LGO").done()
    case.when(tip.AcceptTip(), "2026-04-20", "HSSB").done()


def test_routed_after_silence_the_new_unit_has_days_of_its_own() -> None:
    case = given("tip", received("2026-03-02"))
    case = case.when(tip.RouteTip(to="HSSB", reason="劳动合同"), "2026-03-20", "LGO").done()
    # Five working days from Friday 03-20: 23, 24, 25, 26, 27; fifteen days: Saturday 04-04, 清明,
    # rolls to Tuesday 04-07, safe Friday 04-03.
    assert case.owes("HSSB", "2026-03-20") == {
        "tip.accept-routed": "2026-03-27",
        "tip.inform": "2026-04-07/04-03",
    }
    assert case.owes("HB", "2026-03-20") == {}
    taken = case.when(tip.AcceptTip(), "2026-03-23", "HSSB").done()
    # Sixty days from 03-23: 05-22.
    assert taken.owes("HSSB", "2026-03-23")["tip.finish"] == "2026-05-22"


def test_the_office_may_route_of_its_own_motion() -> None:
    case = given("tip", received())
    outcome = case.when(tip.RouteTip(to="EMB", reason="急性中毒"), "2026-04-14", "LGO")
    assert [type(event) for event in outcome.decided] == [TaskTransferred, tip.TipRouted]
    assert "tip.accept" in outcome.done().owes("EMB", "2026-04-14")
    case.when(tip.RouteTip(to="HSSB", reason="x"), "2026-04-14", "CGO")


def test_only_the_handling_unit_acts() -> None:
    case = given("tip", received())
    for command in (
        tip.AcceptTip(),
        tip.RefuseTip(ground="no_facts"),
        tip.TellInformant(),
        tip.ConcludeTip(finding="partly", note="x"),
    ):
        case.when(command, "2026-04-14", "HSSB").refused("not-handler")


def test_a_refused_tip_still_has_its_informant_told() -> None:
    refuse = tip.RefuseTip(ground="not_this_law")
    case = given("tip", received()).when(refuse, "2026-04-15", "HB").done()
    # Fifteen days from the receipt on 04-13: 04-28.
    assert case.owes("HB", "2026-04-15") == {"tip.inform": "2026-04-28"}
    case.when(tip.AcceptTip(), "2026-04-16", "HB").refused("refused")


# --- Labour cases --------------------------------------------------------------------------------


def test_a_labour_case_is_finished_in_sixty_working_days() -> None:
    case = given("tip", received(to="HSSB"))
    filed = case.when(tip.FileLabourCase(), "2026-04-24", "HSSB").done()
    assert filed.owes("HSSB", "2026-04-24")["tip.labour-finish"] == "2026-07-22"
    assert "tip.accept" not in filed.owes("HSSB", "2026-04-24")
    filed.when(tip.FileLabourCase(), "2026-04-25", "HSSB").refused("filed")
    away = filed.when(tip.RouteTip(to="HB", reason="x"), "2026-04-25", "LGO").done()
    back = away.when(tip.RouteTip(to="HSSB", reason="x"), "2026-04-26", "LGO").done()
    again = back.when(tip.FileLabourCase(), "2026-04-27", "HSSB").done()
    # Sixty working days from 04-27: 04-28 to 30 (3), May 06 to 09, 11 to 15, 18 to 22, 25 to 29
    # (22), June 1 to 30 without 端午 06-19 (43), July 1 to 23 (60).
    assert again.owes("HSSB", "2026-04-27")["tip.labour-finish"] == "2026-07-23"
    other = given("tip", received(to="HSSB", matters=("unprotected",)))
    other.when(tip.FileLabourCase(), "2026-04-24", "HSSB").refused("not-labour")


def test_a_labour_case_filed_after_acceptance_asks_for_no_second_notice() -> None:
    """Told within fifteen days of 04-13: 04-28. The filing on 04-24 begins no days of its own."""
    case = given("tip", received(to="HSSB")).when(tip.AcceptTip(), "2026-04-15", "HSSB").done()
    filed = case.when(tip.FileLabourCase(), "2026-04-24", "HSSB").done()
    owed = [t.due.legal for t in filed.fold.open_tasks() if t.rule.id == "tip.inform" and t.due]
    assert owed == [date(2026, 4, 28)]
    told = filed.when(tip.TellInformant(), "2026-04-27", "HSSB").done()
    assert "tip.inform" not in told.owes("HSSB", "2026-04-27")


# --- Whether it is an incident -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matter", "asked"), [("poisoning", True), ("radiation", True), ("unprotected", False)]
)
def test_a_tip_of_poisoning_or_radiation_is_verified_at_once(
    matter: tip.Matter, asked: bool
) -> None:
    case = given("tip", received(to="EMB", matters=(matter,)))
    assert ("tip.incident-check" in case.owes("EMB", "2026-04-13")) is asked


def of_poisoning() -> Case:
    return given("tip", received(to="EMB", matters=("poisoning",)), accepted("2026-04-14", "EMB"))


def test_nothing_is_concluded_before_it_is_said_whether_an_incident_lies_behind_it() -> None:
    case = of_poisoning()
    assert case.task("tip.incident-check").rule.immediate
    found = tip.ConcludeTip(finding="unsubstantiated", note="x")
    case.when(found, "2026-04-15", "EMB").refused("unverified")
    none = tip.CheckIncident(outcome="no_incident", note="现场无中毒")
    case.when(none, "2026-04-15", "HB").refused("not-handler")
    case = case.when(none, "2026-04-15", "EMB").done()
    assert "tip.incident-check" not in case.owes("EMB", "2026-04-15")
    case.when(none, "2026-04-16", "EMB").refused("not-owed")
    case.when(found, "2026-04-16", "EMB").done()


def test_an_incident_found_is_named_and_one_denied_names_none() -> None:
    case = of_poisoning()
    case.others = {"incident-1": given("incident").fold, "tip-2": of_poisoning().fold}
    for outcome, named in (
        ("incident_reported", None),
        ("no_incident", "incident-1"),
    ):
        said = tip.CheckIncident(outcome=outcome, note="x", case_incident=named)  # type: ignore[arg-type]
        case.when(said, "2026-04-15", "EMB").refused("incident")
    for other in ("incident-1", "tip-2"):  # the first was never reported
        said = tip.CheckIncident(outcome="incident_reported", note="x", case_incident=other)
        case.when(said, "2026-04-15", "EMB").refused("not-an-incident")


def test_a_merged_tip_too_is_verified_before_both_are_concluded() -> None:
    main, _ = two()
    other = given("tip", received("2026-03-09", matters=("poisoning",)), accepted("2026-03-10"))
    main.add(on("2026-03-13", tip.TipJoined(tip="tip-1"), "HB"))
    main.others = {"tip-1": other.fold}
    found = tip.ConcludeTip(finding="partly", note="x")
    main.when(found, "2026-03-16", "HB").refused("unverified")
    none = tip.CheckIncident(outcome="no_incident", note="x")
    main.others = {"tip-1": other.when(none, "2026-03-16", "HB").done().fold}
    main.when(found, "2026-03-16", "HB").done()


def test_whoever_gets_the_tip_verifies_it() -> None:
    case = given("tip", received(to="EMB", matters=("poisoning",)))
    case = case.when(tip.RouteTip(to="HB", reason="x"), "2026-04-14", "LGO").done()
    assert "tip.incident-check" in case.owes("HB", "2026-04-14")
    assert "tip.incident-check" not in case.owes("EMB", "2026-04-14")
    passed = TransferTask(task=case.task("tip.accept").id, to="EEB", reason="x")
    case = case.when(passed, "2026-04-15", "HB").done()
    assert "tip.incident-check" in case.owes("EEB", "2026-04-15")


def test_what_was_split_off_is_verified_where_it_went() -> None:
    fact = received(matters=("unprotected", "poisoning"))
    case = given("tip", fact, accepted("2026-04-14"))
    other = tip.SplitTip(matters=("unprotected",), reason="x", content=CONTENT)
    still = case.when(other, "2026-04-15", "HB").done()
    assert "tip.incident-check" in still.owes("HB", "2026-04-15")
    case = given("tip", fact, accepted("2026-04-14"))
    split = tip.SplitTip(matters=("poisoning",), reason="x", content=CONTENT)
    outcome = case.when(split, "2026-04-15", "HB")
    part = given("tip", on("2026-04-15", outcome.decided[1].event, "HB"))
    assert "tip.incident-check" in part.owes("EMB", "2026-04-15")
    assert "tip.incident-check" not in outcome.done().owes("HB", "2026-04-15")


# --- Answering -----------------------------------------------------------------------------------


def test_a_named_informant_is_answered_and_may_ask_for_review_in_thirty_days() -> None:
    case = answered()
    assert case.owes("HB", "2026-05-12") == {}
    # Thirty days from the receipt on 05-13: 06-12.
    assert case.may("citizen:S-1", "2026-05-13") == {"tip.review": "2026-06-12"}
    case.when(tip.RequestReview(), "2026-06-13", "citizen:S-1").refused("window-closed")


def answered() -> Case:
    case = given("tip", received(), accepted("2026-04-14"))
    case.when(tip.ReplyToInformant(), "2026-04-20", "HB").refused("not-concluded")
    concluded = tip.TipConcluded(unit="HB", finding="substantiated", note="已责令")
    case.add(on("2026-05-11", concluded, "HB"))
    assert "tip.finish" in case.owes("HB", "2026-05-11")
    reply = tip.ReplyToInformant(received_on=date(2026, 5, 13))
    return case.when(reply, "2026-05-13", "HB", happened="2026-05-12").done()


def test_a_review_is_owed_by_the_county_government_in_thirty_days() -> None:
    case = answered()
    case.when(tip.ReviewTip(outcome="finding_upheld", document="x"), "2026-05-20", "CGO").refused(
        "not-asked"
    )
    case = case.when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    # Thirty days from 06-01: 07-01, a Wednesday.
    assert case.owes("CGO", "2026-06-01") == {"tip.review-decide": "2026-07-01"}
    case.when(tip.RequestReview(), "2026-06-02", "citizen:S-1").refused("reviewed")
    upheld = tip.ReviewTip(outcome="finding_upheld", document="合成复查1号")
    case = case.when(upheld, "2026-06-15", "CGO").done()
    assert case.owes("CGO", "2026-06-15") == {}
    # Thirty days from 06-15: 07-15.
    assert case.may("citizen:S-1", "2026-06-15") == {"tip.re-review": "2026-07-15"}


def test_a_re_review_is_for_the_organ_above_and_final() -> None:
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    upheld = tip.ReviewTip(outcome="finding_upheld", document="合成复查1号")
    case = case.when(upheld, "2026-06-15", "CGO").done()
    case = case.when(tip.RequestReReview(), "2026-07-01", "citizen:S-1").done()
    # Thirty days from 07-01: 07-31; 县政府办 waits for it.
    assert case.owes("superior:330500", "2026-07-01") == {"tip.re-review-decide": "2026-07-31"}
    aside = tip.RecordReReview(outcome="finding_set_aside", document="合成复核1号")
    case = case.when(aside, "2026-07-20", "CGO").done()
    # Handled again in sixty days from 07-20: 09-18.
    assert case.owes("HB", "2026-07-20") == {"tip.redo": "2026-09-18"}
    assert case.fold.status == "重新处理"
    again = tip.ConcludeTip(finding="partly", note="已改")
    case = case.when(again, "2026-08-03", "HB").done()
    case = case.when(tip.ReplyToInformant(), "2026-08-04", "HB").done()
    assert case.owes("HB", "2026-08-04") == {}
    case.when(tip.RequestReReview(), "2026-08-05", "citizen:S-1").refused("reviewed")


def test_a_finding_made_again_after_a_review_may_be_reviewed_again() -> None:
    """信访工作条例 35: whoever disagrees with a 处理意见, and what is made again is a new one."""
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    aside = tip.ReviewTip(outcome="finding_set_aside", document="合成复查1号")
    case = case.when(aside, "2026-06-15", "CGO").done()
    case.when(tip.RequestReview(), "2026-06-16", "citizen:S-1").refused("no-right")
    case = case.when(tip.ConcludeTip(finding="partly", note="x"), "2026-07-01", "HB").done()
    case = case.when(tip.ReplyToInformant(), "2026-07-02", "HB").done()
    # Thirty days from 07-02: Saturday 08-01, so Monday 08-03, safe Friday 07-31.
    assert case.may("citizen:S-1", "2026-07-02") == {"tip.review": "2026-08-03/07-31"}
    case = case.when(tip.RequestReview(), "2026-07-03", "citizen:S-1").done()
    assert "tip.review-decide" in case.owes("CGO", "2026-07-03")


def test_what_is_to_be_handled_again_is_not_refused_by_whoever_gets_it() -> None:
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    aside = tip.ReviewTip(outcome="finding_set_aside", document="合成复查1号")
    case = case.when(aside, "2026-06-15", "CGO").done()
    case = case.when(tip.RouteTip(to="HSSB", reason="合成"), "2026-06-16", "LGO").done()
    case.when(tip.RefuseTip(ground="no_facts"), "2026-06-17", "HSSB").refused("to-redo")
    case = case.when(tip.AcceptTip(), "2026-06-17", "HSSB").done()
    assert "tip.finish" in case.owes("HSSB", "2026-06-17")


def test_after_a_re_review_no_further_review_is_offered() -> None:
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    upheld = tip.ReviewTip(outcome="finding_upheld", document="合成复查1号")
    case = case.when(upheld, "2026-06-15", "CGO").done()
    case = case.when(tip.RequestReReview(), "2026-07-01", "citizen:S-1").done()
    aside = tip.RecordReReview(outcome="finding_set_aside", document="合成复核1号")
    case = case.when(aside, "2026-07-20", "CGO").done()
    case = case.when(tip.ConcludeTip(finding="partly", note="x"), "2026-08-03", "HB").done()
    case = case.when(tip.ReplyToInformant(), "2026-08-04", "HB").done()
    assert case.may("citizen:S-1", "2026-08-05") == {}


@pytest.mark.parametrize(
    "subject", ["330523198001011234", "张三13800000000", "张三", "13800000000"]
)
def test_an_informant_goes_by_a_code_that_does_not_say_who_he_is(subject: str) -> None:
    refusal = given("tip").when(receive(subject=subject), "2026-04-13", "CGO").refusal
    assert refusal is not None
    assert refusal.code == "personal"
    assert subject not in refusal.zh + refusal.en
    case = given("tip", received())
    case.when(correction(1, subject=subject), "2026-04-14", "LGO").refused("personal")


def test_no_refusal_tells_another_unit_who_informed() -> None:
    case = answered()
    task = case.task("tip.review").id
    for command in (SignTask(task=task), correction(1, subject="S-2")):
        refusal = case.when(command, "2026-05-14", "EMB").refusal
        assert refusal is not None
        assert "S-1" not in refusal.zh + refusal.en


def test_no_sentence_tells_who_informed() -> None:
    case = answered()
    told = why(case.task("tip.review"))
    assert "由信访人负责" in told or "信访人有权" in told
    assert "S-1" not in told
    corrected = case.when(correction(1, subject="S-2"), "2026-05-14", "LGO").decided[0]
    assert {change.field for change in corrected.changes} == {"subject", "informant"}
    said = sentence(corrected, reference().edition.names)
    assert "信访人有更正" in said
    assert "S-1" not in said
    assert "S-2" not in said


# --- Who reviews ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "accused_unit", "organ", "registrar", "above"),
    [
        ("HB", None, "CGO", None, "superior:330500"),
        ("TS-110", None, "CGO", None, "superior:330500"),
        ("EEB", None, "superior:330500", "CGO", "superior:330000"),
        ("HB", "CGO", "superior:330500", "LGO", "superior:330000"),
    ],
)
def test_the_organ_above_reviews_and_the_one_above_that_re_reviews(
    handler: str, accused_unit: str | None, organ: str, registrar: str | None, above: str
) -> None:
    case = given("tip", received(to=handler, accused_unit=accused_unit))
    case.add(accepted("2026-04-14", handler), concluded("2026-05-06", handler))
    case.add(on("2026-05-07", tip.TipReplied(unit=handler), handler))
    case = case.when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    # Thirty days from 06-01: 07-01, a Wednesday.
    assert case.owes(organ, "2026-06-01") == {"tip.review-decide": "2026-07-01"}
    opinion = tip.ReviewTip(outcome="finding_upheld", document="合成复查1号")
    by = registrar or organ
    assert case.task("tip.review-decide").supervisor in (registrar, "CGO")
    case.when(opinion, "2026-06-15", "EMB").refused("wrong-actor")
    case = case.when(opinion, "2026-06-15", by).done()
    assert case.owes(organ, "2026-06-15") == {}
    case = case.when(tip.RequestReReview(), "2026-06-16", "citizen:S-1").done()
    # Thirty days from 06-16: 07-16, a Thursday.
    assert case.owes(above, "2026-06-16") == {"tip.re-review-decide": "2026-07-16"}
    final = tip.RecordReReview(outcome="finding_upheld", document="合成复核1号")
    case = case.when(final, "2026-06-30", by).done()
    assert case.owes(above, "2026-06-30") == {}


def test_a_reviewing_organ_found_to_be_accused_hands_the_review_up() -> None:
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    case = case.when(tip.NameAccused(unit="CGO"), "2026-06-02", "LGO").done()
    assert case.owes("CGO", "2026-06-02") == {}
    # Thirty days from 06-02: 07-02, a Thursday.
    assert case.owes("superior:330500", "2026-06-02") == {"tip.review-decide": "2026-07-02"}
    opinion = tip.ReviewTip(outcome="finding_upheld", document="合成复查1号")
    case.when(opinion, "2026-06-15", "CGO").refused("accused")
    case = case.when(opinion, "2026-06-15", "LGO").done()
    assert case.owes("superior:330500", "2026-06-15") == {}


# --- Merging and parting -------------------------------------------------------------------------


def two() -> tuple[Case, Case]:
    """Two tips on one matter, both handled by 卫健局."""
    main = given("tip", received("2026-03-02"), accepted("2026-03-04"))
    other = given("tip", received("2026-03-09"), accepted("2026-03-10"))
    object.__setattr__(main.fold, "case", "tip-main")
    other.others = {"tip-main": main.fold}
    return main, other


def test_a_merge_moves_no_clock_and_the_finding_reaches_both() -> None:
    main, other = two()
    before = other.owes("HB", "2026-03-13")
    outcome = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB")
    outcome.then(tip.TipMerged(into="tip-main"), On("tip-main", tip.TipJoined(tip="tip-1")))
    merged = outcome.done()
    assert merged.owes("HB", "2026-03-13") == before
    conclude = tip.ConcludeTip(finding="partly", note="已改")
    merged.when(conclude, "2026-03-20", "HB").refused("merged")
    main.add(on("2026-03-13", tip.TipJoined(tip="tip-1"), "HB"))
    main.others = {"tip-1": merged.fold}
    said = tip.TipConcluded(unit="HB", finding="partly", note="已改")
    main.when(conclude, "2026-04-01", "HB").then(said, On("tip-1", said))


def test_a_tip_merged_in_bars_the_unit_it_accuses_from_the_main_one() -> None:
    main, other = two()
    accusing = replace(other.fold.state, accused_unit="HSSB")
    main.add(on("2026-03-13", tip.TipJoined(tip="tip-1"), "HB"))
    main.others = {"tip-1": replace(other.fold, state=accusing)}
    main.when(tip.RouteTip(to="HSSB", reason="合成"), "2026-03-14", "LGO").refused("accused")


def test_a_merge_can_be_undone() -> None:
    _, other = two()
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    before = merged.owes("HB", "2026-03-20")
    undo = tip.UnmergeTip(reason="两个车间")
    outcome = merged.when(undo, "2026-03-20", "LGO")
    outcome.then(
        tip.TipUnmerged(into="tip-main", reason="两个车间"),
        On("tip-main", tip.TipParted(tip="tip-1")),
    )
    parted = outcome.done()
    assert parted.owes("HB", "2026-03-20") == before
    conclude = tip.ConcludeTip(finding="partly", note="已改")
    parted.when(conclude, "2026-03-21", "HB").then(
        tip.TipConcluded(unit="HB", finding="partly", note="已改")
    )
    parted.when(undo, "2026-03-21", "HB").refused("not-merged")


def test_parted_before_any_finding_an_anonymous_tip_is_still_handled_once() -> None:
    main, _ = two()
    other = given("tip", received("2026-03-09", anonymous=True), accepted("2026-03-10"))
    other.others = {"tip-main": main.fold}
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    parted = merged.when(tip.UnmergeTip(reason="两个车间"), "2026-04-02", "LGO").done()
    # Sixty days from 03-10: 05-09, a worked Saturday. Parting begins no days of its own.
    assert parted.owes("HB", "2026-04-02") == {"tip.finish": "2026-05-09"}


@pytest.mark.parametrize("anonymous", [False, True])
def test_parted_after_the_main_tip_was_concluded_it_gets_a_finding_of_its_own(
    anonymous: bool,
) -> None:
    main, _ = two()
    other = given("tip", received("2026-03-09", anonymous=anonymous), accepted("2026-03-10"))
    other.others = {"tip-main": main.fold}
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    merged.add(on("2026-04-01", tip.TipConcluded(unit="HB", finding="partly", note="已改"), "HB"))
    parted = merged.when(tip.UnmergeTip(reason="两个车间"), "2026-04-02", "LGO").done()
    # Named: still 03-10 and sixty days, 05-09, a worked Saturday. Anonymous: from 04-02, 06-01.
    owed = {"tip.finish-parted": "2026-06-01"} if anonymous else {"tip.finish": "2026-05-09"}
    assert {k: v for k, v in parted.owes("HB", "2026-04-02").items() if "finish" in k} == owed
    own = tip.ConcludeTip(finding="unsubstantiated", note="无违法")
    parted.when(own, "2026-04-03", "HB").done()


def test_what_was_answered_with_the_main_finding_is_not_parted() -> None:
    _, other = two()
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    merged.add(on("2026-04-01", tip.TipConcluded(unit="HB", finding="partly", note="已改"), "HB"))
    merged = merged.when(tip.ReplyToInformant(), "2026-04-02", "HB").done()
    merged.when(tip.UnmergeTip(reason="x"), "2026-04-03", "LGO").refused("replied")


def test_whoever_took_the_main_tip_takes_another_on_the_same_matter_by_merging_it() -> None:
    _, other = two()
    fresh = given("tip", received("2026-03-09"))
    fresh.others = other.others
    merge = tip.MergeTip(case_main="tip-main")
    fresh.when(merge, "2026-03-10", "LGO").refused("not-accepted")
    merged = fresh.when(merge, "2026-03-10", "HB").done()
    # Told of in fifteen days from 03-09: 03-24; finished in sixty from 03-10: 05-09, worked.
    assert merged.owes("HB", "2026-03-10") == {
        "tip.inform": "2026-03-24",
        "tip.finish": "2026-05-09",
    }


def test_a_tip_that_silence_took_is_merged_and_keeps_its_days() -> None:
    _, other = two()
    fresh = given("tip", received("2026-03-09"))
    fresh.others = other.others
    # Five working days from Monday 03-09 end on 03-16: silence has taken it since.
    merged = fresh.when(tip.MergeTip(case_main="tip-main"), "2026-03-17", "HB").done()
    assert "tip.finish-silent" in merged.owes("HB", "2026-03-17")


def test_a_tip_is_merged_only_into_one_that_was_taken_and_nobody_disputes() -> None:
    main, other = given("tip", received("2026-03-02")), given("tip", received("2026-03-09"))
    other.others = {"tip-main": main.fold}
    merge = tip.MergeTip(case_main="tip-main")
    other.when(merge, "2026-03-09", "HB").refused("not-accepted")
    assert other.when(merge, "2026-03-17", "HB").decided, "silence has taken both"
    disputed = DisputeTask(task=other.task("tip.accept").id, reason="合成")
    other = other.when(disputed, "2026-03-17", "HB").done()
    other.when(merge, "2026-03-17", "HB").refused("disputed")


def test_merged_tips_go_together_where_the_main_one_is_routed() -> None:
    main, other = two()
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    merged.when(tip.RouteTip(to="EMB", reason="x"), "2026-03-16", "LGO").refused("merged")
    main.add(on("2026-03-13", tip.TipJoined(tip="tip-1"), "HB"))
    main.others = {"tip-1": merged.fold}
    said = tip.TipRouted(actor="LGO", to="EMB", reason="x", anew=True)
    main.when(tip.RouteTip(to="EMB", reason="x"), "2026-03-16", "LGO").then(said, On("tip-1", said))


# --- Two matters, two units ----------------------------------------------------------------------


def both_matters() -> Case:
    fact = received("2026-04-13", matters=("unprotected", "no_contract"))
    return given("tip", fact, accepted("2026-04-14"))


def test_what_belongs_to_two_units_is_split_and_each_part_has_its_own_clock() -> None:
    split = tip.SplitTip(matters=("no_contract",), reason="属人社", content=CONTENT)
    outcome = both_matters().when(split, "2026-04-15", "HB")
    said, on_new = outcome.decided
    assert (said.matters, said.to, said.tip) == (("no_contract",), "HSSB", on_new.case)
    new = on_new.event
    assert (new.matters, new.to, new.informant) == (("no_contract",), "HSSB", "citizen:S-1")
    assert (new.split_from, new.accused) == ("tip-1", EMPLOYER)
    assert outcome.done().fold.state.matters == ("unprotected",)
    # The part: five working days from 04-15: 16, 17, 20, 21, 22.
    part = given("tip", on("2026-04-15", new, "HB"))
    assert part.owes("HSSB", "2026-04-16") == {"tip.accept": "2026-04-22"}


def test_a_tip_is_split_only_into_parts_and_never_towards_the_accused() -> None:
    def split(**also: Any) -> tip.SplitTip:
        told: dict[str, Any] = {"matters": ("no_contract",), "reason": "x", "content": CONTENT}
        return tip.SplitTip(**{**told, **also})

    case = both_matters()
    for matters in ((), ("poisoning",), ("unprotected", "no_contract")):
        case.when(split(matters=matters), "2026-04-15", "HB").refused("not-a-part")
    case.when(split(), "2026-04-15", "EMB").refused("not-handler")
    fact = received(matters=("unprotected", "no_contract"), accused_unit="HSSB")
    accusing = given("tip", fact, accepted("2026-04-14"))
    [said, _] = accusing.when(split(), "2026-04-15", "HB").decided
    assert said.to == "LGO"
    accusing.when(split(to="HSSB"), "2026-04-15", "HB").refused("accused")


# --- Merging (what is refused) -------------------------------------------------------------------


def test_what_cannot_be_merged_is_refused() -> None:
    _, other = two()
    other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HSSB").refused("not-handler")
    elsewhere = given("tip", received("2026-03-09", "EMB"), accepted("2026-03-10", "EMB"))
    elsewhere.others = other.others
    elsewhere.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "EMB").refused("other-handler")
    concluded = tip.TipConcluded(unit="HB", finding="partly", note="x")
    other.add(on("2026-03-12", concluded, "HB"))
    other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").refused("concluded")


# --- What an accused unit must not get -----------------------------------------------------------


def test_no_act_brings_a_tip_into_the_hands_it_accuses() -> None:
    case = given("tip", received(to="HSSB", accused_unit="HB"))
    id = case.task("tip.accept").id
    case.when(TransferTask(task=id, to="HB", reason="职责"), "2026-04-14", "HSSB").refused(
        "accused"
    )
    case.when(RequestAssist(task=id, unit="HB", question="情况"), "2026-04-14", "HSSB").refused(
        "accused"
    )


def test_a_tip_the_office_is_accused_in_is_returned_above_it() -> None:
    case = given("tip", received(to="HSSB", accused_unit="LGO"))
    back = ReturnTask(task=case.task("tip.accept").id, reason="not_my_duty", note="不属职责")
    [event] = case.when(back, "2026-04-14", "HSSB").decided
    assert event.to == "LG"
    case.when(tip.RouteTip(to="EMB", reason="x"), "2026-04-14", "LGO").refused("accused")


def test_a_tip_routed_anew_after_it_was_taken_is_asked_of_the_new_unit() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case = case.when(tip.RouteTip(to="HSSB", reason="劳动合同"), "2026-04-15", "LGO").done()
    # Five working days from 04-15: 16, 17, 20, 21, 22.
    assert case.owes("HSSB", "2026-04-16")["tip.accept-routed"] == "2026-04-22"
    assert case.owes("HB", "2026-04-16") == {}
    after = case.when(tip.AcceptTip(), "2026-04-16", "HSSB").done()
    assert "tip.finish" in after.owes("HSSB", "2026-04-16")


def test_who_handles_a_tip_is_changed_by_no_correction_and_the_accused_corrects_nothing() -> None:
    case = given("tip", received(accused_unit="HSSB"))
    case.when(correction(1, to="EMB"), "2026-04-14", "LGO").refused("undone-otherwise")
    case.when(correction(1, channel="phone"), "2026-04-14", "HSSB").refused("accused")
    case.when(correction(1, channel="phone"), "2026-04-14", "LGO").done()


def correction(version: int, **changes: Any) -> CorrectFact:
    return CorrectFact(version=version, changes=changes, reason="录错")


@pytest.mark.parametrize("by", ["LGO", "LG"])
def test_a_unit_wrongly_recorded_as_accused_is_cleared_and_may_handle_the_tip(by: str) -> None:
    case = given("tip", received(accused_unit="HSSB"))
    route = tip.RouteTip(to="HSSB", reason="劳动合同")
    case.when(route, "2026-04-14", by).refused("accused")
    case.when(correction(1, accused_unit=None), "2026-04-14", "EMB").refused("wrong-actor")
    case.when(correction(1, accused_unit="HB"), "2026-04-14", by).refused("accused")
    cleared = case.when(correction(1, accused_unit=None), "2026-04-14", by).done()
    cleared.when(route, "2026-04-15", by).done()


def test_a_unit_wrongly_named_later_is_put_right_or_cleared() -> None:
    def case() -> Case:
        named = given("tip", received(), accepted("2026-04-14"))
        return named.when(tip.NameAccused(unit="HB"), "2026-04-15", "LGO").done()

    back = tip.RouteTip(to="HB", reason="职责")
    case().when(correction(3, unit="XX"), "2026-04-16", "LGO").refused("no-such-unit")
    other = case().when(correction(3, unit="HSSB"), "2026-04-16", "LGO").done()
    other.when(tip.RouteTip(to="HSSB", reason="x"), "2026-04-17", "LGO").refused("accused")
    other.when(back, "2026-04-17", "LGO").done()
    nobody = case().when(correction(3, unit=None), "2026-04-16", "LGO").done()
    nobody.when(back, "2026-04-17", "LGO").done()


def test_the_township_of_a_tip_is_put_right() -> None:
    case = given("tip", received())
    case.when(correction(1, township="TS-999"), "2026-04-14", "LGO").refused("no-such-township")
    case.when(correction(1, township="TS-110"), "2026-04-14", "LGO").done()


def test_what_a_correction_is_refused_for_names_an_act_that_tips_have() -> None:
    titles = {known.title for known in COMMAND_TYPES.values() if known.cls in tip.TIP.commands}
    elsewhere = [said for acts in tip.CORRECTIONS.elsewhere.values() for said in acts.values()]
    for said in (*tip.CORRECTIONS.undone_by.values(), *elsewhere):
        assert {str(said).partition("”")[0], str(said).rpartition("“")[2]} <= titles, said


def test_a_unit_found_later_to_be_accused_holds_the_tip_no_longer() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case.when(tip.NameAccused(unit="XX"), "2026-04-15", "LGO").refused("no-such-unit")
    outcome = case.when(tip.NameAccused(unit="HB"), "2026-04-15", "LGO")
    said, routed = outcome.decided
    assert (said.unit, routed.to, routed.anew) == ("HB", "LGO", True)
    case = outcome.done()
    assert case.owes("HB", "2026-04-15") == {}
    case.when(tip.RouteTip(to="HB", reason="x"), "2026-04-16", "LGO").refused("accused")
    case.when(tip.NameAccused(unit="HB"), "2026-04-16", "LGO").refused("known")


def concluded(day: str, unit: str = "HB") -> Fact:
    return on(day, tip.TipConcluded(unit=unit, finding="unsubstantiated", note="x"), unit)


def test_what_the_accused_unit_concluded_and_has_not_answered_is_found_anew_by_another() -> None:
    case = given("tip", received(), accepted("2026-04-14"), concluded("2026-05-06"))
    case = case.when(tip.NameAccused(unit="HB"), "2026-05-07", "LGO").done()
    assert case.owes("HB", "2026-05-07") == {}
    assert case.fold.state.handler == "LGO"
    case = case.when(tip.RouteTip(to="HSSB", reason="x"), "2026-05-07", "LGO").done()
    # Five working days from Thursday 05-07: 08, 09 (worked), 11, 12, 13; fifteen days: 05-22.
    assert case.owes("HSSB", "2026-05-07") == {
        "tip.accept-routed": "2026-05-13",
        "tip.inform": "2026-05-22",
    }
    case = case.when(tip.AcceptTip(), "2026-05-08", "HSSB").done()
    found = tip.ConcludeTip(finding="substantiated", note="x")
    case = case.when(found, "2026-05-11", "HSSB").done()
    case = case.when(tip.ReplyToInformant(), "2026-05-12", "HSSB").done()
    assert case.owes("HSSB", "2026-05-12") == {}


def test_a_finding_of_the_accused_that_is_already_recorded_is_routed_away() -> None:
    found = (received(), accepted("2026-04-14"), concluded("2026-05-06"))
    named = on("2026-05-07", tip.AccusedNamed(unit="HB"), "LGO")
    away = tip.RouteTip(to="HSSB", reason="回避")
    moved = given("tip", *found, named).when(away, "2026-05-08", "LGO").done()
    assert moved.owes("HB", "2026-05-08") == {}
    assert (moved.fold.state.handler, moved.fold.state.concluded) == ("HSSB", False)
    given("tip", *found).when(away, "2026-05-08", "LGO").refused("concluded")
    replied = on("2026-05-07", tip.TipReplied(unit="HB"), "HB")
    answered = given("tip", *found, replied, named)
    answered.when(away, "2026-05-08", "LGO").refused("concluded")


def test_a_labour_finding_of_the_accused_leaves_no_answer_with_it() -> None:
    case = given("tip", received(to="HSSB"))
    case = case.when(tip.FileLabourCase(), "2026-04-14", "HSSB").done()
    case = case.add(concluded("2026-05-06", "HSSB"))
    assert "tip.reply" in case.owes("HSSB", "2026-05-06")
    case = case.when(tip.NameAccused(unit="HSSB"), "2026-05-07", "LGO").done()
    assert case.owes("HSSB", "2026-05-07") == {}


def test_tips_merged_with_one_that_accuses_its_handler_leave_it_together() -> None:
    main, other = two()
    merged = other.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "HB").done()
    main.add(on("2026-03-13", tip.TipJoined(tip="tip-1"), "HB"))
    for case in (main, merged):
        case.add(concluded("2026-04-01"))
    main.others, merged.others = {"tip-1": merged.fold}, {"tip-main": main.fold}
    name = tip.NameAccused(unit="HB")
    merged.when(name, "2026-04-02", "LGO").refused("merged")
    decided = main.when(name, "2026-04-02", "LGO").decided
    routed = [item.event if isinstance(item, On) else item for item in decided[1:]]
    assert [type(event) for event in routed] == [tip.TipRouted, tip.TipRouted]
    assert all(event.reopened for event in routed)
    # Where the main one was answered, the other leaves alone, and is parted from it.
    main.add(on("2026-04-02", tip.TipReplied(unit="HB"), "HB"))
    merged.others = {"tip-main": main.fold}
    alone = merged.when(name, "2026-04-03", "LGO").done()
    assert (alone.fold.state.merged_into, alone.fold.state.handler) == (None, "LGO")
    assert alone.owes("HB", "2026-04-03") == {}


def test_a_finding_set_aside_does_not_go_back_to_the_unit_it_accuses() -> None:
    case = answered().when(tip.RequestReview(), "2026-06-01", "citizen:S-1").done()
    case = case.when(tip.NameAccused(unit="HB"), "2026-06-02", "LGO").done()
    aside = tip.ReviewTip(outcome="finding_set_aside", document="合成复查1号")
    case = case.when(aside, "2026-06-15", "CGO").done()
    assert case.owes("HB", "2026-06-15") == {}
    # Five working days from Monday 06-15: 16, 17, 18, 22, 23; 06-19 is 端午.
    assert case.owes("LGO", "2026-06-15")["tip.accept-routed"] == "2026-06-23"


def test_a_tip_is_not_brought_to_an_accused_office() -> None:
    case = given("tip", received(accused_unit="LGO"), accepted("2026-04-14"))
    case = case.when(tip.NameAccused(unit="HB"), "2026-04-15", "LG").done()
    assert case.fold.state.handler == "LG"


def test_the_accused_unit_has_no_say_whatever_the_act() -> None:
    _, other = two()
    accusing = given("tip", received("2026-03-09", accused_unit="LGO"), accepted("2026-03-10"))
    accusing.others = other.others
    accusing.when(tip.MergeTip(case_main="tip-main"), "2026-03-13", "LGO").refused("accused")
    pressed = given("tip", received(to="HSSB", accused_unit="CGO"))
    task = pressed.task("tip.accept").id
    pressed.when(SuperviseTask(task=task, note="x"), "2026-04-14", "CGO").refused("accused")
    judged = returned(given("tip", received(accused_unit="LG")), "2026-04-16", "HB", "LGO")
    task = judged.task("tip.accept").id
    judged.when(UpholdReturn(task=task, to="EMB"), "2026-04-17", "LG").refused("accused")
    given("tip").when(receive(accused_unit="卫健局"), "2026-04-13", "CGO").refused("no-such-unit")


def test_whoever_is_passed_the_question_handles_the_tip_and_has_days_of_its_own() -> None:
    case = given("tip", received())
    transfer = TransferTask(task=case.task("tip.accept").id, to="HSSB", reason="合成")
    passed = case.when(transfer, "2026-04-17", "HB").done()
    assert passed.fold.state.handler == "HSSB"
    # Five working days from Friday 04-17: 20, 21, 22, 23, 24.
    assert passed.owes("HSSB", "2026-04-17")["tip.accept"] == "2026-04-24"
    passed.when(tip.AcceptTip(), "2026-04-20", "HB").refused("not-handler")
    there = TransferTask(task=passed.task("tip.accept").id, to="HB", reason="合成")
    passed.when(there, "2026-04-20", "HSSB").refused("had-it")
    assert passed.when(tip.AcceptTip(), "2026-04-20", "HSSB").done().fold.state.accepted


def test_nothing_is_found_before_it_was_taken_and_no_labour_case_is_filed_after_the_end() -> None:
    case = given("tip", received(to="HSSB"))
    found = tip.ConcludeTip(finding="partly", note="x")
    case.when(found, "2026-04-14", "HSSB").refused("not-accepted")
    refused = case.when(tip.RefuseTip(ground="no_facts"), "2026-04-15", "HSSB").done()
    refused.when(tip.FileLabourCase(), "2026-04-16", "HSSB").refused("refused")


def test_where_the_firm_is_counts_by_area_and_makes_no_party_of_the_township() -> None:
    case = given("tip").when(receive(township="TS-110"), "2026-04-13", "CGO").done()
    assert case.fold.township == "TS-110"
    assert "TS-110" not in case.fold.parties.values(), "it would be told of the tip"
