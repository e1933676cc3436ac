"""Loaded models: by version, the least recently used out first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future

from platform_core.modeling.artifact import load_artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry

MOST_MODELS = 256


class Residency:
    """Models in memory, on shared encoders.

    Args:
        registry: where versions are found; their hashes are verified at each load.
        host: knows the solution of a version.
        encoders: the shared encoders.
        most: most models that stay loaded.
    """

    def __init__(self, registry: Registry, host: PluginHost, encoders: EncoderPool, most: int = MOST_MODELS) -> None:
        self._registry = registry
        self._host = host
        self._encoders = encoders
        self._most = most
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._loading: dict[str, Future[Model]] = {}
        self._lock = threading.Lock()

    def resident(self, version: VersionInfo) -> Model | None:
        """Return the model of a version if it is in memory."""
        with self._lock:
            model = self._models.get(version.id)
            if model is not None:
                self._models.move_to_end(version.id)
            return model

    def get(self, version: VersionInfo) -> Model:
        """Return the model of a version, loading it on first use; other models are there meanwhile.

        Raises:
            IntegrityError: its files are not those that were published.
            PluginError: its solution's plugin is not usable.
        """
        model = self.resident(version)
        if model is not None:
            return model
        with self._lock:
            if version.id in self._models:  # it came meanwhile
                return self._models[version.id]
            loading = self._loading.get(version.id)
            if loading is None:
                mine = self._loading[version.id] = Future()
        return self._load_for_all(version, mine) if loading is None else loading.result()

    def _load_for_all(self, version: VersionInfo, waiting: Future[Model]) -> Model:
        """Load a model, for this caller and for those that ask meanwhile."""
        try:
            model = self._load(version)
        except BaseException as error:
            with self._lock:
                del self._loading[version.id]
            waiting.set_exception(error)
            raise
        with self._lock:
            self._models[version.id] = model
            while len(self._models) > self._most:
                self._models.popitem(last=False)
            del self._loading[version.id]
        waiting.set_result(model)
        return model

    def _load(self, version: VersionInfo) -> Model:
        solution = self._host.solution(version.solution)
        return self._encoders.load(load_artifact(self._registry.folder(version), head=solution.head), solution)
