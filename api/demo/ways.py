"""A way 走法: what happens next in a case of a kind, told from the case itself.

One module per kind of story registers its ways here. A way is a pure function of the fold: chance
belongs to the case (`luck`), so the same county comes again from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from api.demo.people import People
from domain.events import SHANGHAI
from domain.fold import CaseFold


@dataclass(frozen=True)
class Act:
    """A command and who gives it; `soon` where people do not wait for the deadline."""

    command: Any
    actor: str
    days: tuple[int, int] | None = None  # how long they take; none: as the deadline leaves
    on: str | None = None  # another case, where the act is not on this one
    happened: date | None = None  # the day of the fact, where it is entered later


@dataclass(frozen=True)
class Now:
    """What a way may know beside its case."""

    day: date
    people: People
    folded: Callable[[str], CaseFold]
    peers: Mapping[str, Sequence[str]]  # kind -> the latest cases of it
    asked: Set[tuple[str, str]]  # a case, and the kind of case it led to already

    @property
    def noon(self) -> datetime:
        return datetime.combine(self.day, time(12), SHANGHAI)


Way = Callable[[CaseFold, Now], Act | None]
WAYS: dict[str, Way] = {}


def way(kind: str) -> Callable[[Way], Way]:
    """Register how cases of a kind go on; None ends the story, until another case touches it."""

    def register(told: Way) -> Way:
        WAYS[kind] = told
        return told

    return register


def had(fold: CaseFold, *types: str) -> int:
    """How many facts of these types the case has."""
    return sum(fact.envelope.type in types for fact, _ in fold.facts)


def holds(fold: CaseFold, rule: str) -> bool:
    return bool(fold.open_under(rule))
