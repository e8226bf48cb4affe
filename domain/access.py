"""Access 权限: who may read what. The one answer, for every door.

Until sign-in exists the caller's party is what its header says, on loopback alone; what it decides
so far is the feed, and who is told who informed.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

OVERSEERS = ("CGO", LEADING_GROUP, LEADING_GROUP_OFFICE)
"""县政府办、领导小组及其办公室: they supervise every unit (43号文 三、四)."""


def sees_all(party: str) -> bool:
    """Whether a party may read every case; the others read those they have to do with."""
    return party in OVERSEERS


def kept_from(viewer: str | None, parties: Mapping[str, str]) -> str | None:
    """The informant of a case whose id is not told to whoever looks at it; None where it may be.

    He himself, the unit that answers him, 领导小组 and its office are told (law.md A.2: the content
    of a tip is shared, who informed is not).
    """
    informant = parties.get("informant")
    told = (informant, parties.get("handler"), LEADING_GROUP, LEADING_GROUP_OFFICE)
    return None if viewer in told else informant
