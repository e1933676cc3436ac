"""``verticore runs``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.commands.train import resume_run
from platform_core.cli.door import Door, Json
from platform_core.cli.options import check_picture

if TYPE_CHECKING:
    from platform_core.finetune.tracking.metrics import MetricStream

HELP = "Executions of fine-tunes."

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of the run, see 'verticore runs list'.")]
CURVE_WIDTH = 40


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(app, "list", examples=("verticore runs list", "verticore runs list --json"))
    def list_(door: Door) -> Json:
        """List all runs, newest first."""
        runs = door.platform.runs.list()
        door.table(
            ("run", "model", "method", "status", "seconds", "started"),
            [(r.id, r.model, r.method, r.status, r.seconds, f"{r.created_at:%Y-%m-%d %H:%M}") for r in runs],
        )
        return {"runs": [run.to_dict() for run in runs]}

    @command(app, "show", examples=("verticore runs show run_01j9…",))
    def show(door: Door, run: Run) -> Json:
        """Show a run: its recipe, its epochs and how it ended."""
        from platform_core.cli.output import metric_rows
        from platform_core.cli.selection import show_selection

        info = door.platform.runs.get(run)
        door.say(f"{info.id}  {info.status}", style="bold")
        door.say(f"{info.solution} → {info.model}, {info.method}, dataset {info.dataset_id}, seed {info.seed}")
        if info.error:
            door.say(info.error, style="red")
        door.warn(*info.warnings)
        show_selection(door, info.selection)
        door.table(("hyper-parameter", "value"), [(key, str(value)) for key, value in info.recipe.items()])
        if info.history:
            columns = list(dict.fromkeys(name for epoch in info.history for name in epoch))
            door.table(columns, [[epoch.get(column) for column in columns] for epoch in info.history])
        _show_curves(door, [stream for stream in _streams(door, run) if not any(stream.epochs)])
        if info.metrics:
            door.table(("metric", "value", ""), metric_rows(info.metrics, {}))
        if info.status == "interrupted":
            door.next_steps(f"verticore runs resume {info.id}")
        return info.to_dict()

    @command(
        app,
        "metrics",
        examples=(
            "verticore runs metrics run_01j9…",
            "verticore runs metrics run_01j9… --name loss",
            "verticore runs metrics run_01j9… --output curves.png",
        ),
    )
    def metrics(
        door: Door,
        run: Run,
        name: Annotated[str | None, typer.Option("--name", help="Only this metric, drawn larger, e.g. loss.")] = None,
        output: Annotated[
            Path | None, typer.Option("--output", metavar="FILE.png", help="Draw the curves into a picture, too.")
        ] = None,
    ) -> Json:
        """Show how the metrics of a run went, step by step; also while it works."""
        check_picture(output)
        streams = _chosen(_streams(door, run), name)
        if name is None:
            _show_curves(door, streams)
        else:
            _show_chart(door, streams[0])
        if not streams:
            door.say("Nothing is recorded yet.")
        elif output is not None:
            from platform_core.finetune.tracking.picture import draw_streams

            draw_streams(streams, output)
            door.say(f"drawn: {output}")
        return {"run": run, "metrics": [stream.to_dict() for stream in streams]}

    @command(app, "resume", examples=("verticore runs resume run_01j9…",))
    def resume(door: Door, run: Run) -> Json:
        """Go on with a run that was interrupted, from its last checkpoint."""
        return resume_run(door, run)


def _streams(door: Door, run: str) -> list[MetricStream]:
    from platform_core.finetune.tracking.metrics import MetricStreams

    return MetricStreams(door.platform.db, door.platform.tenant).of(run)


def _chosen(streams: list[MetricStream], name: str | None) -> list[MetricStream]:
    from platform_core.sdk.errors import NotFound

    chosen = [stream for stream in streams if name in (None, stream.name)]
    if name is not None and not chosen:
        known = [stream.name for stream in streams]
        raise NotFound.of("metric", name, known, hint="nothing is recorded of this run yet")
    return chosen


def _show_curves(door: Door, streams: Sequence[MetricStream]) -> None:
    from platform_core.cli.curves import bars

    if streams:
        door.table(
            ("metric", "curve", "first", "least", "most", "last", "at step"),
            [
                (s.name, bars(s.values, CURVE_WIDTH)[0], *map(_short, _span(s.values)), f"{s.steps[-1]:,}")
                for s in streams
            ],
        )


def _span(values: Sequence[float]) -> tuple[float, float, float, float]:
    return values[0], min(values), max(values), values[-1]


def _short(value: float) -> str:
    """Return a number as short as it may be: rates are small, speeds are large."""
    return f"{value:.4g}"


def _show_chart(door: Door, stream: MetricStream) -> None:
    from platform_core.cli.curves import chart

    door.say(f"{stream.name}: last {_short(stream.values[-1])} at step {stream.steps[-1]:,}", style="bold")
    door.say(*chart(stream.steps, stream.values))
