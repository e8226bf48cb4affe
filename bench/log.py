"""How fast commands commit and read models rebuild: `python -m bench.log`. Ratios matter.

On a durable embedded server (fsync on). Prints commands a second with one and with eight writers,
and events a second folded into the read tables one at a time and in batches of a thousand.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api import law
from domain.cases.diagnosis import OpenByApplication
from eventstore import embedded
from eventstore.application import Log, Order
from eventstore.clock import SystemClock
from eventstore.keys import KeyFile, Keyring
from eventstore.schema import connect, migrate
from projections.engine import Engine

COMMANDS = 800


def order(number: int) -> Order:
    subject = f"S-{number}"
    command = OpenByApplication(
        subject=subject,
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="矽尘",
        locality="employer_seat",
    )
    return Order(command=command, id=f"c{number}", actor=f"worker:{subject}", recorder="bench")


def main() -> None:
    var = Path(tempfile.mkdtemp())
    with embedded.running(var) as server:
        admin, app = connect(server.owner_url), connect(server.app_url)
        projector = connect(server.projector_url)
        migrate(admin)
        log = Log(app, Keyring(app, KeyFile.new()), SystemClock())
        law.adopt(log, law.files(), title="bench", recorder="bench")
        one = _rate(log, range(COMMANDS), writers=1)
        eight = _rate(log, range(COMMANDS, 2 * COMMANDS), writers=8)
        _say(f"commands/s: 1 writer {one:.0f}, 8 writers {eight:.0f} (ratio {eight / one:.2f})")
        engine = Engine(projector, log)
        engine.catch_up()
        singly, batched = (_rebuilt(engine, log, batch) for batch in (1, 1_000))
        ratio = batched / singly
        _say(f"events/s rebuilt: singly {singly:.0f}, by 1,000 {batched:.0f} (ratio {ratio:.1f})")
        for engine_of_role in (admin, app, projector):
            engine_of_role.dispose()
    embedded.remove(var)


def _rate(log: Log, numbers: range, writers: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda number: log.execute(order(number)), numbers))
    return len(numbers) / (time.perf_counter() - started)


def _rebuilt(engine: Engine, log: Log, batch: int) -> float:
    started = time.perf_counter()
    engine.rebuild(batch)
    return (log.recorder.max_notification_id() or 0) / (time.perf_counter() - started)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
