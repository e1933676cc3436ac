"""Models that stay in memory: of references, wherever these point while requests are answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from platform_core.registry.schemas import VersionInfo
from platform_core.sdk.errors import MemoryFull, VerticoreError
from platform_core.serving.residency import Residency

LOOK_SECONDS = 1.0
"""Time between two looks for aliases that moved."""

CLOSE_SECONDS = 5.0
"""How long the end waits for a model that is being loaded."""

_log = logging.getLogger(__name__)


class Pins:
    """Keeps the models of references in memory.

    A thread asks once a second whether any reference may mean another version than before. The new version is loaded
    before the old one may go, where both fit.

    Args:
        references: ``name``, ``name:3`` or ``name@alias``.
        resolve: returns the version that a reference means.
        stamp: returns what is another as soon as any reference may mean something else.
        models: models in memory.
    """

    def __init__(
        self,
        references: Sequence[str],
        resolve: Callable[[str], VersionInfo],
        stamp: Callable[[], object],
        models: Residency,
    ) -> None:
        self._references = tuple(dict.fromkeys(references))
        self._resolve = resolve
        self._stamp = stamp
        self._models = models
        self._held: dict[str, VersionInfo] = {}
        self._seen: object = None
        self._is_unreachable = False
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Load all, and follow them until closed; does nothing where that is done.

        Raises:
            NotFound: a reference names nothing.
            UsageError: it is malformed.
            IntegrityError: the files of a version are not those that were published.
            MemoryFull: they do not fit.
        """
        if self._thread is not None or not self._references:
            return
        self._seen = self._stamp()
        for reference in self._references:
            self._hold(reference)
        self._thread = threading.Thread(target=self._run, name="verticore-pins", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Follow no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            try:
                self._follow()
                self._is_unreachable = False
            except Exception:
                if not self._is_unreachable:
                    _log.warning("pinned models cannot be followed at the moment", exc_info=True)
                self._is_unreachable = True

    def _follow(self) -> None:
        """Hold what the references mean now; what cannot be held is tried again after the next change."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        for reference in self._references:
            try:
                self._hold(reference)
            except VerticoreError as error:
                _log.warning("the pinned model %s cannot be loaded: %s", reference, error)
        self._seen = stamp

    def _hold(self, reference: str) -> None:
        version, before = self._resolve(reference), self._held.get(reference)
        if before is not None and before.id == version.id:
            return
        try:
            self._models.get(version, pinned=True)
        except MemoryFull:
            if before is None:
                raise
            self._let_go(reference)  # nobody asks for it by this reference any more
            self._models.get(version, pinned=True)
        self._let_go(reference)
        self._held[reference] = version

    def _let_go(self, reference: str) -> None:
        before = self._held.pop(reference, None)
        if before is not None and all(held.id != before.id for held in self._held.values()):
            self._models.unpin(before)
