"""Refusals and failures as RFC 9457 problems: Chinese first, never echoing what was sent."""

from __future__ import annotations

from collections.abc import Callable
from traceback import format_tb
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_problem.handler import new_exception_handler
from rfc9457 import Problem
from rfc9457.openapi import problem_component
from starlette.exceptions import HTTPException

from domain.decider import Refused
from domain.events import sentence
from eventstore.application import IdReusedError, StaleError
from eventstore.recorder import ClockError
from projections.reading import NotYetError

logger = structlog.get_logger("zhifang.problems")

TITLES = {
    400: "请求格式有误",
    401: "请先登录",
    404: "没有这个地址或对象",
    405: "该地址不支持此方法",
    413: "提交的内容过大",
    415: "请以 application/json 提交",
    429: "请求过于频繁，请稍后再试",
}
STATUS = {
    "characters": 422,
    "command-id": 422,
    "cursor": 422,
    "as-of": 422,
    "position": 422,
    "parked": 503,
    "year": 422,
}
"""Refusals that are not a conflict with the facts, by code; `no-such-…` is 404, the rest 409."""


def problem(
    status: int,
    code: str,
    zh: str,
    en: str = "",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Problem:
    """A problem document: `type` is stable, `title` Chinese, `detail` English."""
    return Problem(zh, f"urn:zhifang:{code}", en, status, headers, **more)


def _refused(error: Refused) -> Problem:
    status = 404 if error.code.startswith("no-such") else STATUS.get(error.code, 409)
    clause: dict[str, Any] = {"clause": error.clause} if error.clause else {}
    return problem(status, error.code, error.zh, error.en, **clause)


def _stale(error: StaleError) -> Problem:
    since = [
        {
            "version": r.envelope.version,
            "actor": r.envelope.actor,
            "recorder": r.envelope.recorder,
            "sentence": sentence(r.event, error.units),
        }
        for r in error.since
    ]
    zh = "您看到之后已有变动，请看 since 后重新提交"
    return problem(412, "stale", zh, "It changed since you saw it: see since", since=since)


def _reused(error: IdReusedError) -> Problem:
    zh = "该命令编号已用于另一内容的命令，请换一个编号"
    return problem(422, "id-reused", zh, "This Idempotency-Key was used for another command")


def _not_yet(error: NotYetError) -> Problem:
    zh = "查询模型尚未更新到所要求的位置，请稍后重试"
    en = "The read models have not reached min_position"
    return problem(503, "not-yet", zh, en, {"Retry-After": "1"})


def _clock(error: ClockError) -> Problem:
    return problem(503, "clock", str(error), headers={"Retry-After": "60"})


def _database(error: sa.exc.SQLAlchemyError) -> Problem:
    if isinstance(getattr(error, "orig", None), psycopg.errors.DiskFull):
        zh = "数据库磁盘已满，命令没有记录；请联系管理员腾出空间后以同一编号重试"
        return problem(507, "disk-full", zh, "The database's disk is full: nothing was recorded")
    if isinstance(error, sa.exc.DataError):
        zh = "地址或内容中有数据库不能保存的字符，请删去后重试"
        return problem(422, "characters", zh, "A character cannot be stored: remove it and retry")
    zh = "数据库暂时不可用；命令是否已提交未知，请以同一编号重试"
    en = "The database is unavailable: retry with the same Idempotency-Key"
    return problem(503, "unavailable", zh, en, {"Retry-After": "2"})


def _invalid(error: RequestValidationError) -> Problem:
    # What was sent is not repeated: it may hold personal data.
    wrong = [{"where": [str(part) for part in e["loc"]], "code": e["type"]} for e in error.errors()]
    zh = "提交的内容不合要求，见 errors"
    return problem(422, "invalid", zh, "The request does not fit, see errors", errors=wrong)


def _http(error: HTTPException) -> Problem:
    headers = dict(error.headers) if error.headers else None
    status = error.status_code
    return problem(status, f"http-{status}", TITLES.get(status, str(error.detail)), "", headers)


def _unforeseen(error: Exception) -> Problem:
    # Where, not what: the words of an error may quote what was sent.
    logger.error("unforeseen", type=type(error).__name__, where=format_tb(error.__traceback__)[-6:])
    zh = "系统内部错误，已记入日志；请以同一编号重试，仍不成请联系管理员"
    return problem(500, "internal", zh, "An internal error was logged: retry with the same id")


HANDLERS: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda made: made,
    Refused: _refused,
    StaleError: _stale,
    IdReusedError: _reused,
    NotYetError: _not_yet,
    ClockError: _clock,
    sa.exc.SQLAlchemyError: _database,
    psycopg.Error: _database,
    RequestValidationError: _invalid,
    HTTPException: _http,
}


def install(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem document, and describe its shape."""

    def handler(make: Callable[[Any], Problem]) -> Callable[..., Problem]:
        return lambda known, request, error: make(error)

    # The first class that fits answers, so the widest comes last.
    made = {cls: handler(make) for cls, make in {**HANDLERS, Exception: _unforeseen}.items()}
    known = new_exception_handler(
        handlers=made,
        http_exception_handler=made[HTTPException],
        request_validation_handler=made[RequestValidationError],
    )
    for cls in made:
        app.add_exception_handler(cls, known)
    described = app.openapi

    def with_problem() -> dict[str, Any]:
        document = described()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = SHAPE
        return document

    app.openapi = with_problem  # type: ignore[method-assign]


SHAPE = problem_component("Problem", detail={"type": "string", "title": "English"})


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for the OpenAPI document."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": SAID[status], "content": content} for status in statuses}


SAID = {
    403: "与本单位无关，不能取用 / not for this party",
    404: "没有此案件或事项 / no such case or task",
    409: "不予办理，说明理由与条款 / refused, with reason and clause",
    410: "内容已依法销毁 / the content was destroyed",
    412: "您看到之后已有变动，见 since / it changed since you saw it",
    413: "提交的内容过大 / too large",
    415: "不收这种类型的文件 / not a type that may be filed",
    422: "提交的内容不合要求，见 errors / does not fit, see errors",
    428: "须带 If-Match / If-Match is required",
    429: "请求过于频繁，见 Retry-After / too many requests",
    503: "暂时不可用，请以同一编号重试 / unavailable: retry with the same Idempotency-Key",
    507: "磁盘已满，没有记录 / the disk is full, nothing was recorded",
}
