"""Deployments as people read and write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from platform_core.cli.door import Door
from platform_core.sdk.errors import UsageError
from platform_core.serving.deployments.schemas import ArmInfo, DeploymentInfo

_COUNTS = ("requests", "failed", "p95 ms", "differ")


def read_limits(pairs: Iterable[str]) -> dict[str, float | None]:
    """Return name → number of ``--limit errors=.05``; ``none`` means that there is no limit.

    Raises:
        UsageError: a pair is malformed.
    """
    limits: dict[str, float | None] = {}
    for pair in pairs:
        name, _, value = (word.strip() for word in pair.partition("="))
        try:
            limits[name] = None if value == "none" else float(value)
        except ValueError:
            hint = "write errors=.05, latency=3 or disagreement=none"
            raise UsageError(f"{pair!r} is no limit", where="--limit", hint=hint) from None
    return limits


def show_deployment(door: Door, deployment: DeploymentInfo) -> None:
    """Print what answers, and what is tried."""
    door.say(f"{deployment.endpoint} is {deployment.model}:{deployment.stable}", style="bold")
    if not deployment.arms:
        door.say("Nothing is tried beside it.")
        return
    rows = [row for arm in deployment.arms for row in _rows(deployment.model, arm)]
    door.table(("version", "as", "gets", *_COUNTS), rows)


def show_history(door: Door, deployment: DeploymentInfo) -> None:
    """Print what was tried, latest first, and why it was rolled back."""
    if not deployment.history:
        return
    rows = [
        (
            f"{deployment.model}:{arm.version}",
            arm.role,
            f"{arm.started_at:%Y-%m-%d %H:%M}",
            (arm.outcome or "").replace("_", " "),
            *_counts(arm.evidence["tried"]),
            arm.evidence.get("text", ""),
        )
        for arm in deployment.history
    ]
    door.table(("version", "as", "from", "outcome", *_COUNTS, "because"), rows, title="Before")


def table_of(deployments: Sequence[DeploymentInfo]) -> tuple[Sequence[str], list[Sequence[Any]]]:
    """Return columns and rows of what is tried anywhere."""
    rows: list[Sequence[Any]] = [
        (d.endpoint, f"{d.model}:{d.stable}", arm.role, f"{d.model}:{arm.version}", _share(arm))
        for d in deployments
        for arm in d.arms
    ]
    return ("alias", "stable", "as", "version", "gets"), rows


def _rows(model: str, arm: ArmInfo) -> Iterator[Sequence[Any]]:
    beside = f"stable, beside the {arm.role}"
    yield f"{model}:{arm.version}", arm.role, _share(arm), *_counts(arm.evidence["tried"])
    yield f"{model}:{arm.stable}", beside, "", *_counts(arm.evidence["stable"])


def _share(arm: ArmInfo) -> str:
    if arm.role == "shadow":
        return "copies"
    keys = f" and {len(arm.keys)} keys" if len(arm.keys) > 1 else f" and {arm.keys[0]}" if arm.keys else ""
    return f"{arm.percent:g} %{keys}"


def _counts(counted: Mapping[str, Any]) -> Sequence[Any]:
    slow, differing = counted["p95_seconds"], counted["disagreement"]
    return (
        counted["requests"],
        counted["failures"],
        f"{1000 * slow:.1f}" if slow is not None else "",
        f"{differing:.1%}" if differing is not None else "",
    )
