"""Letters and documents over HTTP: issued, read, printed; streamed in, filed, fetched."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import typer
from typer.testing import CliRunner

from api import desk
from domain.papers import IssueLetter
from eventstore.application import Order
from tests.api.conftest import Door

HB = {"X_Zhifang_Unit": "HB", "If_Match": "*"}
PDF = b"%PDF-1.7 " + "合成".encode()


@pytest.fixture(scope="module")
def case(door: Door) -> str:
    return str(door.apply("worker:S-papers").json()["case_number"])


def issued(door: Door, case: str) -> Any:
    body = {"template": "notice", "to": ["worker"], "values": {"matter": "合成内容<b>"}}
    answer = door.post(f"/letter/{case}/issue", body, **HB)
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(door: Door, content: bytes, **headers: str) -> Any:
    sent = {"X-Zhifang-Unit": "HB", **headers}
    return door.client.post("/api/v1/documents", content=content, headers=sent)


def filed(door: Door, case: str, content: bytes) -> str:
    stored = upload(door, content).json()
    body = {"sha256": stored["sha256"], "title": "送达回证", "kind": "service_proof"}
    answer = door.post(f"/document/{case}/file", body, **HB)
    assert answer.status_code == 200, answer.text
    return str(stored["sha256"])


def test_a_letter_is_issued_with_its_number_in_the_receipt_and_read_again(
    door: Door, case: str
) -> None:
    receipt = issued(door, case)
    number = receipt["document_number"]
    assert number.startswith("安卫职告〔2026〕")
    [row] = [r for r in door.get(f"/cases/{case}/letters") if r["number"] == number]
    assert (row["title"], row["delivered"], row["withdrawn"]) == ("告知书", [], None)
    whole = door.get(f"/cases/{case}/letters/{quote(number)}")
    assert number in whole["text"]
    empty = whole["text"].replace(number, "", 1)
    assert hashlib.sha256(empty.encode()).hexdigest() == whole["sha256"]
    [event] = [e for e in door.get(f"/cases/{case}/events") if e["document_number"] == number]
    assert event["sentence"].endswith(f"（{number}）")
    before = receipt["position"] - 1
    assert number not in str(door.get(f"/cases/{case}/letters?as_of={before}"))


def test_a_letter_is_a_page_to_print_the_same_bytes_every_time(door: Door, case: str) -> None:
    number = issued(door, case)["document_number"]
    path = f"/cases/{case}/letters/{quote(number)}"
    first, again = door.client.get(path), door.client.get(path)
    assert first.status_code == 200
    assert first.content == again.content
    assert first.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "合成内容&lt;b&gt;" in first.text
    assert "<script" not in first.text
    assert number in door.client.get(f"/cases/{case}").text
    assert (
        door.client.get(f"/cases/{case}/letters/{quote('安卫职告〔2026〕999号')}").status_code
        == 404
    )


def test_a_letter_whose_text_no_longer_fits_its_hash_is_not_shown(
    door: Door, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/cases/{case}/letters/{quote(issued(door, case)['document_number'])}"
    door.get(path)  # control
    known: Any = door.county.log.reference_in_force().edition.letters
    other = replace(known["notice"], text=known["notice"].text.replace("告知", "通知"))
    monkeypatch.setitem(known, "notice", other)
    assert door.get(path, 409)["type"] == "urn:zhifang:letter-changed"
    assert door.client.get(path).status_code == 422


def test_templates_say_who_may_issue_them_and_what_is_still_to_be_written(door: Door) -> None:
    known = {t["id"]: t for t in door.get("/letter-templates")}
    assert "township" not in known["order-correction"]["units"]
    assert known["press"]["asks"] == {"matter": "督办事项", "until": "办结期限"}


def test_a_document_goes_in_as_a_stream_and_comes_out_as_a_file(door: Door, case: str) -> None:
    content = PDF + b"w" * 700_000
    sha256 = filed(door, case, content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    path = f"/api/v1/cases/{case}/documents/{sha256}"
    answer = door.client.get(path, headers={"X-Zhifang-Unit": "HB"})
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    named = quote("送达回证.pdf")
    assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{named}")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    [row] = [r for r in door.get(f"/cases/{case}/documents") if r["sha256"] == sha256]
    assert (row["size"], row["edition"], row["filed_by"]) == (len(content), 1, "HB")
    assert sha256[:16] in door.client.get(f"/cases/{case}").text


def test_a_document_is_fetched_only_by_those_concerned_and_only_through_its_case(
    door: Door, case: str
) -> None:
    sha256 = filed(door, case, PDF + b"mine")
    path = f"/cases/{case}/documents/{sha256}"
    told = door.get(path, 403, X_Zhifang_Unit="EIB")
    assert told["type"] == "urn:zhifang:not-concerned"
    other = door.apply("worker:S-other-papers").json()["case"]
    door.get(f"/cases/{other}/documents/{sha256}", 404, X_Zhifang_Unit="HB")
    door.get(f"/cases/{case}/documents/{'0' * 64}", 404, X_Zhifang_Unit="HB")


def test_too_large_an_upload_is_refused_while_it_still_streams(door: Door) -> None:
    """Straight at the application, with a sender who would never stop."""
    asked, said = [0], []
    headers = [(b"x-zhifang-unit", b"HB")]
    scope: dict[str, Any] = {
        **{"type": "http", "method": "POST", "path": "/api/v1/documents", "query_string": b""},
        **{"raw_path": b"/api/v1/documents", "root_path": "", "scheme": "http"},
        **{"headers": headers, "http_version": "1.1", "client": ("127.0.0.1", 1)},
    }

    async def receive() -> dict[str, Any]:
        asked[0] += 1
        return {"type": "http.request", "body": PDF + b"x" * 1_000_000, "more_body": True}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(door.app(scope, receive, send))
    assert said[0]["status"] == 413
    assert asked[0] == 20  # a million and a few bytes each: the twentieth passes the limit
    told = json.loads(b"".join(m.get("body", b"") for m in said[1:]))
    assert "20,000,000 字节的上限" in told["title"]


def test_a_wrong_type_is_refused_whatever_the_sender_calls_it(door: Door) -> None:
    program = upload(door, b"MZ\x90\x00" + b"\x00" * 60, **{"Content-Type": "application/pdf"})
    assert program.status_code == 415
    assert "pdf、jpeg" in program.json()["title"]
    nobody = door.client.post("/api/v1/documents", content=PDF)
    assert nobody.status_code == 422


def test_the_same_command_at_the_terminal_shares_the_series(door: Door, case: str) -> None:
    before = issued(door, case)["document_number"]
    letter = IssueLetter(template="notice", to=("worker",), values={"matter": "合成内容"})
    order = Order(command=letter, id="desk", actor="HB", recorder="desk", case=case)
    after = door.county.log.execute(order).document_number
    digits = [int(n.partition("〕")[2][:-1]) for n in (before, after or "")]
    assert digits[1] == digits[0] + 1


def test_the_terminal_issues_delivers_and_files_in_the_same_words(
    door: Door, case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(desk, "county", lambda: nullcontext(door.county))
    terminal = typer.Typer()
    desk.add_to(terminal)

    def run(*words: str) -> str:
        return CliRunner().invoke(terminal, words, catch_exceptions=False).output

    told = run(
        *("letter", "issue", case, "notice", "--to", "worker", "--as", "HB"),
        *("--value", "matter=合成内容"),
    )
    number = told.split()[1]
    assert "合成内容。" in run("letter", "show", case, number)
    scan = tmp_path / "回证.pdf"
    scan.write_bytes(PDF + b"slip")
    put = run("document", "put", str(scan), "--case", case, "--as", "HB", "--title", "送达回证")
    sha256 = put.split()[-1]
    deliver = ("letter", "deliver", case, number, "--to", "worker", "--as", "HB")
    assert "已登记" in run(*deliver, "--method", "in_person", "--document", sha256)
    copy = tmp_path / "copy.pdf"
    assert "已写出" in run("document", "get", case, sha256, "--out", str(copy))
    assert copy.read_bytes() == scan.read_bytes()
    [row] = [r for r in door.get(f"/cases/{case}/letters") if r["number"] == number]
    assert (row["withdrawn"], len(row["delivered"])) == (None, 1)
    words = ("letter", "issue", case, "notice", "--to", "worker", "--value", "matter=更正的内容")
    anew = run(*words, "--corrects", number, "--as", "HB").split()[1]
    assert f"本件更正并代替我单位{number}《告知书》" in run("letter", "show", case, anew)
    assert "已作废" in run("letter", "withdraw", case, anew, "--reason", "重复", "--as", "HB")
    rows = {r["number"]: r for r in door.get(f"/cases/{case}/letters")}
    assert (rows[anew]["withdrawn"], rows[number]["corrected_by"]) == ("重复", anew)


@pytest.fixture(scope="module")
def decided(door: Door) -> tuple[str, str]:
    """An injury case with its decision, which tells the disease; and the letter's number."""
    diagnosis = door.apply("worker:S-decided").json()["case"]
    institution = {"X_Zhifang_Unit": "institution:DI-01", "If_Match": "*"}
    hssb = {"X_Zhifang_Unit": "HSSB", "If_Match": "*"}
    case = f"determination-{diagnosis.partition('-')[2]}"
    certificate = {"result": "od", "disease": "矽肺", "stage": "壹期", "certificate": "合成-D1"}
    steps: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        (f"/diagnosis/{diagnosis}/complete-file", {"basis": "齐全"}, institution),
        (f"/diagnosis/{diagnosis}/conclude", certificate, institution),
        (
            f"/determination/{case}/file",
            {"applicant": "employer"},
            {"X_Zhifang_Unit": "employer:91330523MA000TE131", "If_Match": "*"},
        ),
        (f"/determination/{case}/accept", {}, hssb),
        (f"/determination/{case}/determine", {"injury": "yes", "decision": "合成认1"}, hssb),
        (
            f"/letter/{case}/issue",
            {"template": "determination-yes", "to": ["worker", "employer"]},
            hssb,
        ),
    ]
    for path, body, headers in steps:
        answer = door.post(path, body, **headers)
        assert answer.status_code == 200, answer.text
    return case, str(answer.json()["document_number"])


def test_a_letter_that_tells_a_disease_is_read_by_those_concerned(
    door: Door, decided: tuple[str, str]
) -> None:
    case, number = decided
    path = f"/cases/{case}/letters/{quote(number)}"
    for stranger in ({}, {"X_Zhifang_Unit": "EIB"}, {"X_Zhifang_Unit": "citizen:nobody"}):
        told = door.get(path, 403, **stranger)
        assert told["type"] == "urn:zhifang:not-concerned"
        assert "矽肺" not in str(told)
    for reader in ("HSSB", "employer:91330523MA000TE131"):
        assert "矽肺" in door.get(path, X_Zhifang_Unit=reader)["text"]
    refused = door.client.get(path)
    assert "矽肺" not in refused.text
    assert "?party=" in refused.text
    assert "矽肺" in door.client.get(f"{path}?party=HSSB").text


def test_delivering_the_decision_is_serving_it_in_one_command(
    door: Door, decided: tuple[str, str]
) -> None:
    case, number = decided
    body = {"letter": number, "to": "worker", "method": "in_person", "receipt": "合成回证1"}
    answer = door.post(f"/letter/{case}/deliver", body, X_Zhifang_Unit="HSSB", If_Match="*").json()
    assert [event["type"] for event in answer["events"]] == [
        "letter.delivered",
        "determination.served",
    ]


def test_whoever_is_not_concerned_files_nothing_and_downloads_nothing(
    door: Door, case: str
) -> None:
    mine = filed(door, case, PDF + b"theirs")
    for stranger in ("citizen:nobody", "employer:91330500MA2B000002"):
        named = {"X_Zhifang_Unit": stranger, "If_Match": "*"}
        sha256 = upload(door, PDF + b"theirs", **{"X-Zhifang-Unit": stranger}).json()["sha256"]
        assert sha256 == mine
        body = {"sha256": sha256, "title": "合成材料", "kind": "other_paper"}
        told = door.post(f"/document/{case}/file", body, **named)
        assert told.json()["type"] == "urn:zhifang:not-concerned"
        door.get(f"/cases/{case}/documents/{mine}", 403, X_Zhifang_Unit=stranger)


def test_a_known_hash_does_not_fetch_the_bytes_of_another_case(door: Door, case: str) -> None:
    secret = filed(door, case, PDF + b"of the first case")
    worker = "worker:S-thief"
    own = door.apply(worker).json()["case"]
    body = {"sha256": secret, "title": "合成材料", "kind": "other_paper"}
    told = door.post(f"/document/{own}/file", body, X_Zhifang_Unit=worker, If_Match="*")
    assert told.json()["type"] == "urn:zhifang:not-uploaded"
