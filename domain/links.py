"""Links 案件之间的依据关系: what rests on a case is told when that case changes, and looks again.

A case that rests on another says so on the other's stream, so the other knows whom to tell. When
what it rests on is revoked, set aside or put right, it is told by an event of its own; its rules
then open a task for the unit that must look again, and it shows 复核中 until that unit has said
what it found. Nothing decided or paid is undone by itself: only the unit's own act undoes it.
"""

from __future__ import annotations

from typing import Any, Literal

from domain.decider import Context, Decision, On, command, need
from domain.events import event, terms
from domain.tasks import party_name

Change = Literal[
    "conclusion_appraised",
    "conclusion_corrected",
    "person_corrected",
    "injury_determined",
    "injury_revoked",
    "award_set_aside",
    "not_an_incident",
    "incident_joined",
    "incident_corrected",
]
Finding = Literal["basis_stands", "basis_gone"]

terms(
    {
        "conclusion_appraised": "诊断结论经鉴定改变",
        "conclusion_corrected": "诊断结论已更正",
        "person_corrected": "诊断案件的劳动者已更正，须核实是否同一人",
        "injury_determined": "已认定为工伤",
        "injury_revoked": "工伤认定案件的决定（认定或者不予受理）被撤销",
        "award_set_aside": "法院判决与仲裁裁决不一致",
        "not_an_incident": "经核实不属于职业病危害事故",
        "incident_joined": "事故已并案",
        "incident_corrected": "事故记录已更正",
    }
)
terms({"basis_stands": "原处理维持", "basis_gone": "原处理须改变，另行办理"})


@event("case.relied_on", "有案件以本案为依据")
class ReliedOn:
    """Another case rests on this one, and is told when this one changes."""

    case: str


@event("case.basis_questioned", "所依据的案件有变：{change}，须复核；已经发放的不因此自行追回")
class BasisQuestioned:
    """What this case rests on has changed; whoever decided here looks again."""

    source: str
    change: Change


@event("case.basis_reviewed", "{unit}复核依据变更：{finding}；{note}")
class BasisReviewed:
    """The unit looked again. Where it must act, it acts by the case's own commands."""

    unit: str
    finding: Finding
    note: str


LINK_EVENTS = frozenset({"case.relied_on", "case.basis_questioned", "case.basis_reviewed"})
REVIEWED = "case.basis_reviewed"


@command("case.review_basis", "复核依据变更", clause="43-3.ALL")
class ReviewBasis:
    """Says what the unit found when it looked again at what its decision rests on."""

    finding: Finding
    note: str


def review_basis(given: ReviewBasis, context: Context) -> Decision:
    """Admitted for the unit that holds the task of looking again, and for nobody else."""
    holders = [t.holder for t in context.fold.open_tasks() if REVIEWED in t.rule.closed_by]
    zh = "本案没有待复核的依据变更"
    need(bool(holders), "nothing-to-review", zh, "No change of basis is to be reviewed here")
    zh = f"由{'、'.join(party_name(holder, context.reference) for holder in holders)}复核"
    need(context.actor in holders, "wrong-actor", zh, f"For {', '.join(holders)} to review")
    return (BasisReviewed(unit=context.actor, finding=given.finding, note=given.note),)


def basis_gone(state: Any, event: Any) -> bool:
    """Condition: the unit found that what it decided must change, and now owes that change."""
    return getattr(event, "finding", None) == "basis_gone"


def told(dependents: tuple[str, ...], source: str, change: Change, kind: str) -> tuple[On, ...]:
    """The dependents of one kind learn that what they rest on has changed."""
    return tuple(
        On(case, BasisQuestioned(source=source, change=change))
        for case in dependents
        if case.startswith(f"{kind}-")
    )
