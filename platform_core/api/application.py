"""Putting the API together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from platform_core import __version__
from platform_core.api import problems
from platform_core.api.batch_routes import batch
from platform_core.api.bodies import Intake
from platform_core.api.deployment_routes import deployments
from platform_core.api.feedback_routes import feedback
from platform_core.api.inference_protocol import protocol
from platform_core.api.monitoring_routes import monitoring, scraping
from platform_core.api.openapi import describe
from platform_core.api.operation_routes import operations
from platform_core.api.routes import health, models
from platform_core.api.turns import Turns
from platform_core.platform import Platform

DESCRIPTION = "Predictions of registered models. Errors are problem documents (RFC 9457) with a stable `code`."

MOST_BODIES = 64
"""Bodies of the greatest size that may be in memory while they arrive."""


def create_app(platform: Platform) -> FastAPI:
    """Return the API over ``platform``, which stays open as long as the application is used."""
    app = FastAPI(title="Verticore", version=__version__, description=DESCRIPTION, lifespan=_load_engine)
    settings = platform.settings
    app.state.platform = platform
    app.state.intake = Intake(settings.receive_timeout_s, MOST_BODIES * settings.max_request_bytes)
    most_files = settings.max_operations + settings.max_waiting_operations
    app.state.uploads = Intake(settings.receive_timeout_s, most_files * settings.max_batch_file_bytes)
    app.state.solutions = {}
    app.state.turns = Turns(settings.max_operations, settings.max_waiting_operations)
    app.state.batches = Turns(
        settings.max_operations, settings.max_waiting_operations, "files", "verticore predict --input"
    )
    problems.install(app)
    app.include_router(health)
    app.include_router(models)
    app.include_router(batch)
    app.include_router(deployments)
    app.include_router(feedback)
    app.include_router(monitoring)
    app.include_router(scraping)
    app.include_router(operations)
    app.include_router(protocol)
    app.openapi = _description_of(app, platform)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _load_engine(app: FastAPI) -> AsyncIterator[None]:
    """Load the libraries before the first request: a server that says that it listens can answer."""
    await run_in_threadpool(app.state.platform.warm_up)
    yield


def _description_of(app: FastAPI, platform: Platform) -> Callable[[], dict[str, Any]]:
    return lambda: describe(app, platform)
