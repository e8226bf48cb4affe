"""Diagnosis 职业病诊断: what each step admits, refuses and opens. Dates worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import diagnosis as dx
from domain.decider import Claim
from domain.events import sentence
from domain.sealing import Secret
from tests.spec import EMPLOYER, INSTITUTION, WORKER, Fact, given, noon, on

APPLIED = on(
    "2026-03-02",
    dx.DiagnosisApplied(
        subject="S-1",
        institution=INSTITUTION,
        employer=EMPLOYER,
        hazard="矽尘",
        locality="household",
    ),
    WORKER,
)
SUSPECTED = on(
    "2026-02-10",
    dx.SuspectedReported(subject="S-1", reporter="hospital:H-01", employer=EMPLOYER, hazard="矽尘"),
    "hospital:H-01",
)
ASKED = on("2026-03-03", dx.DataRequested(items=("职业史",)))
SUPPLIED = on("2026-03-11", dx.DataSupplied(), EMPLOYER)
COMPLETE = on("2026-04-20", dx.FileCompleted(basis="齐全"))
RULING = on("2026-03-20", dx.RulingRequested(ground="disputed_data"))
RULED = on("2026-04-13", dx.RulingGiven(finding="属实", basis="现场"), "HB")
ARBITRATION = on("2026-03-12", dx.ArbitrationFiled(arbitration="arbitration-1", matter="工种"))
SILICOSIS = dx.Conclude(result="od", disease="矽肺", stage="壹期", certificate="合成-1")


def concluded(day: str = "2026-05-12", result: dx.Result = "od") -> Fact:
    event = dx.DiagnosisConcluded(
        institution=INSTITUTION,
        result=result,
        disease="矽肺" if result == "od" else None,
        stage="壹期" if result == "od" else None,
        catalogue="catalogue-2024",
        certificate="合成-1",
        subject="S-1",
    )
    return on(day, event)


def delivered(party: dx.PartyRole, day: str = "2026-05-15") -> Fact:
    return on(day, dx.DiagnosisDelivered(party=party))


DIAGNOSED = (APPLIED, COMPLETE, concluded(), delivered("worker"), delivered("employer"))
FIRST = on(
    "2026-06-01",
    dx.AppraisalRequested(level="first", party="worker", office="appraisal:330500"),
    WORKER,
)
ACCEPTED = on("2026-06-03", dx.AppraisalAccepted(level="first"), "appraisal:330500")


def panel(level: dx.Level, day: str) -> Fact:
    event = dx.AppraisalConcluded(
        level=level, result="od", disease="矽肺", stage="贰期", catalogue="catalogue-2024", panel=5
    )
    return on(day, event, "appraisal:330500")


def handed(level: dx.Level, party: dx.PartyRole, day: str) -> Fact:
    return on(day, dx.AppraisalDelivered(level=level, party=party), "appraisal:330500")


APPRAISED_AWAY = (
    on(
        "2026-06-29",
        dx.AppraisalConcluded(
            level="first",
            result="not_od",
            disease=None,
            stage=None,
            catalogue="catalogue-2024",
            panel=5,
        ),
        "appraisal:330500",
    ),
    handed("first", "worker", "2026-06-30"),
    handed("first", "employer", "2026-06-30"),
)

# --- What falls due -----------------------------------------------------------------------------


def test_a_suspicion_is_reported_told_and_leads_to_diagnosis() -> None:
    case = given("diagnosis", SUSPECTED)
    assert case.owes("hospital:H-01", "2026-02-11") == {
        "dx.inform-suspect": None,
        "dx.suspected-card": "2026-02-25",
    }
    assert case.owes(EMPLOYER, "2026-02-11") == {"dx.arrange-diagnosis": None}
    case.add(APPLIED)
    assert case.owes(EMPLOYER, "2026-03-02") == {}
    assert "dx.inform-suspect" not in case.owes("hospital:H-01", "2026-03-02")


def test_the_conclusion_has_no_date_until_the_file_is_complete() -> None:
    case = given("diagnosis", APPLIED)
    assert case.owes(INSTITUTION, "2026-03-02") == {"dx.conclude": None}
    case.add(COMPLETE)
    assert case.owes(INSTITUTION, "2026-04-21") == {"dx.conclude": "2026-05-20"}


def test_a_ruling_stops_a_running_clock_and_keeps_its_days() -> None:
    early = on("2026-03-02", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, RULING)
    assert case.owes(INSTITUTION, "2026-03-25") == {"dx.conclude": None}
    assert case.task("dx.conclude").standing(noon("2026-03-25")) == "suspended"
    case.add(RULED)
    # 04-01 plus the 24 days from 03-20 to 04-13.
    assert case.owes(INSTITUTION, "2026-04-13") == {"dx.conclude": "2026-04-27/04-24"}
    assert str(case.task("dx.conclude").due.raw) == "2026-04-25"  # type: ignore[union-attr]


def test_a_ruling_and_an_arbitration_at_once_count_their_days_once() -> None:
    early = on("2026-03-02", dx.FileCompleted(basis="齐全"))
    ended = on(
        "2026-04-10", dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    )
    case = given("diagnosis", APPLIED, early, ARBITRATION, RULING, ended)
    assert case.owes(INSTITUTION, "2026-04-10")["dx.conclude"] is None
    case.add(RULED)
    # 04-01 plus 32 days, from 03-12 to 04-13: 05-03, in the holiday, so 05-06.
    assert case.owes(INSTITUTION, "2026-04-13")["dx.conclude"] == "2026-05-06/04-30"


def test_the_urging_appears_the_day_after_the_employers_legal_day_and_not_before() -> None:
    case = given("diagnosis", APPLIED, ASKED)
    assert case.owes("HB", "2026-03-13") == {}
    assert case.owes("HB", "2026-03-14") == {"dx.urge-employer": None}
    case.add(SUPPLIED)
    assert case.owes("HB", "2026-03-14") == {}


def test_data_supplied_in_time_leave_nothing_to_urge_even_much_later() -> None:
    case = given("diagnosis", APPLIED, ASKED, SUPPLIED)
    assert case.owes("HB", "2026-12-01") == {}
    assert case.task("dx.employer-data").on_time is True


def test_data_supplied_late_are_a_breach_of_the_holder() -> None:
    late = on("2026-03-16", dx.DataSupplied(), EMPLOYER)
    assert given("diagnosis", APPLIED, ASKED, late).task("dx.employer-data").on_time is False


def test_the_survey_is_organised_in_ten_days_from_its_receipt() -> None:
    asked = on("2026-03-03", dx.SurveyRequested(matter="m"), recorded="2026-03-05")
    case = given("diagnosis", APPLIED, asked)
    # Received when recorded, for nobody says otherwise: 03-05 + 10 and + 30 (04-04, holiday).
    assert case.owes("HB", "2026-03-06") == {
        "dx.survey-organise": "2026-03-16/03-13",
        "dx.survey-finish": "2026-04-07/04-03",
    }


def test_a_receiving_unit_counts_from_the_day_of_receipt_it_states() -> None:
    stated = on(
        "2026-03-03",
        dx.RulingRequested(ground="disputed_data", received_on=date(2026, 3, 4)),
        recorded="2026-03-09",
    )
    assert given("diagnosis", APPLIED, stated).owes("HB", "2026-03-10") == {
        "dx.ruling": "2026-04-03"
    }


def test_certificate_and_card_are_due_in_fifteen_days_and_the_card_only_for_disease() -> None:
    case = given("diagnosis", APPLIED, COMPLETE, concluded())
    assert case.owes(INSTITUTION, "2026-05-12") == {
        "dx.deliver": "2026-05-27",
        "dx.card": "2026-05-27",
    }
    negative = given("diagnosis", APPLIED, COMPLETE, concluded(result="not_od"))
    assert negative.owes(INSTITUTION, "2026-05-12") == {"dx.deliver": "2026-05-27"}


def test_the_certificate_is_delivered_when_both_have_it() -> None:
    case = given("diagnosis", APPLIED, COMPLETE, concluded(), delivered("worker"))
    assert "dx.deliver" in case.owes(INSTITUTION, "2026-05-15")
    case.add(delivered("employer"))
    assert "dx.deliver" not in case.owes(INSTITUTION, "2026-05-15")


def test_an_employer_that_is_gone_need_not_be_served() -> None:
    gone = on("2026-03-20", dx.RulingRequested(ground="employer_gone"))
    case = given("diagnosis", APPLIED, gone, RULED, COMPLETE, concluded(), delivered("worker"))
    assert "dx.deliver" not in case.owes(INSTITUTION, "2026-05-15")


def test_nothing_is_delivered_to_an_employer_that_is_gone() -> None:
    gone = on("2026-03-20", dx.RulingRequested(ground="employer_gone"))
    case = given("diagnosis", APPLIED, gone, RULED, COMPLETE, concluded(), delivered("worker"))
    case.when(dx.Deliver(party="employer"), "2026-05-16").refused("employer-gone")
    case.add(FIRST, ACCEPTED, panel("first", "2026-07-10"))
    deliver = dx.DeliverAppraisal(party="employer")
    case.when(deliver, "2026-07-11", "appraisal:330500").refused("employer-gone")


def test_only_a_disease_that_has_stages_is_given_one() -> None:
    staged = dx.Conclude(result="od", disease="噪声聋", stage="壹期", certificate="合成-1")
    given("diagnosis", APPLIED, COMPLETE).when(staged, "2026-05-12").refused("stage-unfit")
    bare = dx.Conclude(result="od", disease="噪声聋", certificate="合成-1")
    assert given("diagnosis", APPLIED, COMPLETE).when(bare, "2026-05-12").refusal is None


def test_each_party_may_ask_appraisal_for_thirty_days_from_its_own_receipt() -> None:
    case = given(
        "diagnosis", *DIAGNOSED[:3], delivered("worker"), delivered("employer", "2026-05-20")
    )
    assert case.may(WORKER, "2026-05-21") == {"dx.appraise-first": "2026-06-15/06-12"}
    assert case.may(EMPLOYER, "2026-05-21") == {"dx.appraise-first": "2026-06-22/06-18"}


def test_a_right_lapses_on_its_legal_day_without_breach() -> None:
    case = given("diagnosis", *DIAGNOSED)
    assert case.may(WORKER, "2026-06-15") == {"dx.appraise-first": "2026-06-15/06-12"}
    assert case.may(WORKER, "2026-06-16") == {}
    task = case.task("dx.appraise-first", "worker")
    assert (task.standing(noon("2026-06-16")), task.on_time) == ("lapsed", None)


def test_an_appraisal_runs_through_its_office_to_a_final_one() -> None:
    case = given("diagnosis", *DIAGNOSED, FIRST)
    assert case.owes("appraisal:330500", "2026-06-01") == {"dx.appraisal-accept": "2026-06-08"}
    case.add(ACCEPTED)
    # 40 days from 06-03: 07-13. Files in 10 days: 06-13, a Saturday.
    assert case.owes("appraisal:330500", "2026-06-03") == {"dx.appraisal-conclude": "2026-07-13"}
    assert case.owes(INSTITUTION, "2026-06-03")["dx.appraisal-files"] == "2026-06-15/06-12"
    case.add(panel("first", "2026-07-10"))
    assert case.owes("appraisal:330500", "2026-07-10") == {"dx.appraisal-deliver": "2026-07-20"}
    case.add(handed("first", "worker", "2026-07-14"), handed("first", "employer", "2026-07-15"))
    assert case.owes("appraisal:330500", "2026-07-15") == {}
    # Fifteen days: 07-29 and 07-30.
    assert case.may(WORKER, "2026-07-15") == {"dx.appraise-final": "2026-07-29"}
    assert case.may(EMPLOYER, "2026-07-15")["dx.appraise-final"] == "2026-07-30"
    assert case.fold.state.conclusion == dx.Conclusion("first", "od", "矽肺", "贰期")


def test_after_the_final_appraisal_nothing_more_can_be_asked() -> None:
    final = on(
        "2026-07-20",
        dx.AppraisalRequested(level="final", party="worker", office="appraisal:330000"),
        WORKER,
    )
    case = given(
        "diagnosis",
        *DIAGNOSED,
        FIRST,
        ACCEPTED,
        panel("first", "2026-07-10"),
        handed("first", "worker", "2026-07-14"),
        handed("first", "employer", "2026-07-15"),
        final,
        panel("final", "2026-08-20"),
        handed("final", "worker", "2026-08-25"),
        handed("final", "employer", "2026-08-25"),
    )
    assert case.may(WORKER, "2026-08-26") == {}
    case.when(dx.RequestAppraisal(office="x"), "2026-08-26", WORKER).refused("no-right")


def test_the_employers_suit_waits_for_the_last_window_or_the_appraisal() -> None:
    awarded = on(
        "2026-04-13",
        dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"),
        "HSSB",
    )
    case = given("diagnosis", APPLIED, ARBITRATION, awarded, *DIAGNOSED[1:])
    # The windows end legally on 06-15; fifteen days more.
    assert case.may(EMPLOYER, "2026-05-16")["dx.employer-sue"] == "2026-06-30"
    case.add(FIRST)
    assert case.may(EMPLOYER, "2026-06-01")["dx.employer-sue"] is None
    case.add(ACCEPTED, panel("first", "2026-07-10"))
    case.add(handed("first", "worker", "2026-07-14"), handed("first", "employer", "2026-07-15"))
    # The later final window ends 07-30; fifteen days more: 08-14.
    assert case.may(EMPLOYER, "2026-07-16")["dx.employer-sue"] == "2026-08-14"


def test_withdrawal_ends_what_was_owed() -> None:
    case = given(
        "diagnosis", APPLIED, ASKED, on("2026-03-05", dx.DiagnosisWithdrawn(reason="r"), WORKER)
    )
    assert case.owes(INSTITUTION, "2026-04-01") == {}
    assert case.owes(EMPLOYER, "2026-04-01") == {}
    assert case.owes("HB", "2026-04-01") == {}


def test_the_office_takes_an_application_five_working_days_from_the_receipt_it_proves() -> None:
    # Handed in on Thursday 2025-09-25, received the 26th: 28, 29, 30, then 10-09 and 10-10.
    asked = dx.AppraisalRequested(
        level="first",
        party="worker",
        office="appraisal:330500",
        received_on=date(2025, 9, 26),
    )
    early = [on("2025-09-15", fact.event, fact.by) for fact in DIAGNOSED]
    case = given("diagnosis", *early, on("2025-09-25", asked, WORKER))
    assert case.owes("appraisal:330500", "2025-09-26") == {"dx.appraisal-accept": "2025-10-10"}


def test_only_who_has_not_asked_may_still_ask_for_the_final_appraisal() -> None:
    case = given(
        "diagnosis",
        *DIAGNOSED,
        FIRST,
        ACCEPTED,
        panel("first", "2026-07-10"),
        handed("first", "worker", "2026-07-14"),
        handed("first", "employer", "2026-07-15"),
    )
    office = "appraisal:330000"
    final = dx.AppraisalRequested(level="final", party="employer", office=office)
    asked = dx.RequestAppraisal(office=office)
    case.when(asked, "2026-07-30", EMPLOYER).then(final)
    case.when(asked, "2026-07-31", EMPLOYER).refused("window-closed")
    case.when(asked, "2026-07-30", WORKER).refused("window-closed")
    case.when(asked, "2026-07-20", EMPLOYER).done()
    case.when(asked, "2026-07-21", WORKER).refused("appraisal-pending")
    # Five working days from Monday 07-20.
    assert case.owes(office, "2026-07-20") == {"dx.appraisal-accept": "2026-07-27"}
    assert "dx.appraise-final" not in case.may(EMPLOYER, "2026-07-21")
    assert case.may(WORKER, "2026-07-21") == {"dx.appraise-final": "2026-07-29"}
    assert case.fold.kind.status(case.fold.state) == "最终鉴定中"


def test_an_appraisal_accepted_before_2021_had_sixty_days() -> None:
    old = [on("2020-10-12", fact.event, fact.by) for fact in (*DIAGNOSED, FIRST)]
    last = given("diagnosis", *old, on("2021-01-03", ACCEPTED.event, "appraisal:330500"))
    first = given("diagnosis", *old, on("2021-01-04", ACCEPTED.event, "appraisal:330500"))
    for case, end in ((last, date(2021, 3, 4)), (first, date(2021, 2, 13))):
        due = case.task("dx.appraisal-conclude").due
        assert due is not None
        assert due.raw == end


# --- What is decided ----------------------------------------------------------------------------


def test_a_conclusion_names_the_catalogue_in_force_that_day() -> None:
    case = given("diagnosis", APPLIED, COMPLETE)
    (event, _) = case.when(SILICOSIS, "2026-05-12").decided
    assert event.catalogue == "catalogue-2024"
    earlier = given(
        "diagnosis",
        on("2025-03-03", APPLIED.event, WORKER),
        on("2025-07-01", COMPLETE.event),
    )
    (event, _) = earlier.when(SILICOSIS, "2025-07-31").decided
    assert event.catalogue == "catalogue-2013"


def test_a_disease_new_in_the_2024_catalogue_was_not_listed_before() -> None:
    tunnel = dx.Conclude(
        result="od",
        disease="腕管综合征（限于长时间腕部重复作业或用力作业的制造业工人）",
        certificate="合成",
    )
    case = given(
        "diagnosis", on("2025-03-03", APPLIED.event, WORKER), on("2025-07-01", COMPLETE.event)
    )
    case.when(tunnel, "2025-07-31").refused("not-listed")
    assert case.when(tunnel, "2025-08-01").refusal is None


def test_a_reported_patient_applies_in_the_same_case() -> None:
    apply = dx.ApplyDiagnosis(institution=INSTITUTION, locality="household")
    given("diagnosis", SUSPECTED).when(apply, "2026-03-02", WORKER).then(APPLIED.event)


REFUSALS: list[tuple[str, tuple[Fact, ...], Any, str, str]] = [
    (
        "wrong-reporter",
        (),
        dx.ReportSuspected(subject="S", employer=EMPLOYER, hazard="苯"),
        "HB",
        "",
    ),
    ("not-reported", (APPLIED,), dx.InformSuspect(party="worker"), INSTITUTION, ""),
    ("not-the-party", (SUSPECTED,), dx.InformSuspect(party="worker"), "HB", ""),
    ("not-reported", (), dx.FileSuspectedCard(), "HB", ""),
    (
        "applied",
        (SUSPECTED, APPLIED),
        dx.ApplyDiagnosis(institution=INSTITUTION, locality="household"),
        WORKER,
        "",
    ),
    (
        "not-reported",
        (),
        dx.ApplyDiagnosis(institution=INSTITUTION, locality="household"),
        WORKER,
        "",
    ),
    ("not-applied", (SUSPECTED,), dx.RequestEmployerData(items=()), INSTITUTION, ""),
    ("not-requested", (APPLIED,), dx.SupplyData(), EMPLOYER, ""),
    ("not-requested", (APPLIED,), dx.UrgeEmployer(note="n"), "HB", ""),
    (
        "survey-pending",
        (APPLIED, on("2026-03-03", dx.SurveyRequested(matter="m"))),
        dx.RequestSurvey(matter="m"),
        INSTITUTION,
        "",
    ),
    ("no-survey", (APPLIED,), dx.OrganiseSurvey(), "HB", ""),
    ("no-survey", (APPLIED,), dx.FinishSurvey(finding="f"), "HB", ""),
    (
        "ruling-pending",
        (APPLIED, RULING),
        dx.RequestRuling(ground="disputed_data"),
        INSTITUTION,
        "",
    ),
    (
        "no-ruling-for-this",
        (APPLIED, ASKED),
        dx.RequestRuling(ground="data_withheld"),
        INSTITUTION,
        "",
    ),
    ("no-ruling-asked", (APPLIED,), dx.GiveRuling(finding="f"), "HB", ""),
    ("ruling-pending", (APPLIED, RULING), dx.CompleteFile(basis="b"), INSTITUTION, ""),
    ("arbitration-pending", (APPLIED, ARBITRATION), dx.CompleteFile(basis="b"), INSTITUTION, ""),
    ("complete", (APPLIED, COMPLETE), dx.CompleteFile(basis="b"), INSTITUTION, ""),
    ("file-incomplete", (APPLIED,), SILICOSIS, INSTITUTION, ""),
    ("ruling-pending", (APPLIED, COMPLETE, RULING), SILICOSIS, INSTITUTION, ""),
    (
        "reason-missing",
        (APPLIED, COMPLETE),
        dx.Conclude(result="not_od", certificate="c"),
        INSTITUTION,
        "",
    ),
    (
        "not-listed",
        (APPLIED, COMPLETE),
        dx.Conclude(result="od", disease="感冒", certificate="c"),
        INSTITUTION,
        "",
    ),
    (
        "stage-missing",
        (APPLIED, COMPLETE),
        dx.Conclude(result="od", disease="矽肺", certificate="c"),
        INSTITUTION,
        "",
    ),
    ("concluded", DIAGNOSED, SILICOSIS, INSTITUTION, ""),
    ("concluded", DIAGNOSED, dx.RequestRuling(ground="disputed_data"), INSTITUTION, ""),
    (
        "withdrawn",
        (APPLIED, on("2026-03-05", dx.DiagnosisWithdrawn(reason="r"))),
        dx.CompleteFile(basis="b"),
        INSTITUTION,
        "",
    ),
    ("not-concluded", (APPLIED,), dx.Deliver(party="worker"), INSTITUTION, ""),
    ("delivered", DIAGNOSED, dx.Deliver(party="worker"), INSTITUTION, ""),
    ("not-concluded", (APPLIED,), dx.ReportCard(), INSTITUTION, ""),
    (
        "reported",
        (*DIAGNOSED, on("2026-05-20", dx.CardReported())),
        dx.ReportCard(),
        INSTITUTION,
        "",
    ),
    ("no-right", (APPLIED,), dx.RequestAppraisal(office="o"), WORKER, ""),
    ("window-closed", DIAGNOSED, dx.RequestAppraisal(office="o"), WORKER, "2026-06-16"),
    (
        "appraisal-pending",
        (*DIAGNOSED, FIRST),
        dx.RequestAppraisal(office="o"),
        EMPLOYER,
        "2026-06-02",
    ),
    ("no-appraisal", DIAGNOSED, dx.AcceptAppraisal(), "HB", ""),
    ("accepted", (*DIAGNOSED, FIRST, ACCEPTED), dx.AcceptAppraisal(), "HB", ""),
    ("not-accepted", (*DIAGNOSED, FIRST), dx.SendFiles(), INSTITUTION, ""),
    (
        "not-accepted",
        (*DIAGNOSED, FIRST),
        dx.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=5),
        "o",
        "",
    ),
    (
        "panel",
        (*DIAGNOSED, FIRST, ACCEPTED),
        dx.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=4),
        "o",
        "",
    ),
    (
        "panel",
        (*DIAGNOSED, FIRST, ACCEPTED),
        dx.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=3),
        "o",
        "",
    ),
    (
        "concluded",
        (*DIAGNOSED, FIRST, ACCEPTED, panel("first", "2026-07-10")),
        dx.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=5),
        "o",
        "",
    ),
    ("not-concluded", (*DIAGNOSED, FIRST, ACCEPTED), dx.DeliverAppraisal(party="worker"), "o", ""),
]


@pytest.mark.parametrize(
    ("code", "facts", "command", "by", "day"),
    REFUSALS,
    ids=[f"{type(line[2]).__name__}-{line[0]}" for line in REFUSALS],
)
def test_what_the_facts_do_not_admit_is_refused_and_explained(
    code: str, facts: tuple[Fact, ...], command: Any, by: str, day: str
) -> None:
    given("diagnosis", *facts).when(command, day or "2026-07-20", by).refused(code)


def test_an_employer_that_is_gone_is_not_asked_for_data() -> None:
    gone = on("2026-03-20", dx.RulingRequested(ground="employer_gone"))
    case = given("diagnosis", APPLIED, gone, RULED)
    case.when(dx.RequestEmployerData(items=()), "2026-04-14").refused("employer-gone")


def test_the_day_the_request_was_made_counts_and_not_the_day_it_was_entered() -> None:
    case = given("diagnosis", *DIAGNOSED)
    made = case.when(dx.RequestAppraisal(office="o"), "2026-06-20", WORKER, happened="2026-06-15")
    assert made.refusal is None


def test_a_negative_with_its_reason_is_admitted() -> None:
    negative = dx.Conclude(result="not_od", certificate="c", reason=Secret("合成理由"))
    case = given("diagnosis", APPLIED, COMPLETE).when(negative, "2026-05-12").done()
    assert case.fold.kind.status(case.fold.state) == "已诊断：非职业病"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((SUSPECTED,), "疑似"),
        ((APPLIED,), "取证中"),
        ((APPLIED, RULING), "中止（待判定）"),
        ((APPLIED, ARBITRATION), "等待仲裁"),
        ((APPLIED, COMPLETE), "资料齐全"),
        (DIAGNOSED, "已诊断：职业病"),
        ((*DIAGNOSED, FIRST), "首次鉴定中"),
        ((*DIAGNOSED, FIRST, ACCEPTED, *APPRAISED_AWAY), "经鉴定：非职业病"),
    ],
)
def test_the_status_is_one_word_for_the_list(facts: tuple[Fact, ...], status: str) -> None:
    case = given("diagnosis", *facts)
    assert case.fold.kind.status(case.fold.state) == status


# --- Appraisal is held once at each level --------------------------------------------------------

APPRAISED = (
    *DIAGNOSED,
    FIRST,
    ACCEPTED,
    panel("first", "2026-07-10"),
    handed("first", "worker", "2026-07-14"),
    handed("first", "employer", "2026-07-15"),
)


def test_the_party_that_never_asked_for_the_first_appraisal_may_ask_for_the_final_one() -> None:
    # Its thirty days for a first appraisal ended 06-15; its fifteen for the final one end 07-30.
    asked = dx.RequestAppraisal(office="appraisal:330000")
    case = given("diagnosis", *APPRAISED)
    case.when(asked, "2026-07-30", EMPLOYER).then(
        dx.AppraisalRequested(level="final", party="employer", office="appraisal:330000")
    )
    case.when(asked, "2026-07-31", EMPLOYER).refused("window-closed")


def test_no_second_first_appraisal_even_within_the_thirty_days() -> None:
    quick = given(
        "diagnosis",
        *DIAGNOSED,
        on("2026-05-18", FIRST.event, WORKER),
        on("2026-05-19", ACCEPTED.event, "appraisal:330500"),
        panel("first", "2026-05-22"),
        handed("first", "worker", "2026-05-25"),
        handed("first", "employer", "2026-05-25"),
    )
    asked = dx.RequestAppraisal(office="appraisal:330000")
    quick.when(asked, "2026-06-01", EMPLOYER).then(
        dx.AppraisalRequested(level="final", party="employer", office="appraisal:330000")
    )


def test_after_a_final_appraisal_the_other_party_too_has_nothing_to_ask() -> None:
    case = given(
        "diagnosis",
        *APPRAISED,
        on(
            "2026-07-16",
            dx.AppraisalRequested(level="final", party="worker", office="appraisal:330000"),
            WORKER,
        ),
        panel("final", "2026-07-20"),
        handed("final", "worker", "2026-07-21"),
        handed("final", "employer", "2026-07-21"),
    )
    case.when(dx.RequestAppraisal(office="o"), "2026-07-22", EMPLOYER).refused("no-right")


def test_the_employers_suit_counts_from_the_last_delivery_whatever_was_entered_last() -> None:
    awarded = on(
        "2026-04-13",
        dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded"),
        "HSSB",
    )
    case = given(
        "diagnosis",
        APPLIED,
        ARBITRATION,
        awarded,
        *APPRAISED[1:],
        on(
            "2026-07-20",
            dx.AppraisalRequested(level="final", party="worker", office="appraisal:330000"),
            WORKER,
        ),
        panel("final", "2026-08-20"),
        handed("final", "employer", "2026-08-25"),
        handed("final", "worker", "2026-08-24"),
    )
    # 08-25 plus fifteen days.
    assert case.may(EMPLOYER, "2026-08-26")["dx.employer-sue"] == "2026-09-09"


# --- Stops, and beginning again ------------------------------------------------------------------


def test_two_arbitrations_hold_the_clock_until_both_are_over() -> None:
    early = on("2026-03-02", dx.FileCompleted(basis="齐全"))
    second = on("2026-03-16", dx.ArbitrationFiled(arbitration="arbitration-2", matter="劳动关系"))

    def over(number: int, day: str) -> Fact:
        told = dx.ArbitrationConcluded(arbitration=f"arbitration-{number}", outcome="awarded")
        return on(day, told, "HSSB")

    for first, last in ((1, 2), (2, 1)):
        case = given("diagnosis", APPLIED, early, ARBITRATION, second, over(first, "2026-04-10"))
        assert case.owes(INSTITUTION, "2026-04-10") == {"dx.conclude": None}
        case.add(over(last, "2026-04-13"))
        # 04-01 plus the 32 days from 03-12 to 04-13: 05-03, in the holiday, so 05-06.
        assert case.owes(INSTITUTION, "2026-04-13") == {"dx.conclude": "2026-05-06/04-30"}


def test_a_ruling_asked_after_the_last_day_does_not_wash_the_delay_away() -> None:
    early = on("2026-03-02", dx.FileCompleted(basis="齐全"))
    case = given("diagnosis", APPLIED, early, on("2026-04-02", RULING.event))
    assert case.task("dx.conclude").standing(noon("2026-04-03")) == "overdue"
    case.add(RULED, concluded("2026-04-20"))
    assert case.task("dx.conclude").on_time is False


def test_a_stop_between_the_counted_end_and_the_rolled_day_still_gives_its_days_back() -> None:
    # Thirty days from 2026-09-04 end 10-04 and roll over the holiday to 10-08.
    file = on("2026-09-04", dx.FileCompleted(basis="齐全"))
    asked, given_ = on("2026-10-06", RULING.event), on("2026-10-16", RULED.event, "HB")
    case = given("diagnosis", APPLIED, file, asked)
    assert case.owes(INSTITUTION, "2026-10-07") == {"dx.conclude": None}
    case.add(given_)
    # 10-04 plus ten days.
    assert case.owes(INSTITUTION, "2026-10-16") == {"dx.conclude": "2026-10-14"}


def test_a_new_application_after_a_withdrawal_gathers_its_own_evidence() -> None:
    case = given(
        "diagnosis",
        SUSPECTED,
        APPLIED,
        ASKED,
        RULING,
        on("2026-03-23", dx.DiagnosisWithdrawn(reason="r"), WORKER),
    )
    case.when(dx.GiveRuling(finding="f"), "2026-03-24", "HB").refused("no-ruling-asked")
    case.add(on("2026-04-01", APPLIED.event, WORKER))
    case.when(dx.SupplyData(), "2026-04-02", EMPLOYER).refused("not-requested")
    case.when(dx.RequestRuling(ground="disputed_data"), "2026-04-02").done()
    assert case.owes("HB", "2026-04-02") == {"dx.ruling": "2026-05-06/04-30"}  # 05-02


def test_a_file_complete_before_a_withdrawal_is_to_be_completed_anew() -> None:
    case = given(
        "diagnosis",
        SUSPECTED,
        APPLIED,
        on("2026-03-03", dx.FileCompleted(basis="齐全")),
        on("2026-03-05", dx.DiagnosisWithdrawn(reason="r"), WORKER),
        on("2026-04-01", APPLIED.event, WORKER),
    )
    case.when(SILICOSIS, "2026-04-02").refused("file-incomplete")
    case.when(dx.CompleteFile(basis="齐全"), "2026-04-02").done()
    assert case.owes(INSTITUTION, "2026-04-02") == {"dx.conclude": "2026-05-06/04-30"}


@pytest.mark.parametrize(
    ("facts", "command", "by", "code"),
    [
        ((SUSPECTED,), dx.InformSuspect(party="worker"), "hospital:H-01", "repeated"),
        ((SUSPECTED,), dx.FileSuspectedCard(), "hospital:H-01", "repeated"),
        ((*DIAGNOSED, FIRST, ACCEPTED), dx.SendFiles(), INSTITUTION, "repeated"),
        (
            (APPLIED, on("2026-03-03", dx.SurveyRequested(matter="m"))),
            dx.OrganiseSurvey(),
            "HB",
            "organised",
        ),
    ],
)
def test_the_same_step_is_not_recorded_twice(
    facts: tuple[Fact, ...], command: Any, by: str, code: str
) -> None:
    case = given("diagnosis", *facts).when(command, "2026-07-20", by).done()
    case.when(command, "2026-07-20", by).refused(code)


# --- The dissolved employer, to the day ----------------------------------------------------------


def test_a_dissolved_employers_worker_is_diagnosed_on_the_ruling_of_the_bureau() -> None:
    gone = dx.RulingRequested(ground="employer_gone")
    case = given("diagnosis", on("2025-09-08", APPLIED.event, WORKER), on("2025-09-22", gone))
    # 30 days from 09-22: 10-22. The diagnosis waits and has no date.
    assert case.owes("HB", "2025-09-30") == {"dx.ruling": "2025-10-22"}
    assert case.owes(INSTITUTION, "2025-09-30") == {"dx.conclude": None}
    assert case.task("dx.conclude").standing(noon("2025-09-30")) == "waiting"
    case.add(on("2025-10-20", RULED.event, "HB"), on("2025-10-20", COMPLETE.event))
    assert case.owes("HB", "2025-10-21") == {}
    assert case.owes(INSTITUTION, "2025-10-21") == {"dx.conclude": "2025-11-19"}
    case.add(concluded("2025-11-12"))
    assert case.owes(INSTITUTION, "2025-11-13") == {
        "dx.deliver": "2025-11-27",
        "dx.card": "2025-11-27",
    }
    case.add(delivered("worker", "2025-11-17"))
    assert case.owes(INSTITUTION, "2025-11-18") == {"dx.card": "2025-11-27"}
    assert case.may(WORKER, "2025-11-18") == {"dx.appraise-first": "2025-12-17"}
    assert case.may(EMPLOYER, "2025-11-18") == {}


def test_the_suspicion_is_told_when_worker_and_employer_both_know() -> None:
    case = given("diagnosis", SUSPECTED)
    case.add(on("2026-02-11", dx.SuspectInformed(party="worker"), "hospital:H-01"))
    assert "dx.inform-suspect" in case.owes("hospital:H-01", "2026-02-11")
    case.add(on("2026-02-12", dx.SuspectInformed(party="employer"), "hospital:H-01"))
    assert "dx.inform-suspect" not in case.owes("hospital:H-01", "2026-02-12")


def test_a_final_appraisal_gets_its_files_from_the_first_panels_office() -> None:
    case = given(
        "diagnosis",
        *DIAGNOSED,
        FIRST,
        ACCEPTED,
        panel("first", "2026-07-10"),
        handed("first", "worker", "2026-07-14"),
        handed("first", "employer", "2026-07-15"),
        on(
            "2026-07-20",
            dx.AppraisalRequested(level="final", party="worker", office="appraisal:330000"),
            WORKER,
        ),
        on("2026-07-22", dx.AppraisalAccepted(level="final"), "appraisal:330000"),
    )
    # Ten days: 08-01, a Saturday; 08-03, safe 07-31.
    assert case.owes("appraisal:330500", "2026-07-22") == {
        "dx.appraisal-files-final": "2026-08-03/07-31"
    }
    assert "dx.appraisal-files" not in case.owes(INSTITUTION, "2026-07-22")


def test_spent_windows_of_appraisal_no_longer_show() -> None:
    case = given("diagnosis", *DIAGNOSED, FIRST, ACCEPTED, panel("first", "2026-06-10"))
    assert case.may(EMPLOYER, "2026-06-10") == {}


def test_a_survey_no_longer_matters_once_the_diagnosis_is_made() -> None:
    asked = on("2026-05-11", dx.SurveyRequested(matter="m"))
    case = given("diagnosis", APPLIED, COMPLETE, asked)
    assert set(case.owes("HB", "2026-05-11")) == {"dx.survey-organise", "dx.survey-finish"}
    case.add(concluded())
    assert case.owes("HB", "2026-05-12") == {}


def test_an_open_application_holds_its_institution_and_worker_until_it_ends() -> None:
    """One institution has one open application of a worker; ended, he may apply again."""
    held = dx.keys(dx.State(applied=True, institution=INSTITUTION, subject="S-1"))
    assert held == {Claim("diagnosis.open", f"{INSTITUTION}|S-1")}
    assert dx.keys(dx.State()) == frozenset()
    ended = dx.State(applied=True, institution=INSTITUTION, subject="S-1", withdrawn=True)
    assert dx.keys(ended) == frozenset()


# --- Whose duty it is ---------------------------------------------------------------------------

BY_EMPLOYER = on(
    "2026-02-10",
    dx.SuspectedReported(subject="S-1", reporter=EMPLOYER, employer=EMPLOYER, hazard="矽尘"),
    EMPLOYER,
)
ARRANGE = dx.ArrangeDiagnosis(institution=INSTITUTION)


def test_an_employer_that_reported_owes_the_diagnosis_and_neither_card_nor_telling() -> None:
    case = given("diagnosis", BY_EMPLOYER)
    assert case.owes(EMPLOYER, "2026-02-11") == {"dx.arrange-diagnosis": None}
    case.when(dx.FileSuspectedCard(), "2026-02-11", EMPLOYER).refused("not-owed")
    case.when(dx.InformSuspect(party="worker"), "2026-02-11", EMPLOYER).refused("not-owed")


def test_the_employer_is_discharged_when_it_has_arranged_the_diagnosis() -> None:
    case = given("diagnosis", SUSPECTED).when(ARRANGE, "2026-02-20", EMPLOYER).done()
    assert case.owes(EMPLOYER, "2026-02-20") == {}
    assert case.task("dx.arrange-diagnosis").closed is not None
    # Whether to apply is the worker's to say.
    assert case.may(WORKER, "2026-02-20") == {"dx.apply": None}
    case.when(ARRANGE, "2026-02-21", EMPLOYER).refused("not-owed")
    given("diagnosis", APPLIED).when(ARRANGE, "2026-03-03", EMPLOYER).refused("not-reported")


def test_an_employer_found_gone_owes_no_data_and_has_no_suit() -> None:
    awarded = dx.ArbitrationConcluded(arbitration="arbitration-1", outcome="awarded")
    over, later = on("2026-03-10", awarded), on("2026-04-13", awarded)
    gone = on("2026-03-20", dx.RulingRequested(ground="employer_gone"))
    before = on("2026-03-05", ARBITRATION.event)
    case = given("diagnosis", APPLIED, ASKED, before, over, RULING, RULED)
    # Another ruling leaves the employer what it owes and may do.
    assert "dx.employer-data" in case.owes(EMPLOYER, "2026-04-13")
    assert case.task("dx.employer-sue").closed is None
    case = given("diagnosis", APPLIED, ASKED, before, over, gone)
    assert case.owes(EMPLOYER, "2026-03-20") == {}
    # Thirty days from 03-20: 04-19, a Sunday.
    assert case.owes("HB", "2026-04-01") == {"dx.ruling": "2026-04-20/04-17"}
    assert case.task("dx.employer-sue").closed is not None
    case = given("diagnosis", APPLIED, gone, ARBITRATION, later)
    assert [t.rule.id for t in case.fold.open_tasks() if t.holder == EMPLOYER] == []


def test_an_appraisal_that_finds_a_disease_brings_the_card_and_one_that_finds_none_ends_it() -> (
    None
):
    none = (APPLIED, COMPLETE, concluded(result="not_od"), *DIAGNOSED[3:], FIRST, ACCEPTED)
    case = given("diagnosis", *none)
    found = dx.ConcludeAppraisal(result="od", disease="矽肺", stage="壹期", panel=5)
    case.when(found, "2026-06-29", "appraisal:330500").done()
    # Fifteen days from 06-29: 07-14.
    assert case.owes(INSTITUTION, "2026-06-29")["dx.card-appraised"] == "2026-07-14"
    assert "dx.card" not in case.owes(INSTITUTION, "2026-06-29")
    case.when(dx.ReportCard(), "2026-07-01").done()
    assert "dx.card-appraised" not in case.owes(INSTITUTION, "2026-07-01")
    case = given("diagnosis", *DIAGNOSED, FIRST, ACCEPTED)
    case.when(found, "2026-06-29", "appraisal:330500").done()
    # Late before, late now: the same disease gives no new days.
    assert case.owes(INSTITUTION, "2026-06-29")["dx.card"] == "2026-05-27"
    assert "dx.card-appraised" not in case.owes(INSTITUTION, "2026-06-29")
    case = given("diagnosis", *DIAGNOSED, FIRST, ACCEPTED)
    case.when(
        dx.ConcludeAppraisal(result="not_od", panel=5), "2026-06-29", "appraisal:330500"
    ).done()
    assert "dx.card" not in case.owes(INSTITUTION, "2026-06-29")
    case.when(dx.ReportCard(), "2026-07-01").refused("not-od")


def test_where_no_disease_was_found_there_is_no_card_to_file() -> None:
    case = given("diagnosis", APPLIED, COMPLETE, concluded(result="not_od"))
    case.when(dx.ReportCard(), "2026-05-13").refused("not-od")


def test_a_ruling_is_not_asked_for_because_data_are_withheld() -> None:
    case = given("diagnosis", APPLIED, ASKED)
    outcome = case.when(dx.RequestRuling(ground="data_withheld"), "2026-03-20")
    outcome.refused("no-ruling-for-this")
    assert outcome.refusal is not None
    assert "劳动者自述、监督检查资料" in outcome.refusal.zh
    # An earlier one on record reads as it always did and its ruling is still given.
    old = on("2026-03-20", dx.RulingRequested(ground="data_withheld"))
    case = given("diagnosis", APPLIED, ASKED, old)
    assert case.when(dx.GiveRuling(finding="属实"), "2026-03-21", "HB").refusal is None


def test_conclusions_read_as_sentences() -> None:
    plainly = concluded().event
    assert sentence(plainly, {}).endswith("作出诊断结论：职业病（矽肺壹期）")
    assert sentence(concluded(result="not_od").event, {}).endswith("作出诊断结论：非职业病")
    deaf = replace(plainly, disease="噪声聋", stage=None)
    assert sentence(deaf, {}).endswith("作出诊断结论：职业病（噪声聋）")
    assert sentence(SUPPLIED.event, {}) == "用人单位提供诊断资料（无争议）"
