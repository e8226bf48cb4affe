"""Work-injury determination 工伤认定 (WI): from a diagnosis to a served decision.

工伤保险条例 (WIR) 17–20; 浙江省工伤保险条例 (ZWIR) 12, 13, 16, 17. Path: opened by a conclusion of
occupational disease → filed → papers asked, accepted or refused → (suspended) → determined →
served. The employer has 30 days to apply, the worker, kin or union a year; whoever applies first is
the applicant. An employer that missed its days bears the costs before the application.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, assert_never, get_args

from domain.cases import diagnosis as dx
from domain.corrections import FactCorrected
from domain.decider import CaseKind, Context, Decision, On, Refused, command
from domain.events import event, terms
from domain.fold import CaseFold
from domain.sealing import RESTRICTED

Applicant = Literal["worker", "employer", "kin", "union"]
Served = Literal["worker", "employer"]
RefusalGround = Literal["employer_gone_before", "overdue", "out_of_scope", "other_county"]
Investigated = Literal["disease", "workplace", "insurance"]
Awaiting = Literal["judicial", "administrative", "arbitration"]

terms({"kin": "近亲属", "union": "工会组织"})
terms(
    {
        "employer_gone_before": "用人单位主体已不存在",
        "overdue": "超过一年申请期限",
        "out_of_scope": "不属于工伤保险条例调整范围",
        "other_county": "不属于本统筹地区管辖",
    }
)
terms({"judicial": "司法机关结论", "administrative": "行政机关结论", "arbitration": "劳动关系仲裁"})
terms({"disease": "职业病本身", "workplace": "工作场所", "insurance": "参保情况"})


# --- Events -------------------------------------------------------------------------------------


@event("determination.opened", "诊断结论为职业病，工伤认定申请期限起算")
class DeterminationOpened:
    """A concluded diagnosis opened the clocks of employer and worker. WIR 17."""

    diagnosis: str
    subject: Annotated[str, RESTRICTED]
    worker: str
    employer: str


@event("determination.basis_changed", "据以认定的诊断结论变更为{result}")
class BasisChanged:
    """The diagnosis was appraised or corrected; what rests on it is looked at again."""

    result: Annotated[dx.Result, RESTRICTED]


@event("determination.basis_lost", "诊断结论不再是职业病，申请期限事项终止")
class BasisLost:
    """No occupational disease any more: nothing is left to apply for. WIR 14, 17."""


@event("determination.exclusion_began", "不属于职工自身原因耽误申请：{reason}，自此不计入期限")
class ExclusionBegan:
    """Time that does not count against the worker. 最高法工伤司法解释 7."""

    reason: str


@event("determination.exclusion_ended", "不计入期限的情形消失")
class ExclusionEnded:
    pass


@event("determination.filed", "{applicant}申请工伤认定（用人单位逾期：{employer_late}）")
class DeterminationFiled:
    applicant: Applicant
    employer_late: bool  # then the costs before this application fall on the employer, ZWIR 13
    overdue: bool  # past the year, excluded time not counted
    received_on: date | None = None


@event("determination.papers_requested", "一次性告知补正：{missing}")
class PapersRequested:
    missing: tuple[str, ...]


@event("determination.papers_supplied", "申请人补正材料")
class PapersSupplied:
    received_on: date | None = None


@event("determination.accepted", "受理工伤认定申请")
class DeterminationAccepted:
    clear: bool  # facts clear, rights and duties plain: fifteen days, WIR 20


@event("determination.refused", "不予受理：{ground}")
class DeterminationRefused:
    ground: RefusalGround


@event("determination.investigated", "调查核实{matter}：{finding}")
class Investigation:
    matter: Investigated
    finding: str


@event("determination.suspended", "中止认定，等待{awaiting}")
class DeterminationSuspended:
    awaiting: Awaiting


@event("determination.resumed", "恢复认定")
class DeterminationResumed:
    pass


@event("determination.determined", "作出认定决定：{injury}")
class Determined:
    injury: Literal["yes", "no"]
    decision: str  # number of the decision


@event("determination.served", "认定决定书送达{party}")
class DecisionServed:
    party: Served


terms({"yes": "认定为工伤", "no": "不认定为工伤"})

Event = (
    DeterminationOpened
    | BasisChanged
    | BasisLost
    | ExclusionBegan
    | ExclusionEnded
    | DeterminationFiled
    | PapersRequested
    | PapersSupplied
    | DeterminationAccepted
    | DeterminationRefused
    | Investigation
    | DeterminationSuspended
    | DeterminationResumed
    | Determined
    | DecisionServed
)


# --- State --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    diagnosis: str | None = None
    worker: str | None = None
    employer: str | None = None
    result: dx.Result | None = None
    excluded: bool = False
    applicant: Applicant | None = None
    employer_late: bool = False
    overdue: bool = False
    papers_asked: bool = False
    papers_pending: bool = False
    accepted: bool = False
    refused: bool = False
    suspended: bool = False
    determined: Literal["yes", "no"] | None = None
    under_review: bool = False  # the basis changed after a decision
    served: frozenset[str] = frozenset()


def evolve(state: State, event: Event) -> State:
    match event:
        case DeterminationOpened():
            return replace(
                state,
                diagnosis=event.diagnosis,
                worker=event.worker,
                employer=event.employer,
                result="od",
            )
        case BasisChanged():
            decided = state.determined is not None
            return replace(state, result=event.result, under_review=decided)
        case BasisLost():
            return replace(state, result="not_od")
        case ExclusionBegan():
            return replace(state, excluded=True)
        case ExclusionEnded():
            return replace(state, excluded=False)
        case DeterminationFiled():
            return replace(
                state,
                applicant=event.applicant,
                employer_late=event.employer_late,
                overdue=event.overdue,
            )
        case PapersRequested():
            return replace(state, papers_asked=True, papers_pending=True)
        case PapersSupplied():
            return replace(state, papers_pending=False)
        case DeterminationAccepted():
            return replace(state, accepted=True)
        case DeterminationRefused():
            return replace(state, refused=True)
        case Investigation():
            return state
        case DeterminationSuspended():
            return replace(state, suspended=True)
        case DeterminationResumed():
            return replace(state, suspended=False)
        case Determined():
            return replace(state, determined=event.injury)
        case DecisionServed():
            return replace(state, served=state.served | {event.party})
        case _:
            assert_never(event)


# --- Commands -----------------------------------------------------------------------------------


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
            _need(not state.excluded, "excluded", "已在不计入期限之内", "Already excluded")
            _need(state.applicant is None, "filed", "已申请，期限不再计算", "Already filed")
            return (ExclusionBegan(reason=given.reason),)
        case EndExclusion():
            _need(state.excluded, "not-excluded", "没有不计入期限的情形", "Nothing is excluded")
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
            _need(state.papers_pending, "none-asked", "没有待补正的材料", "No papers are awaited")
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
            _need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
            if given.matter == "disease":
                zh = "对依法取得的职业病诊断证明书或鉴定书，不再进行调查核实"
                en = "A lawful certificate is not investigated again"
                raise Refused("certificate-stands", zh, en, clause="wir-19")
            return (Investigation(matter=given.matter, finding=given.finding),)
        case SuspendDetermination():
            _running(state)
            return (DeterminationSuspended(awaiting=given.awaiting),)
        case ResumeDetermination():
            _need(state.suspended, "not-suspended", "认定未中止", "Not suspended")
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
            _need(state.determined is not None, "undetermined", "尚未作出决定", "Nothing decided")
            _need(given.party not in state.served, "served", "已送达该当事人", "Already served")
            return (DecisionServed(party=given.party),)
        case _:
            assert_never(given)


def _file(state: State, given: FileDetermination, context: Context) -> Decision:
    _need(state.worker is not None, "no-basis", "没有职业病诊断结论", "No diagnosis to rest on")
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
    _need(state.applicant is not None, "not-filed", "尚无申请", "Nothing was filed")
    done = state.accepted or state.refused
    _need(not done, "decided", "已决定是否受理", "Acceptance was decided already")
    _need(not state.papers_pending, "papers-pending", "等待申请人补正", "Papers are awaited")


def _running(state: State) -> None:
    _need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
    _need(state.determined is None, "determined", "已作出认定决定", "Determined already")
    _need(not state.suspended, "suspended", "认定已中止，请先恢复", "Suspended: resume it first")


def _need(fine: bool, code: str, zh: str, en: str) -> None:
    if not fine:
        raise Refused(code, zh, en)


# --- What a diagnosis brings about here ---------------------------------------------------------


def case_for(diagnosis: str) -> str:
    """The one determination case of a diagnosis."""
    return f"determination-{diagnosis.partition('-')[2]}"


def on_conclusion(case: str, concluded: Any, before: CaseFold) -> tuple[On, ...]:
    """A conclusion of the institution or of a panel; the latest valid one counts."""
    return _basis(case, concluded.result, before)


def on_correction(case: str, corrected: FactCorrected, before: CaseFold) -> tuple[On, ...]:
    """A corrected conclusion changes the basis as an appraised one does."""
    if not corrected.target_type.startswith("diagnosis."):
        return ()
    latest = before.state.conclusion
    appraised = latest is not None and latest.by != "institution"
    if corrected.target_type != f"diagnosis.{'appraisal_' if appraised else ''}concluded":
        return ()
    results = [c.new for c in corrected.changes if c.field == "result"]
    if results:
        return _basis(case, results[0], before)
    if corrected.occurred_on is None or latest is None or latest.result != "od":
        return ()
    # The days of employer and worker count from the day of the diagnosis: they move with it.
    moved = FactCorrected(
        target=1,
        target_type="determination.opened",
        changes=(),
        sealed={},
        subject=None,
        occurred_on=corrected.occurred_on,
        occurred_before=corrected.occurred_before,
        reason=f"诊断结论日更正：{corrected.reason}",
    )
    return (On(case_for(case), moved),)


def _basis(case: str, result: dx.Result, before: CaseFold) -> tuple[On, ...]:
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
    )
    changed = (On(target, BasisChanged(result=result)),) if was else ()
    return (*changed, On(target, opened))


# --- Conditions ---------------------------------------------------------------------------------


def is_clear(state: State, event: Any) -> bool:
    return bool(getattr(event, "clear", False))


def is_not_clear(state: State, event: Any) -> bool:
    return not getattr(event, "clear", False)


def by_employer(state: State, event: Any) -> bool:
    """The employer itself applied."""
    return getattr(event, "applicant", None) == "employer"


def all_served(state: State, event: Any) -> bool:
    return state.served >= set(get_args(Served))


def parties(state: State) -> dict[str, str]:
    known = {"worker": state.worker, "employer": state.employer}
    found = {role: party for role, party in known.items() if party}
    applying = state.employer if state.applicant == "employer" else state.worker
    return {**found, "applicant": applying} if state.applicant and applying else found


def status(state: State) -> str:
    match state:
        case State(under_review=True):
            return "依据变更，待复核"
        case State(determined=injury) if injury:
            return "已认定" if injury == "yes" else "不予认定"
        case State(refused=True):
            return "不予受理"
        case State(suspended=True):
            return "中止"
        case State(accepted=True):
            return "已受理"
        case State(papers_pending=True):
            return "待补正"
        case State(applicant=applicant) if applicant:
            return "已申请"
        case State(result="not_od"):
            return "依据已失"
        case _:
            return "待申请"


DETERMINATION = CaseKind(
    name="determination",
    title="工伤认定",
    number_prefix="WI",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "is_clear": is_clear,
        "is_not_clear": is_not_clear,
        "by_employer": by_employer,
        "all_served": all_served,
    },
    parties=parties,
    status=status,
    roles=("worker", "employer", "applicant"),
    links=lambda state: (state.diagnosis,) if state.diagnosis else (),
    follows={
        "diagnosis.concluded": on_conclusion,
        "diagnosis.appraisal_concluded": on_conclusion,
        "case.fact_corrected": on_correction,
    },
)
