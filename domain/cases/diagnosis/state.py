"""Diagnosis 职业病诊断 (DX): what its facts add up to, and the conditions its rules name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from domain.cases.diagnosis.events import (
    RESULTS,
    AppraisalAccepted,
    AppraisalConcluded,
    AppraisalDelivered,
    AppraisalRequested,
    ArbitrationConcluded,
    ArbitrationFiled,
    AroseIn,
    CardReported,
    DataRequested,
    DataSupplied,
    DiagnosisApplied,
    DiagnosisArranged,
    DiagnosisConcluded,
    DiagnosisDelivered,
    DiagnosisWithdrawn,
    EmployerSued,
    EmployerUrged,
    Event,
    FileCompleted,
    FilesSent,
    Level,
    PartyRole,
    Result,
    RulingGiven,
    RulingRequested,
    SurveyFinished,
    SurveyOrganised,
    SurveyRequested,
    SuspectedCardFiled,
    SuspectedReported,
    SuspectInformed,
)
from domain.units import party_class


@dataclass(frozen=True)
class Conclusion:
    """The latest valid conclusion, of the institution or of a panel. B5 and B6 rest on it."""

    by: Literal["institution", "first", "final"]
    result: Result
    disease: str | None
    stage: str | None
    day: date | None = None


@dataclass(frozen=True)
class Appraisal:
    """An appraisal under way 鉴定."""

    level: Level
    party: PartyRole
    accepted: bool = False
    concluded: bool = False
    delivered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class State:
    subject: str | None = None
    incident: str | None = None  # in which the worker was harmed
    reporter: str | None = None
    institution: str | None = None
    employer: str | None = None
    employer_gone: bool = False
    hazard: str | None = None
    reported: bool = False
    informed: frozenset[str] = frozenset()  # of the suspicion, ODL 55
    applied: bool = False
    withdrawn: bool = False
    data_requested: bool = False
    data_supplied: bool = False
    survey_pending: bool = False
    ruling_pending: bool = False
    arbitrations: frozenset[str] = frozenset()  # pending ones
    arbitrated: frozenset[str] = frozenset()  # awarded ones
    file_complete: bool = False
    conclusion: Conclusion | None = None
    certified: bool = False
    delivered: frozenset[str] = frozenset()
    card_reported: bool = False
    office: str | None = None
    first_office: str | None = None  # whose files a final appraisal needs
    appraisal: Appraisal | None = None

    @property
    def parties_to_serve(self) -> frozenset[str]:
        """An employer that is gone cannot be served."""
        return frozenset({"worker"} if self.employer_gone else {"worker", "employer"})

    @property
    def appraisal_pending(self) -> bool:
        held = self.appraisal
        return held is not None and not self.parties_to_serve <= held.delivered


def evolve(state: State, event: Event) -> State:
    match event:
        case SuspectedReported():
            return replace(
                state,
                subject=event.subject,
                reporter=event.reporter,
                employer=event.employer,
                hazard=event.hazard,
                reported=True,
            )
        case AroseIn():
            return replace(state, incident=event.incident)
        case SuspectInformed():
            return replace(state, informed=state.informed | {event.party})
        case SuspectedCardFiled() | EmployerUrged() | DiagnosisArranged():
            return state
        case DiagnosisApplied():
            return replace(
                state,
                subject=event.subject,
                institution=event.institution,
                employer=event.employer,
                hazard=event.hazard,
                applied=True,
                withdrawn=False,
            )
        case DiagnosisWithdrawn():
            # What was pending falls with the application; a new one gathers its own evidence.
            return replace(
                state,
                withdrawn=True,
                data_requested=False,
                data_supplied=False,
                survey_pending=False,
                ruling_pending=False,
                file_complete=False,
            )
        case DataRequested():
            return replace(state, data_requested=True)
        case DataSupplied():
            return replace(state, data_supplied=True)
        case SurveyRequested() | SurveyOrganised():
            return replace(state, survey_pending=True)
        case SurveyFinished():
            return replace(state, survey_pending=False)
        case RulingRequested():
            gone = state.employer_gone or event.ground == "employer_gone"
            return replace(state, ruling_pending=True, employer_gone=gone)
        case RulingGiven():
            return replace(state, ruling_pending=False)
        case ArbitrationFiled():
            return replace(state, arbitrations=state.arbitrations | {event.arbitration})
        case ArbitrationConcluded():
            pending = state.arbitrations - {event.arbitration}
            awarded = {event.arbitration} if event.outcome == "awarded" else set()
            return replace(state, arbitrations=pending, arbitrated=state.arbitrated | awarded)
        case EmployerSued():
            return replace(state, arbitrated=state.arbitrated - {event.arbitration})
        case FileCompleted():
            return replace(state, file_complete=True)
        case DiagnosisConcluded():
            conclusion = Conclusion("institution", event.result, event.disease, event.stage)
            return replace(state, conclusion=conclusion, certified=True)
        case DiagnosisDelivered():
            return replace(state, delivered=state.delivered | {event.party})
        case CardReported():
            return replace(state, card_reported=True)
        case AppraisalRequested():
            held = Appraisal(event.level, event.party)
            first = event.office if event.level == "first" else state.first_office
            return replace(state, appraisal=held, office=event.office, first_office=first)
        case AppraisalAccepted():
            return _appraisal(state, accepted=True)
        case FilesSent():
            return state
        case AppraisalConcluded():
            conclusion = Conclusion(event.level, event.result, event.disease, event.stage)
            return replace(_appraisal(state, concluded=True), conclusion=conclusion)
        case AppraisalDelivered():
            held = state.appraisal or Appraisal(event.level, event.party)
            return replace(state, appraisal=replace(held, delivered=held.delivered | {event.party}))
        case _:
            assert_never(event)


def _appraisal(state: State, *, accepted: bool = False, concluded: bool = False) -> State:
    held = state.appraisal
    if held is None:
        return state
    held = replace(held, accepted=held.accepted or accepted, concluded=held.concluded or concluded)
    return replace(state, appraisal=held)


def is_latest(latest: Conclusion, event: object) -> bool:
    """Whether the fact is the conclusion that counts."""
    match event:
        case DiagnosisConcluded():
            return latest.by == "institution"
        case AppraisalConcluded():
            return latest.by == event.level
        case _:
            return False


def differs(concluded: DiagnosisConcluded | AppraisalConcluded, was: Conclusion | None) -> bool:
    """Whether a conclusion says something else than the one that counted before it."""
    told = (concluded.result, concluded.disease, concluded.stage)
    return was is None or told != (was.result, was.disease, was.stage)


# --- Conditions, named in rules ----------------------------------------------------------------


def reported_by_provider(state: State, event: Event) -> bool:
    """A medical or health institution found the patient, whose duty it is to tell and to file the
    card; an employer's report leaves it the duty to send him for diagnosis. ODL 50, 55."""
    return party_class(state.reporter or "") != "employer"


def is_not_od(state: State, event: Event) -> bool:
    """The conclusion says no occupational disease."""
    return getattr(event, "result", None) == "not_od"


def turned_to_od(state: State, event: Event) -> bool:
    """A panel found a disease where there was none before, and no card has been filed."""
    fresh = getattr(event, "was", None) == "not_od"
    return is_od(state, event) and fresh and not state.card_reported


def awarded_to_employer(state: State, event: Event) -> bool:
    """An award while the diagnosis is open, and there still is an employer to sue on it."""
    return awarded_while_open(state, event) and not state.employer_gone


def awarded_late_to_employer(state: State, event: Event) -> bool:
    """An award after the withdrawal, and there still is an employer to sue on it."""
    return awarded_after_withdrawal(state, event) and not state.employer_gone


def employer_out(state: State, event: Event) -> bool:
    """The event ends what the employer owes or may do: of requests for a ruling only the one that
    finds the employer gone."""
    return not isinstance(event, RulingRequested) or event.ground == "employer_gone"


def is_od(state: State, event: Event) -> bool:
    """The conclusion says occupational disease."""
    return getattr(event, "result", None) == "od"


def all_informed(state: State, event: Event) -> bool:
    """Worker and employer both know of the suspicion. ODL 55."""
    return state.informed >= {"worker", "employer"}


def all_delivered(state: State, event: Event) -> bool:
    """Every party there is to serve has the certificate."""
    return state.parties_to_serve <= state.delivered


def all_appraisal_delivered(state: State, event: Event) -> bool:
    return not state.appraisal_pending


def is_final(state: State, event: Event) -> bool:
    return getattr(event, "level", None) == "final"


def is_first(state: State, event: Event) -> bool:
    return getattr(event, "level", None) == "first"


def was_awarded(state: State, event: Event) -> bool:
    return getattr(event, "outcome", None) == "awarded"


def awarded_while_open(state: State, event: Event) -> bool:
    """An award, and the application was not withdrawn before it."""
    return was_awarded(state, event) and not state.withdrawn


def awarded_after_withdrawal(state: State, event: Event) -> bool:
    """An award when the diagnosis had already ended, withdrawn by the worker."""
    return was_awarded(state, event) and state.withdrawn


def every_award_sued(state: State, event: Event) -> bool:
    """The employer has sued on every award served; one suit leaves its right on another."""
    return not state.arbitrated


def file_stands(state: State, event: Event) -> bool:
    """The institution has found the file complete or concluded: it has something to look at."""
    return state.file_complete or state.certified


def diagnosis_ended(state: State, event: Event | None) -> bool:
    """Certificate delivered to all and no appraisal under way, or the application withdrawn:
    ODL 49 诊断、鉴定结束。"""
    delivered = state.certified and state.parties_to_serve <= state.delivered
    return state.withdrawn or (delivered and not state.appraisal_pending)


def parties(state: State) -> dict[str, str]:
    known = {
        "worker": f"worker:{state.subject}" if state.subject else None,
        "employer": state.employer,
        "institution": state.institution,
        "hospital": state.reporter,
        "appraisal": state.office,
        "first_appraisal": state.first_office,
    }
    return {role: party for role, party in known.items() if party}


def status(state: State) -> str:
    match state:
        case State(withdrawn=True):
            return "已撤回"
        case State(appraisal=Appraisal(level=level)) if state.appraisal_pending:
            return "首次鉴定中" if level == "first" else "最终鉴定中"
        case State(conclusion=Conclusion(by="institution", result=result)):
            return f"已诊断：{RESULTS[result]}"
        case State(conclusion=Conclusion(result=result)):
            return f"经鉴定：{RESULTS[result]}"
        case State(ruling_pending=True):
            return "中止（待判定）"
        case _ if state.arbitrations:
            return "等待仲裁"
        case State(file_complete=True):
            return "资料齐全"
        case State(applied=True):
            return "取证中"
        case _:
            return "疑似"
