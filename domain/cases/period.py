"""Yearly duties 年度职责: what the notice has units do each year, opened by the calendar alone.

A period is a case of its own, opened once a year by the clock; each unit's yearly duty is a task in
its queue until the unit reports it done. Basis: 43号文 三 卫健局(统计分析)、四(一)(二).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never, get_args

from domain.decider import (
    CaseKind,
    Claim,
    Condition,
    Context,
    Correctable,
    Decision,
    Refused,
    command,
)
from domain.events import event, terms
from domain.rules import Edition
from domain.tasks import called, in_english
from domain.units import LEADING_GROUP_OFFICE

Matter = Literal["plenary", "survey", "funds", "township_evidence"]
MATTERS: dict[Matter, str] = {
    "plenary": "联席会议全体会议",
    "survey": "职业病防治统计与调查分析",
    "funds": "职业病防治经费预算与执行",
    "township_evidence": "乡镇（街道）领导小组与工作机制佐证",
}
terms(MATTERS)


@event("period.opened", "{year}年度开始，列出各单位年度职责")
class PeriodOpened:
    year: int
    eve: date  # the last day of the year before: a year counts from it
    townships: tuple[str, ...]


@event("period.reported", "{unit}报告年度职责“{matter}”完成：{note}")
class DutyReported:
    unit: str
    matter: Matter
    note: str


Event = PeriodOpened | DutyReported


@dataclass(frozen=True)
class State:
    year: int | None = None
    reported: tuple[tuple[str, str], ...] = ()  # (unit, matter)


def evolve(state: State, event: Event) -> State:
    match event:
        case PeriodOpened():
            return replace(state, year=event.year)
        case DutyReported():
            return replace(state, reported=(*state.reported, (event.unit, event.matter)))
        case _:
            assert_never(event)


@command("period.open", "年度开始", by=("system",), clause="43-4.1.c", opens=True)
class OpenPeriod:
    """Opens the yearly duties of every unit, once a year."""

    year: int


@command("period.report", "报告年度职责完成", clause="43-3.ALL")
class ReportDuty:
    """Reports a yearly duty done; what was done stands in `note`."""

    matter: Matter
    note: str


Command = OpenPeriod | ReportDuty


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case OpenPeriod():
            units = context.reference.edition.units.values()
            townships = tuple(sorted(u.code for u in units if u.klass == "township"))
            opened = PeriodOpened(
                year=given.year, eve=date(given.year - 1, 12, 31), townships=townships
            )
            return (opened, Claim("period.year", str(given.year)))
        case ReportDuty():
            owed = [
                task
                for task in context.fold.open_tasks()
                if task.rule.closed_when == f"reports_{given.matter}"
                and task.holder == context.actor
            ]
            if not owed:
                actor = called(context.actor, context.reference)
                zh = f"{actor}没有未办结的年度职责“{MATTERS[given.matter]}”"
                en = f"{in_english(context.actor)} owes no such yearly duty"
                raise Refused("not-owed", zh, en)
            slot = owed[0].slot
            return (DutyReported(unit=slot, matter=given.matter, note=given.note),)
        case _:
            assert_never(given)


@dataclass(frozen=True)
class Opening:
    """A command whose time has come, and the id that makes it happen once."""

    id: str
    command: OpenPeriod
    day: date  # the fact's day


def due_openings(today: date, edition: Edition) -> tuple[Opening, ...]:
    """The period that has begun by `today`, under an edition that has yearly duties at all."""
    if not any(rule.kind == PERIOD.name for rule in edition.rules):
        return ()
    year = today.year
    return (Opening(f"clock:period:{year}", OpenPeriod(year=year), date(year, 1, 1)),)


def _reports(matter: Matter) -> Condition:
    return lambda state, event: bool(event.matter == matter)


PERIOD = CaseKind(
    name="period",
    title="年度职责",
    number_prefix="ND",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={f"reports_{matter}": _reports(matter) for matter in MATTERS},
    parties=lambda state: {},
    status=lambda state: f"{state.year}年度" if state.year else "",
    roles=(),
    # What opened the year follows from the calendar; a wrong report is put right by who reported.
    corrections=Correctable(
        supervisor=LEADING_GROUP_OFFICE,
        commands={DutyReported: ReportDuty},
        undone_by={PeriodOpened: "下一年度"},
    ),
)
