"""Work-injury determination 工伤认定 (WI): from a diagnosis to a served decision.

工伤保险条例 (WIR) 17–20; 浙江省工伤保险条例 (ZWIR) 12, 13, 16, 17. Path: opened by a conclusion of
occupational disease → filed → papers asked, accepted or refused → (suspended) → determined →
served. The employer has 30 days to apply, the worker, kin or union a year; whoever applies first is
the applicant. An employer that missed its days bears the costs before the application; who succeeds
an employer answers for it (WIR 43). An accident opens the same clocks for each worker it harmed.

Beside it: 行政复议 (a case of its own) and 诉讼 may revoke the decision. The old one then shows as
revoked and is never deleted, what was granted on it is reviewed, and medical costs are paid on
(WIR 31).
"""

from __future__ import annotations

from typing import get_args

from domain.cases.determination.commands import *
from domain.cases.determination.decisions import *
from domain.cases.determination.events import *
from domain.cases.determination.follows import *
from domain.cases.determination.state import *
from domain.decider import CaseKind
from domain.links import basis_gone

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
        "employer_to_apply": employer_to_apply,
        "refusal_delivered": refusal_delivered,
        "rests_on_basis": rests_on_basis,
        "answered_by_reconsideration": answered_by_reconsideration,
        "redone_on_review": redone_on_review,
        "judged_against": judged_against,
        "appealed_by_bureau": appealed_by_bureau,
        "redone_on_judgment": redone_on_judgment,
        "redone_by_itself": redone_by_itself,
        "benefits_questioned": benefits_questioned,
        "benefits_settled": benefits_settled,
        "employer_was_gone": employer_was_gone,
        "basis_gone": basis_gone,
        # Named by older editions alone, which the log keeps:
        "to_look_again": to_look_again,
        "basis_to_review": basis_to_review,
        "redone": redone,
    },
    parties=parties,
    status=status,
    roles=("worker", "employer", "applicant"),
    corrections=CORRECTIONS,
    links=lambda state: tuple(case for case in (state.diagnosis, state.incident) if case),
    follows={
        "diagnosis.concluded": on_conclusion,
        "diagnosis.appraisal_concluded": on_conclusion,
        "case.fact_corrected": on_correction,
        "incident.casualty_identified": on_casualty,
        "incident.rejected": on_rejection,
        "incident.merged": on_merger,
    },
)
