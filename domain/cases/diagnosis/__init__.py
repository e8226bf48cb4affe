"""Diagnosis 职业病诊断 (DX): suspected report, application, evidence, conclusion, appraisal.

职业病防治法 (ODL) 43–53, 55; 职业病诊断与鉴定管理办法 (O6). Path: suspected → reported →
applied → evidence (ruling, survey, arbitration) → file complete → concluded → delivered → first
appraisal → final appraisal. Who owes what at each step stands in `domain/law/odl/rules.toml`.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.diagnosis.decisions import *
from domain.cases.diagnosis.events import *
from domain.cases.diagnosis.follows import *
from domain.cases.diagnosis.state import *
from domain.decider import CaseKind

DIAGNOSIS = CaseKind(
    name="diagnosis",
    title="职业病诊断",
    number_prefix="DX",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "is_od": is_od,
        "all_informed": all_informed,
        "all_delivered": all_delivered,
        "all_appraisal_delivered": all_appraisal_delivered,
        "is_first": is_first,
        "is_final": is_final,
        "every_award_sued": every_award_sued,
        "diagnosis_ended": diagnosis_ended,
        "file_stands": file_stands,
        "reported_by_provider": reported_by_provider,
        "is_not_od": is_not_od,
        "turned_to_od": turned_to_od,
        "awarded_to_employer": awarded_to_employer,
        "awarded_late_to_employer": awarded_late_to_employer,
        "employer_out": employer_out,
        # Named by older editions alone, which the log keeps:
        "was_awarded": was_awarded,
        "awarded_while_open": awarded_while_open,
        "awarded_after_withdrawal": awarded_after_withdrawal,
    },
    parties=parties,
    status=status,
    corrections=CORRECTIONS,
    links=lambda state: (state.incident,) if state.incident else (),
    follows={
        "incident.casualty_identified": on_casualty,
        "incident.rejected": on_rejection,
        "incident.merged": on_merger,
        "arbitration.judged": on_judgment,
    },
    roles=("worker", "employer", "institution", "hospital", "appraisal", "first_appraisal"),
    policies=("public-notice-days", "service-on-gone-employer"),
)
