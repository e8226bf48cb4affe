"""Papers 文书与材料: who may issue which letter to whom, and what proves its delivery."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from domain import letters
from domain.decider import Context, Decision, Refused, need
from domain.events import EVENT_TYPES, Recorded, shown
from domain.letters import Template
from domain.papers.events import (
    Command,
    DeliverLetter,
    DocumentFiled,
    FileDocument,
    IssueLetter,
    LetterDelivered,
    LetterIssued,
    LetterWithdrawn,
    WithdrawLetter,
)
from domain.papers.state import Letter
from domain.tasks import party_name
from domain.units import OUTSIDE_CLASSES, is_outside, party_class

if TYPE_CHECKING:
    from domain.fold import CaseFold

LONGEST_VALUE = 2_000  # characters an officer may write into one place of a letter


def decide(given: Command, context: Context) -> Decision:
    """Decide a command on the papers of any case."""
    match given:
        case IssueLetter():
            return (_issued(given, context),)
        case DeliverLetter():
            return (_delivered(given, context),)
        case WithdrawLetter():
            letter = _letter(given.letter, context)
            return (LetterWithdrawn(letter=letter.number, reason=given.reason),)
        case FileDocument():
            return (_filed(given, context),)


def _issued(given: IssueLetter, context: Context) -> LetterIssued:
    edition = context.reference.edition
    template = edition.letters.get(given.template)
    if template is None:
        known = "、".join(t.id for t in edition.letters.values()) or "无，请先采用新版法规数据"
        zh = f"没有文书模板 {given.template}；现行版次有：{known}"
        raise Refused("no-such-template", zh, f"No template {given.template}")
    series = _may_issue(template, context)
    # The number is of the year in which it is given out: a letter is issued as it is entered.
    zh = f"文书当日发出、当日取号，日期应为{context.today}"
    fine = context.occurred.day == context.today
    need(fine, "letter-day", zh, "A letter is issued on the day it is entered")
    to = _addressees(given, template, context)
    values = _built_in(template, to, context)
    values |= {**_facts(template, context), **_asked(given, template)}
    return LetterIssued(
        template=template.id,
        title=template.title,
        series=series,
        issuer=context.actor,
        to=to,
        values=values,
        sha256=letters.digest(template, values),
    )


def _may_issue(template: Template, context: Context) -> str:
    """The series of the number, where the acting unit may issue this letter on this case."""
    edition, kind = context.reference.edition, context.fold.kind
    if template.kinds and kind.name not in template.kinds:
        zh = f"《{template.title}》不用于{kind.title}案件"
        raise Refused("letter-kind", zh, f"{template.id} is not for this kind of case")
    unit = edition.units.get(context.actor)
    if unit is None or not template.may_issue(unit.code, unit.klass):
        classes = {"department": "各部门", "township": "各乡镇（街道）", "body": "领导与协调机构"}
        names = "、".join(classes.get(u) or edition.unit_name(u) for u in template.units)
        actor = party_name(context.actor, context.reference)
        zh = f"《{template.title}》由{names}发出，不能由{actor}发出"
        en = f"{context.actor} may not issue {template.id}"
        raise Refused("letter-unit", zh, en, clause=template.clauses[0])
    series = letters.series(template, unit.code, edition)
    if series is None:
        zh = f"口径 {letters.WORDS} 中没有{unit.name}的机关代字，请补充后采用"
        raise Refused("letter-word", zh, f"No number word for {unit.code}")
    return series


def _addressees(given: IssueLetter, template: Template, context: Context) -> tuple[str, ...]:
    """The parties the letter goes to: of the classes it is for, persons only of this case."""
    need(bool(given.to), "addressee", "须写明文书致何人", "Name the addressees")
    found = tuple(dict.fromkeys(context.fold.parties.get(name, name) for name in given.to))
    told = "、".join(OUTSIDE_CLASSES.get(to, "单位") for to in template.to)
    for party in found:
        outside = is_outside(party)
        known = outside or party in context.reference.edition.units
        klass = party_class(party) if outside else "unit"
        named = party_name(party, context.reference) if known else party
        zh = f"《{template.title}》只能发给{told}，不能发给{named}"
        fine = known and klass in template.to and party != context.actor
        need(fine, "addressee", zh, f"{template.id} does not go to {party}")
        person = klass in ("worker", "citizen")
        zh = f"本案没有当事人{named}，文书不能发给案外的人"
        stranger = person and party not in context.fold.parties.values()
        need(not stranger, "addressee", zh, f"{party} is no party of this case")
        allowed = context.reference.edition.policy(letters.RESTRICTED_TO)
        zh = f"《{template.title}》载有病名或危害因素，不能发给{named}"
        closed = template.restricted and not {klass, party} & set(allowed)
        need(not closed, "restricted", zh, f"{template.id} tells the disease", clause="odl-2")
        _not_again(template, party, context)
    return found


def _not_again(template: Template, party: str, context: Context) -> None:
    for letter in context.fold.papers.letters.values():
        same = letter.issued.template == template.id and party in letter.issued.to
        if template.once and same and letter.withdrawn is None:
            zh = f"已发出{letter.number}；内容有误的，先作废再重发"
            raise Refused("letter-issued", zh, f"{letter.number} stands: withdraw it first")


def _built_in(template: Template, to: tuple[str, ...], context: Context) -> dict[str, str]:
    edition = context.reference.edition
    return {
        "case": context.fold.number or context.case,
        "kind": context.fold.kind.title,
        "issuer": edition.units[context.actor].full_name,
        "addressee": "、".join(_called(party, context) for party in to),
        "date": letters.written_day(context.today),
        "clauses": letters.cited(edition.clauses[id] for id in template.clauses),
    }


def _called(party: str, context: Context) -> str:
    """How a letter calls a party: a unit by its name; a person's is sealed, and left blank."""
    if not is_outside(party):
        return context.reference.edition.units[party].full_name
    klass, _, identifier = party.partition(":")
    if klass in ("worker", "citizen"):
        return f"{letters.BLANK}（{OUTSIDE_CLASSES[klass]}）"
    return f"{OUTSIDE_CLASSES[klass]}（{identifier}）"


def _facts(template: Template, context: Context) -> dict[str, str]:
    """The recorded facts the letter shows. Refused naming every one that stands in the way."""
    folds = (context.fold, *context.cases.values())
    _carried(template, context.fold)
    values, missing = {}, []
    for name, source in template.facts.items():
        if template.sealed(name):
            continue
        value = _value(folds, source)
        if value is None:
            missing += [event for event, _ in letters.sources(source)]
        else:
            values[name] = _said(value, context)
    _stands(template, "案件尚无", missing)
    return values


def _carried(template: Template, fold: CaseFold) -> None:
    """The facts the letter rests on are there, are as it says, and nothing later undid them."""
    needed = {name: _last(fold, {name}) for name in template.needs}
    _stands(template, "案件尚无", [name for name, fact in needed.items() if fact is None])
    since = max((fact.envelope.version for fact in needed.values() if fact), default=0)
    later = {name: _last(fold, {name}) for name in template.undone_by}
    undone = [n for n, fact in later.items() if fact and fact.envelope.version > since]
    _stands(template, "此后已有", undone)
    for source, wanted in template.where.items():
        value = _value((fold,), source)
        other = [] if wanted in (value, shown(value, {})) else [letters.sources(source)[0][0]]
        _stands(template, "内容不符", other)


def _stands(template: Template, what: str, events: list[str]) -> None:
    """Refused, naming the facts in the words of their sentences, unless there are none."""
    words = (re.sub(r"[（“]*\{[^}]*\}[）”]*", "…", EVENT_TYPES[e].sentence) for e in events)
    named = "；".join(f"{said}（{event}）" for said, event in zip(words, events, strict=True))
    zh = f"不能发出《{template.title}》，{what}：{named}"
    need(not events, "letter-facts", zh, f"{template.id} does not fit: {', '.join(events)}")


def _said(value: Any, context: Context) -> str:
    if isinstance(value, date):
        return letters.written_day(value)
    unit = isinstance(value, str) and value in context.reference.edition.units
    return context.reference.edition.units[value].full_name if unit else shown(value, {})


def _last(fold: CaseFold, names: Container[str]) -> Recorded | None:
    """The last event of these names, as corrected, on a case."""
    found = (fact for fact, _ in reversed(fold.facts) if fact.envelope.type in names)
    return next(found, None)


def _value(folds: tuple[CaseFold, ...], source: str) -> Any:
    """What a source holds on the case, or else on one it rests on; None where there is none."""
    named = dict(letters.sources(source))
    for fold in folds:
        recorded = _last(fold, named)
        if recorded:
            name = named[recorded.envelope.type]
            return getattr(recorded.event, name, None) if name else recorded.envelope.occurred.day
    return None


def _asked(given: IssueLetter, template: Template) -> dict[str, str]:
    """What the officer writes: all that is asked and nothing else."""
    missing = [
        f"{name}（{label}）"
        for name, label in template.asks.items()
        if not given.values.get(name, "").strip()
    ]
    zh = f"《{template.title}》还须填写：{'、'.join(missing)}"
    need(not missing, "letter-values", zh, f"Still to be given: {', '.join(missing)}")
    more = sorted(given.values.keys() - template.asks.keys())
    zh = f"《{template.title}》没有可填写的 {'、'.join(more)}"
    need(not more, "letter-values", zh, f"{template.id} does not ask for {', '.join(more)}")
    long = [label for n, label in template.asks.items() if len(given.values[n]) > LONGEST_VALUE]
    zh = f"{'、'.join(long)}过长，至多 {LONGEST_VALUE} 字"
    need(not long, "letter-values", zh, f"At most {LONGEST_VALUE} characters each")
    # As it will be stored: the hash is over the stored form.
    return {name: normalize("NFC", given.values[name].strip()) for name in template.asks}


def _letter(number: str, context: Context) -> Letter:
    """The letter of this number on this case, standing and the actor's own."""
    letter = context.fold.papers.letters.get(normalize("NFC", number))
    if letter is None:
        raise Refused("no-such-letter", f"本案没有文书 {number}", f"No letter {number} here")
    zh = f"{letter.number} 已作废：{letter.withdrawn}"
    need(letter.withdrawn is None, "letter-withdrawn", zh, f"{letter.number} was withdrawn")
    name = party_name(letter.issued.issuer, context.reference)
    zh = f"{letter.number} 由{name}发出，只能由其办理"
    need(context.actor == letter.issued.issuer, "wrong-actor", zh, f"Only {name} may do this")
    return letter


def _delivered(given: DeliverLetter, context: Context) -> LetterDelivered:
    letter = _letter(given.letter, context)
    to = context.fold.parties.get(given.to, given.to)
    zh = f"{letter.number} 不是发给 {given.to} 的"
    need(to in letter.issued.to, "addressee", zh, f"{letter.number} is not for {given.to}")
    again = any(delivery.to == to for delivery in letter.delivered)
    zh = f"{letter.number} 已送达该方；日期有误请更正"
    need(not again, "letter-delivered", zh, "Already delivered: correct the fact instead")
    issued_on = letter.envelope.occurred.day
    zh = f"送达日不得早于发出日{issued_on}"
    need(issued_on <= context.occurred.day, "letter-day", zh, "Delivered before it was issued")
    carrier = given.carrier or context.actor
    known = carrier in context.reference.edition.units
    need(known, "carrier", f"没有单位 {carrier}；写承办送达的单位", f"No unit {carrier}")
    zh = "送达须有凭证：归档的送达回证（document）或回执、邮件、公告编号（receipt）"
    proved = bool(given.document or given.receipt)
    need(proved, "proof", zh, "A delivery needs its proof", clause="cpl-87")
    filed = given.document is None or given.document in context.fold.papers.documents
    zh = "凭证须先归档到本案（document.file）"
    need(filed, "proof", zh, "File the proof on this case first", clause="cpl-87")
    return LetterDelivered(
        letter=letter.number,
        to=to,
        method=given.method,
        carrier=carrier,
        document=given.document,
        receipt=given.receipt,
    )


def _filed(given: FileDocument, context: Context) -> DocumentFiled:
    stored, filed = context.stored, context.fold.papers.documents
    if stored is None or stored.sha256 != given.sha256:
        zh = "没有这一材料的内容，请先上传，再以所得的哈希归档"
        raise Refused("no-such-document", zh, "Upload the bytes first, then file their hash")
    need(given.sha256 not in filed, "filed", "本案已归档同一内容的材料", "Already on this case")
    old = filed.get(given.replaces) if given.replaces else None
    if given.replaces:
        zh = "所替换的材料不在本案，或已被替换"
        fine = old is not None and old.replaced_by is None
        need(fine, "replaced", zh, "What it replaces is not here, or was replaced already")
    return DocumentFiled(
        sha256=given.sha256,
        title=given.title,
        kind=given.kind,
        media_type=stored.media_type,
        size=stored.size,
        edition=old.filed.edition + 1 if old else 1,
        replaces=given.replaces,
    )
