"""Letter templates 文书模板: dated data of the edition, filled in the same way for ever.

A template says who may issue it to whom on which kinds of case, which recorded facts it shows and
which words the officer adds. What is filled in stands in the event; sealed facts never do, and are
left blank for the pen. The text follows from the template of the edition the event names and from
the values in the event alone, so that rendering it again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from domain.events import EVENT_TYPES
from domain.sealing import RESTRICTED, Sealed
from domain.units import OUTSIDE_CLASSES

if TYPE_CHECKING:
    from domain.rules import Clause, Edition

BLANK = "＿＿＿＿＿＿"  # where a sealed fact stands, to be filled in by hand
BUILT_IN = {
    "case": "案号",
    "kind": "案由",
    "issuer": "发文单位",
    "addressee": "收文者",
    "date": "日期",
    "clauses": "依据",
}
UNIT_CLASSES = ("department", "township", "body")
WORDS, KINDS = "document-words", "document-kinds"
"""The policies that hold the words 机关代字 of the units and of the kinds of letter."""
RESTRICTED_TO = "letter-restricted-to"
"""The policy that says who may be told of disease, stage and hazard in a letter."""


@dataclass(frozen=True)
class Template:
    """A kind of letter 文书. Ids are permanent."""

    id: str
    title: str
    series: str  # whose word in the policy `document-kinds` stands in the number 文号
    units: tuple[str, ...]  # who may issue it: unit codes, or a class of units
    to: tuple[str, ...]  # to whom: `unit`, or classes of outside parties
    clauses: tuple[str, ...]
    text: str  # paragraphs, a line each; {name} is filled in
    kinds: tuple[str, ...] = ()  # of case; none: every kind
    needs: tuple[str, ...] = ()  # facts that must have been recorded: event names
    undone_by: tuple[str, ...] = ()  # events after which those facts no longer carry the letter
    where: Mapping[str, str] = field(default_factory=dict)  # `event.field` that must be so
    facts: Mapping[str, str] = field(default_factory=dict)  # name -> sources, see below
    asks: Mapping[str, str] = field(default_factory=dict)  # name -> what the officer writes
    once: bool = False  # one in force to each addressee

    def may_issue(self, unit: str, klass: str) -> bool:
        return unit in self.units or klass in self.units

    @property
    def restricted(self) -> bool:
        """Whether it shows a restricted fact: disease, stage or hazard."""
        return any(_marked(source, RESTRICTED) for source in self.facts.values())

    def sealed(self, name: str) -> bool:
        return _marked(self.facts.get(name, ""), Sealed)


def sources(text: str) -> tuple[tuple[str, str], ...]:
    """Where a fact is found, as (event, field): `tip.concluded.finding`, or `tip.received@day` for
    the day of the event (then no field). Of several, parted by `|`, the one recorded last tells.
    """
    found = []
    for source in text.split("|"):
        event, at, _ = source.strip().partition("@")
        event, _, name = (event, "", "") if at else event.rpartition(".")
        found.append((event, name))
    return tuple(found)


def _marked(source: str, mark: Any) -> bool:
    """Whether one of the fields is a sealed or restricted one."""
    for event, name in sources(source):
        cls = EVENT_TYPES[event].cls if event in EVENT_TYPES else None
        hint = get_type_hints(cls, include_extras=True).get(name) if cls else None
        if mark in _parts(hint):
            return True
    return False


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in (*get_args(hint), *getattr(hint, "__metadata__", ())):
        yield from _parts(part)


def placeholders(text: str) -> list[str]:
    """The names in braces. ValueError where the braces do not match."""
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


@dataclass(frozen=True)
class Rendered:
    """A letter as it is set on paper: lines of text, nothing about its looks."""

    issuer: str
    title: str
    number: str  # 文号, given out under the lock after the text was fixed
    addressee: str
    paragraphs: tuple[str, ...]
    date: str

    def text(self) -> str:
        """The whole letter as plain text."""
        head = (self.issuer, self.title, self.number, f"{self.addressee}：")
        return "\n".join((*head, *self.paragraphs, self.issuer, self.date)) + "\n"


def rendered(template: Template, values: Mapping[str, str], number: str) -> Rendered:
    """The letter of a template with its values; sealed facts are blank."""
    blanks = {name: BLANK for name in template.facts if template.sealed(name)}
    filled = template.text.format_map({**values, **blanks})
    return Rendered(
        issuer=values["issuer"],
        title=template.title,
        number=number,
        addressee=values["addressee"],
        paragraphs=tuple(line.strip() for line in filled.splitlines() if line.strip()),
        date=values["date"],
    )


def digest(template: Template, values: Mapping[str, str]) -> str:
    """SHA-256 in hex of the text with the place of the number left empty.

    The number is not known when the text is fixed; it stands in the same record as this hash.
    """
    return hashlib.sha256(rendered(template, values, "").text().encode()).hexdigest()


def cited(clauses: Iterable[Clause]) -> str:
    """The clauses as a letter cites them: 《工伤保险条例》第十七条."""
    told = []
    for clause in clauses:
        law = re.fullmatch("(.+?)(第[一二三四五六七八九十百零]+条.*)", clause.title)
        notice = re.fullmatch("(.+号) ([一二三四五六]).*", clause.source)
        if law:
            told.append(f"《{law[1]}》{law[2]}")
        else:
            told.append(f"{notice[1]}第{notice[2]}部分" if notice else clause.source)
    return "、".join(dict.fromkeys(told))


def written_day(day: date) -> str:
    """A day as official letters write it: 2026年11月24日 (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def series(template: Template, unit: str, edition: Edition) -> str | None:
    """The words before the year in a number: 机关代字 and the kind's; None for a unit without."""
    word = edition.policy(WORDS).get(unit)
    return f"{word}{edition.policy(KINDS)[template.series]}" if word else None


def mistakes(
    template: Template, edition: Edition, kinds: Mapping[str, Any] | None
) -> Iterator[str]:
    """What is wrong with a template of this edition, in words."""
    for cited in template.clauses:
        if cited not in edition.clauses:
            yield f"没有条款 {cited}"
    if not template.clauses:
        yield "每种文书须引用条款"
    for unit in template.units:
        if unit not in edition.units and unit not in UNIT_CLASSES:
            yield f"没有单位或单位类别 {unit}"
    for party in template.to:
        if party != "unit" and party not in OUTSIDE_CLASSES:
            yield f"没有当事方类别 {party}"
    words = edition.policies.get(KINDS)
    if words is None or template.series not in words.value:
        yield f"口径 {KINDS} 中没有 {template.series}"
    try:
        used = set(placeholders(template.text))
    except ValueError:
        yield "text 的花括号不成对"
        return
    known = {*BUILT_IN, *template.facts, *template.asks}
    for name in sorted(used - known):
        yield f"text 中的 {{{name}}} 没有来源；可用：{'、'.join(sorted(known))}"
    for name in sorted((template.facts.keys() | template.asks.keys()) - used):
        yield f"{name} 没有用在 text 中"
    if kinds is None:
        return
    for kind in template.kinds:
        if kind not in kinds:
            yield f"没有案件种类 {kind}"
    for event in (*template.needs, *template.undone_by):
        if event not in EVENT_TYPES:
            yield f"没有事件 {event}"
    told = (*template.facts.values(), *template.where)
    for event, name in (found for source in told for found in sources(source)):
        if event not in EVENT_TYPES:
            yield f"没有事件 {event}"
        elif name and name not in get_type_hints(EVENT_TYPES[event].cls):
            yield f"事件 {event} 没有字段 {name}"


def shared_mistakes(edition: Edition) -> Iterator[str]:
    """What is wrong with the words of numbers: two series must never read alike."""
    words, kinds = (edition.policies.get(id) for id in (WORDS, KINDS))
    for id, found in ((WORDS, words), (KINDS, kinds)):
        fine = found is not None and isinstance(found.value, dict)
        if not fine or not all(isinstance(w, str) and w for w in found.value.values()):  # type: ignore[union-attr]
            yield f"缺少口径 {id}（代码与代字的对照）"
            return
    assert words is not None
    assert kinds is not None
    if RESTRICTED_TO not in edition.policies:
        yield f"缺少口径 {RESTRICTED_TO}"
    made: dict[str, str] = {}
    for unit, word in words.value.items():
        if unit not in edition.units:
            yield f"口径 {WORDS} 中没有单位 {unit}"
        for kind, more in kinds.value.items():
            if word + more in made:
                yield f"代字 {word + more} 重复（{made[word + more]}、{unit} {kind}）"
            made[word + more] = f"{unit} {kind}"
