"""Reading over HTTP: every read takes as_of; queues count and page the same rows."""

from __future__ import annotations

import itertools
import re
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from api import cli
from api.demo import table
from tests.api.conftest import APPLICATION, CASE, Door


def test_a_queue_counts_its_tabs_from_the_rows_it_shows(door: Door) -> None:
    page = door.get("/queue/HB?limit=500")
    for tab, count in page["counts"].items():
        rows = [item for item in page["items"] if item["tab"] == tab]
        assert count["total"] == len(rows)
        assert count["overdue"] == sum(item["standing"] == "overdue" for item in rows)
    assert page["total"] == len(page["items"])


def test_every_screen_counts_the_same_of_a_unit(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = {"channel": "letter", "matters": ["no_checkup"], "content": {"seal": "合成"}}
    received = door.post("/tip/receive", {**tip, "anonymous": True}, X_Zhifang_Unit="LGO")
    assert received.status_code == 200, received.text
    at = door.county.log.clock.now() + timedelta(days=200)  # by then much of it is overdue
    monkeypatch.setattr(door.county.log.clock, "now", lambda: at)
    monkeypatch.setattr(cli, "opening", lambda: nullcontext(door.county))
    told = door.get("/queue/HB")
    owed, others = told["own"], told["counts"]
    assert owed["total"] == sum(others[tab]["total"] for tab in ("to_sign", "in_hand", "returned"))
    assert owed["overdue"] > 0
    assert others["waiting_on"]["total"] > 0  # theirs to do, not for HB to answer for
    said = (
        f"应办 {owed['total']} 项（待签收 {others['to_sign']['total']}、"
        f"办理中 {others['in_hand']['total']}、退回我方 0；超期 {owed['overdue']}、"
        f"临期 {owed['near']}）；另有协办 0 项、等待他方 {others['waiting_on']['total']} 项"
    )
    assert said in door.client.get("/queue/HB").text
    assert said in CliRunner().invoke(cli.app, ["queue", "HB"], catch_exceptions=False).output
    [home] = re.findall(r'/queue/HB">(.*?)</a>', door.client.get("/").text, re.S)
    assert f"应办 {owed['total']} 项" in home
    assert f"超期 {owed['overdue']}" in home
    assert f"协办 0、等待他方 {others['waiting_on']['total']}" in home
    row = table.counted(door.county)["HB"]
    assert (row["own"], row["overdue"]) == (owed["total"], owed["overdue"])
    assert row["waiting_on"] == others["waiting_on"]["total"]


FIRM = "employer:91330523MA000TE131"
TIP = {"channel": "letter", "matters": ["no_checkup"], "content": {"seal": "合成"}}


def done(door: Door, path: str, unit: str, /, **body: Any) -> Any:
    answer = door.post(path, body, X_Zhifang_Unit=unit, If_Match="*")
    assert answer.status_code == 200, answer.text
    return answer.json()


def tip_of(door: Door, subject: str, **said: Any) -> str:
    receipt = done(door, "/tip/receive", "CGO", **{**TIP, "subject": subject, "to": "HB", **said})
    return str(receipt["case"])


@pytest.fixture(scope="module")
def tip(door: Door) -> str:
    """A tip answered, reviewed, and then found to be another citizen's."""
    case = tip_of(door, "S-first", accused=FIRM)
    done(door, f"/tip/{case}/accept", "HB")
    done(door, f"/tip/{case}/inform", "HB")
    done(door, f"/tip/{case}/conclude", "HB", finding="substantiated", note="合成")
    done(door, f"/tip/{case}/reply", "HB")
    done(door, f"/tip/{case}/request-review", "citizen:S-first")
    review = {"outcome": "finding_upheld", "document": "合成"}
    done(door, f"/tip/{case}/review", "CGO", **review)
    letter = {"template": "notice", "to": ["informant"], "values": {"matter": "合成"}}
    sent = done(door, f"/letter/{case}/issue", "HB", **letter)["document_number"]
    served = {"letter": sent, "to": "informant", "method": "in_person", "receipt": "合成"}
    done(door, f"/letter/{case}/deliver", "HB", **served)
    changes = {"subject": "S-second"}
    done(door, f"/cases/{case}/correct", "LGO", version=1, changes=changes, reason="误载")
    return case


def everywhere(door: Door, case: str) -> list[str]:
    """Every address that tells of a tip."""
    tasks = door.get(f"/cases/{case}/tasks")
    assert any(task["holder"].startswith("citizen") for task in tasks)
    assert door.get(f"/cases/{case}/letters")
    of_case = [
        f"/cases/{case}{of}" for of in ("", "/tasks", "/events", "/audit", "/links", "/letters")
    ]
    of_tasks = [f"/tasks/{task['id']}{of}" for task in tasks for of in ("", "/why")]
    lists = ["/cases?kind=tip", "/queue/HB?limit=500", "/queue/LGO?limit=500"]
    persons = [
        path.format(f"citizen:{id}")
        for id in ("S-first", "S-second")
        for path in ("/queue/{}", "/rights/{}", "/notices/{}", "/cases?party={}&limit=1")
    ]
    return [*of_case, *of_tasks, *lists, *persons]


def looked_at(door: Door, path: str, unit: str | None = None) -> str:
    who = {"X-Zhifang-Unit": unit} if unit else {}
    answer = door.client.get(f"/api/v1{path}", headers=who)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def names(text: str) -> set[str]:
    return {id for id in ("S-first", "S-second") if id in text}


@pytest.mark.parametrize("unit", [None, "EMB", "CGO", FIRM])
def test_who_informed_is_told_to_nobody_else(door: Door, tip: str, unit: str | None) -> None:
    number = door.get(f"/cases/{tip}")["number"]
    for path in everywhere(door, tip):
        text = looked_at(door, path, unit)
        assert not names(text), path
        if "citizen:" in path:  # nor that he informed at all
            assert number not in text, path
            assert tip not in text, path
            assert '"next":"' not in text, path
    if unit:
        assert not names(looked_at(door, "/feed?limit=500", unit))


def test_who_informed_stands_on_no_page(door: Door, tip: str) -> None:
    number = door.get(f"/cases/{tip}")["number"]
    for path in (f"/cases/{tip}", "/queue/HB", "/queue/LGO"):
        assert not names(door.client.get(path).text)
    for id in ("S-first", "S-second"):
        assert number not in door.client.get(f"/queue/citizen:{id}").text


@pytest.mark.parametrize("unit", ["HB", "LGO", "LG"])
def test_who_informed_is_told_to_the_handler_and_the_office(
    door: Door, tip: str, unit: str
) -> None:
    for path in (f"/cases/{tip}", f"/cases/{tip}/tasks"):
        assert "S-second" in looked_at(door, path, unit)
    both = {"S-first", "S-second"}
    assert names(looked_at(door, f"/cases/{tip}/events", unit)) == both
    assert names(looked_at(door, "/feed?limit=500", unit)) == both
    for path in ("/rights/citizen:S-second", "/cases?party=citizen:S-second"):
        assert tip in looked_at(door, path, unit)
    # No sentence names a person, whoever reads it.
    assert not names("".join(event["sentence"] for event in door.get(f"/cases/{tip}/events")))
    assert "信访人有更正" in looked_at(door, f"/cases/{tip}/audit", unit)


def test_an_informant_sees_himself_and_nobody_else(door: Door, tip: str) -> None:
    himself = "citizen:S-second"
    assert names(looked_at(door, f"/cases/{tip}/events", himself)) == {"S-second"}
    for path in ("/rights/citizen:S-second", "/cases?party=citizen:S-second"):
        assert tip in looked_at(door, path, himself)
        assert tip not in looked_at(door, path, "citizen:S-first")


def test_the_accused_unit_is_never_told_who_informed(door: Door) -> None:
    office = tip_of(door, "S-of-office", accused_unit="LGO")
    late = tip_of(door, "S-of-handler")
    before = door.get("/health")["log"]
    done(door, f"/tip/{late}/name-accused", "LGO", unit="HB")
    for case, unit, id in ((office, "LGO", "S-of-office"), (late, "HB", "S-of-handler")):
        for path in (f"/cases/{case}", f"/cases/{case}/events", "/cases?kind=tip"):
            for past in ("", f"as_of={before}", "as_of=2026-12-31"):
                mark = "&" if "?" in path else "?"
                assert id not in looked_at(door, f"{path}{mark}{past}", unit), (path, past)
        assert id not in looked_at(door, "/feed?limit=500", unit)
        assert case not in looked_at(door, f"/cases?party=citizen:{id}", unit)
        assert id in looked_at(door, f"/cases/{case}", "LG")
    assert "S-of-office" in looked_at(door, f"/cases/{office}", "HB")


def test_a_unit_that_gave_a_tip_away_is_not_told_in_the_past_either(door: Door) -> None:
    case = tip_of(door, "S-passed-on")
    before = door.get("/health")["log"]
    assert "S-passed-on" in looked_at(door, f"/cases/{case}", "HB")
    done(door, f"/tip/{case}/route", "LGO", to="EMB", reason="合成")
    assert "S-passed-on" not in looked_at(door, f"/cases/{case}?as_of={before}", "HB")
    assert "S-passed-on" not in looked_at(door, f"/cases/{case}?as_of={before}", "EMB")
    assert "S-passed-on" in looked_at(door, f"/cases/{case}", "EMB")


def test_a_firm_does_not_learn_that_it_is_inspected_on_a_tip(door: Door) -> None:
    tip = tip_of(door, "S-cause", accused=FIRM)
    done(door, f"/tip/{tip}/accept", "HB")
    day = door.county.log.clock.now().date() + timedelta(days=30)
    said = {"kind": "targeted", "employer": FIRM, "township": "TS-001", "visit_by": str(day)}
    case = done(door, "/inspection/open", "HB", **said, case_basis=tip)["case"]
    opening = {"version": 1, "changes": {"visit_by": str(day - timedelta(days=1))}}
    done(door, f"/cases/{case}/correct", "HB", **opening, reason="误载")
    number = door.get(f"/cases/{tip}")["number"]
    paths = [f"/cases/{case}{of}" for of in ("", "/events", "/audit", "/links", "/tasks")]
    paths += ["/cases?kind=inspection"]
    for path in paths:
        for viewer in (None, FIRM):
            text = looked_at(door, path, viewer)
            for word in (tip, number, '"ground":"tip"', '"basis":"'):
                assert word not in text, (path, viewer, word)
    feed = looked_at(door, "/feed?limit=500", FIRM)
    assert case in feed
    assert tip not in feed
    assert case not in looked_at(door, f"/cases/{tip}/links", FIRM)
    assert tip in looked_at(door, f"/cases/{case}/links", "EMB")
    assert case in looked_at(door, f"/cases/{tip}/links", "EMB")
    assert '"ground":"tip"' in looked_at(door, f"/cases/{case}/events", "EMB")


def test_a_refusal_says_units_by_name_and_code(door: Door) -> None:
    [case] = door.get("/cases?kind=arbitration")["items"]
    refused = door.post(
        f"/arbitration/{case['number']}/accept", {}, X_Zhifang_Unit="HB", If_Match="*"
    )
    assert refused.json()["type"] == "urn:zhifang:wrong-actor"
    assert "应由人力社保局（HSSB）作出，不能由卫健局（HB）作出" in refused.json()["title"]


def test_no_name_is_cut_on_a_narrow_terminal(door: Door) -> None:
    console = Console(width=80, file=StringIO(), record=True)
    console.print(table.table(door.county))
    printed = console.export_text()
    for unit in door.county.log.reference_in_force().edition.units.values():
        assert unit.name in printed
    assert "…" not in printed


@pytest.mark.parametrize("filter", ["tab=waiting_on", "rule=dx.conclude", "kind=diagnosis"])
def test_a_filter_keeps_exactly_the_rows_that_fit(door: Door, filter: str) -> None:
    everything = door.get("/queue/HB?limit=500")["items"]
    name, _, value = filter.partition("=")

    def fits(item: dict[str, Any]) -> bool:
        kind = item["task"]["case"].partition("-")[0]
        told = {"tab": item["tab"], "rule": item["task"]["rule"], "kind": kind}
        return bool(told[name] == value)

    kept = door.get(f"/queue/HB?{filter}")
    assert kept["items"] == [item for item in everything if fits(item)]
    assert sum(c["total"] for c in kept["counts"].values()) == len(everything)


def test_paging_gives_every_row_once_in_the_order_of_the_whole(door: Door) -> None:
    whole = door.get("/queue/HB?limit=500")["items"]
    assert len(whole) > 2
    paged, cursor = [], ""
    for _ in itertools.count():
        page = door.get(f"/queue/HB?limit=1{cursor}")
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert paged == whole


def test_a_cursor_of_another_query_is_refused(door: Door) -> None:
    cursor = door.get("/queue/HB?limit=1")["next"]
    for query in (f"?limit=1&kind=diagnosis&cursor={cursor}", "?cursor=xx", "?cursor=%00"):
        problem = door.get(f"/queue/HB{query}", 422)
        assert problem["type"] == "urn:zhifang:cursor"
        assert "第一页" in problem["title"]


def test_what_is_recorded_meanwhile_does_not_shift_the_pages(door: Door) -> None:
    before = door.get("/cases?limit=500")["items"]
    first = door.get("/cases?limit=1")
    assert door.apply("worker:S-paging").status_code == 200
    second = door.get(f"/cases?limit=500&cursor={first['next']}")
    assert [*first["items"], *second["items"]] == before


def test_a_case_tells_its_tasks_events_trail_and_links(door: Door) -> None:
    case = door.get(f"/cases/{CASE}")
    assert door.get(f"/cases/{case['case']}") == case
    assert door.get(f"/cases/{CASE}/tasks") == case["tasks"]
    events, trail = door.get(f"/cases/{CASE}/events"), door.get(f"/cases/{CASE}/audit")
    assert [e["version"] for e in events] == list(range(1, case["version"] + 1))
    assert [(e["position"], e["sentence"]) for e in events] == [
        (line["position"], line["sentence"]) for line in trail
    ]
    arbitration = door.get(f"/cases/{CASE}/links")["rested_on_by"]
    assert [row["kind"] for row in arbitration] == ["arbitration", "determination"][
        : len(arbitration)
    ]
    assert door.get(f"/cases/{arbitration[0]['case']}/links")["rests_on"][0]["number"] == CASE


@pytest.mark.parametrize(
    "path", ["/cases", f"/cases/{CASE}", f"/cases/{CASE}/events", f"/cases/{CASE}/audit"]
)
def test_every_read_of_a_case_can_be_asked_of_the_past(door: Door, path: str) -> None:
    early, late = (door.get(f"{path}?as_of={at}") for at in ("2026-03-20T18:00", "2026-12-31"))
    assert early != late
    positions = [e["position"] for e in late] if isinstance(late, list) else []
    if positions:
        assert door.get(f"{path}?as_of={positions[2]}") == late[:3]


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13-01", "²", "99999-01-01"])
def test_an_as_of_of_neither_kind_is_explained(door: Door, as_of: str) -> None:
    problem = door.get(f"/queue/HB?as_of={as_of}", 422)
    assert problem["type"] == "urn:zhifang:as-of"
    assert "2026-04-21T18:00" in problem["title"]


def test_a_read_waits_for_the_position_of_ones_own_command(door: Door) -> None:
    end = door.get("/health")["log"]
    assert door.get(f"/queue/HB?min_position={end}")["position"] >= end


def test_a_read_that_cannot_wait_that_long_says_so(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.reading.PATIENCE", 0.1)
    headers = {"X-Zhifang-Unit": "worker:S-unread"}
    door.client.post("/api/v1/diagnosis/open-by-application", json=APPLICATION, headers=headers)
    end = door.get("/health")["log"]
    assert door.get(f"/queue/HB?min_position={end}", 503)["type"] == "urn:zhifang:not-yet"
    door.county.engine.catch_up()


def test_a_position_the_log_does_not_have_is_not_waited_for(door: Door) -> None:
    assert door.get("/queue/HB?min_position=99999", 422)["type"] == "urn:zhifang:position"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/cases/DX-1999-0001", "no-such-case"),
        ("/tasks/t-0", "no-such-task"),
        ("/tasks/t-0/why", "no-such-task"),
        ("/nowhere", "http-404"),
    ],
)
def test_what_is_not_there_is_a_problem_in_chinese(door: Door, path: str, code: str) -> None:
    answer = door.client.get(f"/api/v1{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:zhifang:{code}"
    assert "没有" in answer.json()["title"]
