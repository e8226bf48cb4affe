"""The projector 投影: follows the log and keeps the read models. One loop, restartable at will."""

from __future__ import annotations

from threading import Event

import sqlalchemy as sa

from projections.engine import Engine

PAUSE = 0.05


def run(engine: Engine, stop: Event) -> None:
    """Catch up until told to stop. A lost database is waited for, not given up on."""
    while not stop.is_set():
        try:
            engine.catch_up()
            stop.wait(PAUSE)
        except sa.exc.OperationalError:
            stop.wait(1)
