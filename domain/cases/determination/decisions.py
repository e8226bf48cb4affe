"""Determination 工伤认定 (WI): its commands, and what each admits, refuses and brings about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal, assert_never

from domain.cases import diagnosis as dx
from domain.cases.determination.events import (
    Applicant,
    Awaiting,
    BasisChanged,
    BasisLost,
    DecisionServed,
    DeterminationAccepted,
    DeterminationFiled,
    DeterminationOpened,
    DeterminationRefused,
    DeterminationResumed,
    DeterminationSuspended,
    Determined,
    ExclusionBegan,
    ExclusionEnded,
    Investigated,
    Investigation,
    PapersRequested,
    PapersSupplied,
    RefusalGround,
    Served,
    ServiceExcused,
    TimeExcluded,
)
from domain.cases.determination.state import (
    State,
)
from domain.corrections import Change, FactCorrected, correctable, corrected
from domain.decider import Context, Decision, On, Refused, command, need
from domain.events import Moment
from domain.fold import CaseFold
from domain.tasks import Stop, Task, dated


@command("determination.begin_exclusion", "申请期限中止计算", by=("HSSB",), clause="spc2014-7")
class BeginExclusion:
    """Time lost to arbitration, litigation or force majeure is not counted (SPC 2014 art 7)."""

    reason: str


@command("determination.end_exclusion", "申请期限恢复计算", by=("HSSB",), clause="spc2014-7")
class EndExclusion:
    """The year goes on with the days that were left."""


@command("determination.exclude_time", "审查中扣除耽误的时间", by=("HSSB",), clause="spc2014-7")
class ExcludeTime:
    """Time lost to arbitration, litigation or force majeure, proved after the application: it is
    not counted, and an application past the year may be in time after all (SPC 2014 art 7)."""

    reason: str
    began_on: date
    ended_on: date


@command("determination.file", "申请工伤认定", clause="wir-17")
class FileDetermination:
    """The first to apply is the applicant; a late employer bears the costs before (ZWIR 12, 13)."""

    applicant: Applicant
    received_on: date | None = None


@command("determination.request_papers", "告知补正", by=("HSSB",), clause="zwir-16")
class RequestPapers:
    """All missing papers must be named at once (ZWIR 16)."""

    missing: tuple[str, ...]


@command("determination.supply_papers", "补正材料", clause="zwir-16")
class SupplyPapers:
    """The bureau decides on acceptance three days from here (ZWIR 16)."""

    received_on: date | None = None


@command("determination.accept", "受理", by=("HSSB",), clause="zwir-16")
class AcceptDetermination:
    """The determination falls due in 60 days, in 15 where the facts are clear (WIR 20)."""

    clear: bool = False


@command("determination.refuse", "不予受理", by=("HSSB",), clause="zwir-16")
class RefuseDetermination:
    """Ends the application; the right to review and suit is untouched."""

    ground: RefusalGround


@command("determination.investigate", "调查核实", by=("HSSB",), clause="wir-19")
class Investigate:
    """With a lawful certificate the disease itself is not investigated again (WIR 19)."""

    matter: Investigated
    finding: str


@command("determination.suspend", "中止认定", by=("HSSB",), clause="wir-20")
class SuspendDetermination:
    """Stops the clock while another organ's finding is awaited (WIR 20)."""

    awaiting: Awaiting


@command("determination.resume", "恢复认定", by=("HSSB",), clause="wir-20")
class ResumeDetermination:
    """The days that were left run on."""


@command("determination.determine", "作出认定决定", by=("HSSB",), clause="wir-20")
class Determine:
    """The decision must be served within 20 days (工伤认定办法 22)."""

    injury: Literal["yes", "no"]
    decision: str


@command("determination.serve", "送达认定决定书", by=("HSSB",), clause="wiam-22")
class ServeDecision:
    """Reconsideration for 60 days and suit for six months open for the party served."""

    party: Served


@command(
    "determination.excuse_service", "免予送达（用人单位已不存在）", by=("HSSB",), clause="wiam-22"
)
class ExcuseService:
    """Stands for service on an employer that is gone; where local policy wants public notice
    (公告送达), only after its days have passed."""

    reason: str
    announced_on: date | None = None


Command = (
    BeginExclusion
    | EndExclusion
    | ExcludeTime
    | FileDetermination
    | RequestPapers
    | SupplyPapers
    | AcceptDetermination
    | RefuseDetermination
    | Investigate
    | SuspendDetermination
    | ResumeDetermination
    | Determine
    | ServeDecision
    | ExcuseService
)


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case BeginExclusion():
            need(not state.excluded, "excluded", "已在不计入期限之内", "Already excluded")
            zh = "已申请，期限不再计算；审查中查明的，请用“审查中扣除耽误的时间”"
            need(state.applicant is None, "filed", zh, "Already filed: exclude the time instead")
            window = _window(context, "wi.worker-apply")
            if window and window.due and context.occurred.day > window.due.legal:
                zh = f"一年申请期限已于{window.due.legal}届满，此后的时间无从扣除"
                en = f"The year ended on {window.due.legal}: nothing is left to exclude from"
                raise Refused("window-closed", zh, en, clause="spc2014-7")
            return (ExclusionBegan(reason=given.reason),)
        case EndExclusion():
            need(state.excluded, "not-excluded", "没有不计入期限的情形", "Nothing is excluded")
            return (ExclusionEnded(),)
        case ExcludeTime():
            return _exclude(state, given, context)
        case FileDetermination():
            return _file(state, given, context)
        case RequestPapers():
            _undecided(state)
            if state.papers_asked:
                zh = "补正须一次性告知，不得再次要求"
                en = "All missing papers are to be asked for at once"
                raise Refused("asked-once", zh, en, clause="zwir-16")
            return (PapersRequested(missing=given.missing),)
        case SupplyPapers():
            need(state.papers_pending, "none-asked", "没有待补正的材料", "No papers are awaited")
            return (PapersSupplied(received_on=given.received_on),)
        case AcceptDetermination():
            _undecided(state)
            if state.overdue:
                zh = "申请已超过一年期限且无不计入的时间，应不予受理"
                en = "Filed after a year with no time excluded: to be refused"
                raise Refused("overdue", zh, en, clause="wir-17")
            return (DeterminationAccepted(clear=given.clear),)
        case RefuseDetermination():
            _undecided(state)
            if given.ground == "overdue" and not state.overdue:
                zh = "申请在一年期限之内，不得以逾期不予受理"
                raise Refused("not-overdue", zh, "Filed within the year", clause="wir-17")
            return (DeterminationRefused(ground=given.ground),)
        case Investigate():
            need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
            if given.matter == "disease":
                zh = "对依法取得的职业病诊断证明书或鉴定书，不再进行调查核实"
                en = "A lawful certificate is not investigated again"
                raise Refused("certificate-stands", zh, en, clause="wir-19")
            return (Investigation(matter=given.matter, finding=given.finding),)
        case SuspendDetermination():
            _running(state)
            return (DeterminationSuspended(awaiting=given.awaiting),)
        case ResumeDetermination():
            need(state.suspended, "not-suspended", "认定未中止", "Not suspended")
            return (DeterminationResumed(),)
        case Determine():
            _running(state)
            if state.result != "od" and given.injury == "yes":
                zh = "诊断结论已不是职业病，不能据以认定工伤"
                raise Refused(
                    "no-basis", zh, "The diagnosis no longer supports it", clause="wir-19"
                )
            return (Determined(injury=given.injury, decision=given.decision),)
        case ServeDecision():
            _to_serve(state, given.party)
            if given.party == "employer" and dx.employer_gone(state.diagnosis, context):
                zh = "用人单位已不存在，无从送达；请办理免予送达（determination.excuse_service）"
                raise Refused("employer-gone", zh, "Employer is gone: excuse its service instead")
            return (DecisionServed(party=given.party),)
        case ExcuseService():
            _to_serve(state, "employer")
            dx.excusable(state.diagnosis, given.announced_on, context)
            return (ServiceExcused(reason=given.reason, announced_on=given.announced_on),)
        case _:
            assert_never(given)


def _file(state: State, given: FileDetermination, context: Context) -> Decision:
    need(state.worker is not None, "no-basis", "没有职业病诊断结论", "No diagnosis to rest on")
    if state.applicant is not None and not _earlier(state, context):
        zh = "已有申请在先，以最早提出的申请人为申请人"
        raise Refused("filed", zh, "Somebody applied before", clause="zwir-12")
    if state.applicant is None and state.result != "od":
        zh = "诊断结论已不是职业病，没有可申请的事项"
        raise Refused("no-basis", zh, "The diagnosis no longer supports it", clause="wir-17")
    own = {"worker": state.worker, "employer": state.employer}
    # Kin and unions have no seat in the case; they are anyone but the worker and the employer.
    named = own.get(given.applicant, "")
    if context.actor != named if named else context.actor in own.values():
        zh = "申请人与提出申请的人不符：本案用人单位、职工各以自己的名义申请"
        raise Refused("wrong-applicant", zh, "Apply in your own name", clause="wir-17")
    # An application is made on the day it is handed in, whenever it is received or entered.
    late, overdue = (
        bool(task and task.due and context.occurred.day > task.due.legal)
        for task in (_window(context, "wi.employer-apply"), _window(context, "wi.worker-apply"))
    )
    return (
        DeterminationFiled(
            applicant=given.applicant,
            employer_late=late,
            overdue=overdue,
            received_on=given.received_on,
        ),
    )


def _earlier(state: State, context: Context) -> bool:
    """An application handed in before the one on record, entered before that one is answered."""
    answered = state.accepted or state.refused
    return not answered and context.occurred.day < _filed_on(context)


def _filed_on(context: Context) -> date:
    """The day of the application that counts: the last one on record."""
    facts = (fact for fact, _ in context.fold.facts if isinstance(fact.event, DeterminationFiled))
    return [fact.envelope.occurred.day for fact in facts][-1]


def _window(context: Context, rule: str) -> Task | None:
    """The latest window to apply under a rule, open or closed."""
    tasks = [task for task in context.fold.tasks.values() if task.rule.id == rule]
    return tasks[-1] if tasks else None


def _exclude(state: State, given: ExcludeTime, context: Context) -> Decision:
    _undecided(state)
    if not given.began_on < given.ended_on <= context.today:
        zh = "耽误的时间须有先后，且不得晚于今日"
        raise Refused("bad-span", zh, "The span must have a length and have passed")
    window = _window(context, "wi.worker-apply")
    assert window is not None
    lost = Stop("found", Moment.on(given.began_on).at, Moment.on(given.ended_on).at)
    found = [
        Stop("found", Moment.on(f.event.began_on).at, Moment.on(f.event.ended_on).at)
        for f, _ in context.fold.facts
        if isinstance(f.event, TimeExcluded)
    ]
    due = dated(replace(window, stops=(*window.stops, *found, lost))).due
    overdue = bool(due and _filed_on(context) > due.legal)
    return (
        TimeExcluded(
            reason=given.reason, began_on=given.began_on, ended_on=given.ended_on, overdue=overdue
        ),
    )


def _to_serve(state: State, party: Served) -> None:
    need(state.determined is not None, "undetermined", "尚未作出决定", "Nothing decided")
    done = party in state.served or (party == "employer" and state.excused)
    need(not done, "served", "已送达该当事人", "Already served")


def _undecided(state: State) -> None:
    need(state.applicant is not None, "not-filed", "尚无申请", "Nothing was filed")
    done = state.accepted or state.refused
    need(not done, "decided", "已决定是否受理", "Acceptance was decided already")
    need(not state.papers_pending, "papers-pending", "等待申请人补正", "Papers are awaited")


def _running(state: State) -> None:
    need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
    need(state.determined is None, "determined", "已作出认定决定", "Determined already")
    need(not state.suspended, "suspended", "认定已中止，请先恢复", "Suspended: resume it first")


# --- What a diagnosis brings about here ----------------------------------------------------------


def case_for(diagnosis: str) -> str:
    """The one determination case of a diagnosis."""
    return f"determination-{diagnosis.partition('-')[2]}"


def on_conclusion(case: str, concluded: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """A conclusion of the institution or of a panel; the latest valid one counts, and one that
    differs from the last starts the clocks anew from its own day."""
    if not _differs(concluded, before):
        return ()
    return _basis(case, concluded.result, before, day)


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """A corrected conclusion changes the basis as an appraised one does; its day moves the days."""
    if not correction.target_type.startswith("diagnosis."):
        return ()
    latest, fact = before.state.conclusion, before.fact(correction.target)
    if latest is None or fact is None or not _is_latest(latest, fact.event):
        return ()
    right = corrected(fact, correction)
    counted, was = right.envelope.occurred.day, fact.envelope.occurred.day
    if right.event.result != latest.result:
        return _basis(case, right.event.result, before, counted)
    if latest.result != "od":
        return ()
    changed: tuple[On, ...] = ()
    if _differs(right.event, before):  # another disease or stage: the clocks count as before
        changed = (On(case_for(case), BasisChanged(result="od")),)
    if counted == was:
        return changed
    if latest.by != "institution" or before.version > len(before.facts):
        # Opened by a panel, or perhaps anew by an earlier correction: open once more.
        return (*_basis(case, "od", before, counted)[:1], *changed)
    moved = FactCorrected(
        target=1,
        target_type="determination.opened",
        changes=(Change("diagnosed_on", was.isoformat(), counted.isoformat()),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason=f"诊断结论日更正：{correction.reason}",
    )
    return (On(case_for(case), moved), *changed)


def _is_latest(latest: dx.Conclusion, event: Any) -> bool:
    """Whether the fact is the conclusion that counts."""
    match event:
        case dx.DiagnosisConcluded():
            return latest.by == "institution"
        case dx.AppraisalConcluded():
            return bool(latest.by == event.level)
        case _:
            return False


def _differs(concluded: Any, before: CaseFold) -> bool:
    was = before.state.conclusion
    told = (concluded.result, concluded.disease, concluded.stage)
    return was is None or told != (was.result, was.disease, was.stage)


def _basis(case: str, result: dx.Result, before: CaseFold, diagnosed_on: date) -> tuple[On, ...]:
    """The basis as it is from now on; the first conclusion changes nothing yet."""
    target, was = case_for(case), before.state.conclusion
    if result == "not_od":
        lost = (On(target, BasisChanged(result=result)), On(target, BasisLost()))
        return lost if was and was.result == "od" else ()
    opened = DeterminationOpened(
        diagnosis=case,
        subject=before.state.subject,
        worker=before.parties["worker"],
        employer=before.parties["employer"],
        diagnosed_on=diagnosed_on,
    )
    changed = (On(target, BasisChanged(result=result)),) if was else ()
    return (On(target, opened), *changed)


correctable(
    "determination",
    supervisor="HSSB",
    commands={
        ExclusionBegan: BeginExclusion,
        ExclusionEnded: EndExclusion,
        TimeExcluded: ExcludeTime,
        DeterminationFiled: FileDetermination,
        PapersRequested: RequestPapers,
        PapersSupplied: SupplyPapers,
        DeterminationAccepted: AcceptDetermination,
        DeterminationRefused: RefuseDetermination,
        Investigation: Investigate,
        DeterminationSuspended: SuspendDetermination,
        DeterminationResumed: ResumeDetermination,
        Determined: Determine,
        DecisionServed: ServeDecision,
        ServiceExcused: ExcuseService,
    },
)
