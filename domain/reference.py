"""The reference stream 基准: which law, calendar and rosters are in force, changed only by events.

Every event of the log names the edition and the calendar in force when it was recorded, by
content hash; the bytes are stored beside the log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never, get_args

from domain.calendar import Calendar
from domain.decider import CaseKind, Context, Decision, Refused, command
from domain.events import event
from domain.rules import Edition, Reference

STREAM = "reference"


@event("reference.log_simulated", "本日志为模拟（演示）日志：{title}")
class LogSimulated:
    """The first event of a log whose clock may be injected. Never in a production log."""

    title: str


@event("reference.edition_adopted", "采用法规版次{edition}：{title}")
class EditionAdopted:
    edition: str
    title: str


@event("reference.calendar_adopted", "采用日历{calendar}（已公布年份：{years}）")
class CalendarAdopted:
    calendar: str
    years: tuple[int, ...]


Event = LogSimulated | EditionAdopted | CalendarAdopted


@dataclass(frozen=True)
class State:
    simulated: str | None = None
    edition: str = ""
    calendar: str = ""


def evolve(state: State, event: Event) -> State:
    match event:
        case LogSimulated():
            return replace(state, simulated=event.title)
        case EditionAdopted():
            return replace(state, edition=event.edition)
        case CalendarAdopted():
            return replace(state, calendar=event.calendar)
        case _:
            assert_never(event)


@command("reference.simulate", "标明为模拟日志")
class Simulate:
    """Marks an empty log as simulated; only then may its clock be injected."""

    title: str


@command("reference.adopt_edition", "采用法规版次")
class AdoptEdition:
    """Later events are folded under this edition; open cases change only by an event each."""

    edition: str
    title: str


@command("reference.adopt_calendar", "采用日历")
class AdoptCalendar:
    """Provisional dates become firm by an event on each affected case."""

    calendar: str
    years: tuple[int, ...]


Command = Simulate | AdoptEdition | AdoptCalendar


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case Simulate():
            if context.fold.version:
                zh = "日志已有事件，不能再标为模拟；请另建日志"
                raise Refused("log-not-empty", zh, "Only an empty log can be marked simulated")
            return (LogSimulated(title=given.title),)
        case AdoptEdition():
            # Adopting what is in force changes nothing.
            if given.edition == state.edition:
                return ()
            return (EditionAdopted(edition=given.edition, title=given.title),)
        case AdoptCalendar():
            if given.calendar == state.calendar:
                return ()
            return (CalendarAdopted(calendar=given.calendar, years=given.years),)
        case _:
            assert_never(given)


REFERENCE = CaseKind(
    name=STREAM,
    title="基准",
    number_prefix="",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={},
    parties=lambda state: {},
    status=lambda state: "",
    roles=(),
)

NOTHING_ADOPTED = Reference(
    Edition(
        id="",
        clauses={},
        deadlines={},
        rules=(),
        units={},
        areas={},
        catalogues=(),
        policies={},
    ),
    Calendar("", frozenset(), frozenset[date](), frozenset[date](), frozenset()),
)
