"""The feed: the log after a position as far as a party may read it; again, or as a stream."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.api.conftest import CASE, Door
from tests.conftest import serving


def read(door: Door, party: str, after: int = 0, limit: int = 500) -> Any:
    return door.get(f"/feed?after={after}&limit={limit}", X_Zhifang_Unit=party)


def test_an_overseer_reads_the_whole_log_in_order(door: Door) -> None:
    page = read(door, "LGO")
    end = door.get("/health")["log"]
    assert [item["position"] for item in page["items"]] == list(range(1, end + 1))
    assert page["next"] == end


def test_a_unit_reads_what_it_has_to_do_with_and_nothing_else(door: Door) -> None:
    whole = read(door, "LGO")["items"]
    for party in ("HSSB", "HB", "institution:DI-01", "worker:S-more-1", "TS-001"):
        mine = read(door, party)["items"]
        assert mine == [item for item in whole if party in item["concerned"]]
    assert read(door, "TS-001")["items"] == []
    assert read(door, "HSSB")["items"]


def test_reading_on_from_next_misses_nothing_and_repeats_nothing(door: Door) -> None:
    whole, paged, after = read(door, "HB")["items"], [], 0
    while True:
        page = read(door, "HB", after, 2)
        paged += page["items"]
        after = page["next"]
        if not page["behind"]:
            break
    assert paged == whole


def test_next_moves_on_past_what_one_may_not_read(door: Door) -> None:
    page = read(door, "TS-001")
    assert page["items"] == []
    assert page["next"] == door.get("/health")["log"]


def test_sealed_fields_show_only_whose_key_seals_them(door: Door) -> None:
    answer = door.apply("worker:S-sealed", Idempotency_Key="sealed-once")
    assert answer.status_code == 200
    told = json.dumps(read(door, "LGO"), ensure_ascii=False)
    assert "ciphertext" not in told
    assert "commitment" not in told


def test_a_feed_has_a_reader(door: Door) -> None:
    assert door.get("/feed", 422)["errors"] == [
        {"where": ["header", "x-zhifang-unit"], "code": "missing"}
    ]


@pytest.fixture(scope="module")
def served(door: Door) -> Iterator[str]:
    """The same application on a real port: a stream needs a real connection."""
    with serving(door.app) as base:
        yield f"{base}/api/v1"


def streamed(base: str, count: int, **headers: str) -> list[tuple[int, Any]]:
    """The first events of the stream: (id, item)."""
    told: list[tuple[int, Any]] = []
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx2.stream("GET", f"{base}/feed/stream", headers=named, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                event[name] = value
            elif "data" in event:
                told.append((int(event["id"]), json.loads(event["data"])))
                event = {}
            if len(told) == count:
                return told
    return told


def test_the_stream_begins_at_the_start_and_resumes_after_the_last_event_id(
    door: Door, served: str
) -> None:
    items = read(door, "HB")["items"]
    told = streamed(served, len(items), X_Zhifang_Unit="HB")
    assert [item for _, item in told] == items
    assert [id for id, _ in told] == [item["position"] for item in items]
    third = str(items[2]["position"])
    resumed = streamed(served, len(items) - 3, X_Zhifang_Unit="HB", Last_Event_ID=third)
    assert [item for _, item in resumed] == items[3:]


def test_the_stream_goes_on_with_what_is_recorded_meanwhile(door: Door, served: str) -> None:
    end = door.get("/health")["log"]
    told: list[tuple[int, Any]] = []

    def listen() -> None:
        told.extend(streamed(served, 1, X_Zhifang_Unit="LGO", Last_Event_ID=str(end)))

    listening = threading.Thread(target=listen)
    listening.start()
    time.sleep(0.3)
    door.apply("worker:S-live")
    listening.join(timeout=20)
    assert [item["type"] for _, item in told] == ["diagnosis.applied"]


def test_notices_are_there_for_whoever_looks(door: Door) -> None:
    notices = door.get("/notices/institution:DI-01")
    assert notices
    assert [n["position"] for n in notices] == sorted(n["position"] for n in notices)
    later = door.get(f"/notices/institution:DI-01?after={notices[0]['position']}")
    assert later == [n for n in notices if n["position"] > notices[0]["position"]]
    assert {n["number"] for n in notices} >= {CASE}


def test_a_delivery_that_was_never_given_up_cannot_be_resent(door: Door) -> None:
    assert door.get("/deliveries?state=dead") == []
    answer = door.post("/deliveries/n-1/mail:x/resend", X_Zhifang_Unit="LGO")
    assert answer.json()["type"] == "urn:zhifang:no-such-delivery"
