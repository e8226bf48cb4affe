"""The reference stream 基准: which law, calendar and rosters are in force, changed only by events.

Every event of the log names the edition and the calendar in force when it was recorded, by
content hash; the bytes are stored beside the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never, get_args

from domain.calendar import Calendar
from domain.decider import CaseKind, Context, Decision, Refused, command, need
from domain.events import event
from domain.rules import Edition, Reference
from domain.rulings import ABOVE, ClassRuling, above_it, made

STREAM = "reference"


@event("reference.log_simulated", "本日志为模拟（演示）日志：{title}")
class LogSimulated:
    """The first event of a log whose clock may be injected. Never in a production log."""

    title: str


@event("reference.edition_adopted", "采用法规版次{short}：{title}")
class EditionAdopted:
    edition: str
    title: str

    @property
    def short(self) -> str:
        return self.edition[:8]


@event("reference.calendar_adopted", "采用日历{short}（已公布年份：{years}）")
class CalendarAdopted:
    calendar: str
    years: tuple[int, ...]

    @property
    def short(self) -> str:
        return self.calendar[:8]


@event("reference.ruling_made", "{by}作出类案裁定{ruling}：{what}；理由：{reason}")
class RulingMade:
    """A class of cases is routed otherwise from now on 类案裁定."""

    ruling: str
    by: str
    routing: str
    to: str
    area: str | None
    since: date
    until: date | None
    replaces: str | None
    reason: str

    def what(self, names: Mapping[str, str]) -> str:
        """Which cases, where, from when to when, by whom, and what it replaces."""
        days = f"自{self.since}起" + (f"至{self.until}止" if self.until else "")
        where = names.get(self.area, self.area) if self.area else "全县"
        old = f"，取代裁定{self.replaces}" if self.replaces else ""
        return (
            f"{where}{days}，“{names.get(self.routing, self.routing)}”"
            f"由{names.get(self.to, self.to)}办理{old}"
        )


@event("reference.ruling_ended", "{by}终止类案裁定{ruling}，最后一日为{until}；理由：{reason}")
class RulingEnded:
    ruling: str
    by: str
    until: date
    reason: str


Event = LogSimulated | EditionAdopted | CalendarAdopted | RulingMade | RulingEnded


@dataclass(frozen=True)
class State:
    simulated: str | None = None
    edition: str = ""
    calendar: str = ""
    rulings: tuple[ClassRuling, ...] = ()


def evolve(state: State, event: Event) -> State:
    match event:
        case LogSimulated():
            return replace(state, simulated=event.title)
        case EditionAdopted():
            return replace(state, edition=event.edition)
        case CalendarAdopted():
            return replace(state, calendar=event.calendar)
        case RulingMade():
            ruling = ClassRuling(
                id=event.ruling,
                by=event.by,
                routing=event.routing,
                to=event.to,
                area=event.area,
                since=event.since,
                until=event.until,
                reason=event.reason,
            )
            before = ruling.since - timedelta(days=1)
            kept = tuple(_until(r, before) if r.id == event.replaces else r for r in state.rulings)
            return replace(state, rulings=(*kept, ruling))
        case RulingEnded():
            ended = tuple(
                _until(r, event.until) if r.id == event.ruling else r for r in state.rulings
            )
            return replace(state, rulings=ended)
        case _:
            assert_never(event)


def _until(ruling: ClassRuling, day: date) -> ClassRuling:
    return replace(ruling, until=min(day, ruling.until or day))


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


@command("reference.make_ruling", "类案裁定", clause="43-2.3.h")
class MakeRuling:
    """Rules who handles a class of cases: later cases are routed so, open ones stay."""

    routing: str
    to: str
    reason: str
    since: date
    area: str | None = None
    until: date | None = None
    replaces: str | None = None


@command("reference.end_ruling", "终止类案裁定", clause="43-2.3.h")
class EndRuling:
    """The class ruling binds no case after `until`."""

    ruling: str
    until: date
    reason: str


Command = Simulate | AdoptEdition | AdoptCalendar | MakeRuling | EndRuling


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
        case MakeRuling():
            return (_made(state, given, context),)
        case EndRuling():
            _above(context)
            known = any(r.id == given.ruling for r in state.rulings)
            zh = f"没有裁定 {given.ruling}"
            need(known, "no-such-ruling", zh, f"No ruling {given.ruling}")
            _not_past(given.until, context)
            above_it(context.actor, next(r for r in state.rulings if r.id == given.ruling))
            over = next(r.until for r in state.rulings if r.id == given.ruling)
            zh = f"裁定{given.ruling}已于{over}终止"
            runs = over is None or given.until < over
            need(runs, "over", zh, f"{given.ruling} ends on {over} already")
            ended = RulingEnded(
                ruling=given.ruling, by=context.actor, until=given.until, reason=given.reason
            )
            return (ended,)
        case _:
            assert_never(given)


def _above(context: Context) -> None:
    zh = "类案裁定由领导小组或联席会议作出；领导小组办公室只就个案裁定"
    need(context.actor in ABOVE, "wrong-actor", zh, "For the leading group or the conference")


def _not_past(day: date, context: Context) -> None:
    zh = f"不能早于今日（{context.today}）：已经分派的案件不因裁定改变"
    need(day >= context.today, "past", zh, "Cases already routed stay: not before today")


def _made(state: State, given: MakeRuling, context: Context) -> RulingMade:
    _above(context)
    _not_past(given.since, context)
    year = context.today.year
    before = sum(r.id.startswith(f"R{year}-") for r in state.rulings)
    known = given.replaces is None or any(r.id == given.replaces for r in state.rulings)
    need(known, "no-such-ruling", f"没有裁定 {given.replaces}", f"No ruling {given.replaces}")
    ruling = made(
        ClassRuling(
            id=f"R{year}-{before + 1}",
            by=context.actor,
            routing=given.routing,
            to=given.to,
            area=given.area,
            since=given.since,
            until=given.until,
            reason=given.reason,
        ),
        state.rulings,
        given.replaces,
        context.reference.edition,
    )
    return RulingMade(
        ruling=ruling.id,
        by=ruling.by,
        routing=ruling.routing,
        to=ruling.to,
        area=ruling.area,
        since=ruling.since,
        until=ruling.until,
        replaces=given.replaces,
        reason=ruling.reason,
    )


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
