"""A county, opened: its databases, its log, its read models. Every door starts here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from pydantic_settings import BaseSettings, SettingsConfigDict

from eventstore import embedded
from eventstore.application import Log
from eventstore.clock import Clock, SystemClock
from eventstore.keys import KeyFile, Keyring
from eventstore.schema import COUNTY, connect, is_empty, migrate
from projections.engine import Engine
from projections.reading import Reading


class SettingsError(Exception):
    """Settings that do not go together; the message says what to set."""


SECRETS = Path("/run/secrets")  # a setting may be a file here, named zhifang_database_url and so on


class Settings(BaseSettings):
    """Settings from the environment, each under the prefix ZHIFANG_, or from files of secrets."""

    model_config = SettingsConfigDict(
        env_prefix="ZHIFANG_", secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    database_url: str | None = None  # the application's role; none: the embedded server
    database_projector_url: str | None = None
    database_admin_url: str | None = None  # the owner: migrates
    schema_name: str = COUNTY
    var: Path = Path("var")
    keys_file: Path | None = None  # default: var/keys.json
    allow_unsafe_database: bool = False  # trials only; logged loudly
    host: str = "127.0.0.1"
    trust_network: bool = False  # whoever can reach `host` may act for any unit: say so knowingly
    port: int = 8743
    rate_limit: str = "1200/minute"  # of one address and party
    max_body_bytes: int = 1_000_000
    max_document_bytes: int = 20_000_000
    document_types: str = "pdf,jpeg,png,ofd,docx,xlsx,text"  # recognised by content
    nats_url: str | None = None  # several by commas; none: the embedded server
    nats_monitor_url: str | None = None  # where the server proves that it writes through
    nats_replicas: int = 1
    notices_file: Path | None = None  # who is told by e-mail and webhook; none: in the house alone


@dataclass(frozen=True)
class Urls:
    """Where each role of the database connects."""

    app: str
    projector: str
    admin: str | None = None  # the owner; unset where this process must not migrate


@dataclass
class County:
    """An open county."""

    settings: Settings
    urls: Urls
    admin: sa.Engine | None
    app: sa.Engine
    projector: sa.Engine
    keys: KeyFile
    log: Log

    @cached_property
    def engine(self) -> Engine:
        """The projection engine over this county's read tables."""
        return Engine(self.projector, self.log)

    @cached_property
    def reading(self) -> Reading:
        return Reading(self.app, self.log)


@contextmanager
def database(settings: Settings) -> Iterator[Urls]:
    """The database in the settings, else the embedded one: started, or joined if it runs."""
    if settings.database_url:
        projector = settings.database_projector_url
        if projector is None:
            zh = "还须设置 ZHIFANG_DATABASE_PROJECTOR_URL（查询表的所有者）"
            raise SettingsError(f"{zh} / set ZHIFANG_DATABASE_PROJECTOR_URL too")
        yield Urls(settings.database_url, projector, settings.database_admin_url)
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(embedded.running(settings.var))
        except embedded.InUseError:
            server = embedded.attach(settings.var)
        yield Urls(server.app_url, server.projector_url, server.owner_url)


@contextmanager
def opened(
    settings: Settings, urls: Urls, *, schema: str | None = None, clock: Clock | None = None
) -> Iterator[County]:
    """A county's schema, migrated where its owner is known, with its log and engines."""
    schema = schema or settings.schema_name
    admin = connect(urls.admin, schema) if urls.admin else None
    app, projector = connect(urls.app, schema), connect(urls.projector, schema)
    try:
        if admin:
            migrate(admin, schema)
        path = settings.keys_file or settings.var / "keys.json"
        keys = KeyFile.read(path, may_create=is_empty(app))
        log = Log(app, Keyring(app, keys), clock or SystemClock())
        yield County(settings, urls, admin, app, projector, keys, log)
    finally:
        for engine in filter(None, (app, projector, admin)):
            engine.dispose()
