"""The embedded database: private, restartable, ended with its starter, plain in refusing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from eventstore import embedded, embedded_files
from eventstore.embedded import EmbeddedError, InUseError, Server
from eventstore.schema import connect, migrate


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A folder for a first start."""
    yield tmp_path / "var"
    shutil.rmtree(embedded.data_folder(tmp_path / "var"), ignore_errors=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    var = tmp_path_factory.mktemp("made")
    with embedded.running(var, durable=False) as server:
        home = server.data.parent
    yield home
    embedded.remove(var)


@pytest.fixture
def var(fresh: Path, made: Path) -> Path:
    """A folder that was started before; copied, for a first start takes its second."""
    fresh.mkdir()
    home = embedded.data_folder(fresh)
    embedded_files.claim(fresh, home)
    subprocess.run(["cp", "-a", f"{made}/.", home], check=True)
    return fresh


def ask(url: str, query: str) -> list[object]:
    """The first column of what the database answers."""
    engine = connect(url, "public")
    try:
        with engine.connect() as connection:
            return list(connection.execute(sa.text(query)).scalars())
    finally:
        engine.dispose()


def note(server: Server) -> None:
    """Leave something behind that a later start can find."""
    engine = connect(server.owner_url)
    migrate(engine)
    engine.dispose()


def noted(server: Server) -> bool:
    return ask(server.app_url, "SELECT position FROM zhifang.log_head") == [0]


UP = """
import signal, sys, time
# What started the tests may ignore these (nohup, a job in the background): a starter does not.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from contextlib import nullcontext
from pathlib import Path
from eventstore import embedded
{before}
with embedded.running(Path(sys.argv[1]), durable=False):
    print('up', flush=True)
    time.sleep(600)
"""


def starter(var: Path, before: str = "") -> subprocess.Popen[str]:
    """Another process that has a server running for `var`."""
    child = subprocess.Popen(
        [sys.executable, "-c", UP.format(before=before), str(var)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    return child


def server_of(var: Path) -> int:
    return int((embedded.data_folder(var) / "data/postmaster.pid").read_text().split()[0])


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cwd").exists()


def gone(pid: int) -> bool:
    """Wait for a process that is ending."""
    for _ in range(600):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


# --- Starting -----------------------------------------------------------------------------------


def test_a_second_start_finds_the_data_of_the_first(fresh: Path) -> None:
    with embedded.running(fresh, durable=False) as server:
        note(server)
    with embedded.running(fresh, durable=False) as server:
        assert noted(server)


def test_it_is_durable_unless_a_test_says_otherwise(var: Path) -> None:
    settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    query = " UNION ALL ".join(f"SELECT current_setting('{name}')" for name in settings)
    with embedded.running(var) as server:
        assert ask(server.app_url, query) == ["on", "on", "on", "on"]
    with embedded.running(var, durable=False) as server:
        assert ask(server.app_url, query) == ["off", "off", "off", "on"]


def test_only_its_owner_can_reach_it_and_no_port_is_open(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        home = server.data.parent
        assert server.socket.stat().st_mode & 0o777 == 0o700
        assert server.data.stat().st_mode & 0o777 == 0o700
        assert home.stat().st_mode & 0o066 == 0
        assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600
        assert (home / "passwords.json").stat().st_uid == os.geteuid()
        assert ask(server.app_url, "SHOW listen_addresses") == [""]


def test_every_login_needs_its_password_and_none_is_a_superuser(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        for url in (server.owner_url, server.app_url, server.projector_url):
            assert ask(url, "SELECT 1") == [1]
            wrong = url.replace("@/", "x@/")
            with pytest.raises(sa.exc.OperationalError, match="password authentication failed"):
                ask(wrong, "SELECT 1")
        superusers = "SELECT rolname FROM pg_roles WHERE rolsuper"
        assert ask(server.app_url, superusers) == ["postgres"]
        owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'zhifang'"
        assert ask(server.app_url, owner) == ["zhifang_owner"]


def test_no_permissions_of_folders_it_did_not_make_are_changed(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    watched = [private, *private.parents, *Path(sys.prefix).rglob("pginstall18/**/")]

    def modes() -> list[tuple[int, int]]:
        return [(path.stat().st_mode, path.stat().st_uid) for path in watched]

    before = modes()
    with embedded.running(private / "var", durable=False):
        assert modes() == before
    embedded.remove(private / "var")
    assert modes() == before


def test_where_the_path_is_too_long_for_a_socket_a_short_private_one_serves(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "SOCKET_FOLDER_LIMIT", 10)
    with embedded.running(var, durable=False) as server:
        assert server.socket.parent == Path("/tmp")
        assert server.socket.stat().st_mode & 0o777 == 0o700
        assert embedded.attach(var) == server
        assert ask(server.app_url, "SELECT 1") == [1]
    assert not server.socket.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_for_root_it_runs_as_nobody_from_a_private_checkout_whatever_the_umask(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(tempfile.mkdtemp(dir="/var/tmp"))
    place.chmod(0o755)
    monkeypatch.setattr(embedded_files, "ROOTS_HOME", place / "zhifang")
    umask = os.umask(0o077)
    try:
        with embedded.running(fresh, durable=False) as server:
            assert server.data.is_relative_to(place)
            process = Path(f"/proc/{server_of(fresh)}")
            assert process.stat().st_uid == server.data.stat().st_uid != 0
            assert server.data.parent.stat().st_uid == 0
    finally:
        os.umask(umask)
        shutil.rmtree(place)


# --- Ending -------------------------------------------------------------------------------------


def test_stopped_nothing_is_left_running(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        pid = server_of(var)
    assert gone(pid)
    assert not server.socket.exists()
    with pytest.raises(sa.exc.OperationalError):
        ask(server.app_url, "SELECT 1")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_starter_told_to_end_stops_its_server_first(var: Path, how: signal.Signals) -> None:
    child = starter(var)
    pid = server_of(var)
    child.send_signal(how)
    assert child.wait(timeout=60) != 0
    assert not alive(pid)
    with pytest.raises(EmbeddedError, match="请先 make run"):
        embedded.attach(var)


def test_a_killed_starter_leaves_no_server_behind(var: Path) -> None:
    child = starter(var)
    pid = server_of(var)
    child.kill()
    child.wait()
    assert gone(pid)
    with embedded.running(var, durable=False) as server:
        assert ask(server.app_url, "SELECT 1") == [1]


def test_a_server_left_behind_all_the_same_is_stopped_by_the_next_start(var: Path) -> None:
    """The control of the test above: without its watcher the server does outlive its starter."""
    with embedded.running(var, durable=False) as server:
        note(server)
    child = starter(var, before="embedded._watched = lambda home: nullcontext()")
    pid = server_of(var)
    child.kill()
    child.wait()
    time.sleep(1)
    assert alive(pid)
    with embedded.running(var, durable=False) as server:
        assert not alive(pid)
        assert server_of(var) != pid
        assert noted(server)


def test_a_stale_process_number_does_no_harm_to_whoever_bears_it_now(var: Path) -> None:
    with embedded.running(var, durable=False) as server:
        stale = server.data / "postmaster.pid"
        told = stale.read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "600"], **embedded_files.as_user())
    try:
        stale.write_text("\n".join([str(bystander.pid), *told[1:], ""]))
        embedded_files.hand_over(stale)
        with embedded.running(var, durable=False) as server:
            assert ask(server.app_url, "SELECT 1") == [1]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_first_start_killed_halfway_is_begun_again(fresh: Path) -> None:
    dying = "import os\nPath.rename = lambda *_: os.kill(os.getpid(), 9)\n"
    marker = "embedded.files.write = lambda path, content, mode=384: path.write_text(content)\n"
    with pytest.raises(AssertionError):
        starter(fresh, before=dying + marker)
    home = embedded.data_folder(fresh)
    assert (home / "data.new" / "PG_VERSION").exists()
    assert not (home / "data").exists()
    with embedded.running(fresh, durable=False) as server:
        assert ask(server.app_url, "SELECT 1") == [1]
    assert not (home / "data.new").exists()


def test_a_second_process_is_told_that_the_data_are_in_use_and_can_join(var: Path) -> None:
    child = starter(var)
    with pytest.raises(InUseError, match="另一个进程"), embedded.running(var):
        pass
    with pytest.raises(InUseError, match="另一个进程"):
        embedded.remove(var)
    assert ask(embedded.attach(var).app_url, "SELECT 1") == [1]
    child.terminate()
    child.wait()


# --- What cannot be used ------------------------------------------------------------------------


def somebody_elses_folder(var: Path, home: Path) -> None:
    (var / "zhifang.json").unlink()
    (var / "ledger.txt").write_text("not ours")


def a_broken_marker(var: Path, home: Path) -> None:
    (var / "zhifang.json").write_text("{")


def data_made_elsewhere(var: Path, home: Path) -> None:
    (var / "zhifang.json").write_text(json.dumps({"made_by": "zhifang", "data": "/elsewhere"}))


def another_version(var: Path, home: Path) -> None:
    (home / "data" / "PG_VERSION").write_text("15\n")


def lost_passwords(var: Path, home: Path) -> None:
    (home / "passwords.json").unlink()


def other_passwords(var: Path, home: Path) -> None:
    kept = home / "passwords.json"
    kept.write_text(json.dumps(dict.fromkeys(json.loads(kept.read_text()), "wrong")))


def half_the_data(var: Path, home: Path) -> None:
    (home / "data" / "global" / "pg_control").unlink()


def a_file_in_its_place(var: Path, home: Path) -> None:
    embedded.remove(var)
    shutil.rmtree(var)
    var.write_text("")


DAMAGES: dict[Callable[[Path, Path], None], str] = {
    somebody_elses_folder: "不属于本程序",
    a_broken_marker: "不属于本程序",
    data_made_elsewhere: "/elsewhere",
    another_version: "PostgreSQL 15",
    lost_passwords: "不完整",
    other_passwords: "口令",
    half_the_data: "不完整",
    a_file_in_its_place: "无法使用",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_it_cannot_use_gets_a_sentence_that_says_what_to_do(
    var: Path, damage: Callable[[Path, Path], None]
) -> None:
    damage(var, embedded.data_folder(var))
    with pytest.raises(EmbeddedError) as error, embedded.running(var, durable=False):
        pass
    assert DAMAGES[damage] in str(error.value)
    assert "请" in str(error.value)
    assert " / " in str(error.value)


def test_forgetting_the_data_leaves_alone_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "ledger.txt").write_text("not ours")
    with pytest.raises(EmbeddedError, match="不属于本程序"):
        embedded.remove(tmp_path)
    assert (tmp_path / "ledger.txt").exists()
