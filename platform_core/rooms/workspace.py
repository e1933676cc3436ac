"""The rooms that commands need: data, plugins, registry, training, prediction in this process."""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.settings import Settings, load_settings

WORKER_SETTINGS = "VERTICORE_WORKER_SETTINGS"
"""Environment variable in which a process that shares a run's work finds the settings, as JSON."""

if TYPE_CHECKING:
    from platform_core.datasets.pseudonyms import Pseudonyms
    from platform_core.datasets.service import Datasets
    from platform_core.finetune.loop.devices import Workers
    from platform_core.finetune.measuring import Examiner
    from platform_core.finetune.service import RunService
    from platform_core.finetune.workshop import Workshop
    from platform_core.modeling.pool import EncoderPool
    from platform_core.operations.runner import OperationRunner
    from platform_core.registry.service import Registry
    from platform_core.serving.predictor import Predictor
    from platform_core.serving.residency import Residency
    from platform_core.storage import Storage


class WorkspaceRooms:
    """What a command needs, wired for one tenant; each room is built on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tenant = settings.tenant

    @classmethod
    def open(cls, home: str | Path | None = None, *, settings: Settings | None = None) -> Self:
        """Open a workspace; its folder is created by the first thing that writes.

        Args:
            home: folder of the workspace; else ``VERTICORE_HOME``, else ``./.verticore``.
            settings: settings to use as they are, instead of reading them.

        Raises:
            WorkspaceTooNew: the workspace was written by a newer release.
        """
        return cls(settings or load_settings(Path(home) if home is not None else None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        if "_database" in self.__dict__:
            self._database.close()

    @cached_property
    def _database(self) -> Database:
        return Database(self.settings.database)

    @cached_property
    def db(self) -> Database:
        """The database, migrated to this release."""
        self._database.prepare()
        return self._database

    @cached_property
    def storage(self) -> Storage:
        """Blobs: datasets and model versions."""
        from platform_core.storage import Storage

        return Storage(self.settings.storage, self.settings.home / "cache" / "storage")

    @cached_property
    def plugins(self) -> PluginHost:
        """Installed plugins."""
        return PluginHost(self._database, self.tenant, strict=self.settings.strict_plugins)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Keyed hashes in the place of identities."""
        from platform_core.datasets.pseudonyms import KEY_FILE, Pseudonyms

        return Pseudonyms(self.settings.home / KEY_FILE, self.settings.pseudonym_key, tenant=self.tenant)

    @cached_property
    def datasets(self) -> Datasets:
        """Datasets and their versions."""
        from platform_core.datasets.service import Datasets

        return Datasets(self.db, self.storage, self.plugins, self.pseudonyms, self.tenant)

    @cached_property
    def registry(self) -> Registry:
        """Models, versions and aliases."""
        from platform_core.registry.service import Registry

        return Registry(self.db, self.storage, self.plugins.hooks, self.tenant)

    @cached_property
    def runs(self) -> RunService:
        """Runs."""
        from platform_core.finetune.service import RunService

        return RunService(self.db, self.settings.home / "runs", self.tenant)

    @cached_property
    def encoders(self) -> EncoderPool:
        """Encoders in memory."""
        from platform_core.modeling.pool import EncoderPool

        return EncoderPool(
            device=self.settings.device,
            allow_download=self.settings.allow_download,
            exact=self.settings.precision == "fp32",
            memory=self.settings.model_memory,
            processes=self.settings.workers,
        )

    @cached_property
    def models(self) -> Residency:
        """Models in memory."""
        from platform_core.serving.residency import Residency

        return Residency(self.registry, self.plugins, self.encoders)

    @cached_property
    def predictor(self) -> Predictor:
        """Predictions in this process, without a queue."""
        from platform_core.serving.predictor import Predictor

        return Predictor(self.registry, self.plugins, self.models, self.pseudonyms)

    @cached_property
    def operations(self) -> OperationRunner:
        """What plugins offer beyond one prediction."""
        from platform_core.operations.runner import OperationRunner

        return OperationRunner(self.plugins, self.registry, self.predictor)

    @cached_property
    def _examiner(self) -> Examiner:
        from platform_core.finetune.measuring import Examiner

        return Examiner(self.registry, self.plugins, self.datasets, self.models.get)

    @property
    def _studies(self) -> Path:
        """Folder of searches."""
        return self.settings.home / "studies" / self.tenant

    @cached_property
    def _workshop(self) -> Workshop:
        from platform_core.finetune.tracking.tracking import Trackers
        from platform_core.finetune.workshop import Workshop

        settings = self.settings
        return Workshop(
            host=self.plugins,
            datasets=self.datasets,
            registry=self.registry,
            runs=self.runs,
            storage=self.storage,
            encoders=self.encoders,
            cache=settings.home / "cache" / "features" / self.tenant,
            trackers=Trackers(
                self.db, self.tenant, settings.home, chosen=settings.trackers, mlflow_uri=settings.mlflow_uri
            ),
            start_workers=self._start_workers,
            tenant=self.tenant,
        )

    def _start_workers(self, run: str, devices: int) -> Workers:
        from platform_core.finetune.loop.devices import Workers

        # In the environment, which only processes of the same user can read: settings may hold passwords.
        settings = {WORKER_SETTINGS: self.settings.model_dump_json()}
        return Workers([sys.executable, "-m", "platform_core.cli.worker", run], devices, environment=settings)

    def _tidy(self) -> None:
        """Remove what processes that died have left, and the features that were used longest ago."""
        from platform_core.modeling.feature_cache import prune

        self.storage.sweep()
        self.registry.sweep()
        prune(self.settings.home / "cache" / "features", self.settings.cache_bytes)
