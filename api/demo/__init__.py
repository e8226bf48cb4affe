"""The demo 演示: synthetic stories through the ordinary command path, in order of recording."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from api.scenario import Player, Scenario, Step, read, recorded_day
from domain.events import SHANGHAI
from eventstore.clock import InjectedClock
from projections.county import County

SCENARIOS = Path(__file__).parents[1] / "scenarios"
TITLE = "合成演示数据，人名与单位均为虚构"


def play(
    county: County, clock: InjectedClock, today: date, told: Callable[[int, int], None]
) -> int:
    """Play every shipped scenario that lies in the past, and a few acts of these days."""
    stories = [read(path) for path in sorted(SCENARIOS.glob("*.yaml"))]
    past = [s for s in stories if max(map(recorded_day, s.story)) < today and not s.changes_law]
    script = [
        (recorded_day(step), order, number, scenario, step)
        for order, scenario in enumerate([*past, _these_days(today)])
        for number, step in enumerate(scenario.story, 1)
        if step.do and not step.refused
    ]
    script.sort(key=lambda line: line[:3])
    first = Player(county.log, county.engine, county.reading, clock)
    first.prepare(datetime.combine(script[0][0], time(8), SHANGHAI), TITLE)
    players = {
        scenario.title: Player(county.log, county.engine, county.reading, clock)
        for _, _, _, scenario, _ in script
    }
    for done, (_, _, number, scenario, step) in enumerate(script, 1):
        players[scenario.title].one(scenario, step, number)
        told(done, len(script))
    county.engine.catch_up()
    return len(script)


def _these_days(today: date) -> Scenario:
    """Cases still under way, so that today's queues hold something."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def step(days: int, by: str, do: str, case: str, **given: object) -> Step:
        return Step.model_validate(
            {"day": ago(days), "by": by, "do": do, "case": case, "with": given}
        )

    apply = "diagnosis.open_by_application"
    at = {"institution": "诊断机构", "locality": "employer_seat"}
    return Scenario(
        title="近日在办",
        cast={
            "甲": "worker:S-demo-1",
            "乙": "worker:S-demo-2",
            "丙": "worker:S-demo-3",
            "单位一": "employer:91330523MA000TE21U",
            "单位二": "employer:91330523MA000TE3XK",
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
