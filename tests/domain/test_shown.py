"""How a task is shown: its last minute or day, what remains, and why it is there, in words."""

from __future__ import annotations

from datetime import date

import pytest

from api import law
from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.cases.period import PeriodOpened
from domain.rules import LawError, parse_edition, split
from domain.tasks import summary, why
from projections.tasks import queue
from tests.domain.test_diagnosis import APPLIED, ARBITRATION, ASKED, COMPLETE, DIAGNOSED, SUPPLIED
from tests.domain.test_tip import received
from tests.spec import EMPLOYER, given, noon, on
from tests.spec import Case as Told

MINUTE = "2026-03-18T11:10"


def reported(told: str = "HB") -> Told:
    """An acute poisoning of which a unit is told at a minute."""
    command = inc.ReportIncident(
        employer=EMPLOYER,
        township="TS-001",
        cause="acute_poisoning",
        accident_on=noon(MINUTE).date(),
        told=told,
        subject="S-1",
        hospital="hospital:H-01",
        poisoned=4,
    )
    decided = Told("incident").when(command, MINUTE, EMPLOYER).decided
    return given("incident", *(on(MINUTE, event, EMPLOYER) for event in decided))


def test_an_hour_clock_shows_its_minute_and_the_hours_that_remain() -> None:
    task = summary(reported().task("inc.six-hour"))
    assert (task.last, task.alarm) == ("2026-03-18 17:10", "2026-03-18 17:10")
    assert task.left(noon("2026-03-18T12:00")) == "剩 5 小时"
    assert task.left(noon("2026-03-18T16:50")) == "剩 20 分钟"
    assert task.left(noon("2026-03-18T20:10")) == "超期 3 小时"
    assert task.left(noon("2026-03-21T17:10")) == "超期 3 天"
    assert "2026-03-18 17:10" in task.why
    assert "稳妥" not in task.why


def test_what_is_to_be_done_at_once_stands_above_what_has_a_day_and_below_what_is_overdue() -> None:
    case = reported()
    tasks = [summary(task) for task in case.fold.open_tasks()]
    items = queue(tasks, "HB", noon("2026-03-18T18:00"))
    names = [item.task.rule for item in items]
    assert names[:3] == ["inc.tell-lead", "inc.six-hour", "inc.rescue"]  # two overdue since 17:10
    assert items[2].task.left(noon(MINUTE)) == "立即办理"
    assert "须立即办理" in items[2].task.why
    rest = [item.task.safe for item in items[3:]]
    assert rest == sorted(rest, key=lambda day: day or date.max)


def test_a_rule_that_wants_something_at_once_has_no_day() -> None:
    wrong = law.files()
    path = "incident/rules.toml"
    wrong[path] = wrong[path].replace("immediate = true", 'immediate = true\ndeadline = "D05"', 1)
    with pytest.raises(LawError, match="immediate"):
        parse_edition(split(wrong)[0])


@pytest.mark.parametrize(
    ("rule", "name"),
    [("inc.six-hour", "法定期限（待核实）"), ("inc.upward", "法定期限")],
)
def test_a_day_whose_length_is_to_be_verified_says_so(rule: str, name: str) -> None:
    told = "EMB" if rule == "inc.upward" else "HB"
    task = reported(told).task(rule)
    assert summary(task).day_name == name
    assert f"，{name}2026-03-18" in why(task)


def test_a_day_the_county_set_itself_is_not_called_the_laws() -> None:
    order = on(
        "2026-03-02",
        PeriodOpened(year=2026, eve=date(2025, 12, 31), townships=("TS-001",)),
        "system",
    )
    task = next(iter(given("period", order).fold.tasks.values()))
    assert summary(task).confidence == "policy"
    assert "，本县口径期限2026-12-31" in why(task)
    assert "法定" not in why(task)


def test_a_clock_that_has_not_begun_says_what_it_waits_for() -> None:
    task = given("diagnosis", APPLIED).task("dx.conclude")
    assert "时限尚未起算，待“诊断资料齐全”后起算" in why(task)
    award = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    window = given("diagnosis", APPLIED, ARBITRATION, on("2026-05-08", award, "HSSB")).task(
        "dx.employer-sue"
    )
    assert "“鉴定书送达”、“劳动者撤回诊断申请”、“申请首次鉴定”期限届满" in why(window)


def test_a_clock_that_stands_still_says_why_and_since_when() -> None:
    asked = dx.RulingRequested(ground="disputed_data")
    task = given("diagnosis", APPLIED, COMPLETE, on("2026-04-22", asked)).task("dx.conclude")
    assert "时限自2026-04-22起因“诊断机构提请卫健局作出判定”中止" in why(task)


def test_what_appears_because_another_missed_its_day_says_so() -> None:
    task = given("diagnosis", APPLIED, ASKED).task("dx.urge-employer")
    assert "且“提供职业史、接触史、监护档案和检测资料”至2026-03-13仍未办结的，" in why(task)


def test_what_only_anothers_silence_would_have_caused_is_never_shown_as_done() -> None:
    in_time = given(
        "diagnosis", APPLIED, ASKED, SUPPLIED, on("2026-03-20", dx.EmployerUrged(note="x"))
    )
    urged = summary(in_time.task("dx.urge-employer"))
    assert (urged.outcome, urged.standing(noon("2026-03-21"))) == ("void", "hidden")
    silent = given("diagnosis", APPLIED, ASKED, on("2026-03-20", dx.EmployerUrged(note="x")))
    assert summary(silent.task("dx.urge-employer")).standing(noon("2026-03-21")) == "closed"


def test_what_remains_is_counted_to_the_safe_day_and_says_so() -> None:
    task = summary(given("diagnosis", APPLIED, ASKED).task("dx.employer-data"))
    assert task.safe == task.legal
    assert task.left(noon("2026-03-10")) == "剩 3 天"  # to Friday the 13th
    # Asked a day later the ten days end on Saturday the 14th: legal Monday, safe Friday.
    asked = on("2026-03-04", dx.DataRequested(items=("职业史",)))
    rolled = summary(given("diagnosis", APPLIED, asked).task("dx.employer-data"))
    assert rolled.left(noon("2026-03-10")) == "距稳妥期限 3 天"


def test_a_right_is_had_and_a_duty_is_owed() -> None:
    case = given("diagnosis", *DIAGNOSED)
    assert "），劳动者 S-1有权“申请首次鉴定”" in why(case.task("dx.appraise-first", "worker"))
    assert "由劳动者" not in why(case.task("dx.appraise-first", "worker"))


def test_what_has_ended_says_how_and_whether_in_time() -> None:
    task = reported().task("inc.six-hour")
    did = inc.DutyDone(unit="HB", duty="six_hour_report", note="x")
    for at, ended in (
        ("2026-03-18T17:00", "2026-03-18 已办结（按期）"),
        ("2026-03-18T17:30", "2026-03-18 已办结（超期）"),
    ):
        assert summary(reported().add(on(at, did, "HB")).task("inc.six-hour")).ended == ended
    assert summary(task).ended == ""
    gone = inc.IncidentRejected(unit="HB", reason="x")
    void = reported().add(on("2026-03-18T12:00", gone, "HB")).task("inc.six-hour")
    assert summary(void).ended == "2026-03-18 无须办理"


def test_silence_past_its_day_is_called_acceptance() -> None:
    task = summary(given("tip", received("2026-05-06")).task("tip.accept"))
    assert task.standing(noon("2026-05-20")) == "closed"
    assert task.ended == f"超期未表示，视为受理（期限{task.last}）"
