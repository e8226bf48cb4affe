"""Yearly duties 年度职责: each unit reports its own."""

from __future__ import annotations

from datetime import date

from domain.cases import period
from tests.spec import given, noon, on


def test_a_yearly_duty_is_reported_by_the_unit_that_owes_it() -> None:
    opened = period.PeriodOpened(year=2026, eve=date(2025, 12, 31), townships=("TS-110",))
    case = given("period", on("2026-01-01", opened, "system"))
    survey = period.ReportDuty(matter="survey", note="完成")
    case.when(survey, "2026-06-01", "CGO").refused("not-owed")
    case.when(survey, "2026-06-01", "HB").done()


def test_a_yearly_duty_is_pressing_for_its_last_month() -> None:
    """Due on Thursday 12-31; thirty days before: 12-01. The plenary still to come is amber then."""
    opened = period.PeriodOpened(year=2026, eve=date(2025, 12, 31), townships=("TS-110",))
    plenary = given("period", on("2026-01-01", opened, "system")).task("nd.plenary")
    assert plenary.rule.clauses == ("43-A2.3.1", "43-4.1.c")  # the plenary, convened by the office
    assert plenary.standing(noon("2026-11-30")) == "running"
    assert plenary.standing(noon("2026-12-01")) == "near"
    assert plenary.standing(noon("2027-01-01")) == "overdue"


def test_who_owes_nothing_is_told_so_by_name() -> None:
    survey = period.ReportDuty(matter="survey", note="合成")
    refusal = given("period").when(survey, "2026-06-01", "CGO").refusal
    assert refusal is not None
    assert "县政府办（CGO）没有未办结的年度职责" in refusal.zh
