"""Incidents 职业病危害事故: the cause names the lead, each clock starts where the law says.

E1: Wednesday 2026-03-18; Qingming rest days are 04-04 to 04-06; 05-17 is a Sunday.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.cases import incident as inc
from domain.decider import On
from tests.spec import EMPLOYER, Case, Fact, given, on

HOSPITAL = "hospital:H-01"
DAY = date(2026, 3, 18)


def report(**also: Any) -> inc.ReportIncident:
    told: dict[str, Any] = {
        "employer": EMPLOYER,
        "township": "TS-001",
        "cause": "acute_poisoning",
        "accident_on": DAY,
        "told": "HB",
        "subject": "S-1",
        "hospital": HOSPITAL,
        "poisoned": 4,
    }
    return inc.ReportIncident(**{**told, **also})


def reported(cause: inc.Cause = "acute_poisoning", **also: Any) -> tuple[Fact, ...]:
    """An incident of 2026-03-18, as it is recorded when 卫健局 is told."""
    command = report(cause=cause, **also)
    decided = Case("incident").when(command, "2026-03-18", EMPLOYER).decided
    return tuple(on("2026-03-18", event, EMPLOYER) for event in decided)


NAMED = on("2026-03-19", inc.DutyDone(unit="FTU", duty="investigator", note="x"), "FTU")
TEAM = on("2026-03-19", inc.TeamFormed(members=("EMB", "FTU")), "EMB")
SUBMITTED = on("2026-05-14", inc.ReportSubmitted(lead="EMB", received_on=date(2026, 5, 15)), "EMB")
APPROVED = on("2026-05-28", inc.ReportApproved(lead="EMB"), "CGO")


@pytest.mark.parametrize(
    ("cause", "lead", "provisional"),
    [
        ("acute_poisoning", "EMB", False),
        ("other_sudden", "EMB", False),
        ("radiation_accident", "EEB", False),
        ("chronic", "HB", False),
        ("unknown_cause", "EMB", True),
    ],
)
def test_the_cause_names_the_lead(cause: inc.Cause, lead: str, provisional: bool) -> None:
    decided = Case("incident").when(report(cause=cause), "2026-03-18", EMPLOYER).decided
    assert decided[-1] == inc.LeadAssigned(lead=lead, provisional=provisional, accident_on=DAY)


def test_a_cause_found_later_changes_the_lead_and_its_clock_still_counts_from_the_accident() -> (
    None
):
    case = given("incident", *reported("unknown_cause"))
    assert case.owes("EMB", "2026-03-18")["inc.investigate"] == "2026-05-18/05-15"
    after = case.when(inc.FindCause(cause="chronic"), "2026-03-25", "EMB").done()
    assert "inc.investigate" not in after.owes("EMB", "2026-03-25")
    assert after.owes("HB", "2026-03-25")["inc.investigate"] == "2026-05-18/05-15"
    after.when(inc.FindCause(cause="chronic"), "2026-03-26", "HB").refused("same-unit")


def test_a_provisional_lead_may_be_confirmed() -> None:
    case = given("incident", *reported("unknown_cause"))
    found, event = case.when(inc.FindCause(cause="acute_poisoning"), "2026-03-25", "EMB").decided
    assert found == inc.CauseFound(cause="acute_poisoning", reportable=False)
    assert (event.lead, event.provisional) == ("EMB", False)


def test_each_unit_told_reports_upward_from_its_own_minute() -> None:
    case = given("incident", *reported())
    assert "inc.six-hour" in case.owes("HB", "2026-03-18")
    assert "inc.upward" not in case.owes("EMB", "2026-03-18")
    told = case.when(inc.TellUnit(unit="EMB"), "2026-03-18", EMPLOYER).done()
    assert "inc.upward" in told.owes("EMB", "2026-03-18")
    told.when(inc.TellUnit(unit="EMB"), "2026-03-18", EMPLOYER).refused("told")


def test_a_duty_is_done_by_whoever_owes_it() -> None:
    case = given("incident", *reported())
    case.when(inc.DoDuty(duty="rescue"), "2026-03-18", "EMB").refused("not-owed")
    after = case.when(inc.DoDuty(duty="rescue"), "2026-03-18", "HB").done()
    assert "inc.rescue" not in after.owes("HB", "2026-03-18")
    assert "inc.six-hour" in after.owes("HB", "2026-03-18")


@pytest.mark.parametrize(
    ("deaths", "poisoned", "owed"), [(0, 9, False), (0, 10, True), (1, 4, True)]
)
def test_the_hospital_reports_by_network_from_one_death_or_ten_poisoned(
    deaths: int, poisoned: int, owed: bool
) -> None:
    case = given("incident", *reported())
    change = inc.ChangeCasualties(deaths=deaths, poisoned=poisoned)
    after = case.when(change, "2026-03-19", HOSPITAL).done()
    assert ("inc.network" in after.owes(HOSPITAL, "2026-03-19")) is owed
    # Changes are supplemented within thirty days of the accident: 04-17.
    assert after.owes("EMB", "2026-03-19")["inc.supplement"] == "2026-04-17"


def test_the_threshold_is_reached_once() -> None:
    case = given("incident", *reported())
    case = case.when(inc.ChangeCasualties(deaths=1, poisoned=4), "2026-03-19", HOSPITAL).done()
    case = case.when(inc.DoDuty(duty="network_report"), "2026-03-19", HOSPITAL).done()
    more = inc.ChangeCasualties(deaths=2, poisoned=4)
    assert "inc.network" not in case.when(more, "2026-03-20", HOSPITAL).done().owes(
        HOSPITAL, "2026-03-20"
    )


def test_deaths_do_not_go_down() -> None:
    case = given("incident", *reported(deaths=1))
    change = inc.ChangeCasualties(deaths=0, poisoned=4)
    case.when(change, "2026-03-19", HOSPITAL).refused("numbers")


def test_no_team_without_the_union() -> None:
    case = given("incident", *reported())
    with_union = inc.FormTeam(members=("EMB", "HB", "FTU"))
    case.when(with_union, "2026-03-19", "EMB").refused("no-union")  # nobody is named yet
    case.add(NAMED)
    case.when(inc.FormTeam(members=("EMB", "HB")), "2026-03-19", "EMB").refused("no-union")
    case.when(with_union, "2026-03-19", "EMB").done()


def test_no_report_without_a_team_and_fifteen_days_to_approve_it() -> None:
    case = given("incident", *reported())
    submit = inc.SubmitReport()
    case.when(submit, "2026-05-14", "EMB").refused("no-team")
    case.add(NAMED, TEAM, SUBMITTED)
    # Received on 05-15; the fifteenth day, 05-30, is a Saturday.
    assert case.owes("CGO", "2026-05-15")["inc.approve"] == "2026-06-01/05-29"
    case.add(APPROVED)
    assert case.owes("EMB", "2026-05-28")["inc.evaluate"] == "2027-05-28"


def test_only_the_environment_bureau_grades_radiation() -> None:
    grade = inc.GradeIncident(scale="radiation_scale", level="IV")
    given("incident", *reported()).when(grade, "2026-03-19", "EMB").refused("radiation-grade")
    given("incident", *reported("radiation_accident")).when(grade, "2026-03-19", "EEB").done()


def test_the_four_scales_are_independent() -> None:
    case = given("incident", *reported())
    for scale, level in (("work_safety", "IV"), ("moh25", "III"), ("public_health", "III")):
        grade = inc.GradeIncident(scale=scale, level=level)  # type: ignore[arg-type]
        case = case.when(grade, "2026-03-19", "EMB").done()
    assert dict(case.fold.state.grades) == {
        "work_safety": "IV",
        "moh25": "III",
        "public_health": "III",
    }


def test_a_control_is_lifted_by_whoever_imposed_it() -> None:
    case = given("incident", *reported())
    case = case.when(inc.ImposeControl(measure="停止作业"), "2026-03-18", "HB").done()
    assert "inc.lift" in case.owes("HB", "2026-03-18")
    case.when(inc.LiftControl(), "2026-03-30", "EEB").refused("no-control")
    after = case.when(inc.LiftControl(), "2026-03-30", "HB").done()
    assert "inc.lift" not in after.owes("HB", "2026-03-30")


def test_the_course_of_a_referral() -> None:
    case = given("incident", *reported())
    case.when(inc.DecideReferral(refer=True), "2026-04-02", "EMB").refused("not-suspected")
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    assert case.owes("EMB", "2026-04-02")["inc.crime-decide"] == "2026-04-07/04-03"
    case.when(inc.ReferCrime(), "2026-04-03", "EMB").refused("not-decided")
    case = case.when(inc.DecideReferral(refer=True), "2026-04-03", "EMB").done()
    assert "inc.crime-transfer" in case.owes("EMB", "2026-04-03")
    case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-03", "PSB").refused("not-referred")
    case = case.when(inc.ReferCrime(), "2026-04-04", "EMB").done()
    assert case.owes("PSB", "2026-04-04") == {"inc.crime-review": "2026-04-07"}
    case = case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-07", "PSB").done()
    assert case.owes("PSB", "2026-04-07") == {}


def test_a_referral_not_approved_opens_nothing() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    case = case.when(inc.DecideReferral(refer=False), "2026-04-03", "EMB").done()
    assert "inc.crime-transfer" not in case.owes("EMB", "2026-04-03")


def test_it_is_closed_only_when_everything_is_done() -> None:
    close = inc.CloseIncident(note="结案")
    case = given("incident", *reported(), NAMED, TEAM, SUBMITTED, APPROVED)
    case.when(close, "2026-09-01", "EMB").refused("not-ready")
    case = case.when(inc.EvaluateRectification(), "2026-09-01", "EMB").done()
    controlled = on("2026-09-01", inc.ControlImposed(unit="HB", measure="x"), "HB")
    case.add(controlled)
    case.when(close, "2026-09-02", "EMB").refused("not-ready")
    case.add(on("2026-09-02", inc.ControlLifted(unit="HB"), "HB"))
    done = case.when(close, "2026-09-03", "EMB").done()
    assert done.owes("EMB", "2026-09-03") == {}
    done.when(inc.SuspectCrime(), "2026-09-04", "EMB").refused("ended")


def test_what_was_handed_up_is_no_longer_owed_here() -> None:
    case = given("incident", *reported())
    case = case.when(inc.HandUp(reason="较大事故"), "2026-03-20", "EMB").done()
    assert case.owes("EMB", "2026-03-20") == {}
    case.when(inc.TellUnit(unit="EEB"), "2026-03-21", "EMB").refused("ended")


def test_the_same_incident_reported_twice_goes_on_as_one() -> None:
    case = given("incident", *reported())
    other = given("incident", *reported())
    object.__setattr__(other.fold, "case", "incident-2")
    case.others = {"incident-2": other.fold}
    merge = inc.MergeIncident(case_main="incident-2")
    outcome = case.when(merge, "2026-03-19", "EMB")
    outcome.then(
        inc.IncidentMerged(into="incident-2"),
        On("incident-2", inc.IncidentAbsorbed(incident="incident-1")),
    )
    assert outcome.done().owes("EMB", "2026-03-19") == {}
