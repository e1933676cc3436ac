"""``verticore models``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

HELP = "Registered models, their versions and aliases."

Reference = Annotated[str, typer.Argument(metavar="MODEL[:VERSION|@ALIAS]", help="A bare name: its newest version.")]
Name = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Alias = Annotated[str, typer.Argument(metavar="ALIAS", help="Name of the alias, e.g. champion.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(app, "list", examples=("verticore models list", "verticore models list --json"))
    def list_(door: Door) -> Json:
        """List all models."""
        models = door.platform.registry.list()
        door.table(
            ("model", "solution", "versions", "newest", "aliases"),
            [(m.name, m.solution, m.versions, m.newest, _aliases(m.aliases)) for m in models],
        )
        if not models:
            door.say("There is none yet.")
            door.next_steps("verticore demo", "verticore train SOLUTION --data FILE")
        return {"models": [model.to_dict() for model in models]}

    @command(app, "show", examples=("verticore models show news", "verticore models show news:3"))
    def show(door: Door, model: Reference) -> Json:
        """Show a version: its card, metrics, lineage and aliases."""
        from platform_core.cli.output import size

        registry = door.platform.registry
        version = registry.resolve(model)
        versions = registry.versions(version.model)
        door.table(
            ("version", "method", "macro-F1", "accuracy", "size", "aliases", "made"),
            [
                (
                    v.ref,
                    v.method,
                    v.metrics.get("macro_f1"),
                    v.metrics.get("accuracy"),
                    size(v.size_bytes),
                    " ".join(f"@{alias}" for alias in v.aliases),
                    f"{v.created_at:%Y-%m-%d %H:%M}",
                )
                for v in versions
            ],
        )
        card = registry.folder(version) / "card.md"
        if card.is_file() and not door.json_output:
            door.say(card.read_text(encoding="utf-8"))
        return version.to_dict() | {"versions": [v.number for v in versions]}

    @command(app, "promote", examples=("verticore models promote news:3 champion",))
    def promote(
        door: Door,
        model: Reference,
        alias: Alias,
        reason: Annotated[str, typer.Option("--reason", help="Why; kept in the history of the alias.")] = "",
    ) -> Json:
        """Point an alias at a version: servers follow within five seconds."""
        version = door.platform.registry.promote(model, alias, reason=reason)
        door.say(f"{version.model}@{alias} is now {version.ref}")
        return version.to_dict()

    @command(app, "rollback", examples=("verticore models rollback news champion",))
    def rollback(door: Door, model: Name, alias: Alias) -> Json:
        """Point an alias at the version that it had before."""
        version = door.platform.registry.rollback(model, alias)
        door.say(f"{version.model}@{alias} is {version.ref} again")
        return version.to_dict()

    @command(app, "compare", examples=("verticore models compare news:2 news:3",))
    def compare(door: Door, first: Reference, second: Reference) -> Json:
        """Compare two versions: metrics side by side, and what differs in how they were made."""
        comparison = door.platform.registry.compare(first, second)
        show_comparison(door, comparison)
        return comparison

    @command(app, "verify", examples=("verticore models verify news:3",))
    def verify(door: Door, model: Reference) -> Json:
        """Compare the stored files of a version with the hashes of its publication."""
        version = door.platform.registry.verify(model)
        door.say(f"{version.ref} is as it was published")
        return {"model": version.model, "version": version.number, "verified": True}

    @command(app, "delete", examples=("verticore models delete news:1",))
    def delete(
        door: Door, model: Annotated[str, typer.Argument(metavar="MODEL:VERSION", help="The version to delete.")]
    ) -> Json:
        """Delete a version for good; refused while an alias points at it."""
        version = door.platform.registry.delete(model)
        door.say(f"{version.ref} is deleted")
        return {"model": version.model, "version": version.number, "deleted": True}


def show_comparison(door: Door, comparison: Json) -> None:
    """Show a comparison: a table of metrics, a table of differences."""
    from platform_core.cli.output import cell

    first, second = comparison["first"], comparison["second"]
    door.table(
        ("metric", first, second, "difference"),
        [(name, row["first"], row["second"], row["difference"]) for name, row in comparison["metrics"].items()],
    )
    door.table(
        ("made with", first, second),
        [(name, cell(a), cell(b)) for name, a, b in _differences(comparison["facts"] | comparison["lineage"])],
    )


def _differences(rows: Json) -> list[tuple[str, Any, Any]]:
    """Return name, first and second of what differs; a recipe is taken apart, so that what is equal stays out."""
    found: list[tuple[str, Any, Any]] = []
    for name, row in rows.items():
        a, b = row["first"], row["second"]
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            keys = [key for key in {**a, **b} if a.get(key) != b.get(key)]
            found += [(f"{name}.{key}", a.get(key), b.get(key)) for key in keys]
        else:
            found.append((name, a, b))
    return found


def _aliases(aliases: Mapping[str, int]) -> str:
    return " ".join(f"@{name}→{number}" for name, number in aliases.items())
