"""A county with a told story behind the real HTTP application, and a client at its door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from eventstore.embedded import Server
from projections.county import County
from tests.conftest import told

CASE = "DX-2026-0001"
APPLICATION = {
    "institution": "institution:DI-01",
    "employer": "employer:91330523MA000TE131",
    "hazard": "铅",
    "locality": "household",
}


@dataclass
class Door:
    """The application, a client, and the county behind it."""

    app: FastAPI
    client: TestClient
    county: County

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=_named(headers))
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(
        self, path: str, body: dict[str, Any] | None = None, /, **headers: str
    ) -> httpx2.Response:
        answer = self.client.post(f"/api/v1{path}", json=body or {}, headers=_named(headers))
        self.county.engine.catch_up()
        return answer

    def apply(self, worker: str, **headers: str) -> httpx2.Response:
        """A worker applies for a diagnosis."""
        return self.post(
            "/diagnosis/open-by-application",
            APPLICATION,
            **{"X_Zhifang_Unit": worker, **headers},
        )


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(scope="module")
def door(
    server: Server, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Door]:
    schema = "api_" + request.module.__name__.rpartition(".")[2]
    for county in told(server, tmp_path_factory.mktemp("api"), schema):
        app = create_app(county)
        with TestClient(app, raise_server_exceptions=False) as client:
            made = Door(app, client, county)
            for number in (1, 2, 3):
                assert made.apply(f"worker:S-more-{number}").status_code == 200
            yield made
