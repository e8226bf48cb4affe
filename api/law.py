"""Adopting the law: an edition or a calendar comes into force by an event, then case by case."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import domain
from domain.cases import CASE_KINDS, kind_names
from domain.corrections import ApplyReference
from domain.events import Moment, Source, shown
from domain.reference import STREAM, AdoptCalendar, AdoptEdition
from domain.rules import Edition, Policy, content_hash, parse_calendar, parse_edition, split
from eventstore.application import Log, Order
from eventstore.schema import events

LAW = Path(domain.__file__).parent / "law"


def files(folder: Path = LAW) -> dict[str, str]:
    """The TOML files of a law folder, by their path below it."""
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*.toml"))}


def check(given: Mapping[str, str]) -> Edition:
    """The edition in these files. Raises LawError listing every mistake by file and line."""
    law, calendar = split(given)
    parse_calendar(calendar)
    return parse_edition(law, kinds=kind_names())


def adopt(
    log: Log,
    given: Mapping[str, str],
    *,
    title: str,
    recorder: str,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> list[str]:
    """Bring law and calendar into force, and apply them to every open case, one event each.

    Returns the cases that count by them from now on. Adopting what is in force changes nothing;
    after an interruption it goes on with the cases that were left. `told` is called with (cases
    looked at, cases in all).
    """
    check(given)
    law, calendar = split(given)
    parsed = parse_calendar(calendar)
    edition, calendar_hash = log.store(law), log.store(calendar)
    before = log.fold(STREAM)
    now = Moment(log.clock.now(), "minute")
    years = tuple(sorted(parsed.published))
    adopting: list[AdoptEdition | AdoptCalendar] = []
    if before.state.edition != edition:
        adopting.append(AdoptEdition(edition=edition, title=title))
    if before.state.calendar != calendar_hash:
        adopting.append(AdoptCalendar(calendar=calendar_hash, years=years))
    for command in adopting:
        _execute(log, command, None, recorder, f"{before.version}|{command!r}", now)
    return list(fan_out(log, recorder, told)) if before.state.edition else []


def in_force(log: Log, given: Mapping[str, str]) -> bool:
    """Whether exactly these files are in force."""
    law, calendar = split(given)
    state = log.fold(STREAM).state
    return (state.edition, state.calendar) == (content_hash(law), content_hash(calendar))


COUNTED = {"level": "等级", "deaths": "死亡", "injured": "重伤", "poisoned": "中毒"}
"""What the rows of a policy's table are counted in."""


def in_words(policy: Policy, edition: Edition) -> str:
    """The value of a policy as a person reads it: everything coded by its name."""
    names = {name: kind.title for name, kind in CASE_KINDS.items()}
    for letter in edition.letters.values():
        names.setdefault(letter.series, letter.title)
    for id, clause in edition.clauses.items():
        names.setdefault(id.partition("-")[0], clause.title.partition("第")[0])
    names |= {**edition.unit_names, **COUNTED}

    def said(value: Any) -> str:
        return shown(value, names)

    match policy.value:
        case Mapping() as table:
            return "；".join(f"{said(key)}：{said(value)}" for key, value in table.items())
        case [Mapping(), *_] as rows:
            told = (" ".join(f"{said(k)}{said(v)}" for k, v in row.items()) for row in rows)
            return "；".join(told)
    return f"{said(policy.value)}{policy.unit}"


def fan_out(
    log: Log, recorder: str, told: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[str]:
    """Apply the reference in force to every case with open tasks, in order of opening; yields
    those that count by it from now on. The command id is (adoption, case)."""
    # Id and moment follow from the adoption, so that an interrupted run can simply be repeated.
    adoption = log.fold(STREAM).facts[-1][0].envelope
    moment = Moment(adoption.recorded_at, "minute")
    kinds = tuple(f"{name}-%" for name in CASE_KINDS)
    # A case opened since was opened under it.
    wanted = sa.select(events.c.stream).where(
        events.c.version == 1,
        events.c.position < adoption.position,
        sa.or_(*(events.c.stream.like(kind) for kind in kinds)),
    )
    with log.engine.connect() as connection:
        cases = connection.execute(wanted.order_by(events.c.position)).scalars().all()
    for number, case in enumerate(cases, 1):
        key = f"{adoption.position}|{adoption.edition}|{adoption.calendar}|{case}"
        owes = log.fold(case).open_tasks()
        if owes and _execute(log, ApplyReference(), case, recorder, key, moment):
            yield case
        told(number, len(cases))


def _execute(
    log: Log, command: object, case: str | None, recorder: str, key: str, moment: Moment
) -> bool:
    source: Source = "simulated" if log.clock.injected else "system"
    order = Order(
        command=command,
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
        actor="system",
        recorder=recorder,
        occurred=moment,
        case=case,
        source=source,
    )
    return bool(log.execute(order).events)
