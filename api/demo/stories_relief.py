"""Stories of relief: checked, publicised, granted or denied by track, reviewed, ended."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from api.demo.people import luck
from api.demo.ways import Act, Now, had, holds, way
from domain.cases import determination as wi
from domain.cases import relief as rlf
from domain.fold import CaseFold

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
    if not s.urgent and chance("turns urgent") < 0.2:
        worse = rlf.ReportUrgency(reason="突发重病住院（合成）")
        return Act(worse, fold.parties["worker"], (2, 12))
    if s.urgent and not s.relieved_first:
        return Act(rlf.RelieveFirst(amount=1500), township, (0, 1))
    if s.relieved_first and not s.papers_complete:
        proof: rlf.Evidence | None = "deregistration" if s.proof_owed else None
        return Act(rlf.CompletePapers(evidence=proof), township, (3, 9))
    if not s.entry_checked:
        return Act(rlf.CheckEntry(blocked=_blocked(fold, now)), township, (1, 8))
    checked = any(s.open(track) for track in rlf.TOWNSHIP_CHECKS)
    if checked and not s.blocked and s.eligible is None:
        return Act(_household(fold, now), township)
    if checked and s.eligible and not s.publicised:
        return Act(rlf.Publicise(village="合成村", amount=900), township, (8, 12))
    decided = _decided(fold) or _aided(fold)
    if decided:
        return decided
    for rule, unit in LINKED.items():
        if any(t.rule.id == rule for t in fold.open_tasks()):
            return Act(rlf.CheckLinkage(note="待遇无重复（合成）"), unit, (2, 14))
    if not s.granted:
        return None
    return _reviewed(fold)


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


def _decided(fold: CaseFold) -> Act | None:
    s = fold.state
    for task in fold.open_tasks():
        for track in DECIDES.get(task.rule.id, ()):
            if not s.open(track):
                continue
            unfit = track in rlf.TOWNSHIP_CHECKS and not s.publicised
            chance = 0.5 if track == "legal_aid" else 0.15
            if unfit or luck(fold.case, track) < chance:
                denied = rlf.DenyRelief(track=track, reason="不符合条件（合成）")
                return Act(denied, task.holder)
            amount = 0 if track == "legal_aid" else 900
            return Act(rlf.ApproveRelief(track=track, amount=amount), task.holder)
    return None


def _reviewed(fold: CaseFold) -> Act | None:
    """Each living track goes its own way: reviewed every year, raised, cut, or ended."""
    if luck(fold.case, "dies") < 0.08:
        return Act(rlf.EndRelief(reason="deceased"), "CAB", (40, 200))
    for track, amount in fold.state.granted:
        act = _goes_on(fold, track, amount)
        if act:
            return act
    return None


def _goes_on(fold: CaseFold, track: rlf.Track, amount: int) -> Act | None:
    if track == "legal_aid":
        return Act(
            rlf.EndTrack(track=track, reason="aid_concluded"), _owner(fold, track), (60, 200)
        )
    if track not in rlf.LIVING or had(fold, "relief.reviewed") > 5:
        return None
    owner = _owner(fold, track)
    ends = luck(fold.case, f"ends {track}") < 0.2
    if ends or (luck(fold.case, f"cut {track}") < 0.35 and amount > 600):
        if not _heard(fold, track):
            return Act(rlf.OfferHearing(track=track), owner, (60, 250))
        if ends:
            return Act(rlf.EndTrack(track=track, reason="means_improved"), owner, (14, 30))
        return Act(rlf.ReviewRelief(track=track, amount=amount - 200), owner, (14, 30))
    return Act(rlf.ReviewRelief(track=track, amount=amount + 30), owner, (150, 360))


def _owner(fold: CaseFold, track: str) -> str:
    """The bureau that granted a track looks after it."""
    grants = (f for f, _ in fold.facts if isinstance(f.event, rlf.ReliefApproved))
    return [f.envelope.actor for f in grants if f.event.track == track][-1]


def _heard(fold: CaseFold, track: str) -> bool:
    """Whether a hearing was offered since the track was last reviewed."""
    kinds = rlf.HearingOffered, rlf.ReliefReviewed
    said = [f.event for f, _ in fold.facts if isinstance(f.event, kinds)]
    mine = [event for event in said if event.track == track]
    return bool(mine) and isinstance(mine[-1], rlf.HearingOffered)
