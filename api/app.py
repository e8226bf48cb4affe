"""create_app(): the wiring, nothing else."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from api import commands, problems, reads
from domain.reference import STREAM
from projections.county import County


def create_app(county: County) -> FastAPI:
    """The HTTP application of a county."""
    simulated = county.log.fold(STREAM).state.simulated
    # The stock /docs page fetches its scripts from outside; a county network may not.
    app = FastAPI(title="职防 Zhifang", version="0.1.0", docs_url=None, redoc_url=None)
    problems.install(app)

    @app.middleware("http")
    async def say_if_simulated(request: Request, call_next: RequestResponseEndpoint) -> Response:
        answer = await call_next(request)
        if simulated:
            answer.headers["X-Zhifang-Simulated"] = "true"
        return answer

    app.include_router(reads.router(county))
    app.include_router(commands.router(county))
    return app
