"""``verticore solutions``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

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
        return {"solutions": [entry.to_dict() for entry in entries]}

    @command(app, "info", examples=("verticore solutions info finance.sentiment",))
    def info(door: Door, solution: Annotated[str, typer.Argument(help="Id of the solution.")]) -> Json:
        """Show what a solution reads, predicts and recommends."""
        from platform_core.sdk import field_markers

        spec = door.plugins.solution(solution)
        door.say(f"{spec.id}: {spec.title}", style="bold")
        door.say(spec.summary, "", f"For: {spec.notes.intended_use}")
        door.say(*(f"Limit: {limit}" for limit in spec.notes.limits))
        markers = field_markers(spec.example)
        fields = [
            {"name": name, "kind": type(marker).__name__.lower(), "columns": list(marker.aliases)}
            for name, marker in markers.items()
        ]
        fields.append({"name": "label", "kind": "target", "columns": list(spec.target.aliases)})
        door.table(("field", "holds", "columns it is known by"), [tuple(field.values()) for field in fields])
        door.table(("adapter", "reads"), [(adapter.name, adapter.description) for adapter in spec.adapters])
        door.table(
            ("method", "epochs", "batch", "rate", "encoder"),
            [
                (f"{name}{' (auto)' if name == spec.default_method else ''}", r.epochs, r.batch_size,
                 f"{r.learning_rate:g}", r.encoder)
                for name, r in spec.recipes.items()
            ],
        )  # fmt: skip
        door.next_steps(f"verticore data sample {spec.id}", f"verticore train {spec.id} --data FILE")
        return {
            "id": spec.id,
            "title": spec.title,
            "summary": spec.summary,
            "fields": fields,
            "labels": list(spec.target.order),
            "adapters": [{"name": a.name, "description": a.description} for a in spec.adapters],
            "methods": {name: recipe.model_dump(mode="json") for name, recipe in spec.recipes.items()},
            "default_method": spec.default_method,
            "intended_use": spec.notes.intended_use,
            "limits": list(spec.notes.limits),
            "schema": spec.example.model_json_schema(),
        }
