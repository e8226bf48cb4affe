"""Patrols 协管员巡查: six points, revisited, handed over to the bureau of each point."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.cases import inspection as ins
from domain.corrections import CorrectFact
from domain.decider import Claim, On
from domain.events import sentence
from tests.domain.inspecting import (
    OTHER,
    PROBLEM,
    file_case,
    open_it,
    order,
    patrol_case,
    points,
    revisited,
)
from tests.spec import EMPLOYER, Case, given, on


def test_a_patrol_without_problems_ends_there() -> None:
    case = patrol_case()
    assert case.owes("TS-111", "2026-03-03") == {"ins.patrol": "2026-03-31"}
    after = case.when(points(point_project="mark_na"), "2026-03-10", "TS-111").done()
    assert after.owes("TS-111", "2026-03-10") == {}
    assert after.owes(EMPLOYER, "2026-03-10") == {}
    after.when(ins.Revisit(), "2026-03-20", "TS-111").refused("no-revisit")


def test_a_problem_sets_a_day_of_revisit() -> None:
    case = patrol_case()
    case.when(points(**PROBLEM), "2026-03-10", "TS-111").refused("revisit-day")
    on_the_day = points(**PROBLEM, revisit_by=date(2026, 3, 10))
    case.when(on_the_day, "2026-03-10", "TS-111").refused("revisit-day")
    after = case.when(points(**PROBLEM, revisit_by=date(2026, 4, 5)), "2026-03-10", "TS-111").done()
    # 04-05 lies in the Qingming rest days: 04-07, safe 04-03.
    assert after.owes("TS-111", "2026-03-11") == {"ins.revisit": "2026-04-07/04-03"}
    assert after.owes(EMPLOYER, "2026-03-11") == {"ins.urged": "2026-04-07/04-03"}
    assert after.task("ins.urged").supervisor == "TS-111"


def test_what_is_still_wrong_goes_to_the_bureau_of_each_point() -> None:
    case = revisited("point_testing", "point_contracts")
    assert case.owes("TS-111", "2026-03-30") == {"ins.escalate": "2026-04-07"}
    after = case.when(ins.Escalate(note="仍未改正"), "2026-03-31", "TS-111").done()
    # Ten working days from 03-31: 04-01, 02, 03, 07 to 10, 13 to 15.
    assert after.owes("HB", "2026-03-31") == {"ins.take-over": "2026-04-15"}
    assert after.owes("HSSB", "2026-03-31") == {"ins.take-over": "2026-04-15"}
    assert after.owes("TS-111", "2026-03-31") == {}


def test_what_was_put_right_is_not_handed_over() -> None:
    case = revisited()
    assert case.owes("TS-111", "2026-03-30") == {}
    case.when(ins.Escalate(note="x"), "2026-03-31", "TS-111").refused("not-escalated")


def handed_over() -> Case:
    """Patrolled (2), revisited (3), handed to 卫健局 and 人力社保局 (4)."""
    case = revisited("point_testing", "point_contracts")
    return case.when(ins.Escalate(note="仍未改正"), "2026-03-31", "TS-111").done()


def right(version: int, **changes: object) -> CorrectFact:
    return CorrectFact(version=version, changes=changes, reason="看错")


def test_what_the_revisit_as_put_right_leaves_nothing_of_is_taken_over_by_nobody() -> None:
    case = handed_over()
    part = right(3, remaining=["point_testing"])
    case = case.when(part, "2026-04-01", "TS-111").done()
    assert case.owes("HSSB", "2026-04-01") == {}
    assert case.owes("HB", "2026-04-01") == {"ins.take-over": "2026-04-15"}
    case = case.when(right(3, remaining=[]), "2026-04-02", "TS-111").done()
    assert case.owes("HB", "2026-04-02") == {}
    assert case.owes("TS-111", "2026-04-02") == {}
    assert case.fold.status == "已办结"  # nobody owes anything
    late = given("inspection")
    late.others = {"inspection-1": case.fold}
    opening = open_it(case_basis="inspection-1")
    late.when(opening, "2026-04-03", "HB").refused("not-escalated")


def test_what_the_patrol_as_put_right_never_found_is_taken_over_by_nobody() -> None:
    fine = {"point_testing": "mark_ok", "point_contracts": "mark_ok", "revisit_by": None}
    case = handed_over().when(right(2, **fine), "2026-04-01", "TS-111").done()
    assert case.owes("HB", "2026-04-01") == case.owes("HSSB", "2026-04-01") == {}
    one = right(2, point_contracts="mark_ok")
    case = handed_over().when(one, "2026-04-01", "TS-111").done()
    assert case.owes("HSSB", "2026-04-01") == {}
    assert case.owes("HB", "2026-04-01") == {"ins.take-over": "2026-04-15"}


def test_before_it_is_handed_over_too_nothing_is_left_to_hand_over() -> None:
    fine = {"point_testing": "mark_ok", "point_contracts": "mark_ok", "revisit_by": None}
    case = revisited("point_testing").when(right(2, **fine), "2026-03-31", "TS-111").done()
    assert case.owes("TS-111", "2026-03-31") == {}


def test_a_patrol_with_no_problem_left_is_over() -> None:
    case = patrol_case().when(points(), "2026-03-10", "TS-111").done()
    assert case.fold.status == "已办结"
    assert revisited().fold.status == "已办结"
    assert revisited("point_testing").fold.status == "已巡查"  # to be handed over


def test_after_the_hand_over_a_new_problem_is_not_corrected_into_the_patrol() -> None:
    """Nobody would have it: there is no revisit any longer, and 卫健局 has no power over it."""
    case = revisited("point_testing").when(ins.Escalate(note="x"), "2026-03-31", "TS-111").done()
    swapped = right(2, point_testing="mark_ok", point_insurance="mark_problem")
    refused = case.when(swapped, "2026-04-01", "TS-111")
    refused.refused("handed-over")
    assert "（工伤保险）；移交后新发现的问题另行巡查" in str(refused.refusal)
    also = right(2, point_insurance="mark_problem")
    case.when(also, "2026-04-01", "TS-111").refused("handed-over")
    less = right(2, point_testing="mark_ok")
    after = case.when(less, "2026-04-01", "TS-111").done()
    assert (after.owes("HB", "2026-04-01"), after.owes("TS-111", "2026-04-01")) == ({}, {})
    back = right(2, point_testing="mark_problem")
    again = after.when(back, "2026-04-02", "TS-111").done()
    assert again.owes("HB", "2026-04-02") == {"ins.take-over": "2026-04-15"}


def test_a_bureau_does_not_get_back_what_was_not_handed_to_it() -> None:
    case = revisited("point_testing").when(ins.Escalate(note="x"), "2026-03-31", "TS-111").done()
    none = case.when(right(3, remaining=[]), "2026-04-01", "TS-111").done()
    other = right(3, remaining=["point_contracts"])
    none.when(other, "2026-04-02", "TS-111").refused("handed-over")


def test_what_the_revisit_had_left_too_goes_to_its_own_bureau() -> None:
    """The hand-over itself follows the correction."""
    case = revisited("point_testing").when(ins.Escalate(note="x"), "2026-03-31", "TS-111").done()
    both = right(3, remaining=["point_testing", "point_contracts"])
    case = case.when(both, "2026-04-01", "TS-111").done()
    assert case.owes("HB", "2026-04-01") == {"ins.take-over": "2026-04-15"}
    assert case.owes("HSSB", "2026-04-01") == {"ins.take-over": "2026-04-15"}


def test_before_the_hand_over_a_problem_is_still_corrected_into_the_patrol() -> None:
    problem = points(**PROBLEM, revisit_by=date(2026, 3, 31))
    case = patrol_case().when(problem, "2026-03-10", "TS-111").done()
    also = right(2, point_insurance="mark_problem")
    case = case.when(also, "2026-03-11", "TS-111").done()
    left = ins.Revisit(remaining=("point_insurance",))
    assert case.when(left, "2026-03-30", "TS-111").refusal is None


def test_where_the_only_problem_was_none_the_day_of_revisit_is_cleared_with_it() -> None:
    problem = points(point_testing="mark_problem", revisit_by=date(2026, 3, 31))
    case = patrol_case().when(problem, "2026-03-10", "TS-111").done()
    fine = right(2, point_testing="mark_ok")
    refused = case.when(fine, "2026-03-11", "TS-111")
    refused.refused("revisit-day")
    assert "回访日（revisit_by）须置空，更正的一并置空" in str(refused.refusal)
    cleared = right(2, point_testing="mark_ok", revisit_by=None)
    case = case.when(cleared, "2026-03-11", "TS-111").done()
    assert (case.owes("TS-111", "2026-03-11"), case.fold.status) == ({}, "已办结")


def test_the_history_tells_the_problems_put_right_in_words() -> None:
    case = patrol_case()
    problem = points(point_testing="mark_problem", revisit_by=date(2026, 3, 31))
    case = case.when(problem, "2026-03-10", "TS-111").done()
    swapped = right(2, point_testing="mark_ok", point_insurance="mark_problem")
    [correction] = case.when(swapped, "2026-03-11", "TS-111").decided
    assert "发现的问题由“检测”改为“工伤保险”" in sentence(correction, {})
    case = case.when(swapped, "2026-03-11", "TS-111").done()
    none = right(2, point_insurance="mark_ok", revisit_by=None)
    [correction] = case.when(none, "2026-03-12", "TS-111").decided
    assert "发现的问题由“工伤保险”改为“无”" in sentence(correction, {})


def test_a_township_has_no_order_no_filing_and_no_inspection_of_its_own() -> None:
    case = revisited("point_testing")
    case.when(order("untested"), "2026-03-31", "TS-111").refused("no-power")
    case.when(file_case("untested"), "2026-03-31", "TS-111").refused("no-power")
    own = open_it(kind="targeted", case_basis="inspection-0")
    given("inspection").when(own, "2026-03-31", "TS-111").refused("no-power")


def test_a_bureau_takes_over_with_an_inspection_of_its_own() -> None:
    patrol = (
        revisited("point_testing")
        .when(ins.Escalate(note="仍未改正"), "2026-03-31", "TS-111")
        .done()
    )
    case = given("inspection")
    case.others = {"inspection-0": patrol.fold}
    command = open_it(case_basis="inspection-0")
    opening, taken, claim = case.when(command, "2026-04-01", "HB").decided
    assert claim == Claim("inspection-basis", "inspection-0|HB")
    assert opening.ground == "patrol"
    assert taken == On("inspection-0", ins.TakenOver(unit="HB", inspection="inspection-1"))
    case.when(command, "2026-04-01", "EMB").refused("not-escalated")
    case.when(replace(command, employer=OTHER), "2026-04-01", "HB").refused("other-firm")
    done = patrol.add(on("2026-04-01", taken.event, "HB"))
    assert done.owes("HB", "2026-04-01") == {}
    case.others = {"inspection-0": done.fold}
    case.when(command, "2026-04-02", "HB").refused("not-escalated")
