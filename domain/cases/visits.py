"""A firm's file of visits 入企检查档案 (VIS): how often each unit came, who filed which act.

One file a firm, opened by its first visit. It has no commands: an inspection writes to it, in its
own transaction, and reads it before a visit or a filing; so two units that act at once cannot both
pass the yearly limit, or both file one act. Basis: 国办发〔2024〕54号; 行政处罚法 25, 29.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar, assert_never, get_args

from domain.corrections import FactCorrected, corrected
from domain.decider import CaseKind, Context, Correctable, Decision, On, Refused
from domain.events import event, type_of
from domain.fold import CaseFold
from domain.identifiers import written_out
from domain.units import LEADING_GROUP_OFFICE


@event("visits.counted", "{units}入企检查一次（计入年度次数：{counted}）")
class VisitCounted:
    """One visit; each of its units counts it once."""

    employer: str
    units: tuple[str, ...]
    inspection: str
    on: date
    counted: bool  # policy leaves complaint- and incident-based visits out of the yearly limit
    override: str | None  # why it went beyond the limit


@event("visits.act_filed", "{unit}就“{violation}”立案")
class ActFiled:
    """A unit filed a case for an act of the firm; whoever files first has it."""

    employer: str
    unit: str
    violation: str
    inspection: str
    on: date


@event("visits.act_decided", "{unit}就“{violation}”的案件处理结果：{outcome}")
class ActDecided:
    """What came of a filing; one dismissed or passed on leaves the act to others again."""

    employer: str
    unit: str
    violation: str
    inspection: str
    outcome: str
    on: date


@event("visits.moved", "更正：该次入企检查计在{on}")
class VisitMoved:
    """The visit was recorded of a wrong day; without a day it was another firm's."""

    employer: str
    inspection: str
    on: date | None


@event("visits.act_corrected", "更正：{unit}就“{violation}”的立案应为“{right}”")
class ActCorrected:
    """The filing was recorded of a wrong act; without one it was another firm's."""

    employer: str
    unit: str
    violation: str
    inspection: str
    right: str | None


Event = VisitCounted | ActFiled | ActDecided | VisitMoved | ActCorrected


@dataclass(frozen=True)
class State:
    employer: str | None = None
    visits: tuple[VisitCounted, ...] = ()
    filed: tuple[ActFiled, ...] = ()
    decided: tuple[ActDecided, ...] = ()


def evolve(state: State, event: Event) -> State:
    match event:
        case VisitCounted():
            return replace(state, employer=event.employer, visits=(*state.visits, event))
        case ActFiled():
            return replace(state, employer=event.employer, filed=(*state.filed, event))
        case ActDecided():
            return replace(state, employer=event.employer, decided=(*state.decided, event))
        case VisitMoved():
            visits = (_on(visit, event) for visit in state.visits)
            return replace(state, visits=tuple(visit for visit in visits if visit))
        case ActCorrected():
            filed = (_of(filing, event) for filing in state.filed)
            decided = (_of(outcome, event) for outcome in state.decided)
            return replace(
                state,
                filed=tuple(filing for filing in filed if filing),
                decided=tuple(outcome for outcome in decided if outcome),
            )
        case _:
            assert_never(event)


def _on(visit: VisitCounted, moved: VisitMoved) -> VisitCounted | None:
    if visit.inspection != moved.inspection:
        return visit
    return replace(visit, on=moved.on) if moved.on else None


Said = TypeVar("Said", ActFiled, ActDecided)


def _of(filing: Said, corrected: ActCorrected) -> Said | None:
    """What was filed or decided of the act, named as it should have been."""
    said = (corrected.inspection, corrected.unit, corrected.violation)
    if (filing.inspection, filing.unit, filing.violation) != said:
        return filing
    return replace(filing, violation=corrected.right) if corrected.right else None


def file_of(employer: str) -> str:
    """The one file of a firm."""
    return f"visits-{written_out(employer).partition(':')[2]}"


def times(state: State, unit: str, year: int) -> int:
    """How many visits of a year count for a unit."""
    return sum(1 for v in state.visits if v.counted and unit in v.units and v.on.year == year)


def holder_of(
    state: State, violation: str, found_on: date, freed: tuple[str, ...]
) -> ActFiled | None:
    """Who has filed this act (APL 29).

    While a filing is undecided the act goes on being that one act, whatever day it was found
    again; once it is decided, what is found later is another act. An outcome among `freed` leaves
    the act to others.
    """
    for filing in state.filed:
        if filing.violation != violation:
            continue
        outcome = outcome_of(state, filing)
        if outcome is None or (outcome not in freed and filing.on >= found_on):
            return filing
    return None


def outcome_of(state: State, filing: ActFiled) -> str | None:
    """What came of a filing, as last recorded; None while it is undecided."""
    mine = (
        decided.outcome
        for decided in reversed(state.decided)
        if (decided.inspection, decided.unit, decided.violation)
        == (filing.inspection, filing.unit, filing.violation)
    )
    return next(mine, None)


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """What an inspection puts right of a visit, a filing or the firm is put right in the files."""
    fact = before.fact(correction.target)
    if before.kind.name != "inspection" or fact is None:
        return ()
    was, now = fact.event, corrected(fact, correction).event
    firm = before.state.opened.employer
    match type_of(was).name:
        case "inspection.visited" if was.on != now.on:
            return (On(file_of(firm), VisitMoved(employer=firm, inspection=case, on=now.on)),)
        case "inspection.case_filed" if was.violation != now.violation:
            return (On(file_of(firm), _act(case, firm, was, now.violation)),)
        case "inspection.penalty_decided" if was != now:
            said = ActDecided(
                employer=firm,
                unit=now.unit,
                violation=now.violation,
                inspection=case,
                outcome=now.outcome,
                on=now.on,
            )
            return (On(file_of(firm), said),)
        case "inspection.opened" if was.employer != now.employer:
            return tuple(_to_other_firm(case, before, firm, now.employer))
        case _:
            return ()


def _act(case: str, firm: str, filed: Any, right: str | None) -> ActCorrected:
    return ActCorrected(
        employer=firm, unit=filed.unit, violation=filed.violation, inspection=case, right=right
    )


def _to_other_firm(case: str, before: CaseFold, wrong: str, right: str) -> Iterator[On]:
    """Visit and filings leave the file of the firm wrongly named for that of the right one."""
    for fact, law in before.facts:
        said = fact.event
        match type_of(said).name:
            case "inspection.visited":
                uncounted = law.edition.policy("inspection-uncounted-grounds")
                yield On(file_of(wrong), VisitMoved(employer=wrong, inspection=case, on=None))
                entry = VisitCounted(
                    employer=right,
                    units=said.units,
                    inspection=case,
                    on=said.on,
                    counted=before.state.opened.ground not in uncounted,
                    override=said.override,
                )
                yield On(file_of(right), entry)
            case "inspection.case_filed":
                yield On(file_of(wrong), _act(case, wrong, said, None))
                filing = ActFiled(
                    employer=right,
                    unit=said.unit,
                    violation=said.violation,
                    inspection=case,
                    on=fact.envelope.occurred.day,
                )
                yield On(file_of(right), filing)
            case "inspection.penalty_decided":
                outcome = ActDecided(
                    employer=right,
                    unit=said.unit,
                    violation=said.violation,
                    inspection=case,
                    outcome=said.outcome,
                    on=said.on,
                )
                yield On(file_of(right), outcome)


def decide(state: State, given: object, context: Context) -> Decision:
    zh = "入企检查档案由检查自动记载，没有可办的操作"
    raise Refused("no-command", zh, "The file of visits is kept by the inspections themselves")


VISITS = CaseKind(
    name="visits",
    title="入企检查档案",
    number_prefix="VIS",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=(),
    conditions={},
    parties=lambda state: {"employer": state.employer} if state.employer else {},
    status=lambda state: f"入企{len(state.visits)}次",
    roles=("employer",),
    policies=("inspection-uncounted-grounds",),
    follows={"case.fact_corrected": on_correction},
    corrections=Correctable(
        supervisor=LEADING_GROUP_OFFICE,
        commands={},
        undone_by={
            VisitCounted: "检查案件的更正",
            ActFiled: "检查案件的更正",
            ActDecided: "检查案件的更正",
            VisitMoved: "检查案件的更正",
            ActCorrected: "检查案件的更正",
        },
    ),
)
