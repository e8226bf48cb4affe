"""What follows a finding 责令、复查、立案: orders in power, re-inspections, one act filed once.

Working days of 2026: 09-20 (Sunday) and 10-10 (Saturday) are worked, 09-25 to 27 and 10-01 to 07
are rest days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import inspection as ins
from domain.cases import visits
from domain.corrections import CorrectFact
from domain.decider import On
from tests.domain.inspecting import (
    FILE,
    file_case,
    filed,
    found,
    opened,
    order,
    ordered,
    outcome,
    pair,
    reinspected,
    visited,
    with_file,
)
from tests.spec import EMPLOYER, Case, World, given

# --- Order and re-inspection ---------------------------------------------------------------------


def test_the_order_sets_the_days_and_the_ordering_unit_supervises() -> None:
    case = given("inspection", opened(), visited())
    case = case.when(order("untested"), "2026-09-10", "HB").done()
    # Thirty days from 09-10: 10-10, a working Saturday.
    assert case.owes(EMPLOYER, "2026-09-12") == {"ins.rectify": "2026-10-10"}
    assert case.task("ins.rectify").supervisor == "HB"
    assert "ins.reinspect-late" not in case.owes("HB", "2026-10-10")
    assert "ins.reinspect-late" in case.owes("HB", "2026-10-11")


@pytest.mark.parametrize(
    ("command", "by", "code"),
    [
        (order("untested"), "TS-111", "no-power"),
        (order("untested"), "EMB", "not-taking-part"),
        (order(), "HB", "no-violation"),
        (order("untested", days=0), "HB", "days"),
        (order("not_insured"), "HB", "not-found"),
    ],
)
def test_an_order_is_a_taking_part_units_and_names_what_it_found(
    command: Any, by: str, code: str
) -> None:
    case = given("inspection", opened(), visited(), found("2026-09-08", "HB", "untested"))
    case.when(command, "2026-09-10", by).refused(code)


def test_nothing_is_ordered_before_the_visit_and_nothing_ordered_is_left_out_after() -> None:
    given("inspection", opened()).when(order("untested"), "2026-09-01", "HB").refused("not-begun")
    case = given(
        "inspection", opened(), visited(), ordered("2026-09-10", "HB", "2026-10-10", "untested")
    )
    case.when(order("untested"), "2026-09-11", "HB").refused("ordered")
    nothing = ins.RecordFindings(violations=(), note="x")
    case.when(nothing, "2026-09-11", "HB").refused("ordered-omitted")


def two_orders() -> Case:
    units = ("HB", "EMB")
    return given(
        "inspection",
        opened("joint", units),
        visited(units=units),
        ordered("2026-09-10", "HB", "2026-10-10", "untested"),
        ordered("2026-09-10", "EMB", "2026-09-20", "chemical_unsafe", days=10),
    )


def test_a_report_to_one_unit_leaves_the_others_order_running() -> None:
    case = two_orders()
    report = ins.ReportRectified(unit="EMB", note="已分类存放")
    after = case.when(report, "2026-09-18", EMPLOYER).done()
    assert after.owes(EMPLOYER, "2026-09-18") == {"ins.rectify": "2026-10-10"}
    assert "ins.reinspect" in after.owes("EMB", "2026-09-18")
    assert "ins.reinspect" not in after.owes("HB", "2026-09-18")
    assert "ins.reinspect-late" in after.owes("HB", "2026-10-11")
    assert "ins.reinspect-late" not in after.owes("EMB", "2026-10-11")
    after.when(report, "2026-09-19", EMPLOYER).refused("reported")


def test_a_re_inspection_waits_for_the_report_or_the_last_day() -> None:
    case = given(
        "inspection", opened(), visited(), ordered("2026-09-07", "HB", "2026-10-05", "untested")
    )
    again = ins.Reinspect(officers=pair("HB"))
    # 10-05 is a rest day: the order runs to 10-08.
    case.when(again, "2026-10-08", "HB").refused("too-early")
    case.when(replace(again, officers=pair("HB")[:1]), "2026-10-09", "HB").refused(
        "too-few-officers"
    )
    case.when(again, "2026-10-09", "EMB").refused("not-ordered")
    after = case.when(again, "2026-10-09", "HB").done()
    assert after.owes(EMPLOYER, "2026-10-09") == {}
    assert "ins.file" not in after.owes("HB", "2026-10-09")
    assert after.task("ins.rectify").on_time is False  # done after its last day
    after.when(again, "2026-10-10", "HB").refused("reinspected")


def test_a_corrected_order_moves_the_firms_day() -> None:
    case = given("inspection", opened(), visited())
    case = case.when(order("untested"), "2026-09-10", "HB").done()
    fix = CorrectFact(version=3, changes={"days": 20}, reason="文书为二十日")
    after = case.when(fix, "2026-09-11", "HB").done()
    # Twenty days from 09-10: 09-30.
    assert after.owes(EMPLOYER, "2026-09-12") == {"ins.rectify": "2026-09-30"}
    wrong = CorrectFact(version=3, changes={"days": 0}, reason="r")
    case.when(wrong, "2026-09-11", "HB").refused("days")


# --- Filing: one act once ------------------------------------------------------------------------


def test_a_failed_re_inspection_owes_the_filing_and_the_filing_the_decision() -> None:
    case = with_file(
        given(
            "inspection",
            opened(),
            visited(),
            ordered("2026-09-10", "HB", "2026-10-10", "untested"),
            reinspected("2026-10-12", "HB", "untested"),
        )
    )
    assert "ins.file" in case.owes("HB", "2026-10-12")
    outcome = case.when(file_case("untested"), "2026-10-14", "HB")
    assert outcome.decided[-1] == On(
        FILE,
        visits.ActFiled(
            employer=EMPLOYER,
            unit="HB",
            violation="untested",
            inspection="inspection-1",
            on=date(2026, 10, 14),
        ),
    )
    after = outcome.done()
    # Ninety days from 10-14: 17 + 30 + 31 + 12, 2027-01-12, not yet sure.
    assert after.owes("HB", "2026-10-14")["ins.penalty"] == "2027-01-12"
    due = after.task("ins.penalty").due
    assert due is not None
    assert due.provisional
    assert "ins.file" not in after.owes("HB", "2026-10-14")


def test_the_same_act_is_filed_once_and_another_act_may_be() -> None:
    facts = (opened(units=("EMB",)), visited(units=("EMB",)))
    both = found("2026-09-08", "EMB", "unchecked", "chemical_unsafe")
    case = with_file(given("inspection", *facts, both), filed("2026-10-14", "HB", "unchecked"))
    case.when(file_case("unchecked"), "2026-10-14", "EMB").refused("one-act")
    assert case.when(file_case("chemical_unsafe"), "2026-10-14", "EMB").refusal is None
    case.when(file_case("not_insured"), "2026-10-14", "EMB").refused("not-found")
    case.when(file_case("unchecked"), "2026-10-14", "TS-111").refused("no-power")


def test_what_is_found_after_an_earlier_filing_was_decided_is_another_act() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "unchecked"))
    earlier = (
        filed("2026-06-01", "EMB", "unchecked"),
        outcome("2026-08-01", "EMB", "unchecked", "fined"),
    )
    case = with_file(given("inspection", *facts), *earlier)
    assert case.when(file_case("unchecked"), "2026-09-14", "HB").refusal is None


def test_while_a_filing_is_undecided_the_act_goes_on_being_that_one() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "unchecked"))
    case = with_file(given("inspection", *facts), filed("2026-06-01", "EMB", "unchecked"))
    case.when(file_case("unchecked"), "2026-09-14", "HB").refused("one-act")


def test_a_filing_dismissed_or_passed_on_leaves_the_act_to_others() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "unchecked"))
    for what, code in (("dismissed", None), ("referred", None), ("no_penalty", "one-act")):
        earlier = (
            filed("2026-09-09", "EMB", "unchecked"),
            outcome("2026-09-12", "EMB", "unchecked", what),
        )
        case = with_file(given("inspection", *facts), *earlier)
        refusal = case.when(file_case("unchecked"), "2026-09-14", "HB").refusal
        assert (refusal.code if refusal else None) == code


def filed_by_health(*others: Any) -> World:
    """HB has filed `undeclared` of a firm in whose file others have filed before."""
    world = World()
    acts = found("2026-09-08", "HB", "undeclared", "unchecked", "over_limit")
    world.case("inspection-1").add(opened(), visited(), acts)
    world.case(FILE).add(*others)
    return world.do("inspection-1", file_case("undeclared"), "2026-09-09", "HB")


def put_right(act: str) -> CorrectFact:
    return CorrectFact(version=4, changes={"violation": act}, reason="录错")


def test_a_filing_is_not_corrected_to_an_act_that_another_unit_has_filed() -> None:
    world = filed_by_health(filed("2026-09-01", "EMB", "unchecked"))
    world.refuses("inspection-1", put_right("unchecked"), "2026-09-10", "HB", "one-act")


def test_a_filing_is_not_corrected_to_an_act_filed_since() -> None:
    world = filed_by_health()
    world.case(FILE).add(filed("2026-09-10", "EMB", "unchecked"))
    world.refuses("inspection-1", put_right("unchecked"), "2026-09-11", "HB", "one-act")


def test_a_filing_is_not_corrected_to_another_of_the_same_unit() -> None:
    world = filed_by_health()
    world.do("inspection-1", file_case("unchecked"), "2026-09-10", "HB")
    world.refuses("inspection-1", put_right("unchecked"), "2026-09-11", "HB", "one-act")


def test_a_filing_is_corrected_to_an_act_that_nobody_has_filed() -> None:
    world = filed_by_health(filed("2026-09-01", "EMB", "unchecked"))
    world.do("inspection-1", put_right("over_limit"), "2026-09-10", "HB")
    acts = [(filing.unit, filing.violation) for filing in world.case(FILE).fold.state.filed]
    assert acts == [("EMB", "unchecked"), ("HB", "over_limit")]
    world.refuses("inspection-1", put_right("unchecked"), "2026-09-11", "HB", "one-act")


def test_an_act_that_needs_an_order_first_is_not_filed_without_one() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "untested"))
    case = with_file(given("inspection", *facts))
    case.when(file_case("untested"), "2026-09-14", "HB").refused("order-first")


def test_whoever_files_first_ends_the_others_duty_to_file_that_act() -> None:
    units = ("HB", "EMB")
    case = with_file(
        given(
            "inspection",
            opened("joint", units),
            visited(units=units),
            ordered("2026-09-10", "HB", "2026-10-10", "untested"),
            ordered("2026-09-10", "EMB", "2026-10-10", "untested", "chemical_unsafe"),
            reinspected("2026-10-12", "HB", "untested"),
            reinspected("2026-10-12", "EMB", "untested", "chemical_unsafe"),
        )
    )
    after = case.when(file_case("untested"), "2026-10-14", "HB").done()
    assert "ins.file" in after.owes("EMB", "2026-10-14")  # the other act is still its own
    done = after.when(file_case("chemical_unsafe"), "2026-10-15", "EMB").done()
    assert "ins.file" not in done.owes("EMB", "2026-10-15")


# --- Several orders, and every duty has an end ---------------------------------------------------


def test_what_is_found_after_an_on_the_spot_order_is_ordered_too() -> None:
    case = given("inspection", opened(), visited())
    case = case.when(order("untested"), "2026-09-10", "HB").done()
    both = ins.RecordFindings(violations=("untested", "unchecked"), note="x")
    case = case.when(both, "2026-09-11", "HB").done()
    assert "ins.order" in case.owes("HB", "2026-09-11")
    case = case.when(order("unchecked", days=10), "2026-09-14", "HB").done()
    assert "ins.order" not in case.owes("HB", "2026-09-14")
    # Thirty days from 09-10, ten from 09-14: each order has its own day.
    due = {"ins.rectify": "2026-10-10", "ins.rectify-again": "2026-09-24"}
    assert case.owes(EMPLOYER, "2026-09-14") == due
    case.when(ins.ReportRectified(unit="HB", note="x"), "2026-09-20", EMPLOYER).refused(
        "which-order"
    )
    second = ins.ReportRectified(unit="HB", note="x", order=2)
    case = case.when(second, "2026-09-20", EMPLOYER).done()
    assert case.owes(EMPLOYER, "2026-09-21") == {"ins.rectify": "2026-10-10"}
    assert "ins.reinspect-again" in case.owes("HB", "2026-09-21")
    assert "ins.reinspect" not in case.owes("HB", "2026-09-21")
    again = ins.Reinspect(officers=pair("HB"), order=2)
    case = case.when(again, "2026-09-22", "HB").done()
    assert "ins.reinspect-again" not in case.owes("HB", "2026-09-22")
    assert case.owes(EMPLOYER, "2026-09-22") == {"ins.rectify": "2026-10-10"}
    case.when(again, "2026-10-12", "HB").refused("reinspected")


def failed(*remaining: ins.Violation) -> Case:
    return with_file(
        given(
            "inspection",
            opened(),
            visited(),
            ordered("2026-09-10", "HB", "2026-10-10", "untested", "no_management"),
            reinspected("2026-10-12", "HB", *remaining),
        )
    )


def test_every_remaining_violation_is_filed_declined_or_ordered_again() -> None:
    case = failed("untested", "no_management")
    case = case.when(file_case("untested"), "2026-10-14", "HB").done()
    assert "ins.file" in case.owes("HB", "2026-10-14")
    decline = ins.DeclineFiling(
        violations=("no_management",), ground="minor_put_right", note="次日已建立制度"
    )
    done = case.when(decline, "2026-10-15", "HB").done()
    assert "ins.file" not in done.owes("HB", "2026-10-15")
    done.when(decline, "2026-10-16", "HB").refused("nothing-to-file")
    case.when(decline, "2026-10-15", "TS-111").refused("no-power")
    case.when(replace(decline, violations=()), "2026-10-15", "HB").refused("nothing-to-file")
    again = case.when(order("no_management", days=10), "2026-10-15", "HB").done()
    assert "ins.file" not in again.owes("HB", "2026-10-15")


def test_after_a_failed_re_inspection_a_second_order_is_re_inspected_and_may_fail_again() -> None:
    case = failed("untested")
    case.when(order("no_management"), "2026-10-13", "HB").refused("ordered")  # put right
    case = case.when(order("untested", days=10), "2026-10-13", "HB").done()
    assert case.owes(EMPLOYER, "2026-10-14") == {"ins.rectify-again": "2026-10-23"}
    assert "ins.reinspect-late-again" in case.owes("HB", "2026-10-24")
    again = ins.Reinspect(officers=pair("HB"), remaining=("untested",))
    case.when(again, "2026-10-20", "HB").refused("too-early")
    case = case.when(again, "2026-10-26", "HB").done()
    assert set(case.owes("HB", "2026-10-26")) >= {"ins.file"}
    assert case.when(file_case("untested"), "2026-10-27", "HB").refusal is None


def test_what_another_inspection_filed_is_not_owed_again_by_a_failed_re_inspection() -> None:
    case = with_file(
        given(
            "inspection",
            opened(units=("EMB",)),
            visited(units=("EMB",)),
            ordered("2026-09-10", "EMB", "2026-10-10", "chemical_unsafe"),
        ),
        filed("2026-10-01", "EEB", "chemical_unsafe"),
    )
    again = ins.Reinspect(officers=pair("EMB"), remaining=("chemical_unsafe",))
    outcome = case.when(again, "2026-10-12", "EMB")
    assert outcome.decided[-1].ground == "act_held"
    done = outcome.done()
    assert "ins.file" not in done.owes("EMB", "2026-10-12")


def test_the_outcome_of_a_penalty_case_ends_the_ninety_days_of_that_act_alone() -> None:
    case = failed("untested", "no_management")
    case = case.when(file_case("untested"), "2026-10-14", "HB").done()
    case = case.when(file_case("no_management"), "2026-10-15", "HB").done()
    said = ins.DecidePenalty(violation="untested", outcome="fined", document="合成罚〔2026〕1号")
    case.when(said, "2026-11-20", "TS-111").refused("no-power")
    case.when(said, "2026-11-20", "EMB").refused("not-filed")
    case.when(said, "2026-10-13", "HB").refused("dated-before")
    decided = case.when(said, "2026-11-20", "HB")
    assert decided.decided[-1] == On(
        FILE,
        visits.ActDecided(
            employer=EMPLOYER,
            unit="HB",
            violation="untested",
            inspection="inspection-1",
            outcome="fined",
            on=date(2026, 11, 20),
        ),
    )
    case = decided.done()
    # Ninety days from 10-15: 16 + 30 + 31 + 13.
    assert case.owes("HB", "2026-11-20")["ins.penalty"] == "2027-01-13"
    case.when(said, "2026-11-21", "HB").refused("decided")
    other = replace(said, violation="no_management", outcome="no_penalty")
    assert "ins.penalty" not in case.when(other, "2026-11-23", "HB").done().owes("HB", "2026-11-23")


# --- The power to order and to punish ------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "violation", "holder"),
    [
        ("EMB", "untested", "HB"),
        ("HSSB", "not_informed", "HB"),
        ("HB", "not_insured", "HSSB"),
        ("HB", "chemical_unsafe", "EMB"),
        ("HB", "waste_misplaced", "EEB"),
    ],
)
def test_what_a_unit_has_no_power_over_it_records_and_the_bureau_in_power_takes_up(
    unit: str, violation: ins.Violation, holder: str
) -> None:
    case = with_file(given("inspection", opened(units=(unit,)), visited(units=(unit,))))
    case.when(order(violation), "2026-09-08", unit).refused("not-in-power")
    seen = ins.RecordFindings(violations=(violation,), note="x")
    case = case.when(seen, "2026-09-08", unit).done()
    assert "ins.order" not in case.owes(unit, "2026-09-08")
    # Ten working days from 09-08: 09, 10, 11, 14 to 18, 20 (worked), 21.
    assert case.owes(holder, "2026-09-08") == {"ins.take-up": "2026-09-21"}
    case.when(order(violation), "2026-09-08", unit).refused("not-in-power")
    case.when(file_case(violation), "2026-09-08", unit).refused("not-in-power")
    take = ins.TakeUpFinding(violations=(violation,), measure="take_order", note="x")
    case.when(take, "2026-09-09", unit).refused("not-referred")
    taken = case.when(take, "2026-09-09", holder).done()
    assert taken.owes(holder, "2026-09-09") == {"ins.order": None}
    taken.when(take, "2026-09-10", holder).refused("not-referred")
    after = taken.when(order(violation), "2026-09-10", holder).done()
    assert after.owes(holder, "2026-09-10") == {}
    assert after.task("ins.rectify").supervisor == holder


def test_a_bureau_may_take_a_referred_finding_elsewhere_or_say_there_is_nothing_to_do() -> None:
    case = given("inspection", opened(), visited())
    seen = ins.RecordFindings(violations=("not_insured", "chemical_unsafe"), note="x")
    case = case.when(seen, "2026-09-08", "HB").done()
    elsewhere = ins.TakeUpFinding(
        violations=("not_insured",), measure="take_own_case", note="已作劳动保障监察立案"
    )
    case = case.when(elsewhere, "2026-09-09", "HSSB").done()
    assert case.owes("HSSB", "2026-09-09") == {}
    assert set(case.owes("EMB", "2026-09-09")) == {"ins.take-up"}
    case.when(order("not_insured"), "2026-09-10", "HSSB").refused("not-taking-part")


def test_what_the_bureau_in_power_found_itself_is_not_referred_to_it() -> None:
    units = ("HB", "EMB")
    case = given("inspection", opened("joint", units), visited(units=units))
    case = case.add(found("2026-09-08", "HB", "untested"))
    seen = ins.RecordFindings(violations=("untested",), note="x")
    case = case.when(seen, "2026-09-09", "EMB").done()
    assert "ins.take-up" not in case.owes("HB", "2026-09-09")
    assert case.owes("EMB", "2026-09-09") == {}
