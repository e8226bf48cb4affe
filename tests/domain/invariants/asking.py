"""How an invariant is registered, and who asks about it when."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from domain.decider import Refused
from domain.fold import CaseFold
from tests.domain.world import Given, World

Moment = Literal["told", "given", "refusal", "standing", "ended"]


@dataclass(frozen=True)
class Invariant:
    """What must hold, when it is asked, and the function that finds out."""

    name: str
    zh: str
    en: str
    moment: Moment
    check: Callable[..., None]


INVARIANTS: dict[str, Invariant] = {}
Check = Callable[..., None]


def _registered(moment: Moment) -> Callable[[str, str], Callable[[Check], Check]]:
    def described(zh: str, en: str) -> Callable[[Check], Check]:
        def register(check: Check) -> Check:
            name = check.__name__
            INVARIANTS[name] = Invariant(name, zh, en, moment, check)
            return check

        return register

    return described


told, given = _registered("told"), _registered("given")
refusal, standing, ended = _registered("refusal"), _registered("standing"), _registered("ended")


class Judge:
    """Asks every invariant (or those named) at its moment."""

    def __init__(self, names: Collection[str] | None = None) -> None:
        chosen = [i for i in INVARIANTS.values() if names is None or i.name in names]
        self.at: dict[Moment, list[Check]] = {
            moment: [i.check for i in chosen if i.moment == moment]
            for moment in ("told", "given", "refusal", "standing", "ended")
        }

    def refused(self, world: World, command: Any, refused: Refused) -> None:
        for check in self.at["refusal"]:
            check(world, command, refused)

    def carried_out(self, world: World, carried: Given) -> None:
        for one in carried.told:
            for check in self.at["told"]:
                check(world, one)
        for check in self.at["given"]:
            check(world, carried)

    def now(self, world: World) -> None:
        for check in self.at["standing"]:
            check(world)

    def end(self, world: World) -> None:
        for check in self.at["ended"]:
            check(world)


def ever_corrected(fold: CaseFold) -> bool:
    """Whether a fact of the case was put right, by whatever hand."""
    return fold.version > len(fold.facts)
