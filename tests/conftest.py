"""The real engine for every test that needs one: one PostgreSQL a session, a schema a test."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from api import demo, law, scenario
from domain.events import SHANGHAI, Moment
from domain.reference import Simulate
from eventstore import embedded
from eventstore.application import Log, Order, Receipt
from eventstore.clock import Clock, InjectedClock, SystemClock
from eventstore.embedded import Server
from eventstore.keys import KeyFile, Keyring
from eventstore.schema import connect, migrate
from projections.county import County, Settings, Urls, opened
from workers.bus import free_port

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("var")
    with embedded.running(var, durable=False) as started:
        yield started
    embedded.remove(var)


@dataclass
class Ground:
    """A county's schema, fresh and migrated, with an engine for each role and its key file."""

    server: Server
    schema: str
    admin: sa.Engine
    app: sa.Engine
    projector: sa.Engine
    keys: KeyFile
    keys_file: Path

    def log(self, clock: Clock | None = None) -> Log:
        return Log(self.app, Keyring(self.app, self.keys), clock or SystemClock())


@pytest.fixture
def county(server: Server, tmp_path: Path) -> Iterator[Ground]:
    schema = f"county_{next(_numbers)}"
    admin, app, projector = (
        connect(url, schema) for url in (server.owner_url, server.app_url, server.projector_url)
    )
    migrate(admin, schema)
    keys_file = tmp_path / "keys.json"
    yield Ground(server, schema, admin, app, projector, KeyFile.read(keys_file), keys_file)
    for engine in (app, projector, admin):
        engine.dispose()


def shanghai(text: str) -> datetime:
    """`2026-03-18` or `2026-03-18T14:20` as a Shanghai instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Story:
    """A simulated log told day by day: the shortest way for a test to have real events."""

    def __init__(self, log: Log) -> None:
        assert isinstance(log.clock, InjectedClock)
        self.log, self.clock = log, log.clock
        self._numbers = itertools.count(1)

    @staticmethod
    def begun(ground: Ground, start: str = "2025-01-01") -> Story:
        """On a fresh log: marked as simulated, the shipped law adopted."""
        story = Story(ground.log(InjectedClock(shanghai(start))))
        story.begin(start)
        return story

    def begin(self, start: str) -> None:
        """Mark the empty log as simulated and adopt the shipped law."""
        self.do(start, "system", Simulate(title="测试"))
        law.adopt(self.log, law.files(), title="测试", recorder="test")

    def do(
        self,
        day: str,
        by: str,
        command: object,
        case: str | None = None,
        *,
        happened: str | None = None,
        id: str | None = None,
        version: int | None = None,
    ) -> Receipt:
        """Carry a command out, entered on `day`; it happened then, or on `happened`."""
        at = max(shanghai(day).replace(hour=9), self.clock.now())
        self.clock.set(at)
        order = Order(
            command=command,
            id=id or f"command-{next(self._numbers)}",
            actor=by,
            recorder="officer-1",
            occurred=Moment.on(shanghai(happened or day).date()),
            case=case,
            source="simulated",
            expected_version=version,
        )
        return self.log.execute(order)


def told(server: Server, tmp: Path, schema: str, **settings: Any) -> Iterator[County]:
    """A county in which the story of the arbitration was played; its clock stands at the end."""
    urls = Urls(server.app_url, server.projector_url, server.owner_url)
    clock = InjectedClock(datetime(2026, 1, 1, tzinfo=SHANGHAI))
    with opened(Settings(var=tmp, **settings), urls, schema=schema, clock=clock) as county:
        player = scenario.Player(county.log, county.engine, county.reading, clock)
        story = scenario.read(demo.SCENARIOS / "e4-arbitration.yaml")
        player.prepare(datetime(2026, 1, 1, 8, tzinfo=SHANGHAI), "测试")
        result = player.play(story)
        assert result.wrong == []
        yield county


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a real port of its own; what it yields is its address."""
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=0
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def told_county(server: Server, tmp_path: Path) -> Iterator[County]:
    """A county in which the story of the arbitration was played."""
    yield from told(server, tmp_path, f"told_{next(_numbers)}")


@pytest.fixture
def story(county: Ground) -> Story:
    return Story.begun(county)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What could not be tried here is said plainly, last of all."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"NOT RUN 未运行: {report.nodeid}: {reason}", red=True)
