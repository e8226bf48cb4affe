"""Relief 救助 (RLF): what can be asked for, by whom, under which clause."""

from __future__ import annotations

from datetime import date

from domain.cases.relief.events import (
    Blocked,
    EndReason,
    Evidence,
    Ground,
    PublicAmount,
    Relation,
    Track,
    TrackEndReason,
)
from domain.decider import (
    command,
)
from domain.sealing import SealedText


@command("relief.apply", "申请救助", clause="odl-61", opens=True)
class ApplyForRelief:
    """Asks for relief once, at the township's window, for every track the patient names.

    Needs a diagnosis of an occupational disease, and proof that the employer is gone or that
    the labour relation was finally found undeterminable. Urgent relief may be asked for before
    the proof; it then follows with the papers. `limitation_on` is the day a claim is barred that
    the patient needs legal aid for. The patient asks himself, or his kin or agent (`relation`), or
    the township, 民政局 or 总工会 with his `consent` on record.
    """

    case_diagnosis: str
    township: str
    ground: Ground
    evidence: Evidence | None = None
    tracks: tuple[Track, ...]
    case_arbitration: str | None = None
    urgent: bool = False
    limitation_on: date | None = None
    relation: Relation | None = None
    consent: SealedText | None = None
    household: SealedText | None = None
    received_on: date | None = None


@command("relief.add_tracks", "增加救助项目", clause="odl-61")
class AddTracks:
    """Asks for more while the case is open, or again for what was denied, ended or paid; each
    track opens the same duties as at the first application. A further emergency is reported as
    urgent instead."""

    tracks: tuple[Track, ...]
    limitation_on: date | None = None
    relation: Relation | None = None
    consent: SealedText | None = None
    received_on: date | None = None


@command(
    "relief.report_limitation",
    "报告时效届满日",
    by=("worker", "township", "CAB", "JB"),
    clause="laid-44",
)
class ReportLimitation:
    """Says on which day the claim is barred for which legal aid was asked: in the last days before
    it, legal aid acts before it is decided on."""

    limitation_on: date


@command(
    "relief.report_urgency", "报告转为紧急", by=("worker", "township", "CAB"), clause="43-2.4.e"
)
class ReportUrgency:
    """Hardship has become sudden and urgent: temporary relief is given first. After an emergency
    whose papers are complete a further one may be reported."""

    reason: str


@command("relief.relieve_first", "先行救助", by=("township", "CAB"), clause="zrelief-40")
class RelieveFirst:
    """Gives urgent temporary relief at once; papers and checks follow."""

    amount: int


@command("relief.supply_proof", "补交证明材料", by=("township",), clause="odl-61")
class SupplyProof:
    """The proof that urgent relief did not wait for, handed in before its other papers, or where
    nothing was given first; an award proves the ground only once it is final."""

    evidence: Evidence
    case_arbitration: str | None = None


@command("relief.complete_papers", "补齐手续", by=("township",), clause="zrelief-40")
class CompletePapers:
    """Completes what urgent relief had left for later, the proof of its ground among it; an award
    proves it, too, only once it is final."""

    evidence: Evidence | None = None
    case_arbitration: str | None = None


@command("relief.check_entry", "核查前置条件", by=("township", "CAB"), clause="odl-61")
class CheckEntry:
    """Says what stands before relief: insurance at exposure, a successor, advance payment."""

    blocked: tuple[Blocked, ...] = ()
    received_on: date | None = None


@command(
    "relief.find_source", "查明另有法定渠道", by=("township", "CAB", "HSSB", "MIB"), clause="odl-61"
)
class FindSource:
    """Found later: he was insured, there is a successor (WIR 43), or the fund advances payment.

    What is undecided is owed a denial; what was given stays given and is joined up with the other
    source; a cut or an end goes its ordinary way, with a hearing offered first.
    """

    source: Blocked
    received_on: date | None = None


@command(
    "relief.drop_source",
    "查明渠道已不能承担",
    by=("township", "CAB", "HSSB", "MIB"),
    clause="odl-61",
)
class DropSource:
    """What stood before relief fell away: the successor is bankrupt, advance payment was refused.
    With the last one gone, relief that was not yet decided goes on where it stopped."""

    source: Blocked
    reason: str
    received_on: date | None = None


@command("relief.check_household", "核查家庭经济状况", by=("township",), clause="zrelief-11")
class CheckHousehold:
    """The township's finding on the household's means; from 2026-07-01 it may rest on another
    unit's finding (社会救助法 42)."""

    eligible: bool
    recognised_from: str | None = None
    tested_on: date | None = None
    received_on: date | None = None


@command("relief.publicise", "公示", by=("township",), clause="zrelief-11")
class Publicise:
    """Records that the seven days of publicity are over; name, village, amounts and no disease.

    Of several tracks each has its amount (`amounts`), and each is granted no more; of one alone
    `amount` will do. What is granted month by month is publicised again before it is raised above
    that; publicity then began on `begun_on`.
    """

    village: str
    amount: int | None = None
    amounts: tuple[PublicAmount, ...] = ()
    begun_on: date | None = None
    received_on: date | None = None


@command("relief.approve", "批准救助", by=("CAB", "MIB", "JB"), clause="odl-61")
class ApproveRelief:
    """Grants a track; each bureau grants its own."""

    track: Track
    amount: int = 0


@command("relief.deny", "不予救助", by=("CAB", "MIB", "JB"), clause="zrelief-11")
class DenyRelief:
    """Denies a track with its reason, from 2026-07-01 in writing (社会救助法 45); the patient may
    ask for reconsideration or sue, of legal aid he may also object to 司法局. Denied while it is
    urgent and nothing was given yet, temporary relief is denied as urgent relief too: 民政局 says
    why this is no emergency, and whatever else was asked for goes its ordinary way."""

    track: Track
    reason: str


@command("relief.give_aid_first", "先行提供法律援助", by=("JB",), clause="laid-44")
class GiveAidFirst:
    """Acts before the decision where a claim would be barred in less than seven days: never before
    that, and not after it is barred."""


@command("relief.assign_aid", "指派法律援助人员", by=("JB",), clause="laid-43")
class AssignAid:
    """Owed within three days of the grant."""


@command("relief.object_to_denial", "对不予法律援助提出异议", by=("worker",), clause="laid-49")
class ObjectToDenial:
    """司法局 looks at it in five days from its receipt."""

    received_on: date | None = None


@command("relief.decide_objection", "审查法律援助异议", by=("JB",), clause="laid-49")
class DecideObjection:
    """Has legal aid given, or upholds the denial."""

    grant: bool


@command("relief.check_linkage", "核对待遇衔接", by=("HSSB", "MIB", "CAB"), clause="43-2.4.b")
class CheckLinkage:
    """Each bureau checks that its benefit joins up with the others'."""

    note: str


@command("relief.offer_hearing", "告知听证权利", by=("CAB",), clause="sal-48")
class OfferHearing:
    """Owed before a track is reduced or ended, from 2026-07-01 (社会救助法 48); the cut waits until
    the days for asking for a hearing are over. `track` may be left out where one alone goes on."""

    track: Track | None = None


@command("relief.request_hearing", "申请听证", by=("worker",), clause="sal-48")
class RequestHearing:
    """Asked for in time, it stops the cut or end that was told of until the hearing was held."""

    track: Track


@command("relief.hold_hearing", "记录听证结束", by=("CAB",), clause="sal-48")
class HoldHearing:
    """The hearing was held, or the patient did not come or withdrew: the bureau may now decide."""

    track: Track
    note: str


@command("relief.review", "复核救助", by=("CAB", "MIB"), clause="43-3.CAB.1")
class ReviewRelief:
    """The yearly review of one track that is granted month by month, by the bureau that granted
    it; a smaller amount is a cut, for which a hearing must have been offered, and held where it was
    asked for; a larger one is no more than what was publicised."""

    track: Track
    amount: int


@command("relief.end_track", "终止一项救助", by=("CAB", "MIB", "JB"), clause="43-3.CAB.1")
class EndTrack:
    """Ends one track that goes on, by the bureau that granted it; from 2026-07-01 a hearing is
    offered before living relief ends, and held where asked for. With the last one the case ends."""

    track: Track
    reason: TrackEndReason


@command("relief.end", "终结救助案件（死亡）", by=("CAB",), clause="43-3.CAB.1")
class EndRelief:
    """Ends the whole case on the patient's death; otherwise each track is ended by itself."""

    reason: EndReason


Command = (
    ApplyForRelief
    | AddTracks
    | ReportLimitation
    | ReportUrgency
    | RelieveFirst
    | SupplyProof
    | CompletePapers
    | CheckEntry
    | FindSource
    | DropSource
    | CheckHousehold
    | Publicise
    | ApproveRelief
    | DenyRelief
    | GiveAidFirst
    | AssignAid
    | ObjectToDenial
    | DecideObjection
    | CheckLinkage
    | OfferHearing
    | RequestHearing
    | HoldHearing
    | ReviewRelief
    | EndTrack
    | EndRelief
)
