"""Two models side by side, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.evaluation import Comparison


def show_paired(door: Door, comparison: Comparison) -> None:
    """Show two models on the same examples: differences with intervals and p-values, and the verdict."""
    from platform_core.cli.output import interval

    first, second = comparison.names
    door.warn(*comparison.warnings)
    door.table(
        ("metric", first, second, "difference", "95 % interval", "p"),
        [(d.metric, d.a, d.b, d.difference, interval(d.interval), f"{d.p_value:.2g}") for d in comparison.differences],
        title=f"On the same {comparison.n:,} examples",
    )
    if comparison.only_a is not None and comparison.only_b is not None:
        door.say(
            f"{first} alone is right on {comparison.only_a:,} examples, {second} alone on {comparison.only_b:,}.",
        )
    door.say(comparison.verdict, style="bold")


def show_registered(door: Door, comparison: Json) -> None:
    """Show what the registry knows of two versions: a table of metrics, a table of how they were made."""
    from platform_core.cli.output import cell

    first, second = comparison["first"], comparison["second"]
    door.table(
        ("metric", first, second, "difference"),
        [(name, row["first"], row["second"], row["difference"]) for name, row in comparison["metrics"].items()],
    )
    door.table(
        ("made with", first, second),
        [(name, cell(a), cell(b)) for name, a, b in _differences(comparison["facts"] | comparison["lineage"])],
    )


def _differences(rows: Json) -> list[tuple[str, Any, Any]]:
    """Return name, first and second of what differs; a recipe is taken apart, so that what is equal stays out."""
    found: list[tuple[str, Any, Any]] = []
    for name, row in rows.items():
        a, b = row["first"], row["second"]
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            keys = [key for key in {**a, **b} if a.get(key) != b.get(key)]
            found += [(f"{name}.{key}", a.get(key), b.get(key)) for key in keys]
        else:
            found.append((name, a, b))
    return found
