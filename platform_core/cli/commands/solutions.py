"""``verticore solutions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.sdk import Solution

HELP = "What the installed plugins can do."


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(app, "list", examples=("verticore solutions list",))
    def list_(door: Door) -> Json:
        """List the solutions of all plugins; reads manifests only."""
        entries = door.plugins.solution_entries()
        door.table(("solution", "title", "plugin"), [(entry.id, entry.title, entry.plugin) for entry in entries])
        if not entries:
            door.say("No plugin offers one. Install a plugin, e.g. pip install verticore-finance")
        if door.plugins.operation_entries():
            door.say("Beyond predictions: 'verticore operations list'")
        return {"solutions": [entry.to_dict() for entry in entries]}

    @command(app, "show", examples=("verticore solutions show finance.sentiment",))
    def show(door: Door, solution: Annotated[str, typer.Argument(help="Id of the solution.")]) -> Json:
        """Show what a solution reads, predicts and recommends."""
        from platform_core.cli.offers import describe_solution, show_solution

        spec = door.plugins.solution(solution)
        show_solution(door, spec)
        _show_row(door, spec)
        door.next_steps(f"verticore data sample {spec.id}", f"verticore train {spec.id} --data FILE")
        return describe_solution(spec)


def _show_row(door: Door, solution: Solution) -> None:
    """Show the first request of the solution's sample as a row of a table."""
    import json

    from platform_core.sdk import Columns, Derived, History, field_markers

    row: dict[str, object] = {}
    for request in solution.sample.requests[:1]:
        for name, marker in field_markers(solution.example).items():
            if isinstance(marker, Columns):
                row |= request.get(name, {})
            elif name in request and not isinstance(marker, History | Derived):
                row[name] = request[name]
    if row:
        door.say(f"A row of a table, without its label: {json.dumps(row, ensure_ascii=False)}")
