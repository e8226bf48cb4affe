"""Links between cases: what rests on a case is told when it changes, and looked at again.

E9: decided 2026-02-27, revoked 2026-06-12, served 06-17; 08-16 is a Sunday. E1: 2026-03-18.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.cases import arbitration as arb
from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.cases import reconsideration as fy
from domain.cases import relief
from domain.corrections import CorrectFact
from domain.events import sentence
from domain.links import BasisQuestioned, ReviewBasis
from tests.spec import EMPLOYER, INSTITUTION, WORKER, World, on

DX, WI, FY, RLF, INC, ARB = (
    "diagnosis-1",
    "determination-1",
    "reconsideration-1",
    "relief-1",
    "incident-1",
    "arbitration-1",
)
HOSPITAL = "hospital:H-01"
OFFICE = "appraisal:330500"
SILICOSIS: dict[str, Any] = {"result": "od", "disease": "矽肺", "stage": "壹期"}
STANDS = ReviewBasis(finding="basis_stands", note="n")


APPLY = dx.OpenByApplication(
    subject="S-1",
    institution=INSTITUTION,
    employer=EMPLOYER,
    hazard="矽尘",
    locality="household",
)


def diagnosed(concluded: str = "2025-12-08") -> World:
    """An occupational disease, and the injury case that it opened."""
    return (
        World()
        .do(DX, APPLY, "2025-11-10", WORKER)
        .do(DX, dx.CompleteFile(basis="b"), "2025-11-14")
        .do(DX, dx.Conclude(certificate="c", **SILICOSIS), concluded)
    )


def determined() -> World:
    """E9: 认定为工伤 on 2026-02-27, served on the employer on 03-06."""
    world = diagnosed().do(WI, wi.FileDetermination(applicant="employer"), "2025-12-29", EMPLOYER)
    world.do(WI, wi.AcceptDetermination(), "2026-01-05", "HSSB")
    world.do(WI, wi.Determine(injury="yes", decision="合成9号"), "2026-02-27", "HSSB")
    return world.do(WI, wi.ServeDecision(party="employer"), "2026-03-06", "HSSB")


def reconsidered() -> World:
    apply = fy.ApplyForReconsideration(case_determination=WI)
    world = determined().do(FY, apply, "2026-04-20", EMPLOYER)
    return world.do(FY, fy.AcceptReconsideration(), "2026-04-24", "JB")


def decision(outcome: Any = "decision_revoked", **also: Any) -> fy.DecideReconsideration:
    told = {"document": "合成3号", "served_on": date(2026, 6, 12), **also}
    return fy.DecideReconsideration(outcome=outcome, **told)


def in_relief(world: World, day: str = "2026-03-20") -> World:
    asked = relief.ApplyForRelief(
        case_diagnosis=DX,
        township="TS-110",
        ground="employer_ceased",
        evidence="deregistration",
        tracks=("minimum_living",),
    )
    return world.do(RLF, asked, day, WORKER)


def accident(**also: Any) -> World:
    report = inc.ReportIncident(
        employer=EMPLOYER,
        township="TS-001",
        cause="acute_poisoning",
        accident_on=date(2026, 3, 18),
        told="HB",
        subject="S-r",
        hospital=HOSPITAL,
        poisoned=4,
        **also,
    )
    return World().do(INC, report, "2026-03-18", EMPLOYER)


def injury_case(world: World) -> str:
    return next(id for id in world.cases if id.startswith("determination-"))


# --- Reconsideration and revocation (E9) ---------------------------------------------------------


def test_the_copy_is_forwarded_in_seven_working_days_and_answered_in_ten() -> None:
    world = reconsidered()
    # 04-27, 28, 29, 30, 05-06, 07, 08; sixty days: 06-23.
    assert world.case(FY).owes("JB", "2026-04-24") == {
        "fy.forward": "2026-05-08",
        "fy.decide": "2026-06-23",
    }
    world.do(FY, fy.ForwardCopy(received_on=date(2026, 4, 28)), "2026-04-28", "JB")
    assert world.case(FY).owes("HSSB", "2026-04-28") == {"fy.reply": "2026-05-14"}


def test_a_reply_that_does_not_come_shows_in_the_reconsideration_the_day_after() -> None:
    world = reconsidered().do(FY, fy.ForwardCopy(), "2026-04-28", "JB")
    assert "fy.no-reply" not in world.case(FY).owes("JB", "2026-05-14")
    assert "fy.no-reply" in world.case(FY).owes("JB", "2026-05-15")
    answered = reconsidered().do(FY, fy.ForwardCopy(), "2026-04-28", "JB")
    answered.do(FY, fy.Reply(), "2026-05-14", "HSSB")
    assert "fy.no-reply" not in answered.case(FY).owes("JB", "2026-05-15")


def test_a_revocation_opens_the_redetermination_and_the_workers_suit() -> None:
    world = reconsidered().do(FY, decision(), "2026-06-12", "JB")
    case = world.case(WI)
    assert case.fold.status == "原认定已撤销，待重新认定"
    assert case.fold.state.revoked == ("合成9号",)
    # Sixty days: 08-11; fifteen: 06-27, a Saturday, rolls to 06-29.
    assert case.owes("HSSB", "2026-06-12") == {"wi.redetermine": "2026-08-11"}
    assert case.may(WORKER, "2026-06-12") == {"wi.sue-after": "2026-06-29/06-26"}
    assert case.may(EMPLOYER, "2026-06-12") == {}  # it has what it asked for
    again = wi.Determine(injury="no", decision="合成41号")
    world.do(WI, again, "2026-08-11", "HSSB")
    assert case.owes("HSSB", "2026-08-11") == {"wi.serve": "2026-08-31"}
    assert case.fold.status == "不予认定"


def test_a_decision_upheld_stands_and_both_may_sue() -> None:
    world = reconsidered().do(FY, decision("decision_upheld"), "2026-06-12", "JB")
    case = world.case(WI)
    assert case.fold.state.determined == "yes"
    for party in (WORKER, EMPLOYER):
        assert case.may(party, "2026-06-12") == {"wi.sue-after": "2026-06-29/06-26"}


def test_what_is_disputed_is_named() -> None:
    world = reconsidered()
    applied = world.case(FY).fold.facts[0][0].event
    assert sentence(applied, {}) == "用人单位申请行政复议（针对工伤认定决定合成9号）"
    (began,) = world.case(WI).fold.facts_of(wi.ReconsiderationBegan)
    assert sentence(began.event, {}) == "用人单位申请行政复议（针对工伤认定决定合成9号）"
    # Upheld, the determination is sued upon; revoked, the reconsideration itself.
    world.do(FY, decision(), "2026-06-12", "JB")
    world.do(WI, wi.SueDetermination(), "2026-06-15", WORKER)
    (sued,) = world.case(WI).fold.facts_of(wi.DeterminationSued)
    assert sued.event.against == "行政复议决定"
    upheld = reconsidered().do(FY, decision("decision_upheld"), "2026-06-12", "JB")
    upheld.do(WI, wi.SueDetermination(), "2026-06-15", WORKER)
    (sued,) = upheld.case(WI).fold.facts_of(wi.DeterminationSued)
    assert sued.event.against == "合成9号"


def test_one_determination_is_not_disputed_in_two_places() -> None:
    world = reconsidered()
    world.refuses(WI, wi.SueDetermination(), "2026-04-28", EMPLOYER, "reconsidering")
    again = fy.ApplyForReconsideration(case_determination=WI)
    world.refuses("reconsideration-2", again, "2026-04-28", EMPLOYER, "no-right")
    sued = determined().do(WI, wi.SueDetermination(), "2026-04-20", EMPLOYER)
    sued.refuses(FY, again, "2026-04-21", EMPLOYER, "sued")


def test_a_window_that_closed_stays_closed() -> None:
    apply = fy.ApplyForReconsideration(case_determination=WI)
    determined().refuses(FY, apply, "2026-05-07", EMPLOYER, "window-closed")
    determined().do(FY, apply, "2026-05-06", EMPLOYER)


def test_a_service_before_the_decision_or_in_the_future_is_none() -> None:
    for day in (date(2026, 6, 11), date(2026, 6, 13)):
        reconsidered().refuses(FY, decision(served_on=day), "2026-06-12", "JB", "service-day")


def test_a_court_revokes_from_outside() -> None:
    world = determined().do(WI, wi.SueDetermination(), "2026-04-20", EMPLOYER)
    judged = wi.RecordJudgment(
        outcome="decision_revoked", document="合成行初1号", served_on=date(2026, 9, 1)
    )
    world.do(WI, judged, "2026-09-01", "HSSB")
    # Sixty days: 10-31, a Saturday, rolls to 11-02.
    assert world.case(WI).owes("HSSB", "2026-09-01") == {
        "wi.redetermine-judged": "2026-11-02/10-30"
    }
    world.refuses(WI, judged, "2026-09-02", "HSSB", "not-sued")


def test_what_was_granted_is_under_review_and_medical_costs_are_paid_on() -> None:
    world = determined()
    world.do(WI, wi.GrantBenefit(benefit="medical_costs", payer="fund"), "2026-03-12", "HSSB")
    stop = wi.ReviewBenefit(benefit="medical_costs", outcome="benefit_stopped")
    world.refuses(WI, stop, "2026-03-13", "HSSB", "not-questioned")
    world.do(FY, fy.ApplyForReconsideration(case_determination=WI), "2026-04-20", EMPLOYER)
    assert world.case(WI).fold.state.benefits == (("medical_costs", "active"),)
    world.do(FY, fy.AcceptReconsideration(), "2026-04-24", "JB")
    world.do(FY, decision(), "2026-06-12", "JB")
    assert world.case(WI).fold.state.benefits == (("medical_costs", "under_review"),)
    assert "wi.review-benefits" in world.case(WI).owes("HSSB", "2026-06-12")
    world.refuses(WI, stop, "2026-06-15", "HSSB", "medical-goes-on")
    world.do(WI, wi.Determine(injury="no", decision="x"), "2026-07-01", "HSSB")
    world.do(WI, stop, "2026-07-02", "HSSB")
    assert "wi.review-benefits" not in world.case(WI).owes("HSSB", "2026-07-02")


def test_relief_that_rests_on_the_injury_case_is_told_and_reviewed() -> None:
    world = in_relief(reconsidered(), "2026-05-06")
    assert not world.case(RLF).fold.under_review
    world.do(FY, decision(), "2026-06-12", "JB")
    assert world.case(RLF).fold.under_review
    assert world.case(RLF).fold.status.endswith("（复核中）")
    assert "rlf.review-basis" in world.case(RLF).owes("CAB", "2026-06-12")
    world.refuses(RLF, STANDS, "2026-06-15", "MIB", "wrong-actor")
    world.do(RLF, STANDS, "2026-06-15", "CAB")
    assert not world.case(RLF).fold.under_review
    world.refuses(RLF, STANDS, "2026-06-16", "CAB", "nothing-to-review")


def test_a_unit_that_finds_its_basis_gone_owes_the_change_until_it_made_it() -> None:
    world = in_relief(reconsidered(), "2026-05-06").do(FY, decision(), "2026-06-12", "JB")
    gone = ReviewBasis(finding="basis_gone", note="n")
    world.do(RLF, gone, "2026-06-15", "CAB")
    assert "rlf.act-on-review" in world.case(RLF).owes("CAB", "2026-06-15")
    world.do(RLF, relief.EndRelief(reason="deceased"), "2026-06-16", "CAB")
    assert world.case(RLF).owes("CAB", "2026-06-16") == {}


# --- The diagnosis changes -----------------------------------------------------------------------


def appraised(world: World, result: Any, day: str) -> World:
    world.do(DX, dx.Deliver(party="worker"), "2025-12-10").do(
        DX, dx.Deliver(party="employer"), "2025-12-10"
    )
    world.do(DX, dx.RequestAppraisal(office=OFFICE), "2025-12-30", EMPLOYER)
    world.do(DX, dx.AcceptAppraisal(), "2026-01-05", OFFICE)
    found: dict[str, Any] = SILICOSIS if result == "od" else {"result": "not_od"}
    return world.do(DX, dx.ConcludeAppraisal(panel=5, **found), day, OFFICE)


def test_an_appraisal_re_opens_the_determination_and_the_relief_that_rest_on_it() -> None:
    world = in_relief(determined())
    appraised(world, "not_od", "2026-04-10")
    assert "wi.review-basis" in world.case(WI).owes("HSSB", "2026-04-10")
    assert "rlf.review-basis" in world.case(RLF).owes("CAB", "2026-04-10")
    assert world.case(WI).fold.state.determined == "yes"  # nothing is undone by itself


def test_an_appraisal_that_says_the_same_re_opens_nothing() -> None:
    world = in_relief(determined())
    appraised(world, "od", "2026-04-10")
    assert "wi.review-basis" not in world.case(WI).owes("HSSB", "2026-04-10")
    assert not world.case(RLF).fold.under_review


def test_an_application_not_yet_decided_is_decided_on_the_new_basis_without_a_review() -> None:
    world = diagnosed().do(WI, wi.FileDetermination(applicant="worker"), "2025-12-29", WORKER)
    appraised(world, "not_od", "2026-04-10")
    assert "wi.review-basis" not in world.case(WI).owes("HSSB", "2026-04-10")


def test_a_corrected_conclusion_is_told_like_an_appraised_one() -> None:
    world = in_relief(determined())
    stage = CorrectFact(version=3, changes={"stage": "贰期"}, reason="录错")
    world.do(DX, stage, "2026-04-10")
    assert "wi.review-basis" in world.case(WI).owes("HSSB", "2026-04-10")
    assert "rlf.review-basis" in world.case(RLF).owes("CAB", "2026-04-10")


def test_a_corrected_employer_is_corrected_on_the_injury_case_too() -> None:
    other = "employer:91330523MA000TE3XK"
    world = diagnosed()
    named = CorrectFact(version=1, changes={"employer": other}, reason="录错")
    world.do(DX, named, "2025-12-10", WORKER)
    assert world.case(WI).owes(other, "2025-12-10") == {"wi.employer-apply": "2026-01-07"}
    assert world.case(WI).owes(EMPLOYER, "2025-12-10") == {}


def test_a_corrected_party_is_corrected_wherever_it_was_copied() -> None:
    other = "employer:91330523MA000TE3XK"
    named = CorrectFact(version=1, changes={"employer": other}, reason="录错")
    world = in_relief(reconsidered(), "2026-05-06")
    world.do(DX, named, "2026-05-07", WORKER)
    assert world.case(WI).fold.parties["employer"] == other
    assert world.case(FY).fold.parties["employer"] == other
    person = CorrectFact(version=1, changes={"subject": "S-2"}, reason="录错")
    world.do(DX, person, "2026-05-08", WORKER)
    for case in (WI, FY, RLF):
        assert world.case(case).fold.parties["worker"] == "worker:S-2"
    # A slip of the pen, or somebody else? 民政局 must look before it goes on paying.
    assert "rlf.review-basis" in world.case(RLF).owes("CAB", "2026-05-08")
    assert world.case(RLF).fold.under_review
    pending = awarded("relation_exists").do(DX, named, "2026-05-07", WORKER)
    assert pending.case(ARB).fold.parties["employer"] == other


def test_an_injury_found_questions_the_relief_given_meanwhile() -> None:
    world = diagnosed().do(WI, wi.FileDetermination(applicant="worker"), "2025-12-29", WORKER)
    world.do(WI, wi.AcceptDetermination(), "2026-01-05", "HSSB")
    in_relief(world, "2026-01-06")
    world.do(WI, wi.Determine(injury="yes", decision="x"), "2026-02-27", "HSSB")
    assert "rlf.review-basis" in world.case(RLF).owes("CAB", "2026-02-27")
    check = relief.CheckEntry()
    world.refuses(RLF, check, "2026-03-02", "TS-110", "injury-determined")


# --- Towards relief ------------------------------------------------------------------------------


def test_a_refusal_because_no_employer_is_left_has_the_patient_told_of_relief() -> None:
    world = diagnosed().do(WI, wi.FileDetermination(applicant="worker"), "2025-12-29", WORKER)
    refuse = wi.RefuseDetermination(ground="employer_gone_before")
    world.do(WI, refuse, "2025-12-31", "HSSB")
    assert world.case(WI).owes("CAB", "2025-12-31") == {"wi.advise-relief": None}
    in_relief(world, "2026-01-05")
    assert world.case(WI).owes("CAB", "2026-01-05") == {}


def test_another_refusal_has_not() -> None:
    world = diagnosed().do(WI, wi.FileDetermination(applicant="worker"), "2025-12-29", WORKER)
    world.do(WI, wi.RefuseDetermination(ground="out_of_scope"), "2025-12-31", "HSSB")
    assert world.case(WI).owes("CAB", "2025-12-31") == {}


def awarded(relation: arb.Relation) -> World:
    apply = dx.OpenByApplication(
        subject="S-1",
        institution=INSTITUTION,
        employer=EMPLOYER,
        hazard="矽尘",
        locality="household",
    )
    world = World().do(DX, apply, "2026-03-02", WORKER)
    file = arb.FileArbitration(case_diagnosis=DX, matter="relation")
    world.do(ARB, file, "2026-03-03", WORKER)
    world.do(ARB, arb.AcceptArbitration(), "2026-03-04", "HSSB")
    world.do(ARB, arb.Award(finding="f", relation=relation), "2026-03-30", "HSSB")
    world.do(ARB, arb.ServeAward(party="worker"), "2026-04-01", "HSSB")
    return world.do(ARB, arb.ServeAward(party="employer"), "2026-04-02", "HSSB")


def test_a_relation_that_cannot_be_determined_leads_to_relief_once_the_award_is_final() -> None:
    # Fifteen days from 04-01: 04-16.
    world = awarded("relation_undeterminable")
    assert world.case(ARB).owes("CAB", "2026-04-16") == {}
    assert world.case(ARB).owes("CAB", "2026-04-17") == {"arb.advise-relief": None}
    sued = awarded("relation_undeterminable").do(ARB, arb.Sue(), "2026-04-10", WORKER)
    assert sued.case(ARB).owes("CAB", "2026-04-17") == {}
    found = awarded("relation_exists")
    assert found.case(ARB).owes("CAB", "2026-04-17") == {}


def test_whoever_asks_for_relief_on_the_diagnosis_is_not_told_that_he_may() -> None:
    """On the ground that the firm is gone, while the award is not final yet; nor after a suit."""
    for sued in (False, True):
        world = awarded("relation_undeterminable").do(DX, dx.CompleteFile(basis="b"), "2026-04-03")
        world.do(DX, dx.Conclude(certificate="c", **SILICOSIS), "2026-04-08")
        if sued:
            world.do(ARB, arb.Sue(), "2026-04-09", WORKER)
        asking = replace(
            asking_on_the_award(),
            case_arbitration=None,
            ground="employer_ceased",
            evidence="deregistration",
        )
        world.do(RLF, asking, "2026-04-10", WORKER)
        if sued:
            judged = arb.RecordJudgment(
                outcome="award_upheld", document="d", relation="relation_undeterminable"
            )
            world.do(ARB, judged, "2026-07-06", "HSSB")
        assert world.case(ARB).owes("CAB", "2026-07-06") == {}


def asking_on_the_award(**also: Any) -> relief.ApplyForRelief:
    return relief.ApplyForRelief(
        case_diagnosis=DX,
        case_arbitration=ARB,
        township="TS-110",
        ground="relation_undeterminable",
        evidence="final_award",
        tracks=("minimum_living",),
        **also,
    )


def test_an_award_proves_the_ground_only_when_it_is_final_and_says_so() -> None:
    def concluded(world: World) -> World:
        world.do(DX, dx.CompleteFile(basis="b"), "2026-04-03")
        return world.do(DX, dx.Conclude(certificate="c", **SILICOSIS), "2026-04-08")

    world = concluded(awarded("relation_undeterminable"))
    world.refuses(RLF, asking_on_the_award(), "2026-04-16", WORKER, "not-final")
    world.do(RLF, asking_on_the_award(), "2026-04-17", WORKER)
    assert world.case(ARB).owes("CAB", "2026-04-17") == {}
    other = concluded(awarded("relation_exists"))
    other.refuses(RLF, asking_on_the_award(), "2026-04-17", WORKER, "no-proof")


def test_an_award_set_aside_re_opens_the_diagnosis_that_rests_on_it() -> None:
    world = awarded("relation_exists").do(DX, dx.CompleteFile(basis="b"), "2026-04-03")
    judge = arb.RecordJudgment(outcome="award_set_aside", document="d")
    world.refuses(ARB, judge, "2026-04-07", "HSSB", "not-sued")
    world.do(ARB, arb.Sue(), "2026-04-10", WORKER)
    world.do(ARB, judge, "2026-07-06", "HSSB")
    assert "dx.review-basis" in world.case(DX).owes(INSTITUTION, "2026-07-06")
    world.do(DX, STANDS, "2026-07-10", INSTITUTION)
    assert "dx.review-basis" not in world.case(DX).owes(INSTITUTION, "2026-07-10")


def test_an_award_upheld_re_opens_nothing() -> None:
    world = awarded("relation_exists").do(DX, dx.CompleteFile(basis="b"), "2026-04-03")
    world.do(ARB, arb.Sue(), "2026-04-10", WORKER)
    world.do(ARB, arb.RecordJudgment(outcome="award_upheld", document="d"), "2026-07-06", "HSSB")
    assert not world.case(DX).fold.under_review


# --- A refusal before 司法局, and an employer that is gone -----------------------------------


def refused_to_take_up() -> World:
    world = diagnosed().do(WI, wi.FileDetermination(applicant="worker"), "2026-02-02", WORKER)
    world.do(WI, wi.RefuseDetermination(ground="out_of_scope"), "2026-02-05", "HSSB")
    return world.do(WI, wi.ServeDecision(party="worker"), "2026-02-09", "HSSB")


def test_a_refusal_is_reconsidered_and_taken_up_after_all() -> None:
    world = refused_to_take_up()
    apply = fy.ApplyForReconsideration(case_determination=WI)
    world.refuses(FY, apply, "2026-03-02", EMPLOYER, "no-right")
    world.do(FY, apply, "2026-03-02", WORKER)
    world.do(FY, fy.AcceptReconsideration(), "2026-03-04", "JB")
    world.do(FY, decision(), "2026-06-12", "JB")
    case = world.case(WI)
    # Sixty days from 06-12: 08-11.
    assert case.owes("HSSB", "2026-06-12") == {"wi.redetermine": "2026-08-11"}
    assert case.may(WORKER, "2026-06-12") == {}
    assert case.fold.state.revoked == ("不予受理决定",)
    world.do(WI, wi.AcceptDetermination(clear=True), "2026-06-15", "HSSB")
    assert world.case(WI).fold.state.accepted


def test_an_employer_that_is_gone_may_not_sue_after_a_reconsideration() -> None:
    world = World().do(DX, APPLY, "2025-11-10", WORKER)
    world.do(DX, dx.RequestRuling(ground="employer_gone"), "2025-11-11")
    world.do(DX, dx.GiveRuling(finding="属实"), "2025-11-14", "HB")
    world.do(DX, dx.CompleteFile(basis="b"), "2025-11-14")
    world.do(DX, dx.Conclude(certificate="c", **SILICOSIS), "2025-12-08")
    assert world.case(WI).owes(EMPLOYER, "2025-12-08") == {}
    world.do(WI, wi.FileDetermination(applicant="worker"), "2026-02-02", WORKER)
    world.do(WI, wi.AcceptDetermination(clear=True), "2026-02-05", "HSSB")
    world.do(WI, wi.Determine(injury="no", decision="合成1号"), "2026-02-10", "HSSB")
    world.do(WI, wi.ServeDecision(party="worker"), "2026-02-11", "HSSB")
    world.do(FY, fy.ApplyForReconsideration(case_determination=WI), "2026-03-02", WORKER)
    world.do(FY, fy.AcceptReconsideration(), "2026-03-04", "JB")
    world.do(FY, decision("decision_upheld", served_on=date(2026, 4, 10)), "2026-04-10", "JB")
    # Fifteen days from 04-10: 04-25, a Saturday.
    assert world.case(WI).may(WORKER, "2026-04-11") == {"wi.sue-after": "2026-04-27/04-24"}
    assert world.case(WI).may(EMPLOYER, "2026-04-11") == {}


def test_who_is_to_review_is_named_and_not_coded() -> None:
    world = refused_to_take_up()
    questioned = on("2026-02-10", BasisQuestioned(source=INC, change="incident_joined"))
    outcome = world.case(WI).add(questioned).when(STANDS, "2026-02-11", "HB")
    outcome.refused("wrong-actor")
    assert outcome.refusal is not None
    assert outcome.refusal.zh == "由人力社保局复核"


# --- From an incident ----------------------------------------------------------------------------


def hurt(**also: Any) -> inc.IdentifyCasualty:
    return inc.IdentifyCasualty(**{"subject": "S-9", "harm": "acutely_poisoned", **also})


def test_each_worker_harmed_has_an_injury_case_counted_from_the_accident() -> None:
    world = accident().do(INC, hurt(), "2026-03-23", HOSPITAL)
    case = world.case(injury_case(world))
    assert case.owes(EMPLOYER, "2026-03-23") == {"wi.employer-apply": "2026-04-17"}
    assert case.may("worker:S-9", "2026-03-23") == {"wi.worker-apply": "2027-03-18"}
    world.refuses(INC, hurt(harm="killed"), "2026-03-24", HOSPITAL, "known")


@pytest.mark.parametrize(
    ("harm", "hazard", "kinds"),
    [
        ("killed", None, {"determination"}),
        ("acutely_poisoned", None, {"determination"}),
        ("acutely_poisoned", "二氯乙烷", {"determination", "diagnosis"}),
        ("over_exposed", "X射线", {"diagnosis"}),
    ],
)
def test_what_a_casualty_opens(harm: inc.Harm, hazard: str | None, kinds: set[str]) -> None:
    world = accident().do(INC, hurt(harm=harm, hazard=hazard), "2026-03-23", HOSPITAL)
    assert {id.partition("-")[0] for id in world.cases} - {"incident"} == kinds
    assert len(world.case(INC).fold.dependents) == len(kinds)


def test_one_worker_of_one_incident_has_one_injury_case() -> None:
    world = accident().do(INC, hurt(hazard="二氯乙烷"), "2026-03-23", HOSPITAL)
    suspected = next(id for id in world.cases if id.startswith("diagnosis-"))
    apply = dx.ApplyDiagnosis(institution=INSTITUTION, locality="household")
    world.do(suspected, apply, "2026-03-24", "worker:S-9")
    world.do(suspected, dx.CompleteFile(basis="b"), "2026-03-25")
    poisoned = dx.Conclude(certificate="c", result="od", disease="二氯乙烷中毒")
    before = set(world.cases)
    world.do(suspected, poisoned, "2026-04-10")
    assert set(world.cases) == before
    # Nobody has applied: the thirty days count from the diagnosis now, 05-10, a Sunday.
    case = world.case(injury_case(world))
    assert case.owes(EMPLOYER, "2026-04-10") == {"wi.employer-apply": "2026-05-11/05-09"}


def test_a_corrected_diagnosis_after_an_accident_is_not_silent() -> None:
    world = accident().do(INC, hurt(hazard="二氯乙烷"), "2026-03-23", HOSPITAL)
    suspected = next(id for id in world.cases if id.startswith("diagnosis-"))
    apply = dx.ApplyDiagnosis(institution=INSTITUTION, locality="household")
    world.do(suspected, apply, "2026-03-24", "worker:S-9")
    world.do(suspected, dx.CompleteFile(basis="b"), "2026-03-25")
    poisoned = dx.Conclude(certificate="c", result="od", disease="二氯乙烷中毒")
    world.do(suspected, poisoned, "2026-04-10")
    case = world.case(injury_case(world))
    day = CorrectFact(version=5, occurred_on=date(2026, 4, 8), reason="录错")
    world.do(suspected, day, "2026-04-13", INSTITUTION)
    # 04-08 + 30 = 05-08.
    assert case.owes(EMPLOYER, "2026-04-13") == {"wi.employer-apply": "2026-05-08"}
    world.do(case.fold.case, wi.FileDetermination(applicant="employer"), "2026-04-14", EMPLOYER)
    other = "employer:91330523MA000TE3XK"
    named = CorrectFact(version=3, changes={"employer": other}, reason="录错")
    world.do(suspected, named, "2026-04-15", "worker:S-9")
    assert "wi.review-basis" in case.owes("HSSB", "2026-04-15")


def test_an_over_exposure_needs_its_hazard_and_a_hospital() -> None:
    accident().refuses(INC, hurt(harm="over_exposed"), "2026-03-23", "HB", "hazard-missing")


def test_an_incident_that_was_none_is_told_to_the_injury_case_under_way() -> None:
    world = accident().do(INC, hurt(), "2026-03-23", HOSPITAL)
    case = injury_case(world)
    world.do(case, wi.FileDetermination(applicant="employer"), "2026-03-25", EMPLOYER)
    world.do(INC, inc.RejectIncident(reason="r"), "2026-03-26", "HB")
    assert "wi.review-basis" in world.case(case).owes("HSSB", "2026-03-26")
    assert world.case(INC).fold.status == "不属于事故"
    assert world.case(INC).owes("EMB", "2026-03-26") == {}


def test_what_rests_on_an_incident_rests_on_the_one_it_was_merged_into() -> None:
    world = accident().do(INC, hurt(), "2026-03-23", HOSPITAL)
    case = injury_case(world)
    world.do(case, wi.FileDetermination(applicant="employer"), "2026-03-25", EMPLOYER)
    report = inc.ReportIncident(
        employer=EMPLOYER,
        township="TS-001",
        cause="acute_poisoning",
        accident_on=date(2026, 3, 18),
        told="HB",
        subject="S-s",
    )
    world.do("incident-2", report, "2026-03-18", EMPLOYER)
    world.do(INC, inc.MergeIncident(case_main="incident-2"), "2026-03-26", "EMB")
    assert world.case("incident-2").fold.dependents == (case,)
    world.do(case, STANDS, "2026-03-27", "HSSB")
    world.do("incident-2", inc.RejectIncident(reason="r"), "2026-03-30", "HB")
    assert "wi.review-basis" in world.case(case).owes("HSSB", "2026-03-30")


def test_a_corrected_accident_day_moves_the_days_of_every_injury_case() -> None:
    world = accident().do(INC, hurt(), "2026-03-23", HOSPITAL)
    day = CorrectFact(version=1, changes={"accident_on": "2026-03-16"}, reason="录错")
    world.do(INC, day, "2026-03-24", EMPLOYER)
    case = world.case(injury_case(world))
    # 03-16 + 30 = 04-15.
    assert case.owes(EMPLOYER, "2026-03-24") == {"wi.employer-apply": "2026-04-15"}


# --- Control -------------------------------------------------------------------------------------


def test_without_the_word_of_the_relief_case_nobody_would_be_told() -> None:
    """Control: with nothing saying that it rests on the injury case, the revocation is silent."""
    world = in_relief(reconsidered(), "2026-05-06")
    world.case(WI).fold = replace(world.case(WI).fold, dependents=())
    world.do(FY, decision(), "2026-06-12", "JB")
    assert not world.case(RLF).fold.under_review
