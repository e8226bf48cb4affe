"""The seeded faults: which line of the domain is made wrong, and what must notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain import calendar, corrections, fold, tasks
from domain.acts import decisions as acting
from domain.acts import state as acted
from domain.cases import period, tip
from domain.cases.determination import follows as determining
from domain.cases.diagnosis import decisions as diagnosing
from domain.cases.incident import decisions as responding
from domain.cases.incident import state as responded
from domain.cases.relief import decisions as relieving


@dataclass(frozen=True)
class Fault:
    """One line of the domain made wrong, and the name of what must notice."""

    zh: str
    of: Callable[..., Any]
    old: str
    new: str
    killer: str  # `test_module.test_name`, or the name of an invariant


def _property(cls: type[Any], name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = vars(cls)[name].fget
    return found


FAULTS: dict[str, Fault] = {
    # --- Days ---
    "suspension-loses-a-day": Fault(
        "中止少还一日",
        calendar._calendar_days,
        "raw += resumed - stopped",
        "raw += resumed - stopped - DAY",
        "test_calendar.test_a_suspension_keeps_the_days_that_remain",
    ),
    "working-days-run-while-stopped": Fault(
        "中止期间工作日照走",
        calendar._working_days,
        "since = resumed",
        "since = stopped",
        "test_calendar.test_working_days_left_at_the_stop_are_counted_from_the_resumption",
    ),
    "overlapping-stops-count-twice": Fault(
        "重叠的中止重复计算",
        calendar._merged,
        "if last and (last.resumed is None or stopped <= last.resumed):",
        "if False:",
        "test_calendar.test_overlapping_stops_count_once_and_a_stop_before_the_start_not_at_all",
    ),
    "a-stopped-clock-keeps-its-date": Fault(
        "中止后期限日不变",
        calendar.reckon,
        "return due if due and due.passed(last.stopped) else None",
        "return due",
        "test_calendar.test_a_stopped_clock_has_no_date",
    ),
    "months-of-thirty-days": Fault(
        "月按三十日计",
        calendar._calendar_days,
        "add_months(start, total)",
        "start + timedelta(days=30 * total)",
        "a_clock_runs_exactly_its_days",
    ),
    "the-start-day-counts": Fault(
        "起算日计入",
        calendar.Calendar.add_working_days,
        "day = start\n",
        "day = start - DAY\n",
        "a_clock_runs_exactly_its_days",
    ),
    "worked-saturdays-forgotten": Fault(
        "调休上班的周六当作休息日",
        calendar.Calendar.works,
        "if day in self.work:",
        "if False:",
        "test_calendar.test_a_worked_saturday_is_a_working_day_and_does_not_roll",
    ),
    "the-last-day-does-not-roll": Fault(
        "末日遇休息日不顺延",
        calendar.reckon,
        "legal = calendar.on_or_after(raw) if rolls else raw",
        "legal = raw",
        "a_day_rolls_to_a_working_day",
    ),
    "the-safe-day-rolls-forward": Fault(
        "稳妥日也往后顺延",
        calendar.reckon,
        "safe = calendar.on_or_before(raw)",
        "safe = calendar.on_or_after(raw)",
        "a_day_rolls_to_a_working_day",
    ),
    "nothing-is-provisional": Fault(
        "未公布年份不标暂定",
        calendar.reckon,
        "provisional=not calendar.published_through(*rests_on)",
        "provisional=False",
        "an_unpublished_year_is_provisional",
    ),
    "hours-of-working-days": Fault(
        "小时时限顺延到次日",
        calendar._hours,
        "timedelta(hours=total)",
        "timedelta(days=1, hours=total)",
        "test_calendar.test_an_hour_clock_runs_through_the_night_to_the_minute",
    ),
    # --- Tasks ---
    "delivered-clocks-start-when-sent": Fault(
        "送达起算的自发出日起算",
        tasks.delivered_at,
        "envelope.recorded_at.replace",
        "envelope.occurred.at.replace",
        "a_received_task_starts_at_delivery",
    ),
    "a-right-counts-as-a-duty": Fault(
        "权利当作义务",
        _property(tasks.Task, "is_duty"),
        'self.rule.nature == "duty"',
        "True",
        "test_acts.test_rights_and_rightly_returned_tasks_enter_no_on_time_figure",
    ),
    "an-upheld-return-counts": Fault(
        "正当退回仍计按期率",
        acted.evolve,
        "return replace(task, rerouted=True, ruled_by=settled, rejected=act.final)",
        "return task",
        "test_acts.test_rights_and_rightly_returned_tasks_enter_no_on_time_figure",
    ),
    "silence-forgotten": Fault(
        "沉默不视为受理",
        tasks.Summary.standing,
        "if self.silence and not self.returned_by:",
        "if False:",
        "test_tip.test_silence_is_acceptance_and_the_informant_is_told_all_the_same",
    ),
    "silence-accepts-nothing": Fault(
        "过了退回期限仍待签收",
        tasks.Summary.accepted,
        "shanghai_day(at) > self.return_by",
        "False",
        "test_acts.test_silence_past_the_return_window_is_acceptance",
    ),
    "the-edition-is-in-the-id": Fault(
        "事项编号随版次而变",
        fold._opened,
        "rule.id, slot),",
        "rule.id, slot + reference.edition.id),",
        "ids_are_the_same_under_every_edition",
    ),
    "closed-tasks-are-touched": Fault(
        "已结束的事项又被改动",
        fold._ruled,
        "id: task if task.closed else _touched(fold, task, recorded)",
        "id: _touched(fold, task, recorded)",
        "a_closed_task_stays_closed",
    ),
    "what-has-ended-leaves-duties": Fault(
        "终结的案件留下待办",
        fold._touched,
        "if type in rule.void_by and _holds(fold, rule.void_when, event):",
        "if False:",
        "an_ended_case_owes_nothing",
    ),
    "an-adoption-forgets-a-date-that-stays": Fault(
        "期限日不变的事项留在旧日历",
        corrections._concerned,
        "other = after.reference.key != task.reference.key",
        "other = False",
        "test_corrections.test_a_right_that_has_lapsed_is_left_as_it_lapsed",
    ),
    "nobody-holds-what-nobody-fills": Fault(
        "角色无人时事项落空",
        fold._opened,
        "holder = supervisor if unknown and supervisor else fold.parties.get(slot, slot)",
        "holder = fold.parties.get(slot, slot)",
        "every_task_cites_its_clause",
    ),
    # --- Acts ---
    "the-return-window-is-a-day-longer": Fault(
        "退回期限多一日",
        acting._returned,
        "if context.today > task.return_by:",
        "if (context.today - task.return_by).days > 1:",
        "test_acts.test_after_the_window_there_is_no_return",
    ),
    "a-second-return-goes-to-the-office": Fault(
        "第二次退回又到办公室",
        acting._returned,
        "first = task.returns == 0 and",
        "first = task.returns >= 0 and",
        "test_acts.test_a_second_return_goes_to_the_leading_group_whose_word_is_final",
    ),
    "anybody-signs": Fault(
        "非责任方也能签收",
        acting._holder_only,
        "if context.actor != task.holder:",
        "if False:",
        "only_the_holder_acts",
    ),
    "a-statutory-power-is-passed-on": Fault(
        "法定职权可以转办",
        acting.may_hold,
        "movable(edition, task.rule.clauses, task.rule.title)",
        "pass",
        "test_acts.test_a_power_given_by_statute_is_passed_to_nobody_by_any_act",
    ),
    "whoever-returned-it-is-silent": Fault(
        "已退回的仍视为沉默受理",
        fold._appearance,
        "other.due is None or other.returned:",
        "other.due is None:",
        "test_tip.test_whoever_gave_it_back_is_not_silent_while_nobody_has_ruled_on_the_return",
    ),
    "the-leading-groups-word-is-not-final": Fault(
        "领导小组确定后办公室仍可改派",
        tip.decisions._settled,
        "above or not (said or ruled)",
        "True",
        "test_tip.test_a_second_return_is_for_the_leading_group_and_its_word_is_final",
    ),
    "a-class-ruling-is-escaped-by-a-second-matter": Fault(
        "把受裁定的事项写在第二项可以绕开类案裁定",
        tip.decisions._by_ruling,
        "for matter in matters",
        "for matter in matters[:1]",
        "test_rulings.test_no_ruling_is_escaped_by_a_second_matter_or_a_township_left_out",
    ),
    "a-transfer-starts-the-clock-anew": Fault(
        "转办后期限重新起算",
        acted._rerouted,
        "rejected=False,",
        "rejected=False, due=None,",
        "test_acts.test_a_transfer_keeps_the_legal_day_and_can_be_taken_back_before_acceptance",
    ),
    "extensions-without-measure": Fault(
        "延长不受上限",
        acting._extended,
        "extension.length - task.extended",
        "extension.length * 9",
        "test_acts.test_an_extension_needs_its_approver_its_measure_and_a_deadline_not_yet_passed",
    ),
    # --- Corrections ---
    "a-correction-drops-acts": Fault(
        "更正抹去已做的操作",
        fold._corrected,
        "for fact, reference in facts:\n        anew",
        "for fact, reference in facts:\n        if not isinstance(fact.event, acts.TaskAct): anew",
        "test_corrections.test_an_act_on_a_task_stands_after_a_correction",
    ),
    "a-correction-loses-tasks": Fault(
        "更正使事项消失",
        fold._corrected,
        "tasks = {**gone, **anew.tasks}",
        "tasks = dict(anew.tasks)",
        "test_corrections.test_a_task_whose_condition_fails_ends_as_corrected_and_comes_back",
    ),
    "a-correction-escapes-the-kinds-checks": Fault(
        "更正绕过本种案件的检查",
        corrections._as_decided,
        "right, stood = _known(fact, correction, context), _as_it_stood(fact, context)",
        "return correction",
        "test_corrections.test_a_correction_is_refused_where_the_command_itself_would_have_been",
    ),
    # --- Kinds ---
    "the-accused-may-handle-it": Fault(
        "可交由被举报单位办理",
        tip.decisions._may_handle,
        "to not in accused",
        "True",
        "test_tip.test_a_tip_never_goes_to_the_unit_it_accuses",
    ),
    "the-accused-gets-it-by-transfer": Fault(
        "转办可到被举报单位",
        acting._barred,
        "return context.fold.kind.barred(context.fold.state, context.cases)",
        "return ()",
        "test_tip.test_no_act_brings_a_tip_into_the_hands_it_accuses",
    ),
    "an-anonymous-tip-keeps-its-informant": Fault(
        "匿名举报仍留举报人",
        tip.decisions._received,
        "informant = None if unnamed else",
        "informant =",
        "test_tip.test_an_anonymous_tip_keeps_no_name_and_has_nobody_to_answer",
    ),
    "what-a-tip-says-is-not-sealed": Fault(
        "举报内容进入公开字段",
        tip.decisions._received,
        "subject=given.subject,",
        "subject=getattr(given.content, 'plaintext', ''),",
        "nothing_sealed_shows",
    ),
    "a-merge-stops-the-reply-clock": Fault(
        "并案使答复期限终止",
        fold._touched,
        "if type in rule.void_by and _holds(fold, rule.void_when, event):",
        'if type in (*rule.void_by, "tip.merged"):',
        "test_tip.test_a_merge_moves_no_clock_and_the_finding_reaches_both",
    ),
    "routed-anew-nobody-is-asked": Fault(
        "改派后无人须受理",
        tip.routed_anew,
        "return state.anew",
        "return False",
        "test_tip.test_a_tip_routed_anew_after_it_was_taken_is_asked_of_the_new_unit",
    ),
    "a-team-without-the-union": Fault(
        "调查组可无工会成员",
        responding._team_formed,
        "fine = bool(named.intersection(given.members))",
        "fine = True",
        "test_incident.test_no_team_without_the_union",
    ),
    "radiation-graded-by-anybody": Fault(
        "辐射等级谁都能定",
        responding._graded,
        'fine = given.scale != "radiation_scale" or context.actor == own',
        "fine = True",
        "test_incident.test_only_the_environment_bureau_grades_radiation",
    ),
    "two-grades-in-one-scale": Fault(
        "一个尺度两个等级",
        responded.evolve,
        "if grade[0] != event.scale",
        "if True",
        "test_incident.test_a_grade_replaces_the_one_before_in_its_scale",
    ),
    "urgent-relief-waits": Fault(
        "紧急救助须先核查",
        relieving._relieved,
        "_amount(given.amount)",
        "_last_resort(state)",
        "test_relief.test_urgent_relief_waits_for_no_check_and_its_papers_follow",
    ),
    "publicity-names-the-disease": Fault(
        "公示写出病名",
        relieving._names_no_disease,
        "any(word in village for word in",
        "any(False for word in",
        "test_relief.test_publicity_lasts_seven_days_and_never_shows_the_disease",
    ),
    "blocked-relief-is-given": Fault(
        "另有渠道仍给救助",
        relieving._last_resort,
        "not state.blocked",
        "True",
        "test_relief.test_whatever_stands_before_relief_blocks_it",
    ),
    "a-concluded-disease-opens-nothing": Fault(
        "职业病结论不开立认定",
        determining.on_conclusion,
        "if not dx.differs(concluded, before.state.conclusion):",
        "if True:",
        "a_disease_opens_its_determination",
    ),
    "two-open-applications": Fault(
        "同一机构重复立案",
        diagnosing.keys,
        "if not state.applied or state.withdrawn or state.certified:",
        "if True:",
        "test_diagnosis.test_an_open_application_holds_its_institution_and_worker_until_it_ends",
    ),
    "the-diagnosis-does-not-wait": Fault(
        "仲裁未终结即可作结论",
        diagnosing._history_fixed,
        "if state.arbitrations:",
        "if False:",
        "test_arbitration.test_nothing_is_concluded_while_an_arbitration_is_pending",
    ),
    "a-yearly-duty-is-reported-by-anybody": Fault(
        "年度职责谁都能报",
        period.decide,
        "and task.holder == context.actor",
        "",
        "test_period.test_a_yearly_duty_is_reported_by_the_unit_that_owes_it",
    ),
}
