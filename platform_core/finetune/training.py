"""Executing a run: dataset version → features → loop → model folder → evaluation → registered version."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Literal

from platform_core.datasets.catalogue import DataChanged
from platform_core.evaluation import Evaluation
from platform_core.finetune.heartbeat import Heartbeat
from platform_core.finetune.learning import Learned, Watch, assist, learn, uses_gradients
from platform_core.finetune.loop.devices import LostPeer, Rank
from platform_core.finetune.loop.group import Group, joined
from platform_core.finetune.methods import Bench, fill_cache
from platform_core.finetune.publishing import publish, versions_of
from platform_core.finetune.schemas import RunSpec, TrainResult, measured
from platform_core.finetune.stopping import StopRequest, stop_on_signals
from platform_core.finetune.tracking.tracking import Tracking
from platform_core.finetune.workshop import Workshop, gather
from platform_core.modeling.hardware import choose_precision
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Conflict, Interrupted, Progress, RunFinished, Silent, StorageFull, VerticoreError


def execute(shop: Workshop, run_id: str, progress: Progress) -> TrainResult:
    """Execute a run in this process, from its start or from its last checkpoint.

    Raises:
        NotFound: there is no such run.
        Conflict: it is finished, or another process executes it; or a plugin objects to the alias: then the run is
            finished and its version registered.
        DataChanged: rows were erased from its data meanwhile; nothing of it is kept.
        Interrupted: a stop was requested; resuming goes on from there.
        UsageError: a chosen tracker cannot work.
    """
    spec = shop.runs.spec(run_id)
    shop.trackers.check()
    with shop.runs.claim(run_id):
        before = shop.runs.get(run_id)
        if before.status == "finished":
            raise Conflict(f"the run {run_id} is finished", hint="train again for another version")
        # A run that is new and has epochs is one that the choice of its method has trained.
        inherited = before.history if before.status == "created" else ()
        shop.runs.start(run_id)
        try:
            with stop_on_signals() as stop, Heartbeat(shop.runs, run_id) as heart:
                result = _Execution(shop, run_id, spec, progress, stop, heart).train(inherited)
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, Interrupted | LostPeer | StorageFull):
                remedy = f"go on with: verticore runs resume {run_id}"
                error.hint = f"{error.hint}; {remedy}" if error.hint else remedy
            if isinstance(error, DataChanged):
                shop.runs.discard_checkpoint(run_id)
            with suppress(
                VerticoreError
            ):  # it must not hide `error`; the row of a process that is gone reads as stopped
                _note_end(shop, run_id, spec, error)
            raise
    return _promoted(shop, spec, result)


def _note_end(shop: Workshop, run_id: str, spec: RunSpec, error: BaseException) -> None:
    """Write down what ended the run, and tell plugins."""
    stopped = isinstance(error, Interrupted | KeyboardInterrupt)
    status: Literal["interrupted", "failed"] = "interrupted" if stopped else "failed"
    shop.runs.finish(run_id, status, error=str(error))
    shop.host.hooks.announce(RunFinished(tenant=shop.tenant, run=run_id, solution=spec.solution, status=status))


def _promoted(shop: Workshop, spec: RunSpec, result: TrainResult) -> TrainResult:
    """Move the alias that was asked for. A veto fails the promotion, not the run: its version stands."""
    if spec.promote is None:
        return result
    shop.registry.promote(f"{result.model}:{result.version}", spec.promote)
    return replace(result, aliases=(spec.promote,))


def share(shop: Workshop, run_id: str) -> None:
    """Share the work of a run that another process leads: in the processes that it has started.

    Raises:
        TrainingFailed: the leading process is gone, or the training cannot go on.
    """
    spec = shop.runs.spec(run_id)
    rank = Rank.from_environment()
    shop.encoders.device = device = rank.device(shop.encoders.device)
    material = gather(shop, run_id, spec, Silent())
    precision = choose_precision(spec.recipe.precision, device)
    with stop_on_signals() as stop, joined(rank, device) as group:
        watch = Watch(shop.runs.folder(run_id) / "checkpoint", stop_requested=stop)
        with suppress(Interrupted):  # the first process tells of it
            writing = shop.guard(material.dataset).writing
            assist(material, Bench(shop.encoders, shop.cache, precision, Silent(), group, writing), watch)


class _Execution:
    """One execution of one run."""

    def __init__(
        self, shop: Workshop, run_id: str, spec: RunSpec, progress: Progress, stop: StopRequest, heart: Heartbeat
    ) -> None:
        self._shop = shop
        self._spec = spec
        self._progress = progress
        self._stop = stop
        self._heart = heart
        self._warnings: list[str] = []
        self._started = time.monotonic()
        self._first_epoch_seconds = 0.0
        self._material = gather(shop, run_id, spec, progress)
        self._precision = choose_precision(spec.recipe.precision, shop.encoders.device)
        self._plugin = shop.host.plugin(spec.solution.partition(".")[0])

    def train(self, inherited: Sequence[Mapping[str, float]]) -> TrainResult:
        """Train from where the checkpoint is; ``inherited`` epochs were trained before the run."""
        shop, material = self._shop, self._material
        guard = shop.guard(material.dataset)
        alone = Bench(shop.encoders, shop.cache, self._precision, self._progress, writing=guard.writing)
        with self._tracking() as tracking, self._group(alone) as group:
            for entry in inherited:
                tracking.epoch(entry, step=self._last_step(entry))
            bench = replace(alone, group=group)

            def on_epoch(history: Sequence[dict[str, float]]) -> None:
                tracking.epoch(history[-1], step=self._last_step(history[-1]))
                self._on_epoch(history)

            watch = Watch(
                shop.runs.folder(material.run_id) / "checkpoint",
                on_epoch=on_epoch,
                on_step=tracking.step,
                on_estimate=lambda estimate: self._progress.note(str(estimate)),
                stop_requested=self._stop_requested,
            )
            learned = learn(material, bench, watch)
            if learned.score is not None and math.isnan(learned.score):
                metric = material.solution.primary_metric
                self._warn(f"{metric} is undefined on the validation data: no epoch was chosen by it")
            guard.check()
            version, evaluation = publish(
                shop, material, learned, precision=self._precision, plugin=self._plugin, progress=self._progress
            )
            tracking.result(evaluation.metrics if evaluation else {})
        return self._conclude(version, learned, evaluation)

    @contextmanager
    def _group(self, bench: Bench) -> Iterator[Group]:
        """Start the processes that share the work, and join them; alone where one is enough."""
        shop, spec = self._shop, self._spec
        shared = spec.devices > 1 and uses_gradients(self._material)
        if spec.devices > 1 and not shared:
            method = f"method {spec.method}" + (" in folds" if self._material.folds > 1 else "")
            self._progress.note(f"{method} has no steps to share: one process instead of {spec.devices}")
        if not shared:
            yield Group()
            return
        fill_cache(self._material, bench)  # alone: the others would wait, with their hands on the processor
        workers = shop.start_workers(self._material.run_id, spec.devices)
        with workers, joined(workers.rank, shop.encoders.device, workers) as group:
            yield group

    def _tracking(self) -> Tracking:
        material = self._material
        tags = {"dataset": material.dataset.ref} | versions_of(self._plugin)
        return self._shop.trackers.follow(material.run_id, self._spec, self._warn, tags=tags)

    def _warn(self, text: str) -> None:
        """Warn of what does not end the run; its record has it, too."""
        self._progress.warn(text)
        self._warnings.append(text)
        self._shop.runs.warn(self._material.run_id, text)

    def _last_step(self, entry: Mapping[str, float]) -> int:
        """Return the step that ends an epoch, counted over all; the process may have resumed after it."""
        return int(entry["epoch"]) * self._material.epoch_steps

    def _stop_requested(self) -> bool:
        self._heart.check()
        return self._stop()

    def _on_epoch(self, history: Sequence[dict[str, float]]) -> None:
        self._first_epoch_seconds = self._first_epoch_seconds or self._seconds()
        # JSON knows no NaN, and PostgreSQL refuses it.
        known = [{name: value for name, value in entry.items() if math.isfinite(value)} for entry in history]
        self._shop.runs.note(self._material.run_id, history=known)
        self._heart.beat()

    def _conclude(self, version: VersionInfo, learned: Learned, evaluation: Evaluation | None) -> TrainResult:
        shop, material, spec = self._shop, self._material, self._spec
        metrics = evaluation.metrics if evaluation else {}
        shop.runs.finish(material.run_id, "finished", metrics=metrics, model_version_id=version.id)
        shop.runs.discard_checkpoint(material.run_id)
        shop.host.hooks.announce(
            RunFinished(
                tenant=shop.tenant,
                run=material.run_id,
                solution=spec.solution,
                status="finished",
                model=version.model,
                version=version.number,
                metrics=metrics,
            )
        )
        return TrainResult(
            run=material.run_id,
            solution=spec.solution,
            model=version.model,
            version=version.number,
            dataset=material.dataset.ref,
            method=spec.method,
            encoder=material.encoder_name,
            evaluated_on=material.evaluated_on,
            seconds=self._seconds(),
            train_seconds=learned.result.train_seconds,
            first_epoch_seconds=self._first_epoch_seconds,
            epochs=len(learned.result.history),
            size_bytes=version.size_bytes,
            warnings=[*material.dataset.warnings, *(evaluation.warnings if evaluation else ()), *self._warnings],
            selection=spec.selection,
            **measured(evaluation, material.solution),
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started
