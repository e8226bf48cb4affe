"""Inspection plans 检查计划 (PLAN): published with their pools, then drawn; no plan, no inspection.

Publication fixes the pool of firms and the pool of licensed inspectors by their SHA-256, the day of
the draw, which lies ahead, and the public source of the seed. The seed is known on that day only,
so that nobody can shape a pool to a seed or choose one. A draw is made once: it opens one
inspection per drawn firm and assigns officers of every unit, conflicts left out. A plan that is not
drawn (special campaign, off-site check, patrol) lists its firms. Path: published → drawn →
(cancelled). Basis: 43号文 二(三)1、2、6; 国办发〔2024〕54号; 行政处罚法 42.

The class trap 等级口径: in the pilot method 甲 is the lowest and 丙 the highest risk, in an older
guide it is the other way about. A class therefore never stands without its method.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, assert_never, get_args

from domain.decider import CaseKind, Context, Correctable, Decision, command, need
from domain.draw import draw, pool_hash
from domain.events import event, terms
from domain.identifiers import is_credit_code, written_out
from domain.rules import Edition

Kind = Literal["random", "targeted", "joint", "special", "off_site", "patrol"]
KINDS: dict[Kind, str] = {
    "random": "双随机抽查",
    "targeted": "有因检查",
    "joint": "部门联合检查",
    "special": "专项检查",
    "off_site": "非现场检查",
    "patrol": "协管员巡查",
}
terms(KINDS)
DRAWN: tuple[Kind, ...] = ("random", "joint")


@dataclass(frozen=True)
class Target:
    """A firm in a pool, with the township it lies in and its class under a named method."""

    employer: str
    township: str
    grade: str
    method: str

    @property
    def line(self) -> str:
        return f"{self.employer}|{self.township}|{self.grade}|{self.method}"

    def __str__(self) -> str:
        return self.employer.partition(":")[2]


@dataclass(frozen=True)
class Inspector:
    """A licensed officer by his licence number, never by name; the firms he may not inspect."""

    licence: str
    unit: str
    conflicts: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return f"{self.licence}|{self.unit}|{','.join(sorted(self.conflicts))}"


@dataclass(frozen=True)
class Officer:
    """An officer by licence and unit, as assigned to or present at a visit."""

    unit: str
    licence: str

    def __str__(self) -> str:
        return self.licence


# --- Facts ---------------------------------------------------------------------------------------


@event(
    "plan.published", "{lead}发布{kind}计划“{title}”：单位{units}，抽取{count}家，{visit_by}前完成"
)
class PlanPublished:
    """A plan and its pools, fixed by their hashes before any seed is known."""

    title: str
    kind: Kind
    lead: str
    units: tuple[str, ...]
    visit_by: date
    count: int  # firms to draw; 0: the plan lists its firms, nothing is drawn
    targets: tuple[Target, ...]
    inspectors: tuple[Inspector, ...]
    targets_hash: str
    inspectors_hash: str


@event("plan.draw_announced", "定于{draw_on}抽取，种子取自：{seed_source}")
class DrawAnnounced:
    """The day of the draw and the public source of its seed, fixed before that day."""

    draw_on: date
    seed_source: str


@event("plan.drawn", "以种子“{seed}”（{seed_source}）抽取：{drawn}")
class PlanDrawn:
    """The draw: its seed, where the seed came from, and the firms in drawn order."""

    seed: str
    seed_source: str
    drawn: tuple[str, ...]
    officers_each: int  # of every unit, for one firm


Result = Literal["seen", "off_site_seen", "patrolled", "not_found", "let_go"]
terms(
    {
        "seen": "已入企检查",
        "off_site_seen": "已非现场检查",
        "patrolled": "已巡查",
        "not_found": "无法联系",
        "let_go": "凭理由取消",
    }
)


@event("plan.target_done", "{employer}：{result}")
class TargetDone:
    """A firm the plan lists has had its turn."""

    employer: str
    inspection: str
    result: Result


@event("plan.cancelled", "取消检查计划：{reason}")
class PlanCancelled:
    reason: str


Event = PlanPublished | DrawAnnounced | PlanDrawn | TargetDone | PlanCancelled


# --- State ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    plan: PlanPublished | None = None
    seed: str | None = None
    drawn: tuple[str, ...] = ()
    officers_each: int = 0
    cancelled: bool = False
    announced: DrawAnnounced | None = None
    done: tuple[str, ...] = ()  # firms of a list that have had their turn


def evolve(state: State, event: Event) -> State:
    match event:
        case PlanPublished():
            return replace(state, plan=event)
        case DrawAnnounced():
            return replace(state, announced=event)
        case PlanDrawn():
            return replace(
                state, seed=event.seed, drawn=event.drawn, officers_each=event.officers_each
            )
        case TargetDone():
            return replace(state, done=(*state.done, event.employer))
        case PlanCancelled():
            return replace(state, cancelled=True)
        case _:
            assert_never(event)


def firms(plan: PlanPublished, seed: str) -> tuple[Target, ...]:
    """The firms a seed draws from a published plan."""
    named = {target.line: target for target in plan.targets}
    return tuple(named[line] for line in draw(named, seed, plan.count))


def officers(
    plan: PlanPublished,
    seed: str,
    employer: str,
    wanted: int,
    recused: Iterable[str] = (),
) -> tuple[Officer, ...]:
    """The officers of every unit for one firm: the first `wanted` of each, in drawn order.

    The order is drawn under the seed and the firm, so that one pair does not go everywhere. Who
    has a conflict with the firm or was recused 回避 is passed over; the next takes his place.
    """
    out = set(recused)
    named = {i.line: i for i in plan.inspectors}
    found: list[Officer] = []
    for unit in plan.units:
        fit = [
            line
            for line, i in named.items()
            if i.unit == unit and employer not in i.conflicts and i.licence not in out
        ]
        first = draw(fit, f"{seed}\n{employer}", wanted)
        found += [Officer(unit, named[line].licence) for line in first]
    return tuple(found)


def inspection_of(plan: str, place: int) -> str:
    """The inspection a draw opened for the firm in this place of the drawn order."""
    return f"inspection-{plan.partition('-')[2]}-{place:03}"


# --- Commands ------------------------------------------------------------------------------------


@command("plan.publish", "发布检查计划", clause="inspect-54", opens=True)
class PublishPlan:
    """Publishes a plan with its pools; inspections open under it alone (国办发〔2024〕54号).

    `count` above 0: that many firms are drawn on `draw_on`, a later day, under a seed from
    `seed_source`, which is public. A patrol plan is a township's.
    """

    title: str
    kind: Kind
    visit_by: date
    targets: tuple[Target, ...]
    units: tuple[str, ...] = ()
    count: int = 0
    inspectors: tuple[Inspector, ...] = field(default=())
    draw_on: date | None = None
    seed_source: str | None = None


@command("plan.announce_draw", "公告抽取", by=("lead",), clause="43-2.3.a")
class AnnounceDraw:
    """Fixes the day of the draw and the source of its seed for a plan published without them."""

    draw_on: date
    seed_source: str


@command("plan.draw", "双随机抽取", by=("lead",), clause="43-2.3.a")
class DrawPlan:
    """Draws firms and officers under the seed that the announced source gave on that day.

    Not before the day announced, nor after the plan's own. `seed_source`, where it is given, is
    the one announced.
    """

    seed: str
    seed_source: str | None = None


@command("plan.cancel", "取消检查计划", by=("lead", "LG"), clause="inspect-54")
class CancelPlan:
    """Ends a plan that was not drawn; inspections already opened are cancelled one by one."""

    reason: str


Command = PublishPlan | AnnounceDraw | DrawPlan | CancelPlan


# --- Decisions -----------------------------------------------------------------------------------


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case PublishPlan():
            return _published(given, context)
        case AnnounceDraw():
            return (_announced(state, given, context),)
        case DrawPlan():
            return _drawn(state, given, context)
        case CancelPlan():
            _open(state)
            need(state.seed is None, "drawn", "已经抽取，请逐件取消检查", "Drawn already")
            need(not _completed(state), "done", "计划已经完成，不再取消", "It is carried out")
            return (PlanCancelled(reason=given.reason),)
        case _:
            assert_never(given)


def _published(given: PublishPlan, context: Context) -> Decision:
    given = replace(
        given,
        targets=tuple(replace(t, employer=written_out(t.employer)) for t in given.targets),
        inspectors=tuple(
            replace(i, conflicts=tuple(map(written_out, i.conflicts))) for i in given.inspectors
        ),
    )
    edition = context.reference.edition
    units = tuple(dict.fromkeys((context.actor, *given.units)))
    may_inspect(units, given.kind, edition)
    need(
        given.visit_by >= context.occurred.day,
        "planned-day",
        "完成日不得早于发布日",
        "The plan must end after it is published",
    )
    need(
        given.kind != "targeted",
        "no-plan-kind",
        "有因检查凭举报、事故或等级变化开展，不列计划",
        "A targeted inspection rests on its cause, not on a plan",
    )
    employers = [target.employer for target in given.targets]
    need(bool(employers), "no-target", "须列明检查对象", "Name at least one firm")
    need(
        len(set(employers)) == len(employers),
        "target-twice",
        "检查对象名录中有重复",
        "A firm stands in the pool twice",
    )
    for target in given.targets:
        _fits(target, edition)
        need(
            given.kind != "patrol" or target.township == context.actor,
            "other-township",
            "巡查计划只列本乡镇（街道）的单位",
            "A patrol plan lists firms of the township's own area",
            clause="43-3.TS.3",
        )
    if given.count or given.kind == "random":
        _pools(given, units, edition)
    published = PlanPublished(
        title=given.title,
        kind=given.kind,
        lead=context.actor,
        units=units,
        visit_by=given.visit_by,
        count=given.count,
        targets=given.targets,
        inspectors=given.inspectors,
        targets_hash=pool_hash(target.line for target in given.targets),
        inspectors_hash=pool_hash(inspector.line for inspector in given.inspectors),
    )
    if not given.count:
        return (published,)
    need(
        given.draw_on is not None and given.seed_source is not None,
        "draw-day",
        "双随机计划须同时公告抽取日（draw_on）和种子的公开来源（seed_source）",
        "A plan to be drawn announces the day of the draw and the public source of its seed",
        clause="43-2.3.a",
    )
    assert given.draw_on is not None
    assert given.seed_source is not None
    return (published, _to_be_drawn(given.draw_on, given.seed_source, given.visit_by, context))


def _announced(state: State, given: AnnounceDraw, context: Context) -> DrawAnnounced:
    plan = _open(state)
    need(plan.count > 0, "not-drawn", "本计划不抽取，按名录逐家开展", "Nothing is drawn here")
    need(state.seed is None, "drawn", "已经抽取，不得重抽", "Drawn already: never twice")
    fixed = state.announced is not None
    need(not fixed, "announced", "抽取日和种子来源已公告，不得更改", "Announced already")
    return _to_be_drawn(given.draw_on, given.seed_source, plan.visit_by, context)


def _to_be_drawn(day: date, source: str, visit_by: date, context: Context) -> DrawAnnounced:
    """The seed must lie ahead when pools and source are fixed: ahead of the record, not only of
    the day the record tells, or a plan entered late could be shaped to a seed that is out."""
    need(
        context.today < day <= visit_by,
        "draw-day",
        f"抽取日须在公告之后（{context.today}以后），且不晚于完成日{visit_by}",
        f"The draw comes after {context.today} and by {visit_by}",
        clause="43-2.3.a",
    )
    need(bool(source.strip()), "blank", "须写明种子来源", "Name the source of the seed")
    return DrawAnnounced(draw_on=day, seed_source=source)


def basis_clause(context: Context) -> str | None:
    """“无计划不检查”, cited once it is in force on the day of the act."""
    clause = context.reference.edition.clauses["inspect-54"]
    return clause.id if clause.in_force(context.occurred.day) else None


def may_inspect(units: tuple[str, ...], kind: Kind, edition: Edition) -> None:
    """Who may inspect at all: a township patrols and does nothing else (行政处罚法 24)."""
    if kind == "patrol":
        need(
            edition.is_township(units[0]) and len(units) == 1,
            "patrol-township",
            "协管员巡查由乡镇（街道）进行",
            "A patrol is a township's own",
            clause="43-3.TS.3",
        )
        return
    has_power(units, edition)
    need(
        (len(units) > 1) == (kind == "joint"),
        "joint-units",
        "联合检查须有两个以上单位，其他检查只由一个单位进行",
        "A joint inspection has several units, any other one",
        clause="43-2.3.f",
    )


def has_power(units: tuple[str, ...], edition: Edition) -> None:
    """Only bureaus with power of enforcement inspect, order and file (行政处罚法 24)."""
    need(
        set(units) <= set(edition.policy("inspection-enforcing-units")),
        "no-power",
        "该单位没有执法权：乡镇（街道）只巡查、督促、移交，不检查、不责令、不处罚",
        "This unit has no power of enforcement",
        clause="apl-24",
    )


def _fits(target: Target, edition: Edition) -> None:
    employer, _, code = target.employer.partition(":")
    need(
        employer == "employer" and is_credit_code(code),
        "party",
        f"检查对象应写作 employer:统一社会信用代码，{code}的位数或校验位不对",
        "Write a firm as employer:credit code, with its right check character",
    )
    is_township(target.township, edition)
    need(
        bool(target.grade.strip() and target.method.strip()),
        "class-method",
        "等级须写明所用方法的版本：同是“甲”，有的方法是最低，有的是最高",
        "A class needs the version of its method: 甲 is lowest in one, highest in another",
        clause="43-2.3.c",
    )
    one_line(target.line)


def is_township(unit: str, edition: Edition) -> None:
    """The place of a firm is one of the county's townships."""
    zh = f"{edition.unit_name(unit)}不是本县乡镇（街道），应写 TS-110 之类的代码"
    fine = edition.is_township(unit)
    need(fine, "township", zh, f"{unit} is no township: write e.g. TS-110")


def one_line(text: str) -> None:
    """Each item of a pool is one line, so that a draw can be repeated from a text file."""
    need("\n" not in text and "\r" not in text, "one-line", "名录每项须为一行", "One line an item")


def _pools(given: PublishPlan, units: tuple[str, ...], edition: Edition) -> None:
    need(
        given.kind in DRAWN,
        "not-drawn",
        "只有双随机抽查和部门联合检查进行抽取",
        "Only random and joint inspections are drawn",
    )
    spare = int(edition.policy("draw-spare-targets"))
    need(
        0 < given.count <= len(given.targets) - spare,
        "count",
        f"抽取家数至少1家，名录须比抽取家数至少多{spare}家，否则无所谓随机",
        f"Draw at least one firm; the pool has at least {spare} more than are drawn",
        clause="43-2.3.a",
    )
    licences = [i.licence for i in given.inspectors]
    need(
        len(set(licences)) == len(licences) and all(one.strip() for one in licences),
        "licence",
        "执法证号不得空白或重复",
        "Licence numbers must be given, each once",
    )
    least = int(edition.policy("inspection-officers-at-least"))
    least += int(edition.policy("draw-spare-officers"))
    for unit in units:
        fit = sum(1 for i in given.inspectors if i.unit == unit)
        need(
            fit >= least,
            "too-few-officers",
            f"{edition.unit_name(unit)}的执法人员名录不足{least}人（含轮换、回避的余量）",
            f"{unit} has fewer than {least} officers in the pool",
            clause="apl-42",
        )
    for inspector in given.inspectors:
        one_line(inspector.line)


def _drawn(state: State, given: DrawPlan, context: Context) -> Decision:
    plan = _open(state)
    need(plan.count > 0, "not-drawn", "本计划不抽取，按名录逐家开展", "Nothing is drawn here")
    need(state.seed is None, "drawn", "已经抽取，不得重抽", "Drawn already: never twice")
    announced = state.announced
    need(
        announced is not None,
        "not-announced",
        "先公告抽取日和种子的公开来源，再抽取",
        "Announce the day and the source of the seed first",
        clause="43-2.3.a",
    )
    assert announced is not None
    day = context.occurred.day
    need(
        announced.draw_on <= day <= plan.visit_by,
        "draw-day",
        f"抽取应在公告的{announced.draw_on}至计划完成日{plan.visit_by}之间",
        f"The draw is made from {announced.draw_on} to {plan.visit_by}",
        clause="43-2.3.a",
    )
    need(
        given.seed_source in (None, announced.seed_source),
        "seed-source",
        f"种子来源已公告为“{announced.seed_source}”，不得另换",
        "The source of the seed was announced: no other one",
        clause="43-2.3.a",
    )
    one_line(given.seed)
    chosen = firms(plan, given.seed)
    least = int(context.reference.edition.policy("inspection-officers-at-least"))
    for target in chosen:
        team = officers(plan, given.seed, target.employer, least)
        enough_officers(team, plan.units, least, context.reference.edition)
    said = PlanDrawn(
        seed=given.seed,
        seed_source=announced.seed_source,
        drawn=tuple(target.employer for target in chosen),
        officers_each=least,
    )
    return (said,)  # the inspections follow: see on_draw in inspection/opening.py


def enough_officers(
    team: Iterable[Officer], units: tuple[str, ...], least: int, edition: Edition
) -> None:
    """Every unit comes with two officers at least (行政处罚法 42)."""
    found = {(officer.unit, officer.licence) for officer in team}
    for unit in units:
        need(
            sum(1 for one, _ in found if one == unit) >= least,
            "too-few-officers",
            f"执法人员不得少于{least}人：{edition.unit_name(unit)}人数不足（回避、利益冲突的不计）",
            f"{unit} needs at least {least} officers without conflict",
            clause="apl-42",
        )


def weak(state: State, edition: Edition) -> list[str]:
    """Where pools leave the draw hardly a choice, in words."""
    plan = state.plan
    if plan is None or not plan.count:
        return []
    found = []
    spare = int(edition.policy("draw-spare-targets"))
    if len(plan.targets) < plan.count + spare:
        found.append(f"检查对象名录只有{len(plan.targets)}家，抽取{plan.count}家")
    wanted = state.officers_each + int(edition.policy("draw-spare-officers"))
    for unit in plan.units:
        fit = sum(1 for inspector in plan.inspectors if inspector.unit == unit)
        if fit < wanted:
            found.append(f"{edition.unit_name(unit)}执法人员名录只有{fit}人")
    if state.announced is None:
        found.append("发布时没有公告抽取日和种子来源")
    return found


def _open(state: State) -> PlanPublished:
    need(not state.cancelled, "cancelled", "计划已取消", "The plan is cancelled")
    assert state.plan is not None  # a plan's first event publishes it
    return state.plan


# --- Conditions ----------------------------------------------------------------------------------


def is_drawn(state: State, event: Event) -> bool:
    """Firms are to be drawn from the plan's pool."""
    return state.plan is not None and state.plan.count > 0


def is_listed(state: State, event: object) -> bool:
    """The plan lists its firms: each has its turn by the plan's own day."""
    return state.plan is not None and state.plan.count == 0


def all_done(state: State, event: object) -> bool:
    """Every firm on the list has had its turn."""
    listed = {target.employer for target in state.plan.targets} if state.plan else set()
    return listed <= set(state.done)


def _completed(state: State) -> bool:
    return bool(state.done) and all_done(state, None)


def status(state: State) -> str:
    if state.cancelled:
        return "已取消"
    if _completed(state):
        return "已完成"
    if state.seed is not None:
        return "已抽取"
    return "待抽取" if state.plan and state.plan.count else "已发布"


PLAN = CaseKind(
    name="plan",
    title="检查计划",
    number_prefix="PLAN",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "is_listed": is_listed,
        "all_done": all_done,
        # Named by older editions alone, which the log keeps:
        "is_drawn": is_drawn,
    },
    parties=lambda state: {"lead": state.plan.lead} if state.plan else {},
    status=status,
    roles=("lead",),
    policies=(
        "draw-spare-officers",
        "draw-spare-targets",
        "inspection-enforcing-units",
        "inspection-officers-at-least",
    ),
    corrections=Correctable(
        supervisor="HB",
        commands={PlanCancelled: CancelPlan},
        undone_by={
            PlanPublished: "取消检查计划",
            DrawAnnounced: "取消检查计划",
            PlanDrawn: "取消检查",
            TargetDone: "检查案件的更正",
        },
        day_stands=(PlanPublished, DrawAnnounced, PlanDrawn),
    ),
)
