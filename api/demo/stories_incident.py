"""Stories of incidents: told by the hour, controlled, investigated, approved, evaluated."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import get_args

from api.demo.people import luck
from api.demo.ways import Act, Now, had, holds, way
from domain.cases import incident as inc
from domain.fold import CaseFold

DUTIES = {f"did_{duty}": duty for duty in get_args(inc.Duty)}


@way("incident")
def told(fold: CaseFold, now: Now) -> Act | None:
    s = fold.state
    lead = s.lead
    if s.closed:
        return None
    if s.gone:  # what is somebody else's now leaves the controls, and what was owed at once
        if s.controlled_by:
            return Act(inc.LiftControl(), s.controlled_by[0], (3, 15))
        return _duty(fold, all=True)
    chance = partial(luck, fold.case)
    for unit in ("EMB", "HB", "EEB" if s.cause == "radiation_accident" else "EMB"):
        if unit not in s.told:
            return Act(inc.TellUnit(unit=unit), s.employer, (0, 0))
    hourly = _hourly(fold)
    if hourly:
        return hourly
    if (
        not s.controlled_by
        and not had(fold, "incident.control_imposed")
        and chance("control") < 0.5
    ):
        if s.cause == "radiation_accident":
            return Act(inc.ImposeControl(measure="停止使用、封存射线装置"), "EEB", (0, 0))
        return Act(inc.ImposeControl(measure="停止作业，封存原料"), "HB", (0, 0))
    duty = _duty(fold)
    if duty:
        return duty
    if not s.verified and chance("real") < 0.07:
        by = "EEB" if s.cause == "radiation_accident" else "HB"
        return Act(inc.RejectIncident(reason="经查与作业场所无关（合成）"), by, (1, 3))
    if s.provisional:
        return Act(inc.FindCause(cause=_found(fold)), lead, (2, 9))
    if chance("merge") < 0.3:
        main = _same(fold, now)
        if main:
            return Act(inc.MergeIncident(case_main=main), lead, (0, 1))
    if chance("changes") < 0.15 and not had(fold, "incident.casualties_changed"):
        changed = inc.ChangeCasualties(deaths=s.deaths + 1, poisoned=3)
        return Act(changed, s.hospital or lead, (1, 4))
    scale: inc.Scale = "radiation_scale" if lead == "EEB" else "work_safety"
    if scale not in dict(s.grades):
        many = scale == "work_safety" and _many(fold)
        above = chance("grade") < 0.08 and not many
        graded = inc.GradeIncident(
            scale=scale,
            level="III" if above or many else "IV",
            reason="直接经济损失一千万元以上（合成）" if above and scale == "work_safety" else None,
        )
        return Act(graded, lead, (1, 4))
    if s.exceeded:
        return Act(inc.HandUp(reason="较大以上事故由上级调查"), lead, (1, 5))
    if not s.union_named:
        return Act(inc.DoDuty(duty="investigator"), "FTU", (1, 3))
    if not s.team:
        members = tuple(dict.fromkeys((lead, "HB", "FTU")))
        return Act(inc.FormTeam(members=members), lead, (1, 5))
    if holds(fold, "inc.consider-crime"):
        return _crime(fold, lead)
    if s.suspected:
        if s.refer is None:
            refer = chance("refer") < 0.75
            because = None if refer else "证据不足以认定涉嫌犯罪（合成）"
            return Act(inc.DecideReferral(refer=refer, reason=because), lead, (1, 2))
        if s.refer and not s.referred:
            return Act(inc.ReferCrime(exhibits=chance("exhibits") < 0.5), lead, (0, 0))
        if s.referred and not had(fold, "incident.referral_answered"):
            answer: inc.Answer = "psb_filed" if chance("psb") < 0.5 else "psb_refused"
            return Act(inc.AnswerReferral(answer=answer), "PSB", (1, 2))
        if holds(fold, "inc.crime-dispute"):
            if chance("accepts") < 0.25:
                return Act(inc.DoDuty(duty="refusal_accepted"), lead, (1, 2))
            return Act(inc.DisputeRefusal(), lead, (1, 2))
        if holds(fold, "inc.crime-again"):
            return Act(inc.AnswerReferral(answer="psb_filed"), "PSB", (1, 2))
    elif chance("crime") < 0.35 and not had(fold, "incident.crime_suspected"):
        return Act(inc.SuspectCrime(), lead, (3, 10))
    if s.controlled_by:
        return Act(inc.LiftControl(), s.controlled_by[0], (2, 8))
    if not s.submitted:
        return Act(inc.SubmitReport(), lead)
    if not s.approved:
        return Act(inc.ApproveReport(), "CGO")
    forgotten = _duty(fold, all=True)
    if forgotten:
        return forgotten
    if not s.evaluated:
        return Act(inc.EvaluateRectification(), lead)
    return Act(inc.CloseIncident(note="整改落实（合成）"), lead, (1, 10))


def _same(fold: CaseFold, now: Now) -> str | None:
    """Another incident of the firm under the same lead, still under way: reported twice."""
    own = fold.state
    for case in reversed(now.peers.get("incident", ())):
        other = now.folded(case).state
        theirs = (other.employer, other.lead)
        goes_on = not other.gone and not other.closed
        if case == fold.case or not goes_on or theirs != (own.employer, own.lead):
            continue
        if abs(other.accident_on - own.accident_on) <= timedelta(days=3):
            return case
    return None


def _many(fold: CaseFold) -> bool:
    """So many poisoned that the accident is none of the county's."""
    numbers = [f.event.poisoned for f, _ in fold.facts if hasattr(f.event, "poisoned")]
    return bool(numbers[-1] >= 10)


def _hourly(fold: CaseFold) -> Act | None:
    """Whoever owes a report by the hour makes it within the hour; one in ten is late."""
    for task in sorted(fold.open_tasks(), key=lambda t: str(t.due and t.due.instant)):
        duty = DUTIES.get(task.rule.closed_when or "")
        due = task.due.instant if task.due else None
        in_time = due and due > fold.facts[-1][0].envelope.recorded_at
        if duty and in_time and luck(fold.case, task.rule.id) < 0.92:
            return Act(inc.DoDuty(duty=duty), task.holder, (0, 0))
    return None


def _duty(fold: CaseFold, all: bool = False) -> Act | None:
    """The emergency and reporting duty due first; now and then one is forgotten at first."""
    considered = [t for t in fold.open_tasks() if t.rule.id == "inc.consider-crime"]
    if all and considered:
        return _crime(fold, considered[0].holder)
    owed = [t for t in fold.open_tasks() if (t.rule.closed_when or "") in DUTIES]
    owed = [t for t in owed if t not in considered]
    owed = [t for t in owed if all or luck(fold.case, t.rule.id) < 0.97]
    if not owed:
        return None
    named = "inc.investigator"  # no emergency: the union names somebody in the days after
    first = min(
        owed, key=lambda t: (t.due is None, t.due and t.due.legal, t.rule.id == named, t.id)
    )
    soon = None if first.due else (1, 3) if first.rule.id == named else (0, 1)
    return Act(inc.DoDuty(duty=DUTIES[first.rule.closed_when or ""]), first.holder, soon)


def _crime(fold: CaseFold, lead: str) -> Act:
    """Where somebody died a crime is considered: suspected, or with a reason found to be none."""
    if luck(fold.case, "crime") < 0.6:
        return Act(inc.SuspectCrime(), lead, (1, 6))
    none = inc.DoDuty(
        duty="crime_considered", note="系设备突发故障所致，未发现违反管理规定（合成）"
    )
    return Act(none, lead, (1, 6))


def _found(fold: CaseFold) -> inc.Cause:
    causes: tuple[inc.Cause, ...] = ("acute_poisoning", "other_sudden", "chronic")
    return causes[int(luck(fold.case, "cause") * len(causes))]
