"""An edition of the law 法规版次: its clauses, deadlines, rules, catalogues and policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from domain.calendar import Calendar, LengthUnit
from domain.letters import Template
from domain.units import Unit

if TYPE_CHECKING:
    from domain.rulings import ClassRuling

Confidence = Literal["S", "V", "KH", "KM", "policy"]
"""S notice 43 says it · V read in the law · KH/KM known, high or medium · policy: the county's."""
UNSURE: frozenset[str] = frozenset({"KM", "policy"})


def day_name(confidence: Confidence | None) -> str:
    """What a last day is called: the county's own is never called the law's."""
    if confidence == "policy":
        return "本县口径期限"
    return "法定期限（待核实）" if confidence == "KM" else "法定期限"


Nature = Literal["duty", "right"]
Anchor = Literal["happened", "delivered"]

FIRST_DAY = date(1949, 10, 1)
LAST_DAY = date(9999, 12, 31)
EVERY_KIND = "*"  # of a rule on what happens to cases of every kind alike: letters, documents


@dataclass(frozen=True)
class InForce:
    """Something with an effective interval, both days included."""

    since: date = field(default=FIRST_DAY, kw_only=True)
    until: date = field(default=LAST_DAY, kw_only=True)

    def in_force(self, day: date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True)
class Clause(InForce):
    """A clause 条款 of a statute or of notice 43, with its source and how sure we are of it."""

    id: str
    title: str
    text: str
    source: str
    confidence: Confidence
    summary: bool = False  # the text is our one-sentence summary, not the law's wording
    inferred: bool = False  # the roles are inferred from section 三
    roles: tuple[str, ...] = ()  # "HB:L": unit and its role
    trigger: str = ""
    item: str = ""


@dataclass(frozen=True)
class Extension:
    """How far a deadline may be extended 延期, and by whom."""

    length: int
    by: str  # the unit or post that approves
    clause: str


@dataclass(frozen=True)
class Deadline(InForce):
    """A length of time 时限 under its clauses."""

    id: str
    title: str
    length: int
    unit: LengthUnit
    counted_from: str  # said in Chinese, for people
    clauses: tuple[str, ...]
    confidence: Confidence
    rolls: bool = True  # whether a last day that is a rest day rolls (CR2, CR5)
    extension: Extension | None = None
    near: int | None = None  # days before the safe day from which it is 临期; else the policy's
    note: str = ""


@dataclass(frozen=True)
class Rule(InForce):
    """On this event, under this named condition, this party owes this, until one of these.

    `holder` and `supervisor` are a unit's code, a role in the case (`employer`), or `@field`: the
    party (or role) named by that field of the opening event. Ids are permanent and never reused.
    `kind` is a kind of case, or `*` for what happens to cases of every kind alike.
    """

    id: str
    kind: str
    title: str
    nature: Nature
    clauses: tuple[str, ...]
    opens_on: tuple[str, ...]
    holder: str
    closed_by: tuple[str, ...]
    when: str | None = None  # named condition on (state, event) for opening
    closed_when: str | None = None  # named condition on (state, event) for closing
    slot: str | None = None  # event field that tells the tasks of one holder apart
    closed_by_holder: str | None = None  # event field that must name the holder's role to close
    supervisor: str | None = None
    deadline: str | None = None
    anchor: Anchor = "happened"
    counted_from: str | None = None  # event field with the day the clock counts from
    received: str | None = None  # event field with the day of receipt the receiver states
    starts_on: tuple[str, ...] = ()  # the clock starts at one of these instead of the opening
    starts_after: tuple[str, ...] = ()  # … or at the legal end of these rules' tasks
    starts_when: str | None = None  # named condition on the state for `starts_after`
    suspended_by: tuple[str, ...] = ()
    resumed_by: tuple[str, ...] = ()  # the event at the same index ends that suspension
    void_by: tuple[str, ...] = ()  # no longer needed: 无须办理
    void_when: str | None = None  # named condition on (state, event) for `void_by`
    moved_by: tuple[str, ...] = ()  # the duty goes with its role to whom these events name
    appears_after: str | None = None  # shows the day after that rule's legal day, unless closed
    returnable: bool = True
    returned_to: str | None = None  # a unit's code: who rules on a first return, whoever sent it
    transferable: bool = True  # to another unit, by whatever act: 转办、改派、裁定
    silence: bool = False  # past its legal day it counts as done: 沉默视为办结
    immediate: bool = False  # at once 立即: no law counts days for it, and none are to be lost
    consequence: str = ""  # what follows when it is missed or lapses, in Chinese


@dataclass(frozen=True)
class Disease:
    code: str
    category: int
    name: str
    open: bool = False  # an open clause 开放条款
    stages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue(InForce):
    """职业病分类和目录 as in force between two days."""

    id: str
    title: str
    source: str
    confidence: Confidence
    categories: Mapping[int, str]
    diseases: tuple[Disease, ...]

    def named(self, name: str) -> Disease | None:
        return next((d for d in self.diseases if d.name == name), None)


@dataclass(frozen=True)
class Policy:
    """A value the county can change: local policy, or law we are not sure of."""

    id: str
    title: str
    value: Any
    note: str
    confidence: Confidence
    unit: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    full12: str
    unit: str | None = None


class PolicyMissingError(KeyError):
    """An edition adopted before a policy was added was asked for it; the argument is its id."""


@dataclass(frozen=True, eq=False)
class Edition:
    """One adopted edition of the law, ready for use."""

    id: str
    clauses: Mapping[str, Clause]
    deadlines: Mapping[str, tuple[Deadline, ...]]
    rules: tuple[Rule, ...]
    units: Mapping[str, Unit]
    areas: Mapping[str, Area]
    catalogues: tuple[Catalogue, ...]
    policies: Mapping[str, Policy]
    letters: Mapping[str, Template] = field(default_factory=dict)

    def deadline(self, id: str, day: date) -> Deadline | None:
        """The deadline as in force on `day`."""
        return next((d for d in self.deadlines[id] if d.in_force(day)), None)

    @cached_property
    def opening(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that each type of event may open a task by, in their order."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for type in rule.opens_on:
                found.setdefault(type, []).append(rule)
        return {type: tuple(rules) for type, rules in found.items()}

    def rule(self, id: str, day: date) -> Rule | None:
        return next((r for r in self.rules if r.id == id and r.in_force(day)), None)

    def catalogue(self, day: date) -> Catalogue | None:
        return next((c for c in self.catalogues if c.in_force(day)), None)

    def policy(self, id: str) -> Any:
        """The value of a policy. Raises PolicyMissingError where this edition has none."""
        if id not in self.policies:
            raise PolicyMissingError(id)
        return self.policies[id].value

    @cached_property
    def unit_names(self) -> Mapping[str, str]:
        """The name of each unit's code."""
        return {code: unit.name for code, unit in self.units.items()}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What sentences call the codes of this law: units, clauses, catalogues, routings."""
        clauses = {clause.id: clause.title for clause in self.clauses.values()}
        policies = {policy.id: policy.title for policy in self.policies.values()}
        catalogues = {catalogue.id: catalogue.title for catalogue in self.catalogues}
        return {**policies, **clauses, **catalogues, **self.unit_names}

    def unit_name(self, code: str) -> str:
        return self.unit_names.get(code, code)

    def is_township(self, code: str | None) -> bool:
        unit = self.units.get(code or "")
        return unit is not None and unit.klass == "township"


@dataclass(frozen=True, eq=False)
class Reference:
    """What was in force when an event was recorded: the law and the calendar."""

    edition: Edition
    calendar: Calendar
    rulings: tuple[ClassRuling, ...] = ()  # only decisions read them: what they route is recorded

    @property
    def key(self) -> tuple[str, str]:
        return self.edition.id, self.calendar.id
