"""Loaded models: by version, the least recently used out first."""

from __future__ import annotations

import logging
import time

from platform_core.modeling.artifact import load_artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.scheduling.residents import Residents

_OBJECTS = 64 * 1024
"""Bytes of a model beside its tensors: modules, labels, the record."""

_log = logging.getLogger(__name__)


class Residency:
    """Models in memory, on shared encoders, as many as the device's ledger lets stay.

    Args:
        registry: where versions are found; their hashes are verified at each load.
        host: knows the solution of a version.
        encoders: the shared encoders.

    Attributes:
        loads: models loaded so far.
        load_seconds: time that this took.
    """

    def __init__(self, registry: Registry, host: PluginHost, encoders: EncoderPool) -> None:
        self.loads = 0
        self.load_seconds = 0.0
        self._registry = registry
        self._host = host
        self._encoders = encoders
        self._models: Residents[Model] = Residents("model", encoders.ledger)

    def resident(self, version: VersionInfo) -> Model | None:
        """Return the model of a version if it is in memory."""
        return self._models.at_hand(version.id)

    def get(self, version: VersionInfo, *, pinned: bool = False) -> Model:
        """Return the model of a version, loading it on first use; other models are there meanwhile.

        Args:
            version: the version.
            pinned: whether it stays in memory from now on.

        Raises:
            IntegrityError: its files are not those that were published.
            MemoryFull: it does not fit beside what is in use or pinned.
            PluginError: its solution's plugin is not usable.
        """
        return self._models.get(
            version.id,
            lambda: self._load(version),
            lambda model: model.nbytes + _OBJECTS,
            expected=version.size_bytes,
            pinned=pinned,
        )

    def unpin(self, version: VersionInfo) -> None:
        """Let the model of a version go when room is needed."""
        self._models.unpin(version.id)

    def _load(self, version: VersionInfo) -> Model:
        started = time.perf_counter()
        solution = self._host.solution(version.solution)
        model = self._encoders.load(load_artifact(self._registry.folder(version), head=solution.head), solution)
        seconds = time.perf_counter() - started
        self.loads += 1
        self.load_seconds += seconds
        _log.info("loaded %s in %.2f s: %s bytes beside its encoder", version.ref, seconds, f"{model.nbytes:,}")
        return model
