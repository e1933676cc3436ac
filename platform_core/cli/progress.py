"""Progress on stderr: bars on a terminal, a line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from platform_core.cli.output import duration, make_console

HEARTBEAT = 15.0
"""Seconds after which a stage that still runs says so, where no bar moves."""
BAR_WIDTH = 24


class Bars:
    """The SDK's progress protocol for people. Use as a context manager."""

    def __init__(self) -> None:
        self._console = make_console(stderr=True)
        self._live = sys.stderr.isatty()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(BAR_WIDTH),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._live,
        )
        self._stage: _Stage | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._progress.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """Draw a bar for the stage ``name`` of ``total`` units."""
        self._finish()
        task = self._progress.add_task(name, total=total, numbers="")
        self._stage = _Stage(name, total, int(task))

    def advance(self, units: int = 1, **numbers: float) -> None:
        """Move the bar by ``units`` and show ``numbers`` behind it."""
        stage = self._stage
        if stage is None:
            return
        stage.done += units
        if numbers:
            stage.numbers = "  ".join(f"{name} {value:.4g}" for name, value in numbers.items())
        if self._live:
            self._progress.update(stage.task, advance=units, numbers=stage.numbers)  # type: ignore[arg-type]
        elif time.monotonic() - stage.spoke > HEARTBEAT:
            stage.spoke = time.monotonic()
            self._console.print(stage.line())

    def note(self, text: str) -> None:
        """Print something that people like to know."""
        self._console.print(text, style="dim", soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print something that people should act on."""
        self._console.print(f"warning: {text}", style="yellow", soft_wrap=True)

    def _finish(self) -> None:
        stage, self._stage = self._stage, None
        if stage is None:
            return
        # An early stop is a finished stage, too: the bar ends where the work ended.
        stage.total = stage.done
        if self._live:
            self._progress.update(stage.task, total=max(stage.done, 1), completed=max(stage.done, 1))  # type: ignore[arg-type]
        else:
            self._console.print(stage.line())


class _Stage:
    def __init__(self, name: str, total: int | None, task: int) -> None:
        self.name = name
        self.total = total
        self.task = task
        self.done = 0
        self.numbers = ""
        self.started = self.spoke = time.monotonic()

    def line(self) -> str:
        part = 1.0 if not self.total else min(1.0, self.done / self.total)
        filled = round(part * BAR_WIDTH)
        bar = "━" * filled + "·" * (BAR_WIDTH - filled)
        count = f"{self.done}/{self.total}" if self.total else ""
        words = (f"  {self.name:<30} {bar}", count, self.numbers, duration(time.monotonic() - self.started))
        return "  ".join(word for word in words if word)
