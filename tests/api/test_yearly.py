"""The yearly export: figures counted by hand, and the same bytes for the same freeze.

The year: the four yearly duties of 2026 fall due on 31 December. HB reports its survey on that
day; 财政局's report of 30 December is entered on 5 January; of the townships 递铺 alone sends its
evidence, in November; 领导小组办公室 never holds the plenary. And one tip: 卫健局 returns it
within its five working days, the office gives it to 人社局, which tells the informant a day late
(15 days from 17 April end on Saturday 2 May, a holiday: legal 6 May) and answers in time.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from api import exports, yearly
from api.app import create_app
from api.sheets import NATURE, Book, Column, Heading, Shape, Table
from api.yearly_tables import DAYS
from domain import acts, figures
from domain.cases import CASE_KINDS, incident, period, tip
from domain.decider import Refused
from domain.events import EVENT_TYPES, SHANGHAI
from domain.sealing import Secret
from domain.units import OUTSIDE_CLASSES, ROLES
from eventstore.clock import InjectedClock
from eventstore.embedded import Server
from projections.county import County, Settings, Urls, opened
from projections.yearly import Freeze, freeze
from tests.conftest import Story

FORMULA = "=HYPERLINK(1)"
INFORMANT = "S-informant-1"
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
        subject=INFORMANT,
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
    words = ("代码", "名称", NATURE)
    return {k: v for k, v in row.items() if k not in words and v not in ("", "0")}


ON_TIME = {"本年产生": "1", "本年办结": "1", "应办": "1", "按期办结": "1", "按期率": "100.0%"}
OVERDUE = {
    **{"本年产生": "1", "期末未结": "1", "未结中已超期": "1"},
    **{"应办": "1", "超期未结": "1", "按期率": "0.0%"},
}


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
    return (left out)."""
    assert figures_of(made, "条-部门", "HSSB") == {
        "本年产生": "3",
        "本年办结": "3",
        "应办": "2",
        "按期办结": "1",
        "逾期办结": "1",
        "按期率": "50.0%",
        "不计": "1",
    }
    left_out = [r for r in table(made, "事项") if r["按期结果"] == "不计"]
    assert [(r["责任方"], r["规则"], r["说明"]) for r in left_out] == [
        ("人力社保局", "tip.accept", "退回经确认，双方均不计")
    ]


COUNTED = {
    "来源": ("上年结转", "本年产生"),
    "去向": ("本年办结", "其他终结", "期末未结"),
    "按期结果": tuple(figures.VERDICTS.values()),
}
"""The columns of the duties, and the figures that count the rows bearing their name there."""


def counted_again(row: dict[str, str], mine: list[dict[str, str]]) -> None:
    """Every figure of a row, counted from its duties."""
    for column, names in COUNTED.items():
        for name in names:
            assert int(row[name]) == sum(d[column] == name for d in mine), name
    due = ("按期办结", "逾期办结", "超期未结")
    assert int(row["应办"]) == sum(d["按期结果"] in due for d in mine)
    assert int(row["未结中已超期"]) == sum(d["未结状态"] == "已超期" for d in mine)
    cleared = [d for d in mine if (d["来源"], d["去向"]) == ("上年结转", "本年办结")]
    assert int(row["结转中本年办结"]) == len(cleared)


def adds_up(row: dict[str, str]) -> None:
    """What was there and what came is what went and what is left."""
    came, went = ("上年结转", "本年产生"), ("本年办结", "其他终结", "期末未结")
    assert sum(int(row[name]) for name in came) == sum(int(row[name]) for name in went), row


UNITS = ("条-部门", "块-乡镇街道", "机构")


def test_every_figure_can_be_counted_again_from_the_duties(made: Path) -> None:
    duties = table(made, "事项")
    for name in UNITS:
        for row in table(made, name):
            counted_again(row, [d for d in duties if d["责任方代码"] == row["代码"]])
            adds_up(row)


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
    heading = Heading(of="", period="", by="", simulated=False)
    book = Book(tmp_path / "a.xlsx", heading, {})
    columns = tuple(Column(name) for name in ("一", "二", "三", "四"))
    made = Table(book, tmp_path, Shape("表", "表", columns))
    made.add((FORMULA, LOOKS_LIKE_A_NUMBER, date(2026, 10, 10), Fraction(1, 16)))
    made.close()
    book.close()
    one, two, three, four = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"][5]
    assert (one.data_type, one.value) == ("s", FORMULA)
    assert (two.data_type, two.value) == ("s", LOOKS_LIKE_A_NUMBER)
    assert three.value == datetime(2026, 10, 10)
    assert (four.value, four.number_format) == (0.0625, "0.0%")
    said = {"一": f"'{FORMULA}", "二": LOOKS_LIKE_A_NUMBER, "三": "2026-10-10", "四": "6.3%"}
    assert table(tmp_path, "表") == [{**said, NATURE: "实际数据"}]


def test_the_workbook_says_what_it_is_and_holds_every_table(made: Path) -> None:
    book = openpyxl.load_workbook(made / "年度导出-2026.xlsx")
    told = {str(row[0].value): str(row[1].value) for row in book["说明"].iter_rows()}
    assert told["判定时刻"].startswith("2027-01-01 00:00:00")
    assert "不是真实统计" in told["模拟数据"]
    first = ["说明", "块（乡镇街道）", "条（部门）", "块×条（辖区部门）", "机构", "当事方", "事项"]
    assert book.sheetnames[:7] == first
    assert "台账-投诉举报" in book.sheetnames
    header = [cell.value for cell in book["条（部门）"][5]]
    assert ("未结中\n已超期" in header, "应办" in header) == (True, True)
    assert [row["名称"] for row in table(made, "当事方")] == list(OUTSIDE_CLASSES.values())


def test_nothing_sealed_and_no_subject_of_a_tip_is_exported(made: Path) -> None:
    told = table(made, "台账-投诉举报")
    assert [row["案号"] for row in told] == ["TIP-2026-0001"]
    assert [file.name for file in made.glob("*.csv") if INFORMANT in file.read_text()] == []
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
        listed = {f["name"]: f["sha256"] for f in job["files"]}
        vouching = hashlib.sha256(manifest.content).hexdigest()
        files = {f["name"]: f["sha256"] for f in told["files"]}
        assert listed == {**files, "manifest.json": vouching}
        assert job["manifest_sha256"] == vouching
        assert job["done"] == job["of"] > 0
        for file in job["files"]:
            assert file["href"].isascii()
            assert client.get(file["href"], headers=overseer).status_code == 200
        beyond = client.post(
            "/api/v1/exports/year", json={**body, "cut_off": 10**6}, headers=overseer
        )
        assert beyond.status_code == 422
        assert "cut_off" in beyond.json()["title"]
        assert "--" not in beyond.json()["title"]
        other = client.get(f"{where}/files/keys.json", headers=overseer)
        assert other.status_code == 404
        unknown = client.get("/api/v1/exports/2026-1-20270101T000000", headers=overseer)
        assert unknown.status_code == 404


# --- From one year into the next -----------------------------------------------------------------
#
# 2025: the yearly duties fall due on 31 December. 递铺 reports in November; HB only on 10 February
# 2026, entered on the 12th; nobody else. A tip comes to HB on 22 December, is taken on the 24th and
# answered on 1 January 2026, undated. An incident of 29 December is told to HB, which reports it
# within its hours the same day.


@dataclass
class Years:
    """Two exports at one cut-off, and the county they were made of."""

    county: County
    first: Path
    second: Path
    told: Freeze


@pytest.fixture(scope="module")
def years(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Years]:
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    clock = InjectedClock(datetime(2025, 1, 1, tzinfo=SHANGHAI))
    folder = tmp_path_factory.mktemp("years")
    with opened(Settings(var=folder), urls, schema="years", clock=clock) as county:
        story = Story(county.log)
        story.begin("2025-01-01")
        _told_twice(story)
        county.engine.catch_up()
        first, second = freeze(county.log, 2025), freeze(county.log, 2026)
        yearly.export(county, first, folder / "2025")
        yearly.export(county, second, folder / "2026")
        yield Years(county, folder / "2025", folder / "2026", second)


def _told_twice(story: Story) -> None:
    old = story.do("2025-01-01", "system", period.OpenPeriod(year=2025)).case
    evidence = period.ReportDuty(matter="township_evidence", note="合成")
    story.do("2025-11-20", "TS-001", evidence, old)
    named = Secret("合成")
    received = tip.ReceiveTip(
        channel="visit",
        matters=("no_contract",),
        subject="S-1",
        content=named,
        to="HB",
        township="TS-110",
        name=named,
    )
    case = story.do("2025-12-22", "HB", received).case
    story.do("2025-12-24", "HB", tip.AcceptTip(), case)
    story.do("2025-12-25", "HB", tip.TellInformant(), case)
    incidents = incident.ReportIncident(
        employer="employer:91330523MA000TE131",
        township="TS-110",
        cause="acute_poisoning",
        accident_on=date(2025, 12, 29),
        told="HB",
        poisoned=1,
        subject="S-2",
    )
    accident = story.do("2025-12-29", "HB", incidents).case
    told = incident.DoDuty(duty="six_hour_report", note="合成")
    story.do("2025-12-29", "HB", told, accident)
    concluded = tip.ConcludeTip(finding="unsubstantiated", note="合成")
    story.do("2025-12-31", "HB", concluded, case)
    story.do("2026-01-01", "system", period.OpenPeriod(year=2026))
    story.do("2026-01-01", "HB", tip.ReplyToInformant(), case)
    survey = period.ReportDuty(matter="survey", note="合成")
    story.do("2026-02-12", "HB", survey, old, happened="2026-02-10")


TABLES = (*UNITS, "当事方", "块×条-辖区部门")


def test_what_was_left_open_is_carried_over_and_every_row_adds_up(years: Years) -> None:
    for name in TABLES:
        before, after = table(years.first, name), table(years.second, name)
        for row in (*before, *after):
            adds_up(row)
        assert [r["期末未结"] for r in before] == [r["上年结转"] for r in after], name
    assert sum(int(r["上年结转"]) for r in table(years.second, "块-乡镇街道")) >= 14


def test_the_note_says_that_the_figures_add_up(years: Years) -> None:
    book = openpyxl.load_workbook(years.second / "年度导出-2026.xlsx")
    told = {str(row[0].value): str(row[1].value) for row in book["说明"].iter_rows()}
    rows = [row for name in UNITS for row in table(years.second, name)]
    names = ("上年结转", "本年产生", "本年办结", "其他终结", "期末未结")
    came, arisen, done, ended, left = (sum(int(row[name]) for row in rows) for name in names)
    there, gone = f"上年结转 {came} ＋ 本年产生 {arisen}", f"本年办结 {done} ＋ 其他终结 {ended}"
    assert told["各单位合计"] == f"{there} ＝ {gone} ＋ 期末未结 {left}"
    assert "上年结转＋本年产生＝本年办结＋其他终结＋期末未结" in told["件数"]


def duty(folder: Path, **wanted: str) -> dict[str, str]:
    """The one duty of a folder with these values."""
    (found,) = (r for r in table(folder, "事项") if wanted.items() <= r.items())
    return found


def test_an_arrear_closed_next_year_shows_in_both_and_counts_in_the_rate_of_one(
    years: Years,
) -> None:
    survey = {"责任方代码": "HB", "规则": "nd.survey", "法定期限": "2025-12-31"}
    due, closed = duty(years.first, **survey), duty(years.second, **survey)
    assert (due["去向"], due["未结状态"], due["按期结果"]) == ("期末未结", "已超期", "超期未结")
    assert (closed["来源"], closed["去向"]) == ("上年结转", "本年办结")
    assert (closed["按期结果"], closed["说明"]) == ("期限在他年", "期限计入2025年度")
    rated = ("按期办结", "逾期办结", "超期未结", "未到期", "不计")
    first, second = (
        {r["事项编号"] for r in table(folder, "事项") if r["按期结果"] in rated}
        for folder in (years.first, years.second)
    )
    assert first and second  # noqa: PT018 - both hold something, so that the next line says it
    assert not first & second


def test_what_happened_on_1_january_belongs_to_the_new_year(years: Years) -> None:
    answered = {"规则": "tip.finish", "责任方代码": "HB", "办结日": "2026-01-01"}
    after = duty(years.second, **answered)
    before = duty(years.first, 事项编号=after["事项编号"])
    assert (before["去向"], before["办结日"]) == ("期末未结", "")
    assert (after["来源"], after["去向"], after["办结日"]) == ("上年结转", "本年办结", "2026-01-01")


def test_what_is_overdue_is_what_the_desk_says(years: Years) -> None:
    rows = [row for name in UNITS for row in table(years.second, name)]
    at, cut_off = years.told.at, years.told.cut_off
    with years.county.reading.view(at, position=cut_off, happened=at, at=at) as view:
        for row in rows:
            own = [i for i in view.queue(row["代码"]) if i.task.holder == row["代码"]]
            overdue = sum(i.standing == "overdue" for i in own)
            assert int(row["未结中已超期"]) == overdue, row["名称"]
    assert sum(int(row["未结中已超期"]) for row in rows) > 15


def test_a_closing_entered_late_says_when_it_was_recorded(years: Years) -> None:
    late = duty(years.second, 规则="nd.survey", 来源="上年结转", 去向="本年办结")
    assert (late["办结日"], late["记录日"], late["补记天数"]) == ("2026-02-10", "2026-02-12", "2")
    prompt = duty(years.first, 规则="nd.township-evidence", 责任方代码="TS-001")
    assert (prompt["记录日"], prompt["补记天数"]) == ("2025-11-20", "")


def test_an_hour_clock_shows_both_instants(years: Years) -> None:
    row = duty(years.first, 规则="inc.six-hour")
    assert row["法定时刻"] > row["办结时刻"] == "2025-12-29 00:00"
    assert duty(years.first, 规则="nd.township-evidence", 责任方代码="TS-001")["办结时刻"] == ""


def test_every_undated_duty_says_why(years: Years) -> None:
    undated = [
        row
        for folder in (years.first, years.second)
        for row in table(folder, "事项")
        if row["按期结果"] == "未定期限"
    ]
    assert undated
    assert all(row["说明"] for row in undated)


def test_an_official_reads_names_and_the_codes_stand_last(years: Years) -> None:
    row = duty(years.second, 规则="nd.survey", 来源="上年结转", 去向="本年办结")
    assert (row["责任方"], row["责任方代码"]) == ("卫健局", "HB")
    assert row["条款"].startswith("43号文")
    assert list(row)[-5:] == ["责任方代码", "条款编号", "规则", "事项编号", NATURE]


def test_every_role_of_a_case_has_its_word() -> None:
    roles = {role for kind in CASE_KINDS.values() for role in kind.roles}
    assert roles <= ROLES.keys()


def test_a_ledger_gives_the_days_of_its_kind(years: Years) -> None:
    for name, columns in DAYS.items():
        for types in columns.values():
            assert {f"{name}.{type}" for type in types} <= EVENT_TYPES.keys()
    (row,) = table(years.second, "台账-投诉举报")
    days = ("收到日", "受理日", "告知日", "处理意见日", "答复日")
    assert [row[day] for day in days] == [
        *("2025-12-22", "2025-12-24", "2025-12-25", "2025-12-31", "2026-01-01")
    ]
    assert (row["责任单位"], row["所在乡镇"], row["未结义务"]) == ("卫健局", "梅溪镇", "0")


def test_a_case_left_unfinished_stays_in_the_ledger_though_nothing_happened(years: Years) -> None:
    (row,) = table(years.second, "台账-职业病危害事故")
    assert row["最近一事发生日"] == "2025-12-29"
    assert (row["所在乡镇"], row["用人单位代码"]) == ("梅溪镇", "91330523MA000TE131")
    assert int(row["未结义务"]) > 0


def test_what_departments_owe_in_a_township_adds_up_to_what_they_owe(years: Years) -> None:
    areas, line = table(years.second, "块×条-辖区部门"), table(years.second, "条-部门")
    for name in ("上年结转", "期末未结", "未结中已超期", "应办", "按期办结", "未定期限"):
        assert sum(int(r[name]) for r in areas) == sum(int(r[name]) for r in line), name
    here = next(r for r in areas if r["代码"] == "TS-110")
    assert (here["职业病危害事故案件"], here["投诉举报案件"]) == ("1", "1")
    owed = [
        r for r in table(years.second, "事项") if (r["所在乡镇"], r["视图"]) == ("梅溪镇", "条")
    ]
    counted_again(here, owed)


def test_every_page_and_every_csv_of_a_simulated_log_says_so(years: Years) -> None:
    book = openpyxl.load_workbook(years.second / "年度导出-2026.xlsx")
    for sheet in book.worksheets:
        assert "模拟数据" in str(sheet["A1"].value), sheet.title
        foot: Any = sheet.oddFooter
        assert foot.left.text == "模拟数据"
    for file in years.second.glob("*.csv"):
        assert all(row[NATURE] == "模拟数据" for row in table(years.second, file.stem))


def test_every_sheet_is_ready_to_print_and_sign(years: Years) -> None:
    book = openpyxl.load_workbook(years.second / "年度导出-2026.xlsx")
    assert book.properties.created == datetime(2026, 2, 12, 1, 0, 1)  # the freeze's instant, in UTC
    for sheet in book.worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
        foot: Any = sheet.oddFooter
        assert foot.center.text == "第 &P 页，共 &N 页"
        assert str(sheet["A1"].value).startswith("安吉县2026年度职业病防治工作")
        assert sheet["A1"].font.name == "宋体"
        if sheet.title == "说明":
            continue
        assert str(sheet["A2"].value).startswith("统计期间：2026-01-01至2026-12-31")
        assert sheet["A3"].value == "填报单位：安吉县职业病防治工作领导小组办公室"
        assert str(sheet.print_title_rows).startswith("$1:$")
        assert sheet.freeze_panes and sheet.auto_filter.ref  # noqa: PT018
        signed = [cell.value for cell in sheet[sheet.max_row] if cell.value]
        assert signed == ["填报人：", "审核人：", "单位负责人：", "填报日期："]
    units = [row[0].value for row in book["条（部门）"].iter_rows()]
    assert "合计" in units


def test_a_manifest_changed_with_its_file_is_found_by_the_hash_kept_apart(
    years: Years, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(years.second, copy)
    kept = yearly.manifest_hash(copy)
    assert list(yearly.wrong(copy, kept.upper())) == []
    told = json.loads((copy / "manifest.json").read_text())
    (copy / "机构.csv").write_text("改")
    forged = asdict(yearly.made(copy / "机构.csv", 3))
    told["files"] = [forged if f["name"] == "机构.csv" else f for f in told["files"]]
    (copy / "manifest.json").write_text(json.dumps(told))
    assert list(yearly.wrong(copy)) == []
    assert list(yearly.wrong(copy, kept)) == [
        "manifest.json：与给出的哈希不符 / not the hash given"
    ]


def test_a_folder_that_cannot_be_written_is_a_sentence(
    years: Years,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(exports, "opened_county", lambda: nullcontext(years.county))
    file = tmp_path / "file"
    file.write_text("")
    for out in (file, file / "below"):
        with pytest.raises(SystemExit):
            exports.year(2026, out)
        assert "请换一个可写的目录" in capsys.readouterr().err


def test_at_the_terminal_the_hash_of_the_manifest_is_told_and_checked(
    years: Years,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(exports, "opened_county", lambda: nullcontext(years.county))
    exports.year(2026, tmp_path / "2026", years.told.cut_off)
    kept = yearly.manifest_hash(tmp_path / "2026")
    assert kept in capsys.readouterr().out
    exports.verify(tmp_path / "2026", kept)
    assert "未核对" not in capsys.readouterr().out
    exports.verify(tmp_path / "2026")
    assert "未核对" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        exports.verify(tmp_path / "2026", "0" * 64)


def test_a_year_is_not_judged_before_it_began(year: Year) -> None:
    with pytest.raises(Refused, match="判定时刻"):
        freeze(year.county.log, 2026, None, datetime(2025, 12, 31, tzinfo=SHANGHAI))
