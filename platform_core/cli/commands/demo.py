"""``verticore demo``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

SOLUTION = "finance.sentiment"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(app, "demo", examples=("verticore demo", "verticore demo --keep-serving", "verticore demo --json"))
    def demo(
        door: Door,
        solution: Annotated[str, typer.Option("--solution", help="Whose sample data is used.")] = SOLUTION,
        keep_serving: Annotated[
            bool, typer.Option("--keep-serving", help="Leave the server running until Ctrl-C.")
        ] = False,
    ) -> Json:
        """Go the whole road once on sample data: import, fine-tune, evaluate, promote, serve, predict."""
        from platform_core.cli.demo_story import tell

        return tell(door, solution, keep_serving=keep_serving)
