"""Work-injury determination 工伤认定: who may apply until when, what each step admits and opens."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.cases import followed
from domain.corrections import Change, FactCorrected
from domain.decider import On
from tests.domain.test_diagnosis import APPLIED, COMPLETE, concluded, panel
from tests.spec import EMPLOYER, WORKER, Case, Fact, given, on

OPENED = on(
    "2025-09-01",
    wi.DeterminationOpened(
        diagnosis="diagnosis-1",
        subject="S-1",
        worker=WORKER,
        employer=EMPLOYER,
        diagnosed_on=date(2025, 9, 1),
    ),
    "institution:DI-01",
)
DAY = "2025-09-25"
TWELFTH = date(2026, 5, 12)


def filed(day: str = DAY, by: wi.Applicant = "worker", **also: Any) -> Fact:
    event = wi.DeterminationFiled(
        applicant=by, employer_late=also.get("late", False), overdue=also.get("overdue", False)
    )
    return on(day, event, WORKER)


ACCEPTED = on("2025-10-09", wi.DeterminationAccepted(clear=False), "HSSB")
SUSPENDED = on("2025-10-20", wi.DeterminationSuspended(awaiting="judicial"), "HSSB")
RESUMED = on("2025-10-30", wi.DeterminationResumed(), "HSSB")
DETERMINED = on("2026-02-27", wi.Determined(injury="yes", decision="合成"), "HSSB")


def test_a_diagnosis_opens_the_employers_thirty_days_and_the_workers_year() -> None:
    case = given("determination", OPENED)
    # The thirtieth day is 10-01, in the holiday.
    assert case.owes(EMPLOYER, "2025-09-02") == {"wi.employer-apply": "2025-10-09/09-30"}
    assert case.may(WORKER, "2025-09-02") == {"wi.worker-apply": "2026-09-01"}


def test_filing_in_time_on_the_first_working_day_after_the_holiday() -> None:
    file = wi.FileDetermination(applicant="employer")
    in_time = wi.DeterminationFiled(applicant="employer", employer_late=False, overdue=False)
    late = wi.DeterminationFiled(applicant="employer", employer_late=True, overdue=False)
    given("determination", OPENED).when(file, "2025-10-09", EMPLOYER).then(in_time)
    given("determination", OPENED).when(file, "2025-10-10", EMPLOYER).then(late)


def test_a_late_employer_is_in_breach_and_the_workers_right_stands() -> None:
    case = given("determination", OPENED, filed("2025-10-10", late=True))
    assert case.task("wi.employer-apply").on_time is False
    assert case.task("wi.worker-apply").closed is not None
    on_time = given("determination", OPENED, filed("2025-10-09", "employer"))
    assert on_time.task("wi.employer-apply").on_time is True


def test_a_year_missed_is_refused_unless_time_is_excluded() -> None:
    late = given("determination", OPENED).when(
        wi.FileDetermination(applicant="worker"), "2026-09-02", WORKER
    )
    assert late.decided[0].overdue
    late.done().when(wi.AcceptDetermination(), "2026-09-03", "HSSB").refused("overdue")
    excluded = given(
        "determination",
        OPENED,
        on("2026-01-05", wi.ExclusionBegan(reason="仲裁"), "HSSB"),
        on("2026-01-25", wi.ExclusionEnded(), "HSSB"),
    )
    # Twenty days later: 2026-09-21.
    assert excluded.may(WORKER, "2026-02-01") == {"wi.worker-apply": "2026-09-21"}
    in_time = excluded.when(wi.FileDetermination(applicant="worker"), "2026-09-21", WORKER)
    assert not in_time.decided[0].overdue


def test_the_answer_is_due_in_five_working_days_from_receipt() -> None:
    # Received on a Thursday; Sunday 09-28 is worked, the holiday is not.
    assert given("determination", OPENED, filed()).owes("HSSB", DAY) == {"wi.answer": "2025-10-09"}


def test_missing_papers_are_asked_for_once_and_three_days_follow() -> None:
    asked = on("2025-09-28", wi.PapersRequested(missing=("合同",)), "HSSB")
    case = given("determination", OPENED, filed(), asked)
    assert case.owes("HSSB", "2025-09-28") == {}
    assert case.owes(WORKER, "2025-09-28") == {"wi.supplement": None}
    case.add(on("2025-10-13", wi.PapersSupplied(), WORKER))
    assert case.owes("HSSB", "2025-10-13") == {"wi.answer-supplement": "2025-10-16"}
    again = wi.RequestPapers(missing=("又一份",))
    case.when(again, "2025-10-14", "HSSB").refused("asked-once")


def test_sixty_days_or_fifteen_where_the_facts_are_clear() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED)
    # 10-09 + 60 = 12-08.
    assert case.owes("HSSB", "2025-10-09") == {"wi.determine": "2025-12-08"}
    clear = on("2025-10-09", wi.DeterminationAccepted(clear=True), "HSSB")
    assert given("determination", OPENED, filed(), clear).owes("HSSB", "2025-10-09") == {
        "wi.determine-clear": "2025-10-24"
    }


def test_awaiting_anothers_finding_keeps_the_days_that_are_left() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, SUSPENDED)
    assert case.owes("HSSB", "2025-10-25") == {"wi.determine": None}
    case.when(wi.Determine(injury="yes", decision="d"), "2025-10-25", "HSSB").refused("suspended")
    case.add(RESUMED)
    assert case.owes("HSSB", "2025-10-30") == {"wi.determine": "2025-12-18"}


def test_a_decision_is_served_and_opens_review_and_suit() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    assert case.owes("HSSB", "2026-02-27") == {"wi.serve": "2026-03-19"}
    case.add(on("2026-03-06", wi.DecisionServed(party="employer"), "HSSB"))
    # 60 days: 05-05, in the holiday; six months: 09-06, a Sunday.
    assert case.may(EMPLOYER, "2026-03-06") == {
        "wi.reconsider": "2026-05-06/04-30",
        "wi.sue": "2026-09-07/09-04",
    }


@pytest.mark.parametrize(
    ("code", "facts", "command"),
    [
        ("filed", (OPENED, filed()), wi.FileDetermination(applicant="employer")),
        ("no-basis", (), wi.FileDetermination(applicant="worker")),
        ("no-basis", (OPENED, on(DAY, wi.BasisLost())), wi.FileDetermination(applicant="worker")),
        ("not-filed", (OPENED,), wi.AcceptDetermination()),
        ("decided", (OPENED, filed(), ACCEPTED), wi.AcceptDetermination()),
        ("not-overdue", (OPENED, filed()), wi.RefuseDetermination(ground="overdue")),
        ("none-asked", (OPENED, filed()), wi.SupplyPapers()),
        (
            "papers-pending",
            (OPENED, filed(), on(DAY, wi.PapersRequested(missing=("x",)))),
            wi.AcceptDetermination(),
        ),
        (
            "certificate-stands",
            (OPENED, filed(), ACCEPTED),
            wi.Investigate(matter="disease", finding="f"),
        ),
        ("not-accepted", (OPENED, filed()), wi.Investigate(matter="workplace", finding="f")),
        ("not-accepted", (OPENED, filed()), wi.SuspendDetermination(awaiting="judicial")),
        ("not-suspended", (OPENED, filed(), ACCEPTED), wi.ResumeDetermination()),
        (
            "determined",
            (OPENED, filed(), ACCEPTED, DETERMINED),
            wi.Determine(injury="no", decision="d"),
        ),
        ("undetermined", (OPENED, filed(), ACCEPTED), wi.ServeDecision(party="worker")),
        ("filed", (OPENED, filed()), wi.BeginExclusion(reason="r")),
        ("not-excluded", (OPENED,), wi.EndExclusion()),
    ],
)
def test_what_the_facts_do_not_admit_is_refused(
    code: str, facts: tuple[Fact, ...], command: Any
) -> None:
    given("determination", *facts).when(command, "2026-03-10", "HSSB").refused(code)


# --- What a diagnosis brings about --------------------------------------------------------------


def diagnosis(*more: Fact) -> Case:
    return given("diagnosis", APPLIED, COMPLETE, *more)


def test_a_conclusion_of_disease_opens_the_case_and_a_negative_does_not() -> None:
    before = diagnosis().fold
    (told,) = followed("diagnosis-1", concluded().event, before, TWELFTH)
    assert told == On(
        "determination-1",
        wi.DeterminationOpened(
            diagnosis="diagnosis-1",
            subject="S-1",
            worker=WORKER,
            employer=EMPLOYER,
            diagnosed_on=date(2026, 5, 12),
        ),
    )
    assert followed("diagnosis-1", concluded(result="not_od").event, before, TWELFTH) == ()


def test_an_appraisal_that_reverses_the_diagnosis_takes_its_basis_away() -> None:
    reversed_ = dx.AppraisalConcluded(
        level="first", result="not_od", catalogue="catalogue-2024", panel=5
    )
    told = followed("diagnosis-1", reversed_, diagnosis(concluded()).fold, TWELFTH)
    assert [item.event for item in told] == [wi.BasisChanged(result="not_od"), wi.BasisLost()]
    same = panel("first", "2026-07-10").event
    assert followed("diagnosis-1", same, diagnosis(concluded()).fold, TWELFTH) == ()


def test_an_appraisal_or_correction_to_disease_opens_the_clocks_anew() -> None:
    negative = diagnosis(concluded(result="not_od")).fold
    change = FactCorrected(
        target=3,
        target_type="diagnosis.concluded",
        changes=(Change("result", "not_od", "od"),),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason="录错",
    )
    for event in (panel("first", "2026-07-10").event, change):
        told = followed("diagnosis-1", event, negative, date(2026, 7, 10))
        assert [type(item.event) for item in told] == [wi.BasisChanged, wi.DeterminationOpened]
        # An appraisal counts from its own day, a correction from the day of the diagnosis.
        counted = told[1].event.diagnosed_on
        assert str(counted) == ("2026-05-12" if event is change else "2026-07-10")


def test_a_corrected_day_of_diagnosis_moves_the_days_that_count_from_it() -> None:
    change = FactCorrected(
        target=3,
        target_type="diagnosis.concluded",
        changes=(),
        sealed={},
        subject=None,
        occurred_on=date(2025, 9, 4),
        occurred_before=date(2025, 9, 1),
        reason="录错",
    )
    (told,) = followed("diagnosis-1", change, diagnosis(concluded()).fold, TWELFTH)
    case = given("determination", OPENED).add(on("2025-09-10", told.event))
    # 09-04 + 30 = 10-04, in the holiday; a year: 2026-09-04.
    assert case.owes(EMPLOYER, "2025-09-10") == {"wi.employer-apply": "2025-10-09/09-30"}
    assert case.may(WORKER, "2025-09-10") == {"wi.worker-apply": "2026-09-04"}


def test_a_lost_basis_ends_what_could_be_applied_for() -> None:
    case = given("determination", OPENED, on("2025-09-10", wi.BasisLost()))
    assert case.owes(EMPLOYER, "2025-09-11") == {}
    assert case.may(WORKER, "2025-09-11") == {}


def test_a_decision_whose_basis_changed_is_shown_under_review() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    case.add(on("2026-03-20", wi.BasisChanged(result="not_od")))
    assert case.fold.kind.status(case.fold.state) == "依据变更，待复核"
