"""Tips and complaints 投诉举报 (TIP): received, routed, answered; each with its own reply clock.

The unit that receives a tip accepts it, or returns it within five working days with a reason;
silence is acceptance. 领导小组办公室 routes what was returned, 领导小组 what was returned
twice. A tip is never routed to the unit it accuses; who gave it is sealed and goes to nobody else.
Tips on one matter may be merged, and parted again: each informant is answered on his own clock.
What belongs to two units is split in two. Whoever was answered may ask for a review 复查 and, once
more, a re-review 复核. Basis: 43号文 二(三); 信访工作条例 22, 23, 34 to 36 by analogy;
劳动保障监察条例 17.
"""

from __future__ import annotations

from typing import get_args

from domain.cases.tip.commands import *
from domain.cases.tip.decisions import *
from domain.cases.tip.events import *
from domain.cases.tip.state import *
from domain.decider import CaseKind

TIP = CaseKind(
    name="tip",
    title="投诉举报",
    number_prefix="TIP",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        made.__name__: made
        for made in (
            to_be_told,
            first_to_be_told,
            routed_anew,
            routed_first,
            named,
            ends_with_finding,
            named_labour,
            reviewable,
            answers,
            perhaps_incident,
            no_longer_perhaps_incident,
            set_aside,
            upheld,
            left_open,
            reopened,
        )
    },
    parties=lambda state: {
        role: party
        for role, party in (("handler", state.handler), ("informant", state.informant))
        if party
    },
    status=status,
    roles=("handler", "informant"),
    place=lambda state: state.township,
    policies=(
        *(f"tip-route-{matter}" for matter in MATTERS),
        "tip-labour-matters",
        "tip-organ-above",
    ),
    corrections=CORRECTIONS,
    passed=passed,
    barred=accused,
    links=lambda state: (*([state.merged_into] if state.merged_into else ()), *state.joined),
)
