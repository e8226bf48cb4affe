"""Incidents 职业病危害事故 (INC): what can be asked for, by whom, under which clause."""

from __future__ import annotations

from datetime import date

from domain.cases.incident.events import (
    Answer,
    Breach,
    Cause,
    Duty,
    Harm,
    Level,
    Missing,
    Scale,
)
from domain.decider import command
from domain.sealing import SealedText


@command("incident.report", "报告事故", clause="odl-37", opens=True)
class ReportIncident:
    """Reports an incident to a unit, whose clocks start at that minute; the cause names a lead."""

    employer: str
    township: str
    cause: Cause
    accident_on: date
    told: str
    subject: str
    hospital: str | None = None
    deaths: int = 0
    poisoned: int = 0
    account: SealedText | None = None
    accident_at: str | None = None  # the minute of that day, "14:20"
    in_hospital: bool | None = None  # unsaid: a radiation accident that a hospital itself reports
    injured: int = 0  # gravely, the poisoned apart
    irradiated: int | None = None


@command("incident.tell", "通报另一单位", clause="odl-37")
class TellUnit:
    """Tells another unit, from which minute its own reporting clocks run."""

    unit: str


@command("incident.verify", "核实事故", by=("lead", "HB"), clause="odl-37")
class VerifyIncident:
    """What was reported is an incident of occupational hazard."""


@command("incident.reject", "认定不属于事故", by=("lead", "HB"), clause="odl-37")
class RejectIncident:
    """It is none: its duties end, and the cases that rest on it are told to look again."""

    reason: str


@command("incident.find_cause", "查明原因、变更牵头", by=("lead", "LG", "JC"), clause="43-3.EMB")
class FindCause:
    """The cause as found names the lead anew; not one that was ruled, unless it is radiation.

    That an accident is none of radiation only 生态环境局 finds, with its reason.
    """

    cause: Cause
    reason: str | None = None


@command("incident.dispute_lead", "主张由本单位牵头", clause="43-3.ALL")
class DisputeLead:
    """Claims the lead; 领导小组 rules. Radiation is 生态环境局's by law and is not disputed."""

    reason: str


@command("incident.rule_lead", "裁定牵头单位", by=("LG", "JC"), clause="43-4.1.a")
class RuleLead:
    """领导小组 names the lead where two bureaus claim it; the clock counts from the accident."""

    lead: str
    reason: str


@command(
    "incident.identify_casualty",
    "确认受害劳动者",
    by=("lead", "HB", "EMB", "hospital"),
    clause="wir-17",
)
class IdentifyCasualty:
    """One worker harmed: his injury case opens, counted from the accident (WIR 17).

    Where a hospital suspects an occupational disease from `hazard`, its suspected case opens too.
    """

    subject: str
    harm: Harm
    hazard: str | None = None
    worker_name: SealedText | None = None


@command("incident.find_breach", "查明迟报、瞒报", by=("lead", "HB", "EMB", "EEB"), clause="odl-72")
class FindReportingBreach:
    """A late or hidden report is a violation of its own; whoever finds it deals with it."""

    breach: Breach
    party: str | None = None


@command("incident.report_source", "报告放射源丢失、被盗", clause="radiation-42")
class ReportMissingSource:
    """公安局 searches and investigates."""

    how: Missing


@command("incident.do", "完成应急或报告职责", clause="43-3.ALL")
class DoDuty:
    """Reports one of the unit's own duties done.

    Recorded by mistake, it is corrected: with `not_done` as its duty, what was owed is open again,
    by its own day.
    """

    duty: Duty
    note: str = "已完成"


@command(
    "incident.change_casualties",
    "报告伤亡变化",
    by=("lead", "hospital", "HB", "EMB", "EEB", "employer", "township"),
    clause="safety-13",
)
class ChangeCasualties:
    """The numbers changed: reported upward within thirty days of the accident. From one death or
    ten poisoned on a hospital reports an acute poisoning by network."""

    deaths: int
    poisoned: int
    injured: int | None = None  # gravely, the poisoned apart; unsaid: as before
    irradiated: int | None = None


@command("incident.grade", "定级", by=("lead",), clause="43-3.EMB")
class GradeIncident:
    """Grades by one of four independent scales, never below what the numbers on record demand;
    the radiation scale is 生态环境局's alone."""

    scale: Scale
    level: Level


@command("incident.impose_control", "采取临时控制措施", by=("HB", "EEB"), clause="odl-64")
class ImposeControl:
    """Stops work, seals material or equipment until the danger is over."""

    measure: str


@command("incident.lift_control", "解除临时控制措施", by=("HB", "EEB"), clause="odl-64")
class LiftControl:
    """Owed as soon as the danger is over, by whoever imposed the control; unsaid: all of them."""

    measure: str | None = None


@command("incident.form_team", "成立调查组", by=("lead",), clause="union-27")
class FormTeam:
    """Forms the investigation team, the lead in it; without a member of the union there is none."""

    members: tuple[str, ...]


@command("incident.submit_report", "提交调查报告", by=("lead",), clause="safety-29")
class SubmitReport:
    """Submits the report to the county government."""

    received_on: date | None = None


@command("incident.approve_report", "批复调查报告", by=("CGO",), clause="safety-32")
class ApproveReport:
    """The county government's approval; rectification is evaluated within a year."""


@command("incident.evaluate", "评估整改", by=("lead",), clause="safety-32")
class EvaluateRectification:
    """The evaluation of what was rectified."""


@command("incident.suspect_crime", "认为涉嫌犯罪", by=("lead",), clause="referral-5")
class SuspectCrime:
    """The head of the unit decides on a referral in three days; a fine never replaces it."""


@command("incident.decide_referral", "决定是否移送", by=("lead",), clause="referral-5")
class DecideReferral:
    """Approved, the file goes to 公安局 within twenty-four hours; a refusal gives its reason."""

    refer: bool
    reason: str | None = None


@command("incident.refer", "移送涉嫌犯罪案件", by=("lead",), clause="referral-5")
class ReferCrime:
    """Hands over the file; 公安局 reviews it in three days. What is kept back as exhibits follows
    within three days of its filing the case."""

    exhibits: bool = False
    received_on: date | None = None


@command("incident.answer_referral", "答复移送", by=("PSB",), clause="referral-8")
class AnswerReferral:
    """公安局 files the case or refuses to."""

    answer: Answer
    received_on: date | None = None


@command("incident.dispute_refusal", "对不予立案提请复议", by=("lead",), clause="referral-9")
class DisputeRefusal:
    """Within three days of the refusal, once; 公安局 answers in three days."""

    received_on: date | None = None


@command("incident.hand_up", "移交上级", by=("lead",), clause="safety-29")
class HandUp:
    """A grade beyond the county's power, or the written order of a superior who takes it over."""

    reason: str
    order: str | None = None


@command("incident.merge", "并案", by=("lead", "LGO", "LG"), clause="43-3.ALL")
class MergeIncident:
    """The same incident of a firm, reported twice, goes on as one: by the lead of both, or by
    领导小组 or its office where two bureaus lead."""

    case_main: str


@command("incident.unmerge", "分案", by=("lead", "LG"), clause="43-3.ALL")
class UnmergeIncident:
    """Undoes a merger: it was another incident, and is investigated by itself again."""

    reason: str


@command("incident.close", "结案", by=("lead",), clause="43-3.ALL")
class CloseIncident:
    """Only when rectification is evaluated and no control is left."""

    note: str


Command = (
    ReportIncident
    | TellUnit
    | FindCause
    | DoDuty
    | ChangeCasualties
    | GradeIncident
    | ImposeControl
    | LiftControl
    | FormTeam
    | SubmitReport
    | ApproveReport
    | EvaluateRectification
    | SuspectCrime
    | DecideReferral
    | ReferCrime
    | AnswerReferral
    | HandUp
    | MergeIncident
    | CloseIncident
    | VerifyIncident
    | RejectIncident
    | DisputeLead
    | RuleLead
    | IdentifyCasualty
    | FindReportingBreach
    | ReportMissingSource
    | DisputeRefusal
    | UnmergeIncident
)
