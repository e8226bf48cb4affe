"""How fast a demo county loads: `python -m bench.demo [employers ...]`. Ratios matter.

Each line: a county of so many employers over three years, on a durable embedded server (fsync
on); events a second with one command to a commit and with 500, events a second folded into the
read tables, and the memory the process came to.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

from api import demo
from domain.events import SHANGHAI
from eventstore import embedded
from eventstore.clock import InjectedClock
from eventstore.loading import BATCH
from projections.county import Settings, Urls, opened

TODAY = date(2026, 11, 24)
ONE_BY_ONE = 25  # employers for which loading with one command to a commit is tried too


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or [ONE_BY_ONE, demo.EMPLOYERS]
    for employers in sizes:
        shared = _loaded(employers, BATCH)
        if employers == ONE_BY_ONE:
            singly = _loaded(employers, 1)
            _say(f"events/s written: singly {singly[1]:.0f}, by 500 {shared[1]:.0f}"
                 f" (ratio {shared[1] / singly[1]:.1f})")  # fmt: skip
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        _say(f"{employers} employers: {shared[0]} events; written {shared[1]:.0f}/s,"
             f" projected {shared[2]:.0f}/s, both {shared[3]:.0f}/s; {memory} MB")  # fmt: skip


def _loaded(employers: int, batch: int) -> tuple[int, float, float, float]:
    """Events, and the rates of writing, of projecting and of both."""
    var = Path(tempfile.mkdtemp())
    clock = InjectedClock(datetime(2000, 1, 1, tzinfo=SHANGHAI))
    with embedded.running(var) as server:
        urls = Urls(server.app_url, server.projector_url, server.owner_url)
        with opened(Settings(var=var), urls, clock=clock) as county:
            begun = time.perf_counter()
            plan = demo.Plan(employers=employers, today=TODAY)
            demo.played(county, clock, plan, lambda done, of: None, batch)
            written = time.perf_counter()
            events = county.engine.catch_up()
            done = time.perf_counter()
    embedded.remove(var)
    return events, events / (written - begun), events / (done - written), events / (done - begun)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
