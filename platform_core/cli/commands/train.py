"""``verticore train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_core.cli import options, training_options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.finetune.schemas import TrainResult

_GO_WITH_RESUME = ("resume", "allow_download", "home", "json_output", "debug")
"""Parameters that do not say what is trained."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "train",
        examples=(
            "verticore train finance.sentiment --data news.csv",
            "verticore train finance.sentiment --data news.csv --map text=headline,label=tone --promote champion",
            "verticore train finance.sentiment --data news:1 --method head --set epochs=8 --set batch_size=64",
            "verticore train claims.fraud --data claims.csv --goal recall=.95 --abstain-risk .05",
            "verticore train finance.sentiment --data june.csv --from finance.sentiment@champion",
            "verticore train finance.sentiment --data news.csv --method auto --minutes 30",
            "verticore train finance.sentiment --data news.csv --method head --cv 5",
            "verticore train --resume run_01j9…",
        ),
    )
    def train(
        door: Door,
        context: typer.Context,
        solution: Annotated[str | None, typer.Argument(help="Solution, e.g. finance.sentiment.")] = None,
        data: Annotated[
            str | None, typer.Option("--data", metavar="PATH_OR_VERSION", help="File, folder or dataset version.")
        ] = None,
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
            typer.Option("--method", help="auto: what the solution recommends, or the best of all: see --minutes."),
        ] = training_options.Method.auto,
        minutes: Annotated[
            float | None,
            typer.Option(
                "--minutes", metavar="N", help="With --method auto: try the methods for so long and keep the best."
            ),
        ] = None,
        encoder: training_options.Encoder = None,
        set_: Annotated[
            list[str] | None,
            typer.Option("--set", metavar="NAME=VALUE", help="Change a hyper-parameter. May be repeated."),
        ] = None,
        goal: training_options.Goal = None,
        abstain_risk: training_options.AbstainRisk = None,
        cv: Annotated[
            int | None,
            typer.Option("--cv", metavar="K", min=2, help="Measure the recipe on K folds before the training."),
        ] = None,
        cv_by: training_options.FoldKind = None,
        from_: Annotated[
            str | None,
            typer.Option("--from", metavar="MODEL[:VERSION|@ALIAS]", help="Start from the weights of this version."),
        ] = None,
        devices: training_options.Devices = 1,
        promote: training_options.Promote = None,
        resume: Annotated[
            str | None, typer.Option("--resume", metavar="RUN", help="Go on with a run; needs no other option.")
        ] = None,
        allow_download: training_options.AllowDownload = False,
    ) -> Json:
        """Fine-tune a solution on your data; evaluate, register and describe the new version."""
        door.overrides["allow_download"] = allow_download or None
        if resume is not None:
            _refuse_more(context)
            return resume_run(door, resume)
        from platform_core.modeling.encoder_files import lasting_reference

        solution, data = _required(solution, data)
        adapter, columns = options.read_how(adapter, map_, mapping, solution=solution)
        with door.progress() as progress:
            result = door.platform.train(
                solution,
                data,
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
                minutes=minutes,
                encoder=lasting_reference(encoder) if encoder is not None else None,
                settings=options.read_settings(set_),
                goal=goal,
                abstain_risk=abstain_risk,
                cv=cv,
                cv_by=cv_by.value if cv_by is not None else None,
                parent=from_,
                devices=devices,
                promote=promote,
                progress=progress,
            )
        show_training(door, result)
        return result.to_dict()


def resume_run(door: Door, run: str) -> Json:
    """Go on with a run and show what it made."""
    with door.progress() as progress:
        result = door.platform.resume(run, progress=progress)
    show_training(door, result)
    return result.to_dict()


def show_training(door: Door, result: TrainResult) -> None:
    """Show a finished run: the version, its metrics with intervals, what to do next."""
    from platform_core.cli.measured import show_measured
    from platform_core.cli.output import duration, size
    from platform_core.cli.selection import show_selection
    from platform_core.registry.card.words import part_name

    reference = f"{result.model}:{result.version}"
    aliases = "".join(f" @{alias}" for alias in result.aliases)
    door.warn(*result.warnings)
    door.say("", f"{reference}{aliases}", style="bold")
    epochs = f"{result.epochs} epochs, " if result.epochs else ""
    door.say(
        f"{result.method} on {result.encoder}, {epochs}{duration(result.seconds)} "
        f"({duration(result.train_seconds)} of it optimisation), {size(result.size_bytes)}, data {result.dataset}"
    )
    show_selection(door, result.selection)
    show_measured(door, result, title=f"On {part_name(result.evaluated_on)}")
    promoted = [] if result.aliases else [f"verticore models promote {reference} champion"]
    door.next_steps(
        f"verticore models show {reference}",
        *promoted,
        f"verticore predict {reference} --input FILE",
        "verticore serve",
    )


def _required(solution: str | None, data: str | None) -> tuple[str, Any]:
    from platform_core.sdk.errors import UsageError

    if solution is None:
        raise UsageError(
            "the solution is missing",
            where="verticore train",
            hint="name one of 'verticore solutions list', or go on with a run: --resume RUN",
        )
    if data is None:
        hint = f"give a file, a folder or a dataset version; sample files: 'verticore data sample {solution}'"
        raise UsageError("the data is missing", where="--data", hint=hint)
    path = Path(data)
    return solution, path if path.exists() else data


def _refuse_more(context: typer.Context) -> None:
    from platform_core.sdk.errors import UsageError

    sources = {parameter: context.get_parameter_source(parameter.name or "") for parameter in context.command.params}
    given = [parameter for parameter, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    more = [parameter.opts[0] for parameter in given if parameter.name not in _GO_WITH_RESUME]
    if more:
        raise UsageError(
            "a run goes on with what it was started with", where="--resume", hint=f"leave out: {', '.join(more)}"
        )
