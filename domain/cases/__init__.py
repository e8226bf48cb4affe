"""The kinds of case 案件种类. One line per kind; nothing else imports them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date

from domain import acts, papers
from domain.cases.arbitration import ARBITRATION
from domain.cases.determination import DETERMINATION
from domain.cases.diagnosis import DIAGNOSIS
from domain.cases.incident import INCIDENT
from domain.cases.inspection import INSPECTION
from domain.cases.period import PERIOD, Opening, due_openings
from domain.cases.plan import PLAN
from domain.cases.reconsideration import RECONSIDERATION
from domain.cases.relief import RELIEF
from domain.cases.tip import TIP
from domain.cases.visits import VISITS
from domain.corrections import ApplyReference, CorrectFact, apply_reference, correct
from domain.decider import CaseKind, Context, Decision, On, Refused, need
from domain.events import type_of
from domain.fold import CaseFold
from domain.identifiers import is_opaque
from domain.links import LINK_EVENTS, ReviewBasis, review_basis
from domain.rules import EVERY_KIND, KindNames, PolicyMissingError
from domain.units import OUTSIDE_CLASSES

__all__ = [
    "CASE_KINDS",
    "Opening",
    "decide",
    "due_openings",
    "followed",
    "kind_names",
    "kind_of",
    "opaque",
]

CASE_KINDS: Mapping[str, CaseKind] = {
    kind.name: kind
    for kind in (
        DIAGNOSIS,
        ARBITRATION,
        DETERMINATION,
        PERIOD,
        INCIDENT,
        RELIEF,
        TIP,
        RECONSIDERATION,
        PLAN,
        INSPECTION,
        VISITS,
    )
}


def kind_of(case: str) -> CaseKind:
    """The kind of a case by its stream id (`diagnosis-…`). KeyError for anything else."""
    return CASE_KINDS[case.partition("-")[0]]


def decide(command: object, context: Context) -> Decision:
    """Decide any command on the case in the context: its kind's own, an act, a correction."""
    _filled(command)
    _received(getattr(command, "received_on", None), context)
    try:
        return _decided(command, context)
    except PolicyMissingError as missing:
        zh = f"现行法规版次没有口径 {missing.args[0]}，请管理员运行 zhifang law adopt 采用新版次"
        en = f"The law in force lacks the policy {missing.args[0]}: run zhifang law adopt"
        raise Refused("law-outdated", zh, en) from None


def _decided(command: object, context: Context) -> Decision:
    match command:
        case CorrectFact():
            return correct(command, context)
        case ApplyReference():
            return apply_reference(command, context)
        case ReviewBasis():
            return review_basis(command, context)
        case _ if isinstance(command, acts.Act):
            return acts.decide(command, context)
        case _ if isinstance(command, papers.Command):
            return papers.decide(command, context)
        case _:
            return context.fold.kind.decide(context.fold.state, command, context)


def _filled(command: object) -> None:
    """No text is blank, and a party named is one: `employer:…` where an employer is asked for."""
    for f in fields(command):  # type: ignore[arg-type]
        value = getattr(command, f.name)
        if isinstance(value, str):
            _said(f.name, value)
        _told(f.name, value)


def _said(name: str, value: str) -> None:
    if name in ("reason", "note"):
        need(bool(value.strip()), "reason-missing", "须写明理由", "A reason is required")
    need(bool(value.strip()), "blank", f"{name} 不能为空", f"{name} must not be blank")
    if name in OUTSIDE_CLASSES:
        id = value.removeprefix(f"{name}:")
        zh = f"{name} 应写作 {name}:编号，编号不含空格"
        named = value != id and id == id.strip() != ""
        need(named, "party", zh, f"Write {name} as {name}:identifier")


def _told(name: str, value: object) -> None:
    """Every outside party that a command names, at whatever depth, goes by an opaque id."""
    match value:
        case str():
            klass, colon, id = value.partition(":")
            if name == "subject":
                opaque(value)
            elif colon and klass in OUTSIDE_CLASSES:
                opaque(id)
        case tuple() | list():
            for item in value:
                _told(name, item)
        case Mapping():
            for key, item in value.items():
                _told(key, item)


def opaque(identifier: str) -> None:
    """Refused for an identifier that says who somebody is: in the log it would stand for ever."""
    zh = "当事人的编号不能是姓名、身份证号或手机号：写代号（字母、数字、连字符），如 S-2026-017；"
    zh += "用人单位写统一社会信用代码。姓名、证件号、联系方式写在密封字段里"
    en = "An identifier is no name, identity or telephone number: write a code such as S-2026-017"
    need(is_opaque("".join(identifier.split())), "personal", zh, en)


def _received(stated: date | None, context: Context) -> None:
    """A receiver's clock starts on the day it states: never before the fact, nor in the future."""
    sent = context.occurred.day
    need(
        stated is None or sent <= stated <= context.today,
        "receipt-day",
        f"收到日应在{sent}（事实发生日）与{context.today}（今日）之间",
        f"The day of receipt lies between {sent} and {context.today}",
    )


def followed(case: str, event: object, before: CaseFold, day: date) -> tuple[On, ...]:
    """What other kinds add, in the same transaction, to an event of this case of that day."""
    name = type_of(event).name
    return tuple(
        told
        for kind in CASE_KINDS.values()
        if name in kind.follows and kind is not before.kind
        for told in kind.follows[name](case, event, before, day)
    )


def kind_names() -> dict[str, KindNames]:
    """What each kind offers to rules: for the validation of an edition."""
    shared = {type_of(cls).name for cls in (*papers.EVENTS, *acts.RULED_ON)}
    every = KindNames(events=shared, conditions=set(papers.CONDITIONS), roles=(), policies=())
    return {EVERY_KIND: every} | {
        name: KindNames(
            events={*LINK_EVENTS, *(type_of(cls).name for cls in kind.events)} | shared,
            conditions=set(kind.conditions),
            roles=set(kind.roles),
            policies=kind.policies,
        )
        for name, kind in CASE_KINDS.items()
    }
