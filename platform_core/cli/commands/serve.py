"""``verticore serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(app, "serve", examples=("verticore serve", "verticore serve --port 0", "verticore serve --workers 4"))
    def serve(
        door: Door,
        host: Annotated[str | None, typer.Option("--host", help="Address. Default: only this machine.")] = None,
        port: Annotated[
            int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any that is free.")
        ] = None,
        workers: Annotated[
            int | None, typer.Option("--workers", min=1, help="Processes, each with its own copy of the encoders.")
        ] = None,
    ) -> None:
        """Serve all registered models over HTTP until SIGTERM or Ctrl-C."""
        from platform_core.app import Endpoint, serve

        def announce(endpoint: Endpoint) -> None:
            door.say(f"Serving on {endpoint.url}", style="bold")
            door.table(("model", "endpoint"), [(m, f"POST {path}") for m, path in endpoint.models.items()])
            door.say(f"API description: {endpoint.url}/openapi.json   Stop with Ctrl-C")
            door.emit({"endpoint": endpoint.url, "models": list(endpoint.models)})

        door.overrides |= {"host": host, "port": port, "workers": workers}
        serve(door.platform, announce=announce)
