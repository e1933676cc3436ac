"""The rooms that a server needs besides: routing, queues, what watches them, feedback."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from platform_core.rooms.workspace import WorkspaceRooms

if TYPE_CHECKING:
    from platform_core.monitoring.feedback.service import Feedback
    from platform_core.monitoring.history.service import History
    from platform_core.monitoring.metrics import Metrics
    from platform_core.monitoring.prediction_log import PredictionLog
    from platform_core.monitoring.recorder import Recorder
    from platform_core.serving.deployments.service import Deployments
    from platform_core.serving.deployments.trials import Trials
    from platform_core.serving.engine import ServingEngine
    from platform_core.serving.lanes import Lanes
    from platform_core.serving.pins import Pins
    from platform_core.serving.routing import Router
    from platform_core.serving.specs import ModelSpecs


class Rooms(WorkspaceRooms):
    """All rooms, wired for one tenant."""

    def close(self) -> None:
        """Answer what is queued, write what was counted, and close the database."""
        for room in ("_pins", "engine", "recorder", "router"):
            if room in self.__dict__:
                getattr(self, room).close()
        super().close()

    @cached_property
    def router(self) -> Router:
        """Says which version answers a request."""
        from platform_core.serving.routing import Router

        return Router(self._trials)

    @cached_property
    def _trials(self) -> Trials:
        from platform_core.serving.deployments.trials import Trials

        return Trials(self.db, self.registry, self.tenant)

    @cached_property
    def _pins(self) -> Pins:
        from platform_core.serving.pins import Pins

        return Pins(self.settings.pinned_models, self.registry.resolve_endpoint, self._trials.stamp, self.models)

    @cached_property
    def _lanes(self) -> Lanes:
        from platform_core.serving.lane import LaneLimits
        from platform_core.serving.lanes import Lanes

        settings = self.settings
        limits = LaneLimits.of(
            self.encoders.device,
            tokens=settings.max_batch_tokens,
            delay=settings.max_batch_delay_ms / 1000,
            patience=settings.max_wait_s,
            hang=settings.hang_timeout_s,
        )
        return Lanes(limits)

    def warm_up(self) -> None:
        """Load what serving needs, and the models of the setting ``pinned_models``, which stay; once is enough.

        Where a reference among them comes to mean another version, that one takes the place of the old one.

        Raises:
            NotFound: one of them is no model.
            IntegrityError: the files of one are not those that were published.
            MemoryFull: they do not fit.
        """
        assert self.engine
        self._pins.start()

    @cached_property
    def engine(self) -> ServingEngine:
        """The serving engine."""
        from platform_core.serving.cache import PredictionCache
        from platform_core.serving.engine import ServingEngine

        return ServingEngine(
            self.router,
            self.plugins,
            self.models,
            self.pseudonyms,
            self._lanes,
            self.recorder,
            tenant=self.tenant,
            timeout=self.settings.request_timeout_s,
            cache=PredictionCache(self.settings.prediction_cache_examples),
            priorities=self.settings.key_priorities,
        )

    @cached_property
    def deployments(self) -> Deployments:
        """Canaries and shadows beside aliases."""
        from platform_core.serving.deployments.service import Deployments

        return Deployments(self.db, self.registry, self.tenant)

    @cached_property
    def prediction_log(self) -> PredictionLog:
        """What was asked and answered, for a while."""
        from platform_core.monitoring.prediction_log import PredictionLog

        return PredictionLog(
            self.storage,
            self.tenant,
            self.datasets.eraser.erased,
            sample=self.settings.prediction_log_sample,
            days=self.settings.prediction_log_days,
        )

    @cached_property
    def history(self) -> History:
        """How many requests versions answered, how quickly, with which errors."""
        from platform_core.monitoring.history.service import History

        return History(self.db, self.tenant, days=self.settings.request_history_days)

    @cached_property
    def metrics(self) -> Metrics:
        """What Prometheus scrapes."""
        from platform_core.monitoring.metrics import Metrics

        metrics = Metrics()
        metrics.watch("verticore_waiting_examples", "Examples that wait for a pass.", lambda: self._lanes.waiting)
        metrics.watch(
            "verticore_model_memory_bytes", "What encoders and models take.", lambda: self.encoders.ledger.used
        )
        metrics.watch("verticore_model_loads", "Models loaded so far.", lambda: self.models.loads)
        metrics.watch(
            "verticore_model_load_seconds", "Time that loading models took.", lambda: self.models.load_seconds
        )
        return metrics

    @cached_property
    def recorder(self) -> Recorder:
        """Hears of every request that is served."""
        from platform_core.monitoring.recorder import Recorder

        return Recorder(self.metrics, self.history, self.prediction_log, self.plugins.hooks)

    @cached_property
    def specs(self) -> ModelSpecs:
        """The records of versions, without their networks."""
        from platform_core.serving.specs import ModelSpecs

        return ModelSpecs(self.registry)

    @cached_property
    def feedback(self) -> Feedback:
        """What people say the answers should have been."""
        from platform_core.monitoring.feedback.service import Feedback

        return Feedback(self.db, self.registry, self.datasets, self.recorder, self.specs, self.tenant)
