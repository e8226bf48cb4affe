"""Diagnosis 职业病诊断 (DX): its facts, under the names they are stored by."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from domain.events import Payload, event, field_names, terms, upcaster
from domain.sealing import RESTRICTED, SealedText

PartyRole = Literal["worker", "employer"]
Level = Literal["first", "final"]
Result = Literal["od", "not_od"]
RulingGround = Literal["disputed_data", "employer_gone", "data_withheld"]
ArbitrationOutcome = Literal["awarded", "refused", "withdrawn"]
Locality = Literal["employer_seat", "household", "habitual_residence"]

RESULTS: dict[Result, str] = {"od": "职业病", "not_od": "非职业病"}
RULING_GROUNDS: dict[RulingGround, str] = {
    "disputed_data": "对用人单位资料有异议",
    "employer_gone": "用人单位解散、破产，无用人单位提供资料",
    "data_withheld": "用人单位不提供资料",
}
LEVELS: dict[Level, str] = {"first": "首次", "final": "最终"}
OUTCOMES: dict[ArbitrationOutcome, str] = {
    "awarded": "已裁决",
    "refused": "不予受理",
    "withdrawn": "已撤回",
}
for _words in (RESULTS, RULING_GROUNDS, LEVELS, OUTCOMES):
    terms(_words)
# Corrections name the catalogue a conclusion was made under by its id.
terms({"catalogue-2013": "2013年版职业病分类和目录", "catalogue-2024": "2024年版职业病分类和目录"})


def said(result: Result, disease: str | None, stage: str | None) -> str:
    """A conclusion in words: the disease and stage only where there is one."""
    named = f"{disease or ''}{stage or ''}"
    return f"{RESULTS[result]}（{named}）" if named else RESULTS[result]


@event("diagnosis.suspected_reported", "{reporter}报告疑似职业病病人（{hazard}）")
class SuspectedReported:
    """A check-up or medical institution, or the employer, found a suspected patient. ODL 50, 55."""

    subject: Annotated[str, RESTRICTED]
    reporter: str
    employer: str
    hazard: Annotated[str, RESTRICTED]
    worker_name: SealedText | None = None
    worker_id: SealedText | None = None


@event("diagnosis.arose_in", "在一起职业病危害事故中发现")
class AroseIn:
    """The incident in which the worker was harmed."""

    incident: str


@event("diagnosis.suspect_informed", "书面告知{party}疑似职业病情况")
class SuspectInformed:
    """Worker or employer was told of the suspicion. ODL 55."""

    party: PartyRole


@event("diagnosis.suspected_card_filed", "网络报告疑似职业病报告卡")
class SuspectedCardFiled:
    """The suspected-case card was filed on the network."""


@event("diagnosis.applied", "劳动者向{institution}申请职业病诊断（{hazard}）")
class DiagnosisApplied:
    """The worker asked an institution for diagnosis; may itself open the case. ODL 43, 44."""

    subject: Annotated[str, RESTRICTED]
    institution: str
    employer: str
    hazard: Annotated[str, RESTRICTED]
    locality: Locality
    worker_name: SealedText | None = None
    worker_id: SealedText | None = None
    account: SealedText | None = None


@event("diagnosis.withdrawn", "劳动者撤回诊断申请：{reason}")
class DiagnosisWithdrawn:
    reason: str


@event("diagnosis.data_requested", "诊断机构书面通知用人单位提供诊断资料：{items}")
class DataRequested:
    """The institution asked the employer for work and exposure history, tests. ODL 47."""

    items: tuple[str, ...]


@event("diagnosis.employer_urged", "卫健局督促用人单位提供诊断资料：{note}")
class EmployerUrged:
    """卫健局 urged a silent employer. ODL 47, 48."""

    note: str


@event("diagnosis.data_supplied", "用人单位提供诊断资料（{dispute}）")
class DataSupplied:
    """The employer handed its data in, and what of the worker's account it disputes."""

    disputed: str | None = None

    @property
    def dispute(self) -> str:
        return f"争议事项：{self.disputed}" if self.disputed else "无争议"


@event("diagnosis.survey_requested", "诊断机构提请卫健局组织现场调查：{matter}")
class SurveyRequested:
    """ODL 47: the institution asks 卫健局 for a survey of the workplace."""

    matter: str
    received_on: date | None = None


@event("diagnosis.survey_organised", "卫健局已组织现场调查")
class SurveyOrganised:
    pass


@event("diagnosis.survey_finished", "现场调查完成：{finding}")
class SurveyFinished:
    finding: str


@event("diagnosis.ruling_requested", "诊断机构提请卫健局作出判定（{ground}）")
class RulingRequested:
    """Disputed data, or nobody left to supply them: 卫健局 rules, the diagnosis waits. ODL 48."""

    ground: RulingGround
    received_on: date | None = None


@event("diagnosis.ruling_given", "卫健局作出判定：{finding}（依据：{basis}）", version=2)
class RulingGiven:
    finding: str
    basis: str  # since version 2: what the ruling rests on


@upcaster("diagnosis.ruling_given", 1)
def _ruling_without_basis(payload: Payload) -> Payload:
    return {**payload, "basis": "未载明"}


@event("diagnosis.arbitration_filed", "因{matter}争议已申请劳动仲裁，等待裁决")
class ArbitrationFiled:
    """A linked arbitration was opened; history is not fixed until it ends. ODL 49."""

    arbitration: str
    matter: str


@event("diagnosis.arbitration_concluded", "劳动仲裁终结（{outcome}）")
class ArbitrationConcluded:
    arbitration: str
    outcome: ArbitrationOutcome


@event("diagnosis.employer_sued", "用人单位就仲裁裁决向法院起诉")
class EmployerSued:
    """ODL 49: the employer's suit, only after diagnosis and appraisal have ended."""

    arbitration: str


@event("diagnosis.file_completed", "诊断资料齐全：{basis}")
class FileCompleted:
    """From here the 30 days for the conclusion run. O6 20."""

    basis: str


@event("diagnosis.arranged", "安排疑似职业病病人到{institution}诊断")
class DiagnosisArranged:
    """The employer sent, or offered to send, the suspected patient for diagnosis. ODL 55."""

    institution: str


@event("diagnosis.concluded", "{institution}作出诊断结论：{said}")
class DiagnosisConcluded:
    """The certificate 职业病诊断证明书, under the catalogue in force on its day. ODL 46."""

    institution: str
    result: Annotated[Result, RESTRICTED]
    disease: Annotated[str | None, RESTRICTED] = None
    stage: Annotated[str | None, RESTRICTED] = None
    catalogue: str
    certificate: str
    reason: SealedText | None = None
    subject: Annotated[str, RESTRICTED]

    @property
    def said(self) -> str:
        return said(self.result, self.disease, self.stage)


@event("diagnosis.delivered", "诊断证明书送达{party}")
class DiagnosisDelivered:
    """One party received the certificate; its window to ask appraisal opens. O6 32, 34."""

    party: PartyRole


@event("diagnosis.card_reported", "网络报告职业病报告卡")
class CardReported:
    pass


@event("diagnosis.appraisal_requested", "{party}申请{level}鉴定")
class AppraisalRequested:
    """A party disputes the conclusion. ODL 52; O6 34, 35."""

    level: Level
    party: PartyRole
    office: str
    received_on: date | None = None


@event("diagnosis.appraisal_accepted", "鉴定办事机构受理{level}鉴定")
class AppraisalAccepted:
    level: Level


@event("diagnosis.files_sent", "{sender}移送鉴定资料")
class FilesSent:
    level: Level
    sender: str


@event("diagnosis.appraisal_concluded", "{level}鉴定结论：{said}，专家{panel}人", version=2)
class AppraisalConcluded:
    """The panel's certificate 诊断鉴定书. O6 42."""

    level: Level
    result: Annotated[Result, RESTRICTED]
    disease: Annotated[str | None, RESTRICTED] = None
    stage: Annotated[str | None, RESTRICTED] = None
    catalogue: str
    panel: int
    # Since version 2: the result this one takes the place of.
    was: Annotated[Result | None, RESTRICTED] = None

    @property
    def said(self) -> str:
        return said(self.result, self.disease, self.stage)


@upcaster("diagnosis.appraisal_concluded", 1)
def _appraised_from_what(payload: Payload) -> Payload:
    return {**payload, "was": None}


@event("diagnosis.appraisal_delivered", "{level}鉴定书送达{party}")
class AppraisalDelivered:
    level: Level
    party: PartyRole


field_names(
    "diagnosis",
    {
        "reporter": "报告单位",
        "institution": "诊断机构",
        "locality": "受理地",
        "items": "所缺资料",
        "disputed": "有异议的资料",
        "matter": "争议事项",
        "basis": "依据",
        "arbitration": "仲裁案件",
        "result": "结论",
        "disease": "病名",
        "stage": "期别",
        "catalogue": "病种目录",
        "certificate": "证书编号",
        "level": "鉴定级别",
        "office": "鉴定办事机构",
        "sender": "移送机构",
        "panel": "专家人数",
        "was": "原结论",
    },
)

Event = (
    SuspectedReported
    | SuspectInformed
    | SuspectedCardFiled
    | DiagnosisArranged
    | DiagnosisApplied
    | DiagnosisWithdrawn
    | DataRequested
    | EmployerUrged
    | DataSupplied
    | SurveyRequested
    | SurveyOrganised
    | SurveyFinished
    | RulingRequested
    | RulingGiven
    | ArbitrationFiled
    | ArbitrationConcluded
    | EmployerSued
    | FileCompleted
    | DiagnosisConcluded
    | DiagnosisDelivered
    | CardReported
    | AppraisalRequested
    | AppraisalAccepted
    | FilesSent
    | AppraisalConcluded
    | AppraisalDelivered
    | AroseIn
)
