"""create_app(): the wiring, nothing else."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import (
    cases,
    commands,
    deliveries,
    exports,
    feed,
    operations,
    papers,
    problems,
    queues,
    rulings,
    web,
)
from api.observing import Limiting, Observing
from domain.reference import STREAM
from projections.county import County

ABOUT = """职防：县域职业病防治工作的案件系统。每个命令一条路由；行为单位由 X-Zhifang-Unit 给出。

*Zhifang, the system of record of a county's occupational-disease prevention.* Commands need
`If-Match` (the ETag you saw, or `*`) unless they open a case; send `Idempotency-Key` and repeat it
whenever you do not know whether a command was carried out. Every read takes `as_of`. Problems are
RFC 9457 documents whose `type` is stable."""


def create_app(county: County) -> FastAPI:
    """The HTTP application of a county."""
    settings = county.settings
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="职防 Zhifang",
        description=ABOUT,
        version=version("zhifang"),
        max_body_size=settings.max_body_bytes,
        # Logs of failures would carry what was sent.
        telemetry={"logs": False},
    )
    problems.install(app)
    simulated = county.log.fold(STREAM).state.simulated is not None
    # The last added meets a request first.
    app.add_middleware(Limiting, rate=settings.rate_limit)
    app.add_middleware(Observing, simulated=simulated)
    for part in (
        operations,
        queues,
        cases,
        papers,
        feed,
        deliveries,
        exports,
        rulings,
        commands,
        web,
    ):
        app.include_router(part.router(county))
    return app
