"""`python -m tests.prove`: kills under load, then every check; a report on standard output.

`--kills` and `--commands` say how much at least; the defaults take about five minutes on two cores.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.prove import checks, system
from tests.prove.load import Account, Client
from tests.prove.system import System

CLIENTS = 12
STALLED_SECONDS = 90
TARGETS = {
    "api": 3,
    "workers-1": 4,
    "workers-2": 4,
    "nats": 2,
    "bus-folder": 1,
    "database": 2,
    "database-restart": 1,
}
"""What is killed, and how often relative to the others."""


@dataclass
class Report:
    """What was done and what was found."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    repeats: int = 0
    found: dict[str, list[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not any(self.found.values())

    def lines(self) -> list[str]:
        told = [
            f"kills: {self.kills.total()} ({', '.join(f'{k} {v}' for k, v in self.kills.items())})",
            f"acknowledged commands: {self.acknowledged} in {self.seconds:.0f} s",
            f"answers: {', '.join(f'{k} x {v}' for k, v in sorted(self.answers.items()))}"
            " (0: none came, the command was sent again)",
            f"notices delivered more than once, under the same id: {self.repeats}",
        ]
        for name, wrong in self.found.items():
            told.append(f"{'FAILED' if wrong else 'holds'}: {name.replace('_', ' ')}")
            told += [f"    {line}" for line in wrong[:5]]
        return told


def prove(
    var: Path, kills: int, commands: int, seed: int, sabotage: str = "", pause: float = 1.5
) -> Report:
    """Run the system under load and kills until both counts are reached, then check it."""
    report, account, stop = Report(), Account(), threading.Event()
    chance = random.Random(seed)
    with system.running(var, sabotage) as whole:
        clients = [
            Client(f"client-{number}", whole.port, account, stop) for number in range(CLIENTS)
        ]
        begun = time.monotonic()
        for client in clients:
            client.start()
        order = _order(kills, chance)
        moved, seen, struck = time.monotonic(), 0, 0
        while order or len(account.receipts) < commands or _too_gentle(kills, account):
            time.sleep(pause * chance.uniform(0.3, 1.7))
            whole.tend()
            if len(account.receipts) > seen:
                moved, seen = time.monotonic(), len(account.receipts)
            if time.monotonic() - moved > STALLED_SECONDS:
                raise AssertionError("nothing was acknowledged any more: it did not resume")
            if order:
                target = order.pop()
                _strike(whole, target)
                report.kills[target] += 1
                struck = len(account.receipts)
            elif len(account.receipts) > struck and _too_gentle(kills, account):
                order = ["api"]
        report.seconds = time.monotonic() - begun
        stop.set()
        for client in clients:
            client.join(timeout=30)
        report.acknowledged, report.answers = len(account.receipts), account.told
        report.found = checks.all_found(whole, account)
        report.repeats = sum(count > 1 for count in whole.heard.told.values())
    return report


def _too_gentle(kills: int, account: Account) -> bool:
    """No kill has met a command on its way: all the clients happened to wait for a page."""
    return kills > 0 and not account.told["0"] + account.told["503"]


def _order(kills: int, chance: random.Random) -> list[str]:
    """Which is killed when: everything at least once where there are enough kills."""
    names = [name for name, weight in TARGETS.items() for _ in range(weight)]
    order = list(TARGETS)[:kills]
    order += chance.choices(names, k=max(0, kills - len(order)))
    chance.shuffle(order)
    return order


def _strike(whole: System, target: str) -> None:
    match target:
        case "bus-folder":
            whole.delete_bus_folder()
        case "database":
            whole.kill_database()
        case "database-restart":
            whole.restart_database()
        case _:
            whole.kill(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=64)
    parser.add_argument("--commands", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20260101)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = prove(Path(folder) / "var", given.kills, given.commands, given.seed)
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
