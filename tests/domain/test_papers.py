"""Letters and documents: who may issue what, what is filled in, what proves a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import law
from domain import letters
from domain.cases import diagnosis as dx
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
)
from domain.rules import LawError, Reference, parse_edition, split
from domain.sealing import Secret
from tests.domain.test_determination import ACCEPTED, DETERMINED, OPENED, filed
from tests.domain.test_diagnosis import APPLIED, concluded
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
        "until": "2026年4月30日",
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
        "依据：《工伤保险条例》第十七条、《工伤保险条例》第二十条。",
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
    assert "依据：安政办发〔2022〕43号第三部分、安政办发〔2022〕43号第四部分。" in text(
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


def test_an_order_to_correct_is_a_departments_never_a_townships() -> None:
    case = given("determination", OPENED)
    for unit in ("TS-110", "LGO", "FTU", EMPLOYER):
        case.when(ORDER, "2026-04-01", unit).refused("letter-unit")
    assert issued(case.when(ORDER, "2026-04-01", "HB")).series == "安卫职责改"  # control


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

SCAN, BETTER = (StoredBytes(c * 64, 10, "application/pdf") for c in "ab")


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
    third = StoredBytes("d" * 64, 1, "image/png")
    file(case, third, replaces=SCAN.sha256).refused("replaced")
    assert case.fold.papers.documents[SCAN.sha256].replaced_by == BETTER.sha256


def test_what_was_never_uploaded_cannot_be_filed() -> None:
    case = accepted_case()
    given_hash = FileDocument(sha256="e" * 64, title="送达回证", kind="service_proof")
    case.when(given_hash, "2025-10-10", "HSSB").refused("no-such-document")


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
