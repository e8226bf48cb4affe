"""Corrections 更正 and changes of reference: how facts and their dates are put right.

Nothing is ever edited. A correction is a new event citing the old one; both are kept, and the
case is folded as if the right value had stood from the start.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.decider import Context, Decision, Refused, command
from domain.events import Moment, Recorded, event, shown, type_of
from domain.sealing import Sealed, SealedText


@dataclass(frozen=True)
class Change:
    """One field of a fact put right; values as they stand in JSON."""

    field: str
    old: Any
    new: Any


FIELDS = {
    "result": "结论",
    "disease": "病名",
    "stage": "期别",
    "hazard": "危害因素",
    "certificate": "证书编号",
    "employer": "用人单位",
    "institution": "诊断机构",
    "locality": "受理地",
    "received_on": "收到日",
}
"""How the fields most often put right are called; another goes by its own name."""


@event("case.fact_corrected", "更正第{target}版事实：{what}；理由：{reason}")
class FactCorrected:
    """A fact of this case was recorded wrongly and is put right 更正."""

    target: int  # the version of the fact put right
    target_type: str
    changes: tuple[Change, ...]
    sealed: Mapping[str, SealedText]
    subject: str | None
    occurred_on: date | None  # the day the fact really happened, where that was wrong
    occurred_before: date | None
    reason: str

    @property
    def what(self) -> str:
        """What was put right, in words; of a sealed field only that it was."""
        told = [
            f"{FIELDS.get(c.field, c.field)}由“{shown(c.old)}”改为“{shown(c.new)}”"
            for c in self.changes
        ]
        if self.occurred_on:
            told.append(f"发生日由{shown(self.occurred_before)}改为{self.occurred_on}")
        told += ["密封内容有更正"] if self.sealed else []
        return "，".join(told)


@dataclass(frozen=True)
class Moved:
    """A task's legal day before and after a newly adopted law or calendar."""

    task: str
    before: date | None
    after: date | None

    def __str__(self) -> str:
        return f"{shown(self.before)} 改为 {shown(self.after)}"


@event("case.reference_applied", "适用新采用的法规版次或日历，重算期限：{moved}")
class ReferenceApplied:
    """The newly adopted law and calendar were applied to this case's open tasks."""

    moved: tuple[Moved, ...]


@command("case.correct", "更正")
class CorrectFact:
    """Puts a recorded fact right; dates that rest on it are worked out anew."""

    version: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, SealedText] = field(default_factory=dict)
    occurred_on: date | None = None
    reason: str


@command("case.apply_reference", "适用新版法规与日历", by=("system",))
class ApplyReference:
    """Works out the open tasks' dates under the law and calendar now in force."""


def correct(given: CorrectFact, context: Context) -> Decision:
    """Decide a correction. Raises Refused when the fact, a field or a value does not fit."""
    if not given.reason.strip():
        raise Refused("reason-missing", "更正须说明理由", "A correction must give its reason")
    fact = context.fold.fact(given.version)
    if fact is None or fact.envelope.type.startswith(("task.", "case.")):
        zh = f"本案没有可更正的第{given.version}版事实；事项操作请以相反的操作纠正"
        raise Refused("no-such-fact", zh, f"No correctable fact at version {given.version}")
    if given.occurred_on and given.occurred_on > context.today:
        raise Refused("future", "事实发生日不得晚于今日", "A fact cannot have happened after today")
    if not (given.changes or given.sealed or given.occurred_on):
        raise Refused("nothing-changed", "未写明要更正的内容", "Nothing to correct was given")
    _check_sealed(fact, given.sealed)
    changes = tuple(_change(fact.event, name, value) for name, value in given.changes.items())
    correction = FactCorrected(
        target=given.version,
        target_type=fact.envelope.type,
        changes=changes,
        sealed=given.sealed,
        subject=getattr(fact.event, "subject", None) if given.sealed else None,
        occurred_on=given.occurred_on,
        occurred_before=fact.envelope.occurred.day if given.occurred_on else None,
        reason=given.reason,
    )
    if corrected(fact, correction) == fact:
        zh = "更正的内容与现有记录相同"
        raise Refused("nothing-changed", zh, "The record already says so")
    return (correction,)


def apply_reference(given: ApplyReference, context: Context) -> Decision:
    """Recompute the open tasks; no event where nothing moves, so repeating it changes nothing."""
    moved = []
    tasks = context.fold.under(context.reference).tasks
    for task in context.fold.open_tasks():
        after = tasks[task.id]
        if after.due != task.due or after.rule != task.rule:
            before = task.due.legal if task.due else None
            moved.append(Moved(task.id, before, after.due.legal if after.due else None))
    return (ReferenceApplied(moved=tuple(moved)),) if moved else ()


def _check_sealed(fact: Recorded, given: Mapping[str, SealedText]) -> None:
    for name in given:
        if not _is_sealed(fact.event, name):
            raise Refused("not-sealed", f"{name} 不是密封字段", f"{name} is not a sealed field")


def _is_sealed(fact: Any, name: str) -> bool:
    """Whether a field of the fact is a sealed one, empty or not."""
    hint = get_type_hints(type(fact)).get(name)
    return Sealed in get_args(hint) or hint is Sealed


def _change(fact: Any, name: str, value: Any) -> Change:
    known = {f.name for f in fields(fact) if not _is_sealed(fact, f.name)}
    old = getattr(fact, name, None)
    if name not in known:
        allowed = "、".join(sorted(known))
        zh = f"{type_of(fact).name} 没有可直接更正的字段 {name}；可更正：{allowed}"
        raise Refused("no-such-field", zh, f"No correctable field {name}")
    return Change(name, _json(old), value)


def corrected(fact: Recorded, correction: FactCorrected) -> Recorded:
    """The fact with the correction applied. Raises Refused for a value of the wrong type."""
    hints = get_type_hints(type(fact.event))
    changes = (c for c in correction.changes if c.field in hints)
    values: dict[str, Any] = {c.field: _typed(hints[c.field], c) for c in changes}
    envelope = fact.envelope
    if correction.occurred_on:
        envelope = replace(envelope, occurred=Moment.on(correction.occurred_on))
    return Recorded(envelope, replace(fact.event, **values, **correction.sealed))


def _json(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return [_json(item) for item in value]
        case _:
            return value


def _typed(hint: Any, change: Change) -> Any:
    """A JSON value as the field's type wants it."""
    try:
        return _convert(hint, change.new)
    except (TypeError, ValueError):
        zh = f"字段 {change.field} 的值 {change.new!r} 格式不对"
        raise Refused("bad-value", zh, f"Value of {change.field} has the wrong form") from None


def _convert(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(hint):
            return None
        return _convert(next(a for a in get_args(hint) if a is not type(None)), value)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise TypeError
        return tuple(_convert(get_args(hint)[0], item) for item in value)
    if hint is date:
        return value if isinstance(value, date) else date.fromisoformat(value)
    if str(origin) == "typing.Literal":
        if value not in get_args(hint):
            raise ValueError
        return value
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise TypeError
    return value
