"""Stories of tips: taken in, returned, routed, merged and parted, answered in time or late."""

from __future__ import annotations

from api.demo.people import luck
from api.demo.ways import Act, Now, had, way
from domain.cases import tip
from domain.fold import CaseFold

ELSEWHERE = ("HB", "EMB", "HSSB", "EEB", "HUCB", "EIB", "MIB")


def elsewhere(fold: CaseFold, word: str) -> str:
    """A unit that is neither accused nor has the tip."""
    s = fold.state
    free = [u for u in ELSEWHERE if u not in (s.handler, s.accused_unit)]
    return free[int(luck(fold.case, word) * len(free))]


@way("tip")
def told(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    handler = s.handler
    chance = luck(fold.case, "course")
    unverified = fold.open_under("tip.incident-check")
    if unverified:
        none = tip.CheckIncident(outcome="no_incident", note="经现场核实，未发生事故（合成）")
        return Act(none, unverified[0].holder, (0, 2))
    if s.refused or s.concluded:
        return _answered(fold)
    if not s.accepted and not _silent(fold, now):
        return _taken(fold)
    if s.named and not s.informed and luck(fold.case, "informs") < 0.9:
        return Act(tip.TellInformant(), handler, (0, 2))
    if s.merged_into:
        if luck(fold.case, "parts") < 0.4:
            return Act(tip.UnmergeTip(reason="查明并非同一事项"), handler, (3, 20))
        return None  # concluded with the main tip
    labour = {"no_contract", "uninsured"} & set(s.matters)
    if handler == "HSSB" and labour and not s.filed and chance < 0.6:
        return Act(tip.FileLabourCase(), "HSSB", (1, 10))
    if chance > 0.75 and not had(fold, "tip.merged") and not s.joined:
        main = _same(fold, now)
        if main:
            return Act(tip.MergeTip(case_main=main), handler, (1, 6))
    findings: tuple[tip.Finding, ...] = ("substantiated", "partly", "unsubstantiated")
    finding = findings[int(luck(fold.case, "found") * 3)]
    return Act(tip.ConcludeTip(finding=finding, note="经现场检查（合成）"), handler)


def _silent(fold: CaseFold, now: Now) -> bool:
    """Nobody said anything within the days: that was acceptance, and it is simply handled."""
    asked = (t for t in fold.open_tasks() if t.rule.id.startswith("tip.accept"))
    return any(task.standing(now.noon) == "closed" for task in asked)


def _taken(fold: CaseFold) -> Act | None:
    s = fold.state
    chance = luck(fold.case, "takes")
    if chance < 0.07 and not s.routed and luck(fold.case, "of its own") < 0.6:
        ruled = tip.RouteTip(to=elsewhere(fold, "ruled"), reason="按职责分工由其办理")
        return Act(ruled, "LGO", (1, 3))
    labour = {"no_contract", "uninsured"} & set(s.matters)
    if s.handler == "HSSB" and labour and chance > 0.7:
        return Act(tip.FileLabourCase(), "HSSB")
    if luck(fold.case, "refuses") < 0.06:
        return Act(tip.RefuseTip(ground="no_facts"), s.handler)
    # In time, or after silence has accepted it: then it is simply handled, and told of.
    silent = luck(fold.case, "silent") < 0.12
    return Act(tip.AcceptTip(), s.handler, (8, 10) if silent else (1, 4))


def _answered(fold: CaseFold) -> Act | None:
    s = fold.state
    if s.named and not s.informed:
        return Act(tip.TellInformant(), s.handler)
    if s.concluded and s.named and not s.replied:
        days = (1, 9) if luck(fold.case, "replies") < 0.93 else (40, 90)
        return Act(tip.ReplyToInformant(), s.handler, days)
    return None


def _same(fold: CaseFold, now: Now) -> str | None:
    """Another tip that the same unit has in hand."""
    for case in reversed(now.peers.get("tip", ())):
        other = now.folded(case).state
        open_still = other.accepted and not other.concluded and not other.merged_into
        if case != fold.case and open_still and other.handler == fold.state.handler:
            return case
    return None
