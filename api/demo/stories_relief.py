"""Stories of relief: checked, publicised, granted or denied by track, reviewed, ended."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from api.demo.people import luck
from api.demo.ways import Act, Now, had, holds, way
from domain.cases import determination as wi
from domain.cases import relief as rlf
from domain.fold import CaseFold
from domain.links import Finding, ReviewBasis
from domain.tasks import Task

DECIDES: dict[str, tuple[rlf.Track, ...]] = {
    "rlf.decide": ("minimum_living", "special_hardship", "low_margin", "rigid_spending"),
    "rlf.temporary": ("temporary",),
    "rlf.charity": ("charity",),
    "rlf.medical": ("medical",),
    "rlf.legal-aid": ("legal_aid",),
}
NEW_LAW_DAY = date(2026, 7, 1)
LINKED = {"rlf.linkage-hssb": "HSSB", "rlf.linkage-mib": "MIB", "rlf.linkage-cab": "CAB"}


@way("relief")
def told(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    township = s.township
    chance = partial(luck, fold.case)
    if s.ended:
        return None
    if not s.urgent and not s.granted and chance("turns urgent") < 0.2:
        worse = rlf.ReportUrgency(reason="突发重病住院（合成）")
        return Act(worse, fold.parties["worker"], (1, 4))
    if s.emergency and chance("no emergency") < 0.15:
        no_emergency = rlf.DenyRelief(track="temporary", reason="不属突发困难（合成）")
        return Act(no_emergency, "CAB", (0, 1))
    if s.emergency:
        return Act(rlf.RelieveFirst(amount=1500), township, (0, 1))
    aided = _decided(fold, "rlf.legal-aid") or _aided(fold)  # it goes its own way, at once
    if aided:
        return aided
    if s.proof_owed:
        proof = rlf.CompletePapers if s.relieved_first else rlf.SupplyProof
        return Act(proof(evidence="deregistration"), township, (2, 5))
    if not s.entry_checked:
        return Act(rlf.CheckEntry(blocked=_blocked(fold, now)), township, (1, 3))
    looked_at = _looked_at_again(fold)
    if looked_at:
        return looked_at
    checked = any(s.open(track) for track in rlf.TOWNSHIP_CHECKS)
    if checked and not s.blocked and s.eligible is None:
        return Act(
            _household(fold, now), township, (1, 5) if luck(fold.case, "quick") < 0.9 else None
        )
    if checked and s.eligible and not s.publicised:
        open_ = [track for track in rlf.TOWNSHIP_CHECKS if s.open(track)]
        amounts = tuple(rlf.PublicAmount(track, 900) for track in open_)
        public = rlf.Publicise(village="合成村", amounts=amounts)
        return Act(public, township, (8, 10), happened=_seventh_day(fold))
    decided = _decided(fold, *DECIDES)
    if decided:
        return decided
    for rule, unit in LINKED.items():
        if fold.open_under(rule):
            return Act(rlf.CheckLinkage(note="待遇无重复（合成）"), unit, (2, 14))
    if s.relieved_first and not s.papers_complete:
        return Act(rlf.CompletePapers(), township, (1, 5))
    return _reviewed(fold) if s.granted else None


def _seventh_day(fold: CaseFold) -> date:
    """The day publicity ended, which is entered the next day at the earliest."""
    return fold.facts_of(rlf.HouseholdChecked)[-1].envelope.occurred.day + timedelta(days=7)


def _looked_at_again(fold: CaseFold) -> Act | None:
    """What the case rests on has changed: the bureau looks at it again, and acts where it must."""
    reviewing = fold.open_under("rlf.review-basis")
    if reviewing:
        gone = luck(reviewing[0].id, "gone") < 0.4
        found: Finding = "basis_gone" if gone else "basis_stands"
        said = ReviewBasis(finding=found, note="已核对（合成）")
        return Act(said, reviewing[0].holder, (3, 15))
    living = [track for track, _ in fold.state.granted if track in rlf.LIVING]
    if holds(fold, "rlf.act-on-review") and living:
        return _stopped(fold, living[0], "basis_lost", (5, 15))
    return None


def _blocked(fold: CaseFold, now: Now) -> tuple[rlf.Blocked, ...]:
    """Whoever has a decision of injury has somebody who pays before relief does."""
    injury = now.folded(wi.case_for(fold.state.diagnosis)).state
    if injury.determined == "yes":
        return ("advance_payment",)
    return ("successor",) if luck(fold.case, "blocked") < 0.12 else ()


def _household(fold: CaseFold, now: Now) -> rlf.CheckHousehold:
    """From the new law on, a township need not find again what another unit found lately."""
    eligible = luck(fold.case, "eligible") < 0.8
    if now.day < NEW_LAW_DAY or luck(fold.case, "recognised") > 0.5:
        return rlf.CheckHousehold(eligible=eligible)
    tested = now.day - timedelta(days=40)
    return rlf.CheckHousehold(eligible=eligible, recognised_from="CAB", tested_on=tested)


def _aided(fold: CaseFold) -> Act | None:
    """Legal aid: a lawyer named, or the denial objected to and looked at again."""
    s = fold.state
    if holds(fold, "rlf.assign-aid"):
        return Act(rlf.AssignAid(), "JB")
    if s.objecting:
        granted = luck(fold.case, "objection") < 0.5
        return Act(rlf.DecideObjection(grant=granted), "JB")
    if holds(fold, "rlf.aid-object") and luck(fold.case, "objects") < 0.8:
        return Act(rlf.ObjectToDenial(), fold.parties["worker"], (1, 10))
    return None


def _decided(fold: CaseFold, *rules: str) -> Act | None:
    s = fold.state
    owed = fold.open_under(*rules)
    for task in sorted(owed, key=_nearest):
        for track in DECIDES[task.rule.id]:
            if not s.open(track):
                continue
            # Few days are given: most bureaus decide at once, some let them pass.
            days = (1, 2) if luck(task.id, "prompt") < 0.92 else None
            unfit = track in rlf.TOWNSHIP_CHECKS and not s.publicised
            chance = 0.5 if track == "legal_aid" else 0.15
            if unfit or luck(fold.case, track) < chance:
                denied = rlf.DenyRelief(track=track, reason="不符合条件（合成）")
                return Act(denied, task.holder, days)
            amount = 0 if track == "legal_aid" else 900
            return Act(rlf.ApproveRelief(track=track, amount=amount), task.holder, days)
    return None


def _nearest(task: Task) -> date:
    return task.due.legal if task.due else date.max


def _reviewed(fold: CaseFold) -> Act | None:
    """Each living track goes its own way: reviewed every year, raised, cut, or ended."""
    if luck(fold.case, "dies") < 0.08:
        return Act(rlf.EndRelief(reason="deceased"), "CAB", (40, 200))
    for track, amount in sorted(fold.state.granted, key=lambda line: _review_due(fold, line[0])):
        act = _goes_on(fold, track, amount)
        if act:
            return act
    return None


def _review_due(fold: CaseFold, track: rlf.Track) -> str:
    """The day a track's review is due; whatever has none comes first."""
    rule = "rlf.review" if track == "minimum_living" else f"rlf.review-{track.replace('_', '-')}"
    task = next((t for t in fold.open_tasks() if t.rule.id == rule), None)
    return str(task.due.legal) if task and task.due else ""


def _goes_on(fold: CaseFold, track: rlf.Track, amount: int) -> Act | None:
    if track == "legal_aid":
        return Act(
            rlf.EndTrack(track=track, reason="aid_concluded"), _owner(fold, track), (60, 200)
        )
    if track not in rlf.LIVING or had(fold, "relief.reviewed") > 5:
        return None
    owner = _owner(fold, track)
    if luck(fold.case, f"ends {track}") < 0.2:
        return _stopped(fold, track, "means_improved", (60, 250))
    if luck(fold.case, f"cut {track}") < 0.35 and amount > 600:
        if not _heard(fold, track):
            return Act(rlf.OfferHearing(track=track), owner, (60, 250))
        return _asked_for(fold, track) or Act(
            rlf.ReviewRelief(track=track, amount=amount - 200), owner, (14, 30)
        )
    # Never above the 900 that were publicised.
    raised = 30 if amount < 900 else 0
    return Act(rlf.ReviewRelief(track=track, amount=amount + raised), owner, (150, 360))


def _stopped(
    fold: CaseFold, track: rlf.Track, why: rlf.TrackEndReason, days: tuple[int, int]
) -> Act:
    """A hearing is offered, and then the track is ended."""
    owner = _owner(fold, track)
    if not _heard(fold, track):
        return Act(rlf.OfferHearing(track=track), owner, days)
    return _asked_for(fold, track) or Act(rlf.EndTrack(track=track, reason=why), owner, (14, 30))


def _asked_for(fold: CaseFold, track: rlf.Track) -> Act | None:
    """Some patients ask for the hearing they were offered, and it is held."""
    if track in fold.state.to_hear:
        return Act(rlf.HoldHearing(track=track, note="已听取意见（合成）"), "CAB", (5, 15))
    may = any(task.slot == track for task in fold.open_under("rlf.be-heard"))
    if may and luck(fold.case, f"heard {track}") < 0.3:
        return Act(rlf.RequestHearing(track=track), fold.parties["worker"], (1, 4))
    return None


def _owner(fold: CaseFold, track: str) -> str:
    """The bureau that granted a track looks after it."""
    grants = fold.facts_of(rlf.ReliefApproved)
    return [f.envelope.actor for f in grants if f.event.track == track][-1]


def _heard(fold: CaseFold, track: str) -> bool:
    """Whether a hearing was offered since the track was last reviewed."""
    said = fold.facts_of(rlf.HearingOffered, rlf.ReliefReviewed)
    mine = [fact.event for fact in said if fact.event.track == track]
    return bool(mine) and isinstance(mine[-1], rlf.HearingOffered)
