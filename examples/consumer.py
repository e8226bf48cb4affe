"""A consumer in thirty lines: the bus says that something happened, the feed says what.

    ZHIFANG_UNIT=HSSB python examples/consumer.py    # place kept in consumer.place

Messages may be lost, doubled or late, and this program may be killed: it keeps the last position it
has dealt with and reads the feed from there, so it misses nothing and repeats at most one page.
"""

import asyncio
import json
import os
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


async def main() -> None:
    bus = await nats.connect(BUS, max_reconnect_attempts=-1)
    hint = await bus.subscribe("zhifang.>")
    while True:
        try:
            read_on()
            await hint.next_msg(timeout=10)  # a hint; without one we look every ten seconds
        except (OSError, TimeoutError, nats.errors.TimeoutError):
            await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main())
