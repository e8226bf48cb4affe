"""Every line of `dates.csv`, worked out by hand with its basis, against the arithmetic.

Where a line exercises a deadline of the edition, its length and unit must be the edition's.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api import law
from domain.calendar import Suspension, reckon
from domain.events import SHANGHAI
from domain.rules import Edition, parse_calendar, split

TABLE = (Path(__file__).parent / "dates.csv").read_text(encoding="utf-8")
LINES = list(csv.DictReader(TABLE.splitlines()))
EDITION = law.check(law.files())
CALENDAR = parse_calendar(split(law.files())[1])

LATER_KINDS = {
    line["deadline"]
    for line in LINES
    if line["deadline"] and not any(d.startswith(line["deadline"]) for d in EDITION.deadlines)
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def extension(line: dict[str, str]) -> int:
    return int(line["extended"] or 0)


@pytest.mark.parametrize("line", LINES, ids=[line["id"] for line in LINES])
def test_the_date_worked_by_hand(line: dict[str, str]) -> None:
    stops = [
        Suspension(*(at(day) for day in pair.split("/")))
        for pair in line["suspended"].split(";")
        if pair
    ]
    due = reckon(
        CALENDAR,
        at(line["start"]),
        int(line["length"]),
        line["unit"],  # type: ignore[arg-type]
        suspensions=stops,
        extended=extension(line),
    )
    assert due is not None
    if line["unit"] == "hours":
        assert due.instant == at(line["legal"])
        return
    found = (str(due.raw), str(due.legal), str(due.safe), "yes" if due.provisional else "no")
    assert found == (line["raw"], line["legal"], line["safe"], line["provisional"]), line["basis"]


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if line["deadline"] and line["deadline"] not in LATER_KINDS],
    ids=lambda line: line["id"],
)
def test_the_deadline_is_the_editions(line: dict[str, str]) -> None:
    assert (int(line["length"]), line["unit"]) in lengths(EDITION, line)


def lengths(edition: Edition, line: dict[str, str]) -> set[tuple[int, str]]:
    """The lengths in force that day under the line's deadline or one of its parts (D49-accept)."""
    day = at(line["start"]).date()
    id = line["deadline"]
    parts = [d for d in edition.deadlines if d == id or d.startswith(f"{id}-")]
    found = [edition.deadline(part, day) for part in parts]
    return {(d.length, d.unit) for d in found if d}


def test_a_changed_deadline_turns_a_line_red() -> None:
    """Control: with D44 shortened in the law, a hand-worked line no longer agrees with it."""
    files = law.files()
    files["odl/deadlines.toml"] = files["odl/deadlines.toml"].replace(
        'title = "卫健局作出判定"\nlength = 30', 'title = "卫健局作出判定"\nlength = 20'
    )
    shortened = law.check(files)
    ruling = next(line for line in LINES if line["deadline"] == "D44")
    assert (30, "calendar_days") in lengths(EDITION, ruling)
    assert (30, "calendar_days") not in lengths(shortened, ruling)


def test_the_deadlines_not_yet_in_the_edition_are_exactly_these() -> None:
    assert sorted(LATER_KINDS) == [
        *(
            "D21",
            "D23",
            "D24",
            "D25",
            "D26",
            "D27",
            "D28",
            "D29",
            "D32",
            "D40",
        ),
        *("D55", "D56", "D70", "D80", "D81"),
    ]


def test_there_are_enough_lines_and_every_unit_is_among_them() -> None:
    units = {line["unit"] for line in LINES}
    assert len(LINES) >= 150
    assert units == {"calendar_days", "working_days", "hours", "months", "years"}


def test_the_hand_worked_table_notices_a_wrong_rest_day() -> None:
    """Control: take National Day 2025 out of the calendar and E7 no longer holds."""
    without = CALENDAR.rest - {at(f"2025-10-0{n}").date() for n in range(1, 9)}
    broken = type(CALENDAR)("x", CALENDAR.published, without, CALENDAR.work, CALENDAR.fixed_rest)
    due = reckon(broken, at("2025-09-01"), 30, "calendar_days")
    assert due is not None
    assert due.legal != at("2025-10-09").date()
    assert due.raw == (at("2025-09-01") + timedelta(days=30)).date()
