"""Keeping a worker at its work: one at a time, visibly, and another takes over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from projections import outward
from projections.county import County
from workers.keeping import Keeper


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.keeping.LEASE_SECONDS", 1.0)
    monkeypatch.setattr("workers.keeping.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("workers.keeping.LOST_SECONDS", 0.1)


def kept(
    county: County, step: Callable[[], bool], pause: float, stop: threading.Event
) -> threading.Thread:
    keeper = Keeper(county.projector, "clock")
    thread = threading.Thread(target=keeper.keep, args=(step, stop, pause))
    thread.start()
    return thread


def test_a_worker_that_pauses_long_is_still_seen_to_be_at_work(told_county: County) -> None:
    stop = threading.Event()
    thread = kept(told_county, lambda: False, 60.0, stop)
    time.sleep(2)  # twice the lease
    idle = outward.stale(told_county.app, ["clock"])
    stop.set()
    thread.join()
    assert idle == []
    assert outward.stale(told_county.app, ["clock"]) == ["clock"]


def test_of_two_only_one_works_and_the_other_takes_over_when_it_is_gone(
    told_county: County,
) -> None:
    first, second = threading.Event(), threading.Event()
    did: list[str] = []

    def step(name: str) -> bool:
        did.append(name)
        return False

    one = kept(told_county, lambda: step("one"), 0.05, first)
    time.sleep(0.3)
    two = kept(told_county, lambda: step("two"), 0.05, second)
    time.sleep(0.7)
    assert set(did) == {"one"}
    first.set()
    one.join()
    did.clear()
    time.sleep(0.7)
    second.set()
    two.join()
    assert set(did) == {"two"}


def test_a_step_that_fails_is_tried_again(told_county: County) -> None:
    stop = threading.Event()
    tries: list[int] = []

    def step() -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError
        stop.set()
        return False

    kept(told_county, step, 0.01, stop).join(timeout=10)
    assert len(tries) == 3
