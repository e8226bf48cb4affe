"""Inspection 监督检查 (INS): what may be asked for, by whom, under which clause."""

from __future__ import annotations

from datetime import date

from domain.cases.inspection.events import (
    CancelGround,
    Mark,
    Measure,
    NoFiling,
    PenaltyOutcome,
    Point,
    RecusalGround,
    Violation,
)
from domain.cases.plan import Kind, Officer
from domain.decider import command


@command("inspection.open", "确定检查", clause="inspect-54", opens=True)
class OpenInspection:
    """Opens an inspection on its basis: a plan, tip, incident or escalated patrol, or a class.

    Without a basis it is refused (国办发〔2024〕54号). The acting unit leads. Random inspections
    are opened by the draw of their plan. A change of class names the method of the class; a data
    alert, its reference and what it says, for an off-site check.
    """

    kind: Kind
    employer: str
    township: str
    visit_by: date
    units: tuple[str, ...] = ()
    case_basis: str | None = None
    grade: str | None = None
    grade_before: str | None = None
    method: str | None = None
    alert: str | None = None
    alert_note: str | None = None


@command("inspection.recuse", "执法人员回避", clause="apl-43")
class RecuseOfficer:
    """A unit recuses an officer of its own, until its findings are recorded.

    If he was drawn, the next of his unit in the drawn order takes his place.
    """

    licence: str
    ground: RecusalGround
    reason: str


@command("inspection.visit", "入企检查", by=("lead",), clause="apl-55")
class MakeVisit:
    """Records a visit: two officers of every unit present, licences shown, a record made.

    It counts for each unit's yearly limit at this firm; beyond it `override` says why.
    """

    officers: tuple[Officer, ...]
    licences_shown: bool
    record: str
    override: str | None = None


@command("inspection.examine", "非现场检查", by=("lead",), clause="43-2.3.e")
class ExamineOffSite:
    """Records an off-site check; it takes no visit of the firm's yearly number."""

    officers: tuple[Officer, ...]
    material: str


@command("inspection.assist", "协助检查", by=("township",), clause="43-3.TS.5")
class AssistInspection:
    """The township helped on the spot; it takes no part in enforcement."""

    note: str


@command("inspection.end", "检查结束", by=("lead",), clause="publicity-118")
class EndInspection:
    """Ends the check; its result is published within twenty working days."""


@command("inspection.find", "记录检查结果", clause="43-2.3.f")
class RecordFindings:
    """Each unit records what it found itself; no violation means nothing was found."""

    violations: tuple[Violation, ...]
    note: str


@command("inspection.order", "责令改正", clause="apl-28")
class OrderCorrection:
    """Orders the firm to put violations right within the days the order sets.

    Only what the unit itself has power over. The days count from service where `served_on` gives
    its day, else from the order. What failed a re-inspection may be ordered again.
    """

    violations: tuple[Violation, ...]
    days: int
    served_on: date | None = None


@command("inspection.serve_order", "登记责令送达", clause="cpl-87")
class ServeOrder:
    """The order reached the firm: its days count from that day. The delivery of its letter
    records the same.

    `order` says which, where the unit has given more than one that is not served.
    """

    order: int | None = None


@command("inspection.report_rectified", "报告已改正", by=("employer",), clause="apl-28")
class ReportRectified:
    """The firm reports to the unit whose order it carried out, which re-inspects.

    `order` says which, where the unit has given more than one.
    """

    unit: str
    note: str
    order: int | None = None


@command("inspection.reinspect", "复查", clause="apl-28")
class Reinspect:
    """Re-inspects after the firm's report or after the last day of the order."""

    officers: tuple[Officer, ...]
    remaining: tuple[Violation, ...] = ()
    order: int | None = None


@command("inspection.file_case", "行政处罚立案", clause="apl-60")
class FilePenalty:
    """Files a penalty case for one act; the decision is due in ninety days (APL 60).

    One act of one firm is filed once: whoever files first has it (APL 25, 29).
    """

    violation: Violation


@command("inspection.decline_filing", "不予立案", clause="43-2.3.k")
class DeclineFiling:
    """Says why what a failed re-inspection left is not filed; the duty to file it ends."""

    violations: tuple[Violation, ...]
    ground: NoFiling
    note: str


@command("inspection.decide_penalty", "登记处理结果", clause="apl-60")
class DecidePenalty:
    """Records what came of a case this unit filed, by its document; the ninety days end."""

    violation: Violation
    outcome: PenaltyOutcome
    document: str


@command("inspection.take_up", "接收移送的问题", clause="43-2.3.k")
class TakeUpFinding:
    """The bureau in power takes up what another unit found: it orders here, acts otherwise, or
    says why there is nothing to do."""

    violations: tuple[Violation, ...]
    measure: Measure
    note: str


@command("inspection.publish", "公示检查结果", by=("lead",), clause="publicity-118")
class PublishResult:
    """Publishes the result once every unit has recorded its own.

    Where a unit's findings are overdue the lead publishes what is there: `override` says why.
    """

    override: str | None = None


@command("inspection.publish_follow_up", "公示复查结果", clause="publicity-118")
class PublishFollowUp:
    """Publishes that what a unit ordered was found put right; `order` says which order."""

    order: int = 1


@command("inspection.not_reached", "无法联系", by=("lead",), clause="publicity-118")
class RecordUnreachable:
    """The firm was not to be found; that too is a result and is published."""

    note: str


@command("inspection.cancel", "取消检查", by=("lead",), clause="inspect-54")
class CancelInspection:
    """Cancels an inspection that has not begun.

    A firm that was drawn is let go on a coded ground alone; that is published, and the office
    looks at it.
    """

    reason: str
    ground: CancelGround | None = None


@command("inspection.review_cancel", "核查取消理由", by=("LGO",), clause="43-2.3.a")
class ReviewCancellation:
    """The office has looked at why a firm that was drawn is not inspected."""

    note: str


@command("inspection.patrol", "协管员巡查", by=("lead",), clause="43-3.TS.4")
class Patrol:
    """The six-point form of a township's assistants; a problem sets a day of revisit."""

    point_declaration: Mark
    point_checkups: Mark
    point_testing: Mark
    point_contracts: Mark
    point_insurance: Mark
    point_project: Mark
    revisit_by: date | None = None


@command("inspection.revisit", "回访", by=("lead",), clause="43-3.TS.4")
class Revisit:
    """The assistants look again; what is still wrong is handed to the bureau in charge."""

    remaining: tuple[Point, ...] = ()


@command("inspection.escalate", "移交主管部门", by=("lead",), clause="43-3.TS.4")
class Escalate:
    """Hands what is still wrong to the bureau of each point; a township itself cannot order.

    A grave danger is handed over at once, without waiting for the revisit.
    """

    note: str
    grave: bool = False


Command = (
    OpenInspection
    | RecuseOfficer
    | MakeVisit
    | ExamineOffSite
    | AssistInspection
    | EndInspection
    | RecordFindings
    | OrderCorrection
    | ServeOrder
    | ReportRectified
    | Reinspect
    | FilePenalty
    | DeclineFiling
    | DecidePenalty
    | TakeUpFinding
    | PublishResult
    | PublishFollowUp
    | RecordUnreachable
    | CancelInspection
    | ReviewCancellation
    | Patrol
    | Revisit
    | Escalate
)
