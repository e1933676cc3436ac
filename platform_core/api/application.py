"""Putting the API together."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from platform_core import __version__
from platform_core.api import problems
from platform_core.api.openapi import describe
from platform_core.api.routes import health, models
from platform_core.platform import Platform

DESCRIPTION = "Predictions of registered models. Errors are problem documents (RFC 9457) with a stable `code`."


def create_app(platform: Platform) -> FastAPI:
    """Return the API over ``platform``, which stays open as long as the application is used."""
    app = FastAPI(title="Verticore", version=__version__, description=DESCRIPTION)
    app.state.platform = platform
    problems.install(app)
    app.include_router(health)
    app.include_router(models)
    app.openapi = _description_of(app, platform)  # type: ignore[method-assign]
    # Loading the libraries now, not in the first request: a server that says that it listens can answer.
    _ = platform.engine
    return app


def _description_of(app: FastAPI, platform: Platform) -> Callable[[], dict[str, Any]]:
    return lambda: describe(app, platform)
