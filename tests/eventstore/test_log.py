"""The log under many hands: nothing missed, nothing doubled, nothing out of order."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from api import law
from domain.cases.arbitration import FileArbitration
from domain.cases.diagnosis import (
    CompleteFile,
    Conclude,
    OpenByApplication,
    RequestEmployerData,
    SupplyData,
)
from domain.cases.relief import ApplyForRelief
from domain.corrections import CorrectFact
from domain.decider import Refused
from domain.events import Moment
from domain.sealing import Secret
from eventstore.application import IdReusedError, Log, Order, StaleError
from eventstore.clock import InjectedClock, SystemClock
from eventstore.doctor import verify
from eventstore.recorder import ClockError, Writing
from eventstore.schema import claims, commands, events
from tests.conftest import Ground, Story, shanghai
from tests.eventstore.writer import order

EMPLOYER = "employer:91330523MA000TE131"
APPLY = OpenByApplication(
    subject="S-1",
    institution="institution:DI-01",
    employer=EMPLOYER,
    hazard="矽尘",
    locality="employer_seat",
)
ASK = RequestEmployerData(items=("职业史",))


def production(county: Ground) -> Log:
    log = county.log()
    law.adopt(log, law.files(), title="测试", recorder="test")
    return log


def writer(
    county: Ground, prefix: str, count: int, *, linger: bool = False
) -> subprocess.Popen[str]:
    given = {
        "url": county.server.app_url,
        "schema": county.schema,
        "keys": str(county.keys_file),
        "prefix": prefix,
        "count": str(count),
    }
    arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
    arguments += ["--linger"] if linger else []
    return subprocess.Popen(
        [sys.executable, "-m", "tests.eventstore.writer", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_eight_writers_and_a_follower_that_misses_nothing(county: Ground) -> None:
    log = production(county)
    start = log.recorder.max_notification_id() or 0
    wanted = 8 * 12
    seen: list[int] = []

    def follow() -> None:
        with log.recorder.subscribe(gt=start) as following:
            for notification in following:
                seen.append(notification.id)
                if len(seen) == wanted:
                    return

    follower = Thread(target=follow, daemon=True)
    follower.start()
    writers = [writer(county, f"w{n}", 12) for n in range(8)]
    assert [w.wait(timeout=120) for w in writers] == [0] * 8
    follower.join(timeout=20)
    assert seen == list(range(start + 1, start + 1 + wanted))
    with county.app.connect() as connection:
        numbers = connection.execute(
            sa.select(events.c.case_number).where(events.c.case_number.is_not(None))
        ).scalars()
        given = sorted(int(number.rpartition("-")[2]) for number in numbers)
    assert given == list(range(1, wanted + 1))
    assert list(verify(county.app)) == []


def test_a_follower_whose_connections_are_cut_goes_on_where_it_was(county: Ground) -> None:
    log = production(county)
    end = log.recorder.max_notification_id() or 0
    with log.recorder.subscribe(gt=end) as following:
        log.execute(order("before", "S-1"))
        assert next(following).id == end + 1
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE :listening"
        with county.log().engine.connect() as connection:
            listening = {"listening": f'LISTEN "%{county.schema}"'}
            assert len(connection.execute(sa.text(cut), listening).all()) == 1
        log.execute(order("after", "S-2"))
        assert next(following).id == end + 2


def test_killed_between_commit_and_answer_and_sent_again(
    county: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    """kill -9, exactly between commit and answer and at chance moments; then the command again.

    Sent again it is answered with its first result, whether or not the kill came too late.
    """
    log = production(county)
    chance = random.Random(43)
    kills = ambiguous = 0
    for number in range(28):
        precise = number < 20
        child = writer(county, f"k{number}", 50, linger=precise)
        told = _killed(child, "committed" if precise else "sending", chance)
        kills += 1
        for id in {id for word, id in told if word == "sending"}:
            first = _stored_position(county, id)
            ambiguous += first is not None and ("answered", id) not in told
            again = log.execute(_same(county, id))
            assert first is None or (again.repeated and again.position == first)
            assert log.execute(_same(county, id)).repeated
    with capsys.disabled():
        sys.stdout.write(f"\n{kills} kills, {ambiguous} commands committed but unanswered\n")
    assert ambiguous >= 20
    with county.app.connect() as connection:
        doubled = (
            sa.select(events.c.command)
            .where(events.c.type == "diagnosis.applied")
            .group_by(events.c.command)
            .having(sa.func.count() > 1)
        )
        assert connection.execute(doubled).all() == []
    assert list(verify(county.app)) == []


def _killed(child: subprocess.Popen[str], word: str, chance: random.Random) -> set[tuple[str, str]]:
    """Kill -9 once the child has said `word` a few times; returns all it said, as (word, id)."""
    assert child.stdout is not None
    told: list[str] = []
    left = 1 if word == "committed" else chance.randint(2, 4)
    for line in child.stdout:
        told.append(line)
        left -= line.startswith(word)
        if not left:
            break
    if word == "sending":
        time.sleep(chance.uniform(0, 0.03))
    child.kill()
    told += child.stdout.read().splitlines()
    child.wait()
    return {(line.split()[0], line.split()[1]) for line in told if len(line.split()) > 1}


def _stored_position(county: Ground, id: str) -> int | None:
    with county.app.connect() as connection:
        return connection.execute(
            sa.select(commands.c.position).where(commands.c.id == id)
        ).scalar()


def _same(county: Ground, id: str) -> Order:
    """The command as it was sent: the moment it named is part of it."""
    with county.app.connect() as connection:
        found = connection.execute(
            sa.select(events.c.occurred_at).where(events.c.command == id)
        ).scalar()
    given = order(id, f"S-{id}")
    return replace(given, occurred=Moment(found, "minute")) if found else given


def test_two_writers_race_for_one_key_and_one_wins(county: Ground) -> None:
    log = production(county)
    barrier = Barrier(2)
    came: list[str] = []

    def apply(id: str, own: Log) -> None:
        own.fold("reference")
        barrier.wait()
        try:
            came.append(own.execute(order(id, "S-same")).case_number or "")
        except Refused as refused:
            came.append(refused.zh)

    threads = [Thread(target=apply, args=(f"race-{n}", county.log())) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [won] = [c for c in came if c.startswith("DX")]
    assert log.case_of(won) is not None
    assert [c for c in came if c != won] == [f"已有在办案件 {won}，不能重复立案"]


def held(log: Log, index: str) -> dict[str, str]:
    """Who holds the uniqueness keys of an index."""
    with log.engine.connect() as connection:
        rows = connection.execute(sa.select(claims).where(claims.c.index == index))
        return {row.key: row.stream for row in rows}


def test_a_key_is_given_back_only_by_the_case_that_holds_it(story: Story) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    [key] = held(story.log, "diagnosis.open")
    now = story.clock.checked
    for by, left in (("diagnosis-other", {key: case}), (case, {})):
        giving = Writing(now=now, releases=[("diagnosis.open", key, by)])
        story.log.recorder.insert_events([], writing=giving)
        assert held(story.log, "diagnosis.open") == left


def test_keys_go_along_with_a_correction_on_every_case_it_puts_right(story: Story) -> None:
    def patient(of: str, day: str) -> str:
        case = story.do(day, of, replace(APPLY, subject=of.removeprefix("worker:"))).case
        story.do(day, "institution:DI-01", CompleteFile(basis="齐全"), case)
        found = Conclude(result="od", disease="矽肺", stage="壹期", certificate="C-1")
        story.do(day, "institution:DI-01", found, case)
        return case

    def asking(diagnosis: str) -> ApplyForRelief:
        return ApplyForRelief(
            case_diagnosis=diagnosis,
            township="TS-110",
            ground="employer_ceased",
            evidence="deregistration",
            tracks=("minimum_living",),
        )

    diagnosis, other = patient("worker:S-1", "2026-03-02"), patient("worker:S-3", "2026-03-02")
    first = story.do("2026-03-03", "worker:S-1", asking(diagnosis)).case
    second = story.do("2026-03-03", "worker:S-3", asking(other))
    right = CorrectFact(version=1, changes={"subject": "S-2"}, reason="录错")
    story.do("2026-03-04", "HB", right, diagnosis)
    assert held(story.log, "relief.patient") == {"S-2": first, "S-3": second.case}
    taken = CorrectFact(version=1, changes={"subject": "S-3"}, reason="录错")
    with pytest.raises(Refused, match=str(second.case_number)):
        story.do("2026-03-05", "HB", taken, diagnosis)
    assert held(story.log, "relief.patient") == {"S-2": first, "S-3": second.case}


def test_a_command_sent_again_is_answered_with_its_first_result(story: Story) -> None:
    first = story.do("2026-03-02", "worker:S-1", APPLY, id="same")
    end = story.log.recorder.max_notification_id()
    again = story.do("2026-03-02", "worker:S-1", APPLY, id="same")
    assert again == first
    assert again.repeated
    assert not first.repeated
    assert story.log.recorder.max_notification_id() == end


def test_the_same_id_with_another_body_is_refused(story: Story) -> None:
    story.do("2026-03-02", "worker:S-1", APPLY, id="same")
    with pytest.raises(IdReusedError):
        story.do("2026-03-02", "worker:S-1", replace(APPLY, hazard="苯"), id="same")


def test_a_stale_version_names_who_changed_what(story: Story) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    story.do("2026-03-03", "institution:DI-01", ASK, case)
    with pytest.raises(StaleError) as stale:
        story.do("2026-03-04", EMPLOYER, SupplyData(), case, version=1)
    assert [(r.envelope.actor, r.envelope.type) for r in stale.value.since] == [
        ("institution:DI-01", "diagnosis.data_requested")
    ]


def test_events_of_two_cases_commit_together_with_their_cause(story: Story) -> None:
    case = story.do("2026-03-02", "worker:S-1", APPLY).case
    filed = story.do(
        "2026-03-12", "worker:S-1", FileArbitration(case_diagnosis=case, matter="post")
    )
    assert [e["type"] for e in filed.events] == ["arbitration.filed", "diagnosis.arbitration_filed"]
    told = list(story.log.events.get(case))[-1]
    assert told.envelope.causation == filed.events[0]["position"]  # type: ignore[attr-defined]


def test_a_production_log_refuses_an_injected_clock(county: Ground) -> None:
    production(county)
    log = county.log(InjectedClock(shanghai("2030-01-01")))
    with pytest.raises(ClockError):
        log.execute(order("x", "S-1"))


def test_only_an_empty_log_can_be_marked_simulated(county: Ground) -> None:
    production(county)
    with pytest.raises(Refused, match="不能再标为模拟"):
        Story.begun(county)


@pytest.mark.parametrize("jump", [timedelta(minutes=3), timedelta(minutes=-3)])
def test_a_wall_clock_that_jumps_may_not_write(
    monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    clock = SystemClock()
    real = time.time
    monkeypatch.setattr("eventstore.clock.time.time", lambda: real() + jump.total_seconds())
    with pytest.raises(ClockError):
        clock.checked(None)


def test_a_wall_clock_behind_the_log_may_not_write() -> None:
    clock = SystemClock()
    with pytest.raises(ClockError):
        clock.checked(clock.now() + timedelta(seconds=5))


def test_the_first_real_event_after_a_simulated_log_is_no_jump(
    county: Ground, story: Story
) -> None:
    story.do("2026-03-02", "worker:S-1", APPLY)
    assert county.log().execute(order("real", "S-2")).position > 0


UNSTORABLE = pytest.mark.parametrize("character", ["\0", "\ud800"], ids=["nul", "surrogate"])


@UNSTORABLE
@pytest.mark.parametrize(
    "place", ["hazard", "subject", "worker_name", "id", "actor", "recorder", "correlation"]
)
def test_text_that_cannot_be_stored_is_refused_and_nothing_is_recorded(
    story: Story, place: str, character: str
) -> None:
    end = story.log.recorder.max_notification_id()
    text = f"甲{character}乙"
    given = order("whole", "S-9")
    changed: dict[str, Any] = {place: Secret(text) if place == "worker_name" else text}
    if place in ("hazard", "subject", "worker_name"):
        changed = {"command": replace(given.command, **changed)}
    given = replace(given, **changed)
    with pytest.raises(Refused, match="无法保存的值"):
        story.log.execute(given)
    assert story.log.recorder.max_notification_id() == end


@UNSTORABLE
def test_a_case_is_not_looked_for_under_a_name_none_can_have(story: Story, character: str) -> None:
    with pytest.raises(Refused, match="无法保存的值"):
        story.do("2026-03-02", "HB", ASK, f"diagnosis-{character}")


@pytest.mark.parametrize("id", ["", "x" * 201])
def test_a_command_id_has_a_length_an_index_can_hold(story: Story, id: str) -> None:
    with pytest.raises(Refused, match="1 至 200"):
        story.log.execute(order(id, "S-9"))


def test_case_numbers_begin_anew_each_year_and_for_each_kind(story: Story) -> None:
    days = ("2025-12-31", "2025-12-31", "2026-01-01", "2026-01-02")
    cases = [
        story.do(day, f"worker:S-{n}", replace(APPLY, subject=f"S-{n}"))
        for n, day in enumerate(days)
    ]
    numbers = [case.case_number for case in cases]
    assert numbers == ["DX-2025-0001", "DX-2025-0002", "DX-2026-0001", "DX-2026-0002"]
    filing = FileArbitration(case_diagnosis=cases[0].case, matter="post")
    assert story.do("2026-01-03", "worker:S-0", filing).case_number == "ARB-2026-0001"


def test_a_refused_command_takes_no_number(story: Story) -> None:
    story.do("2026-03-02", "worker:S-1", APPLY)
    with pytest.raises(Refused, match="已有在办案件"):
        story.do("2026-03-02", "worker:S-1", APPLY)
    again = story.do("2026-03-02", "worker:S-2", replace(APPLY, subject="S-2"))
    assert again.case_number == "DX-2026-0002"


@pytest.mark.parametrize("actor", ["XX", "wizard:1", ""])
def test_an_actor_that_does_not_exist_is_refused(story: Story, actor: str) -> None:
    with pytest.raises(Refused, match="没有单位或当事方"):
        story.do("2026-03-02", actor, APPLY)


def test_a_fact_in_the_future_is_refused(story: Story) -> None:
    with pytest.raises(Refused, match="晚于现在"):
        story.do("2026-03-02", "worker:S-1", APPLY, happened="2026-03-03")


def test_adopting_again_passes_over_the_cases_opened_since(county: Ground) -> None:
    story = Story.begun(county)
    story.do("2026-03-02", "worker:S-1", APPLY)
    before = story.log.recorder.max_notification_id()
    assert law.adopt(story.log, law.files(), title="测试", recorder="test") == []
    assert story.log.recorder.max_notification_id() == before
