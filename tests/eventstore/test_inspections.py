"""Inspections on the real log: a draw opens them with itself, and limits hold under haste."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from api import draw
from domain.cases import inspection as ins
from domain.cases import plan as plans
from domain.cases import visits
from domain.cases.plan import Inspector, Officer, Target
from domain.decider import Refused
from domain.events import Moment
from eventstore.application import Order
from tests.conftest import Story

FIRM = "employer:91330523MA000TE131"
OTHER = "employer:91330523MA000TE21U"
THIRD = "employer:91330523MA000TE3XK"
PAIR = (Officer("HB", "S-HB-1"), Officer("HB", "S-HB-2"))


def drawn(story: Story) -> tuple[str, Any]:
    target = {"township": "TS-111", "grade": "丙", "method": "试点办法"}
    plan = plans.PublishPlan(
        title="合成计划",
        kind="random",
        visit_by=date(2026, 9, 11),
        count=2,
        targets=tuple(Target(employer=firm, **target) for firm in (FIRM, OTHER, THIRD)),
        draw_on=date(2026, 8, 25),
        seed_source="合成",
        inspectors=tuple(Inspector(f"S-HB-{n}", "HB") for n in (1, 2, 3)),
    )
    case = story.do("2026-08-24", "HB", plan).case
    command = plans.DrawPlan(seed="合成种子")
    return case, story.do("2026-08-25", "HB", command, case)


def test_a_draw_opens_its_inspections_and_anybody_can_repeat_it(story: Story) -> None:
    plan, receipt = drawn(story)
    opened = [e["stream"] for e in receipt.events if e["type"] == "inspection.opened"]
    folds = [story.log.fold(case) for case in opened]
    assert [fold.number for fold in folds] == ["INS-2026-0001", "INS-2026-0002"]
    assert draw.checked(story.log, "PLAN-2026-0001")["wrong"] == []
    out = folds[0].state.officers[0].licence
    recuse = ins.RecuseOfficer(licence=out, ground="near_relative", reason="亲属任职")
    story.do("2026-08-26", "HB", recuse, opened[0])
    assert draw.checked(story.log, "PLAN-2026-0001")["wrong"] == []
    assert draw.checked(story.log, plan)["pool_hash"]


def test_a_draw_that_cannot_be_repeated_is_said_to_differ(story: Story) -> None:
    """Control: each part of the record, once changed, turns the check red by its name."""
    plan, _ = drawn(story)
    state: plans.State = story.log.fold(plan).state
    first, second = (story.log.fold(plans.inspection_of(plan, n)).state for n in (1, 2))
    for holder, name, value, told in (
        (state, "drawn", state.drawn[::-1], ["抽中的检查对象"]),
        (state.plan, "targets_hash", "0" * 64, ["检查对象名录的散列"]),
        (state.plan, "inspectors_hash", "0" * 64, ["执法人员名录的散列"]),
        (state, "officers_each", 1, ["INS-2026-0001的执法人员", "INS-2026-0002的执法人员"]),
        (first.opened, "employer", second.opened.employer, ["INS-2026-0001的检查对象"]),
        (second, "officers", (), ["INS-2026-0002的执法人员"]),
    ):
        right = getattr(holder, name)
        object.__setattr__(holder, name, value)
        assert draw.checked(story.log, plan)["wrong"] == told
        object.__setattr__(holder, name, right)
    assert draw.checked(story.log, plan)["wrong"] == []
    assert draw.checked(story.log, plan)["weak"] == []
    few = state.plan.targets[:2] if state.plan else ()
    object.__setattr__(state.plan, "targets", few)
    assert draw.checked(story.log, plan)["weak"] == ["检查对象名录只有2家，抽取2家"]


def opening(story: Story, day: str) -> str:
    command = ins.OpenInspection(
        kind="targeted",
        employer=FIRM,
        township="TS-111",
        visit_by=date(2026, 9, 11),
        grade_before="乙",
        grade="丙",
        method="试点办法",
    )
    return story.do(day, "HB", command).case


def at_once(story: Story, commands: list[tuple[str, Any]]) -> list[str]:
    """Each command from a thread of its own; what came of each."""

    def one(number: int) -> str:
        case, command = commands[number]
        order = Order(
            command=command,
            id=f"at-once-{number}",
            actor="HB",
            recorder="officer-1",
            occurred=Moment.on(date(2026, 8, 25)),
            case=case,
            source="simulated",
        )
        try:
            story.log.execute(order)
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(commands)) as threads:
        return sorted(threads.map(one, range(len(commands))))


def test_visits_made_at_once_do_not_both_pass_the_yearly_limit(story: Story) -> None:
    cases = [opening(story, "2026-08-25") for _ in range(5)]
    made = ins.MakeVisit(officers=PAIR, licences_shown=True, record="笔录")
    outcomes = at_once(story, [(case, made) for case in cases])
    assert outcomes == ["done", "done", "visit-limit", "visit-limit", "visit-limit"]
    file = story.log.fold(visits.file_of(FIRM)).state
    assert visits.times(file, "HB", 2026) == 2


def test_one_act_filed_at_once_from_two_inspections_is_filed_once(story: Story) -> None:
    cases = [opening(story, "2026-08-25") for _ in range(2)]
    for case in cases:
        made = ins.MakeVisit(officers=PAIR, licences_shown=True, record="笔录")
        story.do("2026-08-25", "HB", made, case)
        found = ins.RecordFindings(violations=("unchecked",), note="x")
        story.do("2026-08-25", "HB", found, case)
    act = ins.FilePenalty(violation="unchecked")
    assert at_once(story, [(case, act) for case in cases]) == ["done", "one-act"]
    assert len(story.log.fold(visits.file_of(FIRM)).state.filed) == 1
