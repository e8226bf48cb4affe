"""Determination 工伤认定 (WI): what can be asked for, by whom, under which clause."""

from __future__ import annotations

from datetime import date
from typing import Literal

from domain.cases.determination.events import (
    Appellant,
    Applicant,
    Awaiting,
    Benefit,
    BenefitOutcome,
    Investigated,
    Payer,
    RefusalGround,
    Served,
    Succession,
)
from domain.decider import command


@command("determination.begin_exclusion", "申请期限中止计算", by=("HSSB",), clause="spc2014-7")
class BeginExclusion:
    """Time lost to arbitration, litigation or force majeure is not counted (SPC 2014 art 7)."""

    reason: str


@command("determination.end_exclusion", "申请期限恢复计算", by=("HSSB",), clause="spc2014-7")
class EndExclusion:
    """The year goes on with the days that were left."""


@command("determination.exclude_time", "审查中扣除耽误的时间", by=("HSSB",), clause="spc2014-7")
class ExcludeTime:
    """Time lost to arbitration, litigation or force majeure, proved after the application: it is
    not counted, and an application past the year may be in time after all (SPC 2014 art 7)."""

    reason: str
    began_on: date
    ended_on: date


@command("determination.file", "申请工伤认定", clause="wir-17")
class FileDetermination:
    """The first to apply is the applicant; a late employer bears the costs before (ZWIR 12, 13)."""

    applicant: Applicant
    received_on: date | None = None


@command("determination.request_papers", "告知补正", by=("HSSB",), clause="zwir-16")
class RequestPapers:
    """All missing papers must be named at once (ZWIR 16)."""

    missing: tuple[str, ...]


@command("determination.supply_papers", "补正材料", clause="zwir-16")
class SupplyPapers:
    """The bureau decides on acceptance three days from here (ZWIR 16)."""

    received_on: date | None = None


@command("determination.accept", "受理", by=("HSSB",), clause="zwir-16")
class AcceptDetermination:
    """The determination falls due in 60 days, in 15 where the facts are clear (WIR 20)."""

    clear: bool = False


@command("determination.refuse", "不予受理", by=("HSSB",), clause="zwir-16")
class RefuseDetermination:
    """Ends the application; the right to review and suit is untouched. A ground on which a refusal
    was revoked serves again only with new facts or reasons, or where procedure alone was at fault
    (ARL 64, ALL 71)."""

    ground: RefusalGround
    new_grounds: str | None = None


@command("determination.investigate", "调查核实", by=("HSSB",), clause="wir-19")
class Investigate:
    """With a lawful certificate the disease itself is not investigated again (WIR 19)."""

    matter: Investigated
    finding: str


@command("determination.suspend", "中止认定", by=("HSSB",), clause="wir-20")
class SuspendDetermination:
    """Stops the clock while another organ's finding is awaited (WIR 20)."""

    awaiting: Awaiting


@command("determination.resume", "恢复认定", by=("HSSB",), clause="wir-20")
class ResumeDetermination:
    """The days that were left run on."""


@command("determination.determine", "作出认定决定", by=("HSSB",), clause="wir-20")
class Determine:
    """The decision must be served within 20 days (工伤认定办法 22). The result of a decision that
    was revoked is reached again only with new facts or reasons, or where procedure alone was at
    fault (ARL 64, ALL 71)."""

    injury: Literal["yes", "no"]
    decision: str
    new_grounds: str | None = None


@command("determination.serve", "送达决定书", by=("HSSB",), clause="wiam-22")
class ServeDecision:
    """Reconsideration for 60 days and suit for six months run for the party served with the
    decision, or with the refusal to take the application up."""

    party: Served


@command(
    "determination.excuse_service", "免予送达（用人单位已不存在）", by=("HSSB",), clause="wiam-22"
)
class ExcuseService:
    """Stands for service on an employer that is gone; where local policy wants public notice
    (公告送达), only after its days have passed."""

    reason: str
    announced_on: date | None = None


@command("determination.name_successor", "确定承继单位", by=("HSSB",), clause="wir-43")
class NameSuccessor:
    """The successor owes what the employer owed, the thirty days to apply among it (WIR 43)."""

    employer: str
    way: Succession


@command("determination.advise_relief", "告知可申请救助", by=("CAB",), clause="odl-61")
class AdviseRelief:
    """The patient whose employer is gone is told where relief is asked for."""


@command("determination.grant_benefit", "给付工伤待遇", by=("HSSB",), clause="43-3.HSSB.4")
class GrantBenefit:
    """What is paid on the decision; reviewed when the decision changes."""

    benefit: Benefit
    payer: Payer


@command("determination.review_benefit", "复核工伤待遇", by=("HSSB",), clause="wir-31")
class ReviewBenefit:
    """Medical costs are paid on while the decision is disputed or to be made again (WIR 31)."""

    benefit: Benefit
    outcome: BenefitOutcome


@command("determination.sue", "提起行政诉讼", by=("worker", "employer"), clause="litigation-46")
class SueDetermination:
    """In six months from service, or in fifteen days after a reconsideration (ALL 45, 46)."""


@command("determination.record_judgment", "登记法院判决", by=("HSSB",), clause="litigation-70")
class RecordJudgment:
    """The court decides outside; a revocation is served on 人力社保局, which may have to redo: not
    on the same facts and reasons, unless procedure alone was at fault (ALL 71). A judgment of the
    first instance ends nothing until it is final (ALL 85): it is entered again, as final, when
    nobody has appealed in time."""

    outcome: Literal["decision_upheld", "decision_revoked"]
    document: str
    served_on: date
    redo: bool = True
    for_procedure: bool = False
    final: bool = True


@command("determination.appeal", "对第一审判决提起上诉", by=("HSSB",), clause="litigation-85")
class AppealJudgment:
    """In fifteen days from the service of the judgment; else it is final (ALL 85). The bureau
    enters the appeals of the others too: the court sends it their copies."""

    appellant: Appellant = "bureau"


@command("determination.revoke", "自行撤销认定", by=("HSSB",), clause="43-3.HSSB.4")
class RevokeDetermination:
    """The bureau's own revocation, where what the decision rests on is gone."""

    decision: str
    redo: bool = True


Command = (
    BeginExclusion
    | EndExclusion
    | ExcludeTime
    | FileDetermination
    | RequestPapers
    | SupplyPapers
    | AcceptDetermination
    | RefuseDetermination
    | Investigate
    | SuspendDetermination
    | ResumeDetermination
    | Determine
    | ServeDecision
    | ExcuseService
    | NameSuccessor
    | AdviseRelief
    | GrantBenefit
    | ReviewBenefit
    | SueDetermination
    | RecordJudgment
    | AppealJudgment
    | RevokeDetermination
)
