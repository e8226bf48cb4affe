"""What is seen of every request: a log line and two measures, and the limit on how many.

A line names the route's template, never the address itself, a body or a header: those may hold
personal data.
"""

from __future__ import annotations

import json
import time
import uuid

import structlog
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TITLES, problem

logger = structlog.get_logger("zhifang.http")

REQUESTS = Counter("zhifang_http_requests", "Requests", ("method", "route", "status"))
SECONDS = Histogram("zhifang_http_seconds", "Seconds a request took", ("method", "route"))


class Observing:
    """Logs and measures each request, gives it an id, and says where the log is a simulated one."""

    def __init__(self, app: ASGIApp, simulated: bool) -> None:
        self.app, self.simulated = app, simulated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        id, begun, status = uuid.uuid4().hex, time.perf_counter(), 500

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = id
                if self.simulated:
                    headers["X-Zhifang-Simulated"] = "true"
            await send(message)

        try:
            await self.app(scope, receive, answering)
        finally:
            took = time.perf_counter() - begun
            method, route = scope["method"], _template(scope)
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(method, route).observe(took)
            logger.info(
                "request",
                id=id,
                method=method,
                route=route,
                status=status,
                milliseconds=round(took * 1000, 1),
            )


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", None) or "（无此地址）"


class Limiting:
    """At most `rate` requests (such as `600/minute`) of one address and party."""

    def __init__(self, app: ASGIApp, rate: str) -> None:
        self.app, self.rate = app, parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._admitted(scope):
            await _too_many(self.rate.get_expiry(), send)
            return
        await self.app(scope, receive, send)

    def _admitted(self, scope: Scope) -> bool:
        client = scope.get("client") or ("local", 0)
        party = Headers(scope=scope).get("x-zhifang-unit", "")[:200]
        return self._limiter.hit(self.rate, client[0], party)


async def _too_many(seconds: int, send: Send) -> None:
    told = problem(429, "too-many", TITLES[429], "Too many requests: slow down").marshal()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"retry-after", str(seconds).encode()),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
