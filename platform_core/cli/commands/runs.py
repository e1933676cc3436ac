"""``verticore runs``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.commands.train import resume_run
from platform_core.cli.door import Door, Json

HELP = "Executions of fine-tunes."

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of the run, see 'verticore runs list'.")]


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

        info = door.platform.runs.get(run)
        door.say(f"{info.id}  {info.status}", style="bold")
        door.say(f"{info.solution} → {info.model}, {info.method}, dataset {info.dataset_id}, seed {info.seed}")
        if info.error:
            door.say(info.error, style="red")
        door.table(("hyper-parameter", "value"), [(key, str(value)) for key, value in info.recipe.items()])
        if info.history:
            columns = list(info.history[0])
            door.table(columns, [[epoch.get(column) for column in columns] for epoch in info.history])
        if info.metrics:
            door.table(("metric", "value", ""), metric_rows(info.metrics, {}))
        if info.status == "interrupted":
            door.next_steps(f"verticore runs resume {info.id}")
        return info.to_dict()

    @command(app, "resume", examples=("verticore runs resume run_01j9…",))
    def resume(door: Door, run: Run) -> Json:
        """Go on with a run that was interrupted, from its last checkpoint."""
        return resume_run(door, run)
