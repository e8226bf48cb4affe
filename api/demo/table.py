"""What lies on the county's desks today, unit by unit: the summary a load ends with."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from rich.table import Table

from domain.tasks import TABS
from projections.county import County

COLUMNS: dict[str, str] = {
    "open": "在办事项",
    "fresh": "新到（七日内）",
    "near": "临期",
    "overdue": "超期",
    "suspended": "中止",
    "back": "曾退回",
    "provisional": "暂定",
    **{str(tab): name for tab, name in TABS.items()},
}


def counted(county: County, at: datetime | None = None) -> dict[str, Counter[str]]:
    """Per unit of the edition in force, how many items of its queue are of each sort."""
    at = at or county.log.clock.now()
    found = {}
    with county.reading.view(at) as view:
        for unit in county.log.reference_in_force().edition.units:
            row = found[unit] = Counter[str]()
            for item in view.queue(unit):
                task = item.task
                row["open"] += 1
                row[item.standing] += 1
                row[item.tab] += 1
                row["fresh"] += (at.date() - task.opened_on).days < 7
                row["back"] += task.returned_by is not None or task.rerouted or task.rejected
                row["provisional"] += task.provisional
    return found


def table(county: County) -> Table:
    """The counts as a table, the county's sums last."""
    found = counted(county)
    names = county.log.reference_in_force().edition
    made = Table(title="今日各单位待办 / what lies on each desk today", title_justify="left")
    for title in ("单位", *COLUMNS.values()):
        made.add_column(title, justify="left" if title == "单位" else "right")
    for unit, row in found.items():
        made.add_row(names.unit_name(unit), *(str(row[name] or "") for name in COLUMNS))
    total = sum(found.values(), Counter[str]())
    made.add_row("合计", *(str(total[name]) for name in COLUMNS))
    return made
