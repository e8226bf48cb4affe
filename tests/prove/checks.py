"""What must hold when the killing is over. A check says what is wrong; nothing said, all well."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import nats
import sqlalchemy as sa

from eventstore import doctor
from eventstore.codec import canonical, plain
from eventstore.schema import commands, events
from projections import outward, tables
from projections.county import County, Settings, Urls, opened
from tests.prove.load import Account
from tests.prove.system import PARTY, System

SETTLE_SECONDS = 120
STILL_SECONDS = 15  # a stream that has not grown for so long does not

Check = Callable[[System, County, Account], Iterator[str]]


def acknowledged_is_recorded(system: System, county: County, account: Account) -> Iterator[str]:
    """Every command that was answered 2xx stands in the log as its receipt says, exactly once."""
    yield from account.wrong[:5]
    with county.app.connect() as connection:
        kept = {row.id: json.loads(row.receipt) for row in connection.execute(sa.select(commands))}
        rows = connection.execute(sa.select(events.c.command, events.c.position, events.c.stream))
        recorded: dict[str, list[tuple[int, str]]] = {}
        for command, position, stream in rows:
            recorded.setdefault(command, []).append((position, stream))
    for id, receipt in account.receipts.items():
        if id not in kept:
            yield f"{id} was acknowledged and is not in the log"
            continue
        told = sorted((e["position"], e["stream"]) for e in receipt["events"])
        if told != sorted(recorded.get(id, [])):
            yield f"{id} was told {told}, the log holds {recorded.get(id)}"
    ours = [id for id in kept if id.startswith("client-")]
    sent = set(account.receipts)
    unanswered = set(ours) - sent  # committed, and the answer lost at the very end
    if len(unanswered) > 2 * len({id.rpartition("-")[0] for id in sent}):
        yield f"{len(unanswered)} commands stand in the log that nobody was told of"


def the_log_is_whole(system: System, county: County, account: Account) -> Iterator[str]:
    """Dense, every leaf and copy as it should be, the root as recorded."""
    for finding in doctor.verify(county.app):
        yield f"{finding.code}: {finding.en}"


def read_models_are_the_logs(system: System, county: County, account: Account) -> Iterator[str]:
    """What live processing left behind equals a rebuild, row by row."""
    live = rows_digest(county)
    county.engine.rebuild()
    anew = rows_digest(county)
    for name, digest in live.items():
        if anew[name] != digest:
            yield f"{name}: live rows differ from rebuilt ones"


def rows_digest(county: County) -> dict[str, str]:
    """A digest of every read table, its rows in order."""
    told = {}
    with county.projector.connect() as connection:
        into, _ = tables.live(connection)
        for table in into.all():
            rows = connection.execute(sa.select(table)).mappings()
            lines = sorted(canonical(plain(dict(row))) for row in rows)
            told[table.name.rpartition("_")[0]] = hashlib.sha256(b"\n".join(lines)).hexdigest()
    return told


def the_stream_is_the_log(system: System, county: County, account: Account) -> Iterator[str]:
    """The bus holds each position once, in order, none missing."""
    end = county.log.recorder.max_notification_id() or 0
    told: list[str] = []
    patience = STILL_SECONDS
    while len(told) < end and patience:
        before, told = len(told), asyncio.run(_stream(system, county))
        patience = patience - 1 if len(told) == before else STILL_SECONDS
        time.sleep(1)
    if told != [str(n) for n in range(1, end + 1)]:
        doubles = [id for id, count in Counter(told).items() if count > 1]
        missing = sorted({str(n) for n in range(1, end + 1)} - set(told))
        yield f"{len(told)} messages for {end} events: missing {missing[:5]}, doubled {doubles[:5]}"


async def _stream(system: System, county: County) -> list[str]:
    name = f"ZHIFANG_{county.settings.schema_name}"
    try:
        client = await nats.connect(f"nats://127.0.0.1:{system.bus_port}", connect_timeout=5)
    except Exception:
        return []
    try:
        context = client.jetstream()
        count = (await context.stream_info(name)).state.messages
        reading = await context.subscribe(
            f"zhifang.{county.settings.schema_name}.>", ordered_consumer=True
        )
        return [json.loads((await reading.next_msg(timeout=10)).data)["id"] for _ in range(count)]
    except Exception:
        return []
    finally:
        await client.close()


def every_notice_was_delivered(system: System, county: County, account: Account) -> Iterator[str]:
    """At least once each; a repeat bears the same id, and nothing was given up."""
    for _ in range(SETTLE_SECONDS):
        owed = _notices(county)
        if owed <= set(system.heard.told) and outward.undelivered(county.app) == (0, 0):
            break
        if outward.undelivered(county.app)[0] == 0:
            time.sleep(2)
            break
        time.sleep(1)
    lost = _notices(county) - set(system.heard.told)
    if lost:
        yield f"{len(lost)} notices were never delivered, {sorted(lost)[:3]} among them"
    strange = set(system.heard.told) - _notices(county)
    if strange:
        yield f"{len(strange)} deliveries are of no notice"


def _notices(county: County) -> set[str]:
    """The notices the webhook is owed: its party's, since it began."""
    with county.projector.connect() as connection:
        begun = outward.place(connection, "notifier:webhook:peer") or 0
        notices = tables.live(connection)[0].notices
        wanted = sa.select(notices.c.id).where(notices.c.party == PARTY, notices.c.position > begun)
        return set(connection.execute(wanted).scalars())


CHECKS: tuple[Check, ...] = (
    acknowledged_is_recorded,
    the_log_is_whole,
    every_notice_was_delivered,
    the_stream_is_the_log,
    read_models_are_the_logs,
)


def all_found(system: System, account: Account) -> dict[str, list[str]]:
    """What each check has to say, once the system has had time to settle."""
    system.ready()
    settings = Settings(var=Path(system.var))
    urls = Urls(system.server.app_url, system.server.projector_url)
    with opened(settings, urls) as county:
        _settled(county)
        return {check.__name__: list(check(system, county, account)) for check in CHECKS}


def _settled(county: County) -> None:
    """Wait until the projector has caught up with the log."""
    for _ in range(SETTLE_SECONDS * 10):
        end = county.log.recorder.max_notification_id()
        with county.reading.view(county.log.clock.now()) as view:
            if view.asked.position == end:
                return
        time.sleep(0.1)
    raise AssertionError("the projector did not catch up")
