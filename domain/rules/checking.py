"""Checking an edition 核对: that what it names is there, in itself and in the code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from domain import letters
from domain.events import EVENT_TYPES
from domain.rules.edition import FIRST_DAY, Edition, Rule
from domain.units import OUTSIDE_CLASSES


@dataclass(frozen=True)
class Mistake:
    """A mistake in a law file, where it stands and what would be right."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class KindNames:
    """The names a kind of case offers to rules."""

    events: Collection[str]
    conditions: Collection[str]
    roles: Collection[str]
    policies: Collection[str]


Where = dict[tuple[str, str, date], tuple[str, int]]
"""Section, id and first day of an entry -> the file and line where it stands."""

NEEDED_POLICIES = ("return-window-working-days", "near-due-days")
"""Policy values every fold of a task reads."""


def mistakes(
    edition: Edition, where: Where, kinds: Mapping[str, KindNames] | None
) -> Iterator[Mistake]:
    """Every cross-reference inside the edition, and from its rules into the code."""

    def wrong(section: str, id: str, since: date, message: str) -> Mistake:
        path, line = where[section, id, since]
        return Mistake(path, line, f"{id}: {message}")

    for clause in edition.clauses.values():
        for role in clause.roles:
            unit = role.partition(":")[0]
            if unit not in edition.units and unit not in ("ALL", "TS"):
                yield wrong("clause", clause.id, FIRST_DAY, f"没有单位 {unit}")
    for policy in edition.policies.values():
        for cited in policy.clauses:
            if cited not in edition.clauses:
                yield wrong("policy", policy.id, FIRST_DAY, f"没有条款 {cited}")
    for id in NEEDED_POLICIES:
        needed = edition.policies.get(id)
        if needed is None:
            yield Mistake("policy", 1, f"缺少口径 {id}（整数天数）")
        elif type(needed.value) is not int:
            yield wrong("policy", id, FIRST_DAY, f"value 的值 {needed.value!r} 应为整数")
    for kind, names in (kinds or {}).items():
        for id in sorted(set(names.policies) - edition.policies.keys()):
            yield Mistake("policy", 1, f"缺少口径 {id}（{kind} 案件据以决定）")
    for versions in edition.deadlines.values():
        for deadline in versions:
            cites = (
                *deadline.clauses,
                *([deadline.extension.clause] if deadline.extension else []),
            )
            for cited in cites:
                if cited not in edition.clauses:
                    yield wrong("deadline", deadline.id, deadline.since, f"没有条款 {cited}")
    ids = {rule.id for rule in edition.rules}
    for rule in edition.rules:
        for message in _rule_mistakes(rule, edition, ids, kinds):
            yield wrong("rule", rule.id, rule.since, message)
    for template in edition.letters.values():
        for message in letters.mistakes(template, edition, kinds):
            yield wrong("letter", template.id, FIRST_DAY, message)
    if edition.letters:
        for message in letters.shared_mistakes(edition):
            yield Mistake("policy", 1, message)


def _rule_mistakes(
    rule: Rule, edition: Edition, ids: set[str], kinds: Mapping[str, KindNames] | None
) -> Iterator[str]:
    if not rule.clauses:
        yield "每条规则须引用条款"
    for cited in rule.clauses:
        if cited not in edition.clauses:
            yield f"没有条款 {cited}"
    if rule.deadline is not None and rule.deadline not in edition.deadlines:
        yield f"没有时限 {rule.deadline}"
    for other in (*rule.starts_after, *([rule.appears_after] if rule.appears_after else ())):
        if other not in ids:
            yield f"没有规则 {other}"
    if rule.returned_to and rule.returned_to not in edition.units:
        yield f"returned_to 中没有单位 {rule.returned_to}"
    if rule.immediate and rule.deadline:
        yield "immediate 指没有期限日而须立即办理的，不能又有 deadline"
    if len(rule.suspended_by) != len(rule.resumed_by):
        yield "suspended_by 与 resumed_by 须一一对应"
    if kinds is None:
        return
    if rule.kind not in kinds:
        yield f"没有案件种类 {rule.kind}"
        return
    yield from _unknown_names(rule, edition, kinds[rule.kind])


def _unknown_names(rule: Rule, edition: Edition, names: KindNames) -> Iterator[str]:
    """What the rule names and its kind does not offer."""
    for field_name in (
        "opens_on",
        "closed_by",
        "starts_on",
        "suspended_by",
        "resumed_by",
        "void_by",
        "moved_by",
    ):
        for event_name in getattr(rule, field_name):
            if event_name not in names.events:
                yield f"{field_name} 中没有事件 {event_name}"
    for named, event_names in (
        (rule.received, rule.opens_on),
        (rule.counted_from, rule.opens_on),
        (rule.holder[1:] if rule.holder.startswith("@") else None, rule.opens_on),
        (rule.holder.removeprefix("@"), rule.moved_by),
        (
            rule.supervisor[1:] if rule.supervisor and rule.supervisor.startswith("@") else None,
            rule.opens_on,
        ),
        (rule.slot, rule.opens_on),
        (rule.closed_by_holder, rule.closed_by),
    ):
        for event_name in event_names:
            if named and event_name in names.events and not _has_field(event_name, named):
                yield f"事件 {event_name} 没有字段 {named}"
    for condition in (rule.when, rule.closed_when, rule.starts_when, rule.void_when):
        if condition is not None and condition not in names.conditions:
            yield f"没有条件 {condition}"
    for party in (rule.holder, rule.supervisor):
        if party is None or party.startswith("@") or party in edition.units:
            continue
        if party not in names.roles and party not in OUTSIDE_CLASSES:
            yield f"没有单位或角色 {party}"


def _has_field(event_name: str, field_name: str) -> bool:
    cls = EVENT_TYPES[event_name].cls
    worked_out = isinstance(getattr(cls, field_name, None), property)
    return worked_out or any(f.name == field_name for f in fields(cls))
