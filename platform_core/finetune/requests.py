"""What the user asked for → a method and a recipe, and whether it can be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from platform_core.evaluation import Goal
from platform_core.evaluation.choosing import check_choice
from platform_core.finetune.recipe_values import with_values
from platform_core.sdk import ClassTarget, Method, Recipe, Solution, Target, UsageError, task_of


def resolve_recipe(
    solution: Solution, method: str, encoder: str | None, changes: Mapping[str, Any]
) -> tuple[Method, Recipe]:
    """Return the method and its recipe with the user's changes.

    Args:
        solution: declares methods and their defaults.
        method: a method, or ``auto`` for the solution's default.
        encoder: another encoder than the recipe's.
        changes: recipe values by name, dotted inside groups.

    Raises:
        UsageError: the solution has no such method; a change names no value or has a bad one.
    """
    chosen = next((m for m in solution.recipes if m == method), None)
    if method == "auto":
        chosen = solution.default_method
    if chosen is None:
        raise UsageError(
            f"{solution.id} has no method {method!r}",
            where="--method",
            hint=f"use one of: auto, {', '.join(solution.recipes)}",
        )
    given = dict(changes) | ({"encoder": encoder} if encoder is not None else {})
    return chosen, with_values(solution.recipes[chosen], given)


def check_wishes(
    target: Target, goal: str | None, abstain_risk: float | None, labels: Sequence[str] | None = None
) -> None:
    """Refuse before long work what no decision could be chosen for after it.

    Args:
        target: what is predicted.
        goal: what thresholds are for, as people write it.
        abstain_risk: share of wrong answers that is accepted before a person is asked.
        labels: those of the data, where they are known already: they tell two classes from more.

    Raises:
        UsageError: the goal is none, or the target knows no thresholds or no confidence.
    """
    if labels is None and isinstance(target, ClassTarget):
        labels = ("two", "classes")
    task = task_of(target, labels or ())
    with _named("--goal"):
        check_choice(task, Goal.parse(goal) if goal is not None else None, None)
    with _named("--abstain-risk"):
        check_choice(task, None, abstain_risk)


def check_devices(devices: int, device: torch.device) -> None:
    """Refuse more processes than there are GPUs to compute on.

    Args:
        devices: processes that are to share the work.
        device: where the first one computes; on a CPU there is room for all.

    Raises:
        UsageError: there are not so many, or one of them is chosen for all.
    """
    if devices < 1:
        raise UsageError(f"{devices} processes cannot train", where="--devices", hint="one at least")
    if device.type != "cuda" or devices == 1:
        return
    if device.index:
        raise UsageError(
            f"the processes take the first {devices} GPUs, but {device} is set",
            where="the setting 'device'",
            hint="set it to cuda; CUDA_VISIBLE_DEVICES chooses among GPUs",
        )
    if torch.cuda.device_count() < devices:
        raise UsageError(
            f"{devices} GPUs are asked for, this machine shows {torch.cuda.device_count()}",
            where="--devices",
            hint="ask for fewer; CUDA_VISIBLE_DEVICES may hide some",
        )


@contextmanager
def _named(option: str) -> Iterator[None]:
    """Let errors say which option they are about."""
    try:
        yield
    except UsageError as error:
        error.where = error.where or option
        raise
