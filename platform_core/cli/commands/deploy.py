"""``verticore deploy``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.serving.deployments.policy import ArmRole

HELP = "Try a version beside the one that answers: 'deploy MODEL …' is 'deploy start MODEL …'."

Endpoint = Annotated[str, typer.Argument(metavar="MODEL[@ALIAS]", help="What callers ask; a bare name: @champion.")]


class Role(StrEnum):
    """How a version is tried."""

    canary = "canary"
    shadow = "shadow"


class StartByDefault(TyperGroup):
    """A group whose first word is a model, unless it is one of its commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``start`` before a word that is no command."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["start", *args]
        return super().parse_args(ctx, args)


GROUP = StartByDefault


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(
        app,
        "start",
        examples=(
            "verticore deploy start news --canary 4",
            "verticore deploy start news@champion --canary 4 --percent 10 --key acme",
            "verticore deploy start news --percent 50",
            "verticore deploy start news --shadow 5 --limit disagreement=.1",
        ),
    )
    def start(
        door: Door,
        model: Endpoint,
        canary: Annotated[
            int | None, typer.Option("--canary", metavar="VERSION", help="Answers some requests.")
        ] = None,
        percent: Annotated[
            float | None, typer.Option("--percent", help="Share of requests that the canary answers. Default: 10.")
        ] = None,
        key: Annotated[
            list[str] | None,
            typer.Option("--key", help="The canary answers callers with this Verticore-Key. May be repeated."),
        ] = None,
        shadow: Annotated[
            int | None,
            typer.Option("--shadow", metavar="VERSION", help="Its number; it is asked the same, and compared."),
        ] = None,
        limit: Annotated[
            list[str] | None,
            typer.Option(
                "--limit",
                metavar="NAME=NUMBER",
                help="What ends a trial: errors (default .02), latency (2), disagreement (.25); 'none': not at all. "
                "May be repeated.",
            ),
        ] = None,
    ) -> Json:
        """Try versions beside an alias, or change how; servers follow within a second."""
        from platform_core.cli.deployments import read_limits, show_deployment
        from platform_core.serving.deployments.changing import Change, read_endpoint

        change = Change(canary, percent, tuple(key) if key else None, shadow, read_limits(limit or ()))
        deployment = door.platform.deployments.change(*read_endpoint(model), change)
        show_deployment(door, deployment)
        door.next_steps(f"verticore deploy show {deployment.endpoint}", f"verticore deploy stop {deployment.endpoint}")
        return deployment.to_dict()

    @command(app, "list", examples=("verticore deploy list",))
    def list_(door: Door) -> Json:
        """List the aliases beside which something is tried."""
        from platform_core.cli.deployments import table_of

        deployments = door.platform.deployments.list()
        door.table(*table_of(deployments))
        if not deployments:
            door.say("Nothing is tried.")
        return {"deployments": [deployment.to_dict() for deployment in deployments]}

    @command(app, "show", examples=("verticore deploy show news", "verticore deploy show news@champion --json"))
    def show(door: Door, model: Endpoint) -> Json:
        """Show what is tried beside an alias, what was counted, and what was tried before."""
        from platform_core.cli.deployments import show_deployment, show_history
        from platform_core.serving.deployments.changing import read_endpoint

        deployment = door.platform.deployments.show(*read_endpoint(model))
        show_deployment(door, deployment)
        show_history(door, deployment)
        return deployment.to_dict()

    @command(app, "promote", examples=("verticore deploy promote news",))
    def promote(
        door: Door,
        model: Endpoint,
        reason: Annotated[str, typer.Option("--reason", help="Why; kept in the history of the alias.")] = "",
    ) -> Json:
        """Make the canary the stable version, unless a plugin objects."""
        from platform_core.serving.deployments.changing import read_endpoint

        name, alias = read_endpoint(model)
        version = door.platform.deployments.promote(name, alias, reason)
        door.say(f"{name}@{alias} is now {version.ref}")
        return version.to_dict()

    @command(app, "stop", examples=("verticore deploy stop news", "verticore deploy stop news --only shadow"))
    def stop(
        door: Door,
        model: Endpoint,
        only: Annotated[Role | None, typer.Option("--only", help="End only this one.")] = None,
    ) -> Json:
        """End what is tried beside an alias; the stable version answers all."""
        from platform_core.serving.deployments.changing import read_endpoint

        role: ArmRole | None = only.value if only is not None else None
        deployment = door.platform.deployments.stop(*read_endpoint(model), role)
        if not deployment.arms:
            door.say(f"{deployment.endpoint} is {deployment.model}:{deployment.stable}, and nothing else is tried")
        return deployment.to_dict()
