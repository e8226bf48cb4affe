"""Labour arbitration 劳动争议仲裁 (ARB): a small kind that serves the diagnosis it is linked to.

职业病防治法 (ODL) 49; 劳动争议调解仲裁法 (LAL) 29, 41. 人力社保局 holds it for the commission.
Path: filed → accepted or refused → awarded → served on each party → sued or final; until the award
the applicant may withdraw. An employer that is gone is served as the county's policy says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never, get_args

from domain.cases.diagnosis import (
    ArbitrationConcluded,
    ArbitrationOutcome,
    EmployerSued,
    PartyRole,
    employer_gone,
    excusable,
    parties_corrected,
)
from domain.cases.diagnosis import ArbitrationFiled as FiledOnDiagnosis
from domain.cases.diagnosis import State as Diagnosis
from domain.corrections import FactCorrected, corrected, opening_corrected
from domain.decider import (
    CaseKind,
    Claim,
    Context,
    Correctable,
    Decision,
    On,
    Refused,
    Release,
    command,
    need,
)
from domain.events import Payload, event, field_names, terms, upcaster
from domain.fold import CaseFold
from domain.links import ReliedOn
from domain.tasks import Task

Matter = Literal["relation", "post", "work_time", "exposure_history"]
MATTERS: dict[Matter, str] = {
    "relation": "劳动关系",
    "post": "工种、工作岗位",
    "work_time": "在岗时间",
    "exposure_history": "职业史、职业病危害接触史",
}
RefusalGround = Literal["no_jurisdiction", "same_dispute", "withdrawn_in_time"]
REFUSAL_GROUNDS: dict[RefusalGround, str] = {
    "no_jurisdiction": "不属于本委管辖",
    "same_dispute": "同一争议已受理或已裁决",
    "withdrawn_in_time": "申请人在受理前撤回",
}
Relation = Literal["relation_exists", "relation_absent", "relation_undeterminable"]
RELATIONS: dict[Relation, str] = {
    "relation_exists": "存在劳动关系",
    "relation_absent": "不存在劳动关系",
    "relation_undeterminable": "劳动关系终究无法确认",
}
Judged = Literal["award_upheld", "award_set_aside"]
JUDGMENTS: dict[Judged, str] = {
    # Sued upon, the dispute is judged anew: a court neither upholds nor sets aside such an award.
    "award_upheld": "法院判决与仲裁裁决一致",
    "award_set_aside": "法院判决与仲裁裁决不一致",
}
for _words in (MATTERS, REFUSAL_GROUNDS, RELATIONS, JUDGMENTS):
    terms(_words)


# --- Events -------------------------------------------------------------------------------------


@event("arbitration.filed", "{party}申请仲裁（{matter}）")
class ArbitrationFiled:
    """A party asked the commission to fix the relation, the post or the history. ODL 49."""

    diagnosis: str
    party: PartyRole
    matter: Matter
    worker: str
    employer: str


@event("arbitration.accepted", "仲裁委员会受理")
class ArbitrationAccepted:
    pass


@event("arbitration.refused", "仲裁委员会不予受理：{ground}")
class ArbitrationRefused:
    ground: RefusalGround


@event("arbitration.withdrawn", "申请人撤回仲裁申请：{reason}")
class ArbitrationWithdrawn:
    """The applicant withdrew, before or after acceptance. LAL 41."""

    reason: str


@event("arbitration.awarded", "仲裁裁决：{finding}{on_relation}", version=2)
class ArbitrationAwarded:
    finding: str
    relation: Relation | None = None  # since version 2: coded, where the relation was disputed

    @property
    def on_relation(self) -> str:
        return f"（{RELATIONS[self.relation]}）" if self.relation else ""


@upcaster("arbitration.awarded", 1)
def _award_without_relation(payload: Payload) -> Payload:
    return {**payload, "relation": None}


@event("arbitration.served", "裁决书送达{party}")
class AwardServed:
    party: PartyRole


@event("arbitration.service_excused", "用人单位已不存在，裁决书不再直接送达：{reason}")
class ServiceExcused:
    """An employer that is gone counts as served: by policy at once, or after public notice."""

    reason: str
    announced_on: date | None = None  # the day of the public notice 公告, where there was one


@event("arbitration.sued", "{party}就裁决向法院起诉")
class AwardSued:
    party: PartyRole


@event("arbitration.first_judged", "第一审判决尚未生效：{outcome}（{document}）")
class FirstJudged:
    """A judgment that may still be appealed; nothing rests on it yet."""

    outcome: Judged
    document: str


@event("arbitration.judged", "登记判决：{outcome}（{document}）")
class AwardJudged:
    """The suit on the award has ended, decided outside; the diagnosis looks again. ODL 49."""

    outcome: Judged
    document: str
    relation: Relation | None


@event("arbitration.relief_advised", "{unit}告知病人可以申请救助")
class ReliefAdvised:
    """The patient was told where relief is asked for. ODL 61."""

    unit: str


@event("arbitration.relief_applied", "病人已就同一诊断申请救助，无须再告知其可以申请")
class ReliefApplied:
    """Relief was asked for on the diagnosis, on whatever ground: nobody need be told of it."""

    relief: str


field_names(
    "arbitration",
    {
        "matter": "争议事项",
        "finding": "裁决认定",
        "relation": "劳动关系",
        "relief": "救助案件",
    },
)

Event = (
    ArbitrationFiled
    | ArbitrationAccepted
    | ArbitrationRefused
    | ArbitrationWithdrawn
    | ArbitrationAwarded
    | AwardServed
    | ServiceExcused
    | AwardSued
    | FirstJudged
    | AwardJudged
    | ReliefAdvised
    | ReliefApplied
)


# --- State --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    diagnosis: str | None = None
    matter: Matter | None = None
    worker: str | None = None
    employer: str | None = None
    accepted: bool = False
    refused: bool = False
    withdrawn: bool = False
    awarded: bool = False
    served: frozenset[str] = frozenset()
    excused: bool = False  # the employer is gone and counts as served
    sued: frozenset[str] = frozenset()
    relation: Relation | None = None
    judged: Judged | None = None
    relief: bool = False  # the patient has asked for it already

    @property
    def fully_served(self) -> bool:
        return self.served | ({"employer"} if self.excused else set()) >= set(get_args(PartyRole))


def evolve(state: State, event: Event) -> State:
    match event:
        case ArbitrationFiled():
            return replace(
                state,
                diagnosis=event.diagnosis,
                matter=event.matter,
                worker=event.worker,
                employer=event.employer,
            )
        case ArbitrationAccepted():
            return replace(state, accepted=True)
        case ArbitrationRefused():
            return replace(state, refused=True)
        case ArbitrationWithdrawn():
            return replace(state, withdrawn=True)
        case ArbitrationAwarded():
            return replace(state, awarded=True, relation=event.relation)
        case AwardServed():
            return replace(state, served=state.served | {event.party})
        case ServiceExcused():
            return replace(state, excused=True)
        case AwardSued():
            return replace(state, sued=state.sued | {event.party})
        case FirstJudged():
            return state
        case AwardJudged():
            relation = event.relation or (
                None if event.outcome == "award_set_aside" else state.relation
            )
            return replace(state, judged=event.outcome, relation=relation)
        case ReliefAdvised():
            return state
        case ReliefApplied():
            return replace(state, relief=True)
        case _:
            assert_never(event)


# --- Commands -----------------------------------------------------------------------------------


@command("arbitration.file", "申请仲裁", clause="odl-49", opens=True)
class FileArbitration:
    """The commission must accept; the diagnosis waits for the history to be fixed (ODL 49)."""

    case_diagnosis: str
    matter: Matter


@command("arbitration.accept", "受理仲裁", by=("HSSB",), clause="odl-49")
class AcceptArbitration:
    """The award falls due 30 days from here (ODL 49)."""


@command("arbitration.refuse", "不予受理", by=("HSSB",), clause="lal-29")
class RefuseArbitration:
    """Ends the arbitration; disputes under ODL 49 must otherwise be accepted."""

    ground: RefusalGround


@command("arbitration.withdraw", "撤回仲裁申请", by=("worker", "employer"), clause="lal-41")
class WithdrawArbitration:
    """Ends the arbitration at its applicant's wish, until the award; the diagnosis goes on."""

    reason: str


@command("arbitration.award", "作出裁决", by=("HSSB",), clause="odl-49")
class Award:
    """Fixes the disputed history; `relation` where the relation itself was disputed."""

    finding: str
    relation: Relation | None = None


@command("arbitration.serve", "送达裁决书", by=("HSSB",), clause="odl-49")
class ServeAward:
    """The worker may sue for 15 days; the employer only after the diagnosis has ended."""

    party: PartyRole


@command(
    "arbitration.excuse_service", "免予送达（用人单位已不存在）", by=("HSSB",), clause="odl-49"
)
class ExcuseService:
    """Stands for service on an employer that is gone; where local policy wants public notice
    (公告送达), only after its days have passed."""

    reason: str
    announced_on: date | None = None


@command("arbitration.sue", "就裁决起诉", by=("worker", "employer"), clause="odl-49")
class Sue:
    """Takes the award to court; a suit does not hold the diagnosis up (local policy)."""


@command("arbitration.record_judgment", "登记法院判决", by=("HSSB",), clause="odl-49")
class RecordJudgment:
    """The court judges the dispute anew, outside. A final judgment unlike the award re-opens what
    the diagnosis rests on; one of the first instance ends nothing until it is final."""

    outcome: Judged
    document: str
    relation: Relation | None = None
    final: bool = True


@command("arbitration.advise_relief", "告知可申请救助", by=("CAB",), clause="odl-61")
class AdviseRelief:
    """The patient whose relation can finally not be determined is told where to ask for relief."""


Command = (
    FileArbitration
    | AcceptArbitration
    | RefuseArbitration
    | WithdrawArbitration
    | Award
    | ServeAward
    | ExcuseService
    | Sue
    | RecordJudgment
    | AdviseRelief
)


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case FileArbitration():
            return _file(given, context)
        case AcceptArbitration():
            _undecided(state)
            if state.accepted:
                raise Refused("accepted", "仲裁已受理", "Already accepted")
            return (ArbitrationAccepted(),)
        case RefuseArbitration():
            _undecided(state)
            if state.accepted:
                zh = "已受理的仲裁不能再不予受理"
                raise Refused("accepted", zh, "Accepted already", clause="odl-49")
            return (ArbitrationRefused(ground=given.ground), *_ended(state, context, "refused"))
        case WithdrawArbitration():
            _undecided(state)
            filed = context.fold.facts[0][0].event
            if context.actor != parties(state).get(filed.party):
                zh = "仲裁申请只能由申请人撤回"
                raise Refused("not-the-applicant", zh, "Only who filed may withdraw it")
            return (
                ArbitrationWithdrawn(reason=given.reason),
                *_ended(state, context, "withdrawn"),
            )
        case Award():
            _undecided(state)
            if not state.accepted:
                raise Refused("not-accepted", "仲裁尚未受理", "Not accepted yet", clause="lal-29")
            return (ArbitrationAwarded(finding=given.finding, relation=given.relation),)
        case ServeAward():
            _to_serve(state, given.party)
            if given.party == "employer" and employer_gone(state.diagnosis, context):
                zh = "用人单位已不存在，无从送达；请办理免予送达（arbitration.excuse_service）"
                raise Refused("employer-gone", zh, "Employer is gone: excuse its service instead")
            return _served(state, AwardServed(party=given.party), context)
        case ExcuseService():
            _to_serve(state, "employer")
            excusable(state.diagnosis, given.announced_on, context)
            excused = ServiceExcused(reason=given.reason, announced_on=given.announced_on)
            return _served(state, excused, context)
        case Sue():
            return _sue(state, context)
        case RecordJudgment():
            return _judged(state, given, context)
        case AdviseRelief():
            rules = ("arb.advise-relief", "arb.advise-relief-judged")
            owed = any(t.rule.id in rules for t in context.fold.visible(context.now))
            need(owed, "not-owed", "没有待告知的救助事项", "Nobody is to be told of relief here")
            return (ReliefAdvised(unit=context.actor),)
        case _:
            assert_never(given)


def _file(given: FileArbitration, context: Context) -> Decision:
    fold = context.cases.get(given.case_diagnosis)
    if fold is None or fold.version == 0 or not isinstance(fold.state, Diagnosis):
        zh = f"没有诊断案件 {given.case_diagnosis}"
        raise Refused("no-such-diagnosis", zh, f"No diagnosis {given.case_diagnosis}")
    roles = {party: role for role, party in fold.parties.items() if role in get_args(PartyRole)}
    role = roles.get(context.actor)
    if role is None:
        zh = "仲裁由劳动者或用人单位申请"
        raise Refused("not-a-party", zh, "Only worker or employer may file", clause="odl-49")
    if role == "employer" and fold.state.employer_gone:
        zh = "用人单位已不存在，不能申请仲裁"
        raise Refused("employer-gone", zh, "The employer is gone", clause="odl-48")
    if fold.state.certified:
        zh = "诊断结论已作出，对结论有异议应申请鉴定"
        raise Refused("concluded", zh, "Already concluded: ask for appraisal", clause="odl-52")
    filed = ArbitrationFiled(
        diagnosis=given.case_diagnosis,
        party="worker" if role == "worker" else "employer",
        matter=given.matter,
        worker=fold.parties["worker"],
        employer=fold.parties["employer"],
    )
    told = FiledOnDiagnosis(arbitration=context.case, matter=MATTERS[given.matter])
    return (filed, On(given.case_diagnosis, told), *keys(evolve(State(), filed)))


def keys(state: State) -> frozenset[Claim]:
    """One dispute on one diagnosis is before the commission once, until it has ended."""
    if state.diagnosis is None or state.refused or state.withdrawn or state.fully_served:
        return frozenset()
    return frozenset({Claim("arbitration.pending", f"{state.diagnosis}|{state.matter}")})


def _to_serve(state: State, party: PartyRole) -> None:
    need(state.awarded, "not-awarded", "尚未裁决", "There is no award yet")
    done = party in state.served or (party == "employer" and state.excused)
    need(not done, "served", "已送达该当事人", "Already served on that party")


def _served(state: State, event: AwardServed | ServiceExcused, context: Context) -> Decision:
    if not evolve(state, event).fully_served:
        return (event,)
    return (event, *_ended(state, context, "awarded"))


def _ended(state: State, context: Context, outcome: ArbitrationOutcome) -> Decision:
    """The diagnosis learns that the arbitration is over; its clocks run again."""
    assert state.diagnosis is not None
    told = ArbitrationConcluded(arbitration=context.case, outcome=outcome)
    return (On(state.diagnosis, told), *(Release(k.index, k.key) for k in keys(state)))


def _sue(state: State, context: Context) -> Decision:
    if context.actor == state.worker:
        task = _right(context.fold.open_tasks(), "arb.worker-sue")
        if task is None or (task.due and context.occurred.day > task.due.legal):
            zh = "劳动者起诉期限为收到裁决书之日起十五日，现无此权利或已逾期"
            raise Refused("window-closed", zh, "The worker's window is not open", clause="odl-49")
        return (AwardSued(party="worker"),)
    assert state.diagnosis is not None
    if "employer" in state.sued:
        raise Refused("sued", "用人单位已就本裁决起诉", "The employer has sued already")
    diagnosis = context.cases[state.diagnosis]
    if context.case not in diagnosis.state.arbitrated:
        zh = "本案没有已送达的裁决，不能就裁决起诉"
        raise Refused("not-awarded", zh, "There is no served award to sue on", clause="odl-49")
    task = _right(diagnosis.open_tasks(), "dx.employer-sue", "dx.employer-sue-ended")
    if task is None or task.due is None or task.start is None or context.occurred.at < task.start:
        zh = "用人单位须待诊断、鉴定结束之日起十五日内起诉，现尚未开始"
        en = "The employer's window opens only after diagnosis and appraisal have ended"
        raise Refused("window-not-open", zh, en, clause="odl-49")
    if context.occurred.day > task.due.legal:
        zh = f"用人单位起诉期限至{task.due.legal}，已逾期"
        en = f"The window closed on {task.due.legal}"
        raise Refused("window-closed", zh, en, clause="odl-49")
    sued = EmployerSued(arbitration=context.case)
    return (AwardSued(party="employer"), On(state.diagnosis, sued))


def _judged(state: State, given: RecordJudgment, context: Context) -> Decision:
    need(bool(state.sued), "not-sued", "没有就裁决起诉", "Nobody has sued on the award")
    # Sent back 发回重审, a suit may have several of the first instance; a final one, once.
    first = {fact.event.document for fact in context.fold.facts_of(FirstJudged)}
    on_record = state.judged is not None or (not given.final and given.document in first)
    need(not on_record, "judged", "已登记判决", "A judgment is on record already")
    if not given.final:
        return (FirstJudged(outcome=given.outcome, document=given.document),)
    return (AwardJudged(outcome=given.outcome, document=given.document, relation=given.relation),)


def _right(tasks: list[Task], *rules: str) -> Task | None:
    return next((task for task in tasks if task.rule.id in rules), None)


def _undecided(state: State) -> None:
    if state.refused or state.awarded or state.withdrawn:
        raise Refused("ended", "仲裁已终结", "The arbitration has ended")


def parties(state: State) -> dict[str, str]:
    known = {"worker": state.worker, "employer": state.employer}
    return {role: party for role, party in known.items() if party}


def status(state: State) -> str:
    match state:
        case State(refused=True):
            return "不予受理"
        case State(withdrawn=True):
            return "已撤回"
        case State(judged=judged) if judged:
            return "判决与裁决不一致" if judged == "award_set_aside" else "判决与裁决一致"
        case _ if state.sued:
            return "已起诉"
        case State(awarded=True):
            return "已裁决"
        case State(accepted=True):
            return "已受理"
        case _:
            return "已申请"


def all_served(state: State, event: Event) -> bool:
    return state.fully_served


def undeterminable(state: State, event: Event) -> bool:
    """The relation cannot be determined, as the worker is told by award or judgment."""
    told = isinstance(event, AwardJudged) or by_worker(state, event)
    return told and state.relation == "relation_undeterminable"


def to_be_advised(state: State, event: Event) -> bool:
    """The relation cannot be determined, and the patient has not asked for relief yet."""
    return undeterminable(state, event) and not state.relief


def first_suit(state: State, event: Event) -> bool:
    """One judgment is registered, whoever sued."""
    return len(state.sued) == 1


def by_worker(state: State, event: Event) -> bool:
    """The event concerns the worker."""
    return getattr(event, "party", None) == "worker"


CORRECTIONS = Correctable(
    supervisor="HSSB",
    commands={
        ArbitrationFiled: FileArbitration,
        ArbitrationAccepted: AcceptArbitration,
        ArbitrationRefused: RefuseArbitration,
        ArbitrationWithdrawn: WithdrawArbitration,
        ArbitrationAwarded: Award,
        AwardServed: ServeAward,
        ServiceExcused: ExcuseService,
        AwardSued: Sue,
        AwardJudged: RecordJudgment,
        ReliefAdvised: AdviseRelief,
    },
    keys=keys,
)


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """The parties are those of the diagnosis: put right there, they are put right here."""
    fact = before.fact(correction.target)
    if fact is None or before.kind.name != "diagnosis":
        return ()
    right = corrected(fact, correction).event
    changes = tuple(
        change
        for change in parties_corrected(fact.event, right, before.state)
        if change.field != "subject"
    )
    if not changes:
        return ()
    put_right = opening_corrected(ArbitrationFiled, changes, correction.reason)
    filed = sorted(before.state.arbitrations | before.state.arbitrated)
    return tuple(On(arbitration, put_right) for arbitration in filed)


def on_relief(case: str, told: ReliedOn, before: CaseFold, day: date) -> tuple[On, ...]:
    """Relief asked for on the diagnosis, its arbitrations need not lead the patient to it."""
    if before.kind.name != "diagnosis" or not told.case.startswith("relief-"):
        return ()
    filed = sorted(before.state.arbitrations | before.state.arbitrated)
    return tuple(On(arbitration, ReliefApplied(relief=told.case)) for arbitration in filed)


ARBITRATION = CaseKind(
    name="arbitration",
    title="劳动争议仲裁",
    number_prefix="ARB",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "all_served": all_served,
        "by_worker": by_worker,
        "first_suit": first_suit,
        "to_be_advised": to_be_advised,
        # Named by older editions alone.
        "undeterminable": undeterminable,
    },
    parties=parties,
    status=status,
    roles=("worker", "employer"),
    corrections=CORRECTIONS,
    links=lambda state: (state.diagnosis,) if state.diagnosis else (),
    follows={"case.fact_corrected": on_correction, "case.relied_on": on_relief},
)
