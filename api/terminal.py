"""What every command of the terminal shares: where it speaks, how it fails, whom it asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from domain.reference import STREAM
from eventstore.codec import canonical, plain
from projections.county import County, Settings, database, opened

out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

AsOf = Annotated[str | None, typer.Option(help="截至：日志位置或时刻 / a position or a moment")]
Json = Annotated[bool, typer.Option("--json", help="机器可读输出 / machine-readable")]


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with exit code 1."""
    err.print(message, markup=False, highlight=False)
    raise SystemExit(1)


@contextmanager
def county() -> Iterator[County]:
    """The county of the settings, its read models caught up."""
    settings = Settings()
    with database(settings) as urls, opened(settings, urls) as found:
        found.engine.catch_up()
        say_if_simulated(found)
        yield found


def say_if_simulated(county: County) -> None:
    """A simulated log is called so wherever it is shown."""
    simulated = county.log.fold(STREAM).state.simulated
    if simulated:
        err.print(f"[yellow]模拟日志：{simulated} / a simulated log, synthetic data[/yellow]")


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error; call what it yields with (done, of)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def show(value: Any, as_json: bool, table: Callable[[], Table | str]) -> None:
    """The value for a machine, or its table for a person."""
    if as_json:
        sys.stdout.write(canonical(plain(value)).decode() + "\n")
    else:
        out.print(table())
