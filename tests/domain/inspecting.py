"""Inspections, plans and their files as the tests set them up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from domain.cases import inspection as ins
from domain.cases import plan as plans
from domain.cases import visits
from domain.cases.plan import Inspector, Officer, Target
from tests.spec import EMPLOYER, Case, Fact, given, on

OTHER = "employer:91330523MA000TE21U"
THIRD = "employer:91330523MA000TE3XK"
FILE = visits.file_of(EMPLOYER)
METHOD = "试点办法（丙为最高风险）"


def pair(*units: str) -> tuple[Officer, ...]:
    """Two officers of each unit."""
    return tuple(Officer(unit, f"S-{unit}-{n}") for unit in units for n in (1, 2))


def opened(kind: plans.Kind = "targeted", units: tuple[str, ...] = ("HB",), **also: Any) -> Fact:
    told: dict[str, Any] = {
        "employer": EMPLOYER,
        "township": "TS-111",
        "visit_by": date(2026, 9, 11),
        "ground": "class_change",
        "basis": None,
        "basis_told": "等级由乙变为丙",
        "grade": "丙",
        "grade_before": "乙",
        "method": METHOD,
        "officers": (),
    }
    fact = ins.InspectionOpened(kind=kind, lead=units[0], units=units, **{**told, **also})
    return on("2026-08-25", fact, units[0])


def visited(day: str = "2026-09-07", units: tuple[str, ...] = ("HB",)) -> Fact:
    made = ins.VisitMade(
        units=units,
        officers=pair(*units),
        licences_shown=True,
        record="笔录1",
        on=date.fromisoformat(day),
    )
    return on(day, made, units[0])


def found(day: str, unit: str, *violations: ins.Violation) -> Fact:
    return on(day, ins.FindingsRecorded(unit=unit, violations=violations, note="x"), unit)


def ordered(day: str, unit: str, until: str, *violations: ins.Violation, days: int = 30) -> Fact:
    last = date.fromisoformat(until)
    fact = ins.CorrectionOrdered(unit=unit, violations=violations, days=days, until=last)
    return on(day, fact, unit)


def reinspected(day: str, unit: str, *remaining: ins.Violation) -> Fact:
    fact = ins.Reinspected(
        unit=unit, officers=pair(unit), remaining=remaining, passed=not remaining
    )
    return on(day, fact, unit)


def with_file(case: Case, *facts: Fact) -> Case:
    """The case with the firm's file of visits at hand."""
    file = given("visits", *facts).fold
    case.others = {**case.others, FILE: replace(file, case=FILE)}
    return case


def order(*violations: ins.Violation, days: int = 30) -> ins.OrderCorrection:
    return ins.OrderCorrection(violations=violations, days=days)


def target(employer: str = EMPLOYER, **also: Any) -> Target:
    told = {"township": "TS-111", "grade": "丙", "method": METHOD}
    return Target(employer=employer, **{**told, **also})


def publish(**also: Any) -> plans.PublishPlan:
    told: dict[str, Any] = {
        "title": "计划",
        "kind": "random",
        "visit_by": date(2026, 9, 11),
        "targets": (target(), target(OTHER)),
        "count": 1,
        "inspectors": tuple(Inspector(f"S-HB-{n}", "HB") for n in (1, 2, 3)),
        "draw_on": date(2026, 8, 25),
        "seed_source": "合成的公开号码",
    }
    return plans.PublishPlan(**{**told, **also})


def planned(**also: Any) -> Case:
    return given("plan").when(publish(**also), "2026-08-24", "HB").done()


def open_it(**also: Any) -> ins.OpenInspection:
    told: dict[str, Any] = {
        "kind": "targeted",
        "employer": EMPLOYER,
        "township": "TS-111",
        "visit_by": date(2026, 9, 11),
    }
    return ins.OpenInspection(**{**told, **also})


def filed(day: str, unit: str, violation: ins.Violation) -> Fact:
    entry = visits.ActFiled(
        employer=EMPLOYER,
        unit=unit,
        violation=violation,
        inspection="inspection-9",
        on=date.fromisoformat(day),
    )
    return on(day, entry, unit)


def file_case(violation: ins.Violation) -> ins.FilePenalty:
    return ins.FilePenalty(violation=violation)


def outcome(day: str, unit: str, violation: ins.Violation, what: str) -> Fact:
    entry = visits.ActDecided(
        employer=EMPLOYER,
        unit=unit,
        violation=violation,
        inspection="inspection-9",
        outcome=what,
        on=date.fromisoformat(day),
    )
    return on(day, entry, unit)


def patrol_case(*facts: Fact) -> Case:
    patrol = opened("patrol", ("TS-111",), visit_by=date(2026, 3, 31), basis="plan-1")
    return given("inspection", replace(patrol, day="2026-03-02"), *facts)


def points(**also: Any) -> ins.Patrol:
    told: dict[str, Any] = dict.fromkeys(ins.POINTS, "mark_ok")
    return ins.Patrol(**{**told, **also})


PROBLEM = {"point_testing": "mark_problem", "point_contracts": "mark_problem"}


def revisited(*remaining: ins.Point) -> Case:
    command = points(**PROBLEM, revisit_by=date(2026, 3, 31))
    case = patrol_case().when(command, "2026-03-10", "TS-111").done()
    return case.when(ins.Revisit(remaining=remaining), "2026-03-30", "TS-111").done()
