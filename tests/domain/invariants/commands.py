"""What must hold of every command and every refusal, and of corrections."""

from __future__ import annotations

import re
from typing import Any

from domain import acts
from domain.decider import Claim, Refused, Release
from domain.units import is_outside
from tests.domain.invariants.asking import given, refusal
from tests.domain.world import Given, World


@refusal(
    "驳回必有编号，并以中文、英文说明",
    "A refusal always says why: its code, in Chinese, in English",
)
def a_refusal_teaches(world: World, command: Any, refused: Refused) -> None:
    assert refused.code
    echoed = refused.en
    for word in re.findall(r"[\u4e00-\u9fff]+", repr(command)):
        echoed = echoed.replace(word, "")  # what was given is told as it was given
    assert not re.search(r"[\u4e00-\u9fff]{3}", echoed), refused.en
    assert any("一" <= letter <= "鿿" for letter in refused.zh), refused.zh
    if refused.clause:
        assert refused.clause in world.under.edition.clauses, refused.clause


@refusal("驳回不改变任何案件", "A refusal changes nothing")
def a_refusal_changes_nothing(world: World, command: Any, refused: Refused) -> None:
    assert len(world.then) == sum(fold.version for fold in world.folds.values())


REPEATABLE: dict[str, str] = {
    "task.dispute": "异议可以再提",
    "task.extend": "在法定上限内可分次延长",
    "task.remind": "提示可以再发",
    "task.escalate": "逾期未办可再次督办",
    "task.supervise": "督办可以再次",
    "diagnosis.urge_employer": "可再次督促",
    "diagnosis.supply_data": "可补充资料",
    "diagnosis.request_data": "可再次通知",
    "determination.investigate": "可多次调查",
    "determination.exclude_time": "可有数段时间",
    "incident.impose_control": "可有数项控制措施",
    "incident.find_breach": "可有数方、数次",
    "incident.report_source": "可有数枚放射源",
    "incident.dispute_lead": "异议可以再提",
    "arbitration.advise_relief": "可再次告知",
    "determination.advise_relief": "可再次告知",
    "incident.do": "同类职责可有数件",
    "incident.form_team": "调查组可以调整",
    "relief.offer_hearing": "可再次告知",
    "relief.review": "逐年复核",
    "tip.route": "领导小组可再次裁定",
}
"""What may be said again, and why: a second urging is a fact of its own."""


@given(
    "同一命令再来一次，被驳回或不增加事实（列明可重复者除外）",
    "The same command again is refused or adds nothing, unless listed as repeatable",
)
def a_repeated_command_adds_nothing(world: World, carried: Given) -> None:
    if carried.kind.name in REPEATABLE or isinstance(carried.again, Refused) or carried.kind.opens:
        return
    again = [item for item in carried.again if not isinstance(item, (Claim, Release))]
    assert not again, f"{carried.kind.name} twice: {again}"


@given(
    "系统不会自行代人操作：行为人须是当事人或单位", "Whoever acts is a unit, a party or the clock"
)
def whoever_acts_is_known(world: World, carried: Given) -> None:
    actor = carried.context.actor
    assert is_outside(actor) or actor == "system" or actor in world.under.edition.units


@given(
    "签收、认领、放回、转办、退回只由责任方作出",
    "Only the holder signs, claims, transfers or returns",
)
def only_the_holder_acts(world: World, carried: Given) -> None:
    own = acts.SignTask, acts.ClaimTask, acts.ReleaseTask, acts.TransferTask, acts.ReturnTask
    if isinstance(carried.command, own):
        (told_,) = carried.told
        assert told_.before.tasks[carried.command.task].holder == carried.context.actor
