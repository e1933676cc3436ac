"""``verticore monitor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_core.cli.command import command
from platform_core.cli.door import Door, Json
from platform_core.cli.options import check_picture

if TYPE_CHECKING:
    from platform_core.monitoring.history.schemas import ModelHistory, VersionHistory
    from platform_core.monitoring.logged import LoggedPrediction

HELP = "What became of served requests."

Name = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
CURVE_WIDTH = 32
_TABLE_WIDTH = 70
"""Letters of a table of predictions, without examples and answers."""


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(
        app,
        "history",
        examples=(
            "verticore monitor history finance.sentiment",
            "verticore monitor history finance.sentiment --hours 168 --output history.png",
        ),
    )
    def history(
        door: Door,
        model: Name,
        hours: Annotated[
            float, typer.Option("--hours", min=0.1, max=24 * 366, help="How far back, at most a year.")
        ] = 24,
        output: Annotated[
            Path | None,
            typer.Option("--output", metavar="FILE.png", help="Draw requests, latency and errors into a picture, too."),
        ] = None,
    ) -> Json:
        """Show how many requests each version answered, how quickly, and which errors there were."""
        check_picture(output)
        door.platform.registry.versions(model)
        found = door.platform.history.of(model, hours=hours)
        _show_history(door, found)
        if output is not None and found.versions:
            from platform_core.monitoring.history.picture import draw_history

            draw_history(found, output)
            door.say(f"drawn: {output}")
        return found.to_dict()

    @command(
        app,
        "predictions",
        examples=(
            "verticore monitor predictions finance.sentiment",
            "verticore monitor predictions finance.sentiment --last 100 --json",
        ),
    )
    def predictions(
        door: Door,
        model: Name,
        last: Annotated[int, typer.Option("--last", min=1, max=10_000, help="How many requests.")] = 20,
    ) -> Json:
        """Show the latest requests in the prediction log, newest first, with what was asked and answered."""
        door.platform.registry.versions(model)
        found = door.platform.prediction_log.last(model, last)
        rows = [row for request in found for row in _rows(request)]
        room = max(12, door.console.width - _TABLE_WIDTH - max((len(row[-1]) for row in rows), default=0))
        door.table(
            ("prediction", "at", "version", "example", "answer"),
            [(*start, _cut(example, room), answer) for *start, example, answer in rows],
        )
        if not found:
            door.say("Nothing is logged yet: a server writes what it answered after a minute at the latest.")
        return {"model": model, "predictions": [request.to_dict() for request in found]}


def _show_history(door: Door, history: ModelHistory) -> None:
    if not history.versions:
        door.say("No requests in this time. A running server writes its counts every few seconds.")
        return
    door.table(
        ("version", "requests", "curve", "errors", "p50 ms", "p95 ms", "p99 ms"),
        [_version_row(history, version) for version in history.versions],
    )
    errors = [
        (_name(version), code, count) for version in history.versions for code, count in version.total.errors.items()
    ]
    if errors:
        door.table(("version", "error", "requests"), errors)


def _version_row(history: ModelHistory, version: VersionHistory) -> tuple[Any, ...]:
    from platform_core.cli.curves import bars

    total = version.total
    counts = [step.requests for _, step in history.steps_of(version)]
    latencies = [f"{1000 * value:.3g}" if value is not None else "" for value in (total.p50, total.p95, total.p99)]
    share = f"{total.error_share:.2%}" if total.errors else "0"
    return _name(version), f"{total.requests:,}", bars(counts, CURVE_WIDTH)[0], share, *latencies


def _name(version: VersionHistory) -> str:
    return f"{version.version}" + (f" {version.role}" if version.role != "stable" else "")


def _rows(request: LoggedPrediction) -> list[tuple[Any, ...]]:
    who = f"{request.version}" + (f" {request.role}" if request.role != "stable" else "")
    at = f"{request.at:%m-%d %H:%M:%S}"
    return [
        (request.id, at, who, _example(example), _answer(request, prediction))
        for example, prediction in zip(request.examples, request.predictions, strict=True)
    ]


def _example(example: Any) -> str:
    if example is None:
        return "erased"
    return ", ".join(f"{name}: {value}" for name, value in example.items() if value not in (None, "", [], {}))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _answer(request: LoggedPrediction, prediction: Any) -> str:
    from platform_core.serving.answers import answer_of

    if prediction is None:
        return request.code or ""
    answer = answer_of(prediction)
    return f"{answer:.4g}" if isinstance(answer, float) else answer
