"""Incidents 职业病危害事故: the cause names the lead, each clock starts where the law says.

E1: Wednesday 2026-03-18; Qingming rest days are 04-04 to 04-06; 05-17 is a Sunday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import incident as inc
from domain.corrections import CorrectFact
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


@pytest.mark.parametrize(
    ("done", "on_time"), [("2026-03-18T17:10", True), ("2026-03-18T17:11", False)]
)
def test_a_report_owed_in_hours_is_late_a_minute_after(done: str, on_time: bool) -> None:
    case = given("incident", *reported())
    case = case.when(inc.TellUnit(unit="EMB"), "2026-03-18T15:10", EMPLOYER).done()
    case = case.when(inc.DoDuty(duty="upward_report"), done, "EMB").done()
    assert case.task("inc.upward").on_time is on_time


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
    done.when(inc.TellUnit(unit="EEB"), "2026-09-04", "EMB").refused("ended")


def test_what_was_handed_up_is_no_longer_investigated_here_but_rescued_and_reported() -> None:
    case = given("incident", *reported())
    case = case.when(inc.TellUnit(unit="EMB"), "2026-03-20", EMPLOYER).done()
    case = case.when(inc.HandUp(reason="较大事故"), "2026-03-20", "EMB").done()
    assert set(case.owes("EMB", "2026-03-20")) == {"inc.upward"}
    assert set(case.owes("HB", "2026-03-20")) == {"inc.rescue", "inc.six-hour"}
    case = case.when(inc.DoDuty(duty="rescue"), "2026-03-20", "HB").done()
    assert "inc.rescue" not in case.owes("HB", "2026-03-20")
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


# --- Whether it is one, and who leads ------------------------------------------------------------


def test_an_incident_found_to_be_none_is_owed_nothing_but_the_lifting_of_a_control() -> None:
    case = given("incident", *reported())
    case = case.when(inc.ImposeControl(measure="封存"), "2026-03-18", "HB").done()
    case.when(inc.RejectIncident(reason=" "), "2026-03-19", "HB").refused("reason-missing")
    case = case.when(inc.RejectIncident(reason="食物中毒"), "2026-03-19", "HB").done()
    assert case.owes("HB", "2026-03-19") == {"inc.lift": None}
    assert case.owes("EMB", "2026-03-19") == {}
    case.when(inc.VerifyIncident(), "2026-03-20", "HB").refused("ended")
    lifted = case.when(inc.LiftControl(), "2026-03-20", "HB").done()
    assert lifted.owes("HB", "2026-03-20") == {}


def test_an_incident_already_reported_on_is_no_longer_denied() -> None:
    case = given("incident", *reported(), NAMED, TEAM, SUBMITTED)
    case.when(inc.RejectIncident(reason="r"), "2026-05-20", "HB").refused("submitted")


def test_the_leading_group_rules_where_two_bureaus_claim_the_lead() -> None:
    case = given("incident", *reported("unknown_cause"))
    claim = inc.DisputeLead(reason="慢性危害")
    case.when(claim, "2026-03-19", "EMB").refused("same-unit")
    case = case.when(claim, "2026-03-19", "HB").done()
    assert case.owes("LG", "2026-03-19") == {"inc.rule-lead": None}
    assert "inc.investigate" in case.owes("EMB", "2026-03-19")  # meanwhile who leads goes on
    case = case.when(inc.RuleLead(lead="HB", reason="r"), "2026-03-20", "LG").done()
    assert case.owes("LG", "2026-03-20") == {}
    assert case.owes("HB", "2026-03-20")["inc.investigate"] == "2026-05-18/05-15"
    case.when(inc.RuleLead(lead="XX", reason="r"), "2026-03-20", "LG").refused("no-such-unit")


@pytest.mark.parametrize(
    ("cause", "command", "by", "code"),
    [
        ("unknown_cause", inc.DisputeLead(reason="r"), "HB", "disputed"),
        ("unknown_cause", inc.RuleLead(lead="HB", reason="r"), "LG", "same-unit"),
        ("acute_poisoning", inc.FindReportingBreach(breach="concealed"), "HB", "found"),
        ("radiation_accident", inc.ReportMissingSource(how="source_lost"), "EEB", "reported"),
    ],
)
def test_what_is_said_twice_is_one(cause: inc.Cause, command: Any, by: str, code: str) -> None:
    case = given("incident", *reported(cause)).when(command, "2026-03-19", by).done()
    case.when(command, "2026-03-20", by).refused(code)


def test_no_ruling_moves_a_radiation_accident_from_the_environment_bureau() -> None:
    case = given("incident", *reported("radiation_accident"))
    case.when(inc.RuleLead(lead="EMB", reason="r"), "2026-03-19", "LG").refused("statutory")
    case.when(inc.DisputeLead(reason="r"), "2026-03-19", "EMB").refused("statutory")


def test_a_radiation_cause_found_later_brings_its_own_reports() -> None:
    case = given("incident", *reported("unknown_cause"))
    after = case.when(inc.FindCause(cause="radiation_accident"), "2026-03-25", "EMB").done()
    assert set(after.owes(HOSPITAL, "2026-03-25")) == {"inc.radiation-form", "inc.network"}
    assert after.owes("PSB", "2026-03-25") == {"inc.acknowledge": None}
    assert after.owes("EEB", "2026-03-25")["inc.investigate"] == "2026-05-18/05-15"


def test_another_cause_of_the_same_lead_is_recorded_without_a_new_lead() -> None:
    case = given("incident", *reported())
    found = inc.FindCause(cause="other_sudden")
    case.when(found, "2026-03-25", "EMB").then(
        inc.CauseFound(cause="other_sudden", reportable=False)
    )


@pytest.mark.parametrize(("day", "clause"), [("2026-08-14", "rpl-33"), ("2026-08-15", "eec-628")])
def test_a_radiation_accident_cites_the_law_in_force_on_its_day(day: str, clause: str) -> None:
    told = report(cause="radiation_accident", accident_on=date.fromisoformat(day))
    case = Case("incident").when(told, day, EMPLOYER).done()
    assert clause in case.task("inc.radiation-form").rule.clauses
    assert len([t for t in case.fold.tasks.values() if t.rule.id == "inc.radiation-form"]) == 1


# --- Grades, sources, breaches, referrals --------------------------------------------------------


def test_a_grade_beyond_the_county_is_handed_up_unless_it_comes_down_again() -> None:
    def grade(level: inc.Level) -> inc.GradeIncident:
        return inc.GradeIncident(scale="work_safety", level=level)

    case = given("incident", *reported()).when(grade("III"), "2026-03-20", "EMB").done()
    assert "inc.hand-up" in case.owes("EMB", "2026-03-20")
    other = inc.GradeIncident(scale="public_health", level="IV")
    assert "inc.hand-up" in case.when(other, "2026-03-21", "EMB").done().owes("EMB", "2026-03-21")
    lower = case.when(grade("IV"), "2026-03-22", "EMB").done()
    assert "inc.hand-up" not in lower.owes("EMB", "2026-03-22")


def test_a_stolen_source_is_searched_for_by_the_police() -> None:
    stolen = inc.ReportMissingSource(how="source_stolen")
    given("incident", *reported()).when(stolen, "2026-03-19", HOSPITAL).refused("not-radiation")
    case = given("incident", *reported("radiation_accident"))
    case = case.when(stolen, "2026-03-19", HOSPITAL).done()
    assert "inc.source" in case.owes("PSB", "2026-03-19")
    done = case.when(inc.DoDuty(duty="source_search"), "2026-03-25", "PSB").done()
    assert "inc.source" not in done.owes("PSB", "2026-03-25")


def test_a_hidden_report_is_a_violation_that_whoever_found_it_deals_with() -> None:
    case = given("incident", *reported())
    case = case.when(inc.FindReportingBreach(breach="concealed"), "2026-03-25", "HB").done()
    assert case.fold.facts[-1][0].event.party == EMPLOYER
    assert "inc.breach" in case.owes("HB", "2026-03-25")


def test_what_is_still_owed_is_done_after_the_case_has_ended_here() -> None:
    case = given("incident", *reported())
    case = case.when(inc.FindReportingBreach(breach="concealed"), "2026-03-25", "HB").done()
    case = case.when(inc.ImposeControl(measure="封存"), "2026-03-25", "HB").done()
    case.add(on("2026-03-26", inc.IncidentMerged(into="incident-2"), "EMB"))
    assert case.owes("HB", "2026-03-26") == {"inc.breach": None, "inc.lift": None}
    case = case.when(inc.DoDuty(duty="breach_handled"), "2026-04-01", "HB").done()
    case = case.when(inc.LiftControl(), "2026-04-01", "HB").done()
    assert case.owes("HB", "2026-04-01") == {}
    case.when(inc.DoDuty(duty="rescue"), "2026-04-02", "HB").refused("not-owed")


def test_exhibits_follow_within_three_days_of_the_filing_where_some_were_kept() -> None:
    def answered(exhibits: bool) -> Case:
        case = given("incident", *reported())
        case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
        case = case.when(inc.DecideReferral(refer=True), "2026-04-03", "EMB").done()
        case = case.when(inc.ReferCrime(exhibits=exhibits), "2026-04-04", "EMB").done()
        return case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-07", "PSB").done()

    assert answered(True).owes("EMB", "2026-04-07")["inc.crime-exhibits"] == "2026-04-10"
    assert "inc.crime-exhibits" not in answered(False).owes("EMB", "2026-04-07")


def test_a_refused_filing_is_disputed_in_three_days_and_answered_in_three() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    case = case.when(inc.DecideReferral(refer=True), "2026-04-03", "EMB").done()
    case = case.when(inc.ReferCrime(), "2026-04-04", "EMB").done()
    case.when(inc.DisputeRefusal(), "2026-04-07", "EMB").refused("not-refused")
    case = case.when(inc.AnswerReferral(answer="psb_refused"), "2026-04-07", "PSB").done()
    assert case.owes("EMB", "2026-04-07")["inc.crime-dispute"] == "2026-04-10"
    accepted = inc.DoDuty(duty="refusal_accepted", note="证据不足")
    agreed = given(
        "incident", *(on("2026-04-07", f.event, f.envelope.actor) for f, _ in case.fold.facts)
    )
    agreed = agreed.when(accepted, "2026-04-08", "EMB").done()
    assert "inc.crime-dispute" not in agreed.owes("EMB", "2026-04-08")
    case.when(inc.DisputeRefusal(), "2026-04-11", "EMB").refused("window-closed")
    case = case.when(inc.DisputeRefusal(), "2026-04-10", "EMB").done()
    # 04-13 is a Monday.
    assert case.owes("PSB", "2026-04-10") == {"inc.crime-again": "2026-04-13"}
    filed = case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-13", "PSB").done()
    assert filed.owes("PSB", "2026-04-13") == {}
    filed.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-14", "PSB").refused("answered")


def test_a_merger_is_undone_and_the_investigation_counts_from_its_own_accident() -> None:
    case = given("incident", *reported())
    other = given("incident", *reported())
    object.__setattr__(other.fold, "case", "incident-2")
    case.others = {"incident-2": other.fold}
    case.when(inc.UnmergeIncident(reason="r"), "2026-03-19", "EMB").refused("not-merged")
    case = case.when(inc.MergeIncident(case_main="incident-2"), "2026-03-19", "EMB").done()
    outcome = case.when(inc.UnmergeIncident(reason="r"), "2026-03-23", "EMB")
    assert outcome.decided[1] == On("incident-2", inc.IncidentParted(incident="incident-1"))
    parted = outcome.done()
    assert parted.owes("EMB", "2026-03-23") == {"inc.investigate": "2026-05-18/05-15"}


@pytest.mark.parametrize(
    "ending",
    [inc.HandedUp(reason="较大事故"), inc.IncidentMerged(into="incident-2"), "rejected", "closed"],
)
def test_a_referral_outlives_whatever_ends_the_case(ending: Any) -> None:
    denied = inc.IncidentRejected(unit="HB", reason="r")
    ending = {"rejected": denied, "closed": inc.IncidentClosed(note="x")}.get(str(ending), ending)
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    case = case.when(inc.DecideReferral(refer=True), "2026-04-03T10:00", "EMB").done()
    case.add(on("2026-04-03T11:00", ending, "EMB"))
    assert "inc.crime-transfer" in case.owes("EMB", "2026-04-03T12:00")
    case = case.when(inc.ReferCrime(), "2026-04-04", "EMB").done()
    assert case.owes("PSB", "2026-04-04") == {"inc.crime-review": "2026-04-07"}
    case = case.when(inc.AnswerReferral(answer="psb_refused"), "2026-04-07", "PSB").done()
    case = case.when(inc.DisputeRefusal(), "2026-04-10", "EMB").done()
    case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-13", "PSB").done()


def test_nothing_is_closed_or_denied_while_a_referral_is_under_way() -> None:
    close = inc.CloseIncident(note="结案")
    deny = inc.RejectIncident(reason="r")
    ready = inc.RectificationEvaluated(lead="EMB")
    case = given("incident", *reported(), on("2026-04-02", inc.CrimeSuspected(lead="EMB"), "EMB"))
    # Only suspected, and decided by nobody: it falls with the incident.
    denied = case.when(deny, "2026-04-02", "HB").decided
    assert denied == (inc.IncidentRejected(unit="HB", reason="r"),)
    case.add(on("2026-04-02", ready, "EMB"))
    case.when(close, "2026-04-02", "EMB").refused("crime-open")
    case = case.when(inc.DecideReferral(refer=True), "2026-04-03", "EMB").done()
    case.when(deny, "2026-04-03", "HB").refused("crime-open")
    case = case.when(inc.ReferCrime(), "2026-04-03", "EMB").done()
    case.when(close, "2026-04-03", "EMB").refused("crime-open")
    case = case.when(inc.AnswerReferral(answer="psb_filed"), "2026-04-07", "PSB").done()
    case.when(close, "2026-04-07", "EMB").done()


def test_a_suspicion_falls_with_the_incident_that_was_none() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    case = case.when(inc.RejectIncident(reason="r"), "2026-04-03", "HB").done()
    assert case.owes("EMB", "2026-04-03") == {}
    case.when(inc.SuspectCrime(), "2026-04-03", "EMB").refused("ended")


# --- Corrections ---------------------------------------------------------------------------------


def test_a_corrected_cause_takes_the_lead_along_where_one_command_recorded_both() -> None:
    case = together(given("incident", *reported()))
    right = CorrectFact(version=1, changes={"cause": "chronic"}, reason="录错")
    outcome = case.when(right, "2026-03-19", EMPLOYER)
    assert [c.target_type for c in outcome.decided] == [
        "incident.reported",
        "incident.lead_assigned",
    ]
    after = outcome.done()
    assert after.owes("HB", "2026-03-19")["inc.investigate"] == "2026-05-18/05-15"
    assert after.owes("EMB", "2026-03-19") == {}


def test_a_corrected_day_of_the_accident_moves_what_was_copied_from_it() -> None:
    case = together(given("incident", *reported()))
    case = case.when(inc.ChangeCasualties(deaths=1, poisoned=4), "2026-03-19", HOSPITAL).done()
    right = CorrectFact(version=1, changes={"accident_on": "2026-03-16"}, reason="录错")
    after = case.when(right, "2026-03-20", EMPLOYER).done()
    # Sixty days from 03-16: 05-15, a Friday; thirty: 04-15.
    assert after.owes("EMB", "2026-03-20") == {
        "inc.investigate": "2026-05-15",
        "inc.supplement": "2026-04-15",
    }


def test_a_lead_is_not_corrected_but_found_or_ruled_anew() -> None:
    case = given("incident", *reported())
    lead = CorrectFact(version=3, changes={"lead": "HB"}, reason="r")
    case.when(lead, "2026-03-19", "HB").refused("undone-otherwise")


def test_a_correction_of_an_incident_is_refused_where_the_report_would_have_been() -> None:
    case = given("incident", *reported())
    for code, changes in (
        ("accident-day", {"accident_on": "2026-03-19"}),
        ("no-such-township", {"township": "TS-999"}),
        ("numbers", {"poisoned": -1}),
    ):
        case.when(CorrectFact(version=1, changes=changes, reason="r"), "2026-03-20", "HB").refused(
            code
        )


def together(case: Case) -> Case:
    """The facts of the report as one command recorded them."""
    first = case.fold.facts[0][0].envelope.command
    facts = tuple(
        (replace(fact, envelope=replace(fact.envelope, command=first)), law)
        for fact, law in case.fold.facts
    )
    case.fold = replace(case.fold, facts=facts)
    return case


def test_a_grade_replaces_the_one_before_in_its_scale() -> None:
    case = given("incident", *reported())
    for level in ("IV", "III"):
        grade = inc.GradeIncident(scale="work_safety", level=level)
        case = case.when(grade, "2026-03-19", "EMB").done()
    assert case.fold.state.grades == (("work_safety", "III"),)
    case.when(grade, "2026-03-20", "EMB").refused("graded")


def test_a_team_is_not_corrected_to_one_without_the_union() -> None:
    case = given("incident", *reported()).add(NAMED, TEAM)
    wrong = CorrectFact(
        version=case.fold.version, changes={"members": ["EMB", "HB"]}, reason="录错"
    )
    case.when(wrong, "2026-05-16", "EMB").refused("no-union")


def test_where_no_hospital_is_known_the_health_bureau_sees_to_the_network_report() -> None:
    facts = [
        replace(fact, event=replace(fact.event, hospital=None, reportable=True))
        if isinstance(fact.event, inc.IncidentReported)
        else fact
        for fact in reported()
    ]
    assert given("incident", *facts).task("inc.network").holder == "HB"


def test_an_answer_and_an_evaluation_are_given_once() -> None:
    case = given("incident", *reported()).add(NAMED, TEAM, SUBMITTED, APPROVED)
    case = case.when(inc.EvaluateRectification(), "2026-06-01", "EMB").done()
    case.when(inc.EvaluateRectification(), "2026-06-02", "EMB").refused("evaluated")


def test_a_cause_still_unknown_changes_nothing() -> None:
    case = given("incident", *reported("unknown_cause"))
    again = inc.FindCause(cause="unknown_cause")
    case.when(again, "2026-03-19", "EMB").refused("same-unit")


def test_a_lost_source_is_searched_for_after_the_incident_was_handed_up() -> None:
    case = given("incident", *reported("radiation_accident"))
    lost = inc.ReportMissingSource(how="source_lost")
    case = case.when(lost, "2026-03-18", "EEB").done()
    case.add(on("2026-03-19", inc.HandedUp(reason="等级"), "EEB"))
    found = inc.DoDuty(duty="source_search", note="已找回")
    after = case.when(found, "2026-03-20", "PSB").done()
    assert after.owes("PSB", "2026-03-20") == {}
