"""The one Chinese sentence of an event: units by name, codes by their words, nothing sealed."""

from __future__ import annotations

from datetime import date

import pytest

from domain import acts
from domain.cases.tip import TipAccepted, TipRouted
from domain.corrections import Change, FactCorrected, Moved, ReferenceApplied
from domain.events import NO, UNSAID, YES, sentence, shown, tidied, upcast
from domain.reference import CalendarAdopted, EditionAdopted, RulingMade
from domain.tasks import called, in_english
from domain.units import role_name
from tests.domain.test_diagnosis import APPLIED
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
    same, moved = Moved("t-1", day, day), Moved("t-2", day, later)
    assert sentence(ReferenceApplied(moved=(same, moved)), UNITS).endswith(
        "重算期限：2025-03-11不变；2025-03-11改为2025-03-12"
    )
    assert sentence(ReferenceApplied(moved=(same,)), UNITS).endswith("重算期限：2025-03-11不变")
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
