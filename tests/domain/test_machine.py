"""Every kind of case in chance hands: any command, any day, anybody, refusals too.

What must hold whatever is done is the list in `tests/domain/invariants.py`. Here it is asked along
stories that Hypothesis chooses; `ZHIFANG_LONG=1` lets it search for as long as one has patience.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from domain.cases import CASE_KINDS
from domain.decider import COMMAND_TYPES
from domain.events import EVENT_TYPES, type_of
from tests.domain import making
from tests.domain.invariants import INVARIANTS, Judge
from tests.domain.world import World, references

LONG = int(os.environ.get("ZHIFANG_LONG", "0"))
CHANCE = st.integers(0, 2**32 - 1).map(Random)


class CountyInChanceHands(RuleBasedStateMachine):
    """A whole county: cases of every kind, and people who do what comes into their heads."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()
        self.world = World(judge=self.judge)

    @rule(kind=st.sampled_from(sorted(CASE_KINDS)), chance=CHANCE)
    def a_case_is_opened(self, kind: str, chance: Random) -> None:
        self.world.open_case(kind, chance)

    @rule(days=st.integers(0, 40))
    def days_pass(self, days: int) -> None:
        self.world.days_pass(days)
        self.judge.now(self.world)

    @rule(chance=CHANCE)
    def a_case_goes_on(self, chance: Random) -> None:
        self.world.stretch(chance)

    @rule(chance=CHANCE)
    def anybody_tries_anything(self, chance: Random) -> None:
        self.world.any_step(chance)

    @rule(chance=CHANCE)
    def somebody_acts_on_a_task(self, chance: Random) -> None:
        self.world.act(chance)

    @rule(chance=CHANCE)
    def a_fact_is_corrected(self, chance: Random) -> None:
        self.world.correct(chance)

    @rule(which=st.integers(0, len(references()) - 1))
    def another_law_or_calendar_is_adopted(self, which: int) -> None:
        self.world.adopt(which)

    @rule(chance=CHANCE)
    def a_busy_week(self, chance: Random) -> None:
        self.world.walk(chance, 6)
        self.judge.now(self.world)

    def teardown(self) -> None:
        self.judge.now(self.world)
        self.judge.end(self.world)


TestCountyInChanceHands = CountyInChanceHands.TestCase
TestCountyInChanceHands.settings = settings(
    max_examples=LONG * 1000 or 40,
    derandomize=not LONG,  # the same in every run; a longer search is for whoever changes a kind
    phases=[Phase.explicit, Phase.generate],  # a failure is told at once, not shrunk for minutes
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_chance_reaches_every_kind_of_case_and_nearly_every_event() -> None:
    """Control: the search is not empty. Kinds that are new are reached by their registration."""
    told: set[str] = set()
    opened = {k for k in CASE_KINDS if any(c.opens for c in making.commands_of(k))}
    for seed in range(200):
        told |= {type_of(one.event).name for one in World().walk(Random(seed), 60).then}
        if seed > 20 and {name.partition(".")[0] for name in told} >= opened:
            break
    possible = {name for name in EVENT_TYPES if not name.startswith("reference.")}
    assert {name.partition(".")[0] for name in told} >= opened
    assert len(told) > 0.5 * len(possible), sorted(possible - told)


def test_every_command_can_be_made() -> None:
    """A new command needs no entry anywhere; its values are made from its types."""
    world = World()
    for kind in CASE_KINDS:
        for known in making.commands_of(kind):
            assert type(making.command(known, world, None, Random(1))) is known.cls
    assert len(making.ACTS) == sum(name.startswith("task.") for name in COMMAND_TYPES)


def test_a_date_the_history_does_not_give_is_noticed() -> None:
    """Control: a date that no event gave is found when the history is folded again."""
    world = World().walk(Random(3), 12)
    one = next(one for one in reversed(world.then) if any(t.due for t in one.after.open_tasks()))
    task = next(t for t in one.after.open_tasks() if t.due)
    assert task.due is not None
    forged = replace(task, due=replace(task.due, legal=date(2027, 1, 4)))
    tasks = {**one.after.tasks, task.id: forged}
    world.then = [replace(one, after=replace(one.after, tasks=tasks))]
    with pytest.raises(AssertionError):
        INVARIANTS["any_prefix_replays"].check(world)


def test_what_is_listed_as_an_invariant_is_said_in_both_languages() -> None:
    assert len(INVARIANTS) >= 25
    for one in INVARIANTS.values():
        assert one.zh
        assert one.en
        assert one.zh != one.en
