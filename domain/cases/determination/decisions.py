"""Determination 工伤认定 (WI): what each command admits, refuses and brings about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, assert_never

from domain.cases import diagnosis as dx
from domain.cases.determination.commands import (
    AcceptDetermination,
    AdviseRelief,
    AppealJudgment,
    BeginExclusion,
    Command,
    Determine,
    EndExclusion,
    ExcludeTime,
    ExcuseService,
    FileDetermination,
    GrantBenefit,
    Investigate,
    NameSuccessor,
    RecordJudgment,
    RefuseDetermination,
    RequestPapers,
    ResumeDetermination,
    ReviewBenefit,
    RevokeDetermination,
    ServeDecision,
    SueDetermination,
    SupplyPapers,
    SuspendDetermination,
)
from domain.cases.determination.events import (
    REFUSAL,
    REVIEW,
    AccidentOpened,
    BenefitGranted,
    BenefitReviewed,
    DecisionServed,
    DeterminationAccepted,
    DeterminationFiled,
    DeterminationOpened,
    DeterminationRefused,
    DeterminationReplaced,
    DeterminationResumed,
    DeterminationRevoked,
    DeterminationSued,
    DeterminationSuspended,
    Determined,
    ExclusionBegan,
    ExclusionEnded,
    FirstJudged,
    Investigation,
    JudgmentAppealed,
    PapersRequested,
    PapersSupplied,
    ReconsiderationBegan,
    ReconsiderationEnded,
    RefusalServed,
    ReliefAdvised,
    RevokedBy,
    Served,
    ServiceExcused,
    SuccessorNamed,
    SuitEnded,
    TimeExcluded,
)
from domain.cases.determination.state import (
    State,
)
from domain.decider import Context, Correctable, Decision, Refused, need
from domain.events import Moment
from domain.fold import CaseFold
from domain.tasks import Stop, Task, counted, dated


def decide(state: State, given: Command, context: Context) -> Decision:
    match given:
        case BeginExclusion():
            need(not state.excluded, "excluded", "已在不计入期限之内", "Already excluded")
            zh = "已申请，期限不再计算；审查中查明的，请用“审查中扣除耽误的时间”"
            need(state.applicant is None, "filed", zh, "Already filed: exclude the time instead")
            window = _window(context, "wi.worker-apply")
            if window and window.due and context.occurred.day > window.due.legal:
                zh = f"一年申请期限已于{window.due.legal}届满，此后的时间无从扣除"
                en = f"The year ended on {window.due.legal}: nothing is left to exclude from"
                raise Refused("window-closed", zh, en, clause="spc2014-7")
            return (ExclusionBegan(reason=given.reason),)
        case EndExclusion():
            need(state.excluded, "not-excluded", "没有不计入期限的情形", "Nothing is excluded")
            return (ExclusionEnded(),)
        case ExcludeTime():
            return _exclude(state, given, context)
        case FileDetermination():
            return _file(state, given, context)
        case RequestPapers():
            _undecided(state)
            if state.papers_asked:
                zh = "补正须一次性告知，不得再次要求"
                en = "All missing papers are to be asked for at once"
                raise Refused("asked-once", zh, en, clause="zwir-16")
            return (PapersRequested(missing=given.missing),)
        case SupplyPapers():
            need(state.papers_pending, "none-asked", "没有待补正的材料", "No papers are awaited")
            return (PapersSupplied(received_on=given.received_on),)
        case AcceptDetermination():
            _undecided(state)
            if state.overdue and "overdue" not in barred(context.fold):
                zh = "申请已超过一年期限且无不计入的时间，应不予受理"
                en = "Filed after a year with no time excluded: to be refused"
                raise Refused("overdue", zh, en, clause="wir-17")
            return (DeterminationAccepted(clear=given.clear),)
        case RefuseDetermination():
            _undecided(state)
            if given.ground == "overdue" and not state.overdue:
                zh = "申请在一年期限之内，不得以逾期不予受理"
                raise Refused("not-overdue", zh, "Filed within the year", clause="wir-17")
            _not_again(given.ground, given.new_grounds, context.fold)
            refused = DeterminationRefused(
                ground=given.ground, to=state.applied_by, new_grounds=given.new_grounds
            )
            return (refused,)
        case Investigate():
            need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
            if given.matter == "disease":
                zh = "对依法取得的职业病诊断证明书或鉴定书，不再进行调查核实"
                en = "A lawful certificate is not investigated again"
                raise Refused("certificate-stands", zh, en, clause="wir-19")
            return (Investigation(matter=given.matter, finding=given.finding),)
        case SuspendDetermination():
            _running(state)
            return (DeterminationSuspended(awaiting=given.awaiting),)
        case ResumeDetermination():
            need(state.suspended, "not-suspended", "认定未中止", "Not suspended")
            return (DeterminationResumed(),)
        case Determine():
            _running(state)
            if not state.has_basis and given.injury == "yes":
                zh = "诊断结论已不是职业病，不能据以认定工伤"
                raise Refused(
                    "no-basis", zh, "The diagnosis no longer supports it", clause="wir-19"
                )
            _not_again(given.injury, given.new_grounds, context.fold)
            made = Determined(
                injury=given.injury, decision=given.decision, new_grounds=given.new_grounds
            )
            former = standing(context.fold)
            if former is None:
                return (made,)
            return (DeterminationReplaced(former=former, decision=given.decision), made)
        case ServeDecision():
            if state.refused:
                return _refusal_served(state, given.party)
            _to_serve(state, given.party, context)
            gone = dx.employer_gone(state.diagnosis, context) and not _succeeded(state, context)
            if given.party == "employer" and gone:
                zh = "用人单位已不存在，无从送达；请办理免予送达（determination.excuse_service）"
                raise Refused("employer-gone", zh, "Employer is gone: excuse its service instead")
            return (DecisionServed(party=given.party),)
        case ExcuseService():
            _to_serve(state, "employer", context)
            zh = "已有承继单位，应当送达承继单位"
            none = not _succeeded(state, context)
            need(none, "employer-stands", zh, "A successor stands: serve it", clause="wir-43")
            dx.excusable(state.diagnosis, given.announced_on, context)
            return (ServiceExcused(reason=given.reason, announced_on=given.announced_on),)
        case NameSuccessor():
            need(state.worker is not None, "no-basis", "尚未立案", "Nothing to succeed to")
            zh = "该单位已是本案用人单位"
            need(
                given.employer != state.employer, "same-employer", zh, "It is the employer already"
            )
            named = SuccessorNamed(
                employer=given.employer, way=given.way, counted_on=_counted_on(context)
            )
            return (named,)
        case AdviseRelief():
            owed = bool(context.fold.open_under("wi.advise-relief"))
            need(owed, "not-owed", "没有待告知的救助事项", "Nobody is to be told of relief here")
            return (ReliefAdvised(unit=context.actor),)
        case GrantBenefit():
            zh = "认定为工伤后方可给付"
            need(state.determined == "yes", "undetermined", zh, "Only on a decision of injury")
            granted = given.benefit in dict(state.benefits)
            need(not granted, "granted", "该项已给付", "Granted already")
            return (BenefitGranted(benefit=given.benefit, payer=given.payer),)
        case ReviewBenefit():
            return _benefit(state, given)
        case SueDetermination():
            return _sue(state, context)
        case RecordJudgment():
            need(state.sued, "not-sued", "没有进行中的诉讼", "No suit is under way")
            if not given.final:
                return _first_judged(given, context)
            since = _final_since(given, context)
            ended = SuitEnded(outcome=given.outcome, document=given.document)
            if given.outcome == "decision_upheld" or replaced_since(
                context.fold, DeterminationSued
            ):
                return (ended,)
            return (ended, revoked("by_court", given, context, since=since))
        case AppealJudgment():
            return (_appealed(given, context),)
        case RevokeDetermination():
            zh = "没有可撤销的决定"
            decided = state.determined is not None or state.refused
            need(decided, "undetermined", zh, "Nothing to revoke")
            own = DeterminationRevoked(
                by="by_itself",
                decision=given.decision,
                revoked=at_issue(context.fold),
                served_on=context.occurred.day,
                redo=given.redo,
            )
            return (own,)
        case _:
            assert_never(given)


def _file(state: State, given: FileDetermination, context: Context) -> Decision:
    need(state.worker is not None, "no-basis", "没有职业病诊断结论", "No diagnosis to rest on")
    if state.applicant is not None and not _earlier(state, context):
        zh = "已有申请在先，以最早提出的申请人为申请人"
        raise Refused("filed", zh, "Somebody applied before", clause="zwir-12")
    if state.applicant is None and not state.has_basis:
        zh = "诊断结论已不是职业病，没有可申请的事项"
        raise Refused("no-basis", zh, "The diagnosis no longer supports it", clause="wir-17")
    if given.applicant == "employer":
        zh = "用人单位已不存在，由职工、近亲属或者工会组织申请"
        need(not state.employer_gone, "employer-gone", zh, "The employer is gone", clause="wir-17")
    if given.applicant == "worker" and _died(context):
        zh = "职工已在事故中死亡，由其近亲属或者工会组织申请"
        raise Refused("worker-died", zh, "The worker died: his kin applies", clause="wir-17")
    own = {"worker": state.worker, "employer": state.employer}
    # Kin and unions have no seat in the case; they are anyone but the worker and the employer.
    named = own.get(given.applicant, "")
    if context.actor != named if named else context.actor in own.values():
        zh = "申请人与提出申请的人不符：本案用人单位、职工各以自己的名义申请"
        raise Refused("wrong-applicant", zh, "Apply in your own name", clause="wir-17")
    # An application is made on the day it is handed in, whenever it is received or entered.
    late, overdue = (
        bool(task and task.due and context.occurred.day > task.due.legal)
        for task in (_window(context, "wi.employer-apply"), _window(context, "wi.worker-apply"))
    )
    return (
        DeterminationFiled(
            applicant=given.applicant,
            employer_late=late,
            overdue=overdue,
            received_on=given.received_on,
        ),
    )


def _died(context: Context) -> bool:
    return any(fact.event.harm == "killed" for fact in context.fold.facts_of(AccidentOpened))


def _earlier(state: State, context: Context) -> bool:
    """An application handed in before the one on record, entered before that one is answered."""
    answered = state.accepted or state.refused
    return not answered and context.occurred.day < _filed_on(context)


def _filed_on(context: Context) -> date:
    """The day of the application that counts: the last one on record."""
    return context.fold.facts_of(DeterminationFiled)[-1].envelope.occurred.day


def _window(context: Context, rule: str) -> Task | None:
    """The latest window to apply under a rule, open or closed."""
    tasks = [task for task in context.fold.tasks.values() if task.rule.id == rule]
    return tasks[-1] if tasks else None


def _exclude(state: State, given: ExcludeTime, context: Context) -> Decision:
    _undecided(state)
    if not given.began_on < given.ended_on <= context.today:
        zh = "耽误的时间须有先后，且不得晚于今日"
        raise Refused("bad-span", zh, "The span must have a length and have passed")
    window = _window(context, "wi.worker-apply")
    assert window is not None
    lost = Stop("found", Moment.on(given.began_on).at, Moment.on(given.ended_on).at)
    found = [
        Stop("found", Moment.on(f.event.began_on).at, Moment.on(f.event.ended_on).at)
        for f in context.fold.facts_of(TimeExcluded)
    ]
    due = dated(replace(window, stops=(*window.stops, *found, lost))).due
    overdue = bool(due and _filed_on(context) > due.legal)
    return (
        TimeExcluded(
            reason=given.reason, began_on=given.began_on, ended_on=given.ended_on, overdue=overdue
        ),
    )


def revoked(
    by: RevokedBy,
    given: Any,
    context: Context,
    fold: CaseFold | None = None,
    *,
    since: date | None = None,
) -> DeterminationRevoked:
    """The revocation somebody else decided; served no earlier than decided, and not in future."""
    _served_by_now(given.served_on, since or context.occurred.day, context)
    return DeterminationRevoked(
        by=by,
        decision=given.document,
        revoked=at_issue(fold or context.fold),
        served_on=given.served_on,
        redo=given.redo,
        for_procedure=given.for_procedure,
    )


def _first_judged(given: RecordJudgment, context: Context) -> Decision:
    _served_by_now(given.served_on, context.occurred.day, context)
    # Sent back 发回重审, a suit may have several.
    known = {fact.event.document for fact in context.fold.facts_of(FirstJudged)}
    zh = "该判决已登记"
    need(given.document not in known, "judged", zh, "This judgment is on record already")
    return (FirstJudged(outcome=given.outcome, document=given.document, served_on=given.served_on),)


def _at_first(context: Context) -> tuple[FirstJudged | None, set[str]]:
    """The judgment of the first instance registered last, and who has appealed against it."""
    judged: FirstJudged | None = None
    appealed: set[str] = set()
    for fact in context.fold.facts_of(FirstJudged, JudgmentAppealed):
        match fact.event:
            case FirstJudged() as judgment:
                judged, appealed = judgment, set()
            case JudgmentAppealed(appellant=appellant):
                appealed.add(appellant)
    return judged, appealed


def _final_since(given: RecordJudgment, context: Context) -> date | None:
    """The day from which a judgment entered as final may have been served: of one of the first
    instance its own. It is final when its time of appeal has run out and nobody appealed."""
    first, appealed = _at_first(context)
    if first is None or first.document != given.document:
        return None
    zh = "该判决已被上诉，没有生效；终审判决另有案号，请登记终审判决"
    need(not appealed, "appealed", zh, "It was appealed: register the judgment on appeal")
    until = counted("D58-appeal", first.served_on, context.reference).legal
    zh = f"上诉期至{until}，期满无人上诉的，该判决方生效"
    fine = context.occurred.day > until
    need(fine, "appeal-open", zh, f"It may be appealed until {until}", clause="litigation-85")
    return first.served_on


def _appealed(given: AppealJudgment, context: Context) -> JudgmentAppealed:
    first, appealed = _at_first(context)
    zh = "没有登记过第一审判决"
    need(first is not None, "no-judgment", zh, "No judgment of the first instance is on record")
    need(given.appellant not in appealed, "appealed", "已上诉", "Appealed already")
    if given.appellant == "bureau":
        held = context.fold.open_under("wi.appeal")
        zh = "原决定没有被判决撤销，本局无须上诉"
        need(bool(held), "won", zh, "The decision was upheld: there is nothing to appeal")
        _in_time(held, context.occurred.day)
    return JudgmentAppealed(appellant=given.appellant)


def _served_by_now(served_on: date, decided: date, context: Context) -> None:
    zh = f"送达日应在{decided}（决定日）与{context.today}（今日）之间"
    en = f"It was served between {decided} and {context.today}"
    need(decided <= served_on <= context.today, "service-day", zh, en)


def at_issue(fold: CaseFold) -> str:
    """The number of the decision that stands, or the refusal."""
    if fold.state.refused:
        return REFUSAL
    made = fold.facts_of(Determined)
    return made[-1].event.decision if made else REFUSAL


def standing(fold: CaseFold) -> str | None:
    """The number of a decision made on an earlier application that nobody has undone."""
    number = None
    for fact, _ in fold.facts:
        match fact.event:
            case Determined(decision=decision):
                number = decision
            case DeterminationRevoked(revoked=gone) | DeterminationReplaced(former=gone):
                number = None if gone == number else number
    return number


def replaced_since(fold: CaseFold, disputed: type[Any]) -> bool:
    """Whether the decision in dispute has meanwhile made room for another, or for a new start."""
    if fold.state.determined is None and not fold.state.refused:
        return True
    since = fold.facts_of(DeterminationReplaced, disputed)
    return bool(since) and isinstance(since[-1].event, DeterminationReplaced)


def _counted_on(context: Context) -> date:
    """The day the time to apply counts from, as it stands."""
    opened = context.fold.facts_of(DeterminationOpened, AccidentOpened)[-1].event
    day: date = opened.counted_on
    return day


def _benefit(state: State, given: ReviewBenefit) -> Decision:
    questioned = dict(state.benefits).get(given.benefit) == "under_review"
    need(questioned, "not-questioned", "该项没有待复核的变动", "Nothing to review of it")
    disputed = state.to_redo or state.disputed_by is not None or state.sued
    stops_care = given.benefit == "medical_costs" and given.outcome == "benefit_stopped"
    zh = "复议、诉讼和重新认定期间不停止支付治疗工伤的医疗费用"
    en = "Medical costs are paid on while the decision is disputed or being redone"
    need(not (stops_care and disputed), "medical-goes-on", zh, en, clause="wir-31")
    return (BenefitReviewed(benefit=given.benefit, outcome=given.outcome),)


SUITS = ("wi.sue", "wi.sue-refusal", "wi.sue-after")


def _sue(state: State, context: Context) -> Decision:
    party: Served = "employer" if context.actor == state.employer else "worker"
    zh = "行政复议期间不得起诉"
    need(state.disputed_by is None, "reconsidering", zh, "Not while it is reconsidered")
    need(not state.sued, "sued", "已有进行中的诉讼", "A suit is under way")
    open_right(context.fold, party, context.occurred.day, *SUITS)
    return (DeterminationSued(party=party, against=_sued_upon(party, context.fold)),)


def _sued_upon(party: Served, fold: CaseFold) -> str:
    """The decision; or the reconsideration that revoked it, where no other right is left."""
    held = {task.rule.id for task in fold.open_under(*SUITS) if task.slot == party}
    ended = fold.facts_of(ReconsiderationEnded)
    revoked_it = bool(ended) and ended[-1].event.outcome == "decision_revoked"
    return REVIEW if held == {"wi.sue-after"} and revoked_it else at_issue(fold)


def open_right(fold: CaseFold, party: str, day: date, *rules: str) -> None:
    """Refuse unless the party has one of these rights, and its days have not passed."""
    _in_time([task for task in fold.open_under(*rules) if task.slot == party], day)


def _in_time(held: Sequence[Task], day: date) -> None:
    zh = "该当事人现无此权利：尚未收到决定书，或已行使"
    need(bool(held), "no-right", zh, "This party has no such right now")
    ends = [t.due.legal for t in held if t.due]
    if len(ends) < len(held):
        return  # not served yet: whoever knows of it already may dispute it
    last = max(ends)
    need(day <= last, "window-closed", f"期限至{last}，已逾期", f"The window closed on {last}")


def _succeeded(state: State, context: Context) -> bool:
    """Another employer than the one diagnosed at answers for it (WIR 43): it is there to serve."""
    fold = context.cases.get(state.diagnosis or "")
    return fold is not None and state.employer != fold.parties.get("employer")


def _refusal_served(state: State, party: Served) -> Decision:
    zh = "用人单位已不存在，无从送达"
    need(party in state.there_to_serve, "employer-gone", zh, "The employer is gone")
    need(party not in state.refusal_served, "served", "已送达该当事人", "Already served")
    return (RefusalServed(party=party),)


def _to_serve(state: State, party: Served, context: Context) -> None:
    # A decision still to be served stays so when a new conclusion re-opens the case.
    owed = context.fold.open_under("wi.serve")
    fine = bool(owed) or state.determined is not None
    need(fine, "undetermined", "尚未作出决定", "Nothing decided")
    done = party in state.served or (party == "employer" and state.excused)
    need(not done, "served", "已送达该当事人", "Already served")


def _undecided(state: State) -> None:
    need(state.applicant is not None, "not-filed", "尚无申请", "Nothing was filed")
    zh = "原决定已撤销，不再重新作出；有新的诊断结论的可以重新申请"
    need(not state.undone, "undone", zh, "Revoked, and not to be decided again")
    done = state.accepted or state.refused
    need(not done, "decided", "已决定是否受理", "Acceptance was decided already")
    need(not state.papers_pending, "papers-pending", "等待申请人补正", "Papers are awaited")


def _not_again(same: str, new_grounds: str | None, fold: CaseFold) -> None:
    """What was revoked on its merits is not decided the same way on the same facts and reasons."""
    by = barred(fold).get(same)
    zh = (
        "原决定已被撤销，不得以同一事实和理由再作相同的决定；"
        "确有与被撤销的决定不同的事实、理由的，请写明（new_grounds）"
    )
    en = "It was revoked: say what facts or reasons are new (new_grounds) to decide the same again"
    clause = "litigation-71" if by == "by_court" else "arl-64"
    need(by is None or bool(new_grounds), "same-again", zh, en, clause=clause)


def barred(fold: CaseFold) -> dict[str, RevokedBy]:
    """The grounds of refusal and the results that were revoked on their merits, and by whom; a new
    conclusion or what the bureau revoked by itself binds nobody. ARL 64; ALL 71."""
    last, gone = "", dict[str, RevokedBy]()
    for fact, _ in fold.facts:
        match fact.event:
            case DeterminationOpened():
                gone = {}
            case DeterminationRefused(ground=decided) | Determined(injury=decided):
                last = decided
            case DeterminationRevoked(for_procedure=True):
                gone.pop(last, None)
            case DeterminationRevoked(by=by) if by != "by_itself":
                gone[last] = by
    return gone


def _running(state: State) -> None:
    need(state.accepted, "not-accepted", "尚未受理", "Not accepted yet")
    need(state.determined is None, "determined", "已作出认定决定", "Determined already")
    need(not state.suspended, "suspended", "认定已中止，请先恢复", "Suspended: resume it first")


CORRECTIONS = Correctable(
    supervisor="HSSB",
    commands={
        ExclusionBegan: BeginExclusion,
        ExclusionEnded: EndExclusion,
        TimeExcluded: ExcludeTime,
        DeterminationFiled: FileDetermination,
        PapersRequested: RequestPapers,
        PapersSupplied: SupplyPapers,
        DeterminationAccepted: AcceptDetermination,
        DeterminationRefused: RefuseDetermination,
        Investigation: Investigate,
        DeterminationSuspended: SuspendDetermination,
        DeterminationResumed: ResumeDetermination,
        Determined: Determine,
        DecisionServed: ServeDecision,
        ServiceExcused: ExcuseService,
        SuccessorNamed: NameSuccessor,
        ReliefAdvised: AdviseRelief,
        BenefitGranted: GrantBenefit,
        DeterminationSued: SueDetermination,
        JudgmentAppealed: AppealJudgment,
    },
    undone_by={
        AccidentOpened: "更正事故记录",
        DeterminationRevoked: "重新认定",
        ReconsiderationBegan: "更正行政复议案件",
        ReconsiderationEnded: "更正行政复议案件",
    },
)
