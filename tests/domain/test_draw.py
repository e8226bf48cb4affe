"""双随机: the same pool and seed give everybody the same draw, and nothing else has a part in it.

The numbers below were made with `printf 'seed\nline' | sha256sum`, not with the code under test.
"""

from __future__ import annotations

import hashlib
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases import plan as plans
from domain.draw import draw, number, pool_hash

FIRM = "employer:91330523MA000TE131"
POOL = ["S-HB-1|HB|", "S-HB-2|HB|", "S-HB-3|HB|"]
SEED = f"20260507\n{FIRM}"

LINES = st.lists(st.text(alphabet="甲乙丙abc012|", min_size=1, max_size=8), min_size=1, max_size=12)


def test_the_order_is_the_one_worked_out_with_sha256sum() -> None:
    # 71ba6fd4… for the first, 171d9b20… for the second, 42aadfb1… for the third.
    assert number(POOL[0], SEED).startswith("71ba6fd4711d8039")
    assert draw(POOL, SEED, 3) == (POOL[1], POOL[2], POOL[0])


def test_the_pool_hash_is_what_sort_and_sha256sum_give() -> None:
    assert pool_hash(["b", "a", "c"]) == hashlib.sha256(b"a\nb\nc\n").hexdigest()


@given(LINES, st.text(max_size=5), st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_a_draw_can_be_repeated_and_the_order_given_has_no_part_in_it(
    pool: list[str], seed: str, count: int
) -> None:
    once = draw(pool, seed, count)
    assert once == draw(pool, seed, count) == draw(reversed(pool), seed, count)
    assert pool_hash(pool) == pool_hash(sorted(pool))
    assert len(once) == len(set(once)) == min(count, len(set(pool)))
    assert set(once) <= set(pool)
    assert draw(pool, seed, count + 1)[: len(once)] == once


def test_another_seed_draws_otherwise() -> None:
    """Control: the seed does have a part in it."""
    pool = [str(n) for n in range(50)]
    assert draw(pool, "one", 5) != draw(pool, "two", 5)


def published(inspectors: tuple[plans.Inspector, ...]) -> plans.PlanPublished:
    target = plans.Target(employer=FIRM, township="TS-001", grade="丙", method="试点办法")
    return plans.PlanPublished(
        title="t",
        kind="random",
        lead="HB",
        units=("HB", "EMB"),
        visit_by=date(2026, 9, 11),
        count=1,
        targets=(target,),
        inspectors=inspectors,
        targets_hash="",
        inspectors_hash="",
    )


INSPECTORS = st.lists(
    st.builds(
        plans.Inspector,
        licence=st.sampled_from([f"S-{n}" for n in range(12)]),
        unit=st.sampled_from(["HB", "EMB", "HSSB"]),
        conflicts=st.sampled_from([(), (FIRM,), ("employer:other",)]),
    ),
    max_size=12,
    unique_by=lambda inspector: inspector.licence,
)


@given(INSPECTORS, st.text(max_size=4), st.sets(st.sampled_from([f"S-{n}" for n in range(12)])))
@settings(max_examples=60, deadline=None)
def test_nobody_recused_or_with_a_conflict_is_ever_drawn(
    pool: list[plans.Inspector], seed: str, recused: set[str]
) -> None:
    plan = published(tuple(pool))
    team = plans.officers(plan, seed, FIRM, 2, recused)
    barred = recused | {i.licence for i in pool if FIRM in i.conflicts}
    assert not {officer.licence for officer in team} & barred
    assert {officer.unit for officer in team} <= {"HB", "EMB"}
    assert all(sum(1 for o in team if o.unit == unit) <= 2 for unit in plan.units)


@given(INSPECTORS, st.text(max_size=4))
@settings(max_examples=60, deadline=None)
def test_after_a_recusal_the_others_stay_and_the_next_in_order_comes(
    pool: list[plans.Inspector], seed: str
) -> None:
    plan = published(tuple(pool))
    for out in plans.officers(plan, seed, FIRM, 2):
        again = plans.officers(plan, seed, FIRM, 2, [out.licence])
        stayed = [o for o in plans.officers(plan, seed, FIRM, 2) if o != out]
        assert set(stayed) <= set(again)
        assert out not in again


def test_one_officer_with_a_conflict_is_passed_over() -> None:
    """Control: without the conflict he would be drawn."""
    free = tuple(plans.Inspector(f"S-HB-{n}", "HB") for n in (1, 2, 3))
    drawn = plans.officers(published(free), "20260507", FIRM, 2)
    assert [o.licence for o in drawn] == ["S-HB-2", "S-HB-3"]
    bound = (free[0], plans.Inspector("S-HB-2", "HB", (FIRM,)), free[2])
    licences = {o.licence for o in plans.officers(published(bound), "20260507", FIRM, 2)}
    assert licences == {"S-HB-1", "S-HB-3"}


def test_firms_are_drawn_whole_with_class_and_method() -> None:
    plan = published(())
    assert plans.firms(plan, "s") == plan.targets
