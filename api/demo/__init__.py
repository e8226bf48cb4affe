"""The demo 演示: synthetic stories through the ordinary command path, in order of recording."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from api import law
from api.demo.county import Scheduler, Told
from api.demo.county import county as laid
from api.demo.people import People, settled
from api.demo.stories_disease import gone
from api.scenario import Player, Scenario, Step, read, recorded_at, recorded_day
from domain.corrections import ApplyReference
from domain.events import SHANGHAI, Moment
from domain.reference import STREAM, AdoptCalendar
from domain.rules import parse_calendar, split
from eventstore.application import Log, Order
from eventstore.clock import InjectedClock
from eventstore.loading import BATCH, Loader
from projections.county import County

SCENARIOS = Path(__file__).parents[1] / "scenarios"
ANNOUNCED = (11, 20)  # month and day on which the demo's holidays of the next year are announced
PROLOGUE = 3  # events before the first act: simulated, edition, calendar
UNDER_WAY = "近日在办"
TITLE = "合成演示数据，人名与单位均为虚构"
EMPLOYERS, YEARS, SEED = 200, 3, 42


@dataclass(frozen=True)
class Plan:
    """How large a demo is, how far back it reaches, and the seed it grows from."""

    employers: int = EMPLOYERS
    years: float = YEARS
    seed: int = SEED
    today: date = date(2026, 1, 1)
    scenarios: bool = True  # the shipped scenarios are played among the others

    @property
    def title(self) -> str:
        """What the log's first event says: by it a later load knows its own."""
        return (
            f"{TITLE}（--employers {self.employers} --years {self.years:g}"
            f" --seed {self.seed}，截至{self.today}）"
        )

    @property
    def first(self) -> date:
        """The day it begins; 29 February has no namesake in every year."""
        return self.today - timedelta(days=round(365.25 * self.years))


class NotOursError(Exception):
    """The log holds something else; the words say what to do."""


def plan_of(log: Log, wanted: Plan) -> Plan:
    """The plan to load: the one begun earlier on this log, where only its day is another.

    Raises NotOursError for a log that holds anything else.
    """
    if not log.recorder.max_notification_id():
        return wanted
    title = log.fold(STREAM).state.simulated
    found = re.search(r"截至(\d{4}-\d\d-\d\d)）$", title or "")
    begun = replace(wanted, today=date.fromisoformat(found[1])) if found else wanted
    if title != begun.title:
        what = f"模拟日志“{title}”" if title else "正式日志，不能装入演示数据"
        raise NotOursError(
            f"本库已是{what}；请另设 ZHIFANG_VAR 或 ZHIFANG_SCHEMA_NAME 指向空库"
            "（试用数据可 make clean-data 清除）后再装"
            " / the log is not empty and not this demo: load into an empty one"
        )
    return begun


def load(
    county: County, clock: InjectedClock, plan: Plan, told: Callable[[int, int], None]
) -> Told:
    """Load the demo county, or what is left of it, and bring the read models up to it.

    The same plan never adds anything twice. `told` is called with (days played, days in all).
    """
    scheduler = played(county, clock, plan, told)
    county.engine.catch_up()
    return scheduler.told


def played(
    county: County,
    clock: InjectedClock,
    plan: Plan,
    told: Callable[[int, int], None],
    batch: int = BATCH,
) -> Scheduler:
    """Write the demo county into the log alone; the scheduler knows its cases."""
    plan = plan_of(county.log, plan)
    fresh = not county.log.recorder.max_notification_id()
    start = datetime.combine(plan.first, time(0), SHANGHAI)
    people = settled(plan.employers, plan.seed)
    stories = _stories(plan, people) if plan.scenarios else []
    start = min([start, *(datetime.combine(at, time(0), SHANGHAI) for at, *_ in stories)])
    clock.set(start)
    if fresh:
        begun = Player(county.log, county.engine, county.reading, clock)
        begun.prepare(start, plan.title, _published(start.date()))
    loader = Loader(county.app, county.log.keyring, clock, batch)
    if not fresh:
        loader.replay({STREAM: PROLOGUE})
    prefix = f"demo:{plan.today}:{plan.employers}x{plan.years:g}:{plan.seed}"
    scheduler = laid(loader, clock, people, (plan.first, plan.today), prefix)
    players: dict[str, Player] = {}
    for year in range(start.year, plan.today.year + 1):
        announced = datetime.combine(date(year, *ANNOUNCED), time(16), SHANGHAI)
        scheduler.push(announced, partial(_announced, scheduler, announced.date()))
    ends: dict[str, datetime] = {}
    for _, order, number, scenario, step in stories:
        player = players.setdefault(
            scenario.title, Player(loader, county.engine, county.reading, clock)
        )
        when = recorded_at(step).replace(microsecond=order)
        scheduler.push(when, partial(player.one, scenario, step, number))
        ends[scenario.title] = when
    for title, when in ends.items():
        if title != UNDER_WAY:
            scheduler.push(when, partial(_goes_on, scheduler, players[title], when))
    days = (plan.today - start.date()).days
    for at in scheduler.run():
        told((at.date() - start.date()).days, days)
    loader.flush()
    return scheduler


def _published(day: date) -> dict[str, str]:
    """The law, with the calendars that had been published by that day: a year's in November."""
    last = day.year + (day >= date(day.year, *ANNOUNCED))

    def known(name: str) -> bool:
        year = re.search(r"calendar/(\d{4})\.toml$", name)
        return year is None or int(year[1]) <= last

    return {name: text for name, text in law.files().items() if known(name)}


def _announced(scheduler: Scheduler, day: date) -> None:
    """The State Council announces next year's holidays: provisional dates become firm."""
    loader, (_, calendar) = scheduler.loader, split(_published(day))
    hash, years = loader.store(calendar), tuple(sorted(parse_calendar(calendar).published))

    def give(command: object, case: str | None) -> None:
        order = Order(
            command=command,
            id=f"{scheduler.prefix}:calendar:{day.year}:{case or STREAM}",
            actor="system",
            recorder="demo",
            occurred=Moment(loader.clock.now(), "minute"),
            case=case,
            source="simulated",
        )
        scheduler.told.events += len(loader.execute(order).events)

    give(AdoptCalendar(calendar=hash, years=years), None)
    for case in list(loader.unfinished):
        if loader.fold(case).open_tasks():
            give(ApplyReference(), case)


def _goes_on(scheduler: Scheduler, player: Player, at: datetime) -> None:
    """What a scenario leaves open goes on like any other case of the county."""
    scheduler.follow(dict.fromkeys(sorted(player.touched)), at)


def _stories(plan: Plan, people: People) -> list[tuple[date, int, int, Scenario, Step]]:
    """Every step of the shipped scenarios that lies in the past, and a few acts of these days."""
    stories = [read(path) for path in sorted(SCENARIOS.glob("*.yaml"))]
    past = [s for s in stories if max(map(recorded_day, s.story)) < plan.today]
    return sorted(
        (
            (recorded_day(step), order, number, scenario, step)
            for order, scenario in enumerate(
                [*(s for s in past if not s.changes_law), _these_days(plan.today, people)]
            )
            for number, step in enumerate(scenario.story, 1)
            if step.do and not step.refused
        ),
        key=lambda line: line[:3],
    )


def _these_days(today: date, people: People) -> Scenario:
    """Cases still under way at firms that stand, so that today's queues hold something."""
    one, two = [firm for firm in people.employers if not gone(firm)][:2]

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def step(days: int, by: str, do: str, case: str, **given: object) -> Step:
        return Step.model_validate(
            {"day": ago(days), "by": by, "do": do, "case": case, "with": given}
        )

    apply = "diagnosis.open_by_application"
    at = {"institution": "诊断机构", "locality": "employer_seat"}
    return Scenario(
        title=UNDER_WAY,
        cast={
            "甲": "worker:S-demo-1",
            "乙": "worker:S-demo-2",
            "丙": "worker:S-demo-3",
            "单位一": one,
            "单位二": two,
            "诊断机构": "institution:DI-01",
            "体检机构": "hospital:H-01",
        },
        story=[
            step(40, "甲", apply, "甲案", subject="S-demo-1", employer="单位一", hazard="尘", **at),
            step(39, "诊断机构", "diagnosis.request_data", "甲案", items=["职业史", "检测资料"]),
            step(33, "乙", apply, "乙案", subject="S-demo-2", employer="单位二", hazard="苯", **at),
            step(31, "诊断机构", "diagnosis.request_data", "乙案", items=["职业史", "接触史"]),
            step(30, "诊断机构", "diagnosis.request_ruling", "乙案", ground="disputed_data"),
            step(12, "体检机构", "diagnosis.report_suspected", "丙案",
                 subject="S-demo-3", employer="单位一", hazard="噪声"),
            step(10, "甲", "arbitration.file", "甲裁", case_diagnosis="甲案", matter="post"),
            step(4, "诊断机构", "diagnosis.request_survey", "甲案", matter="核实岗位粉尘浓度"),
        ],
    )  # fmt: skip
