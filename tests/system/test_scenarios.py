"""Every shipped scenario holds, exact to the day; and a wrong one is shown to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli, demo, scenario
from api.cli import play_file
from eventstore.embedded import Server
from projections.county import Settings, Urls

FILES = sorted(demo.SCENARIOS.glob("*.yaml"))


def played(server: Server, tmp_path: Path, path: Path) -> scenario.Result:
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    return play_file(Settings(var=tmp_path), urls, path)


def written(tmp_path: Path, text: str, name: str = "written.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_shipped_scenario_holds(server: Server, tmp_path: Path, path: Path) -> None:
    result = played(server, tmp_path, path)
    assert (result.wrong, result.mistake) == ([], None)
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
    changed = written(tmp_path, text.replace(right, wrong))
    assert any(told in line for line in played(server, tmp_path, changed).wrong)


# Two tips: one accepted in time, one a day late; then joined. 03-03 to 03-09: five working days.
TIPS = """
title: 两件举报
cast: {厂: employer:91330523MA000TE21U}
story:
  - {day: 2026-03-02, by: HB, do: tip.receive, case: 甲, with: {channel: letter, matters: [unprotected], subject: S-a, content: 合成}}
  - {day: 2026-03-02, by: HB, do: tip.receive, case: 乙, with: {channel: phone, matters: [unprotected], subject: S-b, content: 合成}}
  - {day: 2026-03-09, by: HB, do: tip.accept, case: 甲}
  - {day: 2026-03-09, by: HB, do: task.sign, case: 乙, task: tip.accept}
  - {day: 2026-03-09, by: HB, do: task.sign, case: 甲, task: tip.accept, refused: task-closed}
"""  # noqa: E501 - one step a line


@pytest.mark.parametrize(
    ("look", "told"),
    [
        ("closed: {HB: [{task: tip.accept, case: 甲, on_time: true, outcome: 已办结}]}", None),
        ("closed: {HB: [{task: tip.accept, on_time: false}]}", "应为逾期，实际按期"),
        ("closed: {HB: [{task: tip.accept, on_time: null}]}", "应为不计入按期率，实际按期"),
        ("closed: {HB: [{task: tip.accept, outcome: 已撤回}]}", "应为已撤回，实际已办结"),
        ("closed: {HB: [{task: tip.accept, case: 乙}]}", "HB 没有已结束的 tip.accept"),
        ("closed: {HB: [{task: tip.accept, clauses: [petition-22]}]}", None),
        ("closed: {HB: [{task: tip.accept, clauses: [odl-1]}]}", "应引 odl-1，实际所引：43-2.3.j"),
        ("status: {甲: 办理中}", None),
        ("status: {甲: 已办结}", "甲 的状态应为“已办结”，实际“办理中”"),
        ("shows: {甲: 卫健局受理, 乙: [收到投诉举报, 签收]}", None),
        ("shows: {乙: 卫健局受理}", "乙 的经过里没有“卫健局受理”"),
        ("links: {甲: []}", None),
        ("links: {甲: [乙]}", "甲 应以乙为依据，实际：无"),
        ("expect: {HB: [{task: tip.accept, clauses: [odl-1], legal: 2026-03-09}]}", "应引 odl-1"),
    ],
)
def test_ended_tasks_clauses_cases_and_timelines_are_looked_at(
    server: Server, tmp_path: Path, look: str, told: str | None
) -> None:
    path = written(tmp_path, f"{TIPS}  - {{day: 2026-03-09, {look}}}\n")
    result = played(server, tmp_path, path)
    assert result.mistake is None
    if told is None:
        assert result.wrong == []
    else:
        assert any(told in line for line in result.wrong), result.wrong
        assert result.wrong[0].startswith("第6步（第10行）")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: [", "YAML"),
        ("", "成对的项"),
        ("title: t\nstory: []\n", "mistaken.yaml:2: story: 不能为空"),
        ("title: t\nstory:\n  - {when: 2026-01-01}\n", "mistaken.yaml:3: story / 第1项 / day"),
        ("title: t\nstory:\n  - {day: 2026-01-01, expects: {}}\n", "相近的：expect"),
        (
            "title: t\nstory:\n  - {day: 2026-01-01, rights: {HB: {}}}\n",
            "应为列表，写作 \\[甲, 乙\\]",
        ),
        (
            "title: t\nstory:\n  - {day: 2026-01-03, recorded: 2026-01-02}\n",
            "recorded（2026-01-02）早于 day（2026-01-03）",
        ),
    ],
)
def test_a_mistake_in_a_file_is_explained(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(scenario.ScenarioError, match=told):
        scenario.read(written(tmp_path, text, "mistaken.yaml"))


TIP = "by: HB, do: tip.receive, case: 甲, with: {channel: letter, matters: [unprotected], "
TIP += "subject: S-a, content: 合成}"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("{day: 2026-01-05, by: HB, do: no.such}", "没有命令 no.such"),
        ("{day: 2026-01-05, by: HB, do: tip.recieve}", "相近的：tip.receive"),
        ("{day: 2026-01-05, by: HB, do: diagnosis.give_ruling}", "没有名为"),
        ("{day: 2026-01-05, expect: {卫健: []}}", "没有单位或当事方“卫健”；相近的：卫健局写 HB"),
        (
            "{day: 2026-01-05, expect: {HB: [{task: tip.acept}]}}",
            "没有规则 tip.acept；相近的：tip.accept",
        ),
        ("{day: 2026-01-05, status: {甲: 办理中}}", "没有名为“甲”的案件"),
        (
            "{day: 2026-01-05, by: HB, do: tip.receive, with: {matter: unprotected}}",
            "tip.receive 没有 matter；相近的：matters",
        ),
        (
            "{day: 2026-01-05, by: HB, do: tip.receive, with: {channel: letter, matters: x}}",
            "matters 应为列表，写作 [甲, 乙]",
        ),
        (
            "{day: 2026-01-05, by: HB, do: tip.receive, with: {channel: fax, matters: []}}",
            "channel 应为其中之一：platform（平台转来）、letter（来信）",
        ),
        (f"{{day: 2026-01-05, {TIP}, opens: 乙}}", "没有开立这么多其他案件"),
        (
            f"{{day: 2026-01-05, {TIP}}}\n"
            "  - {day: 2026-01-05, by: HB, do: task.sign, task: tip.finish}",
            "没有这样的事项 tip.finish；该案有：tip.accept（of: 1，holder: HB）",
        ),
        (
            f"{{day: 2026-01-05, {TIP}}}\n"
            "  - {day: 2026-01-05, recorded: 2026-01-05T08:30, by: HB, do: tip.accept}",
            "上一步已记录到 2026-01-05 09:00",
        ),
    ],
)
def test_a_mistake_met_in_the_play_names_file_line_and_step(
    server: Server, tmp_path: Path, steps: str, told: str
) -> None:
    path = written(tmp_path, f"title: t\nstory:\n  - {steps}\n")
    mistake = played(server, tmp_path, path).mistake
    assert mistake
    assert told in mistake
    last = steps.count("\n") + 1
    assert mistake.startswith(f"written.yaml:{last + 2}: 第{last}步：")


def test_the_next_file_is_played_after_a_mistaken_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told at the terminal: 3 where something differs, 1 where a file cannot be played."""
    monkeypatch.setenv("ZHIFANG_VAR", str(tmp_path))
    for name, url in (
        ("DATABASE_URL", server.app_url),
        ("DATABASE_PROJECTOR_URL", server.projector_url),
        ("DATABASE_ADMIN_URL", server.owner_url),
    ):
        monkeypatch.setenv(f"ZHIFANG_{name}", url)
    good = written(tmp_path, TIPS, "good.yaml")
    bad = written(tmp_path, "title: 坏\nstory:\n  - {day: 2026-01-05, do: no.such}\n", "bad.yaml")
    wrong = written(tmp_path, f"{TIPS}  - {{day: 2026-03-09, status: {{甲: 无}}}}\n", "wrong.yaml")

    def run(*paths: Path) -> tuple[int, str]:
        told = CliRunner().invoke(cli.app, ["scenario", "run", *map(str, paths)])
        return told.exit_code, told.output

    assert run(good)[0] == 0
    assert run(good, wrong)[0] == 3
    code, output = run(bad, tmp_path / "absent.yaml", wrong, good)
    assert code == 1
    for told in ("bad.yaml:3: 第1步", "没有文件", "不符 wrong.yaml", "相符 两件举报"):
        assert told in output


# A joint draw of both firms opens two inspections; three bureaus then owe findings of one of them.
DRAW = """
title: 联合双随机
cast: {甲厂: employer:91330523MA000TE131, 乙厂: employer:91330523MA000TE21U, 丙厂: employer:91330523MA000TE3XK}
story:
  - day: 2026-08-24
    by: HB
    do: plan.publish
    case: 计划
    with:
      title: 合成
      kind: joint
      units: [EMB]
      visit_by: 2026-09-11
      count: 2
      targets:
        - {employer: 甲厂, township: TS-111, grade: 丙, method: 试点办法（丙为最高风险）}
        - {employer: 乙厂, township: TS-111, grade: 丙, method: 试点办法（丙为最高风险）}
        - {employer: 丙厂, township: TS-111, grade: 丙, method: 试点办法（丙为最高风险）}
      draw_on: 2026-08-25
      seed_source: 合成
      inspectors:
        - {licence: S-HB-1, unit: HB}
        - {licence: S-HB-2, unit: HB}
        - {licence: S-HB-3, unit: HB}
        - {licence: S-EMB-1, unit: EMB}
        - {licence: S-EMB-2, unit: EMB}
        - {licence: S-EMB-3, unit: EMB}
  - {day: 2026-08-25, by: HB, do: plan.draw, case: 计划, opens: {inspection: [一, 二]}, with: {seed: s0, seed_source: 合成}}
  - {day: 2026-08-26, expect: {HB: [{task: ins.visit-joint, case: 一, legal: 2026-09-11}, {task: ins.visit-joint, case: 二, legal: 2026-09-11}], TS-111: [{task: ins.assist, case: 一, clock: 无期限}, {task: ins.assist, case: 二, clock: 无期限}]}}
  - day: 2026-09-07
    by: HB
    do: inspection.visit
    case: 一
    with:
      record: 合成笔录
      licences_shown: true
      officers:
        - {unit: HB, licence: S-HB-1}
        - {unit: HB, licence: S-HB-2}
        - {unit: EMB, licence: S-EMB-1}
        - {unit: EMB, licence: S-EMB-2}
  - {day: 2026-09-07, by: HB, do: task.sign, case: 一, task: ins.findings-joint, holder: EMB, refused: not-holder}
  - {day: 2026-09-07, by: HB, do: task.sign, case: 一, task: ins.findings-joint, holder: HB, of: 2}
  - {day: 2026-09-07, by: EMB, do: task.sign, case: 一, task: ins.findings-joint, holder: EMB}
"""  # noqa: E501 - one step a line


def test_names_reach_any_depth_new_cases_are_named_in_order_and_a_task_by_its_holder(
    server: Server, tmp_path: Path
) -> None:
    path = written(tmp_path, DRAW)
    result = played(server, tmp_path, path)
    assert (result.wrong, result.mistake) == ([], None)
    for right, wrong, told in (
        ("[一, 二]", "[一, 二, 三]", "没有开立这么多其他案件"),
        ("holder: HB, of: 2", "holder: HB, of: 1", "没有这样的事项 ins.findings-joint"),
    ):
        assert right in DRAW
        path = written(tmp_path, DRAW.replace(right, wrong))
        assert told in (played(server, tmp_path, path).mistake or "")


def test_a_step_is_recorded_at_its_day_its_minute_or_the_one_it_states() -> None:
    """A day alone means nine in the morning."""

    def entered(**given: str) -> str:
        step = scenario.Step.model_validate(given)
        return f"{scenario.recorded_at(step):%m-%d %H:%M}"

    assert entered(day="2026-03-18") == "03-18 09:00"
    assert entered(day="2026-03-18T14:20") == "03-18 14:20"
    assert entered(day="2026-03-18", recorded="2026-03-20") == "03-20 09:00"
    assert entered(day="2026-03-18T14:20", recorded="2026-03-18T16:40") == "03-18 16:40"


def test_the_acts_the_guide_names_can_be_played(server: Server, tmp_path: Path) -> None:
    """Class rulings need no case before them; the yearly duties are opened like any case."""
    text = """
title: 裁定与年度职责
story:
  - {day: 2026-05-06, by: LG, do: reference.make_ruling, with: {routing: tip-route-no_contract, to: HB, reason: 合成, since: 2026-05-07}}
  - {day: 2026-05-07, by: HB, do: tip.receive, case: 甲, with: {channel: letter, matters: [no_contract], subject: S-a, content: 合成}}
  - {day: 2026-05-07, expect: {HB: [{task: tip.accept, legal: 2026-05-13}]}}
  - {day: 2026-05-08, by: LG, do: reference.end_ruling, with: {ruling: R2026-1, until: 2026-12-31, reason: 合成}}
  - {day: 2026-05-08, by: system, do: period.open, case: 年度, with: {year: 2026}}
  - {day: 2026-05-08, by: HB, do: case.review_basis, case: 甲, with: {finding: basis_stands, note: 合成}, refused: nothing-to-review}
"""  # noqa: E501 - one step a line
    result = played(server, tmp_path, written(tmp_path, text))
    assert (result.wrong, result.mistake) == ([], None)
