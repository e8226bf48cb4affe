"""The relay: the stream follows the log, position by position, whatever is killed or deleted."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nats
import pytest

from domain.acts import SuperviseTask
from domain.events import Moment
from eventstore.application import Order
from projections import outward
from projections.county import County, Settings
from workers import bus, relay
from workers.bus import Bus, BusError, EmbeddedBus


@pytest.fixture
def own_bus(tmp_path: Path) -> Iterator[Bus]:
    with bus.opened(Settings(var=tmp_path / "var")) as found:
        yield found


@contextmanager
def relaying(county: County, found: Bus, copies: int = 1) -> Iterator[None]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=relay.run, args=(county, stop, found)) for _ in range(copies)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def messages(county: County, found: Bus) -> list[tuple[int, Any]]:
    """(sequence, content) of every message in the stream."""

    async def read() -> list[tuple[int, Any]]:
        client = await nats.connect(found.servers)
        context = client.jetstream()
        name = f"ZHIFANG_{county.settings.schema_name}"
        try:
            state = (await context.stream_info(name)).state
            told = [await context.get_msg(name, seq=n) for n in range(1, state.last_seq + 1)]
            return [(m.seq or 0, json.loads(m.data or b"")) for m in told]
        finally:
            await client.close()

    try:
        return asyncio.run(read())
    except Exception:
        return []


def whole(county: County, found: Bus) -> bool:
    end = county.log.recorder.max_notification_id() or 0
    told = messages(county, found)
    return [(n, m["id"]) for n, m in told] == [(n, str(n)) for n in range(1, end + 1)]


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.1)


def more(county: County, count: int) -> None:
    """Some more events, through the ordinary command path."""
    case = county.log.case_of("DX-2026-0001")
    assert case is not None
    open_task = next(iter(county.log.fold(case).open_tasks()), None)
    for number in range(count):
        assert open_task is not None
        county.log.execute(
            Order(
                command=SuperviseTask(task=open_task.id, note=f"第{number}次"),
                id=f"more-{county.log.recorder.max_notification_id()}-{number}",
                actor="LGO",
                recorder="officer-1",
                occurred=Moment(county.log.clock.now(), "minute"),
                case=case,
                source="simulated",
            )
        )
    county.engine.catch_up()


def test_every_event_is_told_once_in_order_without_contents(
    told_county: County, own_bus: Bus
) -> None:
    with relaying(told_county, own_bus):
        until(lambda: whole(told_county, own_bus))
    told = [message for _, message in messages(told_county, own_bus)]
    assert {frozenset(m["data"]) for m in told} == {
        frozenset({"position", "case", "version", "concerned"})
    }
    everything = json.dumps(told, ensure_ascii=False)
    assert "矽肺" not in everything
    assert "劳动者" not in everything
    assert any("HSSB" in m["data"]["concerned"] for m in told)


def test_the_directory_deleted_while_running_is_filled_again(
    told_county: County, own_bus: Bus
) -> None:
    assert isinstance(own_bus, EmbeddedBus)
    with relaying(told_county, own_bus):
        until(lambda: whole(told_county, own_bus))
        shutil.rmtree(own_bus.store)
        until(lambda: own_bus.store.exists() and whole(told_county, own_bus))


def test_a_server_that_was_killed_is_started_anew(told_county: County, own_bus: Bus) -> None:
    assert isinstance(own_bus, EmbeddedBus)
    with relaying(told_county, own_bus):
        until(lambda: whole(told_county, own_bus))
        own_bus.stop()
        until(lambda: whole(told_county, own_bus))


def test_two_relays_at_once_double_nothing(told_county: County, own_bus: Bus) -> None:
    with relaying(told_county, own_bus, copies=2):
        until(lambda: whole(told_county, own_bus))


def test_two_relays_that_both_believe_they_hold_the_lease_double_nothing(
    told_county: County, own_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is not what the effect rests on: without it the sequence still holds."""
    monkeypatch.setattr("workers.keeping.Keeper.held", lambda self: True)
    with relaying(told_county, own_bus, copies=3):
        until(lambda: whole(told_county, own_bus))


def test_control_without_the_expected_sequence_two_relays_do_double(
    told_county: County, own_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a relay that merely publishes is shown to break the stream."""

    async def careless(self: relay.Stream, row: dict[str, Any]) -> None:
        subject = f"zhifang.{self.schema}.{row['type']}"
        await self.context.publish(subject, relay.message(self.schema, row))

    async def from_the_start(self: relay.Stream, county: County) -> int:
        await relay.Stream._made(self)
        return 0

    monkeypatch.setattr("workers.keeping.Keeper.held", lambda self: True)
    monkeypatch.setattr(relay.Stream, "_one", careless)
    monkeypatch.setattr(relay.Stream, "opened", from_the_start)
    end = told_county.log.recorder.max_notification_id() or 0
    with relaying(told_county, own_bus, copies=2):
        until(lambda: len(messages(told_county, own_bus)) > end)
    assert not whole(told_county, own_bus)


def test_the_stream_of_another_log_is_given_up_and_filled_from_this_one(
    told_county: County, own_bus: Bus
) -> None:
    name = told_county.settings.schema_name

    async def foreign() -> None:
        client = await nats.connect(own_bus.servers)
        context = client.jetstream()
        await context.add_stream(name=f"ZHIFANG_{name}", subjects=[f"zhifang.{name}.>"])
        for number in range(500):
            await context.publish(f"zhifang.{name}.x", b'{"id":"%d"}' % number)
        await client.close()

    asyncio.run(foreign())
    with relaying(told_county, own_bus):
        until(lambda: whole(told_county, own_bus))


def test_a_bus_that_is_not_shown_to_write_through_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BusError, match="ZHIFANG_NATS_MONITOR_URL"):
        Bus(["nats://127.0.0.1:1"], None).require_durable()
    with pytest.raises(BusError, match="不可用"):
        Bus(["nats://127.0.0.1:1"], "http://127.0.0.1:1").require_durable()


def test_control_a_server_with_the_default_interval_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "nats"
    home.mkdir()
    careless = EmbeddedBus(home)
    careless.config.write_text(careless.config.read_text().replace(", sync_interval: always", ""))
    careless.start()
    try:
        with pytest.raises(BusError, match="sync_interval"):
            careless.require_durable()
    finally:
        careless.stop()


def test_the_relay_waits_for_a_bus_that_is_not_durable_and_the_county_serves_on(
    told_county: County,
) -> None:
    unproven = Bus(["nats://127.0.0.1:1"], None)
    with relaying(told_county, unproven):
        more(told_county, 3)
        time.sleep(1)
    with told_county.app.connect() as connection:
        assert outward.place(connection, relay.NAME) is None
    assert outward.stale(told_county.app, [relay.NAME]) == [relay.NAME]


def test_the_embedded_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with bus.opened(Settings(var=tmp_path)) as found:
        assert isinstance(found, EmbeddedBus)
        with bus.opened(Settings(var=tmp_path)) as joined:
            assert joined.servers == found.servers
        port = int(found.servers[0].rpartition(":")[2])
        found.require_durable()
    assert bus.free_port(port) == port
