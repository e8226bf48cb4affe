"""What must hold whatever is done: every invariant by name, with its sentence.

Each function raises AssertionError for what must not be. `@told` is asked about every event,
`@given` about every command carried out, `@refusal` about every refusal, `@standing` about the
county now and then, `@ended` about a whole story. docs/invariants.md is made from this list.
"""

from __future__ import annotations

from tests.domain.invariants import clocks, kinds, stories, tasks
from tests.domain.invariants.asking import INVARIANTS, Invariant, Judge
from tests.domain.invariants.commands import REPEATABLE

__all__ = ["INVARIANTS", "REPEATABLE", "Invariant", "Judge", "clocks", "kinds", "stories", "tasks"]
