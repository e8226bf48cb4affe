"""PostgreSQL under `./var`, out of a wheel: for trying out and testing, never for production.

Drives the wheel's own `initdb` and `pg_ctl`: passwords by scram, no network port, a socket folder
only its owner can enter, data checksums. No server outlives its starter, however that one ends.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from eventstore import embedded_files as files
from eventstore.embedded_files import LOGINS, EmbeddedError, InUseError

__all__ = ["EmbeddedError", "InUseError", "Server", "attach", "data_folder", "remove", "running"]

DATABASE = "zhifang"
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.5432")  # bytes; the system's limit for a socket's path


@dataclass(frozen=True)
class Server:
    """A running server: where its data lie and how each role connects (SQLAlchemy URLs)."""

    data: Path
    socket: Path
    owner_url: str
    app_url: str
    projector_url: str


@contextmanager
def running(var: Path, *, durable: bool = True) -> Iterator[Server]:
    """The server whose data belong to `var`, started now and stopped at the end.

    `durable=False` turns fsync off, for tests only. Raises InUseError where another process runs
    it, EmbeddedError for any other obstacle, with a sentence that says what to do. SIGTERM and
    SIGHUP, where the program does not handle them, end it in order.
    """
    with _ended_by_signals(), files.sole_user(var):
        home = data_folder(var)
        with files.explained():
            files.claim(var, home)
            programs = files.programs()
            passwords = files.initialised(home, programs, durable)
            _stop_left_over(home, programs)
        with _socket_folder(home) as socket:
            try:
                _start(home, programs, socket, durable)
                with _watched(home):
                    _roles(socket, passwords)
                    yield _server(home, socket, passwords)
            finally:
                _pg_ctl(home, programs, "stop", "-m", "fast")


def attach(var: Path) -> Server:
    """The server another process of ours runs for `var`. Raises EmbeddedError if none is up."""
    home = data_folder(var)
    with files.explained():
        if _told(home)[-1:] != ["ready"]:
            raise EmbeddedError(
                f"{var} 没有已就绪的数据库；请先 make run，等其就绪再试"
                f" / no database is ready for {var}: start one with make run, or wait for it"
            )
        return _server(home, (home / "socket").resolve(), files.known_passwords(home))


def remove(var: Path) -> None:
    """Forget the data that belong to `var`; whatever else lies in it stays.

    Raises EmbeddedError where another process uses them, or `var` is not ours.
    """
    if not var.exists():
        return
    with files.sole_user(var), files.explained():
        home = data_folder(var)
        if home.exists():
            _stop_left_over(home, files.programs())
            shutil.rmtree(home)
        (var / files.MARKER).unlink(missing_ok=True)


def data_folder(var: Path) -> Path:
    """Where the data of `var` really lie; for root, outside a possibly private checkout."""
    return files.home_of(var)


def _server(home: Path, socket: Path, passwords: dict[str, str]) -> Server:
    """How each role connects. Nothing needs quoting: see the passwords and the socket's folder."""
    urls = (
        f"postgresql+psycopg://{name}:{passwords[name]}@/{DATABASE}?host={socket}"
        for name in LOGINS
    )
    return Server(home / "data", socket, *urls)


def _stop_left_over(home: Path, programs: Path) -> None:
    """Stop a server whose starter was killed; the lock we hold says that nobody uses it."""
    pid = _pid(home)
    if pid is None:
        return
    try:
        ours = Path(f"/proc/{pid}/cwd").samefile(home / "data")
    except OSError:
        ours = False
    if ours:
        _pg_ctl(home, programs, "stop", "-m", "fast")
    elif Path("/proc/self").exists():
        # The number belongs to somebody else by now, who must not get our signals.
        (home / "data" / "postmaster.pid").unlink()


@contextmanager
def _socket_folder(home: Path) -> Iterator[Path]:
    """A private folder for the socket; a short path elsewhere where `home` would not do."""
    place = home / "socket"
    with files.explained():
        _remove_socket_folder(place)
        fits = len(os.fsencode(place)) <= SOCKET_FOLDER_LIMIT
        # pg_ctl hands the path to a shell, PostgreSQL splits it at commas, URLs have their signs.
        if fits and re.fullmatch(r"[\w./-]+", str(place), re.ASCII):
            folder = place
            folder.mkdir(mode=0o700)
        else:
            folder = Path(tempfile.mkdtemp(prefix="zhifang-", dir="/tmp"))
            place.symlink_to(folder)
        files.hand_over(folder)
    try:
        yield folder
    finally:
        _remove_socket_folder(place)


def _remove_socket_folder(place: Path) -> None:
    if place.is_symlink():
        shutil.rmtree(place.readlink(), ignore_errors=True)
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)


def _start(home: Path, programs: Path, socket: Path, durable: bool) -> None:
    options = f"-c listen_addresses= -k {socket}"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    log = home / "server.log"
    with files.explained():
        files.write(log, "")
        files.hand_over(log)
        started = _pg_ctl(home, programs, "start", "-t", "300", "-l", "server.log", "-o", options)
    if started.returncode:
        raise EmbeddedError(
            "PostgreSQL 未能启动；请按下列日志处理后重试"
            " / PostgreSQL did not start: mend what its log says, then retry"
            f"\n{log}:\n{log.read_text(errors='replace')[-800:]}"
        )


_WATCH = """
read -r _
read -r running <"$1" && [ "$running" = "$2" ] && kill -INT "$2"
"""


@contextmanager
def _watched(home: Path) -> Iterator[None]:
    """A shell that waits for our end, even by kill -9, and then stops the server it was told."""
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "sh", home / "data" / "postmaster.pid", str(_pid(home))],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **files.as_user(),
    )
    try:
        yield
    finally:
        assert watcher.stdin
        watcher.stdin.close()
        watcher.wait()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end us as Ctrl-C does, so that what we started is stopped."""

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    ours = []
    if threading.current_thread() is threading.main_thread():
        both = (signal.SIGTERM, signal.SIGHUP)
        ours = [each for each in both if signal.getsignal(each) is signal.SIG_DFL]
    for each in ours:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)


def _roles(socket: Path, passwords: dict[str, str]) -> None:
    """The database and its logins, where they are missing."""
    try:
        connection = psycopg.connect(
            host=str(socket),
            user="postgres",
            password=passwords["postgres"],
            dbname="postgres",
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        raise EmbeddedError(
            "嵌入式 PostgreSQL 不接受所存口令；请恢复原口令文件，或以 make clean-data 清除后重试"
            " / The embedded PostgreSQL refuses the passwords kept: restore their file,"
            f" or run make clean-data\n{error}"
        ) from None
    with connection:
        for name in LOGINS:
            if not _found(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", name):
                create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(create.format(sql.Identifier(name), passwords[name]))
        if not _found(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {LOGINS[0]}")
        connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {', '.join(LOGINS[1:])}")


def _found(connection: psycopg.Connection[Any], query: str, value: str) -> bool:
    return connection.execute(query, [value]).fetchone() is not None


def _pid(home: Path) -> int | None:
    """The process number the data folder gives for its server; None without one."""
    first = _told(home)[:1]
    return int(first[0]) if first and first[0].isdigit() else None


def _told(home: Path) -> list[str]:
    """What the server says of itself in its data folder: its number first, its state last."""
    try:
        return (home / "data" / "postmaster.pid").read_text().split()
    except FileNotFoundError:
        return []


def _pg_ctl(home: Path, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return files.run(home, programs / "pg_ctl", "-D", "data", "-s", "-w", *arguments)
