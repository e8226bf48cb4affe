"""Each seeded fault is killed by the test named for it, and the whole domain kills nothing."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.domain import faults
from tests.domain.faults import broken, notices
from tests.domain.invariants import INVARIANTS
from tests.domain.seeded import FAULTS

# That the invariants hold of the whole domain is what the machine asks, at length.
KILLERS = sorted({fault.killer for fault in FAULTS.values()} - INVARIANTS.keys())


@pytest.fixture(autouse=True)
def _quiet() -> None:
    warnings.simplefilter("ignore")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_killed_by_the_test_named_for_it(name: str) -> None:
    with broken(FAULTS[name]):
        assert notices(FAULTS[name].killer), f"{FAULTS[name].killer} does not see {name}"


@pytest.mark.parametrize("killer", KILLERS)
def test_the_whole_domain_makes_every_killer_green(killer: str) -> None:
    """Control: a test that fails always would kill every fault."""
    assert not notices(killer)


def test_a_fault_is_mended_when_it_was_looked_at() -> None:
    """Control: nothing stays broken for the tests that follow."""
    fault = FAULTS["anybody-signs"]
    right = fault.of.__code__
    with broken(fault):
        assert fault.of.__code__ is not right
    assert fault.of.__code__ is right


def test_the_page_lists_the_invariants_and_faults_there_are() -> None:
    """docs/invariants.md is made by `python -m tests.domain.faults --page`."""
    assert len(FAULTS) >= 20
    written = Path(__file__).parents[2] / "docs" / "invariants.md"
    assert written.read_text(encoding="utf-8") == faults.page()
