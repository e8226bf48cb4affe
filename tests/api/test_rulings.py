"""Class rulings over HTTP: made by those above the office, listed, obeyed, ended."""

from __future__ import annotations

from datetime import date, timedelta

from tests.api.conftest import Door


def test_a_ruling_is_made_listed_obeyed_and_ended(door: Door) -> None:
    today = door.county.log.clock.now().date()
    body = {"routing": "tip-route-no_contract", "to": "HUCB", "reason": "合成", "since": str(today)}
    refused = door.post("/rulings", body, X_Zhifang_Unit="LGO")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:zhifang:wrong-actor")
    made = door.post("/rulings", body, X_Zhifang_Unit="LG", Idempotency_Key="ruling-1")
    again = door.post("/rulings", body, X_Zhifang_Unit="LG", Idempotency_Key="ruling-1")
    assert made.status_code == again.status_code == 200
    [ruling] = door.get("/rulings")
    assert (ruling["to"], ruling["by"], ruling["until"]) == ("HUCB", "LG", None)
    tip = {"channel": "letter", "matters": ["no_contract"], "content": {"seal": "合成"}}
    routed = door.post("/tip/receive", {**tip, "anonymous": True}, X_Zhifang_Unit="LGO")
    types = [event["type"] for event in routed.json()["events"]]
    assert types == ["tip.received", "case.ruling_followed"]
    ending = {"until": str(today + timedelta(days=30)), "reason": "合成"}
    ended = door.post(f"/rulings/{ruling['id']}/end", ending, X_Zhifang_Unit="JC")
    assert ended.status_code == 200
    [left] = door.get("/rulings")
    assert date.fromisoformat(left["until"]) == today + timedelta(days=30)


def test_a_statutory_power_and_an_unknown_ruling_are_refused_in_words(door: Door) -> None:
    today = str(door.county.log.clock.now().date())
    body = {"routing": "incident-lead-radiation_accident", "to": "EMB", "reason": "合成"}
    moved = door.post("/rulings", {**body, "since": today}, X_Zhifang_Unit="JC")
    assert (moved.status_code, moved.json()["clause"]) == (409, "radiation-42")
    ending = {"until": today, "reason": "合成"}
    assert door.post("/rulings/R1999-1/end", ending, X_Zhifang_Unit="JC").status_code == 404
