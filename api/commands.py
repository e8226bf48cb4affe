"""One loop: a typed route for every command there is."""

from __future__ import annotations

import dataclasses
import types
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, create_model

from api import examples
from api.access import Commander, Commanding
from api.problems import answers, problem
from api.refusals import described
from domain.acts import CLOCK
from domain.decider import COMMAND_TYPES, CommandType, Refused
from domain.events import SHANGHAI, Moment
from domain.sealing import Sealed, Secret
from eventstore.application import Order, Receipt
from projections.county import County


class When(BaseModel):
    """When the fact happened: a day, or a minute; neither: now."""

    model_config = ConfigDict(extra="forbid")

    occurred_on: date | None = Field(None, description="事实发生日（上海）")
    occurred_at: datetime | None = Field(None, description="事实发生时刻")


OPENING = (404, 409, 413, 422, 429, 503, 507)
ACTING = (*OPENING, 412, 428)


def router(county: County) -> APIRouter:
    """The command routes: open a case, act on a case, act on a task."""
    routes = APIRouter(prefix="/api/v1")
    for kind in COMMAND_TYPES.values():
        area = kind.name.partition(".")[0]
        if area == "reference" or CLOCK in kind.by:
            continue  # the law is adopted from the command line; the clock gives its own commands
        path = {
            "task": f"/tasks/{{target}}/{kind.action}",
            "case": f"/cases/{{target}}/{kind.action}",
        }.get(area, f"/{area}/{kind.action}" if kind.opens else f"/{area}/{{target}}/{kind.action}")
        clause = f"（{kind.clause}）" if kind.clause else ""
        routes.add_api_route(
            path,
            _endpoint(county, kind),
            methods=["POST"],
            name=kind.name,
            operation_id=kind.name,
            summary=f"{kind.title}{clause}",
            description=described(kind),
            tags=[area],
            responses=answers(*(OPENING if kind.opens else ACTING)),
        )
    return routes


def _endpoint(county: County, kind: CommandType) -> Callable[..., Receipt]:
    body_model = _body(kind)
    at_task = kind.name.startswith("task.")

    def carry_out(who: Commanding, target: str | None, body: Any) -> Receipt:
        given = {name: _given(value) for name, value in body if name in _names(kind)}
        if at_task:
            given["task"] = target
        if "subject" in _names(kind) and not given.get("subject"):
            # The same command sent again must open the same subject.
            given["subject"] = f"S-{uuid.uuid5(uuid.NAMESPACE_OID, who.command_id)}"
        order = Order(
            command=kind.cls(**given),
            id=who.command_id,
            actor=who.party,
            recorder=who.officer,
            occurred=_moment(body),
            case=_case_of_task(county, target) if at_task and target else target,
            expected_version=who.seen if isinstance(who.seen, int) else None,
        )
        return county.log.execute(order)

    if kind.opens:

        def opening(who: Commander, body: Any) -> Receipt:
            return carry_out(who, None, body)

        opening.__annotations__["body"] = body_model
        return opening

    def acting(
        who: Commander,
        target: Annotated[str, Path(description="案号、案件或事项编号", max_length=200)],
        body: Any,
    ) -> Receipt:
        if who.seen is None:
            zh = "请带 If-Match：所见案件或事项的 ETag；不论现状可写 *"
            raise problem(428, "if-match-missing", zh, "Send If-Match: the tag you saw, or *")
        return carry_out(who, target, body)

    acting.__annotations__["body"] = body_model
    return acting


def _names(kind: CommandType) -> set[str]:
    return {f.name for f in dataclasses.fields(kind.cls)}


def _body(kind: CommandType) -> type[BaseModel]:
    """The request body of a command: its fields, sealed ones as plain text on their way in."""
    hints = get_type_hints(kind.cls)
    members: dict[str, Any] = {}
    for f in dataclasses.fields(kind.cls):
        if f.name == "task" and kind.name.startswith("task."):
            continue
        hint = _as_sent(hints[f.name])
        if f.name == "subject":
            members[f.name] = (hint | None, None)
        elif f.default is not dataclasses.MISSING:
            members[f.name] = (hint, f.default)
        elif f.default_factory is not dataclasses.MISSING:
            members[f.name] = (hint, Field(default_factory=f.default_factory))
        else:
            members[f.name] = (hint, ...)
    model = create_model(kind.cls.__name__, __base__=When, **members)
    model.model_config["json_schema_extra"] = {"examples": [examples.of(kind, model)]}
    model.model_rebuild(force=True)
    return model


def _as_sent(hint: Any) -> Any:
    """`Secret | Sealed` comes in as text; mappings of them likewise."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [_as_sent(a) for a in get_args(hint) if a is not Sealed]
        sent: Any = rest[0]
        for other in rest[1:]:
            sent = sent | other
        return sent
    if hint is Secret:
        return SealedInput
    if get_origin(hint) is not None and Secret in get_args(get_args(hint)[-1]):
        return dict[str, SealedInput]
    return hint


class SealedInput(BaseModel):
    """A sealed field on its way in: `{"seal": "…"}`. It is stored under its subject's key."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    seal: str = Field(max_length=20_000)


def _given(value: Any) -> Any:
    match value:
        case SealedInput():
            return Secret(value.seal)
        case Mapping():
            return {key: _given(item) for key, item in value.items()}
        case _:
            return value


def _moment(body: When) -> Moment | None:
    """What the sender said; unsaid it is the moment of entry, and a repeat is still the same."""
    if body.occurred_at:
        at = body.occurred_at
        return Moment(at if at.tzinfo else at.replace(tzinfo=SHANGHAI), "minute")
    if body.occurred_on:
        return Moment.on(body.occurred_on)
    return None


def _case_of_task(county: County, task: str) -> str:
    """The case a task belongs to, also where the read models are a moment behind."""
    end = county.log.recorder.max_notification_id() or 0
    for at_least in (0, end):
        with county.reading.view(county.log.clock.now(), min_position=at_least) as view:
            found = view.task(task)
        if found is not None:
            return found.case
    raise Refused("no-such-task", f"没有事项 {task}", f"No task {task}")
