"""What each kind of letter rests on: its issuer's own act, the law of its day, nothing undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain import letters
from domain.acts import TaskReturned, TaskTransferred
from domain.cases import determination as wi
from domain.cases import diagnosis as dx
from domain.cases import incident as inc
from domain.cases import relief, tip
from domain.papers import DeliverLetter, IssueLetter, LetterIssued
from tests.domain.test_determination import ACCEPTED, DETERMINED, OPENED, filed
from tests.domain.test_diagnosis import APPLIED, concluded
from tests.domain.test_incident import reported
from tests.domain.test_relief import applied
from tests.domain.test_tip import accepted, received
from tests.spec import EMPLOYER, WORKER, Case, Fact, Outcome, given, on, reference


def letter(template: str, *to: str, **values: str) -> IssueLetter:
    return IssueLetter(template=template, to=to, values=values)


def text(outcome: Outcome) -> str:
    assert outcome.refusal is None, outcome.refusal
    [event] = outcome.decided
    assert isinstance(event, LetterIssued)
    template = reference().edition.letters[event.template]
    return letters.rendered(template, event.values, "").text()


# --- Tips ----------------------------------------------------------------------------------------

TOLD = letter("tip-accepted", "informant")


def routed(day: str, to: str) -> Fact:
    return on(day, tip.TipRouted(actor="LGO", to=to, reason="合成"), "LGO")


def test_the_acceptance_of_a_tip_is_told_by_whoever_handles_it_now() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    assert "我单位已于2026年4月14日受理" in text(case.when(TOLD, "2026-04-15", "HB"))
    case.when(TOLD, "2026-04-15", "EIB").refused("not-concerned")
    case.when(TOLD, "2026-04-15", "LGO").refused("letter-issuer")
    case.add(routed("2026-04-16", "HSSB"))
    case.when(TOLD, "2026-04-17", "HB").refused("letter-facts")
    case.when(TOLD, "2026-04-17", "HSSB").refused("letter-facts")
    case.add(accepted("2026-04-20", "HSSB"))
    assert "人力资源和社会保障局" in text(case.when(TOLD, "2026-04-20", "HSSB"))


def test_silence_and_a_labour_case_are_acceptance_too() -> None:
    """Received on Monday 04-13: five working days end on 04-20."""
    case = given("tip", received())
    case.when(TOLD, "2026-04-20", "HB").refused("letter-facts")
    assert "已于2026年4月20日受理" in text(case.when(TOLD, "2026-04-21", "HB"))
    case.when(TOLD, "2026-04-21", "LGO").refused("letter-facts")
    labour = given("tip", received(to="HSSB"))
    labour.add(on("2026-04-15", tip.LabourCaseFiled(unit="HSSB"), "HSSB"))
    assert "已于2026年4月15日受理" in text(labour.when(TOLD, "2026-04-16", "HSSB"))


def test_no_letter_goes_to_or_from_the_unit_that_a_tip_accuses() -> None:
    case = given("tip", received(accused_unit="EIB"))
    over = letter("hand-over", "EIB", matter="合成事项", reason="合成理由")
    case.when(over, "2026-04-14", "HB").refused("accused")
    press = letter("press", "EIB", matter="合成事项", until="2026-05-08")
    case.when(press, "2026-04-14", "LGO").refused("accused")
    from_it = letter("hand-over", "HB", matter="合成事项", reason="合成理由")
    case.when(from_it, "2026-04-14", "EIB").refused("accused")
    text(case.when(letter("hand-over", "HSSB", **from_it.values), "2026-04-14", "HB"))  # control


def test_a_letter_to_the_accused_employer_does_not_show_that_somebody_complained() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    for template in ("notice", "notice-employer"):
        assert template in reference().edition.letters
    case.when(letter("notice", EMPLOYER, matter="合成"), "2026-04-15", "HB").refused("addressee")
    told = text(
        case.when(letter("notice-employer", EMPLOYER, matter="请保存检测记录"), "2026-04-15", "HB")
    )
    assert "请保存检测记录" in told
    for secret in ("投诉", "举报", "DX-2026-0001", "案号"):
        assert secret not in told
    hint = letter("notice-employer", EMPLOYER, matter="有人举报你单位")
    case.when(hint, "2026-04-15", "HB").refused("letter-unsaid")
    other = letter("notice-employer", "employer:91330500MA2B000002", matter="合成")
    case.when(other, "2026-04-15", "HB").refused("addressee")


def test_a_return_is_sent_where_one_was_recorded_and_to_where_it_went() -> None:
    back = letter("return", "LGO")
    case = given("tip", received())
    case.when(back, "2026-04-14", "HB").refused("letter-facts")
    task = case.task("tip.accept")
    returned = TaskReturned(
        task=task.id, title=task.rule.title, reason="not_my_duty", note="属劳动保障。", to="LGO"
    )
    case.add(on("2026-04-14", returned, "HB"))
    told = text(case.when(back, "2026-04-15", "HB"))
    assert "经核，不属于本单位职责：属劳动保障。我单位已于2026年4月14日退回" in told
    assert "《信访工作条例》第二十二条" in told
    case.when(letter("return", "HSSB"), "2026-04-15", "HB").refused("addressee")


def test_a_return_cites_the_clause_of_the_duty_returned_and_the_petitions_only_of_a_tip() -> None:
    case = given("determination", OPENED, filed())
    task = case.task("wi.answer")
    returned = TaskReturned(
        task=task.id, title=task.rule.title, reason="not_my_duty", note="合成", to="LGO"
    )
    case.add(on("2025-10-09", returned, "HSSB"))
    told = text(case.when(letter("return", "LGO"), "2025-10-09", "HSSB"))
    assert "《浙江省工伤保险条例》第十六条" in told
    assert "信访" not in told


# --- Delivery carries the act out ----------------------------------------------------------------


def delivered(case: Case, to: str, day: str, by: str, code: str | None = None) -> tuple[Any, ...]:
    [*_, number] = case.fold.papers.letters
    giving = DeliverLetter(letter=number, to=to, method="by_post", receipt="合成邮件1")
    outcome = case.when(giving, day, by)
    if code:
        outcome.refused(code)
        return ()
    outcome.done()
    return outcome.decided


def test_delivering_the_acceptance_is_telling_the_informant() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    assert "tip.inform" in case.owes("HB", "2026-04-15")
    case.when(TOLD, "2026-04-15", "HB").done()
    assert delivered(case, "informant", "2026-04-16", "HB")[1:] == (tip.InformantTold(unit="HB"),)
    assert {"tip.inform", "letter.deliver"} & case.owes("HB", "2026-04-16").keys() == set()


def test_delivering_a_refusal_tells_him_too() -> None:
    case = given("tip", received())
    case.add(on("2026-04-14", tip.TipNotAccepted(unit="HB", ground="no_facts"), "HB"))
    case.when(letter("tip-refused", "informant"), "2026-04-15", "HB").done()
    assert delivered(case, "informant", "2026-04-16", "HB")[1:] == (tip.InformantTold(unit="HB"),)


def test_who_was_told_before_is_not_told_again() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case.add(on("2026-04-15", tip.InformantTold(unit="HB"), "HB"))
    case.when(TOLD, "2026-04-15", "HB").done()
    assert len(delivered(case, "informant", "2026-04-16", "HB")) == 1


def test_delivering_the_reply_answers_and_starts_the_time_to_ask_review() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    found = tip.TipConcluded(unit="HB", finding="substantiated", note="合成")
    case.add(on("2026-05-11", found, "HB"))
    reply = letter("tip-replied", "informant", opinion="(1)责令改正;(2)罚款。。")
    told = text(case.when(reply, "2026-05-11", "HB"))
    assert "处理意见如下：\n（1）责令改正；（2）罚款。\n" in told
    assert "三十日内向安吉县人民政府或者我单位的上一级主管部门请求复查" in told
    assert "依据：《信访工作条例》第三十四条、第三十五条。" in told
    case.when(reply, "2026-05-11", "HB").done()
    delivered(case, "informant", "2026-05-12", "HB")
    assert not {"tip.reply", "tip.finish", "letter.deliver"} & case.owes("HB", "2026-05-12").keys()
    # Thirty days after 05-12: 19 in May, 11 in June, a Thursday.
    assert case.may("citizen:S-1", "2026-05-12")["tip.review"] == "2026-06-11"


def test_delivering_the_decision_serves_it_party_by_party() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    case.others = {"diagnosis-1": given("diagnosis", APPLIED, concluded()).fold}
    case.when(letter("determination-yes", "worker", "employer"), "2026-02-27", "HSSB").done()
    assert delivered(case, "worker", "2026-03-02", "HSSB")[1:] == (
        wi.DecisionServed(party="worker"),
    )
    assert "wi.serve" in case.owes("HSSB", "2026-03-02")
    assert delivered(case, "employer", "2026-03-03", "HSSB")[1:] == (
        wi.DecisionServed(party="employer"),
    )
    assert not {"wi.serve", "letter.deliver"} & case.owes("HSSB", "2026-03-03").keys()


def test_delivering_a_refusal_to_accept_serves_it_and_starts_the_time_to_dispute() -> None:
    case = given("determination", OPENED, filed())
    refused = wi.DeterminationRefused(ground="out_of_scope", to="worker")
    case.add(on("2025-09-28", refused, "HSSB"))
    case.others = {"diagnosis-1": given("diagnosis", APPLIED, concluded()).fold}
    case.when(letter("determination-refused", "worker"), "2025-09-29", "HSSB").done()
    assert delivered(case, "worker", "2025-09-30", "HSSB")[1:] == (
        wi.RefusalServed(party="worker"),
    )
    # Sixty days from 09-30: 31 in October, 29 in November, a Saturday: Monday 12-01, safe 11-28.
    assert case.may(WORKER, "2025-09-30")["wi.reconsider-refusal"] == "2025-12-01/11-28"


def test_a_letter_whose_fact_was_undone_arrives_and_carries_nothing_out() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case.when(TOLD, "2026-04-15", "HB").done()
    case.add(routed("2026-04-16", "HSSB"))
    assert len(delivered(case, "informant", "2026-04-17", "HB")) == 1
    assert "tip.inform" in case.owes("HSSB", "2026-04-17")


def test_the_checks_of_the_act_hold_for_its_delivery() -> None:
    """An employer that is gone is not served: its service is excused."""
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    gone = dx.RulingRequested(ground="employer_gone")
    diagnosis = given("diagnosis", APPLIED, on("2025-08-04", gone), concluded())
    case.others = {"diagnosis-1": diagnosis.fold}
    case.when(letter("determination-yes", "employer"), "2026-02-27", "HSSB").done()
    delivered(case, "employer", "2026-03-02", "HSSB", code="employer-gone")


def test_another_unit_and_another_decision_have_letters_of_their_own() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    case.when(TOLD, "2026-04-14", "HB").done()
    case.when(TOLD, "2026-04-15", "HB").refused("letter-issued")
    case.add(routed("2026-04-16", "HSSB"), accepted("2026-04-17", "HSSB"))
    case.when(TOLD, "2026-04-17", "HSSB").done()
    injury = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    injury.others = {"diagnosis-1": given("diagnosis", APPLIED, concluded()).fold}
    decision = letter("determination-yes", "worker")
    injury.when(decision, "2026-02-27", "HSSB").done()
    delivered(injury, "worker", "2026-03-02", "HSSB")
    injury.when(decision, "2026-03-03", "HSSB").refused("letter-issued")
    gone = wi.DeterminationRevoked(
        by="by_itself", decision="合成撤1", revoked="合成", served_on=date(2026, 3, 4), redo=True
    )
    injury.add(on("2026-03-04", gone, "HSSB"), on("2026-03-05", DETERMINED.event, "HSSB"))
    injury.when(decision, "2026-03-05", "HSSB").done()  # no correction of the old decision
    delivered(injury, "worker", "2026-03-06", "HSSB")
    assert injury.fold.state.served == {"worker"}


# --- Injuries ------------------------------------------------------------------------------------


def test_after_an_appraisal_the_letter_rests_on_the_appraisal() -> None:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    diagnosis = given("diagnosis", APPLIED, concluded())
    case.others = {"diagnosis-1": diagnosis.fold}
    decision = letter("determination-yes", "worker")
    assert "依据职业病诊断证明书（编号" in text(case.when(decision, "2026-02-27", "HSSB"))
    appraised = dx.AppraisalConcluded(
        level="first", result="od", disease="煤工尘肺", stage="壹期", catalogue="c", panel=5
    )
    case.others = {"diagnosis-1": diagnosis.add(on("2026-02-01", appraised)).fold}
    told = text(case.when(decision, "2026-02-27", "HSSB"))
    assert "依据职业病诊断鉴定书（首次鉴定，2026年2月1日），职工患职业病（煤工尘肺）" in told
    assert "证明书" not in told


def test_an_accident_has_its_own_decision() -> None:
    opened = wi.AccidentOpened(
        incident="incident-1",
        subject="S-1",
        worker=WORKER,
        employer=EMPLOYER,
        harm="injured",
        counted_on=date(2026, 1, 12),
    )
    case = given("determination", on("2026-01-12", opened, "HB"), filed(), ACCEPTED, DETERMINED)
    case.when(letter("determination-yes", "worker"), "2026-02-27", "HSSB").refused("letter-facts")
    decision = letter(
        "determination-yes-accident",
        "worker",
        injury="在车间被机器压伤右手。",
        basis="《工伤保险条例》第十四条第一项",
    )
    told = text(case.when(decision, "2026-02-27", "HSSB"))
    assert (
        "2026年1月12日发生事故：在车间被机器压伤右手。\n上述情形符合《工伤保险条例》第十四条第一项"
        in told
    )
    assert "六十日内向安吉县人民政府申请行政复议" in told
    assert "六个月内向安吉县人民法院提起行政诉讼" in told


def test_temporary_control_is_told_by_who_imposed_it_until_it_is_lifted() -> None:
    case = given("incident", *reported())
    control = letter("incident-control", "employer")
    day = "2026-03-20"
    case.when(control, day, "HB").refused("letter-facts")
    case.add(on("2026-03-19", inc.ControlImposed(unit="HB", measure="停用喷胶线"), "HB"))
    assert "采取下列临时控制措施：停用喷胶线。" in text(case.when(control, day, "HB"))
    case.add(on("2026-03-20", inc.ControlLifted(unit="HB"), "HB"))
    case.when(control, "2026-03-21", "HB").refused("letter-facts")


# --- Relief --------------------------------------------------------------------------------------


def asked(*tracks: relief.Track) -> Case:
    case = Case("relief")
    return case.add(applied(tracks=tracks))


def granted(day: str, track: relief.Track, amount: int, by: str) -> Fact:
    return on(day, relief.ReliefApproved(track=track, amount=amount), by)


def denied(day: str, track: relief.Track, by: str) -> Fact:
    return on(day, relief.ReliefDenied(track=track, reason="不在范围。"), by)


DENIAL, GRANT = letter("relief-denied", "worker"), letter("relief-approved", "worker")


def test_a_denial_cites_the_law_of_its_own_day() -> None:
    case = asked("minimum_living").add(denied("2026-01-14", "minimum_living", "CAB"))
    told = text(case.when(DENIAL, "2026-01-14", "CAB"))
    assert "经审核，不在范围，我单位决定不予最低生活保障。" in told
    assert "社会救助法" not in told
    assert (
        "依据：《浙江省社会救助条例》第十一条、《行政复议法》第二十条、《行政诉讼法》第四十六条。"
        in told
    )
    newer = text(case.when(DENIAL, "2026-07-01", "CAB"))
    assert "《社会救助法》第四十五条、第七十六条" in newer


def test_relief_is_told_by_the_bureau_that_decided_it() -> None:
    case = asked("minimum_living").add(denied("2026-01-14", "minimum_living", "CAB"))
    case.when(DENIAL, "2026-01-14", "TS-110").refused("letter-unit")
    case.when(DENIAL, "2026-01-14", "MIB").refused("letter-unit")
    case.when(letter("relief-denied-medical", "worker"), "2026-01-14", "MIB").refused(
        "not-concerned"
    )
    both = asked("minimum_living", "medical").add(denied("2026-01-14", "minimum_living", "CAB"))
    both.when(letter("relief-denied-medical", "worker"), "2026-01-14", "MIB").refused(
        "letter-issuer"
    )


def test_each_bureau_shows_its_own_track_and_the_latest_amount() -> None:
    case = asked("minimum_living", "medical").add(
        granted("2026-01-14", "minimum_living", 1100, "CAB"),
        granted("2026-01-15", "medical", 8000, "MIB"),
    )
    assert "给予最低生活保障，每月1100元。" in text(case.when(GRANT, "2026-01-16", "CAB"))
    medical = letter("relief-approved-medical", "worker")
    assert "给予医疗救助，救助金额8000元。" in text(case.when(medical, "2026-01-16", "MIB"))
    case.add(
        on("2027-01-14", relief.ReliefReviewed(track="medical", amount=3000), "MIB"),
        on("2027-01-14", relief.ReliefReviewed(track="minimum_living", amount=900), "CAB"),
        on(
            "2027-01-14",
            relief.ReliefReduced(track="minimum_living", before=1100, amount=900),
            "CAB",
        ),
    )
    assert "给予最低生活保障，每月900元。" in text(case.when(GRANT, "2027-01-15", "CAB"))
    cut = text(case.when(letter("relief-reduced", "worker"), "2027-01-15", "CAB"))
    assert "最低生活保障由每月1100元调整为每月900元" in cut


def test_with_two_tracks_of_one_bureau_the_letter_names_its_own() -> None:
    case = asked("minimum_living", "special_hardship").add(
        granted("2026-01-14", "minimum_living", 1100, "CAB"),
        granted("2026-01-14", "special_hardship", 1500, "CAB"),
    )
    case.when(GRANT, "2026-01-14", "CAB").refused("letter-pick")
    case.when(letter("relief-approved", "worker", track="medical"), "2026-01-14", "CAB").refused(
        "letter-pick"
    )
    one = letter("relief-approved", "worker", track="minimum_living")
    assert "给予最低生活保障，每月1100元" in text(case.when(one, "2026-01-14", "CAB"))
    case.when(one, "2026-01-14", "CAB").done()
    case.when(one, "2026-01-15", "CAB").refused("letter-issued")
    other = letter("relief-approved", "worker", track="special_hardship")
    case.when(other, "2026-01-15", "CAB").done()


def ended(day: str, track: relief.Track, by: str, reason: relief.TrackEndReason) -> Fact:
    return on(day, relief.TrackEnded(track=track, unit=by, reason=reason), by)


def test_no_letter_of_relief_states_what_was_decided_otherwise_since() -> None:
    case = asked("minimum_living").add(denied("2026-01-14", "minimum_living", "CAB"))
    case.when(DENIAL, "2026-01-15", "CAB").done()
    case.add(granted("2026-03-02", "minimum_living", 1100, "CAB"))
    case.when(DENIAL, "2026-03-03", "CAB").refused("letter-facts")
    case.when(GRANT, "2026-03-03", "CAB").done()
    again = asked("minimum_living").add(granted("2026-03-02", "minimum_living", 1100, "CAB"))
    again.add(ended("2026-04-01", "minimum_living", "CAB", "moved_away"))
    again.when(GRANT, "2026-04-02", "CAB").refused("letter-facts")


def test_the_end_of_one_track_leaves_the_letter_of_another() -> None:
    case = asked("minimum_living", "rigid_spending").add(
        granted("2026-07-14", "minimum_living", 1100, "CAB"),
        granted("2026-07-14", "rigid_spending", 300, "CAB"),
        ended("2026-08-03", "minimum_living", "CAB", "means_improved"),
    )
    gone = letter("relief-approved", "worker", track="minimum_living")
    case.when(gone, "2026-08-04", "CAB").refused("letter-facts")
    stands = letter("relief-approved", "worker", track="rigid_spending")
    case.when(stands, "2026-08-04", "CAB").done()


def test_a_single_payment_is_told_of_after_the_case_has_ended_and_asks_for_nothing() -> None:
    case = asked("medical").add(
        granted("2026-01-15", "medical", 8000, "MIB"),
        on("2026-01-20", relief.ReliefEnded(reason="single_payment_done"), "CAB"),
    )
    told = text(case.when(letter("relief-approved-medical", "worker"), "2026-01-21", "MIB"))
    assert "救助金额8000元" in told
    assert "家庭经济状况发生变化" not in told


def test_the_end_of_relief_has_its_letter_with_the_ways_to_dispute_it() -> None:
    case = asked("minimum_living").add(
        granted("2026-07-14", "minimum_living", 1100, "CAB"),
        ended("2026-09-07", "minimum_living", "CAB", "means_improved"),
        on("2026-09-07", relief.ReliefEnded(reason="means_improved"), "CAB"),
    )
    told = text(case.when(letter("relief-ended", "worker"), "2026-09-08", "CAB"))
    assert "因家庭经济状况好转，我单位于2026年9月7日决定终止你享受的最低生活保障" in told
    assert "六十日内向安吉县人民政府申请行政复议" in told
    assert "六个月内向" in told


def test_the_end_of_legal_aid_tells_of_the_objection_unless_its_matter_is_done() -> None:
    def aided(reason: relief.TrackEndReason) -> Case:
        aid = granted("2026-01-14", "legal_aid", 0, "JB")
        return asked("legal_aid").add(aid, ended("2026-03-02", "legal_aid", "JB", reason))

    over = letter("legal-aid-ended", "worker")
    told = text(aided("means_improved").when(over, "2026-03-03", "JB"))
    assert "可以向安吉县司法局提出" in told
    aided("aid_concluded").when(over, "2026-03-03", "JB").refused("letter-facts")


def test_a_denial_of_relief_is_no_refusal_to_accept_by_its_number() -> None:
    case = asked("minimum_living").add(denied("2026-01-14", "minimum_living", "CAB"))
    assert case.when(DENIAL, "2026-01-14", "CAB").decided[0].series == "安民职不救"


def test_legal_aid_has_its_own_letters() -> None:
    case = asked("legal_aid").add(denied("2026-01-14", "legal_aid", "JB"))
    told = text(case.when(letter("legal-aid-denied", "worker"), "2026-01-14", "JB"))
    assert "不予法律援助决定书" in told
    assert "可以向安吉县司法局提出" in told
    case.add(granted("2026-01-20", "legal_aid", 0, "JB"))
    case.when(letter("legal-aid-denied", "worker"), "2026-01-21", "JB").refused("letter-facts")
    aid = text(case.when(letter("legal-aid-granted", "worker"), "2026-01-21", "JB"))
    assert "于2026年1月20日决定给予法律援助" in aid
    case.when(GRANT, "2026-01-21", "CAB").refused("not-concerned")


# --- How it is set -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        ("未申报。。", "未申报"),
        ("不在范围。", "不在范围"),
        ("(1)补做检查;(2)公示...", "（1）补做检查；（2）公示……"),
        ("于2026-04-01前,改正", "于2026年4月1日前，改正"),
        ("见GB/T 9704, 共1,000元", "见GB/T 9704, 共1,000元"),
        ("上午10:30到场", "上午10:30到场"),
        ("日期2026-13-40有误", "日期2026-13-40有误"),
    ],
)
def test_what_is_put_in_is_set_as_official_chinese(written: str, set_as: str) -> None:
    assert letters.tidied(written) == set_as


@pytest.mark.parametrize("written", ["2026-5-8", "2026年5月8日", "2026-05-08"])
def test_a_day_is_taken_as_a_day_and_written_out(written: str) -> None:
    case = given("tip", received())
    assert "于2026年5月8日前办结" in text(
        case.when(letter("press", "HB", matter="合成", until=written), "2026-04-14", "LGO")
    )


@pytest.mark.parametrize("written", ["尽快", "2026-02-30", "2026-04-13"])
def test_no_day_and_a_day_that_has_passed_are_refused(written: str) -> None:
    case = given("tip", received())
    press = letter("press", "HB", matter="合成", until=written)
    case.when(press, "2026-04-14", "LGO").refused("letter-date")


def test_whom_to_turn_to_follows_the_unit() -> None:
    edition = reference().edition
    bodies = {
        u: letters.whom("letter-review-body", edition.units[u], edition) for u in ("HB", "EEB")
    }
    assert bodies == {"HB": "安吉县人民政府", "EEB": "安吉县人民政府或者湖州市人民政府"}
    review = letters.whom("letter-petition-review", edition.units["TS-110"], edition)
    assert review == "安吉县人民政府"


def test_a_tip_transferred_by_an_act_is_told_by_the_new_unit() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    task = case.task("tip.accept")
    moved = TaskTransferred(task=task.id, title=task.rule.title, to="HSSB", reason="合成")
    case.add(on("2026-04-15", moved, "HB"), routed("2026-04-15", "HSSB"))
    case.when(TOLD, "2026-04-15", "HB").refused("letter-facts")
