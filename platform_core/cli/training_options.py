"""Options of the commands that train."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Method(StrEnum):
    """How a model learns."""

    auto = "auto"
    head = "head"
    lora = "lora"
    full = "full"
    fit = "fit"


class FoldsBy(StrEnum):
    """How rows become folds."""

    stratified = "stratified"
    group = "group"
    time = "time"


Name = Annotated[str | None, typer.Option("--name", help="Name of the model. Default: the solution's id.")]
Encoder = Annotated[str | None, typer.Option("--encoder", metavar="REF", help="Packaged name, path or hub id.")]
Goal = Annotated[
    str | None,
    typer.Option(
        "--goal",
        metavar="GOAL",
        help="What thresholds are chosen for: recall=.95, precision=.9, fbeta=2, cost=fp:1,fn:20 or alerts=1%. "
        "Default: the solution's own goal, if it has one; none: not even that.",
    ),
]
AbstainRisk = Annotated[
    float | None,
    typer.Option(
        "--abstain-risk",
        metavar="SHARE",
        help="Share of wrong answers that is accepted, e.g. .05; less sure ones are marked for a person. "
        "Default: the solution's own, if it has one; 0: not even that.",
    ),
]
Devices = Annotated[int, typer.Option("--devices", min=1, help="Processes that share the work of the training.")]
Promote = Annotated[str | None, typer.Option("--promote", metavar="ALIAS", help="Point the alias at the new version.")]
AllowDownload = Annotated[
    bool, typer.Option("--allow-download", help="Encoders may be fetched from the Hugging Face hub.")
]
FoldKind = Annotated[
    FoldsBy | None,
    typer.Option("--cv-by", help="How rows become folds. Default: by time or group where the data was imported so."),
]
