"""Access 权限: who may read what. The one answer, for every door.

Until sign-in exists the caller's party is what its header says, on loopback alone; what it decides
so far is the feed, who is told who informed, and who is told why a firm is inspected.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE, is_outside

OVERSEERS = ("CGO", LEADING_GROUP, LEADING_GROUP_OFFICE)
"""县政府办、领导小组及其办公室: they supervise every unit (43号文 三、四)."""

BASIS = {"inspection.opened": ("ground", "basis", "basis_told")}
"""What a firm is inspected on; from a tip among these it would learn that somebody complained."""


def sees_all(party: str) -> bool:
    """Whether a party may read every case; the others read those they have to do with."""
    return party in OVERSEERS


def told_who_informed(viewer: str | None, parties: Mapping[str, str]) -> bool:
    """Whether the informant of a case with these parties may be told to whoever looks at it: to
    the unit that answers him, 领导小组 and its office (law.md A.2: the content of a tip is shared,
    who informed is not). Never to a unit that the tip accuses, which the case's kind says.
    """
    told = (parties.get("handler"), LEADING_GROUP, LEADING_GROUP_OFFICE)
    return viewer is not None and viewer in told


def told_the_basis(viewer: str | None) -> bool:
    """Whether whoever looks is told what an inspection rests on: a unit is, the firm is not."""
    return viewer is not None and not is_outside(viewer)
