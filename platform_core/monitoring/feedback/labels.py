"""Which labels a version can answer with."""

from __future__ import annotations

import threading

from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry

_MOST = 1_000


class ModelLabels:
    """The labels of versions, read once; versions never change.

    Args:
        registry: where their files are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def of(self, version: VersionInfo) -> tuple[str, ...]:
        """Return the labels of a version, in its order; none where it answers with numbers.

        Raises:
            IntegrityError: its files are not those that were published.
        """
        with self._lock:
            known = self._known.get(version.id)
        if known is not None:
            return known
        from platform_core.modeling.artifact import SPEC_FILE
        from platform_core.modeling.spec import ModelSpec

        text = (self._registry.folder(version) / SPEC_FILE).read_text(encoding="utf-8")
        labels = ModelSpec.model_validate_json(text).head.labels
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[version.id] = labels
        return labels
