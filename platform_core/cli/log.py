"""The log file: where the details of an error are kept for the person who looks into it."""

from __future__ import annotations

import logging
import os
import shlex
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

NAME = "verticore.log"

_PRIVATE = frozenset(("--subject", "--text"))
"""Options whose values no log may keep: whom somebody wants erased, and what was not masked yet."""


def log_file(home: Path) -> Path:
    """Return the log's path: in the workspace where there is one, else in the user's state folder."""
    if home.is_dir():
        return home / "logs" / NAME
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "verticore" / NAME


def record(error: BaseException, words: Sequence[str], home: Path) -> Path | None:
    """Append the command and the traceback of ``error`` to the log.

    Returns:
        The log's path, or none where it cannot be written (a full disk must not hide the error itself).
    """
    try:
        file = log_file(home)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} verticore {shlex.join(_shown(words))}\n")
            stream.writelines(_details(error))
    except OSError:
        return None
    return file


def _shown(words: Sequence[str]) -> list[str]:
    """Return the words of a command without private values and inputs as JSON."""
    shown = []
    for before, word in zip(["", *words], words, strict=False):
        option, equals, value = word.partition("=")
        if before in _PRIVATE or _is_json(word):
            word = "…"
        elif equals and option.startswith("--") and (option in _PRIVATE or _is_json(value)):
            word = f"{option}=…"
        shown.append(word)
    return shown


def _is_json(word: str) -> bool:
    return word.lstrip().startswith(("{", "["))


def _details(error: BaseException) -> list[str]:
    """Return the traceback; of data that cannot be used, without the message, which may quote rows of users' files."""
    from platform_core.sdk.errors import BadInput, DataError

    if isinstance(error, DataError) or type(error) is BadInput:
        frames = traceback.format_tb(error.__traceback__)
        return ["Traceback (most recent call last):\n", *frames, f"{error.code}, at {error.where}\n"]
    return traceback.format_exception(error)


class _LazyFile(logging.FileHandler):
    """A file that is made, with its folder, by the first record: looking at nothing creates no workspace."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()


def follow(home: Path, level: str) -> None:
    """Send what the libraries and Verticore log to the workspace's log file.

    Args:
        home: the workspace.
        level: the least level that is kept, e.g. ``info``.
    """
    handler = _LazyFile(home / "logs" / NAME, encoding="utf-8", delay=True)
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler]
    )
    logging.captureWarnings(True)
