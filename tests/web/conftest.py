"""A county's pages on a real port, and a real Chromium to look at them with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from eventstore.embedded import Server
from projections.county import County
from tests.conftest import serving, told

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",  # in a container, as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """The pages: where they are, and the county behind them."""

    base: str
    county: County


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for county in told(server, tmp_path_factory.mktemp("web"), "web_pages"):
        with serving(create_app(county)) as base:
            yield Site(base, county)


@pytest.fixture(scope="module")  # while it is open no other event loop can run
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("ZHIFANG_REQUIRE_CHROMIUM") == "1":
            pytest.fail("Chromium is required here and absent")
        pytest.skip("the pages need a Chromium (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page open in the browser, and what it said and fetched."""

    page: Page
    base: str
    said: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def to(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page


def _visit(context: BrowserContext, base: str) -> Visit:
    visit = Visit(context.new_page(), base)
    visit.page.on("console", lambda message: visit.said.append(message.text))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    visit.page.on("request", lambda request: visit.fetched.append(request.url))
    return visit


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    context = chromium.new_context()
    yield _visit(context, site.base)
    context.close()


@pytest.fixture
def plain_visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """A browser without JavaScript."""
    context = chromium.new_context(java_script_enabled=False)
    yield _visit(context, site.base)
    context.close()
