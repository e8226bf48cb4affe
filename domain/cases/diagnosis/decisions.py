"""Diagnosis 职业病诊断 (DX): its commands, and what each admits, refuses and brings about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, assert_never

from domain.cases.diagnosis.events import (
    AppraisalAccepted,
    AppraisalConcluded,
    AppraisalDelivered,
    AppraisalRequested,
    AroseIn,
    CardReported,
    DataRequested,
    DataSupplied,
    DiagnosisApplied,
    DiagnosisArranged,
    DiagnosisConcluded,
    DiagnosisDelivered,
    DiagnosisWithdrawn,
    EmployerUrged,
    FileCompleted,
    FilesSent,
    Level,
    Locality,
    PartyRole,
    Result,
    RulingGiven,
    RulingGround,
    RulingRequested,
    SurveyFinished,
    SurveyOrganised,
    SurveyRequested,
    SuspectedCardFiled,
    SuspectedReported,
    SuspectInformed,
)
from domain.cases.diagnosis.state import (
    Appraisal,
    State,
    evolve,
)
from domain.decider import Claim, Context, Correctable, Decision, Refused, Release, command, need
from domain.sealing import SealedText
from domain.tasks import party_name
from domain.units import party_class


@command("diagnosis.report_suspected", "报告疑似职业病", clause="odl-50", opens=True)
class ReportSuspected:
    """The worker and employer must be told; no dismissal until it is resolved (ODL 55)."""

    subject: str
    employer: str
    hazard: str
    worker_name: SealedText | None = None
    worker_id: SealedText | None = None


@command("diagnosis.inform_suspect", "告知疑似职业病", clause="odl-55")
class InformSuspect:
    """Worker or employer has been told of the suspicion."""

    party: PartyRole


@command("diagnosis.file_suspected_card", "报告疑似职业病报告卡", clause="odl-50")
class FileSuspectedCard:
    """The suspected-case card has been filed on the network."""


@command(
    "diagnosis.arrange", "安排疑似职业病病人诊断", by=("employer", "hospital"), clause="odl-55"
)
class ArrangeDiagnosis:
    """The employer has sent the patient for diagnosis, or offered to; with it its duty is done,
    whether or not the worker applies (ODL 55)."""

    institution: str


@command("diagnosis.open_by_application", "申请职业病诊断（直接立案）", clause="odl-43", opens=True)
class OpenByApplication:
    """Opens a case by the worker's own application; it may not be refused (ODL 43, 44)."""

    subject: str
    institution: str
    employer: str
    hazard: str
    locality: Locality
    worker_name: SealedText | None = None
    worker_id: SealedText | None = None
    account: SealedText | None = None


@command("diagnosis.apply", "申请职业病诊断", clause="odl-43")
class ApplyDiagnosis:
    """A reported suspected patient applies; it may not be refused (ODL 43, 44)."""

    institution: str
    locality: Locality
    account: SealedText | None = None


@command("diagnosis.withdraw", "撤回诊断申请", by=("worker",))
class WithdrawDiagnosis:
    """Ends the case at the worker's wish; he may apply again."""

    reason: str


@command("diagnosis.request_data", "通知用人单位提供资料", by=("institution",), clause="odl-47")
class RequestEmployerData:
    """The employer has 10 days to supply its data (O6 23)."""

    items: tuple[str, ...]


@command("diagnosis.urge_employer", "督促用人单位", by=("HB",), clause="odl-48")
class UrgeEmployer:
    """Presses a silent employer; withholding data is punishable (ODL 72)."""

    note: str


@command("diagnosis.supply_data", "提供诊断资料", by=("employer",), clause="odl-47")
class SupplyData:
    """Closes the employer's duty to supply data."""

    disputed: str | None = None


@command("diagnosis.request_survey", "提请现场调查", by=("institution",), clause="odl-47")
class RequestSurvey:
    """卫健局 must organise a survey within 10 days (ODL 47)."""

    matter: str
    received_on: date | None = None


@command("diagnosis.organise_survey", "组织现场调查", by=("HB",), clause="odl-47")
class OrganiseSurvey:
    """The survey has been organised."""


@command("diagnosis.finish_survey", "完成现场调查", by=("HB",), clause="o6-26")
class FinishSurvey:
    """The survey's finding goes to the institution."""

    finding: str


@command("diagnosis.request_ruling", "提请判定", by=("institution",), clause="odl-48")
class RequestRuling:
    """卫健局 rules within 30 days; the diagnosis waits (ODL 48; O6 25)."""

    ground: RulingGround
    received_on: date | None = None


@command("diagnosis.give_ruling", "作出判定", by=("HB",), clause="odl-48")
class GiveRuling:
    """The ruling fixes the disputed facts; the diagnosis goes on."""

    finding: str
    basis: str = "现场调查和监督检查资料"


@command("diagnosis.complete_file", "资料齐全", by=("institution",), clause="o6-20")
class CompleteFile:
    """The 30 days for the conclusion start."""

    basis: str


@command("diagnosis.conclude", "作出诊断结论", by=("institution",), clause="odl-46")
class Conclude:
    """The certificate is issued; delivery and the report card fall due in 15 days."""

    result: Result
    disease: str | None = None
    stage: str | None = None
    certificate: str
    reason: SealedText | None = None


@command("diagnosis.deliver", "送达诊断证明书", by=("institution",), clause="o6-32")
class Deliver:
    """The party may ask for appraisal for 30 days from receipt (O6 34)."""

    party: PartyRole


@command("diagnosis.report_card", "报告职业病报告卡", by=("institution",), clause="o6-32")
class ReportCard:
    """The case card has been filed on the network."""


@command("diagnosis.request_appraisal", "申请鉴定", by=("worker", "employer"), clause="odl-52")
class RequestAppraisal:
    """Opens the first or, after it, the final appraisal."""

    office: str
    received_on: date | None = None


@command("diagnosis.accept_appraisal", "受理鉴定", by=("appraisal",), clause="o6-42")
class AcceptAppraisal:
    """The office has 40 days from here to conclude (O6 42)."""


@command("diagnosis.send_files", "移送鉴定资料", clause="o6-42")
class SendFiles:
    """The body whose conclusion is disputed hands its files over."""


@command("diagnosis.conclude_appraisal", "作出鉴定结论", by=("appraisal",), clause="o6-42")
class ConcludeAppraisal:
    """The panel's conclusion replaces the disputed one."""

    result: Result
    disease: str | None = None
    stage: str | None = None
    panel: int


@command("diagnosis.deliver_appraisal", "送达鉴定书", by=("appraisal",), clause="o6-42")
class DeliverAppraisal:
    """After a first appraisal the party may ask the final one for 15 days (O6 35)."""

    party: PartyRole


Command = (
    ReportSuspected
    | InformSuspect
    | FileSuspectedCard
    | ArrangeDiagnosis
    | OpenByApplication
    | ApplyDiagnosis
    | WithdrawDiagnosis
    | RequestEmployerData
    | UrgeEmployer
    | SupplyData
    | RequestSurvey
    | OrganiseSurvey
    | FinishSurvey
    | RequestRuling
    | GiveRuling
    | CompleteFile
    | Conclude
    | Deliver
    | ReportCard
    | RequestAppraisal
    | AcceptAppraisal
    | SendFiles
    | ConcludeAppraisal
    | DeliverAppraisal
)


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case ReportSuspected():
            if party_class(context.actor) not in ("hospital", "institution", "employer"):
                zh = "疑似职业病由职业健康检查机构、医疗卫生机构或用人单位报告"
                en = "Suspected cases are reported by medical institutions or the employer"
                raise Refused("wrong-reporter", zh, en, clause="odl-50")
            return (SuspectedReported(reporter=context.actor, **_fields(given)),)
        case InformSuspect():
            need(state.reported, "not-reported", "本案没有疑似报告", "No suspicion was reported")
            _need_finder(state, context, "odl-55")
            return (_once(context, SuspectInformed(party=given.party)),)
        case FileSuspectedCard():
            need(state.reported, "not-reported", "本案没有疑似报告", "No suspicion was reported")
            _need_finder(state, context, "odl-50")
            return (_once(context, SuspectedCardFiled()),)
        case ArrangeDiagnosis():
            need(state.reported, "not-reported", "本案没有疑似报告", "No suspicion was reported")
            zh = "劳动者已申请诊断，或者已安排，没有待安排的诊断"
            owed = context.fold.open_under("dx.arrange-diagnosis")
            need(bool(owed), "not-owed", zh, "Nothing is left to arrange")
            return (DiagnosisArranged(institution=given.institution),)
        case OpenByApplication():
            return _apply(DiagnosisApplied(**_fields(given)))
        case ApplyDiagnosis():
            if state.applied and not state.withdrawn:
                raise Refused("applied", "本案已申请诊断", "Diagnosis was already applied for")
            if state.subject is None or state.employer is None or state.hazard is None:
                raise Refused("not-reported", "本案没有疑似报告", "No suspicion was reported")
            applied = DiagnosisApplied(
                subject=state.subject,
                employer=state.employer,
                hazard=state.hazard,
                **_fields(given),
            )
            return _apply(applied)
        case WithdrawDiagnosis():
            _open(state)
            return (DiagnosisWithdrawn(reason=given.reason), *_release(state))
        case RequestEmployerData():
            _open(state)
            if state.employer_gone:
                zh = "用人单位已不存在，应提请卫健局判定"
                raise Refused(
                    "employer-gone", zh, "Employer is gone: ask a ruling", clause="odl-48"
                )
            return (DataRequested(items=given.items),)
        case UrgeEmployer():
            _open(state)
            need(
                state.data_requested,
                "not-requested",
                "诊断机构尚未通知用人单位提供资料",
                "No data were requested",
            )
            return (EmployerUrged(note=given.note),)
        case SupplyData():
            _open(state)
            need(
                state.data_requested,
                "not-requested",
                "诊断机构尚未通知用人单位提供资料",
                "No data were requested",
            )
            return (DataSupplied(disputed=given.disputed),)
        case RequestSurvey():
            _open(state)
            need(
                not state.survey_pending,
                "survey-pending",
                "现场调查尚在进行",
                "A survey is pending",
            )
            return (SurveyRequested(matter=given.matter, received_on=given.received_on),)
        case OrganiseSurvey():
            need(
                state.survey_pending, "no-survey", "没有待组织的现场调查", "No survey was asked for"
            )
            if isinstance(_last(context, SurveyRequested, SurveyOrganised), SurveyOrganised):
                raise Refused("organised", "现场调查已组织", "The survey is organised already")
            return (SurveyOrganised(),)
        case FinishSurvey():
            need(state.survey_pending, "no-survey", "没有进行中的现场调查", "No survey is pending")
            return (SurveyFinished(finding=given.finding),)
        case RequestRuling():
            _open(state)
            need(
                not state.ruling_pending, "ruling-pending", "卫健局尚在判定", "A ruling is pending"
            )
            if given.ground == "data_withheld":
                zh = (
                    "用人单位不提供资料不是提请判定的理由：请卫健局督促，"
                    "并依劳动者自述、监督检查资料等确认资料齐全后作出诊断"
                )
                en = "Withheld data ask for no ruling: go on with the worker's account and records"
                raise Refused("no-ruling-for-this", zh, en, clause="odl-48")
            return (RulingRequested(ground=given.ground, received_on=given.received_on),)
        case GiveRuling():
            need(
                state.ruling_pending,
                "no-ruling-asked",
                "没有待作出的判定",
                "No ruling was asked for",
            )
            return (RulingGiven(finding=given.finding, basis=given.basis),)
        case CompleteFile():
            _open(state)
            need(not state.file_complete, "complete", "资料已齐全", "The file is complete already")
            _history_fixed(state)
            return (FileCompleted(basis=given.basis),)
        case Conclude():
            return _conclude(state, given, context)
        case Deliver():
            need(state.certified, "not-concluded", "尚未作出诊断结论", "Nothing was concluded yet")
            if given.party in state.delivered:
                raise Refused("delivered", "已送达该当事人", "Already delivered to that party")
            _there_to_serve(state, given.party)
            return (DiagnosisDelivered(party=given.party),)
        case ReportCard():
            need(state.certified, "not-concluded", "尚未作出诊断结论", "Nothing was concluded yet")
            zh = "现行结论不是职业病，没有职业病报告卡可报"
            od = state.conclusion is not None and state.conclusion.result == "od"
            need(od, "not-od", zh, "No disease was found: there is no card to file")
            need(not state.card_reported, "reported", "职业病报告卡已报告", "Already reported")
            return (CardReported(),)
        case RequestAppraisal():
            return _request_appraisal(state, given, context)
        case AcceptAppraisal():
            held = _held(state)
            need(not held.accepted, "accepted", "鉴定已受理", "Already accepted")
            return (AppraisalAccepted(level=held.level),)
        case SendFiles():
            held = _held(state)
            need(held.accepted, "not-accepted", "鉴定尚未受理", "The appraisal is not accepted yet")
            return (_once(context, FilesSent(level=held.level, sender=context.actor)),)
        case ConcludeAppraisal():
            return _conclude_appraisal(state, given, context)
        case DeliverAppraisal():
            return _deliver_appraisal(state, given)
        case _:
            assert_never(given)


def _apply(applied: DiagnosisApplied) -> Decision:
    return (applied, *keys(evolve(State(), applied)))


def _release(state: State) -> tuple[Release, ...]:
    return tuple(Release(key.index, key.key) for key in keys(state))


def keys(state: State) -> frozenset[Claim]:
    """One institution holds one open application of a worker at a time."""
    if not state.applied or state.withdrawn or state.certified:
        return frozenset()
    return frozenset({Claim("diagnosis.open", f"{state.institution}|{state.subject}")})


def _conclude(state: State, given: Conclude, context: Context) -> Decision:
    _open(state)
    if not state.file_complete:
        zh = "诊断资料尚不齐全，不能作出结论；请先确认资料齐全"
        raise Refused("file-incomplete", zh, "The file is not complete yet", clause="o6-20")
    _history_fixed(state)
    if given.result == "not_od" and given.reason is None:
        zh = "没有证据否定危害因素与临床表现必然联系的，应当诊断为职业病；作出否定结论须写明理由"
        en = "Without evidence to rule it out it is to be diagnosed; a negative needs its reason"
        raise Refused("reason-missing", zh, en, clause="odl-46")
    catalogue = _listed(given.result, given.disease, given.stage, context)
    assert state.institution is not None
    assert state.subject is not None
    concluded = DiagnosisConcluded(
        institution=state.institution,
        result=given.result,
        disease=given.disease,
        stage=given.stage,
        catalogue=catalogue,
        certificate=given.certificate,
        reason=given.reason,
        subject=state.subject,
    )
    return (concluded, *_release(state))


def _listed(result: Result, disease: str | None, stage: str | None, context: Context) -> str:
    """The catalogue in force on the day of the conclusion; it must name the disease."""
    catalogue = context.reference.edition.catalogue(context.occurred.day)
    if catalogue is None:
        zh = f"{context.occurred.day} 没有生效的职业病分类和目录"
        raise Refused("no-catalogue", zh, "No disease catalogue was in force that day")
    if result == "not_od":
        return catalogue.id
    entry = catalogue.named(disease or "")
    if entry is None:
        zh = f"“{disease or ''}”不在{catalogue.title}内；请按目录写病名"
        raise Refused("not-listed", zh, f"Not in {catalogue.id}: {disease}", clause="odl-2")
    if entry.stages and stage not in entry.stages:
        allowed = "、".join(entry.stages)
        zh = f"{entry.name}须写明分期：{allowed}"
        raise Refused("stage-missing", zh, f"A stage is required: {allowed}", clause="odl-46")
    if stage and not entry.stages:
        zh = f"{entry.name}不分期，不应写期别；只有尘肺病类病名写期别"
        raise Refused("stage-unfit", zh, f"{entry.name} has no stages", clause="odl-46")
    return catalogue.id


def _request_appraisal(state: State, given: RequestAppraisal, context: Context) -> Decision:
    party: PartyRole = "worker" if party_class(context.actor) == "worker" else "employer"
    if state.appraisal_pending:
        raise Refused("appraisal-pending", "鉴定尚在进行", "An appraisal is under way")
    # A first appraisal is held once: after it even the party that never asked has the final one.
    level: Level = "final" if state.appraisal else "first"
    rights = [t for t in context.fold.open_under(f"dx.appraise-{level}") if t.slot == party]
    if not rights or (state.appraisal and state.appraisal.level == "final"):
        zh = "该当事人现无申请鉴定的权利：尚未收到诊断证明书，或鉴定已为最终结论"
        raise Refused("no-right", zh, "This party has no right to appraisal now", clause="odl-52")
    due = rights[-1].due
    # The day the request was made counts, not the day it is entered.
    if due and context.occurred.day > due.legal:
        zh = f"申请鉴定的期限至{due.legal}，已逾期"
        en = f"The window to ask for appraisal closed on {due.legal}"
        raise Refused("window-closed", zh, en, clause=rights[-1].rule.clauses[0])
    return (
        AppraisalRequested(
            level=level, party=party, office=given.office, received_on=given.received_on
        ),
    )


def _conclude_appraisal(state: State, given: ConcludeAppraisal, context: Context) -> Decision:
    held = _held(state)
    need(held.accepted, "not-accepted", "鉴定尚未受理", "The appraisal is not accepted yet")
    need(not held.concluded, "concluded", "鉴定结论已作出", "The panel has concluded already")
    if given.panel < 5 or given.panel % 2 == 0:
        zh = "鉴定专家组须为五人以上单数"
        raise Refused("panel", zh, "The panel is five or more, an odd number", clause="o6-42")
    catalogue = _listed(given.result, given.disease, given.stage, context)
    return (
        AppraisalConcluded(
            level=held.level,
            result=given.result,
            disease=given.disease,
            stage=given.stage,
            catalogue=catalogue,
            panel=given.panel,
            was=state.conclusion.result if state.conclusion else None,
        ),
    )


def _deliver_appraisal(state: State, given: DeliverAppraisal) -> Decision:
    held = state.appraisal
    if held is None or not held.concluded:
        raise Refused("not-concluded", "尚未作出鉴定结论", "The panel has not concluded")
    if given.party in held.delivered:
        raise Refused("delivered", "已送达该当事人", "Already delivered to that party")
    _there_to_serve(state, given.party)
    return (AppraisalDelivered(level=held.level, party=given.party),)


def _held(state: State) -> Appraisal:
    if state.appraisal is None or not state.appraisal_pending:
        raise Refused("no-appraisal", "没有进行中的鉴定", "No appraisal is under way")
    return state.appraisal


def _open(state: State) -> None:
    need(state.applied, "not-applied", "劳动者尚未申请诊断", "No diagnosis was applied for")
    need(not state.withdrawn, "withdrawn", "诊断申请已撤回", "The application was withdrawn")
    if state.certified:
        zh = "诊断结论已作出；如有错误请更正，如有异议请申请鉴定"
        raise Refused("concluded", zh, "Already concluded: correct it, or ask for appraisal")


def _there_to_serve(state: State, party: PartyRole) -> None:
    if party == "employer" and state.employer_gone:
        zh = "用人单位已不存在，无从送达；送达劳动者即为送达完毕"
        raise Refused("employer-gone", zh, "The employer is gone: serve the worker alone")


def employer_gone(diagnosis: str | None, context: Context) -> bool:
    """Whether the diagnosis a case rests on has it on record that the employer is gone."""
    fold = context.cases.get(diagnosis or "")
    return fold is not None and isinstance(fold.state, State) and fold.state.employer_gone


def excusable(diagnosis: str | None, announced_on: date | None, context: Context) -> None:
    """Refuse unless an employer that is gone counts as served: by county policy at once, or when
    the days of a public notice 公告 have passed. No clause known says which."""
    if not employer_gone(diagnosis, context):
        zh = "诊断案件未载明用人单位已不存在，应当送达"
        raise Refused("employer-stands", zh, "The employer is not on record as gone: serve it")
    policies = context.reference.edition.policies  # an edition adopted earlier may lack these
    way, days = policies.get("service-on-gone-employer"), policies.get("public-notice-days")
    if way is None or days is None or way.value != "公告送达":
        return
    if announced_on is None:
        zh = "按本县口径应公告送达，须写明公告发布日"
        raise Refused("notice-missing", zh, "Public notice is required: give its day")
    over = announced_on + timedelta(days=int(days.value))
    if context.occurred.day < over:
        zh = f"公告自{announced_on}起满{days.value}日，至{over}方视为送达"
        raise Refused("notice-running", zh, f"The public notice runs until {over}")


def _history_fixed(state: State) -> None:
    if state.ruling_pending:
        zh = "卫健局尚未作出判定，诊断中止"
        raise Refused("ruling-pending", zh, "A ruling is pending", clause="odl-48")
    if state.arbitrations:
        zh = "劳动仲裁尚未终结，职业史、接触史未确定"
        raise Refused("arbitration-pending", zh, "An arbitration is pending", clause="odl-49")


def _once(context: Context, event: Any) -> Any:
    """The event, unless the very same has been recorded on this case."""
    for fact, _ in context.fold.facts:
        if fact.event == event:
            day = fact.envelope.occurred.day
            raise Refused("repeated", f"已于{day}记录，无须重复", f"Recorded already, on {day}")
    return event


def _last(context: Context, *types: type[Any]) -> Any:
    """The latest fact of these types, None if there is none."""
    facts = context.fold.facts_of(*types)
    return facts[-1].event if facts else None


def _need_finder(state: State, context: Context, clause: str) -> None:
    """Whoever found the patient tells of it and files the card, if it is a medical institution."""
    finder = state.reporter or ""
    if party_class(finder) == "employer":
        zh = "由用人单位报告的，告知和报告卡不是其义务；用人单位应当及时安排诊断"
        en = "An employer that reported owes that the worker is sent for diagnosis, not this"
        raise Refused("not-owed", zh, en, clause=clause)
    if context.actor != finder:
        zh = f"应由报告的{party_name(finder, context.reference)}办理"
        raise Refused("not-the-party", zh, f"Only {finder} may do this", clause=clause)


def _fields(given: object) -> dict[str, Any]:
    return dict(vars(given))


CORRECTIONS = Correctable(
    supervisor="HB",
    commands={
        SuspectedReported: ReportSuspected,
        SuspectInformed: InformSuspect,
        SuspectedCardFiled: FileSuspectedCard,
        DiagnosisArranged: ArrangeDiagnosis,
        DiagnosisApplied: OpenByApplication,  # a later application may be put right as a first one
        DiagnosisWithdrawn: WithdrawDiagnosis,
        DataRequested: RequestEmployerData,
        EmployerUrged: UrgeEmployer,
        DataSupplied: SupplyData,
        SurveyRequested: RequestSurvey,
        SurveyOrganised: OrganiseSurvey,
        SurveyFinished: FinishSurvey,
        RulingRequested: RequestRuling,
        RulingGiven: GiveRuling,
        FileCompleted: CompleteFile,
        DiagnosisConcluded: Conclude,
        DiagnosisDelivered: Deliver,
        CardReported: ReportCard,
        AppraisalRequested: RequestAppraisal,
        AppraisalAccepted: AcceptAppraisal,
        FilesSent: SendFiles,
        AppraisalConcluded: ConcludeAppraisal,
        AppraisalDelivered: DeliverAppraisal,
    },
    undone_by={AroseIn: "事故案件的更正"},
    keys=keys,
)
