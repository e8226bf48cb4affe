"""Corrections 更正 and changes of reference: how facts and their dates are put right.

Nothing is ever edited. A correction is a new event citing the old one; both are kept, and the
case is folded as if the right value had stood from the start. A correction is admitted where the
original command, given with the right values on the case as it stood then, would have been; so
a kind's checks stand in one place, its `decide`.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from domain.access import BASIS
from domain.decider import Claim, Context, Correctable, Decision, Refused, Release, command, need
from domain.events import (
    Moment,
    Recorded,
    event,
    field_name,
    fields_added,
    headline,
    shown,
    type_of,
)
from domain.sealing import Sealed, SealedText, Secret
from domain.tasks import Task, called, deadline_of, in_english
from domain.units import LEADING_GROUP, LEADING_GROUP_OFFICE

if TYPE_CHECKING:
    from domain.fold import CaseFold


@dataclass(frozen=True)
class Change:
    """One field of a fact put right; values as they stand in JSON."""

    field: str
    old: Any
    new: Any


UNTOLD = {**BASIS, "tip.received": ("subject", "informant")}
"""Whose values no sentence repeats: the firm would learn that somebody complained of it, and
everybody who did."""
UNTOLD_WORDS = {"inspection.opened": "检查依据有更正", "tip.received": "信访人有更正"}


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

    def what(self, units: Mapping[str, str]) -> str:
        """What was put right, in words; of a sealed field only that it was."""
        changed = [c for c in self.changes if c.old != c.new]
        untold = [c for c in changed if c.field in UNTOLD.get(self.target_type, ())]
        told = [
            f"{field_name(self.target_type, c.field)}由“{shown(c.old, units) or '无'}”"
            f"改为“{shown(c.new, units) or '无'}”"
            for c in changed
            if c not in untold
        ]
        told += [UNTOLD_WORDS[self.target_type]] if untold else []
        if self.occurred_on and self.occurred_on != self.occurred_before:
            told.append(f"发生日由{shown(self.occurred_before, units)}改为{self.occurred_on}")
        told += ["密封内容有更正"] if self.sealed else []
        return "，".join(told) or f"发生日仍为{self.occurred_on}"


@dataclass(frozen=True)
class Moved:
    """A task's legal day before and after a newly adopted law or calendar; none where its clock
    has not started or stands still."""

    task: str
    before: date | None
    after: date | None
    title: str = ""  # since version 2 of the event: what the duty was called

    def __str__(self) -> str:
        named = f"“{self.title}”" if self.title else ""
        if self.before == self.after:
            undated = f"尚无期限日{'' if named else '的'}，以后按新版计算"
            return f"{named}{f'{self.before}不变' if self.before else undated}"
        return f"{named}{self.before or '尚无期限日'}改为{self.after or '尚无期限日'}"


@event("case.reference_applied", "适用新采用的法规版次或日历，重算期限：{what}", version=2)
class ReferenceApplied:
    """The newly adopted law and calendar were applied to this case's open tasks."""

    moved: tuple[Moved, ...]

    def what(self, units: Mapping[str, str]) -> str:
        """What became of the dates, each saying once; most cases keep theirs."""
        return "；".join(dict.fromkeys(map(str, self.moved))) or "各期限日不变"


fields_added("case.reference_applied", 1)  # the duties had no titles


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


NOT_CORRECTED = ("task.", "case.", "letter.issued", "letter.withdrawn", "document.")
"""Acts are undone by acts, letters withdrawn and issued anew, documents replaced."""

ANY_KIND = Correctable(LEADING_GROUP_OFFICE)


def correct(given: CorrectFact, context: Context) -> Decision:
    """Decide a correction. Raises Refused when the fact, a field or a value does not fit, or when
    the kind would not have admitted the right value in the first place."""
    if not given.reason.strip():
        raise Refused("reason-missing", "更正须说明理由", "A correction must give its reason")
    fact = context.fold.fact(given.version)
    if fact is None or fact.envelope.type.startswith(NOT_CORRECTED):
        zh = f"本案没有可更正的第{given.version}版事实；事项操作请以相反的操作纠正，文书请作废重发"
        raise Refused("no-such-fact", zh, f"No correctable fact at version {given.version}")
    _check_who(fact, context)
    undone = _kind(context).undone_by.get(type(fact.event))
    undone = undone(fact.event) if callable(undone) else undone
    if undone and (given.changes or isinstance(fact.event, _kind(context).day_stands)):
        zh = f"这一事实不以更正改变，请办理“{undone}”"
        raise Refused("undone-otherwise", zh, "Not corrected but undone by another act")
    for name in given.changes:
        act = _kind(context).elsewhere.get(type(fact.event), {}).get(name)
        zh = f"{field_name(fact.envelope.type, name)}不以更正改变，请办理“{act}”"
        need(act is None, "undone-otherwise", zh, f"{name} is changed by another act")
    _check_day(fact, given.occurred_on, context)
    if not (given.changes or given.sealed or given.occurred_on):
        raise Refused("nothing-changed", "未写明要更正的内容", "Nothing to correct was given")
    _check_sealed(fact, given.sealed)
    correction = FactCorrected(
        target=given.version,
        target_type=fact.envelope.type,
        changes=tuple(_change(fact.event, name, value) for name, value in given.changes.items()),
        sealed=given.sealed,
        subject=getattr(fact.event, "subject", None) if given.sealed else None,
        occurred_on=given.occurred_on,
        occurred_before=fact.envelope.occurred.day if given.occurred_on else None,
        reason=given.reason,
    )
    if corrected(fact, correction) == fact:
        zh = "更正的内容与现有记录相同"
        raise Refused("nothing-changed", zh, "The record already says so")
    _no_unseen_case(correction, context)
    correction = _as_decided(fact, correction, context)
    later = tuple(_followers(correction, context))
    _kind(context).bears(context.fold, _after((correction, *later), context))
    return (correction, *later, *moved_keys(context.fold, _after((correction,), context)))


def _check_who(fact: Recorded, context: Context) -> None:
    """Who acted puts the fact right, or who supervises it. 谁作出、谁更正。"""
    fair = context.actor not in context.fold.kind.barred(context.fold.state, context.cases)
    zh = "被举报的单位不能更正反映它的举报"
    need(fair, "accused", zh, "The accused unit corrects nothing here")
    version = fact.envelope.version
    above = (LEADING_GROUP,) if _kind(context).supervisor == LEADING_GROUP_OFFICE else ()
    allowed = [fact.envelope.actor, _kind(context).supervisor, *above]
    for task in context.fold.tasks.values():
        touched = {task.opened.version, task.closed.version if task.closed else 0}
        if version in touched and task.supervisor:
            allowed.append(task.supervisor)
    if context.actor not in allowed:
        names = [called(party, context.reference) for party in dict.fromkeys(allowed)]
        zh = f"第{version}版事实由{names[0]}作出，只能由{'或'.join(names)}更正"
        english = " or ".join(in_english(party) for party in dict.fromkeys(allowed))
        raise Refused("wrong-actor", zh, f"Only {english} may correct this fact")


def _check_day(fact: Recorded, day: date | None, context: Context) -> None:
    # It may lie after the day of recording: the posting was entered, and the signing came later.
    if day and day > context.today:
        raise Refused("future", "事实发生日不得晚于今日", "A fact cannot have happened after today")


def _no_unseen_case(correction: FactCorrected, context: Context) -> None:
    """A fact is not turned to another case that nobody looked at: whether it fits is unknown."""
    from domain.cases import CASE_KINDS

    for change in correction.changes:
        said = change.new if isinstance(change.new, str) else ""
        unseen = said.partition("-")[0] in CASE_KINDS and said not in context.cases
        zh = f"更正不能改指另一案件（{said}）；请撤销或者另行办理"
        need(not unseen, "other-case", zh, "A correction does not turn a fact to another case")


def _as_decided(fact: Recorded, correction: FactCorrected, context: Context) -> FactCorrected:
    """The correction with all that follows from it (the catalogue in force, lateness).

    Raises the kind's own refusal where its command, given rightly, would have been refused; one
    that already stands in the way of the fact as it was recorded refuses nothing here.
    """
    right, stood = _known(fact, correction, context), _as_it_stood(fact, context)
    try:
        before = _given_again(fact, stood, correction.reason, context)
    except Refused as standing:
        try:
            _given_again(right, stood, correction.reason, context)
        except Refused as refused:
            if (refused.code, refused.zh) != (standing.code, standing.zh):
                raise
        return correction
    after = _given_again(right, stood, correction.reason, context)
    named = {change.field for change in correction.changes}
    units = context.reference.edition.unit_names
    follows: list[Change] = []
    for was, now in _pairs(fact, before, after):
        for name, value in _open_fields(now):
            if value == getattr(right.event, name):
                continue
            if name in named:
                said = shown(value, units)
                called_it = field_name(fact.envelope.type, name)
                zh = f"{called_it}由其他事实得出，应为“{said}”，不能直接更正"
                en = f"{name} follows from other facts and would be {value}"
                raise Refused("derived", zh, en)
            if value != getattr(was, name):
                follows.append(Change(name, _json(getattr(fact.event, name)), _json(value)))
    return replace(correction, changes=(*correction.changes, *follows))


def _known(fact: Recorded, correction: FactCorrected, context: Context) -> Recorded:
    """The fact put right, as if recorded no sooner than the last of its corrected days."""
    right = corrected(fact, correction)
    told = (getattr(right.event, change.field, None) for change in correction.changes)
    days = [d for d in (correction.occurred_on, *told) if type(d) is date and d <= context.today]
    moments = (right.envelope.recorded_at, *(Moment.on(day).at for day in days))
    return replace(right, envelope=replace(right.envelope, recorded_at=max(moments)))


def _followers(correction: FactCorrected, context: Context) -> Iterator[FactCorrected]:
    """Corrections of what was derived from the fact: what its own command recorded beside it, and
    what later commands of the case worked out from it (a lead, a lateness, a copied day).

    A later act that the corrected history would have refused stands as it was done.
    """
    target = next(f for f, _ in context.fold.facts if f.envelope.version == correction.target)
    right = _known(target, correction, context)
    stood = _as_it_stood(target, context)
    try:
        beside = (
            _given_again(target, stood, correction.reason, context),
            _given_again(right, stood, correction.reason, context),
        )
    except Refused:
        beside = ((), ())
    was = now = stood
    for fact, law in context.fold.facts:
        if fact.envelope.version < correction.target:
            continue
        anew = right if fact is target else fact
        if fact is not target:
            told = beside if fact.envelope.command == target.envelope.command else None
            follower = _derived(fact, told or _both(fact, was, now, context), correction)
            if follower:
                anew = corrected(fact, follower)
                yield follower
        was, now = _stepped(was, fact, law), _stepped(now, anew, law)


def _both(
    fact: Recorded, was: CaseFold, now: CaseFold, context: Context
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What the fact's command records on the history as it was, and as it is put right."""
    try:
        return _given_again(fact, was, "", context), _given_again(fact, now, "", context)
    except Refused:
        return (), ()


def _derived(
    fact: Recorded,
    told: tuple[tuple[Any, ...], tuple[Any, ...]],
    correction: FactCorrected,
) -> FactCorrected | None:
    changes = tuple(
        Change(name, _json(getattr(fact.event, name)), _json(value))
        for was, now in _pairs(fact, *told)
        for name, value in _open_fields(now)
        if value != getattr(was, name) and value != getattr(fact.event, name)
    )
    if not changes:
        return None
    return FactCorrected(
        target=fact.envelope.version,
        target_type=fact.envelope.type,
        changes=changes,
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason=f"随第{correction.target}版事实更正：{correction.reason}",
    )


def _pairs(
    fact: Recorded, before: tuple[Any, ...], after: tuple[Any, ...]
) -> Iterator[tuple[Any, Any]]:
    """The event of the fact's type among both decisions, if both made one."""
    was, now = (
        next((e for e in made if type(e) is type(fact.event)), None) for made in (before, after)
    )
    if was is not None and now is not None:
        yield was, now


def _open_fields(event: Any) -> Iterator[tuple[str, Any]]:
    for f in fields(event):
        if not _is_sealed(event, f.name):
            yield f.name, getattr(event, f.name)


def _as_it_stood(fact: Recorded, context: Context) -> CaseFold:
    """The case as it stood when the fact was recorded."""
    from domain.fold import empty  # folds apply corrections

    fold = empty(context.fold.kind, context.case)
    for earlier, law in context.fold.facts:
        if earlier.envelope.version < fact.envelope.version:
            fold = _stepped(fold, earlier, law)
    return fold


def _stepped(fold: CaseFold, fact: Recorded, law: Any) -> CaseFold:
    from domain.fold import step

    return step(fold, fact, law)


def _given_again(fact: Recorded, stood: CaseFold, reason: str, context: Context) -> tuple[Any, ...]:
    """What the fact's command records if given again on the case as it stood; nothing where the
    kind names no command. A command that wants a reason the fact does not hold takes `reason`.
    """
    from domain.cases import CASE_KINDS, decide  # the kinds are built on this module

    command = _kind(context).commands.get(type(fact.event))
    if command is None:
        return ()
    envelope, said = fact.envelope, fact.event
    given = _from_fields(command, said, reason) if isinstance(command, type) else command(fact)
    if given is None:
        return ()
    reference = next(law for f, law in context.fold.facts if f.envelope.version == envelope.version)
    then = replace(
        context,
        now=envelope.recorded_at,
        occurred=envelope.occurred,
        actor=getattr(said, "reporter", getattr(said, "sender", envelope.actor)),
        recorder=envelope.recorder,
        fold=stood,
        reference=reference,
        cases={id: _without(fact, other) for id, other in context.cases.items()},
    )
    try:
        return decide(given, then)
    except Refused as refused:
        if refused.code == "law-outdated":  # the law of that day left the question open
            return ()
        raise
    except KeyError as missing:  # it looked at a case that this one is no longer linked to
        if str(missing.args[0]).partition("-")[0] in CASE_KINDS:
            return ()
        raise


def _without(fact: Recorded, other: CaseFold) -> CaseFold:
    """Another case without what the fact's own command recorded there: a filing given again does
    not meet itself in the firm's file."""
    from domain.fold import empty

    mine = fact.envelope.command
    if all(known.envelope.command != mine for known, _ in other.facts):
        return other
    fold = empty(other.kind, other.case)
    for known, law in other.facts:
        if known.envelope.command != mine:
            fold = _stepped(fold, known, law)
    return fold


def _from_fields(command: type[Any], said: Any, reason: str) -> Any:
    named = {f.name: f.name.removeprefix("case_") for f in fields(command)}
    values = {n: getattr(said, e) for n, e in named.items() if hasattr(said, e)}
    if "reason" in values:
        values["reason"] = values["reason"] or Secret(reason)
    return command(**values)


def _after(corrections: Iterable[FactCorrected], context: Context) -> CaseFold:
    """The case with these corrections."""
    fold = context.fold
    for correction in corrections:
        fact = next(f for f, _ in fold.facts if f.envelope.version == correction.target)
        version, name = fold.version + 1, "case.fact_corrected"
        envelope = replace(fact.envelope, version=version, type=name)
        fold = _stepped(fold, Recorded(envelope, correction), context.reference)
    return fold


def moved_keys(before: CaseFold, after: CaseFold) -> tuple[Claim | Release, ...]:
    """Uniqueness keys follow the corrected facts: the old given back, the new taken."""
    keys = (before.kind.corrections or ANY_KIND).keys
    had, has = keys(before.state), keys(after.state)
    released = tuple(Release(k.index, k.key) for k in sorted(had - has, key=str))
    return (*released, *sorted(has - had, key=str))


def _kind(context: Context) -> Correctable:
    return context.fold.kind.corrections or ANY_KIND


def apply_reference(given: ApplyReference, context: Context) -> Decision:
    """Put every open task that has a date, or may still get one, under the law and calendar now
    in force; no event where all are, so repeating it changes nothing.

    A task whose date stays is put under them too: a later stop or extension counts on from there.
    """
    moved, concerned = [], False
    tasks = context.fold.under(context.reference).tasks
    for task in context.fold.open_tasks():
        after = tasks[task.id]
        concerned |= _concerned(task, after, context)
        if after.due != task.due or after.rule != task.rule or _still_undated(task, after):
            before = task.due.legal if task.due else None
            now = after.due.legal if after.due else None
            moved.append(Moved(task.id, before, now, after.rule.title))
    return (ReferenceApplied(moved=tuple(moved)),) if moved or concerned else ()


def _concerned(task: Task, after: Task, context: Context) -> bool:
    """Whether a task's clock counts under another law or calendar from now on. One that has
    lapsed, or that silence has ended, counts no more."""
    dated = deadline_of(task) is not None or deadline_of(after) is not None
    other = after.reference.key != task.reference.key
    return dated and other and task.standing(context.now) not in ("lapsed", "closed")


def _still_undated(task: Task, after: Task) -> bool:
    """A clock that has not started or stands still, and counts otherwise once it runs."""
    dated = deadline_of(after) is not None and after.due is None
    return dated and after.reference.key != task.reference.key


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
        stored = type_of(fact).name
        allowed = "、".join(f"{field}（{field_name(stored, field)}）" for field in sorted(known))
        zh = f"“{headline(stored)}”没有可直接更正的字段 {name}；可更正：{allowed}"
        raise Refused("no-such-field", zh, f"No correctable field {name}")
    return Change(name, _json(old), value)


def corrected(fact: Recorded, correction: FactCorrected) -> Recorded:
    """The fact with the correction applied. Raises Refused for a value of the wrong type."""
    hints = get_type_hints(type(fact.event))
    changes = (c for c in correction.changes if c.field in hints)
    stored = fact.envelope.type
    values: dict[str, Any] = {c.field: _typed(hints[c.field], c, stored) for c in changes}
    envelope = fact.envelope
    if correction.occurred_on:
        envelope = replace(envelope, occurred=Moment.on(correction.occurred_on))
    return Recorded(envelope, replace(fact.event, **values, **correction.sealed))


def opening_corrected(opening: type[Any], changes: Iterable[Change], reason: str) -> FactCorrected:
    """The fact that opened a case put right, because it copied what was wrong on another case."""
    return FactCorrected(
        target=1,
        target_type=type_of(opening).name,
        changes=tuple(changes),
        sealed={},
        subject=None,
        occurred_on=None,
        occurred_before=None,
        reason=reason,
    )


def _json(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return [_json(item) for item in value]
        case _:
            return value


def _typed(hint: Any, change: Change, stored: str) -> Any:
    """A JSON value as the field's type wants it."""
    try:
        return _convert(hint, change.new)
    except (KeyError, TypeError, ValueError):
        zh = f"{field_name(stored, change.field)}的值 {change.new!r} 格式不对"
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
    if isinstance(value, Mapping) and is_dataclass(hint):
        return _made(hint, value)
    if hint is date:
        return value if isinstance(value, date) else date.fromisoformat(value)
    if str(origin) == "typing.Literal":
        if value not in get_args(hint):
            raise ValueError
        return value
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise TypeError
    return value


def _made(cls: Any, values: Mapping[str, Any]) -> Any:
    """A part of a fact that has fields of its own."""
    hints = get_type_hints(cls)
    return cls(**{name: _convert(hints[name], value) for name, value in values.items()})
