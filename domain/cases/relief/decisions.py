"""Relief 救助 (RLF): what each command admits, refuses and brings about."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from typing import Any, assert_never

from domain.acts import ReturnUpheld, TaskAct, TaskRuled, TaskTransferred
from domain.cases import determination as wi
from domain.cases.relief.commands import (
    AddTracks,
    ApplyForRelief,
    ApproveRelief,
    AssignAid,
    CheckEntry,
    CheckHousehold,
    CheckLinkage,
    Command,
    CompletePapers,
    DecideObjection,
    DenyRelief,
    DropSource,
    EndRelief,
    EndTrack,
    FindSource,
    GiveAidFirst,
    HoldHearing,
    ObjectToDenial,
    OfferHearing,
    Publicise,
    RelieveFirst,
    ReportLimitation,
    ReportUrgency,
    RequestHearing,
    ReviewRelief,
    SupplyProof,
)
from domain.cases.relief.events import (
    LIVING,
    NEW_LAW,
    TRACKS,
    AidAssigned,
    AidGivenFirst,
    AidObjected,
    AidObjectionDecided,
    BecameUrgent,
    EndReason,
    EntryChecked,
    Evidence,
    Ground,
    HearingHeld,
    HearingOffered,
    HearingRequested,
    HouseholdChecked,
    LimitationReported,
    LinkageChecked,
    MeansRecognised,
    PapersCompleted,
    ProofSupplied,
    PublicAmount,
    Publicised,
    ReliefApplied,
    ReliefApproved,
    ReliefDenied,
    ReliefEnded,
    ReliefReduced,
    ReliefReviewed,
    RelievedFirst,
    SourceFellAway,
    SourceFound,
    TownshipChanged,
    Track,
    TrackEnded,
    TracksAdded,
    UrgencyRefused,
)
from domain.cases.relief.state import State, asked_for
from domain.decider import (
    Claim,
    Context,
    Correctable,
    Decision,
    On,
    Refused,
    Release,
    known_unit,
    need,
)
from domain.events import Recorded, type_of
from domain.fold import CaseFold, step
from domain.identifiers import personal
from domain.letters import written_day
from domain.links import ReliedOn
from domain.rules import Edition
from domain.tasks import Task, counted, party_name
from domain.units import party_class

LINKED = "relief.linkage_checked"


def decide(state: State, given: Command, context: Context) -> Decision:
    need(not state.ended, "ended", "救助已终止", "The relief has ended")
    _fit_to_be_kept(given, context)
    match given:
        case ApplyForRelief():
            return _applied(given, context)
        case AddTracks():
            return _added(state, given, context)
        case ReportUrgency():
            return _urgent(state, given)
        case RelieveFirst():
            return _relieved(state, given)
        case SupplyProof():
            return _proved(state, given, context)
        case CompletePapers():
            return _completed(state, given, context)
        case CheckEntry():
            return _entry_checked(state, given, context)
        case FindSource():
            return _source_found(state, given, context)
        case DropSource():
            return _source_dropped(state, given, context)
        case CheckHousehold():
            return _checked(state, given, context)
        case Publicise():
            return _publicised(state, given, context)
        case ApproveRelief():
            return _approved(state, given, context)
        case DenyRelief():
            return _denied(state, given, context)
        case ReportLimitation():
            return _limited(state, given, context)
        case GiveAidFirst():
            return _aided_first(context)
        case AssignAid():
            _holds(context, "rlf.assign-aid", "尚未给予法律援助，或已指派", "Nothing to assign")
            return (AidAssigned(),)
        case ObjectToDenial():
            zh = "没有可异议的决定"
            need(state.may_object, "not-owed", zh, "Nothing to object to")
            return (AidObjected(received_on=given.received_on),)
        case DecideObjection():
            return _objection_decided(state, given, context)
        case CheckLinkage():
            return _linked(given, context)
        case OfferHearing():
            return _hearing_offered(state, given, context)
        case RequestHearing():
            return _hearing_requested(state, given, context)
        case HoldHearing():
            zh = "没有待举行的听证"
            need(given.track in state.to_hear, "no-hearing", zh, "No hearing is to be held")
            _own_grant(given.track, context)
            return (HearingHeld(track=given.track, note=given.note),)
        case ReviewRelief():
            return _reviewed(state, given, context)
        case EndTrack():
            return _ended(state, given, context)
        case EndRelief():
            zh = "病人死亡方终结全案；其他情形由批准单位逐项终止（终止一项救助）"
            dead = given.reason == "deceased"
            need(dead, "by-track", zh, "Only death ends all; end each track by itself")
            return (ReliefEnded(reason=given.reason), _released(state))
        case _:
            assert_never(given)


# --- What holds for every step -------------------------------------------------------------------


def _fit_to_be_kept(given: Command, context: Context) -> None:
    """Reasons and notes stand in the open: no disease, no identity or telephone number in them."""
    edition = context.reference.edition
    for text in (getattr(given, f.name) for f in fields(given) if f.name in ("reason", "note")):
        words = {*_diseases(edition), *edition.policy("relief-words-of-disease")}
        told = "、".join(sorted(word for word in words if word in text))
        zh = f"理由和说明各有关单位都看得到，不写病名和危害因素（{told}）"
        need(not told, "disease-told", zh, "Reasons and notes never tell the disease")
        found = personal(text)
        zh = f"理由和说明中有{found}：证件号、电话属密封字段，不写在这里"
        need(found is None, "personal", zh, "No identity or telephone number in the open")


def keys(state: State) -> frozenset[Claim]:
    """A patient has one case, until all he asked for was denied or it has ended."""
    return frozenset({_key(state)}) if state.running else frozenset()


def _key(state: State) -> Claim:
    return Claim("relief.patient", state.subject or "")


def _released(state: State) -> Release:
    """The patient may ask anew."""
    return Release(_key(state).index, _key(state).key)


def _settled(decided: tuple[Any, ...], context: Context) -> Decision:
    """What was decided; and where after it nothing is given, decided or owed any more, the end of
    the case. Where nothing was ever given the patient may at least ask anew."""
    fold = _then(decided, context)
    state: State = fold.state
    if not state.running:
        return (*decided, _released(state))
    owed = [task.rule for task in fold.open_tasks() if task.is_duty]
    last = decided[-1]
    if isinstance(last, TrackEnded):  # benefits that have ended need not be joined up any more
        owed = [rule for rule in owed if LINKED not in rule.closed_by]
    if owed or state.undecided or state.continuing or state.may_object:
        return decided
    reason: EndReason = "single_payment_done"
    if isinstance(last, TrackEnded) or not (state.granted or state.relieved_first or state.paid):
        reason = fold.facts_of(TrackEnded)[-1].event.reason
    return (*decided, ReliefEnded(reason=reason), _released(state))


def _then(decided: tuple[Any, ...], context: Context) -> CaseFold:
    """The case as it will stand once this is recorded."""
    fold = context.fold
    for event in decided:
        envelope = replace(
            fold.facts[-1][0].envelope,
            version=fold.version + 1,
            type=type_of(event).name,
            occurred=context.occurred,
            recorded_at=context.now,
            actor=context.actor,
        )
        fold = step(fold, Recorded(envelope, event), context.reference)
    return fold


# --- Asking ---------------------------------------------------------------------------------------


def _applied(given: ApplyForRelief, context: Context) -> Decision:
    diagnosis = context.cases[given.case_diagnosis]
    concluded = getattr(diagnosis.state, "conclusion", None)
    patient = diagnosis.kind.name == "diagnosis" and concluded and concluded.result == "od"
    zh = "须先有职业病诊断（鉴定）结论"
    need(bool(patient), "no-disease", zh, "No occupational disease was diagnosed", clause="odl-61")
    known = context.reference.edition.is_township(given.township)
    need(known, "no-such-township", f"没有乡镇（街道） {given.township}", "No such township")
    need(bool(given.tracks), "no-track", "请至少选一项救助", "Ask for at least one track")
    if given.evidence is not None or not given.urgent:  # urgent relief never waits for the proof
        _proves(given.ground, given.evidence, context)
        _final(given.ground, given.case_arbitration, diagnosis, context)
    _exist(given.tracks, context)
    _not_barred(given.limitation_on, context)
    subject = diagnosis.state.subject
    _asks_for(subject, given, given.township, context)
    applied = ReliefApplied(
        subject=subject,
        worker=f"worker:{subject}",
        diagnosis=given.case_diagnosis,
        township=given.township,
        ground=given.ground,
        evidence=given.evidence,
        tracks=given.tracks,
        urgent=given.urgent,
        acts_first=_barred_soon(given.limitation_on, context),
        household=given.household,
        received_on=given.received_on,
        limitation_on=given.limitation_on,
        relation=given.relation,
        consent=given.consent,
    )
    rests_on = (given.case_diagnosis, wi.case_for(given.case_diagnosis), given.case_arbitration)
    told = (On(case, ReliedOn(case=context.case)) for case in rests_on if case)
    return (applied, *told, Claim("relief.patient", subject))


def _exist(tracks: tuple[Track, ...], context: Context) -> None:
    edition = context.reference.edition
    newer = set(tracks) & set(edition.policy("relief-new-tracks"))
    since = edition.clauses[NEW_LAW].since
    zh = f"该类家庭自{written_day(since)}《社会救助法》施行起方有"
    need(not newer or _new_law(context), "not-yet", zh, f"Exists from {since}", clause=NEW_LAW)


def _added(state: State, given: AddTracks, context: Context) -> Decision:
    need(bool(given.tracks), "no-track", "请至少选一项救助", "Ask for at least one track")
    _exist(given.tracks, context)
    known = [t for t in given.tracks if state.open(t) or t in state.continuing]
    zh = f"已在申请或者已在享：{'、'.join(TRACKS[track] for track in known)}"
    need(not known, "asked", zh, "Asked for already, or granted and going on")
    zh = "法律援助的异议正在审查，审查之后再申请"
    again = "legal_aid" in given.tracks and state.objecting
    need(not again, "objecting", zh, "The objection is decided first")
    urgent = state.urgent and not (state.relieved_first and state.papers_complete)
    zh = "紧急救助及其手续尚未办结；再遇紧急情形请报告转为紧急"
    need(
        not ("temporary" in given.tracks and (urgent or _papers_owed(state))),
        "urgent",
        zh,
        "The emergency and its papers come first",
    )
    checked = context.reference.edition.policy("relief-publicised-tracks")
    running = state.eligible is not None and any(state.open(t) for t in checked)
    zh = "正在公示或者待决定，本次办结后再增加须核查的项目；紧急情形可先行救助"
    need(
        not (running and set(given.tracks) & set(checked)),
        "in-progress",
        zh,
        "What is being publicised is decided first",
    )
    _not_barred(given.limitation_on, context)
    subject = state.subject or ""
    _asks_for(subject, given, state.township or "", context)
    added = TracksAdded(
        subject=subject,
        tracks=given.tracks,
        received_on=given.received_on,
        limitation_on=given.limitation_on,
        relation=given.relation,
        consent=given.consent,
    )
    return (added, _key(state))


def _asks_for(
    subject: str, given: ApplyForRelief | AddTracks, township: str, context: Context
) -> None:
    """The patient asks himself, or his kin or agent, named as such; certain units may ask for him,
    and keep what he agreed to. Nobody else takes the one application he has."""
    actor, edition = context.actor, context.reference.edition
    if actor == f"worker:{subject}":
        return
    units = edition.policy("relief-asks-with-consent")
    if actor in units or (actor == township and "township" in units):
        zh = "代为申请须附病人同意的记录（本人签字、谈话记录等）"
        consented = given.consent is not None
        need(consented, "no-consent", zh, "Record the patient's consent", clause="odl-61")
        return
    person = party_class(actor) in ("worker", "citizen")
    named = "、".join(edition.unit_names.get(unit, "受理的乡镇（街道）") for unit in units)
    zh = "救助由病人本人申请，或者由近亲属、代理人（须写明）申请，或者经其同意由"
    zh += f"{named}代为申请"
    en = "The patient asks, his kin or agent, or certain units with his consent"
    need(person and given.relation is not None, "not-entitled", zh, en, clause="odl-61")


# --- Urgent: relieved first, proved afterwards ---------------------------------------------------


def _urgent(state: State, given: ReportUrgency) -> Decision:
    over = state.relieved_first and state.papers_complete  # an earlier emergency is
    zh = "本件已是紧急救助，先行救助及其手续尚未办结"
    need(not state.urgent or over, "urgent", zh, "It is urgent already")
    return (BecameUrgent(reason=given.reason), _key(state))


def _relieved(state: State, given: RelieveFirst) -> Decision:
    need(state.urgent, "not-urgent", "本件不是紧急救助", "This is not an urgent case")
    need(not state.relieved_first, "relieved", "已先行救助", "Relieved already")
    _amount(given.amount)
    return (RelievedFirst(amount=given.amount), _key(state))  # paid once, whatever else is open


def _proved(state: State, given: SupplyProof, context: Context) -> Decision:
    zh = "已有证明材料；录错的请更正"
    need(state.proof_owed, "proved", zh, "Proved already: correct it instead")
    return (_proof(state, given.evidence, given.case_arbitration, context),)


def _completed(state: State, given: CompletePapers, context: Context) -> Decision:
    need(state.relieved_first, "not-relieved", "尚未先行救助", "Nothing was given first")
    need(not state.papers_complete, "complete", "手续已补齐", "Complete already")
    if given.evidence is None:
        need(not state.proof_owed, "no-proof", "尚须补交证明材料", "The proof is owed")
        return _settled((PapersCompleted(),), context)
    proof = _proof(state, given.evidence, given.case_arbitration, context)
    return _settled((proof, PapersCompleted()), context)


def _proof(
    state: State, evidence: Evidence, arbitration: str | None, context: Context
) -> ProofSupplied:
    ground = _asked(context).ground
    _proves(ground, evidence, context)
    _final(ground, arbitration, context.cases[state.diagnosis or ""], context)
    return ProofSupplied(evidence=evidence)


def _papers_owed(state: State) -> bool:
    return state.relieved_first and not state.papers_complete


def _proves(ground: Ground, evidence: Evidence | None, context: Context) -> None:
    fits = evidence in context.reference.edition.policy(f"relief-proof-{ground}")
    zh = "所附材料不能证明该情形：单位不存在须登记或法院文书，关系无法确认须生效裁决"
    need(fits, "no-proof", zh, "This does not prove that ground", clause="odl-61")


def _final(ground: Ground, arbitration: str | None, diagnosis: CaseFold, context: Context) -> None:
    """An award or judgment on the relation proves it only once it is final. ODL 49, 61."""
    if ground != "relation_undeterminable":
        return
    zh = "关于劳动关系的仲裁尚未终结，裁决未生效"
    pending = bool(diagnosis.state.arbitrations)
    need(not pending, "not-final", zh, "The award on the relation is not final", clause="odl-49")
    # One on record here is looked at; an award made elsewhere is shown as a paper.
    known = sorted(diagnosis.state.arbitrated)
    zh = f"请写明是哪一件仲裁（case_arbitration：{'、'.join(known)}），以便核对是否生效"
    need(arbitration is not None or not known, "award-missing", zh, "Name the arbitration")
    if arbitration is None:
        return
    fold = context.cases[arbitration]
    relation = getattr(fold.state, "relation", None)
    zh = "该仲裁案件没有认定劳动关系无法确认"
    found = relation == "relation_undeterminable"
    need(found, "no-proof", zh, "That award does not say so", clause="odl-61")
    zh = "起诉期限未满或诉讼尚未终结，裁决未生效"
    final = fold.state.judged is not None or not _disputable(fold, context.occurred.day)
    need(final, "not-final", zh, "A suit is still open: not final", clause="odl-49")


def _disputable(award: CaseFold, day: date) -> bool:
    """A suit is under way, or the worker may still bring one."""
    windows = (task.due for task in award.open_under("arb.worker-sue"))
    return bool(award.state.sued) or any(due and due.legal >= day for due in windows)


# --- The last resort, and the household -----------------------------------------------------------


def _entry_checked(state: State, given: CheckEntry, context: Context) -> Decision:
    zh = "已核查；录错的请更正，后来查明的请用“查明另有法定渠道”"
    need(not state.entry_checked, "checked", zh, "Checked already: correct it instead")
    _injury_paid(state, given, context)
    return (EntryChecked(blocked=given.blocked, received_on=given.received_on),)


def _source_found(state: State, given: FindSource, context: Context) -> Decision:
    zh = "尚未核查前置条件，请在核查中写明"
    need(state.entry_checked, "entry-unchecked", zh, "Say it in the entry check")
    known = given.source in state.blocked
    need(not known, "known", "该渠道已查明", "Known already")
    found = SourceFound(unit=context.actor, source=given.source, received_on=given.received_on)
    return (found,)


def _source_dropped(state: State, given: DropSource, context: Context) -> Decision:
    zh = "没有查明过这一渠道"
    need(given.source in state.blocked, "unknown", zh, "That source was not found")
    gone = SourceFellAway(
        unit=context.actor,
        source=given.source,
        reason=given.reason,
        received_on=given.received_on,
    )
    return (gone,)


def _last_resort(state: State) -> None:
    """What stands before relief must have been looked into and be absent."""
    zh = "请先核查工伤保险、承继单位和先行支付"
    need(state.entry_checked, "entry-unchecked", zh, "Check first what stands before relief")
    need(
        not state.blocked,
        "blocked",
        "另有法定渠道，应先由其承担；紧急情形可先行临时救助",
        "Another legal source comes first; urgent relief may still be given",
        clause="odl-61",
    )


def _injury_paid(state: State, given: CheckEntry, context: Context) -> None:
    """Whoever has an injury decision has somebody who pays before relief does."""
    injury = context.cases.get(wi.case_for(state.diagnosis or ""))
    determined = injury is not None and injury.state.determined == "yes"
    zh = "已认定为工伤，须写明由参保单位、承继单位还是基金先行支付"
    en = "Determined as an injury: say which source stands before relief"
    need(not determined or bool(given.blocked), "injury-determined", zh, en, clause="odl-61")


def _checked(state: State, given: CheckHousehold, context: Context) -> Decision:
    _last_resort(state)
    # Where the proof never comes the household is found not eligible, and denied.
    unproved = state.proof_owed and given.eligible
    need(not unproved, "no-proof", "尚须补交证明材料", "The proof is owed")
    need(state.eligible is None, "checked", "已核查", "Checked already")
    found = HouseholdChecked(
        township=context.actor, eligible=given.eligible, received_on=given.received_on
    )
    if given.recognised_from is None:
        return (found,)
    since = context.reference.edition.clauses[NEW_LAW].since
    zh = f"核对结果互认自{written_day(since)}《社会救助法》施行起方有"
    need(_new_law(context), "not-yet", zh, f"Recognised from {since}", clause="sal-42")
    known_unit(given.recognised_from, context)
    day = given.tested_on or context.occurred.day
    zh = "核对日不能晚于本次核查"
    need(day <= context.occurred.day, "test-day", zh, "Not tested after this check")
    return (MeansRecognised(unit=given.recognised_from, tested_on=day), found)


# --- Publicity -----------------------------------------------------------------------------------


def _publicised(state: State, given: Publicise, context: Context) -> Decision:
    policy = context.reference.edition.policy
    asked = [track for track in policy("relief-publicised-tracks") if state.open(track)]
    raised = [track for track in policy("relief-monthly-tracks") if track in state.continuing]
    amounts = _amounts(given, asked or raised)
    for public in amounts:
        zh = f"{TRACKS[public.track]}不在待决定之列，也没有在享，无须公示"
        known = public.track in (*asked, *raised)
        need(known, "not-asked", zh, "Neither asked for nor going on")
        _amount(public.amount)
    publicised = Publicised(
        village=given.village,
        amount=sum(public.amount for public in amounts),
        received_on=given.received_on,
        amounts=amounts,
        begun_on=given.begun_on,
    )
    begun = given.begun_on
    if asked_for(state, publicised):
        zh = "核查符合条件后方可公示"
        need(state.eligible is True, "not-eligible", zh, "Not found eligible")
        need(not state.publicised, "publicised", "已公示", "Publicised already")
        found = context.fold.facts_of(HouseholdChecked, SourceFellAway)[-1].envelope.occurred.day
        begun = max(begun or found, found)
    zh = "已公示这一金额"
    fresh = any(_public(state, public.track, context) != public.amount for public in amounts)
    need(fresh, "publicised", zh, "Publicised already")
    if begun is None:
        zh = "提高金额的公示，须写明公示自哪一日开始（begun_on）"
        raise Refused("begun-missing", zh, "Say on which day publicity began", clause="zrelief-11")
    _names_no_disease(given.village, context)
    _names_a_place(given.village, context)
    last = counted("D60-publicity", begun, context.reference).raw
    zh = f"公示须满七日，至{last}；次日起方可记载期满（发生日写{last}或者以后）"
    over = context.occurred.day >= last and context.today > last
    need(over, "publicity-running", zh, f"Publicity runs until the end of {last}")
    return (publicised,)


def _amounts(given: Publicise, tracks: list[Track]) -> tuple[PublicAmount, ...]:
    """What was made public of each track; of one alone its amount says it."""
    if given.amounts:
        named = [public.track for public in given.amounts]
        zh = "同一项救助只写一个公示金额"
        need(len(named) == len(set(named)), "amounts", zh, "Each track has one amount")
        return given.amounts
    several = "、".join(TRACKS[track] for track in tracks) or "无"
    zh = f"可公示的有：{several}；有几项的，逐项写明公示金额（amounts）"
    if given.amount is None or len(tracks) != 1:
        raise Refused("amounts", zh, "Name each track with its amount", clause="zrelief-11")
    return (PublicAmount(tracks[0], given.amount),)


def _names_no_disease(village: str, context: Context) -> None:
    """What is made public is the name, the village and the amount. 浙江省社会救助条例 11."""
    edition = context.reference.edition
    listed = edition.policies.get("publicity-words-of-disease")  # older editions have no list
    parts = (re.split(r"[^一-龥]|及其|所致|化合物|中毒|的", name) for name in _diseases(edition))
    named = {part for several in parts for part in several if len(part) > 1}  # 二氯乙烷
    words = {*(listed.value if listed else ()), *_diseases(edition), *named}
    shown = any(word in village for word in words)
    zh = "公示内容只有姓名、村（社区）和金额，不得出现病情或者危害因素"
    need(not shown, "disease-shown", zh, "Publicity never shows the disease", clause="zrelief-11")


def _diseases(edition: Edition) -> set[str]:
    """The names of the diseases in every catalogue."""
    return {disease.name for catalogue in edition.catalogues for disease in catalogue.diseases}


def _names_a_place(village: str, context: Context) -> None:
    """A plain place and nothing beside it: what else may be said of a household stays unsaid."""
    policy = context.reference.edition.policy
    endings = policy("publicity-place-endings")
    plain = re.fullmatch(r"[一-龥]+", village) and village.endswith(tuple(endings))
    zh = f"请只写村（社区）名称，以{'、'.join(endings)}结尾，不附其他说明"
    fine = bool(plain) and len(village) <= policy("publicity-place-length")
    need(fine, "not-a-place", zh, "Name the village or community alone", clause="zrelief-11")


# --- Legal aid -----------------------------------------------------------------------------------


def _limited(state: State, given: ReportLimitation, context: Context) -> Decision:
    zh = "没有待决定的法律援助申请"
    need(state.open("legal_aid"), "not-asked", zh, "No legal aid is to be decided")
    fresh = _barred_on(context) != given.limitation_on
    need(fresh, "known", "已记载这一届满日", "Known already")
    _not_barred(given.limitation_on, context)
    return (LimitationReported(limitation_on=given.limitation_on),)


def _aided_first(context: Context) -> Decision:
    zh, en = "不属于时效将满的情形", "No claim is barred soon"
    _holds(context, "rlf.legal-aid-first", zh, en)
    barred = _barred_on(context)
    zh = f"时效已于{barred}届满，不能再先行提供；请就申请作出决定"
    fine = barred is None or barred >= context.occurred.day
    need(fine, "barred", zh, f"Barred on {barred}: decide on the application", clause="laid-44")
    zh = f"时效至{barred}，尚不属于将满；先就申请作出决定"
    early = barred is not None and not _barred_soon(barred, context)
    need(not early, "not-yet", zh, f"Barred on {barred}: not soon", clause="laid-44")
    return (AidGivenFirst(),)


def _objection_decided(state: State, given: DecideObjection, context: Context) -> Decision:
    need(state.objecting, "no-objection", "没有待审查的异议", "There is no objection")
    decided = AidObjectionDecided(grant=given.grant)
    if not given.grant:
        return _settled((decided,), context)
    zh = "法律援助已经给予，无须再次给予"
    fresh = "legal_aid" not in state.continuing
    need(fresh, "granted", zh, "Legal aid is given already")
    return (decided, ReliefApproved(track="legal_aid", amount=0))


def _barred_soon(barred: date | None, context: Context) -> bool:
    days = context.reference.edition.policy("legal-aid-act-first-days")
    return barred is not None and (barred - context.occurred.day).days < days


def _barred_on(context: Context) -> date | None:
    """The day of limitation as it was told last."""
    told = (getattr(f.event, "limitation_on", None) for f, _ in reversed(context.fold.facts))
    return next((day for day in told if day is not None), None)


def _not_barred(barred: date | None, context: Context) -> None:
    zh = "时效届满日早于今日，请核对"
    fine = barred is None or barred >= context.occurred.day
    need(fine, "barred", zh, "That day lies before this one: it is barred already")


# --- Deciding, track by track --------------------------------------------------------------------


def _approved(state: State, given: ApproveRelief, context: Context) -> Decision:
    policy = context.reference.edition.policy
    publicised = given.track in policy("relief-publicised-tracks")
    if publicised:
        _last_resort(state)
        need(not state.proof_owed, "no-proof", "尚须补交证明材料", "The proof is owed")
        zh = "公示期满后方可批准"
        need(state.publicised, "not-publicised", zh, "Only after publicity", clause="zrelief-11")
    _own_track(state, given.track, context)
    if given.track != "legal_aid":
        _amount(given.amount)
    if publicised:
        _as_publicised(state, given.track, given.amount, context)
    _beside(state, given.track, context)
    return (ReliefApproved(track=given.track, amount=given.amount),)


def _denied(state: State, given: DenyRelief, context: Context) -> Decision:
    denied = ReliefDenied(track=given.track, reason=given.reason)
    emergency = context.fold.open_under("rlf.urgent")
    if given.track != "temporary" or not state.emergency or not emergency:
        _own_track(state, given.track, context)
        return _settled((denied,), context)
    owner = party_name(emergency[0].supervisor or "", context.reference)
    zh = f"是否属于紧急情形，由{owner}认定"
    need(context.actor == emergency[0].supervisor, "wrong-actor", zh, f"{owner} says so")
    return _settled((UrgencyRefused(reason=given.reason), denied), context)


def _own_track(state: State, track: Track, context: Context) -> None:
    """The bureau that holds the track's task decides it: the rules say which."""
    called = TRACKS[track]
    zh = f"没有申请{called}；请先增加救助项目"
    need(track in state.tracks, "not-asked", zh, "Not asked for: add the track first")
    zh = f"{called}已经决定；再次申请的，先增加救助项目"
    need(state.open(track), "decided", zh, "Decided already: it may be asked for again")
    # The rule that is closed by deciding this track, under whatever edition it was opened.
    condition = "decides_living" if track in LIVING else f"decides_{track}"
    owed = [t for t in context.fold.open_tasks() if t.rule.closed_when == condition]
    zh = f"{called}未到决定环节：先核查家庭经济状况并公示，或者查明另有法定渠道"
    need(bool(owed), "not-open", zh, "Not yet to be decided: check and publicity come first")
    owner = owed[0].holder
    zh = f"{called}由{party_name(owner, context.reference)}决定"
    need(context.actor == owner, "wrong-actor", zh, f"{owner} decides this track")


def _as_publicised(state: State, track: Track, amount: int, context: Context) -> None:
    """What is granted is no more than what was made public of this very track."""
    public = _public(state, track, context)
    if public is None:
        zh = f"{TRACKS[track]}没有公示过；先公示七日"
        raise Refused("not-publicised", zh, "Only after publicity", clause="zrelief-11")
    zh = f"{TRACKS[track]}公示金额{public}元，不得超过；超过的先公示七日"
    en = f"{public} yuan were made public: no more than that without publicity"
    need(amount <= public, "above-public", zh, en, clause="zrelief-11")


def _public(state: State, track: Track, context: Context) -> int | None:
    """The amount last made public of a track since it was asked for."""
    was_open = state.open(track)
    for fact, _ in reversed(context.fold.facts):
        match fact.event:
            case Publicised(amounts=()):
                if was_open:  # version 1: one amount for every track then open
                    return fact.event.amount
            case Publicised():
                named = {public.track: public.amount for public in fact.event.amounts}
                if track in named:
                    return named[track]
            case ReliefApproved() if fact.event.track == track:
                was_open = True  # before it was granted
            case ReliefApplied() | TracksAdded() if track in fact.event.tracks:
                return None
    return None


def _beside(state: State, track: Track, context: Context) -> None:
    """Of certain tracks one household has one."""
    exclusive = context.reference.edition.policy("relief-exclusive-tracks")
    has = [TRACKS[t] for t in exclusive if t in state.continuing and track in exclusive]
    zh = f"该户在享{'、'.join(has)}，不得同时享受{TRACKS[track]}；改享的，先终止原来一项"
    need(not has, "exclusive", zh, "Not beside what this household has: end that first")


def _linked(given: CheckLinkage, context: Context) -> Decision:
    """Each bureau that owes it says how its benefit joins up with the others'."""
    owed = [task for task in context.fold.open_tasks() if LINKED in task.rule.closed_by]
    mine = any(task.holder == context.actor for task in owed)
    zh = "本单位没有待核对的待遇衔接"
    need(mine, "not-owed", zh, "You owe no check of linkage here")
    return _settled((LinkageChecked(unit=context.actor, note=given.note),), context)


# --- Review, hearing, end ------------------------------------------------------------------------


def _reviewed(state: State, given: ReviewRelief, context: Context) -> Decision:
    before = dict(state.granted).get(given.track)
    if before is None:
        raise Refused("not-granted", "该项未获批准", "That track is not granted")
    policy = context.reference.edition.policy
    monthly = given.track in policy("relief-monthly-tracks")
    need(monthly, "single", "一次性给付无须复核", "A single payment is not reviewed")
    _own_grant(given.track, context)
    zh = "金额须大于零（元）；降为零即为终止，请办理“终止一项救助”"
    need(given.amount > 0, "amount", zh, "Above zero; to nothing means to end the track")
    reviewed = ReliefReviewed(track=given.track, amount=given.amount)
    if given.amount > before and policy("relief-raises-are-publicised"):
        _as_publicised(state, given.track, given.amount, context)
    if given.amount >= before:
        return (reviewed,)
    _heard(state, given.track, context)
    return (reviewed, ReliefReduced(track=given.track, before=before, amount=given.amount))


def _ended(state: State, given: EndTrack, context: Context) -> Decision:
    known = given.track in state.continuing
    zh = "该项没有在享；一次性给付无须终止"
    need(known, "not-granted", zh, "That track is not going on")
    _own_grant(given.track, context)
    concluded, aid = given.reason == "aid_concluded", given.track == "legal_aid"
    zh = "“法律援助事项办结”只用于法律援助"
    need(aid or not concluded, "wrong-reason", zh, "That reason is for legal aid alone")
    if not aid:
        _heard(state, given.track, context)
    ended = TrackEnded(track=given.track, unit=context.actor, reason=given.reason)
    return _settled((ended,), context)


def _own_grant(track: Track, context: Context) -> None:
    """Whoever granted a track reviews it and ends it, and nobody else."""
    approved = context.fold.facts_of(ReliefApproved)
    owner = next(f.envelope.actor for f in reversed(approved) if f.event.track == track)
    zh = f"{TRACKS[track]}由批准的{party_name(owner, context.reference)}复核、终止"
    need(context.actor == owner, "wrong-actor", zh, f"{owner} granted it and looks after it")


def _hearing_offered(state: State, given: OfferHearing, context: Context) -> Decision:
    monthly = context.reference.edition.policy("relief-monthly-tracks")
    going_on: list[Track] = [track for track in monthly if track in state.continuing]
    track = given.track or (going_on[0] if len(going_on) == 1 else None)
    zh = "请写明哪一项；该项须为在享的按月救助"
    if track is None or track not in going_on:
        raise Refused("not-granted", zh, "Name a track that is granted month by month")
    _own_grant(track, context)
    return (HearingOffered(track=track),)


def _hearing_requested(state: State, given: RequestHearing, context: Context) -> Decision:
    offered = _offered_on(given.track, context)
    zh = f"没有告知过拟减少或终止{TRACKS[given.track]}"
    if offered is None:
        raise Refused("not-offered", zh, "No cut or end was told of", clause="sal-48")
    asked = given.track in state.to_hear
    need(not asked, "requested", "已申请，待听证", "Asked for already")
    held = [
        f.envelope.occurred.day
        for f in context.fold.facts_of(HearingHeld)
        if f.event.track == given.track
    ]
    zh = "听证已举行；再拟减少或终止的，另行告知后可再申请"
    need(not held or held[-1] < offered, "held", zh, "It was held already", clause="sal-48")
    until = counted("D60-hearing", offered, context.reference).legal
    zh = f"申请听证的期限已于{until}届满"
    in_time = context.occurred.day <= until
    need(in_time, "too-late", zh, f"It could be asked for until {until}", clause="sal-48")
    return (HearingRequested(track=given.track),)


def _heard(state: State, track: Track, context: Context) -> None:
    """From 2026-07-01 a cut needs a hearing to have been offered, time to ask for it, and where it
    was asked for, the hearing. 社会救助法 48."""
    if not _new_law(context):
        return
    offered = _offered_on(track, context)
    zh = f"减少或终止{TRACKS[track]}前须告知听证权利"
    if offered is None:
        raise Refused("no-hearing", zh, "Offer a hearing before a cut", clause="sal-48")
    until = counted("D60-hearing", offered, context.reference).legal
    zh = f"陈述申辩、申请听证的期限至{until}，期满后方可减少或终止"
    over = context.occurred.day > until
    need(over, "hearing-open", zh, f"A hearing may be asked for until {until}", clause="sal-48")
    zh = "病人已申请听证，听证结束后方可减少或终止"
    fine = track not in state.to_hear
    need(fine, "hearing-requested", zh, "The hearing comes first", clause="sal-48")


def _offered_on(track: Track, context: Context) -> date | None:
    """The day a hearing was offered on what is decided about the track next."""
    for fact, _ in reversed(context.fold.facts):
        match fact.event:
            case HearingOffered() if fact.event.track in (track, None):
                return fact.envelope.occurred.day
            case ReliefReviewed() | ReliefApproved() | TrackEnded() if fact.event.track == track:
                return None
    return None


def passed(state: State, task: Task, act: TaskAct, context: Context) -> tuple[TownshipChanged, ...]:
    """A township's task passed to another township: all that is owed there goes along."""
    if task.rule.holder != "township":
        return ()
    match act:
        case TaskTransferred() | TaskRuled() if act.to != state.township:
            return (TownshipChanged(township=act.to, reason=act.reason),)
        case ReturnUpheld():
            return (TownshipChanged(township=act.to, reason="不属本辖区，确认退回并改派"),)
        case _:
            return ()


# --- Shared by several steps ----------------------------------------------------------------------


def _asked(context: Context) -> ReliefApplied:
    """The application."""
    applied: ReliefApplied = context.fold.facts_of(ReliefApplied)[0].event
    return applied


def _holds(context: Context, rule: str, zh: str, en: str) -> None:
    need(bool(context.fold.open_under(rule)), "not-owed", zh, en)


def _amount(yuan: int) -> None:
    need(yuan > 0, "amount", "金额须大于零（元）", "The amount is above zero, in yuan")


def _new_law(context: Context) -> bool:
    """Whether 社会救助法 is in force on the day of the fact."""
    return context.reference.edition.clauses[NEW_LAW].in_force(context.occurred.day)


# --- Corrections ----------------------------------------------------------------------------------


def _asked_again(fact: Recorded) -> ApplyForRelief:
    """The application from its fact; old ones say of the limitation only whether it was near."""
    said: ReliefApplied = fact.event
    return ApplyForRelief(
        case_diagnosis=said.diagnosis,
        township=said.township,
        ground=said.ground,
        evidence=said.evidence,
        tracks=said.tracks,
        urgent=said.urgent,
        limitation_on=said.limitation_on
        or (fact.envelope.occurred.day if said.acts_first else None),
        relation=said.relation,
        consent=said.consent,
        household=said.household,
        received_on=said.received_on,
    )


def _refused_again(fact: Recorded) -> DenyRelief:
    """Urgent relief is refused by denying temporary relief."""
    return DenyRelief(track="temporary", reason=fact.event.reason)


CORRECTIONS = Correctable(
    supervisor="CAB",
    commands={
        ReliefApplied: _asked_again,
        TracksAdded: AddTracks,
        LimitationReported: ReportLimitation,
        EntryChecked: CheckEntry,
        SourceFound: FindSource,
        SourceFellAway: DropSource,
        BecameUrgent: ReportUrgency,
        RelievedFirst: RelieveFirst,
        HouseholdChecked: CheckHousehold,
        Publicised: Publicise,
        ReliefApproved: ApproveRelief,
        ReliefDenied: DenyRelief,
        UrgencyRefused: _refused_again,
        LinkageChecked: CheckLinkage,
        HearingOffered: OfferHearing,
        HearingRequested: RequestHearing,
        HearingHeld: HoldHearing,
        ReliefReviewed: ReviewRelief,
        TrackEnded: EndTrack,
        ReliefEnded: EndRelief,
        AidObjectionDecided: DecideObjection,
    },
    keys=keys,
)
