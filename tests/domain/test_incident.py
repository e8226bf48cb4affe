"""Incidents 职业病危害事故: the cause names the lead, each clock starts where the law says.

E1: Wednesday 2026-03-18; Qingming rest days are 04-04 to 04-06; 05-17 is a Sunday.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain import acts
from domain.cases import incident as inc
from domain.corrections import CorrectFact
from domain.decider import On
from domain.events import sentence
from tests.spec import EMPLOYER, Case, Fact, World, given, noon, on, reference

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
    assert decided[-1] == inc.LeadAssigned(
        lead=lead, provisional=provisional, accident_on=DAY, begins=True
    )


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
    confirmed = case.when(inc.FindCause(cause="acute_poisoning"), "2026-03-25", "EMB").decided
    found, event, told = confirmed
    assert (found.cause, found.was, found.reportable) == ("acute_poisoning", "unknown_cause", False)
    assert (event.lead, event.provisional, event.begins) == ("EMB", False, False)
    assert told.unit == "EMB"  # whoever is given the lead knows of it with that


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
    refused = inc.DecideReferral(refer=False)
    case.when(refused, "2026-04-03", "EMB").refused("reason-missing")
    because = inc.DecideReferral(refer=False, reason="未达追诉标准")
    case = case.when(because, "2026-04-03", "EMB").done()
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
    ordered = inc.HandUp(reason="较大事故", order="湖应急函〔2026〕1号")
    case = case.when(ordered, "2026-03-20", "EMB").done()
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
    assert set(after.owes(HOSPITAL, "2026-03-25")) == {"inc.network"}
    assert set(after.owes(EMPLOYER, "2026-03-25")) == {"inc.radiation-form"}
    assert after.owes("PSB", "2026-03-25") == {"inc.acknowledge": None}
    assert after.owes("EEB", "2026-03-25") == {
        "inc.investigate-radiation": "2026-05-18/05-15",
        "inc.upward-radiation": "2026-03-25",
    }
    # The rest of the county has no part in it by the notice, and the emergency bureau no more.
    assert [after.owes(unit, "2026-03-25") for unit in ("TS-001", "LGO", "EMB")] == [{}, {}, {}]


def test_another_cause_of_the_same_lead_is_recorded_without_a_new_lead() -> None:
    case = given("incident", *reported())
    found = inc.FindCause(cause="other_sudden")
    case.when(found, "2026-03-25", "EMB").then(
        inc.CauseFound(cause="other_sudden", reportable=False, was="acute_poisoning")
    )


@pytest.mark.parametrize(("day", "clause"), [("2026-08-14", "rpl-33"), ("2026-08-15", "eec-628")])
def test_a_radiation_accident_cites_the_law_in_force_on_its_day(day: str, clause: str) -> None:
    told = report(cause="radiation_accident", accident_on=date.fromisoformat(day))
    case = Case("incident").when(told, day, EMPLOYER).done()
    assert clause in case.task("inc.radiation-form").rule.clauses
    assert len([t for t in case.fold.tasks.values() if t.rule.id == "inc.radiation-form"]) == 1


def test_another_lead_goes_on_with_the_investigation_as_it_stands() -> None:
    case = given("incident", *reported("unknown_cause"))
    task = case.task("inc.investigate")
    longer = acts.ExtendTask(task=task.id, length=30, reason="案情复杂")
    case = case.when(longer, "2026-03-19", "CGO").done()
    test = acts.SuspendTask(task=task.id, reason="技术鉴定", clause="safety-29")
    case = case.when(test, "2026-03-20", "EMB").done()
    case = case.when(inc.SuspectCrime(), "2026-03-23", "EMB").done()
    case = case.when(inc.ChangeCasualties(deaths=0, poisoned=5), "2026-03-23", "EMB").done()
    case = case.when(inc.FindCause(cause="chronic"), "2026-03-25", "EMB").done()
    moved = case.task("inc.investigate")
    assert (moved.id, moved.holder, moved.extended, moved.suspended) == (task.id, "HB", 30, True)
    owed = case.owes("HB", "2026-03-25")
    assert owed["inc.crime-decide"] == "2026-03-26"
    assert owed["inc.supplement"] == "2026-04-17"
    assert case.owes("EMB", "2026-03-25") == {}


def test_no_investigation_begins_anew_after_its_report() -> None:
    case = given("incident", *reported("unknown_cause"), NAMED, TEAM, SUBMITTED, APPROVED)
    case = case.when(inc.FindCause(cause="chronic"), "2026-06-01", "EMB").done()
    assert "inc.investigate" not in case.owes("HB", "2026-06-01")
    assert case.owes("HB", "2026-06-01")["inc.evaluate"] == "2027-05-28"


def test_only_the_environment_bureau_finds_that_it_was_no_radiation_accident() -> None:
    case = given("incident", *reported("radiation_accident"))
    other = inc.FindCause(cause="acute_poisoning", reason="仪器误报，系化学品泄漏")
    case.when(other, "2026-03-19", "LG").refused("statutory")
    case.when(inc.FindCause(cause="acute_poisoning"), "2026-03-19", "EEB").refused("statutory")
    unknown = inc.FindCause(cause="unknown_cause", reason="r")
    case.when(unknown, "2026-03-19", "EEB").refused("statutory")
    case.when(inc.RejectIncident(reason="r"), "2026-03-19", "HB").refused("statutory")
    case = case.when(other, "2026-03-19", "EEB").done()
    assert case.owes("PSB", "2026-03-19") == case.owes("EEB", "2026-03-19") == {}
    assert case.owes(EMPLOYER, "2026-03-19") == {}
    assert set(case.owes("TS-001", "2026-03-19")) == {"inc.assist"}
    assert set(case.owes("LGO", "2026-03-19")) == {"inc.record"}
    assert case.owes("EMB", "2026-03-19")["inc.investigate"] == "2026-05-18/05-15"


def test_a_lead_that_was_ruled_moves_by_a_ruling_alone_or_with_radiation() -> None:
    case = given("incident", *reported("unknown_cause"))
    case = case.when(inc.RuleLead(lead="HB", reason="r"), "2026-03-20", "LG").done()
    found = inc.FindCause(cause="acute_poisoning")
    stays = case.when(found, "2026-03-23", "HB")
    stays.then(inc.CauseFound(cause="acute_poisoning", reportable=False, was="unknown_cause"))
    case = stays.done()
    assert case.fold.state.lead == "HB"
    turned = case.when(inc.FindCause(cause="radiation_accident"), "2026-03-24", "HB").done()
    assert turned.fold.state.lead == "EEB"


@pytest.mark.parametrize("unit", ["CGO", "TS-001", "LGO", "LG"])
def test_none_but_the_three_bureaus_of_the_notice_leads(unit: str) -> None:
    case = given("incident", *reported("unknown_cause"))
    case.when(inc.RuleLead(lead=unit, reason="r"), "2026-03-19", "LG").refused("no-lead")
    case.when(inc.DisputeLead(reason="r"), "2026-03-19", unit).refused("no-lead")


def due(case: Case, rule: str) -> datetime | None:
    """To the minute, when the latest task of a rule is due."""
    task = case.task(rule)
    return task.due.instant if task.due else None


# --- Who tells whom, by the minute ----------------------------------------------------------------


def test_the_clock_of_a_unit_told_starts_at_delivery_and_never_at_the_senders_word() -> None:
    case = given("incident", *reported())
    told = inc.TellUnit(unit="EMB")
    outcome = case.when(told, "2026-03-19T09:00", EMPLOYER, happened="2026-03-18T15:10")
    [event] = outcome.decided
    assert (event.by, event.received) == (EMPLOYER, None)
    fact = Fact("2026-03-18T15:10", event, EMPLOYER, "2026-03-19T09:00")
    assert due(case.add(fact), "inc.upward") == noon("2026-03-19T11:00")


def test_what_a_unit_states_of_its_own_receipt_counts_to_the_minute() -> None:
    case = given("incident", *reported())
    told = inc.TellUnit(unit="EMB")
    [event] = case.when(told, "2026-03-19T09:00", "EMB", happened="2026-03-18T15:10").decided
    fact = Fact("2026-03-18T15:10", event, "EMB", "2026-03-19T09:00")
    assert due(case.add(fact), "inc.upward") == noon("2026-03-18T17:10")


def test_whoever_is_told_sees_to_it_that_the_health_bureau_and_the_lead_know_at_once() -> None:
    case = Case("incident").when(report(told="TS-001"), "2026-03-18T15:00", EMPLOYER).done()
    assert set(case.owes("TS-001", "2026-03-18")) == {
        *("inc.assist", "inc.tell-health", "inc.tell-lead"),
    }
    assert due(case, "inc.tell-health") == noon("2026-03-18T16:00")
    case = case.when(inc.TellUnit(unit="HB"), "2026-03-18T15:20", "TS-001").done()
    assert "inc.tell-health" not in case.owes("TS-001", "2026-03-18")
    assert "inc.tell-lead" in case.owes("HB", "2026-03-18")
    case = case.when(inc.TellUnit(unit="EMB"), "2026-03-18T15:30", "TS-001").done()
    assert set(case.owes("TS-001", "2026-03-18")) == {"inc.assist"}
    assert set(case.owes("HB", "2026-03-18")) == {"inc.rescue", "inc.six-hour"}


@pytest.mark.parametrize(("minute", "on_time"), [("15:20", True), ("15:21", False)])
def test_the_employer_reports_to_the_emergency_bureau_within_the_hour(
    minute: str, on_time: bool
) -> None:
    told = report(accident_at="14:20")
    case = Case("incident").when(told, "2026-03-18T15:05", EMPLOYER).done()
    task = case.task("inc.employer-report")
    assert (task.holder, task.supervisor) == (EMPLOYER, "EMB")
    assert due(case, "inc.employer-report") == noon("2026-03-18T15:20")
    case = case.when(inc.TellUnit(unit="EMB"), f"2026-03-18T{minute}", EMPLOYER).done()
    assert case.task("inc.employer-report").on_time is on_time


def test_where_somebody_else_told_the_emergency_bureau_the_employer_is_not_credited() -> None:
    told = report(accident_at="14:20")
    case = Case("incident").when(told, "2026-03-18T15:05", "TS-001").done()
    case = case.when(inc.TellUnit(unit="EMB"), "2026-03-18T15:10", "TS-001").done()
    assert case.task("inc.employer-report").on_time is None


@pytest.mark.parametrize("minute", ["25:00", "nach", "12:01"])
def test_the_minute_of_the_accident_is_one_and_has_passed(minute: str) -> None:
    told = report(accident_at=minute)
    Case("incident").when(told, "2026-03-18T12:00", EMPLOYER).refused("accident-minute")


def test_the_form_of_a_radiation_accident_is_owed_by_whoever_uses_the_source() -> None:
    told = report(cause="radiation_accident", accident_at="17:40", told="EEB")
    case = Case("incident").when(told, "2026-03-18T18:05", EMPLOYER).done()
    form = case.task("inc.radiation-form")
    assert (form.holder, due(case, "inc.radiation-form")) == (EMPLOYER, noon("2026-03-18T19:40"))
    upward = case.task("inc.upward-radiation")
    assert (upward.holder, due(case, "inc.upward-radiation")) == ("EEB", noon("2026-03-18T20:05"))
    # A hospital that reports it speaks of itself, unless it says that it only treats.
    case = Case("incident").when(told, "2026-03-18T18:05", HOSPITAL).done()
    assert case.task("inc.radiation-form").holder == HOSPITAL
    treating = replace(told, in_hospital=False)
    case = Case("incident").when(treating, "2026-03-18T18:05", HOSPITAL).done()
    assert case.task("inc.radiation-form").holder == EMPLOYER


def test_a_hospital_reports_its_own_over_exposure_by_network_from_the_minute_it_happened() -> None:
    told = report(cause="radiation_accident", accident_at="17:40", told="EEB", in_hospital=True)
    case = Case("incident").when(told, "2026-03-18T18:20", HOSPITAL).done()
    assert due(case, "inc.network") == noon("2026-03-18T19:40")
    # Where it only treats the patients, and where deaths reach the threshold: from the report.
    treating = replace(told, in_hospital=False)
    case = Case("incident").when(treating, "2026-03-18T18:20", HOSPITAL).done()
    assert due(case, "inc.network") == noon("2026-03-18T20:20")
    died = replace(told, cause="acute_poisoning", deaths=1)
    case = Case("incident").when(died, "2026-03-18T18:20", HOSPITAL).done()
    assert due(case, "inc.network") == noon("2026-03-18T20:20")


def test_the_form_of_an_accident_of_no_known_minute_counts_from_the_report() -> None:
    told = report(cause="radiation_accident", told="EEB")
    case = Case("incident").when(told, "2026-03-18T18:05", EMPLOYER).done()
    assert due(case, "inc.radiation-form") == noon("2026-03-18T20:05")


def test_the_union_alone_names_its_member() -> None:
    case = given("incident", *reported())
    task = case.task("inc.investigator")
    passed_on = acts.TransferTask(task=task.id, to="HB", reason="r")
    case.when(passed_on, "2026-03-19", "FTU").refused("statutory")
    assert (
        case.when(inc.DoDuty(duty="investigator"), "2026-03-19", "FTU")
        .done()
        .owes("FTU", "2026-03-19")
        == {}
    )


def test_a_duty_done_names_the_unit_and_is_not_corrected_to_another() -> None:
    units = reference().edition.unit_names
    case = given("incident", *reported())
    case = case.when(inc.DoDuty(duty="assist"), "2026-03-19", "TS-001").done()
    event = case.fold.facts[-1][0].event
    assert event.unit == "TS-001"
    assert sentence(event, units) == f"{units['TS-001']}完成属地协助"
    old = inc.DutyDone(unit="township", duty="assist", note="x")
    assert sentence(old, units) == "乡镇（街道）完成属地协助"
    other = CorrectFact(version=case.fold.version, changes={"duty": "rescue"}, reason="r")
    case.when(other, "2026-03-20", "TS-001").refused("not-owed")


def test_a_duty_reported_done_by_mistake_is_owed_again_by_its_own_day() -> None:
    case = given("incident", *reported())
    owed = case.owes("HB", "2026-03-18")
    case = case.when(inc.DoDuty(duty="six_hour_report"), "2026-03-18", "HB").done()
    assert "inc.six-hour" not in case.owes("HB", "2026-03-19")
    version = case.fold.version
    wrong = CorrectFact(version=version, changes={"duty": "not_done"}, reason="没有报告")
    case.when(wrong, "2026-03-19", "EMB").refused("wrong-actor")
    again = case.when(wrong, "2026-03-19", "HB").done()
    assert again.owes("HB", "2026-03-19") == owed
    assert again.when(inc.DoDuty(duty="six_hour_report"), "2026-03-19", "HB").refusal is None
    # What was done was another duty of the unit.
    rescue = CorrectFact(version=version, changes={"duty": "rescue"}, reason="录错")
    other = case.when(rescue, "2026-03-19", "HB").done()
    assert set(other.owes("HB", "2026-03-19")) == set(owed) - {"inc.rescue"}
    assert other.fold.facts_of(inc.DutyDone)[0].event.tasks == (case.task("inc.rescue").id,)
    note = CorrectFact(version=version, changes={"note": "电话报告"}, reason="录错")
    assert case.when(note, "2026-03-19", "HB").refusal is None


def test_a_union_member_reported_by_mistake_makes_no_team() -> None:
    case = given("incident", *reported())
    case = case.when(inc.DoDuty(duty="investigator"), "2026-03-19", "FTU").done()
    team = inc.FormTeam(members=("EMB", "FTU"))
    assert case.when(team, "2026-03-20", "EMB").refusal is None
    changes = {"duty": "not_done"}
    wrong = CorrectFact(version=case.fold.version, changes=changes, reason="尚未指派")
    case = case.when(wrong, "2026-03-19", "FTU").done()
    case.when(team, "2026-03-20", "EMB").refused("no-union")


# --- Numbers -------------------------------------------------------------------------------------


def test_a_change_after_thirty_days_is_recorded_and_owes_no_supplement() -> None:
    case = given("incident", *reported())
    change = inc.ChangeCasualties(deaths=1, poisoned=4)
    # Thirty days from 03-18: 04-17.
    last = case.when(change, "2026-04-17", "EMB").decided
    assert last[0].supplement
    case = case.when(change, "2026-04-18", "EMB").done()
    assert "inc.supplement" not in case.owes("EMB", "2026-04-18")
    case.when(change, "2026-04-19", "EMB").refused("same-numbers")


@pytest.mark.parametrize("numbers", [{"poisoned": -1}, {"injured": -1}, {"irradiated": -2}])
def test_numbers_are_not_negative(numbers: Any) -> None:
    case = given("incident", *reported())
    change = inc.ChangeCasualties(**{"deaths": 0, "poisoned": 1, **numbers})
    case.when(change, "2026-03-19", "EMB").refused("numbers")


@pytest.mark.parametrize(
    ("cause", "numbers", "owed"),
    [
        ("acute_poisoning", {"deaths": 1}, True),
        ("chronic", {"deaths": 1}, False),
        ("other_sudden", {"deaths": 2}, False),
        ("unknown_cause", {"deaths": 1}, False),
        ("radiation_accident", {}, True),  # nobody said of how many
        ("radiation_accident", {"irradiated": 1}, True),
        ("radiation_accident", {"irradiated": 0}, False),
    ],
)
def test_the_network_report_is_of_acute_poisonings_and_irradiated_persons(
    cause: inc.Cause, numbers: Any, owed: bool
) -> None:
    case = given("incident", *reported(cause, **numbers))
    assert ("inc.network" in case.owes(HOSPITAL, "2026-03-18")) is owed


def test_a_death_is_reported_by_network_once_it_is_found_to_be_of_poison() -> None:
    case = given("incident", *reported("unknown_cause", deaths=1))
    case = case.when(inc.FindCause(cause="acute_poisoning"), "2026-03-19", "EMB").done()
    assert "inc.network" in case.owes(HOSPITAL, "2026-03-19")


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


@pytest.mark.parametrize(
    ("scale", "numbers", "least", "below"),
    [
        ("work_safety", {"deaths": 3}, "III", "IV"),
        ("work_safety", {"poisoned": 10}, "III", "IV"),
        ("work_safety", {"poisoned": 6, "injured": 4}, "III", "IV"),
        ("work_safety", {"poisoned": 50}, "II", "III"),
        ("work_safety", {"deaths": 30}, "I", "II"),
        ("moh25", {"deaths": 1}, "II", "III"),
        ("moh25", {"poisoned": 50}, "I", "II"),
        ("public_health", {"deaths": 1}, "III", "IV"),
        ("public_health", {"poisoned": 50}, "II", "III"),
    ],
)
def test_a_grade_is_not_below_what_the_numbers_demand(
    scale: inc.Scale, numbers: Any, least: inc.Level, below: inc.Level
) -> None:
    case = given("incident", *reported(**{"poisoned": 0, **numbers}))
    outcome = case.when(inc.GradeIncident(scale=scale, level=below), "2026-03-19", "EMB")
    outcome.refused("below-floor")
    assert outcome.refusal is not None
    assert str(max(numbers.values())) in outcome.refusal.zh
    case.when(inc.GradeIncident(scale=scale, level=least), "2026-03-19", "EMB").done()


def test_one_fewer_than_the_threshold_may_be_an_ordinary_accident() -> None:
    case = given("incident", *reported(deaths=2, poisoned=7, injured=2))
    case.when(inc.GradeIncident(scale="work_safety", level="IV"), "2026-03-19", "EMB").done()


def test_the_ministrys_scale_has_three_levels_and_each_is_called_as_its_law_calls_it() -> None:
    case = given("incident", *reported())
    four = inc.GradeIncident(scale="moh25", level="IV")
    case.when(four, "2026-03-19", "EMB").refused("no-such-level")
    named: tuple[tuple[inc.Scale, inc.Level], ...] = (
        *(("work_safety", "I"), ("moh25", "III"), ("moh25", "I")),
    )
    told = [sentence(inc.IncidentGraded(scale=scale, level=level), {}) for scale, level in named]
    assert told == [
        "生产安全事故等级：特别重大",
        "职业病危害事故等级：一般",
        "职业病危害事故等级：特大",
    ]


def test_what_is_beyond_the_county_is_neither_submitted_nor_closed_but_handed_up() -> None:
    case = given("incident", *reported(), NAMED, TEAM)
    hand = inc.HandUp(reason="较大事故")
    case.when(hand, "2026-03-20", "EMB").refused("not-exceeded")
    grade = inc.GradeIncident(scale="work_safety", level="III")
    case = case.when(grade, "2026-03-20", "EMB").done()
    case.when(inc.SubmitReport(), "2026-05-14", "EMB").refused("exceeded")
    case.when(hand, "2026-05-14", "EMB").done()


def test_a_grade_that_the_numbers_have_outgrown_stands_in_the_way_of_the_report() -> None:
    case = given("incident", *reported(), NAMED, TEAM)
    grade = inc.GradeIncident(scale="work_safety", level="IV")
    case = case.when(grade, "2026-03-20", "EMB").done()
    more = inc.ChangeCasualties(deaths=3, poisoned=4)
    case = case.when(more, "2026-03-21", "EMB").done()
    case.when(inc.SubmitReport(), "2026-05-14", "EMB").refused("below-floor")


@pytest.mark.parametrize(
    ("scale", "level", "ours"),
    [
        ("work_safety", "IV", True),
        ("moh25", "III", True),
        ("moh25", "II", False),
        ("public_health", "IV", True),
        ("public_health", "III", False),
    ],
)
def test_every_scale_knows_which_levels_are_the_countys(
    scale: inc.Scale, level: inc.Level, ours: bool
) -> None:
    case = given("incident", *reported())
    case = case.when(inc.GradeIncident(scale=scale, level=level), "2026-03-19", "EMB").done()
    assert ("inc.hand-up" in case.owes("EMB", "2026-03-19")) is not ours


def test_a_unit_does_not_impose_one_control_twice_before_lifting_it() -> None:
    control = inc.ImposeControl(measure="停工")
    case = given("incident", *reported()).when(control, "2026-03-19", "HB").done()
    case.when(control, "2026-03-20", "HB").refused("imposed")
    lifted = case.when(inc.LiftControl(measure="停工"), "2026-03-20", "HB").done()
    assert lifted.when(control, "2026-03-21", "HB").refusal is None


def test_two_controls_are_lifted_one_by_one_or_together() -> None:
    case = given("incident", *reported("radiation_accident"))
    for measure in ("停止作业", "封存设备"):
        case = case.when(inc.ImposeControl(measure=measure), "2026-03-19", "HB").done()
    case = case.when(inc.ImposeControl(measure="停止作业"), "2026-03-19", "EEB").done()
    assert case.task("inc.lift-radiation").rule.clauses == ("radiation-43",)
    # Two measures of one unit are one item, until the last is lifted.
    assert [t.rule.id for t in case.fold.open_tasks() if t.holder == "HB"].count("inc.lift") == 1
    case.when(inc.LiftControl(measure="查封"), "2026-03-20", "HB").refused("no-control")
    case = case.when(inc.LiftControl(measure="停止作业"), "2026-03-20", "HB").done()
    assert "inc.lift" in case.owes("HB", "2026-03-20")
    case = case.when(inc.LiftControl(), "2026-03-21", "HB").done()
    assert "inc.lift" not in case.owes("HB", "2026-03-21")
    assert "inc.lift-radiation" in case.owes("EEB", "2026-03-21")


def test_one_unit_does_not_end_what_another_found() -> None:
    case = given("incident", *reported())
    for unit in ("HB", "EMB"):
        found = inc.FindReportingBreach(breach="concealed")
        case = case.when(found, "2026-03-25", unit).done()
    case = case.when(inc.DoDuty(duty="breach_handled"), "2026-03-26", "HB").done()
    assert "inc.breach" not in case.owes("HB", "2026-03-26")
    assert "inc.breach" in case.owes("EMB", "2026-03-26")


def test_the_clocks_of_a_referral_start_when_it_is_received() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-13", "EMB").done()
    case = case.when(inc.DecideReferral(refer=True), "2026-04-14", "EMB").done()
    sent = inc.ReferCrime(exhibits=True, received_on=date(2026, 4, 15))
    [referred, kept] = case.when(sent, "2026-04-15", "EMB", happened="2026-04-14").decided
    case.add(on("2026-04-14", referred, "EMB", "2026-04-15"), on("2026-04-14", kept, "EMB"))
    # Three days from 04-15: 04-18, a Saturday; the 20th is a Monday.
    assert case.owes("PSB", "2026-04-15") == {"inc.crime-review": "2026-04-20/04-17"}
    refused = inc.ReferralAnswered(answer="psb_refused")
    case.add(on("2026-04-17", refused, "PSB", "2026-04-20"))  # entered three days later
    # Three days from 04-20: 04-23, a Thursday.
    assert case.owes("EMB", "2026-04-20")["inc.crime-dispute"] == "2026-04-23"


def test_a_refusal_is_reconsidered_once() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    case = case.when(inc.DecideReferral(refer=True), "2026-04-03", "EMB").done()
    case = case.when(inc.ReferCrime(), "2026-04-04", "EMB").done()
    refuse = inc.AnswerReferral(answer="psb_refused")
    case = case.when(refuse, "2026-04-07", "PSB").done()
    case = case.when(inc.DisputeRefusal(), "2026-04-08", "EMB").done()
    case = case.when(refuse, "2026-04-10", "PSB").done()
    assert case.owes("PSB", "2026-04-10") == {}
    assert "inc.crime-dispute" not in case.owes("EMB", "2026-04-10")
    case.when(inc.DisputeRefusal(), "2026-04-10", "EMB").refused("not-refused")


def test_what_was_not_referred_may_be_suspected_anew() -> None:
    case = given("incident", *reported())
    case = case.when(inc.SuspectCrime(), "2026-04-02", "EMB").done()
    no = inc.DecideReferral(refer=False, reason="证据不足")
    case = case.when(no, "2026-04-03", "EMB").done()
    case = case.when(inc.SuspectCrime(), "2026-06-02", "EMB").done()
    assert case.owes("EMB", "2026-06-02")["inc.crime-decide"] == "2026-06-05"


@pytest.mark.parametrize(
    ("numbers", "owed"),
    [({"deaths": 1}, True), ({"injured": 3}, True), ({"injured": 2, "poisoned": 9}, False)],
)
def test_so_many_dead_or_injured_and_a_crime_must_be_considered(numbers: Any, owed: bool) -> None:
    case = given("incident", *reported(**numbers))
    assert ("inc.consider-crime" in case.owes("EMB", "2026-03-18")) is owed
    later = given("incident", *reported())
    change = inc.ChangeCasualties(**{"deaths": 0, "poisoned": 4, **numbers})
    later = later.when(change, "2026-03-19", "HB").done()
    assert ("inc.consider-crime" in later.owes("EMB", "2026-03-19")) is owed


def test_a_crime_is_considered_by_suspecting_it_or_by_saying_why_not() -> None:
    case = given("incident", *reported(deaths=1))
    suspected = case.when(inc.SuspectCrime(), "2026-03-19", "EMB").decided
    assert "inc.consider-crime" not in given(
        "incident", *reported(deaths=1), on("2026-03-19", suspected[0], "EMB")
    ).owes("EMB", "2026-03-19")
    none = inc.DoDuty(duty="crime_considered", note="系自身疾病")
    after = case.when(none, "2026-03-19", "EMB").done()
    assert "inc.consider-crime" not in after.owes("EMB", "2026-03-19")


@pytest.mark.parametrize(
    ("members", "code"), [(("EMB", "FTU", "FTU"), "members"), (("HB", "FTU"), "lead-missing")]
)
def test_a_team_has_the_lead_in_it_and_nobody_twice(members: Any, code: str) -> None:
    case = given("incident", *reported(), NAMED)
    case.when(inc.FormTeam(members=members), "2026-03-19", "EMB").refused(code)


def test_the_hospital_in_which_somebody_was_over_exposed_is_inspected_once() -> None:
    case = given("incident", *reported("radiation_accident", in_hospital=True))
    for worker in ("S-1", "S-2"):
        over = inc.IdentifyCasualty(subject=worker, harm="over_exposed", hazard="X射线")
        case = case.when(over, "2026-03-23", HOSPITAL).done()
    assert [t.holder for t in case.fold.tasks.values() if t.rule.id == "inc.inspect"] == ["HB"]
    inspected = inc.DoDuty(duty="institution_inspected")
    case = case.when(inspected, "2026-03-24", "HB").done()
    assert "inc.inspect" not in case.owes("HB", "2026-03-24")


# --- Mergers --------------------------------------------------------------------------------------


def both(mine: Case, other: Case) -> Case:
    """A case beside another, as `incident-2`."""
    object.__setattr__(other.fold, "case", "incident-2")
    mine.others = {"incident-2": other.fold}
    return mine


MERGE = inc.MergeIncident(case_main="incident-2")


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (reported(employer="employer:91330523MA000TE3XK"), "other-employer"),
        (reported("chronic"), "other-lead"),
        ((*reported(), on("2026-03-19", inc.IncidentClosed(note="x"))), "merged"),
        ((*reported(), on("2026-03-19", inc.HandedUp(reason="x"))), "merged"),
    ],
)
def test_only_into_a_living_incident_of_the_same_firm_and_lead(
    other: tuple[Fact, ...], code: str
) -> None:
    mine = both(given("incident", *reported()), given("incident", *other))
    mine.when(MERGE, "2026-03-19", "EMB").refused(code)


def test_where_two_bureaus_lead_the_office_merges_but_never_radiation_into_another() -> None:
    mine = both(given("incident", *reported()), given("incident", *reported("chronic")))
    mine.when(MERGE, "2026-03-19", "LGO").done()
    mine = both(given("incident", *reported("radiation_accident")), given("incident", *reported()))
    mine.when(MERGE, "2026-03-19", "LG").refused("statutory")


def test_the_harmed_are_carried_over_and_known_there_and_the_threshold_is_judged_anew() -> None:
    mine, main = given("incident", *reported(deaths=1)), given("incident", *reported())
    hurt = inc.IdentifyCasualty(subject="S-9", harm="killed")
    mine = mine.when(hurt, "2026-03-19", HOSPITAL).done()
    told = [e.event for e in both(mine, main).when(MERGE, "2026-03-20", "EMB").decided[1:]]
    absorbed, changed = told
    assert absorbed.casualties == ("S-9",)
    assert (changed.deaths, changed.poisoned, changed.reportable) == (1, 4, True)
    main.add(on("2026-03-20", absorbed, "EMB"), on("2026-03-20", changed, "EMB"))
    assert "inc.network" in main.owes(HOSPITAL, "2026-03-20")
    main.when(hurt, "2026-03-21", HOSPITAL).refused("known")
    mine.add(on("2026-03-20", inc.IncidentMerged(into="incident-2"), "EMB"))
    parted = both(mine, main).when(inc.UnmergeIncident(reason="r"), "2026-03-23", "EMB").decided
    assert parted[1].event.casualties == ("S-9",)
    main.add(on("2026-03-23", parted[1].event, "EMB"))
    main.when(inc.ChangeCasualties(deaths=0, poisoned=4), "2026-03-23", "EMB").done()
    main.when(hurt, "2026-03-24", HOSPITAL).done()


def merged_and_parted(told: str) -> Case:
    """An incident only `told` was told of, merged into another and parted from it again."""
    mine = given("incident", *reported(told=told))
    mine.add(on("2026-03-20", inc.IncidentMerged(into="incident-2"), "EMB"))
    main = given("incident", *reported())
    return both(mine, main).when(inc.UnmergeIncident(reason="r"), "2026-03-23T09:00", "EMB").done()


def test_who_leads_a_parted_incident_tells_the_health_bureau_that_never_heard_of_it() -> None:
    case = merged_and_parted("EMB")
    assert case.task("inc.tell-health-parted").holder == "EMB"
    assert due(case, "inc.tell-health-parted") == noon("2026-03-23T10:00")
    case = case.when(inc.TellUnit(unit="HB"), "2026-03-23T09:30", "EMB").done()
    assert "inc.tell-health-parted" not in case.owes("EMB", "2026-03-23")
    assert "inc.tell-health-parted" not in merged_and_parted("HB").owes("EMB", "2026-03-23")


def test_who_leads_a_parted_incident_reports_it_upward_though_nobody_told_it() -> None:
    case = merged_and_parted("HB")
    assert due(case, "inc.upward") == noon("2026-03-23T11:00")
    done = case.when(inc.DoDuty(duty="upward_report"), "2026-03-23T10:30", "EMB").done()
    assert "inc.upward" not in done.owes("EMB", "2026-03-23")


def test_who_leads_a_parted_incident_knows_of_it_and_is_not_told_again() -> None:
    """Or it would owe its report twice."""
    case = merged_and_parted("HB")
    case.when(inc.TellUnit(unit="EMB"), "2026-03-23T09:30", "HB").refused("told")
    told = case.when(inc.TellUnit(unit="EEB"), "2026-03-23T09:30", "EMB").done()
    assert "inc.tell-lead" not in told.owes("EEB", "2026-03-23")


def test_what_was_merged_into_a_merged_incident_is_parted_from_the_last_one_first() -> None:
    world = World()
    for id, subject in (("incident-1", "S-1"), ("incident-2", "S-2"), ("incident-3", "S-3")):
        world.do(id, report(told="HB", subject=subject), "2026-03-18", EMPLOYER)
    hurt = inc.IdentifyCasualty(subject="S-9", harm="acutely_poisoned")
    world.do("incident-1", hurt, "2026-03-19", "EMB")
    world.do("incident-1", MERGE, "2026-03-20", "EMB")
    world.do("incident-2", inc.MergeIncident(case_main="incident-3"), "2026-03-21", "EMB")
    part = inc.UnmergeIncident(reason="另一起")
    world.refuses("incident-1", part, "2026-03-22", "EMB", "main-merged")
    world.do("incident-2", part, "2026-03-22", "EMB").do("incident-1", part, "2026-03-22", "EMB")
    known = {id: world.case(id).fold.state.casualties for id in ("incident-1", "incident-2")}
    assert known == {"incident-1": ("S-9",), "incident-2": ()}
    assert world.case("incident-3").fold.state.casualties == ()


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
    # It leads the incident, and at the latest now knows of it: it reports it upward as well.
    assert parted.owes("EMB", "2026-03-23") == {
        "inc.investigate": "2026-05-18/05-15",
        "inc.upward": "2026-03-23",
    }


def merged(*facts: Fact, cause: inc.Cause = "acute_poisoning", day: str = "2026-03-20") -> Case:
    """An incident merged into another after these facts, and parted from it again."""
    parted = inc.UnmergeIncident(reason="两起")
    lead = "EEB" if cause == "radiation_accident" else "EMB"
    case = given("incident", *reported(cause), *facts)
    case.add(on(day, inc.IncidentMerged(into="incident-2"), lead))
    assert {t.rule.id for t in case.fold.open_tasks()} <= {"inc.lift"}
    return case.when(parted, day, lead).done()


def done(duty: inc.Duty, unit: str) -> Fact:
    """A duty done, as it is recorded since it says what is done with it."""
    return on("2026-03-19", inc.DutyDone(unit=unit, duty=duty, note="x", tasks=("t",)), unit)


def test_every_duty_not_yet_done_comes_back_when_a_merger_is_undone() -> None:
    told = on("2026-03-18", inc.UnitTold(unit="EMB"), EMPLOYER)
    case = merged(told)
    owed = {unit: set(case.owes(unit, "2026-03-20")) for unit in ("HB", "EMB", "CGO", "LGO", "FTU")}
    assert owed == {
        "HB": {"inc.rescue", "inc.six-hour"},
        "EMB": {"inc.upward", "inc.investigate"},
        "CGO": {"inc.relay"},
        "LGO": {"inc.record"},
        "FTU": {"inc.investigator"},
    }
    assert set(case.owes("TS-001", "2026-03-20")) == {"inc.assist"}
    again = merged(
        *(told, done("rescue", "HB"), done("six_hour_report", "HB"), done("record", "LGO")),
        *(done("upward_report", "EMB"), done("investigator", "FTU"), done("assist", "TS-001")),
    )
    assert again.owes("HB", "2026-03-20") == again.owes("LGO", "2026-03-20") == {}
    assert again.owes("FTU", "2026-03-20") == again.owes("TS-001", "2026-03-20") == {}
    assert set(again.owes("EMB", "2026-03-20")) == {"inc.investigate"}


def test_a_radiation_accident_parted_again_owes_its_form_and_a_hospital_its_network_report() -> (
    None
):
    case = merged(cause="radiation_accident")
    assert set(case.owes(EMPLOYER, "2026-03-20")) == {"inc.radiation-form"}
    assert set(case.owes(HOSPITAL, "2026-03-20")) == {"inc.network"}
    assert set(case.owes("PSB", "2026-03-20")) == {"inc.acknowledge"}
    upward = {"inc.investigate-radiation", "inc.upward-radiation"}
    assert set(case.owes("EEB", "2026-03-20")) == upward


def test_what_was_submitted_before_a_merger_waits_for_its_approval_afterwards() -> None:
    case = merged(NAMED, TEAM, SUBMITTED, day="2026-05-18")
    # Received on 05-15; the fifteenth day, 05-30, is a Saturday.
    assert case.owes("CGO", "2026-05-18")["inc.approve"] == "2026-06-01/05-29"
    assert "inc.investigate" not in case.owes("EMB", "2026-05-18")
    assert "inc.evaluate" in merged(NAMED, TEAM, SUBMITTED, APPROVED, day="2026-06-01").owes(
        "EMB", "2026-06-01"
    )


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
        "incident.told",  # whom 卫健局 is to pass it on to
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
        "inc.consider-crime": None,
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
