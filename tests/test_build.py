"""The build keeps its own promises: locks, import contracts, the domain's purity, the law."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api import law
from domain.rules import LawError
from tests.locks import LOCKS, ROOT, exported

BIN = Path(sys.executable).parent


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_is_what_uv_exports(name: str) -> None:
    assert (ROOT / name).read_text() == exported(name)


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_has_hashes_and_no_addresses(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pins = [line for line in lines if "==" in line]
    assert pins
    assert all(line.rstrip().endswith("\\") for line in pins)
    assert "://" not in "\n".join(lines)


def test_uv_lock_answers_to_pyproject_and_knows_only_the_public_index() -> None:
    check = [
        str(BIN / "uv"),
        "lock",
        "--check",
        "--offline",
        "--no-config",
        "--no-cache",
        "--quiet",
    ]
    environment = {name: value for name, value in os.environ.items() if name[:3] != "UV_"}
    assert subprocess.run(check, cwd=ROOT, env=environment).returncode == 0
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_a_python_too_old_is_told_what_to_do(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    old = ["make", "PYTHON=false", "run"]
    done = subprocess.run(old, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "需要 Python 3.11 或更高版本：请安装" in done.stdout
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("domain/tasks.py", "import eventstore.codec"),
        ("domain/tasks.py", "import random"),
        ("eventstore/codec.py", "import projections.engine"),
        ("workers/projector.py", "import api.law"),
    ],
)
def test_a_bad_import_turns_the_contracts_red(tmp_path: Path, file: str, line: str) -> None:
    copy = tmp_path / "copy"
    for package in ("domain", "eventstore", "projections", "api", "workers"):
        shutil.copytree(ROOT / package, copy / package)
    shutil.copy(ROOT / "pyproject.toml", copy)
    run = [str(BIN / "lint-imports"), "--no-cache"]
    environment = {"PYTHONPATH": str(copy), "PATH": ""}
    assert subprocess.run(run, cwd=copy, env=environment, capture_output=True).returncode == 0
    with (copy / file).open("a") as source:
        source.write(f"\n{line}\n")
    assert subprocess.run(run, cwd=copy, env=environment, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("odl/rules.toml", 'deadline = "D44"', 'deadline = "D99"', "没有时限 D99"),
        ("odl/rules.toml", '"odl-48", "o6-25"', '"odl-4800", "o6-25"', "没有条款 odl-4800"),
        ("odl/rules.toml", '"diagnosis.ruling_given"]', '"diagnosis.ruled"]', "没有事件"),
        ("odl/rules.toml", 'when = "is_od"', 'when = "is_bad"', "没有条件 is_bad"),
        ("odl/rules.toml", 'holder = "HB"', 'holder = "XX"', "没有单位或角色 XX"),
        ("odl/deadlines.toml", "length = 15", 'length = "x"', "length 的值"),
        ("odl/deadlines.toml", "from = 2021-01-04", "from = 2020-01-04", "重叠"),
        ("units.toml", 'code = "HB"', 'code = "EMB"', "已在"),
        ("calendar/2026.toml", "2026-01-04", "2025-01-04", "不属于 2026 年"),
        ("notice43/clauses.toml", '"HB:L"', '"HX:L"', "没有单位 HX"),
        ("policy/tasks.toml", "value = 5", "valeu = 5", "不认识的键 valeu"),
        ("odl/rules.toml", "[[rule]]", "[[rule]", "TOML 语法错误"),
    ],
)
def test_a_mistake_in_the_law_is_reported_with_file_and_line(
    file: str, old: str, new: str, told: str
) -> None:
    files = law.files()
    assert old in files[file]
    line = files[file][: files[file].index(old)].count("\n") + 1
    files[file] = files[file].replace(old, new, 1)
    with pytest.raises(LawError) as error:
        law.check(files)
    mistakes = [m for m in error.value.mistakes if told in m.message]
    assert mistakes
    assert mistakes[0].file == file
    assert abs(mistakes[0].line - line) <= 12  # within the entry that holds the mistake


def test_every_clause_of_the_notice_is_there_and_its_units_exist() -> None:
    edition = law.check(law.files())
    notice = [c for c in edition.clauses.values() if c.id.startswith("43-")]
    assert len(notice) == 104
    assert all(c.confidence == "S" for c in notice)
    departments = [u for u in edition.units.values() if u.klass == "department"]
    townships = [u for u in edition.units.values() if u.klass == "township"]
    assert (len(departments), len(townships)) == (14, 15)
    assert {u.code for u in departments} == {
        unit for unit, u in edition.units.items() if u.joint_conference
    }


def test_both_catalogues_switch_on_the_first_of_august_2025() -> None:
    from datetime import date

    edition = law.check(law.files())
    before, after = (edition.catalogue(date(2025, *d)) for d in ((7, 31), (8, 1)))
    assert before is not None
    assert after is not None
    assert (len(before.diseases), len(after.diseases)) == (132, 135)
    assert before.named("金属烟热") is not None
    assert [len([d for d in after.diseases if d.category == n]) for n in range(1, 13)] == [
        *(19, 9, 3, 4, 59, 7, 13, 5, 11, 2, 1, 2)
    ]
