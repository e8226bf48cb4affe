"""Relief 救助 (RLF): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from domain.cases.relief.events import (
    CONTINUING,
    LIVING,
    TOWNSHIP_CHECKS,
    AidAssigned,
    AidGivenFirst,
    AidObjected,
    AidObjectionDecided,
    BecameUrgent,
    EntryChecked,
    Event,
    HearingHeld,
    HearingOffered,
    HearingRequested,
    HouseholdChecked,
    LimitationReported,
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
    SourceFellAway,
    SourceFound,
    TownshipChanged,
    Track,
    TrackEnded,
    TracksAdded,
    UrgencyRefused,
)
from domain.decider import Condition
from domain.links import basis_gone


@dataclass(frozen=True)
class State:
    """Where a relief case stands.

    What was given stands in `granted` while it goes on or was the last payment asked for, and in
    `relieved_first` for the present emergency; `paid` remembers a payment made before the same was
    asked for again, `stopped` what was ended. Any of them makes `given`. `paid_out` says, of a
    case that is over, that it ended by payment and not by an end put to it.
    """

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
    granted: tuple[tuple[str, int], ...] = ()  # (track, yuan a month or once)
    denied: tuple[str, ...] = ()
    ended: bool = False
    proof_owed: bool = False  # asked for in urgency, to be proved afterwards
    may_object: bool = False  # to a denial or an end of legal aid, not yet objected to
    objecting: bool = False
    to_hear: tuple[str, ...] = ()  # tracks on which a hearing was asked for and not yet held
    stopped: tuple[str, ...] = ()  # tracks that were ended, the case going on
    paid: bool = False  # once, before the same was asked for again or a further emergency
    paid_out: bool = False  # it ended because all that was asked for is paid

    @property
    def continuing(self) -> tuple[str, ...]:
        """The granted tracks that go on until they are ended."""
        return tuple(track for track, _ in self.granted if track in CONTINUING)

    @property
    def given(self) -> bool:
        """Something was granted, or given in urgency, at some time."""
        return self.relieved_first or self.paid or bool(self.granted) or bool(self.stopped)

    @property
    def emergency(self) -> bool:
        """Urgent, and nothing given yet."""
        return self.urgent and not self.relieved_first

    @property
    def running(self) -> bool:
        """The patient has his case here: something was given, or may still be. Once all of it was
        denied he may ask anew, here or in a new case."""
        asked = bool(self.undecided) or self.emergency or self.may_object or self.objecting
        return self.worker is not None and not self.ended and (self.given or asked)

    @property
    def undecided(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if self.open(track))

    def open(self, track: str) -> bool:
        decided = {*self.denied, *self.stopped, *(granted for granted, _ in self.granted)}
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
            return replace(state, publicised=state.publicised or asked_for(state, event))
        case ReliefApproved():
            aid = event.track == "legal_aid"
            state = replace(state, granted=(*state.granted, (event.track, event.amount)))
            return replace(state, may_object=state.may_object and not aid)
        case ReliefDenied():
            aid = event.track == "legal_aid"
            state = replace(state, denied=(*state.denied, event.track))
            return replace(state, may_object=state.may_object or aid)
        case TracksAdded():
            return _asked_again(state, event.tracks)
        case BecameUrgent():  # for the first time, or anew after an earlier emergency
            paid = state.paid or state.relieved_first
            state = replace(state, urgent=True, paid=paid)
            return replace(state, relieved_first=False, papers_complete=False)
        case UrgencyRefused():
            return replace(state, urgent=False)
        case ProofSupplied():
            return replace(state, proof_owed=False)
        case SourceFound():
            return replace(state, blocked=(*state.blocked, event.source))
        case SourceFellAway():
            return replace(state, blocked=tuple(b for b in state.blocked if b != event.source))
        case AidObjected():
            return replace(state, objecting=True, may_object=False)
        case AidObjectionDecided():
            return replace(state, objecting=False)
        case LinkageChecked() | MeansRecognised() | ReliefReduced() | HearingOffered():
            return state
        case HearingRequested():
            return replace(state, to_hear=(*state.to_hear, event.track))
        case HearingHeld():
            return replace(state, to_hear=tuple(t for t in state.to_hear if t != event.track))
        case AidGivenFirst() | AidAssigned() | LimitationReported():
            return state
        case ReliefReviewed():
            kept = tuple(g for g in state.granted if g[0] != event.track)
            return replace(state, granted=(*kept, (event.track, event.amount)))
        case TownshipChanged():
            return replace(state, township=event.township)
        case TrackEnded():
            kept = tuple(g for g in state.granted if g[0] != event.track)
            cut_short = event.track == "legal_aid" and event.reason != "aid_concluded"
            return replace(
                state,
                granted=kept,
                stopped=(*state.stopped, event.track),
                may_object=state.may_object or cut_short,
                to_hear=tuple(t for t in state.to_hear if t != event.track),
            )
        case ReliefEnded():
            return replace(state, ended=True, paid_out=event.reason == "single_payment_done")
        case _:
            assert_never(event)


def _asked_again(state: State, tracks: tuple[Track, ...]) -> State:
    """More is asked for: what was denied, ended or paid of it is open once more, and whatever the
    township checks it checks anew."""
    paid = state.paid or any(track in tracks for track, _ in state.granted)
    state = replace(
        state,
        tracks=tuple(dict.fromkeys((*state.tracks, *tracks))),
        granted=tuple(g for g in state.granted if g[0] not in tracks),
        denied=tuple(track for track in state.denied if track not in tracks),
        stopped=tuple(track for track in state.stopped if track not in tracks),
        paid=paid,
        may_object=state.may_object and "legal_aid" not in tracks,
    )
    if set(tracks) & set(TOWNSHIP_CHECKS):
        state = replace(state, eligible=None, publicised=False)
    if "temporary" not in tracks:
        return state
    paid = state.paid or state.relieved_first
    state = replace(state, urgent=False, relieved_first=False, papers_complete=False)
    return replace(state, paid=paid)


def asked_for(state: State, event: Publicised) -> bool:
    """What was publicised is still to be decided; it may also be a raise of what is granted."""
    return not event.amounts or any(state.open(public.track) for public in event.amounts)


# --- Conditions, named in rules ----------------------------------------------------------------


def urgent(state: State, event: Event) -> bool:
    return state.urgent


def _asked(state: State, event: Event) -> tuple[Track, ...]:
    """What was asked for: at first, or now."""
    return event.tracks if isinstance(event, TracksAdded) else state.tracks


def living(state: State, event: Event) -> bool:
    return bool(set(_asked(state, event)) & set(LIVING))


def household_to_check(state: State, event: Event) -> bool:
    """Living relief was asked for and nothing stands before it; or no longer does."""
    if isinstance(event, SourceFellAway):
        return _checks_go_on(state) and any(state.open(track) for track in LIVING)
    return living(state, event) and not state.blocked


def others_to_check(state: State, event: Event) -> bool:
    if isinstance(event, SourceFellAway):
        return _checks_go_on(state) and not any(state.open(track) for track in LIVING)
    return only_others(state, event) and not state.blocked


def _checks_go_on(state: State) -> bool:
    """The last source fell away before the household was checked."""
    left = any(state.open(track) for track in TOWNSHIP_CHECKS)
    return left and not state.blocked and state.eligible is None


def to_publicise(state: State, event: Event) -> bool:
    """Found eligible; or found so before, when a source that has fallen away stopped it."""
    left = any(state.open(track) for track in TOWNSHIP_CHECKS)
    fine = state.eligible is True and not state.publicised
    return fine and (isinstance(event, HouseholdChecked) or (left and not state.blocked))


def publicity_over(state: State, event: Event) -> bool:
    return isinstance(event, Publicised) and asked_for(state, event)


def nothing_to_publicise(state: State, event: Event) -> bool:
    """A source came to light, or all that was to be publicised is denied."""
    left = any(state.open(track) for track in TOWNSHIP_CHECKS)
    return isinstance(event, SourceFound) or state.ended or not left


def not_yet_to_decide(state: State, event: Event) -> bool:
    """The denial that a source made due is none any more: check and publicity come first."""
    if not isinstance(event, SourceFellAway):
        return True
    return not state.blocked and not state.publicised and state.eligible is not False


def no_source(state: State, event: Event) -> bool:
    return state.ended or not state.blocked


def only_others(state: State, event: Event) -> bool:
    """Medical or ordinary temporary relief alone: checked, publicised, in no statutory days."""
    asked = {t for t in _asked(state, event) if not (t == "temporary" and state.urgent)}
    return bool(asked & set(TOWNSHIP_CHECKS)) and not asked & set(LIVING)


def medical(state: State, event: Event) -> bool:
    return "medical" in _asked(state, event)


def legal_aid(state: State, event: Event) -> bool:
    return "legal_aid" in _asked(state, event)


def charity(state: State, event: Event) -> bool:
    return "charity" in _asked(state, event)


def temporary(state: State, event: Event) -> bool:
    """Ordinary temporary relief; the urgent kind has its own task."""
    return "temporary" in _asked(state, event) and not state.urgent


def check_over(state: State, event: Event) -> bool:
    """The household was checked, or need not be: something else stands before relief, or what was
    asked for has been given in urgency."""
    left = any(state.open(track) for track in TOWNSHIP_CHECKS)
    return isinstance(event, HouseholdChecked) or bool(state.blocked) or not left


def to_decide(state: State, event: Event) -> bool:
    """Publicity is over; or there is nothing to publicise, and the patient is owed a denial."""
    if not any(state.open(track) for track in LIVING):
        return False
    if isinstance(event, TracksAdded) and not living(state, event):
        return False
    return publicity_over(state, event) or state.eligible is False or bool(state.blocked)


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


def limited(state: State, event: Event) -> bool:
    """The day is known on which the claim is barred that he asks a lawyer for. 法律援助法 44."""
    return getattr(event, "limitation_on", None) is not None and state.open("legal_aid")


def limited_anew(state: State, event: Event) -> bool:
    """Another day of limitation takes the place of the one told before."""
    return state.ended or isinstance(event, LimitationReported)


def disputable(state: State, event: Event) -> bool:
    """What the patient may have reconsidered or bring to court. Charity is no act of an authority;
    of legal aid, 司法局 hears his objection first, and a denial it upholds is disputable.
    法律援助法 49.
    """
    match event:
        case AidObjectionDecided():
            return not event.grant
        case _:
            return getattr(event, "track", None) not in ("charity", "legal_aid")


def grants_legal_aid(state: State, event: Event) -> bool:
    return isinstance(event, ReliefApproved) and event.track == "legal_aid"


def denies_legal_aid(state: State, event: Event) -> bool:
    return isinstance(event, ReliefDenied) and event.track == "legal_aid"


def refuses_legal_aid(state: State, event: Event) -> bool:
    """Legal aid was denied, or ended before its matter was. 法律援助法 49."""
    if isinstance(event, TrackEnded):
        return event.track == "legal_aid" and event.reason != "aid_concluded"
    return denies_legal_aid(state, event)


def aid_asked_again(state: State, event: Event) -> bool:
    """What was refused was granted after all, or is asked for anew: nothing to object to."""
    return state.ended or not state.may_object


def given_already(state: State, event: Event) -> bool:
    """Something was granted or given first: from now on it joins up with the other source."""
    return state.relieved_first or state.paid or bool(state.granted)


def acts_on_review(state: State, event: Event) -> bool:
    """What the review asked for was done. A yearly review that changes nothing does not."""
    return getattr(event, "track", None) not in ("medical", "legal_aid")


def something_to_change(state: State, event: Event) -> bool:
    """The basis is gone, and 民政局 has relief that goes on, or is still to be decided, to change.
    Where all was denied or paid out there is nothing left to adjust, end or deny."""
    theirs = {*state.continuing, *state.undecided} - {"medical", "legal_aid"}
    return basis_gone(state, event) and bool(theirs)


def basis_holds(state: State, event: Event) -> bool:
    """Looked at again, and found to stand after all: nothing is to be changed any more."""
    return getattr(event, "finding", None) == "basis_stands"


def goes_on(state: State, event: Event) -> bool:
    return not state.ended


def first_money(state: State, event: Event) -> bool:
    """The first grant that must join up with insurance and the other benefits; a lawyer is none."""
    money = [track for track, _ in state.granted if track != "legal_aid"]
    return len(money) == 1 and getattr(event, "track", None) in money


def continues_as(track: str) -> Condition:
    """The yearly review of one track is closed by the review of that track alone."""

    def continues_here(state: State, event: Event) -> bool:
        return getattr(event, "track", None) == track and not state.ended

    return continues_here


def over_as(track: str) -> Condition:
    """What one track owes ends with that track, or with all."""

    def over_here(state: State, event: Event) -> bool:
        return state.ended or getattr(event, "track", None) == track

    return over_here


# --- Named by older editions alone ---------------------------------------------------------------
# The log keeps those editions and folds old cases by them. `living`, `only_others` and
# `denies_legal_aid` above are named by them too, and used here besides.


def eligible(state: State, event: Event) -> bool:
    return state.eligible is True


def barred_soon(state: State, event: Event) -> bool:
    """The claim is barred within seven days: legal aid acts first. 法律援助法 44."""
    return getattr(event, "acts_first", False) is True


def adverse(state: State, event: Event) -> bool:
    """What the patient may dispute: a denial, a cut, an end; not the end that death brings."""
    return getattr(event, "reason", None) != "deceased"


def first_grant(state: State, event: Event) -> bool:
    return len(state.granted) == 1


def continues(state: State, event: Event) -> bool:
    """What is granted month by month is reviewed; a single payment is not."""
    return getattr(event, "track", None) in LIVING and not state.ended


# -------------------------------------------------------------------------------------------------


def status(state: State) -> str:
    if state.ended:
        return "已给付" if state.paid_out else "已终止"
    if state.continuing:
        return "救助中"
    if state.undecided or not state.tracks:
        return "已先行救助" if state.relieved_first else "办理中"
    if state.granted:
        return "已给付"
    if state.relieved_first:
        return "已给付" if state.papers_complete else "已先行救助"
    return "已终止" if state.stopped else "不予救助"
