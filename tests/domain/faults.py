"""Seeded faults: the domain broken on purpose, one line at a time, and the test that notices.

`python -m tests.domain.faults` breaks the domain in each of these ways and shows which named test
or invariant kills the fault; it fails if one survives. A test that stays green under the fault it
is named for checks nothing.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from types import FunctionType
from typing import Any

from tests.domain.invariants import INVARIANTS, REPEATABLE, Judge
from tests.domain.seeded import FAULTS, Fault
from tests.domain.world import World

STORIES, STEPS = 60, 40  # how many chance stories an invariant is asked about, how long each


@contextmanager
def broken(fault: Fault) -> Iterator[None]:
    """The domain with this one line wrong, wherever the function was imported to."""
    function = fault.of
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function)).removeprefix("@property\n")
    assert source.count(fault.old) == 1, f"{function.__qualname__}: {fault.old!r} is not there once"
    # The annotations stay words, so that names imported for typing alone are not looked for.
    source = "from __future__ import annotations\n" + source.replace(fault.old, fault.new)
    made: dict[str, Any] = {}
    exec(compile(source, f"<{function.__qualname__}>", "exec"), function.__globals__, made)
    right, function.__code__ = function.__code__, made[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = right


def notices(killer: str, stories: int = STORIES) -> bool:
    """Whether the named test fails, or a story is found that breaks the named invariant."""
    if killer in INVARIANTS:
        return any(_fails(_story, killer, seed) for seed in range(stories))
    module, _, name = killer.partition(".")
    test = getattr(importlib.import_module(f"tests.domain.{module}"), name)
    return any(_fails(run) for run in _each(test))


def _each(test: Callable[..., None]) -> Iterator[Callable[[], None]]:
    """The test once for each of its parameters, where it has any."""
    rows = [m.args[1] for m in getattr(test, "pytestmark", []) if m.name == "parametrize"]
    for row in rows[0] if rows else [()]:
        yield partial(test, *(row if isinstance(row, tuple) else (row,)))


def _fails(run: Callable[..., None], *given: Any) -> bool:
    try:
        run(*given)
    except Exception:
        return True
    except BaseException as failed:  # pytest.fail is not an Exception
        if isinstance(failed, KeyboardInterrupt | SystemExit):
            raise
        return True
    return False


def _story(invariant: str, seed: int) -> None:
    judge, chance = Judge((invariant,)), Random(seed)
    world = World(judge=judge)
    for _ in range(STEPS):
        world.step(chance)
        judge.now(world)
    judge.end(world)


PAGE = """# 不变式与种下的差错 Invariants and seeded faults

<!-- 由 `python -m tests.domain.faults --page` 生成，测试核对；不要手改。 -->

## 不变式 Invariants

无论谁在哪一天对哪种案件做什么，下列各条都成立。`tests/domain/test_machine.py` 让 Hypothesis
在所有案件种类上随机办案来找反例；`ZHIFANG_LONG=1` 找得更久。函数在 `tests/domain/invariants.py`。

| 名称 Name | 内容 | What holds |
|---|---|---|
{invariants}

## 可重复的命令 Commands that may be repeated

其他命令再来一次都被驳回，或不增加事实。

| 命令 Command | 为何 Why |
|---|---|
{repeatable}

## 种下的差错 Seeded faults

每次改坏一行领域代码，须被指名的测试或不变式发现：`python -m tests.domain.faults` 逐一试过并计时，
有一个没被发现就失败。

| 差错 Fault | 改坏之处 | 哪个函数 Where | 由谁发现 Killed by |
|---|---|---|---|
{faults}
"""


def page() -> str:
    """docs/invariants.md, from the two lists."""
    return PAGE.format(
        invariants="\n".join(f"| `{i.name}` | {i.zh} | {i.en} |" for i in INVARIANTS.values()),
        repeatable="\n".join(f"| `{name}` | {why} |" for name, why in REPEATABLE.items()),
        faults="\n".join(
            f"| {name} | {f.zh} | `{f.of.__module__}.{f.of.__qualname__}` | `{f.killer}` |"
            for name, f in FAULTS.items()
        ),
    )


def main() -> int:
    """Print the table; 1 if a fault survives."""
    if "--page" in sys.argv:
        sys.stdout.write(page())
        return 0
    warnings.simplefilter("ignore")
    survivors = 0
    for name, fault in FAULTS.items():
        began = time.monotonic()
        right = not notices(fault.killer, 3)
        with broken(fault):
            killed = notices(fault.killer)
        took = time.monotonic() - began
        outcome = fault.killer if killed and right else "SURVIVES" if right else "RED WHEN WHOLE"
        survivors += outcome != fault.killer
        sys.stdout.write(f"{name:40}{outcome:90}{took:.2f} s\n")
    sys.stdout.write(f"{len(FAULTS)} faults, {survivors} survive\n")
    return min(survivors, 1)


if __name__ == "__main__":
    sys.exit(main())
