"""What the yearly export says of itself: the head of every page, and the sheet 说明."""

from __future__ import annotations

import os
from collections.abc import Iterable

from api.sheets import Heading
from domain.figures import Sums
from domain.reference import State
from domain.rules import Edition
from domain.units import LEADING_GROUP_OFFICE
from projections.yearly import Freeze

DEFINITIONS = (
    ("义务", "规则要求某一单位或当事方办理的事项；权利（申请鉴定、起诉等）不是义务，不入任何数字"),
    ("件数", "上年结转＋本年产生＝本年办结＋其他终结＋期末未结；每行、合计都成立，不论期限在何年"),
    ("上年结转", "年初尚未终结的义务，按本次截至位置重算；年后补记会使它与上年导出的期末未结不同"),
    ("结转中本年办结", "上年结转中在本年度办结的，已含在本年办结之内"),
    ("本年产生", "在本年度产生（或因他方逾期而出现）的义务"),
    ("本年办结", "在本年度内办结的"),
    ("其他终结", "在本年度内未经办理而终结的：撤回、更正失效、无须办理、沉默视为办结"),
    ("期末未结", "期末（年末；判定时刻在年内的为判定时刻）尚未终结的，不论何年产生、期限在何年"),
    ("未结中已超期", "期末未结中判定时刻已过法定期限的，不论期限在何年；与当时待办中的超期一致"),
    ("按期", "一项义务只计入一个年度：法定期限所在的年度；期限过后才产生的，计入产生的年度"),
    ("应办", "＝按期办结＋逾期办结＋超期未结"),
    ("按期办结", "在法定期限（遇休息日顺延后）当日或之前办结，含上年提前办结的；小时制按时刻"),
    ("逾期办结", "在法定期限之后办结，或期限已过才无须办理"),
    ("超期未结", "期限在本年度、判定时刻已过而未办结；记在判定时的责任方"),
    ("按期率", "按期办结÷应办；应办为零的不计算"),
    ("未到期", "法定期限在本年度内而判定时刻尚未届满"),
    ("不计", "退回经确认的（双方均不计）、已撤回、已更正失效、期限前已无须办理、沉默视为办结"),
    ("未定期限", "没有法定期限日的义务；“事项”表逐行说明原因"),
    ("期限在他年", "本年度内在办而期限计入其他年度的；“事项”表说明计入哪一年"),
    ("块、条、机构", "块为乡镇（街道），条为部门，机构为领导小组、其办公室与联席会议"),
    ("块×条", "部门的义务按案件所在乡镇（街道）分；案件没有载明乡镇的另列一行，合计与“条”相同"),
    ("当事方", "用人单位、诊断机构等的义务另列，不入各单位的数字"),
    ("期限性质", "法定期限一列出自法规还是本县口径；法规尚待核实的注明"),
    ("责任方", "判定时的责任方；转办的记在接办的单位"),
    ("办结时刻", "小时制的义务列出；只知到日的，按当日零时"),
    ("记录日、补记天数", "办结的事实记入本系统之日；晚于办结日的天数"),
    ("台账", "年内有事发生或期末有未结义务的案件；各日期为截至位置前最近一次、以更正后的为准"),
    ("核对", "在“事项”表按责任方与来源、去向、未结状态、按期结果筛选，行数即各表的数"),
)  # fmt: skip


def heading(freeze: Freeze, state: State, edition: Edition) -> Heading:
    townships = [u.full_name for u in edition.units.values() if u.klass == "township"]
    county = os.path.commonprefix(townships)  # 安吉县  # noqa: RUF071 - by characters
    office = edition.units.get(LEADING_GROUP_OFFICE)
    period = f"统计期间：{freeze.year}-01-01至{freeze.year}-12-31"
    return Heading(
        of=f"{county}{freeze.year}年度职业病防治工作",
        period=f"{period}　判定时刻：{freeze.at:%Y-%m-%d %H:%M:%S}　截至位置：{freeze.cut_off}",
        by=f"填报单位：{office.full_name if office else ''}",
        simulated=bool(state.simulated),
    )


def notes(
    freeze: Freeze, state: State, root: str, units: Iterable[Sums], outside: Iterable[Sums]
) -> list[tuple[str, str]]:
    """The first sheet: what was frozen, what each figure means, and that they add up."""
    lines = [
        ("年度", f"{freeze.year}（{freeze.year}-01-01 至 {freeze.year}-12-31，按事实发生）"),
        ("截至位置", f"{freeze.cut_off}（此后记录的不计）"),
        ("判定时刻", f"{freeze.at:%Y-%m-%d %H:%M:%S}（北京时间）"),
        ("法规版次", state.edition),
        ("日历版次", state.calendar),
        ("日志根", root),
        ("各单位合计", _adds_up(units)),
        ("当事方合计", _adds_up(outside)),
        *DEFINITIONS,
    ]
    if state.simulated:
        lines.insert(0, ("模拟数据", f"{state.simulated}。本导出不是真实统计。"))
    return lines


def _adds_up(sums: Iterable[Sums]) -> str:
    s = sum(sums, Sums())
    return (
        f"上年结转 {s.carried} ＋ 本年产生 {s.arisen} ＝ "
        f"本年办结 {s.done} ＋ 其他终结 {s.ended} ＋ 期末未结 {s.left}"
    )
