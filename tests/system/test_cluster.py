"""Three JetStream nodes as compose.cluster.yaml deploys them, killed one after another.

Every position of the log stands in the stream once and in order, whichever node answers. A killed
process never shows a missing fsync; that the nodes write through is shown in test_compose.py.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import BadRequestError
from nats.js.errors import Error as JetStreamError

from tests.system.test_compose import NATS_SERVER, bus, deployed, node_text

NODES = ("nats-1", "nats-2", "nats-3")
STREAM, SUBJECT = "POSITIONS", "positions.made"
BATCH, PAUSE = 10, 0.1  # messages in flight together, as the relay has them; seconds between
FALLS = ("follows", "follows", "leads", "follows", "follows")
FAILED = (JetStreamError, nats.errors.Error, OSError, asyncio.TimeoutError)


def slips(held: Sequence[int], last: int) -> list[str]:
    """Where `held`, the positions in a stream's order, is not 1..last, each once and in order."""
    found = [f"{position} is missing" for position in set(range(1, last + 1)) - set(held)]
    found += [f"{position} is doubled" for position in set(held) if held.count(position) > 1]
    pairs = itertools.pairwise(held)
    found += [f"{after} stands after {before}" for before, after in pairs if after < before]
    found += [f"{position} was never sent" for position in set(held) if position > last]
    return found


def guards(position: int) -> dict[str, str]:
    """The headers that make a position stand once, after the one before it."""
    return {"Nats-Msg-Id": str(position), "Nats-Expected-Last-Sequence": str(position - 1)}


class Cluster:
    """The nodes as plain processes on free loopback ports, each with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        ports = iter(free_ports(3 * len(NODES)))
        self.client, self.monitor, self.route = ({n: next(ports) for n in NODES} for _ in range(3))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.configs = {node: self._config(folder, node) for node in NODES}

    def _config(self, folder: Path, node: str) -> Path:
        text = node_text(
            deployed("compose.cluster.yaml")[node],
            client=self.client[node],
            monitor=self.monitor[node],
            store=folder / node,
        )
        changes = {"0.0.0.0:6222": f"127.0.0.1:{self.route[node]}"}
        changes |= {f"{other}:6222": f"127.0.0.1:{self.route[other]}" for other in NODES}
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        config = folder / f"{node}.conf"
        config.write_text(text)
        return config

    def start(self, node: str) -> None:
        with self.configs[node].with_suffix(".log").open("ab") as log:
            self.processes[node] = subprocess.Popen(
                [NATS_SERVER, "-c", self.configs[node]],
                env={**os.environ, "NODE": node},
                stderr=log,
            )

    def kill(self, node: str) -> None:
        """SIGKILL: nothing is flushed or said goodbye to."""
        self.processes[node].kill()
        self.processes[node].wait()

    async def well(self, node: str) -> None:
        """Wait until the node holds what the others hold."""
        url = f"http://127.0.0.1:{self.monitor[node]}/healthz"
        for _ in range(400):
            try:
                await asyncio.to_thread(urllib.request.urlopen, url, timeout=1)
            except (urllib.error.URLError, OSError):
                await asyncio.sleep(0.05)
            else:
                return
        raise AssertionError(self.configs[node].with_suffix(".log").read_text()[-2000:])

    @asynccontextmanager
    async def connected(self, *nodes: str) -> AsyncIterator[Client]:
        """A client of these nodes, or of any."""
        client = await nats.connect(
            [f"nats://127.0.0.1:{self.client[node]}" for node in nodes or NODES],
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            connect_timeout=1,
            error_cb=_unsaid,
        )
        try:
            yield client
        finally:
            await client.close()


async def _unsaid(error: Exception) -> None:
    """What a killed node makes the client say."""


def free_ports(count: int) -> list[int]:
    """Free loopback ports, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@asynccontextmanager
async def cluster_in(folder: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(folder)
    try:
        for node in NODES:
            cluster.start(node)
        for node in NODES:
            await cluster.well(node)
        yield cluster
    finally:
        for node in cluster.processes:
            cluster.kill(node)


async def made(context: JetStreamContext, name: str, subject: str) -> None:
    """A stream of three replicas, once the cluster has a leader to make it."""
    config = StreamConfig(name=name, subjects=[subject], num_replicas=3)
    for attempt in range(20):
        try:
            await context.add_stream(config)
        except FAILED:
            if attempt == 19:
                raise
            await asyncio.sleep(0.5)
        else:
            return


async def leader(context: JetStreamContext, name: str = STREAM) -> str:
    """The node that leads the stream, once it has one and every replica is current."""
    for _ in range(200):
        try:
            found = (await context.stream_info(name)).cluster
        except FAILED:
            found = None
        if found and found.leader and all(peer.current for peer in found.replicas or []):
            return found.leader
        await asyncio.sleep(0.1)
    raise AssertionError("the stream found no leader, or a replica never caught up")


class Publisher:
    """Sends positions as the relay does; told nothing clear, it asks the stream where it stands."""

    def __init__(self, context: JetStreamContext) -> None:
        self.context = context
        self.acknowledged = self.asked = 0

    async def run(self, stop: asyncio.Event) -> None:
        reached = 0
        while not stop.is_set():
            try:
                batch = range(reached + 1, reached + 1 + BATCH)
                await asyncio.gather(*(self._one(position) for position in batch))
                reached = self.acknowledged = batch[-1]
                await asyncio.sleep(PAUSE)
            except FAILED:
                self.asked += 1
                reached = await self._reached(reached)

    async def _one(self, position: int) -> None:
        body = str(position).encode()
        await self.context.publish(SUBJECT, body, headers=guards(position))

    async def _reached(self, before: int) -> int:
        while True:
            try:
                found = (await self.context.stream_info(STREAM)).state.last_seq
            except FAILED:
                await asyncio.sleep(0.1)
            else:
                assert found >= before, "an acknowledged message is gone"
                return found


async def held_by(cluster: Cluster, node: str) -> list[int]:
    """Every position in the node's own copy: it is made the leader, who answers alone."""
    async with cluster.connected(node) as client:
        context, reading = client.jetstream(timeout=0.5), client.jetstream(timeout=5)
        for _ in range(20):
            if await leader(context) == node:
                break
            ask = json.dumps({"placement": {"preferred": node}}).encode()
            await client.request(f"$JS.API.STREAM.LEADER.STEPDOWN.{STREAM}", ask, timeout=2)
        assert await leader(context) == node
        last = (await context.stream_info(STREAM)).state.last_seq
        found: list[int] = []
        for start in range(1, last + 1, 100):
            some = range(start, min(start + 100, last + 1))
            told = await asyncio.gather(*(reading.get_msg(STREAM, seq=each) for each in some))
            found += [int(message.data or b"0") for message in told]
        assert await leader(context) == node
        return found


async def killing_one_after_another(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(cluster_in(folder))
        client = await stack.enter_async_context(cluster.connected())
        context = client.jetstream(timeout=0.5)
        await made(context, STREAM, SUBJECT)
        publisher, stop = Publisher(context), asyncio.Event()
        sending = asyncio.create_task(publisher.run(stop))
        others = itertools.cycle(NODES)
        for role in FALLS:
            leads = await leader(context)
            falls = leads if role == "leads" else next(node for node in others if node != leads)
            before = publisher.acknowledged
            cluster.kill(falls)
            await going_on(publisher, before + 2 * BATCH)  # two of three carry on
            cluster.start(falls)
            await cluster.well(falls)
        await leader(context)
        stop.set()
        await sending
        last = (await context.stream_info(STREAM)).state.last_seq
        assert last >= publisher.acknowledged >= 2 * BATCH * len(FALLS)
        assert publisher.asked > 0, "no answer was ever in doubt: nothing was tried"
        for node in NODES:
            assert slips(await held_by(cluster, node), last) == []


async def going_on(publisher: Publisher, goal: int) -> None:
    for _ in range(300):
        if publisher.acknowledged >= goal:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not acknowledged up to {goal}: {publisher.acknowledged}")


def test_with_nodes_killed_one_after_another_each_position_is_there_once_and_in_order(
    tmp_path: Path,
) -> None:
    asyncio.run(killing_one_after_another(tmp_path))


async def sent_again_after_lost_answers(address: str, *, guarded: bool) -> list[int]:
    """Positions 1 to 5, each sent again as if its answer were lost: what the stream then holds."""
    client = await nats.connect(address)
    try:
        context = client.jetstream(timeout=2)
        await context.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECT]))
        for position in range(1, 6):
            headers = guards(position) if guarded else None
            body = str(position).encode()
            await context.publish(SUBJECT, body, headers=headers)
            with suppress(BadRequestError):  # the guarded one: "wrong last sequence"
                await context.publish(SUBJECT, body, headers=headers)
        last = (await context.stream_info(STREAM)).state.last_seq
        told = [await context.get_msg(STREAM, seq=each) for each in range(1, last + 1)]
        return [int(message.data or b"0") for message in told]
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("guarded", "held"), [(True, [1, 2, 3, 4, 5]), (False, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])]
)
def test_it_is_the_headers_that_keep_what_is_sent_again_from_standing_twice(
    tmp_path: Path, guarded: bool, held: list[int]
) -> None:
    with bus(deployed("compose.yaml")["nats"], tmp_path) as (address, _):
        found = asyncio.run(sent_again_after_lost_answers(address, guarded=guarded))
    assert found == held
    assert (slips(found, 5) == []) is guarded


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ([1, 2, 4], ["3 is missing"]),
        ([1, 2, 2, 3, 4], ["2 is doubled"]),
        ([1, 3, 2, 4], ["2 stands after 3"]),
        ([1, 2, 3], ["4 is missing"]),
        ([1, 2, 3, 4, 5], ["5 was never sent"]),
        ([1, 2, 3, 4], []),
    ],
)
def test_a_hole_a_double_and_a_disorder_are_each_named(held: list[int], told: list[str]) -> None:
    assert slips(held, 4) == told
