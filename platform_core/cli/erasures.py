"""Erasures: asking before, and telling what was removed and what remains to be done."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from platform_core.sdk.errors import UsageError

if TYPE_CHECKING:
    from platform_core.cli.door import Door
    from platform_core.finetune.erasure import ErasureResult, TrainedOn

_STDIN = "-"


def read_subject(subject: str) -> str:
    """Return the person that ``--subject`` names; from stdin, so that no history of commands keeps the name."""
    return sys.stdin.readline().strip() if subject == _STDIN else subject


def confirm(door: Door) -> None:
    """Ask whether to go on.

    Raises:
        UsageError: the answer is no, or nobody is there to answer.
    """
    import typer

    hint = "look with --dry-run, then give --yes"
    if door.json_output or not sys.stdin.isatty():
        raise UsageError("nothing was erased: it cannot be undone, and nobody is there to be asked", hint=hint)
    if not typer.confirm("Erase? It cannot be undone.", err=True):
        raise UsageError("nothing was erased", hint=hint)


def show_erasure(door: Door, result: ErasureResult) -> None:
    """Tell people what was removed, or would be, and what to do about the models."""
    from platform_core.datasets.records import count_of

    if result.hidden:
        door.warn(f"nobody can be found in {', '.join(result.hidden)}: identities were hashed with another key")
    if not result.found:
        _show_nothing(door, result)
        return
    rows = sum(part.rows for part in result.datasets)
    verb = "would be removed" if result.dry_run else "was removed" if rows == 1 else "were removed"
    door.say(f"{count_of(rows, 'row')} {verb}; the person is known as {result.subject}", style="bold")
    solutions = {part.dataset: door.platform.datasets.resolve(part.dataset).solution for part in result.datasets}
    if result.datasets:
        door.table(
            ("solution", "dataset", "rows", "rows left"),
            [(solutions[part.dataset], part.dataset, part.rows, part.left) for part in result.datasets],
        )
    door.warn(*_several(sorted(set(solutions.values()))))
    verb = "would be removed" if result.dry_run else "were removed"
    caches = {
        "cached features": result.vectors,
        "checkpoints": len(result.runs),
        "searches": len(result.searches),
        **result.elsewhere,
    }
    found = ", ".join(f"{name}: {count:,}" for name, count in caches.items() if count)
    if found:
        door.say(f"{verb} as well: {found}")
    if result.models:
        _show_models(door, result)


def _several(solutions: Sequence[str]) -> list[str]:
    """Return a sentence on data of several solutions, where one identity may be that of different people."""
    if len(solutions) < 2:
        return []
    return [
        f"the identity stands in data of {' and '.join(solutions)}: make sure that it is one person in all of them, "
        "or give --solution"
    ]


def _show_nothing(door: Door, result: ErasureResult) -> None:
    where = f" of {result.solution}" if result.solution else ""
    door.say(f"There is nothing of this person in any dataset version{where} or cache.", style="bold")
    if result.erased_before is not None:
        door.say(f"They were erased on {result.erased_before:%Y-%m-%d}.")
    if not result.dry_run:
        door.say(f"A tombstone, {result.subject}, stands: rows of theirs are left out of later imports{where}.")


def _show_models(door: Door, result: ErasureResult) -> None:
    """Name the models, and the commands that replace them."""
    door.table(
        ("trained on these rows", "dataset", "aliases"),
        [(model.model, model.dataset, " ".join(f"@{alias}" for alias in model.aliases)) for model in result.models],
    )
    if result.dry_run:
        return
    left = {part.dataset: part.left for part in result.datasets}
    door.say("These models stay as they are. Train new ones, promote them, then delete the old ones.")
    steps = [step for model in result.models for step in _replacing(model, left)]
    door.next_steps(*dict.fromkeys(steps))


def _replacing(model: TrainedOn, left: Mapping[str, int]) -> list[str]:
    name = model.model.partition(":")[0]
    data = model.dataset if left.get(model.dataset, 1) else "OTHER_DATA"
    promote = [f"verticore models promote {name} {alias}" for alias in model.aliases]
    train = f"verticore train {model.solution} --data {data} --name {shlex.quote(name)}"
    return [train, *promote, f"verticore models delete {model.model}"]


def erased_warnings(erased: Mapping[str, int]) -> list[str]:
    """Return a sentence on a model that was trained on rows which were erased since.

    Args:
        erased: rows by dataset version.
    """
    if not erased:
        return []
    rows = ", ".join(f"{count:,} of {dataset}" for dataset, count in erased.items())
    return [f"rows that this model was trained on were erased since: {rows}; train it again and delete this version"]
