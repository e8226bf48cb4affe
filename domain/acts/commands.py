"""Acts on tasks 事项操作: what is asked."""

from __future__ import annotations

from datetime import date

from domain.acts.events import Reminder, ReturnReason
from domain.decider import command
from domain.rulings import ABOVE
from domain.units import LEADING_GROUP_OFFICE

CLOCK = "system"  # the party as which what falls due by the mere passing of time is recorded


@command("task.sign", "签收", clause="43-3.ALL")
class SignTask:
    """Accepts the task: it can no longer be returned."""

    task: str


@command("task.claim", "认领")
class ClaimTask:
    """The officer takes the task in hand."""

    task: str


@command("task.release", "放回")
class ReleaseTask:
    """The officer gives the task back to the unit's queue."""

    task: str


@command("task.transfer", "转办", clause="43-3.ALL")
class TransferTask:
    """Passes the task to another unit; the legal day stays. A power given by statute is passed to
    nobody but whom the statute names, nor is what has been ruled upon."""

    task: str
    to: str
    reason: str
    received_on: date | None = None


@command("task.request_assist", "请求协办", clause="43-3.ALL")
class RequestAssist:
    """Asks another unit for help; the holder stays responsible."""

    task: str
    unit: str
    question: str


@command("task.answer_assist", "答复协办", clause="43-3.ALL")
class AnswerAssist:
    """Answers a request for help."""

    task: str
    answer: str


@command("task.return", "退回", clause="petition-22")
class ReturnTask:
    """Returns a wrongly routed task within the return window, before acceptance."""

    task: str
    reason: ReturnReason
    note: str


@command("task.uphold_return", "确认退回并改派", clause="43-4.1.b")
class UpholdReturn:
    """Confirms a return and routes the task to the right unit, whose clock starts at delivery."""

    task: str
    to: str
    received_on: date | None = None


@command("task.reject_return", "不予退回", clause="43-4.1.b")
class RejectReturn:
    """Rejects a return: the unit that returned must act, and its clock never stopped."""

    task: str
    reason: str


@command("task.withdraw", "撤回")
class WithdrawTask:
    """The unit whose act routed the task takes it back before acceptance."""

    task: str
    reason: str


@command("task.suspend", "中止")
class SuspendTask:
    """Stops the clock under a clause; the remaining days are kept."""

    task: str
    reason: str
    clause: str


@command("task.resume", "恢复")
class ResumeTask:
    """Lets a stopped clock run again."""

    task: str


@command("task.extend", "延长期限")
class ExtendTask:
    """Lengthens the deadline as its clause allows, with approver and reason."""

    task: str
    length: int
    reason: str


@command("task.supervise", "督办", clause="43-3.CGO")
class SuperviseTask:
    """Presses the holder; the record counts in the yearly assessment."""

    task: str
    note: str


@command("task.remind", "期限提示", by=(CLOCK,))
class RemindTask:
    """Records that the holder was reminded; nothing else about the task changes."""

    task: str
    stage: Reminder


@command("task.escalate", "超期转督办", by=(CLOCK,), clause="43-3.CGO")
class EscalateTask:
    """Puts a duty past its legal day under supervision 督办."""

    task: str


@command("task.dispute", "提出异议", clause="43-2.3.h")
class DisputeTask:
    """Disputes the routing; it stays due until 领导小组办公室 or 领导小组 rules."""

    task: str
    reason: str


@command(
    "task.rule",
    "裁定",
    by=(LEADING_GROUP_OFFICE, *ABOVE),
    clause="43-2.3.h",
)
class RuleTask:
    """Answers a dispute: who handles the task. The office's word binds the case; disputed again,
    领导小组 or 联席会议 rules, and that is final. No ruling moves a power given by statute."""

    task: str
    to: str
    reason: str
    received_on: date | None = None


Act = (
    SignTask
    | ClaimTask
    | ReleaseTask
    | TransferTask
    | RequestAssist
    | AnswerAssist
    | ReturnTask
    | UpholdReturn
    | RejectReturn
    | WithdrawTask
    | SuspendTask
    | ResumeTask
    | ExtendTask
    | SuperviseTask
    | RemindTask
    | EscalateTask
    | DisputeTask
    | RuleTask
)
