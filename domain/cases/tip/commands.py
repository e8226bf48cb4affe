"""Tips and complaints 投诉举报 (TIP): what can be asked for, by whom, under which clause."""

from __future__ import annotations

from datetime import date

from domain.cases.tip.events import Channel, Finding, Ground, Matter, Reviewed, Verified
from domain.decider import command
from domain.sealing import SealedText
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

REGISTRARS = ("CGO", LEADING_GROUP_OFFICE, LEADING_GROUP)
"""Who enters what an organ outside the county says: the first of them that is not accused."""


@command("tip.receive", "收到投诉举报", clause="43-2.3.j", opens=True)
class ReceiveTip:
    """Registers a tip and gives it to a unit, which accepts or returns it in five working days.

    `to` may be left out: then a class ruling, or the county's routing policy, names the unit by
    the matter. A class ruling binds whoever registers the tip. Its own mail a unit has since the
    day it came, and its days run from then; a tip passed on, from delivery. What a patrol found
    nobody has informed of: nobody is told or answered.
    """

    channel: Channel
    matters: tuple[Matter, ...]
    subject: str
    content: SealedText
    to: str | None = None
    township: str | None = None  # where the matter lies: a class ruling may be for one township
    anonymous: bool = False
    accused: str | None = None
    accused_unit: str | None = None
    name: SealedText | None = None
    contact: SealedText | None = None


@command("tip.route", "确定办理单位", by=(LEADING_GROUP_OFFICE, LEADING_GROUP), clause="43-4.1.b")
class RouteTip:
    """Rules who handles a tip: the office on a first return or of its own, 领导小组 on a second.
    The tips merged with it go along. What 领导小组 has said, the office does not change. After a
    finding only a tip that accuses its handler is routed, and while nobody was answered."""

    to: str
    reason: str


@command("tip.accept", "受理", clause="43-2.3.j")
class AcceptTip:
    """Accepts the tip: the clock of handling starts."""


@command("tip.refuse", "不予受理", clause="43-2.3.j")
class RefuseTip:
    """Refuses the tip on a coded ground; a named informant is still told."""

    ground: Ground


@command("tip.inform", "告知信访人", clause="petition-23")
class TellInformant:
    """Tells a named informant whether the tip was accepted."""


@command("tip.check_incident", "核实是否为职业病危害事故", clause="odl-37")
class CheckIncident:
    """Says whether an incident lies behind a tip of acute poisoning or radiation. It is reported
    first, as a case of its own (`case_incident`); a finding that there is none needs its ground.
    """

    outcome: Verified
    note: str
    case_incident: str | None = None


@command("tip.file_case", "劳动保障监察立案", by=("HSSB",), clause="labour-17")
class FileLabourCase:
    """Files a labour inspection case: sixty working days to finish."""


@command("tip.conclude", "作出处理意见", clause="43-2.3.j")
class ConcludeTip:
    """What the check found; tips merged into this one get the same finding. Whether an incident
    lies behind it is said first."""

    finding: Finding
    note: str


@command("tip.reply", "答复信访人", clause="petition-34")
class ReplyToInformant:
    """Answers a named informant; his own clock ends, and his thirty days to ask for a review run
    from the day he received the answer."""

    received_on: date | None = None


@command("tip.request_review", "请求复查", by=("informant",), clause="petition-35")
class RequestReview:
    """Asks the organ above the handler to look at the finding again, within thirty days; where the
    tip accuses that organ, the one above it."""

    received_on: date | None = None


@command("tip.review", "作出复查意见", clause="petition-35")
class ReviewTip:
    """The reviewing organ's opinion: the finding stands, or is made again. Where that organ is
    outside the county, 县政府办 enters it from the document; where the tip accuses that, 领导小组
    办公室."""

    outcome: Reviewed
    document: str
    received_on: date | None = None


@command("tip.request_re_review", "请求复核", by=("informant",), clause="petition-36")
class RequestReReview:
    """Asks the organ above the reviewing one, within thirty days; its opinion is final."""

    received_on: date | None = None


@command("tip.record_re_review", "登记复核意见", clause="petition-36")
class RecordReReview:
    """Decided outside the county; entered from the document, as a review is."""

    outcome: Reviewed
    document: str


@command("tip.merge", "并案", clause="43-2.3.j")
class MergeTip:
    """Has the same matter checked once, with another tip; every informant keeps his own clock.

    The unit that accepted the main tip accepts this one by merging it.
    """

    case_main: str


@command("tip.unmerge", "分案", clause="43-2.3.j")
class UnmergeTip:
    """Undoes a merge: the tip is checked by itself again, also where the main one was concluded."""

    reason: str


@command("tip.split", "拆分", clause="43-2.3.j")
class SplitTip:
    """Makes a tip of its own of some of the matters, for the unit they belong to, which has its own
    days. It is told what concerns it (`content`) and, of a named informant, whom it answers."""

    matters: tuple[Matter, ...]
    reason: str
    content: SealedText
    to: str | None = None
    name: SealedText | None = None
    contact: SealedText | None = None


@command("tip.name_accused", "查明被反映的单位", clause="43-2.3.j")
class NameAccused:
    """Found later to be about a unit: it holds the tip no longer, and has no say in it. Named by
    mistake, the fact is corrected by 领导小组办公室 or 领导小组."""

    unit: str


Command = (
    ReceiveTip
    | RouteTip
    | AcceptTip
    | RefuseTip
    | TellInformant
    | CheckIncident
    | FileLabourCase
    | ConcludeTip
    | ReplyToInformant
    | RequestReview
    | ReviewTip
    | RequestReReview
    | RecordReReview
    | MergeTip
    | UnmergeTip
    | SplitTip
    | NameAccused
)
