"""What must hold whatever is done: every invariant by name, with its sentence.

Each function raises AssertionError for what must not be. `@told` is asked about every event,
`@given` about every command carried out, `@refusal` about every refusal, `@standing` about the
county now and then, `@ended` about a whole story. docs/invariants.md is made from this list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from domain import acts
from domain.cases import CASE_KINDS
from domain.corrections import FactCorrected, ReferenceApplied
from domain.decider import Claim, Refused, Release
from domain.events import sentence, shanghai_day
from domain.fold import CaseFold, empty, step
from domain.tasks import STANDINGS, Task, deadline_of, summary
from domain.units import LEADING_GROUP, is_outside
from projections.tasks import Changes, counts, queue
from tests.domain.making import SECRET
from tests.domain.world import Given, Told, World, references

Moment = Literal["told", "given", "refusal", "standing", "ended"]


@dataclass(frozen=True)
class Invariant:
    """What must hold, when it is asked, and the function that finds out."""

    name: str
    zh: str
    en: str
    moment: Moment
    check: Callable[..., None]


INVARIANTS: dict[str, Invariant] = {}
Check = Callable[..., None]


def _registered(moment: Moment) -> Callable[[str, str], Callable[[Check], Check]]:
    def described(zh: str, en: str) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            name = check.__name__
            INVARIANTS[name] = Invariant(name, zh, en, moment, check)
            return check

        return register

    return described


told, given = _registered("told"), _registered("given")
refusal, standing, ended = _registered("refusal"), _registered("standing"), _registered("ended")


class Judge:
    """Asks every invariant (or those named) at its moment."""

    def __init__(self, names: Collection[str] | None = None) -> None:
        chosen = [i for i in INVARIANTS.values() if names is None or i.name in names]
        self.at: dict[Moment, list[Check]] = {
            moment: [i.check for i in chosen if i.moment == moment]
            for moment in ("told", "given", "refusal", "standing", "ended")
        }

    def refused(self, world: World, command: Any, refused: Refused) -> None:
        for check in self.at["refusal"]:
            check(world, command, refused)

    def carried_out(self, world: World, carried: Given) -> None:
        for one in carried.told:
            for check in self.at["told"]:
                check(world, one)
        for check in self.at["given"]:
            check(world, carried)

    def now(self, world: World) -> None:
        for check in self.at["standing"]:
            check(world)

    def end(self, world: World) -> None:
        for check in self.at["ended"]:
            check(world)


# --- Refusals and repetitions ----------------------------------------------------------------


@refusal("驳回必有编号，并以中文、英文说明", "A refusal always says why: its code, in Chinese, in English")
def a_refusal_teaches(world: World, command: Any, refused: Refused) -> None:
    assert refused.code and refused.en.isascii(), refused.en
    assert any("一" <= letter <= "鿿" for letter in refused.zh), refused.zh
    if refused.clause:
        assert refused.clause in world.under.edition.clauses, refused.clause


@refusal("驳回不改变任何案件", "A refusal changes nothing")
def a_refusal_changes_nothing(world: World, command: Any, refused: Refused) -> None:
    assert len(world.then) == sum(fold.version for fold in world.folds.values())


REPEATABLE: dict[str, str] = {
    "task.dispute": "异议可以再提",
    "task.extend": "在法定上限内可分次延长",
    "task.remind": "提示可以再发",
    "task.escalate": "逾期未办可再次督办",
    "task.supervise": "督办可以再次",
    "task.withdraw": "撤回后责任方即撤回者",
    "diagnosis.urge_employer": "可再次督促",
    "diagnosis.supply_data": "可补充资料",
    "diagnosis.request_data": "可再次通知",
    "determination.investigate": "可多次调查",
    "determination.exclude_time": "可有数段时间",
    "incident.change_casualties": "人数可再报告",
    "incident.impose_control": "可有数项控制措施",
    "incident.do": "同类职责可有数件",
    "incident.form_team": "调查组可以调整",
    "relief.check_linkage": "可再次核对",
    "relief.offer_hearing": "可再次告知",
    "relief.review": "逐年复核",
    "tip.route": "领导小组可再次裁定",
}
"""What may be said again, and why: a second urging is a fact of its own."""


@given(
    "同一命令再来一次，被驳回或不增加事实（列明可重复者除外）",
    "The same command again is refused or adds nothing, unless listed as repeatable",
)
def a_repeated_command_adds_nothing(world: World, carried: Given) -> None:
    if carried.kind.name in REPEATABLE or isinstance(carried.again, Refused) or carried.kind.opens:
        return
    again = [item for item in carried.again if not isinstance(item, (Claim, Release))]
    assert not again, f"{carried.kind.name} twice: {again}"


@given("系统不会自行代人操作：行为人须是当事人或单位", "Whoever acts is a unit, a party or the clock")
def whoever_acts_is_known(world: World, carried: Given) -> None:
    actor = carried.context.actor
    assert is_outside(actor) or actor == "system" or actor in world.under.edition.units


@given("签收、认领、放回、转办、退回只由责任方作出", "Only the holder signs, claims, transfers or returns")
def only_the_holder_acts(world: World, carried: Given) -> None:
    own = acts.SignTask, acts.ClaimTask, acts.ReleaseTask, acts.TransferTask, acts.ReturnTask
    if isinstance(carried.command, own):
        (told_,) = carried.told
        assert told_.before.tasks[carried.command.task].holder == carried.context.actor


# --- Tasks -----------------------------------------------------------------------------------


@told("事项不会消失", "No task vanishes")
def no_task_vanishes(world: World, one: Told) -> None:
    assert one.before.tasks.keys() <= one.after.tasks.keys()


@told("已结束的事项不再打开、不改结果，更正除外", "A closed task never reopens, but by a correction")
def a_closed_task_stays_closed(world: World, one: Told) -> None:
    if not isinstance(one.event, FactCorrected):
        for id, old in one.before.tasks.items():
            if old.closed:
                assert one.after.tasks[id].closed == old.closed, old.rule.id


@told("事项操作只触及该事项（及随其起算、出现者）", "An act touches its own task alone")
def an_act_touches_its_own_task(world: World, one: Told) -> None:
    if isinstance(one.event, acts.TaskAct):
        for id, old in one.before.tasks.items():
            hangs = old.rule.starts_after or old.rule.appears_after
            assert id == one.event.task or hangs or one.after.tasks[id] == old


@told("事项的版本号就是最后改动它的事件", "A task bears the version of the event that last changed it")
def a_task_bears_the_version_that_changed_it(world: World, one: Told) -> None:
    for id, task in one.after.tasks.items():
        old = one.before.tasks.get(id)
        changed = old is None or old != task
        assert task.touched == (one.after.version if changed else old.touched)  # type: ignore[union-attr]


@told("每件事项引用其版次中存在的条款，责任方是单位或当事人", "Every task cites clauses that exist in its edition, and a holder that exists")
def every_task_cites_its_clause(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        edition = task.reference.edition
        assert task.rule.clauses and set(task.rule.clauses) <= edition.clauses.keys()
        assert is_outside(task.holder) or task.holder in edition.units, (task.rule.id, task.holder)


@told("责任方须逐一清楚：公开字段、句子和行里没有密封内容", "Nothing sealed shows in a sentence, an open field or a row")
def nothing_sealed_shows(world: World, one: Told) -> None:
    told_ = sentence(one.event)
    assert told_ and "{" not in told_
    shown = f"{told_} {one.event!r} {one.after.state!r}"
    shown += "".join(f"{summary(t)!r}" for t in one.after.tasks.values() if t.touched == one.after.version)
    assert SECRET not in shown, one.type


# --- Clocks ----------------------------------------------------------------------------------

ALWAYS_MOVES = (
    *("task.suspended", "task.resumed", "task.extended", "task.return_upheld"),
    *("case.fact_corrected", "case.reference_applied"),
)


@told(
    "期限日只因写明依据的行为、规则所列的事件、更正或新版次而变",
    "A due date moves only by an act that names its clause, an event its rule names, a correction or an adoption",
)
def a_date_moves_only_by_what_may_move_it(world: World, one: Told) -> None:
    for id, task in one.after.tasks.items():
        old = one.before.tasks.get(id)
        if not (old and old.due and task.due) or old.due.legal == task.due.legal:
            continue
        rule = task.rule
        named = (*rule.starts_on, *rule.suspended_by, *rule.resumed_by, *ALWAYS_MOVES)
        assert one.type in named or rule.starts_after, (rule.id, one.type)


@told("期限不因转办、督办、签收、并案而变", "Passing on, pressing, signing or merging moves no legal day")
def passing_on_moves_no_day(world: World, one: Told) -> None:
    quiet = ("task.transferred", "task.signed", "task.supervised", "task.returned", "tip.merged")
    more = ("task.return_rejected", "tip.joined", "tip.unmerged", "tip.parted", "task.disputed")
    if one.type in (*quiet, *more):
        for id, old in one.before.tasks.items():
            assert one.after.tasks[id].due == old.due


@told("中止的时限没有期限日", "A stopped clock has no date")
def a_stopped_clock_has_no_date(world: World, one: Told) -> None:
    for task in one.after.open_tasks():
        stopped = [stop.since for stop in task.stops if stop.until is None]
        if stopped and task.due and not task.rule.starts_after:
            assert task.due.passed(min(stopped))  # run out before it was stopped
        assert task.due is None or task.start is not None


@told("时限恰好走满其天数：中止的日子一天不多、一天不少", "A clock runs exactly its days: a stop neither loses nor gains one")
def a_clock_runs_exactly_its_days(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.touched == one.after.version and task.due and task.start:
            _runs_its_days(task)


def _runs_its_days(task: Task) -> None:
    """Counted day by day: those of the length are the days that pass outside every stop."""
    deadline, due, start = deadline_of(task), task.due, task.start
    assert deadline and due and start
    first = shanghai_day(start)
    stops = [(shanghai_day(s.since), shanghai_day(s.until)) for s in task.stops if s.until]
    works = task.reference.calendar.works
    days = [first + timedelta(days=n) for n in range(1, (due.raw - first).days + 1)]
    stops = [(a, b) for a, b in stops if a <= due.legal]
    ran = [d for d in days if not any(max(a, first) < d <= b for a, b in stops)]
    total = deadline.length + task.extended
    match deadline.unit:
        case "calendar_days":
            assert len(ran) == total, (task.rule.id, len(ran), total)
        case "working_days":
            assert sum(works(d) for d in ran) == total, (task.rule.id, total)
        case "months" | "years" if not stops:
            months = total * (12 if deadline.unit == "years" else 1)
            later = (due.raw.year - first.year) * 12 + due.raw.month - first.month
            last = (due.raw + timedelta(days=1)).day == 1
            assert later == months and (due.raw.day == first.day or last), task.rule.id
        case "hours" if not stops:
            assert due.instant == start + timedelta(hours=total)
        case _:
            pass


@told("法定日是届满日起的第一个工作日（依规则顺延），稳妥日是届满日或之前的工作日", "The legal day is the first working day from the raw end on; the safe day a working day on or before it")
def a_day_rolls_to_a_working_day(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        due, deadline = task.due, deadline_of(task)
        if due is None or deadline is None or task.touched != one.after.version:
            continue
        calendar = task.reference.calendar
        assert due.safe <= due.legal and due.raw <= due.legal
        if deadline.unit == "hours":
            continue
        assert calendar.works(due.safe) and due.safe <= due.raw
        between = (due.raw + timedelta(days=n) for n in range((due.legal - due.raw).days))
        if deadline.rolls:
            assert calendar.works(due.legal) and not any(map(calendar.works, between))
        else:
            assert due.legal == due.raw


@told("所涉年份日历未公布的，日期为暂定", "A date in a year without a calendar is provisional")
def an_unpublished_year_is_provisional(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.due and task.due.instant is None and task.touched == one.after.version:
            published = task.reference.calendar.published
            if {task.due.raw.year, task.due.legal.year} - published:
                assert task.due.provisional, task.rule.id


@told("送达起算的，自送达日起算，不自发出日起算", "A receiving unit's clock starts when it was delivered, not when it was sent")
def a_received_task_starts_at_delivery(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        rule, opened = task.rule, task.opened
        plain = not (rule.counted_from or rule.starts_on or rule.starts_after or task.rerouted)
        if task.id in one.before.tasks or not plain or task.start is None:
            continue
        stated = getattr(one.event, rule.received, None) if rule.received else None
        day = shanghai_day(task.start)
        if rule.anchor == "delivered" and not isinstance(one.event, FactCorrected):
            assert day == (stated or opened.recorded_on), rule.id
        elif rule.anchor == "happened":
            assert day == opened.occurred.day


@told("权利不计入按期率，也不离开其主体", "A right stays with its party and never counts as on time or late")
def a_right_is_never_counted(world: World, one: Told) -> None:
    for task in one.after.tasks.values():
        if task.rule.nature == "right":
            assert is_outside(task.holder) and task.on_time is None, task.rule.id
            assert summary(task).on_time is None


@told("确认退回的事项不计入任何一方的按期率", "A task rightly returned counts for neither side")
def an_upheld_return_counts_for_nobody(world: World, one: Told) -> None:
    if isinstance(one.event, acts.ReturnUpheld):
        task = one.after.tasks[one.event.task]
        assert task.rerouted and task.on_time is None


# --- Handovers -------------------------------------------------------------------------------


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
        assert task.signed is None and not task.rejected


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


@told("第一次退回给交办者，第二次退回交领导小组", "A first return goes to who sent it, a second to 领导小组")
def a_second_return_goes_to_the_leading_group(world: World, one: Told) -> None:
    if isinstance(one.event, acts.TaskReturned):
        task = one.before.tasks[one.event.task]
        again = sum(
            isinstance(r.event, acts.TaskReturned) and r.event.task == task.id
            for r, _ in world.history[task.case][: one.before.version]
        )
        barred = (task.holder, *one.before.kind.barred(one.before.state))
        assert one.event.to not in barred
        if again:
            assert one.event.to == LEADING_GROUP or LEADING_GROUP in barred


@standing("退回的事项都列在须裁定者的“退回我方”之下，直到有了结果", "Every return ends or stands in the tab of whoever must rule")
def every_return_is_listed(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.visible(world.now):
            if task.returned:
                assert summary(task).tab(task.holder, world.now) == "returned"
                assert not is_outside(task.holder)


@standing("转办、协办的事项都列在接收者名下", "Whatever is passed on or asked for is listed with who has it now")
def every_handover_is_listed(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.visible(world.now):
            row = summary(task)
            assert row.tab(task.holder, world.now) in ("to_sign", "in_hand", "returned")
            for helper in task.helpers:
                assert row.tab(helper, world.now) is not None


@told("单位以外的法定义务不转给本县单位", "An outside party's duty never passes to a unit of the county")
def an_outside_duty_stays_outside(world: World, one: Told) -> None:
    for id, old in one.before.tasks.items():
        if is_outside(old.holder) and not isinstance(one.event, FactCorrected):
            assert is_outside(one.after.tasks[id].holder) or old.closed, old.rule.id


# --- What the kinds promise ------------------------------------------------------------------


@told("投诉举报决不由被举报的单位办理", "A tip is never held by the unit it accuses")
def a_tip_is_never_held_by_the_accused(world: World, one: Told) -> None:
    if one.after.kind.name == "tip" and not isinstance(one.event, FactCorrected):
        accused = one.after.state.accused_unit
        known = one.before.state.accused_unit == accused or one.before.version == 0
        if accused and known and not _corrected_accusation(world, one):
            held = [t.rule.id for t in one.after.open_tasks() if accused in (t.holder, *t.helpers)]
            assert not held, held


def _corrected_accusation(world: World, one: Told) -> bool:
    """Whether whom the tip accuses was put right later: then the office routes it anew."""
    return any(
        isinstance(r.event, FactCorrected) and any(c.field == "accused_unit" for c in r.event.changes)
        for r, _ in world.history[one.after.case]
    )


@told("并案、分案在两边都有记载", "A merge is known on both sides, and so is its undoing")
def a_merge_is_known_on_both_sides(world: World, one: Told) -> None:
    if one.type in ("tip.joined", "tip.parted"):
        joined = one.type == "tip.joined"
        other = world.folds[one.event.tip].state
        assert (other.merged_into == one.after.case) == joined
        assert (one.event.tip in one.after.state.joined) == joined


@given("乡镇（街道）不作责令、处罚、强制控制", "A township never orders, punishes or controls")
def a_township_never_orders(world: World, carried: Given) -> None:
    unit = world.under.edition.units.get(carried.context.actor)
    power = ("责令", "处罚", "查封", "控制措施", "立案查处")
    if unit and unit.klass == "township":
        assert not any(word in carried.kind.title for word in power), carried.kind.name


@told("调查组必有工会指派的成员", "Every investigation team has a member of the union")
def a_team_has_a_union_member(world: World, one: Told) -> None:
    if one.after.kind.name == "incident" and one.after.state.team:
        assert "FTU" in one.after.state.team


@told("一个等级尺度只有一个等级，辐射事故等级只由生态环境局核定", "One grade in one scale; the radiation scale is 生态环境局's alone")
def one_grade_in_one_scale(world: World, one: Told) -> None:
    if one.after.kind.name == "incident":
        scales = [scale for scale, _ in one.after.state.grades]
        assert len(scales) == len(set(scales)), scales
    if one.type == "incident.graded" and one.event.scale == "radiation_scale":
        assert one.recorded.envelope.actor == "EEB"


@told("移交上级或并案之后，本县不再有除解除控制以外的事项", "What is handed up or merged leaves nothing here but lifting one's own control")
def what_is_handed_up_is_gone(world: World, one: Told) -> None:
    if one.type in ("incident.handed_up", "incident.merged"):
        left = {task.rule.id for task in one.after.open_tasks()}
        assert left <= {"inc.lift"}, left


@told("救助公示决不写病名", "What is made public of relief never names the disease")
def publicity_never_names_the_disease(world: World, one: Told) -> None:
    if one.type == "relief.publicised":
        names = {d.name for c in world.under.edition.catalogues for d in c.diseases}
        assert not any(name in sentence(one.event) for name in names), sentence(one.event)


@told("紧急救助先行：不因核查未完而被挡下", "Urgent relief never waits for the checks")
def urgent_relief_never_waits(world: World, one: Told) -> None:
    state = one.after.state
    if one.after.kind.name == "relief" and state.urgent and not (state.relieved_first or state.ended):
        rules = {task.rule.id for task in one.after.tasks.values() if not task.closed}
        assert "rlf.urgent" in rules or _ever_corrected(one.after), rules


def _ever_corrected(fold: CaseFold) -> bool:
    return fold.version > len(fold.facts)


@standing("一名劳动者在一家机构只有一件在办的诊断，只有一件在办的救助", "One open diagnosis at one institution, one relief, for one patient")
def one_open_case_a_matter(world: World) -> None:
    open_ = [
        (s.institution, s.subject)
        for s in (f.state for f in world.folds.values() if f.kind.name == "diagnosis")
        if s.applied and not s.withdrawn and not s.certified
    ]
    assert len(open_) == len(set(open_)), open_
    relief = [
        f.state.subject
        for f in world.folds.values()
        if f.kind.name == "relief" and not f.state.ended and not _ever_corrected(f)
    ]
    assert len(relief) == len(set(relief)), relief


@told("结论为职业病的诊断当即开立工伤认定的期限", "A conclusion of disease opens the clocks of the determination at once")
def a_disease_opens_its_determination(world: World, one: Told) -> None:
    if one.type == "diagnosis.concluded" and one.event.result == "od":
        id = f"determination-{one.after.case.partition('-')[2]}"
        assert world.folds[id].state.diagnosis == one.after.case


@given("年度职责由负责的单位自己报告完成", "A yearly duty is reported by the unit that owes it")
def a_yearly_duty_is_its_units_own(world: World, carried: Given) -> None:
    if carried.kind.name == "period.report":
        (one,) = carried.told
        closed = [t for id, t in one.before.tasks.items() if one.after.tasks[id].closed != t.closed]
        assert [task.holder for task in closed] == [carried.context.actor]


# --- Queues ----------------------------------------------------------------------------------

OVER: dict[str, tuple[str, ...]] = {
    "diagnosis": ("已撤回", "已诊断：职业病", "已诊断：非职业病"),
    "arbitration": ("不予受理", "已撤回", "已起诉", "已裁决", "裁决已被撤销", "裁决已生效"),
    "determination": ("不予受理", "已认定", "不予认定", "依据已失", "依据变更，待复核", "原认定已撤销", "行政复议中", "行政诉讼中"),
    "incident": ("已结案", "已移交上级", "已并案", "不属于事故"),
    "relief": ("已终止", "不予救助", "救助中", "已先行救助"),
    "tip": ("已办结", "不予受理"),
}
"""By what word a case is over. 依据变更，待复核: what reopens a decision is not known to us."""


@standing("每件在办案件都有人承办下一步，或有写明日期的等待", "Every open case has a holder and a next step, or a dated wait")
def every_open_case_has_a_next_step(world: World) -> None:
    for fold in world.folds.values():
        kind = fold.kind
        over = kind.status(fold.state) in OVER.get(kind.name, (kind.status(fold.state),))
        if not over and not _ever_corrected(fold) and not _withdrawn(fold):
            steps = [t for t in fold.open_tasks() if t.standing(world.now) not in ("lapsed",)]
            assert steps, f"{fold.case} {kind.status(fold.state)}: nobody owes anything"


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


@standing("每件事项在任何一刻都有且只有一种状态，为何在此说得出来", "Every task has a standing, and its reason can be told")
def every_task_can_be_shown(world: World) -> None:
    for fold in world.folds.values():
        for task in fold.tasks.values():
            row = summary(task)
            assert row.standing(world.now) in STANDINGS
            assert row.title in row.why and row.why.endswith("。")


# --- Whole stories ---------------------------------------------------------------------------


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


@ended("以记录日为准回看，等于当日日终的状态", "As of a day of recording equals the state at the end of that day")
def as_of_a_day_is_the_state_then(world: World) -> None:
    days = sorted({one.recorded.envelope.recorded_on for one in world.then})
    for day in days[:: max(1, len(days) // 4)]:
        for case, history in world.history.items():
            known = [(r, u) for r, u in history if r.envelope.recorded_on <= day]
            then = [o.after for o in world.then if o.after.case == case][len(known) - 1] if known else None
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


@told("新版次只重算在办事项，已结束的一字不改", "An adoption works open tasks out anew and leaves closed ones")
def an_adoption_leaves_closed_tasks(world: World, one: Told) -> None:
    if isinstance(one.event, ReferenceApplied):
        for id, old in one.before.tasks.items():
            if old.closed:
                assert replace(one.after.tasks[id], touched=0) == replace(old, touched=0)


assert len(CASE_KINDS) > 1
