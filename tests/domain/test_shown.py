"""How a task is shown: its last minute or day, what remains, and why it is there, in words."""

from __future__ import annotations

from domain.cases import incident as inc
from domain.tasks import summary
from tests.spec import EMPLOYER, given, noon, on
from tests.spec import Case as Told

MINUTE = "2026-03-18T11:10"


def reported() -> Told:
    """An acute poisoning of which 卫健局 is told at a minute."""
    command = inc.ReportIncident(
        employer=EMPLOYER,
        township="TS-001",
        cause="acute_poisoning",
        accident_on=noon(MINUTE).date(),
        told="HB",
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
