"""References → versions, looked up at most once a second: an alias that moves is served soon, without a restart."""

from __future__ import annotations

import threading
import time

from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry

FRESH_SECONDS = 1.0


class Routes:
    """Resolves endpoints: ``name`` is ``name@champion`` where that alias is set, else the newest version."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, tuple[float, VersionInfo]] = {}
        self._lock = threading.Lock()

    def known(self, reference: str) -> VersionInfo | None:
        """Return the version that ``reference`` meant a moment ago, without asking the database."""
        with self._lock:
            known = self._known.get(reference)
        return known[1] if known and time.monotonic() - known[0] < FRESH_SECONDS else None

    def resolve(self, reference: str) -> VersionInfo:
        """Return the version that ``reference`` means now.

        Raises:
            NotFound: it means none.
        """
        known = self.known(reference)
        if known is not None:
            return known
        version = self._registry.resolve_endpoint(reference)
        with self._lock:
            self._known[reference] = (time.monotonic(), version)
        return version
