"""Reconsideration 行政复议 (FY): a small kind that serves the determination it disputes.

行政复议法 (ARL) 20, 30, 48, 54, 62, 70. 司法局 holds it for the county government. Path: applied →
accepted or not taken up → copy forwarded → 人力社保局 replies → decided. Meanwhile nothing is
suspended and medical costs are paid on (WIR 31). A decision that goes unanswered counts as
without evidence (ARL 70): 司法局 sees that the reply did not come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never, get_args

from domain.cases import determination as wi
from domain.corrections import FactCorrected, opening_corrected
from domain.decider import (
    CaseKind,
    Claim,
    Context,
    Correctable,
    Decision,
    On,
    Refused,
    Release,
    command,
    need,
)
from domain.events import event, field_names, fields_added
from domain.fold import CaseFold

# --- Events -------------------------------------------------------------------------------------


@event("reconsideration.applied", "{party}申请行政复议{about}", version=2)
class ReconsiderationApplied:
    determination: str
    party: wi.Served
    worker: str
    employer: str
    received_on: date | None = None
    against: str | None = None  # since version 2: number of the decision, or the refusal

    @property
    def about(self) -> str:
        return wi.about(self.against)


fields_added("reconsideration.applied", 1)


@event("reconsideration.accepted", "司法局受理行政复议申请")
class ReconsiderationAccepted:
    pass


@event("reconsideration.refused", "司法局不予受理行政复议申请：{reason}")
class ReconsiderationRefused:
    reason: str


@event("reconsideration.withdrawn", "申请人撤回行政复议申请：{reason}")
class ReconsiderationWithdrawn:
    reason: str


@event("reconsideration.forwarded", "司法局将申请书副本发送人力社保局")
class CopyForwarded:
    """From its receipt 人力社保局 has ten working days to reply. ARL 48."""

    received_on: date | None = None


@event("reconsideration.replied", "人力社保局提出书面答复并提交证据")
class ReplyMade:
    pass


@event("reconsideration.decided", "行政复议决定：{outcome}（{document}）")
class ReconsiderationDecided:
    outcome: wi.Ended
    document: str
    served_on: date


field_names(
    "reconsideration",
    {
        "determination": "工伤认定案件",
        "against": "所针对的决定",
    },
)

Event = (
    ReconsiderationApplied
    | ReconsiderationAccepted
    | ReconsiderationRefused
    | ReconsiderationWithdrawn
    | CopyForwarded
    | ReplyMade
    | ReconsiderationDecided
)


# --- State --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    determination: str | None = None
    party: wi.Served | None = None
    worker: str | None = None
    employer: str | None = None
    accepted: bool = False
    forwarded: bool = False
    replied: bool = False
    ended: wi.Ended | None = None


def evolve(state: State, event: Event) -> State:
    match event:
        case ReconsiderationApplied():
            return replace(
                state,
                determination=event.determination,
                party=event.party,
                worker=event.worker,
                employer=event.employer,
            )
        case ReconsiderationAccepted():
            return replace(state, accepted=True)
        case ReconsiderationRefused():
            return replace(state, ended="not_taken_up")
        case ReconsiderationWithdrawn():
            return replace(state, ended="application_withdrawn")
        case CopyForwarded():
            return replace(state, forwarded=True)
        case ReplyMade():
            return replace(state, replied=True)
        case ReconsiderationDecided():
            return replace(state, ended=event.outcome)
        case _:
            assert_never(event)


# --- Commands -----------------------------------------------------------------------------------


@command("reconsideration.apply", "申请行政复议", clause="arl-20", opens=True)
class ApplyForReconsideration:
    """Disputes a determination, or the refusal to take the application up, within sixty days of its
    service (ARL 20)."""

    case_determination: str
    received_on: date | None = None


@command("reconsideration.accept", "受理", by=("JB",), clause="arl-30")
class AcceptReconsideration:
    """The decision falls due in sixty days, the copy is forwarded in seven working days."""


@command("reconsideration.refuse", "不予受理", by=("JB",), clause="arl-30")
class RefuseReconsideration:
    """Ends it; the party may sue in fifteen days (ALL 45)."""

    reason: str


@command("reconsideration.withdraw", "撤回申请", by=("worker", "employer"))
class WithdrawReconsideration:
    """Ends it at its applicant's wish, until the decision."""

    reason: str


@command("reconsideration.forward", "发送申请书副本", by=("JB",), clause="arl-48")
class ForwardCopy:
    """人力社保局 replies in ten working days from its receipt (ARL 48)."""

    received_on: date | None = None


@command("reconsideration.reply", "提出答复并提交证据", by=("HSSB",), clause="arl-48")
class Reply:
    """Without it the decision counts as one without evidence (ARL 70)."""


@command("reconsideration.decide", "作出复议决定", by=("JB",), clause="arl-62")
class DecideReconsideration:
    """Upholds or revokes. Revoked, the decision is made again in the days set, counted from
    service, and not on the same facts and reasons, unless procedure alone was at fault (ARL 64);
    who is not content may sue in fifteen days (ALL 45)."""

    outcome: Literal["decision_upheld", "decision_revoked"]
    document: str
    served_on: date
    redo: bool = True
    for_procedure: bool = False


Command = (
    ApplyForReconsideration
    | AcceptReconsideration
    | RefuseReconsideration
    | WithdrawReconsideration
    | ForwardCopy
    | Reply
    | DecideReconsideration
)


def decide(state: State, given: Command, context: Context) -> Decision:
    if not isinstance(given, ApplyForReconsideration):
        need(state.ended is None, "ended", "行政复议已终结", "The reconsideration has ended")
    match given:
        case ApplyForReconsideration():
            return _applied(given, context)
        case AcceptReconsideration():
            need(not state.accepted, "accepted", "已受理", "Accepted already")
            return (ReconsiderationAccepted(),)
        case RefuseReconsideration():
            zh = "已受理的申请不能再不予受理"
            need(not state.accepted, "accepted", zh, "Accepted already")
            return (
                ReconsiderationRefused(reason=given.reason),
                *_over(state, "not_taken_up", (state.party,), None),
            )
        case WithdrawReconsideration():
            own = {"worker": state.worker, "employer": state.employer}[state.party or "worker"]
            zh = "只能由申请人撤回"
            need(context.actor == own, "not-the-applicant", zh, "Only who applied may withdraw")
            return (
                ReconsiderationWithdrawn(reason=given.reason),
                *_over(state, "application_withdrawn", (), None),
            )
        case ForwardCopy():
            _accepted(state)
            need(not state.forwarded, "forwarded", "副本已发送", "Forwarded already")
            return (CopyForwarded(received_on=given.received_on),)
        case Reply():
            need(state.forwarded, "not-forwarded", "副本尚未发送", "No copy was forwarded yet")
            need(not state.replied, "replied", "已答复", "Replied already")
            return (ReplyMade(),)
        case DecideReconsideration():
            _accepted(state)
            return _decided(state, given, context)
        case _:
            assert_never(given)


def _applied(given: ApplyForReconsideration, context: Context) -> Decision:
    fold = context.cases[given.case_determination]
    if not isinstance(fold.state, wi.State) or fold.version == 0:
        zh = f"没有工伤认定案件 {given.case_determination}"
        raise Refused("no-such-determination", zh, "No such determination")
    own = {fold.state.worker: "worker", fold.state.employer: "employer"}
    party: wi.Served = "employer" if own.get(context.actor) == "employer" else "worker"
    zh = "行政复议由职工或用人单位申请"
    need(context.actor in own, "not-a-party", zh, "Only worker or employer may apply")
    need(not fold.state.sued, "sued", "已向法院起诉，不再复议", "A suit is under way")
    wi.open_right(fold, party, context.occurred.day, "wi.reconsider", "wi.reconsider-refusal")
    applied = ReconsiderationApplied(
        determination=given.case_determination,
        party=party,
        worker=fold.parties["worker"],
        employer=fold.parties["employer"],
        received_on=given.received_on,
        against=wi.at_issue(fold),
    )
    began = wi.ReconsiderationBegan(
        reconsideration=context.case, party=party, against=applied.against
    )
    claim = Claim("reconsideration.pending", given.case_determination)
    return (applied, On(given.case_determination, began), claim)


def _accepted(state: State) -> None:
    need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet", clause="arl-30")


def _decided(state: State, given: DecideReconsideration, context: Context) -> Decision:
    assert state.determination is not None
    fold = context.cases[state.determination]
    revocation = wi.revoked("by_reconsideration", given, context, fold)
    decided = ReconsiderationDecided(
        outcome=given.outcome, document=given.document, served_on=given.served_on
    )
    left = tuple(p for p in get_args(wi.Served) if p in fold.state.there_to_serve)
    if given.outcome == "decision_upheld":
        return (decided, *_over(state, given.outcome, left, given.served_on))
    # Who applied has what he asked for.
    others = tuple(party for party in left if party != state.party)
    if wi.replaced_since(fold, wi.ReconsiderationBegan):  # a new decision stands in its place
        return (decided, *_over(state, given.outcome, others, given.served_on))
    told = On(state.determination, revocation)
    return (decided, told, *_over(state, given.outcome, others, given.served_on))


def _over(
    state: State,
    outcome: wi.Ended,
    may_sue: tuple[wi.Served | None, ...],
    served_on: date | None,
) -> Decision:
    """The determination learns that the reconsideration is over."""
    assert state.determination is not None
    ended = wi.ReconsiderationEnded(
        outcome=outcome, may_sue=tuple(p for p in may_sue if p), served_on=served_on
    )
    release = Release("reconsideration.pending", state.determination)
    return (On(state.determination, ended), release)


def parties(state: State) -> dict[str, str]:
    known = {"worker": state.worker, "employer": state.employer}
    return {role: party for role, party in known.items() if party}


def status(state: State) -> str:
    ends = {
        "decision_upheld": "已维持",
        "decision_revoked": "已撤销原决定",
        "not_taken_up": "不予受理",
        "application_withdrawn": "已撤回",
    }
    if state.ended:
        return ends[state.ended]
    return "审理中" if state.accepted else "待受理"


CORRECTIONS = Correctable(
    supervisor="JB",
    commands={
        ReconsiderationApplied: ApplyForReconsideration,
        ReconsiderationAccepted: AcceptReconsideration,
        ReconsiderationRefused: RefuseReconsideration,
        ReconsiderationWithdrawn: WithdrawReconsideration,
        CopyForwarded: ForwardCopy,
        ReplyMade: Reply,
    },
    # What it brought about stands on the determination, and is put right there.
    undone_by={ReconsiderationDecided: "重新认定"},
)


def on_correction(
    case: str, correction: FactCorrected, before: CaseFold, day: date
) -> tuple[On, ...]:
    """The parties are those of the determination: put right there, they are put right here."""
    changes = [c for c in correction.changes if c.field in ("worker", "employer")]
    opening = correction.target_type in ("determination.opened", "determination.accident_opened")
    if not (opening and changes):
        return ()
    put_right = opening_corrected(ReconsiderationApplied, changes, correction.reason)
    begun = before.facts_of(wi.ReconsiderationBegan)
    return tuple(On(fact.event.reconsideration, put_right) for fact in begun)


RECONSIDERATION = CaseKind(
    name="reconsideration",
    title="行政复议",
    number_prefix="FY",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={},
    parties=parties,
    status=status,
    roles=("worker", "employer"),
    corrections=CORRECTIONS,
    links=lambda state: (state.determination,) if state.determination else (),
    follows={"case.fact_corrected": on_correction},
)
