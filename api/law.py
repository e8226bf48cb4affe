"""Adopting the law: an edition or a calendar comes into force by an event, then case by case."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

import domain
from domain.cases import CASE_KINDS, kind_names
from domain.corrections import ApplyReference
from domain.events import Moment, Source
from domain.reference import STREAM, AdoptCalendar, AdoptEdition
from domain.rules import Edition, parse_calendar, parse_edition, split
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


def adopt(log: Log, given: Mapping[str, str], *, title: str, recorder: str) -> list[str]:
    """Bring law and calendar into force, and apply them to every open case, one event each.

    Returns the cases whose dates moved. Adopting what is in force changes nothing.
    """
    check(given)
    law, calendar = split(given)
    parsed = parse_calendar(calendar)
    edition, calendar_hash = log.store(law), log.store(calendar)
    state = log.fold(STREAM).state
    first = not state.edition
    for command in (
        AdoptEdition(edition=edition, title=title),
        AdoptCalendar(calendar=calendar_hash, years=tuple(sorted(parsed.published))),
    ):
        _execute(log, command, None, recorder, f"adopt:{command!r}")
    return [] if first else list(fan_out(log, recorder))


def fan_out(
    log: Log, recorder: str, told: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[str]:
    """Apply the reference in force to every case; command id = (reference, case)."""
    key = "|".join(log.reference_in_force().key)
    kinds = tuple(f"{name}-%" for name in CASE_KINDS)
    wanted = sa.select(events.c.stream).where(
        events.c.version == 1, sa.or_(*(events.c.stream.like(kind) for kind in kinds))
    )
    with log.engine.connect() as connection:
        cases = connection.execute(wanted.order_by(events.c.position)).scalars().all()
    for number, case in enumerate(cases, 1):
        receipt = _execute(log, ApplyReference(), case, recorder, f"{key}|{case}")
        told(number, len(cases))
        if receipt:
            yield case


def _execute(log: Log, command: object, case: str | None, recorder: str, key: str) -> bool:
    source: Source = "simulated" if log.clock.injected else "system"
    order = Order(
        command=command,
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
        actor="system",
        recorder=recorder,
        occurred=Moment(log.clock.now(), "minute"),
        case=case,
        source=source,
    )
    return bool(log.execute(order).events)
