"""Inspections 监督检查: a basis, two officers, own findings, an order, one act filed once; patrols.

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
from domain.cases.plan import Inspector, Officer, Target
from domain.corrections import Change, CorrectFact, FactCorrected
from domain.decider import Claim, On, Release
from domain.fold import empty
from domain.sealing import Secret
from tests.spec import EMPLOYER, Case, Fact, given, on

OTHER = "employer:91330523MA000TE21U"
THIRD = "employer:91330523MA000TE3XK"
FILE = visits.file_of(EMPLOYER)
METHOD = "试点办法（丙为最高风险）"


def pair(*units: str) -> tuple[Officer, ...]:
    """Two officers of each unit."""
    return tuple(Officer(unit, f"S-{unit}-{n}") for unit in units for n in (1, 2))


def opened(kind: plans.Kind = "targeted", units: tuple[str, ...] = ("HB",), **also: Any) -> Fact:
    told: dict[str, Any] = {
        "employer": EMPLOYER,
        "township": "TS-111",
        "visit_by": date(2026, 9, 11),
        "ground": "class_change",
        "basis": None,
        "basis_told": "等级由乙变为丙",
        "grade": "丙",
        "grade_before": "乙",
        "method": METHOD,
        "officers": (),
    }
    fact = ins.InspectionOpened(kind=kind, lead=units[0], units=units, **{**told, **also})
    return on("2026-08-25", fact, units[0])


def visited(day: str = "2026-09-07", units: tuple[str, ...] = ("HB",)) -> Fact:
    made = ins.VisitMade(
        units=units,
        officers=pair(*units),
        licences_shown=True,
        record="笔录1",
        on=date.fromisoformat(day),
    )
    return on(day, made, units[0])


def found(day: str, unit: str, *violations: ins.Violation) -> Fact:
    return on(day, ins.FindingsRecorded(unit=unit, violations=violations, note="x"), unit)


def ordered(day: str, unit: str, until: str, *violations: ins.Violation, days: int = 30) -> Fact:
    last = date.fromisoformat(until)
    fact = ins.CorrectionOrdered(unit=unit, violations=violations, days=days, until=last)
    return on(day, fact, unit)


def reinspected(day: str, unit: str, *remaining: ins.Violation) -> Fact:
    fact = ins.Reinspected(
        unit=unit, officers=pair(unit), remaining=remaining, passed=not remaining
    )
    return on(day, fact, unit)


def with_file(case: Case, *facts: Fact) -> Case:
    """The case with the firm's file of visits at hand."""
    file = given("visits", *facts).fold
    case.others = {**case.others, FILE: replace(file, case=FILE)}
    return case


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


def order(*violations: ins.Violation, days: int = 30) -> ins.OrderCorrection:
    return ins.OrderCorrection(violations=violations, days=days)


# --- Plans: no plan, no inspection ---------------------------------------------------------------


def target(employer: str = EMPLOYER, **also: Any) -> Target:
    told = {"township": "TS-111", "grade": "丙", "method": METHOD}
    return Target(employer=employer, **{**told, **also})


def publish(**also: Any) -> plans.PublishPlan:
    told: dict[str, Any] = {
        "title": "计划",
        "kind": "random",
        "visit_by": date(2026, 9, 11),
        "targets": (target(), target(OTHER)),
        "count": 1,
        "inspectors": tuple(Inspector(f"S-HB-{n}", "HB") for n in (1, 2, 3)),
        "draw_on": date(2026, 8, 25),
        "seed_source": "合成的公开号码",
    }
    return plans.PublishPlan(**{**told, **also})


def planned(**also: Any) -> Case:
    return given("plan").when(publish(**also), "2026-08-24", "HB").done()


@pytest.mark.parametrize(
    ("also", "code"),
    [
        ({"targets": ()}, "no-target"),
        ({"targets": (target(), target())}, "target-twice"),
        ({"targets": (target(method=" "),)}, "class-method"),
        ({"targets": (target(township="HB"),)}, "township"),
        ({"targets": (target("91330523MA000TE131"),)}, "party"),
        ({"targets": (target(grade="丙\n甲"),)}, "one-line"),
        ({"targets": (target("employer:91330523MA000TE132"), target(OTHER))}, "party"),
        ({"targets": (target(), target("employer:91330523ma000 te131"))}, "target-twice"),
        ({"count": 3}, "count"),
        ({"count": 2}, "count"),  # all of the pool: no draw
        ({"inspectors": (Inspector("S-1", "HB"), Inspector("S-2", "HB"))}, "too-few-officers"),
        ({"draw_on": None}, "draw-day"),
        ({"seed_source": None}, "draw-day"),
        ({"draw_on": date(2026, 8, 24)}, "draw-day"),  # the day of publication itself
        ({"draw_on": date(2026, 9, 12)}, "draw-day"),  # after the plan's own day
        ({"count": 0}, "count"),
        ({"inspectors": (Inspector("S-1", "HB"),)}, "too-few-officers"),
        ({"inspectors": (Inspector("S-1", "HB"), Inspector("S-1", "HB"))}, "licence"),
        ({"kind": "special"}, "not-drawn"),
        ({"kind": "targeted"}, "no-plan-kind"),
        ({"kind": "joint"}, "joint-units"),
        ({"units": ("EMB",)}, "joint-units"),
        ({"kind": "patrol"}, "patrol-township"),
        ({"visit_by": date(2026, 8, 1)}, "planned-day"),
    ],
)
def test_a_plan_that_cannot_carry_an_inspection_is_refused(also: Any, code: str) -> None:
    given("plan").when(publish(**also), "2026-08-24", "HB").refused(code)


def test_only_a_bureau_plans_inspections_and_only_a_township_patrols() -> None:
    given("plan").when(publish(), "2026-08-24", "TS-111").refused("no-power")
    given("plan").when(publish(), "2026-08-24", "FTU").refused("no-power")
    patrol = publish(kind="patrol", count=0, inspectors=())
    given("plan").when(patrol, "2026-08-24", "TS-111").done()


def test_a_published_plan_is_drawn_once_and_opens_one_inspection_a_firm() -> None:
    case = planned(count=2, targets=(target(), target(OTHER), target(THIRD)))
    # Three working days from 08-25: 26, 27, 28.
    assert case.owes("HB", "2026-08-24") == {"plan.draw-announced": "2026-08-28"}
    command = plans.DrawPlan(seed="s")
    outcome = case.when(command, "2026-08-25", "HB")
    [drawn] = outcome.decided
    assert len({*drawn.drawn, EMPLOYER, OTHER, THIRD}) == 3
    assert drawn.seed_source == "合成的公开号码"
    inspections = ins.on_draw("plan-1", drawn, case.fold, date(2026, 8, 25))
    assert [told.case for told in inspections] == ["inspection-1-001", "inspection-1-002"]
    first = inspections[0].event
    assert (first.basis, first.kind, first.method) == ("plan-1", "random", METHOD)
    assert first.basis_told == "计划“计划”（2026-08-24发布）"
    assert len(first.officers) == 2
    after = outcome.done()
    assert after.owes("HB", "2026-08-25") == {}
    after.when(command, "2026-08-26", "HB").refused("drawn")
    after.when(plans.CancelPlan(reason="r"), "2026-08-26", "HB").refused("drawn")


def test_too_few_officers_without_a_conflict_stop_the_draw() -> None:
    firms = (EMPLOYER, OTHER)
    bound = (Inspector("S-1", "HB", firms), Inspector("S-2", "HB", firms), Inspector("S-3", "HB"))
    case = planned(inspectors=bound)
    command = plans.DrawPlan(seed="s")
    case.when(command, "2026-08-25", "HB").refused("too-few-officers")


def test_a_draw_and_its_pools_are_never_corrected() -> None:
    case = planned()
    case = case.when(plans.DrawPlan(seed="s"), "2026-08-25", "HB").done()
    changed: list[tuple[int, dict[str, Any]]] = [
        (3, {"seed": "another"}),
        (2, {"draw_on": "2026-08-26"}),
        (1, {"count": 2}),
    ]
    for version, changes in changed:
        wrong = CorrectFact(version=version, changes=changes, reason="r")
        case.when(wrong, "2026-08-26", "HB").refused("undone-otherwise")
        day = CorrectFact(version=version, occurred_on=date(2026, 8, 20), reason="r")
        case.when(day, "2026-08-26", "HB").refused("undone-otherwise")


def test_a_draw_is_made_from_the_announced_day_and_source_and_within_the_plan() -> None:
    case = planned()
    fine = plans.DrawPlan(seed="s")
    case.when(fine, "2026-08-24", "HB").refused("draw-day")
    case.when(fine, "2026-08-26", "HB", happened="2026-08-24").refused("draw-day")
    case.when(fine, "2026-09-12", "HB").refused("draw-day")
    case.when(replace(fine, seed_source="另一来源"), "2026-08-25", "HB").refused("seed-source")
    assert case.when(fine, "2026-08-25", "HB").refusal is None


def test_a_plan_entered_late_cannot_announce_a_day_that_is_past() -> None:
    """The seed of 08-25 is out on 08-26, whatever day the plan is said to be of."""
    late = given("plan").when(publish(), "2026-08-26", "HB", happened="2026-08-24")
    late.refused("draw-day")


def test_a_plan_published_without_a_day_is_announced_before_it_is_drawn() -> None:
    """Plans recorded before the day was asked for."""
    published, _ = given("plan").when(publish(), "2026-08-24", "HB").decided
    case = given("plan", on("2026-08-24", published, "HB"))
    case.when(plans.DrawPlan(seed="s"), "2026-08-25", "HB").refused("not-announced")
    said = plans.AnnounceDraw(draw_on=date(2026, 8, 27), seed_source="合成")
    case.when(replace(said, draw_on=date(2026, 8, 25)), "2026-08-25", "HB").refused("draw-day")
    case = case.when(said, "2026-08-25", "HB").done()
    case.when(said, "2026-08-25", "HB").refused("announced")
    case.when(plans.DrawPlan(seed="s"), "2026-08-26", "HB").refused("draw-day")
    assert case.when(plans.DrawPlan(seed="s"), "2026-08-27", "HB").refusal is None


def test_codes_in_a_pool_are_written_one_way_and_conflicts_too() -> None:
    small = "employer:91330523ma000te131"
    bound = tuple(Inspector(f"S-HB-{n}", "HB", (small,)) for n in (1, 2, 3))
    told = publish(targets=(target(small), target(OTHER)), inspectors=bound)
    published, _ = given("plan").when(told, "2026-08-24", "HB").decided
    assert published.targets[0].employer == EMPLOYER
    assert published.inspectors[0].conflicts == (EMPLOYER,)


# --- Opening on a basis --------------------------------------------------------------------------


def open_it(**also: Any) -> ins.OpenInspection:
    told: dict[str, Any] = {
        "kind": "targeted",
        "employer": EMPLOYER,
        "township": "TS-111",
        "visit_by": date(2026, 9, 11),
    }
    return ins.OpenInspection(**{**told, **also})


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
    case.when(visit(), "2026-09-14", "HB").refused("begun")
    case.when(ins.PublishResult(), "2026-09-14", "HB").done()


def test_a_cancelled_inspection_leaves_nothing_to_do() -> None:
    case = given("inspection", opened())
    case = case.when(ins.CancelInspection(reason="企业停产"), "2026-09-01", "HB").done()
    assert (case.owes("HB", "2026-09-02"), case.owes("TS-111", "2026-09-02")) == ({}, {})
    case.when(visit(), "2026-09-07", "HB").refused("cancelled")
    begun = given("inspection", opened(), visited())
    begun.when(ins.CancelInspection(reason="r"), "2026-09-08", "HB").refused("begun")


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


def filed(day: str, unit: str, violation: ins.Violation) -> Fact:
    entry = visits.ActFiled(
        employer=EMPLOYER,
        unit=unit,
        violation=violation,
        inspection="inspection-9",
        on=date.fromisoformat(day),
    )
    return on(day, entry, unit)


def file_case(violation: ins.Violation) -> ins.FilePenalty:
    return ins.FilePenalty(violation=violation)


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


def outcome(day: str, unit: str, violation: ins.Violation, what: str) -> Fact:
    entry = visits.ActDecided(
        employer=EMPLOYER,
        unit=unit,
        violation=violation,
        inspection="inspection-9",
        outcome=what,
        on=date.fromisoformat(day),
    )
    return on(day, entry, unit)


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


# --- Patrols -------------------------------------------------------------------------------------


def patrol_case(*facts: Fact) -> Case:
    patrol = opened("patrol", ("TS-111",), visit_by=date(2026, 3, 31), basis="plan-1")
    return given("inspection", replace(patrol, day="2026-03-02"), *facts)


def points(**also: Any) -> ins.Patrol:
    told: dict[str, Any] = dict.fromkeys(ins.POINTS, "mark_ok")
    return ins.Patrol(**{**told, **also})


PROBLEM = {"point_testing": "mark_problem", "point_contracts": "mark_problem"}


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


def revisited(*remaining: ins.Point) -> Case:
    command = points(**PROBLEM, revisit_by=date(2026, 3, 31))
    case = patrol_case().when(command, "2026-03-10", "TS-111").done()
    return case.when(ins.Revisit(remaining=remaining), "2026-03-30", "TS-111").done()


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
