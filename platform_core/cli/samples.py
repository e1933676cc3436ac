"""Writing the sample data of a solution."""

from __future__ import annotations

from pathlib import Path

from platform_core.sdk import Conflict, Solution


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
