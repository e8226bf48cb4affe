"""Relief 救助: asked once, decided by track; the last resort, but urgent relief never waits.

Dates of E3: asked on Wednesday 2025-12-10. New Year's rest days are 01-01 to 01-03; Sunday 01-04
is worked.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.cases import relief
from domain.sealing import Secret
from tests.domain.test_diagnosis import APPLIED, COMPLETE, concluded
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
    )
    return on(day, fact, WORKER)


CLEAR = on("2025-12-24", relief.EntryChecked(blocked=()), TOWNSHIP)
ELIGIBLE = on("2025-12-31", relief.HouseholdChecked(township=TOWNSHIP, eligible=True), TOWNSHIP)
PUBLIC = on("2026-01-07", relief.Publicised(village="合成村", amount=1100), TOWNSHIP)


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
    assert names == {"village", "amount", "received_on"}
    case = given("relief", applied(), CLEAR)
    public = relief.Publicise(village="合成村", amount=1100)
    case.when(public, "2026-01-07", TOWNSHIP).refused("not-eligible")


def test_each_bureau_decides_its_own_track() -> None:
    case = given("relief", applied(tracks=("medical", "legal_aid")), CLEAR)
    aid = relief.ApproveRelief(track="legal_aid")
    case.when(aid, "2025-12-24", "CAB").refused("wrong-actor")
    after = case.when(aid, "2025-12-24", "JB").done()
    # A lawyer is assigned in three days: 12-27, a Saturday, rolls to 12-29.
    assert after.owes("JB", "2025-12-24") == {"rlf.assign-aid": "2025-12-29/12-26"}
    after.when(aid, "2025-12-25", "JB").refused("not-open")


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


def test_legal_aid_acts_first_where_the_claim_is_barred_within_seven_days() -> None:

    aid = ("legal_aid",)
    soon = asking(tracks=aid, limitation_on=date(2025, 12, 16))
    event = patient().when(soon, "2025-12-10", WORKER).decided[0]
    assert event.acts_first
    later = asking(tracks=aid, limitation_on=date(2025, 12, 17))
    event = patient().when(later, "2025-12-10", WORKER).decided[0]
    assert not event.acts_first
    case = given("relief", applied(tracks=aid, acts_first=True))
    assert set(case.owes("JB", "2025-12-10")) == {"rlf.legal-aid", "rlf.legal-aid-first"}


# --- Review and end ------------------------------------------------------------------------------


def in_relief() -> Case:
    return given("relief", applied(), CLEAR, ELIGIBLE, PUBLIC, granted("2026-01-13"))


def test_a_cut_needs_a_hearing_from_the_day_the_law_is_in_force() -> None:
    cut = relief.ReviewRelief(track="minimum_living", amount=900)
    in_relief().when(cut, "2026-06-30", "CAB").done()
    in_relief().when(cut, "2026-07-01", "CAB").refused("no-hearing")
    heard = in_relief().when(relief.OfferHearing(), "2026-07-02", "CAB").done()
    after = heard.when(cut, "2026-07-20", "CAB").done()
    assert after.owes("CAB", "2026-07-20")["rlf.review"] == "2027-07-20"
    after.when(cut, "2026-07-21", "CAB").done()  # no cut: the amount stays
    again = relief.ReviewRelief(track="minimum_living", amount=800)
    after.when(again, "2026-07-21", "CAB").refused("no-hearing")


def test_a_rise_needs_none() -> None:
    rise = relief.ReviewRelief(track="minimum_living", amount=1200)
    in_relief().when(rise, "2026-08-01", "CAB").done()


def test_the_end_of_relief_ends_its_tasks() -> None:
    end = relief.EndRelief(reason="means_improved")
    in_relief().when(end, "2026-08-01", "CAB").refused("no-hearing")
    after = in_relief().when(relief.EndRelief(reason="deceased"), "2026-08-01", "CAB").done()
    assert after.owes("CAB", "2026-08-01") == {}
    after.when(end, "2026-08-02", "CAB").refused("ended")
