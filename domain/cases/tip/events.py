"""Tips and complaints 投诉举报 (TIP): their facts, under the names they are stored by."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from domain.events import event, field_names, fields_added, terms
from domain.sealing import RESTRICTED, SealedText

Channel = Literal["platform", "letter", "visit", "phone", "patrol_found"]
Matter = Literal[
    "unprotected", "no_checkup", "no_contract", "uninsured", "poisoning", "radiation", "officials"
]
Ground = Literal["no_facts", "not_this_law", "already_decided"]
Finding = Literal["substantiated", "partly", "unsubstantiated"]
Reviewed = Literal["finding_upheld", "finding_set_aside"]
Verified = Literal["incident_reported", "no_incident"]

MATTERS: dict[Matter, str] = {
    "unprotected": "危害未防护",
    "no_checkup": "未安排体检",
    "no_contract": "未签劳动合同",
    "uninsured": "未参加工伤保险",
    "poisoning": "急性中毒",
    "radiation": "放射危害",
    "officials": "部门不作为",
}
terms(MATTERS)
terms(
    {
        "platform": "平台转来",
        "letter": "来信",
        "visit": "来访",
        "phone": "来电",
        "patrol_found": "巡查发现",
    }
)
terms(
    {
        "no_facts": "无具体事实",
        "not_this_law": "不属职业病防治事项",
        "already_decided": "已有处理决定",
    }
)
PERHAPS_INCIDENT: frozenset[Matter] = frozenset({"poisoning", "radiation"})
"""Matters that an incident may lie behind: 职业病防治法 37; 43号文 三 (应急局、生态环境局)."""
terms({"incident_reported": "是事故，已报告", "no_incident": "不是事故"})
terms({"substantiated": "属实", "partly": "部分属实", "unsubstantiated": "不属实"})
terms({"finding_upheld": "维持原处理意见", "finding_set_aside": "责令重新处理"})


@event("tip.received", "收到投诉举报（{channel}，{matters}），交{to}", version=3)
class TipReceived:
    """A tip came in and was given to a unit. What it says and who says it are sealed."""

    channel: Channel
    matters: tuple[Matter, ...]
    to: str
    anonymous: bool  # nobody is to be answered: no name was given, or a patrol found it
    informant: Annotated[str | None, RESTRICTED]  # whom it answers; none where anonymous
    accused: Annotated[str | None, RESTRICTED]  # the employer
    accused_unit: str | None
    subject: Annotated[str, RESTRICTED]
    content: SealedText
    name: SealedText | None
    contact: SealedText | None
    township: str | None = None  # since version 2: where the matter lies
    split_from: str | None = None  # since version 2: the tip whose matters these were
    # Since version 3: the day its own mail reached the unit that entered it. Where another unit
    # entered it, the days of the one it goes to run from delivery there.
    received_on: date | None = None


@event("tip.routed", "{actor}确定由{to}办理：{reason}", version=3)
class TipRouted:
    """The unit that handles it was determined; its duty to inform begins with delivery to it.

    `anew`, since version 2: the question whether to take it is put to that unit afresh.
    `reopened`, since version 3: what the accused unit found is no finding; it is found again.
    """

    actor: str
    to: str
    reason: str
    anew: bool = False
    reopened: bool = False

    @property
    def received_on(self) -> date | None:
        """The days to inform run from delivery to the unit named here."""
        return None


@event("tip.accepted", "{unit}受理", version=2)
class TipAccepted:
    unit: str
    received_on: date | None = None  # since version 2: the day it was delivered to the unit


@event("tip.not_accepted", "{unit}不予受理：{ground}", version=2)
class TipNotAccepted:
    unit: str
    ground: Ground
    received_on: date | None = None  # since version 2


@event("tip.informed", "{unit}将受理情况告知信访人")
class InformantTold:
    unit: str


@event("tip.incident_checked", "{unit}核实是否为职业病危害事故：{outcome}；{note}")
class IncidentChecked:
    """Whether an incident lies behind the tip; `incident` is the case of the one reported."""

    unit: str
    outcome: Verified
    note: str
    incident: str | None = None


@event("tip.case_filed", "{unit}作为劳动保障监察案件立案", version=2)
class LabourCaseFiled:
    unit: str
    received_on: date | None = None  # since version 2


@event("tip.concluded", "{unit}作出处理意见：{finding}；{note}")
class TipConcluded:
    unit: str
    finding: Finding
    note: str


@event("tip.replied", "{unit}答复信访人", version=2)
class TipReplied:
    unit: str
    received_on: date | None = None  # since version 2: the day the informant received it


@event("tip.review_requested", "信访人请求复查", version=2)
class ReviewRequested:
    received_on: date | None = None
    organ: str = "CGO"  # since version 2: the organ above the handler
    registrar: str = "CGO"  # since version 2: who sees to it, and enters an outside organ's opinion


@event("tip.review_passed", "{before}是被反映的单位，复查改由{organ}作出")
class ReviewPassed:
    """The organ that was to review it turned out to be accused: the one above it reviews it."""

    before: str
    organ: str
    registrar: str
    received_on: date | None = None


@event("tip.reviewed", "复查意见：{outcome}（{document}）")
class TipReviewed:
    """The organ above the handler looked at the finding again. 信访工作条例 35."""

    outcome: Reviewed
    document: str
    received_on: date | None = None  # by the informant


@event("tip.re_review_requested", "信访人请求复核", version=2)
class ReReviewRequested:
    organ: str  # above the one that reviewed it
    received_on: date | None = None
    registrar: str = "CGO"  # since version 2: who sees to it, and enters the opinion


@event("tip.re_reviewed", "上级机关复核意见：{outcome}（{document}）")
class TipReReviewed:
    """Decided outside the county, and final. 信访工作条例 36."""

    outcome: Reviewed
    document: str


@event("tip.merged", "并入同一事项的举报一并调查，答复期限不变")
class TipMerged:
    into: str


@event("tip.joined", "另一件同一事项的举报并入本件调查")
class TipJoined:
    tip: str


@event("tip.unmerged", "与并入的举报分开，各自调查：{reason}", version=2)
class TipUnmerged:
    """`reopened`, since version 2: what the main tip concluded is no finding on this one."""

    into: str
    reason: str
    reopened: bool = False


@event("tip.parted", "此前并入的一件举报分出")
class TipParted:
    tip: str


@event("tip.split", "其中{matters}另立一件，交{to}办理：{reason}")
class TipSplit:
    """Part of the matters belongs to another unit: a tip of its own, with its own clocks."""

    tip: str
    matters: tuple[Matter, ...]
    to: str
    reason: str


@event("tip.accused_named", "查明本件反映的是{unit}，此后由其他单位办理", version=2)
class AccusedNamed:
    unit: str | None  # since version 2 none, by correction: it was about no unit after all


for _name in (
    "received",
    "routed",
    "accepted",
    "not_accepted",
    "case_filed",
    "replied",
    "unmerged",
    "review_requested",
    "re_review_requested",
    "accused_named",
):
    fields_added(f"tip.{_name}", 1)
fields_added("tip.received", 2)
fields_added("tip.routed", 2)

field_names(
    "tip",
    {
        "channel": "来源渠道",
        "matters": "反映事项",
        "to": "办理单位",
        "anonymous": "匿名或无信访人",
        "informant": "信访人",
        "accused": "被反映的用人单位",
        "accused_unit": "被反映的单位",
        "split_from": "原件",
        "finding": "处理意见",
        "incident": "事故",
        "organ": "复查（复核）机关",
        "registrar": "登记单位",
    },
)

Event = (
    TipReceived
    | TipRouted
    | TipAccepted
    | TipNotAccepted
    | InformantTold
    | IncidentChecked
    | LabourCaseFiled
    | TipConcluded
    | TipReplied
    | ReviewRequested
    | ReviewPassed
    | TipReviewed
    | ReReviewRequested
    | TipReReviewed
    | TipMerged
    | TipJoined
    | TipUnmerged
    | TipParted
    | TipSplit
    | AccusedNamed
)
