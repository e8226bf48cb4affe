"""The real engine for every test that needs one: one PostgreSQL a session, a schema a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa

from domain.events import SHANGHAI
from eventstore import embedded
from eventstore.application import Log
from eventstore.clock import InjectedClock, SystemClock
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
class County:
    """A county's schema, fresh and migrated, with an engine for each role."""

    server: Server
    schema: str
    admin: sa.Engine
    app: sa.Engine
    projector: sa.Engine
    keys: KeyFile

    def log(self, clock: InjectedClock | SystemClock | None = None) -> Log:
        return Log(self.app, Keyring(self.app, self.keys), clock or SystemClock())


@pytest.fixture
def county(server: Server) -> Iterator[County]:
    schema = f"county_{next(_numbers)}"
    admin, app, projector = (
        connect(url, schema) for url in (server.owner_url, server.app_url, server.projector_url)
    )
    migrate(admin, schema)
    yield County(server, schema, admin, app, projector, KeyFile.new())
    for engine in (app, projector, admin):
        engine.dispose()


def shanghai(text: str) -> datetime:
    """`2026-03-18` or `2026-03-18T14:20` as a Shanghai instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
