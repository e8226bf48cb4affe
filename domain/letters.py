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
from unicodedata import normalize

from domain.decider import COMMAND_TYPES
from domain.events import EVENT_TYPES
from domain.sealing import RESTRICTED, Sealed
from domain.units import OUTSIDE_CLASSES, Unit

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
    "review_body": "行政复议机关",
    "court": "法院",
    "reviewer": "复查机关",
}
REMEDIES = {
    "review_body": "letter-review-body",
    "court": "letter-court",
    "reviewer": "letter-petition-review",
}
"""The policies that say whom to turn to: by unit code, class of units, or `*` for all others."""
CORRECTS = "corrects"  # among the values: the number of the letter this one stands in for
DEEMED = "deemed"  # stands in `needs` and sources for a silence that counted as acceptance
WORDED = "@"  # the field of a source `event@words`
CITED = "@clauses"  # the field of a source `event@clauses`
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
    needs: tuple[str, ...] = ()  # facts that must have been recorded: events, one of `a | b`
    issuer: str = ""  # `actor`: whoever did what it rests on; else a role of the case: `handler`
    addressed: str = ""  # `event.field` that names the only party it goes to
    pick: str = ""  # the field that tells several such facts apart, as the `track` of relief
    undone_by: tuple[str, ...] = ()  # events after which those facts no longer carry the letter
    where: Mapping[str, str] = field(default_factory=dict)  # `event.field` that must be so: `a | b`
    facts: Mapping[str, str] = field(default_factory=dict)  # name -> sources, see below
    words: Mapping[str, str] = field(default_factory=dict)  # event -> how `event@words` reads
    asks: Mapping[str, str] = field(default_factory=dict)  # name -> what the officer writes
    days: tuple[str, ...] = ()  # those of `asks` that are a day, none before the letter's own
    unsaid: tuple[str, ...] = ()  # words that `asks` must not hold: what the addressee may not know
    once: bool = False  # one in force to each addressee
    fulfils: str = ""  # the command that its delivery carries out as well
    fulfilled: str = ""  # the event of that command

    def may_issue(self, unit: str, klass: str) -> bool:
        return unit in self.units or klass in self.units

    @property
    def restricted(self) -> bool:
        """Whether it shows a restricted fact: disease, stage or hazard."""
        worded = (f"{event}.{name}" for event in self.words for name in self._named(event))
        return any(_marked(source, RESTRICTED) for source in (*self.facts.values(), *worded))

    def _named(self, event: str) -> list[str]:
        return [name for name in placeholders(self.words[event]) if name != "day"]

    def sealed(self, name: str) -> bool:
        return _marked(self.facts.get(name, ""), Sealed)


def sources(text: str) -> tuple[tuple[str, str], ...]:
    """Where a fact is found, as (event, field): `tip.concluded.finding`, or `tip.received@day` for
    the day of the event (then no field), or `diagnosis.concluded@words` for the template's own
    wording of it, or `task.returned@clauses` for those of the rule that the task is owed under. Of
    several, parted by `|`, the one recorded last tells.
    """
    found = []
    for source in any_of(text):
        event, at, what = source.partition("@")
        if at:
            found.append((event, {"words": WORDED, "clauses": CITED}.get(what, "")))
        else:
            event, _, name = event.rpartition(".")
            found.append((event, name))
    return tuple(found)


def any_of(text: str) -> tuple[str, ...]:
    """What `a | b` names."""
    return tuple(part.strip() for part in text.split("|"))


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
    if CORRECTS in values:
        filled += f"\n本件更正并代替我单位{values[CORRECTS]}《{template.title}》。"
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
    laws: dict[str, dict[str, None]] = {}  # each named once, its articles after it
    for clause in clauses:
        law = re.fullmatch("(.+?)(第[一二三四五六七八九十百零]+条.*)", clause.title)
        notice = re.fullmatch("(.+号) ([一二三四五六]).*", clause.source)
        if law:
            name, article = f"《{law[1]}》", law[2]
        else:
            name, article = (notice[1], f"第{notice[2]}部分") if notice else (clause.source, "")
        laws.setdefault(name, {})[article] = None
    return "、".join(name + "、".join(articles) for name, articles in laws.items())


_FULL = str.maketrans(",;:!?", "，；：！？")
_HAN = "\u3400-\u9fff《》〔〕（）“”、，。；：！？…"
_DAY = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")


def tidied(text: str) -> str:
    """What is put into a letter, as official Chinese is set: full-width punctuation beside Chinese
    characters, days written out, and no stop at its end, where the template has its own."""
    text = _DAY.sub(_written, normalize("NFC", text.strip()))
    if re.search(f"[{_HAN}]", text):
        text = re.sub(r"\.{3,}", "……", text).replace("(", "（").replace(")", "）")
        beside = rf"(?<=[{_HAN}])\s*[,;:!?]\s*|[,;:!?](?=[{_HAN}])"
        text = re.sub(beside, lambda mark: mark[0].strip().translate(_FULL), text)
        text = re.sub(rf"(?<=[{_HAN}])\.(?!\d)", "。", text)
    return text.rstrip(" \t\n。．.；;，,、：:")


def _written(found: re.Match[str]) -> str:
    try:
        return written_day(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return found[0]


def day_of(text: str) -> date | None:
    """The day that an officer wrote, as 2026-04-30 or 2026年4月30日; None for anything else."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def written_day(day: date) -> str:
    """A day as official letters write it: 2026年11月24日 (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def whom(policy: str, unit: Unit, edition: Edition) -> str | None:
    """Whom to turn to against what a unit decided: by its code, its class, or as all others."""
    known = edition.policies.get(policy)
    value: Mapping[str, str] = known.value if known else {}
    return value.get(unit.code) or value.get(unit.klass) or value.get("*")


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
        if party != "unit" and party not in (*OUTSIDE_CLASSES, *edition.units):
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
    for name in sorted(used & REMEDIES.keys()):
        if REMEDIES[name] not in edition.policies:
            yield f"{{{name}}} 须有口径 {REMEDIES[name]}"
    for name in template.days:
        if name not in template.asks:
            yield f"days 中的 {name} 不在 asks 中"
    if template.pick and template.pick not in template.facts:
        yield f"pick 中的 {template.pick} 不在 facts 中"
    if kinds is None:
        return
    yield from _unfulfilled(template)
    for kind in template.kinds:
        if kind not in kinds:
            yield f"没有案件种类 {kind}"
    needed = (event for needs in template.needs for event in any_of(needs))
    for event in (*needed, *template.undone_by, *template.words):
        if event not in (*EVENT_TYPES, DEEMED):
            yield f"没有事件 {event}"
    addressed = (template.addressed,) if template.addressed else ()
    worded = tuple(f"{e}.{n}" for e in template.words for n in template._named(e))
    told = (*template.facts.values(), *template.where, *addressed, *worded)
    for event, name in (found for source in told for found in sources(source)):
        if event == DEEMED and not name:
            continue
        if event not in EVENT_TYPES:
            yield f"没有事件 {event}"
        elif name == WORDED:
            if event not in template.words:
                yield f"words 中没有 {event}"
        elif name == CITED:
            if "task" not in get_type_hints(EVENT_TYPES[event].cls):
                yield f"事件 {event} 不是对事项的操作，没有所依条款"
        elif name and name not in get_type_hints(EVENT_TYPES[event].cls):
            yield f"事件 {event} 没有字段 {name}"


def _unfulfilled(template: Template) -> Iterator[str]:
    """A delivery that carries out another act names its command, and the event that tells of it."""
    if template.fulfils and template.fulfils not in COMMAND_TYPES:
        yield f"没有命令 {template.fulfils}"
    if template.fulfils and template.fulfilled not in EVENT_TYPES:
        yield f"没有事件 {template.fulfilled}"


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
