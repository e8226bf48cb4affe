"""Inspection 监督检查 (INS): how one opens: no basis, no inspection 无计划不检查、无依据不检查."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.cases import plan as plans
from domain.cases.inspection.commands import OpenInspection
from domain.cases.inspection.events import Ground, InspectionOpened, TakenOver
from domain.cases.inspection.state import State
from domain.decider import Context, Decision, On, Refused, need
from domain.fold import CaseFold


def opened(given: OpenInspection, context: Context) -> Decision:
    edition = context.reference.edition
    units = tuple(dict.fromkeys((context.actor, *given.units)))
    plans.may_inspect(units, given.kind, edition)
    plans.is_township(given.township, edition)
    late = given.visit_by >= context.occurred.day
    need(late, "planned-day", "完成日不得早于今日", "The visit must lie ahead")
    ground, told = _basis(given, units, context)
    opened = InspectionOpened(
        kind=given.kind,
        lead=context.actor,
        units=units,
        employer=given.employer,
        township=given.township,
        visit_by=given.visit_by,
        ground=ground,
        basis=given.case_basis,
        basis_told=told,
        grade=given.grade,
        grade_before=given.grade_before,
        method=given.method,
        officers=(),
    )
    if ground != "patrol" or given.case_basis is None:
        return (opened,)
    taken = TakenOver(unit=context.actor, inspection=context.case)
    return (opened, On(given.case_basis, taken))


def _basis(given: OpenInspection, units: tuple[str, ...], context: Context) -> tuple[Ground, str]:
    """What kind of basis it is, and how it reads. Refused where there is none that carries it."""
    if given.case_basis is None:
        return "class_change", _class_changed(given)
    basis = context.cases[given.case_basis]
    name, number = basis.kind.name, basis.number or given.case_basis
    need(basis.version > 0, "no-basis", "依据的案件不存在", "No such case", clause="inspect-54")
    if name == "plan":
        return "plan", _planned(given, units, basis)
    _caused(given)
    match name:
        case "tip":
            zh = "该举报已决定不予受理，不能作为检查的依据"
            fine = not basis.state.refused
            need(fine, "no-basis", zh, "That tip was refused", clause="inspect-54")
            return "tip", f"投诉举报{number}"
        case "incident":
            zh = "经核实不属于事故，不能作为检查的依据"
            fine = basis.state.gone != "not_an_incident"
            need(fine, "no-basis", zh, "That was no incident", clause="inspect-54")
            return "incident", f"事故{number}"
        case "inspection":
            _handed_over(given, basis.state, context.actor)
            return "patrol", f"协管员移交{number}"
    zh = "检查的依据只能是检查计划、投诉举报、事故或协管员移交"
    raise Refused("no-basis", zh, "Rest it on a plan, tip, incident or patrol", clause="inspect-54")


def _planned(given: OpenInspection, units: tuple[str, ...], basis: CaseFold) -> str:
    state: plans.State = basis.state
    plan = state.plan
    need(plan is not None and not state.cancelled, "cancelled", "计划已取消", "Plan cancelled")
    assert plan is not None
    need(
        not plan.count,
        "drawn-only",
        "本计划的检查对象须由双随机抽取产生，请办理抽取",
        "Under this plan firms are drawn: draw it",
        clause="43-2.3.a",
    )
    need(
        given.kind == plan.kind and set(units) <= set(plan.units),
        "not-in-plan",
        "检查种类或单位与计划不符",
        "Kind or units are not the plan's",
        clause="inspect-54",
    )
    listed = given.employer in {target.employer for target in plan.targets}
    zh = "该单位不在计划名录中；无计划不检查"
    need(listed, "not-in-plan", zh, "The plan does not list this firm", clause="inspect-54")
    need(
        given.visit_by <= plan.visit_by,
        "after-plan",
        f"计划须在{plan.visit_by}前完成",
        f"The plan ends on {plan.visit_by}",
    )
    return _told(plan, basis)


def _told(plan: plans.PlanPublished, basis: CaseFold) -> str:
    """The plan in words, with the day it was published."""
    return f"计划“{plan.title}”（{basis.opened_on}发布）"


def _caused(given: OpenInspection) -> None:
    need(
        given.kind in ("targeted", "off_site"),
        "no-plan",
        "无计划不检查：凭举报、事故、移交或等级变化只开展有因检查或非现场检查",
        "Without a plan only a targeted or off-site check has a basis",
        clause="inspect-54",
    )


def _class_changed(given: OpenInspection) -> str:
    need(
        bool(given.grade and given.grade_before and given.grade != given.grade_before),
        "no-basis",
        "无依据不检查：请指明计划、举报、事故、移交，或写明等级由何变何",
        "No basis, no inspection: name a case, or the class before and after",
        clause="inspect-54",
    )
    _caused(given)
    need(
        bool(given.method),
        "class-method",
        "等级须写明所用方法的版本：同是“甲”，有的方法是最低，有的是最高",
        "A class needs the version of its method: 甲 is lowest in one, highest in another",
        clause="43-2.3.c",
    )
    return f"等级由{given.grade_before}变为{given.grade}（{given.method}）"


def _handed_over(given: OpenInspection, patrol: State, actor: str) -> None:
    fine = actor in patrol.escalated and actor not in patrol.taken_over
    zh = "该巡查没有移交本单位，或本单位已接手"
    need(fine, "not-escalated", zh, "This patrol is not handed to this unit, or was taken over")
    same = patrol.opened is not None and patrol.opened.employer == given.employer
    need(same, "other-firm", "与移交的用人单位不是同一家", "The patrol was of another firm")


def on_draw(case: str, drawn: Any, before: CaseFold, day: date) -> tuple[On, ...]:
    """A draw opens one inspection for each drawn firm, with its officers."""
    plan: plans.PlanPublished = before.state.plan
    opened = []
    for place, target in enumerate(plans.firms(plan, drawn.seed), 1):
        fact = InspectionOpened(
            kind=plan.kind,
            lead=plan.lead,
            units=plan.units,
            employer=target.employer,
            township=target.township,
            visit_by=plan.visit_by,
            ground="plan",
            basis=case,
            basis_told=_told(plan, before),
            grade=target.grade,
            grade_before=None,
            method=target.method,
            officers=plans.officers(plan, drawn.seed, target.employer, drawn.officers_each),
        )
        opened.append(On(plans.inspection_of(case, place), fact))
    return tuple(opened)
