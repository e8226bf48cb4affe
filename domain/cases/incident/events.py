"""Incidents 职业病危害事故 (INC): its facts, under the names they are stored by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Literal

from domain.events import SHANGHAI, event, field_names, fields_added, shown, terms
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
    "employer_report",
    "casualty_supplement",
    "radiation_form",
    "acknowledge",
    "source_search",
    "exhibits",
    "breach_handled",
    "refusal_accepted",
    "crime_considered",
    "institution_inspected",
]
Done = Literal[Duty, "not_done"]
"""What a unit reported done; that it was not, a correction alone says, and it is owed again."""
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
    "employer_report": "向应急局报告事故",
    "casualty_supplement": "补报伤亡变化",
    "radiation_form": "放射事故初始报告",
    "acknowledge": "知悉备查",
    "source_search": "追查丢失、被盗的放射源",
    "exhibits": "移交涉案物品",
    "breach_handled": "查处迟报、瞒报",
    "refusal_accepted": "不提请复议，接受不予立案",
    "crime_considered": "研究后认为不涉嫌犯罪",
    "institution_inspected": "检查发生放射事故的医疗卫生机构",
}
REASONED: Duty = "crime_considered"
"""Said with its reason: that nothing is to be done is no mere tick."""
SAID: tuple[Done, ...] = (
    *("employer_report", "acknowledge", "refusal_accepted", "crime_considered"),
    "not_done",
)
"""What reads as an act of its own, and not as a thing completed."""
DONE = "已完成"
terms(CAUSES)
terms(DUTIES)
terms({"not_done": "误记，实未完成"})
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


LEVELS: dict[Scale, dict[Level, str]] = {
    "work_safety": {"IV": "一般", "III": "较大", "II": "重大", "I": "特别重大"},
    "moh25": {"III": "一般", "II": "重大", "I": "特大"},
    "public_health": {"IV": "一般", "III": "较大", "II": "重大", "I": "特别重大"},
    "radiation_scale": {"IV": "一般", "III": "较大", "II": "重大", "I": "特别重大"},
}
"""How each scale calls its levels, from the least on; 原卫生部令第25号 knows three."""


def grade_of(scale: Scale, level: Level) -> str:
    return LEVELS[scale].get(level, f"{level}级")


def minute_of(day: date, minute: str | None) -> datetime | None:
    """A minute of a Shanghai day."""
    return datetime.combine(day, time.fromisoformat(minute), SHANGHAI) if minute else None


@event("incident.reported", "{employer}发生职业病危害事故（{cause}），在{township}", version=2)
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
    # Since version 2:
    accident_at: str | None = None  # the minute of that day, "14:20", where it is known
    told: str | None = None  # to whom it was reported
    in_hospital: bool = False  # it happened in that hospital itself
    injured: Annotated[int, RESTRICTED] = 0  # gravely, the poisoned apart
    irradiated: Annotated[int | None, RESTRICTED] = None
    grave: bool = False  # so many dead or gravely injured that a crime must be considered

    @property
    def happened_at(self) -> datetime | None:
        return minute_of(self.accident_on, self.accident_at)

    @property
    def source_user(self) -> str | None:
        """Who uses the source or the device, and reports what happened with it."""
        return self.hospital if self.in_hospital else self.employer

    @property
    def network_from(self) -> datetime | None:
        """Whom a hospital over-exposes itself it knows of from that minute; a patient it treats,
        and a threshold that deaths reach, from the report."""
        own = self.in_hospital and self.cause == "radiation_accident"
        return self.happened_at if own else None


@event("incident.told", "{unit}接报", version=2)
class UnitTold:
    """A unit was told; its own reporting clocks start at that minute."""

    unit: str
    # Since version 2:
    by: str | None = None
    received_at: str | None = None  # the minute the unit itself states
    pass_on: tuple[str, ...] = ()  # who of 卫健局 and the lead does not know of it yet

    @property
    def received(self) -> datetime | None:
        return datetime.fromisoformat(self.received_at) if self.received_at else None


@event("incident.lead_assigned", "{how}由{lead}牵头（暂定：{provisional}）", version=2)
class LeadAssigned:
    lead: str
    provisional: bool
    accident_on: date
    # Since version 2:
    begins: bool = False  # an investigation begins with it: the first, or under another law
    ruled_by: str | None = None
    grave: bool = False  # the first lead, of what was reported so grave

    def how(self, units: Mapping[str, str]) -> str:
        """Whoever reports or finds a cause does not name the lead by that."""
        return f"{shown(self.ruled_by, units)}裁定" if self.ruled_by else "依规则"


@event("incident.duty_done", "{who}{did}{because}", version=2)
class DutyDone:
    unit: str  # who did it; in version 1 the role in the case that it was owed by
    duty: Done
    note: str
    tasks: tuple[str, ...] = ()  # since version 2: what was owed and is done with it

    def who(self, units: Mapping[str, str]) -> str:
        roles = {"lead": "牵头单位", "township": "乡镇（街道）"}
        return roles.get(self.unit) or shown(self.unit, units)

    def did(self, units: Mapping[str, str]) -> str:
        return f"{'' if self.duty in SAID else '完成'}{shown(self.duty, units)}"

    @property
    def because(self) -> str:
        return f"：{self.note}" if self.duty == REASONED and self.note != DONE else ""


@event(
    "incident.casualties_changed", "伤亡变化：死亡{deaths}人，中毒{poisoned}人{others}", version=2
)
class CasualtiesChanged:
    deaths: int
    poisoned: int
    reportable: bool  # the threshold of network reporting is reached with this
    accident_on: date
    # Since version 2:
    injured: Annotated[int, RESTRICTED] = 0
    irradiated: Annotated[int | None, RESTRICTED] = None
    supplement: bool = False  # within the days in which a change is to be reported upward
    grave: bool = False  # with this so many that a crime must be considered

    @property
    def network_from(self) -> datetime | None:
        """As of the change."""
        return None

    @property
    def others(self) -> str:
        injured = f"，重伤{self.injured}人" if self.injured else ""
        return injured + (f"，超剂量照射{self.irradiated}人" if self.irradiated else "")


@event("incident.graded", "{scale}：{grade}{because}", version=2)
class IncidentGraded:
    scale: Scale
    level: Level
    reason: str | None = None  # since version 2: why above what the numbers alone demand

    @property
    def because(self) -> str:
        return f"；{self.reason}" if self.reason else ""

    @property
    def grade(self) -> str:
        return grade_of(self.scale, self.level)


@event("incident.control_imposed", "{unit}采取临时控制措施：{measure}")
class ControlImposed:
    unit: str
    measure: str


@event("incident.control_lifted", "{unit}解除临时控制措施{which}", version=2)
class ControlLifted:
    unit: str
    measure: str | None = None  # since version 2; none: all of the unit's

    @property
    def which(self) -> str:
        return f"：{self.measure}" if self.measure else ""


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


@event("incident.referral_decided", "{lead}负责人决定{whether}公安机关{because}", version=2)
class ReferralDecided:
    lead: str
    refer: bool
    reason: str | None = None  # since version 2

    @property
    def whether(self) -> str:
        return "移送" if self.refer else "不移送"

    @property
    def because(self) -> str:
        return f"；{self.reason}" if self.reason else ""


@event("incident.referred", "{lead}向公安局移送涉嫌犯罪案件", version=2)
class CrimeReferred:
    """The file, its list and the receipt went to 公安局."""

    lead: str
    received_on: date | None = None  # since version 2


@event("incident.referral_answered", "公安局{answer}", version=2)
class ReferralAnswered:
    answer: Answer
    # Since version 2:
    received_on: date | None = None
    final: bool = False  # upon reconsideration


@event("incident.handed_up", "移交上级{ordered}：{reason}", version=2)
class HandedUp:
    reason: str
    order: str | None = None  # since version 2: the superior's, by its number

    @property
    def ordered(self) -> str:
        return f"（依{self.order}）" if self.order else "（等级超出本县管辖）"


@event("incident.merged", "与另一件事故并案")
class IncidentMerged:
    into: str


@event("incident.absorbed", "另一件事故并入本件", version=3)
class IncidentAbsorbed:
    incident: str
    casualties: Annotated[tuple[str, ...], RESTRICTED] = ()  # since version 2: known there alone
    employer_reported: bool = False  # since version 3: to 应急管理局, in that one


@event("incident.verified", "{unit}核实为职业病危害事故")
class IncidentVerified:
    unit: str


@event("incident.rejected", "{unit}核实不属于职业病危害事故：{reason}")
class IncidentRejected:
    """Found not to be one; what rests on it is told and looks again."""

    unit: str
    reason: str


@event("incident.cause_found", "查明原因：{cause}{because}", version=2)
class CauseFound:
    cause: Cause
    reportable: bool  # the threshold of network reporting is reached with this
    # Since version 2:
    was: Cause | None = None
    reason: str | None = None
    source_user: str | None = None

    @property
    def because(self) -> str:
        return f"；{self.reason}" if self.reason else ""

    @property
    def happened_at(self) -> datetime | None:
        """Nobody owed it before the cause was known: its clock starts with this."""
        return None

    network_from = happened_at

    @property
    def received(self) -> datetime | None:
        """As of the minute it was told of."""
        return None


@event("incident.lead_disputed", "{unit}认为应由本单位牵头：{reason}")
class LeadDisputed:
    """Two bureaus claim the lead; 领导小组 rules on it. 43-4.1.a."""

    unit: str
    reason: str


@event("incident.casualty_identified", "确认一名劳动者{harm}", version=2)
class CasualtyIdentified:
    """One worker harmed: his injury case opens, and a suspected case where a hospital says so."""

    subject: Annotated[str, RESTRICTED]
    harm: Annotated[Harm, RESTRICTED]
    hazard: Annotated[str | None, RESTRICTED]  # suspected of an occupational disease from this
    hospital: str | None
    worker_name: SealedText | None
    inspect: bool = False  # since version 2: the first over-exposed in the hospital itself


@event("incident.breach_found", "{unit}查明{party}{breach}事故")
class ReportingBreachFound:
    """A late or hidden report is itself a violation. ODL 72(7); 生产安全事故报告条例 35, 36."""

    unit: str
    party: str
    breach: Breach


@event("incident.source_missing", "放射源{how}")
class SourceMissing:
    how: Missing


@event("incident.power_exceeded", "{scale}定为{grade}，超出本县管辖")
class PowerExceeded:
    """A grade whose investigation is not the county's: it is to be handed up."""

    lead: str
    scale: Scale
    level: Level

    @property
    def grade(self) -> str:
        return grade_of(self.scale, self.level)


@event("incident.exhibits_kept", "涉案物品待移交公安局")
class ExhibitsKept:
    lead: str


@event("incident.refusal_disputed", "{lead}对不予立案提请公安局复议", version=2)
class RefusalDisputed:
    lead: str
    received_on: date | None = None  # since version 2


@event("incident.unmerged", "与并入的事故分开，由{lead}另行调查：{reason}", version=3)
class IncidentUnmerged:
    parted_from: str
    lead: str
    accident_on: date
    reason: str
    # Since version 2:
    accident_at: str | None = None
    source_user: str | None = None
    received_on: date | None = None  # its report, where it was submitted before
    employer_reported: bool = False  # since version 3: to 应急管理局, before the merger

    @property
    def happened_at(self) -> datetime | None:
        return minute_of(self.accident_on, self.accident_at)

    @property
    def received(self) -> datetime | None:
        """What was not yet reported is owed anew from here."""
        return None

    network_from = received


@event("incident.parted", "此前并入的一件事故分出", version=2)
class IncidentParted:
    incident: str
    casualties: Annotated[tuple[str, ...], RESTRICTED] = ()  # since version 2: they go with it


@event("incident.closed", "结案")
class IncidentClosed:
    note: str


for _name in (
    *("reported", "told", "lead_assigned", "duty_done", "casualties_changed", "graded"),
    *("control_lifted", "referral_decided", "referred", "referral_answered", "handed_up"),
    *("absorbed", "cause_found", "casualty_identified", "refusal_disputed", "unmerged", "parted"),
):
    fields_added(f"incident.{_name}", 1)
for _name in ("absorbed", "unmerged"):
    fields_added(f"incident.{_name}", 2)


field_names(
    "incident",
    {
        "cause": "原因",
        "duty": "职责",
        "tasks": "据以办结的事项",
        "accident_on": "事故发生日",
        "accident_at": "事故发生时刻",
        "hospital": "医疗机构",
        "deaths": "死亡人数",
        "poisoned": "急性中毒人数",
        "reportable": "是否达到网络直报标准",
        "told": "所报告的部门",
        "in_hospital": "是否发生在该医疗机构内",
        "injured": "重伤人数",
        "irradiated": "受照射人数",
        "grave": "是否重大伤亡",
        "by": "由谁告知",
        "received_at": "收到时刻",
        "pass_on": "还须告知的单位",
        "supplement": "是否须补报",
        "employer_reported": "用人单位是否已报告应急局",
        "scale": "定级尺度",
        "level": "事故等级",
        "measure": "控制措施",
        "members": "调查组成员",
        "refer": "是否移送",
        "answer": "答复",
        "final": "是否复议后的最终答复",
        "order": "上级决定文号",
        "was": "原原因",
        "source_user": "放射源使用单位",
        "harm": "伤害情形",
        "inspect": "是否须检查医疗机构",
        "breach": "违法行为",
        "how": "丢失情形",
    },
)

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
