"""`python -m workers projector relay …`: run workers in this process until told to stop.

Stops on SIGTERM, and when standard input is a pipe that closes: a worker never outlives whoever
started it.
`--check` tells whether somebody does the work of each: 0 yes, 1 no.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from threading import Event, Thread

from projections import outward
from projections.county import County, Settings, database, opened
from projections.logs import configure
from workers import bus, clock, notifier, projector, relay
from workers.notifier import ChannelsError


def main(names: list[str]) -> int:
    checking = "--check" in names
    names = [name for name in names if name != "--check"] or (
        list(outward.WORKERS) if checking else []
    )
    unknown = set(names) - set(outward.WORKERS)
    if unknown or not names:
        known = "、".join(outward.WORKERS)
        sys.stderr.write(f"没有后台任务 {unknown or ''}；可选：{known} / choose from: {known}\n")
        return 2
    settings = Settings()
    with database(settings) as urls, opened(settings, urls) as county:
        if checking:
            return _checked(county, names)
        return _run(county, names)


def _checked(county: County, names: list[str]) -> int:
    idle = outward.stale(county.app, names)
    if idle:
        sys.stderr.write(f"无人在做 / nobody does: {'、'.join(idle)}\n")
    return 1 if idle else 0


def _run(county: County, names: list[str]) -> int:
    configure()
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us.
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        Thread(target=_stop_when_left, args=(stop,), daemon=True).start()
    with ExitStack() as stack:
        try:
            running: dict[str, Callable[[County, Event], None]] = {
                projector.NAME: projector.run,
                clock.NAME: clock.run,
            }
            if relay.NAME in names:
                found = stack.enter_context(bus.opened(county.settings))
                if not county.settings.nats_url:  # our own may be at any port; another's is known
                    sys.stdout.write(f"消息总线 / bus: {found.servers[0]}\n")
                    sys.stdout.flush()
                running[relay.NAME] = partial(relay.run, bus=found)
            if notifier.NAME in names:
                channels = notifier.channels(county.settings)
                running[notifier.NAME] = partial(notifier.run, channels=channels)
        except (bus.BusError, ChannelsError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        threads = [Thread(target=running[name], args=(county, stop)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return 0


def _stop_when_left(stop: Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
