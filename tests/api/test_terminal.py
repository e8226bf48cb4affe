"""The terminal: what is looked up there, and what it says where there is little or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api import cli, demo, law
from api.demo.county import Told
from domain.decider import COMMAND_TYPES
from domain.events import SHANGHAI
from domain.rules import UNSURE
from eventstore.clock import InjectedClock
from eventstore.embedded import Server
from eventstore.schema import connect
from projections.county import County, Settings, database, opened


def said(*arguments: str) -> str:
    told = CliRunner().invoke(cli.app, [*arguments])
    assert told.exit_code == 0, told.output
    return told.stdout


def test_every_rule_is_listed_with_holder_deadline_and_clauses() -> None:
    rules = json.loads(said("law", "rules", "--json"))["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in law.check(law.files()).rules]
    accept = next(rule for rule in rules if rule["id"] == "tip.accept")
    assert accept["deadline"] == "5个工作日"
    assert "petition-22" in accept["clauses"]


def test_the_rules_of_one_kind_are_told_in_words() -> None:
    told = said("law", "rules", "--kind", "tip")
    assert "tip.accept  受理或退回投诉举报\n" in told
    assert "由 人力社保局（HSSB）；60个工作日；labour-17" in told
    assert "dx.ruling" not in told
    wrong = CliRunner().invoke(cli.app, ["law", "rules", "--kind", "tips"])
    assert (wrong.exit_code, "没有案件种类 tips" in wrong.output) == (1, True)


@pytest.mark.parametrize("name", sorted(COMMAND_TYPES))
def test_every_command_is_spelt_out(name: str) -> None:
    told = json.loads(said("scenario", "commands", name, "--json"))
    assert told["name"] == name
    assert "future" in told["refused_any"]


def test_codes_are_told_with_their_words_and_refusals_with_their_reasons() -> None:
    told = said("scenario", "commands", "relief.apply")
    assert "tracks（必写）：列表 [minimum_living（最低生活保障）" in told
    assert "no-proof：所附材料不能证明该情形" in told
    assert "receipt-day：收到日应在" in told
    assert "statutory：" in said("scenario", "commands", "task.transfer")  # asked of the rulings
    assert "tip.receive  收到投诉举报（立案）" in said("scenario", "commands", "tip")


def test_what_is_unsure_is_told_in_words() -> None:
    edition = law.check(law.files())
    told = {id: law.in_words(policy, edition) for id, policy in edition.policies.items()}
    assert [id for id, words in told.items() if set("{}()[]'\"") & set(words)] == []
    assert told["ruling-procedural"] == "民法典、民事诉讼法、信访工作条例"
    assert told["inspection-uncounted-grounds"] == "投诉举报、职业病危害事故"
    assert "卫健局：安卫职；" in told["document-words"]
    assert told["inspection-visits-a-year"].endswith("次")


def test_nothing_unsure_is_cut_to_the_width_of_the_terminal() -> None:
    edition = law.check(law.files())
    unsure = [p for p in edition.policies.values() if p.confidence in UNSURE]
    data = "".join(p.title + law.in_words(p, edition) + p.note for p in unsure)
    told = said("law", "unsure")
    assert told.count("…") == data.count("…")
    assert [p.id for p in unsure if p.id not in told] == []


@pytest.fixture
def at_terminal(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A schema of its own, named in the environment; yields its `var`."""
    settings = {
        "DATABASE_URL": server.app_url,
        "DATABASE_PROJECTOR_URL": server.projector_url,
        "DATABASE_ADMIN_URL": server.owner_url,
        "SCHEMA_NAME": "at_terminal",
        "VAR": str(tmp_path / "var"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"ZHIFANG_{name}", value)
    yield tmp_path / "var"
    with connect(server.owner_url, "at_terminal").begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS at_terminal CASCADE"))


def tried(*arguments: str) -> tuple[int, str]:
    told = CliRunner().invoke(cli.app, [*arguments])
    return told.exit_code, told.output


def test_before_any_data_a_queue_says_how_to_start(at_terminal: Path) -> None:
    code, told = tried("queue", "HB")
    assert (code, "请先 make run" in told) == (1, True)


def test_the_cases_are_listed_newest_first_and_their_numbers_can_be_used(
    at_terminal: Path,
) -> None:
    plan = demo.Plan(employers=4, years=0.2, seed=7, today=date(2026, 6, 1), scenarios=False)
    settings = Settings()
    clock = InjectedClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
    with database(settings) as urls, opened(settings, urls, clock=clock) as county:
        demo.load(county, clock, plan, lambda done, of: None)
    page = json.loads(said("case", "list", "--kind", "plan", "--limit", "2", "--json"))
    assert page["more"]
    assert [c["opened_on"] for c in page["cases"]] == sorted(
        (c["opened_on"] for c in page["cases"]), reverse=True
    )
    for case in page["cases"]:
        queue = json.loads(said("queue", "HB", "--json"))["queue"]
        assert json.loads(said("queue", "卫健局", "--json"))["queue"] == queue
        held = [i for i in queue if i["task"]["case"] == case["case"] and i["tab"] != "waiting_on"]
        assert case["open_duties"] >= len(held)
    number, status = page["cases"][0]["number"], page["cases"][0]["status"]
    assert json.loads(said("case", "show", number, "--json"))["status"] == status
    shown = said("case", "list", "--kind", "plan", "--status", status)
    assert number in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "没有案件种类 plans" in tried("case", "list", "--kind", "plans")[1]


def test_a_second_demo_says_that_nothing_was_added(
    at_terminal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = demo.load

    def load(county: County, clock: InjectedClock, plan: demo.Plan, told: Any) -> Told:
        """The same load of a shorter past, so that the test stays quick."""
        return whole(county, clock, replace(plan, years=0.05, scenarios=False), told)

    monkeypatch.setattr(demo, "load", load)
    first = said("demo", "--employers", "2")
    assert re.search(r"装入 [1-9]\d* 条事件", first)
    again = said("demo", "--employers", "2")
    assert "此前已装完，没有新增" in again
    assert "条事件" not in again


def test_a_real_log_is_not_cleaned_away_unasked(at_terminal: Path) -> None:
    settings = Settings()
    with database(settings) as urls, opened(settings, urls) as county:
        law.adopt(county.log, law.files(), title="测试", recorder="test")
    keys = at_terminal / "keys.json"
    assert keys.exists()
    code, told = tried("clean-data")
    assert code == 1
    assert "这不是模拟日志" in told
    assert "--yes" in told
    assert keys.exists()
    code, told = tried("clean-data", "--yes")
    assert (code, keys.exists()) == (0, False)
    assert "密钥文件" in told
    assert "备份不能恢复" in told


def test_trial_data_are_cleaned_away_at_once_but_a_key_file_alone_is_kept(
    at_terminal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried("queue", "HB")  # makes the key file of an empty log
    assert (at_terminal / "keys.json").exists()
    assert tried("clean-data")[0] == 0
    assert not at_terminal.exists()
    monkeypatch.delenv("ZHIFANG_DATABASE_URL")
    at_terminal.mkdir()
    (at_terminal / "keys.json").write_text("{}")
    code, told = tried("clean-data")
    assert (code, "可能属于某个备份" in told) == (1, True)
    assert (at_terminal / "keys.json").exists()
