"""Who asks. Until sign-in exists, the acting party and the officer come by header, on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Header

from api.problems import problem
from domain.access import told_who_informed
from domain.acts import CLOCK
from domain.cases import kind_of
from domain.decider import Refused
from domain.units import party_class
from projections.cases import Known
from projections.reading import View

Tag = int | Literal["*"] | None
"""What If-Match said: a tag seen, `*` for whatever stands now, None for nothing."""


@dataclass(frozen=True)
class Asking:
    """The party a request acts for, and the officer who sends it."""

    party: str
    officer: str


@dataclass(frozen=True)
class Commanding(Asking):
    """Whoever gives a command, under which id, having seen what."""

    command_id: str
    seen: Tag


def _party(
    x_zhifang_unit: Annotated[
        str, Header(description="作出行为的单位或当事方，如 HB / the acting unit or party")
    ],
) -> str:
    if x_zhifang_unit == CLOCK:
        zh = "system 是系统自身的身份，不能由请求使用；请写单位代码或当事方"
        raise Refused("wrong-actor", zh, "`system` is the software itself: name a unit or a party")
    return x_zhifang_unit


def _commanding(
    party: Annotated[str, Depends(_party)],
    x_zhifang_officer: Annotated[str, Header(description="经办人 / the officer")] = "officer",
    idempotency_key: Annotated[
        str | None,
        Header(
            description="命令编号；重发用同一编号，得到第一次的回执 / the command id",
            max_length=200,
        ),
    ] = None,
    if_match: Annotated[
        str | None,
        Header(
            description='所见案件或事项的 ETag，如 "7"；* 表示不论现状 / the tag you saw, or *',
            max_length=40,
        ),
    ] = None,
) -> Commanding:
    return Commanding(
        party=party,
        officer=x_zhifang_officer,
        command_id=idempotency_key or str(uuid.uuid4()),
        seen=_tag(if_match),
    )


def _tag(if_match: str | None) -> Tag:
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not text or text == "*":
        return "*" if text else None
    if not text.isdecimal():
        zh = 'If-Match 应为所见的 ETag，如 "7"，或 *'
        raise problem(422, "if-match", zh, "If-Match is the ETag you saw, or *")
    return int(text)


def etag(touched: int) -> dict[str, str]:
    """The header that names what was shown; sent back as If-Match."""
    return {"ETag": f'"{touched}"'}


def secrets(view: View, cases: Iterable[str], viewer: str | None) -> dict[str, frozenset[str]]:
    """Of each case, whose ids are kept from whoever looks: everybody it ever named as informant but
    himself, unless he may be told both as things stood then and as they stand today."""
    wanted = set(cases)
    found = view.known(case for case in wanted if "informant" in kind_of(case).roles)
    hidden = {case: secret(view, case, known, viewer) for case, known in found.items()}
    return dict.fromkeys(wanted, frozenset[str]()) | hidden


def secret(view: View, case: str, known: Known, viewer: str | None) -> frozenset[str]:
    """The same of one case."""
    hidden = known.informants - {viewer}
    may = all(told_who_informed(viewer, parties) for parties in (known.then, known.now))
    return frozenset() if not hidden or (may and not _accused(view, case, viewer)) else hidden


def _accused(view: View, case: str, viewer: str | None) -> bool:
    try:
        fold = view.log.fold(case)
        linked = {id: view.log.fold(id) for id in fold.kind.links(fold.state)}
    except Refused:  # parked: nobody knows whom it accuses
        return True
    return viewer in fold.kind.barred(fold.state, linked)


def veiled(value: Any, hidden: frozenset[str]) -> Any:
    """What is shown, with the class alone in place of the ids that are hidden (`secrets`)."""
    if not hidden:
        return value
    match value:
        case str():
            found = (party for party in hidden if value in (party, party.partition(":")[2]))
            party = next(found, None)
            return value if party is None else party_class(party)
        case dict():
            return {name: veiled(item, hidden) for name, item in value.items()}
        case list() | tuple():
            return type(value)(veiled(item, hidden) for item in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            said = {f.name: veiled(getattr(value, f.name), hidden) for f in fields(value)}
            return type(value)(**said)
        case _:
            return value


Viewer = Annotated[
    str | None,
    Header(alias="X-Zhifang-Unit", description="谁在看；不写即不告知信访人、检查依据 / who looks"),
]
Party = Annotated[str, Depends(_party)]
Commander = Annotated[Commanding, Depends(_commanding)]
