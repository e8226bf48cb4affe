"""Acts on tasks 事项操作: what a task is after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain.acts.events import (
    RETURN_REASONS,
    AssistAnswered,
    AssistRequested,
    ReturnRejected,
    ReturnUpheld,
    TaskClaimed,
    TaskDisputed,
    TaskEscalated,
    TaskExtended,
    TaskReleased,
    TaskResumed,
    TaskReturned,
    TaskRuled,
    TaskSigned,
    TaskSupervised,
    TaskSuspended,
    TaskTransferred,
    TaskWithdrawn,
)
from domain.events import Moment, Recorded
from domain.tasks import Closing, Return, Task, dated, party_name, resumed, return_day, stopped


def evolve(task: Task, act: Any, recorded: Recorded) -> Task:
    """The task after an act on it. Total: acts stand even where a correction changed the task."""
    envelope = recorded.envelope
    day = envelope.occurred.day
    match act:
        case TaskSigned():
            return replace(task, signed=day)
        case TaskClaimed():
            return replace(task, officer=act.officer, signed=task.signed or day)
        case TaskReleased():
            return replace(task, officer=None)
        case TaskTransferred():
            passed_on = _given if act.anew else _rerouted
            return passed_on(task, act.to, envelope.actor, act.received_on, recorded)
        case AssistRequested():
            return replace(task, helpers=(*task.helpers, act.unit))
        case AssistAnswered():
            return replace(task, helpers=tuple(u for u in task.helpers if u != act.unit))
        case TaskReturned():
            back = Return(by=envelope.actor, reason=RETURN_REASONS[act.reason], day=day)
            return replace(task, holder=act.to, returned=back, returns=task.returns + 1)
        case ReturnUpheld():
            task = _given(task, act.to, envelope.actor, act.received_on, recorded)
            settled = envelope.actor if act.final else task.ruled_by
            return replace(task, rerouted=True, ruled_by=settled, rejected=act.final)
        case ReturnRejected():
            return replace(task, holder=act.to, returned=None, rejected=True)
        case TaskWithdrawn():
            # Only a task that the opening act itself routed ends with its withdrawal; what is put
            # to a unit with the case itself (a tip) stays with whoever took it back.
            opener = envelope.actor == task.opened.actor and not task.rule.returned_to
            if opener and task.rule.holder.startswith("@"):
                return replace(task, closed=Closing("withdrawn", day, envelope.version))
            # A duty that was passed on does not vanish: it falls back to whoever passed it on.
            return replace(task, holder=envelope.actor, signed=day, returned=None)
        case TaskSuspended():
            return stopped(task, "task.suspended", envelope.occurred.at)
        case TaskResumed():
            return resumed(task, "task.suspended", envelope.occurred.at)
        case TaskExtended():
            return dated(replace(task, extended=task.extended + act.length))
        case TaskSupervised():
            by = party_name(envelope.actor, task.reference)
            return replace(task, supervised=(*task.supervised, f"{day} {by}：{act.note}"))
        case TaskEscalated():
            return replace(task, supervised=(*task.supervised, f"{day} 超期转督办"))
        case TaskDisputed():
            return replace(task, disputed=act.reason)
        case TaskRuled():
            ruled = replace(task, disputed=None, ruled_by=act.by)
            if act.to == task.holder:
                return replace(ruled, rejected=True)
            ruled = _given(ruled, act.to, act.by, act.received_on, recorded)
            return replace(ruled, rerouted=True, rejected=True)
        case _:
            return task


def _delivered(received_on: date | None, recorded: Recorded) -> datetime:
    return Moment.on(received_on).at if received_on else recorded.envelope.recorded_at


def _given(task: Task, to: str, sender: str, received_on: date | None, recorded: Recorded) -> Task:
    """Given to a unit by whoever rules: its clock starts when it is delivered there."""
    task = _rerouted(task, to, sender, received_on, recorded)
    if task.rule.anchor == "delivered" and task.started:
        task = dated(replace(task, started=_delivered(received_on, recorded)))
    return task


def moved(task: Task, to: str, recorded: Recorded) -> Task:
    """The duty goes with its role to whoever has it now: days, stops, extensions as they are."""
    return _rerouted(task, to, recorded.envelope.actor, None, recorded)


def _rerouted(
    task: Task, to: str, sender: str, received_on: date | None, recorded: Recorded
) -> Task:
    """In another unit's hands: to be signed anew, returnable anew, sent by whoever routed it."""
    task = replace(
        task,
        holder=to,
        sender=sender,
        signed=None,
        officer=None,
        returned=None,
        rejected=False,
        disputed=None,  # that was the other unit's
    )
    delivered = _delivered(received_on, recorded)
    return replace(task, return_by=return_day(task, delivered))
