"""A county without a database: every kind of case, any command, anybody, any day.

Commands go the way they go in the log (`eventstore.application`): admitted, decided, recorded,
followed by other kinds, uniqueness kept. A judge watches every step (tests/domain/invariants.py).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Protocol

from api import law
from domain.cases import CASE_KINDS, decide, followed, kind_of
from domain.corrections import ApplyReference, CorrectFact
from domain.decider import COMMAND_TYPES, Claim, CommandType, Context, On, Refused, Release
from domain.events import SHANGHAI, Moment, Recorded
from domain.fold import CaseFold, empty, step
from domain.rules import Reference, parse_calendar, parse_edition, split
from eventstore.application import Order, _admit, _recorded, already_open, linked_keys
from tests.domain import making
from tests.spec import reference

OPENERS = ("worker:S-1", "hospital:H-01", "HB", "HB", "EEB", "TS-110")


@cache
def next_edition() -> Reference:
    """The law as if the county had changed two values: a longer window, an earlier alarm."""
    edition, calendar = split(law.files())
    edition = {
        path: text.replace("value = 5\n", "value = 6\n") if path == "policy/tasks.toml" else text
        for path, text in edition.items()
    }
    return Reference(parse_edition(edition), parse_calendar(calendar))


@cache
def references() -> tuple[Reference, ...]:
    """What may be in force: the law as shipped, one calendar short, and a later edition."""
    return reference(), reference(without_year=2026), next_edition()


@dataclass(frozen=True)
class Told:
    """One event, with its case before and after it."""

    before: CaseFold
    recorded: Recorded
    after: CaseFold

    @property
    def event(self) -> Any:
        return self.recorded.event

    @property
    def type(self) -> str:
        return self.recorded.envelope.type


@dataclass(frozen=True)
class Given:
    """A command that was carried out: by whom, on what, and what it brought about."""

    command: Any
    kind: CommandType
    context: Context
    told: tuple[Told, ...]
    again: tuple[Any, ...] | Refused  # the very same command given at once once more


class Judge(Protocol):
    """Who watches a world: raises AssertionError for what must not be."""

    def refused(self, world: World, command: Any, refusal: Refused) -> None: ...
    def carried_out(self, world: World, given: Given) -> None: ...


@dataclass
class World:
    """Cases, a calendar, and people who do what comes into their heads."""

    judge: Judge | None = None
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
    under: Reference = field(default_factory=reference)
    folds: dict[str, CaseFold] = field(default_factory=dict)
    history: dict[str, list[tuple[Recorded, Reference]]] = field(default_factory=dict)
    then: list[Told] = field(default_factory=list)  # everything told, in order
    claims: dict[tuple[str, str], str] = field(default_factory=dict)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)  # how often, of each case
    count: int = 0

    @property
    def day(self) -> date:
        return self.now.date()

    def fold(self, case: str) -> CaseFold:
        return self.folds.get(case) or empty(kind_of(case), case)

    # --- What may happen -------------------------------------------------------------------------

    def days_pass(self, days: int) -> None:
        self.now = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=SHANGHAI)
        self.now += timedelta(days=days)

    def adopt(self, which: int) -> None:
        """Another law or calendar is in force from now on; open cases are put under it."""
        self.under = references()[which]
        for case in list(self.folds):
            self.give(ApplyReference(), "system", case)

    def open_case(self, kind: str, chance: Random) -> None:
        opening = [c for c in making.commands_of(kind) if c.opens]
        if not opening:
            return
        chosen, late = chance.choice(opening), self._late(chance)
        rests_on = _named(chosen)
        bases = [id for id in self.folds if rests_on and id.startswith(rests_on)]
        base = chance.choice(bases) if bases else None
        for _ in range(10):
            given = making.command(chosen, self, None, chance)
            if base:
                given = replace(given, **{f"case_{rests_on}": base})
            parties = self.fold(base).parties.values() if base else ()
            actor = chance.choice((*chosen.by, *parties) or OPENERS)
            if not isinstance(self.give(given, actor, None, late), Refused):
                return
            if base:  # what the new case rests on goes on, until it bears one
                self.go_on(base, chance)

    def stretch(self, chance: Random) -> None:
        """Some steps of one case's way, on the same day or a few days apart."""
        fold = self._some_case(chance)
        for _ in range(chance.choice((1, 2, 4, 8)) if fold else 0):
            assert fold is not None
            self.go_on(fold.case, chance)
            if chance.random() < 0.3:
                self.days_pass(chance.choice((1, 2, 5)))

    def go_on(self, case: str, chance: Random) -> None:
        """The next step of a case's way that is admitted of somebody."""
        fold = self.fold(case)
        kinds = list(making.commands_of(fold.kind.name))
        if chance.random() < 0.35:
            chance.shuffle(kinds)
        for kind in kinds:
            tired = self.done[case, kind.name] > 1 and chance.random() < 0.9
            if kind.opens or tired:
                continue
            for actor in self._concerned(kind, fold):
                for _ in range(2):
                    command = making.command(kind, self, fold, chance)
                    if self._admitted(command, actor, fold.case):
                        self.done[case, kind.name] += 1
                        self.give(command, actor, case, self._late(chance))
                        return

    def any_step(self, chance: Random) -> None:
        fold = self._some_case(chance)
        if fold:
            kinds = [c for c in making.commands_of(fold.kind.name) if not c.opens]
            if chance.random() < 0.3:
                kinds = [*making.papers()]
            if kinds:
                command = making.command(chance.choice(kinds), self, fold, chance)
                self.give(command, self._anybody(fold, chance), fold.case, self._late(chance))

    def act(self, chance: Random) -> None:
        """An act on a task: mostly one its giver may do, sometimes anybody's."""
        fold = self._some_case(chance)
        tasks = fold.open_tasks() if fold else []
        if fold is None or not tasks:
            return
        task = chance.choice((tasks[-1], chance.choice(tasks)))
        kinds = list(making.ACTS)
        chance.shuffle(kinds)
        if task.returned:
            kinds.sort(key=lambda kind: "return" not in kind.name)
        for kind in kinds[: chance.choice((1, 6))]:
            given = replace(making.command(kind, self, fold, chance), task=task.id)
            actor = task.holder if chance.random() < 0.7 else self._anybody(fold, chance)
            if kind.by:
                actor = kind.by[0]
            elif kind.name == "task.answer_assist" and task.helpers:
                actor = task.helpers[0]
            elif kind.name == "task.withdraw":
                actor = task.sender
            if not isinstance(self.give(given, actor, fold.case), Refused):
                return

    def correct(self, chance: Random) -> None:
        fold = self._some_case(chance)
        if fold:
            given = making.command(COMMAND_TYPES["case.correct"], self, fold, chance)
            assert isinstance(given, CorrectFact)
            fact = fold.fact(given.version)
            actor = fact.envelope.actor if fact else "HB"
            self.give(given, chance.choice((actor, actor, "LGO", "HB")), fold.case)

    def walk(self, chance: Random, steps: int) -> World:
        """So many steps by chance."""
        for _ in range(steps):
            self.step(chance)
        return self

    def step(self, chance: Random) -> None:
        what = chance.random()
        if not self.folds or what < 0.10:
            kinds = [kind for kind in CASE_KINDS if kind != "period" or chance.random() < 0.1]
            self.open_case(chance.choice(kinds), chance)
        elif what < 0.22:
            self.days_pass(chance.choice((1, 1, 2, 3, 6, 12, 40)))
        elif what < 0.55:
            self.stretch(chance)
        elif what < 0.70:
            self.any_step(chance)
        elif what < 0.93:
            self.act(chance)
        elif what < 0.98:
            self.correct(chance)
        else:
            self.adopt(chance.randrange(len(references())))

    # --- Commands --------------------------------------------------------------------------------

    def give(
        self, command: Any, actor: str, case: str | None, late: int = 0
    ) -> tuple[Told, ...] | Refused:
        """Give a command; a refusal is an answer. What was carried out is tried a second time."""
        kind = next(c for c in COMMAND_TYPES.values() if c.cls is type(command))
        if case is None:
            self.count += 1
            case = f"{kind.name.partition('.')[0]}-{self.count}"
        self.now += timedelta(minutes=1)
        order = self._order(command, actor, case, late)
        try:
            context, decision = self._decided(kind, order)
            told = self._told(order, decision, context)
            claims = self._claims(order, decision, told, context)
        except Refused as refusal:
            if self.judge:
                self.judge.refused(self, command, refusal)
            return refusal
        for one in told:
            self.folds[one.after.case] = one.after
            self.history.setdefault(one.after.case, []).append((one.recorded, self.under))
        self.claims = claims
        self.then += told
        if self.judge:
            given = Given(command, kind, context, told, self._again(kind, order))
            self.judge.carried_out(self, given)
        return told

    def _again(self, kind: CommandType, order: Order) -> tuple[Any, ...] | Refused:
        try:
            return self._decided(kind, order)[1]
        except Refused as refusal:
            return refusal

    def _order(self, command: Any, actor: str, case: str, late: int) -> Order:
        day = Moment.on(self.day - timedelta(days=late))
        occurred = day if late or self.count % 2 else Moment(self.now, "minute")
        id = f"command-{len(self.then)}-{self.now:%m%d%H%M}"
        return Order(command, id, actor, "officer-1", occurred, case)

    def _decided(self, kind: CommandType, order: Order) -> tuple[Context, tuple[Any, ...]]:
        case, command = str(order.case), order.command
        fold = self.fold(case)
        named = {
            getattr(command, f.name)
            for f in dataclasses.fields(command)
            if f.name.startswith("case_") and getattr(command, f.name)
        }
        if any(id.partition("-")[0] not in CASE_KINDS for id in named):
            raise Refused("no-such-case", "没有这一案件", "No such case")
        assert order.occurred is not None
        context = Context(
            now=self.now,
            occurred=order.occurred,
            actor=order.actor,
            recorder=order.recorder,
            fold=fold,
            reference=self.under,
            cases={id: self.fold(id) for id in {*named, *fold.kind.links(fold.state)}},
        )
        _admit(kind, order, context)
        return context, decide(command, context)

    def _admitted(self, command: Any, actor: str, case: str) -> bool:
        kind = next(c for c in COMMAND_TYPES.values() if c.cls is type(command))
        try:
            return bool(self._decided(kind, self._order(command, actor, case, 0))[1])
        except Refused:
            return False

    def _told(self, order: Order, decision: tuple[Any, ...], context: Context) -> tuple[Told, ...]:
        """What would be recorded, each with its case before and after it."""
        told: list[Told] = []
        folds: dict[str, CaseFold] = {}
        pending = [item for item in decision if not isinstance(item, (Claim, Release))]
        while pending:
            item = pending.pop(0)
            case, event = (item.case, item.event) if isinstance(item, On) else (context.case, item)
            before = folds.get(case) or self.fold(case)
            recorded = _recorded(case, before.version + 1, event, order, context.case, context)
            position = len(self.then) + len(told) + 1
            envelope = replace(recorded.envelope, position=position)
            if before.version == 0:
                envelope = replace(envelope, case_number=f"{before.kind.number_prefix}-{position}")
            recorded = Recorded(envelope, event)
            after = folds[case] = step(before, recorded, self.under)
            told.append(Told(before, recorded, after))
            pending += followed(case, event, before, context.occurred.day)
        return tuple(told)

    def _claims(
        self, order: Order, decision: tuple[Any, ...], told: tuple[Told, ...], context: Context
    ) -> dict[tuple[str, str], str]:
        """The uniqueness keys as they will stand. Refused where another case holds one."""
        recorded = [one.recorded for one in told]
        folds = {case: self.fold(case) for case in {one.after.case for one in told}}
        keys = [(context.case, item) for item in decision if isinstance(item, (Claim, Release))]
        keys += linked_keys(context.case, recorded, folds, self.under)
        claims = dict(self.claims)
        for case, key in keys:
            if isinstance(key, Release) and claims.get((key.index, key.key)) == case:
                del claims[key.index, key.key]
        for case, key in keys:
            if isinstance(key, Claim):
                holder = claims.setdefault((key.index, key.key), case)
                if holder != case:
                    raise already_open(self.fold(holder).number or holder, order.command)
        return claims

    # --- Who -------------------------------------------------------------------------------------

    def _some_case(self, chance: Random) -> CaseFold | None:
        return self.folds[chance.choice(list(self.folds))] if self.folds else None

    def _concerned(self, kind: CommandType, fold: CaseFold) -> list[str]:
        """Who may give the command; else who has to do with the case."""
        if kind.by:
            return [fold.parties.get(role, role) for role in kind.by]
        holders = [task.holder for task in fold.open_tasks()]
        return list(dict.fromkeys((*holders, *fold.parties.values(), "LGO")))

    def _anybody(self, fold: CaseFold | None, chance: Random) -> str:
        outside = (
            "worker:S-1",
            "employer:91330523MA000TE131",
            "institution:DI-01",
            "hospital:H-01",
            "system",
        )
        parties = tuple(fold.parties.values()) if fold else ()
        return chance.choice((*outside, *parties, *making.UNITS))

    @staticmethod
    def _late(chance: Random) -> int:
        """How many days after it happened a fact is entered."""
        return chance.choice((0, 0, 0, 0, 1, 4))


def _named(kind: CommandType) -> str:
    """The kind of case an opening command names (`case_diagnosis` → `diagnosis`)."""
    names = [f.name for f in dataclasses.fields(kind.cls) if f.name.startswith("case_")]
    return names[0].removeprefix("case_") if names else ""
