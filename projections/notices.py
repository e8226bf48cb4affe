"""Notices 通知: what a party should hear of, one row each, derived from the log like any other row.

A notice names the case, the task and its legal day, never a person or a disease: it may leave the
house by e-mail or webhook. Its id follows from the event, so a repeat is recognisable for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Literal

import sqlalchemy as sa

from domain.acts import REMINDERS, TaskEscalated, TaskReminded, TaskSupervised
from domain.events import Recorded
from domain.fold import CaseFold
from domain.tasks import Task, summary
from domain.units import is_outside
from projections.tables import Tables

Reason = Literal["assigned", "helping", "returned", "moved", "reminded", "pressed"]
REASONS: dict[Reason, str] = {
    "assigned": "新事项",
    "helping": "请协办",
    "returned": "退回",
    "moved": "期限变动",
    "reminded": "期限提示",
    "pressed": "督办",
}


def rows(before: CaseFold, after: CaseFold, recorded: Recorded) -> list[dict[str, Any]]:
    """The notices this event gives rise to; none twice for one party and task."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for id, task in after.tasks.items():
        for party, reason in _reasons(before.tasks.get(id), task, recorded):
            told.setdefault((party, id), _row(after, task, party, reason, recorded))
    return list(told.values())


def _reasons(old: Task | None, task: Task, recorded: Recorded) -> Iterator[tuple[str, Reason]]:
    event = recorded.event
    if task.closed or not task.is_duty:
        return
    if isinstance(event, TaskReminded | TaskEscalated | TaskSupervised):
        if event.task == task.id:
            reason: Reason = "reminded" if isinstance(event, TaskReminded) else "pressed"
            yield task.holder, reason
            if is_outside(task.holder) and task.supervisor:
                yield task.supervisor, reason
        return
    if old is task or task.standing(recorded.envelope.recorded_at) == "hidden":
        return
    if task.returned and (old is None or old.returned != task.returned):
        yield task.holder, "returned"
    elif old is None or old.holder != task.holder:
        yield task.holder, "assigned"
    elif old.due != task.due:
        yield task.holder, "moved"
    for helper in task.helpers:
        if old is None or helper not in old.helpers:
            yield helper, "helping"


def _row(
    fold: CaseFold, task: Task, party: str, reason: Reason, recorded: Recorded
) -> dict[str, Any]:
    position = recorded.envelope.position
    key = f"{position}|{party}|{task.id}"
    return {
        "id": f"n-{hashlib.sha256(key.encode()).hexdigest()[:20]}",
        "position": position,
        "party": party,
        "reason": reason,
        "case": fold.case,
        "number": fold.number or fold.case,
        "task": task.id,
        "text": _text(fold, task, reason, recorded),
        "legal": task.due.legal if task.due else None,
        "recorded_at": recorded.envelope.recorded_at,
    }


def _text(fold: CaseFold, task: Task, reason: Reason, recorded: Recorded) -> str:
    said: str = REASONS[reason]
    if isinstance(recorded.event, TaskReminded):
        said = REMINDERS[recorded.event.stage]
    told = summary(task)
    legal = f"，{told.day_name}{told.last}" if task.due else ""
    provisional = "（暂定）" if task.due and task.due.provisional else ""
    return f"【{said}】{fold.number or fold.case} {task.rule.title}{legal}{provisional}"


def for_party(
    connection: sa.Connection, into: Tables, party: str, after: int, upto: int, limit: int
) -> list[dict[str, Any]]:
    """The notices to `party` recorded after one position and up to another, oldest first."""
    table = into.notices
    wanted = (
        sa.select(table)
        .where(table.c.party == party, table.c.position > after, table.c.position <= upto)
        .order_by(table.c.position, table.c.id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]
