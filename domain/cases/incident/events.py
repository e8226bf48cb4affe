"""Incidents 职业病危害事故 (INC): its facts, under the names they are stored by."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from domain.events import event, terms
from domain.sealing import RESTRICTED, SealedText

Cause = Literal["acute_poisoning", "other_sudden", "radiation_accident", "chronic", "unknown_cause"]
Duty = Literal[
    "rescue",
    "assist",
    "relay",
    "record",
    "investigator",
    "upward_report",
    "six_hour_report",
    "network_report",
    "casualty_supplement",
    "radiation_form",
    "acknowledge",
]
Scale = Literal["work_safety", "moh25", "public_health", "radiation_scale"]
Level = Literal["I", "II", "III", "IV"]
Answer = Literal["psb_filed", "psb_refused"]

CAUSES: dict[Cause, str] = {
    "acute_poisoning": "急性职业中毒",
    "other_sudden": "其他突发事故",
    "radiation_accident": "放射事故",
    "chronic": "慢性危害",
    "unknown_cause": "原因不明",
}
DUTIES: dict[Duty, str] = {
    "rescue": "医疗救援与应急控制",
    "assist": "属地协助",
    "relay": "信息报送",
    "record": "备案",
    "investigator": "指派调查组成员",
    "upward_report": "逐级上报",
    "six_hour_report": "六小时报告",
    "network_report": "网络直报",
    "casualty_supplement": "补报伤亡变化",
    "radiation_form": "放射事故初始报告",
    "acknowledge": "知悉备查",
}
terms(CAUSES)
terms(DUTIES)
terms(
    {
        "work_safety": "生产安全事故等级",
        "moh25": "职业病危害事故等级",
        "public_health": "突发公共卫生事件等级",
        "radiation_scale": "辐射事故等级",
    }
)
terms({"psb_filed": "予以立案", "psb_refused": "不予立案"})


@event("incident.reported", "{employer}发生职业病危害事故（{cause}），在{township}")
class IncidentReported:
    """An incident came to be known. When it was told to whom stands in `incident.told`."""

    employer: str
    township: str
    cause: Cause
    accident_on: date  # what the accident itself starts, counts from here
    hospital: str | None
    deaths: int
    poisoned: Annotated[int, RESTRICTED]
    reportable: bool  # the threshold of network reporting is reached with this
    subject: str
    account: SealedText | None


@event("incident.told", "{unit}接报")
class UnitTold:
    """A unit was told; its own reporting clocks start at that minute."""

    unit: str


@event("incident.lead_assigned", "由{lead}牵头（暂定：{provisional}）")
class LeadAssigned:
    lead: str
    provisional: bool
    accident_on: date


@event("incident.duty_done", "{unit}完成{duty}")
class DutyDone:
    unit: str
    duty: Duty
    note: str


@event("incident.casualties_changed", "伤亡变化：死亡{deaths}人，中毒{poisoned}人")
class CasualtiesChanged:
    deaths: int
    poisoned: int
    reportable: bool  # the threshold of network reporting is reached with this
    accident_on: date


@event("incident.graded", "{scale}：{level}级")
class IncidentGraded:
    scale: Scale
    level: Level


@event("incident.control_imposed", "{unit}采取临时控制措施：{measure}")
class ControlImposed:
    unit: str
    measure: str


@event("incident.control_lifted", "{unit}解除临时控制措施")
class ControlLifted:
    unit: str


@event("incident.team_formed", "成立调查组：{members}")
class TeamFormed:
    members: tuple[str, ...]


@event("incident.report_submitted", "{lead}提交调查报告")
class ReportSubmitted:
    lead: str
    received_on: date | None = None


@event("incident.report_approved", "县政府批复调查报告")
class ReportApproved:
    lead: str


@event("incident.rectification_evaluated", "{lead}评估整改落实情况")
class RectificationEvaluated:
    lead: str


@event("incident.crime_suspected", "调查组认为涉嫌犯罪")
class CrimeSuspected:
    lead: str


@event("incident.referral_decided", "{lead}负责人决定移送公安机关：{refer}")
class ReferralDecided:
    lead: str
    refer: bool


@event("incident.referred", "{lead}向公安局移送涉嫌犯罪案件")
class CrimeReferred:
    """The file, its list and the receipt went to 公安局."""

    lead: str


@event("incident.referral_answered", "公安局{answer}")
class ReferralAnswered:
    answer: Answer


@event("incident.handed_up", "等级超出本县管辖，移交上级：{reason}")
class HandedUp:
    reason: str


@event("incident.merged", "与另一件事故并案")
class IncidentMerged:
    into: str


@event("incident.absorbed", "另一件事故并入本件")
class IncidentAbsorbed:
    incident: str


@event("incident.closed", "结案")
class IncidentClosed:
    note: str


Event = (
    IncidentReported
    | UnitTold
    | LeadAssigned
    | DutyDone
    | CasualtiesChanged
    | IncidentGraded
    | ControlImposed
    | ControlLifted
    | TeamFormed
    | ReportSubmitted
    | ReportApproved
    | RectificationEvaluated
    | CrimeSuspected
    | ReferralDecided
    | CrimeReferred
    | ReferralAnswered
    | HandedUp
    | IncidentMerged
    | IncidentAbsorbed
    | IncidentClosed
)
