"""Replay and check-up: what the rows say is what the records say, and what is wrong is named."""

from __future__ import annotations

import sqlalchemy as sa

from eventstore.clock import InjectedClock
from projections import checkup, outward, replay, tables
from projections.county import County
from projections.outward import deliveries
from tests.conftest import shanghai

WORKERS = ["projector", "clock"]


def codes(county: County) -> set[str]:
    return {finding.code for finding in checkup.findings(county, WORKERS)}


def test_a_case_is_told_again_step_by_step(told_county: County) -> None:
    with told_county.reading.view(told_county.log.clock.now()) as view:
        case = view.case("DX-2026-0001")
        assert case is not None
        steps = list(replay.told(view, case["case"]))
        trail = view.trail(case["case"])
    assert [s.sentence for s in steps] == [line["sentence"] for line in trail]
    changes = "\n".join(line for step in steps for line in step.changes)
    assert "＋ 职业病诊断机构 DI-01 “作出职业病诊断结论”" in changes
    assert "－ 职业病诊断机构 DI-01 “作出职业病诊断结论”：已办结" in changes


def test_the_rows_agree_with_the_records(told_county: County) -> None:
    assert list(replay.differences(told_county)) == []


def test_control_a_row_that_was_tampered_with_is_named(told_county: County) -> None:
    with told_county.projector.begin() as connection:
        into, _ = tables.live(connection)
        connection.execute(sa.update(into.cases).values(status="已办结"))
        connection.execute(sa.update(into.tasks).values(body=sa.text('body || \'{"title": "x"}\'')))
    wrong = "\n".join(replay.differences(told_county))
    assert "DX-2026-0001：案件行不符" in wrong
    assert "事项行不符" in wrong


def test_a_county_with_nobody_at_work_is_told_so(told_county: County) -> None:
    """The story leaves a window open whose last day falls in 2027, a year not yet published."""
    assert codes(told_county) == {"workers", "provisional"}


def test_what_lags_is_parked_or_was_given_up_is_named(told_county: County) -> None:
    with told_county.projector.begin() as connection:
        into, _ = tables.live(connection)
        parked = {"case": "diagnosis-x", "position": 1, "error": "X"}
        connection.execute(sa.insert(into.parked), parked)
        given_up = {"notice": "n", "channel": "c", "position": 1, "state": "dead"}
        connection.execute(sa.insert(deliveries), given_up)
        for name in WORKERS:
            assert outward.take_lease(connection, name, "me", 60)
    assert codes(told_county) == {"parked", "undelivered", "provisional"}


def test_a_calendar_that_runs_out_is_named_two_months_ahead(told_county: County) -> None:
    assert isinstance(told_county.log.clock, InjectedClock)
    told_county.log.clock.set(shanghai("2026-11-01T12:00"))
    assert "calendar" not in codes(told_county)
    told_county.log.clock.set(shanghai("2026-11-02T12:00"))
    assert "calendar" in codes(told_county)
