"""The relay 转发: tells the bus that something was recorded; where, which type, who is concerned.

A hint and a feed, never the truth: no contents. The stream's sequence *is* the log's position:
every message is published expecting the one before it, so there is no hole, no double and no
disorder, whoever publishes. A stream that was lost is filled again from the log.
"""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import nats
import nats.errors
import orjson
import sqlalchemy as sa
import structlog
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

from eventstore.codec import instant
from projections import outward, tables
from projections.county import County
from workers.bus import Bus, BusError
from workers.keeping import LOST, Keeper

NAME = "relay"
PAUSE, RETRY = 0.2, 1.0
BATCH = 200

logger = structlog.get_logger("zhifang.relay")

FAILED = (BusError, JetStreamError, nats.errors.Error, OSError, asyncio.TimeoutError, *LOST)


def run(county: County, stop: Event, bus: Bus) -> None:
    """Carry the log to the bus until told to stop; a lost bus or database is waited for."""
    asyncio.run(_keep(county, stop, bus))


async def _keep(county: County, stop: Event, bus: Bus) -> None:
    told = ""
    while not stop.is_set():
        try:
            await asyncio.to_thread(bus.mend)
            await asyncio.to_thread(bus.require_durable)
            await _carry(county, stop, bus)
            told = ""
        except FAILED as error:
            if str(error) != told:  # said once, not every second
                logger.warning("bus", error=str(error) or type(error).__name__)
                told = str(error)
            await asyncio.sleep(RETRY)


async def _carry(county: County, stop: Event, bus: Bus) -> None:
    """Follow the log over one connection. Raises what the bus or the database raises."""
    connection = await nats.connect(
        bus.servers, max_reconnect_attempts=1, connect_timeout=5, error_cb=_said
    )
    keeper = Keeper(county.projector, NAME)
    try:
        stream = Stream(connection.jetstream(timeout=5), county.settings.schema_name, bus.replicas)
        reached: int | None = None
        while not stop.is_set():
            if not await asyncio.to_thread(keeper.held):
                reached = None
                await asyncio.sleep(RETRY)
                continue
            if reached is None:
                reached = await stream.opened(county)
            rows = await asyncio.to_thread(_rows, county, reached)
            if rows:
                await stream.publish(rows)
                reached = rows[-1]["position"]
                await asyncio.to_thread(_remember, county, reached)
            else:
                await asyncio.sleep(PAUSE)
                await asyncio.to_thread(bus.mend)
                if connection.is_closed or not connection.is_connected:
                    raise BusError("与 NATS 的连接已断 / the connection to NATS is lost")
    finally:
        await connection.close()


async def _said(error: Exception) -> None:
    """What the client says besides raising; the loop above tells it once."""


class Stream:
    """The county's stream on the bus."""

    def __init__(self, context: JetStreamContext, schema: str, replicas: int) -> None:
        self.context, self.schema, self.replicas = context, schema, replicas
        self.name = f"ZHIFANG_{schema}"

    async def opened(self, county: County) -> int:
        """The position the stream has reached, made first where absent.

        A stream that is not this log's (restored, or begun anew) is given up and filled again.
        """
        try:
            info = await self.context.stream_info(self.name)
        except NotFoundError:
            info = await self._made()
        last = info.state.last_seq
        if last and not await self._ours(county, last):
            logger.warning("stream is another log's: filled anew", stream=self.name, last=last)
            await self.context.delete_stream(self.name)
            info = await self._made()
        return info.state.last_seq

    async def _made(self) -> StreamInfo:
        return await self.context.add_stream(
            StreamConfig(
                name=self.name,
                subjects=[f"zhifang.{self.schema}.>"],
                storage=StorageType.FILE,
                retention=RetentionPolicy.LIMITS,
                num_replicas=self.replicas,
                deny_delete=True,
                description="职防日志的提示与动态：位置、类型、编号、有关单位；不含内容",
            )
        )

    async def _ours(self, county: County, last: int) -> bool:
        """Whether the stream's last message is what the log holds at that position."""
        rows = await asyncio.to_thread(_rows, county, last - 1)
        if not rows or rows[0]["position"] != last:
            return False
        try:
            found = await self.context.get_msg(self.name, seq=last)
        except APIError:
            return False
        told = orjson.loads(found.data or b"{}")
        ours = orjson.loads(message(self.schema, rows[0]))
        # Whom it concerns may be told differently by another version of the software.
        for each in (told, ours):
            each.get("data", {}).pop("concerned", None)
        return bool(told == ours)

    async def publish(self, rows: list[dict[str, Any]]) -> None:
        """Publish in order; raises where one does not follow the one before it."""
        await asyncio.gather(*(self._one(row) for row in rows))

    async def _one(self, row: dict[str, Any]) -> None:
        position = row["position"]
        await self.context.publish(
            f"zhifang.{self.schema}.{row['type']}",
            message(self.schema, row),
            headers={
                "Nats-Msg-Id": str(position),
                "Nats-Expected-Last-Sequence": str(position - 1),
                "Nats-Expected-Stream": self.name,
                "Content-Type": "application/cloudevents+json",
            },
        )


def message(schema: str, row: dict[str, Any]) -> bytes:
    """The message of a position: a CloudEvent without contents. See docs/asyncapi.yaml."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(row["position"]),
            "source": f"/zhifang/{schema}",
            "type": row["type"],
            "time": instant(row["recorded_at"]),
            "datacontenttype": "application/json",
            "data": {
                "position": row["position"],
                "case": row["case"],
                "version": row["version"],
                "concerned": row["concerned"],
            },
        }
    )


def _rows(county: County, after: int) -> list[dict[str, Any]]:
    """The next lines of the log, as far as the read models have told whom they concern."""
    with county.projector.connect() as connection:
        into, _ = tables.live(connection)
        audit = into.audit
        wanted = sa.select(audit).where(audit.c.position > after).order_by(audit.c.position)
        return [dict(row) for row in connection.execute(wanted.limit(BATCH)).mappings()]


def _remember(county: County, position: int) -> None:
    with county.projector.begin() as connection:
        outward.put_place(connection, NAME, position)
