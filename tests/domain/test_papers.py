"""Letters and documents: who may issue what, what is filled in, what proves a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import law
from domain import letters
from domain.cases import diagnosis as dx
from domain.cases import inspection as ins
from domain.cases.determination import BasisLost
from domain.corrections import CorrectFact, FactCorrected
from domain.events import sentence
from domain.papers import (
    DeliverLetter,
    DocumentFiled,
    FileDocument,
    IssueLetter,
    LetterDelivered,
    LetterIssued,
    LetterWithdrawn,
    StoredBytes,
    WithdrawLetter,
    concerned,
)
from domain.rules import LawError, Reference, parse_edition, split
from domain.sealing import Secret
from tests.domain.inspecting import opened, ordered, visited
from tests.domain.test_determination import ACCEPTED, DETERMINED, OPENED, filed
from tests.domain.test_diagnosis import APPLIED, concluded
from tests.domain.test_relief import applied
from tests.domain.test_tip import accepted, received
from tests.spec import EMPLOYER, WORKER, Case, Outcome, given, on, reference

ACCEPTANCE = IssueLetter(template="determination-accepted", to=("worker", "employer"))
DECISION = IssueLetter(template="determination-yes", to=("worker",))
ORDER = IssueLetter(
    template="order-correction",
    to=(EMPLOYER,),
    values={
        "facts": "未安排职业健康检查",
        "basis": "职业病防治法第三十五条",
        "measure": "补做检查",
    },
)
NOTICE = IssueLetter(template="notice", to=("worker",), values={"matter": "合成内容"})
FIRST = "安人社职受〔2025〕1号"


def accepted_case() -> Case:
    return given("determination", OPENED, filed(), ACCEPTED)


def determined_case() -> Case:
    case = given("determination", OPENED, filed(), ACCEPTED, DETERMINED)
    name = replace(APPLIED.event, worker_name=Secret("合成姓名"))
    case.others = {
        "diagnosis-1": given("diagnosis", replace(APPLIED, event=name), concluded()).fold
    }
    return case


def issued(outcome: Outcome) -> LetterIssued:
    assert outcome.refusal is None, outcome.refusal
    [event] = outcome.decided
    assert isinstance(event, LetterIssued)
    return event


def text(event: LetterIssued, number: str = "") -> str:
    template = reference().edition.letters[event.template]
    return letters.rendered(template, event.values, number).text()


# --- What a letter says --------------------------------------------------------------------------


def test_a_letter_is_filled_in_from_the_facts_and_its_clauses() -> None:
    event = issued(accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB"))
    assert text(event, FIRST).splitlines() == [
        "安吉县人力资源和社会保障局",
        "工伤认定申请受理决定书",
        FIRST,
        "＿＿＿＿＿＿（劳动者）、用人单位（91330523MA000TE131）：",
        "2025年9月25日提出的工伤认定申请（DX-2026-0001）收悉。经审查，申请符合受理条件，"
        "我单位于2025年10月9日决定受理。",
        "我单位将自受理之日起六十日内作出认定决定；事实清楚、权利义务明确的，十五日内作出。",
        "依据：《工伤保险条例》第十七条、第二十条。",
        "安吉县人力资源和社会保障局",
        "2025年10月9日",
    ]
    assert (event.series, event.to) == ("安人社职受", (WORKER, EMPLOYER))
    assert sentence(event, {}).startswith("发出文书《工伤认定申请受理决定书》，致劳动者")


def test_the_same_letter_is_the_same_bytes_whatever_is_corrected_later() -> None:
    case = accepted_case()
    event = issued(case.when(ACCEPTANCE, "2025-10-09", "HSSB"))
    case.add(on("2025-10-09", event, "HSSB"))
    late = FactCorrected(
        target=2,
        target_type="determination.filed",
        changes=(),
        sealed={},
        subject=None,
        occurred_on=date(2025, 9, 26),
        occurred_before=date(2025, 9, 25),
        reason="录错",
    )
    case.add(on("2025-10-13", late, WORKER))
    kept = case.fold.papers.letters[FIRST].issued
    assert text(kept, FIRST).encode() == text(event, FIRST).encode()
    template = reference().edition.letters[kept.template]
    assert letters.digest(template, kept.values) == kept.sha256
    again = issued(
        case.when(replace(ACCEPTANCE, to=("worker",)), "2025-10-13", "HSSB")
        .case.when(WithdrawLetter(letter=FIRST, reason="日期有误"), "2025-10-13", "HSSB")
        .done()
        .when(ACCEPTANCE, "2025-10-13", "HSSB")
    )
    assert "2025年9月26日提出" in text(again)


def test_the_notice_is_cited_by_its_part_once() -> None:
    press = IssueLetter(
        template="press", to=("HSSB",), values={"matter": "合成事项", "until": "2025年10月31日"}
    )
    assert "依据：安政办发〔2022〕43号第三部分、第四部分。" in text(
        issued(accepted_case().when(press, "2025-10-09", "LGO"))
    )


def test_a_sealed_name_is_left_blank_and_stands_nowhere_in_the_event() -> None:
    event = issued(determined_case().when(DECISION, "2026-02-27", "HSSB"))
    assert "职工姓名：＿＿＿＿＿＿。" in text(event)
    assert "worker_name" not in event.values
    assert "合成姓名" not in repr(event)


def test_the_disease_is_the_appraised_one_where_the_diagnosis_was_appraised() -> None:
    case = determined_case()
    assert "患职业病（矽肺）" in text(issued(case.when(DECISION, "2026-02-27", "HSSB")))
    appraised = dx.AppraisalConcluded(
        level="first", result="od", disease="煤工尘肺", stage="壹期", catalogue="c", panel=5
    )
    linked = case.others["diagnosis-1"]
    more = Case("diagnosis")
    more.fold = linked
    case.others["diagnosis-1"] = more.add(on("2026-02-01", appraised)).fold
    assert "患职业病（煤工尘肺）" in text(issued(case.when(DECISION, "2026-02-27", "HSSB")))


def changed(old: str, new: str, file: str = "policy/documents.toml") -> Reference:
    """The shipped law with one thing in it changed."""
    files = law.files()
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)
    return Reference(parse_edition(split(files)[0]), reference().calendar)


def test_the_disease_is_told_only_to_those_the_policy_names() -> None:
    to_employer = replace(DECISION, to=("employer",))
    issued(determined_case().when(to_employer, "2026-02-27", "HSSB"))  # control
    case = determined_case()
    case.under = changed('"worker", "employer", "institution"', '"worker", "institution"')
    case.when(to_employer, "2026-02-27", "HSSB").refused("restricted")
    issued(case.when(DECISION, "2026-02-27", "HSSB"))


# --- Who may issue it, and when -------------------------------------------------------------------


def test_an_order_to_correct_goes_out_on_the_units_own_order_alone() -> None:
    case = given(
        "inspection",
        opened(units=("HB", "EMB")),
        visited(units=("HB", "EMB")),
        ordered("2026-09-10", "HB", "2026-10-10", "unchecked"),
    )
    event = issued(case.when(ORDER, "2026-09-10", "HB"))
    assert event.series == "安卫职责改"
    assert "存在下列行为：未组织职业健康检查。具体事实：未安排职业健康检查。" in text(event)
    # From receipt: no day is set that may have passed when it arrives.
    assert "现责令你单位自收到本通知书之日起30日内改正：补做检查。" in text(event)
    case.when(ORDER, "2026-09-10", "TS-111").refused("letter-unit")
    case.when(ORDER, "2026-09-10", "EMB").refused("letter-issuer")
    case.when(ORDER, "2026-09-10", "EEB").refused("not-concerned")
    other = replace(ORDER, to=("employer:91330523MA000TE21U",))
    case.when(other, "2026-09-10", "HB").refused("addressee")
    before = given("inspection", opened(), visited())
    before.when(ORDER, "2026-09-10", "HB").refused("letter-facts")
    given("relief", applied()).when(ORDER, "2026-09-10", "EEB").refused("letter-kind")


def ordered_case() -> Case:
    return given(
        "inspection", opened(), visited(), ordered("2026-09-10", "HB", "2026-10-10", "unchecked")
    )


def order_delivered(**also: Any) -> DeliverLetter:
    told: dict[str, Any] = {"letter": "安卫职责改〔2026〕1号", "receipt": "合成回执"}
    return DeliverLetter(**{**told, "to": EMPLOYER, "method": "by_post", **also})


def test_the_delivery_of_an_order_starts_its_days_once() -> None:
    case = ordered_case().when(ORDER, "2026-09-10", "HB").done()
    after = case.when(order_delivered(), "2026-09-14", "HB").done()
    # Thirty days from 09-14: 10-14.
    assert after.owes(EMPLOYER, "2026-09-14") == {"ins.rectify": "2026-10-14"}
    case = ordered_case().when(ORDER, "2026-09-10", "HB").done()
    served = case.when(ins.ServeOrder(), "2026-09-11", "HB").done()
    after = served.when(order_delivered(), "2026-09-14", "HB").done()
    assert after.owes(EMPLOYER, "2026-09-14") == {"ins.rectify": "2026-10-12/10-10"}


def test_the_letter_of_a_second_order_starts_the_days_of_that_order_alone() -> None:
    second = ins.OrderCorrection(violations=("untested",), days=10)
    case = given("inspection", opened(), visited())
    case = case.when(replace(second, violations=("unchecked",), days=30), "2026-09-10", "HB").done()
    case = case.when(second, "2026-09-10", "HB").done()
    case.when(ORDER, "2026-09-10", "HB").refused("letter-pick")
    of_it = replace(ORDER, values={**ORDER.values, "order": "2"})
    case = case.when(of_it, "2026-09-10", "HB").done()
    after = case.when(order_delivered(), "2026-09-14", "HB").done()
    due = {"ins.rectify": "2026-10-10", "ins.rectify-again": "2026-09-24"}
    assert after.owes(EMPLOYER, "2026-09-14") == due


def test_an_order_that_names_its_last_day_is_not_moved_by_its_delivery() -> None:
    """As the template of an earlier edition had it."""
    issued_before = LetterIssued(
        template="order-correction",
        title="责令限期改正通知书",
        series="安卫职责改",
        issuer="HB",
        to=(EMPLOYER,),
        values={"until": "2026年10月10日"},
        sha256="0" * 64,
        corrects=None,
    )
    case = ordered_case().add(on("2026-09-10", issued_before, "HB"))
    after = case.when(order_delivered(), "2026-09-14", "HB").done()
    assert after.owes(EMPLOYER, "2026-09-14") == {"ins.rectify": "2026-10-10"}


@pytest.mark.parametrize(
    ("letter", "code"),
    [
        (replace(ACCEPTANCE, template="no-such"), "no-such-template"),
        (IssueLetter(template="tip-accepted", to=("worker",)), "letter-kind"),
        (replace(ACCEPTANCE, to=()), "addressee"),
        (replace(ACCEPTANCE, to=("worker:S-9",)), "addressee"),
        (replace(ACCEPTANCE, to=("HB",)), "addressee"),
        (replace(ACCEPTANCE, to=("nobody",)), "addressee"),
        (replace(ACCEPTANCE, values={"matter": "多写的"}), "letter-values"),
        (replace(NOTICE, values={}), "letter-values"),
        (replace(NOTICE, values={"matter": " "}), "letter-values"),
        (replace(NOTICE, values={"matter": "长" * 2_001}), "letter-values"),
    ],
)
def test_a_letter_that_does_not_fit_is_refused(letter: IssueLetter, code: str) -> None:
    accepted_case().when(letter, "2025-10-09", "HSSB").refused(code)


def test_a_missing_fact_is_named() -> None:
    outcome = given("determination", OPENED, filed()).when(ACCEPTANCE, "2025-10-09", "HSSB")
    outcome.refused("letter-facts")
    assert "受理工伤认定申请（determination.accepted）" in str(outcome.refusal)
    refusal = IssueLetter(
        template="determination-no", to=("worker",), values={"ground": "合成理由"}
    )
    determined_case().when(refusal, "2026-02-27", "HSSB").refused("letter-facts")


def test_a_decision_that_was_undone_is_no_longer_sent() -> None:
    case = determined_case()
    issued(case.when(DECISION, "2026-02-27", "HSSB"))  # control
    case.add(on("2026-03-02", BasisLost(), "appraisal:330500"))
    case.when(DECISION, "2026-03-03", "HSSB").refused("letter-facts")
    case.add(on("2026-03-04", DETERMINED.event, "HSSB"))
    issued(case.when(DECISION, "2026-03-05", "HSSB"))


def test_the_ground_of_a_refusal_reads_as_words_not_codes() -> None:
    case = given("tip", received(), accepted("2026-04-14"))
    letter = IssueLetter(template="tip-accepted", to=("informant",))
    event = issued(case.when(letter, "2026-04-14", "HB"))
    assert "你于2026年4月13日反映的事项" in text(event)
    assert EMPLOYER not in repr(event)


def test_a_letter_is_of_the_day_it_is_entered() -> None:
    case = accepted_case()
    case.when(ACCEPTANCE, "2025-10-10", "HSSB", happened="2025-10-09").refused("letter-day")


def test_a_unit_with_nothing_to_do_with_the_case_sends_no_letter_on_it() -> None:
    accepted_case().when(NOTICE, "2025-10-09", "EIB").refused("not-concerned")
    press = IssueLetter(
        template="press", to=("HSSB",), values={"matter": "合成", "until": "2025-10-31"}
    )
    issued(accepted_case().when(press, "2025-10-09", "CGO"))  # who supervises all units may


def test_one_acceptance_stands_at_a_time_and_a_withdrawn_one_makes_room() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    case.when(ACCEPTANCE, "2025-10-10", "HSSB").refused("letter-issued")
    withdraw = WithdrawLetter(letter=FIRST, reason="内容有误")
    case.when(withdraw, "2025-10-10", "HB").refused("wrong-actor")
    case.when(withdraw, "2025-10-10", "HSSB").done()
    case.when(withdraw, "2025-10-10", "HSSB").refused("letter-withdrawn")
    case.when(ACCEPTANCE, "2025-10-10", "HSSB").done()
    assert list(case.fold.papers.letters) == [FIRST, "安人社职受〔2025〕2号"]


# --- Delivery -------------------------------------------------------------------------------------


def by_hand(to: str = "employer", **also: Any) -> DeliverLetter:
    told: dict[str, Any] = {"letter": FIRST, "to": to, "method": "in_person", "receipt": "回证1"}
    return DeliverLetter(**{**told, **also})


def test_the_issuer_owes_the_delivery_until_everyone_has_the_letter() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    # Working days: 10-10, 10-11 (Saturday, worked), 10-13, 10-14, 10-15.
    assert case.owes("HSSB", "2025-10-09")["letter.deliver"] == "2025-10-15"
    case.when(by_hand(), "2025-10-10", "HSSB").done()
    assert "letter.deliver" in case.owes("HSSB", "2025-10-10")
    case.when(by_hand("worker", method="by_post"), "2025-10-13", "HSSB").done()
    assert "letter.deliver" not in case.owes("HSSB", "2025-10-13")
    assert case.task("letter.deliver").on_time


def test_each_letter_has_its_own_delivery() -> None:
    case = accepted_case()
    for day in ("2025-10-09", "2025-10-10"):
        case.when(NOTICE, day, "HSSB").done()
    first, second = case.fold.papers.letters
    case.when(by_hand("worker", letter=second), "2025-10-10", "HSSB").done()
    assert case.owes("HSSB", "2025-10-10")["letter.deliver"] == "2025-10-15"
    case.when(WithdrawLetter(letter=first, reason="重复"), "2025-10-10", "HSSB").done()
    outcomes = [
        task.closed.outcome
        for task in case.fold.tasks.values()
        if task.rule.id == "letter.deliver" and task.closed
    ]
    assert outcomes == ["void", "done"]


@pytest.mark.parametrize(
    ("delivery", "day", "code"),
    [
        (by_hand(receipt=None), "2025-10-10", "proof"),
        (by_hand(receipt=None, document="0" * 64), "2025-10-10", "proof"),
        (by_hand("institution:DI-01"), "2025-10-10", "addressee"),
        (by_hand(letter="安人社职受〔2025〕9号"), "2025-10-10", "no-such-letter"),
        (by_hand(carrier="邮局"), "2025-10-10", "carrier"),
    ],
)
def test_a_delivery_needs_a_letter_an_addressee_and_a_proof(
    delivery: DeliverLetter, day: str, code: str
) -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    case.when(delivery, day, "HSSB").refused(code)


def test_a_letter_is_delivered_once_to_each_and_never_before_it_was_issued() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    case.when(by_hand(), "2025-10-10", "HSSB", happened="2025-10-08").refused("letter-day")
    case.when(by_hand(), "2025-10-10", "HSSB").done()
    case.when(by_hand(), "2025-10-11", "HSSB").refused("letter-delivered")


def test_a_wrong_day_of_delivery_is_corrected_a_letter_is_not() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    case.when(by_hand("worker"), "2025-10-13", "HSSB").done()
    right = CorrectFact(version=5, occurred_on=date(2025, 10, 10), reason="录错")
    case.when(right, "2025-10-14", "HSSB").done()
    [delivery] = case.fold.papers.letters[FIRST].delivered
    assert delivery.day == date(2025, 10, 10)
    wrong = CorrectFact(version=4, changes={"title": "别的"}, reason="录错")
    case.when(wrong, "2025-10-14", "HSSB").refused("no-such-fact")


def test_a_delivered_letter_is_not_withdrawn_but_corrected_by_another() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    anew = replace(ACCEPTANCE, corrects=FIRST)
    case.when(anew, "2025-10-09", "HSSB").refused("not-delivered")
    case.when(by_hand(), "2025-10-10", "HSSB").done()
    withdraw = WithdrawLetter(letter=FIRST, reason="内容有误")
    case.when(withdraw, "2025-10-11", "HSSB").refused("letter-delivered")
    case.when(replace(NOTICE, corrects=FIRST), "2025-10-11", "HSSB").refused("letter-kind")
    case.when(anew, "2025-10-11", "HSSB").done()
    old, new = case.fold.papers.letters.values()
    assert (old.corrected_by, new.issued.corrects) == (new.number, FIRST)
    told = text(new.issued, new.number)
    assert f"本件更正并代替我单位{FIRST}《工伤认定申请受理决定书》。" in told
    # The old one need not reach the worker any more; the new one reaches both.
    outcomes = [
        task.closed.outcome if task.closed else None
        for task in case.fold.tasks.values()
        if task.rule.id == "letter.deliver"
    ]
    assert outcomes == ["void", None]
    case.when(by_hand("worker"), "2025-10-12", "HSSB").refused("letter-corrected")


def test_a_public_notice_takes_effect_when_its_days_have_passed() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    public: dict[str, Any] = {"method": "by_public_notice", "receipt": "公告1"}
    case.when(by_hand(**public), "2025-10-09", "HSSB").refused("notice-day")
    public["announced_on"] = date(2025, 10, 10)
    # Thirty days by policy after 10-10: 21 in October and 9 in November.
    case.when(by_hand(**public), "2025-10-10", "HSSB").refused("notice-running")
    case.when(by_hand(**public), "2025-11-08", "HSSB").refused("notice-running")
    case.when(by_hand(**public), "2025-11-09", "HSSB").done()
    hasty = by_hand("worker", announced_on=date(2025, 10, 10))
    case.when(hasty, "2025-11-09", "HSSB").refused("notice-day")


def test_sentences_name_the_letter_by_title_and_number_and_units_by_name() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    units = reference().edition.unit_names
    [event] = case.when(by_hand(), "2025-10-10", "HSSB").decided
    assert sentence(event, units) == (
        f"文书《工伤认定申请受理决定书》（{FIRST}）由人力社保局直接送达"
        "用人单位 91330523MA000TE131，凭回证1"
    )
    [gone] = case.when(WithdrawLetter(letter=FIRST, reason="有误"), "2025-10-10", "HSSB").decided
    assert sentence(gone, units) == f"文书《工伤认定申请受理决定书》（{FIRST}）作废：有误"
    old = LetterWithdrawn(letter=FIRST, reason="有误")  # as version 1 stored it
    assert sentence(old, units) == f"文书{FIRST}作废：有误"


def test_papers_fold_from_any_subsequence() -> None:
    lost = LetterDelivered(
        letter="安卫职告〔2025〕7号",
        to=WORKER,
        method="by_post",
        carrier="HB",
        document=None,
        receipt="1",
    )
    case = given("determination", on("2025-10-09", lost, "HB"))
    case.add(on("2025-10-10", LetterWithdrawn(letter="安卫职告〔2025〕7号", reason="r"), "HB"))
    assert case.fold.papers.letters == {}


# --- Documents ------------------------------------------------------------------------------------

SCAN, BETTER = (StoredBytes(c * 64, 10, "application/pdf", ("HSSB",)) for c in "ab")


def file(case: Case, stored: StoredBytes, **also: Any) -> Outcome:
    case.stored = stored
    told: dict[str, Any] = {"sha256": stored.sha256, "title": "送达回证", "kind": "service_proof"}
    return case.when(FileDocument(**{**told, **also}), "2025-10-10", "HSSB")


def test_a_document_is_what_the_store_says_and_a_new_version_replaces_the_old() -> None:
    case = file(accepted_case(), SCAN).done()
    file(case, SCAN).refused("filed")
    file(case, BETTER, replaces="c" * 64).refused("replaced")
    outcome = file(case, BETTER, replaces=SCAN.sha256)
    outcome.then(
        DocumentFiled(
            sha256=BETTER.sha256,
            title="送达回证",
            kind="service_proof",
            media_type="application/pdf",
            size=10,
            edition=2,
            replaces=SCAN.sha256,
        )
    )
    outcome.done()
    third = StoredBytes("d" * 64, 1, "image/png", ("HSSB",))
    file(case, third, replaces=SCAN.sha256).refused("replaced")
    assert case.fold.papers.documents[SCAN.sha256].replaced_by == BETTER.sha256


def test_what_was_never_uploaded_cannot_be_filed() -> None:
    case = accepted_case()
    given_hash = FileDocument(sha256="e" * 64, title="送达回证", kind="service_proof")
    case.when(given_hash, "2025-10-10", "HSSB").refused("no-such-document")


def test_only_those_concerned_file_and_filing_makes_nobody_concerned() -> None:
    for stranger in ("EIB", "citizen:nobody", "employer:91330500MA2B000002"):
        case = accepted_case()
        case.stored = replace(SCAN, uploaded_by=(stranger,))
        filing = FileDocument(sha256=SCAN.sha256, title="合成", kind="other_paper")
        case.when(filing, "2025-10-10", stranger).refused("not-concerned")
        paper = DocumentFiled(
            sha256=SCAN.sha256,
            title="合成",
            kind="other_paper",
            media_type="application/pdf",
            size=10,
            edition=1,
            replaces=None,
        )
        case.add(on("2025-10-10", paper, stranger))  # as it could be filed before
        assert stranger not in concerned(case.fold)
    assert {"HSSB", WORKER, EMPLOYER} <= concerned(accepted_case().fold)


def test_whom_a_tip_accuses_puts_nothing_on_it_and_reads_nothing_there() -> None:
    case = given("tip", received(accused_unit="EIB"))
    filing = FileDocument(sha256=SCAN.sha256, title="合成", kind="other_paper")
    for accused in (EMPLOYER, "EIB"):
        case.stored = replace(SCAN, uploaded_by=(accused,))
        case.when(filing, "2026-04-14", accused).refused("not-concerned")
        assert accused not in concerned(case.fold)
    anonymous = given("tip", received(anonymous=True))
    anonymous.stored = replace(SCAN, uploaded_by=("citizen:S-1",))
    anonymous.when(filing, "2026-04-14", "citizen:S-1").refused("not-concerned")
    notice = IssueLetter(template="notice", to=("citizen:S-1",), values={"matter": "合成"})
    anonymous.when(notice, "2026-04-14", "HB").refused("addressee")


def test_knowing_a_hash_is_not_having_the_bytes() -> None:
    case = accepted_case()
    case.stored = replace(SCAN, uploaded_by=("HB",))
    filing = FileDocument(sha256=SCAN.sha256, title="合成", kind="other_paper")
    case.when(filing, "2025-10-10", WORKER).refused("not-uploaded")
    case.stored = replace(SCAN, uploaded_by=("HB", WORKER))
    case.when(filing, "2025-10-10", WORKER).done()


def test_no_identity_or_telephone_number_stands_in_the_open() -> None:
    case = accepted_case()
    for text in (
        "请联系13800138000",
        "电话 138 0013 8000",
        "证号330523199001011234",
        "３３０５２３１９９００１０１１２３Ｘ",
    ):
        case.when(replace(NOTICE, values={"matter": text}), "2025-10-09", "HSSB").refused(
            "personal"
        )
    file(case, SCAN, title="330523199001011234的回证").refused("personal")
    code = replace(
        NOTICE, values={"matter": "统一社会信用代码91330523MA000TE131，邮件1234567890123"}
    )
    issued(case.when(code, "2025-10-09", "HSSB"))  # control


def test_a_filed_document_proves_a_delivery() -> None:
    case = accepted_case().when(ACCEPTANCE, "2025-10-09", "HSSB").done()
    file(case, SCAN).done()
    case.when(by_hand(receipt=None, document=SCAN.sha256), "2025-10-10", "HSSB").done()


# --- Templates as data ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("letters/general.toml", "{matter}", "{mater}", "{mater} 没有来源"),
        ("letters/general.toml", "{matter}", "{matter", "花括号"),
        ("letters/general.toml", 'to = ["unit"]', 'to = ["press"]', "没有当事方类别 press"),
        ("letters/general.toml", '"43-4.1.b"]', '"43-9"]', "没有条款 43-9"),
        ("letters/general.toml", 'series = "press"', 'series = "x"', "document-kinds 中没有 x"),
        ("letters/determination.toml", "ts.filed_on", "ts.filed_by", "{filed_on} 没有来源"),
        ("letters/determination.toml", '"HSSB"', '"XX"', "没有单位或单位类别 XX"),
        (
            "letters/determination.toml",
            "determination.filed@day",
            "determination.file@day",
            "没有事件",
        ),
        ("letters/others.toml", "tip.concluded.finding", "tip.concluded.result", "没有字段 result"),
        ("policy/documents.toml", 'LGO = "安职防办"', 'LGO = "安卫职"', "重复"),
        ("letters/rules.toml", '"delivered_everywhere"', '"delivered"', "没有条件 delivered"),
        ("letters/rules.toml", '["letter.issued"]', '["letter.sent"]', "没有事件 letter.sent"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_file(
    file: str, old: str, new: str, told: str
) -> None:
    files = law.files()
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)
    with pytest.raises(LawError) as error:
        law.check(files)
    assert any(told in m.message for m in error.value.mistakes), error.value


def test_every_unit_has_a_word_and_no_two_series_read_alike() -> None:
    edition = reference().edition
    words = edition.policy(letters.WORDS)
    assert set(words) == set(edition.units)
    made = [words[unit] + kind for unit in words for kind in edition.policy(letters.KINDS).values()]
    assert len(made) == len(set(made))
    assert "示例" in edition.policies[letters.WORDS].title
