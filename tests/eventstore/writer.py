"""A writing process for the tests that need real ones: `python -m tests.eventstore.writer`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from domain.cases.diagnosis import OpenByApplication
from domain.events import Moment
from domain.sealing import Secret
from eventstore.application import Log, Order
from eventstore.clock import SystemClock
from eventstore.keys import KeyFile, Keyring
from eventstore.schema import connect


def order(id: str, subject: str) -> Order:
    """An application for diagnosis under a command id of one's choosing."""
    return Order(
        command=OpenByApplication(
            subject=subject,
            institution="institution:DI-01",
            employer="employer:91330523MA000TE131",
            hazard="矽尘",
            locality="employer_seat",
            worker_name=Secret("合成姓名"),
        ),
        id=id,
        actor=f"worker:{subject}",
        recorder="officer-1",
        occurred=Moment(SystemClock().now(), "minute"),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "schema", "keys", "prefix"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--linger", action="store_true", help="wait between commit and answer")
    given = parser.parse_args()
    engine = connect(given.url, given.schema)
    log = Log(engine, Keyring(engine, KeyFile.read(Path(given.keys))), SystemClock())
    for number in range(given.count):
        id = f"{given.prefix}-{number}"
        if given.linger:
            _linger_after_commit(log, id)
        sys.stdout.write(f"sending {id}\n")
        sys.stdout.flush()
        receipt = log.execute(order(id, f"S-{id}"))
        # The answer leaves the process only here: a kill before it makes the command ambiguous.
        sys.stdout.write(f"answered {id} {receipt.position}\n")
        sys.stdout.flush()


def _linger_after_commit(log: Log, id: str) -> None:
    """Hold the answer back once the events are committed, so that a kill falls in between."""
    insert = log.log_recorder.insert_events

    def lingering(*given: Any, **also: Any) -> Any:
        positions = insert(*given, **also)
        sys.stdout.write(f"committed {id}\n")
        sys.stdout.flush()
        time.sleep(60)
        return positions

    log.log_recorder.insert_events = lingering  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
