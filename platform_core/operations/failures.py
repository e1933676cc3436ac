"""Operations that fail: told with kind and place of the error alone, for its words may quote rows of users' data."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from platform_core.sdk import Operation, PluginError, VerticoreError


@contextmanager
def guarded(operation: Operation[Any, Any]) -> Iterator[None]:
    """Let errors of Verticore through, and make of all others one that names the operation and the place.

    Raises:
        PluginError: the plugin's code raised something else; ``where`` is the line, as ``module:line``.
    """
    try:
        yield
    except VerticoreError:
        raise
    except Exception as error:
        # Not "from error": logs show what caused an error, and this one's words may quote personal data.
        raise PluginError(
            f"the operation {operation.id!r} failed: {type(error).__name__}",
            where=_place(error.__traceback__, _package(operation)),
            hint="tell the plugin's authors; its words may quote data, so only 'verticore run … --debug' shows them",
        ) from None


def _package(operation: Operation[Any, Any]) -> str:
    return str(getattr(operation.run, "__module__", "")).partition(".")[0]


def _place(trace: TracebackType | None, package: str) -> str:
    """Return the line of ``package`` that the error came through last; else the line that raised it."""
    lines = [(str(frame.f_globals.get("__name__")), line) for frame, line in traceback.walk_tb(trace)]
    own = [(module, line) for module, line in lines if module.partition(".")[0] == package]
    module, line = (own or lines)[-1]
    return f"{module}:{line}"
