"""A full disk: commands say so and record nothing; given room, they go on, nothing restarted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from api import law
from api.app import create_app
from eventstore import doctor, embedded
from eventstore.embedded import Server
from eventstore.schema import document_chunks, documents
from projections.county import County, Settings, Urls, opened
from tests.api.conftest import APPLICATION

SIZE = 200  # megabytes of the small disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server whose data lie on a disk of their own, made of memory."""
    var = tmp_path / "var"
    var.mkdir()
    home = embedded.data_folder(var)
    home.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=0755", "tmpfs", str(home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        home.rmdir()
        pytest.skip("NOT RUN: making a small disk needs the right to mount")
    try:
        with embedded.running(var) as server:
            yield server, home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)
        shutil.rmtree(home, ignore_errors=True)


def fill(home: Path) -> Path:
    """Leave not a single page free."""
    filler = home / "filler"
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            pass
    return filler


def apply(client: TestClient, id: str) -> tuple[int, str]:
    answer = client.post(
        "/api/v1/diagnosis/open-by-application",
        json=APPLICATION,
        headers={"X-Zhifang-Unit": f"worker:S-{id}", "Idempotency-Key": id},
    )
    return answer.status_code, answer.json().get("type", "")


def upload(client: TestClient) -> int:
    """A document of three megabytes."""
    headers = {"X-Zhifang-Unit": "HB"}
    content = b"%PDF-" + b"x" * 3_000_000
    return client.post("/api/v1/documents", content=content, headers=headers).status_code


def recorded(county: County) -> int:
    return county.log.recorder.max_notification_id() or 0


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(
    small_disk: tuple[Server, Path], tmp_path: Path
) -> None:
    server, home = small_disk
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    with opened(Settings(var=tmp_path / "county"), urls) as county:
        law.adopt(county.log, law.files(), title="测试", recorder="test")
        county.engine.catch_up()
        with TestClient(create_app(county), raise_server_exceptions=False) as client:
            acknowledged = [f"before-{n}" for n in range(5)]
            assert {apply(client, id) for id in acknowledged} == {(200, "")}
            filler = fill(home)
            refused = []
            for number in range(200):
                id = f"full-{number}"
                before = recorded(county)
                status, code = apply(client, id)
                if status == 200:
                    acknowledged.append(id)  # there was still room on a page
                else:
                    refused.append((status, code))
                    assert recorded(county) == before
            assert refused
            assert set(refused) <= {
                (507, "urn:zhifang:disk-full"),
                (503, "urn:zhifang:unavailable"),
            }
            assert upload(client) in (507, 503)
            filler.unlink()
            with county.app.connect() as connection:
                for table in (documents, document_chunks):
                    assert connection.execute(sa.select(table)).first() is None
            assert upload(client) == 201
            assert apply(client, "full-199") == (200, "")
            for id in acknowledged:
                assert apply(client, id) == (200, "")  # its first receipt
        assert [f.code for f in doctor.verify(county.app)] == []
        county.engine.catch_up()
