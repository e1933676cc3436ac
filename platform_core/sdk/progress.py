"""How long work tells people and programs where it stands."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives progress; the command line draws bars from it, jobs store it, tests record it."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A new stage begins, of ``total`` units where that is known."""

    def advance(self, units: int = 1, **numbers: float) -> None:
        """``units`` more are done; ``numbers`` are worth showing, e.g. ``loss=0.41``."""

    def note(self, text: str) -> None:
        """Something that people like to know."""

    def warn(self, text: str) -> None:
        """Something that people should act on."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Ignore it."""

    def advance(self, units: int = 1, **numbers: float) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def warn(self, text: str) -> None:
        """Ignore it."""
