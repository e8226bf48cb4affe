"""Live, rebuilt, one at a time or thousands: the same rows. The past answers as it was."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from domain.cases import diagnosis as dx
from domain.corrections import CorrectFact
from domain.decider import Refused
from domain.events import SHANGHAI
from eventstore.schema import events
from projections import tables
from projections.engine import Engine
from projections.reading import NotYetError, Reading
from tests.conftest import Ground, Story
from tests.wander import EMPLOYER, INSTITUTION, PARTIES, wander

APPLY = dx.OpenByApplication(
    subject="S-1",
    institution=INSTITUTION,
    employer=EMPLOYER,
    hazard="矽尘",
    locality="household",
)


def digest(county: Ground) -> str:
    """A hash over every row of the live generation."""
    seen = hashlib.sha256()
    with county.app.connect() as connection:
        live, _ = tables.live(connection)
        for table in live.all():
            order = table.primary_key.columns
            for row in connection.execute(sa.select(table).order_by(*order)):
                seen.update(repr(tuple(row)).encode())
    return seen.hexdigest()


def test_live_rebuilt_one_by_one_and_in_batches_give_the_same_rows(
    county: Ground, story: Story
) -> None:
    engine = Engine(county.projector, story.log)
    for _ in wander(story, seed=7, steps=120):
        engine.catch_up()
    live = digest(county)
    for batch in (1, 7, 1_000):
        Engine(county.projector, story.log).rebuild(batch=batch)
        assert digest(county) == live


def test_a_digest_notices_a_changed_row(county: Ground, story: Story) -> None:
    """Control for the test above."""
    story.do("2026-03-02", "worker:S-1", APPLY)
    Engine(county.projector, story.log).catch_up()
    before = digest(county)
    with county.projector.begin() as connection:
        connection.execute(sa.text("UPDATE tasks_g1 SET legal = '2030-01-01'"))
    assert digest(county) != before


Answer = tuple[str, tuple[Any, ...]]


def answers(reading: Reading, now: datetime, **asked: Any) -> list[Answer]:
    """Every party's queue and rights as one look shows them, standings included."""
    with reading.view(now, **asked) as view:
        return [(party, tuple(view.queue(party)) + tuple(view.rights(party))) for party in PARTIES]


def test_a_thousand_answers_about_the_past_equal_what_was_live_then(
    county: Ground, story: Story
) -> None:
    engine = Engine(county.projector, story.log)
    reading = Reading(county.app, story.log)
    was: list[tuple[datetime, int, list[Answer]]] = []
    for _ in wander(story, seed=11, steps=140):
        position = engine.catch_up()
        now = story.clock.now()
        was.append((now, position, answers(reading, now)))
    compared = nonempty = 0
    last = {moment: position for moment, position, _ in was}
    for moment, position, then in was:
        assert answers(reading, moment, position=position) == then
        compared += len(then)
        if last[moment] == position:  # the last look at that very moment
            assert answers(reading, moment, happened=moment, recorded=moment) == then
            compared += len(then)
        nonempty += sum(bool(items) for _, items in then)
    assert compared >= 1_000
    assert nonempty >= 300


def test_a_fact_entered_late_was_not_known_before_and_did_happen_then(
    county: Ground, story: Story
) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    ask = dx.RequestEmployerData(items=("职业史",))
    story.do("2026-03-10", INSTITUTION, ask, case, happened="2026-03-03")
    Engine(county.projector, story.log).catch_up()
    reading = Reading(county.app, story.log)

    def owed(happened: str, recorded: str) -> set[str]:
        def at(day: str) -> datetime:
            return datetime.fromisoformat(f"{day}T18:00").replace(tzinfo=SHANGHAI)

        with reading.view(at(happened), happened=at(happened), recorded=at(recorded)) as view:
            return {item.task.rule for item in view.queue(EMPLOYER)}

    assert owed("2026-03-05", "2026-03-05") == set()
    assert owed("2026-03-05", "2026-03-11") == {"dx.employer-data"}
    assert owed("2026-03-02", "2026-03-11") == set()
    before = datetime(2026, 3, 2, 18, tzinfo=SHANGHAI)
    after = datetime(2026, 3, 11, 18, tzinfo=SHANGHAI)
    with reading.view(before, happened=before, recorded=after) as view:
        found = view.case(case)
        assert found is not None
        assert found["version"] == 1
        assert [line["version"] for line in view.trail(case)] == [1]


def test_the_audit_trail_marks_what_came_late_and_what_was_corrected(
    county: Ground, story: Story
) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    ask = dx.RequestEmployerData(items=("职业史",))
    story.do("2026-03-10", INSTITUTION, ask, case, happened="2026-03-06")
    correction = CorrectFact(version=2, occurred_on=datetime(2026, 3, 4).date(), reason="日期录错")
    story.do("2026-03-11", "HB", correction, case)
    Engine(county.projector, story.log).catch_up()
    with Reading(county.app, story.log).view(story.clock.now()) as view:
        trail = view.trail(case)
        due = next(t for t in view.tasks_of(case) if t.rule == "dx.employer-data")
    assert [line["late_days"] for line in trail] == [0, 4, 0]
    assert [line["corrected_by"] for line in trail] == [[], [3], []]
    assert trail[1]["sentence"] == "诊断机构书面通知用人单位提供诊断资料：职业史"
    assert "理由：日期录错" in trail[2]["sentence"]
    assert str(due.legal) == "2026-03-16"  # ten days from 03-04: 03-14, a Saturday


def test_a_case_that_cannot_be_folded_is_parked_and_only_it(county: Ground, story: Story) -> None:
    broken = story.do("2026-03-02", "worker:S-1", APPLY).case
    whole = story.do("2026-03-02", "worker:S-2", _other("S-2")).case
    with county.admin.begin() as connection:
        damage = sa.update(events).where(events.c.stream == broken)
        connection.execute(damage.values(record=b"{}"))
    engine = Engine(county.projector, county.log(story.clock))
    position = engine.catch_up()
    reading = Reading(county.app, county.log(story.clock))
    with reading.view(story.clock.now()) as view:
        assert view.parked(broken) is not None
        assert view.parked(whole) is None
        assert [c["case"] for c in view.cases()] == [whole]
    assert position == story.log.recorder.max_notification_id()
    fresh = county.log(story.clock)
    with pytest.raises(Refused, match="已停办"):
        fresh.fold(broken)
    assert fresh.fold(whole).version == 1


def test_a_parked_case_is_whole_again_after_mending_and_a_rebuild(
    county: Ground, story: Story
) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    with county.admin.begin() as connection:
        where = events.c.stream == case
        record = connection.execute(sa.select(events.c.record).where(where)).scalar_one()
        connection.execute(sa.update(events).where(where).values(record=b"{}"))
    Engine(county.projector, county.log(story.clock)).catch_up()
    with county.admin.begin() as connection:
        connection.execute(sa.update(events).where(where).values(record=record))
    Engine(county.projector, story.log).rebuild()
    with Reading(county.app, story.log).view(story.clock.now()) as view:
        assert view.parked(case) is None
        assert view.case(case) is not None


def test_rows_of_another_version_of_the_software_are_rebuilt(county: Ground, story: Story) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    Engine(county.projector, story.log).catch_up()
    with county.projector.begin() as connection:
        connection.execute(sa.text("UPDATE tasks_g1 SET body = '{}'"))
        connection.execute(sa.text("UPDATE read_progress SET shape = 'older'"))
    Engine(county.projector, story.log).catch_up()
    with Reading(county.app, story.log).view(story.clock.now()) as view:
        assert view.into.generation == 2
        assert view.tasks_of(case)


def test_a_reader_in_the_middle_of_a_rebuild_keeps_its_generation(
    county: Ground, story: Story
) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    engine = Engine(county.projector, story.log)
    engine.catch_up()
    reading = Reading(county.app, story.log)
    with reading.view(story.clock.now()) as before:
        engine.rebuild()
        assert before.case(case) is not None
        assert len(before.queue(INSTITUTION)) == 1
    with reading.view(story.clock.now()) as after:
        assert after.into.generation == before.into.generation + 1
        assert len(after.queue(INSTITUTION)) == 1


def test_a_reader_can_wait_for_what_it_has_just_written(county: Ground, story: Story) -> None:
    engine = Engine(county.projector, story.log)
    receipt = story.do("2026-03-02", "worker:S-1", APPLY)
    reading = Reading(county.app, story.log)
    asked: dict[str, Any] = {"min_position": receipt.position, "patience": 0.05}
    with pytest.raises(NotYetError), reading.view(story.clock.now(), **asked):
        pass
    engine.catch_up()
    with reading.view(story.clock.now(), **asked) as view:
        assert view.case(receipt.case) is not None


def _other(subject: str) -> dx.OpenByApplication:
    return dx.OpenByApplication(
        subject=subject,
        institution=INSTITUTION,
        employer=EMPLOYER,
        hazard="苯",
        locality="household",
    )
