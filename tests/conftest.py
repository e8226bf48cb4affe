"""The real engine for every test that needs one: one PostgreSQL a session, a schema a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from api import law
from domain.events import SHANGHAI, Moment
from domain.reference import Simulate
from eventstore import embedded
from eventstore.application import Log, Order, Receipt
from eventstore.clock import Clock, InjectedClock, SystemClock
from eventstore.embedded import Server
from eventstore.keys import KeyFile, Keyring
from eventstore.schema import connect, migrate

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

    def __init__(self, ground: Ground, start: str = "2025-01-01") -> None:
        self.clock = InjectedClock(shanghai(start))
        self.log = ground.log(self.clock)
        self._numbers = itertools.count(1)
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


@pytest.fixture
def story(county: Ground) -> Story:
    return Story(county)
