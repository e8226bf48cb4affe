"""The one Chinese sentence of an event: units by name, codes by their words, nothing sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import acts
from domain.cases import incident as inc
from domain.cases import inspection as ins
from domain.cases.tip import TipAccepted, TipRouted
from domain.corrections import Change, FactCorrected, Moved, ReferenceApplied
from domain.events import NO, UNSAID, YES, sentence, shown, tidied, upcast
from domain.reference import CalendarAdopted, EditionAdopted, RulingMade
from domain.tasks import called, in_english, why
from domain.units import role_name
from tests.domain.inspecting import planned
from tests.domain.test_diagnosis import APPLIED
from tests.domain.test_incident import reported
from tests.spec import given, on, reference

UNITS = {"HB": "卫健局", "EMB": "应急局"}


def test_a_unit_is_told_by_its_name() -> None:
    routed = TipRouted(actor="LGO", to="EMB", reason="属安全生产")
    assert sentence(routed, UNITS) == "LGO确定由应急局办理：属安全生产"
    assert sentence(TipAccepted(unit="HB"), UNITS) == "卫健局受理"


def test_a_unit_that_the_law_of_the_day_does_not_know_keeps_its_code() -> None:
    assert sentence(TipAccepted(unit="TS-999"), UNITS) == "TS-999受理"


def test_a_correction_names_the_units_it_exchanges() -> None:
    corrected = FactCorrected(
        target=2,
        target_type="tip.routed",
        changes=(Change("to", "EMB", "HB"),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="录错",
    )
    assert "由“应急局”改为“卫健局”" in sentence(corrected, UNITS)


def test_a_correction_tells_lists_in_words() -> None:
    corrected = FactCorrected(
        target=2,
        target_type="inspection.visited",
        changes=(
            Change("units", ["HB", "EMB"], ["HB"]),
            Change("officers", [{"unit": "HB", "licence": "S-1"}], []),
        ),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="录错",
    )
    said = sentence(corrected, UNITS)
    assert "检查单位由“卫健局、应急局”改为“卫健局”" in said
    assert "执法人员由“卫健局 S-1”改为“无”" in said


def test_values_are_told_in_chinese() -> None:
    assert shown(None, UNITS) == "未载明"
    assert shown(True, UNITS) == "是"
    assert shown(date(2026, 11, 24), UNITS) == "2026-11-24"
    assert shown(("HB", "employer:91330523MA000TE131"), UNITS) == (
        "卫健局、用人单位 91330523MA000TE131"
    )


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        (f"诊断结论：未诊断（{UNSAID}{UNSAID}）", "诊断结论：未诊断"),
        (f"诊断结论：职业病（噪声聋{UNSAID}）", "诊断结论：职业病（噪声聋）"),
        (f"处理意见：属实；{UNSAID}", "处理意见：属实"),
        (f"仲裁裁决：不支持（劳动关系：{UNSAID}）", "仲裁裁决：不支持（劳动关系：未载明）"),
        (f"由{UNSAID}牵头", "由未载明牵头"),
        (f"由应急局牵头（暂定：{YES}）", "由应急局牵头（暂定）"),
        (f"由应急局牵头（暂定：{NO}）", "由应急局牵头"),
        (f"决定移送：{NO}", "决定移送：否"),
        ("（）原样", "（）原样"),
    ],
)
def test_a_gap_leaves_no_trace_and_a_no_in_brackets_is_not_said(filled: str, told: str) -> None:
    assert tidied(filled) == told


def test_an_extension_says_its_unit_and_its_clause() -> None:
    extended = acts.TaskExtended(
        task="t-1",
        title="作出复议决定",
        length=30,
        approver="JB",
        clause="arl-62",
        reason="案情复杂",
        unit="calendar_days",
    )
    assert sentence(extended, reference().edition.names) == (
        "经司法局批准，事项“作出复议决定”延长30日（行政复议法第六十二条）：案情复杂"
    )
    old = {
        "task": "t-1",
        "title": "x",
        "length": 30,
        "approver": "JB",
        "clause": "y",
        "reason": "z",
    }
    assert upcast("task.extended", 1, old)["unit"] is None


def test_a_class_ruling_says_what_where_and_until_when() -> None:
    made = RulingMade(
        ruling="R2026-2",
        by="LG",
        routing="tip-route-no_contract",
        to="HUCB",
        area="TS-111",
        since=date(2026, 12, 1),
        until=date(2027, 5, 31),
        replaces="R2026-1",
        reason="合成",
    )
    names = reference().edition.names
    title = reference().edition.policies["tip-route-no_contract"].title
    assert sentence(made, names) == (
        "领导小组作出类案裁定R2026-2：天子湖镇自2026-12-01起至2027-05-31止，"
        f"“{title}”由{names['HUCB']}办理，取代裁定R2026-1；理由：合成"
    )


def test_hashes_are_told_by_their_beginning() -> None:
    adopted = EditionAdopted(edition="0123456789abcdef" * 4, title="首版")
    assert sentence(adopted, UNITS) == "采用法规版次01234567：首版"
    years = CalendarAdopted(calendar="f" * 64, years=(2025, 2026))
    assert sentence(years, UNITS) == "采用日历ffffffff（已公布年份：2025、2026）"


def test_only_days_that_moved_are_said_to_have_moved() -> None:
    day, later = date(2025, 3, 11), date(2025, 3, 12)
    same, moved = Moved("t-1", day, day, "公示检查结果"), Moved("t-2", day, later, "作出诊断")
    assert sentence(ReferenceApplied(moved=(same, moved)), UNITS).endswith(
        "重算期限：“公示检查结果”2025-03-11不变；“作出诊断”2025-03-11改为2025-03-12"
    )
    old = Moved("t-1", day, day)  # as version 1 stored it
    assert sentence(ReferenceApplied(moved=(old,)), UNITS).endswith("重算期限：2025-03-11不变")
    again = FactCorrected(
        target=2,
        target_type="tip.routed",
        changes=(Change("to", "EMB", "HB"), Change("reason", "x", "x")),
        sealed={},
        subject=None,
        occurred_on=day,
        occurred_before=day,
        reason="录错",
    )
    assert sentence(again, UNITS) == "更正第2版事实：办理单位由“应急局”改为“卫健局”；理由：录错"


def test_a_lead_by_rule_is_not_said_of_whoever_reported() -> None:
    lead = inc.LeadAssigned(lead="EMB", provisional=True, accident_on=date(2026, 3, 18))
    assert sentence(lead, UNITS) == "依规则由应急局牵头（暂定）"
    ruled = replace(lead, lead="HB", provisional=False, ruled_by="LG")
    assert sentence(ruled, {**UNITS, "LG": "领导小组"}) == "领导小组裁定由卫健局牵头"


@pytest.mark.parametrize(
    ("duty", "told"),
    [
        ("six_hour_report", "卫健局完成六小时报告"),
        ("acknowledge", "卫健局知悉备查"),
        ("refusal_accepted", "卫健局不提请复议，接受不予立案"),
        ("crime_considered", "卫健局研究后认为不涉嫌犯罪"),  # recorded before it gave a reason
    ],
)
def test_a_duty_done_reads_as_what_was_done(duty: inc.Duty, told: str) -> None:
    assert sentence(inc.DutyDone(unit="HB", duty=duty, note="已完成"), UNITS) == told


@pytest.mark.parametrize(("refer", "told"), [(True, "移送"), (False, "不移送")])
def test_a_decision_on_a_referral_says_which_way_it_went(refer: bool, told: str) -> None:
    decided = inc.ReferralDecided(lead="EMB", refer=refer, reason=None)
    assert sentence(decided, UNITS) == f"应急局负责人决定{told}公安机关"


def test_patrols_say_what_they_found_and_that_nothing_was_left() -> None:
    marks: dict[str, Any] = dict.fromkeys(ins.POINTS, "mark_ok")
    fine = ins.Patrolled(unit="HB", problems=(), revisit_by=None, **marks)
    assert sentence(fine, UNITS) == "卫健局协管员巡查六项，未发现问题"
    wrong = replace(fine, problems=("point_testing",))
    assert sentence(wrong, UNITS) == "卫健局协管员巡查六项，问题：检测"
    again = ins.Revisited(unit="HB", remaining=("point_testing",))
    assert sentence(again, UNITS) == "卫健局回访，仍未改正：检测"
    assert sentence(replace(again, remaining=()), UNITS) == "卫健局回访，均已改正"


def test_an_order_says_its_length_and_its_last_day() -> None:
    order = ins.CorrectionOrdered(
        unit="HB", violations=("untested",), days=26, until=date(2026, 4, 5)
    )
    assert sentence(order, UNITS) == (
        "卫健局责令改正：未按规定检测评价，限26天内改正，至2026-04-05（含当日）"
    )
    served = ins.OrderServed(
        unit="HB", order=2, served_on=date(2026, 3, 12), until=date(2026, 4, 7)
    )
    assert sentence(served, UNITS) == (
        "卫健局第2份责令改正于2026-03-12送达，改正期限至2026-04-07（含当日）"
    )


def test_a_plan_that_draws_nothing_says_how_many_firms_it_lists() -> None:
    listed = planned(kind="special", count=0, inspectors=(), draw_on=None, seed_source=None)
    assert "，名录2家，最迟2026-09-11完成" in sentence(listed.fold.state.plan, UNITS)
    assert "，抽取1家，最迟2026-09-11完成" in sentence(planned().fold.state.plan, UNITS)


def test_a_clock_stopped_by_an_act_names_no_cause_beside_the_stop() -> None:
    case = given("incident", *reported())
    task = case.task("inc.investigate")
    stop = acts.SuspendTask(task=task.id, reason="委托技术鉴定", clause="safety-27")
    case = case.when(stop, "2026-03-20", "EMB").done()
    assert "；时限自2026-03-20起中止，剩余期间保留" in why(case.task("inc.investigate"))


def test_a_correction_names_the_catalogues_it_exchanges() -> None:
    names = reference().edition.names
    assert shown("catalogue-2013", names) == "职业病分类和目录（2013年版）"


def test_supervision_names_the_unit_that_presses() -> None:
    task = next(iter(given("diagnosis", APPLIED).fold.tasks.values()))
    pressed = on("2026-03-03", acts.TaskSupervised(task=task.id, title="x", note="加快"), "LGO")
    after = given("diagnosis", APPLIED, pressed).fold.tasks[task.id]
    assert after.supervised == ("2026-03-03 领导小组办公室：加快",)


def test_a_refusal_names_a_unit_with_its_code_and_a_party_by_its_class() -> None:
    law = reference()
    assert called("HB", law) == "卫健局（HB）"
    assert called("employer:91330523MA000TE131", law) == "用人单位 91330523MA000TE131"
    assert called("applicant", law) == "申请人"
    # A person by class alone: whoever is refused need not learn who informed.
    assert (called("citizen:S-1", law), in_english("citizen:S-1")) == ("信访人", "citizen")
    assert in_english("HB") == "HB"
    assert role_name("hospital", "diagnosis") == "报告单位"
    assert role_name("hospital", "incident") == "医疗机构"
