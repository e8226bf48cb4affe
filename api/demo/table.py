"""What lies on the county's desks today, unit by unit: the summary a load ends with."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from rich import box
from rich.table import Table

from projections import tasks
from projections.county import County

COLUMNS: dict[str, str] = {
    "own": "应办",
    "to_sign": "待\n签收",
    "in_hand": "办理\n中",
    "returned": "退回\n我方",
    "fresh": "七日\n新到",
    "near": "临期",
    "overdue": "超期",
    "suspended": "中止",
    "back": "曾\n退回",
    "provisional": "暂定",
    "helping": "协办",
    "waiting_on": "等待\n他方",
}
"""Broken by hand: on a terminal of 80 columns no name of a unit is cut."""


def counted(county: County, at: datetime | None = None) -> dict[str, Counter[str]]:
    """Per unit of the edition in force, what it owes by sort; 协办 and 等待他方 are others'."""
    at = at or county.log.clock.now()
    found = {}
    with county.reading.view(at) as view:
        for unit in county.log.reference_in_force().edition.units:
            row = found[unit] = Counter[str]()
            for item in view.queue(unit):
                row[item.tab] += 1
                if item.tab not in tasks.OWN:
                    continue
                task = item.task
                row["own"] += 1
                row[item.standing] += 1
                row["fresh"] += (at.date() - task.opened_on).days < 7
                row["back"] += task.returned_by is not None or task.rerouted or task.rejected
                row["provisional"] += task.provisional
    return found


def table(county: County) -> Table:
    """The counts as a table, the county's sums last."""
    found = counted(county)
    names = county.log.reference_in_force().edition
    made = Table(
        title="今日各单位待办 / what lies on each desk today",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
    )
    made.add_column("单位", no_wrap=True)
    for title in COLUMNS.values():
        made.add_column(title, justify="right")
    for unit, row in found.items():
        made.add_row(names.unit_name(unit), *(str(row[name] or "") for name in COLUMNS))
    total = sum(found.values(), Counter[str]())
    made.add_row("合计", *(str(total[name]) for name in COLUMNS))
    return made
