"""Hooks: what must be *called* in a plugin. Everything else a plugin says in its manifest.

Hooks observe the lifecycle or veto a promotion. They are few, synchronous, take one event and return data; the host
calls implementations one by one (greater ``priority`` first, then by name), guards and times each.

A complete plugin module that tells a chat room of promotions and refuses weak models::

    from platform_core.sdk import PromotionRequest, Veto, VersionPromoted, hookimpl

    @hookimpl
    def version_promoted(event: VersionPromoted) -> None:
        print(f"{event.model}:{event.version} is now @{event.alias}")

    @hookimpl
    def review_promotion(request: PromotionRequest) -> Veto | None:
        if request.metrics.get("macro_f1", 0.0) < 0.6:
            return Veto(reason="macro-F1 below 0.6")
        return None

The manifest names the module: ``hooks = "verticore_acme.plugin"``.
"""

from __future__ import annotations

import pluggy

from platform_core.sdk.events import PredictionLogged, PromotionRequest, RunFinished, VersionPromoted, Veto

PROJECT = "verticore"
"""The pluggy project name."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def run_finished(event: RunFinished) -> None:
    """A run ended, with a model version or with an error.

    Example::

        @hookimpl
        def run_finished(event: RunFinished) -> None:
            with open("runs.log", "a") as log:
                log.write(f"{event.run} {event.status} {event.metrics}\\n")

    .. versionadded:: 0.1
    """


@hookspec
def version_promoted(event: VersionPromoted) -> None:
    """An alias moved to another version.

    Example::

        @hookimpl
        def version_promoted(event: VersionPromoted) -> None:
            print(f"{event.model}:{event.version} is now @{event.alias}")

    .. versionadded:: 0.1
    """


@hookspec
def prediction_logged(event: PredictionLogged) -> None:
    """The server answered a request.

    Example::

        @hookimpl
        def prediction_logged(event: PredictionLogged) -> None:
            if event.seconds > 1:
                print(f"slow answer by {event.model}:{event.version}")

    .. versionadded:: 0.1
    """


@hookspec
def review_promotion(request: PromotionRequest) -> Veto | None:
    """Judge a promotion before it happens; a :class:`Veto` stops it, ``None`` lets it pass.

    An implementation that raises is logged and counts as ``None``; a gate that must hold catches its own errors.

    Example::

        @hookimpl
        def review_promotion(request: PromotionRequest) -> Veto | None:
            if request.metrics.get("macro_f1", 0.0) < 0.6:
                return Veto(reason="macro-F1 below 0.6")
            return None

    .. versionadded:: 0.1
    """
