"""An example body for every command: from the shipped scenarios, else made from its schema."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from api import demo, scenario
from domain.decider import CommandType


def of(kind: CommandType, model: type[BaseModel]) -> dict[str, Any]:
    """A body that fits `model`, with synthetic values."""
    schema = model.model_json_schema()
    told = _played().get(kind.name, {})
    needed = schema.get("required", [])
    made = {name: _made(schema["properties"][name], schema) for name in needed}
    played = {name: value for name, value in told.items() if name in schema["properties"]}
    both = {**made, **played}
    return {name: _as_sent(value, schema["properties"][name]) for name, value in both.items()}


@cache
def _played() -> dict[str, dict[str, Any]]:
    """What the first scenario that gives a command gave with it."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(demo.SCENARIOS.glob("*.yaml")):
        told = scenario.read(path)
        letters = {step.letter: "安人社职受〔2026〕1号" for step in told.story if step.letter}
        named = {**told.cast, **letters}
        for step in told.story:
            if step.do and step.do not in found and not step.refused:
                given = scenario.resolved(step.with_, named)
                kept = {name: v for name, v in given.items() if not name.startswith("case_")}
                found[step.do] = kept
    return found


def _as_sent(value: Any, schema: dict[str, Any]) -> Any:
    sealed = "SealedInput" in str(schema)
    if sealed and isinstance(value, str):
        return {"seal": value}
    if sealed and isinstance(value, dict) and "seal" not in value:
        return {name: _as_sent(item, schema) for name, item in value.items()}
    return value if isinstance(value, (int, bool, list, dict)) else str(value)


def _made(part: dict[str, Any], whole: dict[str, Any]) -> Any:
    """The simplest value of a schema."""
    if "$ref" in part:
        return _made(whole["$defs"][part["$ref"].rsplit("/", 1)[1]], whole)
    match part:
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"anyOf": [first, *_]}:
            return _made(first, whole)
        case {"type": "object"}:
            return {name: _made(p, whole) for name, p in part.get("properties", {}).items()}
        case {"type": "array"}:
            return [_made(part.get("items", {"type": "string"}), whole)]
        case {"type": "integer"}:
            return 1
        case {"type": "boolean"}:
            return True
        case {"format": "date"}:
            return "2026-03-18"
        case {"format": "date-time"}:
            return "2026-03-18T14:20:00+08:00"
        case _:
            return "合成示例"
