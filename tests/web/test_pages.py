"""The pages, in a real browser: what an officer and an auditor see, with JavaScript and without."""

from __future__ import annotations

import re
import urllib.request
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from domain.cases.diagnosis import OpenByApplication
from domain.papers import IssueLetter
from domain.reference import MakeRuling
from eventstore.application import Order, Receipt
from tests.api.conftest import CASE
from tests.web.conftest import Site, Visit

PAST = "as_of=2026-03-20T18:00"
PAGES = ["/", f"/queue/HSSB?{PAST}", "/queue/HB", f"/cases/{CASE}", "/rulings"]


def test_from_the_units_to_a_queue_to_a_case(visit: Visit) -> None:
    page = visit.to(f"/?{PAST}")
    page.get_by_role("link", name="人力社保局").click()
    expect(page).to_have_title("人力社保局的待办 · 职防")
    row = page.get_by_role("row").filter(has_text="裁决")
    expect(row).to_contain_text("2026-04-16")
    row.get_by_text("为何在此").click()
    expect(row).to_contain_text("职业病防治法第四十九条")
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ARB-2026-0001")
    expect(page.get_by_text("历史视图")).to_be_visible()


def test_the_past_is_marked_kept_in_links_and_left_again(visit: Visit) -> None:
    page = visit.to(f"/queue/HSSB?{PAST}")
    expect(page.get_by_role("note").filter(has_text="历史视图")).to_contain_text("2026-03-20T18:00")
    assert page.locator("#queue").get_attribute("hx-get") is None
    for link in page.locator("main a").all():
        assert "as_of=" in (link.get_attribute("href") or "")
    page.get_by_role("link", name="回到现在").click()
    expect(page.get_by_text("历史视图")).to_have_count(0)


def test_a_case_tells_its_course_its_clocks_and_what_it_is_linked_with(visit: Visit) -> None:
    page = visit.to(f"/cases/{CASE}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("职业病诊断")
    course = page.locator("ol.timeline > li")
    expect(course.first).to_contain_text("申请职业病诊断")
    assert course.count() == 10
    expect(page.locator("dl.facts")).to_contain_text("ARB-2026-0001")
    page.get_by_role("link", name="看当时").nth(2).click()
    expect(page.locator("ol.timeline > li")).to_have_count(3)
    page.get_by_role("link", name="后一条之时").click()
    expect(page.locator("ol.timeline > li")).to_have_count(4)
    page.get_by_role("link", name="前一条之时").click()
    expect(page.locator("ol.timeline > li")).to_have_count(3)


def test_everything_works_without_javascript(plain_visit: Visit) -> None:
    page = plain_visit.to(f"/queue/HB?{PAST}")
    everything = page.locator("tbody tr").count()
    assert everything
    page.get_by_role("link", name="等待他方").click()
    expect(page.get_by_role("link", name=re.compile("等待他方"))).to_have_attribute(
        "aria-current", "page"
    )
    page.get_by_label("事项名称").fill("没有这样的事项")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_text("没有符合条件的事项")).to_be_visible()
    assert "tab=waiting_on" in page.url
    assert "as_of=" in page.url


def test_a_case_is_opened_by_its_number(visit: Visit) -> None:
    page = visit.to("/")
    page.get_by_label("案号").fill(CASE)
    page.get_by_role("button", name="打开案件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CASE)


def test_a_queue_renews_itself_from_the_same_rows(site: Site) -> None:
    whole = httpx2.get(f"{site.base}/queue/HB")
    part = httpx2.get(f"{site.base}/queue/HB", headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="queue"')
    assert part.text.strip().splitlines()[-3] in whole.text
    assert "HX-Request" in whole.headers["Vary"]
    again = httpx2.get(f"{site.base}/static/app.css", headers={"If-None-Match": "x"})
    same = {"If-None-Match": again.headers["ETag"]}
    assert httpx2.get(f"{site.base}/static/app.css", headers=same).status_code == 304


def test_the_browser_renews_it(visit: Visit) -> None:
    page = visit.to("/queue/HB")
    with page.expect_request(lambda r: r.headers.get("hx-request") == "true"):
        page.evaluate("htmx.ajax('GET', location.href, {target: '#queue', swap: 'outerHTML'})")
    expect(page.locator("#queue")).to_have_count(1)
    expect(page.locator("h1")).to_have_count(1)


def test_the_keyboard_alone_suffices(visit: Visit) -> None:
    page = visit.to("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_hinders_whoever_uses_other_means_than_eyes(visit: Visit, path: str) -> None:
    page = visit.to(path)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_fetched_from_elsewhere_and_nothing_is_blocked(visit: Visit, path: str) -> None:
    visit.to(path).wait_for_load_state("networkidle")
    assert all(url.startswith(visit.base) for url in visit.fetched)
    assert [s for s in visit.said if "favicon" not in s and "404" not in s] == []


def test_the_pages_forbid_what_they_do_not_need(site: Site) -> None:
    with urllib.request.urlopen(f"{site.base}/queue/HB") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        text = answer.read().decode()
    assert not re.search(r"\sstyle=|\son\w+=|<script(?! src=)", text)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/cases/DX-1999-0001", 404, "没有案件 DX-1999-0001"),
        ("/queue/XX", 404, "没有单位 XX"),
        ("/queue/HB?tab=x", 422, "没有栏 x"),
        ("/queue/HB?as_of=gestern", 422, "as_of 应为"),
        ("/cases?key=", 422, "请填写案号"),
        ("/cases/%00", 422, "无法识别的字符"),
        ("/static/none.js", 404, "没有文件"),
    ],
)
def test_what_is_not_there_is_a_page_in_chinese(
    site: Site, path: str, status: int, words: str
) -> None:
    answer = httpx2.get(site.base + path)
    assert answer.status_code == status
    assert words in answer.text
    assert "回到各单位待办" in answer.text


def test_names_are_shown_and_nothing_sealed(visit: Visit) -> None:
    text = visit.to(f"/cases/{CASE}").inner_text("main")
    assert "劳动者 S-E4" in text
    assert "ciphertext" not in text
    assert not re.search(r"\b(HB|HSSB|LGO)\b", visit.to("/queue/HB").inner_text("main"))


def test_the_class_rulings_stand_on_a_page_of_their_own(site: Site, plain_visit: Visit) -> None:
    today = site.county.log.clock.now().date()
    ruling = MakeRuling(
        routing="tip-route-no_contract",
        to="HUCB",
        area="TS-111",
        reason="合成理由",
        since=today + timedelta(days=1),
    )
    site.county.log.execute(Order(ruling, "ruling-page", "LG", "officer-1"))
    site.county.engine.catch_up()
    page = plain_visit.to("/")
    page.get_by_role("link", name="类案裁定").click()
    row = page.get_by_role("row").filter(has_text="R2026-1")
    for said in ("领导小组", "天子湖镇", "住建局", "合成理由", str(ruling.since), "尚未开始"):
        expect(row).to_contain_text(said)
    early = plain_visit.to(f"/rulings?{PAST}")
    expect(early.get_by_text("还没有类案裁定")).to_be_visible()


def test_a_letter_is_opened_from_its_case_and_set_as_a_letter(
    site: Site, plain_visit: Visit
) -> None:
    def give(command: object, by: str, case: str | None = None) -> Receipt:
        order = Order(command=command, id=f"letter-{by}", actor=by, recorder="officer-1", case=case)
        receipt = site.county.log.execute(order)
        site.county.engine.catch_up()
        return receipt

    applied = OpenByApplication(
        subject="S-letter",
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="铅",
        locality="household",
    )
    case = give(applied, "worker:S-letter").case
    notice = IssueLetter(template="notice", to=("worker",), values={"matter": "合成内容"})
    number = give(notice, "HB", case).document_number or ""
    page = plain_visit.to(f"/cases/{case}")
    expect(page.locator(".papers")).to_contain_text("待送达")
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("告知书")
    body = page.locator(".body").first
    indent, size = (
        body.evaluate(f"e => parseFloat(getComputedStyle(e).{name})")
        for name in ("textIndent", "fontSize")
    )
    assert indent == pytest.approx(2 * size, abs=0.01)
    assert page.locator("script, [style], style").count() == 0
    page.emulate_media(media="print")
    expect(page.locator("nav.screen")).to_be_hidden()
    for takes_room in (".mark .told", ".sign .seal"):
        expect(page.locator(takes_room)).to_be_hidden()
    expect(page.get_by_role("note")).to_contain_text("模拟日志，非正式文书")


def test_no_style_is_newer_than_the_browsers_in_the_offices() -> None:
    static = Path(__file__).parents[2] / "api" / "web" / "static"
    css = "\n".join(path.read_text() for path in sorted(static.glob("*.css")))
    newer = (
        r":has\(|@container|@layer|color-mix\(|oklch\(|\bsubgrid\b|text-wrap|&:|^\s*&"
        r"|\d(?:dvh|svh|lvh|cqw)"
    )
    assert re.findall(newer, css, re.M) == []
    assert re.findall(newer, ".a { &:hover { } } .b:has(i) { height: 1dvh }") != []  # control
