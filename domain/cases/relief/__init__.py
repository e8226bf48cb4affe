"""Relief 救助 (RLF): for patients whose employer is gone, or whose labour relation cannot be found.

The patient, or somebody named who may ask for him, asks once, at his township's window; each track
becomes a task of the bureau that decides it. Urgent temporary relief never waits: it is given
first, and its papers, the proof among them, follow; with them it is over, and a further emergency
may be reported or asked for anew. What proves no emergency 民政局 denies, and the rest goes its
ordinary way. All other relief is the last resort: insurance at exposure, a successor (WIR 43) and
advance payment are looked into before it; what is found later is joined up with it, and nothing
given is undone by itself; when such a source falls away relief goes on where it stopped. The
township checks, and publicises for seven full days, what 民政局 or 医保局 then decides: the
household, its village and each track's amount, never the disease, and no more of it is granted.
Legal aid goes its own way, past the end of the rest. What is granted month by month is reviewed
each year by who granted it, and ended by who granted it; before a cut or an end a hearing is
offered, time given to ask for it, and the hearing held where it was asked for. When nothing is
given, decided or owed any more, the case ends by itself and the patient may ask anew; so he may,
here or in a new case, once all he asked for was denied.
Basis: 职业病防治法 61; 43号文 二(四)、三; 浙江省社会救助条例 11, 23, 40; 法律援助法 43, 44, 49;
from 2026-07-01 社会救助法 42, 45, 48, 50, 76.
"""

from __future__ import annotations

from typing import get_args

from domain.cases import determination as wi
from domain.cases.relief.commands import *
from domain.cases.relief.decisions import *
from domain.cases.relief.events import *
from domain.cases.relief.follows import *
from domain.cases.relief.state import *
from domain.decider import CaseKind
from domain.links import basis_gone

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
        **{f"continues_{track}": continues_as(track) for track in LIVING},
        **{f"over_{track}": over_as(track) for track in CONTINUING},
        **{
            made.__name__: made
            for made in (
                urgent,
                household_to_check,
                others_to_check,
                medical,
                legal_aid,
                charity,
                temporary,
                check_over,
                to_decide,
                decides_living,
                decides_medical,
                decides_legal_aid,
                decides_temporary,
                decides_charity,
                limited,
                limited_anew,
                first_money,
                to_publicise,
                publicity_over,
                nothing_to_publicise,
                not_yet_to_decide,
                no_source,
                acts_on_review,
                basis_holds,
                disputable,
                basis_gone,
                something_to_change,
                aid_answered,
                grants_legal_aid,
                refuses_legal_aid,
                aid_asked_again,
                given_already,
                goes_on,
                # Named by older editions alone, which the log keeps:
                living,
                eligible,
                barred_soon,
                continues,
                first_grant,
                only_others,
                adverse,
                denies_legal_aid,
            )
        },
    },
    parties=lambda state: {
        role: party
        for role, party in (("worker", state.worker), ("township", state.township))
        if party
    },
    status=status,
    roles=("worker", "township"),
    policies=(
        *(f"relief-proof-{ground}" for ground in get_args(Ground)),
        "relief-asks-with-consent",
        "relief-new-tracks",
        "relief-publicised-tracks",
        "relief-monthly-tracks",
        "relief-exclusive-tracks",
        "relief-raises-are-publicised",
        "relief-words-of-disease",
        "legal-aid-act-first-days",
        "publicity-place-endings",
        "publicity-place-length",
        "publicity-words-of-disease",
    ),
    corrections=CORRECTIONS,
    passed=passed,
    links=lambda state: (state.diagnosis, wi.case_for(state.diagnosis)) if state.diagnosis else (),
    follows={
        "diagnosis.appraisal_concluded": on_appraisal,
        "case.fact_corrected": on_correction,
        "determination.determined": on_determined,
        "determination.revoked": on_revocation,
        "arbitration.judged": on_judgment,
    },
)
