"""Tips and complaints 投诉举报 (TIP): received, routed, answered; each with its own reply clock.

The unit that receives a tip accepts it, or returns it within five working days with a reason;
silence is acceptance. 领导小组办公室 routes what was returned, 领导小组 what was returned
twice. A tip is never routed to the unit it accuses; who gave it is sealed and goes to nobody else.
Tips on one matter may be merged, and parted again: each informant is answered on his own clock.
Basis: 43号文 二(三); 信访工作条例 22, 23, 34, 35 by analogy; 劳动保障监察条例 17.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, assert_never, get_args

from domain.acts import ReturnUpheld, TaskAct, TaskRuled, TaskTransferred
from domain.decider import CaseKind, Context, Correctable, Decision, On, Refused, command, need
from domain.events import event, terms
from domain.fold import CaseFold
from domain.rulings import ABOVE, routed, under_class_ruling
from domain.sealing import RESTRICTED, SealedText
from domain.tasks import Task
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

Channel = Literal["platform", "letter", "visit", "phone", "patrol_found"]
Matter = Literal[
    "unprotected", "no_checkup", "no_contract", "uninsured", "poisoning", "radiation", "officials"
]
Ground = Literal["no_facts", "not_this_law", "already_decided"]
Finding = Literal["substantiated", "partly", "unsubstantiated"]

MATTERS: dict[Matter, str] = {
    "unprotected": "危害未防护",
    "no_checkup": "未安排体检",
    "no_contract": "未签劳动合同",
    "uninsured": "未参加工伤保险",
    "poisoning": "急性中毒",
    "radiation": "放射危害",
    "officials": "部门不作为",
}
terms(MATTERS)
terms(
    {
        "platform": "平台转来",
        "letter": "来信",
        "visit": "来访",
        "phone": "来电",
        "patrol_found": "巡查发现",
    }
)
terms(
    {
        "no_facts": "无具体事实",
        "not_this_law": "不属职业病防治事项",
        "already_decided": "已有处理决定",
    }
)
terms({"substantiated": "属实", "partly": "部分属实", "unsubstantiated": "不属实"})


# --- Facts ---------------------------------------------------------------------------------------


@event("tip.received", "收到投诉举报（{channel}，{matters}），交{to}")
class TipReceived:
    """A tip came in and was given to a unit. What it says and who says it are sealed."""

    channel: Channel
    matters: tuple[Matter, ...]
    to: str
    anonymous: bool
    informant: str | None  # the party that is answered; none where anonymous
    accused: Annotated[str | None, RESTRICTED]  # the employer
    accused_unit: str | None
    subject: str
    content: SealedText
    name: SealedText | None
    contact: SealedText | None


@event("tip.routed", "{actor}确定由{to}办理：{reason}")
class TipRouted:
    """The unit that handles it was determined; its duty to inform begins with delivery to it."""

    actor: str
    to: str
    reason: str


@event("tip.accepted", "{unit}受理")
class TipAccepted:
    unit: str


@event("tip.not_accepted", "{unit}不予受理：{ground}")
class TipNotAccepted:
    unit: str
    ground: Ground


@event("tip.informed", "{unit}将受理情况告知来信来访人")
class InformantTold:
    unit: str


@event("tip.case_filed", "{unit}作为劳动保障监察案件立案")
class LabourCaseFiled:
    unit: str


@event("tip.concluded", "{unit}作出处理意见：{finding}；{note}")
class TipConcluded:
    unit: str
    finding: Finding
    note: str


@event("tip.replied", "{unit}答复来信来访人")
class TipReplied:
    unit: str


@event("tip.merged", "并入同一事项的举报一并调查，答复期限不变")
class TipMerged:
    into: str


@event("tip.joined", "另一件同一事项的举报并入本件调查")
class TipJoined:
    tip: str


@event("tip.unmerged", "与并入的举报分开，各自调查：{reason}")
class TipUnmerged:
    into: str
    reason: str


@event("tip.parted", "此前并入的一件举报分出")
class TipParted:
    tip: str


Event = (
    TipReceived
    | TipRouted
    | TipAccepted
    | TipNotAccepted
    | InformantTold
    | LabourCaseFiled
    | TipConcluded
    | TipReplied
    | TipMerged
    | TipJoined
    | TipUnmerged
    | TipParted
)


# --- State ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    received: bool = False
    named: bool = False  # somebody is to be answered
    informant: str | None = None
    accused_unit: str | None = None
    matters: tuple[str, ...] = ()
    handler: str | None = None
    routed: bool = False
    anew: bool = False  # routed after a unit had taken or refused it: the new one is asked anew
    accepted: bool = False
    refused: bool = False
    informed: bool = False
    filed: bool = False
    concluded: bool = False
    replied: bool = False
    merged_into: str | None = None
    joined: tuple[str, ...] = ()


def evolve(state: State, event: Event) -> State:
    match event:
        case TipReceived():
            return replace(
                state,
                received=True,
                named=not event.anonymous,
                informant=event.informant,
                accused_unit=event.accused_unit,
                matters=event.matters,
                handler=event.to,
            )
        case TipRouted():
            return replace(
                state,
                handler=event.to,
                routed=True,
                anew=state.accepted or state.refused,
                accepted=False,
                refused=False,
            )
        case TipAccepted():
            return replace(state, handler=event.unit, accepted=True)
        case TipNotAccepted():
            return replace(state, refused=True)
        case InformantTold():
            return replace(state, informed=True)
        case LabourCaseFiled():
            return replace(state, handler=event.unit, accepted=True, filed=True)
        case TipConcluded():
            return replace(state, concluded=True)
        case TipReplied():
            return replace(state, replied=True)
        case TipMerged():
            return replace(state, merged_into=event.into)
        case TipJoined():
            return replace(state, joined=(*state.joined, event.tip))
        case TipUnmerged():
            return replace(state, merged_into=None)
        case TipParted():
            return replace(state, joined=tuple(t for t in state.joined if t != event.tip))
        case _:
            assert_never(event)


# --- Commands ------------------------------------------------------------------------------------


@command("tip.receive", "收到投诉举报", clause="43-2.3.j", opens=True)
class ReceiveTip:
    """Registers a tip and gives it to a unit, which accepts or returns it in five working days.

    `to` may be left out: then a class ruling, or the county's routing policy, names the unit by
    the first matter. A class ruling binds whoever registers the tip.
    """

    channel: Channel
    matters: tuple[Matter, ...]
    subject: str
    content: SealedText
    to: str | None = None
    township: str | None = None  # where the matter lies: a class ruling may be for one township
    anonymous: bool = False
    accused: str | None = None
    accused_unit: str | None = None
    name: SealedText | None = None
    contact: SealedText | None = None


@command("tip.route", "确定办理单位", by=(LEADING_GROUP_OFFICE, LEADING_GROUP), clause="43-4.1.b")
class RouteTip:
    """Rules who handles a tip: the office on a first return or of its own, 领导小组 on a second."""

    to: str
    reason: str


@command("tip.accept", "受理", clause="43-2.3.j")
class AcceptTip:
    """Accepts the tip: the clock of handling starts."""


@command("tip.refuse", "不予受理", clause="43-2.3.j")
class RefuseTip:
    """Refuses the tip on a coded ground; a named informant is still told."""

    ground: Ground


@command("tip.inform", "告知来信来访人", clause="petition-23")
class TellInformant:
    """Tells a named informant whether the tip was accepted."""


@command("tip.file_case", "劳动保障监察立案", by=("HSSB",), clause="labour-17")
class FileLabourCase:
    """Files a labour inspection case: sixty working days to finish."""


@command("tip.conclude", "作出处理意见", clause="43-2.3.j")
class ConcludeTip:
    """What the check found; tips merged into this one get the same finding."""

    finding: Finding
    note: str


@command("tip.reply", "答复来信来访人", clause="petition-34")
class ReplyToInformant:
    """Answers a named informant; his own clock ends."""


@command("tip.merge", "并案", clause="43-2.3.j")
class MergeTip:
    """Has the same matter checked once, with another tip; every informant keeps his own clock."""

    case_main: str


@command("tip.unmerge", "分案", clause="43-2.3.j")
class UnmergeTip:
    """Undoes a merge: the tip is checked by itself again."""

    reason: str


Command = (
    ReceiveTip
    | RouteTip
    | AcceptTip
    | RefuseTip
    | TellInformant
    | FileLabourCase
    | ConcludeTip
    | ReplyToInformant
    | MergeTip
    | UnmergeTip
)


# --- Decisions -----------------------------------------------------------------------------------


def decide(state: State, given: Command, context: Context) -> Decision:
    actor = context.actor
    match given:
        case ReceiveTip():
            return _received(given, context)
        case RouteTip():
            return _routed(state, given, context)
        case AcceptTip():
            _waiting(state, context)
            return (TipAccepted(unit=actor),)
        case RefuseTip():
            _waiting(state, context)
            zh = "有举报并入本件，请先分案再不予受理"
            need(not state.joined, "joined", zh, "Others are merged with it: part them first")
            return (TipNotAccepted(unit=actor, ground=given.ground),)
        case TellInformant():
            _handles(state, actor)
            _named(state)
            need(not state.informed, "informed", "已告知来信来访人", "Already told")
            return (InformantTold(unit=actor),)
        case FileLabourCase():
            _handles(state, actor)
            need(not state.filed, "filed", "已立案", "Already filed")
            labour = set(state.matters) & {"no_contract", "uninsured"}
            zh = "劳动保障监察只立劳动合同、工伤保险方面的案"
            need(bool(labour), "not-labour", zh, "Not a labour matter", clause="labour-17")
            return (LabourCaseFiled(unit=actor),)
        case ConcludeTip():
            return _concluded(state, given, context)
        case ReplyToInformant():
            _handles(state, actor)
            _named(state)
            need(state.concluded, "not-concluded", "尚未作出处理意见", "Nothing is concluded yet")
            need(not state.replied, "replied", "已经答复", "Already answered")
            return (TipReplied(unit=actor),)
        case MergeTip():
            return _merged(state, given, context)
        case UnmergeTip():
            main = state.merged_into
            if main is None:
                raise Refused("not-merged", "本件没有并入其他举报", "This tip is not merged")
            _office_or_handler(state, actor)
            parted = TipUnmerged(into=main, reason=given.reason)
            return (parted, On(main, TipParted(tip=context.case)))
        case _:
            assert_never(given)


def _received(given: ReceiveTip, context: Context) -> Decision:
    need(bool(given.matters), "no-matter", "请至少选一类事项", "Name at least one matter")
    to, ruling = routed(f"tip-route-{given.matters[0]}", given.township, context)
    if ruling and to == given.accused_unit:
        ruling = None  # a class ruling does not bring a tip to the unit it accuses
    if ruling is None:
        to = given.to or to
    else:
        zh = f"类案裁定{ruling.ruling}：这类举报由{to}办理"
        need(given.to in (None, to), "ruled", zh, f"{ruling.ruling} gives these to {to}")
    if to == given.accused_unit and given.to is None:
        above = given.accused_unit == LEADING_GROUP_OFFICE
        to, ruling = LEADING_GROUP if above else LEADING_GROUP_OFFICE, None
    _may_handle(to, (given.accused_unit,), context)
    informant = None if given.anonymous else f"citizen:{given.subject}"
    received = TipReceived(
        channel=given.channel,
        matters=given.matters,
        to=to,
        anonymous=given.anonymous,
        informant=informant,
        accused=given.accused,
        accused_unit=given.accused_unit,
        subject=given.subject,
        content=given.content,
        name=None if given.anonymous else given.name,
        contact=None if given.anonymous else given.contact,
    )
    return (received, ruling) if ruling else (received,)


def accused(state: State, cases: Mapping[str, CaseFold]) -> tuple[str, ...]:
    """The units that this tip, or one merged with it, accuses."""
    merged = (cases[id].state.accused_unit for id in state.joined if id in cases)
    return tuple(unit for unit in (state.accused_unit, *merged) if unit)


def _may_handle(to: str, accused: tuple[str | None, ...], context: Context) -> None:
    known = to in context.reference.edition.units
    need(known, "no-such-unit", f"没有单位 {to}；请填单位代码，如 HB", f"No unit {to}")
    zh = "不得交由被举报的单位办理"
    need(to not in accused, "accused", zh, "Never to the unit it accuses", clause="43-2.3.j")


def _bound(context: Context) -> None:
    """What a class ruling gave to a unit only those above the office give to another."""
    zh = "本件依类案裁定办理，只有领导小组、联席会议可以改派；有异议的请提出异议"
    fine = not under_class_ruling(context) or context.actor in ABOVE
    need(fine, "ruled", zh, "A class ruling gave it there: for those above to change")


def _routed(state: State, given: RouteTip, context: Context) -> Decision:
    barred = accused(state, context.cases)
    _may_handle(given.to, barred, context)
    zh = "被举报的单位不能改派"
    need(context.actor not in barred, "accused", zh, "The accused unit does not route")
    _bound(context)
    need(not state.concluded, "concluded", "已作出处理意见，不再改派", "Already concluded")
    task = _accept_task(context)
    zh = "两次退回的，由领导小组裁定"
    twice = task is not None and task.returns > 1
    need(not twice or context.actor == LEADING_GROUP, "second-return", zh, "The group rules")
    need(given.to != state.handler or twice, "same-unit", "已由该单位办理", "It has it already")
    final = task is None or task.ruled_by is None or context.actor in ABOVE
    zh = "已经裁定，只有领导小组、联席会议可以改派；有异议的请提出异议"
    need(final, "above", zh, "It was ruled on: for those above the office to change")
    ruled = TipRouted(actor=context.actor, to=given.to, reason=given.reason)
    if task is None:
        return (ruled,)
    id, title = task.id, task.rule.title
    if task.returned:
        return (ReturnUpheld(task=id, title=title, to=given.to), ruled)
    moved = TaskTransferred(task=id, title=title, to=given.to, reason=given.reason)
    return (moved, ruled)


def passed(state: State, task: Task, act: TaskAct, context: Context) -> tuple[TipRouted, ...]:
    """Whoever is passed the question whether to accept handles the tip from then on."""
    if not task.rule.id.startswith("tip.accept"):
        return ()
    match act:
        case TaskTransferred() | TaskRuled() if act.to != state.handler:
            _bound(context)
            return (TipRouted(actor=context.actor, to=act.to, reason=act.reason),)
        case ReturnUpheld():
            _bound(context)
            return (TipRouted(actor=context.actor, to=act.to, reason="确认退回并改派"),)
        case _:
            return ()


def _accept_task(context: Context) -> Task | None:
    held = (t for t in context.fold.open_tasks() if t.rule.id.startswith("tip.accept"))
    return next(held, None)


def _waiting(state: State, context: Context) -> None:
    """The unit that holds the tip answers whether it takes it, before anything else."""
    _handles(state, context.actor)
    need(not state.accepted, "accepted", "已经受理", "Already accepted")
    need(not state.refused, "refused", "已决定不予受理", "Already refused")
    need(not state.concluded, "concluded", "已作出处理意见", "Already concluded")
    task = _accept_task(context)
    silent = task is not None and task.standing(context.occurred.at) == "closed"
    zh = "期限内未表示，已视为受理，办理期限已起算；请直接办理"
    need(not silent, "deemed-accepted", zh, "Silence was acceptance: go on with it")


def _handles(state: State, actor: str) -> None:
    need(
        actor == state.handler,
        "not-handler",
        f"本件由{state.handler}办理；认为不属职责的请退回，由领导小组办公室改派",
        f"{state.handler} handles this tip: return it if it is not theirs",
    )


def _office_or_handler(state: State, actor: str) -> None:
    need(
        actor in (LEADING_GROUP_OFFICE, state.handler),
        "not-handler",
        f"由办理单位（{state.handler}）或领导小组办公室决定",
        f"For {state.handler} or the office to decide",
    )


def _named(state: State) -> None:
    need(state.named, "anonymous", "匿名举报，无从告知、答复", "Anonymous: nobody to answer")


def _concluded(state: State, given: ConcludeTip, context: Context) -> Decision:
    _handles(state, context.actor)
    need(not state.refused, "refused", "已决定不予受理", "Already refused")
    need(not state.concluded, "concluded", "已作出处理意见", "Already concluded")
    into = state.merged_into
    need(
        into is None,
        "merged",
        "本件已并案，由主件作出处理意见",
        "Merged: concluded with the main tip",
    )
    said = TipConcluded(unit=context.actor, finding=given.finding, note=given.note)
    others = tuple(On(id, said) for id in state.joined if not context.cases[id].state.concluded)
    return (said, *others)


def _merged(state: State, given: MergeTip, context: Context) -> Decision:
    _office_or_handler(state, context.actor)
    main = context.cases[given.case_main]
    fits = main.kind.name == "tip" and main.version > 0 and given.case_main != context.case
    need(fits, "not-a-tip", "只能并入另一件举报", "Only into another tip")
    need(state.merged_into is None and not state.joined, "merged", "本件已并案", "Merged already")
    need(main.state.merged_into is None, "merged", "对方已并入他件", "That one is merged itself")
    done = state.concluded or main.state.concluded
    need(not done, "concluded", "已作出处理意见，不再并案", "Already concluded")
    same = main.state.handler == state.handler
    need(same, "other-handler", "两件不由同一单位办理", "They are handled by different units")
    joined = On(given.case_main, TipJoined(tip=context.case))
    return (TipMerged(into=given.case_main), joined)


# --- Conditions ----------------------------------------------------------------------------------


def to_be_told(state: State, event: Event) -> bool:
    """A named informant is told once: from routing where it was ruled on, else from acceptance."""
    first = isinstance(event, TipRouted) or not state.routed
    return state.named and not state.informed and first


def routed_anew(state: State, event: Event) -> bool:
    return state.anew


def routed_first(state: State, event: Event) -> bool:
    """Routed while the question whether to accept it was still open."""
    return not state.anew


def named(state: State, event: Event) -> bool:
    return state.named


def answers(state: State, event: Event) -> bool:
    """A named tip ends with the reply, an anonymous one with the conclusion."""
    return isinstance(event, TipReplied) or not state.named


def status(state: State) -> str:
    if state.replied or (state.concluded and not state.named):
        return "已办结"
    if state.refused:
        return "不予受理"
    if state.concluded:
        return "待答复"
    if state.merged_into:
        return "已并案"
    return "办理中" if state.accepted else "待受理"


CORRECTIONS = Correctable(
    supervisor=LEADING_GROUP_OFFICE,
    commands={
        TipReceived: ReceiveTip,
        TipAccepted: AcceptTip,
        TipNotAccepted: RefuseTip,
        InformantTold: TellInformant,
        LabourCaseFiled: FileLabourCase,
        TipConcluded: ConcludeTip,
        TipReplied: ReplyToInformant,
    },
    undone_by={
        TipRouted: "确定办理单位",
        TipMerged: "分案",
        TipJoined: "分案",
        TipUnmerged: "并案",
        TipParted: "并案",
    },
)

TIP = CaseKind(
    name="tip",
    title="投诉举报",
    number_prefix="TIP",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        made.__name__: made for made in (to_be_told, routed_anew, routed_first, named, answers)
    },
    parties=lambda state: {
        role: party
        for role, party in (("handler", state.handler), ("informant", state.informant))
        if party
    },
    status=status,
    roles=("handler", "informant"),
    corrections=CORRECTIONS,
    passed=passed,
    barred=accused,
    links=lambda state: (*([state.merged_into] if state.merged_into else ()), *state.joined),
)
