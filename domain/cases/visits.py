"""A firm's file of visits 入企检查档案 (VIS): how often each unit came, who filed which act.

One file a firm, opened by its first visit. It has no commands: an inspection writes to it, in its
own transaction, and reads it before a visit or a filing; so two units that act at once cannot both
pass the yearly limit, or both file one act. Basis: 国办发〔2024〕54号; 行政处罚法 25, 29.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never, get_args

from domain.decider import CaseKind, Context, Correctable, Decision, Refused
from domain.events import event
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


Event = VisitCounted | ActFiled | ActDecided


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
        case _:
            assert_never(event)


def file_of(employer: str) -> str:
    """The one file of a firm."""
    return f"visits-{employer.partition(':')[2]}"


def times(state: State, unit: str, year: int) -> int:
    """How many visits of a year count for a unit."""
    return sum(1 for v in state.visits if v.counted and unit in v.units and v.on.year == year)


FREED = ("dismissed", "referred")  # outcomes after which another unit may file the act


def holder_of(state: State, violation: str, found_on: date) -> ActFiled | None:
    """Who has filed this act (APL 29).

    While a filing is undecided the act goes on being that one act, whatever day it was found
    again; once it is decided, what is found later is another act.
    """
    for filing in state.filed:
        if filing.violation != violation:
            continue
        outcome = outcome_of(state, filing)
        if outcome is None or (outcome not in FREED and filing.on >= found_on):
            return filing
    return None


def outcome_of(state: State, filing: ActFiled) -> str | None:
    """What came of a filing; None while it is undecided."""
    mine = (
        decided.outcome
        for decided in state.decided
        if (decided.inspection, decided.unit, decided.violation)
        == (filing.inspection, filing.unit, filing.violation)
    )
    return next(mine, None)


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
    corrections=Correctable(
        supervisor=LEADING_GROUP_OFFICE,
        commands={},
        undone_by={
            VisitCounted: "检查案件的更正",
            ActFiled: "检查案件的更正",
            ActDecided: "检查案件的更正",
        },
    ),
)
