"""create_app(): the wiring, nothing else."""

from __future__ import annotations

from fastapi import FastAPI

from api import commands, problems, reads
from projections.county import County


def create_app(county: County) -> FastAPI:
    """The HTTP application of a county."""
    # The stock /docs page fetches its scripts from outside; a county network may not.
    app = FastAPI(title="职防 Zhifang", version="0.1.0", docs_url=None, redoc_url=None)
    problems.install(app)
    app.include_router(reads.router(county))
    app.include_router(commands.router(county))
    return app
