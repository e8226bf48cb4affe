"""A sample consumer: the bus says that something happened, the feed says what.

    python examples/consumer.py [nats://127.0.0.1:4222]    # place kept in consumer.place

`zhifang run` prints the address of its bus; it may also stand in ZHIFANG_NATS_URL. ZHIFANG_UNIT
says whose feed is read, ZHIFANG_API where. Messages may be lost, doubled or late, and this program
may be killed: it keeps the last position it has dealt with and reads the feed from there, so it
misses nothing and repeats at most one page.
"""

import asyncio
import json
import os
import sys
import urllib.request
from pathlib import Path

import nats

API = os.environ.get("ZHIFANG_API", "http://127.0.0.1:8743/api/v1")
BUS = os.environ.get("ZHIFANG_NATS_URL", "nats://127.0.0.1:4222")
UNIT = os.environ.get("ZHIFANG_UNIT", "HSSB")
PLACE = Path(os.environ.get("ZHIFANG_PLACE", "consumer.place"))


def read_on() -> None:
    """Deal with everything after our place; the place moves once it was dealt with."""
    while True:
        place = int(PLACE.read_text()) if PLACE.exists() else 0
        asked = urllib.request.Request(
            f"{API}/feed?after={place}", headers={"X-Zhifang-Unit": UNIT}
        )
        page = json.load(urllib.request.urlopen(asked, timeout=30))
        for event in page["items"]:
            print(event["position"], event["number"], event["sentence"], flush=True)
        PLACE.with_suffix(".new").write_text(str(page["next"]))
        PLACE.with_suffix(".new").replace(PLACE)
        if not page["behind"]:
            return


async def trouble(error: Exception) -> None:
    """Say it in a line; whatever was missed meanwhile is read from the feed."""
    print(f"稍后再试 / trying again: {error}", file=sys.stderr, flush=True)


async def main(bus_at: str) -> None:
    try:
        async with asyncio.timeout(5):
            bus = await nats.connect(bus_at, max_reconnect_attempts=-1, error_cb=trouble)
    except (OSError, TimeoutError, nats.errors.Error):
        sys.exit(
            f"连不上消息总线 {bus_at}；请先 make run，再把它所报的总线地址写在命令后面"
            f" / no bus at {bus_at}: start `make run` and give the address it prints as argument"
        )
    hint = await bus.subscribe("zhifang.>")
    while True:
        try:
            read_on()
            await hint.next_msg(timeout=10)  # a hint; without one we look every ten seconds
        except (TimeoutError, nats.errors.TimeoutError):
            continue
        except OSError as error:  # the service is away, or refuses us
            await trouble(error)
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else BUS))
