"""Code of plugins that fails: told with kind and place of the error alone, for its words may quote users' data."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from platform_core.sdk import PluginError, VerticoreError


@contextmanager
def guarded(what: str, module: str) -> Iterator[None]:
    """Let errors of Verticore through, and make of all others one that names the plugin's part and the place.

    Args:
        what: the part, e.g. ``the operation 'acme.tally'``.
        module: where its code stands; lines of the same package are the plugin's.

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
            f"{what} failed: {type(error).__name__}",
            where=_place(error.__traceback__, module.partition(".")[0]),
            hint="tell the plugin's authors; its words may quote data, so only the command with --debug shows them",
        ) from None


def _place(trace: TracebackType | None, package: str) -> str:
    """Return the line of ``package`` that the error came through last; else the line that raised it."""
    lines = [(str(frame.f_globals.get("__name__")), line) for frame, line in traceback.walk_tb(trace)]
    own = [(module, line) for module, line in lines if module.partition(".")[0] == package]
    module, line = (own or lines)[-1]
    return f"{module}:{line}"
