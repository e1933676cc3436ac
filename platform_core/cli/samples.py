"""The sample data of a solution or an operation: written for people, or imported."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_core.cli.door import Door
from platform_core.sdk import Conflict, Operation, Solution

if TYPE_CHECKING:
    from platform_core.datasets.info import DatasetInfo


def write_sample(solution: Solution, folder: Path) -> list[Path]:
    """Write the sample files of ``solution`` into ``folder``.

    Returns:
        The files, sorted.

    Raises:
        Conflict: the folder holds files already: they may be the user's own.
    """
    _make_empty(folder)
    solution.sample.write(folder)
    return sorted(file for file in folder.rglob("*") if file.is_file())


def write_operation_sample(operation: Operation[Any, Any], folder: Path) -> list[Path]:
    """Write the sample input of ``operation`` into ``folder``: its rows as JSON Lines, and the other fields as JSON.

    Returns:
        The files: ``rows.jsonl`` where the operation takes rows of a file, ``input.json`` where there is more.

    Raises:
        Conflict: the folder holds files already: they may be the user's own.
    """
    given = operation.input.model_validate(operation.sample()).model_dump(mode="json", exclude_unset=True)
    rows = given.pop(operation.rows) if operation.rows else None
    _make_empty(folder)
    if rows is not None:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    if given:
        (folder / "input.json").write_text(json.dumps(given, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return sorted(folder.iterdir(), reverse=True)


def _make_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict("the folder is not empty", where=str(folder), hint="choose another one with --output")
    folder.mkdir(parents=True, exist_ok=True)


def import_sample(door: Door, solution: Solution) -> DatasetInfo:
    """Import the sample of ``solution`` as the dataset ``<id>.sample``, and return its version."""
    with tempfile.TemporaryDirectory(prefix="verticore-demo-") as place:
        folder = Path(place) / "sample"
        write_sample(solution, folder)
        with door.progress() as progress:
            return door.platform.datasets.import_(solution.id, folder, name=f"{solution.id}.sample", progress=progress)
