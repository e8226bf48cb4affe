"""Relief 救助 (RLF): for patients whose employer is gone, or whose labour relation cannot be found.

The patient asks once, at his township's window; each track he asks for becomes a task of the
bureau that decides it. Relief is the last resort: insurance at exposure, a successor and advance
payment are looked into first. But urgent temporary relief never waits; its papers follow. What is
made public names the household, its village and the amount, never the disease.
Basis: 职业病防治法 61; 43号文 二(四)、三; 浙江省社会救助条例 11, 23, 40; 法律援助法 43, 44; from
2026-07-01 社会救助法 42, 45, 48, 50, 76.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal, assert_never, get_args

from domain.decider import CaseKind, Claim, Context, Decision, Refused, Release, command, need
from domain.events import event, terms
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
Blocked = Literal["insured_at_exposure", "successor", "advance_payment"]
EndReason = Literal["means_improved", "moved_away", "deceased", "basis_lost"]

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
    }
)

LIVING = ("minimum_living", "special_hardship", "low_margin", "rigid_spending")
"""The tracks that the township checks and publicises and 民政局 decides."""

NEW_LAW = "sal-50"  # 社会救助法, by which the newer kinds of household and duties exist


# --- Facts ---------------------------------------------------------------------------------------


@event("relief.applied", "在{township}窗口申请救助（{tracks}）：{ground}，凭{evidence}")
class ReliefApplied:
    """A confirmed patient asked for relief, once, for every track. ODL 61."""

    subject: Annotated[str, RESTRICTED]
    worker: str
    diagnosis: str
    township: str
    ground: Ground
    evidence: Evidence
    tracks: tuple[Track, ...]
    urgent: bool
    acts_first: bool  # a claim he needs legal aid for is barred in less than seven days
    household: SealedText | None
    received_on: date | None = None


@event("relief.entry_checked", "核查工伤保险、承继单位与先行支付：{blocked}")
class EntryChecked:
    """What stands before relief was looked into; nothing found: relief it is."""

    blocked: tuple[Blocked, ...]
    received_on: date | None = None  # the day 民政局 received the file of one that is blocked


@event("relief.relieved_first", "先行临时救助{amount}元，手续后补")
class RelievedFirst:
    """Urgent relief was given before any paper. 社会救助条例 40."""

    amount: int


@event("relief.papers_completed", "补齐先行救助的手续")
class PapersCompleted:
    """What urgent relief had left for later."""


@event("relief.checked", "{township}核查家庭经济状况：{eligible}符合条件")
class HouseholdChecked:
    township: str
    eligible: bool
    received_on: date | None = None  # the day 民政局 received the file of one not eligible


@event("relief.publicised", "{village}公示期满，公示金额{amount}元")
class Publicised:
    """The household, its village and the amount were public for seven days; never the disease."""

    village: str
    amount: int
    received_on: date | None = None  # the day 民政局 received the file


@event("relief.approved", "批准{track}，每月{amount}元")
class ReliefApproved:
    track: Track
    amount: int


@event("relief.denied", "不予{track}：{reason}")
class ReliefDenied:
    track: Track
    reason: str


@event("relief.linkage_checked", "{unit}核对工伤保险、医疗保险与救助的衔接：{note}")
class LinkageChecked:
    unit: str
    note: str


@event("relief.hearing_offered", "拟减少或终止救助，告知陈述申辩与听证权利")
class HearingOffered:
    """Owed before relief is cut, from 2026-07-01. 社会救助法 48."""


@event("relief.reviewed", "复核救助，{track}调整为每月{amount}元")
class ReliefReviewed:
    track: Track
    amount: int


@event("relief.ended", "终止救助：{reason}")
class ReliefEnded:
    reason: EndReason


Event = (
    ReliefApplied
    | EntryChecked
    | RelievedFirst
    | PapersCompleted
    | HouseholdChecked
    | Publicised
    | ReliefApproved
    | ReliefDenied
    | LinkageChecked
    | HearingOffered
    | ReliefReviewed
    | ReliefEnded
)


# --- State ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    worker: str | None = None
    subject: str | None = None
    diagnosis: str | None = None
    township: str | None = None
    tracks: tuple[str, ...] = ()
    urgent: bool = False
    entry_checked: bool = False
    blocked: tuple[str, ...] = ()
    relieved_first: bool = False
    papers_complete: bool = False
    eligible: bool | None = None
    publicised: bool = False
    granted: tuple[tuple[str, int], ...] = ()  # (track, yuan a month)
    denied: tuple[str, ...] = ()
    hearing: bool = False
    ended: bool = False

    def open(self, track: str) -> bool:
        decided = {*self.denied, *(granted for granted, _ in self.granted)}
        if self.relieved_first:
            decided.add("temporary")  # urgent relief is the temporary relief
        return track in self.tracks and track not in decided


def evolve(state: State, event: Event) -> State:
    match event:
        case ReliefApplied():
            return replace(
                state,
                worker=event.worker,
                subject=event.subject,
                diagnosis=event.diagnosis,
                township=event.township,
                tracks=event.tracks,
                urgent=event.urgent,
            )
        case EntryChecked():
            return replace(state, entry_checked=True, blocked=event.blocked)
        case RelievedFirst():
            return replace(state, relieved_first=True)
        case PapersCompleted():
            return replace(state, papers_complete=True)
        case HouseholdChecked():
            return replace(state, eligible=event.eligible)
        case Publicised():
            return replace(state, publicised=True)
        case ReliefApproved():
            return replace(state, granted=(*state.granted, (event.track, event.amount)))
        case ReliefDenied():
            return replace(state, denied=(*state.denied, event.track))
        case LinkageChecked():
            return state
        case HearingOffered():
            return replace(state, hearing=True)
        case ReliefReviewed():
            kept = tuple(g for g in state.granted if g[0] != event.track)
            return replace(state, granted=(*kept, (event.track, event.amount)), hearing=False)
        case ReliefEnded():
            return replace(state, ended=True)
        case _:
            assert_never(event)


# --- Commands ------------------------------------------------------------------------------------


@command("relief.apply", "申请救助", clause="odl-61", opens=True)
class ApplyForRelief:
    """Asks for relief once, at the township's window, for every track the patient names.

    Needs a diagnosis of an occupational disease, and proof that the employer is gone or that
    the labour relation was finally found undeterminable.
    """

    case_diagnosis: str
    township: str
    ground: Ground
    evidence: Evidence
    tracks: tuple[Track, ...]
    urgent: bool = False
    limitation_on: date | None = None
    household: SealedText | None = None
    received_on: date | None = None


@command("relief.check_entry", "核查前置条件", by=("township", "CAB"), clause="odl-61")
class CheckEntry:
    """Says what stands before relief: insurance at exposure, a successor, advance payment."""

    blocked: tuple[Blocked, ...] = ()
    received_on: date | None = None


@command("relief.relieve_first", "先行救助", by=("township", "CAB"), clause="zrelief-40")
class RelieveFirst:
    """Gives urgent temporary relief at once; papers and checks follow."""

    amount: int


@command("relief.complete_papers", "补齐手续", by=("township",), clause="zrelief-40")
class CompletePapers:
    """Completes what urgent relief had left for later."""


@command("relief.check_household", "核查家庭经济状况", by=("township",), clause="zrelief-11")
class CheckHousehold:
    """The township's finding on the household's means."""

    eligible: bool
    received_on: date | None = None


@command("relief.publicise", "公示", by=("township",), clause="zrelief-11")
class Publicise:
    """Records that the seven days of publicity are over; name, village, amount and no disease."""

    village: str
    amount: int
    received_on: date | None = None


@command("relief.approve", "批准救助", by=("CAB", "MIB", "JB"), clause="odl-61")
class ApproveRelief:
    """Grants a track; each bureau grants its own."""

    track: Track
    amount: int = 0


@command("relief.deny", "不予救助", by=("CAB", "MIB", "JB"), clause="sal-45")
class DenyRelief:
    """Denies a track, with the reason told to the patient; he may ask for reconsideration."""

    track: Track
    reason: str


@command("relief.check_linkage", "核对待遇衔接", by=("HSSB", "MIB", "CAB"), clause="43-2.4.b")
class CheckLinkage:
    """Each bureau checks that its benefit joins up with the others'."""

    note: str


@command("relief.offer_hearing", "告知听证权利", by=("CAB",), clause="sal-48")
class OfferHearing:
    """Owed before relief is reduced or ended."""


@command("relief.review", "复核救助", by=("CAB", "MIB"), clause="43-3.CAB.1")
class ReviewRelief:
    """The yearly review of what is granted; the amount may change."""

    track: Track
    amount: int


@command("relief.end", "终止救助", by=("CAB",), clause="sal-48")
class EndRelief:
    """Ends the relief for a coded reason."""

    reason: EndReason


Command = (
    ApplyForRelief
    | CheckEntry
    | RelieveFirst
    | CompletePapers
    | CheckHousehold
    | Publicise
    | ApproveRelief
    | DenyRelief
    | CheckLinkage
    | OfferHearing
    | ReviewRelief
    | EndRelief
)


# --- Decisions -----------------------------------------------------------------------------------


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case ApplyForRelief():
            return _applied(given, context)
        case CheckEntry():
            zh = "已核查；情况有变的请更正"
            need(not state.entry_checked, "checked", zh, "Checked already: correct it instead")
            return (EntryChecked(blocked=given.blocked, received_on=given.received_on),)
        case RelieveFirst():
            need(state.urgent, "not-urgent", "本件不是紧急救助", "This is not an urgent case")
            need(not state.relieved_first, "relieved", "已先行救助", "Relieved already")
            _amount(given.amount)
            return (RelievedFirst(amount=given.amount),)
        case CompletePapers():
            need(state.relieved_first, "not-relieved", "尚未先行救助", "Nothing was given first")
            need(not state.papers_complete, "complete", "手续已补齐", "Complete already")
            return (PapersCompleted(),)
        case CheckHousehold():
            _standard(state)
            need(state.eligible is None, "checked", "已核查", "Checked already")
            found = HouseholdChecked(
                township=context.actor, eligible=given.eligible, received_on=given.received_on
            )
            return (found,)
        case Publicise():
            zh = "核查符合条件后方可公示"
            need(state.eligible is True, "not-eligible", zh, "Not found eligible")
            need(not state.publicised, "publicised", "已公示", "Publicised already")
            _amount(given.amount)
            return (
                Publicised(
                    village=given.village, amount=given.amount, received_on=given.received_on
                ),
            )
        case ApproveRelief():
            return _approved(state, given, context)
        case DenyRelief():
            _own_track(state, given.track, context)
            return (ReliefDenied(track=given.track, reason=given.reason),)
        case CheckLinkage():
            return (LinkageChecked(unit=context.actor, note=given.note),)
        case OfferHearing():
            need(bool(state.granted), "nothing-granted", "没有在享救助", "Nothing is granted")
            return (HearingOffered(),)
        case ReviewRelief():
            return _reviewed(state, given, context)
        case EndRelief():
            need(not state.ended, "ended", "已终止", "Ended already")
            if given.reason != "deceased":
                _heard(state, context)
            release = Release("relief.patient", state.subject or "")
            return (ReliefEnded(reason=given.reason), release)
        case _:
            assert_never(given)


def _applied(given: ApplyForRelief, context: Context) -> Decision:
    diagnosis = context.cases[given.case_diagnosis]
    concluded = getattr(diagnosis.state, "conclusion", None)
    patient = diagnosis.kind.name == "diagnosis" and concluded and concluded.result == "od"
    zh = "须先有职业病诊断（鉴定）结论"
    need(bool(patient), "no-disease", zh, "No occupational disease was diagnosed", clause="odl-61")
    unit = context.reference.edition.units.get(given.township)
    known = unit is not None and unit.klass == "township"
    need(known, "no-such-township", f"没有乡镇（街道） {given.township}", "No such township")
    need(bool(given.tracks), "no-track", "请至少选一项救助", "Ask for at least one track")
    fits = given.evidence in context.reference.edition.policy(f"relief-proof-{given.ground}")
    zh = "所附材料不能证明该情形：单位不存在须登记或法院文书，关系无法确认须生效裁决"
    need(fits, "no-proof", zh, "This does not prove that ground", clause="odl-61")
    newer = set(given.tracks) & {"low_margin", "rigid_spending"}
    zh = "该类家庭自2026年7月1日社会救助法施行起方有"
    need(not newer or _new_law(context), "not-yet", zh, "Exists from 2026-07-01", clause=NEW_LAW)
    subject = diagnosis.state.subject
    applied = ReliefApplied(
        subject=subject,
        worker=f"worker:{subject}",
        diagnosis=given.case_diagnosis,
        township=given.township,
        ground=given.ground,
        evidence=given.evidence,
        tracks=given.tracks,
        urgent=given.urgent,
        acts_first=_barred_soon(given, context),
        household=given.household,
        received_on=given.received_on,
    )
    return (applied, Claim("relief.patient", subject))


def _barred_soon(given: ApplyForRelief, context: Context) -> bool:
    barred = given.limitation_on
    days = context.reference.edition.policy("legal-aid-act-first-days")
    return barred is not None and (barred - context.occurred.day).days < days


def _new_law(context: Context) -> bool:
    """Whether 社会救助法 is in force on the day of the fact."""
    return context.reference.edition.clauses[NEW_LAW].in_force(context.occurred.day)


def _amount(yuan: int) -> None:
    need(yuan > 0, "amount", "金额须大于零（元）", "The amount is above zero, in yuan")


def _standard(state: State) -> None:
    """Relief is the last resort: what stands before it must have been looked into and be absent."""
    zh = "请先核查工伤保险、承继单位和先行支付"
    need(state.entry_checked, "entry-unchecked", zh, "Check first what stands before relief")
    need(
        not state.blocked,
        "blocked",
        "另有法定渠道，应先由其承担；紧急情形可先行临时救助",
        "Another legal source comes first; urgent relief may still be given",
        clause="odl-61",
    )


def _own_track(state: State, track: Track, context: Context) -> None:
    """The bureau that holds the track's task decides it: the rules say which."""
    condition = "decides_living" if track in LIVING else f"decides_{track}"
    owed = [t for t in context.fold.open_tasks() if t.rule.closed_when == condition]
    need(state.open(track) and bool(owed), "not-open", "未申请、未到决定环节或已决定", "Not open")
    owner = owed[0].holder
    zh = f"{TRACKS[track]}由{owner}决定"
    need(context.actor == owner, "wrong-actor", zh, f"{owner} decides this track")


def _approved(state: State, given: ApproveRelief, context: Context) -> Decision:
    if given.track in LIVING:
        zh = "公示期满后方可批准"
        need(state.publicised, "not-publicised", zh, "Only after publicity", clause="zrelief-11")
    _own_track(state, given.track, context)
    if given.track == "medical":
        _standard(state)
    if given.track != "legal_aid":
        _amount(given.amount)
    return (ReliefApproved(track=given.track, amount=given.amount),)


def _reviewed(state: State, given: ReviewRelief, context: Context) -> Decision:
    before = dict(state.granted).get(given.track)
    if before is None:
        raise Refused("not-granted", "该项未获批准", "That track is not granted")
    need(not state.ended, "ended", "已终止", "Ended already")
    if given.amount < before:
        _heard(state, context)
    return (ReliefReviewed(track=given.track, amount=given.amount),)


def _heard(state: State, context: Context) -> None:
    """From 2026-07-01 a cut needs a hearing to have been offered. 社会救助法 48."""
    zh = "减少或终止救助前须告知听证权利"
    fine = state.hearing or not _new_law(context)
    need(fine, "no-hearing", zh, "Offer a hearing before a cut", clause="sal-48")


# --- Conditions ----------------------------------------------------------------------------------


def urgent(state: State, event: Event) -> bool:
    return state.urgent


def living(state: State, event: Event) -> bool:
    return bool(set(state.tracks) & set(LIVING))


def medical(state: State, event: Event) -> bool:
    return "medical" in state.tracks


def legal_aid(state: State, event: Event) -> bool:
    return "legal_aid" in state.tracks


def charity(state: State, event: Event) -> bool:
    return "charity" in state.tracks


def temporary(state: State, event: Event) -> bool:
    """Ordinary temporary relief; the urgent kind has its own task."""
    return "temporary" in state.tracks and not state.urgent


def eligible(state: State, event: Event) -> bool:
    return state.eligible is True


def check_over(state: State, event: Event) -> bool:
    """The household was checked, or need not be: something else stands before relief."""
    return isinstance(event, HouseholdChecked) or bool(state.blocked)


def to_decide(state: State, event: Event) -> bool:
    """Publicity is over; or there is nothing to publicise, and the patient is owed a denial."""
    if not set(state.tracks) & set(LIVING):
        return False
    return isinstance(event, Publicised) or state.eligible is False or bool(state.blocked)


def decides_living(state: State, event: Event) -> bool:
    """The last of the living tracks was decided."""
    return not any(state.open(track) for track in LIVING)


def decides_medical(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "medical"


def decides_legal_aid(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "legal_aid"


def decides_temporary(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "temporary"


def decides_charity(state: State, event: Event) -> bool:
    return getattr(event, "track", None) == "charity"


def barred_soon(state: State, event: Event) -> bool:
    """The claim is barred within seven days: legal aid acts first. 法律援助法 44."""
    return getattr(event, "acts_first", False) is True


def first_grant(state: State, event: Event) -> bool:
    return len(state.granted) == 1


def continues(state: State, event: Event) -> bool:
    """What is granted month by month is reviewed; a single payment is not."""
    return getattr(event, "track", None) in LIVING and not state.ended


def status(state: State) -> str:
    if state.ended:
        return "已终止"
    if state.granted:
        return "救助中"
    if state.tracks and not any(state.open(track) for track in state.tracks):
        return "不予救助"
    return "已先行救助" if state.relieved_first else "办理中"


RELIEF = CaseKind(
    name="relief",
    title="救助",
    number_prefix="RLF",
    initial=State(),
    evolve=evolve,
    decide=decide,
    events=get_args(Event),
    commands=get_args(Command),
    conditions={
        made.__name__: made
        for made in (
            urgent,
            living,
            medical,
            legal_aid,
            charity,
            temporary,
            eligible,
            check_over,
            to_decide,
            decides_living,
            decides_medical,
            decides_legal_aid,
            decides_temporary,
            decides_charity,
            barred_soon,
            continues,
            first_grant,
        )
    },
    parties=lambda state: {
        role: party
        for role, party in (("worker", state.worker), ("township", state.township))
        if party
    },
    status=status,
    roles=("worker", "township"),
    links=lambda state: (state.diagnosis,) if state.diagnosis else (),
)
