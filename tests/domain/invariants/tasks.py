"""What must hold of every task, and of every handover between units."""

from __future__ import annotations

from datetime import date, timedelta

from domain import acts
from domain.corrections import FactCorrected
from domain.events import sentence
from domain.tasks import Task, summary
from domain.units import LEADING_GROUP, is_outside
from tests.domain.invariants.asking import standing, told
from tests.domain.making import SECRET
from tests.domain.world import Told, World


@told("事项不会消失", "No task vanishes")
def no_task_vanishes(world: World, one: Told) -> None:
    assert one.before.tasks.keys() <= one.after.tasks.keys()


@told(
    "已结束的事项不再打开、不改结果，更正除外", "A closed task never reopens, but by a correction"
)
def a_closed_task_stays_closed(world: World, one: Told) -> None:
    if not isinstance(one.event, FactCorrected):
        for id, old in one.before.tasks.items():
            if old.closed:
                assert one.after.tasks[id].closed == old.closed, old.rule.id


@told("事项操作只触及该事项（及随其起算、出现者）", "An act touches its own task alone")
def an_act_touches_its_own_task(world: World, one: Told) -> None:
    if isinstance(one.event, acts.TaskAct):
        for id, old in one.before.tasks.items():
            # What hangs on it, and the ruling that a dispute of it asks for.
            hangs = old.rule.starts_after or old.rule.appears_after or old.slot == one.event.task
            assert id == one.event.task or hangs or one.after.tasks[id] == old


@told(
    "事项的版本号就是最后改动它的事件", "A task bears the version of the event that last changed it"
)
def a_task_bears_the_version_that_changed_it(world: World, one: Told) -> None:
    for id, task in one.after.tasks.items():
        old = one.before.tasks.get(id)
        changed = old is None or old != task
        assert task.touched == (one.after.version if changed else old.touched)  # type: ignore[union-attr]


@told(
    "每件事项引用其版次中存在的条款，责任方是单位或当事人",
    "Every task cites clauses that exist in its edition, and a holder that exists",
)
def every_task_cites_its_clause(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        edition = task.reference.edition
        assert task.rule.clauses
        assert set(task.rule.clauses) <= edition.clauses.keys()
        assert is_outside(task.holder) or task.holder in edition.units, (task.rule.id, task.holder)


@told(
    "责任方须逐一清楚：公开字段、句子和行里没有密封内容",
    "Nothing sealed shows in a sentence, an open field or a row",
)
def nothing_sealed_shows(world: World, one: Told) -> None:
    told_ = sentence(one.event, world.under.edition.unit_names)
    assert told_
    assert "{" not in told_
    shown = f"{told_} {one.event!r} {one.after.state!r}"
    shown += "".join(
        f"{summary(t)!r}" for t in one.after.tasks.values() if t.touched == one.after.version
    )
    assert SECRET not in shown, one.type


@told("退回只在退回期限内、签收之前", "A return comes within the window and before acceptance")
def a_return_is_within_the_window(world: World, one: Told) -> None:
    if isinstance(one.event, acts.TaskReturned):
        task = one.before.tasks[one.event.task]
        since = _routed_on(world, one, task)
        calendar = task.reference.calendar
        day = one.recorded.envelope.recorded_on
        window = int(task.reference.edition.policy("return-window-working-days"))
        days = (since + timedelta(days=n) for n in range(1, (day - since).days + 1))
        assert sum(map(calendar.works, days)) <= window
        assert task.signed is None
        assert not task.rejected


def _routed_on(world: World, one: Told, task: Task) -> date:
    """The day the task came to its present holder."""
    moves = [
        (r.envelope.recorded_on, r.event.received_on)
        for r, _ in world.history[task.case][: one.before.version]
        if isinstance(r.event, acts.TaskTransferred | acts.ReturnUpheld) and r.event.task == task.id
    ]
    if moves:
        recorded, stated = moves[-1]
        return stated or recorded
    opening = world.history[task.case][task.opened.version - 1][0].event
    stated = getattr(opening, task.rule.received, None) if task.rule.received else None
    return stated or task.opened.recorded_on


@told(
    "第一次退回给交办者，第二次退回交领导小组",
    "A first return goes to who sent it, a second to 领导小组",
)
def a_second_return_goes_to_the_leading_group(world: World, one: Told) -> None:
    if isinstance(one.event, acts.TaskReturned):
        task = one.before.tasks[one.event.task]
        again = sum(
            isinstance(r.event, acts.TaskReturned) and r.event.task == task.id
            for r, _ in world.history[task.case][: one.before.version]
        )
        barred = (task.holder, *one.before.kind.barred(one.before.state, world.folds))
        assert one.event.to not in barred
        if again:
            assert one.event.to == LEADING_GROUP or LEADING_GROUP in barred


@standing(
    "退回的事项都列在须裁定者的“退回我方”之下，直到有了结果",
    "Every return ends or stands in the tab of whoever must rule",
)
def every_return_is_listed(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.visible(world.now):
            if task.returned:
                assert summary(task).tab(task.holder, world.now) == "returned"
                assert not is_outside(task.holder)


@standing(
    "转办、协办的事项都列在接收者名下",
    "Whatever is passed on or asked for is listed with who has it now",
)
def every_handover_is_listed(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.visible(world.now):
            row = summary(task)
            assert row.tab(task.holder, world.now) in ("to_sign", "in_hand", "returned")
            for helper in task.helpers:
                assert row.tab(helper, world.now) is not None


@told(
    "单位以外的法定义务不转给本县单位",
    "An outside party's duty never passes to a unit of the county",
)
def an_outside_duty_stays_outside(world: World, one: Told) -> None:
    for id, old in one.before.tasks.items():
        if is_outside(old.holder) and not isinstance(one.event, FactCorrected):
            assert is_outside(one.after.tasks[id].holder) or old.closed, old.rule.id
