"""``verticore demo``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

SOLUTION = "finance.sentiment"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "demo",
        examples=("verticore demo", "verticore demo --keep-serving", "verticore demo --all", "verticore demo --json"),
    )
    def demo(
        door: Door,
        solution: Annotated[
            str | None, typer.Option("--solution", help=f"Whose sample data is used. Default: {SOLUTION}.")
        ] = None,
        all_: Annotated[
            bool,
            typer.Option("--all", help="Every solution and operation, in a temporary workspace unless one is named."),
        ] = False,
        keep_serving: Annotated[
            bool, typer.Option("--keep-serving", help="Leave the server running until Ctrl-C.")
        ] = False,
    ) -> Json:
        """Go the whole road once on sample data: import, fine-tune, evaluate, promote, serve, predict."""
        from platform_core.cli.demo_story import tell
        from platform_core.cli.demo_table import tour
        from platform_core.sdk import UsageError

        if not all_:
            return tell(door, solution or SOLUTION, keep_serving=keep_serving)
        if solution or keep_serving:
            raise UsageError(
                "--all goes with neither --solution nor --keep-serving", where="--all", hint="leave one out"
            )
        payload = tour(door)
        if payload["ok"]:
            return payload
        door.emit(payload)
        raise typer.Exit(1)
