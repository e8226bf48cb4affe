"""`python -m workers projector`: run workers in this process until told to stop.

Stops on SIGTERM, and when standard input closes: a worker never outlives whoever started it.
"""

from __future__ import annotations

import signal
import sys
from threading import Event, Thread

from projections.county import Settings, database, opened
from workers import projector

WORKERS = {"projector": projector.run}


def main(names: list[str]) -> int:
    unknown = set(names) - WORKERS.keys()
    if unknown or not names:
        known = "、".join(WORKERS)
        sys.stderr.write(f"没有后台任务 {unknown or ''}；可选：{known} / choose from: {known}\n")
        return 2
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us.
    Thread(target=_stop_when_left, args=(stop,), daemon=True).start()
    settings = Settings()
    with database(settings) as urls, opened(settings, urls) as county:
        for name in names:
            WORKERS[name](county.engine, stop)
    return 0


def _stop_when_left(stop: Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
