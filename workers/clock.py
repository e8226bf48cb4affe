"""The clock 时钟: what falls due by the passing of time becomes a command, once.

Reminders before and at the safe day, supervision after the legal day, the opening of a period. Each
command's id follows from what it is about, so doing it twice does nothing the second time, and
after a stop the clock gives what it owes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import sqlalchemy as sa
import structlog

from domain.acts import CLOCK, EscalateTask, RemindTask
from domain.cases import due_openings
from domain.decider import Refused
from domain.events import Moment, shanghai_day
from domain.tasks import Summary
from eventstore.application import Order
from eventstore.schema import commands
from projections import tasks
from projections.county import County
from workers.keeping import Keeper

NAME = "clock"
PAUSE = 20.0
AHEAD = timedelta(days=60)  # no rule reminds earlier
AT_ONCE = 200

logger = structlog.get_logger("zhifang.clock")


def run(county: County, stop: Event) -> None:
    """Give what is due until told to stop."""

    def step() -> bool:
        return give_due(county) > 0

    Keeper(county.projector, NAME).keep(step, stop, PAUSE)


def give_due(county: County) -> int:
    """Give the commands that are due and were not given before; returns how many."""
    now = county.log.clock.now()
    with county.reading.view(now) as view:
        pressing = tasks.pressing(
            view.connection, view.into, view.asked.position, shanghai_day(now) + AHEAD
        )
    owed = [order for task in pressing for order in _pressed(task, county)]
    for opening in due_openings(shanghai_day(now), county.log.reference_in_force().edition):
        owed.append(_order(opening.command, opening.id, None, Moment.on(opening.day)))
    new = _not_yet_given(county, owed)[:AT_ONCE]
    for order in new:
        try:
            county.log.execute(order)
        except Refused as refused:
            # It was closed or moved a moment ago: the next look tells what is due then.
            logger.info("refused", command=order.id, code=refused.code)
    return len(new)


def _pressed(task: Summary, county: County) -> Iterator[Order]:
    """What the state of a task's clock asks for. An id names the day it is about: a day moved
    by extension or suspension is pressed anew.
    """
    at, legal = county.log.clock.now(), task.legal
    match task.standing(at):
        case "overdue":
            yield _order(EscalateTask(task=task.id), f"clock:{task.id}:legal:{legal}", task.case)
        case "near" if task.safe is not None and shanghai_day(at) >= task.safe:
            given = RemindTask(task=task.id, stage="stage_safe")
            yield _order(given, f"clock:{task.id}:safe:{task.safe}", task.case)
        case "near":
            given = RemindTask(task=task.id, stage="stage_near")
            yield _order(given, f"clock:{task.id}:near:{task.safe}", task.case)


def _order(command: object, id: str, case: str | None, occurred: Moment | None = None) -> Order:
    return Order(
        command=command,
        id=id,
        actor=CLOCK,
        recorder="clock",
        occurred=occurred,
        case=case,
        source="system",
    )


def _not_yet_given(county: County, orders: list[Order]) -> list[Order]:
    wanted = sa.select(commands.c.id).where(commands.c.id.in_([order.id for order in orders]))
    with county.app.connect() as connection:
        given = set(connection.execute(wanted).scalars())
    return [order for order in orders if order.id not in given]
