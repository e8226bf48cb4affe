"""The yearly export: figures counted by hand, and the same bytes for the same freeze.

The year: the four yearly duties of 2026 fall due on 31 December. HB reports its survey on that
day; 财政局's report of 30 December is entered on 5 January; of the townships 递铺 alone sends its
evidence, in November; 领导小组办公室 never holds the plenary. And one tip: 卫健局 returns it
within its five working days, the office gives it to 人社局, which tells the informant a day late
(15 days from 17 April end on Saturday 2 May, a holiday: legal 6 May) and answers in time.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from starlette.testclient import TestClient

from api import yearly
from api.app import create_app
from domain import acts, figures
from domain.cases import period, tip
from domain.decider import Refused
from domain.events import SHANGHAI
from domain.sealing import Secret
from eventstore.clock import InjectedClock
from eventstore.embedded import Server
from projections.county import County, Settings, Urls, opened
from projections.yearly import Freeze, freeze
from tests.conftest import Story

FORMULA = "=HYPERLINK(1)"
LOOKS_LIKE_A_NUMBER = "11010519491231002X"[:-1] + "0"  # eighteen digits, synthetic


@dataclass
class Year:
    """The county of the year, and where the story stood at its end."""

    county: County
    story: Story
    told: Freeze


@pytest.fixture(scope="module")
def year(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    clock = InjectedClock(datetime(2026, 1, 1, tzinfo=SHANGHAI))
    var = tmp_path_factory.mktemp("yearly")
    with opened(Settings(var=var), urls, schema="yearly", clock=clock) as county:
        story = Story(county.log)
        story.begin("2026-01-01")
        _told(story)
        county.engine.catch_up()
        yield Year(county, story, freeze(county.log, 2026))


def _told(story: Story) -> None:
    duties = story.do("2026-01-01", "system", period.OpenPeriod(year=2026)).case
    received = tip.ReceiveTip(
        channel="platform",
        matters=("no_contract",),
        subject=LOOKS_LIKE_A_NUMBER,
        content=Secret("合成"),
        to="HB",
    )
    case = story.do("2026-04-13", "HB", received).case
    accept = next(t.id for t in story.log.fold(case).open_tasks() if t.rule.id == "tip.accept")
    back = acts.ReturnTask(task=accept, reason="not_my_duty", note="合成")
    story.do("2026-04-16", "HB", back, case)
    story.do("2026-04-17", "LGO", tip.RouteTip(to="HSSB", reason="合成"), case)
    story.do("2026-04-20", "HSSB", tip.AcceptTip(), case)
    story.do("2026-05-07", "HSSB", tip.TellInformant(), case)
    story.do("2026-05-20", "HSSB", tip.ConcludeTip(finding="unsubstantiated", note="合成"), case)
    story.do("2026-05-21", "HSSB", tip.ReplyToInformant(), case)

    def report(day: str, unit: str, matter: Any, note: str = "合成", happened: str = "") -> None:
        done = period.ReportDuty(matter=matter, note=note)
        story.do(day, unit, done, duties, happened=happened or day)

    report("2026-11-20", "TS-001", "township_evidence")
    report("2026-12-31", "HB", "survey")
    report("2027-01-05", "FB", "funds", happened="2026-12-30")


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "2026"
    yearly.export(year.county, year.told, out)
    return out


def figures_of(folder: Path, name: str, code: str) -> dict[str, str]:
    """The figures of a unit that are not zero."""
    row = next(r for r in table(folder, name) if r["代码"] == code)
    return {k: v for k, v in row.items() if k not in ("代码", "名称") and v not in ("", "0")}


ON_TIME = {"应办": "1", "按期办结": "1", "按期率": "1.0000", "年内产生": "1", "年内办结": "1"}
OVERDUE = {"应办": "1", "超期未结": "1", "按期率": "0.0000", "年内产生": "1"}


def test_the_year_is_judged_the_moment_it_is_over(year: Year) -> None:
    assert year.told.at == datetime(2027, 1, 1, tzinfo=SHANGHAI)


def test_what_was_done_on_the_last_day_is_in_time(made: Path) -> None:
    assert figures_of(made, "条-部门", "HB") == ON_TIME


def test_what_happened_in_the_year_counts_though_entered_after_it(made: Path) -> None:
    assert figures_of(made, "条-部门", "FB") == ON_TIME


def test_what_was_due_on_31_december_and_not_done_is_overdue(made: Path) -> None:
    assert figures_of(made, "机构", "LGO") == OVERDUE
    assert figures_of(made, "块-乡镇街道", "TS-001") == ON_TIME
    late = [r["代码"] for r in table(made, "块-乡镇街道") if r["超期未结"] == "1"]
    assert len(late) == 14


def test_a_return_that_was_upheld_counts_for_neither_side(made: Path) -> None:
    """HSSB: told the informant late (one), finished in time (one); the tip itself came by the
    return (left out); the reply has no day of its own (undated)."""
    assert figures_of(made, "条-部门", "HSSB") == {
        "应办": "2",
        "按期办结": "1",
        "逾期办结": "1",
        "按期率": "0.5000",
        "未定期限": "1",
        "不计": "1",
        "年内产生": "4",
        "年内办结": "4",
    }
    left_out = [r for r in table(made, "事项") if r["结果"] == "不计"]
    assert [(r["责任方"], r["规则"], r["说明"]) for r in left_out] == [
        ("HSSB", "tip.accept", "退回经确认，双方均不计")
    ]


def test_every_figure_can_be_counted_again_from_the_duties(made: Path) -> None:
    duties = table(made, "事项")
    for name in ("条-部门", "块-乡镇街道", "机构"):
        for row in table(made, name):
            mine = [d for d in duties if d["责任方"] == row["代码"]]
            for verdict in figures.VERDICTS.values():
                assert int(row[verdict]) == sum(d["结果"] == verdict for d in mine)
            due = ("按期办结", "逾期办结", "超期未结")
            assert int(row["应办"]) == sum(d["结果"] in due for d in mine)


def test_control_a_verdict_gone_wrong_is_noticed(
    year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were rightly returned tasks counted, HSSB would stand at two of three."""
    monkeypatch.setattr(figures, "_left_out", lambda task, at: "")
    yearly.export(year.county, year.told, tmp_path / "wrong")
    assert figures_of(tmp_path / "wrong", "条-部门", "HSSB")["应办"] == "3"


def test_the_same_freeze_gives_the_same_bytes(
    year: Year, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made again after a rebuild, under another time zone, with more recorded since."""
    story = year.story
    late = period.ReportDuty(matter="plenary", note="合成")
    case = next(s for s in _streams(year.county) if s.startswith("period-"))
    story.do("2027-02-01", "LGO", late, case, happened="2026-12-30")
    year.county.engine.rebuild()
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        yearly.export(year.county, year.told, tmp_path / "again")
        later = freeze(year.county.log, 2026)
        yearly.export(year.county, later, tmp_path / "later")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    for file in made.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name
    # What was recorded beyond the cut-off counts only for a freeze that reaches it.
    assert figures_of(tmp_path / "again", "机构", "LGO") == OVERDUE
    assert figures_of(tmp_path / "later", "机构", "LGO") == ON_TIME


def _streams(county: County) -> list[str]:
    with county.reading.view(county.log.clock.now()) as view:
        return view.streams()


def test_text_stays_text_in_both_forms(tmp_path: Path) -> None:
    """What looks like a formula or a long number is neither run nor rounded."""
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", yearly.WORKBOOK)
    made = yearly._Table(book, tmp_path, "表", "a", ("一", "二", "三"))
    made.add((FORMULA, LOOKS_LIKE_A_NUMBER, date(2026, 10, 10)))
    made.close()
    book.close()
    (_, (one, two, three)) = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"].iter_rows()
    assert (one.data_type, one.value) == ("s", FORMULA)
    assert (two.data_type, two.value) == ("s", LOOKS_LIKE_A_NUMBER)
    assert three.value == datetime(2026, 10, 10)
    assert table(tmp_path, "a") == [
        {"一": f"'{FORMULA}", "二": LOOKS_LIKE_A_NUMBER, "三": "2026-10-10"}
    ]


def test_the_workbook_says_what_it_is_and_holds_every_table(made: Path) -> None:
    book = openpyxl.load_workbook(made / "年度导出-2026.xlsx")
    told = {str(row[0].value): str(row[1].value) for row in book["说明"].iter_rows()}
    assert told["判定时刻"].startswith("2027-01-01 00:00:00")
    assert "不是真实统计" in told["模拟数据"]
    assert book.sheetnames[:6] == ["说明", "块（乡镇街道）", "条（部门）", "机构", "当事方", "事项"]
    assert "台账-投诉举报" in book.sheetnames


def test_nothing_sealed_and_no_subject_of_a_tip_is_exported(made: Path) -> None:
    told = table(made, "台账-投诉举报")
    assert [row["案号"] for row in told] == ["TIP-2026-0001"]
    assert all("合成" not in file.read_text() for file in made.glob("台账-*.csv"))


def test_a_file_changed_afterwards_is_found(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    assert list(yearly.wrong(copy)) == []
    with (copy / "条-部门.csv").open("a") as file:
        file.write("改")
    (copy / "机构.csv").unlink()
    assert len(list(yearly.wrong(copy))) == 2
    with pytest.raises(Refused, match="没有可读的"):
        list(yearly.wrong(tmp_path))


def test_a_folder_with_something_in_it_is_left_alone(year: Year, made: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in made.iterdir()}
    with pytest.raises(Refused, match="已有内容"):
        yearly.export(year.county, year.told, made)
    assert {file.name: file.stat().st_mtime_ns for file in made.iterdir()} == before


def test_an_export_that_fails_leaves_nothing_half(
    year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(yearly, "_manifest", full)
    with pytest.raises(OSError, match="no space"):
        yearly.export(year.county, year.told, tmp_path / "half")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("year_", "cut_off"), [(2026, 10_000), (2031, None)])
def test_a_freeze_of_what_is_not_there_is_refused(
    year: Year, year_: int, cut_off: int | None
) -> None:
    with pytest.raises(Refused):
        freeze(year.county.log, year_, cut_off)


def test_over_http_it_is_a_job_that_is_asked_after(year: Year) -> None:
    overseer = {"X-Zhifang-Unit": "LGO"}
    body = {"year": 2026, "cut_off": year.told.cut_off}
    with TestClient(create_app(year.county)) as client:
        refused = client.post("/api/v1/exports/year", json=body, headers={"X-Zhifang-Unit": "HB"})
        assert refused.status_code == 403
        asked = client.post("/api/v1/exports/year", json=body, headers=overseer)
        assert asked.status_code == 202
        where = asked.headers["Location"]
        for _ in range(200):
            job = client.get(where, headers=overseer).json()
            if job["state"] in ("done", "failed"):
                break
            time.sleep(0.05)
        assert job["state"] == "done"
        again = client.post("/api/v1/exports/year", json=body, headers=overseer).json()
        assert (again["id"], again["state"]) == (job["id"], "done")
        manifest = client.get(f"{where}/files/manifest.json", headers=overseer)
        told = json.loads(manifest.content)
        assert [f["sha256"] for f in told["files"]] == [f["sha256"] for f in job["files"]]
        other = client.get(f"{where}/files/keys.json", headers=overseer)
        assert other.status_code == 404
        unknown = client.get("/api/v1/exports/2026-1-20270101T000000", headers=overseer)
        assert unknown.status_code == 404
