"""Stories of yearly duties: most units report in the autumn, some in the last week, some late."""

from __future__ import annotations

from datetime import date

from api.demo.people import luck
from api.demo.ways import Act, Now, way
from domain.cases import period
from domain.fold import CaseFold

MATTERS = {f"reports_{matter}": matter for matter in period.MATTERS}


@way("period")
def told(fold: CaseFold, now: Now) -> Act | None:
    own = [task for task in fold.open_tasks() if task.rule.closed_when]  # not what others ask
    due = [(_reports_on(fold, task.holder), task.id, task) for task in own]
    if not due:
        return None
    on, _, task = min(due, key=lambda line: line[:2])
    wait = max(0, (on - now.day).days)
    note = "已完成（合成）"
    reported = period.ReportDuty(matter=MATTERS[task.rule.closed_when or ""], note=note)
    return Act(reported, task.holder, (wait, wait))


def _reports_on(fold: CaseFold, unit: str) -> date:
    year = fold.state.year
    day = date(year, 9, 10).toordinal() + int(luck(fold.case, unit) * 125)
    return date.fromordinal(day)
