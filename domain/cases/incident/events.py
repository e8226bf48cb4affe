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
    "source_search",
    "exhibits",
    "breach_handled",
    "refusal_accepted",
]
Scale = Literal["work_safety", "moh25", "public_health", "radiation_scale"]
Level = Literal["I", "II", "III", "IV"]
Answer = Literal["psb_filed", "psb_refused"]
Harm = Literal["killed", "injured", "acutely_poisoned", "over_exposed"]
Breach = Literal["reported_late", "concealed", "falsely_reported"]
Missing = Literal["source_lost", "source_stolen"]

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
    "source_search": "追查丢失、被盗的放射源",
    "exhibits": "移交涉案物品",
    "breach_handled": "查处迟报、瞒报",
    "refusal_accepted": "不提请复议，接受不予立案",
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
terms(
    {
        "killed": "死亡",
        "injured": "受伤",
        "acutely_poisoned": "急性中毒",
        "over_exposed": "超剂量照射",
    }
)
terms({"reported_late": "迟报", "concealed": "瞒报", "falsely_reported": "谎报、漏报"})
terms({"source_lost": "丢失", "source_stolen": "被盗"})


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


@event("incident.verified", "{unit}核实为职业病危害事故")
class IncidentVerified:
    unit: str


@event("incident.rejected", "{unit}核实不属于职业病危害事故：{reason}")
class IncidentRejected:
    """Found not to be one; what rests on it is told and looks again."""

    unit: str
    reason: str


@event("incident.cause_found", "查明原因：{cause}")
class CauseFound:
    cause: Cause
    reportable: bool  # the threshold of network reporting is reached with this


@event("incident.lead_disputed", "{unit}认为应由本单位牵头：{reason}")
class LeadDisputed:
    """Two bureaus claim the lead; 领导小组 rules on it. 43-4.1.a."""

    unit: str
    reason: str


@event("incident.casualty_identified", "确认一名劳动者{harm}")
class CasualtyIdentified:
    """One worker harmed: his injury case opens, and a suspected case where a hospital says so."""

    subject: Annotated[str, RESTRICTED]
    harm: Annotated[Harm, RESTRICTED]
    hazard: Annotated[str | None, RESTRICTED]  # suspected of an occupational disease from this
    hospital: str | None
    worker_name: SealedText | None


@event("incident.breach_found", "{unit}查明{party}{breach}事故")
class ReportingBreachFound:
    """A late or hidden report is itself a violation. ODL 72(7); 生产安全事故报告条例 35, 36."""

    unit: str
    party: str
    breach: Breach


@event("incident.source_missing", "放射源{how}")
class SourceMissing:
    how: Missing


@event("incident.power_exceeded", "{scale}定为{level}级，超出本县管辖")
class PowerExceeded:
    """A grade whose investigation is not the county's: it is to be handed up."""

    lead: str
    scale: Scale
    level: Level


@event("incident.exhibits_kept", "涉案物品待移交公安局")
class ExhibitsKept:
    lead: str


@event("incident.refusal_disputed", "{lead}对不予立案提请公安局复议")
class RefusalDisputed:
    lead: str


@event("incident.unmerged", "与并入的事故分开，由{lead}另行调查：{reason}")
class IncidentUnmerged:
    parted_from: str
    lead: str
    accident_on: date
    reason: str


@event("incident.parted", "此前并入的一件事故分出")
class IncidentParted:
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
    | IncidentVerified
    | IncidentRejected
    | CauseFound
    | LeadDisputed
    | CasualtyIdentified
    | ReportingBreachFound
    | SourceMissing
    | PowerExceeded
    | ExhibitsKept
    | RefusalDisputed
    | IncidentUnmerged
    | IncidentParted
)
