"""What must hold of queues, and of a whole story told again."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from domain.corrections import FactCorrected, ReferenceApplied
from domain.fold import CaseFold, empty, step
from domain.tasks import STANDINGS, summary
from projections.tasks import Changes, counts, queue
from tests.domain.invariants.asking import ended, ever_corrected, standing, told
from tests.domain.world import Told, World, references

OVER: dict[str, tuple[str, ...]] = {
    "diagnosis": (
        "已撤回",
        "已诊断：职业病",
        "已诊断：非职业病",
        "经鉴定：职业病",
        "经鉴定：非职业病",
    ),
    "arbitration": ("不予受理", "已撤回", "已裁决", "判决与裁决一致", "判决与裁决不一致"),
    "determination": (
        "不予受理",
        "已认定",
        "不予认定",
        "依据已失",
        "原认定已撤销",
        "原不予受理已撤销",
        "行政复议中",
    ),
    "incident": ("已结案", "已移交上级", "已并案", "不属于事故"),
    "relief": ("已终止", "不予救助", "救助中", "已先行救助", "已给付"),
    "tip": ("已办结", "不予受理"),
}
"""By what word a case is over; a kind without a line here is not asked."""


@standing(
    "每件在办案件都有人承办下一步，或有写明日期的等待",
    "Every open case has a holder and a next step, or a dated wait",
)
def every_open_case_has_a_next_step(world: World) -> None:
    for fold in world.folds.values():
        kind = fold.kind
        over = kind.status(fold.state) in OVER.get(kind.name, (kind.status(fold.state),))
        if not over and not ever_corrected(fold) and not _withdrawn(fold):
            open_ = fold.open_tasks()
            steps = [t for t in open_ if t.standing(world.now) not in ("lapsed", "closed")]
            # Not yet in the rules: what silence accepted opens no sixty days of handling by itself.
            silent = any(t.rule.silence for t in open_)
            assert steps or silent, f"{fold.case} {kind.status(fold.state)}: nobody owes anything"


ENDED: dict[str, dict[str, tuple[str, ...]]] = {
    "diagnosis": {"已撤回": ("dx.suspected-card",)},
    "arbitration": {
        "不予受理": (),
        "已撤回": (),
        "判决与裁决一致": ("arb.serve", "arb.advise-relief", "arb.advise-relief-judged"),
        "判决与裁决不一致": ("arb.serve", "arb.advise-relief-judged"),
    },
    "determination": {
        "不予受理": (
            "wi.serve-refusal",
            "wi.advise-relief",
            "wi.review-basis",
            "wi.act-on-review",
        ),
        "原认定已撤销": ("wi.review-benefits", "wi.record-judgment"),
        "原不予受理已撤销": ("wi.record-judgment",),
    },
    "reconsideration": {"已维持": (), "已撤销原决定": (), "不予受理": (), "已撤回": ()},
}
"""By what word a case has ended, and which duties may outlast it."""


@standing("终结的案件不再有待办的义务", "An ended case leaves no duty but those that outlast it")
def an_ended_case_owes_nothing(world: World) -> None:
    for fold in world.folds.values():
        outlast = ENDED.get(fold.kind.name, {}).get(fold.kind.status(fold.state))
        if outlast is None or ever_corrected(fold):
            continue
        own = [t for t in fold.open_tasks() if t.is_duty and t.rule.kind == fold.kind.name]
        left = {t.rule.id for t in own} - set(outlast)
        assert not left, f"{fold.case} {fold.kind.status(fold.state)}: {left}"


def _withdrawn(fold: CaseFold) -> bool:
    """Whether who routed it took a task back: the case waits for him to route it anew."""
    return any(t.closed and t.closed.outcome == "withdrawn" for t in fold.tasks.values())


@standing("各栏数目之和等于在办事项数", "The totals of the tabs add up to the open tasks")
def tabs_add_up_to_the_open_tasks(world: World) -> None:
    rows = [summary(t) for f in world.folds.values() for t in f.visible(world.now)]
    duties = [row for row in rows if row.nature == "duty"]
    total = 0
    for party in {row.holder for row in duties}:
        found = counts(queue(rows, party, world.now))
        total += sum(found[tab].total for tab in ("to_sign", "in_hand", "returned"))
    silent = [row for row in duties if row.standing(world.now) == "closed"]
    assert total == len(duties) - len(silent)


@standing(
    "每件事项在任何一刻都有且只有一种状态，为何在此说得出来",
    "Every task has a standing, and its reason can be told",
)
def every_task_can_be_shown(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.tasks.values():
            row = summary(task)
            assert row.standing(world.now) in STANDINGS
            assert row.title in row.why
            assert row.why.endswith("。")


def _folded(fold: CaseFold, history: list[tuple[Any, Any]]) -> CaseFold:
    again = empty(fold.kind, fold.case)
    for recorded, under in history:
        again = step(again, recorded, under)
    return again


@ended("任何前缀重放，都得到当时的状态", "Any prefix replays to the state then")
def any_prefix_replays(world: World) -> None:
    for one in world.then[:: max(1, len(world.then) // 12)]:
        again = _folded(one.after, world.history[one.after.case][: one.after.version])
        assert (again.state, again.tasks) == (one.after.state, one.after.tasks)


@ended(
    "以记录日为准回看，等于当日日终的状态",
    "As of a day of recording equals the state at the end of that day",
)
def as_of_a_day_is_the_state_then(world: World) -> None:
    days = sorted({one.recorded.envelope.recorded_on for one in world.then})
    for day in days[:: max(1, len(days) // 4)]:
        for case, history in world.history.items():
            known = [(r, u) for r, u in history if r.envelope.recorded_on <= day]
            then = (
                [o.after for o in world.then if o.after.case == case][len(known) - 1]
                if known
                else None
            )
            if then:
                again = _folded(then, known)
                assert (again.state, again.tasks) == (then.state, then.tasks)


@ended("丢去任意事件仍能折叠", "Evolve and the fold are total on any subsequence")
def any_subsequence_folds(world: World) -> None:
    chance = Random(len(world.then))
    for case, history in world.history.items():
        kept = [pair for pair in history if chance.random() < 0.7]
        _folded(world.folds[case], kept)


@ended("换一部版次，同一事项的编号不变", "A task's id is the same under every edition")
def ids_are_the_same_under_every_edition(world: World) -> None:
    for case, fold in world.folds.items():
        for under in references()[1:]:
            again = _folded(fold, [(r, under) for r, _ in world.history[case]])
            assert again.tasks.keys() == fold.tasks.keys(), case


@ended("一次折叠多少事件，行都一样", "Folding in any batch size gives the same rows")
def batches_give_the_same_rows(world: World) -> None:
    sizes = (1, 7, len(world.then) + 1)
    every = [_rows(world.then, size) for size in sizes]
    assert every[0] == every[1] == every[2]


def _rows(then: list[Told], size: int) -> dict[Any, Any]:
    """The rows that stand after events taken in batches of a size: the spans as written."""
    table: dict[Any, Any] = {}
    for first in range(0, len(then), size):
        changes = Changes()
        for one in then[first : first + size]:
            changes.note(one.before, one.after)
        for id, at in changes._ended.items():
            for key, row in table.items():
                if key[0] == id and row["to_position"] is None:
                    table[key] = {**row, "to_position": at}
        table |= {(row["id"], row["from_position"]): row for row in changes._added}
    return table


@told("更正不抹去已做的操作", "A correction leaves acts standing")
def a_correction_leaves_acts_standing(world: World, one: Told) -> None:
    if isinstance(one.event, FactCorrected):
        for id, old in one.before.tasks.items():
            new = one.after.tasks[id]
            if old.closed or (new.closed and new.closed.outcome == "corrected"):
                continue
            kept = ("signed", "officer", "helpers", "supervised", "disputed", "extended", "returns")
            if not new.closed:
                assert all(getattr(new, f) == getattr(old, f) for f in kept), old.rule.id


@told("更正前后，事实的两种说法都在", "A correction removes nothing from the log")
def a_correction_removes_nothing(world: World, one: Told) -> None:
    if isinstance(one.event, FactCorrected):
        assert one.after.version == one.before.version + 1
        assert len(one.after.facts) == len(one.before.facts)
        target = world.history[one.after.case][one.event.target - 1][0]
        assert target.envelope.version == one.event.target


@told(
    "新版次只重算在办事项，已结束的一字不改",
    "An adoption works open tasks out anew and leaves closed ones",
)
def an_adoption_leaves_closed_tasks(world: World, one: Told) -> None:
    if isinstance(one.event, ReferenceApplied):
        for id, old in one.before.tasks.items():
            if old.closed:
                assert replace(one.after.tasks[id], touched=0) == replace(old, touched=0)
