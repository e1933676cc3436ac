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

_PRIVATE = "--subject"
"""The option whose value no log may keep: whom somebody wants erased."""


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
            stream.writelines(traceback.format_exception(error))
    except OSError:
        return None
    return file


def _shown(words: Sequence[str]) -> list[str]:
    """Return the words of a command without private values."""
    shown = [f"{_PRIVATE}=…" if word.startswith(f"{_PRIVATE}=") else word for word in words]
    return ["…" if before == _PRIVATE else word for before, word in zip(["", *shown], shown, strict=False)]


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
