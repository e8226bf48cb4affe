"""Tips and complaints 投诉举报 (TIP): what each command admits, refuses and brings about."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import assert_never

from domain.acts import (
    ReturnUpheld,
    TaskAct,
    TaskDisputed,
    TaskReturned,
    TaskRuled,
    TaskTransferred,
)
from domain.cases.tip.commands import (
    REGISTRARS,
    AcceptTip,
    CheckIncident,
    Command,
    ConcludeTip,
    FileLabourCase,
    MergeTip,
    NameAccused,
    ReceiveTip,
    RecordReReview,
    RefuseTip,
    ReplyToInformant,
    RequestReReview,
    RequestReview,
    ReviewTip,
    RouteTip,
    SplitTip,
    TellInformant,
    UnmergeTip,
)
from domain.cases.tip.events import (
    MATTERS,
    AccusedNamed,
    IncidentChecked,
    InformantTold,
    LabourCaseFiled,
    Matter,
    ReReviewRequested,
    ReviewPassed,
    ReviewRequested,
    TipAccepted,
    TipConcluded,
    TipJoined,
    TipMerged,
    TipNotAccepted,
    TipParted,
    TipReceived,
    TipReplied,
    TipReReviewed,
    TipReviewed,
    TipRouted,
    TipSplit,
    TipUnmerged,
)
from domain.cases.tip.state import State, accused
from domain.decider import Context, Correctable, Decision, On, in_time, known_unit, need
from domain.events import Recorded, shanghai_day
from domain.fold import CaseFold
from domain.rulings import ABOVE, RulingFollowed, routed, under_class_ruling
from domain.tasks import Task, called
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE, is_outside


def decide(state: State, given: Command, context: Context) -> Decision:
    actor = context.actor
    if not isinstance(given, ReceiveTip):
        zh = "被反映的单位不得办理、改派或处分反映它的举报"
        fair = actor not in accused(state, context.cases)
        need(fair, "accused", zh, "The accused unit has no say in it", clause="43-2.3.j")
    match given:
        case ReceiveTip():
            return _received(given, context)
        case RouteTip():
            return _routed(state, given, context)
        case AcceptTip():
            return (TipAccepted(unit=actor, received_on=_asked(state, context)),)
        case RefuseTip():
            delivered = _asked(state, context)
            zh = "有举报并入本件，请先分案再不予受理"
            need(not state.joined, "joined", zh, "Others are merged with it: part them first")
            zh = "复查、复核责令重新处理的，不得不予受理；不属本单位职责的请退回"
            need(
                not state.to_redo, "to-redo", zh, "It is to be handled again", clause="petition-35"
            )
            refused = TipNotAccepted(unit=actor, ground=given.ground, received_on=delivered)
            return (refused,)
        case TellInformant():
            _handles(state, context)
            _named(state)
            need(not state.informed, "informed", "已告知信访人", "Already told")
            return (InformantTold(unit=actor),)
        case CheckIncident():
            return _incident_checked(given, context)
        case FileLabourCase():
            return _filed(state, context)
        case ConcludeTip():
            return _concluded(state, given, context)
        case ReplyToInformant():
            _handles(state, context)
            _named(state)
            need(state.concluded, "not-concluded", "尚未作出处理意见", "Nothing is concluded yet")
            need(not state.replied, "replied", "已经答复", "Already answered")
            return (TipReplied(unit=actor, received_on=given.received_on),)
        case RequestReview():
            fresh = not state.reviewing and not state.reviewed
            need(fresh, "reviewed", "已请求过复查", "A review was asked for already")
            _right_in_time("tip.review", "petition-35", context)
            units = accused(state, context.cases)
            requested = ReviewRequested(
                received_on=given.received_on,
                organ=_reviewer(state.handler or "", units, context),
                registrar=_registrar(units),
            )
            return (requested,)
        case ReviewTip():
            need(state.reviewing, "not-asked", "没有待办的复查请求", "No review was asked for")
            _by_organ(state, context)
            reviewed = TipReviewed(
                outcome=given.outcome, document=given.document, received_on=given.received_on
            )
            return (reviewed, *_not_back_to_the_accused(state, given, context))
        case RequestReReview():
            fresh = not state.re_reviewing and not state.final
            need(fresh, "reviewed", "已请求过复核", "A re-review was asked for already")
            _right_in_time("tip.re-review", "petition-36", context)
            units = accused(state, context.cases)
            again = ReReviewRequested(
                organ=_reviewer(_organ(context), units, context),
                received_on=given.received_on,
                registrar=_registrar(units),
            )
            return (again,)
        case RecordReReview():
            need(state.re_reviewing, "not-asked", "没有待办的复核请求", "No re-review is asked for")
            _by_organ(state, context)
            opinion = TipReReviewed(outcome=given.outcome, document=given.document)
            return (opinion, *_not_back_to_the_accused(state, given, context))
        case MergeTip():
            return _merged(state, given, context)
        case UnmergeTip():
            fine = state.merged_into is not None
            need(fine, "not-merged", "本件没有并入其他举报", "This tip is not merged")
            _office_or_handler(state, context)
            zh = "已按并案的结论答复信访人，不再分案；如有错误，可请求复查"
            need(not state.replied, "replied", zh, "Answered already: a review may be asked for")
            return _parted(state, given.reason, context)
        case SplitTip():
            return _split(state, given, context)
        case NameAccused():
            return _accused_named(state, given, context)
        case _:
            assert_never(given)


# --- Receiving and routing -----------------------------------------------------------------------


def _received(given: ReceiveTip, context: Context) -> Decision:
    need(bool(given.matters), "no-matter", "请至少选一类事项", "Name at least one matter")
    if given.accused_unit is not None:
        known_unit(given.accused_unit, context)
    units = (given.accused_unit,) if given.accused_unit else ()
    to, ruling = _destined(given.matters, given.to, given.township, units, context)
    # What one's own patrol found nobody has informed of: there is nobody to tell or to answer.
    unnamed = given.anonymous or given.channel == "patrol_found"
    informant = None if unnamed else f"citizen:{given.subject}"
    received = TipReceived(
        channel=given.channel,
        matters=given.matters,
        to=to,
        anonymous=unnamed,
        informant=informant,
        accused=given.accused,
        accused_unit=given.accused_unit,
        subject=given.subject,
        content=given.content,
        name=None if unnamed else given.name,
        contact=None if unnamed else given.contact,
        township=given.township,
        # It had it the day it came, however late it enters it. 信访工作条例 22, 23.
        received_on=context.occurred.day if to == context.actor else None,
    )
    return (received, ruling) if ruling else (received,)


def _destined(
    matters: tuple[Matter, ...],
    wanted: str | None,
    township: str | None,
    units: tuple[str, ...],
    context: Context,
) -> tuple[str, RulingFollowed | None]:
    """Whom a tip that accuses these units is given to: where a class ruling says, else as named,
    else by policy."""
    to, ruling = _by_ruling(matters, township, context)
    if ruling and to in units:
        ruling = None  # a class ruling does not bring a tip to the unit it accuses
    if ruling is None:
        to = wanted or to
    else:
        zh = f"类案裁定{ruling.ruling}：这类举报由{called(to, context.reference)}办理"
        need(wanted in (None, to), "ruled", zh, f"{ruling.ruling} gives these to {to}")
    if to in units and wanted is None:
        to, ruling = _office(units), None
    _may_handle(to, units, context)
    return to, ruling


def _office(units: tuple[str, ...]) -> str:
    """The office, or the first above it that the tip does not accuse: it rules who handles it."""
    return next(u for u in (LEADING_GROUP_OFFICE, *ABOVE, "CGO") if u not in units)


def _by_ruling(
    matters: tuple[Matter, ...], township: str | None, context: Context
) -> tuple[str, RulingFollowed | None]:
    """The class ruling on any of the matters, else the policy for the first."""
    if township is not None:
        known = context.reference.edition.is_township(township)
        need(known, "no-such-township", f"没有乡镇（街道） {township}", "No such township")
    routings = [f"tip-route-{matter}" for matter in matters]
    by_area = any(
        ruling.area and ruling.routing in routings and ruling.in_force(context.occurred.day)
        for ruling in context.reference.rulings
    )
    zh = "这类举报有按乡镇（街道）作出的类案裁定，请写明所在乡镇（township）"
    need(township is not None or not by_area, "township-missing", zh, "Name the township")
    found = [routed(routing, township, context) for routing in routings]
    return next((one for one in found if one[1]), found[0])


def _may_handle(to: str, accused: tuple[str, ...], context: Context) -> None:
    known_unit(to, context)
    zh = f"不得交由被反映的{called(to, context.reference)}办理；已由其办理的，请“查明被反映的单位”"
    zh += "；误载的，由领导小组办公室更正"
    need(to not in accused, "accused", zh, "Never to the unit it accuses", clause="43-2.3.j")


def _settled(context: Context) -> None:
    """What a class ruling, 领导小组 or a ruling on a dispute settled, only those above change."""
    above = context.actor in ABOVE
    zh = "本件依类案裁定办理，只有领导小组、联席会议可以改派；有异议的请提出异议"
    fine = above or not under_class_ruling(context)
    need(fine, "ruled", zh, "A class ruling gave it there: for those above to change")
    said = _given_by_those_above(context)
    asked = (t for t in context.fold.tasks.values() if t.rule.id.startswith("tip.accept"))
    ruled = any(task.ruled_by for task in asked)
    zh = "已经裁定，只有领导小组、联席会议可以改派；有异议的请提出异议"
    need(above or not (said or ruled), "above", zh, "It was ruled on: for those above to change")


def _given_by_those_above(context: Context) -> bool:
    return any(fact.event.actor in ABOVE for fact in context.fold.facts_of(TipRouted))


def _routed(state: State, given: RouteTip, context: Context) -> Decision:
    units = accused(state, context.cases)
    _may_handle(given.to, units, context)
    unfair = state.handler in units
    if not unfair:  # whoever gave it to the accused did not know
        _settled(context)
    fine = not state.concluded or (unfair and not state.replied)
    need(fine, "concluded", CONCLUDED, "Already concluded")
    if unfair:
        return _away(state, given.to, given.reason, context)
    zh = "本件已并案，请改派主件，或先分案"
    need(state.merged_into is None, "merged", zh, "Merged: route the main tip, or part them")
    task = _accept_task(context)
    zh = "两次退回的，由领导小组裁定"
    twice = task is not None and task.returns > 1
    need(not twice or context.actor == LEADING_GROUP, "second-return", zh, "The group rules")
    again = twice or (task is not None and task.returned is not None)
    need(given.to != state.handler or again, "same-unit", "已由该单位办理", "It has it already")
    return _all_passed_on(state, given.to, given.reason, context)


def _away(state: State, to: str, reason: str, context: Context) -> Decision:
    """Away from the unit it accuses, with the tips merged into it; one merged into a tip that was
    answered already goes alone."""
    if state.merged_into is None:
        return _all_passed_on(state, to, reason, context)
    zh = "本件已并案，请对主件办理，或先分案"
    over = context.cases[state.merged_into].state.replied
    need(over, "merged", zh, "Merged: do this with the main tip, or part them")
    return (*_parted(state, reason, context), *_all_passed_on(state, to, reason, context))


def _all_passed_on(state: State, to: str, reason: str, context: Context) -> Decision:
    """The tip and those merged into it that are not answered yet."""
    routed = TipRouted(
        actor=context.actor, to=to, reason=reason, anew=True, reopened=state.concluded
    )
    along = (id for id in state.joined if _goes_along(context.cases[id].state, state))
    return (*_passed_on(to, reason, context), *(On(id, routed) for id in along))


def _goes_along(joined: State, main: State) -> bool:
    return not joined.replied if main.concluded else not joined.concluded


def _passed_on(to: str, reason: str, context: Context) -> Decision:
    """The tip goes to another unit: the open question whether to take it moves, with days of its
    own; where it was answered, or silence has answered it, it is put anew."""
    task = _accept_task(context)
    if task is None or _silent(task, context):
        done = context.fold.state.concluded  # by the accused: found anew
        return (TipRouted(actor=context.actor, to=to, reason=reason, anew=True, reopened=done),)
    id, title, above = task.id, task.rule.title, context.actor in ABOVE
    moved: TaskAct
    if task.returned:
        moved = ReturnUpheld(task=id, title=title, to=to, final=above)
    elif above:
        moved = TaskRuled(task=id, title=title, to=to, by=context.actor, reason=reason)
    else:
        moved = TaskTransferred(task=id, title=title, to=to, reason=reason, anew=True)
    return (moved, TipRouted(actor=context.actor, to=to, reason=reason))


def passed(state: State, task: Task, act: TaskAct, context: Context) -> tuple[TipRouted, ...]:
    """Whoever is passed the question whether to accept handles the tip from then on."""
    if not task.rule.id.startswith("tip.accept"):
        return ()
    match act:
        case TaskReturned() | TaskDisputed():
            # A class-ruled tip may be returned: to those who ruled. Theirs in this case is final.
            final = _given_by_those_above(context)
            verb = "退回" if isinstance(act, TaskReturned) else "再提出异议"
            zh = f"已由领导小组、联席会议确定由本单位办理，为最终决定，不得{verb}；请办理"
            need(not final, "ruled", zh, "Those above gave it to you, and that is final")
            alone = state.merged_into is None and not state.joined
            zh = "本件已并案，请先分案再提出异议"
            need(alone, "merged", zh, "Merged: part them before you dispute the routing")
            need(not state.concluded, "concluded", CONCLUDED, "Already concluded")
            return ()
        case TaskTransferred():
            _settled(context)
            had = {fact.event.to for fact in context.fold.facts_of(TipReceived, TipRouted)}
            had_it = called(act.to, context.reference)
            zh = f"{had_it}已经手本件；认为应由其办理的，请退回，由办公室确定"
            need(act.to not in had, "had-it", zh, f"{act.to} had it before: return it instead")
            return (TipRouted(actor=context.actor, to=act.to, reason=act.reason),)
        case TaskRuled() if act.to != state.handler:
            need(not state.concluded, "concluded", CONCLUDED, "Already concluded")
            return (TipRouted(actor=context.actor, to=act.to, reason=act.reason),)
        case ReturnUpheld():
            _settled(context)
            return (TipRouted(actor=context.actor, to=act.to, reason="确认退回并改派"),)
        case _:
            return ()


def _split(state: State, given: SplitTip, context: Context) -> Decision:
    _office_or_handler(state, context)
    need(not state.concluded, "concluded", "已作出处理意见，不再拆分", "Already concluded")
    alone = state.merged_into is None and not state.joined
    need(alone, "merged", "本件已并案，请先分案再拆分", "Merged: part them first")
    ours = bool(given.matters) and set(given.matters) < set(state.matters)
    known = "、".join(MATTERS[matter] for matter in state.matters)
    zh = f"请从本件事项（{known}）中选出一部分，至少留一项"
    need(ours, "not-a-part", zh, "Choose some of its matters, and leave at least one")
    units = accused(state, context.cases)
    told = _opening(context)
    to, ruling = _destined(given.matters, given.to, told.township, units, context)
    tip = f"tip-{_split_id(context)}"
    said = TipSplit(tip=tip, matters=given.matters, to=to, reason=given.reason)
    received = TipReceived(
        channel=told.channel,
        matters=given.matters,
        to=to,
        anonymous=told.anonymous,
        informant=told.informant,
        accused=told.accused,
        accused_unit=told.accused_unit,
        subject=told.subject,
        content=given.content,
        name=given.name if state.named else None,
        contact=given.contact if state.named else None,
        township=told.township,
        split_from=context.case,
    )
    followed = (On(tip, ruling),) if ruling else ()
    return (said, On(tip, received), *followed)


def _opening(context: Context) -> TipReceived:
    """The tip as it came in, with corrections applied."""
    received: TipReceived = context.fold.facts_of(TipReceived)[0].event
    return received


def _split_id(context: Context) -> str:
    """The new tip's own id: the same for the same act, and no other's."""
    told = f"{context.case}|split|{context.fold.version}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _accused_named(state: State, given: NameAccused, context: Context) -> Decision:
    may = (LEADING_GROUP_OFFICE, LEADING_GROUP, state.handler)
    zh = f"由办理单位（{called(state.handler, context.reference)}）、领导小组或其办公室查明"
    need(context.actor in may, "not-handler", zh, f"For {state.handler} or the office to say")
    known_unit(given.unit, context)
    known = accused(state, context.cases)
    fresh = given.unit not in known
    need(fresh, "known", "已载明反映的是该单位", "Known already")
    said, units = AccusedNamed(unit=given.unit), (*known, given.unit)
    if state.reviewing and _organ(context) == given.unit:
        organ = _above(given.unit, context)
        passed = ReviewPassed(before=given.unit, organ=organ, registrar=_registrar(units))
        return (said, passed)
    if state.handler != given.unit or state.replied:
        return (said,)
    return (said, *_away(state, _office(units), AVOIDED, context))


AVOIDED = "反映的是办理单位，回避"
CONCLUDED = "已作出处理意见，不再改派；信访人不服的，可请求复查"


# --- Review and re-review ------------------------------------------------------------------------


def _organ(context: Context) -> str:
    """The organ that was last asked to look at the finding again."""
    asked = context.fold.facts_of(ReviewRequested, ReviewPassed, ReReviewRequested)
    return str(asked[-1].event.organ)


def _above(organ: str, context: Context) -> str:
    """The organ above a unit, or above an organ outside the county, by the county's policy."""
    edition = context.reference.edition
    organs = edition.policy("tip-organ-above")
    unit = edition.units.get(organ)
    return str(organs.get(organ) or (unit and organs.get(unit.klass)) or organs["*"])


def _reviewer(organ: str, units: tuple[str, ...], context: Context) -> str:
    """Who looks at it after this organ: the one above it, or above that where it is accused."""
    above = _above(organ, context)
    return _above(above, context) if above in units else above


def _registrar(units: tuple[str, ...]) -> str:
    """Who sees to a review outside the county, and enters the opinion."""
    return next((unit for unit in REGISTRARS if unit not in units), LEADING_GROUP)


def _by_organ(state: State, context: Context) -> None:
    """The organ says it itself; what one outside the county says is entered here."""
    units, organ = accused(state, context.cases), _organ(context)
    by = _registrar(units) if is_outside(organ) or organ in units else organ
    what = "复查" if state.reviewing else "复核"
    verb = "作出" if by == organ else "登记"
    zh = f"{what}意见由{called(by, context.reference)}{verb}"
    need(context.actor == by, "wrong-actor", zh, f"For {by} to say", clause="petition-35")


def _not_back_to_the_accused(
    state: State, given: ReviewTip | RecordReReview, context: Context
) -> Decision:
    """A finding set aside is made again, but not by a unit found meanwhile to be accused."""
    units = accused(state, context.cases)
    aside = given.outcome == "finding_set_aside" and state.merged_into is None
    if not aside or state.handler not in units:
        return ()
    to = _office(units)
    return (TipRouted(actor=context.actor, to=to, reason=AVOIDED, anew=True),)


# --- Handling ------------------------------------------------------------------------------------


def _accept_task(context: Context) -> Task | None:
    held = (t for t in context.fold.open_tasks() if t.rule.id.startswith("tip.accept"))
    return next(held, None)


def _silent(task: Task | None, context: Context) -> bool:
    """The days have passed in silence: that was acceptance."""
    return task is not None and task.standing(context.occurred.at) == "closed"


def _asked(state: State, context: Context) -> date | None:
    """The unit that holds the tip says whether it takes it, before anything else; returns the day
    it was delivered to it."""
    _handles(state, context)
    need(not state.accepted, "accepted", "已经受理", "Already accepted")
    need(not state.refused, "refused", "已决定不予受理", "Already refused")
    need(not state.concluded, "concluded", "已作出处理意见", "Already concluded")
    task = _accept_task(context)
    zh = "期限内未表示，已视为受理，办理期限已起算；请直接办理，确属其他单位职责的请提出异议"
    silent = _silent(task, context)
    need(not silent, "deemed-accepted", zh, "Silence was acceptance: go on with it")
    if task is None or task.start is None:
        return None
    return min(context.occurred.day, shanghai_day(task.start))


def _handles(state: State, context: Context) -> None:
    handler = called(state.handler, context.reference)
    need(
        context.actor == state.handler,
        "not-handler",
        f"本件由{handler}办理；认为不属职责的请退回，由领导小组办公室改派",
        f"{state.handler} handles this tip: return it if it is not theirs",
    )
    task = _accept_task(context)
    back = task is not None and task.returned is not None
    to = called(task.holder if task else None, context.reference)
    zh = f"本件已退回，先由{to}处理退回：改派，或者不予退回"
    need(not back, "returned", zh, "Given back: the return is ruled on first")


def _taken(state: State, context: Context) -> None:
    """Handled only once it was accepted, in words or by silence."""
    zh = "请先受理（或退回），再办理"
    taken = state.accepted or _silent(_accept_task(context), context)
    need(taken, "not-accepted", zh, "Accept it, or return it, first", clause="43-2.3.j")


def _office_or_handler(state: State, context: Context) -> None:
    need(
        context.actor in (LEADING_GROUP_OFFICE, state.handler),
        "not-handler",
        f"由办理单位（{called(state.handler, context.reference)}）或领导小组办公室决定",
        f"For {state.handler} or the office to decide",
    )


def _named(state: State) -> None:
    zh = "匿名举报或者巡查发现的事项，没有信访人需要告知、答复"
    need(state.named, "anonymous", zh, "Anonymous, or found on patrol: nobody to answer")


def _unanswered(state: State) -> None:
    need(not state.refused, "refused", "已决定不予受理", "Already refused")
    need(not state.concluded, "concluded", "已作出处理意见", "Already concluded")
    zh = "本件已并案，由主件作出处理意见"
    need(state.merged_into is None, "merged", zh, "Merged: concluded with the main tip")


def _filed(state: State, context: Context) -> Decision:
    _handles(state, context)
    need(not state.labour, "filed", "已立案", "Already filed")
    _unanswered(state)
    labour: list[Matter] = context.reference.edition.policy("tip-labour-matters")
    names = "、".join(MATTERS[matter] for matter in labour)
    zh = f"劳动保障监察只立这些事项的案：{names}"
    fits = bool(set(state.matters) & set(labour))
    need(fits, "not-labour", zh, "Not a labour matter", clause="labour-17")
    task = _accept_task(context)
    delivered = shanghai_day(task.start) if task and task.start else None
    return (LabourCaseFiled(unit=context.actor, received_on=delivered),)


def _incident_checked(given: CheckIncident, context: Context) -> Decision:
    owed = context.fold.open_under(UNVERIFIED)
    need(bool(owed), "not-owed", "没有待核实是否为事故的事项", "There is nothing to verify")
    holder = called(owed[0].holder, context.reference)
    need(context.actor == owed[0].holder, "not-handler", f"由{holder}核实", "For the holder to say")
    named = given.case_incident is not None
    zh = "是事故的，请先报告事故（incident.report），再写明是哪一件（case_incident）；不是的不写"
    need(named == (given.outcome == "incident_reported"), "incident", zh, "Name what was reported")
    if given.case_incident is not None:
        incident = context.cases[given.case_incident]
        fits = incident.kind.name == "incident" and incident.version > 0
        need(fits, "not-an-incident", "所写的不是事故案件", "That is no incident")
    checked = IncidentChecked(
        unit=context.actor, outcome=given.outcome, note=given.note, incident=given.case_incident
    )
    return (checked,)


UNVERIFIED = "tip.incident-check"


def _concluded(state: State, given: ConcludeTip, context: Context) -> Decision:
    _handles(state, context)
    _unanswered(state)
    _taken(state, context)
    both = (context.fold, *(context.cases[id] for id in state.joined))
    verified = not any(one.open_under(UNVERIFIED) for one in both)
    zh = "请先核实是否为职业病危害事故（并入的举报也须核实），再作处理意见"
    need(verified, "unverified", zh, "Say first whether it is an incident", clause="odl-37")
    said = TipConcluded(unit=context.actor, finding=given.finding, note=given.note)
    others = tuple(On(id, said) for id in state.joined if not context.cases[id].state.concluded)
    return (said, *others)


def _merged(state: State, given: MergeTip, context: Context) -> Decision:
    _office_or_handler(state, context)
    main = context.cases[given.case_main]
    fits = main.kind.name == "tip" and main.version > 0 and given.case_main != context.case
    need(fits, "not-a-tip", "只能并入另一件举报", "Only into another tip")
    need(state.merged_into is None and not state.joined, "merged", "本件已并案", "Merged already")
    need(main.state.merged_into is None, "merged", "对方已并入他件", "That one is merged itself")
    done = state.concluded or main.state.concluded
    need(not done, "concluded", "已作出处理意见，不再并案", "Already concluded")
    same = main.state.handler == state.handler
    need(same, "other-handler", "两件不由同一单位办理", "They are handled by different units")
    # Whether to take each tip is answered first. The unit that took the main one takes this one,
    # on the same matter, by merging it; nobody else takes it in its place.
    ours = context.actor == state.handler or _was_taken(context.fold, context)
    zh = "主件受理之后方可并案；本件尚未受理的，由办理单位并案，并案即为受理"
    need(ours and _was_taken(main, context), "not-accepted", zh, "The main one is accepted first")
    disputed = any(task.disputed for one in (context.fold, main) for task in one.open_tasks())
    need(not disputed, "disputed", "由谁办理有异议，裁定之后再并案", "Its routing is disputed")
    both = {*accused(state, context.cases), *accused(main.state, {})}
    zh = "被反映的单位正在办理或协办另一件，不能并案"
    touched = {main.state.handler, *(u for t in main.open_tasks() for u in t.helpers)}
    need(not both & {context.actor, *touched}, "accused", zh, "An accused unit has a hand in it")
    merged = (TipMerged(into=given.case_main), On(given.case_main, TipJoined(tip=context.case)))
    if _was_taken(context.fold, context):
        return merged
    return (TipAccepted(unit=context.actor, received_on=_asked(state, context)), *merged)


def _parted(state: State, reason: str, context: Context) -> Decision:
    """Merged, it was concluded only with the main tip: that is no finding on this one."""
    main = state.merged_into
    assert main is not None
    parted = TipUnmerged(into=main, reason=reason, reopened=state.concluded)
    return (parted, On(main, TipParted(tip=context.case)))


def _was_taken(fold: CaseFold, context: Context) -> bool:
    asked = [t for t in fold.open_tasks() if t.rule.id.startswith("tip.accept")]
    return bool(fold.state.accepted) or any(_silent(task, context) for task in asked)


def _right_in_time(rule: str, clause: str, context: Context) -> None:
    """The informant's right is there, and its days have not passed."""
    held = context.fold.open_under(rule)
    zh = "尚未收到书面答复（或复查意见），或已行使此权利"
    need(bool(held), "no-right", zh, "There is nothing yet to ask a review of", clause=clause)
    last = max((task.due.legal for task in held if task.due), default=context.occurred.day)
    in_time(last, context, clause=clause)


# --- Corrections ----------------------------------------------------------------------------------


def _named_again(fact: Recorded) -> NameAccused | None:
    """Named by mistake, it may be about no unit at all: then there is nothing to decide again."""
    return NameAccused(unit=fact.event.unit) if fact.event.unit else None


CORRECTIONS = Correctable(
    supervisor=LEADING_GROUP_OFFICE,
    commands={
        TipReceived: ReceiveTip,
        AccusedNamed: _named_again,
        TipAccepted: AcceptTip,
        TipNotAccepted: RefuseTip,
        InformantTold: TellInformant,
        IncidentChecked: CheckIncident,
        LabourCaseFiled: FileLabourCase,
        TipConcluded: ConcludeTip,
        TipReplied: ReplyToInformant,
        TipReviewed: ReviewTip,
        TipReReviewed: RecordReReview,
    },
    undone_by={
        TipRouted: "确定办理单位",
        TipMerged: "分案",
        TipJoined: "分案",
        TipUnmerged: "并案",
        TipParted: "并案",
        TipSplit: "确定办理单位”（分出的那件），再办理“并案",
        ReviewPassed: "查明被反映的单位",
    },
    elsewhere={TipReceived: {"to": "确定办理单位"}},
)

__all__ = ["CORRECTIONS", "decide", "passed"]
