"""Work-injury determination 工伤认定 (WI): from a diagnosis to a served decision.

工伤保险条例 (WIR) 17–20; 浙江省工伤保险条例 (ZWIR) 12, 13, 16, 17. Path: opened by a conclusion of
occupational disease → filed → papers asked, accepted or refused → (suspended) → determined →
served. The employer has 30 days to apply, the worker, kin or union a year; whoever applies first is
the applicant. An employer that missed its days bears the costs before the application.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.determination.decisions import *
from domain.cases.determination.events import *
from domain.cases.determination.state import *
from domain.decider import CaseKind

DETERMINATION = CaseKind(
    name="determination",
    title="工伤认定",
    number_prefix="WI",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        "is_clear": is_clear,
        "is_not_clear": is_not_clear,
        "by_employer": by_employer,
        "all_served": all_served,
        "not_filed": not_filed,
    },
    parties=parties,
    status=status,
    roles=("worker", "employer", "applicant"),
    links=lambda state: (state.diagnosis,) if state.diagnosis else (),
    follows={
        "diagnosis.concluded": on_conclusion,
        "diagnosis.appraisal_concluded": on_conclusion,
        "case.fact_corrected": on_correction,
    },
)
