"""The records of versions, without their networks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry

if TYPE_CHECKING:
    from platform_core.modeling.spec import ModelSpec

_MOST = 1_000


class ModelSpecs:
    """The records of versions, read once; versions never change.

    Args:
        registry: where their files are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, ModelSpec] = {}
        self._lock = threading.Lock()

    def of(self, version: VersionInfo) -> ModelSpec:
        """Return the record of a version; its networks are not loaded.

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
        spec = ModelSpec.model_validate_json(text)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[version.id] = spec
        return spec
