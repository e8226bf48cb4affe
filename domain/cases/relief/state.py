"""Relief 救助 (RLF): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from domain.cases.relief.events import (
    LIVING,
    TOWNSHIP_CHECKS,
    AidAssigned,
    AidGivenFirst,
    AidObjected,
    AidObjectionDecided,
    BecameUrgent,
    EntryChecked,
    Event,
    HearingOffered,
    HouseholdChecked,
    LinkageChecked,
    MeansRecognised,
    PapersCompleted,
    ProofSupplied,
    Publicised,
    ReliefApplied,
    ReliefApproved,
    ReliefDenied,
    ReliefEnded,
    ReliefReduced,
    ReliefReviewed,
    RelievedFirst,
    SourceFound,
    Track,
)
from domain.decider import Condition


@dataclass(frozen=True)
class State:
    worker: str | None = None
    subject: str | None = None
    diagnosis: str | None = None
    township: str | None = None
    tracks: tuple[Track, ...] = ()
    urgent: bool = False
    entry_checked: bool = False
    blocked: tuple[str, ...] = ()
    relieved_first: bool = False
    papers_complete: bool = False
    eligible: bool | None = None
    publicised: bool = False
    granted: tuple[tuple[str, int], ...] = ()  # (track, yuan a month)
    denied: tuple[str, ...] = ()
    hearing: bool = False
    ended: bool = False
    proof_owed: bool = False  # asked for in urgency, to be proved afterwards
    objecting: bool = False  # to a denial of legal aid

    @property
    def undecided(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if self.open(track))

    @property
    def stands(self) -> bool:
        """Something was given, or is still to be decided."""
        return self.relieved_first or bool(self.granted) or bool(self.undecided)

    def open(self, track: str) -> bool:
        decided = {*self.denied, *(granted for granted, _ in self.granted)}
        if self.relieved_first:
            decided.add("temporary")  # urgent relief is the temporary relief
        return track in self.tracks and track not in decided


def evolve(state: State, event: Event) -> State:
    match event:
        case ReliefApplied():
            return replace(
                state,
                worker=event.worker,
                subject=event.subject,
                diagnosis=event.diagnosis,
                township=event.township,
                tracks=event.tracks,
                urgent=event.urgent,
                proof_owed=event.evidence is None,
            )
        case EntryChecked():
            return replace(state, entry_checked=True, blocked=event.blocked)
        case RelievedFirst():
            return replace(state, relieved_first=True)
        case PapersCompleted():
            return replace(state, papers_complete=True)
        case HouseholdChecked():
            return replace(state, eligible=event.eligible)
        case Publicised():
            return replace(state, publicised=True)
        case ReliefApproved():
            return replace(state, granted=(*state.granted, (event.track, event.amount)))
        case ReliefDenied():
            return replace(state, denied=(*state.denied, event.track))
        case BecameUrgent():
            return replace(state, urgent=True)
        case ProofSupplied():
            return replace(state, proof_owed=False)
        case SourceFound():
            return replace(state, blocked=(*state.blocked, event.source))
        case AidObjected():
            return replace(state, objecting=True)
        case AidObjectionDecided():
            return replace(state, objecting=False)
        case LinkageChecked() | MeansRecognised() | ReliefReduced():
            return state
        case AidGivenFirst() | AidAssigned():
            return state
        case HearingOffered():
            return replace(state, hearing=True)
        case ReliefReviewed():
            kept = tuple(g for g in state.granted if g[0] != event.track)
            return replace(state, granted=(*kept, (event.track, event.amount)), hearing=False)
        case ReliefEnded():
            return replace(state, ended=True)
        case _:
            assert_never(event)


# --- Conditions, named in rules ----------------------------------------------------------------


def urgent(state: State, event: Event) -> bool:
    return state.urgent


def living(state: State, event: Event) -> bool:
    return bool(set(state.tracks) & set(LIVING))


def only_others(state: State, event: Event) -> bool:
    """Medical or ordinary temporary relief alone: checked, publicised, in no statutory days."""
    asked = {t for t in state.tracks if not (t == "temporary" and state.urgent)}
    return bool(asked & set(TOWNSHIP_CHECKS)) and not asked & set(LIVING)


def medical(state: State, event: Event) -> bool:
    return "medical" in state.tracks


def legal_aid(state: State, event: Event) -> bool:
    return "legal_aid" in state.tracks


def charity(state: State, event: Event) -> bool:
    return "charity" in state.tracks


def temporary(state: State, event: Event) -> bool:
    """Ordinary temporary relief; the urgent kind has its own task."""
    return "temporary" in state.tracks and not state.urgent


def eligible(state: State, event: Event) -> bool:
    return state.eligible is True


def check_over(state: State, event: Event) -> bool:
    """The household was checked, or need not be: something else stands before relief, or what was
    asked for has been given in urgency."""
    left = any(state.open(track) for track in TOWNSHIP_CHECKS)
    return isinstance(event, HouseholdChecked) or bool(state.blocked) or not left


def to_decide(state: State, event: Event) -> bool:
    """Publicity is over; or there is nothing to publicise, and the patient is owed a denial."""
    if not any(state.open(track) for track in LIVING):
        return False
    return isinstance(event, Publicised) or state.eligible is False or bool(state.blocked)


def decides_living(state: State, event: Event) -> bool:
    """The last of the living tracks was decided."""
    return not any(state.open(track) for track in LIVING)


def decides_medical(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "medical"


def decides_legal_aid(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "legal_aid"


def decides_temporary(state: State, event: Event) -> bool:
    """Decided, or given in urgency: the one is the other."""
    return isinstance(event, RelievedFirst) or getattr(event, "track", None) == "temporary"


def decides_charity(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "charity"


def aid_answered(state: State, event: Event) -> bool:
    return isinstance(event, AidGivenFirst) or decides_legal_aid(state, event)


def barred_soon(state: State, event: Event) -> bool:
    """The claim is barred within seven days: legal aid acts first. 法律援助法 44."""
    return getattr(event, "acts_first", False) is True


def adverse(state: State, event: Event) -> bool:
    """What the patient may dispute: a denial, a cut, an end; not the end that death brings."""
    return getattr(event, "reason", None) != "deceased"


def disputable(state: State, event: Event) -> bool:
    """What the patient may have reconsidered or bring to court. Charity is no act of an authority;
    of legal aid, 司法局 hears his objection first, and what it upholds is disputable. 法律援助法 49.
    """
    match event:
        case AidObjectionDecided():
            return not event.grant
        case ReliefEnded():
            return event.reason != "deceased"
        case _:
            return getattr(event, "track", None) not in ("charity", "legal_aid")


def grants_legal_aid(state: State, event: Event) -> bool:
    return isinstance(event, ReliefApproved) and event.track == "legal_aid"


def denies_legal_aid(state: State, event: Event) -> bool:
    return isinstance(event, ReliefDenied) and event.track == "legal_aid"


def given_already(state: State, event: Event) -> bool:
    """Something was granted or given first: from now on it joins up with the other source."""
    return state.relieved_first or bool(state.granted)


def goes_on(state: State, event: Event) -> bool:
    return not state.ended


def first_grant(state: State, event: Event) -> bool:
    return len(state.granted) == 1


def continues(state: State, event: Event) -> bool:
    """What is granted month by month is reviewed; a single payment is not."""
    return getattr(event, "track", None) in LIVING and not state.ended


def continues_as(track: str) -> Condition:
    """The yearly review of one track is closed by the review of that track alone."""

    def continues_here(state: State, event: Event) -> bool:
        return getattr(event, "track", None) == track and not state.ended

    return continues_here


def status(state: State) -> str:
    if state.ended:
        return "已终止"
    if state.granted:
        return "救助中"
    if state.tracks and not any(state.open(track) for track in state.tracks):
        return "不予救助"
    return "已先行救助" if state.relieved_first else "办理中"
