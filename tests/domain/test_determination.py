"""Work-injury determination 工伤认定: who may apply until when, what each step admits and opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.acts import ReturnTask, TransferTask
from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.cases import followed
from domain.corrections import Change, FactCorrected
from domain.decider import On
from domain.events import sentence
from domain.links import BasisQuestioned
from domain.tasks import summary
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
    # Its own decision is the bureau's to serve.
    back = ReturnTask(task=case.task("wi.serve").id, reason="not_my_duty", note="n")
    case.when(back, "2026-03-02", "HSSB").refused("not-returnable")
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
        assert [type(item.event) for item in told] == [wi.DeterminationOpened, wi.BasisChanged]
        # An appraisal counts from its own day, a correction from the day of the diagnosis.
        counted = told[0].event.diagnosed_on
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
    assert case.fold.status == "依据变更（复核中）"


def test_an_appraisal_that_upholds_the_conclusion_leaves_the_clocks_alone() -> None:
    same = dx.AppraisalConcluded(
        level="first",
        result="od",
        disease="矽肺",
        stage="壹期",
        catalogue="catalogue-2024",
        panel=5,
    )
    assert followed("diagnosis-1", same, diagnosis(concluded()).fold, TWELFTH) == ()


def test_an_appraisal_that_changes_the_stage_counts_from_its_own_day() -> None:
    stage = panel("first", "2026-07-10").event  # 贰期, where the institution had 壹期
    told = followed("diagnosis-1", stage, diagnosis(concluded()).fold, date(2026, 7, 10))
    assert [type(item.event) for item in told] == [wi.DeterminationOpened, wi.BasisChanged]
    case = given("determination", opened("2026-05-12"))
    case.add(*(on("2026-07-10", item.event) for item in told))
    # 07-10 + 30 = 08-09, a Sunday; 2027-07-10 is a Saturday. The first thirty days stay missed.
    assert case.owes(EMPLOYER, "2026-07-11") == {"wi.employer-apply": "2026-08-10/08-07"}
    assert case.may(WORKER, "2026-07-11") == {"wi.worker-apply": "2027-07-12/07-09"}
    missed, _ = (t for t in case.fold.tasks.values() if t.rule.id == "wi.employer-apply")
    assert missed.on_time is False


def test_a_corrected_stage_puts_a_decision_under_review_and_moves_no_clock() -> None:
    change = correction(3, Change("stage", "壹期", "贰期"))
    told = followed("diagnosis-1", change, diagnosis(concluded()).fold, TWELFTH)
    assert [item.event for item in told] == [wi.BasisChanged(result="od")]


def correction(target: int, *changes: Change, day: date | None = None) -> FactCorrected:
    return FactCorrected(
        target=target,
        target_type="diagnosis.concluded",
        changes=changes,
        sealed={},
        subject=None,
        occurred_on=day,
        occurred_before=None,
        reason="录错",
    )


def test_a_day_corrected_after_the_clocks_were_opened_anew_counts_too() -> None:
    # Corrected to no disease and back: the clocks that run were opened by the second correction.
    before = diagnosis(concluded())
    before.add(on("2026-05-13", correction(3, Change("result", "od", "not_od"))))
    before.add(on("2026-05-14", correction(3, Change("result", "not_od", "od"))))
    lost = (on("2026-05-13", wi.BasisChanged(result="not_od")), on("2026-05-13", wi.BasisLost()))
    case = given("determination", opened("2026-05-12"), *lost, opened("2026-05-12"))
    told = followed(
        "diagnosis-1", correction(3, day=date(2026, 5, 11)), before.fold, date(2026, 5, 15)
    )
    case.add(*(on("2026-05-15", item.event) for item in told))
    # 05-11 + 30 = 06-10.
    assert case.owes(EMPLOYER, "2026-05-15") == {"wi.employer-apply": "2026-06-10"}


def opened(day: str) -> Fact:
    event = wi.DeterminationOpened(
        diagnosis="diagnosis-1",
        subject="S-1",
        worker=WORKER,
        employer=EMPLOYER,
        diagnosed_on=date.fromisoformat(day),
    )
    return on(day, event)


def test_a_new_basis_opens_nothing_where_an_application_is_under_way() -> None:
    case = given("determination", OPENED, filed(), opened("2025-12-01"))
    assert case.owes(EMPLOYER, "2025-12-02") == {}
    assert case.may(WORKER, "2025-12-02") == {}


def test_a_new_basis_after_a_failed_application_may_be_applied_for_again() -> None:
    refused = on("2025-09-28", wi.DeterminationRefused(ground="out_of_scope"), "HSSB")
    case = given("determination", OPENED, filed(), refused, opened("2025-12-01"))
    assert case.owes(EMPLOYER, "2025-12-02") == {"wi.employer-apply": "2025-12-31"}
    apply = wi.FileDetermination(applicant="employer")
    case.when(apply, "2025-12-02", EMPLOYER).then(
        wi.DeterminationFiled(applicant="employer", employer_late=False, overdue=False)
    )


# --- The applicant ------------------------------------------------------------------------------


def test_the_earliest_to_apply_is_the_applicant_even_if_entered_later() -> None:
    case = given("determination", OPENED, filed("2025-09-25"))
    union = wi.FileDetermination(applicant="union")
    case.when(union, "2025-09-26", "FTU", happened="2025-09-25").refused("filed")
    earlier = case.when(union, "2025-09-26", "FTU", happened="2025-09-24")
    (event,) = earlier.decided
    case.add(on("2025-09-24", event, "FTU", recorded="2025-09-26"))
    assert case.fold.state.applicant == "union"
    # The counted application came on 09-26: 09-28, 29, 30, then 10-09 and 10-10.
    assert case.owes("HSSB", "2025-09-26") == {"wi.answer": "2025-10-10"}
    case.add(ACCEPTED)
    case.when(union, "2025-10-10", "FTU", happened="2025-09-23").refused("filed")


@pytest.mark.parametrize(
    ("by", "applicant"),
    [
        (EMPLOYER, "worker"),
        (WORKER, "employer"),
        ("employer:91330523MA000TE21U", "employer"),
        ("worker:S-2", "worker"),
        (EMPLOYER, "union"),
        (WORKER, "kin"),
    ],
)
def test_each_party_applies_in_its_own_name(by: str, applicant: wi.Applicant) -> None:
    case = given("determination", OPENED)
    case.when(wi.FileDetermination(applicant=applicant), DAY, by).refused("wrong-applicant")


def test_an_application_is_made_when_it_is_handed_in_not_when_it_is_received() -> None:
    by_post = wi.FileDetermination(applicant="employer", received_on=date(2025, 10, 11))
    case = given("determination", OPENED)
    (event,) = case.when(by_post, "2025-10-11", EMPLOYER, happened="2025-10-09").decided
    assert event.employer_late is False


def test_time_proved_after_the_application_is_excluded_as_well() -> None:
    # The year ended on 2026-09-01; twenty days lost make it 09-21.
    for day, still_late in (("2026-09-21", False), ("2026-09-22", True)):
        case = given("determination", OPENED, filed(day, overdue=True))
        case.when(wi.AcceptDetermination(), "2026-09-23", "HSSB").refused("overdue")
        case.when(wi.BeginExclusion(reason="r"), "2026-09-23", "HSSB").refused("filed")
        lost = wi.ExcludeTime(reason="仲裁", began_on=date(2026, 1, 5), ended_on=date(2026, 1, 25))
        case.when(lost, "2026-09-23", "HSSB").then(
            wi.TimeExcluded(
                reason="仲裁",
                began_on=date(2026, 1, 5),
                ended_on=date(2026, 1, 25),
                overdue=still_late,
            )
        )
        case.when(lost, "2026-09-23", "HSSB").done()
        accepted = case.when(wi.AcceptDetermination(), "2026-09-24", "HSSB")
        assert (accepted.refusal is not None) is still_late
    backwards = wi.ExcludeTime(reason="r", began_on=date(2026, 2, 1), ended_on=date(2026, 2, 1))
    given("determination", OPENED, filed()).when(backwards, "2026-03-01", "HSSB").refused(
        "bad-span"
    )


def test_nothing_is_excluded_from_a_year_that_has_ended() -> None:
    late = wi.BeginExclusion(reason="仲裁")
    given("determination", OPENED).when(late, "2026-09-02", "HSSB").refused("window-closed")


# --- An employer that is gone --------------------------------------------------------------------

GONE = on("2025-03-01", dx.RulingRequested(ground="employer_gone"))


def test_a_decision_against_an_employer_that_is_gone_needs_no_service_on_it() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    excuse = wi.ExcuseService(reason="已注销")
    case.others["diagnosis-1"] = diagnosis().fold
    case.when(excuse, "2026-03-01", "HSSB").refused("employer-stands")
    case.others["diagnosis-1"] = given("diagnosis", APPLIED, GONE).fold
    case.when(wi.ServeDecision(party="employer"), "2026-03-01", "HSSB").refused("employer-gone")
    case.add(on("2026-03-01", wi.DecisionServed(party="worker"), "HSSB"))
    assert "wi.serve" in case.owes("HSSB", "2026-03-01")
    case.when(excuse, "2026-03-01", "HSSB").done()
    assert case.owes("HSSB", "2026-03-01") == {}
    case.when(excuse, "2026-03-02", "HSSB").refused("served")


# --- Who succeeds the employer -------------------------------------------------------------------

SUCCESSOR = "employer:91330523MA000TE21U"


def test_a_successor_owes_what_the_employer_owed_counted_from_the_same_day() -> None:
    name = wi.NameSuccessor(employer=SUCCESSOR, way="merged_away")
    case = given("determination", OPENED).when(name, "2025-09-15", "HSSB").done()
    assert case.owes(EMPLOYER, "2025-09-15") == {}
    assert case.owes(SUCCESSOR, "2025-09-15") == {"wi.employer-apply": "2025-10-09/09-30"}
    case.when(name, "2025-09-16", "HSSB").refused("same-employer")
    file = wi.FileDetermination(applicant="employer")
    case.when(file, "2025-09-16", EMPLOYER).refused("wrong-applicant")
    case.when(file, "2025-09-16", SUCCESSOR).done()


def test_a_decision_is_served_on_the_successor_of_an_employer_that_is_gone() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    case.others["diagnosis-1"] = given("diagnosis", APPLIED, GONE).fold
    serve = wi.ServeDecision(party="employer")
    case.when(serve, "2026-03-01", "HSSB").refused("employer-gone")
    case.when(wi.NameSuccessor(employer=SUCCESSOR, way="split_up"), "2026-03-01", "HSSB").done()
    case.when(wi.ExcuseService(reason="已注销"), "2026-03-02", "HSSB").refused("employer-stands")
    case.when(serve, "2026-03-02", "HSSB").done()
    assert "wi.reconsider" in case.may(SUCCESSOR, "2026-03-02")


def test_a_successor_named_after_the_application_owes_no_second_one() -> None:
    name = wi.NameSuccessor(employer=SUCCESSOR, way="split_up")
    case = given("determination", OPENED, filed()).when(name, "2025-09-26", "HSSB").done()
    assert case.owes(SUCCESSOR, "2025-09-26") == {}


# --- Granted on a decision -----------------------------------------------------------------------


def test_benefits_need_a_decision_of_injury() -> None:
    grant = wi.GrantBenefit(benefit="medical_costs", payer="fund")
    given("determination", OPENED, filed(), ACCEPTED).when(grant, "2026-01-05", "HSSB").refused(
        "undetermined"
    )
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    case.when(grant, "2026-03-02", "HSSB").done().when(grant, "2026-03-03", "HSSB").refused(
        "granted"
    )


def test_the_bureau_revokes_its_own_decision_and_redoes_it_only_where_it_says_so() -> None:
    revoke = wi.RevokeDetermination(decision="合成撤1号", redo=False)
    given("determination", OPENED, filed()).when(revoke, "2026-03-02", "HSSB").refused(
        "undetermined"
    )
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    after = case.when(revoke, "2026-03-02", "HSSB").done()
    assert after.owes("HSSB", "2026-03-02") == {}
    assert after.fold.status == "原认定已撤销"
    assert after.fold.state.revoked == ("合成",)


def test_a_decision_still_to_be_served_is_served_after_a_new_conclusion_too() -> None:
    no = on("2026-02-27", wi.Determined(injury="no", decision="合成"), "HSSB")
    again = on("2026-03-02", OPENED.event)
    case = given("determination", OPENED, filed(), ACCEPTED, no, again)
    case = case.when(wi.ServeDecision(party="worker"), "2026-03-03", "HSSB").done()
    case = case.when(wi.ServeDecision(party="employer"), "2026-03-03", "HSSB").done()
    assert case.owes("HSSB", "2026-03-03") == {}


# --- A refusal may be disputed ------------------------------------------------------------------

REFUSED = on("2025-09-28", wi.DeterminationRefused(ground="out_of_scope", to="worker"), "HSSB")


def test_a_refusal_may_be_disputed_from_its_service_on() -> None:
    refuse = wi.RefuseDetermination(ground="out_of_scope")
    case = given("determination", OPENED, filed()).when(refuse, "2025-09-28", "HSSB").done()
    # Twenty days from 09-28: 10-18, a Saturday.
    assert case.owes("HSSB", "2025-09-28") == {"wi.serve-refusal": "2025-10-20/10-17"}
    waiting = {"wi.reconsider-refusal": None, "wi.sue-refusal": None}
    assert case.may(WORKER, "2025-09-28") == waiting
    assert case.may(EMPLOYER, "2025-09-28") == {}
    case.when(wi.ServeDecision(party="worker"), "2025-10-10", "HSSB").then(
        wi.RefusalServed(party="worker")
    )
    case.when(wi.ServeDecision(party="worker"), "2025-10-10", "HSSB").done()
    case.when(wi.ServeDecision(party="worker"), "2025-10-11", "HSSB").refused("served")
    assert case.owes("HSSB", "2025-10-11") == {}
    # Sixty days from 10-10: 12-09. Six months: 2026-04-10.
    assert case.may(WORKER, "2025-10-11") == {
        "wi.reconsider-refusal": "2025-12-09",
        "wi.sue-refusal": "2026-04-10",
    }
    case.when(wi.SueDetermination(), "2026-04-13", WORKER).refused("window-closed")
    case.when(wi.SueDetermination(), "2026-04-10", EMPLOYER).refused("no-right")
    suit = wi.DeterminationSued(party="worker", against="不予受理决定")
    case.when(wi.SueDetermination(), "2026-04-10", WORKER).then(suit)
    case.when(wi.SueDetermination(), "2026-04-10", WORKER).done()
    assert case.fold.status == "行政诉讼中"
    assert case.owes("HSSB", "2026-04-10") == {"wi.record-judgment": None}


def test_a_refusal_revoked_by_the_court_is_decided_upon_again() -> None:
    served = on("2025-10-10", wi.RefusalServed(party="worker"), "HSSB")
    sued = on("2025-11-10", wi.DeterminationSued(party="worker"), WORKER)
    case = given("determination", OPENED, filed(), REFUSED, served, sued)
    judged = wi.RecordJudgment(
        outcome="decision_revoked", document="合成行终1号", served_on=date(2026, 3, 2)
    )
    case.when(judged, "2026-03-02", "HSSB").done()
    assert case.fold.state.revoked == ("不予受理决定",)
    # Sixty days from 03-02: 05-01, in the holiday, so 05-06.
    assert case.owes("HSSB", "2026-03-02") == {"wi.redetermine-judged": "2026-05-06/04-30"}
    assert case.task("wi.redetermine-judged").rule.clauses[:2] == ("litigation-70", "litigation-71")
    assert case.fold.status == "原不予受理已撤销，待重新决定"
    case.when(wi.AcceptDetermination(), "2026-03-05", "HSSB").done()
    # Acceptance makes the refusal good: one duty is left, 03-05 and sixty days, 05-04, a holiday.
    assert case.owes("HSSB", "2026-03-05") == {"wi.determine": "2026-05-06/04-30"}
    assert case.fold.status == "已受理"
    case.when(wi.Determine(injury="yes", decision="合成2号"), "2026-04-01", "HSSB").done()
    assert case.fold.status == "已认定"
    assert set(case.owes("HSSB", "2026-04-01")) == {"wi.serve"}


def test_a_judgment_of_the_first_instance_ends_nothing_until_it_is_final() -> None:
    served = on("2025-10-10", wi.RefusalServed(party="worker"), "HSSB")
    sued = on("2025-11-10", wi.DeterminationSued(party="worker"), WORKER)
    case = given("determination", OPENED, filed(), REFUSED, served, sued)
    case.when(wi.AppealJudgment(), "2026-05-20", "HSSB").refused("no-judgment")
    first = wi.RecordJudgment(
        outcome="decision_revoked", document="一审", served_on=date(2026, 5, 20), final=False
    )
    case.when(replace(first, served_on=date(2026, 5, 21)), "2026-05-20", "HSSB").refused(
        "service-day"
    )
    case.when(first, "2026-05-20", "HSSB").done()
    case.when(first, "2026-05-20", "HSSB").refused("judged")
    told = sentence(case.fold.facts[-1][0].event, {})
    assert told == "第一审判决尚未生效：判决撤销（一审）"
    assert case.fold.status == "行政诉讼中"
    assert case.owes("HSSB", "2026-05-20") == {"wi.record-judgment": None}
    # Fifteen days from 05-20: 06-04, a Thursday.
    assert case.may("HSSB", "2026-05-20") == {"wi.appeal": "2026-06-04"}
    case.when(wi.AppealJudgment(), "2026-06-05", "HSSB").refused("window-closed")
    case.when(wi.AppealJudgment(), "2026-06-04", "HSSB").then(
        wi.JudgmentAppealed(appellant="bureau")
    )
    final = wi.RecordJudgment(
        outcome="decision_upheld", document="终审", served_on=date(2026, 8, 3)
    )
    case.when(final, "2026-08-03", "HSSB").done()
    assert case.fold.status == "不予受理"
    assert (case.owes("HSSB", "2026-08-03"), case.may("HSSB", "2026-08-03")) == ({}, {})


def test_the_bureau_appeals_no_judgment_that_it_won() -> None:
    sued = on("2025-11-10", wi.DeterminationSued(party="worker"), WORKER)
    won = wi.RecordJudgment(
        outcome="decision_upheld", document="一审", served_on=date(2026, 5, 20), final=False
    )
    case = given("determination", OPENED, filed(), REFUSED, sued)
    judged = case.when(won, "2026-05-20", "HSSB").done()
    assert judged.may("HSSB", "2026-05-20") == {}
    judged.when(wi.AppealJudgment(), "2026-05-21", "HSSB").refused("won")
    theirs = wi.AppealJudgment(appellant="worker")
    appealed = judged.when(theirs, "2026-06-01", "HSSB").done()
    appealed.when(theirs, "2026-06-01", "HSSB").refused("appealed")


def test_a_judgment_of_the_first_instance_is_final_when_nobody_appealed_in_time() -> None:
    served = on("2025-10-10", wi.RefusalServed(party="worker"), "HSSB")
    sued = on("2025-11-10", wi.DeterminationSued(party="worker"), WORKER)
    first = wi.RecordJudgment(
        outcome="decision_revoked", document="一审", served_on=date(2026, 5, 20), final=False
    )
    judged, appealed = (
        given("determination", OPENED, filed(), REFUSED, served, sued)
        .when(first, "2026-05-20", "HSSB")
        .done()
        for _ in range(2)
    )
    final = replace(first, final=True)
    # Fifteen days from 05-20: 06-04 is the last day to appeal.
    judged.when(final, "2026-06-04", "HSSB").refused("appeal-open")
    assert judged.when(final, "2026-06-05", "HSSB").done().fold.state.to_redo
    appealed.add(on("2026-06-01", wi.JudgmentAppealed(appellant="employer"), "HSSB"))
    appealed.when(final, "2026-06-05", "HSSB").refused("appealed")
    on_appeal = replace(final, document="终审", served_on=date(2026, 8, 3))
    assert appealed.when(on_appeal, "2026-08-03", "HSSB").refusal is None


def test_who_has_sued_has_no_reconsideration_left() -> None:
    served = on("2025-10-10", wi.RefusalServed(party="worker"), "HSSB")
    case = given("determination", OPENED, filed(), REFUSED, served)
    assert "wi.reconsider-refusal" in case.may(WORKER, "2025-11-10")
    sued = case.when(wi.SueDetermination(), "2025-11-10", WORKER).done()
    assert "wi.reconsider-refusal" not in sued.may(WORKER, "2025-11-10")


def test_the_bureau_may_revoke_its_own_refusal() -> None:
    case = given("determination", OPENED, filed(), REFUSED)
    case.when(wi.RevokeDetermination(decision="合成撤2号"), "2025-10-10", "HSSB").done()
    assert case.may(WORKER, "2025-10-10") == {}
    # Sixty days from 10-10, by policy alone: 12-09.
    assert case.owes("HSSB", "2025-10-10") == {"wi.redetermine-own": "2025-12-09"}
    assert case.task("wi.redetermine-own").rule.clauses == ("43-3.HSSB.4",)
    # Its own revocation binds nobody to another ground.
    case.when(wi.RefuseDetermination(ground="out_of_scope"), "2025-10-13", "HSSB").done()
    assert set(case.owes("HSSB", "2025-10-13")) == {"wi.serve-refusal"}
    assert case.fold.status == "不予受理"


def revoked(by: wi.RevokedBy, number: str = "不予受理决定", *, for_procedure: bool = False) -> Fact:
    event = wi.DeterminationRevoked(
        by=by,
        decision="合成9号",
        revoked=number,
        served_on=date(2026, 3, 2),
        redo=True,
        for_procedure=for_procedure,
    )
    return on("2026-03-02", event, "HSSB")


@pytest.mark.parametrize(
    ("by", "clause"), [("by_reconsideration", "arl-64"), ("by_court", "litigation-71")]
)
def test_a_refusal_that_was_revoked_is_not_made_again_on_the_same_ground(
    by: wi.RevokedBy, clause: str
) -> None:
    case = given("determination", OPENED, filed(), REFUSED, revoked(by))
    refuse = wi.RefuseDetermination(ground="out_of_scope")
    again = case.when(refuse, "2026-03-05", "HSSB")
    again.refused("same-again")
    assert again.refusal is not None
    assert again.refusal.clause == clause
    assert case.when(wi.AcceptDetermination(), "2026-03-05", "HSSB").refusal is None
    other = wi.RefuseDetermination(ground="other_county")
    assert case.when(other, "2026-03-05", "HSSB").refusal is None
    new = replace(refuse, new_grounds="合成：新查明的用工事实")
    after = case.when(new, "2026-03-05", "HSSB").done()
    assert after.fold.status == "不予受理"
    told = sentence(after.fold.facts[-1][0].event, {})
    assert told.endswith("（与被撤销的决定不同的事实、理由：合成：新查明的用工事实）")


def test_a_refusal_revoked_for_procedure_alone_may_be_made_again() -> None:
    back = revoked("by_reconsideration", for_procedure=True)
    assert "因违反法定程序" in sentence(back.event, {})
    case = given("determination", OPENED, filed(), REFUSED, back)
    refuse = wi.RefuseDetermination(ground="out_of_scope")
    assert case.when(refuse, "2026-03-05", "HSSB").refusal is None


def test_a_result_that_was_revoked_is_reached_again_only_with_something_new() -> None:
    back = revoked("by_court", "合成")
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED, back)
    assert case.fold.status == "原认定已撤销，待重新认定"
    same = wi.Determine(injury="yes", decision="合成2号")
    case.when(same, "2026-03-20", "HSSB").refused("same-again")
    assert case.when(replace(same, injury="no"), "2026-03-20", "HSSB").refusal is None
    new = replace(same, new_grounds="合成：补充调取的证据")
    case.when(new, "2026-03-20", "HSSB").done()
    assert "补充调取的证据" in sentence(case.fold.facts[-1][0].event, {})
    # A new conclusion is something new by itself.
    case.add(revoked("by_court", "合成2号"), on("2026-04-01", OPENED.event))
    assert case.when(same, "2026-04-03", "HSSB").refusal is None


def test_a_refusal_as_overdue_that_was_revoked_lets_the_application_be_taken_up() -> None:
    late = on("2026-10-08", wi.DeterminationRefused(ground="overdue", to="worker"), "HSSB")
    case = given("determination", OPENED, filed("2026-09-28", overdue=True))
    case.when(wi.AcceptDetermination(), "2026-10-08", "HSSB").refused("overdue")
    court = replace(revoked("by_court"), day="2026-12-01")
    taken_up = wi.AcceptDetermination()
    assert case.add(late, court).when(taken_up, "2026-12-02", "HSSB").refusal is None


def test_a_second_refusal_is_looked_at_again_when_its_basis_changes() -> None:
    again = on("2026-03-05", wi.DeterminationRefused(ground="other_county", to="worker"), "HSSB")
    case = given("determination", OPENED, filed(), REFUSED, revoked("by_court"), again)
    case.add(on("2026-03-10", BasisQuestioned(source="incident-1", change="incident_joined")))
    assert "wi.review-basis" in case.owes("HSSB", "2026-03-10")
    # No statute gives the look again to the bureau, but nobody else determines.
    task = case.task("wi.review-basis")
    assert task.rule.clauses == ("43-3.HSSB.4",)
    give = TransferTask(task=task.id, to="HB", reason="not_my_duty")
    case.when(give, "2026-03-11", "HSSB").refused("not-transferable")


def test_a_refusal_revoked_for_good_is_not_taken_up_but_a_new_conclusion_is() -> None:
    case = given("determination", OPENED, filed(), REFUSED)
    revoke = wi.RevokeDetermination(decision="合成撤2号", redo=False)
    case.when(revoke, "2025-10-10", "HSSB").done()
    case.when(wi.AcceptDetermination(), "2025-10-13", "HSSB").refused("undone")
    assert (case.fold.status, case.owes("HSSB", "2025-10-13")) == ("原不予受理已撤销", {})
    case.add(on("2025-11-03", BasisQuestioned(source="incident-1", change="incident_joined")))
    assert case.owes("HSSB", "2025-11-03") == {}
    case.add(opened("2025-12-01"))
    assert case.may(WORKER, "2025-12-02") == {"wi.worker-apply": "2026-12-01"}
    assert case.when(wi.FileDetermination(applicant="worker"), "2025-12-02", WORKER).refusal is None


# --- A decision on a new application --------------------------------------------------------------


def test_a_decision_on_a_new_application_takes_the_place_of_the_former_one() -> None:
    no = on("2026-02-27", wi.Determined(injury="no", decision="合成1号"), "HSSB")
    case = given("determination", OPENED, filed(), ACCEPTED, no)
    case.add(on("2026-03-02", wi.DecisionServed(party="worker"), "HSSB"))
    case.add(on("2026-03-04", OPENED.event), filed("2026-03-05"))
    case.add(on("2026-03-06", wi.DeterminationAccepted(clear=True), "HSSB"))
    assert set(case.may(WORKER, "2026-03-06")) == {"wi.reconsider", "wi.sue"}
    decide = wi.Determine(injury="yes", decision="合成2号")
    replaced = wi.DeterminationReplaced(former="合成1号", decision="合成2号")
    made = wi.Determined(injury="yes", decision="合成2号")
    case.when(decide, "2026-03-10", "HSSB").then(replaced, made)
    case.when(decide, "2026-03-10", "HSSB").done()
    assert case.may(WORKER, "2026-03-10") == {}
    # Of the two decisions only the new one is left to serve: 03-10 + 20 = 03-30.
    assert [t.due and str(t.due.legal) for t in case.fold.open_tasks()] == ["2026-03-30"]
    case.when(wi.ServeDecision(party="worker"), "2026-03-11", "HSSB").done()
    # Sixty days: 05-10, a Sunday; six months: 09-11, a Friday.
    assert case.may(WORKER, "2026-03-11") == {
        "wi.reconsider": "2026-05-11/05-09",
        "wi.sue": "2026-09-11",
    }


def test_a_suit_on_a_decision_that_made_room_ends_without_undoing_the_new_one() -> None:
    no = on("2026-02-27", wi.Determined(injury="no", decision="合成1号"), "HSSB")
    case = given("determination", OPENED, filed(), ACCEPTED, no)
    case.add(on("2026-03-02", wi.DecisionServed(party="worker"), "HSSB"))
    case.add(on("2026-03-03", wi.DeterminationSued(party="worker"), WORKER))
    case.add(on("2026-03-04", OPENED.event), filed("2026-03-05"))
    case.add(on("2026-03-06", wi.DeterminationAccepted(clear=True), "HSSB"))
    case.when(wi.Determine(injury="yes", decision="合成2号"), "2026-03-10", "HSSB").done()
    judged = wi.RecordJudgment(
        outcome="decision_revoked", document="合成行终1号", served_on=date(2026, 6, 1)
    )
    case.when(judged, "2026-06-01", "HSSB").done()
    assert case.fold.state.determined == "yes"
    assert case.fold.state.revoked == ()
    assert case.fold.status == "已认定"


# --- No employer left, no worker left -------------------------------------------------------------


def test_an_employer_that_is_gone_owes_no_application_and_the_worker_may_make_it() -> None:
    gone = on("2025-09-01", replace(OPENED.event, employer_gone=True))
    case = given("determination", gone)
    assert case.owes(EMPLOYER, "2025-09-02") == {}
    assert case.may(WORKER, "2025-09-02") == {"wi.worker-apply": "2026-09-01"}
    by_employer = wi.FileDetermination(applicant="employer")
    case.when(by_employer, "2025-09-03", EMPLOYER).refused("employer-gone")
    succeeded = wi.NameSuccessor(employer=SUCCESSOR, way="merged_away")
    case.when(succeeded, "2025-09-03", "HSSB").done()
    assert case.owes(SUCCESSOR, "2025-09-03") == {"wi.employer-apply": "2025-10-09/09-30"}


def test_a_diagnosis_that_knows_the_employer_gone_opens_no_duty_of_it() -> None:
    before = given("diagnosis", APPLIED, GONE, COMPLETE).fold
    (told,) = followed("diagnosis-1", concluded().event, before, TWELFTH)
    assert told.event.employer_gone
    # An accident had opened it before: what the employer owed is voided.
    accident = wi.AccidentOpened(
        incident="incident-1",
        subject="S-1",
        worker=WORKER,
        employer=EMPLOYER,
        harm="acutely_poisoned",
        counted_on=date(2026, 3, 18),
    )
    case = given("determination", on("2026-03-19", accident))
    assert case.owes(EMPLOYER, "2026-03-19") == {"wi.employer-apply": "2026-04-17"}
    case.add(on("2026-05-12", told.event))
    assert case.owes(EMPLOYER, "2026-05-12") == {}


def test_of_a_worker_who_died_the_kin_applies() -> None:
    killed = wi.AccidentOpened(
        incident="incident-1",
        subject="S-1",
        worker=WORKER,
        employer=EMPLOYER,
        harm="killed",
        counted_on=date(2026, 3, 18),
    )
    case = given("determination", on("2026-03-19", killed))
    right = summary(case.task("wi.worker-apply"))
    assert "近亲属" in right.title
    assert "职工死亡，由其近亲属申请" in right.why
    case.when(wi.FileDetermination(applicant="worker"), "2026-03-20", WORKER).refused("worker-died")
    by_kin = wi.FileDetermination(applicant="kin")
    assert case.when(by_kin, "2026-03-20", "citizen:K-1").refusal is None
    hurt = summary(given("determination", OPENED).task("wi.worker-apply"))
    assert "职工死亡，由其近亲属申请" not in hurt.why


def test_what_was_decided_reads_as_sentences() -> None:
    told = wi.DeterminationRevoked(
        by="by_itself", decision="合成撤1号", revoked="合成1号", served_on=TWELFTH, redo=True
    )
    assert (
        sentence(told, {})
        == "原决定被撤销：工伤认定决定合成1号，依人力社保局自行决定（合成撤1号），须重新作出决定"
    )
    assert sentence(replace(told, redo=False), {}).endswith("不再重新作出决定")
    of_refusal = replace(told, revoked="不予受理决定", by="by_court")
    assert sentence(of_refusal, {}).startswith("原决定被撤销：不予受理决定，依法院生效判决")
    sued = wi.DeterminationSued(party="worker", against="不予受理决定")
    assert sentence(sued, {}) == "劳动者提起行政诉讼（针对不予受理决定）"
    assert sentence(wi.DeterminationSued(party="worker"), {}) == "劳动者提起行政诉讼"
    lost = wi.SuitEnded(outcome="decision_upheld", document="合成行终1号")
    assert sentence(lost, {}) == "行政诉讼终结：判决驳回诉讼请求（合成行终1号）"
    assert sentence(filed().event, {}) == "劳动者申请工伤认定"
    late = wi.DeterminationFiled(applicant="employer", employer_late=True, overdue=False)
    assert sentence(late, {}).endswith("（用人单位已逾三十日）")
