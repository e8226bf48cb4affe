"""Every shipped scenario holds, exact to the day; and a wrong one is shown to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import demo, scenario
from api.cli import play_file
from eventstore.embedded import Server
from projections.county import Settings, Urls

FILES = sorted(demo.SCENARIOS.glob("*.yaml"))


def played(server: Server, tmp_path: Path, path: Path) -> scenario.Result:
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    return play_file(Settings(var=tmp_path), urls, path)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_shipped_scenario_holds(server: Server, tmp_path: Path, path: Path) -> None:
    result = played(server, tmp_path, path)
    assert result.wrong == []
    assert result.checks > 0


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("legal: 2026-04-16", "legal: 2026-04-17", "HSSB arb.award"),
        ("refused: arbitration-pending", "refused: file-incomplete", "应以 file-incomplete 拒绝"),
        ("HB: []", "HB: [{task: dx.ruling, legal: 2026-05-01}]", "HB 缺少 dx.ruling"),
        ("HSSB: [{task: arb.accept, legal: 2026-03-19}]", "HB: []", "多出 HSSB arb.accept"),
    ],
)
def test_a_scenario_that_does_not_hold_says_how(
    server: Server, tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    """Control: each kind of difference turns the play red and names what differs."""
    text = (demo.SCENARIOS / "e4-arbitration.yaml").read_text()
    assert right in text
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace(right, wrong))
    assert any(told in line for line in played(server, tmp_path, changed).wrong)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: [", "YAML"),
        ("title: t\nstory:\n  - {when: 2026-01-01}\n", "story / 第1项 / day"),
        ("title: t\nstory:\n  - {day: 2026-01-01, by: HB, do: no.such}\n", "没有命令 no.such"),
        (
            "title: t\nstory:\n  - {day: 2026-01-01, by: HB, do: diagnosis.give_ruling}\n",
            "没有名为",
        ),
        ("title: t\nstory:\n  - {day: 2026-01-01, expect: {卫生局: []}}\n", "没有单位或当事方"),
        ("title: t\nstory:\n  - {day: 2026-01-01, expect: {HB: [{task: x}]}}\n", "没有规则 x"),
    ],
)
def test_a_mistake_in_a_file_is_explained(
    server: Server, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "mistaken.yaml"
    path.write_text(text)
    with pytest.raises(scenario.ScenarioError, match=told):
        played(server, tmp_path, path)
