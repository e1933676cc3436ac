"""What a command holds while it runs: its options, the workspace, and the ways to speak."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from platform_core.cli.progress import Bars
    from platform_core.platform import Platform
    from platform_core.plugin_host import PluginHost
    from platform_core.settings import Settings

Json = dict[str, Any]


class Door:
    """The context of one command. Everything in it is made on first use, so that light commands stay light.

    Args:
        home: the workspace that ``--home`` names, if any.
        json_output: whether stdout is for a program: people's words are then left out.
        debug: whether tracebacks are shown.
    """

    def __init__(self, *, home: Path | None = None, json_output: bool = False, debug: bool = False) -> None:
        self.home = home
        self.json_output = json_output
        self.debug = debug
        self.overrides: dict[str, Any] = {}
        self._resources = ExitStack()

    def close(self) -> None:
        """Release what the command opened."""
        self._resources.close()

    @cached_property
    def settings(self) -> Settings:
        """Settings of the workspace, with the command's own overrides."""
        from platform_core.settings import load_settings

        return load_settings(self.home, **self.overrides)

    @cached_property
    def platform(self) -> Platform:
        """The wired platform; the workspace is created when it does not exist."""
        from platform_core.cli import log
        from platform_core.platform import Platform

        platform = self._resources.enter_context(Platform.open(settings=self.settings))
        log.follow(platform.settings.home, platform.settings.log_level)
        return platform

    @cached_property
    def plugins(self) -> PluginHost:
        """The plugins alone: reads a workspace that exists, creates none."""
        from platform_core.db.engine import Database
        from platform_core.plugin_host import PluginHost

        settings = self.settings
        database = Database(settings.database)
        self._resources.callback(database.close)
        return PluginHost(database, settings.tenant, strict=settings.strict_plugins)

    @cached_property
    def console(self) -> Console:
        """Where people read results; silent when stdout is for a program."""
        from platform_core.cli.output import make_console

        return make_console(quiet=self.json_output)

    def say(self, *lines: str, style: str | None = None) -> None:
        """Print lines for people."""
        for line in lines:
            self.console.print(line, style=style, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
        """Print a table for people; columns whose values are all numbers stand right."""
        if not self.json_output:
            from platform_core.cli.output import make_tables

            for table in make_tables(columns, [list(row) for row in rows], width=self.console.width, title=title):
                self.console.print(table)

    def next_steps(self, *commands: str) -> None:
        """Print the commands that make sense now."""
        self.say("", "Next:", style="bold")
        self.say(*(f"  {command}" for command in commands))

    def warn(self, *texts: str) -> None:
        """Print warnings on stderr."""
        for text in texts:
            sys.stderr.write(f"warning: {text}\n")

    def progress(self) -> Bars:
        """Return bars on stderr, to be used as a context manager and given to long work."""
        from platform_core.cli.progress import Bars

        return Bars()

    def emit(self, payload: Json) -> None:
        """Print the result for programs, where ``--json`` was asked for."""
        if self.json_output:
            from platform_core.cli.output import to_json

            sys.stdout.write(to_json(payload) + "\n")
            sys.stdout.flush()
