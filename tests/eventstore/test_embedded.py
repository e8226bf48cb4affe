"""The embedded database: private, restartable, and plain about what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from eventstore import embedded
from eventstore.embedded import EmbeddedError, InUseError
from eventstore.schema import connect, migrate


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    embedded.remove(tmp_path / "var")


def test_a_second_start_finds_the_data_of_the_first(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        admin = connect(server.owner_url)
        migrate(admin)
        admin.dispose()
    with embedded.running(var, durable=False) as server:
        app = connect(server.app_url)
        with app.connect() as connection:
            assert connection.execute(sa.text("SELECT position FROM log_head")).scalar_one() == 0
        app.dispose()


def test_only_its_owner_can_reach_it_and_no_port_is_open(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        home = server.data.parent
        assert server.socket.stat().st_mode & 0o077 == 0
        assert server.data.stat().st_mode & 0o077 == 0
        assert home.stat().st_mode & 0o077 == 0
        assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600
        admin = connect(server.owner_url, "public")
        with admin.connect() as connection:
            assert connection.execute(sa.text("SHOW listen_addresses")).scalar_one() == ""
            assert connection.execute(sa.text("SHOW data_checksums")).scalar_one() == "on"
        admin.dispose()
        wrong = server.app_url.replace("zhifang_app:", "zhifang_app:x")
        with pytest.raises(sa.exc.OperationalError):
            connect(wrong).connect()


def test_no_permissions_of_folders_it_did_not_make_are_changed(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with embedded.running(private / "var", durable=False):
        assert private.stat().st_mode & 0o777 == 0o700
    embedded.remove(private / "var")


def test_after_a_killed_starter_the_next_start_works(var: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom eventstore import embedded\n"
        "with embedded.running(Path(sys.argv[1]), durable=False):\n"
        "    print('up', flush=True)\n    time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(var)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    with pytest.raises(InUseError, match="另一个进程"), embedded.running(var):
        pass
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    with embedded.running(var, durable=False) as server:
        app = connect(server.app_url, "public")
        with app.connect() as connection:
            assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        app.dispose()


def test_stopped_nothing_is_left_running(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        assert (server.data / "postmaster.pid").exists()
    assert not (server.data / "postmaster.pid").exists()
    assert list(server.socket.iterdir()) == []
    with pytest.raises(sa.exc.OperationalError):
        connect(server.app_url, "public").connect()


@pytest.mark.parametrize("damage", ["foreign", "version", "passwords"])
def test_data_it_cannot_use_get_a_sentence_that_says_what_to_do(var: Path, damage: str) -> None:
    with embedded.running(var, durable=False) as server:
        home = server.data.parent
    match damage:
        case "foreign":
            (home / "zhifang.json").unlink()
        case "version":
            (home / "data" / "PG_VERSION").write_text("15\n")
        case _:
            (home / "passwords.json").unlink()
    with pytest.raises(EmbeddedError, match="请"), embedded.running(var, durable=False):
        pass


def test_an_interrupted_first_start_is_begun_again(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        home = server.data.parent
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    with embedded.running(var, durable=False) as server:
        assert (server.data / "PG_VERSION").exists()
