"""Stories of relief: checked, publicised, granted or denied by track, reviewed, ended."""

from __future__ import annotations

from functools import partial

from api.demo.people import luck
from api.demo.ways import Act, Now, had, way
from domain.cases import relief as rlf
from domain.fold import CaseFold

DECIDES: dict[str, tuple[rlf.Track, ...]] = {
    "rlf.decide": ("minimum_living", "special_hardship", "low_margin", "rigid_spending"),
    "rlf.temporary": ("temporary",),
    "rlf.charity": ("charity",),
    "rlf.medical": ("medical",),
    "rlf.legal-aid": ("legal_aid",),
}
LINKED = {"rlf.linkage-hssb": "HSSB", "rlf.linkage-mib": "MIB", "rlf.linkage-cab": "CAB"}


@way("relief")
def told(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    township = s.township
    chance = partial(luck, fold.case)
    if s.ended:
        return None
    if s.urgent and not s.relieved_first:
        return Act(rlf.RelieveFirst(amount=1500), township, (0, 1))
    if s.relieved_first and not s.papers_complete:
        return Act(rlf.CompletePapers(), township, (3, 9))
    if not s.entry_checked:
        blocked: tuple[rlf.Blocked, ...] = ("successor",) if chance("blocked") < 0.15 else ()
        return Act(rlf.CheckEntry(blocked=blocked), township, (1, 8))
    living = any(s.open(track) for track in rlf.LIVING)
    if living and not s.blocked and s.eligible is None:
        return Act(rlf.CheckHousehold(eligible=chance("eligible") < 0.8), township)
    if living and s.eligible and not s.publicised:
        return Act(rlf.Publicise(village="合成村", amount=900), township)
    decided = _decided(fold)
    if decided:
        return decided
    for rule, unit in LINKED.items():
        if any(t.rule.id == rule for t in fold.open_tasks()):
            return Act(rlf.CheckLinkage(note="待遇无重复（合成）"), unit, (2, 14))
    if not s.granted:
        return None
    return _reviewed(fold)


def _decided(fold: CaseFold) -> Act | None:
    s = fold.state
    for task in fold.open_tasks():
        for track in DECIDES.get(task.rule.id, ()):
            if not s.open(track):
                continue
            barred = bool(s.blocked) and track not in ("legal_aid", "charity", "temporary")
            refused = track in rlf.LIVING and s.eligible is False
            unpublished = track in rlf.LIVING and not s.publicised
            if barred or refused or unpublished or luck(fold.case, track) < 0.2:
                denied = rlf.DenyRelief(track=track, reason="不符合条件（合成）")
                return Act(denied, task.holder)
            amount = 0 if track == "legal_aid" else 900
            return Act(rlf.ApproveRelief(track=track, amount=amount), task.holder)
    return None


def _reviewed(fold: CaseFold) -> Act | None:
    s = fold.state
    if luck(fold.case, "ends") < 0.3 and not s.ended:
        if luck(fold.case, "dies") < 0.3:
            return Act(rlf.EndRelief(reason="deceased"), "CAB", (40, 200))
        if not s.hearing:
            return Act(rlf.OfferHearing(), "CAB", (60, 250))
        return Act(rlf.EndRelief(reason="means_improved"), "CAB", (7, 20))
    if any(t.rule.id == "rlf.review" for t in fold.open_tasks()):
        living = [(track, amount) for track, amount in s.granted if track in rlf.LIVING]
        if living and had(fold, "relief.reviewed") < 4:
            track, amount = living[0]
            return Act(rlf.ReviewRelief(track=track, amount=amount + 30), "CAB", (150, 360))
    return None
