"""How a command is declared: one function, the three options that all share, and examples in its help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from platform_core.cli.door import Door, Json

_HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Workspace folder. Default: $VERTICORE_HOME or ./.verticore", show_default=False),
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]
_DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

_SHARED = {"home": (_HomeOption, None), "json_output": (_JsonOption, False), "debug": (_DebugOption, False)}

Function = Callable[..., Json | None]


def command(app: typer.Typer, name: str, *, examples: tuple[str, ...]) -> Callable[[Function], Function]:
    """Declare a command of ``app``.

    The function's first parameter is the :class:`Door`; the others are typer's. What it returns is the object that
    ``--json`` prints.

    Args:
        app: the group that gets the command.
        name: the word that calls it.
        examples: complete command lines, shown at the end of its help.
    """

    def declare(function: Function) -> Function:
        def call(**options: Any) -> None:
            shared = {key: options.pop(key) for key in _SHARED}
            door = Door(**shared)
            try:
                payload = function(door, **options)
                if payload is not None:
                    door.emit(payload)
            finally:
                door.close()

        # Typer reads signature and hints at run time: those of the function, the door replaced by the shared options.
        hints = get_type_hints(function, include_extras=True)
        own = [p.replace(annotation=hints[p.name]) for p in list(inspect.signature(function).parameters.values())[1:]]
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for key, (hint, default) in _SHARED.items()
        ]
        keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        call.__signature__ = inspect.Signature([*keyword_only, *shared])  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in [*own, *shared]} | {"return": None}
        call.__name__ = function.__name__
        call.__doc__ = function.__doc__
        epilog = "\n\n".join(["Examples:", *(f"$ {line}" for line in examples)])
        app.command(name, epilog=epilog)(call)
        return function

    return declare
