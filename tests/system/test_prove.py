"""The short form of `make prove`: every kind of kill once under load; and each check's control."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prove.__main__ import TARGETS, prove


def test_nothing_acknowledged_is_lost_whatever_is_killed(tmp_path: Path) -> None:
    report = prove(tmp_path / "var", kills=len(TARGETS), commands=300, seed=7)
    assert report.holds, report.lines()
    assert set(report.kills) == set(TARGETS)
    assert report.acknowledged >= 300
    in_doubt = report.answers["0"] + report.answers["503"]
    assert in_doubt > 0, report.lines()


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("acknowledges-early", "acknowledged_is_recorded"),
        ("forgets-command-ids", "acknowledged_is_recorded"),
        ("skips-in-the-stream", "the_stream_is_the_log"),
        ("says-sent-without-sending", "every_notice_was_delivered"),
        ("loses-a-row", "read_models_are_the_logs"),
    ],
)
def test_control_a_deliberate_fault_turns_its_check_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, check: str
) -> None:
    monkeypatch.setattr("tests.prove.checks.STILL_SECONDS", 4)
    report = prove(tmp_path / "var", 0, 150, seed=7, sabotage=fault, pause=0.2)
    assert {name for name, wrong in report.found.items() if wrong} == {check}
