"""Class rulings over HTTP: made by those above the office, listed, obeyed, ended.

One county stands behind all of them: each test rules on a routing of its own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.api.conftest import Door


def listed(door: Door, routing: str) -> list[dict[str, Any]]:
    """The rulings on one routing."""
    return [ruling for ruling in door.get("/rulings") if ruling["routing"] == routing]


def test_a_ruling_is_made_listed_obeyed_and_ended(door: Door) -> None:
    today = door.county.log.clock.now().date()
    body = {"routing": "tip-route-no_contract", "to": "HUCB", "reason": "合成", "since": str(today)}
    refused = door.post("/rulings", body, X_Zhifang_Unit="LGO")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:zhifang:wrong-actor")
    made = door.post("/rulings", body, X_Zhifang_Unit="LG", Idempotency_Key="ruling-1")
    again = door.post("/rulings", body, X_Zhifang_Unit="LG", Idempotency_Key="ruling-1")
    assert made.status_code == again.status_code == 200
    [ruling] = listed(door, body["routing"])
    assert (ruling["to"], ruling["by"], ruling["until"]) == ("HUCB", "LG", None)
    tip = {"channel": "letter", "matters": ["no_contract"], "content": {"seal": "合成"}}
    routed = door.post("/tip/receive", {**tip, "anonymous": True}, X_Zhifang_Unit="LGO")
    types = [event["type"] for event in routed.json()["events"]]
    assert types == ["tip.received", "case.ruling_followed"]
    ending = {"until": str(today + timedelta(days=30)), "reason": "合成"}
    ended = door.post(f"/rulings/{ruling['id']}/end", ending, X_Zhifang_Unit="LG")
    assert ended.status_code == 200
    [left] = listed(door, body["routing"])
    assert date.fromisoformat(left["until"]) == today + timedelta(days=30)


def test_a_statutory_power_and_an_unknown_ruling_are_refused_in_words(door: Door) -> None:
    today = str(door.county.log.clock.now().date())
    body = {"routing": "incident-lead-radiation_accident", "to": "EMB", "reason": "合成"}
    moved = door.post("/rulings", {**body, "since": today}, X_Zhifang_Unit="JC")
    assert (moved.status_code, moved.json()["clause"]) == (409, "radiation-42")
    ending = {"until": today, "reason": "合成"}
    assert door.post("/rulings/R1999-1/end", ending, X_Zhifang_Unit="JC").status_code == 404


def test_a_ruling_is_listed_by_name_and_says_whether_it_is_in_force(door: Door) -> None:
    today = door.county.log.clock.now().date()
    body = {"routing": "tip-route-unprotected", "to": "EMB", "reason": "合成", "area": "TS-111"}
    later = {**body, "since": str(today + timedelta(days=9))}
    assert door.post("/rulings", later, X_Zhifang_Unit="JC").status_code == 200
    [ruling] = listed(door, body["routing"])
    assert ruling["in_force"] is False
    names = ("by_name", "to_name", "area_name", "title")
    title = door.county.log.reference_in_force().edition.policies[body["routing"]].title
    assert [ruling[name] for name in names] == ["联席会议", "应急局", "天子湖镇", title]
    county = {"routing": "tip-route-poisoning", "to": "HB", "reason": "合成", "since": str(today)}
    assert door.post("/rulings", county, X_Zhifang_Unit="JC").status_code == 200
    [whole] = listed(door, county["routing"])
    assert (whole["in_force"], whole["area_name"]) == (True, "全县")


def test_a_ruling_that_does_not_fit_is_refused_in_words(door: Door) -> None:
    today = door.county.log.clock.now().date()
    fine = {"routing": "tip-route-no_checkup", "to": "EMB", "reason": "合成", "since": str(today)}
    for change, status, code in (
        ({"since": str(today - timedelta(days=1))}, 409, "past"),
        ({"until": str(today - timedelta(days=1))}, 409, "days"),
        ({"area": "HB"}, 404, "no-such-township"),
        ({"to": "XX"}, 404, "no-such-unit"),
        ({"routing": "near-due-days"}, 404, "no-such-routing"),
        ({"replaces": "R1999-1"}, 404, "no-such-ruling"),
        ({"reason": ""}, 422, "invalid"),
        ({"since": "tomorrow"}, 422, "invalid"),
    ):
        answer = door.post("/rulings", {**fine, **change}, X_Zhifang_Unit="LG")
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:zhifang:{code}")
    assert door.post("/rulings", fine, X_Zhifang_Unit="LG").status_code == 200
    twice = door.post("/rulings", fine, X_Zhifang_Unit="JC")
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:zhifang:overlap")


def test_an_ended_ruling_is_not_ended_again_later(door: Door) -> None:
    today = door.county.log.clock.now().date()
    body = {"routing": "tip-route-uninsured", "to": "EMB", "reason": "合成", "since": str(today)}
    assert door.post("/rulings", body, X_Zhifang_Unit="LG").status_code == 200
    [ruling] = listed(door, body["routing"])
    path = f"/rulings/{ruling['id']}/end"
    ending = {"until": str(today), "reason": "合成"}
    assert door.post(path, ending, X_Zhifang_Unit="HB").json()["type"] == "urn:zhifang:wrong-actor"
    assert door.post(path, {"until": "x", "reason": "y"}, X_Zhifang_Unit="LG").status_code == 422
    assert door.post(path, ending, X_Zhifang_Unit="LG").status_code == 200
    again = door.post(path, ending, X_Zhifang_Unit="LG")
    assert (again.status_code, again.json()["type"]) == (409, "urn:zhifang:over")
