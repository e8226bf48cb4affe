"""`zhifang serve` on a server of the county's own: fit roles and durable settings, or none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore import embedded
from eventstore.embedded import Server
from tests.system.test_run import free_port

ZHIFANG = Path(sys.executable).parent / "zhifang"


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("durable")
    with embedded.running(var) as server:
        yield server
    embedded.remove(var)


def environment(
    server: Server, var: Path, app: str, projector: str | None = None
) -> dict[str, str]:
    return {
        **os.environ,
        "ZHIFANG_VAR": str(var),
        "ZHIFANG_PORT": str(free_port()),
        "ZHIFANG_DATABASE_URL": app,
        "ZHIFANG_DATABASE_PROJECTOR_URL": projector or server.projector_url,
        "ZHIFANG_DATABASE_ADMIN_URL": server.owner_url,
    }


def said(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ZHIFANG, *arguments], env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_role_that_could_alter_the_log_is_not_served(durable: Server, tmp_path: Path) -> None:
    done = said(environment(durable, tmp_path, durable.owner_url), "serve")
    assert done.returncode == 1
    assert "能改动日志" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_projector_that_could_alter_the_log_is_not_served(
    durable: Server, tmp_path: Path
) -> None:
    env = environment(durable, tmp_path, durable.app_url, projector=durable.owner_url)
    done = said(env, "serve")
    assert done.returncode == 1
    assert "能改动日志" in done.stderr


def test_settings_that_could_lose_events_are_not_served(server: Server, tmp_path: Path) -> None:
    """The tests' own server runs without fsync."""
    done = said(environment(server, tmp_path, server.app_url), "serve")
    assert done.returncode == 1
    assert "fsync=off" in done.stderr


def test_the_applications_role_on_a_durable_server_is_served(
    durable: Server, tmp_path: Path
) -> None:
    env = environment(durable, tmp_path / "not-made-yet", durable.app_url)
    serving = subprocess.Popen([ZHIFANG, "serve"], env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            time.sleep(0.2)
            try:
                address = f"http://127.0.0.1:{env['ZHIFANG_PORT']}/api/v1/health"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                assert serving.poll() is None
        else:
            pytest.fail("zhifang serve did not come up")
    finally:
        serving.terminate()
        serving.wait(timeout=30)


def test_missing_settings_are_named(durable: Server, tmp_path: Path) -> None:
    env = environment(durable, tmp_path, durable.app_url)
    del env["ZHIFANG_DATABASE_PROJECTOR_URL"]
    assert "ZHIFANG_DATABASE_PROJECTOR_URL" in said(env, "queue", "HB").stderr
    env = environment(durable, tmp_path, durable.app_url)
    del env["ZHIFANG_DATABASE_ADMIN_URL"]
    assert "ZHIFANG_DATABASE_ADMIN_URL" in said(env, "migrate").stderr
