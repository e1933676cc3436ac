"""The sample data of a solution: written for people, or imported."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from platform_core.cli.door import Door
from platform_core.sdk import Conflict, Solution

if TYPE_CHECKING:
    from platform_core.datasets.info import DatasetInfo


def write_sample(solution: Solution, folder: Path) -> list[Path]:
    """Write the sample files of ``solution`` into ``folder``.

    Returns:
        The files, sorted.

    Raises:
        Conflict: the folder holds files already: they may be the user's own.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("the folder is not empty", where=str(folder), hint="choose another one with --output")
    folder.mkdir(parents=True, exist_ok=True)
    solution.sample.write(folder)
    return sorted(file for file in folder.rglob("*") if file.is_file())


def import_sample(door: Door, solution: Solution) -> DatasetInfo:
    """Import the sample of ``solution`` as the dataset ``<id>.sample``, and return its version."""
    with tempfile.TemporaryDirectory(prefix="verticore-demo-") as place:
        folder = Path(place) / "sample"
        write_sample(solution, folder)
        with door.progress() as progress:
            return door.platform.datasets.import_(solution.id, folder, name=f"{solution.id}.sample", progress=progress)
