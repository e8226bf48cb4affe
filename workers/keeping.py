"""Keeping a worker at its work: one holder at a time, through lost databases, until told to stop.

The lease spares idle doubles. That two of a kind never double an effect rests on the effect itself:
a command id, an expected sequence, a claimed row.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from threading import Event

import psycopg
import sqlalchemy as sa
import structlog

from projections import outward

LEASE_SECONDS, RENEW_SECONDS = 6.0, 2.0
LOST_SECONDS = 1.0

logger = structlog.get_logger("zhifang.workers")

LOST = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, psycopg.Error)
"""What a lost database raises: waited for, not given up on."""


class Keeper:
    """Does a worker's step again and again while it holds the lease."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.engine, self.name = engine, name
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._until = 0.0  # when to look again, by the clock of this process

    def held(self) -> bool:
        """Take or renew the lease; asks the database every two seconds at most."""
        if time.monotonic() < self._until:
            return True
        with self.engine.begin() as connection:
            held = outward.take_lease(connection, self.name, self.holder, LEASE_SECONDS)
        self._until = time.monotonic() + RENEW_SECONDS if held else 0.0
        return held

    def keep(
        self, step: Callable[[], bool], stop: Event, pause: float, *, alone: bool = True
    ) -> None:
        """Call `step` until told to stop; after one that found nothing to do, wait `pause`.

        Not `alone`: the lease only shows that somebody is at work; all may work at once.
        """
        next_step = 0.0
        while not stop.is_set():
            busy, now = False, time.monotonic()
            try:
                # The lease is renewed through a long pause, too: somebody is at work.
                held = self.held()
                if now >= next_step and (held or not alone):
                    busy = step()
                    next_step = now + pause
            except LOST as error:
                logger.warning("database lost", worker=self.name, error=type(error).__name__)
                stop.wait(LOST_SECONDS)
                continue
            except Exception:
                # One bad step must not end the worker: it is told, and tried again.
                logger.exception("step failed", worker=self.name)
                stop.wait(LOST_SECONDS)
                continue
            if busy:
                next_step = 0.0
            else:
                stop.wait(min(pause, RENEW_SECONDS))
        with suppress(*LOST), self.engine.begin() as connection:
            outward.give_back(connection, self.name, self.holder)
