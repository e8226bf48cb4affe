"""Work-injury determination 工伤认定 (WI): its facts, under the names they are stored by."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.events import Payload, event, field_names, fields_added, terms, upcaster
from domain.links import BasisReviewed
from domain.sealing import RESTRICTED

Applicant = Literal["worker", "employer", "kin", "union"]
Served = Literal["worker", "employer"]
Appellant = Literal["worker", "employer", "bureau"]
RefusalGround = Literal["employer_gone_before", "overdue", "out_of_scope", "other_county"]
Investigated = Literal["disease", "workplace", "insurance"]
Awaiting = Literal["judicial", "administrative", "arbitration"]

Succession = Literal["split_up", "merged_away", "sold_on"]
Benefit = Literal["medical_costs", "disability_pay", "survivors_pay", "kept_wages"]
Payer = Literal["fund", "responsible_employer", "fund_advance"]
BenefitOutcome = Literal["benefit_kept", "benefit_adjusted", "benefit_stopped"]
RevokedBy = Literal["by_reconsideration", "by_court", "by_itself"]
Ended = Literal["decision_upheld", "decision_revoked", "not_taken_up", "application_withdrawn"]

terms({"kin": "近亲属", "union": "工会组织"})
terms({"bureau": "人力社保局"})
terms({"split_up": "分立", "merged_away": "合并", "sold_on": "转让"})
terms(
    {
        "medical_costs": "治疗工伤的医疗费用",
        "disability_pay": "伤残待遇",
        "survivors_pay": "工亡待遇",
        "kept_wages": "停工留薪期待遇",
    }
)
terms(
    {
        "fund": "工伤保险基金",
        "responsible_employer": "由用人单位负担",
        "fund_advance": "工伤保险基金先行支付",
    }
)
terms(
    {
        "benefit_kept": "继续支付",
        "benefit_adjusted": "调整支付",
        "benefit_stopped": "停止支付",
    }
)
terms(
    {
        "by_reconsideration": "行政复议决定",
        "by_court": "法院生效判决",
        "by_itself": "人力社保局自行决定",
    }
)
terms(
    {
        # Of a judgment the sentence says 驳回诉讼请求: ALL 69.
        "decision_upheld": "维持",
        "decision_revoked": "撤销",
        "not_taken_up": "未予受理",
        "application_withdrawn": "申请人撤回申请",
    }
)
terms(
    {
        "employer_gone_before": "用人单位主体已不存在",
        "overdue": "超过一年申请期限",
        "out_of_scope": "不属于工伤保险条例调整范围",
        "other_county": "不属于本统筹地区管辖",
    }
)
terms({"judicial": "司法机关结论", "administrative": "行政机关结论", "arbitration": "劳动关系仲裁"})
terms({"disease": "职业病本身", "workplace": "工作场所", "insurance": "参保情况"})


REFUSAL = "不予受理决定"  # it has no number of its own on record
REVIEW = "行政复议决定"  # that revoked the decision, and may be sued upon itself


def about(against: str | None) -> str:
    """What a dispute is about, in brackets; events of version 1 do not say it."""
    named = against if against in (None, REFUSAL, REVIEW) else f"工伤认定决定{against}"
    return f"（针对{named}）" if named else ""


def unlike(new_grounds: str | None) -> str:
    """Why the same is decided again after it was revoked. ARL 64; ALL 71."""
    return f"（与被撤销的决定不同的事实、理由：{new_grounds}）" if new_grounds else ""


@event("determination.opened", "诊断结论为职业病，工伤认定申请期限起算{unless_gone}", version=2)
class DeterminationOpened:
    """A concluded diagnosis opened the clocks of employer and worker. WIR 17."""

    diagnosis: str
    subject: Annotated[str, RESTRICTED]
    worker: str
    employer: str
    diagnosed_on: date  # the clocks count from it, whenever it came to be known
    employer_gone: bool = False  # since version 2: no employer is left to apply

    @property
    def counted_on(self) -> date:
        """The day the time to apply counts from."""
        return self.diagnosed_on

    @property
    def unless_gone(self) -> str:
        return "（用人单位已不存在，由职工一方申请）" if self.employer_gone else ""


@upcaster("determination.opened", 1)
def _opened_by_an_employer_that_stands(payload: Payload) -> Payload:
    return {**payload, "employer_gone": False}


@event("determination.accident_opened", "职业病危害事故致人{harm}，工伤认定申请期限起算{kin}")
class AccidentOpened:
    """A worker harmed in an incident: the clocks count from the day of the accident. WIR 17."""

    incident: str
    subject: Annotated[str, RESTRICTED]
    worker: str
    employer: str
    harm: Annotated[inc.Harm, RESTRICTED]
    counted_on: date

    @property
    def kin(self) -> str:
        """Who applies for a worker who died: WIR 17."""
        return "；职工死亡，由其近亲属申请" if self.harm == "killed" else ""


@event("determination.successor_named", "原用人单位{way}，由{employer}承担其工伤保险责任")
class SuccessorNamed:
    """Whoever succeeds a split, merged or sold employer answers for it. WIR 43."""

    employer: str
    way: Succession
    counted_on: date


@event("determination.basis_changed", "据以认定的诊断结论有变更，现为{result}")
class BasisChanged:
    """The diagnosis was appraised or corrected; what rests on it is looked at again."""

    result: Annotated[dx.Result, RESTRICTED]


@event("determination.basis_lost", "诊断结论不再是职业病，不再计申请工伤认定的期限")
class BasisLost:
    """No occupational disease any more: nothing is left to apply for. WIR 14, 17."""


@event("determination.exclusion_began", "不属于职工自身原因耽误申请：{reason}，自此不计入期限")
class ExclusionBegan:
    """Time that does not count against the worker. 最高法工伤司法解释 7."""

    reason: str


@event("determination.exclusion_ended", "不计入期限的情形消失")
class ExclusionEnded:
    pass


@event("determination.time_excluded", "不计入申请期限：{began_on}至{ended_on}（{reason}）")
class TimeExcluded:
    """Time found on examination not to count, after the application. 最高法工伤司法解释 7."""

    reason: str
    began_on: date
    ended_on: date
    overdue: bool  # whether the application is past the year all the same


@event("determination.filed", "{applicant}申请工伤认定{late}")
class DeterminationFiled:
    applicant: Applicant
    employer_late: bool  # then the costs before this application fall on the employer, ZWIR 13
    overdue: bool  # past the year, excluded time not counted
    received_on: date | None = None

    @property
    def late(self) -> str:
        told = ["用人单位已逾三十日"] if self.employer_late else []
        told += ["已逾一年"] if self.overdue else []
        return f"（{'，'.join(told)}）" if told else ""


@event("determination.papers_requested", "一次性告知补正：{missing}")
class PapersRequested:
    missing: tuple[str, ...]


@event("determination.papers_supplied", "申请人补正材料")
class PapersSupplied:
    received_on: date | None = None


@event("determination.accepted", "受理工伤认定申请")
class DeterminationAccepted:
    clear: bool  # facts clear, rights and duties plain: fifteen days, WIR 20


@event("determination.refused", "不予受理：{ground}{anew}", version=3)
class DeterminationRefused:
    ground: RefusalGround
    to: Served | None = None  # since version 2: whose application it was, who may dispute it
    new_grounds: str | None = None  # since version 3: on the ground of a refusal that was revoked

    @property
    def anew(self) -> str:
        return unlike(self.new_grounds)


@upcaster("determination.refused", 1)
def _refused_to_whom(payload: Payload) -> Payload:
    return {**payload, "to": None}


fields_added("determination.refused", 2)


@event("determination.refusal_served", "不予受理决定书送达{party}")
class RefusalServed:
    """From here the applicant's time to ask for reconsideration and to sue runs."""

    party: Served


@event("determination.investigated", "调查核实{matter}：{finding}")
class Investigation:
    matter: Investigated
    finding: str


@event("determination.suspended", "中止认定，等待{awaiting}")
class DeterminationSuspended:
    awaiting: Awaiting


@event("determination.resumed", "恢复认定")
class DeterminationResumed:
    pass


@event("determination.determined", "作出认定决定：{injury}{anew}", version=2)
class Determined:
    injury: Literal["yes", "no"]
    decision: str  # number of the decision
    new_grounds: str | None = (
        None  # since version 2: with the result of a decision that was revoked
    )

    @property
    def anew(self) -> str:
        return unlike(self.new_grounds)


fields_added("determination.determined", 1)


@event("determination.replaced", "原决定{former}由新决定{decision}取代，不再就原决定申请复议、起诉")
class DeterminationReplaced:
    """On a new application a new decision was made; the former one is no longer to be disputed."""

    former: str  # number of the decision replaced
    decision: str  # number of the one that takes its place


@event("determination.served", "认定决定书送达{party}")
class DecisionServed:
    party: Served


@event("determination.service_excused", "用人单位已不存在，认定决定书不再直接送达：{reason}")
class ServiceExcused:
    """An employer that is gone counts as served: by policy at once, or after public notice."""

    reason: str
    announced_on: date | None = None  # the day of the public notice 公告, where there was one


@event("determination.relief_advised", "{unit}告知病人可以申请救助")
class ReliefAdvised:
    """The patient was told where relief is asked for. ODL 61."""

    unit: str


@event("determination.benefit_granted", "按认定结论给付{benefit}，由{payer}支付")
class BenefitGranted:
    benefit: Benefit
    payer: Payer


@event("determination.benefit_reviewed", "认定变动后复核{benefit}：{outcome}")
class BenefitReviewed:
    """What was granted on the decision that changed was looked at again; what is paid stays."""

    benefit: Benefit
    outcome: BenefitOutcome


@event("determination.reconsideration_began", "{party}申请行政复议{about}", version=2)
class ReconsiderationBegan:
    reconsideration: str
    party: Served
    against: str | None = None  # since version 2: number of the decision, or the refusal

    @property
    def about(self) -> str:
        return about(self.against)


fields_added("determination.reconsideration_began", 1)


@event("determination.reconsideration_ended", "行政复议终结：{outcome}")
class ReconsiderationEnded:
    """What came of it; who is not content may sue for fifteen days. ALL 45."""

    outcome: Ended
    may_sue: tuple[Served, ...]
    served_on: date | None


@event("determination.sued", "{party}提起行政诉讼{about}", version=2)
class DeterminationSued:
    party: Served
    against: str | None = (
        None  # since version 2: number of the decision, the refusal or the reconsideration
    )

    @property
    def about(self) -> str:
        return about(self.against)


fields_added("determination.sued", 1)


def judgment(outcome: Ended) -> str:
    """A court rejects the claim or revokes the decision. ALL 69, 70."""
    return "判决撤销" if outcome == "decision_revoked" else "判决驳回诉讼请求"


@event("determination.first_judged", "第一审判决尚未生效：{judged}（{document}）")
class FirstJudged:
    """A judgment that may be appealed for fifteen days; nothing ends by it. ALL 85."""

    outcome: Ended
    document: str
    served_on: date  # on 人力社保局

    @property
    def judged(self) -> str:
        return judgment(self.outcome)


@event("determination.appealed", "{appellant}对第一审判决提起上诉")
class JudgmentAppealed:
    appellant: Appellant


@event("determination.suit_ended", "行政诉讼终结：{judged}（{document}）")
class SuitEnded:
    outcome: Ended
    document: str

    @property
    def judged(self) -> str:
        return judgment(self.outcome)


@event(
    "determination.revoked",
    "原决定被撤销：{former}，依{by}（{decision}）{fault}，{again}",
    version=2,
)
class DeterminationRevoked:
    """Decided outside: the old decision stays on record as revoked. ARL 64; ALL 70."""

    by: RevokedBy
    decision: str  # number of the reconsideration decision, judgment or own decision
    revoked: str  # number of the decision that no longer stands
    served_on: date  # on 人力社保局, whose time to decide again counts from it
    redo: bool
    for_procedure: bool = False  # since version 2: then the same may be decided again

    @property
    def former(self) -> str:
        return self.revoked if self.revoked == REFUSAL else f"工伤认定决定{self.revoked}"

    @property
    def fault(self) -> str:
        return "，因违反法定程序" if self.for_procedure else ""

    @property
    def again(self) -> str:
        return "须重新作出决定" if self.redo else "不再重新作出决定"


fields_added("determination.revoked", 1)


terms({"yes": "认定为工伤", "no": "不认定为工伤"})

field_names(
    "determination",
    {
        "diagnosed_on": "诊断结论日",
        "employer_gone": "用人单位已不存在",
        "result": "结论",
        "began_on": "开始日",
        "ended_on": "结束日",
        "overdue": "逾一年期限",
        "applicant": "申请人",
        "employer_late": "用人单位超期",
        "missing": "所缺材料",
        "clear": "事实是否清楚",
        "to": "送达对象",
        "former": "原决定书文号",
        "against": "所针对的决定",
        "new_grounds": "新的事实和理由",
        "served_on": "判决送达日",
        "appellant": "上诉人",
        "decision": "决定书文号",
        "awaiting": "所待的结论",
        "injury": "认定结果",
        "way": "承继方式",
        "counted_on": "起算日",
        "benefit": "待遇",
        "payer": "支付方",
        "matter": "调查事项",
    },
)

Event = (
    DeterminationOpened
    | BasisChanged
    | BasisLost
    | ExclusionBegan
    | ExclusionEnded
    | TimeExcluded
    | DeterminationFiled
    | PapersRequested
    | PapersSupplied
    | DeterminationAccepted
    | DeterminationRefused
    | RefusalServed
    | DeterminationReplaced
    | Investigation
    | DeterminationSuspended
    | DeterminationResumed
    | Determined
    | DecisionServed
    | ServiceExcused
    | AccidentOpened
    | SuccessorNamed
    | ReliefAdvised
    | BenefitGranted
    | BenefitReviewed
    | ReconsiderationBegan
    | ReconsiderationEnded
    | DeterminationSued
    | FirstJudged
    | JudgmentAppealed
    | SuitEnded
    | DeterminationRevoked
    | BasisReviewed
)
