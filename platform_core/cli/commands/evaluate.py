"""``verticore evaluate``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.finetune.schemas import EvaluateResult


class Part(StrEnum):
    """Which part of a dataset version is evaluated."""

    test = "test"
    validation = "validation"
    train = "train"
    all = "all"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "evaluate",
        examples=(
            "verticore evaluate finance.sentiment@champion --data new.csv",
            "verticore evaluate finance.sentiment:3 --data news:1 --split test --json",
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
        split: Annotated[
            Part, typer.Option("--split", help="Part of a dataset version; a file is evaluated whole.")
        ] = Part.test,
        skip_bad: options.SkipBad = False,
    ) -> Json:
        """Measure a model on labelled data; a file leaves no dataset behind."""
        columns = options.read_mapping(map_, mapping)
        with door.progress() as progress:
            result = door.platform.evaluate(
                model,
                data,
                adapter=adapter,
                mapping=columns,
                split=split.value,
                skip_bad=skip_bad,
                progress=progress,
            )
        show_evaluation(door, result)
        return result.to_dict()


def show_evaluation(door: Door, result: EvaluateResult) -> None:
    """Show metrics with intervals, the table per class and the confusion matrix."""
    from platform_core.cli.output import metric_rows

    door.warn(*result.warnings)
    door.table(
        ("metric", "value", "95 % interval"),
        metric_rows(result.metrics, result.intervals),
        title=f"{result.model}:{result.version} on {result.n:,} examples",
    )
    show_per_class(door, result)


def show_per_class(door: Door, result: EvaluateResult) -> None:
    """Show the table per class and the confusion matrix."""
    door.table(
        ("label", "precision", "recall", "F1", "examples"),
        [(row["label"], row["precision"], row["recall"], row["f1"], row["support"]) for row in result.per_class],
        title="Per class",
    )
    labels = result.confusion["labels"]
    door.table(
        ("true \\ predicted", *labels),
        [(label, *counts) for label, counts in zip(labels, result.confusion["matrix"], strict=True)],
        title="Confusion",
    )
