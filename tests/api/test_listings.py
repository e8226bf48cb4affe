"""What the writer of a scenario looks up at the terminal: rules, commands, codes, refusals."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from api import cli, law
from domain.decider import COMMAND_TYPES


def said(*arguments: str) -> str:
    told = CliRunner().invoke(cli.app, [*arguments])
    assert told.exit_code == 0, told.output
    return told.output


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
    assert "tip.receive  收到投诉举报（立案）" in said("scenario", "commands", "tip")
