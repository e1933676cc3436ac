"""``verticore operations``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

HELP = "What plugins offer beyond predictions; 'verticore run' runs it."


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(app, "list", examples=("verticore operations list",))
    def list_(door: Door) -> Json:
        """List the operations of all plugins; reads manifests only."""
        entries = door.plugins.operation_entries()
        door.table(("operation", "title", "plugin"), [(entry.id, entry.title, entry.plugin) for entry in entries])
        if not entries:
            door.say("No plugin offers one.")
        return {"operations": [entry.to_dict() for entry in entries]}

    @command(app, "show", examples=("verticore operations show finance.monitor",))
    def show(door: Door, operation: Annotated[str, typer.Argument(help="Id of the operation.")]) -> Json:
        """Show what an operation takes and returns."""
        from platform_core.cli.operation_offers import describe_operation, show_operation

        spec = door.plugins.operation(operation)
        facts = describe_operation(spec)
        show_operation(door, facts)
        data = " --data FILE" if spec.rows else ""
        door.next_steps(f"verticore run {spec.id}{data}", f"verticore run {spec.id}{data} --output result.json")
        return facts
