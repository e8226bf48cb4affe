"""Inspection 监督检查 (INS): every fact an inspection or a patrol can record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from domain.cases.plan import Kind, Officer
from domain.events import event, field_names, fields_added, shown, terms
from domain.sealing import RESTRICTED

Ground = Literal["plan", "tip", "incident", "patrol", "class_change", "data_alert"]

Violation = Literal[
    "undeclared",
    "untested",
    "unchecked",
    "over_limit",
    "ppe_missing",
    "no_project_steps",
    "not_informed",
    "no_management",
    "no_labour_contract",
    "not_insured",
    "chemical_unsafe",
    "waste_misplaced",
]
VIOLATIONS: dict[Violation, str] = {
    "undeclared": "未申报职业病危害项目",
    "untested": "未按规定检测评价",
    "unchecked": "未组织职业健康检查",
    "over_limit": "危害因素浓度或强度超过标准",
    "ppe_missing": "未提供或未督促使用个人防护用品",
    "no_project_steps": "未履行建设项目“三同时”",
    "not_informed": "未在劳动合同中告知职业病危害",
    "no_management": "未建立职业卫生管理机构或制度",
    "no_labour_contract": "未订立书面劳动合同",
    "not_insured": "未参加工伤保险",
    "chemical_unsafe": "危险化学品使用储存不符合安全要求",
    "waste_misplaced": "危险废物贮存处置不符合要求",
}
terms(VIOLATIONS)

Point = Literal[
    "point_declaration",
    "point_checkups",
    "point_testing",
    "point_contracts",
    "point_insurance",
    "point_project",
]
POINTS: dict[Point, str] = {
    "point_declaration": "申报",
    "point_checkups": "体检",
    "point_testing": "检测",
    "point_contracts": "劳动合同",
    "point_insurance": "工伤保险",
    "point_project": "三同时",
}
terms(POINTS)
Mark = Literal["mark_ok", "mark_problem", "mark_na"]
terms({"mark_ok": "符合", "mark_problem": "有问题", "mark_na": "不适用"})

NoFiling = Literal["act_held", "limitation_over", "minor_put_right", "firm_ended", "act_unproven"]
terms(
    {
        "act_held": "已由他单位立案",
        "limitation_over": "超过追责时效",
        "minor_put_right": "轻微并已改正",
        "firm_ended": "企业已终止",
        "act_unproven": "证据不足",
    }
)
PenaltyOutcome = Literal["fined", "no_penalty", "dismissed", "referred"]
terms({"fined": "罚款", "no_penalty": "不予处罚", "dismissed": "撤销案件", "referred": "移送"})
RecusalGround = Literal["direct_interest", "near_relative", "other_relation", "cannot_come"]
terms(
    {
        "direct_interest": "与案件有直接利害关系",
        "near_relative": "近亲属任职或持股",
        "other_relation": "有其他关系可能影响公正",
        "cannot_come": "因病或公务不能到场",
    }
)
CancelGround = Literal["firm_closed", "checked_already", "ordered_above", "opened_wrongly"]
terms(
    {
        "firm_closed": "企业已注销或停产",
        "checked_already": "已并入其他检查",
        "ordered_above": "上级另有安排",
        "opened_wrongly": "误立",
    }
)
Measure = Literal["take_order", "take_own_case", "take_nothing"]
terms(
    {
        "take_order": "在本次检查中责令改正",
        "take_own_case": "依本单位程序另行办理",
        "take_nothing": "经核实无须办理",
    }
)


@event(
    "inspection.opened",
    "确定检查（{kind}）：{employer}，依据{rests_on}，由{units}进行，最迟{visit_by}完成",
)
class InspectionOpened:
    """An inspection of one firm, with the basis without which there is none."""

    kind: Kind
    lead: str
    units: tuple[str, ...]  # the lead first
    employer: str
    township: str
    visit_by: date
    # The firm is a party: what is told everybody does not say that somebody complained of it.
    ground: Annotated[Ground, RESTRICTED]
    basis: Annotated[str | None, RESTRICTED]  # plan, tip, incident or patrol; else none
    basis_told: Annotated[str, RESTRICTED]
    grade: str | None  # a class never stands without the method it was given by
    grade_before: str | None
    method: str | None
    officers: tuple[Officer, ...]  # as drawn; none where nothing was drawn

    @property
    def rests_on(self) -> str:
        """A tip reads as an incident or a hand-over does, or its reading alone would tell."""
        caused = self.ground in ("tip", "incident", "patrol")
        return "有因检查的线索" if caused else self.basis_told


@event("inspection.officer_recused", "{unit}执法人员{licence}回避（{why}）{then}", version=2)
class OfficerRecused:
    """An officer takes no part any longer; who was drawn is followed by the next in order."""

    unit: str
    licence: str
    reason: str
    next: str | None  # since version 2 none where nobody was drawn
    ground: RecusalGround | None = None

    def why(self, units: Mapping[str, str]) -> str:
        return f"{shown(self.ground, units)}：{self.reason}" if self.ground else self.reason

    @property
    def then(self) -> str:
        return f"，依抽取次序由{self.next}接替" if self.next else ""


fields_added("inspection.officer_recused", 1)  # on no code


@event("inspection.visited", "{units}入企检查，{officers}到场并出示执法证件，笔录{record}")
class VisitMade:
    """The officers stood in the firm, showed their licences and made a record (APL 42, 55)."""

    units: tuple[str, ...]
    officers: tuple[Officer, ...]
    licences_shown: bool
    record: str  # number of the record of inspection 现场检查笔录
    on: date
    override: str | None = None  # why beyond the yearly limit


@event("inspection.examined", "非现场检查：{officers}核查{material}")
class DeskChecked:
    units: tuple[str, ...]
    officers: tuple[Officer, ...]
    material: str
    on: date


@event("inspection.assisted", "{unit}协助检查：{note}")
class TownshipAssisted:
    unit: str
    note: str


@event("inspection.ended", "检查结束")
class CheckEnded:
    lead: str


@event("inspection.found", "{unit}检查结果：{told}；{note}{handed}", version=2)
class FindingsRecorded:
    """What a unit found. What is not its own to punish goes to the bureau whose it is."""

    unit: str
    violations: tuple[Violation, ...]  # none: 未发现问题
    note: str
    beyond: tuple[Violation, ...] = ()  # of these, what lies outside the unit's power
    referred: tuple[Violation, ...] = ()  # of those, what nobody in power knows of yet,
    referred_to: tuple[str, ...] = ()  # and the bureau of each, in the same order

    @property
    def refer_to(self) -> tuple[str, ...]:
        """The bureaus that owe taking it up, each once."""
        return tuple(dict.fromkeys(self.referred_to))

    def handed(self, units: Mapping[str, str]) -> str:
        pairs = zip(self.referred, self.referred_to, strict=False)
        told = "、".join(f"“{VIOLATIONS[v]}”移送{units.get(to, to)}" for v, to in pairs)
        return f"；{told}" if told else ""

    @property
    def told(self) -> str:
        return "、".join(VIOLATIONS[v] for v in self.violations) or "未发现问题"


fields_added("inspection.found", 1)  # all within its power


class OfOrder:
    """A fact about one of a unit's orders, as tasks tell them apart."""

    unit: str
    order: int

    @property
    def order_id(self) -> str:
        """The first goes by the unit alone."""
        return self.unit if self.order == 1 else f"{self.unit}#{self.order}"

    @property
    def further_id(self) -> str | None:
        """Where only an order after the first is meant: the unit's name would mean them all."""
        return self.order_id if self.order > 1 else None


@event(
    "inspection.ordered",
    "{unit}责令改正：{violations}，限{days}天内改正，至{until}（含当日）",
    version=2,
)
class CorrectionOrdered(OfOrder):
    unit: str
    violations: tuple[Violation, ...]
    days: int  # set by the order; no statute sets it
    until: date  # the last of these days, before any roll over rest days
    order: int = 1  # which of the unit's orders in this inspection
    served_on: date | None = None  # the days count from service where its day is known


@event(
    "inspection.order_served", "{unit}{which}责令改正于{served_on}送达，改正期限至{until}（含当日）"
)
class OrderServed(OfOrder):
    """The order reached the firm: its days count from there, whatever was counted before."""

    unit: str
    order: int
    served_on: date
    until: date

    @property
    def which(self) -> str:
        return f"第{self.order}份" if self.order > 1 else ""


@event("inspection.rectified", "用人单位就{unit}的责令报告已改正：{note}", version=2)
class RectificationReported(OfOrder):
    unit: str
    note: str
    order: int = 1


@event("inspection.reinspected", "{unit}复查{result}", version=2)
class Reinspected(OfOrder):
    unit: str
    officers: tuple[Officer, ...]
    remaining: tuple[Violation, ...]
    passed: bool
    order: int = 1

    @property
    def result(self) -> str:
        left = "、".join(VIOLATIONS[v] for v in self.remaining)
        return f"不合格，未改正：{left}" if left else "合格"


fields_added("inspection.ordered", 1)  # the unit's only order
fields_added("inspection.rectified", 1)  # of the unit's only order
fields_added("inspection.reinspected", 1)  # of the unit's only order


@event("inspection.case_filed", "{unit}就“{violation}”立案，转入行政处罚")
class PenaltyFiled:
    """A penalty case was filed; the decision is due ninety days from this day (APL 60)."""

    unit: str
    violation: Violation


@event("inspection.act_taken", "{violation}已由{by}立案，{unit}不再就此立案")
class ActTaken:
    """Another unit filed first what this unit's failed re-inspection had left (APL 25, 29)."""

    unit: str
    violation: Violation
    by: str


@event("inspection.not_filed", "{unit}不予立案（{ground}）：{violations}；{note}")
class FilingDeclined:
    """What a failed re-inspection left is not filed, on a coded ground."""

    unit: str
    violations: tuple[Violation, ...]
    ground: NoFiling
    note: str


@event("inspection.penalty_decided", "{unit}就“{violation}”的处理结果：{outcome}，{document}")
class PenaltyDecided:
    """What came of a penalty case that was filed here, by its document."""

    unit: str
    violation: Violation
    outcome: PenaltyOutcome
    document: str
    on: date
    matter: str  # the duty to decide that it ends, told apart as that duty is


@event("inspection.taken_up", "{unit}接收移送的{violations}：{measure}；{note}")
class FindingTakenUp:
    """The bureau in power took up what another unit had found 一次发现、两个事项."""

    unit: str
    violations: tuple[Violation, ...]
    measure: Measure
    note: str


@event("inspection.published", "{lead}公示检查结果{without}", version=2)
class ResultPublished:
    lead: str
    missing: tuple[str, ...] = ()  # whose findings are overdue and not in it
    override: str | None = None  # why it is published without them

    def without(self, units: Mapping[str, str]) -> str:
        names = "、".join(units.get(unit, unit) for unit in self.missing)
        return f"（缺{names}的结果：{self.override}）" if names else ""


fields_added("inspection.published", 1)  # with the findings of all


@event("inspection.follow_up_published", "{unit}公示复查结果")
class FollowUpPublished(OfOrder):
    """The public record follows: what was found has been put right."""

    unit: str
    order: int

    @property
    def follow_up(self) -> str:
        return self.order_id


@event("inspection.unreachable", "无法联系：{note}")
class FirmUnreachable:
    """The firm could not be found at its registered seat."""

    lead: str
    note: str


@event("inspection.cancelled", "取消检查：{why}", version=2)
class InspectionCancelled:
    reason: str
    ground: CancelGround | None = None

    def why(self, units: Mapping[str, str]) -> str:
        return f"{shown(self.ground, units)}（{self.reason}）" if self.ground else self.reason


fields_added("inspection.cancelled", 1)  # for no code


@event("inspection.cancel_reviewed", "{office}核查取消检查的理由：{note}")
class CancellationReviewed:
    """The office looked at why a firm that was drawn is not inspected."""

    office: str
    note: str


@event("inspection.patrolled", "{unit}协管员巡查六项，{told}")
class Patrolled:
    """The six-point form of a township's assistants: advice and urging, no enforcement."""

    unit: str
    point_declaration: Mark
    point_checkups: Mark
    point_testing: Mark
    point_contracts: Mark
    point_insurance: Mark
    point_project: Mark
    problems: tuple[Point, ...]
    revisit_by: date | None

    @property
    def told(self) -> str:
        return f"问题：{_points(self.problems)}" if self.problems else "未发现问题"


@event("inspection.revisited", "{unit}回访，{told}")
class Revisited:
    unit: str
    remaining: tuple[Point, ...]

    @property
    def told(self) -> str:
        return f"仍未改正：{_points(self.remaining)}" if self.remaining else "均已改正"


@event("inspection.escalated", "{unit}将{points}移交{to}处理：{note}", version=2)
class Escalated:
    unit: str
    points: tuple[Point, ...]
    to: tuple[str, ...]
    note: str
    grave: bool = False  # a grave danger does not wait for the revisit


fields_added("inspection.escalated", 1)  # after the revisit


@event("inspection.taken_over", "{unit}接手移交事项，另行检查")
class TakenOver:
    unit: str
    inspection: str


@event("inspection.take_over_undone", "{unit}取消了接手后的检查，移交事项仍待处理")
class TakeOverUndone:
    """The inspection with which a bureau took over was cancelled: the hand-over is open again."""

    unit: str
    inspection: str


def _points(points: tuple[Point, ...]) -> str:
    return "、".join(POINTS[p] for p in points)


field_names(
    "inspection",
    {
        "kind": "检查种类",
        "units": "检查单位",
        "visit_by": "应检查日",
        "basis": "所依据的案件",
        "basis_told": "依据说明",
        "grade": "风险等级",
        "grade_before": "原风险等级",
        "method": "分级方法",
        "officers": "执法人员",
        "licences_shown": "是否出示证件",
        "record": "笔录编号",
        "on": "实施日",
        "override": "例外理由",
        "material": "检查材料",
        "violations": "违法行为",
        "violation": "违法行为",
        "beyond": "超出本单位职权的行为",
        "referred": "移送的行为",
        "referred_to": "移送单位",
        "days": "改正天数",
        "until": "改正期限",
        "order": "第几次责令",
        "served_on": "送达日",
        "remaining": "未改正的行为",
        "passed": "是否通过复查",
        "measure": "处理措施",
        "missing": "未记录结果的单位",
        "office": "审核单位",
        "problems": "发现的问题",
        "revisit_by": "复查日",
        "point_declaration": "申报情况",
        "point_checkups": "体检情况",
        "point_testing": "检测情况",
        "point_contracts": "合同情况",
        "point_insurance": "参保情况",
        "point_project": "三同时情况",
        "matter": "应决定的事项",
    },
)

Event = (
    InspectionOpened
    | OfficerRecused
    | VisitMade
    | DeskChecked
    | TownshipAssisted
    | CheckEnded
    | FindingsRecorded
    | CorrectionOrdered
    | OrderServed
    | RectificationReported
    | Reinspected
    | PenaltyFiled
    | ActTaken
    | FilingDeclined
    | PenaltyDecided
    | FindingTakenUp
    | ResultPublished
    | FollowUpPublished
    | FirmUnreachable
    | InspectionCancelled
    | CancellationReviewed
    | Patrolled
    | Revisited
    | Escalated
    | TakenOver
    | TakeOverUndone
)
