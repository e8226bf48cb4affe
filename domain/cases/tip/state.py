"""Tips and complaints 投诉举报 (TIP): what their facts add up to, and the rules' conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from domain.cases.tip.events import (
    PERHAPS_INCIDENT,
    AccusedNamed,
    Event,
    IncidentChecked,
    InformantTold,
    LabourCaseFiled,
    Matter,
    ReReviewRequested,
    ReviewPassed,
    ReviewRequested,
    TipAccepted,
    TipConcluded,
    TipJoined,
    TipMerged,
    TipNotAccepted,
    TipParted,
    TipReceived,
    TipReplied,
    TipReReviewed,
    TipReviewed,
    TipRouted,
    TipSplit,
    TipUnmerged,
)
from domain.fold import CaseFold


@dataclass(frozen=True)
class State:
    received: bool = False
    named: bool = False  # somebody is to be answered
    informant: str | None = None
    accused_unit: str | None = None
    accused_since: tuple[str | None, ...] = ()  # units found later to be accused
    matters: tuple[Matter, ...] = ()
    township: str | None = None
    handler: str | None = None
    routed: bool = False
    anew: bool = False  # routed after a unit had taken or refused it: the new one is asked anew
    accepted: bool = False
    refused: bool = False
    informed: bool = False
    filed: bool = False
    passed_on: bool = False  # the unit that took it up as a labour case has it no more
    concluded: bool = False
    replied: bool = False
    merged_into: str | None = None
    joined: tuple[str, ...] = ()
    reviewing: bool = False  # 复查 was asked for and is not yet answered
    reviewed: bool = False  # the finding that stands was reviewed
    re_reviewing: bool = False  # 复核
    to_redo: bool = False  # the finding was set aside on review
    final: bool = False  # 复核 was answered: nothing follows here

    @property
    def labour(self) -> bool:
        """The present handler took it up as a labour case."""
        return self.filed and not self.passed_on


def evolve(state: State, event: Event) -> State:
    match event:
        case TipReceived():
            return replace(
                state,
                received=True,
                named=not event.anonymous,
                informant=event.informant,
                accused_unit=event.accused_unit,
                matters=event.matters,
                township=event.township,
                handler=event.to,
            )
        case TipRouted():
            return replace(
                state,
                handler=event.to,
                routed=True,
                anew=event.anew or state.accepted or state.refused,
                accepted=False,
                refused=False,
                passed_on=state.filed,
                concluded=state.concluded and not event.reopened,
            )
        case TipAccepted():
            return replace(state, handler=event.unit, accepted=True)
        case TipNotAccepted():
            return replace(state, refused=True)
        case IncidentChecked():
            return state
        case InformantTold():
            return replace(state, informed=True)
        case LabourCaseFiled():
            return replace(state, handler=event.unit, accepted=True, filed=True, passed_on=False)
        case TipConcluded():
            return replace(state, concluded=True, to_redo=False)
        case TipReplied():
            return replace(state, replied=True)
        case ReviewRequested():
            return replace(state, reviewing=True)
        case ReviewPassed():
            return state
        case TipReviewed():
            stands = event.outcome == "finding_upheld"  # a finding made again is reviewed again
            return _looked_at_again(replace(state, reviewing=False, reviewed=stands), event)
        case ReReviewRequested():
            return replace(state, re_reviewing=True)
        case TipReReviewed():
            return _looked_at_again(replace(state, re_reviewing=False, final=True), event)
        case TipMerged():
            return replace(state, merged_into=event.into)
        case TipJoined():
            return replace(state, joined=(*state.joined, event.tip))
        case TipUnmerged():
            return replace(
                state, merged_into=None, concluded=state.concluded and not event.reopened
            )
        case TipParted():
            return replace(state, joined=tuple(t for t in state.joined if t != event.tip))
        case TipSplit():
            left = tuple(matter for matter in state.matters if matter not in event.matters)
            return replace(state, matters=left)
        case AccusedNamed():
            return replace(state, accused_since=(*state.accused_since, event.unit))
        case _:
            assert_never(event)


def _looked_at_again(state: State, event: TipReviewed | TipReReviewed) -> State:
    """A finding that was set aside is made again, and answered again."""
    if event.outcome == "finding_upheld":
        return state
    return replace(state, concluded=False, replied=False, to_redo=True)


def accused(state: State, cases: Mapping[str, CaseFold]) -> tuple[str, ...]:
    """The units that this tip, or one it is merged with, accuses."""
    linked = (*state.joined, *((state.merged_into,) if state.merged_into else ()))
    others = [cases[id].state for id in linked if id in cases]
    named = [unit for one in (state, *others) for unit in (one.accused_unit, *one.accused_since)]
    return tuple(dict.fromkeys(unit for unit in named if unit))


# --- Conditions, named in rules ------------------------------------------------------------------


def to_be_told(state: State, event: Event) -> bool:
    """A named informant is told once: from routing where it was ruled on, else from acceptance."""
    first = isinstance(event, TipRouted) or not state.routed
    return state.named and not state.informed and first


def first_to_be_told(state: State, event: Event) -> bool:
    """Told once: a labour case filed after the tip was accepted says nothing new about that."""
    accepted_before = isinstance(event, LabourCaseFiled) and event.received_on is None
    return to_be_told(state, event) and not accepted_before


def routed_anew(state: State, event: Event) -> bool:
    return state.anew


def routed_first(state: State, event: Event) -> bool:
    """Routed while the question whether to accept it was still open."""
    return not state.anew


def named(state: State, event: Event) -> bool:
    return state.named


def reviewable(state: State, event: Event) -> bool:
    """Every finding may be reviewed, one made again too; after a re-review nothing follows."""
    return state.named and not state.final


def ends_with_finding(state: State, event: Event) -> bool:
    """A labour inspection ends with its finding; the informant is still to be answered."""
    return state.named and state.labour


# Named by older editions alone, which the log keeps.
def named_labour(state: State, event: Event) -> bool:
    """It was once a labour case, whoever has it now."""
    return state.named and state.filed


def answers(state: State, event: Event) -> bool:
    """A named tip ends with the reply, an anonymous one with the conclusion."""
    return isinstance(event, TipReplied) or not state.named


def perhaps_incident(state: State, event: Event) -> bool:
    """It tells of what an incident may lie behind."""
    return not PERHAPS_INCIDENT.isdisjoint(state.matters)


def no_longer_perhaps_incident(state: State, event: Event) -> bool:
    """What told of it was split off, and is asked about there."""
    return not perhaps_incident(state, event)


def set_aside(state: State, event: Event) -> bool:
    """Reviewed, and to be handled again."""
    return state.to_redo


def upheld(state: State, event: Event) -> bool:
    return getattr(event, "outcome", None) == "finding_upheld"


def left_open(state: State, event: Event) -> bool:
    """Parted after the main tip was concluded: an anonymous one's own handling is owed again."""
    return not state.named and not state.concluded


def reopened(state: State, event: Event) -> bool:
    """Its own handling had ended with the main tip's; one parted before that still has its own."""
    return left_open(state, event) and bool(getattr(event, "reopened", False))


def status(state: State) -> str:
    if state.reviewing or state.re_reviewing:
        return "复查中" if state.reviewing else "复核中"
    if state.to_redo:
        return "重新处理"
    if state.replied or (state.concluded and not state.named):
        return "已办结"
    if state.refused:
        return "不予受理"
    if state.concluded:
        return "待答复"
    if state.merged_into:
        return "已并案"
    return "办理中" if state.accepted or state.informed else "待受理"
