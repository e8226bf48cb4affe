"""Acts on tasks 事项操作: what they are answered with, or why they are refused."""

from __future__ import annotations

from datetime import date

from domain.acts.commands import (
    Act,
    AnswerAssist,
    ClaimTask,
    DisputeTask,
    EscalateTask,
    ExtendTask,
    RejectReturn,
    ReleaseTask,
    RemindTask,
    RequestAssist,
    ResumeTask,
    ReturnTask,
    RuleTask,
    SignTask,
    SuperviseTask,
    SuspendTask,
    TransferTask,
    UpholdReturn,
    WithdrawTask,
)
from domain.acts.events import (
    AssistAnswered,
    AssistRequested,
    ReturnRejected,
    ReturnUpheld,
    TaskAct,
    TaskClaimed,
    TaskDisputed,
    TaskEscalated,
    TaskExtended,
    TaskReleased,
    TaskReminded,
    TaskResumed,
    TaskReturned,
    TaskRuled,
    TaskSigned,
    TaskSupervised,
    TaskSuspended,
    TaskTransferred,
    TaskWithdrawn,
)
from domain.decider import Context, Decision, Refused, known_unit, need
from domain.rulings import ABOVE, movable, under_class_ruling
from domain.tasks import Return, Task, called, deadline_of, in_english
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE, is_outside

# 县政府办、领导小组及其办公室 may press any task (43号文 三、四).
SUPERVISING = ("CGO", "LG", "LGO")


def decide(given: Act, context: Context) -> Decision:
    """Decide an act on a task. Raises Refused, in words an officer understands."""
    task = context.fold.tasks.get(given.task)
    standing = task.standing(context.now) if task else "hidden"
    if task is None or standing == "hidden":
        raise Refused("no-such-task", f"本案没有事项 {given.task}", f"No task {given.task} here")
    if task.closed:
        zh = f"事项“{task.rule.title}”已于{task.closed.day}结束，不能再操作"
        raise Refused("task-closed", zh, f"Task ended on {task.closed.day}")
    # Of what silence has ended only the routing is still disputed, and ruled on: the days of
    # handling run on meanwhile.
    zh = f"“{task.rule.title}”期满未表示，已视为受理，不能再操作；请直接办理，"
    zh += "确属其他单位职责的，请提出异议，由领导小组办公室裁定改派，期间期限照算"
    silent = standing == "closed" and not isinstance(given, DisputeTask | RuleTask)
    need(not silent, "deemed-accepted", zh, "Silence was acceptance: go on, or dispute the routing")
    act = _act(given, task, context)
    return (act, *context.fold.kind.passed(context.fold.state, task, act, context))


def _act(given: Act, task: Task, context: Context) -> TaskAct:
    id, title, actor = task.id, task.rule.title, context.actor
    if task.returned and isinstance(given, SignTask | ClaimTask | TransferTask | ReturnTask):
        by = called(task.returned.by, context.reference)
        zh = f"事项已被{by}退回，请先确认退回并改派，或不予退回"
        raise Refused("returned", zh, "Returned: uphold or reject the return first")
    match given:
        case SignTask():
            _holder_only(task, context)
            if task.signed:
                raise Refused("signed", f"事项已于{task.signed}签收", "Already signed")
            return TaskSigned(task=id, title=title)
        case ClaimTask():
            _holder_only(task, context)
            if task.officer:
                raise Refused("claimed", f"事项已由{task.officer}认领", "Already claimed")
            return TaskClaimed(task=id, title=title, officer=context.recorder)
        case ReleaseTask():
            _holder_only(task, context)
            if not task.officer:
                raise Refused("unclaimed", "事项无人认领，无须放回", "Nobody claimed this task")
            return TaskReleased(task=id, title=title)
        case TransferTask():
            return _transferred(given, task, context)
        case RequestAssist():
            _holder_only(task, context)
            _unit(given.unit, task, context)
            if given.unit in task.helpers:
                raise Refused("asked", "已请该单位协办", "That unit was asked to help already")
            return AssistRequested(task=id, title=title, unit=given.unit, question=given.question)
        case AnswerAssist():
            if actor not in task.helpers:
                raise Refused("not-helper", "本单位未被请求协办", "Your unit was not asked to help")
            return AssistAnswered(task=id, title=title, unit=actor, answer=given.answer)
        case ReturnTask():
            return _returned(given, task, context)
        case UpholdReturn():
            back = _returned_to_me(task, context)
            # Else it would have a new clock, outside the on-time figure, for its own work.
            if given.to == back.by:
                zh = "不能改派给退回的单位；认为仍应由其办理的，请不予退回"
                raise Refused("same-unit", zh, "That unit returned it: reject the return instead")
            may_hold(given.to, task, context)
            return ReturnUpheld(
                task=id,
                title=title,
                to=given.to,
                received_on=given.received_on,
                final=actor in ABOVE,
            )
        case RejectReturn():
            back = _returned_to_me(task, context)
            return ReturnRejected(task=id, title=title, to=back.by, reason=given.reason)
        case WithdrawTask():
            return _withdrawn(given, task, context)
        case SuspendTask():
            return _suspended(given, task, context)
        case ResumeTask():
            _clock_keeper(task, context)
            if not any(s.until is None and s.cause == "task.suspended" for s in task.stops):
                raise Refused("not-suspended", "事项未被中止", "The task is not suspended by act")
            return TaskResumed(task=id, title=title)
        case ExtendTask():
            return _extended(given, task, context)
        case SuperviseTask():
            if actor not in (*SUPERVISING, task.supervisor):
                zh = "督办由县政府办、领导小组、其办公室或该事项的监督单位作出"
                raise Refused("not-supervisor", zh, "Only a supervising unit may press a task")
            _not_accused("被举报的单位不能督办", context)
            return TaskSupervised(task=id, title=title, note=given.note)
        case RemindTask():
            return TaskReminded(task=id, title=title, stage=given.stage, legal=_day_of_duty(task))
        case EscalateTask():
            legal = _day_of_duty(task)
            need(
                task.standing(context.now) == "overdue",
                "not-overdue",
                f"事项尚未超过期限{legal}",
                f"The task is not overdue: its legal day is {legal}",
            )
            return TaskEscalated(task=id, title=title, legal=legal)
        case DisputeTask():
            return _disputed(given, task, context)
        case RuleTask():
            return _ruled(given, task, context)


def _day_of_duty(task: Task) -> date:
    if not task.is_duty or task.due is None:
        zh = "只有有期限日的义务才提示、督办"
        raise Refused("no-running-clock", zh, "Only a duty with a legal day is pressed")
    return task.due.legal


def _holder_only(task: Task, context: Context) -> None:
    if context.actor != task.holder:
        holder = called(task.holder, context.reference)
        zh = f"只有责任方（{holder}）可以办理此操作；请由其办理或先转办"
        raise Refused("not-holder", zh, f"Only the holder ({in_english(task.holder)}) may do this")


def _clock_keeper(task: Task, context: Context) -> None:
    """Nobody outside stops his own clock, and the time of a right is not the county's to give."""
    if not task.is_duty:
        raise Refused("right", "权利的期限不能中止", "The time of a right cannot be suspended")
    keeper = task.supervisor if is_outside(task.holder) else task.holder
    if context.actor != keeper:
        zh = f"中止、恢复由{called(keeper, context.reference)}作出"
        raise Refused(
            "not-holder", zh, f"Only {in_english(keeper)} may suspend or resume this task"
        )


def _home(task: Task, context: Context) -> str:
    """Whose the duty is by the rule alone: the township of the case, its lead, a bureau."""
    return context.fold.parties.get(task.slot, task.slot)


def _routed(task: Task, context: Context) -> bool:
    """Whether somebody's act brought the task to its holder, and not a rule alone."""
    if is_outside(task.holder) or not task.is_duty:
        return False
    moved = task.rerouted or task.holder != _home(task, context)
    return moved or task.sender not in (LEADING_GROUP_OFFICE, task.rule.returned_to)


def _unit(code: str, task: Task, context: Context) -> None:
    known_unit(code, context)
    if code in _barred(context):
        zh = f"{called(code, context.reference)}不得办理本案事项（被举报单位）"
        raise Refused("accused", zh, f"{code} may hold no task of this case")
    if code == task.holder:
        raise Refused("same-unit", "已由该单位办理", "That unit already holds the task")
    if not task.is_duty:
        raise Refused("right", "权利不能转办", "A right cannot be passed on")


def may_hold(to: str, task: Task, context: Context) -> None:
    """Refuse to give the task to a unit by whatever act: transfer, upheld return or ruling.

    What a statute gives to a unit goes to no other, but back to it; townships may be told apart
    by where the matter lies. 行政处罚法 22, 24; 43-2.3.h.
    """
    _unit(to, task, context)
    zh = "用人单位、机构和个人的法定义务不能转给本县单位"
    need(not is_outside(task.holder), "outside", zh, "An outside party's duty is its own")
    zh = f"“{task.rule.title}”随案件的办理单位走，不能单独转办；应由别的单位办理的，请改派案件"
    need(task.rule.transferable, "not-transferable", zh, "It goes with the case: re-route that")
    home = _home(task, context)
    edition = context.reference.edition
    if to == home or (edition.is_township(home) and edition.is_township(to)):
        return
    movable(edition, task.rule.clauses, task.rule.title)


def _transferred(given: TransferTask, task: Task, context: Context) -> TaskTransferred:
    _holder_only(task, context)
    _not_ruled("转办", task, context)
    may_hold(given.to, task, context)
    return TaskTransferred(
        task=task.id,
        title=task.rule.title,
        to=given.to,
        reason=given.reason,
        received_on=given.received_on,
        anew=task.rule.silence,
    )


def _not_ruled(verb: str, task: Task, context: Context) -> None:
    """What was ruled the unit's own is neither passed on nor returned."""
    final = task.ruled_by in ABOVE
    then = "该裁定为最终裁定，请办理" if final else "仍有异议的请提出异议"
    zh = f"已由{called(task.ruled_by, context.reference)}裁定由本单位办理，不得{verb}；{then}"
    need(task.ruled_by is None, "ruled", zh, "Ruled yours" + ("" if final else ": dispute it"))


def _withdrawn(given: WithdrawTask, task: Task, context: Context) -> TaskWithdrawn:
    if context.actor != task.sender:
        zh = f"只有交办单位可以撤回；本事项由{called(task.sender, context.reference)}交办或改派"
        raise Refused("not-sender", zh, f"Only {in_english(task.sender)} may withdraw this task")
    if task.holder == context.actor:
        zh = "这是本单位自己的职责，不能撤回；不属本单位的请转办"
        raise Refused("own-duty", zh, "Your own duty: transfer it instead")
    if not _routed(task, context):
        zh = "本事项由规则直接产生，无人交办，不能撤回"
        raise Refused("not-routed", zh, "A rule alone routed this task")
    if task.accepted(context.now):
        raise Refused("accepted", "事项已签收，不能撤回", "Already accepted")
    _not_accused("被举报的单位不能撤回对自己的举报", context)
    return TaskWithdrawn(task=task.id, title=task.rule.title, reason=given.reason)


def _disputed(given: DisputeTask, task: Task, context: Context) -> TaskDisputed:
    _holder_only(task, context)
    zh = f"“{task.rule.title}”随案件的办理单位走；应由别的单位办理的，请领导小组办公室改派案件"
    need(task.rule.transferable, "not-transferable", zh, "It goes with the case: re-route that")
    final = f"{called(task.ruled_by, context.reference)}已裁定，为最终裁定，不再裁定；请办理"
    need(task.ruled_by not in ABOVE, "final", final, "The ruling is final")
    need(task.disputed is None, "disputed", "已提出异议，待裁定", "Disputed already")
    above = task.ruled_by or under_class_ruling(context)
    office = () if above else (LEADING_GROUP_OFFICE,)
    to = _ruler((*office, *ABOVE), task, context)
    return TaskDisputed(task=task.id, title=task.rule.title, reason=given.reason, to=to)


def _ruled(given: RuleTask, task: Task, context: Context) -> TaskRuled:
    need(task.disputed is not None, "not-disputed", "事项没有异议，无须裁定", "Nobody disputes it")
    _not_accused("被举报的单位不能裁定", context)
    asked = [t.holder for t in context.fold.open_tasks() if t.slot == task.id]
    may = context.actor in (*asked, *ABOVE)
    zh = f"本异议由{'、'.join(called(unit, context.reference) for unit in asked)}裁定"
    need(may, "above", zh, f"For {', '.join(asked)} to rule")
    if given.to != task.holder:
        may_hold(given.to, task, context)
    return TaskRuled(
        task=task.id,
        title=task.rule.title,
        to=given.to,
        by=context.actor,
        reason=given.reason,
        received_on=given.received_on,
    )


def _ruler(units: tuple[str, ...], task: Task, context: Context) -> str:
    """The first of these units that is neither accused nor the holder itself."""
    free = (unit for unit in units if unit not in (task.holder, *_barred(context)))
    return next(free, LEADING_GROUP)


def _barred(context: Context) -> tuple[str, ...]:
    return context.fold.kind.barred(context.fold.state, context.cases)


def _not_accused(zh: str, context: Context) -> None:
    fair = context.actor not in _barred(context)
    need(fair, "accused", zh, "The accused unit has no say in what accuses it")


def _returned(given: ReturnTask, task: Task, context: Context) -> TaskReturned:
    _holder_only(task, context)
    cited = task.rule.clauses
    clause = "petition-22" if "petition-22" in cited else cited[0]  # 22 is of tips alone
    if task.return_by is None:
        raise Refused(
            "not-returnable", "该事项不得退回", "This task cannot be returned", clause=clause
        )
    _not_ruled("退回", task, context)
    if task.rejected or task.signed:
        why = "退回未获确认" if task.rejected else "事项已签收"
        zh = f"{why}，不能再退回；如认为职责有误请提出异议"
        raise Refused("accepted", zh, "Already accepted; raise a dispute instead", clause=clause)
    if context.today > task.return_by:
        zh = f"退回期限为{task.return_by}，已过期视为受理；可提出异议"
        en = f"The return window closed on {task.return_by}"
        raise Refused("return-window", zh, en, clause=clause)
    # To who sent it, the second time to 领导小组, as where a class ruling routed it: the office
    # does not change that. But to nobody the case accuses, nor to oneself.
    first = task.returns == 0 and not under_class_ruling(context)
    senders = (task.sender, LEADING_GROUP_OFFICE) if first else ()
    to = _ruler((*senders, *ABOVE, *SUPERVISING), task, context)
    return TaskReturned(
        task=task.id, title=task.rule.title, reason=given.reason, note=given.note, to=to
    )


def _returned_to_me(task: Task, context: Context) -> Return:
    if task.returned is None:
        raise Refused("not-returned", "事项未被退回", "The task was not returned")
    _not_accused("被举报的单位不能处理退回", context)
    if context.actor not in (task.holder, LEADING_GROUP):
        zh = f"由{called(task.holder, context.reference)}处理退回"
        raise Refused("not-holder", zh, f"{in_english(task.holder)} rules on the return")
    return task.returned


def _suspended(given: SuspendTask, task: Task, context: Context) -> TaskSuspended:
    _clock_keeper(task, context)
    if given.clause not in context.reference.edition.clauses:
        zh = f"没有条款 {given.clause}；中止须写明法定依据"
        raise Refused("no-such-clause", zh, f"No clause {given.clause}")
    if task.due is None:
        zh = "时限未起算或已中止，无须再中止"
        raise Refused("no-running-clock", zh, "No clock is running")
    if task.due.passed(context.occurred.at):
        raise Refused("expired", "期限已过，不能再中止", "The deadline has passed already")
    return TaskSuspended(
        task=task.id, title=task.rule.title, reason=given.reason, clause=given.clause
    )


def _extended(given: ExtendTask, task: Task, context: Context) -> TaskExtended:
    deadline = deadline_of(task)
    extension = deadline.extension if deadline else None
    if deadline is None or extension is None:
        raise Refused("no-extension", "该时限没有延长的规定", "This deadline cannot be extended")
    clause = extension.clause
    if context.actor not in (extension.by, task.holder if extension.by == "holder" else None):
        approver = task.holder if extension.by == "holder" else extension.by
        zh = f"延长须经{called(approver, context.reference)}批准"
        raise Refused("not-approver", zh, f"{extension.by} approves extensions", clause=clause)
    if not 0 < given.length <= extension.length - task.extended:
        zh = f"最多可延长{extension.length}，已延长{task.extended}"
        raise Refused("too-long", zh, f"At most {extension.length} in all", clause=clause)
    # Approved in time and entered later: it stands (two times, decision 10).
    if task.due and task.due.passed(context.occurred.at):
        raise Refused("expired", "期限已过，不能再延长", "The deadline has passed", clause=clause)
    return TaskExtended(
        task=task.id,
        title=task.rule.title,
        length=given.length,
        approver=context.actor,
        clause=clause,
        reason=given.reason,
        unit=deadline.unit,
    )
