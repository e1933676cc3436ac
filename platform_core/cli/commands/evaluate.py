"""``verticore evaluate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.finetune.schemas import EvaluateResult


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "evaluate",
        examples=(
            "verticore evaluate finance.sentiment@champion --data new.csv",
            "verticore evaluate finance.sentiment:3 --data news:1 --split test --json",
            "verticore evaluate claims@champion --data june.csv --costs fp:1,fn:20 --slice region --slice channel",
        ),
    )
    def evaluate(
        door: Door,
        model: options.Model,
        data: Annotated[
            str, typer.Option("--data", metavar="PATH_OR_VERSION", help="File, folder or dataset version.")
        ],
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        split: options.EvaluatedPart = options.Part.test,
        skip_bad: options.SkipBad = False,
        costs: options.Costs = None,
        slice_: Annotated[
            list[str] | None,
            typer.Option(
                "--slice", metavar="FIELD", help="Report its values apart: a field or a column. May be repeated."
            ),
        ] = None,
    ) -> Json:
        """Measure a model on labelled data; a file leaves no dataset behind."""
        adapter, columns = options.read_how(adapter, map_, mapping)
        with door.progress() as progress:
            result = door.platform.evaluate(
                model,
                data,
                adapter=adapter,
                mapping=columns,
                split=split.value,
                skip_bad=skip_bad,
                costs=costs,
                slices=slice_ or (),
                progress=progress,
            )
        show_evaluation(door, result)
        return result.to_dict()


def show_evaluation(door: Door, result: EvaluateResult) -> None:
    """Show what was measured, the table per class and the confusion matrix."""
    from platform_core.cli.measured import show_measured, show_per_class

    door.warn(*result.warnings)
    show_measured(door, result, title=f"{result.model}:{result.version} on {result.n:,} examples")
    show_per_class(door, result)
