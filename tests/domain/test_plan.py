"""Plans and draws 检查计划、双随机: pools fixed before the seed is known, drawn once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import inspection as ins
from domain.cases import plan as plans
from domain.cases.plan import Inspector
from domain.corrections import CorrectFact
from tests.domain.inspecting import (
    METHOD,
    OTHER,
    THIRD,
    planned,
    publish,
    target,
)
from tests.spec import EMPLOYER, given, on


@pytest.mark.parametrize(
    ("also", "code"),
    [
        ({"targets": ()}, "no-target"),
        ({"targets": (target(), target())}, "target-twice"),
        ({"targets": (target(method=" "),)}, "class-method"),
        ({"targets": (target(township="HB"),)}, "township"),
        ({"targets": (target("91330523MA000TE131"),)}, "party"),
        ({"targets": (target(grade="丙\n甲"),)}, "one-line"),
        ({"targets": (target("employer:91330523MA000TE132"), target(OTHER))}, "party"),
        ({"targets": (target(), target("employer:91330523ma000 te131"))}, "target-twice"),
        ({"count": 3}, "count"),
        ({"count": 2}, "count"),  # all of the pool: no draw
        ({"inspectors": (Inspector("S-1", "HB"), Inspector("S-2", "HB"))}, "too-few-officers"),
        ({"draw_on": None}, "draw-day"),
        ({"seed_source": None}, "draw-day"),
        ({"draw_on": date(2026, 8, 24)}, "draw-day"),  # the day of publication itself
        ({"draw_on": date(2026, 9, 12)}, "draw-day"),  # after the plan's own day
        ({"count": 0}, "count"),
        ({"inspectors": (Inspector("S-1", "HB"),)}, "too-few-officers"),
        ({"inspectors": (Inspector("S-1", "HB"), Inspector("S-1", "HB"))}, "licence"),
        ({"kind": "special"}, "not-drawn"),
        ({"kind": "targeted"}, "no-plan-kind"),
        ({"kind": "joint"}, "joint-units"),
        ({"units": ("EMB",)}, "joint-units"),
        ({"kind": "patrol"}, "patrol-township"),
        ({"visit_by": date(2026, 8, 1)}, "planned-day"),
    ],
)
def test_a_plan_that_cannot_carry_an_inspection_is_refused(also: Any, code: str) -> None:
    given("plan").when(publish(**also), "2026-08-24", "HB").refused(code)


def test_only_a_bureau_plans_inspections_and_only_a_township_patrols() -> None:
    given("plan").when(publish(), "2026-08-24", "TS-111").refused("no-power")
    given("plan").when(publish(), "2026-08-24", "FTU").refused("no-power")
    patrol = publish(kind="patrol", count=0, inspectors=())
    given("plan").when(patrol, "2026-08-24", "TS-111").done()


def test_a_published_plan_is_drawn_once_and_opens_one_inspection_a_firm() -> None:
    case = planned(count=2, targets=(target(), target(OTHER), target(THIRD)))
    # Three working days from 08-25: 26, 27, 28.
    assert case.owes("HB", "2026-08-24") == {"plan.draw-announced": "2026-08-28"}
    command = plans.DrawPlan(seed="s")
    outcome = case.when(command, "2026-08-25", "HB")
    [drawn] = outcome.decided
    assert len({*drawn.drawn, EMPLOYER, OTHER, THIRD}) == 3
    assert drawn.seed_source == "合成的公开号码"
    inspections = ins.on_draw("plan-1", drawn, case.fold, date(2026, 8, 25))
    assert [told.case for told in inspections] == ["inspection-1-001", "inspection-1-002"]
    first = inspections[0].event
    assert (first.basis, first.kind, first.method) == ("plan-1", "random", METHOD)
    assert first.basis_told == "计划“计划”（2026-08-24发布）"
    assert len(first.officers) == 2
    after = outcome.done()
    assert after.owes("HB", "2026-08-25") == {}
    after.when(command, "2026-08-26", "HB").refused("drawn")
    after.when(plans.CancelPlan(reason="r"), "2026-08-26", "HB").refused("drawn")


def test_too_few_officers_without_a_conflict_stop_the_draw() -> None:
    firms = (EMPLOYER, OTHER)
    bound = (Inspector("S-1", "HB", firms), Inspector("S-2", "HB", firms), Inspector("S-3", "HB"))
    case = planned(inspectors=bound)
    command = plans.DrawPlan(seed="s")
    case.when(command, "2026-08-25", "HB").refused("too-few-officers")


def test_a_draw_and_its_pools_are_never_corrected() -> None:
    case = planned()
    case = case.when(plans.DrawPlan(seed="s"), "2026-08-25", "HB").done()
    changed: list[tuple[int, dict[str, Any]]] = [
        (3, {"seed": "another"}),
        (2, {"draw_on": "2026-08-26"}),
        (1, {"count": 2}),
    ]
    for version, changes in changed:
        wrong = CorrectFact(version=version, changes=changes, reason="r")
        case.when(wrong, "2026-08-26", "HB").refused("undone-otherwise")
        day = CorrectFact(version=version, occurred_on=date(2026, 8, 20), reason="r")
        case.when(day, "2026-08-26", "HB").refused("undone-otherwise")


def test_a_plan_that_is_carried_out_is_not_cancelled() -> None:
    case = planned(kind="special", count=0, inspectors=(), draw_on=None, seed_source=None)
    turns = (
        plans.TargetDone(employer=firm, inspection="inspection-1", result="seen")
        for firm in (EMPLOYER, OTHER)
    )
    case = case.add(*(on("2026-09-07", turn, "HB") for turn in turns))
    case.when(plans.CancelPlan(reason="r"), "2026-09-20", "HB").refused("done")


def test_a_draw_is_made_from_the_announced_day_and_source_and_within_the_plan() -> None:
    case = planned()
    fine = plans.DrawPlan(seed="s")
    case.when(fine, "2026-08-24", "HB").refused("draw-day")
    case.when(fine, "2026-08-26", "HB", happened="2026-08-24").refused("draw-day")
    case.when(fine, "2026-09-12", "HB").refused("draw-day")
    case.when(replace(fine, seed_source="另一来源"), "2026-08-25", "HB").refused("seed-source")
    assert case.when(fine, "2026-08-25", "HB").refusal is None


def test_a_plan_entered_late_cannot_announce_a_day_that_is_past() -> None:
    """The seed of 08-25 is out on 08-26, whatever day the plan is said to be of."""
    late = given("plan").when(publish(), "2026-08-26", "HB", happened="2026-08-24")
    late.refused("draw-day")


def test_a_plan_published_without_a_day_is_announced_before_it_is_drawn() -> None:
    """Plans recorded before the day was asked for."""
    published, _ = given("plan").when(publish(), "2026-08-24", "HB").decided
    case = given("plan", on("2026-08-24", published, "HB"))
    case.when(plans.DrawPlan(seed="s"), "2026-08-25", "HB").refused("not-announced")
    said = plans.AnnounceDraw(draw_on=date(2026, 8, 27), seed_source="合成")
    case.when(replace(said, draw_on=date(2026, 8, 25)), "2026-08-25", "HB").refused("draw-day")
    case = case.when(said, "2026-08-25", "HB").done()
    case.when(said, "2026-08-25", "HB").refused("announced")
    case.when(plans.DrawPlan(seed="s"), "2026-08-26", "HB").refused("draw-day")
    assert case.when(plans.DrawPlan(seed="s"), "2026-08-27", "HB").refusal is None


def test_codes_in_a_pool_are_written_one_way_and_conflicts_too() -> None:
    small = "employer:91330523ma000te131"
    bound = tuple(Inspector(f"S-HB-{n}", "HB", (small,)) for n in (1, 2, 3))
    told = publish(targets=(target(small), target(OTHER)), inspectors=bound)
    published, _ = given("plan").when(told, "2026-08-24", "HB").decided
    assert published.targets[0].employer == EMPLOYER
    assert published.inspectors[0].conflicts == (EMPLOYER,)
