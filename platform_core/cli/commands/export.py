"""``verticore export``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.finetune.export.schemas import ExportResult


class Format(StrEnum):
    """What a version is brought into."""

    onnx = "onnx"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "export",
        examples=(
            "verticore export finance.sentiment@champion --format onnx",
            "verticore export finance.sentiment:3 --int8 --promote fast --json",
        ),
    )
    def export(
        door: Door,
        model: options.Model,
        format_: Annotated[Format, typer.Option("--format", help="One ONNX graph of all networks.")] = Format.onnx,
        int8: Annotated[
            bool, typer.Option("--int8", help="Weights and products in eight bits: a quarter of the size.")
        ] = False,
        promote: Annotated[
            str | None, typer.Option("--promote", metavar="ALIAS", help="Point the alias at the new version.")
        ] = None,
    ) -> Json:
        """Bring a version into another form; compare, register and describe it beside its parent."""
        with door.progress() as progress:
            result = door.platform.export(model, format=format_.value, int8=int8, promote=promote, progress=progress)
        show_export(door, result)
        return result.to_dict()


def show_export(door: Door, result: ExportResult) -> None:
    """Show the new version beside its parent: size, answers, metrics, speed."""
    from platform_core.cli.output import number, size

    reference = f"{result.model}:{result.version}"
    aliases = "".join(f" @{alias}" for alias in result.aliases)
    door.warn(*result.warnings)
    door.say("", f"{reference}{aliases}", style="bold")
    share = result.size_bytes / result.parent_size_bytes
    door.say(
        f"{result.parent} as {result.format.upper()} in {result.precision}: {size(result.size_bytes)}, "
        f"{100 * share:.0f} % of {size(result.parent_size_bytes)} with the encoder"
    )
    door.say(_likeness(result))
    door.say(f"in {result.folder}")
    if result.comparison:
        door.table(
            ("metric", result.parent, reference, "difference", "95 % interval"),
            [
                (row["metric"], row["a"], row["b"], row["difference"], _interval(row["interval"], number))
                for row in result.comparison
            ],
            title=f"On the {result.evaluated_on} split",
        )
    door.table(
        ("speed", "one example, ms", "examples a second"),
        [(name, speed["latency_ms"], speed["per_second"]) for name, speed in result.speeds.items()],
    )
    promoted = [] if result.aliases else [f"verticore models promote {reference} champion"]
    door.next_steps(f"verticore models show {reference}", *promoted, f"verticore predict {reference} --input FILE")


def _likeness(result: ExportResult) -> str:
    """Say how far the answers of both are apart."""
    if result.same_answers is None:
        return f"answers to {result.n:,} examples at most {result.largest_difference:.2g} standard deviations apart"
    return (
        f"the same answer to {100 * result.same_answers:.1f} % of {result.n:,} examples, "
        f"scores at most {result.largest_difference:.2g} apart"
    )


def _interval(bounds: Sequence[float] | None, shown: Callable[[float], str]) -> str:
    return f"{shown(bounds[0])} – {shown(bounds[1])}" if bounds else ""
