"""The clock: what falls due by the mere passing of time is recorded, once, however often it looks.

The diagnosis of scenario E4 ends; three more workers apply. Institution DI-01 asks for data on
2026-06-16; the employer must answer within 10 days (职业病防治法 47): raw and legal day Friday
2026-06-26, three days ahead of which it is near.
"""

from __future__ import annotations

from datetime import date

import pytest

from domain.cases.period import ReportDuty
from domain.decider import COMMAND_TYPES, Refused
from domain.tasks import Summary
from eventstore.clock import InjectedClock
from projections.county import County
from tests.conftest import Story, shanghai
from workers import clock

EMPLOYER = "employer:91330523MA000TE131"


@pytest.fixture
def asked(told_county: County) -> str:
    """A case in which the employer was asked for data on 2026-06-16."""
    story = Story(told_county.log)
    apply = COMMAND_TYPES["diagnosis.open_by_application"].cls(
        subject="S-9",
        institution="institution:DI-01",
        employer=EMPLOYER,
        hazard="苯",
        locality="employer_seat",
    )
    case = story.do("2026-06-16", "worker:S-9", apply).case
    ask = COMMAND_TYPES["diagnosis.request_data"].cls(items=("职业史",))
    story.do("2026-06-16", "institution:DI-01", ask, case)
    told_county.engine.catch_up()
    return case


def on(county: County, day: str) -> int:
    """Look at the clock on a day."""
    assert isinstance(county.log.clock, InjectedClock)
    county.log.clock.set(max(shanghai(day), county.log.clock.now()))
    county.engine.catch_up()
    given = clock.give_due(county)
    county.engine.catch_up()
    return given


def told(county: County, case: str) -> list[str]:
    with county.reading.view(county.log.clock.now()) as view:
        return [line["type"] for line in view.trail(case) if line["recorder"] == "clock"]


def owed(county: County, case: str) -> Summary:
    with county.reading.view(county.log.clock.now()) as view:
        return next(t for t in view.tasks_of(case) if t.rule == "dx.employer-data")


def test_it_reminds_ahead_and_at_the_safe_day_and_escalates_after_the_legal_day(
    told_county: County, asked: str
) -> None:
    on(told_county, "2026-06-22T12:00")
    assert owed(told_county, asked).legal == date(2026, 6, 26)
    assert told(told_county, asked) == []
    on(told_county, "2026-06-23T12:00")
    assert told(told_county, asked) == ["task.reminded"]
    on(told_county, "2026-06-26T12:00")
    assert told(told_county, asked) == ["task.reminded", "task.reminded"]
    on(told_county, "2026-06-27T00:10")
    assert told(told_county, asked)[2:] == ["task.escalated"]
    assert owed(told_county, asked).supervised == ("2026-06-27 超期转督办",)


def test_looking_again_and_two_clocks_double_nothing(told_county: County, asked: str) -> None:
    on(told_county, "2026-06-23T12:00")
    before = told_county.log.recorder.max_notification_id()
    assert on(told_county, "2026-06-23T12:01") == 0
    assert on(told_county, "2026-06-24T12:01") == 0
    assert told_county.log.recorder.max_notification_id() == before


def test_after_a_long_stop_only_what_is_true_now_is_said(told_county: County, asked: str) -> None:
    on(told_county, "2026-07-10T12:00")
    assert told(told_county, asked) == ["task.escalated"]


def test_a_reminder_does_not_collide_with_what_an_officer_saw(
    told_county: County, asked: str
) -> None:
    before = owed(told_county, asked)
    on(told_county, "2026-06-23T12:00")
    assert owed(told_county, asked) == before


def test_the_year_opens_once_with_every_units_yearly_duty(told_county: County) -> None:
    on(told_county, "2026-06-20T12:00")
    on(told_county, "2026-06-21T12:00")
    with told_county.reading.view(told_county.log.clock.now()) as view:
        case = view.case("ND-2026-0001")
        assert case is not None
        assert view.case("ND-2026-0002") is None
        tasks = view.tasks_of(case["case"])
    assert {(t.rule, t.legal) for t in tasks} == {
        (rule, date(2026, 12, 31))
        for rule in ("nd.plenary", "nd.survey", "nd.funds", "nd.township-evidence")
    }
    assert sum(t.rule == "nd.township-evidence" for t in tasks) == 15


def test_the_next_year_opens_when_it_comes(told_county: County) -> None:
    on(told_county, "2026-12-31T23:00")
    on(told_county, "2027-01-01T00:10")
    with told_county.reading.view(told_county.log.clock.now()) as view:
        found = view.case("ND-2027-0001")
        assert found is not None
        assert found["opened_on"] == date(2027, 1, 1)


def test_a_unit_reports_its_yearly_duty_and_nobody_elses(told_county: County) -> None:
    on(told_county, "2026-06-20T12:00")
    case = told_county.log.case_of("ND-2026-0001")
    assert case is not None
    story = Story(told_county.log)
    done = ReportDuty(matter="township_evidence", note="已上传佐证")
    story.do("2026-06-22", "TS-001", done, case)
    left = [
        t.holder
        for t in told_county.log.fold(case).open_tasks()
        if t.rule.id == "nd.township-evidence"
    ]
    assert len(left) == 14
    assert "TS-001" not in left
    with pytest.raises(Refused, match="没有未办结的年度职责"):
        story.do("2026-06-22", "HB", done, case)


def test_only_the_clock_gives_its_commands(told_county: County, asked: str) -> None:
    task = owed(told_county, asked)
    story = Story(told_county.log)
    remind = COMMAND_TYPES["task.remind"].cls(task=task.id, stage="stage_near")
    with pytest.raises(Refused, match="应由系统作出"):
        story.do("2026-06-17", "HB", remind, asked, id="by-hand")
