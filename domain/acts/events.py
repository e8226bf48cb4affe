"""Acts on tasks 事项操作: what is recorded of them, under the stored names."""

from __future__ import annotations

from datetime import date
from typing import Literal

from domain.calendar import UNIT_NAMES, LengthUnit
from domain.events import Payload, event, fields_added, terms, upcaster
from domain.units import LEADING_GROUP_OFFICE

ReturnReason = Literal[
    "not_my_duty", "not_my_area", "wrong_party", "routed_twice", "papers_missing"
]
RETURN_REASONS: dict[ReturnReason, str] = {
    "not_my_duty": "不属于本单位职责",
    "not_my_area": "不属于本辖区",
    "wrong_party": "对象有误",
    "routed_twice": "重复交办",
    "papers_missing": "材料不足以办理",
}
terms(RETURN_REASONS)
Reminder = Literal["stage_near", "stage_safe"]
REMINDERS: dict[Reminder, str] = {"stage_near": "临近期限", "stage_safe": "已到稳妥期限"}
terms(REMINDERS)


class TaskAct:
    """What every act on a task has: the task it is about."""

    task: str


@event("task.signed", "签收事项“{title}”")
class TaskSigned(TaskAct):
    task: str
    title: str


@event("task.claimed", "{officer}认领事项“{title}”")
class TaskClaimed(TaskAct):
    task: str
    title: str
    officer: str


@event("task.released", "放回事项“{title}”")
class TaskReleased(TaskAct):
    task: str
    title: str


@event("task.transferred", "将事项“{title}”转办{to}：{reason}", version=2)
class TaskTransferred(TaskAct):
    """Passed on. `anew`, since version 2: the question put to the receiver is its own, and so are
    its days (whether to take a tip); otherwise the legal day stays."""

    task: str
    title: str
    to: str
    reason: str
    received_on: date | None = None
    anew: bool = False


fields_added("task.transferred", 1)  # the days stayed


@event("task.assist_requested", "就事项“{title}”请{unit}协办：{question}")
class AssistRequested(TaskAct):
    task: str
    title: str
    unit: str
    question: str


@event("task.assist_answered", "{unit}就事项“{title}”答复协办：{answer}")
class AssistAnswered(TaskAct):
    task: str
    title: str
    unit: str
    answer: str


@event("task.returned", "退回事项“{title}”（{reason}）：{note}")
class TaskReturned(TaskAct):
    task: str
    title: str
    reason: ReturnReason
    note: str
    to: str


@event("task.return_upheld", "确认退回，事项“{title}”改派{to}", version=2)
class ReturnUpheld(TaskAct):
    """`final`, since version 2: those above the office said so, and it is not returned again."""

    task: str
    title: str
    to: str
    received_on: date | None = None
    final: bool = False


fields_added("task.return_upheld", 1)  # never final


@event("task.return_rejected", "不予退回，事项“{title}”仍由{to}办理：{reason}")
class ReturnRejected(TaskAct):
    task: str
    title: str
    to: str
    reason: str


@event("task.withdrawn", "在签收前撤回事项“{title}”：{reason}")
class TaskWithdrawn(TaskAct):
    task: str
    title: str
    reason: str


@event("task.suspended", "中止事项“{title}”（{clause}）：{reason}")
class TaskSuspended(TaskAct):
    task: str
    title: str
    reason: str
    clause: str


@event("task.resumed", "恢复事项“{title}”")
class TaskResumed(TaskAct):
    task: str
    title: str


@event(
    "task.extended",
    "经{approver}批准，事项“{title}”延长{length}{unit_name}（{clause}）：{reason}",
    version=2,
)
class TaskExtended(TaskAct):
    task: str
    title: str
    length: int
    approver: str
    clause: str
    reason: str
    unit: LengthUnit | None = None  # since version 2: of the length

    @property
    def unit_name(self) -> str:
        return UNIT_NAMES[self.unit] if self.unit else "（未记单位）"


@upcaster("task.extended", 1)
def _extended_by_a_bare_number(payload: Payload) -> Payload:
    return {**payload, "unit": None}


@event("task.supervised", "督办事项“{title}”：{note}")
class TaskSupervised(TaskAct):
    task: str
    title: str
    note: str


@event("task.reminded", "提示：事项“{title}”{stage}（期限{legal}）")
class TaskReminded(TaskAct):
    task: str
    title: str
    stage: Reminder
    legal: date


@event("task.escalated", "事项“{title}”超过期限{legal}未办结，转督办")
class TaskEscalated(TaskAct):
    task: str
    title: str
    legal: date


@event("task.disputed", "对事项“{title}”提出异议，请{to}裁定：{reason}", version=2)
class TaskDisputed(TaskAct):
    task: str
    title: str
    reason: str
    to: str  # since version 2: who rules


@upcaster("task.disputed", 1)
def _disputed_before_the_office(payload: Payload) -> Payload:
    return {**payload, "to": LEADING_GROUP_OFFICE}


@event("task.ruled", "{by}裁定事项“{title}”由{to}办理：{reason}")
class TaskRuled(TaskAct):
    """The dispute is answered 裁定; the unit named may not return the task."""

    task: str
    title: str
    to: str
    by: str
    reason: str
    received_on: date | None = None


RULED_ON = (TaskDisputed, TaskRuled)
"""The acts that rules speak of: a dispute is owed a ruling."""
