"""What units do to the tasks on their desks: sign, return, pass on, ask for help, press."""

from __future__ import annotations

from datetime import date, datetime, time

from api.demo.people import TOWNSHIPS, luck
from api.demo.stories_tip import elsewhere
from api.demo.ways import Act, had
from domain import acts, corrections
from domain.calendar import DAY
from domain.cases import tip
from domain.events import SHANGHAI
from domain.fold import CaseFold
from domain.links import REVIEWED, Finding, ReviewBasis
from domain.tasks import Task
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE, is_outside

EMERGENCY = ("inc.rescue", "inc.assist", "inc.relay", "inc.record", "inc.acknowledge")
CORRECTABLE = ("diagnosis.data_supplied", "diagnosis.file_completed", "determination.investigated")
HURRIED = (
    *(
        "fy.accept",
        "wi.answer",
        "wi.answer-supplement",
        "arb.accept",
        "dx.survey-organise",
        "tip.inform",
        "tip.inform-silent",
    ),
    *("rlf.legal-aid", "rlf.assign-aid", "rlf.aid-objection"),
    *("inc.crime-decide", "inc.crime-review", "inc.crime-dispute", "inc.crime-again"),
)
"""Few days: done, and not first signed and passed on."""
ALONE = (
    *("inc.investigator", "inc.lift", "inc.lift-radiation"),
    *("inc.approve", "inc.evaluate", "inc.close"),
)
"""What a unit needs nobody's help for and gives to nobody: to name its own member, to lift its own
control, to approve, evaluate and close."""
HELPERS = ("EIB", "DRB", "FTU", "JB", "FB", "HUCB", "PSB", "TS-001", "TS-110", "MIB", "CAB")


def handled(fold: CaseFold, day: date) -> Act | None:
    """The next thing somebody does to a task of the case; None if there is nothing to do.

    While reports are owed by the hour nobody sits over papers.
    """
    if any(t.due and t.due.instant and t.due.legal >= day for t in fold.open_tasks()):
        return None
    if any(t.rule.id in EMERGENCY for t in fold.open_tasks()):
        return None
    for task in sorted(fold.open_tasks(), key=lambda t: t.slot not in fold.tasks):  # disputes first
        if task.appears is not None and task.appears > day:
            continue
        if task.standing(datetime.combine(day, time(12), SHANGHAI)) == "closed":
            continue  # silence has answered it
        if task.rule.id in HURRIED:
            continue
        act = (
            _reviewed(fold, task)
            or _returned(fold, task)
            or _first(fold, task, day)
            or _later(fold, task, day)
        )
        if act:
            return act
    return _corrected(fold, day)


def _reviewed(fold: CaseFold, task: Task) -> Act | None:
    """Whoever must look again at what a case rests on does so, once the task is where it stays."""
    if REVIEWED not in task.rule.closed_by or task.returned:
        return None
    lost = fold.kind.name == "determination" and not fold.state.has_basis
    decided = fold.kind.name == "determination" and fold.state.determined == "yes"
    finding: Finding = "basis_gone" if lost and decided else "basis_stands"
    days = (3, 15) if _lucky(task, "reviews", 0.9) else (20, 60)
    return Act(ReviewBasis(finding=finding, note="已复核（合成）"), task.holder, days)


def _corrected(fold: CaseFold, day: date) -> Act | None:
    """A day that was entered wrongly is put right by whoever supervises the case."""
    supervisor = {"diagnosis": "HB", "determination": "HSSB"}.get(fold.kind.name)
    if not supervisor or luck(fold.case, "mistaken") > 0.06 or had(fold, "case.fact_corrected"):
        return None
    for fact, _ in fold.facts:
        wrong, entered = fact.envelope.occurred.day, fact.envelope.recorded_on
        if fact.envelope.type in CORRECTABLE and wrong == entered < day:
            if any(wrong - DAY <= other.envelope.occurred.day < wrong for other, _ in fold.facts):
                return None
            put_right = corrections.CorrectFact(
                version=fact.envelope.version, occurred_on=wrong - DAY, reason="日期录错（合成）"
            )
            return Act(put_right, supervisor, (1, 6))
    return None


def _lucky(task: Task, word: str, below: float) -> bool:
    return luck(f"{task.id}|{task.holder}", word) < below


def _returned(fold: CaseFold, task: Task) -> Act | None:
    """A return is ruled on by whoever got the task back; some lie for a while."""
    if not task.returned:
        return None
    if fold.kind.name == "tip" and _lucky(task, "routes", 0.6):
        ruled = tip.RouteTip(to=elsewhere(fold, f"r{task.returns}"), reason="按职责分工改派")
        by = LEADING_GROUP if task.holder == LEADING_GROUP else LEADING_GROUP_OFFICE
        return Act(ruled, by, (2, 12))
    statutory = fold.kind.name == "relief"  # by law its own bureau's: no other could decide it
    if statutory or fold.kind.name == "tip" or _lucky(task, "rejects", 0.85):
        rejected = acts.RejectReturn(task=task.id, reason="属该单位法定职责")
        return Act(rejected, task.holder, (1, 6) if statutory else (2, 12))
    to = _next_door(task.returned.by)
    if to is None:  # a statute names whose it is
        return Act(acts.RejectReturn(task=task.id, reason="属法定职责"), task.holder, (1, 6))
    return Act(acts.UpholdReturn(task=task.id, to=to), task.holder, (1, 6))


def _next_door(unit: str) -> str | None:
    """Another township, where the matter may lie; bureaus have what the law gives them."""
    if not unit.startswith("TS-"):
        return None
    codes = [code for code, _ in TOWNSHIPS if code != unit]
    return codes[int(luck(unit, "next door") * len(codes))]


def _first(fold: CaseFold, task: Task, day: date) -> Act | None:
    """Sign it, or give it back while one may."""
    if is_outside(task.holder) or task.signed or not task.is_duty or task.returned:
        return None
    if fold.kind.name in ("plan", "inspection") and task.return_by is None:
        return None  # what a unit's own act brought it, it goes on with unsigned
    if task.slot in fold.tasks:
        return None  # a dispute waits for its ruling, not for papers
    may = task.return_by is not None and day <= task.return_by and not task.rejected
    relief = fold.kind.name == "relief"  # on five desks at once: its days are not spent on signing
    if may and _lucky(task, "returns", 0.35 if task.returns else 0.03 if relief else 0.09):
        back = acts.ReturnTask(task=task.id, reason="not_my_duty", note="不属本单位职责（合成）")
        return Act(back, task.holder, (1, 3))
    to = elsewhere(fold, "passes on") if fold.kind.name == "tip" else _next_door(task.holder)
    home = task.holder == fold.parties.get(task.slot, task.slot)  # never passed on before
    if to and may and home and task.rule.transferable and _lucky(task, "passes", 0.05):
        passed = acts.TransferTask(task=task.id, to=to, reason="由其具体承办（合成）")
        return Act(passed, task.holder, (0, 2))
    sent = task.sender not in (LEADING_GROUP_OFFICE, task.holder) and not home
    if sent and may and _lucky(task, "recalls", 0.3):
        return Act(acts.WithdrawTask(task=task.id, reason="误转"), task.sender, (0, 2))
    if _lucky(task, "signs", 0.62):
        return Act(acts.SignTask(task=task.id), task.holder, (0, 1) if relief else (0, 3))
    if _lucky(task, "claims", 0.8):
        return Act(acts.ClaimTask(task=task.id), task.holder, (0, 1) if relief else (0, 2))
    return None


def _later(fold: CaseFold, task: Task, day: date) -> Act | None:
    """What happens to some tasks on the way, each at most once."""
    if task.returned or not task.is_duty:
        return None
    if is_outside(task.holder):
        return None
    if task.helpers and _lucky(task, "helps", 0.75):
        answer = acts.AnswerAssist(task=task.id, answer="情况如附（合成）")
        return Act(answer, task.helpers[0], (1, 8))
    disputed = fold.tasks.get(task.slot)
    if disputed and disputed.disputed:
        ruling = acts.RuleTask(task=disputed.id, to=disputed.holder, reason="属该单位职责（合成）")
        return Act(ruling, task.holder, (1, 2) if _lucky(task, "rules", 0.93) else (8, 20))
    if not task.signed:
        return None
    helper = HELPERS[int(luck(task.id, "whom") * len(HELPERS))]
    asked = had(fold, "task.assist_requested")
    alone = helper == task.holder or task.rule.id in ALONE
    if _lucky(task, "asks", 0.05) and not asked and not alone:
        asking = acts.RequestAssist(task=task.id, unit=helper, question="请提供相关情况")
        return Act(asking, task.holder, (0, 3))
    if task.officer and _lucky(task, "releases", 0.05):
        return Act(acts.ReleaseTask(task=task.id), task.holder, (0, 3))
    own = task.opened.actor == task.holder or task.rule.id in ALONE
    open_to_it = task.rule.transferable and not (task.disputed or task.ruled_by or own)
    if _lucky(task, "disputes", 0.04) and open_to_it:
        objected = acts.DisputeTask(task=task.id, reason="职责分工不明")
        return Act(objected, task.holder, (0, 4))
    return _clock(fold, task, day)


def _clock(fold: CaseFold, task: Task, day: date) -> Act | None:
    """Its clock: longer where a clause allows, stopped for an expert's test, pressed when late."""
    running = task.due is not None and day < task.due.legal
    rule = task.rule.id
    if rule == "tip.finish" and running and not task.extended and _lucky(task, "longer", 0.08):
        longer = acts.ExtendTask(task=task.id, length=30, reason="情况复杂")
        return Act(longer, task.holder, (10, 25))
    if rule == "inc.investigate":
        stopped = task.suspended
        if stopped and _lucky(task, "resumes", 0.8):
            return Act(acts.ResumeTask(task=task.id), task.holder, (15, 40))
        once = not had(fold, "task.suspended")
        if running and once and _lucky(task, "tests", 0.3):
            test = acts.SuspendTask(task=task.id, reason="委托技术鉴定", clause="safety-27")
            return Act(test, task.holder, (2, 10))
        if running and not task.extended and _lucky(task, "longer", 0.3):
            return Act(acts.ExtendTask(task=task.id, length=30, reason="案情复杂"), "CGO", (5, 20))
    if task.due is None or task.suspended:
        return None
    noon = datetime.combine(day, time(12), SHANGHAI)
    standing = task.standing(noon)
    if standing == "near" and not had(fold, "task.reminded"):
        stage: acts.Reminder = "stage_safe" if day >= task.due.safe else "stage_near"
        return Act(acts.RemindTask(task=task.id, stage=stage), "system", (0, 0))
    if standing == "overdue" and task.due.legal < day and not task.supervised:
        if _lucky(task, "escalates", 0.5):
            return Act(acts.EscalateTask(task=task.id), "system", (0, 1))
        if _lucky(task, "pressed", 0.5):
            return Act(acts.SuperviseTask(task=task.id, note="请抓紧办理"), "LGO", (0, 5))
    return None
