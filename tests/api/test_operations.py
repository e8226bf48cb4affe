"""For operators: alive, ready, measured, traced, limited; documents without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from api.app import create_app
from eventstore.embedded import Server
from tests.api.conftest import Door
from tests.conftest import told


def test_alive_ready_and_measured(door: Door) -> None:
    assert door.client.get("/health").json() == {"status": "ok"}
    assert door.client.get("/ready").json()["log"] == door.get("/health")["log"]
    measures = door.client.get("/metrics").text
    assert re.search(r"^zhifang_read_lag 0\.0$", measures, re.M)
    assert re.search(r"^zhifang_log_position \d+\.0$", measures, re.M)
    counted = 'zhifang_http_requests_total{method="GET",route="/ready",status="200"}'
    assert counted in measures


def test_a_county_whose_database_is_gone_is_alive_but_not_ready(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: object, **more: object) -> None:
        raise sa.exc.OperationalError("", None, Exception("connection refused"))

    monkeypatch.setattr(type(door.county.app), "connect", gone)
    assert door.client.get("/health").status_code == 200
    answer = door.client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:zhifang:unavailable"
    assert answer.headers["Retry-After"]


def test_the_documents_need_no_network(door: Door) -> None:
    page = door.client.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    assert not [a for a in addresses if a.startswith(("http:", "https:", "//"))]
    for address in addresses:
        assert door.client.get(address).status_code == 200


def test_a_log_line_names_the_route_never_the_address_or_the_body(door: Door) -> None:
    with structlog.testing.capture_logs() as lines:
        door.client.get("/api/v1/queue/worker:S-secret?text=合成姓名")
    [line] = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/api/v1/queue/{party}"
    assert line["status"] == 200
    assert "secret" not in json.dumps(lines, ensure_ascii=False)
    assert "合成姓名" not in json.dumps(lines, ensure_ascii=False)


def test_every_answer_bears_an_id_and_says_where_the_log_is_simulated(door: Door) -> None:
    answer = door.client.get("/health")
    assert answer.headers["X-Request-ID"]
    assert answer.headers["X-Zhifang-Simulated"] == "true"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    yield exporter
    provider.shutdown()


def test_a_request_is_traced_by_whatever_tracer_the_county_sets(
    door: Door, spans: InMemorySpanExporter
) -> None:
    with TestClient(create_app(door.county)) as client:
        client.get("/api/v1/queue/HB")
    names = {span.name for span in spans.get_finished_spans()}
    assert any("/api/v1/queue/{party}" in name for name in names)


def test_too_many_requests_are_held_back(server: Server, tmp_path: Path) -> None:
    for county in told(server, tmp_path, "api_limited", rate_limit="5/minute"):
        with TestClient(create_app(county)) as client:
            answers = [client.get("/api/v1/queue/HB") for _ in range(7)]
            assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
            assert answers[-1].json()["title"] == "请求过于频繁，请稍后再试"
            assert answers[-1].headers["Retry-After"]
            other = client.get("/api/v1/queue/HB", headers={"X-Zhifang-Unit": "HSSB"})
            assert other.status_code == 200


def test_what_nobody_foresaw_is_a_problem_without_its_cause(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **more: object) -> None:
        raise RuntimeError("合成姓名")

    monkeypatch.setattr("projections.reading.View.queue", broken)
    answer = door.client.get("/api/v1/queue/HB")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:zhifang:internal"
    assert "合成姓名" not in answer.text
