"""Stories of inspections: plans drawn, visits, findings, orders, re-inspections; patrols."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from api.demo.people import luck
from api.demo.stories_disease import gone
from api.demo.ways import Act, Now, holds, way
from domain.cases import inspection as ins
from domain.cases import plan as plans
from domain.cases import visits
from domain.cases.plan import Officer
from domain.fold import CaseFold

WRONG: tuple[ins.Violation, ...] = ("untested", "ppe_missing", "unchecked", "not_informed")
OTHERS: dict[str, ins.Violation] = {
    "HSSB": "not_insured",
    "EMB": "chemical_unsafe",
    "EEB": "waste_misplaced",
}
"""What belongs to bureaus other than 卫健局, in the demo."""
BADGES = {"HB": "卫健", "HSSB": "人社", "EMB": "应急", "EEB": "环境"}
PROBLEMS: tuple[ins.Point, ...] = tuple(ins.POINTS)


def licence(unit: str, number: int) -> str:
    return f"合成-{BADGES.get(unit, unit)}-{number:02d}"


def two_of(unit: str) -> tuple[Officer, ...]:
    return Officer(unit, licence(unit, 1)), Officer(unit, licence(unit, 2))


@way("plan")
def plan(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    visited = (fold.case, "inspection") in now.asked
    if s.plan is None or s.cancelled or s.seed is not None or visited:
        return None
    lead = s.plan.lead
    if luck(fold.case, "cancel") < 0.06:
        return Act(plans.CancelPlan(reason="与上级检查合并"), lead, (1, 5))
    if s.plan.count:
        seed = f"合成开奖号 {int(luck(fold.case, 'seed') * 1e6):06d}"
        if s.announced is None:
            announce = plans.AnnounceDraw(
                draw_on=now.day + timedelta(days=3), seed_source="当日公布的合成号码"
            )
            return Act(announce, lead, (0, 1))
        ahead = max(1, (s.announced.draw_on - now.day).days)
        return Act(plans.DrawPlan(seed=seed), lead, (ahead, ahead + 2))
    target = s.plan.targets[0]
    opening = ins.OpenInspection(
        kind=s.plan.kind,
        employer=target.employer,
        township=target.township,
        visit_by=s.plan.visit_by,
        case_basis=fold.case,
    )
    return Act(opening, lead, (1, 9))


@way("inspection")
def inspection(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    if s.cancelled:
        return _cancelled(fold)
    if s.opened is None:
        return None
    if s.opened.kind == "patrol":
        return _patrol(fold, now)
    lead, chance = s.opened.lead, partial(luck, fold.case)
    if s.unreachable:
        return None if s.published else Act(ins.PublishResult(), lead)
    if s.checked_on is None:
        return _begun(fold, now)
    if not s.assisted and s.opened.kind != "off_site" and chance("assist") < 0.7:
        helped = ins.AssistInspection(note="协助现场")
        return Act(helped, s.opened.township, (0, 2), happened=s.checked_on)
    if not s.ended:
        return Act(ins.EndInspection(), lead, (0, 4) if chance("ends") < 0.9 else (6, 15))
    for unit in s.units:
        if s.found_by(unit) is None:
            wrong = _wrong(fold, unit)
            return Act(ins.RecordFindings(violations=wrong, note="合成"), unit, (0, 2))
    if not s.published and chance("published first") < 0.2:
        return Act(ins.PublishResult(), lead, (1, 4))
    for unit, violation in s.referred:
        measure: ins.Measure = "take_order" if chance("measure") < 0.6 else "take_own_case"
        if chance(f"take {unit}") < 0.15:
            measure = "take_nothing"
        taken = ins.TakeUpFinding(violations=(violation,), measure=measure, note="合成")
        return Act(taken, unit, (1, 9))
    for unit in dict.fromkeys((*s.units, *(unit for unit, _ in s.taken_up))):
        wrong = tuple(sorted(s.to_order(unit)))
        if wrong:
            days = 15 + int(luck(fold.case, f"days {unit}") * 16)
            return Act(ins.OrderCorrection(violations=wrong, days=days), unit, (0, 3))
    if not s.published:
        return Act(ins.PublishResult(), lead, (1, 9))
    for unit, number, order in _numbered(s):
        if order.passed and (unit, number) not in s.followed_up:
            return Act(ins.PublishFollowUp(order=number), unit, (2, 12))
    return _corrected(fold, now)


def _cancelled(fold: CaseFold) -> Act | None:
    """A drawn firm that is let go is published, and the office looks at it."""
    if holds(fold, "ins.cancel-review"):
        return Act(ins.ReviewCancellation(note="理由属实（合成）"), "LGO", (1, 8))
    if holds(fold, "ins.publish-cancelled"):
        return Act(ins.PublishResult(), fold.state.opened.lead)
    return None


def _begun(fold: CaseFold, now: Now) -> Act:
    s = fold.state
    lead, chance = s.opened.lead, partial(luck, fold.case)
    if gone(s.opened.employer):
        if s.opened.kind != "off_site" and chance("looks") < 0.7:
            return Act(ins.RecordUnreachable(note="登记地址已无人"), lead)
        return Act(ins.CancelInspection(reason="企业已停产", ground="firm_closed"), lead, (1, 5))
    if s.opened.kind != "off_site" and _often_enough(s, now) and chance("anyway") < 0.8:
        let_go = ins.CancelInspection(reason="本年度已检查两次", ground="checked_already")
        return Act(let_go, lead, (1, 5))
    if s.officers and not s.recused and chance("recuse") < 0.15:
        out = s.officers[0]
        return Act(
            ins.RecuseOfficer(licence=out.licence, ground="near_relative", reason="亲属任职"),
            out.unit,
            (1, 3),
        )
    team = s.officers or tuple(one for unit in s.units for one in two_of(unit))
    if s.opened.kind == "off_site":
        return Act(ins.ExamineOffSite(officers=team, material="检测与申报数据"), lead)
    visit = ins.MakeVisit(
        officers=team,
        licences_shown=True,
        record=f"合成笔录{fold.number}",
        override="上级交办，再次入企",
    )
    return Act(visit, lead)


def _often_enough(s: ins.State, now: Now) -> bool:
    """Whether a unit has been to this firm as often as one goes in a year."""
    file: visits.State = now.folded(visits.file_of(s.opened.employer if s.opened else "")).state
    return any(visits.times(file, unit, now.day.year) >= 2 for unit in s.units)


def _wrong(fold: CaseFold, unit: str) -> tuple[ins.Violation, ...]:
    """What a unit finds: on a joint visit each its own, and alone now and then another's."""
    if luck(fold.case, "finds") < 0.45:
        return ()
    if unit in OTHERS:
        return (OTHERS[unit],) if luck(fold.case, f"sees {unit}") < 0.6 else ()
    seen = WRONG[: 1 + int(luck(fold.case, "how many") * 2)]
    alone = len(fold.state.units) == 1 and luck(fold.case, "others") < 0.3
    return (*seen, tuple(OTHERS.values())[int(luck(fold.case, "whose") * 3)]) if alone else seen


def _corrected(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    for unit, number, order in _numbered(s):
        served = (unit, number) in s.served or order.reported or order.passed is not None
        if not served and luck(f"{fold.case}|{unit}|{number}", "serves") < 0.5:
            return Act(ins.ServeOrder(order=number), unit, (1, 3))
    for unit, number, order in _numbered(s):
        chance = partial(luck, f"{fold.case}|{unit}|{number}")
        if order.passed is None and not order.reported and chance("reports") < 0.92:
            said = ins.ReportRectified(unit=unit, note="已整改（合成）", order=number)
            most = max(1, (order.until - now.day).days)
            return Act(
                said, s.opened.employer, (1, 1 + most // 2) if chance("prompt") < 0.95 else None
            )
    for unit, number, order in _numbered(s):
        chance = partial(luck, f"{fold.case}|{unit}|{number}")
        if order.passed is None:
            left = order.violations if number == 1 and luck(fold.case, "obeys") < 0.3 else ()
            again = ins.Reinspect(officers=_again(s, unit), remaining=left, order=number)
            wait = max(1, (order.until - now.day).days + 4)
            days = None if order.reported else (wait, wait + 8)
            return Act(again, unit, days)
    return _filed(fold)


def _numbered(s: ins.State) -> list[tuple[str, int, ins.Ordered]]:
    """Every order with its unit and its number among that unit's orders."""
    units = dict.fromkeys(order.unit for order in s.orders)
    return [(u, n, o) for u in units for n, o in enumerate(s.orders_of(u), 1)]


def _again(s: ins.State, unit: str) -> tuple[Officer, ...]:
    """Two officers of a unit for its re-inspection, none of them recused."""
    fit = [n for n in range(1, 5) if licence(unit, n) not in s.recused]
    return Officer(unit, licence(unit, fit[0])), Officer(unit, licence(unit, fit[1]))


def _filed(fold: CaseFold) -> Act | None:
    """What a failed re-inspection leads to: filed and decided, ordered again, or declined."""
    s = fold.state
    for unit in dict.fromkeys(order.unit for order in s.orders):
        chance = partial(luck, f"{fold.case}|{unit}")
        for violation in sorted(s.to_file(unit)):
            if chance("again") < 0.15 and len(s.orders_of(unit)) == 1:
                anew = ins.OrderCorrection(violations=tuple(sorted(s.to_file(unit))), days=15)
                return Act(anew, unit, (1, 5))
            if chance(f"files {violation}") < 0.85:
                return Act(ins.FilePenalty(violation=violation), unit, (2, 10))
            declined = ins.DeclineFiling(
                violations=(violation,), ground="minor_put_right", note="复查后即改正（合成）"
            )
            return Act(declined, unit, (2, 10))
    for unit, violation in s.filed:
        if (unit, violation) not in s.decided:
            lot = luck(f"{fold.case}|{unit}", f"outcome {violation}")
            outcome: ins.PenaltyOutcome = "fined" if lot < 0.75 else "no_penalty"
            said = ins.DecidePenalty(
                violation=violation,
                outcome=outcome,
                document=f"合成罚{fold.number}-{1 + len(s.decided)}",
            )
            return Act(said, unit)
    return None


def _patrol(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    lead, chance = s.opened.lead, partial(luck, fold.case)
    if s.unreachable:
        return None
    if s.problems is None and gone(s.opened.employer):
        return Act(ins.RecordUnreachable(note="登记地址已无人"), lead)
    if s.problems is None:
        wrong = PROBLEMS[int(chance("point") * 6)] if chance("fine") < 0.5 else None
        marks = {p: "mark_problem" if p == wrong else "mark_ok" for p in PROBLEMS}
        revisit = now.day + timedelta(days=20) if wrong else None
        return Act(ins.Patrol(**marks, revisit_by=revisit), lead)  # type: ignore[arg-type]
    if s.problems and not s.revisited and not s.escalated:
        if chance("grave") < 0.05:
            return Act(ins.Escalate(note="有重大危险（合成）", grave=True), lead, (0, 1))
        left = s.problems if chance("left") < 0.45 else ()
        return Act(ins.Revisit(remaining=left), lead, (8, 15))
    if s.revisited and s.problems and not s.escalated:
        return Act(ins.Escalate(note="回访仍未整改"), lead, (1, 4))
    held = holds(fold, "ins.take-over") or holds(fold, "ins.take-over-again")
    if s.escalated and held:
        opening = ins.OpenInspection(
            kind="targeted",
            employer=s.opened.employer,
            township=s.opened.township,
            visit_by=now.day + timedelta(days=30),
            case_basis=fold.case,
        )
        holder = next(
            task.holder for task in fold.open_tasks() if task.rule.id.startswith("ins.take-over")
        )
        return Act(opening, holder, (1, 4) if chance("takes") < 0.9 else (20, 50))
    return None
