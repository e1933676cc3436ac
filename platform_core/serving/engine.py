"""The serving engine: reference + examples → predictions, many requests in one pass of the encoder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.requests import finish_requests
from platform_core.db.ids import new_id
from platform_core.modeling.model import Model
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import DeadlineExceeded, Example, Overloaded, UsageError, VerticoreError
from platform_core.serving.cache import PredictionCache
from platform_core.serving.deployments.policy import Choice, Outcome, answers_of, is_fault
from platform_core.serving.explanation import occlude
from platform_core.serving.lanes import Lanes
from platform_core.serving.residency import Residency
from platform_core.serving.routing import Router
from platform_core.serving.served import Observer, Role, Served
from platform_core.serving.tickets import Predictions, too_late

MOST_EXPLAINED = 32
"""Examples of a request that may be explained: each costs a pass for every word and every column."""

_MOST_SHADOWS = 256
"""Copies for shadows that are asked at a time; beyond, a request has none."""

_SHADOW_PRIORITY = -1_000_000
"""Behind everybody whom somebody waits for."""

_LOADERS = 4
"""Models that are loaded at a time."""

_CRASHED = "internal.unexpected"


@dataclass
class _Request:
    """A request on its way.

    Attributes:
        reference: what the caller wrote.
        given: examples as they came.
        priority: of its tickets.
        deadline: moment of the monotonic clock after which nobody waits any more.
        explain: whether predictions get explanations.
        finished: the examples, once they are finished.
    """

    reference: str
    given: Sequence[Mapping[str, Any] | Example]
    priority: int
    deadline: float
    explain: bool
    id: str = field(default_factory=lambda: new_id("prd"))
    started: float = field(default_factory=time.perf_counter)
    finished: Sequence[Example] = ()


class ServingEngine:
    """Predicts with any registered model of one tenant.

    Args:
        router: says which version answers.
        host: knows the solutions.
        models: models in memory.
        pseudonyms: stand in the place of identities.
        lanes: where requests queue for encoders.
        observer: hears of every request that reached a version.
        tenant: whose models these are.
        timeout: seconds after which nobody waits any more for an answer.
        cache: answers by content.
        priorities: of requests, by the key that they come with; greater ones go first.
    """

    def __init__(
        self,
        router: Router,
        host: PluginHost,
        models: Residency,
        pseudonyms: Pseudonyms,
        lanes: Lanes,
        observer: Observer,
        *,
        tenant: str,
        timeout: float = 30.0,
        cache: PredictionCache | None = None,
        priorities: Mapping[str, int] | None = None,
    ) -> None:
        self._router = router
        self._host = host
        self._models = models
        self._pseudonyms = pseudonyms
        self._lanes = lanes
        self._observer = observer
        self._tenant = tenant
        self._timeout = timeout
        self._cache = cache or PredictionCache(0)
        self._priorities = priorities or {}
        self._shadows: set[asyncio.Task[None]] = set()
        self._loads: dict[str, asyncio.Future[Model]] = {}
        self._loaders = ThreadPoolExecutor(_LOADERS, "model-load")

    async def predict(
        self,
        reference: str,
        examples: Sequence[Mapping[str, Any] | Example],
        *,
        key: str | None = None,
        want_explanation: bool = False,
    ) -> dict[str, Any]:
        """Return ``{"id", "model", "version", "predictions": [...]}``.

        Args:
            reference: ``name``, ``name:3`` or ``name@alias``.
            examples: inputs of the model's solution.
            key: of the caller: the same one is answered by the same version while another is on trial.
            want_explanation: whether each prediction gets an ``explanation``.

        Raises:
            NotFound: the reference means nothing.
            BadInput: an example is not valid; the message names it.
            UsageError: more examples are to be explained than ``MOST_EXPLAINED``.
            Overloaded: too many requests wait already, or the engine is closed.
            DeadlineExceeded: the answer did not come in time.
            ModelFailed: the model's own networks fail.
        """
        if want_explanation and len(examples) > MOST_EXPLAINED:
            raise UsageError(
                f"{len(examples)} explanations were asked for, a request may have {MOST_EXPLAINED}",
                where="explain",
                hint="ask for fewer examples at a time, or without explanation",
                details={"limit": MOST_EXPLAINED},
            )
        priority = self._priorities.get(key, 0) if key else 0
        deadline = time.monotonic() + self._timeout
        request = _Request(reference, examples, priority, deadline, want_explanation)
        choice = self._router.known(reference, key)
        if choice is None:
            choice = await asyncio.to_thread(self._router.choose, reference, key)
        version = choice.version
        try:
            predictions = await self._ask(request, choice, version, choice.role)
        except Exception as error:
            blameless = isinstance(error, DeadlineExceeded) or not (is_fault(error) or isinstance(error, Overloaded))
            if choice.fallback is None or blameless:
                raise
            # What is on trial harms nobody: who is in place answers.
            version = choice.fallback
            predictions = await self._ask(request, None, version, "stable")
        if choice.shadow is not None and len(self._shadows) < _MOST_SHADOWS:
            task = asyncio.create_task(self._ask_shadow(request, choice, choice.shadow, predictions))
            self._shadows.add(task)
            task.add_done_callback(self._shadows.discard)
        return {"id": request.id, "model": version.model, "version": version.number, "predictions": predictions}

    def close(self) -> None:
        """Answer what is queued, then stop the lanes."""
        self._lanes.close()
        self._loaders.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, request: _Request, choice: Choice | None, version: VersionInfo, role: Role) -> Predictions:
        """Ask one version, and tell what became of it."""
        started = request.started if role != "shadow" else time.perf_counter()
        try:
            model = self._models.resident(version) or await self._load(version, request.deadline)
            # A version on trial is timed beside the other: both compute.
            cached = not (choice and choice.arms)
            said = await self._predictions(request, model, version, role, cached=cached)
            explained = request.explain and role != "shadow"
            predictions = await self._explained(request, model, said) if explained else said
        except Exception as error:
            self._note(request, choice, version, role, time.perf_counter() - started, error=error)
            raise
        self._note(request, choice, version, role, time.perf_counter() - started, said)
        return predictions

    async def _load(self, version: VersionInfo, deadline: float) -> Model:
        """Load a model once for all that ask, however long it takes, and wait for it until the deadline."""
        loading = self._loads.get(version.id)
        if loading is None:
            loading = asyncio.get_running_loop().run_in_executor(self._loaders, self._models.get, version)
            self._loads[version.id] = loading
            loading.add_done_callback(lambda done: self._loaded(version.id, done))
        try:
            return await asyncio.wait_for(asyncio.shield(loading), deadline - time.monotonic())
        except TimeoutError:
            raise too_late() from None

    def _loaded(self, key: str, loading: asyncio.Future[Model]) -> None:
        del self._loads[key]
        if not loading.cancelled():
            loading.exception()  # who waited has heard of it, if anybody did

    def _note(
        self,
        request: _Request,
        choice: Choice | None,
        version: VersionInfo,
        role: Role,
        seconds: float,
        predictions: Predictions | tuple[()] = (),
        error: Exception | None = None,
    ) -> None:
        # A copy that had to wait behind everybody is not slow for it.
        if choice is not None and not (role == "shadow" and isinstance(error, DeadlineExceeded)):
            self._router.note(choice, role, Outcome.of(seconds, predictions, error))
        code = None if error is None else error.code if isinstance(error, VerticoreError) else _CRASHED
        self._observer(
            Served(
                id=request.id,
                tenant=self._tenant,
                model=version.model,
                version=version.number,
                version_id=version.id,
                solution=version.solution,
                reference=request.reference,
                role=role,
                code=code,
                seconds=seconds,
                examples=request.finished,
                predictions=predictions,
            )
        )

    async def _predictions(
        self, request: _Request, model: Model, version: VersionInfo, role: Role, *, cached: bool
    ) -> Predictions:
        priority, deadline = request.priority, request.deadline
        if role == "shadow":
            priority, deadline = _SHADOW_PRIORITY, time.monotonic() + self._timeout

        async def ask(finish: Callable[[], Sequence[Example]], count: int) -> Predictions:
            return await self._lanes.answer(model, finish, examples=count, deadline=deadline, priority=priority)

        finish = self._finish(request, version.solution)
        if not (self._cache and cached):
            return await ask(finish, len(request.given))
        examples = await asyncio.to_thread(finish)
        return await self._cache.answer(version.id, examples, lambda some: ask(lambda: some, len(some)))

    def _finish(self, request: _Request, solution: str) -> Callable[[], Sequence[Example]]:
        def finish() -> Sequence[Example]:
            if not request.finished:
                finisher = Finisher(self._host.solution(solution), self._pseudonyms)
                request.finished = finish_requests(finisher, request.given)
            return request.finished

        return finish

    async def _ask_shadow(
        self, request: _Request, choice: Choice, version: VersionInfo, predictions: Predictions
    ) -> None:
        try:
            theirs = await self._ask(request, choice, version, "shadow")
        except Exception:  # noted already; nobody waits for the answer
            return
        self._router.note_shadow(choice, answers_of(predictions), answers_of(theirs))

    async def _explained(self, request: _Request, model: Model, predictions: Predictions) -> Predictions:
        pairs = zip(request.finished, predictions, strict=True)
        explanations = await asyncio.gather(*[self._explain(request, model, *pair) for pair in pairs])
        return [{**said, "explanation": why} for said, why in zip(predictions, explanations, strict=True)]

    async def _explain(
        self, request: _Request, model: Model, example: Example, prediction: dict[str, Any]
    ) -> dict[str, Any]:
        spec = model.spec
        occlusion = await asyncio.to_thread(occlude, example, spec.table, spec.head.positive, note=spec.decision.note)
        reduced = occlusion.reduced
        answers = await self._lanes.answer(
            model,
            lambda: reduced,
            examples=len(reduced),
            deadline=request.deadline,
            priority=request.priority,
        )
        return await asyncio.to_thread(occlusion.explain, prediction, answers)
