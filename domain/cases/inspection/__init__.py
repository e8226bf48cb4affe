"""Inspection 监督检查 (INS): a basis, a visit by two officers, findings, an order, a re-inspection.

职业病防治法 62–66; 行政处罚法 (APL) 24, 25, 28, 29, 42, 55, 60; 国办发〔2024〕54号. Path: opened on
a basis (plan, tip, incident, patrol, change of class) → visited or examined off site → each unit's
findings → order → the firm's report → re-inspected → case filed; published within twenty working
days; or cancelled, or the firm could not be reached. A township's patrol 协管员巡查 goes its own
way: six points → urged → revisited → escalated to the bureau, which inspects in its own right.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.inspection.commands import *
from domain.cases.inspection.decisions import *
from domain.cases.inspection.events import *
from domain.cases.inspection.opening import *
from domain.cases.inspection.state import *
from domain.decider import CaseKind

INSPECTION = CaseKind(
    name="inspection",
    title="监督检查",
    number_prefix="INS",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "on_site": on_site,
        "off_site": off_site,
        "is_patrol": is_patrol,
        "has_problems": has_problems,
        "left_to_order": left_to_order,
        "all_ordered": all_ordered,
        "first_order": first_order,
        "further_order": further_order,
        "left_to_file": left_to_file,
        "all_dealt_with": all_dealt_with,
        "taken_up": taken_up,
        "was_drawn": was_drawn,
        "is_random": is_random,
        "is_joint": is_joint,
        "is_single": is_single,
        "is_special": is_special,
        "is_targeted": is_targeted,
        "put_right": put_right,
        # Named by older editions alone, which the log keeps:
        "to_be_ordered": to_be_ordered,
        "to_be_filed": to_be_filed,
        "all_filed": all_filed,
    },
    parties=parties,
    status=status,
    roles=("lead", "employer", "township"),
    policies=(
        *(f"patrol-{point}" for point in POINTS),
        *(f"power-{violation}" for violation in VIOLATIONS),
        "inspection-officers-at-least",
        "inspection-order-before-penalty",
        "inspection-order-days-at-most",
        "inspection-outcomes-freeing-act",
        "inspection-uncounted-grounds",
        "inspection-visits-a-year",
        "patrol-revisit-days-at-most",
    ),
    links=links,
    corrections=CORRECTIONS,
    follows={"plan.drawn": on_draw},
)
