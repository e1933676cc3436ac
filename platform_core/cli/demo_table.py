"""The demo of everything: each solution goes its whole road on its sample, each operation runs, one table tells."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_core.cli.demo_story import evaluate, promote, train
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.finetune.schemas import EvaluateResult


def tour(door: Door) -> Json:
    """Run everything that active plugins offer on its own samples, and show one table.

    What fails is shown with its error; all else goes on.

    Returns:
        What ``--json`` prints: the rows of the table, and whether all went well.

    Raises:
        Interrupted: the user stopped it; the table of what was done is shown before.
    """
    from platform_core.sdk import Interrupted

    started = time.monotonic()
    with _workspace(door) as kept:
        host = door.platform.plugins
        failed = [plugin for plugin in host.activate_all() if plugin.status == "failed"]
        stops = [_failure(plugin.name, plugin.reason) for plugin in failed]
        plan = [("solution", entry.id, entry.title) for entry in host.solution_entries()]
        plan += [("operation", entry.id, entry.title) for entry in host.operation_entries()]
        try:
            for number, (kind, identity, title) in enumerate(plan, start=1):
                with door.progress() as progress:
                    progress.heading(f"{number}/{len(plan)}  {identity}: {title}")
                stops.append(_stop(door, kind, identity))
        except (Interrupted, KeyboardInterrupt) as error:
            _show(door, stops, started)
            if isinstance(error, Interrupted):
                error.hint = _way_on(kept, error.hint)
            raise
        _show(door, stops, started)
        if kept is None:
            door.say("The workspace was temporary; --home FOLDER keeps one.")
        return {
            "ok": all(stop["status"] == "ok" for stop in stops),
            "workspace": kept,
            "seconds": round(time.monotonic() - started, 1),
            "stops": stops,
        }


def _way_on(kept: str | None, advice: str | None) -> str:
    """Return what to do after a stop; ``advice`` is how the run that was stopped goes on, if its workspace stays."""
    if kept is None:
        return "begin again: verticore demo --all; with --home FOLDER a run that is stopped can go on"
    again = f"begin the demo again: verticore demo --all --home {shlex.quote(kept)}"
    return f"{advice} --home {shlex.quote(kept)}; or {again}" if advice else again


@contextmanager
def _workspace(door: Door) -> Iterator[str | None]:
    """Let the command work in the workspace that was named, else in one that is gone afterwards."""
    if door.home is not None or os.environ.get("VERTICORE_HOME"):
        yield str(door.settings.home)
        return
    with tempfile.TemporaryDirectory(prefix="verticore-demo-") as folder:
        # Neither the database nor the storage of a team is a place for samples.
        apart = {"home": Path(folder) / "workspace", "database_url": None, "storage_url": None}
        door.settings = door.settings.model_copy(update=apart)
        try:
            yield None
        finally:
            door.close()


def _stop(door: Door, kind: str, identity: str) -> Json:
    """Return the row of a solution or an operation, whatever becomes of it."""
    started = time.monotonic()
    go = _solution if kind == "solution" else _operation
    row: Json = {"kind": kind, "id": identity}
    with _noted(door) as error:
        row |= go(door, identity)
    row |= {"status": "failed", "error": dict(error)} if error else {"status": "ok"}
    return row | {"seconds": round(time.monotonic() - started, 1)}


@contextmanager
def _noted(door: Door) -> Iterator[Json]:
    """Yield what becomes the facts of an error, where one is raised; only the user's wish to stop ends the tour."""
    from platform_core.sdk import Interrupted, VerticoreError

    facts: Json = {}
    try:
        yield facts
    except Interrupted:
        raise
    except Exception as error:
        defect = {"code": "internal.unexpected", "message": f"{type(error).__name__}: {error}"}
        facts |= error.to_dict() if isinstance(error, VerticoreError) else defect
        if door.debug:
            traceback.print_exception(error)


def _solution(door: Door, identity: str) -> Json:
    """Go the whole road: import, train, evaluate, promote, predict, explain."""
    from platform_core.cli.demo_story import ALIAS
    from platform_core.cli.samples import import_sample

    solution = door.platform.plugins.solution(identity)
    info = import_sample(door, solution)
    result = train(door, solution, str(info.ref))
    measured = evaluate(door, result, str(info.ref))
    promote(door, result)
    reference = f"{result.model}@{ALIAS}"
    predictions = door.platform.predict(reference, [dict(request) for request in solution.sample.requests])
    explained = door.platform.predict(reference, [dict(solution.sample.requests[0])], explain=True)
    return {
        "rows": info.rows,
        "method": result.method,
        "model": f"{result.model}:{result.version}",
        **_primary(measured),
        "predictions": [explained[0], *predictions[1:]],
    }


def _primary(measured: EvaluateResult) -> Json:
    name = measured.primary_metric
    bounds = measured.intervals.get(name)
    return {"metric": name, "value": measured.metrics.get(name), "interval": list(bounds) if bounds else None}


def _operation(door: Door, identity: str) -> Json:
    operation = door.platform.plugins.operation(identity)
    sample = dict(operation.sample())
    with door.progress() as progress:
        result = door.platform.run_operation(identity, sample, progress=progress)
    if operation.picture is not None:
        operation.picture(result.output)
    return {"rows": len(sample.get(operation.rows, ())) or None, "method": "operation", "models": dict(result.models)}


def _failure(plugin: str, reason: str) -> Json:
    error = {"code": "plugin.failed", "message": reason}
    return {"kind": "plugin", "id": plugin, "status": "failed", "error": error, "seconds": 0.0}


def _show(door: Door, stops: list[Json], started: float) -> None:
    from platform_core.cli.output import duration, interval

    door.table(
        ("solution", "rows", "method", "metric", "value", "95 % interval", "time", "status"),
        [
            (
                stop["id"],
                *map(stop.get, ("rows", "method", "metric", "value")),
                interval(stop.get("interval")),
                duration(stop["seconds"]),
                _status(stop),
            )
            for stop in stops
        ],
    )
    failed = sum(stop["status"] != "ok" for stop in stops)
    door.say(f"{len(stops) - failed} of {len(stops)} went well, in {duration(time.monotonic() - started)}.")


def _status(stop: dict[str, Any]) -> str:
    error = stop.get("error")
    return f"{error['code']}: {error['message']}" if error else stop["status"]
