"""Relief 救助 (RLF): for patients whose employer is gone, or whose labour relation cannot be found.

The patient asks once, at his township's window; each track he asks for becomes a task of the
bureau that decides it. Relief is the last resort: insurance at exposure, a successor and advance
payment are looked into first. But urgent temporary relief never waits; its papers follow. What is
made public names the household, its village and the amount, never the disease.
Basis: 职业病防治法 61; 43号文 二(四)、三; 浙江省社会救助条例 11, 23, 40; 法律援助法 43, 44; from
2026-07-01 社会救助法 42, 45, 48, 50, 76.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.relief.decisions import *
from domain.cases.relief.events import *
from domain.cases.relief.state import *
from domain.decider import CaseKind

RELIEF = CaseKind(
    name="relief",
    title="救助",
    number_prefix="RLF",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        made.__name__: made
        for made in (
            urgent,
            living,
            medical,
            legal_aid,
            charity,
            temporary,
            eligible,
            check_over,
            to_decide,
            decides_living,
            decides_medical,
            decides_legal_aid,
            decides_temporary,
            decides_charity,
            barred_soon,
            continues,
            first_grant,
        )
    },
    parties=lambda state: {
        role: party
        for role, party in (("worker", state.worker), ("township", state.township))
        if party
    },
    status=status,
    roles=("worker", "township"),
    links=lambda state: (state.diagnosis,) if state.diagnosis else (),
)
