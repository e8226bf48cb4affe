"""Determination 工伤认定 (WI): its commands, and what each admits, refuses and brings about."""

from __future__ import annotations

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
)
from domain.cases.determination.state import (
    State,
)
from domain.corrections import Change, FactCorrected
from domain.decider import Context, Decision, On, Refused, command, need
from domain.fold import CaseFold


@command("determination.begin_exclusion", "申请期限中止计算", by=("HSSB",), clause="spc2014-7")
class BeginExclusion:
    """Time lost to arbitration, litigation or force majeure is not counted (SPC 2014 art 7)."""

    reason: str


@command("determination.end_exclusion", "申请期限恢复计算", by=("HSSB",), clause="spc2014-7")
class EndExclusion:
    """The year goes on with the days that were left."""


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


Command = (
    BeginExclusion
    | EndExclusion
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
)


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case BeginExclusion():
            need(not state.excluded, "excluded", "已在不计入期限之内", "Already excluded")
            need(state.applicant is None, "filed", "已申请，期限不再计算", "Already filed")
            return (ExclusionBegan(reason=given.reason),)
        case EndExclusion():
            need(state.excluded, "not-excluded", "没有不计入期限的情形", "Nothing is excluded")
            return (ExclusionEnded(),)
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
            need(state.determined is not None, "undetermined", "尚未作出决定", "Nothing decided")
            need(given.party not in state.served, "served", "已送达该当事人", "Already served")
            return (DecisionServed(party=given.party),)
        case _:
            assert_never(given)


def _file(state: State, given: FileDetermination, context: Context) -> Decision:
    need(state.worker is not None, "no-basis", "没有职业病诊断结论", "No diagnosis to rest on")
    if state.applicant is not None:
        zh = "已有申请在先，以最早提出的申请人为申请人"
        raise Refused("filed", zh, "Somebody applied before", clause="zwir-12")
    tasks = {t.rule.id: t for t in context.fold.tasks.values() if t.closed is None}
    if not tasks.keys() & {"wi.employer-apply", "wi.worker-apply"}:
        zh = "诊断结论已不是职业病，没有可申请的事项"
        raise Refused("no-basis", zh, "The diagnosis no longer supports it", clause="wir-17")
    employer, worker = tasks.get("wi.employer-apply"), tasks.get("wi.worker-apply")
    day = given.received_on or context.occurred.day
    late = bool(employer and employer.due and day > employer.due.legal)
    overdue = bool(worker and worker.due and day > worker.due.legal)
    return (
        DeterminationFiled(
            applicant=given.applicant,
            employer_late=late,
            overdue=overdue,
            received_on=given.received_on,
        ),
    )


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
    """A conclusion of the institution or of a panel; the latest valid one counts."""
    return _basis(case, concluded.result, before, day)


def on_correction(
    case: str, corrected: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """A corrected conclusion changes the basis as an appraised one does; its day moves the days."""
    if not corrected.target_type.startswith("diagnosis."):
        return ()
    latest, fact = before.state.conclusion, before.fact(corrected.target)
    appraised = latest is not None and latest.by != "institution"
    if corrected.target_type != f"diagnosis.{'appraisal_' if appraised else ''}concluded":
        return ()
    assert fact is not None
    diagnosed_on = corrected.occurred_on or fact.envelope.occurred.day
    results = [c.new for c in corrected.changes if c.field == "result"]
    if results:
        return _basis(case, results[0], before, diagnosed_on)
    if corrected.occurred_on is None or latest is None or latest.result != "od":
        return ()
    was = fact.envelope.occurred.day
    moved = FactCorrected(
        target=1,
        target_type="determination.opened",
        changes=(Change("diagnosed_on", was.isoformat(), diagnosed_on.isoformat()),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason=f"诊断结论日更正：{corrected.reason}",
    )
    return (On(case_for(case), moved),)


def _basis(case: str, result: dx.Result, before: CaseFold, diagnosed_on: date) -> tuple[On, ...]:
    target = case_for(case)
    was = before.state.conclusion.result if before.state.conclusion else None
    if result == was:
        return ()
    if result == "not_od":
        return (On(target, BasisChanged(result=result)), On(target, BasisLost())) if was else ()
    opened = DeterminationOpened(
        diagnosis=case,
        subject=before.state.subject,
        worker=before.parties["worker"],
        employer=before.parties["employer"],
        diagnosed_on=diagnosed_on,
    )
    changed = (On(target, BasisChanged(result=result)),) if was else ()
    return (*changed, On(target, opened))
