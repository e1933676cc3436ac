"""All commands, in the order in which help shows them."""

from __future__ import annotations

from functools import cache
from typing import Any

import typer
from typer.core import TyperGroup

HELP = "Verticore: fine-tune, version and serve domain models from plugins."
EPILOG = "Start with 'verticore demo'. Every command takes --json, --home, --debug and --help with examples."


def build() -> typer.Typer:
    """Return the whole command line."""
    from platform_core.cli.commands import (
        data,
        demo,
        deploy,
        evaluate,
        export,
        feedback,
        gate,
        models,
        monitor,
        operations,
        plugins,
        predict,
        run,
        runs,
        serve,
        solutions,
        train,
        tune,
        workspace,
    )

    app = typer.Typer(name="verticore", help=HELP, epilog=EPILOG, add_completion=False, pretty_exceptions_enable=False)

    @app.callback(invoke_without_command=True)
    def options(version: bool = typer.Option(False, "--version", help="Show the version and exit.")) -> None:
        if version:
            from platform_core import __version__

            typer.echo(f"verticore {__version__}")
            raise typer.Exit

    for module in (workspace, demo, train, tune, evaluate, gate, export, predict, run, serve):
        module.register(app)
    for module in (data, feedback, models, deploy, monitor, runs, solutions, operations, plugins):
        group = typer.Typer(help=module.HELP, cls=getattr(module, "GROUP", TyperGroup), no_args_is_help=True)
        module.register(group)
        app.add_typer(group, name=module.__name__.rpartition(".")[2])
    return app


@cache
def click_command() -> Any:
    """Return the command line as the click group that parses arguments."""
    return typer.main.get_command(build())
