"""Rulings 裁定: a dispute is answered in its case, a class of cases is routed by those above.

A power given by statute moves for nobody. Dates worked by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain import acts, reference
from domain.cases import diagnosis as dx
from domain.cases import incident, tip
from domain.decider import Context, Refused
from domain.events import Moment
from domain.fold import empty
from domain.reference import REFERENCE, EndRuling, MakeRuling, RulingMade
from domain.rulings import ClassRuling, RulingFollowed, routed
from domain.sealing import Secret
from tests.spec import EMPLOYER, INSTITUTION, WORKER, Case, given, noon, on
from tests.spec import reference as shipped

RECEIVED = tip.TipReceived(
    channel="platform",
    matters=("no_contract",),
    to="HB",
    anonymous=True,
    informant=None,
    accused=None,
    accused_unit="CAB",
    subject="S-1",
    content=Secret("合成"),
    name=None,
    contact=None,
)
# Thursday 2026-04-16.
TIP = on("2026-04-13", RECEIVED, "LGO")
CONTRACTS = ClassRuling(
    id="R2026-1",
    by="LG",
    routing="tip-route-no_contract",
    to="HB",
    area=None,
    since=date(2026, 5, 1),
    until=date(2026, 6, 30),
    reason="合成",
)


def disputed() -> Case:
    case = given("tip", TIP)
    dispute = acts.DisputeTask(task=case.task("tip.accept").id, reason="合同归人社")
    return case.when(dispute, "2026-04-16", "HB").done()


def rule(case: Case, to: str, day: str, by: str) -> Case:
    command = acts.RuleTask(task=case.task("tip.accept").id, to=to, reason="合成")
    return case.when(command, day, by).done()


# --- In one case ---------------------------------------------------------------------------------


def test_a_dispute_is_owed_a_ruling_by_the_office_in_five_working_days() -> None:
    """From Thursday 04-16: 17, 20, 21, 22 and Thursday 04-23."""
    case = disputed()
    assert case.owes("LGO", "2026-04-16") == {"task.dispute": "2026-04-23"}
    assert "tip.accept" in case.owes("HB", "2026-04-16"), "it is still due from the unit"


def test_a_ruling_moves_the_task_and_binds_the_unit_it_names() -> None:
    case = rule(disputed(), "HSSB", "2026-04-17", "LGO")
    assert case.owes("LGO", "2026-04-17") == {}
    task = case.task("tip.accept")
    assert (task.holder, task.disputed) == ("HSSB", None)
    back = acts.ReturnTask(task=task.id, reason="not_my_duty", note="合成")
    case.when(back, "2026-04-20", "HSSB").refused("ruled")


def test_the_clock_of_the_unit_ruled_upon_starts_when_it_is_delivered() -> None:
    """Five working days from Friday 04-17: 20, 21, 22, 23 and Friday 04-24."""
    task = rule(disputed(), "HSSB", "2026-04-17", "LGO").task("tip.accept")
    assert task.due is not None
    assert task.due.legal == date(2026, 4, 24)


def test_a_ruling_that_it_stays_ends_the_dispute() -> None:
    case = rule(disputed(), "HB", "2026-04-17", "LGO")
    task = case.task("tip.accept")
    assert (task.holder, task.disputed, task.rerouted) == ("HB", None, False)


def test_disputed_again_it_goes_above_the_office_and_that_is_final() -> None:
    case = rule(disputed(), "HSSB", "2026-04-17", "LGO")
    task = case.task("tip.accept").id
    again = acts.DisputeTask(task=task, reason="合成")
    case = case.when(again, "2026-04-20", "HSSB").done()
    assert list(case.owes("LG", "2026-04-20")) == ["task.dispute"]
    office = acts.RuleTask(task=task, to="HB", reason="合成")
    case.when(office, "2026-04-21", "LGO").refused("above")
    case = case.when(office, "2026-04-21", "LG").done()
    assert case.task("tip.accept").holder == "HB"
    case.when(again, "2026-04-22", "HB").refused("final")


def test_nobody_rules_where_nobody_disputes() -> None:
    case = given("tip", TIP)
    command = acts.RuleTask(task=case.task("tip.accept").id, to="HSSB", reason="合成")
    case.when(command, "2026-04-16", "LGO").refused("not-disputed")


def test_a_ruling_never_gives_a_tip_to_the_unit_it_accuses() -> None:
    command = acts.RuleTask(task=disputed().task("tip.accept").id, to="CAB", reason="合成")
    disputed().when(command, "2026-04-17", "LG").refused("accused")


def test_a_power_given_by_statute_stays_whoever_rules() -> None:
    """卫健局 rules on disputed data by 职业病防治法 48: no ruling gives that to 人社局."""
    applied = dx.DiagnosisApplied(
        subject="S-1",
        institution=INSTITUTION,
        employer=EMPLOYER,
        hazard="矽尘",
        locality="household",
    )
    case = given("diagnosis", on("2026-03-02", applied, WORKER))
    case = case.add(on("2026-03-20", dx.RulingRequested(ground="disputed_data")))
    task = case.task("dx.ruling").id
    case = case.when(acts.DisputeTask(task=task, reason="合成"), "2026-03-23", "HB").done()
    for by in ("LGO", "LG", "JC"):
        moved = case.when(acts.RuleTask(task=task, to="HSSB", reason="合成"), "2026-03-24", by)
        moved.refused("statutory")
        assert moved.refusal is not None
        assert moved.refusal.clause == "odl-48"
    stays = case.when(acts.RuleTask(task=task, to="HB", reason="合成"), "2026-03-24", "LGO").done()
    assert stays.task("dx.ruling").holder == "HB"


def test_a_dispute_ends_with_what_is_disputed() -> None:
    """Answered by acceptance, or given to another unit, nothing is left for the office to rule."""
    taken = disputed().when(tip.AcceptTip(), "2026-04-17", "HB").done()
    assert taken.owes("LGO", "2026-04-17") == {}
    route = tip.RouteTip(to="HSSB", reason="合成")
    routed_on = disputed().when(route, "2026-04-17", "LGO").done()
    assert routed_on.owes("LGO", "2026-04-17") == {}
    assert routed_on.task("tip.accept").disputed is None


def test_what_was_ruled_is_neither_passed_on_nor_routed_past_those_who_ruled() -> None:
    case = rule(disputed(), "HSSB", "2026-04-17", "LG")
    task = case.task("tip.accept").id
    on_to = acts.TransferTask(task=task, to="EMB", reason="合成")
    case.when(on_to, "2026-04-20", "HSSB").refused("ruled")
    route = tip.RouteTip(to="EMB", reason="合成")
    case.when(route, "2026-04-20", "LGO").refused("above")
    assert case.when(route, "2026-04-20", "LG").done().fold.state.handler == "EMB"


def test_the_accused_office_neither_hears_nor_rules_nor_routes() -> None:
    accusing = replace(RECEIVED, accused_unit="LGO")
    case = given("tip", on("2026-04-13", accusing, "CGO"))
    task = case.task("tip.accept").id
    case = case.when(acts.DisputeTask(task=task, reason="合成"), "2026-04-16", "HB").done()
    assert list(case.owes("LG", "2026-04-16")) == ["task.dispute"]
    ruling = acts.RuleTask(task=task, to="HSSB", reason="合成")
    case.when(ruling, "2026-04-17", "LGO").refused("accused")
    case.when(tip.RouteTip(to="HSSB", reason="合成"), "2026-04-17", "LGO").refused("accused")


# --- For a class of cases ------------------------------------------------------------------------


def context(day: str, by: str = "LG", *rulings: ClassRuling) -> Context:
    fold = replace(empty(REFERENCE, "reference"), state=reference.State(rulings=rulings))
    return Context(
        now=noon(day),
        occurred=Moment.on(date.fromisoformat(day)),
        actor=by,
        recorder="officer-1",
        fold=fold,
        reference=replace(shipped(), rulings=rulings),
    )


def make(
    day: str = "2026-04-20", by: str = "LG", /, *rulings: ClassRuling, **given: object
) -> object:
    known = {"routing": "tip-route-no_contract", "to": "HB", "since": date(2026, 5, 1)}
    command = MakeRuling(reason="合成", **{**known, **given})  # type: ignore[arg-type]
    given_in = context(day, by, *rulings)
    (made,) = reference.decide(given_in.fold.state, command, given_in)
    return made


def test_a_class_ruling_is_an_event_of_its_own() -> None:
    made = make()
    assert isinstance(made, RulingMade)
    assert (made.ruling, made.by, made.to) == ("R2026-1", "LG", "HB")


@pytest.mark.parametrize(
    ("by", "given", "code"),
    [
        ("LGO", {}, "wrong-actor"),
        ("HB", {}, "wrong-actor"),
        ("JC", {"routing": "near-due-days"}, "no-such-routing"),
        ("JC", {"to": "XX"}, "no-such-unit"),
        ("JC", {"area": "HB"}, "no-such-township"),
        ("JC", {"since": date(2026, 4, 1)}, "past"),
        ("JC", {"until": date(2026, 4, 30)}, "days"),
        ("JC", {"routing": "incident-lead-radiation_accident"}, "statutory"),
        ("JC", {"routing": "tip-route-radiation"}, "statutory"),
        ("JC", {"to": "FTU"}, "not-competent"),
        ("JC", {"to": "LGO"}, "not-competent"),
        ("JC", {"to": "TS-110"}, "not-competent"),
        ("JC", {"to": "TS-110", "area": "TS-111"}, "not-competent"),
    ],
)
def test_what_no_class_ruling_may_be(by: str, given: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        make("2026-04-20", by, **given)
    assert refused.value.code == code


def test_a_township_may_be_given_the_tips_of_its_own_area() -> None:
    made = make("2026-04-20", "JC", to="TS-110", area="TS-110")
    assert isinstance(made, RulingMade)
    assert made.to == "TS-110"


def test_what_the_leading_group_ruled_the_conference_neither_ends_nor_replaces() -> None:
    """联席会议 works under 领导小组 (43-4.1)."""
    instead = {"to": "HUCB", "since": date(2026, 5, 11), "replaces": "R2026-1"}
    with pytest.raises(Refused) as refused:
        make("2026-05-10", "JC", CONTRACTS, **instead)
    assert refused.value.code == "above"
    given_in = context("2026-05-20", "JC", CONTRACTS)
    command = EndRuling(ruling="R2026-1", until=date(2026, 5, 31), reason="合成")
    with pytest.raises(Refused) as refused:
        reference.decide(given_in.fold.state, command, given_in)
    assert refused.value.code == "above"
    make("2026-05-10", "LG", replace(CONTRACTS, by="JC"), **instead)


@pytest.mark.parametrize("part", [{"area": "TS-110"}, {"until": date(2026, 5, 12)}])
def test_a_ruling_on_a_part_does_not_end_the_whole(part: dict[str, object]) -> None:
    instead = {"to": "HUCB", "since": date(2026, 5, 11), "replaces": "R2026-1"}
    with pytest.raises(Refused) as refused:
        make("2026-05-10", "LG", CONTRACTS, **instead, **part)
    assert refused.value.code == "covers-part"


def test_two_rulings_do_not_overlap_unless_one_replaces_the_other() -> None:
    with pytest.raises(Refused) as refused:
        make("2026-05-10", "LG", CONTRACTS, to="HUCB", since=date(2026, 5, 11))
    assert refused.value.code == "overlap"
    made = make(
        "2026-05-10", "LG", CONTRACTS, to="HUCB", since=date(2026, 5, 11), replaces="R2026-1"
    )
    assert isinstance(made, RulingMade)
    first, second = reference.evolve(reference.State(rulings=(CONTRACTS,)), made).rulings
    assert (first.until, second.to) == (date(2026, 5, 10), "HUCB")


def test_a_ruling_replaces_only_one_that_it_overlaps() -> None:
    with pytest.raises(Refused) as refused:
        make("2026-05-10", "JC", CONTRACTS, routing="tip-route-poisoning", replaces="R2026-1")
    assert refused.value.code == "past"
    later = {"since": date(2026, 5, 11), "to": "HB", "replaces": "R2026-1"}
    with pytest.raises(Refused) as refused:
        make("2026-05-10", "JC", CONTRACTS, routing="tip-route-poisoning", **later)
    assert refused.value.code == "not-replaced"


def test_a_ruling_that_is_over_is_not_ended_again() -> None:
    given_in = context("2026-05-20", "LG", CONTRACTS)
    command = EndRuling(ruling="R2026-1", until=date(2026, 7, 31), reason="合成")
    with pytest.raises(Refused) as refused:
        reference.decide(given_in.fold.state, command, given_in)
    assert refused.value.code == "over"


def test_a_ruling_binds_between_its_days_both_included() -> None:
    for day, to in (
        ("2026-04-30", "HSSB"),
        ("2026-05-01", "HB"),
        ("2026-06-30", "HB"),
        ("2026-07-01", "HSSB"),
    ):
        assert routed(CONTRACTS.routing, None, context(day, "LG", CONTRACTS))[0] == to


def test_a_ruling_for_one_township_leaves_the_others() -> None:
    there = replace(CONTRACTS, area="TS-110")
    assert routed(CONTRACTS.routing, "TS-110", context("2026-05-06", "LG", there))[0] == "HB"
    assert routed(CONTRACTS.routing, "TS-111", context("2026-05-06", "LG", there))[0] == "HSSB"


def test_an_ended_ruling_binds_no_more() -> None:
    given_in = context("2026-05-20", "LG", CONTRACTS)
    command = EndRuling(ruling="R2026-1", until=date(2026, 5, 31), reason="合成")
    (ended,) = reference.decide(given_in.fold.state, command, given_in)
    (left,) = reference.evolve(given_in.fold.state, ended).rulings
    assert left.until == date(2026, 5, 31)


def receive(to: str | None = None) -> tip.ReceiveTip:
    return tip.ReceiveTip(
        channel="letter",
        matters=("no_contract",),
        subject="S-2",
        content=Secret("合成"),
        to=to,
        anonymous=True,
    )


def ruled_tip(*rulings: ClassRuling) -> Case:
    return Case("tip", replace(shipped(), rulings=rulings))


def test_a_tip_is_routed_by_the_ruling_and_says_so() -> None:
    done = ruled_tip(CONTRACTS).when(receive(), "2026-05-06", "LGO").done()
    assert done.task("tip.accept").holder == "HB"
    assert RulingFollowed(ruling="R2026-1", to="HB") in [f.event for f, _ in done.fold.facts]


def test_nobody_registers_a_tip_past_a_ruling() -> None:
    ruled_tip(CONTRACTS).when(receive("HSSB"), "2026-05-06", "LGO").refused("ruled")


def test_what_a_class_ruling_routed_is_moved_only_by_those_above_the_office() -> None:
    case = ruled_tip(CONTRACTS).when(receive(), "2026-05-06", "LGO").done()
    task = case.task("tip.accept").id
    on_to = acts.TransferTask(task=task, to="HSSB", reason="合成")
    case.when(on_to, "2026-05-07", "HB").refused("ruled")
    route = tip.RouteTip(to="HSSB", reason="合成")
    case.when(route, "2026-05-07", "LGO").refused("ruled")
    assert case.when(route, "2026-05-07", "LG").done().fold.state.handler == "HSSB"


def test_what_a_class_ruling_routed_is_returned_and_disputed_to_those_above_the_office() -> None:
    case = ruled_tip(CONTRACTS).when(receive(), "2026-05-06", "LGO").done()
    task = case.task("tip.accept").id
    back = acts.ReturnTask(task=task, reason="not_my_duty", note="合成")
    assert case.when(back, "2026-05-07", "HB").decided[0].to == "LG"
    case = case.when(acts.DisputeTask(task=task, reason="合成"), "2026-05-07", "HB").done()
    stays = acts.RuleTask(task=task, to="HB", reason="合成")
    case.when(stays, "2026-05-08", "LGO").refused("above")
    case.when(stays, "2026-05-08", "LG").done()


def test_what_came_in_before_a_ruling_and_is_entered_later_is_routed_as_then() -> None:
    late = ruled_tip(CONTRACTS).when(receive(), "2026-05-06", "LGO", happened="2026-04-30")
    assert late.done().fold.state.handler == "HSSB"


def test_no_ruling_is_escaped_by_a_second_matter_or_a_township_left_out() -> None:
    second = replace(receive(), matters=("poisoning", "no_contract"))
    assert ruled_tip(CONTRACTS).when(second, "2026-05-06", "LGO").done().fold.state.handler == "HB"
    there = ruled_tip(replace(CONTRACTS, area="TS-110"))
    there.when(receive(), "2026-05-06", "LGO").refused("township-missing")
    other = replace(receive(), township="TS-111")
    assert there.when(other, "2026-05-06", "LGO").done().fold.state.handler == "HSSB"


def test_a_class_ruling_brings_no_tip_to_the_unit_it_accuses() -> None:
    accusing = replace(receive("HSSB"), accused_unit="HB")
    done = ruled_tip(CONTRACTS).when(accusing, "2026-05-06", "LGO").done()
    assert done.fold.state.handler == "HSSB"
    office = replace(receive(), matters=("officials",), accused_unit="LGO")
    assert ruled_tip().when(office, "2026-05-06", "CGO").done().fold.state.handler == "LG"


def test_control_without_the_ruling_it_goes_where_the_policy_says() -> None:
    done = ruled_tip().when(receive(), "2026-05-06", "LGO").done()
    assert done.task("tip.accept").holder == "HSSB"


def test_an_incident_of_a_ruled_cause_is_led_by_the_unit_ruled_upon() -> None:
    chronic = replace(CONTRACTS, routing="incident-lead-chronic", to="EMB")
    report = incident.ReportIncident(
        employer=EMPLOYER,
        township="TS-001",
        cause="chronic",
        accident_on=date(2026, 5, 6),
        told="HB",
        account=Secret("合成"),
        subject="S-3",
    )
    case = Case("incident", replace(shipped(), rulings=(chronic,)))
    assert case.when(report, "2026-05-06", EMPLOYER).done().fold.state.lead == "EMB"
