"""The demo: what a user would do on the first day, done once and told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from platform_core.cli.door import Door, Json
from platform_core.cli.output import duration, size

if TYPE_CHECKING:
    from platform_core.finetune.schemas import EvaluateResult, TrainResult
    from platform_core.registry.schemas import VersionInfo
    from platform_core.sdk import Solution

ALIAS = "champion"


def tell(door: Door, solution_id: str, *, keep_serving: bool) -> Json:
    """Import the sample of a solution, fine-tune, evaluate, promote, serve, predict over HTTP.

    Args:
        door: the command's context.
        solution_id: whose sample data is used.
        keep_serving: whether the server stays until the keyboard stops it.

    Returns:
        What ``--json`` prints.
    """
    started = time.monotonic()
    solution = door.platform.plugins.solution(solution_id)
    door.say(f"Verticore demo: {solution.title}", style="bold")
    dataset = _import_sample(door, solution)
    result = _train(door, solution, dataset)
    _show_metrics(door, result, dataset)
    _promote(door, result)
    payload: Json = result.to_dict() | {"alias": ALIAS}
    payload |= _serve_and_predict(door, solution, result, keep_serving=keep_serving)
    payload["demo_seconds"] = round(time.monotonic() - started, 1)
    door.say("", f"Done in {duration(payload['demo_seconds'])}.", style="bold green")
    _show_next(door, solution, result)
    return payload


def train(door: Door, solution: Solution, dataset: str) -> TrainResult:
    """Fine-tune a solution as it recommends."""
    with door.progress() as progress:
        return door.platform.train(solution.id, dataset, progress=progress)


def evaluate(door: Door, result: TrainResult, dataset: str) -> EvaluateResult:
    """Measure what was trained on the part of the data that is for that."""
    with door.progress() as progress:
        return door.platform.evaluate(f"{result.model}:{result.version}", dataset, progress=progress)


def promote(door: Door, result: TrainResult) -> VersionInfo:
    """Make what was trained the champion."""
    return door.platform.registry.promote(f"{result.model}:{result.version}", ALIAS, reason="demo")


def _chapter(door: Door, number: int, title: str) -> None:
    door.say("", f"{number}. {title}", style="bold cyan")


def _import_sample(door: Door, solution: Solution) -> str:
    from platform_core.cli.samples import import_sample

    _chapter(door, 1, "Sample data becomes an immutable dataset version")
    info = import_sample(door, solution)
    parts = ", ".join(f"{count:,} {split}" for split, count in info.splits.items())
    door.say(solution.sample.description)
    labels = f", labels {', '.join(info.labels)}" if info.labels else ""
    door.say(f"{info.ref}: {info.rows:,} examples ({parts}){labels}")
    return str(info.ref)


def _train(door: Door, solution: Solution, dataset: str) -> TrainResult:
    _chapter(door, 2, f"Fine-tuning with the method '{solution.default_method}'")
    result = train(door, solution, dataset)
    shared = "" if result.encoder == "table" or result.method == "full" else " on top of the shared encoder"
    epochs = f"{result.epochs} epochs in " if result.epochs else ""
    door.say(
        f"{epochs}{duration(result.seconds)} ({duration(result.train_seconds)} of it optimisation)",
        f"Registered as {result.model}:{result.version}, {size(result.size_bytes)}{shared}",
    )
    return result


def _show_metrics(door: Door, result: TrainResult, dataset: str) -> None:
    from platform_core.cli.measured import show_measured, show_per_class
    from platform_core.registry.card.words import part_name

    _chapter(door, 3, f"Evaluation on {part_name(result.evaluated_on)}, which training never saw")
    evaluation = evaluate(door, result, dataset)
    show_measured(door, result, title=f"On {evaluation.n:,} examples")
    show_per_class(door, evaluation)


def _promote(door: Door, result: TrainResult) -> None:
    _chapter(door, 4, "Promotion: an alias is a live endpoint")
    version = promote(door, result)
    door.say(f"{version.model}@{ALIAS} is now {version.ref}")


def _serve_and_predict(door: Door, solution: Solution, result: TrainResult, *, keep_serving: bool) -> Json:
    from platform_core.cli.output import cell
    from platform_core.cli.predictions import prediction_table
    from platform_core.cli.server_process import ServerProcess
    from platform_core.client import Client

    _chapter(door, 5, "Serving and predicting over HTTP")
    reference = f"{result.model}@{ALIAS}"
    port = door.settings.port if keep_serving else 0
    with ServerProcess(door.platform.settings.home, port=port) as server, Client(server.url) as client:
        answer = client.predict(reference, [dict(request) for request in solution.sample.requests])
        endpoint = f"{server.url}/api/v1/models/{reference}/predict"
        door.say(f"POST {endpoint}  (answered by version {answer.version})")
        titles, rows = prediction_table(answer.predictions, unit=result.unit)
        requests = [" · ".join(map(cell, request.values())) for request in solution.sample.requests]
        door.table(("request", *titles), [(words, *row) for words, row in zip(requests, rows, strict=True)])
        if keep_serving:
            door.say("The server keeps running; stop it with Ctrl-C.")
            server.wait()
    return {"endpoint": endpoint, "predictions": answer.predictions}


def _show_next(door: Door, solution: Solution, result: TrainResult) -> None:
    door.next_steps(
        f"verticore serve          # the endpoint again, at port {door.settings.port}",
        f"verticore models show {result.model}",
        f"verticore data sample {solution.id} --output my-data",
        f"verticore train {solution.id} --data YOUR_FILE.csv --promote {ALIAS}",
    )
