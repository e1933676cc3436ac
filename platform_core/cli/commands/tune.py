"""``verticore tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_core.cli import options, training_options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "tune",
        examples=(
            "verticore tune finance.sentiment --data news.csv --trials 40 --minutes 60",
            "verticore tune finance.sentiment --data news:1 --method head --trials 20 --cv 5",
            "verticore tune claims.fraud --data claims.csv --method fit --set boosting.rounds=300 --promote champion",
        ),
    )
    def tune(
        door: Door,
        solution: Annotated[str, typer.Argument(help="Solution, e.g. finance.sentiment.")],
        data: Annotated[
            str, typer.Option("--data", metavar="PATH_OR_VERSION", help="File, folder or dataset version.")
        ],
        trials: Annotated[
            int,
            typer.Option("--trials", min=1, help="Trials of the study in all, those of earlier calls included."),
        ] = 20,
        minutes: Annotated[
            float | None,
            typer.Option("--minutes", metavar="N", help="Time for the search; the training with the best comes after."),
        ] = None,
        cv: Annotated[
            int | None,
            typer.Option("--cv", metavar="K", min=2, help="Judge a trial by its mean over K folds, not on validation."),
        ] = None,
        cv_by: training_options.FoldKind = None,
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        drop: options.Drop = None,
        keep: options.Keep = None,
        split: options.Split = None,
        seed: options.Seed = 0,
        group: options.Group = None,
        time: options.Time = None,
        validation: options.Validation = None,
        test: options.Test = None,
        positive: options.Positive = None,
        skip_bad: options.SkipBad = False,
        name: training_options.Name = None,
        method: Annotated[
            training_options.Method,
            typer.Option("--method", help="Whose recipe is searched; auto: what the solution recommends."),
        ] = training_options.Method.auto,
        encoder: training_options.Encoder = None,
        set_: Annotated[
            list[str] | None,
            typer.Option("--set", metavar="NAME=VALUE", help="Fix a hyper-parameter: it is not searched. Repeatable."),
        ] = None,
        goal: training_options.Goal = None,
        abstain_risk: training_options.AbstainRisk = None,
        devices: training_options.Devices = 1,
        promote: training_options.Promote = None,
        allow_download: training_options.AllowDownload = False,
    ) -> Json:
        """Search for the best hyper-parameters, then train with them; the same command goes on with its study."""
        from platform_core.cli.commands.train import show_training
        from platform_core.cli.selection import show_search
        from platform_core.modeling.encoder_files import lasting_reference

        door.overrides["allow_download"] = allow_download or None
        adapter, columns = options.read_how(adapter, map_, mapping, solution=solution)
        with door.progress() as progress:
            result = door.platform.tune(
                solution,
                Path(data) if Path(data).exists() else data,
                trials=trials,
                minutes=minutes,
                cv=cv,
                cv_by=cv_by.value if cv_by is not None else None,
                adapter=adapter,
                mapping=columns,
                drop=drop or (),
                keep=keep or (),
                split=split,
                seed=seed,
                group=group,
                time=time,
                validation=validation,
                test=test,
                positive=positive,
                skip_bad=skip_bad,
                name=name,
                method=method.value,
                encoder=lasting_reference(encoder) if encoder is not None else None,
                settings=options.read_settings(set_),
                goal=goal,
                abstain_risk=abstain_risk,
                devices=devices,
                promote=promote,
                progress=progress,
            )
        show_search(door, result.search)
        show_training(door, result.train)
        return result.to_dict()
