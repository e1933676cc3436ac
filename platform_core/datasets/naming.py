"""What users call data: a path, or the name of a dataset."""

from __future__ import annotations

import re
from pathlib import Path

from platform_core.datasets.sources import expanded, nearest_path
from platform_core.sdk import FileMissing, UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def is_path(data: str | Path) -> bool:
    """Tell a path from a reference: it exists, or is written like one.

    Raises:
        FileMissing: it is written like a path, and nothing is there.
    """
    path = expanded(data)
    if path.exists():
        return True
    text = str(data)
    if isinstance(data, Path) or "/" in text or "\\" in text:
        return True
    if re.search(r"\.(csv|tsv|jsonl|ndjson|parquet|pq|txt|json|xlsx)$", text):
        raise FileMissing("there is no such file or folder", where=text, hint=nearest_path(path))
    return False


def checked_name(name: str) -> str:
    """Return ``name`` if it is one for a dataset.

    Raises:
        UsageError: it is none.
    """
    if not _NAME.fullmatch(name):
        hint = "use lower-case letters, digits, '.', '_' and '-', at most 80 characters"
        raise UsageError(f"{name!r} is no name for a dataset", where="--name", hint=hint)
    return name
