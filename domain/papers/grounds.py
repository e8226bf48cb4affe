"""Grounds 文书所据的事实: the recorded facts a letter rests on, as its issuer may tell them.

Where the template says so, only what the issuer itself did counts (`issuer = "actor"`), and of
several such facts only those of the picked kind (`pick = "track"`): each bureau sends its own
letter, on its own decision, about one track.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from domain import letters
from domain.decider import Context, Refused, need
from domain.events import EVENT_TYPES, Recorded, shown
from domain.letters import CITED, DEEMED, WORDED, Template, any_of, sources
from domain.tasks import Task, called, in_english

if TYPE_CHECKING:
    from domain.fold import CaseFold


@dataclass(frozen=True)
class Grounds:
    """What a letter of this template rests on, on this case."""

    template: Template
    context: Context
    picked: Any = None  # the value of the field `pick`, where there is one
    since: int = 0  # the version of the last fact that carries it

    @property
    def folds(self) -> tuple[CaseFold, ...]:
        return (self.context.fold, *self.context.cases.values())

    def last(self, names: Collection[str], fold: CaseFold | None = None) -> Recorded | None:
        """The last event of these names, as corrected, that may carry the letter."""
        facts = (fact for fact, _ in reversed((fold or self.context.fold).facts))
        return next((fact for fact in facts if self._fits(fact, names)), None)

    def _fits(self, fact: Recorded, names: Collection[str]) -> bool:
        template, type = self.template, fact.envelope.type
        if type not in names:
            return False
        needed = any(type in any_of(needs) for needs in template.needs)
        if needed and template.issuer == "actor" and fact.envelope.actor != self.context.actor:
            return False
        told = getattr(fact.event, template.pick, None) if template.pick else None
        return told is None or self.picked is None or told == self.picked

    def value(self, source: str) -> Any:
        """What a source holds on the case, or else on one it rests on; None where there is none."""
        named = dict(sources(source))
        for fold in self.folds:
            recorded = self.last(named, fold)
            if recorded:
                return self._told(recorded, named[recorded.envelope.type], fold)
        task = _deemed(self.context) if DEEMED in named else None
        return task.due.legal if task and task.due else None

    def _told(self, recorded: Recorded, name: str, fold: CaseFold) -> Any:
        day = recorded.envelope.occurred.day
        if not name:
            return day
        if name == CITED:
            task = fold.tasks.get(recorded.event.task)
            clauses = task.reference.edition.clauses if task else {}
            ids = task.rule.clauses if task else ()
            return letters.cited(clauses[id] for id in ids if clauses[id].in_force(day)) or None
        if name != WORDED:
            return getattr(recorded.event, name, None)
        text = self.template.words[recorded.envelope.type]
        values = {"day": letters.written_day(day)}
        for place in set(letters.placeholders(text)) - values.keys():
            values[place] = said(getattr(recorded.event, place), self.context)
        return text.format_map(values)


def grounds(template: Template, picked: str | None, context: Context) -> Grounds:
    """The grounds of a letter. Refused, naming them, where the facts do not carry it."""
    found = Grounds(template, context)
    if template.pick:
        found = Grounds(template, context, _picked(found, picked))
    return replace(found, since=_carried(found))


def _picked(found: Grounds, picked: str | None) -> Any:
    """Which of several facts of a kind the letter is about: named where there is a choice."""
    template, context = found.template, found.context
    needed = {event for needs in template.needs for event in any_of(needs)}
    facts = (fact for fact, _ in context.fold.facts if found._fits(fact, needed))
    values = (getattr(fact.event, template.pick) for fact in facts if _as_wanted(found, fact))
    choices = {str(value): value for value in values}
    known = "、".join(f"{code}（{shown(value, {})}）" for code, value in choices.items()) or "无"
    if picked is None:
        zh = f"须以 {template.pick} 指明是哪一项：{known}"
        need(len(choices) < 2, "letter-pick", zh, f"Say which {template.pick}")
        return next(iter(choices.values()), None)
    zh = f"本单位没有可据以发文的 {template.pick} {picked}；有：{known}"
    need(picked in choices, "letter-pick", zh, f"No such {template.pick} of yours")
    return choices[picked]


def _as_wanted(found: Grounds, fact: Recorded) -> bool:
    """Whether a fact is as the template's `where` says."""
    for source, wanted in found.template.where.items():
        [(event, name)] = sources(source)
        if event == fact.envelope.type and not _agrees(getattr(fact.event, name), wanted):
            return False
    return True


def _agrees(value: Any, wanted: str) -> bool:
    return bool({value if isinstance(value, str) else None, shown(value, {})} & {*any_of(wanted)})


def _carried(found: Grounds) -> int:
    """The facts are there, are as the template says, and nothing later undid them; the version of
    the last one."""
    template, context = found.template, found.context
    since, silent = 0, None
    for needs in template.needs:
        names = any_of(needs)
        fact = found.last(names)
        silent = _deemed(context) if fact is None and DEEMED in names else silent
        if fact:
            since = max(since, fact.envelope.version)
        elif silent is None:
            _not_yours(found, names)
            _stands(template, "案件尚无", [name for name in names if name != DEEMED])
    later = {name: found.last((name,)) for name in template.undone_by}
    # Nothing undid a silence of the unit that still holds the matter.
    undone = [n for n, f in later.items() if f and f.envelope.version > since and not silent]
    _stands(template, "此后已有", undone)
    for source, wanted in template.where.items():
        value = found.value(source)
        other = [] if _agrees(value, wanted) else [sources(source)[0][0]]
        _stands(template, "内容不符", other)
    if template.issuer not in ("", "actor"):
        holder = context.fold.parties.get(template.issuer)
        name = called(holder, context.reference) if holder else "尚无单位"
        zh = f"《{template.title}》由现在的办理单位（{name}）发出"
        fine = holder == context.actor
        need(
            fine,
            "letter-issuer",
            zh,
            f"{in_english(holder)} sends this letter",
            clause=template.clauses[0],
        )
    return max(since, silent.opened.version if silent else 0)


def _not_yours(found: Grounds, names: Collection[str]) -> None:
    """Refused where the fact is there but another unit's: that unit sends the letter."""
    template, context = found.template, found.context
    facts = (fact for fact, _ in reversed(context.fold.facts) if fact.envelope.type in names)
    other = next((fact.envelope.actor for fact in facts), None)
    if other is None or template.issuer != "actor":
        return
    name = called(other, context.reference)
    zh = f"《{template.title}》所据的事实由{name}作出，由其发文"
    raise Refused(
        "letter-issuer", zh, f"{in_english(other)} did it and sends it", clause=template.clauses[0]
    )


def _deemed(context: Context) -> Task | None:
    """The question whether to accept that the acting unit let pass: silence was acceptance."""
    for task in reversed(context.fold.open_tasks()):
        silent = task.rule.silence and task.standing(context.now) == "closed"
        if silent and task.holder == context.actor and task.returned is None:
            return task
    return None


def _stands(template: Template, what: str, events: list[str]) -> None:
    """Refused, naming the facts in the words of their sentences, unless there are none."""
    words = (re.sub(r"[（“]*\{[^}]*\}[）”]*", "…", EVENT_TYPES[e].sentence) for e in events)
    named = "；".join(f"{said}（{event}）" for said, event in zip(words, events, strict=True))
    zh = f"不能发出《{template.title}》，{what}：{named}"
    need(not events, "letter-facts", zh, f"{template.id} does not fit: {', '.join(events)}")


def facts(found: Grounds) -> dict[str, str]:
    """The recorded facts the letter shows. Refused naming every one that is missing."""
    template = found.template
    values, missing = {}, []
    for name, source in template.facts.items():
        if template.sealed(name):
            continue
        value = found.value(source)
        if value is None:
            missing += [event for event, _ in sources(source) if event != DEEMED]
        else:
            values[name] = said(value, found.context)
    _stands(template, "案件尚无", missing)
    return values


def said(value: Any, context: Context) -> str:
    """A recorded value as a letter says it."""
    if isinstance(value, date):
        return letters.written_day(value)
    unit = isinstance(value, str) and value in context.reference.edition.units
    if unit:
        return context.reference.edition.units[value].full_name
    return letters.tidied(shown(value, {}))


def concerned(fold: CaseFold) -> set[str]:
    """Whoever has to do with the case: did something in it, is a party to it, holds, supervises or
    helps with a task of it. A paper alone makes nobody concerned, and whom the case accuses is not.
    """
    found = {fact.envelope.actor for fact, _ in fold.facts if not paper(fact)}
    found |= set(fold.parties.values())
    for task in fold.tasks.values():
        back = task.returned.by if task.returned else None
        found |= {p for p in (task.holder, task.supervisor, back, *task.helpers) if p}
    return found - set(fold.kind.barred(fold.state, {}))


def paper(fact: Recorded) -> bool:
    return fact.envelope.type.startswith(("letter.", "document."))
