"""Inspection 监督检查 (INS): how one opens: no basis, no inspection 无计划不检查、无依据不检查."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from domain.cases import plan as plans
from domain.cases.inspection.commands import OpenInspection
from domain.cases.inspection.events import Ground, InspectionOpened, TakenOver
from domain.cases.inspection.state import State
from domain.decider import Claim, Context, Decision, On, Refused, need
from domain.fold import CaseFold
from domain.identifiers import written_out
from domain.tasks import called


def opened(given: OpenInspection, context: Context) -> Decision:
    given = replace(given, employer=written_out(given.employer))
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
    claims = sorted(basis_keys(State(opened=opened)), key=str)
    if ground != "patrol" or given.case_basis is None:
        return (opened, *claims)
    taken = TakenOver(unit=context.actor, inspection=context.case)
    return (opened, On(given.case_basis, taken), *claims)


def basis_keys(state: State) -> frozenset[Claim]:
    """A unit uses one basis once; of a plan's list, each firm is opened once. What came to no
    inspection gives its basis back."""
    told = state.opened
    if told is None or told.basis is None or told.officers:
        return frozenset()
    if state.cancelled or state.unreachable:
        return frozenset()
    once = told.employer if told.ground == "plan" else told.lead
    return frozenset({Claim("inspection-basis", f"{told.basis}|{once}")})


def _basis(given: OpenInspection, units: tuple[str, ...], context: Context) -> tuple[Ground, str]:
    """What kind of basis it is, and how it reads. Refused where there is none that carries it."""
    no_plan = plans.basis_clause(context)
    if given.case_basis is None and given.alert is not None:
        return "data_alert", _alerted(given)
    if given.case_basis is None:
        return "class_change", _class_changed(given, context)
    basis = context.cases[given.case_basis]
    name, number = basis.kind.name, basis.number or given.case_basis
    need(basis.version > 0, "no-basis", "依据的案件不存在", "No such case", clause=no_plan)
    if name == "plan":
        return "plan", _planned(given, units, basis, context)
    _caused(given, context)
    match name:
        case "tip":
            said = basis.state
            going = not (said.refused or said.replied or said.merged_into)
            zh = "该举报不予受理、已并入他件或已答复，不能作为检查的依据"
            need(going, "no-basis", zh, "That tip was refused, merged or ended", clause=no_plan)
            _same_firm(given, _accused(basis))
            _held(basis, (said.handler,), context)
            return "tip", f"投诉举报{number}"
        case "incident":
            going = not (basis.state.gone or basis.state.closed)
            zh = "该事故经核实不属于事故、已并案、上报或办结，不能作为检查的依据"
            need(going, "no-basis", zh, "That incident is over here", clause=no_plan)
            _same_firm(given, basis.state.employer)
            _held(basis, (basis.state.lead, *basis.state.told), context)
            return "incident", f"事故{number}"
        case "inspection":
            _handed_over(given, basis, context.actor)
            return "patrol", f"协管员移交{number}"
    zh = "检查的依据只能是检查计划、投诉举报、事故或协管员移交"
    raise Refused("no-basis", zh, "Rest it on a plan, tip, incident or patrol", clause=no_plan)


def _accused(basis: CaseFold) -> str | None:
    """The firm a tip names; none where it names none."""
    said = (getattr(fact.event, "accused", None) for fact, _ in basis.facts)
    return next((firm for firm in said if firm), None)


def _same_firm(given: OpenInspection, firm: str | None) -> None:
    same = firm is None or written_out(firm) == given.employer
    need(same, "other-firm", "依据的案件说的是另一用人单位", "That case is about another firm")


def _held(basis: CaseFold, units: tuple[str | None, ...], context: Context) -> None:
    """Whose case it is, or who owes something in it, inspects because of it."""
    holders = {task.holder for task in basis.open_tasks() if task.is_duty}
    need(
        context.actor in {*units, *holders},
        "not-held",
        "该案件不由本单位办理；需检查的，由承办单位转办或请其检查",
        "This unit does not handle that case",
    )


def _planned(
    given: OpenInspection, units: tuple[str, ...], basis: CaseFold, context: Context
) -> str:
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
        clause=plans.basis_clause(context),
    )
    townships = {written_out(t.employer): t.township for t in plan.targets}
    zh = "该单位不在计划名录中；无计划不检查"
    listed, en = given.employer in townships, "The plan does not list this firm"
    need(listed, "not-in-plan", zh, en, clause=plans.basis_clause(context))
    need(
        given.township == townships[given.employer],
        "other-township",
        f"计划载明该单位在{called(townships[given.employer], context.reference)}",
        f"The plan says the firm lies in {townships[given.employer]}",
    )
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


def _caused(given: OpenInspection, context: Context) -> None:
    need(
        given.kind in ("targeted", "off_site"),
        "no-plan",
        "无计划不检查：凭举报、事故、移交或等级变化只开展有因检查或非现场检查",
        "Without a plan only a targeted or off-site check has a basis",
        clause=plans.basis_clause(context),
    )


def _alerted(given: OpenInspection) -> str:
    """A data alert 数据预警 is looked into off site (43号文 二(三)4、5)."""
    need(
        given.kind == "off_site",
        "no-plan",
        "凭数据预警只开展非现场检查；需入企的，另有依据再开",
        "A data alert is looked into off site",
        clause="43-2.3.e",
    )
    need(
        bool(given.alert_note),
        "no-basis",
        "须写明预警内容",
        "Say what the alert is",
        clause="43-2.3.d",
    )
    return f"数据预警{given.alert}：{given.alert_note}"


def _class_changed(given: OpenInspection, context: Context) -> str:
    need(
        bool(given.grade and given.grade_before and given.grade != given.grade_before),
        "no-basis",
        "无依据不检查：请指明计划、举报、事故、移交，或写明等级由何变何",
        "No basis, no inspection: name a case, or the class before and after",
        clause=plans.basis_clause(context),
    )
    _caused(given, context)
    need(
        bool(given.method),
        "class-method",
        "等级须写明所用方法的版本：同是“甲”，有的方法是最低，有的是最高",
        "A class needs the version of its method: 甲 is lowest in one, highest in another",
        clause="43-2.3.c",
    )
    return f"等级由{given.grade_before}变为{given.grade}（{given.method}）"


def _handed_over(given: OpenInspection, basis: CaseFold, actor: str) -> None:
    """Whoever holds the duty to take over, by the hand-over itself or passed on to it."""
    handed = basis.open_under("ins.take-over", "ins.take-over-again")
    fine = any(task.holder == actor for task in handed)
    zh = "该巡查没有移交本单位，或本单位已接手"
    need(fine, "not-escalated", zh, "This patrol is not handed to this unit, or was taken over")
    patrol: State = basis.state
    same = patrol.opened is not None and written_out(patrol.opened.employer) == given.employer
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
