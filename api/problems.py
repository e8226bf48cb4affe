"""Refusals and failures as RFC 9457 problems: Chinese first, never echoing what was sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.decider import Refused
from domain.events import sentence
from eventstore.application import IdReusedError, StaleError
from eventstore.recorder import ClockError
from projections.reading import NotYetError


def problem(status: int, code: str, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """A problem document: `code` is stable, `title` Chinese, `detail` English."""
    body = {"type": f"urn:zhifang:{code}", "status": status, "title": title, "detail": detail}
    return JSONResponse({**body, **more}, status_code=status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem document."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> JSONResponse:
        status = 404 if error.code.startswith("no-such") else 409
        return problem(status, error.code, error.zh, str(error.en), clause=error.clause)

    @app.exception_handler(StaleError)
    def stale(request: Request, error: StaleError) -> JSONResponse:
        since = [
            {
                "version": r.envelope.version,
                "actor": r.envelope.actor,
                "recorder": r.envelope.recorder,
                "sentence": sentence(r.event),
            }
            for r in error.since
        ]
        zh = "您看到的版本之后案件已有变动，请看 since 后重新提交"
        return problem(412, "stale", zh, "The case moved on since the version you saw", since=since)

    @app.exception_handler(IdReusedError)
    def reused(request: Request, error: IdReusedError) -> JSONResponse:
        zh = "该命令编号已用于另一内容的命令，请换一个编号"
        return problem(422, "id-reused", zh, "This Idempotency-Key was used for another command")

    @app.exception_handler(NotYetError)
    def not_yet(request: Request, error: NotYetError) -> JSONResponse:
        zh = "查询模型尚未更新到所要求的位置，请稍后重试"
        return problem(503, "not-yet", zh, "The read models have not reached min_position")

    @app.exception_handler(ClockError)
    def clock(request: Request, error: ClockError) -> JSONResponse:
        return problem(503, "clock", str(error))

    @app.exception_handler(sa.exc.OperationalError)
    @app.exception_handler(sa.exc.InterfaceError)
    @app.exception_handler(sa.exc.TimeoutError)
    def database(request: Request, error: sa.exc.SQLAlchemyError) -> JSONResponse:
        zh = "数据库暂时不可用；命令是否已提交未知，请以同一编号重试"
        en = "The database is unavailable: retry with the same Idempotency-Key"
        return problem(503, "unavailable", zh, en)

    @app.exception_handler(sa.exc.DataError)
    def unstorable(request: Request, error: sa.exc.DataError) -> JSONResponse:
        zh = "地址或内容中有数据库不能保存的字符，请删去后重试"
        return problem(422, "characters", zh, "A character cannot be stored: remove it and retry")

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may hold personal data.
        wrong = [{"where": list(e["loc"]), "code": e["type"]} for e in error.errors()]
        zh = "提交的内容不合要求，见 errors"
        return problem(422, "invalid", zh, "The request does not fit, see errors", errors=wrong)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, "http", str(error.detail))
