"""``verticore models``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.registry.schemas import VersionInfo

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
        from platform_core.cli.cards import show_card
        from platform_core.cli.erasures import erased_warnings
        from platform_core.cli.output import size

        registry = door.platform.registry
        version = registry.resolve(model)
        versions = registry.versions(version.model)
        metrics = _telling_metrics(door, version)
        door.table(
            ("version", "method", *metrics, "size", "aliases", "made"),
            [
                (
                    v.ref,
                    v.method,
                    *(v.metrics.get(name) for name in metrics),
                    size(v.size_bytes),
                    " ".join(f"@{alias}" for alias in v.aliases),
                    f"{v.created_at:%Y-%m-%d %H:%M}",
                )
                for v in versions
            ],
        )
        show_card(door, registry.folder(version))
        erased = door.platform.erased_behind(version.ref)
        door.warn(*erased_warnings(erased))
        return version.to_dict() | {"versions": [v.number for v in versions], "erased": erased}

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

    @command(
        app,
        "compare",
        examples=(
            "verticore models compare news:2 news:3",
            "verticore models compare news@champion news:3 --data june.csv",
            "verticore models compare claims:1 claims:2 --data claims:1 --split test --costs fp:1,fn:20",
        ),
    )
    def compare(
        door: Door,
        first: Reference,
        second: Reference,
        data: Annotated[
            str | None,
            typer.Option("--data", metavar="PATH_OR_VERSION", help="Labelled examples for both: is one better?"),
        ] = None,
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        split: options.EvaluatedPart = options.Part.test,
        skip_bad: options.SkipBad = False,
        costs: options.Costs = None,
    ) -> Json:
        """Compare two versions: as they were registered, or on the same examples with a significance test."""
        from platform_core.cli.comparisons import show_paired, show_registered

        if data is None:
            registered = door.platform.registry.compare(first, second)
            show_registered(door, registered)
            return registered
        adapter, columns = options.read_how(adapter, map_, mapping)
        with door.progress() as progress:
            paired = door.platform.compare(
                first,
                second,
                data,
                adapter=adapter,
                mapping=columns,
                split=split.value,
                skip_bad=skip_bad,
                costs=costs,
                progress=progress,
            )
        show_paired(door, paired)
        return paired.to_dict()

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


def _telling_metrics(door: Door, version: VersionInfo) -> list[str]:
    """Return three metrics to show of versions: the solution's primary one, where its plugin is there, and others."""
    from platform_core.sdk.errors import VerticoreError

    try:
        primary = door.platform.plugins.solution(version.solution).primary_metric
    except VerticoreError:
        primary = ""
    return sorted(version.metrics, key=lambda name: name != primary)[:3]


def _aliases(aliases: Mapping[str, int]) -> str:
    return " ".join(f"@{name}→{number}" for name, number in aliases.items())
