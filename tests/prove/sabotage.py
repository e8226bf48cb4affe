"""Starts the API or the workers, with a deliberate fault where one is named: the controls.

`python -m tests.prove.sabotage FAULT api|workers`. Each fault must turn one check red; a check that
stays green under its fault checks nothing.
"""

from __future__ import annotations

import itertools
import sys
import uuid
from collections.abc import Callable
from typing import Any

from api import access, cli
from eventstore.application import Log, Order, Receipt
from projections import outward, tasks
from workers import __main__ as workers
from workers import notifier, relay

_count = itertools.count(1)


def acknowledges_early() -> None:
    """Now and then a command is answered before it is committed, and never is."""
    execute = Log.execute

    def early(self: Log, order: Order) -> Receipt:
        if next(_count) % 40 == 0 and order.case:
            return Receipt(order.id, order.case, None, 1, ())
        return execute(self, order)

    Log.execute = early  # type: ignore[method-assign]


def forgets_command_ids() -> None:
    """A command sent again is carried out again."""
    commanding = access.Commanding

    def forgetting(**given: Any) -> access.Commanding:
        return commanding(**{**given, "command_id": str(uuid.uuid4())})

    access.Commanding = forgetting  # type: ignore[misc,assignment]


def skips_in_the_stream() -> None:
    """The relay leaves a position out and numbers on."""

    async def careless(self: relay.Stream, row: dict[str, Any]) -> None:
        if row["position"] % 50:
            subject = f"zhifang.{self.schema}.{row['type']}"
            await self.context.publish(subject, relay.message(self.schema, row))

    relay.Stream._one = careless  # type: ignore[method-assign]


def says_sent_without_sending() -> None:
    """The notifier notes some deliveries as made that never were."""
    post = notifier._post

    def silent(hook: Any, source: str, notice: Any) -> None:
        if next(_count) % 10:
            post(hook, source, notice)

    notifier._post = silent


def loses_a_row() -> None:
    """The projector moves on past an event whose tasks it did not write."""
    note = tasks.Changes.note

    def careless(self: tasks.Changes, before: Any, after: Any) -> None:
        if after.position % 30:
            note(self, before, after)

    tasks.Changes.note = careless  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    "acknowledges-early": acknowledges_early,
    "forgets-command-ids": forgets_command_ids,
    "skips-in-the-stream": skips_in_the_stream,
    "says-sent-without-sending": says_sent_without_sending,
    "loses-a-row": loses_a_row,
}


def main(fault: str, role: str) -> int:
    if fault:
        FAULTS[fault]()
    if role == "workers":
        return workers.main(list(outward.WORKERS))
    sys.argv = ["zhifang", "serve", "--no-workers"]
    cli.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
