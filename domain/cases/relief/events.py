"""Relief 救助 (RLF): its facts, under the names they are stored by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from domain.events import Payload, event, field_names, fields_added, shown, terms, upcaster
from domain.sealing import RESTRICTED, SealedText

Ground = Literal["employer_ceased", "relation_undeterminable"]
Evidence = Literal[
    "deregistration", "licence_revoked", "bankruptcy_ruling", "final_award", "final_judgment"
]
Track = Literal[
    "minimum_living",
    "medical",
    "temporary",
    "special_hardship",
    "charity",
    "legal_aid",
    "low_margin",
    "rigid_spending",
]
Relation = Literal["kin", "agent"]
Blocked = Literal["insured_at_exposure", "successor", "advance_payment"]
TrackEndReason = Literal["means_improved", "moved_away", "basis_lost", "aid_concluded"]
EndReason = Literal[TrackEndReason, "deceased", "single_payment_done"]

TRACKS: dict[Track, str] = {
    "minimum_living": "最低生活保障",
    "medical": "医疗救助",
    "temporary": "临时救助",
    "special_hardship": "特困人员救助供养",
    "charity": "慈善帮扶",
    "legal_aid": "法律援助",
    "low_margin": "最低生活保障边缘家庭救助",
    "rigid_spending": "刚性支出困难家庭救助",
}
terms(TRACKS)
terms({"employer_ceased": "用人单位已不存在", "relation_undeterminable": "劳动关系终究无法确认"})
terms({"kin": "近亲属", "agent": "代理人"})
terms(
    {
        "deregistration": "注销登记",
        "licence_revoked": "吊销营业执照",
        "bankruptcy_ruling": "破产裁定",
        "final_award": "生效仲裁裁决",
        "final_judgment": "生效判决",
    }
)
terms(
    {
        "insured_at_exposure": "接触危害期间已参加工伤保险",
        "successor": "有承继单位",
        "advance_payment": "可由工伤保险基金先行支付",
    }
)
terms(
    {
        "means_improved": "家庭经济状况好转",
        "moved_away": "迁出",
        "deceased": "死亡",
        "basis_lost": "救助依据不再成立",
        "aid_concluded": "法律援助事项办结",
        "single_payment_done": "所申请的救助均已一次性给付，手续已齐",
    }
)

# What a fact of the past meant may not change with the law's data, so the lists that the fold of a
# case reads stand here. What decisions read is policy of the edition in force: policy/relief.toml.

LIVING: tuple[Track, ...] = ("minimum_living", "special_hardship", "low_margin", "rigid_spending")
"""The tracks that the township checks and publicises and 民政局 decides."""

CONTINUING = (*LIVING, "legal_aid")
"""The tracks that go on until they are ended; the others are single payments."""

TOWNSHIP_CHECKS = (*LIVING, "medical", "temporary")
"""What the township checks and publicises, whoever decides it. 浙江省社会救助条例 11, 23, 40."""

NEW_LAW = "sal-50"  # 社会救助法, by which the newer kinds of household and duties exist


@dataclass(frozen=True)
class PublicAmount:
    """What was made public of one track: yuan a month, or once."""

    track: Track
    amount: int

    def __str__(self) -> str:
        return f"{TRACKS[self.track]}{self.amount}元"


@event("relief.applied", "在{township}窗口申请救助（{tracks}）：{ground}，{proof}", version=3)
class ReliefApplied:
    """A confirmed patient asked for relief, once, for every track. ODL 61."""

    subject: Annotated[str, RESTRICTED]
    worker: str
    diagnosis: str
    township: str
    ground: Ground
    evidence: Evidence | None  # since version 2: urgent relief does not wait for the proof
    tracks: tuple[Track, ...]
    urgent: bool
    acts_first: bool  # a claim he needs legal aid for is barred in less than seven days
    household: SealedText | None
    received_on: date | None = None
    limitation_on: date | None = None  # since version 3: the day that claim is barred
    relation: Relation | None = None  # since version 3: of whoever asks for him, if a person
    consent: SealedText | None = None  # since version 3: what the patient agreed to, if a unit asks

    def proof(self, units: Mapping[str, str]) -> str:
        return f"凭{shown(self.evidence, units)}" if self.evidence else "证明材料后补"


fields_added("relief.applied", 1)  # always with its proof
fields_added("relief.applied", 2)  # by nobody named


@event("relief.tracks_added", "增加申请救助（{tracks}）")
class TracksAdded:
    """While his case is open the patient asks for more, or again for what he was denied."""

    subject: Annotated[str, RESTRICTED]
    tracks: tuple[Track, ...]
    received_on: date | None = None
    limitation_on: date | None = None
    relation: Relation | None = None
    consent: SealedText | None = None


@event("relief.limitation_reported", "所涉请求的时效于{limitation_on}届满")
class LimitationReported:
    """The day on which a claim he needs legal aid for is barred became known, or another one."""

    limitation_on: date


@event("relief.became_urgent", "情况转为紧急：{reason}")
class BecameUrgent:
    """Sudden, urgent hardship after the application. 43-2.4.e."""

    reason: str


@event("relief.urgency_refused", "经核实不属于紧急情形，不先行救助：{reason}")
class UrgencyRefused:
    """What was asked for or reported as urgent is not; recorded beside the denial of it."""

    reason: str


@event("relief.relieved_first", "先行临时救助{amount}元，手续后补")
class RelievedFirst:
    """Urgent relief was given before any paper. 社会救助条例 40."""

    amount: int


@event("relief.papers_completed", "补齐先行救助的手续")
class PapersCompleted:
    """What urgent relief had left for later."""


@event("relief.proof_supplied", "补交证明材料：{evidence}")
class ProofSupplied:
    evidence: Evidence


@event("relief.entry_checked", "核查工伤保险、承继单位与先行支付：{found}")
class EntryChecked:
    """What stands before relief was looked into; nothing found: relief it is."""

    blocked: tuple[Blocked, ...]
    received_on: date | None = None  # the day 民政局 received the file of one that is blocked

    def found(self, units: Mapping[str, str]) -> str:
        return shown(self.blocked, units) if self.blocked else "未发现其他渠道"


@event("relief.source_found", "{unit}查明另有法定渠道：{source}；已给付的不因此追回")
class SourceFound:
    """Found after the entry check: another must pay from now on. What was given stays given."""

    unit: str
    source: Blocked
    received_on: date | None = None  # the day 民政局 received the finding


@event("relief.source_fell_away", "{unit}查明“{source}”已不能承担：{reason}")
class SourceFellAway:
    """What stood before relief no longer does (a successor is bankrupt, advance payment was
    refused): relief is the last resort again."""

    unit: str
    source: Blocked
    reason: str
    received_on: date | None = None  # the day the township received the finding


@event("relief.means_recognised", "互认{unit}于{tested_on}作出的家庭经济状况核对结果")
class MeansRecognised:
    """From 2026-07-01 another unit's finding need not be made again. 社会救助法 42."""

    unit: str
    tested_on: date


@event("relief.checked", "{township}核查家庭经济状况：{finding}")
class HouseholdChecked:
    township: str
    eligible: bool
    received_on: date | None = None  # the day 民政局 received the file of one not eligible

    @property
    def finding(self) -> str:
        return "符合条件" if self.eligible else "不符合条件"


@event("relief.publicised", "{village}公示期满，公示金额{what}", version=2)
class Publicised:
    """The household, its village and the amounts were public for seven days; never the disease."""

    village: str
    amount: int  # all together; in version 1 that of each track then open
    received_on: date | None = None  # the day 民政局 received the file
    amounts: tuple[PublicAmount, ...] = ()  # since version 2: of each track its own
    begun_on: date | None = None  # since version 2: where nothing was checked before it

    @property
    def what(self) -> str:
        return "、".join(map(str, self.amounts)) or f"{self.amount}元"


fields_added("relief.publicised", 1)  # one amount for every track then open


@event("relief.approved", "批准{what}")
class ReliefApproved:
    track: Track
    amount: int  # a month, or once; of legal aid none

    @property
    def what(self) -> str:
        if self.track == "legal_aid":
            return TRACKS[self.track]
        each = "每月" if self.track in LIVING else "一次性给付"
        return f"{TRACKS[self.track]}，{each}{self.amount}元"


@event("relief.denied", "不予{track}：{reason}")
class ReliefDenied:
    track: Track
    reason: str


@event("relief.aid_given_first", "时效将满，先行提供法律援助，手续后补")
class AidGivenFirst:
    """法律援助法 44."""


@event("relief.aid_assigned", "指派法律援助人员")
class AidAssigned:
    pass


@event("relief.aid_objected", "申请人对不予法律援助提出异议", version=2)
class AidObjected:
    received_on: date | None = None  # since version 2: the day 司法局 received it


fields_added("relief.aid_objected", 1)  # received when it was recorded


@event("relief.aid_objection_decided", "审查对不予法律援助的异议：{finding}")
class AidObjectionDecided:
    """法律援助法 49."""

    grant: bool

    @property
    def finding(self) -> str:
        return "异议成立，给予援助" if self.grant else "维持原决定"


@event("relief.linkage_checked", "{unit}核对工伤保险、医疗保险与救助的衔接：{note}")
class LinkageChecked:
    unit: str
    note: str


@event("relief.hearing_offered", "拟减少或终止{what}，告知陈述申辩与听证权利", version=2)
class HearingOffered:
    """Owed before a track is cut or ended, from 2026-07-01. 社会救助法 48."""

    track: Track | None  # since version 2; before, it was offered for all of them

    @property
    def what(self) -> str:
        return TRACKS[self.track] if self.track else "救助"


@upcaster("relief.hearing_offered", 1)
def _for_all(payload: Payload) -> Payload:
    return {**payload, "track": None}


@event("relief.hearing_requested", "申请就拟减少或终止{track}听证")
class HearingRequested:
    """Until it was held, nothing is cut or ended. 社会救助法 48."""

    track: Track


@event("relief.hearing_held", "就拟减少或终止{track}听证结束：{note}")
class HearingHeld:
    track: Track
    note: str


@event("relief.reviewed", "复核救助，{track}调整为每月{amount}元")
class ReliefReviewed:
    track: Track
    amount: int


@event("relief.reduced", "{track}由每月{before}元减为{amount}元")
class ReliefReduced:
    """Recorded beside the review that cut it: the patient may dispute it. 社会救助法 48, 76."""

    track: Track
    before: int
    amount: int


@event("relief.township_changed", "改由{township}受理窗口办理：{reason}")
class TownshipChanged:
    """The patient lives elsewhere than was thought: what the township owes goes to that one."""

    township: str
    reason: str


@event("relief.track_ended", "{unit}终止{track}：{reason}")
class TrackEnded:
    """One track was ended by the bureau that granted it; the others go on."""

    track: Track
    unit: str
    reason: TrackEndReason


@event("relief.ended", "终止救助：{reason}")
class ReliefEnded:
    """The whole case is over: everything in it has ended, or the patient died."""

    reason: EndReason


field_names(
    "relief",
    {
        "evidence": "证明材料",
        "tracks": "申请的救助",
        "urgent": "是否紧急",
        "acts_first": "是否须先行援助",
        "limitation_on": "时效届满日",
        "relation": "与本人关系",
        "amount": "金额",
        "blocked": "其他法定渠道",
        "source": "其他法定渠道",
        "tested_on": "核对日",
        "eligible": "是否符合条件",
        "village": "公示的村（社区）",
        "amounts": "公示的金额",
        "begun_on": "公示开始日",
        "track": "救助种类",
        "grant": "是否给予援助",
        "before": "原金额",
    },
)

Event = (
    ReliefApplied
    | TracksAdded
    | LimitationReported
    | BecameUrgent
    | UrgencyRefused
    | RelievedFirst
    | PapersCompleted
    | ProofSupplied
    | EntryChecked
    | SourceFound
    | SourceFellAway
    | MeansRecognised
    | HouseholdChecked
    | Publicised
    | ReliefApproved
    | ReliefDenied
    | AidGivenFirst
    | AidAssigned
    | AidObjected
    | AidObjectionDecided
    | LinkageChecked
    | HearingOffered
    | HearingRequested
    | HearingHeld
    | ReliefReviewed
    | ReliefReduced
    | TownshipChanged
    | TrackEnded
    | ReliefEnded
)
