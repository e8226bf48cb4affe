"""Determination 工伤认定 (WI): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Literal, assert_never, get_args

from domain.cases import diagnosis as dx
from domain.cases.determination.events import (
    REFUSAL,
    AccidentOpened,
    Applicant,
    BasisChanged,
    BasisLost,
    Benefit,
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
    Event,
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
    Served,
    ServiceExcused,
    SuccessorNamed,
    SuitEnded,
    TimeExcluded,
)
from domain.links import BasisReviewed


@dataclass(frozen=True)
class State:
    diagnosis: str | None = None
    worker: str | None = None
    employer: str | None = None
    employer_gone: bool = False  # no employer is left to apply, to be served or to sue
    result: dx.Result | None = None
    excluded: bool = False
    applicant: Applicant | None = None
    employer_late: bool = False
    overdue: bool = False
    papers_asked: bool = False
    papers_pending: bool = False
    accepted: bool = False
    refused: bool = False
    refusal_served: frozenset[str] = frozenset()
    suspended: bool = False
    determined: Literal["yes", "no"] | None = None
    under_review: bool = False  # the basis changed after a decision
    served: frozenset[str] = frozenset()
    excused: bool = False  # the employer is gone and counts as served
    incident: str | None = None  # an accident, where it did not begin with a diagnosis
    benefits: tuple[tuple[Benefit, str], ...] = ()  # granted, and how each stands
    disputed_by: Served | None = None  # a reconsideration is under way
    sued: bool = False  # a suit is under way
    revoked: tuple[str, ...] = ()  # decisions that no longer stand
    to_redo: bool = False

    @property
    def has_basis(self) -> bool:
        """A diagnosis of disease that stands, or an accident."""
        return self.result == "od" or self.incident is not None

    @property
    def undone(self) -> bool:
        """What was decided has been revoked, and nothing is to be decided in its place."""
        stands = self.determined is not None or self.refused
        return bool(self.revoked) and not stands and not self.to_redo

    @property
    def refusal_revoked(self) -> bool:
        """What was revoked last was a refusal: there never was a determination to revoke."""
        return self.revoked[-1:] == (REFUSAL,)

    @property
    def there_to_serve(self) -> frozenset[str]:
        """An employer that is gone is not served, and so may not dispute."""
        gone = self.employer_gone or self.excused
        return frozenset({"worker"} if gone else {"worker", "employer"})

    @property
    def applied_by(self) -> Served:
        """The party whose application it is; kin and union apply for the worker."""
        return "employer" if self.applicant == "employer" else "worker"


def evolve(state: State, event: Event) -> State:
    match event:
        case DeterminationOpened():
            # A new conclusion of disease: an application that failed does not stand in its way.
            failed = state.refused or state.determined == "no" or state.undone
            # A dispute about the decision that failed goes on.
            anew = State(incident=state.incident, disputed_by=state.disputed_by, sued=state.sued)
            return replace(
                anew if failed else state,
                employer_gone=event.employer_gone,
                excluded=False,
                diagnosis=event.diagnosis,
                worker=event.worker,
                employer=event.employer,
                result="od",
            )
        case BasisChanged():
            decided = state.determined is not None
            changed = replace(state, result=event.result, under_review=decided)
            return _benefits(changed, "under_review", {benefit for benefit, _ in state.benefits})
        case BasisLost():
            return replace(state, result="not_od")
        case ExclusionBegan():
            return replace(state, excluded=True)
        case ExclusionEnded():
            return replace(state, excluded=False)
        case TimeExcluded():
            return replace(state, overdue=event.overdue)
        case DeterminationFiled():
            return replace(
                state,
                applicant=event.applicant,
                employer_late=event.employer_late,
                overdue=event.overdue,
            )
        case PapersRequested():
            return replace(state, papers_asked=True, papers_pending=True)
        case PapersSupplied():
            return replace(state, papers_pending=False)
        case DeterminationAccepted():
            return replace(state, accepted=True)
        case DeterminationRefused():
            return replace(state, refused=True, to_redo=False)
        case RefusalServed():
            return replace(state, refusal_served=state.refusal_served | {event.party})
        case DeterminationReplaced():
            return state
        case Investigation():
            return state
        case DeterminationSuspended():
            return replace(state, suspended=True)
        case DeterminationResumed():
            return replace(state, suspended=False)
        case Determined():
            return replace(
                state,
                determined=event.injury,
                under_review=False,
                to_redo=False,
                served=frozenset(),
                excused=False,
            )
        case DecisionServed():
            return replace(state, served=state.served | {event.party})
        case ServiceExcused():
            return replace(state, excused=True)
        case AccidentOpened():
            return replace(
                state, incident=event.incident, worker=event.worker, employer=event.employer
            )
        case SuccessorNamed():
            return replace(state, employer=event.employer, employer_gone=False)
        case ReliefAdvised():
            return state
        case BenefitGranted():
            return replace(state, benefits=(*state.benefits, (event.benefit, "active")))
        case BenefitReviewed():
            return _benefits(state, event.outcome, {event.benefit})
        case ReconsiderationBegan():
            return replace(state, disputed_by=event.party)
        case ReconsiderationEnded():
            return replace(state, disputed_by=None)
        case DeterminationSued():
            return replace(state, sued=True)
        case FirstJudged() | JudgmentAppealed():
            return state  # the suit goes on until a judgment is final
        case SuitEnded():
            return replace(state, sued=False)
        case DeterminationRevoked():
            questioned = {benefit for benefit, _ in state.benefits}
            return replace(
                _benefits(state, "under_review", questioned),
                revoked=(*state.revoked, event.revoked),
                determined=None,
                refused=False,
                refusal_served=frozenset(),
                under_review=False,
                served=frozenset(),
                excused=False,
                to_redo=event.redo,
            )
        case BasisReviewed():
            return replace(state, under_review=False)
        case _:
            assert_never(event)


def _benefits(state: State, standing: str, of: Collection[str]) -> State:
    return replace(
        state, benefits=tuple((b, standing if b in of else was) for b, was in state.benefits)
    )


# --- Conditions, named in rules ----------------------------------------------------------------


def is_clear(state: State, event: Any) -> bool:
    return bool(getattr(event, "clear", False))


def is_not_clear(state: State, event: Any) -> bool:
    return not getattr(event, "clear", False)


def by_employer(state: State, event: Any) -> bool:
    """The employer itself applied."""
    return getattr(event, "applicant", None) == "employer"


def all_served(state: State, event: Any) -> bool:
    return state.served | ({"employer"} if state.excused else set()) >= set(get_args(Served))


def not_filed(state: State, event: Any) -> bool:
    """Nobody has an application under way: the clocks to apply are needed."""
    return state.applicant is None


def employer_to_apply(state: State, event: Any) -> bool:
    """Nobody has applied, and there is an employer that must."""
    return not_filed(state, event) and not state.employer_gone


def refusal_delivered(state: State, event: Any) -> bool:
    """Whoever applied has the refusal."""
    return state.applied_by in state.refusal_served


def to_look_again(state: State, event: Any) -> bool:
    """A decision, or an application under way, rests on what changed."""
    decided = state.determined is not None or state.refused
    return decided if isinstance(event, BasisChanged) else state.applicant is not None


def basis_to_review(state: State, event: Any) -> bool:
    """As older editions ask it: a second refusal counted as revoked for good like the first."""
    gone = bool(state.revoked) and state.determined is None and not state.to_redo
    return to_look_again(state, event) and not gone


def rests_on_basis(state: State, event: Any) -> bool:
    """What rests on it still stands or is under way; what was revoked for good rests on nothing."""
    return to_look_again(state, event) and not state.undone


def answered_by_reconsideration(state: State, event: Any) -> bool:
    """Revoked, or decided upon: refused or withdrawn, the suit's own six months run on."""
    outcome = getattr(event, "outcome", None)
    return outcome in (None, "decision_upheld", "decision_revoked")


def redone(state: State, event: Any) -> bool:
    """Whoever revoked the decision wants another one."""
    return state.to_redo


def redone_on_review(state: State, event: Any) -> bool:
    """The reconsideration body has ordered another decision. ARL 64."""
    return redone(state, event) and getattr(event, "by", None) == "by_reconsideration"


def judged_against(state: State, event: FirstJudged) -> bool:
    """The court set aside what the bureau decided: the bureau may appeal."""
    return event.outcome == "decision_revoked"


def appealed_by_bureau(state: State, event: JudgmentAppealed) -> bool:
    return event.appellant == "bureau"


def redone_on_judgment(state: State, event: Any) -> bool:
    """The court has ordered another decision. ALL 70."""
    return redone(state, event) and getattr(event, "by", None) == "by_court"


def redone_by_itself(state: State, event: Any) -> bool:
    """The bureau revoked its own decision and makes another."""
    return redone(state, event) and getattr(event, "by", None) == "by_itself"


def benefits_questioned(state: State, event: Any) -> bool:
    """Something was granted on the decision that changed."""
    return any(standing == "under_review" for _, standing in state.benefits)


def benefits_settled(state: State, event: Any) -> bool:
    return not benefits_questioned(state, event)


def employer_was_gone(state: State, event: Any) -> bool:
    """Refused because no employer is left: relief is what remains. ODL 61."""
    return getattr(event, "ground", None) == "employer_gone_before"


def parties(state: State) -> dict[str, str]:
    known = {"worker": state.worker, "employer": state.employer}
    found = {role: party for role, party in known.items() if party}
    applying = state.employer if state.applicant == "employer" else state.worker
    return {**found, "applicant": applying} if state.applicant and applying else found


def status(state: State) -> str:
    match state:
        case State(under_review=True):
            return "依据变更"
        case State(to_redo=True) if not state.refusal_revoked:
            return "原认定已撤销，待重新认定"
        case State(to_redo=True, accepted=False):
            return "原不予受理已撤销，待重新决定"
        case _ if state.undone:
            return "原不予受理已撤销" if state.refusal_revoked else "原认定已撤销"
        case State(disputed_by=party) if party:
            return "行政复议中"
        case State(sued=True):
            return "行政诉讼中"
        case State(determined=injury) if injury:
            return "已认定" if injury == "yes" else "不予认定"
        case State(refused=True):
            return "不予受理"
        case State(suspended=True):
            return "中止"
        case State(accepted=True):
            return "已受理"
        case State(papers_pending=True):
            return "待补正"
        case State(applicant=applicant) if applicant:
            return "已申请"
        case State(result="not_od"):
            return "依据已失"
        case _:
            return "待申请"
