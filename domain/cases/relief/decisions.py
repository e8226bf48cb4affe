"""Relief 救助 (RLF): its commands, and what each admits, refuses and brings about."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from domain.cases.relief.events import (
    LIVING,
    NEW_LAW,
    TRACKS,
    Blocked,
    EndReason,
    EntryChecked,
    Evidence,
    Ground,
    HearingOffered,
    HouseholdChecked,
    LinkageChecked,
    PapersCompleted,
    Publicised,
    ReliefApplied,
    ReliefApproved,
    ReliefDenied,
    ReliefEnded,
    ReliefReviewed,
    RelievedFirst,
    Track,
)
from domain.cases.relief.state import State
from domain.decider import Claim, Context, Decision, Refused, Release, command, need
from domain.sealing import SealedText


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


# --- Decisions ------------------------------------------------------------------------------------


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
