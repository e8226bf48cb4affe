"""The projector 投影: follows the log and keeps the read models."""

from __future__ import annotations

from threading import Event

from projections.county import County
from workers.keeping import Keeper

NAME = "projector"
PAUSE = 0.05


def run(county: County, stop: Event) -> None:
    """Catch up until told to stop. Several take turns at the pointer's lock, event by event."""

    def step() -> bool:
        county.engine.catch_up()
        return False

    Keeper(county.projector, NAME).keep(step, stop, PAUSE, alone=False)
