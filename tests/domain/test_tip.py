"""Tips 投诉举报: accepted, returned, routed again, merged and parted; each informant on his clock.

Working days of 2026: 04-13 is a Monday; 05-01 to 05-05 are rest days, 05-09 (Saturday) is worked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.acts import (
    RequestAssist,
    ReturnTask,
    ReturnUpheld,
    TaskReturned,
    TaskTransferred,
    TransferTask,
    WithdrawTask,
)
from domain.cases import tip
from domain.corrections import CorrectFact
from domain.decider import On
from domain.sealing import Secret
from tests.spec import EMPLOYER, Case, Fact, given, on

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


# --- Accepting, returning, silence ---------------------------------------------------------------


def test_the_unit_has_five_working_days_to_accept_or_return() -> None:
    case = given("tip", received())
    assert case.owes("HB", "2026-04-14") == {"tip.accept": "2026-04-20"}


def test_silence_is_acceptance() -> None:
    case = given("tip", received())
    assert case.owes("HB", "2026-04-20") == {"tip.accept": "2026-04-20"}
    # Sixty days from 04-20 end on Friday 06-19, 端午, and roll to Monday 06-22.
    assert case.owes("HB", "2026-04-21") == {"tip.finish-silent": "2026-06-22/06-18"}
    case.when(tip.AcceptTip(), "2026-04-22", "HB").refused("deemed-accepted")
    task = case.task("tip.accept")
    back = ReturnTask(task=task.id, reason="not_my_duty", note="不属职责")
    case.when(back, "2026-04-21", "HB").refused("return-window")
    in_time = case.when(tip.AcceptTip(), "2026-04-20", "HB").done()
    assert "tip.finish-silent" not in in_time.owes("HB", "2026-04-21")


def test_an_accepted_tip_is_told_of_in_fifteen_days_and_finished_in_sixty() -> None:
    case = given("tip", received("2026-03-02"), accepted("2026-03-04"))
    assert case.owes("HB", "2026-03-04") == {
        "tip.inform": "2026-03-19",
        "tip.finish": "2026-05-06/04-30",
    }


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


def test_a_second_return_is_for_the_leading_group() -> None:
    case = returned(given("tip", received()), "2026-04-16", "HB", "LGO")
    case = case.when(tip.RouteTip(to="HSSB", reason="劳动合同"), "2026-04-17", "LGO").done()
    case = returned(case, "2026-04-20", "HSSB", "LG")
    again = tip.RouteTip(to="HB", reason="裁定")
    case.when(again, "2026-04-21", "LGO").refused("second-return")
    after = case.when(again, "2026-04-21", "LG").done()
    # Five working days from 04-21: 22, 23, 24, 27, 28.
    assert after.owes("HB", "2026-04-22")["tip.accept"] == "2026-04-28"
    assert after.owes("HSSB", "2026-04-22") == {}


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
    # Fifteen days from 04-15: 04-30.
    assert case.owes("HB", "2026-04-15") == {"tip.inform": "2026-04-30"}
    case.when(tip.AcceptTip(), "2026-04-16", "HB").refused("refused")


# --- Labour cases --------------------------------------------------------------------------------


def test_a_labour_case_is_finished_in_sixty_working_days() -> None:
    case = given("tip", received(to="HSSB"))
    filed = case.when(tip.FileLabourCase(), "2026-04-24", "HSSB").done()
    assert filed.owes("HSSB", "2026-04-24")["tip.labour-finish"] == "2026-07-22"
    assert "tip.accept" not in filed.owes("HSSB", "2026-04-24")
    filed.when(tip.FileLabourCase(), "2026-04-25", "HSSB").refused("filed")
    other = given("tip", received(to="HSSB", matters=("unprotected",)))
    other.when(tip.FileLabourCase(), "2026-04-24", "HSSB").refused("not-labour")


# --- Answering -----------------------------------------------------------------------------------


def test_a_named_informant_is_answered_and_may_ask_for_review_in_thirty_days() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case.when(tip.ReplyToInformant(), "2026-04-20", "HB").refused("not-concluded")
    concluded = tip.TipConcluded(unit="HB", finding="substantiated", note="已责令")
    case.add(on("2026-05-11", concluded, "HB"))
    assert "tip.reply" in case.owes("HB", "2026-05-11")
    assert "tip.finish" in case.owes("HB", "2026-05-11")
    after = case.when(tip.ReplyToInformant(), "2026-05-12", "HB").done()
    assert after.owes("HB", "2026-05-12") == {}
    # Thirty days from 05-12: 06-11.
    assert after.may("citizen:S-1", "2026-05-12") == {"tip.review": "2026-06-11"}


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


def test_a_tip_the_accused_unit_passed_on_is_returned_to_the_office_and_not_to_it() -> None:
    fact = received(to="HSSB", accused_unit="CGO")  # registered by the accused itself
    case = given("tip", fact)
    id = case.task("tip.accept").id
    back = ReturnTask(task=id, reason="not_my_duty", note="不属职责")
    [event] = case.when(back, "2026-04-14", "HSSB").decided
    assert event.to == "LG"
    case.when(WithdrawTask(task=id, reason="误"), "2026-04-14", "CGO").refused("accused")


def test_a_tip_routed_anew_after_it_was_taken_is_asked_of_the_new_unit() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case = case.when(tip.RouteTip(to="HSSB", reason="劳动合同"), "2026-04-15", "LGO").done()
    # Five working days from 04-15: 16, 17, 20, 21, 22.
    assert case.owes("HSSB", "2026-04-16")["tip.accept-routed"] == "2026-04-22"
    assert case.owes("HB", "2026-04-16") == {}
    after = case.when(tip.AcceptTip(), "2026-04-16", "HSSB").done()
    assert "tip.finish" in after.owes("HSSB", "2026-04-16")


def test_a_corrected_routing_still_spares_the_accused() -> None:
    case = given("tip", received(accused_unit="HSSB"))
    wrong = CorrectFact(version=1, changes={"to": "HSSB"}, reason="录错")
    case.when(wrong, "2026-04-14", "LGO").refused("accused")


def test_whoever_is_passed_the_question_handles_the_tip() -> None:
    case = given("tip", received())
    transfer = TransferTask(task=case.task("tip.accept").id, to="HSSB", reason="合成")
    passed = case.when(transfer, "2026-04-14", "HB").done()
    assert passed.fold.state.handler == "HSSB"
    passed.when(tip.AcceptTip(), "2026-04-15", "HB").refused("not-handler")
    assert passed.when(tip.AcceptTip(), "2026-04-15", "HSSB").done().fold.state.accepted
