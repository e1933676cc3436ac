"""Progress on stderr: bars on a terminal, a short line a stage elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from platform_core.cli.output import duration, make_console

HEARTBEAT = 15.0
"""Seconds after which a stage that still runs says so, where no bar moves."""
BAR_WIDTH = 24
ESTIMATE_AFTER = 2.0
"""Seconds of a stage before its pace is worth a guess."""
_RATES = {"examples_per_second": "examples/s", "tokens_per_second": "tokens/s"}


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
            stage.numbers = numbers
        if self._live:
            self._progress.update(stage.task, advance=units, numbers=stage.words())  # type: ignore[arg-type]
        elif time.monotonic() - stage.spoke > HEARTBEAT:
            stage.spoke = time.monotonic()
            self._print(stage)

    def heading(self, text: str) -> None:
        """Print what the stages that follow belong to."""
        self._finish()
        self._console.print(text, style="bold", soft_wrap=True)

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
            done = max(stage.done, 1)
            self._progress.update(stage.task, total=done, completed=done, numbers=stage.words())  # type: ignore[arg-type]
        else:
            self._print(stage)

    def _print(self, stage: _Stage) -> None:
        self._console.print(stage.line(), no_wrap=True, overflow="ellipsis", crop=True)


class _Stage:
    def __init__(self, name: str, total: int | None, task: int) -> None:
        self.name = name
        self.total = total
        self.task = task
        self.done = 0
        self.numbers: Mapping[str, float] = {}
        self.started = self.spoke = time.monotonic()

    def words(self) -> str:
        """Return the numbers that are worth showing now, with the time that is left."""
        left = self._seconds_left()
        parts = [_in_words(name, value) for name, value in self.numbers.items() if name != "seconds_left"]
        return "  ".join([*parts, *([f"{duration(left)} left"] if left is not None else [])])

    def _seconds_left(self) -> float | None:
        """Return what the work itself says, else what the pace so far promises; nothing at the end of the stage."""
        if self.done == self.total:
            return None
        passed = time.monotonic() - self.started
        if "seconds_left" in self.numbers:
            return self.numbers["seconds_left"]
        if not self.total or not self.done or passed < ESTIMATE_AFTER:
            return None
        return passed * (self.total - self.done) / self.done

    def line(self) -> str:
        """Return the stage in one line, for where no bar can move: how long it took stands first, in a column."""
        count = f"{self.done}/{self.total}" if self.total else ""
        words = (f"{duration(time.monotonic() - self.started):>12}", self.name, count, self.words())
        return "  ".join(word for word in words if word)


def _in_words(name: str, value: float) -> str:
    return f"{value:,.0f} {_RATES[name]}" if name in _RATES else f"{name} {value:.4g}"
