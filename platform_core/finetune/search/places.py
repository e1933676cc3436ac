"""Where searches keep what they found: names that tell the data, so that what was found on it can be removed."""

from __future__ import annotations

import shutil
from pathlib import Path

from platform_core.datasets.info import DatasetInfo

_DIGITS = 12
_LOCKS = (".held", ".lock")


def place_of(folder: Path, solution: str, kind: str, data: DatasetInfo, digest: str) -> Path:
    """Return the place of a search below ``folder``, without a suffix.

    Args:
        folder: of all searches.
        solution: whose recipes are searched.
        kind: of the search: a method, or ``auto``.
        data: what is learned from.
        digest: of all else that the search depends on.
    """
    return folder / f"{solution}-{kind}-{data.digest[:_DIGITS]}-{digest}"


def places_on(folder: Path, digest: str) -> list[Path]:
    """Return the files and folders of the searches on the data with ``digest``, their locks left out."""
    return [path for path in sorted(folder.glob(f"*-{digest[:_DIGITS]}-*")) if path.suffix not in _LOCKS]


def remove(place: Path) -> None:
    """Remove a file or folder of a search."""
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
