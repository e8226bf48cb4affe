"""Scenarios 情景: dated acts and, at chosen days, exactly what each unit must then owe.

A file is played through the ordinary command path with a clock set by hand, in a schema of its
own whose first event says *simulated*. Its format (`written.py`) is described for its writers in
`docs/scenarios.md`.
"""

from api.scenario.player import Player
from api.scenario.written import (
    Result,
    Scenario,
    ScenarioError,
    Step,
    read,
    recorded_at,
    recorded_day,
    resolved,
)

__all__ = [
    "Player",
    "Result",
    "Scenario",
    "ScenarioError",
    "Step",
    "read",
    "recorded_at",
    "recorded_day",
    "resolved",
]
