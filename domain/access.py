"""Access 权限: who may read what. The one answer, for every door.

Until sign-in exists the caller's party is what its header says, on loopback alone; what it decides
so far is the feed.
"""

from __future__ import annotations

from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

OVERSEERS = ("CGO", LEADING_GROUP, LEADING_GROUP_OFFICE)
"""县政府办、领导小组及其办公室: they supervise every unit (43号文 三、四)."""


def sees_all(party: str) -> bool:
    """Whether a party may read every case; the others read those they have to do with."""
    return party in OVERSEERS
