"""Papers 文书与材料: who may issue which letter to whom, and what proves its delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from domain import letters
from domain.access import sees_all
from domain.decider import COMMAND_TYPES, Context, Decision, Refused, need
from domain.events import type_of
from domain.identifiers import personal
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
from domain.papers.grounds import Grounds, concerned, facts, grounds, said
from domain.papers.state import Letter
from domain.tasks import called, in_english
from domain.units import OUTSIDE_CLASSES, is_outside, party_class

LONGEST_VALUE = 2_000  # characters an officer may write into one place of a letter


def decide(given: Command, context: Context) -> Decision:
    """Decide a command on the papers of any case."""
    match given:
        case IssueLetter():
            return (_issued(given, context),)
        case DeliverLetter():
            letter = _letter(given.letter, context)
            delivered = _delivered(letter, given, context)
            return (delivered, *_fulfilled(letter, delivered, context))
        case WithdrawLetter():
            return (_withdrawn(given, context),)
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
    old = _to_correct(given, template, context)
    found = grounds(template, given.values.get(template.pick), context)
    # The number is of the year in which it is given out: a letter is issued as it is entered.
    zh = f"文书当日发出、当日取号，日期应为{context.today}"
    fine = context.occurred.day == context.today
    need(fine, "letter-day", zh, "A letter is issued on the day it is entered")
    told = facts(found)
    to = _addressees(given, found, told, context)
    values = _built_in(template, to, context) | told | _asked(given, template, context)
    if old:
        values |= {letters.CORRECTS: old.number}
    return LetterIssued(
        template=template.id,
        title=template.title,
        series=series,
        issuer=context.actor,
        to=to,
        values=values,
        sha256=letters.digest(template, values),
        corrects=old.number if old else None,
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
        actor = called(context.actor, context.reference)
        zh = f"《{template.title}》由{names}发出，不能由{actor}发出"
        en = f"{context.actor} may not issue {template.id}"
        raise Refused("letter-unit", zh, en, clause=template.clauses[0])
    barred = context.fold.kind.barred(context.fold.state, context.cases)
    zh = "被举报的单位不能就本案发文"
    need(unit.code not in barred, "accused", zh, "The accused unit sends no letter here")
    zh = f"{unit.name}与本案无关，不能就本案发文；须先由本案交办、转办或请其协办"
    fine = unit.code in concerned(context.fold) or sees_all(unit.code)
    need(fine, "not-concerned", zh, f"{unit.code} has nothing to do with this case")
    series = letters.series(template, unit.code, edition)
    if series is None:
        zh = f"口径 {letters.WORDS} 中没有{unit.name}的机关代字，请补充后采用"
        raise Refused("letter-word", zh, f"No number word for {unit.code}")
    return series


def _addressees(
    given: IssueLetter, found: Grounds, told: Mapping[str, str], context: Context
) -> tuple[str, ...]:
    """The parties the letter goes to: of the classes it is for, outside the units only those of
    this case, and never a unit that the case accuses."""
    template, fold = found.template, context.fold
    need(bool(given.to), "addressee", "须写明文书致何人", "Name the addressees")
    parties = tuple(dict.fromkeys(fold.parties.get(name, name) for name in given.to))
    units = context.reference.edition.units
    classes = "、".join(OUTSIDE_CLASSES.get(to, "单位") for to in template.to)
    only = found.value(template.addressed) if template.addressed else None
    barred = fold.kind.barred(fold.state, context.cases)
    for party in parties:
        outside = is_outside(party)
        known = outside or party in units
        klass = party_class(party) if outside else "unit"
        named = called(party, context.reference) if known else party
        zh = f"《{template.title}》只能发给{classes}，不能发给{named}"
        fine = known and {klass, party} & set(template.to) and party != context.actor
        need(bool(fine), "addressee", zh, f"{template.id} does not go to {party}")
        if template.addressed:
            said = called(only, context.reference) if only else "（未载明）"
            zh = f"《{template.title}》只能发给{said}，不能发给{named}"
            need(party == only, "addressee", zh, f"Not to {in_english(party)}")
        zh = f"本案没有当事人{named}，文书不能发给案外的人"
        stranger = outside and party not in (*fold.parties.values(), only)
        need(not stranger, "addressee", zh, f"{party} is no party of this case")
        zh = f"{named}是本案被举报的单位，不能发给它"
        need(party not in barred, "accused", zh, "Never to the unit the case accuses")
        allowed = context.reference.edition.policy(letters.RESTRICTED_TO)
        zh = f"《{template.title}》载有病名或危害因素，不能发给{named}"
        closed = template.restricted and not {klass, party} & set(allowed)
        need(not closed, "restricted", zh, f"{template.id} tells the disease", clause="odl-2")
        _not_again(given, found, party, told, context)
    return parties


def _not_again(
    given: IssueLetter, found: Grounds, party: str, told: Mapping[str, str], context: Context
) -> None:
    """One letter of the unit stands on one fact; a new fact, or another unit's, has its own."""
    template = found.template
    for letter in context.fold.papers.letters.values():
        said = letter.issued
        same = said.template == template.id and party in said.to and said.issuer == context.actor
        same = same and said.values.get(template.pick) == told.get(template.pick)
        stands = letter.withdrawn is None and letter.corrected_by is None
        stands = stands and letter.envelope.version > found.since
        if template.once and same and stands and letter.number != given.corrects:
            zh = f"已发出{letter.number}；内容有误的，未送达的作废重发，已送达的发更正的文书"
            en = f"{letter.number} stands: withdraw it, or correct it once delivered"
            raise Refused("letter-issued", zh, en)


def _to_correct(given: IssueLetter, template: Template, context: Context) -> Letter | None:
    """The delivered letter that this one stands in for."""
    if given.corrects is None:
        return None
    old = _letter(given.corrects, context)
    zh = f"{old.number} 尚未送达，请作废后重发"
    need(bool(old.delivered), "not-delivered", zh, "Not delivered: withdraw it instead")
    zh = f"更正{old.number}须用同一种文书"
    same = old.issued.template == template.id
    need(same, "letter-kind", zh, "Corrected by a letter of its own kind")
    return old


def _built_in(template: Template, to: tuple[str, ...], context: Context) -> dict[str, str]:
    edition = context.reference.edition
    unit = edition.units[context.actor]
    inforce = [edition.clauses[id] for id in template.clauses]
    values = {
        "case": context.fold.number or context.case,
        "kind": context.fold.kind.title,
        "issuer": unit.full_name,
        "addressee": "、".join(_called(party, context) for party in to),
        "date": letters.written_day(context.today),
        "clauses": letters.cited(c for c in inforce if c.in_force(context.today)),
    }
    zh = f"《{template.title}》所引条款在{context.today}均未施行或已废止"
    need(bool(values["clauses"]), "letter-clauses", zh, "None of its clauses is in force")
    for name in letters.REMEDIES.keys() & set(letters.placeholders(template.text)):
        body = letters.whom(letters.REMEDIES[name], unit, edition)
        zh = f"口径 {letters.REMEDIES[name]} 中没有{unit.name}，请补充后采用"
        need(body is not None, "letter-remedy", zh, f"No {name} for {unit.code}")
        values[name] = body or ""
    return values


def _called(party: str, context: Context) -> str:
    """How a letter calls a party: a unit by its name; a person's is sealed, and left blank."""
    if not is_outside(party):
        return context.reference.edition.units[party].full_name
    klass, _, identifier = party.partition(":")
    if klass in ("worker", "citizen"):
        return f"{letters.BLANK}（{OUTSIDE_CLASSES[klass]}）"
    return f"{OUTSIDE_CLASSES[klass]}（{identifier}）"


def _asked(given: IssueLetter, template: Template, context: Context) -> dict[str, str]:
    """What the officer writes: all that is asked and nothing else."""
    missing = [
        f"{name}（{label}）"
        for name, label in template.asks.items()
        if not letters.tidied(given.values.get(name, ""))
    ]
    zh = f"《{template.title}》还须填写：{'、'.join(missing)}"
    need(not missing, "letter-values", zh, f"Still to be given: {', '.join(missing)}")
    more = sorted(given.values.keys() - template.asks.keys() - {template.pick})
    zh = f"《{template.title}》没有可填写的 {'、'.join(more)}"
    need(not more, "letter-values", zh, f"{template.id} does not ask for {', '.join(more)}")
    long = [label for n, label in template.asks.items() if len(given.values[n]) > LONGEST_VALUE]
    zh = f"{'、'.join(long)}过长，至多 {LONGEST_VALUE} 字"
    need(not long, "letter-values", zh, f"At most {LONGEST_VALUE} characters each")
    values = {}
    for name, label in template.asks.items():
        text = given.values[name]
        _impersonal(text, label)
        told = [word for word in template.unsaid if word in text]
        zh = f"{label}中不能出现“{'、'.join(told)}”：受文者不应知道有人反映"
        need(not told, "letter-unsaid", zh, "This would show that somebody complained")
        # As it will be stored: the hash is over the stored form.
        values[name] = _day(text, label, context) if name in template.days else letters.tidied(text)
    return values


def _day(text: str, label: str, context: Context) -> str:
    day = letters.day_of(text)
    if day is None:
        zh = f"{label}应写作日期，如 2026-04-30"
        raise Refused("letter-date", zh, "Write a day, as 2026-04-30")
    zh = f"{label}{day}早于发文之日"
    need(day >= context.today, "letter-date", zh, "That day has passed")
    return letters.written_day(day)


def _impersonal(text: str, label: str) -> None:
    """No identity or telephone number in the open: the log keeps what is written for ever."""
    found = personal(text)
    zh = f"{label}中有{found}：不写入文书和材料名称。证件号、电话属密封字段，在案件登记时填写；"
    zh += "文书上由经办人用印前手写"
    need(found is None, "personal", zh, "Identity and telephone numbers go into sealed fields")


def _letter(number: str, context: Context) -> Letter:
    """The letter of this number on this case, standing and the actor's own."""
    letter = context.fold.papers.letters.get(normalize("NFC", number))
    if letter is None:
        raise Refused("no-such-letter", f"本案没有文书 {number}", f"No letter {number} here")
    zh = f"{letter.number} 已作废：{letter.withdrawn}"
    need(letter.withdrawn is None, "letter-withdrawn", zh, f"{letter.number} was withdrawn")
    name = called(letter.issued.issuer, context.reference)
    zh = f"{letter.number} 已由{letter.corrected_by}更正代替"
    need(letter.corrected_by is None, "letter-corrected", zh, f"{letter.corrected_by} replaced it")
    zh = f"{letter.number} 由{name}发出，只能由其办理"
    en = f"Only {in_english(letter.issued.issuer)} may do this"
    need(context.actor == letter.issued.issuer, "wrong-actor", zh, en)
    return letter


def _withdrawn(given: WithdrawLetter, context: Context) -> LetterWithdrawn:
    letter = _letter(given.letter, context)
    zh = f"{letter.number} 已送达，不能作废；内容有误的，发更正的文书代替它（corrects）"
    need(not letter.delivered, "letter-delivered", zh, "Delivered: a correcting letter replaces it")
    _impersonal(given.reason, "作废理由")
    return LetterWithdrawn(letter=letter.number, reason=given.reason, title=letter.issued.title)


def _delivered(letter: Letter, given: DeliverLetter, context: Context) -> LetterDelivered:
    to = context.fold.parties.get(given.to, given.to)
    zh = f"{letter.number} 不是发给{called(to, context.reference)}的"
    need(to in letter.issued.to, "addressee", zh, f"{letter.number} is not for {given.to}")
    again = any(delivery.to == to for delivery in letter.delivered)
    zh = f"{letter.number} 已送达该方；日期有误请更正"
    need(not again, "letter-delivered", zh, "Already delivered: correct the fact instead")
    issued_on = letter.envelope.occurred.day
    zh = f"送达日不得早于发出日{issued_on}"
    need(issued_on <= context.occurred.day, "letter-day", zh, "Delivered before it was issued")
    carrier = given.carrier or context.actor
    _noticed(given, context)
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
        title=letter.issued.title,
        announced_on=given.announced_on,
    )


def _noticed(given: DeliverLetter, context: Context) -> None:
    """A public notice 公告 takes effect when its days have passed, not on the day it is put up."""
    public = given.method == "by_public_notice"
    zh = "公告送达须写明公告发布日（announced_on），其他方式不写"
    fine = public == (given.announced_on is not None)
    need(fine, "notice-day", zh, "A public notice, and it alone, has a day of announcement")
    if given.announced_on is None:
        return
    # An edition adopted earlier may lack the policy.
    known = context.reference.edition.policies.get("public-notice-days")
    over = given.announced_on + timedelta(days=int(known.value) if known else 1)
    zh = f"公告自{given.announced_on}起，至{over}期满方视为送达；请以期满之日登记"
    need(context.occurred.day >= over, "notice-running", zh, f"The notice runs until {over}")


def _fulfilled(letter: Letter, delivered: LetterDelivered, context: Context) -> Decision:
    """What the delivery carries out as well: its template's command, with all that it checks.

    A command with a `party` is given the role of whom the letter reached; one with the field
    that the template picks by, what the letter was about. What was recorded before by itself is
    not recorded again. A letter written before its template picked does no more than arrive.
    """
    template = context.reference.edition.letters.get(letter.issued.template)
    if template is None or not template.fulfils or _undone(letter, template, context):
        return ()
    if template.pick and template.pick not in letter.issued.values:
        return ()
    fold, kind = context.fold, COMMAND_TYPES[template.fulfils]
    role = next((role for role, party in fold.parties.items() if party == delivered.to), None)
    allowed = {fold.parties.get(name, name) for name in kind.by}
    names = "、".join(called(party, context.reference) for party in sorted(allowed))
    zh = f"“{kind.title}”应由{names}作出"
    fine = not allowed or context.actor in allowed
    need(fine, "wrong-actor", zh, f"Only {names} may do this", clause=kind.clause)
    asked = {f.name for f in fields(kind.cls)}
    about: dict[str, Any] = {"party": role} if "party" in asked else {}
    if template.pick in asked:
        about[template.pick] = _picked(letter, template, context)
    try:
        return fold.kind.decide(fold.state, kind.cls(**about), context)
    except Refused:
        if any(_same(fact.event, template.fulfilled, about) for fact, _ in fold.facts):
            return ()
        raise


def _picked(letter: Letter, template: Template, context: Context) -> Any:
    """What the letter was about, of the facts that `pick` tells apart: as the fact holds it."""
    told = letter.issued.values[template.pick]
    values = (getattr(fact.event, template.pick, None) for fact, _ in context.fold.facts)
    return next(
        (value for value in values if value is not None and said(value, context) == told), None
    )


def _undone(letter: Letter, template: Template, context: Context) -> bool:
    """Whether what the letter tells was undone after it was written: it arrives, and no more."""
    since = letter.envelope.version
    later = (fact.envelope for fact, _ in context.fold.facts if fact.envelope.version > since)
    return any(envelope.type in template.undone_by for envelope in later)


def _same(event: Any, name: str, about: Mapping[str, Any]) -> bool:
    return type_of(event).name == name and all(getattr(event, k) == v for k, v in about.items())


def _filed(given: FileDocument, context: Context) -> DocumentFiled:
    stored, filed = context.stored, context.fold.papers.documents
    if stored is None or stored.sha256 != given.sha256:
        zh = "没有这一材料的内容，请先上传，再以所得的哈希归档"
        raise Refused("no-such-document", zh, "Upload the bytes first, then file their hash")
    zh = "只有与本案有关的单位和当事方可以归档材料"
    fine = context.actor in concerned(context.fold)
    need(fine, "not-concerned", zh, "Only those concerned with the case file documents")
    zh = "这一内容不是由你方上传的；请先上传，再以所得的哈希归档"
    own = context.actor in stored.uploaded_by
    need(own, "not-uploaded", zh, "Upload the bytes yourself first, then file their hash")
    _impersonal(given.title, "材料名称")
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
