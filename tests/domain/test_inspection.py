"""Inspections 监督检查: a basis, two officers, findings, publication; dates, hand-overs, ends.

Working days of 2026: 09-20 (Sunday) and 10-10 (Saturday) are worked, 09-25 to 27 and 10-01 to 07
are rest days; 04-04 to 06 too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import acts
from domain.cases import CASE_KINDS, diagnosis, incident, tip, visits
from domain.cases import inspection as ins
from domain.cases import plan as plans
from domain.cases.plan import Inspector, Officer
from domain.corrections import Change, CorrectFact, FactCorrected
from domain.decider import Claim, On, Release
from domain.events import sentence
from domain.fold import empty
from domain.sealing import Secret
from domain.tasks import summary
from tests.domain.inspecting import (
    FILE,
    METHOD,
    OTHER,
    PROBLEM,
    file_case,
    filed,
    found,
    open_it,
    opened,
    order,
    pair,
    patrol_case,
    planned,
    points,
    publish,
    revisited,
    target,
    visited,
    with_file,
)
from tests.spec import EMPLOYER, Case, Fact, given, on, reference


def counted(day: str, *units: str, counts: bool = True) -> Fact:
    entry = visits.VisitCounted(
        employer=EMPLOYER,
        units=units,
        inspection="inspection-0",
        on=date.fromisoformat(day),
        counted=counts,
        override=None,
    )
    return on(day, entry, units[0])


def visit(*units: str, **also: Any) -> ins.MakeVisit:
    told = {"officers": pair(*(units or ("HB",))), "licences_shown": True, "record": "笔录1"}
    return ins.MakeVisit(**{**told, **also})


# --- Opening on a basis --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["targeted", "off_site", "special", "random"])
def test_without_a_basis_no_inspection_of_any_kind_opens(kind: plans.Kind) -> None:
    given("inspection").when(open_it(kind=kind), "2026-08-25", "HB").refused("no-basis")


def test_a_change_of_class_names_the_method_of_the_class() -> None:
    case = given("inspection")
    change = {"grade_before": "甲", "grade": "丙"}
    case.when(open_it(**change), "2026-08-25", "HB").refused("class-method")
    [fact] = case.when(open_it(**change, method=METHOD), "2026-08-25", "HB").decided
    assert fact.basis_told == "等级由甲变为丙（试点办法（丙为最高风险））"
    special = open_it(**change, method=METHOD, kind="special")
    case.when(special, "2026-08-25", "HB").refused("no-plan")


def under(plan: Case) -> Case:
    case = given("inspection")
    case.others = {"plan-1": plan.fold}
    return case


def test_under_a_plan_only_what_the_plan_lists() -> None:
    case = under(planned(kind="special", count=0, inspectors=()))
    fine = open_it(kind="special", case_basis="plan-1")
    fact, claim = case.when(fine, "2026-08-25", "HB").decided
    assert claim == Claim("inspection-basis", f"plan-1|{EMPLOYER}")  # opened once under the plan
    assert (fact.ground, fact.basis) == ("plan", "plan-1")
    for also, code in (
        ({"kind": "off_site"}, "not-in-plan"),
        ({"employer": "employer:91330523MA000TE3XK"}, "not-in-plan"),
        ({"visit_by": date(2026, 9, 12)}, "after-plan"),
        ({"township": "TS-110"}, "other-township"),
    ):
        case.when(replace(fine, **also), "2026-08-25", "HB").refused(code)
    case.when(fine, "2026-08-25", "EMB").refused("not-in-plan")
    drawn = under(planned())
    drawn.when(replace(fine, kind="random"), "2026-08-25", "HB").refused("drawn-only")


def test_a_cancelled_or_missing_case_is_no_basis() -> None:
    plan = planned(kind="special", count=0, inspectors=())
    case = under(plan.when(plans.CancelPlan(reason="r"), "2026-08-25", "HB").done())
    fine = open_it(kind="special", case_basis="plan-1")
    case.when(fine, "2026-08-26", "HB").refused("cancelled")
    case.others = {"plan-1": empty(CASE_KINDS["plan"], "plan-1"), FILE: given("visits").fold}
    case.when(fine, "2026-08-26", "HB").refused("no-basis")


def tip_case(*facts: Fact) -> Case:
    received = tip.TipReceived(
        channel="platform",
        matters=("unprotected",),
        to="HB",
        anonymous=True,
        informant=None,
        accused=EMPLOYER,
        accused_unit=None,
        subject="S-1",
        content=Secret("合成"),
        name=None,
        contact=None,
    )
    return given("tip", on("2026-08-20", received, "CGO"), *facts)


def test_a_tip_is_a_basis_for_a_targeted_inspection_but_not_a_refused_one() -> None:
    case = given("inspection")
    case.others = {"tip-1": tip_case().fold}
    command = open_it(case_basis="tip-1")
    fact, claim = case.when(command, "2026-08-25", "HB").decided
    assert (fact.ground, fact.basis) == ("tip", "tip-1")
    assert claim == Claim("inspection-basis", "tip-1|HB")
    case.when(command, "2026-08-25", "EMB").refused("not-held")
    case.when(replace(command, employer=OTHER), "2026-08-25", "HB").refused("other-firm")
    for over in (
        tip.TipMerged(into="tip-2"),
        tip.TipReplied(unit="HB"),
    ):
        case.others = {"tip-1": tip_case(on("2026-08-21", over, "HB")).fold}
        case.when(command, "2026-08-25", "HB").refused("no-basis")
    case.others = {"tip-1": tip_case().fold}
    case.when(replace(command, kind="special"), "2026-08-25", "HB").refused("no-plan")
    refused = tip_case(on("2026-08-21", tip.TipNotAccepted(unit="HB", ground="no_facts"), "HB"))
    case.others = {"tip-1": refused.fold}
    case.when(command, "2026-08-25", "HB").refused("no-basis")


def test_an_incident_is_a_basis_for_a_targeted_inspection() -> None:
    reported = incident.IncidentReported(
        employer=EMPLOYER,
        township="TS-111",
        cause="chronic",
        accident_on=date(2026, 8, 20),
        hospital=None,
        deaths=0,
        poisoned=1,
        reportable=False,
        subject="S-1",
        account=None,
    )
    case = given("inspection")
    lead = incident.LeadAssigned(lead="HB", provisional=False, accident_on=date(2026, 8, 20))
    history = given("incident", on("2026-08-20", reported, EMPLOYER), on("2026-08-20", lead, "HB"))
    case.others = {"incident-1": history.fold}
    command = open_it(case_basis="incident-1")
    fact, _ = case.when(command, "2026-08-25", "HB").decided
    assert (fact.ground, fact.basis) == ("incident", "incident-1")
    case.when(command, "2026-08-25", "EEB").refused("not-held")
    case.when(replace(command, employer=OTHER), "2026-08-25", "HB").refused("other-firm")


def test_a_data_alert_is_looked_into_off_site() -> None:
    case = given("inspection")
    alert = open_it(kind="off_site", alert="预警-1", alert_note="噪声检测超标")
    [fact] = case.when(alert, "2026-08-25", "HB").decided
    assert (fact.ground, fact.basis_told) == ("data_alert", "数据预警预警-1：噪声检测超标")
    case.when(replace(alert, kind="targeted"), "2026-08-25", "HB").refused("no-plan")
    case.when(replace(alert, alert_note=None), "2026-08-25", "HB").refused("no-basis")


def test_a_diagnosis_is_no_basis() -> None:
    case = given("inspection")
    urged = diagnosis.EmployerUrged(note="x")
    case.others = {"diagnosis-1": given("diagnosis", on("2026-08-20", urged, "HB")).fold}
    case.when(open_it(case_basis="diagnosis-1"), "2026-08-25", "HB").refused("no-basis")


# --- The visit -----------------------------------------------------------------------------------


def test_the_lead_owes_the_visit_by_the_planned_day_and_the_township_assists() -> None:
    case = given("inspection", opened())
    assert case.owes("HB", "2026-08-26") == {"ins.visit-cause": "2026-09-11"}
    assert case.owes("TS-111", "2026-08-26") == {"ins.assist": None}


@pytest.mark.parametrize(
    ("also", "code"),
    [
        ({"officers": pair("HB")[:1]}, "too-few-officers"),
        ({"officers": (pair("HB")[0],) * 2}, "too-few-officers"),
        ({"officers": pair("HB", "EMB")}, "other-unit"),
        ({"licences_shown": False}, "licence"),
        ({"record": " "}, "blank"),
    ],
)
def test_two_officers_show_their_licences_and_make_a_record(also: Any, code: str) -> None:
    case = with_file(given("inspection", opened()))
    case.when(visit(**also), "2026-09-07", "HB").refused(code)


def test_in_a_joint_visit_every_unit_brings_two_officers_and_counts_one_visit() -> None:
    units = ("HB", "EMB", "HSSB")
    case = with_file(given("inspection", opened("joint", units)))
    case.when(visit("HB", "EMB"), "2026-09-07", "HB").refused("too-few-officers")
    made, noted = case.when(visit(*units), "2026-09-07", "HB").decided
    assert noted == On(
        FILE,
        visits.VisitCounted(
            employer=EMPLOYER,
            units=units,
            inspection="inspection-1",
            on=date(2026, 9, 7),
            counted=True,
            override=None,
        ),
    )
    file = given("visits", on("2026-09-07", noted.event, "HB")).fold.state
    assert [visits.times(file, unit, 2026) for unit in (*units, "EEB")] == [1, 1, 1, 0]
    after = case.add(on("2026-09-07", made, "HB"))
    assert all("ins.findings-joint" in after.owes(unit, "2026-09-07") for unit in units)


def test_a_third_visit_in_a_year_needs_a_reason() -> None:
    earlier = (counted("2026-02-10", "HB"), counted("2026-05-12", "HB"))
    case = with_file(given("inspection", opened()), *earlier)
    case.when(visit(), "2026-09-07", "HB").refused("visit-limit")
    made, noted = case.when(visit(override="群众集中反映"), "2026-09-07", "HB").decided
    assert (made.override, noted.event.override) == ("群众集中反映", "群众集中反映")


def test_what_another_year_another_unit_or_a_complaint_took_leaves_the_limit_alone() -> None:
    earlier = (
        counted("2025-12-30", "HB"),
        counted("2026-02-10", "HB"),
        counted("2026-03-10", "EMB"),
        counted("2026-05-12", "HB", counts=False),
    )
    case = with_file(given("inspection", opened()), *earlier)
    made, _ = case.when(visit(override="多余"), "2026-09-07", "HB").decided
    assert made.override is None  # nothing was gone beyond
    full = (counted("2026-02-10", "HB"), counted("2026-05-12", "HB"))
    tip = with_file(given("inspection", opened(ground="tip", basis="tip-1")), *full)
    _, noted = tip.when(visit(), "2026-09-07", "HB").decided
    assert noted.event.counted is False


def test_an_off_site_check_takes_no_visit() -> None:
    case = with_file(given("inspection", opened("off_site")))
    assert case.owes("HB", "2026-08-26") == {"ins.examine": "2026-09-11"}
    assert case.owes("TS-111", "2026-08-26") == {}
    case.when(visit(), "2026-09-07", "HB").refused("other-kind")
    check = ins.ExamineOffSite(officers=pair("HB"), material="检测报告")
    outcome = case.when(check, "2026-09-07", "HB")
    assert [type(event) for event in outcome.decided] == [ins.DeskChecked]
    assert outcome.done().owes("HB", "2026-09-07") == {
        # Five and ten working days from 09-07: 08 to 11, 14; then 15 to 18, 20 (worked).
        "ins.end": "2026-09-14",
        "ins.findings-own": "2026-09-20",
    }


def drawn_for(*licences: str) -> Case:
    """A drawn inspection with its plan; the drawn order for the seed is 2, 3, 1 (sha256sum)."""
    pool = tuple(Inspector(one, "HB") for one in ("S-HB-1", "S-HB-2", "S-HB-3"))
    plan = planned(inspectors=pool)
    plan = plan.when(plans.DrawPlan(seed="20260507"), "2026-08-25", "HB").done()
    team = tuple(Officer("HB", licence) for licence in licences)
    case = with_file(given("inspection", opened("random", basis="plan-1", officers=team)))
    case.others["plan-1"] = plan.fold
    return case


def test_a_recused_officer_is_replaced_by_the_next_in_the_drawn_order() -> None:
    case = drawn_for("S-HB-2", "S-HB-3")
    recuse = ins.RecuseOfficer(licence="S-HB-2", ground="near_relative", reason="亲属任职")
    outcome = case.when(recuse, "2026-08-26", "HB")
    outcome.then(
        ins.OfficerRecused(
            unit="HB", licence="S-HB-2", reason="亲属任职", next="S-HB-1", ground="near_relative"
        )
    )
    after = outcome.done()
    gone = visit(officers=(Officer("HB", "S-HB-2"), Officer("HB", "S-HB-3")))
    after.when(gone, "2026-09-07", "HB").refused("recused")
    after.when(replace(recuse, licence="S-HB-3"), "2026-08-27", "HB").refused("too-few-officers")
    after.when(replace(recuse, reason=" "), "2026-08-27", "HB").refused("reason-missing")
    drawn_for("S-HB-2", "S-HB-3").when(recuse, "2026-08-26", "EMB").refused("wrong-actor")


def test_an_officer_is_recused_where_nothing_was_drawn_and_until_the_findings() -> None:
    recuse = ins.RecuseOfficer(licence="S-HB-2", ground="direct_interest", reason="持股")
    begun = with_file(given("inspection", opened(), visited()))
    case = begun.when(recuse, "2026-09-08", "HB").done()
    case.when(recuse, "2026-09-08", "HB").refused("recused")
    case = case.when(order("untested"), "2026-09-10", "HB").done()
    report = ins.ReportRectified(unit="HB", note="x")
    case = case.when(report, "2026-09-11", EMPLOYER).done()
    case.when(ins.Reinspect(officers=pair("HB")), "2026-09-14", "HB").refused("recused")
    others = (Officer("HB", "S-HB-1"), Officer("HB", "S-HB-3"))
    assert case.when(ins.Reinspect(officers=others), "2026-09-14", "HB").refusal is None
    late = given("inspection", opened(), visited(), found("2026-09-08", "HB"))
    late.when(recuse, "2026-09-09", "HB").refused("found")


def test_one_licence_does_not_stand_for_two_units() -> None:
    units = ("HB", "EMB")
    case = with_file(given("inspection", opened("joint", units)))
    both = tuple(Officer(unit, f"S-{n}") for unit in units for n in (1, 2))
    case.when(visit(officers=both), "2026-09-07", "HB").refused("licence-twice")


def test_what_a_draw_opened_is_not_corrected_to_another_firm() -> None:
    case = drawn_for("S-HB-2", "S-HB-3")
    wrong = CorrectFact(version=1, changes={"employer": OTHER}, reason="r")
    case.when(wrong, "2026-08-26", "HB").refused("undone-otherwise")


def test_a_drawn_firm_is_let_go_on_a_coded_ground_published_and_looked_at() -> None:
    case = drawn_for("S-HB-2", "S-HB-3")
    plain = ins.CancelInspection(reason="不便检查")
    case.when(plain, "2026-08-26", "HB").refused("ground-missing")
    done = case.when(replace(plain, ground="firm_closed"), "2026-08-26", "HB").done()
    # From 08-26: twenty working days to 09-22 (09-20 among them); ten to 09-09.
    assert done.owes("HB", "2026-08-26") == {"ins.publish-cancelled": "2026-09-22"}
    assert done.owes("LGO", "2026-08-26") == {"ins.cancel-review": "2026-09-09"}
    done = done.when(ins.PublishResult(), "2026-08-27", "HB").done()
    done = done.when(ins.ReviewCancellation(note="已核"), "2026-08-27", "LGO").done()
    assert (done.owes("HB", "2026-08-28"), done.owes("LGO", "2026-08-28")) == ({}, {})
    own = given("inspection", opened()).when(plain, "2026-08-26", "HB").done()
    assert (own.owes("HB", "2026-08-27"), own.owes("LGO", "2026-08-27")) == ({}, {})
    own.when(ins.PublishResult(), "2026-08-27", "HB").refused("cancelled")


def test_only_the_officers_drawn_may_visit() -> None:
    case = drawn_for("S-HB-2", "S-HB-3")
    stranger = visit(officers=(Officer("HB", "S-HB-2"), Officer("HB", "S-HB-1")))
    case.when(stranger, "2026-09-07", "HB").refused("not-assigned")


# --- Findings, publication -----------------------------------------------------------------------


def test_nothing_found_is_published_within_twenty_working_days() -> None:
    case = given("inspection", opened(), visited(), found("2026-09-08", "HB"))
    case = case.when(ins.EndInspection(), "2026-09-11", "HB").done()
    # E11: 13 working days in September (09-20 among them), seven in October (10-10 among them).
    assert case.owes("HB", "2026-09-12") == {"ins.publish": "2026-10-15"}
    assert case.owes("TS-111", "2026-09-12") == {}
    after = case.when(ins.PublishResult(), "2026-09-28", "HB").done()
    assert after.owes("HB", "2026-09-28") == {}


def test_a_result_is_not_published_before_every_unit_has_its_own() -> None:
    units = ("HB", "EMB")
    case = given("inspection", opened("joint", units), visited(units=units))
    case.when(ins.PublishResult(), "2026-09-09", "HB").refused("not-ended")
    case = case.add(found("2026-09-08", "HB"), on("2026-09-11", ins.CheckEnded(lead="HB"), "HB"))
    case.when(ins.PublishResult(), "2026-09-12", "HB").refused("findings-missing")
    assert case.owes("EMB", "2026-09-12") == {"ins.findings-joint": "2026-09-20"}
    case.when(ins.PublishResult(override="未报"), "2026-09-20", "HB").refused("findings-missing")
    [early] = case.when(ins.PublishResult(override="未报"), "2026-09-21", "HB").decided
    assert early.missing == ("EMB",)
    case.when(ins.PublishResult(), "2026-09-21", "HB").refused("findings-missing")
    own = ins.RecordFindings(violations=("chemical_unsafe",), note="x")
    case.when(own, "2026-09-12", "EEB").refused("not-taking-part")
    case.when(own, "2026-09-12", "HB").refused("found")
    after = case.when(own, "2026-09-12", "EMB").done()
    assert after.owes("EMB", "2026-09-12") == {"ins.order": None}
    after.when(ins.PublishResult(), "2026-09-13", "HB").done()


def test_a_firm_not_to_be_found_is_published_too() -> None:
    case = given("inspection", opened())
    case = case.when(ins.RecordUnreachable(note="无此单位"), "2026-09-11", "HB").done()
    assert case.owes("HB", "2026-09-12") == {"ins.publish-unreachable": "2026-10-15"}
    case.when(visit(), "2026-09-14", "HB").refused("unreachable")
    case.when(ins.CancelInspection(reason="r"), "2026-09-14", "HB").refused("unreachable")
    case.when(ins.PublishResult(), "2026-09-14", "HB").done()


def test_once_the_firm_is_found_its_tip_carries_an_inspection_again() -> None:
    case = given("inspection", opened(ground="tip", basis="tip-1"))
    lost, *given_back = case.when(ins.RecordUnreachable(note="x"), "2026-09-11", "HB").decided
    assert type(lost) is ins.FirmUnreachable
    assert given_back == [Release("inspection-basis", "tip-1|HB")]


@pytest.mark.parametrize("changes", [{"basis": "inspection-8"}, {"ground": "incident"}])
def test_an_inspection_on_a_wrong_basis_is_cancelled_not_corrected(changes: Any) -> None:
    """Or the patrol it took over would stay taken over, and the right one stay owed."""
    case = given("inspection", opened(ground="patrol", basis="inspection-7"))
    wrong = CorrectFact(version=1, changes=changes, reason="录错")
    case.when(wrong, "2026-09-02", "HB").refused("undone-otherwise")


@pytest.mark.parametrize("ground", ["tip", "incident", "patrol"])
def test_no_sentence_tells_the_firm_that_somebody_complained(ground: str) -> None:
    """An incident reads alike, or what a tip reads as would tell it."""
    fact = opened(ground=ground, basis="tip-1", basis_told="投诉举报TIP-2026-0007")
    told = sentence(fact.event, reference().edition.names)
    assert "依据有因检查的线索" in told
    assert "TIP" not in told
    case = given("inspection", fact)
    assert "TIP" not in " ".join(summary(task).why for task in case.fold.open_tasks())
    changes = (
        Change("ground", "incident", "tip"),
        Change("basis", "incident-1", "tip-1"),
        Change("basis_told", "事故INC-2026-0001", "投诉举报TIP-2026-0007"),
    )
    corrected = sentence(replace(fixed(1, "opened", changes[0]), changes=changes), {})
    assert "检查依据有更正" in corrected
    assert not any(word in corrected for word in ("TIP", "tip", "投诉"))


def test_a_cancelled_inspection_leaves_nothing_to_do() -> None:
    case = given("inspection", opened())
    case = case.when(ins.CancelInspection(reason="企业停产"), "2026-09-01", "HB").done()
    assert (case.owes("HB", "2026-09-02"), case.owes("TS-111", "2026-09-02")) == ({}, {})
    case.when(visit(), "2026-09-07", "HB").refused("cancelled")
    begun = given("inspection", opened(), visited())
    begun.when(ins.CancelInspection(reason="r"), "2026-09-08", "HB").refused("begun")


# --- No act is dated before what it rests on -----------------------------------------------------


@pytest.mark.parametrize(
    ("command", "day"),
    [
        (ins.RecordFindings(violations=(), note="x"), "2026-09-06"),
        (order("untested"), "2026-09-06"),
        (ins.EndInspection(), "2026-09-06"),
    ],
)
def test_nothing_of_the_visit_is_dated_before_it(command: Any, day: str) -> None:
    case = given("inspection", opened(), visited("2026-09-07"))
    case.when(command, "2026-09-10", "HB", happened=day).refused("dated-before")


def test_a_re_inspection_and_a_report_come_after_the_order_and_a_filing_after_the_finding() -> None:
    case = with_file(given("inspection", opened(), visited()))
    case = case.when(order("untested", "unchecked"), "2026-09-10", "HB").done()
    report = ins.ReportRectified(unit="HB", note="x")
    case.when(report, "2026-09-15", EMPLOYER, happened="2026-09-09").refused("dated-before")
    reported = case.when(report, "2026-09-15", EMPLOYER).done()
    again = ins.Reinspect(officers=pair("HB"))
    reported.when(again, "2026-09-20", "HB", happened="2026-09-14").refused("dated-before")
    seen = ins.RecordFindings(violations=("untested", "unchecked"), note="x")
    reported = reported.when(seen, "2026-09-16", "HB").done()
    early = reported.when(file_case("unchecked"), "2026-09-20", "HB", happened="2026-09-15")
    early.refused("dated-before")


def test_the_days_count_from_service_where_its_day_is_known() -> None:
    case = given("inspection", opened(), visited())
    served = replace(order("untested"), served_on=date(2026, 9, 14))
    [fact] = case.when(served, "2026-09-15", "HB", happened="2026-09-10").decided
    assert fact.until == date(2026, 10, 14)  # thirty days from 09-14
    for wrong in (date(2026, 9, 9), date(2026, 9, 16)):
        late = replace(served, served_on=wrong)
        case.when(late, "2026-09-15", "HB", happened="2026-09-10").refused("served-on")


def test_an_order_of_absurd_length_is_refused_in_words() -> None:
    case = given("inspection", opened(), visited())
    case.when(order("untested", days=10**7), "2026-09-10", "HB").refused("days")


# --- Nothing is lost on the way ------------------------------------------------------------------


def test_a_hand_over_taken_and_then_cancelled_is_open_again() -> None:
    patrol = (
        revisited("point_testing")
        .when(ins.Escalate(note="仍未改正"), "2026-03-31", "TS-111")
        .done()
    )
    taken = ins.TakenOver(unit="HB", inspection="inspection-1")
    patrol = patrol.add(on("2026-04-01", taken, "HB"))
    own = given("inspection", opened(ground="patrol", basis="inspection-0"))
    cancel = ins.CancelInspection(reason="误立", ground="opened_wrongly")
    _, undone, released = own.when(cancel, "2026-09-01", "HB").decided
    assert undone == On("inspection-0", ins.TakeOverUndone(unit="HB", inspection="inspection-1"))
    assert released == Release("inspection-basis", "inspection-0|HB")
    patrol = patrol.add(on("2026-04-03", undone.event, "HB"))
    # Ten working days from 04-03: 07 to 10, 13 to 17, 20.
    assert patrol.owes("HB", "2026-04-03") == {"ins.take-over-again": "2026-04-20"}
    case = given("inspection")
    case.others = {"inspection-0": patrol.fold}
    again = case.when(open_it(case_basis="inspection-0"), "2026-04-07", "HB")
    assert again.refusal is None


def test_a_hand_over_passed_on_is_taken_over_by_whoever_holds_it() -> None:
    patrol = revisited("point_testing").when(ins.Escalate(note="x"), "2026-03-31", "TS-111").done()
    task = patrol.task("ins.take-over")
    passed = acts.TransferTask(task=task.id, to="EEB", reason="由其承办")
    patrol = patrol.when(passed, "2026-04-01", "HB").done()
    case = given("inspection")
    case.others = {"inspection-0": patrol.fold}
    command = open_it(case_basis="inspection-0")
    case.when(command, "2026-04-02", "HB").refused("not-escalated")
    assert case.when(command, "2026-04-02", "EEB").refusal is None


def test_a_plan_that_lists_its_firms_binds_until_each_has_had_its_turn() -> None:
    plan = planned(kind="special", count=0, inspectors=(), draw_on=None, seed_source=None)
    assert plan.owes("HB", "2026-08-24") == {"plan.carry-out": "2026-09-11"}
    listed = opened("special", ground="plan", basis="plan-1")
    case = with_file(given("inspection", listed))
    *_, told = case.when(visit(), "2026-09-07", "HB").decided
    assert told == On(
        "plan-1",
        plans.TargetDone(employer=EMPLOYER, inspection="inspection-1", result="seen"),
    )
    plan = plan.add(on("2026-09-07", told.event, "HB"))
    assert "plan.carry-out" in plan.owes("HB", "2026-09-07")
    gone = ins.CancelInspection(reason="停产", ground="firm_closed")
    _, told, _ = given("inspection", replace(listed)).when(gone, "2026-09-08", "HB").decided
    other = replace(told.event, employer=OTHER)
    assert plan.add(on("2026-09-08", other, "HB")).owes("HB", "2026-09-08") == {}
    wrong = replace(gone, ground="opened_wrongly")
    let_go = given("inspection", listed).when(wrong, "2026-09-08", "HB").decided
    assert [type(e) for e in let_go] == [ins.InspectionCancelled, Release]


def test_a_patrol_plan_lists_the_townships_own_firms() -> None:
    there = (target(township="TS-110"),)
    plan = publish(kind="patrol", count=0, inspectors=(), targets=there)
    given("plan").when(plan, "2026-08-24", "TS-111").refused("other-township")


def test_a_patrol_names_a_point_that_applies_and_a_revisit_within_thirty_days() -> None:
    case = patrol_case()
    nothing: dict[str, Any] = dict.fromkeys(ins.POINTS, "mark_na")
    case.when(points(**nothing), "2026-03-10", "TS-111").refused("nothing-applies")
    late = points(**PROBLEM, revisit_by=date(2026, 4, 10))
    case.when(late, "2026-03-10", "TS-111").refused("revisit-day")
    fine = points(**PROBLEM, revisit_by=date(2026, 4, 9))
    after = case.when(fine, "2026-03-10", "TS-111").done()
    early = ins.Revisit(remaining=("point_testing",))
    after.when(early, "2026-03-20", "TS-111", happened="2026-03-09").refused("dated-before")


def test_a_grave_danger_is_handed_over_without_waiting_for_the_revisit() -> None:
    fine = points(**PROBLEM, revisit_by=date(2026, 4, 9))
    case = patrol_case().when(fine, "2026-03-10", "TS-111").done()
    case.when(ins.Escalate(note="x"), "2026-03-11", "TS-111").refused("not-escalated")
    after = case.when(ins.Escalate(note="泄漏", grave=True), "2026-03-11", "TS-111").done()
    assert set(after.owes("HB", "2026-03-11")) == {"ins.take-over"}
    assert (after.owes("TS-111", "2026-03-11"), after.owes(EMPLOYER, "2026-03-11")) == ({}, {})
    again = ins.Revisit(remaining=("point_testing",))
    after.when(again, "2026-03-30", "TS-111").refused("escalated")


# --- Published, and over -------------------------------------------------------------------------


def test_a_re_inspection_that_is_passed_is_published_and_the_inspection_is_over() -> None:
    case = given("inspection", opened(), visited(), found("2026-09-08", "HB", "untested"))
    case = case.when(ins.EndInspection(), "2026-09-08", "HB").done()
    case = case.when(order("untested"), "2026-09-08", "HB").done()
    case = case.when(ins.PublishResult(), "2026-09-09", "HB").done()
    report = ins.ReportRectified(unit="HB", note="x")
    case = case.when(report, "2026-09-10", EMPLOYER).done()
    follow = ins.PublishFollowUp()
    case.when(follow, "2026-09-10", "HB").refused("not-passed")
    case = case.when(ins.Reinspect(officers=pair("HB")), "2026-09-11", "HB").done()
    # E11's count: twenty working days from 09-11.
    assert case.owes("HB", "2026-09-11") == {"ins.publish-again": "2026-10-15"}
    assert case.fold.status == "已改正"
    case = case.when(follow, "2026-09-14", "HB").done()
    assert (case.owes("HB", "2026-09-14"), case.fold.status) == ({}, "已办结")


# --- The yearly count follows what is put right --------------------------------------------------


def test_a_visit_is_not_dated_before_the_inspection_was_opened() -> None:
    case = with_file(given("inspection", opened()))
    case.when(visit(), "2026-09-07", "HB", happened="2025-12-30").refused("dated-before")


def test_a_corrected_day_or_firm_moves_the_visit_and_the_filing_in_the_files() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "unchecked"))
    case = with_file(given("inspection", *facts), counted("2026-09-07", "HB"))
    case = case.when(file_case("unchecked"), "2026-09-14", "HB").done()
    day = Change("on", "2026-09-07", "2026-09-04")
    [moved] = visits.on_correction("inspection-1", fixed(2, "visited", day), case.fold, NEW_DAY)
    assert moved == On(
        FILE,
        visits.VisitMoved(employer=EMPLOYER, inspection="inspection-1", on=date(2026, 9, 4)),
    )
    act = Change("violation", "unchecked", "untested")
    wrong = fixed(4, "case_filed", act)
    [righted] = visits.on_correction("inspection-1", wrong, case.fold, NEW_DAY)
    assert righted.event.right == "untested"
    firm = Change("employer", EMPLOYER, OTHER)
    told = visits.on_correction("inspection-1", fixed(1, "opened", firm), case.fold, NEW_DAY)
    there = visits.file_of(OTHER)
    assert [(on.case, type(on.event)) for on in told] == [
        (FILE, visits.VisitMoved),
        (there, visits.VisitCounted),
        (FILE, visits.ActCorrected),
        (there, visits.ActFiled),
    ]
    entry = filed("2026-09-14", "HB", "unchecked").event
    file = given(
        "visits",
        counted("2026-09-07", "HB"),
        on("2026-09-14", replace(entry, inspection="inspection-0"), "HB"),
    )
    assert visits.times(file.fold.state, "HB", 2026) == 1
    gone = replace(moved.event, inspection="inspection-0", on=None)
    freed = replace(righted.event, inspection="inspection-0", right=None)
    file = file.add(on("2026-09-20", gone, "HB"), on("2026-09-20", freed, "HB"))
    assert (file.fold.state.visits, file.fold.state.filed) == ((), ())


def test_what_was_decided_of_an_act_goes_with_it_when_act_or_firm_is_put_right() -> None:
    facts = (opened(), visited(), found("2026-09-08", "HB", "unchecked"))
    case = with_file(given("inspection", *facts), counted("2026-09-07", "HB"))
    case = case.when(file_case("unchecked"), "2026-09-14", "HB").done()
    outcome = ins.DecidePenalty(violation="unchecked", outcome="fined", document="合成罚1号")
    outcome_told = case.when(outcome, "2026-09-18", "HB")
    case = outcome_told.done()
    firm = Change("employer", EMPLOYER, OTHER)
    told = visits.on_correction("inspection-1", fixed(1, "opened", firm), case.fold, NEW_DAY)
    last = told[-1]
    assert (last.case, type(last.event)) == (visits.file_of(OTHER), visits.ActDecided)
    entry, decided = filed("2026-09-14", "HB", "unchecked").event, outcome_told.decided[-1].event
    file = given(
        "visits",
        on("2026-09-14", replace(entry, inspection="inspection-1"), "HB"),
        on("2026-09-18", decided, "HB"),
    )
    righted = visits.ActCorrected(
        employer=EMPLOYER,
        unit="HB",
        violation="unchecked",
        inspection="inspection-1",
        right="untested",
    )
    file = file.add(on("2026-09-20", righted, "HB"))
    # Decided, so that the same act found later is another one.
    assert visits.holder_of(file.fold.state, "untested", date(2026, 9, 25), ()) is None


NEW_DAY = date(2026, 9, 20)


def fixed(version: int, what: str, change: Change) -> FactCorrected:
    return FactCorrected(
        target=version,
        target_type=f"inspection.{what}",
        changes=(change,),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="录错",
    )


def test_rules_and_refusals_before_2025_do_not_cite_the_notices_of_2024_and_2025() -> None:
    case = given("inspection", replace(opened(visit_by=date(2024, 9, 11)), day="2024-08-25"))
    assert "inspect-54" not in case.task("ins.visit-cause").rule.clauses
    now = given("inspection", opened())
    assert "inspect-54" in now.task("ins.visit-cause").rule.clauses
    for day, clause in (("2024-08-25", None), ("2026-08-25", "inspect-54")):
        by = date.fromisoformat(day)
        refusal = given("inspection").when(open_it(visit_by=by), day, "HB").refusal
        assert refusal is not None
        assert refusal.clause == clause


@pytest.mark.parametrize(
    ("kind", "rule", "clause"),
    [
        ("random", "ins.visit-random", "43-2.3.a"),
        ("joint", "ins.visit-joint", "43-2.3.f"),
        ("special", "ins.visit-special", "43-2.3.b"),
        ("targeted", "ins.visit-cause", "43-2.3.c"),
        ("off_site", "ins.examine", "43-2.3.e"),
    ],
)
def test_each_kind_of_inspection_cites_its_own_clause(
    kind: plans.Kind, rule: str, clause: str
) -> None:
    units = ("HB", "EMB") if kind == "joint" else ("HB",)
    assert clause in given("inspection", opened(kind, units)).task(rule).rule.clauses
