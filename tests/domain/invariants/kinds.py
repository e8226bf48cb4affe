"""What the kinds of case promise, each by its clause."""

from __future__ import annotations

from domain.corrections import FactCorrected
from domain.events import sentence
from tests.domain.invariants.asking import ever_corrected, given, standing, told
from tests.domain.world import Given, Told, World


@told("投诉举报决不由被举报的单位办理", "A tip is never held by the unit it accuses")
def a_tip_is_never_held_by_the_accused(world: World, one: Told) -> None:
    if one.after.kind.name == "tip" and not isinstance(one.event, FactCorrected):
        accused = one.after.state.accused_unit
        known = one.before.state.accused_unit == accused or one.before.version == 0
        if accused and known and not _corrected_accusation(world, one):
            held = [t.rule.id for t in one.after.open_tasks() if accused in (t.holder, *t.helpers)]
            assert not held, held


def _corrected_accusation(world: World, one: Told) -> bool:
    """Whether whom the tip accuses was put right later: then the office routes it anew."""
    return any(
        isinstance(r.event, FactCorrected)
        and any(c.field == "accused_unit" for c in r.event.changes)
        for r, _ in world.history[one.after.case]
    )


@told("并案、分案在两边都有记载", "A merge is known on both sides, and so is its undoing")
def a_merge_is_known_on_both_sides(world: World, one: Told) -> None:
    if one.type in ("tip.joined", "tip.parted"):
        joined = one.type == "tip.joined"
        other = world.folds[one.event.tip].state
        assert (other.merged_into == one.after.case) == joined
        assert (one.event.tip in one.after.state.joined) == joined


@given("乡镇（街道）不作责令、处罚、强制控制", "A township never orders, punishes or controls")
def a_township_never_orders(world: World, carried: Given) -> None:
    unit = world.under.edition.units.get(carried.context.actor)
    power = ("责令", "处罚", "查封", "控制措施", "立案查处")
    if unit and unit.klass == "township":
        assert not any(word in carried.kind.title for word in power), carried.kind.name


@told("调查组必有工会指派的成员", "Every investigation team has a member of the union")
def a_team_has_a_union_member(world: World, one: Told) -> None:
    if one.after.kind.name == "incident" and one.after.state.team:
        assert "FTU" in one.after.state.team


@told(
    "一个等级尺度只有一个等级，辐射事故等级只由生态环境局核定",
    "One grade in one scale; the radiation scale is 生态环境局's alone",
)
def one_grade_in_one_scale(world: World, one: Told) -> None:
    if one.after.kind.name == "incident":
        scales = [scale for scale, _ in one.after.state.grades]
        assert len(scales) == len(set(scales)), scales
    if one.type == "incident.graded" and one.event.scale == "radiation_scale":
        assert one.recorded.envelope.actor == "EEB"


OUTLIVES_A_MERGER = {
    *("inc.lift", "inc.lift-radiation", "inc.source", "inc.breach", "inc.inspect"),
}
OUTLIVES_A_HAND_UP = {
    *("inc.rescue", "inc.upward", "inc.upward-radiation", "inc.six-hour", "inc.network"),
    *("inc.supplement", "inc.supplement-radiation", "inc.radiation-form", "inc.employer-report"),
    "inc.consider-crime",
}


@told(
    "移交上级或并案之后，本县只余救援、已欠的报告、解除控制、查处瞒报和刑事移送",
    "What is handed up or merged leaves here only rescue, reports owed, controls and the referral",
)
def what_is_handed_up_is_gone(world: World, one: Told) -> None:
    if one.type in ("incident.handed_up", "incident.merged"):
        left = {t.rule.id for t in one.after.open_tasks() if not t.rule.id.startswith("inc.crime-")}
        handed_up = OUTLIVES_A_HAND_UP if one.type == "incident.handed_up" else set()
        assert left <= OUTLIVES_A_MERGER | handed_up, left


@told(
    "刑事移送只因其自身的步骤办结，决不因移交、并案、结案而终止",
    "A referral ends by its own steps alone, never by a hand-up, a merger or a closing",
)
def a_referral_is_never_buried(world: World, one: Told) -> None:
    if one.type in ("incident.handed_up", "incident.merged", "incident.closed"):
        was = {id for id, t in one.before.tasks.items() if t.rule.id.startswith("inc.crime-")}
        for id in was:
            assert one.after.tasks[id].closed == one.before.tasks[id].closed, id


@told("救助公示决不写病名", "What is made public of relief never names the disease")
def publicity_never_names_the_disease(world: World, one: Told) -> None:
    if one.type == "relief.publicised":
        names = {d.name for c in world.under.edition.catalogues for d in c.diseases}
        told_ = sentence(one.event, world.under.edition.unit_names)
        assert not any(name in told_ for name in names), told_


@told("紧急救助先行：不因核查未完而被挡下", "Urgent relief never waits for the checks")
def urgent_relief_never_waits(world: World, one: Told) -> None:
    state = one.after.state
    if (
        one.after.kind.name == "relief"
        and state.urgent
        and not (state.relieved_first or state.ended)
    ):
        rules = {task.rule.id for task in one.after.tasks.values() if not task.closed}
        assert "rlf.urgent" in rules or ever_corrected(one.after), rules


@standing(
    "一名劳动者在一家机构只有一件在办的诊断，只有一件在办的救助",
    "One open diagnosis at one institution, one relief, for one patient",
)
def one_open_case_a_matter(world: World) -> None:
    open_ = [
        (s.institution, s.subject)
        for s in (f.state for f in world.folds.values() if f.kind.name == "diagnosis")
        if s.applied and not s.withdrawn and not s.certified
    ]
    assert len(open_) == len(set(open_)), open_
    relief = [
        f.state.subject for f in world.folds.values() if f.kind.name == "relief" and f.state.running
    ]
    assert len(relief) == len(set(relief)), relief


@told(
    "结论为职业病的诊断当即开立工伤认定的期限",
    "A conclusion of disease opens the clocks of the determination at once",
)
def a_disease_opens_its_determination(world: World, one: Told) -> None:
    if one.type == "diagnosis.concluded" and one.event.result == "od":
        id = f"determination-{one.after.case.partition('-')[2]}"
        assert world.folds[id].state.diagnosis == one.after.case


@given("年度职责由负责的单位自己报告完成", "A yearly duty is reported by the unit that owes it")
def a_yearly_duty_is_its_units_own(world: World, carried: Given) -> None:
    if carried.kind.name == "period.report":
        (one,) = carried.told
        closed = [t for id, t in one.before.tasks.items() if one.after.tasks[id].closed != t.closed]
        assert [task.holder for task in closed] == [carried.context.actor]
