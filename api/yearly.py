"""The yearly export 年度导出: a freeze as workbook, CSV files and a manifest; the same bytes twice.

Everything is written into a folder of its own that takes its name at the end, so there is never
half an export.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.sheets import Book, Table
from api.yearly_notes import heading, notes
from api.yearly_tables import case_row, duty_row, figures, placed, tables
from domain.decider import Refused
from domain.figures import Sums, figure
from domain.reference import State
from domain.rules import Edition
from domain.units import OUTSIDE_CLASSES, party_class
from projections import yearly
from projections.county import County
from projections.yearly import Duty, Freeze

MANIFEST = "manifest.json"
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Made:
    """A file of the export."""

    name: str
    sha256: str
    size: int
    rows: int


def export(county: County, freeze: Freeze, out: Path, told: Told = lambda done, of: None) -> Path:
    """Write the export of a freeze into the new folder `out`; the path of its manifest.

    Raises Refused where `out` exists with something in it, or where a case cannot be read.
    """
    if out.exists() and any(out.iterdir()):
        zh = f"{out} 已有内容；请换一个目录，或先移走"
        raise Refused("not-empty", zh, f"{out} is not empty: name another folder")
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        _write(county, freeze, draft, told)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return out / MANIFEST


@dataclass
class _Counted:
    """What is added up while the duties are written."""

    units: dict[str, Sums]
    outside: dict[str, Sums]
    areas: dict[str | None, Sums]  # what the departments owe, by the township of the case
    unfinished: dict[str, list[Duty]] = field(default_factory=dict)  # by case

    @staticmethod
    def of(edition: Edition) -> _Counted:
        townships = (code for code, unit in edition.units.items() if unit.klass == "township")
        return _Counted(
            units={code: Sums() for code in edition.units},
            outside={klass: Sums() for klass in OUTSIDE_CLASSES},
            areas={code: Sums() for code in (*townships, None)},
        )

    def add(self, duty: Duty, edition: Edition) -> None:
        holder, more = duty.judged.task.holder, figure(duty.judged)
        unit = edition.units.get(holder)
        into, key = (self.units, holder) if unit else (self.outside, party_class(holder))
        into[key] = into.get(key, Sums()) + more
        if unit and unit.klass == "department":
            area = duty.township if duty.township in self.areas else None
            self.areas[area] += more
        if duty.judged.end == "left":
            self.unfinished.setdefault(duty.case, []).append(duty)


def _write(county: County, freeze: Freeze, folder: Path, told: Told) -> None:
    workbook = f"年度导出-{freeze.year}.xlsx"
    with yearly.frozen(county, freeze) as view:
        state = yearly.reference_at(county.log, freeze.cut_off)
        edition = county.log.reference(state.edition, state.calendar).edition
        root = yearly.root(county.log, freeze.cut_off)
        created = freeze.at.astimezone(UTC).replace(tzinfo=None)  # never the time of making
        properties = {"title": f"{freeze.year} 年度导出", "created": created}
        book = Book(folder / workbook, heading(freeze, state, edition), properties)
        first = book.sheet("说明", "统计口径与说明", 1)
        written = tables(book, folder)
        counted, of = _Counted.of(edition), yearly.count(view, freeze)
        for done, duty in enumerate(yearly.duties(view, freeze), 1):
            counted.add(duty, edition)
            written["duties"].add(duty_row(duty, edition))
            told(done, of)
        places: Counter[tuple[str | None, str]] = Counter()
        for entry in yearly.ledger(view, freeze, set(counted.unfinished)):
            written[entry.kind].add(
                case_row(entry, counted.unfinished.get(entry.case, []), edition)
            )
            places[entry.township, entry.kind] += 1
        totals = _totals(written, counted, places, edition)
        for name, table in written.items():
            table.close(totals.get(name))
        lines = notes(freeze, state, root, counted.units.values(), counted.outside.values())
        book.notes(lines, first)
        book.close()
        told(of, of)
    rows = {table.name: table.rows for table in written.values()}
    rows[workbook] = sum(rows.values())
    files = [made(folder / name, count) for name, count in sorted(rows.items())]
    manifest = _manifest(freeze, state, root, files)
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")


def _totals(
    written: dict[str, Table],
    counted: _Counted,
    places: Counter[tuple[str | None, str]],
    edition: Edition,
) -> dict[str, tuple[Any, ...]]:
    """Write the tables of figures; their rows 合计."""
    summed: dict[str, Sums] = {}
    for code, unit in edition.units.items():
        sums = counted.units[code]
        written[unit.klass].add((unit.name, *figures(sums), code))
        summed[unit.klass] = summed.get(unit.klass, Sums()) + sums
    for klass, sums in counted.outside.items():
        name = OUTSIDE_CLASSES[klass]  # as the sheet of duties calls it
        written["outside"].add((name, *figures(sums), klass))
        summed["outside"] = summed.get("outside", Sums()) + sums
    kinds = [kind.name for kind in placed()]
    for area, sums in counted.areas.items():
        name = edition.unit_name(area) if area else "（案件未载明乡镇）"
        written["area"].add((name, *(places[area, k] for k in kinds), *figures(sums), area))
    everywhere = (sum(n for (_, kind), n in places.items() if kind == k) for k in kinds)
    all_areas = sum(counted.areas.values(), Sums())
    totals = {name: ("合计", *figures(sums), None) for name, sums in summed.items()}
    return {**totals, "area": ("合计", *everywhere, *figures(all_areas), None)}


def made(path: Path, rows: int) -> Made:
    """What a manifest says of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Made(path.name, digest, path.stat().st_size, rows)


def _manifest(freeze: Freeze, state: State, root: str, made: list[Made]) -> str:
    told = {
        "freeze": {
            "year": freeze.year,
            "cut_off": freeze.cut_off,
            "judged_at": freeze.at.isoformat(),
        },
        "edition": state.edition,
        "calendar": state.calendar,
        "log_root": root,
        "simulated": state.simulated,
        "software": version("zhifang"),
        "files": [asdict(file) for file in made],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def manifest_hash(folder: Path) -> str:
    """The SHA-256 of an export's manifest: kept apart from the export, it vouches for all of it."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def wrong(folder: Path, known: str | None = None) -> Iterator[str]:
    """What in an export's folder is not as its manifest says, in words; nothing when all is.

    With `known`, the manifest itself must have that hash: whoever changes a file can change the
    manifest beside it too. Raises Refused where there is no readable manifest.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        named = {file["name"]: Made(**file) for file in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        zh = f"{folder} 里没有可读的 {MANIFEST}；请给出导出的目录"
        raise Refused("no-manifest", zh, f"No readable {MANIFEST} in {folder}") from None
    if known is not None and known.strip().lower() != manifest_hash(folder):
        yield f"{MANIFEST}：与给出的哈希不符 / not the hash given"
    for name, file in named.items():
        path = folder / name
        if not path.is_file():
            yield f"{name}：缺少 / missing"
        elif made(path, file.rows) != file:
            yield f"{name}：内容与清单不符 / not what the manifest says"
    for path in sorted(folder.iterdir()):
        if path.name not in (*named, MANIFEST):
            yield f"{path.name}：清单中没有 / not in the manifest"
