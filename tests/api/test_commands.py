"""Commands over HTTP: sent once, on what was seen, refused in words, never echoing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.decider import COMMAND_TYPES
from tests.api.conftest import APPLICATION, CASE, Door

INSTITUTION = {"X_Zhifang_Unit": "institution:DI-01"}


def opened(door: Door, name: str) -> str:
    """A fresh case."""
    return str(door.apply(f"worker:S-{name}").json()["case"])


def asked(door: Door, case: str, **headers: str) -> Any:
    body = {"items": ["职业史"]}
    return door.post(f"/diagnosis/{case}/request-data", body, **INSTITUTION, **headers)


def test_there_is_a_route_for_every_command_a_person_may_give(door: Door) -> None:
    document = door.client.get("/openapi.json").json()
    ids = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    }
    given = {
        name
        for name, kind in COMMAND_TYPES.items()
        if not name.startswith("reference.") and "system" not in kind.by
    }
    assert given <= ids
    assert not {"task.remind", "task.escalate"} & ids


def test_every_command_is_documented_with_example_consequence_and_refusals(door: Door) -> None:
    document = door.client.get("/openapi.json").json()
    for path in document["paths"].values():
        operation = path.get("post")
        if operation is None or "." not in operation["operationId"]:
            continue
        assert "不予办理" in operation["description"]
        assert operation["summary"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert set(body.get("required", [])) <= set(body["examples"][0])
        assert {"409", "422", "503"} <= set(operation["responses"])
    conclude = document["paths"]["/api/v1/diagnosis/{target}/conclude"]["post"]
    assert "`arbitration-pending`" in conclude["description"]


def test_the_example_of_a_command_is_admitted_as_a_body(door: Door) -> None:
    """Refused for the facts, perhaps; for its form, never."""
    document = door.client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        operation = operations.get("post")
        if operation is None or "." not in operation["operationId"]:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]
        address = path.replace("{target}", CASE).removeprefix("/api/v1")
        answer = door.post(address, body, X_Zhifang_Unit="CGO", If_Match="*")
        assert answer.status_code in (200, 404, 409), (path, body, answer.text)


def test_an_act_on_a_case_needs_what_was_seen(door: Door) -> None:
    case = opened(door, "seen")
    answer = asked(door, case)
    assert answer.status_code == 428
    assert answer.json()["type"] == "urn:zhifang:if-match-missing"
    tag = door.client.get(f"/api/v1/cases/{case}").headers["ETag"]
    assert asked(door, case, If_Match=tag).status_code == 200


def test_a_case_that_moved_on_is_told_with_who_changed_what(door: Door) -> None:
    case = opened(door, "moved")
    tag = door.client.get(f"/api/v1/cases/{case}").headers["ETag"]
    asked(door, case, If_Match=tag)
    late = asked(door, case, If_Match=tag)
    assert late.status_code == 412
    assert [line["actor"] for line in late.json()["since"]] == ["institution:DI-01"]
    assert asked(door, case, If_Match='"x"').status_code == 422


def test_acts_on_one_task_do_not_collide_with_acts_on_another_or_on_the_case(door: Door) -> None:
    case = opened(door, "apart")
    asked(door, case, If_Match="*")
    held = [t for t in door.get(f"/cases/{case}")["tasks"] if t["outcome"] is None]
    first, second = held[:2]
    seen_case = door.client.get(f"/api/v1/cases/{case}").headers["ETag"]
    seen = {
        t["id"]: door.client.get(f"/api/v1/tasks/{t['id']}").headers["ETag"]
        for t in (first, second)
    }

    def press(task: dict[str, Any], tag: str) -> Any:
        body = {"note": "请抓紧"}
        return door.post(f"/tasks/{task['id']}/supervise", body, X_Zhifang_Unit="LGO", If_Match=tag)

    assert press(first, seen[first["id"]]).status_code == 200
    assert press(second, seen[second["id"]]).status_code == 200
    assert door.client.get(f"/api/v1/cases/{case}").headers["ETag"] == seen_case
    late = press(first, seen[first["id"]])
    assert late.status_code == 412
    assert [line["sentence"] for line in late.json()["since"]] == [
        f"督办事项“{first['title']}”：请抓紧"
    ]


def test_a_command_sent_again_is_answered_with_its_first_receipt(door: Door) -> None:
    once = {"Idempotency_Key": "apply-once"}
    first, again = door.apply("worker:S-once", **once), door.apply("worker:S-once", **once)
    assert again.json() == {**first.json(), "repeated": True}
    other = door.apply("worker:S-other", **once)
    assert other.json()["type"] == "urn:zhifang:id-reused"


def test_a_repeat_is_answered_though_the_case_has_moved_on(door: Door) -> None:
    case = opened(door, "again")
    tag = door.client.get(f"/api/v1/cases/{case}").headers["ETag"]
    sent = {"If_Match": tag, "Idempotency_Key": "ask-once"}
    first, again = asked(door, case, **sent), asked(door, case, **sent)
    assert again.json() == {**first.json(), "repeated": True}


def test_nobody_may_act_as_the_system(door: Door) -> None:
    answer = door.post("/diagnosis/open-by-application", APPLICATION, X_Zhifang_Unit="system")
    assert answer.json()["type"] == "urn:zhifang:wrong-actor"


def test_what_was_sent_is_never_echoed_nor_logged(
    door: Door, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = {**APPLICATION, "institution": 5, "worker_name": {"seal": "合成姓名"}}
    answers = [
        door.post("/diagnosis/open-by-application", wrong, X_Zhifang_Unit="worker:S-1"),
        door.post("/diagnosis/nowhere-合成姓名/conclude", wrong, **INSTITUTION, If_Match="*"),
    ]
    told = json.dumps([a.json() for a in answers[:1]], ensure_ascii=False)
    assert all(a.status_code == 422 for a in answers)
    out, err = capfd.readouterr()
    assert "合成姓名" not in told + out + err
    assert {tuple(e["where"]) for e in answers[0].json()["errors"]} >= {("body", "institution")}


def test_a_body_beyond_the_limit_is_not_read(door: Door) -> None:
    answer = door.post(
        "/diagnosis/open-by-application",
        {**APPLICATION, "hazard": "尘" * 1_000_000},
        X_Zhifang_Unit="worker:S-1",
    )
    assert answer.status_code == 413


def test_a_command_given_for_a_task_not_yet_shown_is_carried_out(door: Door) -> None:
    """The read models may be a moment behind one's own command."""
    case = opened(door, "quick")
    task = next(t for t in door.county.log.fold(case).open_tasks() if t.is_duty)
    answer = door.post(
        f"/tasks/{task.id}/supervise", {"note": "请抓紧"}, X_Zhifang_Unit="LGO", If_Match="*"
    )
    assert answer.status_code == 200


def test_a_fact_before_the_county_kept_books_is_refused_in_words(door: Door) -> None:
    """A mistyped year, such as 0999, is a refusal and records nothing."""
    head = door.county.log.recorder.max_notification_id()
    for day in ("0999-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00"):
        body = {**APPLICATION, "occurred_at": day}
        answer = door.post("/diagnosis/open-by-application", body, X_Zhifang_Unit="worker:S-old")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:zhifang:too-early")
    assert door.county.log.recorder.max_notification_id() == head
