"""The serving engine: reference + examples → predictions, many requests in one pass of the encoder."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.requests import finish_requests
from platform_core.modeling.model import Model
from platform_core.modeling.runtime import Runtime
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import Example, Overloaded, PredictionLogged, UsageError
from platform_core.serving.answers import answer_of
from platform_core.serving.explanation import occlude
from platform_core.serving.lane import Lane, LaneLimits
from platform_core.serving.residency import Residency
from platform_core.serving.routing import Routes
from platform_core.serving.tickets import Predictions, Ticket, too_late

MOST_EXPLAINED = 32
"""Examples of a request that may be explained: each costs a pass for every word and every column."""


class ServingEngine:
    """Predicts with any registered model of one tenant.

    Args:
        registry: the tenant's models.
        host: knows their solutions.
        models: models in memory.
        pseudonyms: stand in the place of identities.
        tenant: whose models these are.
        limits: what a lane may do.
        timeout: seconds after which nobody waits any more for an answer.
    """

    def __init__(
        self,
        registry: Registry,
        host: PluginHost,
        models: Residency,
        pseudonyms: Pseudonyms,
        *,
        tenant: str,
        limits: LaneLimits,
        timeout: float = 30.0,
    ) -> None:
        self._routes = Routes(registry)
        self._models = models
        self._host = host
        self._pseudonyms = pseudonyms
        self._tenant = tenant
        self._limits = limits
        self._timeout = timeout
        # A lane goes with its encoder: that of a `full` fine-tune goes with the last holder of its model.
        self._lanes: weakref.WeakKeyDictionary[Runtime, Lane] = weakref.WeakKeyDictionary()
        self._closed = False
        self._lock = threading.Lock()

    async def predict(
        self, reference: str, examples: Sequence[Mapping[str, Any] | Example], *, want_explanation: bool = False
    ) -> dict[str, Any]:
        """Return ``{"model", "version", "predictions": [...]}``.

        Args:
            reference: ``name``, ``name:3`` or ``name@alias``.
            examples: inputs of the model's solution.
            want_explanation: whether each prediction gets an ``explanation``.

        Raises:
            NotFound: the reference means nothing.
            BadInput: an example is not valid; the message names it.
            UsageError: more examples are to be explained than ``MOST_EXPLAINED``.
            Overloaded: too many requests wait already, or the engine is closed.
            DeadlineExceeded: the answer did not come in time.
            ModelFailed: the model's own networks fail.
        """
        started = time.perf_counter()
        if want_explanation and len(examples) > MOST_EXPLAINED:
            raise UsageError(
                f"{len(examples)} explanations were asked for, a request may have {MOST_EXPLAINED}",
                where="explain",
                hint="ask for fewer examples at a time, or without explanation",
                details={"limit": MOST_EXPLAINED},
            )
        found = self._at_hand(reference)
        version, model = found if found is not None else await asyncio.to_thread(self._find, reference)
        finisher = Finisher(self._host.solution(version.solution), self._pseudonyms)
        inputs: list[Example] = []

        def finish() -> Sequence[Example]:
            inputs[:] = finish_requests(finisher, examples)
            return inputs

        predictions = await self._answer(model, finish)
        if want_explanation:
            explanations = [self._explain(model, e, p) for e, p in zip(inputs, predictions, strict=True)]
            for prediction, explanation in zip(predictions, await asyncio.gather(*explanations), strict=True):
                prediction["explanation"] = explanation
        event = PredictionLogged(
            tenant=self._tenant,
            model=version.model,
            version=version.number,
            examples=len(predictions),
            seconds=time.perf_counter() - started,
            labels=tuple(str(answer_of(prediction)) for prediction in predictions),
        )
        # Plugins may take their time; other requests must not wait for them.
        await asyncio.to_thread(self._host.hooks.announce, event)
        return {"model": version.model, "version": version.number, "predictions": predictions}

    def close(self) -> None:
        """Answer what is queued, then stop the lanes."""
        with self._lock:
            self._closed = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.close()

    def _at_hand(self, reference: str) -> tuple[VersionInfo, Model] | None:
        """Return what :meth:`_find` does where that takes no time."""
        version = self._routes.known(reference)
        model = self._models.resident(version) if version is not None else None
        return None if version is None or model is None else (version, model)

    def _find(self, reference: str) -> tuple[VersionInfo, Model]:
        version = self._routes.resolve(reference)
        return version, self._models.get(version)

    async def _answer(self, model: Model, finish: Callable[[], Sequence[Example]]) -> Predictions:
        """Return the predictions for the examples that ``finish`` returns."""
        ticket = Ticket(model, finish, deadline=time.monotonic() + self._timeout)
        self._lane(model.runtime).submit(ticket)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(ticket.predictions), self._timeout)
        except TimeoutError:
            raise too_late() from None

    async def _explain(self, model: Model, example: Example, prediction: dict[str, Any]) -> dict[str, Any]:
        occlusion = occlude(example, model.spec.table, model.spec.head.positive, note=model.spec.decision.note)
        return occlusion.explain(prediction, await self._answer(model, lambda: occlusion.reduced))

    def _lane(self, runtime: Runtime) -> Lane:
        with self._lock:
            lane = self._lanes.get(runtime)
            if lane is None:
                if self._closed:
                    raise Overloaded("the server is stopping", hint="try again in a moment")
                lane = self._lanes[runtime] = Lane(self._limits)
                weakref.finalize(runtime, lane.stop).atexit = False
            return lane
