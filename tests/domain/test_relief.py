"""Relief 救助: asked once, decided by track; the last resort, but urgent relief never waits.

Dates of E3: asked on Wednesday 2025-12-10. New Year's rest days are 01-01 to 01-03; Sunday 01-04
is worked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from api import law
from domain.acts import TransferTask
from domain.cases import relief
from domain.corrections import CorrectFact
from domain.decider import Claim, Refused, Release
from domain.events import SHANGHAI, sentence
from domain.links import BasisQuestioned, BasisReviewed
from domain.rules import Reference, parse_calendar, parse_edition, split
from domain.sealing import Secret
from tests.domain.test_diagnosis import APPLIED, COMPLETE, concluded
from tests.domain.world import World
from tests.spec import WORKER, Case, Fact, given, on

TOWNSHIP = "TS-110"


def patient() -> Case:
    """A relief case beside a diagnosis of an occupational disease."""
    case = Case("relief")
    diagnosis = given("diagnosis", APPLIED, COMPLETE, concluded("2025-05-12"))
    case.others = {"diagnosis-1": diagnosis.fold}
    return case


def asking(**also: Any) -> relief.ApplyForRelief:
    told: dict[str, Any] = {
        "case_diagnosis": "diagnosis-1",
        "township": TOWNSHIP,
        "ground": "employer_ceased",
        "evidence": "deregistration",
        "tracks": ("minimum_living",),
    }
    return relief.ApplyForRelief(**{**told, **also})


def applied(day: str = "2025-12-10", **also: Any) -> Fact:
    fact = relief.ReliefApplied(
        subject="S-1",
        worker=WORKER,
        diagnosis="diagnosis-1",
        township=TOWNSHIP,
        ground="employer_ceased",
        evidence="deregistration",
        tracks=also.get("tracks", ("minimum_living",)),
        urgent=also.get("urgent", False),
        acts_first=also.get("acts_first", False),
        household=Secret("合成"),
        limitation_on=also.get("limitation_on"),
    )
    return on(day, fact, WORKER)


CLEAR = on("2025-12-24", relief.EntryChecked(blocked=()), TOWNSHIP)
ELIGIBLE = on("2025-12-31", relief.HouseholdChecked(township=TOWNSHIP, eligible=True), TOWNSHIP)
PUBLIC = on("2026-01-07", relief.Publicised(village="合成村", amount=1100), TOWNSHIP)


OFFER = relief.OfferHearing(track="minimum_living")


def granted(day: str, amount: int = 1100) -> Fact:
    return on(day, relief.ReliefApproved(track="minimum_living", amount=amount), "CAB")


# --- Asking --------------------------------------------------------------------------------------


def test_relief_needs_an_occupational_disease() -> None:
    case = Case("relief")
    case.others = {"diagnosis-1": given("diagnosis", APPLIED).fold}
    case.when(asking(), "2025-12-10", WORKER).refused("no-disease")
    patient().when(asking(), "2025-12-10", WORKER).done()


@pytest.mark.parametrize(
    ("ground", "evidence", "fine"),
    [
        ("employer_ceased", "licence_revoked", True),
        ("employer_ceased", "bankruptcy_ruling", True),
        ("employer_ceased", "final_award", False),
        ("relation_undeterminable", "final_award", True),
        ("relation_undeterminable", "final_judgment", True),
        ("relation_undeterminable", "deregistration", False),
    ],
)
def test_the_ground_is_proved_by_what_proves_it(
    ground: relief.Ground, evidence: relief.Evidence, fine: bool
) -> None:
    outcome = patient().when(asking(ground=ground, evidence=evidence), "2025-12-10", WORKER)
    if fine:
        outcome.done()
    else:
        outcome.refused("no-proof")


def test_it_is_asked_at_a_township() -> None:
    patient().when(asking(township="CAB"), "2025-12-10", WORKER).refused("no-such-township")
    patient().when(asking(tracks=()), "2025-12-10", WORKER).refused("no-track")


def test_the_newer_households_exist_from_the_day_their_law_is_in_force() -> None:
    newer = asking(tracks=("low_margin",))
    patient().when(newer, "2026-06-30", WORKER).refused("not-yet")
    patient().when(newer, "2026-07-01", WORKER).done()


def test_each_track_becomes_a_task_of_the_unit_that_decides_it() -> None:
    every = ("minimum_living", "medical", "temporary", "charity", "legal_aid")
    case = given("relief", applied(tracks=every))
    assert case.owes(TOWNSHIP, "2025-12-10") == {"rlf.check": "2025-12-31"}
    assert case.owes("JB", "2025-12-10") == {"rlf.legal-aid": "2025-12-17"}
    assert case.owes("MIB", "2025-12-10") == {"rlf.medical": None}
    assert case.owes("CAB", "2025-12-10") == {"rlf.temporary": None, "rlf.charity": None}


# --- Urgent relief -------------------------------------------------------------------------------


def test_urgent_relief_waits_for_no_check_and_its_papers_follow() -> None:
    case = given("relief", applied(urgent=True, tracks=("temporary", "minimum_living")))
    assert "rlf.urgent" in case.owes(TOWNSHIP, "2025-12-10")
    blocked = case.add(
        on("2025-12-10", relief.EntryChecked(blocked=("advance_payment",)), TOWNSHIP)
    )
    after = blocked.when(relief.RelieveFirst(amount=3000), "2025-12-10", TOWNSHIP).done()
    assert "rlf.urgent" not in after.owes(TOWNSHIP, "2025-12-10")
    assert "rlf.papers" in after.owes(TOWNSHIP, "2025-12-10")
    done = after.when(relief.CompletePapers(), "2025-12-20", TOWNSHIP).done()
    assert "rlf.papers" not in done.owes(TOWNSHIP, "2025-12-20")


def test_what_is_not_urgent_is_not_relieved_first() -> None:
    case = given("relief", applied())
    case.when(relief.RelieveFirst(amount=3000), "2025-12-10", TOWNSHIP).refused("not-urgent")


# --- The last resort -----------------------------------------------------------------------------


def test_ordinary_relief_waits_until_what_stands_before_it_was_looked_into() -> None:
    case = given("relief", applied())
    check = relief.CheckHousehold(eligible=True)
    case.when(check, "2025-12-24", TOWNSHIP).refused("entry-unchecked")
    given("relief", applied(), CLEAR).when(check, "2025-12-24", TOWNSHIP).done()


@pytest.mark.parametrize("blocked", ["insured_at_exposure", "successor", "advance_payment"])
def test_whatever_stands_before_relief_blocks_it(blocked: relief.Blocked) -> None:
    found = on("2025-12-24", relief.EntryChecked(blocked=(blocked,)), TOWNSHIP)
    case = given("relief", applied(tracks=("minimum_living", "medical")), found)
    case.when(relief.CheckHousehold(eligible=True), "2025-12-24", TOWNSHIP).refused("blocked")
    medical = relief.ApproveRelief(track="medical", amount=5000)
    case.when(medical, "2025-12-24", "MIB").refused("blocked")


def test_whoever_is_blocked_is_owed_a_denial() -> None:
    blocked = relief.CheckEntry(blocked=("successor",))
    case = given("relief", applied()).when(blocked, "2025-12-24", TOWNSHIP).done()
    assert case.owes(TOWNSHIP, "2025-12-24") == {}
    # Delivered on 12-24: 12-25, 26, 29, 30, 31.
    assert case.owes("CAB", "2025-12-24") == {"rlf.decide": "2025-12-31"}
    case.when(blocked, "2025-12-25", TOWNSHIP).refused("checked")


# --- Checking, publicity, deciding ---------------------------------------------------------------


def test_the_course_of_living_relief() -> None:
    case = given("relief", applied(), CLEAR, ELIGIBLE)
    assert case.owes(TOWNSHIP, "2025-12-31") == {"rlf.publicise": "2026-01-07"}
    approve = relief.ApproveRelief(track="minimum_living", amount=1100)
    case.when(approve, "2026-01-05", "CAB").refused("not-publicised")
    case.add(PUBLIC)
    # Delivered on 01-07: five working days are 01-08, 09, 12, 13, 14.
    assert case.owes("CAB", "2026-01-07") == {"rlf.decide": "2026-01-14"}
    after = case.when(approve, "2026-01-13", "CAB").done()
    # Reviewed after a year; then the bureaus check that their benefits join up.
    assert after.owes("CAB", "2026-01-13") == {
        "rlf.review": "2027-01-13",
        "rlf.linkage-cab": None,
    }
    assert after.owes("HSSB", "2026-01-13") == {"rlf.linkage-hssb": None}


def test_a_household_found_not_eligible_is_owed_a_denial() -> None:
    check = relief.CheckHousehold(eligible=False)
    case = given("relief", applied(), CLEAR).when(check, "2025-12-24", TOWNSHIP).done()
    assert case.owes(TOWNSHIP, "2025-12-24") == {}
    assert case.owes("CAB", "2025-12-24") == {"rlf.decide": "2025-12-31"}
    deny = relief.DenyRelief(track="minimum_living", reason="家庭经济状况不符合条件")
    assert case.when(deny, "2025-12-25", "CAB").done().owes("CAB", "2025-12-25") == {}


def test_the_decision_is_owed_until_every_living_track_is_decided() -> None:
    both = applied(tracks=("minimum_living", "special_hardship"))
    case = given("relief", both, CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"))
    assert case.owes("CAB", "2026-01-13")["rlf.decide"] == "2026-01-14"
    deny = relief.DenyRelief(track="special_hardship", reason="不符合特困条件")
    assert "rlf.decide" not in case.when(deny, "2026-01-14", "CAB").done().owes("CAB", "2026-01-14")


def test_publicity_has_no_place_for_a_disease() -> None:
    names = set(relief.Publicised.__dataclass_fields__)
    assert names == {"village", "amount", "received_on", "amounts", "begun_on"}
    case = given("relief", applied(), CLEAR)
    public = relief.Publicise(village="合成村", amount=1100)
    case.when(public, "2026-01-07", TOWNSHIP).refused("not-eligible")


def test_no_correction_brings_the_disease_into_what_is_made_public() -> None:
    said = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC)
    wrong = CorrectFact(version=4, changes={"village": "矽肺村"}, reason="录错")
    said.when(wrong, "2026-01-08", TOWNSHIP).refused("disease-shown")


def test_each_bureau_decides_its_own_track() -> None:
    case = given("relief", applied(tracks=("medical", "legal_aid")), CLEAR)
    aid = relief.ApproveRelief(track="legal_aid")
    case.when(aid, "2025-12-24", "CAB").refused("wrong-actor")
    after = case.when(aid, "2025-12-24", "JB").done()
    # A lawyer is assigned in three days: 12-27, a Saturday, rolls to 12-29.
    assert after.owes("JB", "2025-12-24") == {"rlf.assign-aid": "2025-12-29/12-26"}
    after.when(aid, "2025-12-25", "JB").refused("decided")


def test_a_denial_says_why_and_opens_reconsideration_for_sixty_days() -> None:
    deny = relief.DenyRelief(track="minimum_living", reason="家庭经济状况不符合条件")
    case = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC)
    case.when(relief.DenyRelief(track="minimum_living", reason=" "), "2026-01-13", "CAB").refused(
        "reason-missing"
    )
    after = case.when(deny, "2026-01-13", "CAB").done()
    # Sixty days from 01-13: 03-14, a Saturday, rolls to 03-16; the working day before is 03-13.
    # Six months: 07-13, a Monday.
    assert after.may(WORKER, "2026-01-13") == {
        "rlf.reconsider": "2026-03-16/03-13",
        "rlf.sue": "2026-07-13",
    }


def test_legal_aid_acts_first_in_the_last_days_before_the_claim_is_barred() -> None:
    aid = ("legal_aid",)
    case = given("relief", applied(tracks=aid, limitation_on=date(2025, 12, 27)))
    # Barred on Saturday 12-27, which does not roll; the last working day before it is 12-26.
    assert case.owes("JB", "2025-12-10")["rlf.legal-aid-first"] == "2025-12-27/12-26"
    first = relief.GiveAidFirst()
    case.when(first, "2025-12-20", "JB").refused("not-yet")  # seven days are left
    after = case.when(first, "2025-12-21", "JB").done()
    assert "rlf.legal-aid-first" not in after.owes("JB", "2025-12-21")
    past = asking(tracks=aid, limitation_on=date(2025, 12, 9))
    patient().when(past, "2025-12-10", WORKER).refused("barred")


def test_a_limitation_that_becomes_known_later_is_heeded_too() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    assert set(case.owes("JB", "2025-12-10")) == {"rlf.legal-aid"}
    told = relief.ReportLimitation(limitation_on=date(2025, 12, 16))
    case = case.when(told, "2025-12-12", WORKER).done()
    assert case.owes("JB", "2025-12-12")["rlf.legal-aid-first"] == "2025-12-16"
    case.when(told, "2025-12-12", WORKER).refused("known")
    other = relief.ReportLimitation(limitation_on=date(2025, 12, 18))
    case = case.when(other, "2025-12-12", WORKER).done()
    assert case.owes("JB", "2025-12-12")["rlf.legal-aid-first"] == "2025-12-18"
    given("relief", applied()).when(told, "2025-12-12", WORKER).refused("not-asked")


def test_the_day_of_limitation_is_kept_with_the_application() -> None:
    soon = asking(tracks=("legal_aid",), limitation_on=date(2026, 3, 2))
    assert patient().when(soon, "2025-12-10", WORKER).decided[0].limitation_on == date(2026, 3, 2)


# --- Who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["employer:91330523MA000TE131", "HB", "TS-001", "institution:DI-01"])
def test_nobody_else_takes_the_one_application_a_patient_has(by: str) -> None:
    consent = Secret("合成同意记录")
    patient().when(asking(consent=consent, relation="agent"), "2025-12-10", by).refused(
        "not-entitled"
    )


def test_a_stranger_asks_for_nobody_but_kin_and_agents_do() -> None:
    patient().when(asking(), "2025-12-10", "citizen:C-1").refused("not-entitled")
    patient().when(asking(), "2025-12-10", "worker:S-2").refused("not-entitled")
    outcome = patient().when(asking(relation="kin"), "2025-12-10", "citizen:C-1")
    assert outcome.decided[0].relation == "kin"


@pytest.mark.parametrize("by", [TOWNSHIP, "CAB", "FTU"])
def test_a_unit_asks_for_the_patient_with_his_consent_on_record(by: str) -> None:
    patient().when(asking(), "2025-12-10", by).refused("no-consent")
    patient().when(asking(consent=Secret("本人签字同意（合成）")), "2025-12-10", by).done()
    more = relief.AddTracks(tracks=("charity",))
    given("relief", applied()).when(more, "2025-12-15", by).refused("no-consent")


# --- Review and end ------------------------------------------------------------------------------


def in_relief() -> Case:
    return given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"))


def test_a_cut_needs_a_hearing_from_the_day_the_law_is_in_force() -> None:
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    in_relief().when(cut, "2026-06-30", "CAB").done()
    in_relief().when(cut, "2026-07-01", "CAB").refused("no-hearing")
    heard = in_relief().when(OFFER, "2026-07-02", "CAB").done()
    after = heard.when(cut, "2026-07-20", "CAB").done()
    assert after.owes("CAB", "2026-07-20")["rlf.review"] == "2027-07-20"
    after.when(cut, "2026-07-21", "CAB").done()  # no cut: the amount stays
    again = relief.ReviewRelief(track="minimum_living", amount=800)
    after.when(again, "2026-07-21", "CAB").refused("no-hearing")


def test_a_hearing_may_be_asked_for_before_anything_is_cut() -> None:
    case = in_relief().when(OFFER, "2026-07-02", "CAB").done()
    # Five working days from Thursday 07-02: 07-03, 06, 07, 08, 09.
    assert case.may(WORKER, "2026-07-02") == {"rlf.be-heard": "2026-07-09"}
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    end = relief.EndTrack(track="minimum_living", reason="means_improved")
    case.when(cut, "2026-07-09", "CAB").refused("hearing-open")
    case.when(end, "2026-07-09", "CAB").refused("hearing-open")
    case.when(cut, "2026-07-10", "CAB").done()


def test_a_hearing_asked_for_in_time_comes_before_the_cut() -> None:
    case = in_relief().when(OFFER, "2026-07-02", "CAB").done()
    ask = relief.RequestHearing(track="minimum_living")
    case.when(ask, "2026-07-10", WORKER).refused("too-late")
    in_relief().when(ask, "2026-07-03", WORKER).refused("not-offered")
    case = case.when(ask, "2026-07-09", WORKER).done()
    assert case.may(WORKER, "2026-07-09") == {}
    # Twenty working days from 07-09: 10; 13 to 17; 20 to 24; 27 to 31; 08-03 to 06.
    assert case.owes("CAB", "2026-07-09")["rlf.hold-hearing"] == "2026-08-06"
    case.when(ask, "2026-07-09", WORKER).refused("requested")
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    end = relief.EndTrack(track="minimum_living", reason="means_improved")
    case.when(cut, "2026-07-20", "CAB").refused("hearing-requested")
    case.when(end, "2026-07-20", "CAB").refused("hearing-requested")
    held = relief.HoldHearing(track="minimum_living", note="申请人到场陈述")
    case = case.when(held, "2026-07-24", "CAB").done()
    case.when(held, "2026-07-24", "CAB").refused("no-hearing")
    case.when(ask, "2026-07-24", WORKER).refused("held")
    assert "rlf.hold-hearing" not in case.owes("CAB", "2026-07-24")
    case.when(cut, "2026-07-24", "CAB").done()


def test_a_hearing_offered_before_the_end_is_none_on_what_is_granted_anew() -> None:
    anew = (
        on(
            "2026-08-20", relief.TrackEnded(track="minimum_living", unit="CAB", reason="moved_away")
        ),
        on("2026-09-01", relief.TracksAdded(subject="S-1", tracks=("minimum_living",)), WORKER),
        on("2026-09-02", relief.HouseholdChecked(township=TOWNSHIP, eligible=True), TOWNSHIP),
        on("2026-09-10", relief.Publicised(village="合成村", amount=1100), TOWNSHIP),
    )
    case = in_relief().when(OFFER, "2026-08-03", "CAB").done().add(*anew, granted("2026-09-16"))
    cut = relief.ReviewRelief(track="minimum_living", amount=100)
    case.when(cut, "2026-09-17", "CAB").refused("no-hearing")
    end = relief.EndTrack(track="minimum_living", reason="means_improved")
    case.when(end, "2026-09-17", "CAB").refused("no-hearing")


def test_a_hearing_on_one_track_is_none_on_another() -> None:
    both = ("minimum_living", "special_hardship")
    hardship = on("2026-01-14", relief.ReliefApproved(track="special_hardship", amount=500), "CAB")
    facts = (applied(tracks=both), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"), hardship)
    case = given("relief", *facts).when(OFFER, "2026-07-02", "CAB").done()
    end = relief.EndTrack(track="special_hardship", reason="means_improved")
    case.when(end, "2026-07-20", "CAB").refused("no-hearing")


def test_who_granted_a_track_reviews_it_and_never_below_one_yuan() -> None:
    for unit in ("MIB", "JB"):
        rise = relief.ReviewRelief(track="minimum_living", amount=1200)
        in_relief().when(rise, "2026-03-02", unit).refused("wrong-actor")
    for amount in (0, -100):
        nothing = relief.ReviewRelief(track="minimum_living", amount=amount)
        in_relief().when(nothing, "2026-03-02", "CAB").refused("amount")
    paid = on("2026-01-12", relief.ReliefApproved(track="medical", amount=900), "MIB")
    case = given("relief", applied(tracks=("medical",)), CLEAR, ELIGIBLE, PUBLIC, paid)
    again = relief.ReviewRelief(track="medical", amount=1000)
    case.when(again, "2026-03-02", "MIB").refused("single")


def test_a_rise_needs_no_hearing_but_publicity_above_what_was_public() -> None:
    rise = relief.ReviewRelief(track="minimum_living", amount=1200)
    in_relief().when(rise, "2026-08-01", "CAB").refused("above-public")
    public = relief.Publicise(village="合成村", amount=1200)
    case = in_relief()
    case.when(public, "2026-07-29", TOWNSHIP).refused("begun-missing")
    begun = replace(public, begun_on=date(2026, 7, 21))
    # The seventh day after 07-21 is 07-28, and must have passed.
    case.when(begun, "2026-07-28", TOWNSHIP).refused("publicity-running")
    case = case.when(begun, "2026-07-29", TOWNSHIP).done()
    assert "rlf.decide" not in case.owes("CAB", "2026-07-29")
    case.when(rise, "2026-08-01", "CAB").done()
    more = relief.ReviewRelief(track="minimum_living", amount=1201)
    case.when(more, "2026-08-01", "CAB").refused("above-public")


def test_a_county_may_raise_relief_without_publicity() -> None:
    edition, calendar = split(law.files())
    told = edition["policy/relief.toml"]
    edition["policy/relief.toml"] = told.replace("value = true", "value = false")
    freely = Reference(parse_edition(edition), parse_calendar(calendar))
    case = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"), under=freely)
    rise = relief.ReviewRelief(track="minimum_living", amount=1200)
    case.when(rise, "2026-08-01", "CAB").done()


def test_the_last_track_ends_by_who_granted_it_and_the_case_with_it() -> None:
    end = relief.EndTrack(track="minimum_living", reason="means_improved")
    in_relief().when(end, "2026-08-03", "CAB").refused("no-hearing")
    in_relief().when(end, "2026-03-02", "MIB").refused("wrong-actor")
    in_relief().when(relief.EndRelief(reason="means_improved"), "2026-03-02", "CAB").refused(
        "by-track"
    )
    outcome = in_relief().when(end, "2026-03-02", "CAB")
    assert Release("relief.patient", "S-1") in outcome.decided
    after = outcome.done()
    assert after.owes("CAB", "2026-03-02") == {}
    assert after.fold.status == "已终止"
    assert set(after.may(WORKER, "2026-03-02")) == {"rlf.reconsider", "rlf.sue"}
    after.when(end, "2026-08-02", "CAB").refused("ended")


def test_legal_aid_outlives_the_end_of_living_relief_but_not_the_patient() -> None:
    aid = on("2026-01-13", relief.ReliefApproved(track="legal_aid", amount=0), "JB")
    facts = (applied(tracks=("minimum_living", "legal_aid")), CLEAR, ELIGIBLE, PUBLIC)
    case = given("relief", *facts, granted("2026-01-13"), aid)
    end = relief.EndTrack(track="minimum_living", reason="moved_away")
    after = case.when(end, "2026-03-02", "CAB").done()
    assert "rlf.review" not in after.owes("CAB", "2026-03-02")
    assert "rlf.assign-aid" in after.owes("JB", "2026-03-02")
    assert after.fold.status == "救助中"
    dead = after.when(relief.EndRelief(reason="deceased"), "2026-03-03", "CAB").done()
    assert dead.owes("JB", "2026-03-03") == {}
    assert dead.fold.status == "已终止"


def test_legal_aid_is_ended_by_the_bureau_that_gives_it() -> None:
    aid = on("2025-12-15", relief.ReliefApproved(track="legal_aid", amount=0), "JB")
    case = given("relief", applied(tracks=("legal_aid",)), aid)
    done = relief.EndTrack(track="legal_aid", reason="aid_concluded")
    case.when(done, "2026-03-02", "CAB").refused("wrong-actor")
    assert case.when(done, "2026-03-02", "JB").decided[1] == relief.ReliefEnded(
        reason="aid_concluded"
    )
    stop = relief.EndTrack(track="legal_aid", reason="means_improved")
    stopped = given("relief", applied(tracks=("legal_aid",)), aid).when(stop, "2026-03-02", "JB")
    assert set(stopped.done().may(WORKER, "2026-03-02")) == {"rlf.aid-object"}
    in_relief().when(
        relief.EndTrack(track="minimum_living", reason="aid_concluded"), "2026-03-02", "CAB"
    ).refused("wrong-reason")


# --- What is paid once, and what is asked for later ----------------------------------------------


def relieved(tracks: tuple[relief.Track, ...] = ("temporary",)) -> Case:
    case = given("relief", applied(urgent=True, tracks=tracks))
    return case.when(relief.RelieveFirst(amount=3000), "2025-12-10", TOWNSHIP).done()


def test_urgent_relief_alone_is_over_once_its_papers_are_complete() -> None:
    case = relieved()
    assert case.fold.status == "已先行救助"
    outcome = case.when(relief.CompletePapers(), "2025-12-15", TOWNSHIP)
    outcome.then(relief.PapersCompleted(), relief.ReliefEnded(reason="single_payment_done"))
    assert Release("relief.patient", "S-1") in outcome.decided
    after = outcome.done()
    assert after.fold.status == "已给付"
    assert not after.fold.open_tasks()  # and nothing is to be disputed


def test_urgent_relief_beside_another_track_goes_on_until_that_is_decided() -> None:
    case = relieved(("temporary", "charity"))
    after = case.when(relief.CompletePapers(), "2025-12-15", TOWNSHIP).done()
    assert after.fold.status == "已先行救助"
    deny = relief.DenyRelief(track="charity", reason="暂无对接")
    assert after.when(deny, "2025-12-20", "CAB").done().fold.status == "已给付"


def test_a_single_payment_is_over_once_its_linkage_is_checked() -> None:
    paid = on("2026-01-12", relief.ReliefApproved(track="medical", amount=900), "MIB")
    case = given("relief", applied(tracks=("medical",)), CLEAR, ELIGIBLE, PUBLIC, paid)
    assert case.fold.status == "已给付"
    check = relief.CheckLinkage(note="无重复")
    for unit in ("HSSB", "MIB"):
        case = case.when(check, "2026-01-14", unit).done()
        assert not case.fold.state.ended
    assert case.when(check, "2026-01-14", "CAB").done().fold.state.ended


def test_a_further_emergency_in_an_open_case_is_relieved_first_again() -> None:
    case = relieved(("minimum_living",))
    again = relief.ReportUrgency(reason="又遇火灾")
    case.when(again, "2025-12-12", WORKER).refused("urgent")
    case = case.when(relief.CompletePapers(), "2025-12-15", TOWNSHIP).done()
    case = case.when(again, "2025-12-20", WORKER).done()
    assert "rlf.urgent" in case.owes(TOWNSHIP, "2025-12-20")
    case = case.when(relief.RelieveFirst(amount=1000), "2025-12-20", TOWNSHIP).done()
    assert "rlf.papers" in case.owes(TOWNSHIP, "2025-12-20")


def test_more_is_asked_for_while_the_case_is_open_and_opens_the_same_duties() -> None:
    case = in_relief()
    more = relief.AddTracks(tracks=("medical", "legal_aid"), received_on=date(2026, 2, 2))
    outcome = case.when(more, "2026-02-02", WORKER)
    assert Claim("relief.patient", "S-1") in outcome.decided
    after = outcome.done()
    assert after.owes("MIB", "2026-02-02") == {"rlf.medical": None, "rlf.linkage-mib": None}
    # Seven days: 02-09, a Monday.
    assert after.owes("JB", "2026-02-02") == {"rlf.legal-aid": "2026-02-09"}
    assert after.owes(TOWNSHIP, "2026-02-02") == {"rlf.check-other": None}
    assert after.owes("CAB", "2026-02-02")["rlf.review"] == "2027-01-13"
    for known in (("medical",), ("minimum_living",)):
        again = relief.AddTracks(tracks=known)
        after.when(again, "2026-02-03", WORKER).refused("asked")
    found = after.when(relief.CheckHousehold(eligible=True), "2026-02-05", TOWNSHIP).done()
    temporary = relief.AddTracks(tracks=("temporary",))
    found.when(temporary, "2026-02-06", WORKER).refused("in-progress")


def test_what_was_denied_may_be_asked_for_again() -> None:
    deny = relief.DenyRelief(track="minimum_living", reason="r")
    case = (
        given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC).when(deny, "2026-01-13", "CAB").done()
    )
    assert case.fold.status == "不予救助"
    again = relief.AddTracks(tracks=("minimum_living",), received_on=date(2026, 3, 2))
    after = case.when(again, "2026-03-02", WORKER).done()
    # Fifteen working days: 03-03 to 06, 09 to 13, 16 to 20 and 23.
    assert after.owes(TOWNSHIP, "2026-03-02") == {"rlf.check": "2026-03-23"}
    assert after.fold.status == "办理中"


# --- Urgent: the proof follows -------------------------------------------------------------------


def test_urgent_relief_does_not_wait_for_the_proof_but_ordinary_relief_does() -> None:
    unproved = {"evidence": None, "tracks": ("temporary", "minimum_living")}
    patient().when(asking(**unproved), "2025-12-10", WORKER).refused("no-proof")
    case = patient().when(asking(**unproved, urgent=True), "2025-12-10", WORKER).done()
    case = case.when(relief.RelieveFirst(amount=2000), "2025-12-10", TOWNSHIP).done()
    case.when(relief.CompletePapers(), "2025-12-12", TOWNSHIP).refused("no-proof")
    wrong = relief.CompletePapers(evidence="final_award")
    case.when(wrong, "2025-12-12", TOWNSHIP).refused("no-proof")
    case = case.when(relief.CheckEntry(), "2025-12-12", TOWNSHIP).done()
    check = relief.CheckHousehold(eligible=True)
    case.when(check, "2025-12-12", TOWNSHIP).refused("no-proof")
    proved = relief.CompletePapers(evidence="deregistration")
    case.when(proved, "2025-12-12", TOWNSHIP).done().when(check, "2025-12-15", TOWNSHIP).done()


def test_what_proves_no_emergency_is_denied_and_the_rest_goes_its_way() -> None:
    tracks = ("temporary", "minimum_living")
    asked = asking(evidence=None, urgent=True, tracks=tracks)
    case = patient().when(asked, "2025-12-10", WORKER).done()
    case = case.when(relief.CheckEntry(), "2025-12-11", TOWNSHIP).done()
    deny = relief.DenyRelief(track="temporary", reason="家中有存粮，不属突发困难")
    case.when(deny, "2025-12-12", "MIB").refused("wrong-actor")
    case = case.when(deny, "2025-12-12", "CAB").done()
    assert set(case.owes(TOWNSHIP, "2025-12-12")) == {"rlf.check"}
    assert case.owes("CAB", "2025-12-12") == {}
    assert set(case.may(WORKER, "2025-12-12")) == {"rlf.reconsider", "rlf.sue"}
    case.when(relief.RelieveFirst(amount=500), "2025-12-13", TOWNSHIP).refused("not-urgent")
    check = relief.CheckHousehold(eligible=True)
    case.when(check, "2025-12-15", TOWNSHIP).refused("no-proof")
    proof = relief.SupplyProof(evidence="deregistration")
    case.when(replace(proof, evidence="final_award"), "2025-12-15", TOWNSHIP).refused("no-proof")
    case = case.when(proof, "2025-12-15", TOWNSHIP).done()
    case.when(proof, "2025-12-15", TOWNSHIP).refused("proved")
    case.when(check, "2025-12-15", TOWNSHIP).done()


def test_where_the_proof_never_comes_the_rest_is_denied() -> None:
    case = patient().when(asking(evidence=None, urgent=True), "2025-12-10", WORKER).done()
    case = case.when(relief.CheckEntry(), "2025-12-11", TOWNSHIP).done()
    case = case.when(
        relief.DenyRelief(track="temporary", reason="不属突发困难"), "2025-12-12", "CAB"
    ).done()
    case = case.when(relief.CheckHousehold(eligible=False), "2025-12-26", TOWNSHIP).done()
    deny = relief.DenyRelief(track="minimum_living", reason="未提交证明材料")
    outcome = case.when(deny, "2025-12-30", "CAB")
    assert Release("relief.patient", "S-1") in outcome.decided
    assert not [t for t in outcome.done().fold.open_tasks() if t.is_duty]


def test_urgent_relief_alone_that_is_none_leaves_the_patient_free_to_ask_anew() -> None:
    case = given("relief", applied(urgent=True, tracks=("temporary",)))
    deny = relief.DenyRelief(track="temporary", reason="不属突发困难")
    outcome = case.when(deny, "2025-12-12", "CAB")
    assert Release("relief.patient", "S-1") in outcome.decided
    assert outcome.done().owes(TOWNSHIP, "2025-12-12") == {}


def test_what_was_asked_for_by_none_decided_or_not_yet_due_is_said_apart() -> None:
    approve = relief.ApproveRelief(track="charity", amount=100)
    given("relief", applied()).when(approve, "2025-12-12", "CAB").refused("not-asked")
    deny = relief.DenyRelief(track="minimum_living", reason="r")
    given("relief", applied()).when(deny, "2025-12-12", "CAB").refused("not-open")


def test_once_all_that_is_checked_is_denied_nothing_is_checked_or_publicised() -> None:
    deny = relief.DenyRelief(track="medical", reason="r")
    case = given("relief", applied(tracks=("medical", "legal_aid")), CLEAR)
    assert "rlf.check-other" in case.owes(TOWNSHIP, "2025-12-24")
    case.when(deny, "2025-12-24", "MIB").done()
    assert case.owes(TOWNSHIP, "2025-12-24") == {}
    later = given("relief", applied(tracks=("medical", "legal_aid")), CLEAR, ELIGIBLE)
    assert "rlf.publicise" in later.owes(TOWNSHIP, "2025-12-31")
    assert later.when(deny, "2026-01-05", "MIB").done().owes(TOWNSHIP, "2026-01-05") == {}


def test_hardship_that_becomes_urgent_is_relieved_first_from_then_on() -> None:
    case = given("relief", applied())
    case = case.when(relief.ReportUrgency(reason="断炊"), "2025-12-15", WORKER).done()
    assert "rlf.urgent" in case.owes(TOWNSHIP, "2025-12-15")
    case.when(relief.ReportUrgency(reason="r"), "2025-12-16", WORKER).refused("urgent")


def test_temporary_relief_given_in_urgency_is_no_longer_decided_or_checked() -> None:
    case = given("relief", applied(tracks=("temporary",)))
    assert case.owes("CAB", "2025-12-10") == {"rlf.temporary": None}
    case = case.when(relief.ReportUrgency(reason="断炊"), "2025-12-15", WORKER).done()
    case = case.when(relief.RelieveFirst(amount=2000), "2025-12-15", TOWNSHIP).done()
    assert case.owes("CAB", "2025-12-15") == {}
    assert case.owes(TOWNSHIP, "2025-12-15") == {"rlf.papers": None}


# --- Another source found later ------------------------------------------------------------------


def test_a_source_found_later_undoes_nothing_and_has_two_bureaus_join_up() -> None:
    found = relief.FindSource(source="insured_at_exposure")
    given("relief", applied()).when(found, "2025-12-15", "HSSB").refused("entry-unchecked")
    case = in_relief().when(found, "2026-03-02", "HSSB").done()
    assert dict(case.fold.state.granted) == {"minimum_living": 1100}
    assert "rlf.source-cab" in case.owes("CAB", "2026-03-02")
    assert "rlf.source-hssb" in case.owes("HSSB", "2026-03-02")
    assert "rlf.decide" not in case.owes("CAB", "2026-03-02")
    case.when(found, "2026-03-03", "HSSB").refused("known")


def test_a_source_that_falls_away_lets_relief_go_on_where_it_stopped() -> None:
    gone = relief.DropSource(source="successor", reason="承继单位已破产", received_on=None)
    given("relief", applied(), CLEAR).when(gone, "2026-01-05", "HSSB").refused("unknown")
    # Before the household was checked: it is checked, in fifteen working days, and no denial owed.
    stopped = on("2025-12-24", relief.EntryChecked(blocked=("successor",)), TOWNSHIP)
    case = given("relief", applied(), stopped)
    assert set(case.owes("CAB", "2025-12-24")) == {"rlf.decide"}
    case = case.when(gone, "2026-03-02", "HSSB").done()
    assert case.owes("CAB", "2026-03-02") == {}
    assert case.owes(TOWNSHIP, "2026-03-02") == {"rlf.check": "2026-03-23"}
    case.when(relief.CheckHousehold(eligible=True), "2026-03-04", TOWNSHIP).done()


def test_publicity_that_a_source_stopped_begins_anew() -> None:
    found = relief.FindSource(source="successor")
    gone = relief.DropSource(source="successor", reason="承继单位已破产")
    case = given("relief", applied(), CLEAR, ELIGIBLE).when(found, "2026-01-05", "HSSB").done()
    case = case.when(gone, "2026-03-02", "HSSB").done()
    # Seven days from 03-02: 03-09, a Monday.
    assert case.owes(TOWNSHIP, "2026-03-02") == {"rlf.publicise": "2026-03-09"}
    public = relief.Publicise(village="合成村", amount=1100)
    case.when(public, "2026-03-09", TOWNSHIP).refused("publicity-running")
    case.when(public, "2026-03-10", TOWNSHIP).done()


def test_two_bureaus_need_not_join_up_with_a_source_that_fell_away() -> None:
    found = relief.FindSource(source="advance_payment")
    gone = relief.DropSource(source="advance_payment", reason="先行支付申请未获批准")
    case = in_relief().when(found, "2026-03-02", "HSSB").done()
    after = case.when(gone, "2026-03-05", "CAB").done()
    assert "rlf.source-cab" not in after.owes("CAB", "2026-03-05")
    assert "rlf.source-hssb" not in after.owes("HSSB", "2026-03-05")


def test_what_is_undecided_when_a_source_is_found_is_owed_a_denial() -> None:
    found = relief.FindSource(source="successor")
    case = given("relief", applied(), CLEAR, ELIGIBLE).when(found, "2026-01-05", "HSSB").done()
    assert case.owes(TOWNSHIP, "2026-01-05") == {}
    # 01-06, 07, 08, 09, 12.
    assert case.owes("CAB", "2026-01-05") == {"rlf.decide": "2026-01-12"}


# --- Publicity -----------------------------------------------------------------------------------


def test_publicity_lasts_seven_days_and_never_shows_the_disease() -> None:
    case = given("relief", applied(), CLEAR, ELIGIBLE)
    public = relief.Publicise(village="合成村", amount=1100)
    case.when(public, "2026-01-06", TOWNSHIP).refused("publicity-running")
    # The seventh day is 01-07; it must have passed, and is the day publicity ended.
    case.when(public, "2026-01-07", TOWNSHIP).refused("publicity-running")
    for village in ("合成村尘肺病户", "合成村（矽肺）", "合成村职业病家庭", "合成二氯乙烷村"):
        shown = relief.Publicise(village=village, amount=1100)
        case.when(shown, "2026-01-08", TOWNSHIP).refused("disease-shown")
    case.when(public, "2026-01-08", TOWNSHIP).done()
    case.when(public, "2026-01-08", TOWNSHIP, happened="2026-01-07").refused("publicised")


@pytest.mark.parametrize(
    ("village", "code"),
    [
        ("肺癌晚期", "disease-shown"),
        ("耳聋", "disease-shown"),
        ("矽尘户", "disease-shown"),
        ("中毒户", "disease-shown"),
        ("噪声聋村", "disease-shown"),
        ("白内障社区", "disease-shown"),
        ("合成村低保户", "not-a-place"),
        ("合成村 3 组村", "not-a-place"),
        ("王某家住合成镇合成行政村合成自然村", "not-a-place"),
        ("合成", "not-a-place"),
    ],
)
def test_what_is_made_public_is_a_plain_place(village: str, code: str) -> None:
    case = given("relief", applied(), CLEAR, ELIGIBLE)
    public = relief.Publicise(village=village, amount=1100)
    case.when(public, "2026-01-08", TOWNSHIP).refused(code)


@pytest.mark.parametrize("village", ["高坞岭村", "迎宾社区", "合成居委会"])
def test_a_village_or_community_is_made_public(village: str) -> None:
    public = relief.Publicise(village=village, amount=1100)
    given("relief", applied(), CLEAR, ELIGIBLE).when(public, "2026-01-08", TOWNSHIP).done()


def test_no_more_is_granted_than_was_made_public() -> None:
    case = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC)
    more = relief.ApproveRelief(track="minimum_living", amount=1101)
    case.when(more, "2026-01-13", "CAB").refused("above-public")
    exact = relief.ApproveRelief(track="minimum_living", amount=1100)
    case.when(exact, "2026-01-13", "CAB").done()


def test_each_track_is_granted_what_was_made_public_of_it() -> None:
    asked = applied(tracks=("minimum_living", "medical", "temporary"))
    case = given("relief", asked, CLEAR, ELIGIBLE)
    one = relief.Publicise(village="合成村", amount=1100)
    case.when(one, "2026-01-08", TOWNSHIP).refused("amounts")
    living, medical = (
        relief.PublicAmount("minimum_living", 1100),
        relief.PublicAmount("medical", 5000),
    )
    each = relief.Publicise(village="合成村", amounts=(living, medical))
    twice = replace(each, amounts=(living, living))
    case.when(twice, "2026-01-08", TOWNSHIP).refused("amounts")
    other = replace(each, amounts=(living, relief.PublicAmount("rigid_spending", 1)))
    case.when(other, "2026-01-08", TOWNSHIP).refused("not-asked")
    case = case.when(each, "2026-01-08", TOWNSHIP).done()
    assert sentence(case.fold.facts[-1][0].event, {}).endswith(
        "公示金额最低生活保障1100元、医疗救助5000元"
    )
    for track, amount, by, code in (
        ("minimum_living", 1101, "CAB", "above-public"),
        ("medical", 5001, "MIB", "above-public"),
        ("temporary", 1, "CAB", "not-publicised"),
    ):
        more = relief.ApproveRelief(track=track, amount=amount)  # type: ignore[arg-type]
        case.when(more, "2026-01-12", by).refused(code)
    exact = relief.ApproveRelief(track="medical", amount=5000)
    case.when(exact, "2026-01-12", "MIB").done()


def test_one_amount_of_the_past_counts_for_every_track_then_open() -> None:
    both = applied(tracks=("minimum_living", "medical"))
    case = given("relief", both, CLEAR, ELIGIBLE, PUBLIC)
    medical = relief.ApproveRelief(track="medical", amount=1100)
    case.when(replace(medical, amount=1101), "2026-01-12", "MIB").refused("above-public")
    case.when(medical, "2026-01-12", "MIB").done()
    # What was public later, of what was asked for later, is not of what was granted before.
    later = (
        on("2026-02-02", relief.TracksAdded(subject="S-1", tracks=("temporary",)), WORKER),
        on("2026-02-03", relief.HouseholdChecked(township=TOWNSHIP, eligible=True), TOWNSHIP),
        on("2026-02-11", relief.Publicised(village="合成村", amount=3000), TOWNSHIP),
    )
    rise = relief.ReviewRelief(track="minimum_living", amount=3000)
    in_relief().add(*later).when(rise, "2026-03-02", "CAB").refused("above-public")


def test_an_amount_made_public_is_corrected_track_by_track() -> None:
    wrong = relief.Publicised(
        village="合成村", amount=1100, amounts=(relief.PublicAmount("minimum_living", 1100),)
    )
    case = given("relief", applied(), CLEAR, ELIGIBLE)
    case.add(on("2026-01-07", wrong, TOWNSHIP, recorded="2026-01-08"))
    right = [{"track": "minimum_living", "amount": 900}]
    put_right = CorrectFact(version=4, changes={"amounts": right}, reason="录错")
    case = case.when(put_right, "2026-01-08", TOWNSHIP).done()
    corrected = case.fold.facts_of(relief.Publicised)[-1].event
    assert corrected.amounts == (relief.PublicAmount("minimum_living", 900),)
    assert corrected.amount == 900
    much = relief.ApproveRelief(track="minimum_living", amount=901)
    case.when(much, "2026-01-12", "CAB").refused("above-public")


def test_one_household_has_one_of_the_tracks_that_exclude_each_other() -> None:
    both = applied("2026-07-01", tracks=("minimum_living", "low_margin", "rigid_spending"))
    found = relief.HouseholdChecked(township=TOWNSHIP, eligible=True)
    case = given(
        "relief",
        both,
        on("2026-07-02", relief.EntryChecked(blocked=()), TOWNSHIP),
        on("2026-07-03", found, TOWNSHIP),
        on("2026-07-10", relief.Publicised(village="合成村", amount=1100), TOWNSHIP),
        granted("2026-07-13"),
    )
    beside = relief.ApproveRelief(track="low_margin", amount=300)
    case.when(beside, "2026-07-14", "CAB").refused("exclusive")
    case.when(replace(beside, track="rigid_spending"), "2026-07-14", "CAB").done()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("矽肺壹期，家庭收入超标", "disease-told"),
        ("接触粉尘多年", "disease-told"),
        ("布鲁氏菌病", "disease-told"),
        ("本人电话13800000000", "personal"),
        ("身份证330523198001011234", "personal"),
    ],
)
def test_no_reason_or_note_tells_the_disease_or_who_somebody_is(text: str, code: str) -> None:
    blocked = on("2025-12-24", relief.EntryChecked(blocked=("successor",)), TOWNSHIP)
    case = given("relief", applied(), blocked)
    deny = relief.DenyRelief(track="minimum_living", reason=text)
    case.when(deny, "2025-12-26", "CAB").refused(code)
    case.when(relief.ReportUrgency(reason=text), "2025-12-26", WORKER).refused(code)
    gone = relief.DropSource(source="successor", reason=text)
    case.when(gone, "2025-12-26", "HSSB").refused(code)
    in_relief().when(relief.CheckLinkage(note=text), "2026-01-14", "MIB").refused(code)


@pytest.mark.parametrize(
    "text", ["突发重病住院", "由基金支付工伤待遇", "承继单位某水泥有限公司已破产", "根据鉴定结论"]
)
def test_a_reason_says_what_it_must(text: str) -> None:
    given("relief", applied()).when(relief.ReportUrgency(reason=text), "2025-12-26", WORKER).done()


def test_medical_and_ordinary_temporary_relief_are_checked_and_publicised_too() -> None:
    case = given("relief", applied(tracks=("medical", "temporary")))
    # No statutory days for these: only minimum living has fifteen working days.
    assert case.owes(TOWNSHIP, "2025-12-10") == {"rlf.check-other": None}
    medical = relief.ApproveRelief(track="medical", amount=1000)
    case.add(CLEAR).when(medical, "2025-12-26", "MIB").refused("not-publicised")
    case.add(ELIGIBLE, PUBLIC)
    case.when(medical, "2026-01-12", "MIB").done()


def test_urgent_temporary_relief_alone_is_neither_checked_nor_publicised() -> None:
    case = given("relief", applied(tracks=("temporary",), urgent=True))
    assert case.owes(TOWNSHIP, "2025-12-10") == {"rlf.urgent": None}


# --- The law of 2026-07-01 and before ------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-06-30", "2026-07-01"])
def test_urgent_relief_is_given_at_once_before_the_new_law_and_under_it(day: str) -> None:
    asked = applied(day, tracks=("temporary",), urgent=True)
    assert given("relief", asked).task("rlf.urgent").rule.immediate


def test_a_means_test_is_recognised_from_the_day_the_law_is_in_force() -> None:
    check = relief.CheckHousehold(eligible=True, recognised_from="MIB")
    case = given("relief", applied(), CLEAR)
    case.when(check, "2026-06-30", TOWNSHIP).refused("not-yet")
    outcome = case.when(check, "2026-07-01", TOWNSHIP)
    assert outcome.decided[0] == relief.MeansRecognised(unit="MIB", tested_on=date(2026, 7, 1))


@pytest.mark.parametrize(
    ("day", "clauses"),
    [("2026-06-30", ("arl-20",)), ("2026-07-01", ("arl-20", "sal-76"))],
)
def test_a_denial_cites_the_law_in_force_on_its_day(day: str, clauses: tuple[str, ...]) -> None:
    deny = relief.DenyRelief(track="minimum_living", reason="r")
    case = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC).when(deny, day, "CAB").done()
    assert case.task("rlf.reconsider").rule.clauses == clauses


def test_a_cut_may_be_disputed_and_a_rise_may_not() -> None:
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    after = in_relief().when(cut, "2026-03-02", "CAB").done()
    # Sixty days: 05-01, in the holiday; six months: 09-02.
    assert after.may(WORKER, "2026-03-02") == {
        "rlf.reconsider": "2026-05-06/04-30",
        "rlf.sue": "2026-09-02",
    }
    less = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13", 1000))
    rise = relief.ReviewRelief(track="minimum_living", amount=1100)
    assert less.when(rise, "2026-03-02", "CAB").done().may(WORKER, "2026-03-02") == {}


@pytest.mark.parametrize(
    ("rule", "clause", "facts"),
    [
        ("rlf.urgent", "sal-50", ()),
        ("rlf.check", "sal-42", ()),
        ("rlf.temporary", "sal-45", ()),
        ("rlf.medical", "sal-45", ()),
    ],
)
def test_duties_rest_on_the_new_law_from_its_first_day(
    rule: str, clause: str, facts: tuple[Fact, ...]
) -> None:
    tracks = ("minimum_living", "medical") + (("temporary",) if rule == "rlf.temporary" else ())
    for day, new in (("2026-06-30", False), ("2026-07-01", True)):
        asked = applied(day, tracks=tracks, urgent=rule == "rlf.urgent")
        cited = given("relief", asked, *facts).task(rule).rule.clauses
        assert (clause in cited) == new, (day, cited)


def test_a_review_that_changes_nothing_is_not_what_a_lost_basis_asks_for() -> None:
    told = on("2026-03-02", BasisQuestioned(source="diagnosis-1", change="conclusion_appraised"))
    lost = on("2026-03-05", BasisReviewed(unit="CAB", finding="basis_gone", note="n"), "CAB")
    case = in_relief().add(told, lost)
    same = relief.ReviewRelief(track="minimum_living", amount=1100)
    case = case.when(same, "2026-03-09", "CAB").done()
    assert "rlf.act-on-review" in case.owes("CAB", "2026-03-09")
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    assert "rlf.act-on-review" not in case.when(cut, "2026-03-10", "CAB").done().owes(
        "CAB", "2026-03-10"
    )


def test_where_all_was_denied_a_lost_basis_leaves_nothing_to_change() -> None:
    """The patient may ask anew; 民政局 had no act left by which to end what it owed."""
    told = on(
        "2026-03-02", BasisQuestioned(source="determination-1", change="conclusion_appraised")
    )
    lost = on("2026-03-05", BasisReviewed(unit="CAB", finding="basis_gone", note="n"), "CAB")
    denied = on("2026-01-20", relief.ReliefDenied(track="minimum_living", reason="r"), "CAB")
    assert "rlf.act-on-review" in given("relief", applied(), told, lost).owes("CAB", "2026-03-05")
    case = given("relief", applied(), denied, told, lost)
    assert "rlf.act-on-review" not in case.owes("CAB", "2026-03-05")


# --- Tracks by themselves ------------------------------------------------------------------------


def test_each_living_track_is_reviewed_by_itself() -> None:
    both = ("minimum_living", "special_hardship")
    hardship = on("2026-01-14", relief.ReliefApproved(track="special_hardship", amount=500), "CAB")
    case = given(
        "relief", applied(tracks=both), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"), hardship
    )
    review = relief.ReviewRelief(track="minimum_living", amount=1100)
    after = case.when(review, "2026-12-01", "CAB").done()
    owed = after.owes("CAB", "2026-12-01")
    assert owed["rlf.review"] == "2027-12-01"
    assert owed["rlf.review-special-hardship"] == "2027-01-14"


def test_the_case_goes_on_while_another_bureau_still_decides() -> None:
    tracks = ("minimum_living", "medical")
    facts = (applied(tracks=tracks), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"))
    end = relief.EndTrack(track="minimum_living", reason="means_improved")
    after = given("relief", *facts).when(end, "2026-02-02", "CAB").done()
    assert not after.fold.state.ended
    assert "rlf.medical" in after.owes("MIB", "2026-02-02")
    given("relief", *facts).when(relief.EndRelief(reason="deceased"), "2026-02-02", "CAB").done()


def test_a_patient_denied_everything_may_ask_anew() -> None:
    deny = relief.DenyRelief(track="minimum_living", reason="r")
    case = given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC)
    assert Release("relief.patient", "S-1") in case.when(deny, "2026-01-13", "CAB").decided
    both = given("relief", applied(tracks=("minimum_living", "medical")), CLEAR, ELIGIBLE, PUBLIC)
    assert len(both.when(deny, "2026-01-13", "CAB").decided) == 1


# --- One case a patient ---------------------------------------------------------------------------


def county() -> World:
    """A patient with a diagnosis, in a county that keeps the keys."""
    world = World(now=datetime(2026, 6, 1, 9, tzinfo=SHANGHAI))
    for name in ("diagnosis-1", "diagnosis-9"):
        diagnosis = given("diagnosis", APPLIED, COMPLETE, concluded("2025-05-12")).fold
        world.folds[name] = replace(diagnosis, case=name)
    return world


def opened(world: World, by: str = WORKER, **also: Any) -> str:
    told = world.give(asking(**also), by, None)
    assert not isinstance(told, Refused), told
    return told[0].after.case


def test_a_denied_case_frees_no_key_of_the_case_that_followed_it() -> None:
    world = county()
    denied = opened(world, tracks=("charity",))
    world.give(relief.DenyRelief(track="charity", reason="暂无对接"), "CAB", denied)
    second = opened(world)
    for unit in ("HSSB", "CAB"):
        said = world.give(relief.CheckLinkage(note="无重复"), unit, denied)
        assert isinstance(said, Refused)
        assert said.code == "not-owed"
    assert world.claims == {("relief.patient", "S-1"): second}


def test_a_denied_case_goes_on_only_while_the_patient_has_no_other() -> None:
    world = county()
    denied = opened(world, tracks=("charity",))
    world.give(relief.DenyRelief(track="charity", reason="暂无对接"), "CAB", denied)
    second = opened(world)
    for again in (relief.ReportUrgency(reason="断炊"), relief.AddTracks(tracks=("temporary",))):
        said = world.give(again, WORKER, denied)
        assert isinstance(said, Refused)
        assert said.code == "already-open"
    world.give(relief.EndRelief(reason="deceased"), "CAB", second)
    assert not isinstance(world.give(relief.ReportUrgency(reason="断炊"), WORKER, denied), Refused)
    assert world.claims == {("relief.patient", "S-1"): denied}


def test_the_key_goes_along_to_the_patient_a_correction_names() -> None:
    world = county()
    case = opened(world)
    right = CorrectFact(version=1, changes={"subject": "S-2"}, reason="录错")
    assert not isinstance(world.give(right, "HB", "diagnosis-1"), Refused)
    assert world.fold(case).state.subject == "S-2"
    assert world.claims["relief.patient", "S-2"] == case
    other = opened(world, case_diagnosis="diagnosis-9")
    assert world.claims["relief.patient", "S-1"] == other
    wrong = CorrectFact(version=1, changes={"subject": "S-1"}, reason="录错")
    said = world.give(wrong, "HB", "diagnosis-1")
    assert isinstance(said, Refused)
    assert world.fold(other).number is not None
    assert str(world.fold(other).number) in said.zh
    assert world.fold(case).state.subject == "S-2"


def test_legal_aid_that_may_still_be_objected_to_keeps_the_case() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    outcome = case.when(relief.DenyRelief(track="legal_aid", reason="r"), "2025-12-15", "JB")
    assert len(outcome.decided) == 1
    case = outcome.done().when(relief.ObjectToDenial(), "2025-12-17", WORKER).done()
    upheld = case.when(relief.DecideObjection(grant=False), "2025-12-22", "JB")
    assert Release("relief.patient", "S-1") in upheld.decided


# --- Legal aid -----------------------------------------------------------------------------------


def test_benefits_are_joined_up_at_the_first_grant_of_money_and_not_of_a_lawyer() -> None:
    facts = (applied(tracks=("minimum_living", "legal_aid")), CLEAR, ELIGIBLE, PUBLIC)
    aid = relief.ApproveRelief(track="legal_aid")
    case = given("relief", *facts).when(aid, "2026-01-12", "JB").done()
    assert case.owes("HSSB", "2026-01-12") == {}
    living = relief.ApproveRelief(track="minimum_living", amount=1100)
    after = case.when(living, "2026-01-13", "CAB").done()
    assert after.owes("HSSB", "2026-01-13") == {"rlf.linkage-hssb": None}
    assert after.owes("MIB", "2026-01-13") == {"rlf.linkage-mib": None}
    # And a lawyer granted after that opens it no second time.
    money_first = given("relief", *facts, granted("2026-01-12"))
    both = money_first.when(aid, "2026-01-13", "JB").done()
    assert len([t for t in both.fold.open_tasks() if t.rule.id == "rlf.linkage-mib"]) == 1


def test_legal_aid_given_first_leaves_the_decision_owed() -> None:
    soon = date(2025, 12, 16)
    case = given("relief", applied(tracks=("legal_aid",), limitation_on=soon))
    case = case.when(relief.GiveAidFirst(), "2025-12-11", "JB").done()
    assert case.owes("JB", "2025-12-11") == {"rlf.legal-aid": "2025-12-17"}
    case.when(relief.GiveAidFirst(), "2025-12-12", "JB").refused("not-owed")


def test_legal_aid_is_decided_by_calendar_days_or_by_working_days_if_the_county_says_so() -> None:
    """E3: 司法局 by 12-17 by calendar days, the earlier, or 12-19 by the Zhejiang working days."""
    asked = applied(tracks=("legal_aid", "medical"))
    case = given("relief", asked)
    assert case.owes("JB", "2025-12-10") == {"rlf.legal-aid": "2025-12-17"}
    assert case.owes("MIB", "2025-12-10") == {"rlf.medical": None}  # no statutory days
    edition, calendar = split(law.files())
    rules = edition["relief/rules.toml"]
    edition["relief/rules.toml"] = rules.replace('deadline = "D64"', 'deadline = "D64-zhejiang"')
    zhejiang = Reference(parse_edition(edition), parse_calendar(calendar))
    adopted = given("relief", asked, under=zhejiang)
    assert adopted.owes("JB", "2025-12-10") == {"rlf.legal-aid": "2025-12-19"}


def test_a_denial_of_legal_aid_may_be_objected_to_and_is_looked_at_in_five_days() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    deny = relief.DenyRelief(track="legal_aid", reason="r")
    case = case.when(deny, "2025-12-15", "JB").done()
    received = relief.AidObjected(received_on=date(2025, 12, 18))
    later = given("relief", applied(tracks=("legal_aid",)))
    later = later.when(deny, "2025-12-15", "JB").done().add(on("2025-12-17", received, WORKER))
    # Five days from its receipt on 12-18: 12-23.
    assert later.owes("JB", "2025-12-18") == {"rlf.aid-objection": "2025-12-23"}
    case = case.when(relief.ObjectToDenial(), "2025-12-17", WORKER).done()
    assert case.owes("JB", "2025-12-17") == {"rlf.aid-objection": "2025-12-22"}
    case = case.when(relief.DecideObjection(grant=True), "2025-12-22", "JB").done()
    # Assigned in three days: 12-25.
    assert case.owes("JB", "2025-12-22") == {"rlf.assign-aid": "2025-12-25"}
    done = case.when(relief.AssignAid(), "2025-12-24", "JB").done()
    assert done.owes("JB", "2025-12-24") == {}
    done.when(relief.AssignAid(), "2025-12-25", "JB").refused("not-owed")


def test_legal_aid_is_not_granted_twice_on_an_objection_that_is_past() -> None:
    aid: tuple[relief.Track, ...] = ("legal_aid",)
    case = given("relief", applied(tracks=aid))
    case = case.when(relief.DenyRelief(track="legal_aid", reason="r"), "2025-12-15", "JB").done()
    case = case.when(relief.AddTracks(tracks=aid), "2025-12-16", WORKER).done()
    assert case.may(WORKER, "2025-12-16") == {}
    case.when(relief.ObjectToDenial(), "2025-12-16", WORKER).refused("not-owed")
    case = case.when(relief.ApproveRelief(track="legal_aid"), "2025-12-17", "JB").done()
    case.when(relief.ObjectToDenial(), "2025-12-18", WORKER).refused("not-owed")


def test_legal_aid_is_not_asked_for_again_while_the_objection_is_looked_at() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    case = case.when(relief.DenyRelief(track="legal_aid", reason="r"), "2025-12-15", "JB").done()
    case = case.when(relief.ObjectToDenial(), "2025-12-17", WORKER).done()
    again = relief.AddTracks(tracks=("legal_aid",))
    case.when(again, "2025-12-18", WORKER).refused("objecting")
    case.when(relief.AddTracks(tracks=("charity",)), "2025-12-18", WORKER).done()


def test_the_right_to_object_is_listed_for_sixty_days_and_heard_after_them_too() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    case = case.when(relief.DenyRelief(track="legal_aid", reason="r"), "2025-12-15", "JB").done()
    # Sixty days from 12-15: 16 + 31 + 13, 02-13, a Friday.
    assert case.may(WORKER, "2026-02-13") == {"rlf.aid-object": "2026-02-13"}
    assert case.may(WORKER, "2026-02-14") == {}
    case.when(relief.ObjectToDenial(), "2026-03-02", WORKER).done()  # the law sets no limit


def test_legal_aid_no_longer_acts_first_once_the_claim_is_barred() -> None:
    last = date(2025, 12, 27)
    case = given("relief", applied(tracks=("legal_aid",), limitation_on=last))
    case.when(relief.GiveAidFirst(), "2025-12-28", "JB").refused("barred")
    case.when(relief.GiveAidFirst(), "2025-12-27", "JB").done()


def test_a_denial_of_legal_aid_is_disputed_only_once_the_objection_has_failed() -> None:
    case = given("relief", applied(tracks=("legal_aid",)))
    deny = relief.DenyRelief(track="legal_aid", reason="r")
    case = case.when(deny, "2025-12-15", "JB").done()
    assert set(case.may(WORKER, "2025-12-15")) == {"rlf.aid-object"}
    case = case.when(relief.ObjectToDenial(), "2025-12-17", WORKER).done()
    case = case.when(relief.DecideObjection(grant=False), "2025-12-22", "JB").done()
    # Sixty days: 02-20, in the Spring Festival (02-15 to 23), rolls to 02-24; before it 02-14,
    # a worked Saturday. Six months: 06-22, a Monday.
    assert case.may(WORKER, "2025-12-22") == {
        "rlf.reconsider": "2026-02-24/02-14",
        "rlf.sue": "2026-06-22",
    }


def test_a_refusal_of_charity_is_no_act_of_an_authority() -> None:
    case = given("relief", applied(tracks=("charity",)))
    deny = relief.DenyRelief(track="charity", reason="暂无对接")
    assert case.when(deny, "2025-12-15", "CAB").done().may(WORKER, "2025-12-15") == {}


# --- Sentences -----------------------------------------------------------------------------------


def test_sentences_say_what_was_found_and_never_leave_a_gap() -> None:
    units = {"TS-110": "梅溪镇"}
    said = [
        (relief.EntryChecked(blocked=()), "核查工伤保险、承继单位与先行支付：未发现其他渠道"),
        (
            relief.HouseholdChecked(township=TOWNSHIP, eligible=False),
            "梅溪镇核查家庭经济状况：不符合条件",
        ),
        (relief.ReliefApproved(track="legal_aid", amount=0), "批准法律援助"),
        (relief.ReliefApproved(track="medical", amount=900), "批准医疗救助，一次性给付900元"),
        (relief.ReliefApproved(track="minimum_living", amount=900), "批准最低生活保障，每月900元"),
        (relief.AidObjectionDecided(grant=False), "审查对不予法律援助的异议：维持原决定"),
        (relief.HearingOffered(track=None), "拟减少或终止救助，告知陈述申辩与听证权利"),
    ]
    for event, text in said:
        assert sentence(event, units) == text
    unproved = patient().when(asking(evidence=None, urgent=True), "2025-12-10", WORKER).decided[0]
    assert sentence(unproved, units).endswith("用人单位已不存在，证明材料后补")
    assert sentence(applied().event, units).endswith("用人单位已不存在，凭注销登记")


# --- Corrections ---------------------------------------------------------------------------------


def test_relief_is_corrected_by_who_acted_or_by_the_civil_affairs_bureau() -> None:
    wrong = CorrectFact(version=2, changes={"blocked": ["successor"]}, reason="录错")
    given("relief", applied(), CLEAR).when(wrong, "2026-01-05", "MIB").refused("wrong-actor")
    after = given("relief", applied(), CLEAR).when(wrong, "2026-01-05", "CAB").done()
    assert after.fold.state.blocked == ("successor",)
    case = patient().add(*(f for f in (applied(), CLEAR)))
    evidence = CorrectFact(version=1, changes={"evidence": "final_award"}, reason="录错")
    case.when(evidence, "2026-01-05", "CAB").refused("no-proof")


def test_what_a_township_owes_goes_along_to_the_township_where_the_patient_lives() -> None:
    case = given("relief", applied(urgent=True))
    there = TransferTask(task=case.task("rlf.check").id, to="TS-111", reason="住在天子湖")
    case = case.when(there, "2025-12-11", TOWNSHIP).done()
    assert case.fold.state.township == "TS-111"
    assert case.owes(TOWNSHIP, "2025-12-11") == {}
    # The days run on: fifteen working days from 12-10 end on 12-31.
    assert case.owes("TS-111", "2025-12-11") == {"rlf.urgent": None, "rlf.check": "2025-12-31"}
    case.when(relief.RelieveFirst(amount=1500), "2025-12-12", "TS-111").done()
