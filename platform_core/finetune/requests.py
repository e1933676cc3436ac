"""What the user asked for → a method and a recipe, and whether it can be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from platform_core.evaluation import Goal
from platform_core.evaluation.choosing import check_choice
from platform_core.finetune.recipe_values import with_values
from platform_core.sdk import ClassTarget, Method, Progress, Recipe, Solution, Target, UsageError, task_of


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


NO_GOAL = "none"
"""What people say for no goal where the solution has one; for no abstention they say 0."""


def choose_wishes(
    solution: Solution, goal: str | None, abstain_risk: float | None, labels: Sequence[str], progress: Progress
) -> tuple[str | None, float | None]:
    """Return the goal and the accepted risk of a run: what the user says, else the solution's own where they suit.

    Args:
        solution: has defaults.
        goal: as the user says it; ``none`` for none.
        abstain_risk: likewise; 0 for none.
        labels: those of the data.
        progress: is told which defaults are left out, and why.

    Raises:
        UsageError: what the user says cannot be had, see :func:`check_wishes`.
    """
    check_wishes(solution.target, goal, abstain_risk, labels)
    if goal is None and solution.goal and _suits(solution, solution.goal, None, labels, progress):
        goal = solution.goal
    if (
        abstain_risk is None
        and solution.abstain_risk
        and _suits(solution, None, solution.abstain_risk, labels, progress)
    ):
        abstain_risk = solution.abstain_risk
    return None if goal == NO_GOAL else goal, abstain_risk or None


def _suits(
    solution: Solution, goal: str | None, abstain_risk: float | None, labels: Sequence[str], progress: Progress
) -> bool:
    """Tell whether a default of the solution makes sense for the data."""
    try:
        check_wishes(solution.target, goal, abstain_risk, labels)
    except UsageError as error:
        default = f"the goal {goal}" if goal is not None else f"an accepted risk of {abstain_risk:g}"
        progress.note(f"{solution.id} has {default} by default, which is left out: {error.message}")
        return False
    return True


def check_wishes(
    target: Target, goal: str | None, abstain_risk: float | None, labels: Sequence[str] | None = None
) -> None:
    """Refuse before long work what no decision could be chosen for after it.

    Args:
        target: what is predicted.
        goal: what thresholds are for, as people write it; ``none`` for none.
        abstain_risk: share of wrong answers that is accepted before a person is asked; 0: none is.
        labels: those of the data, where they are known already: they tell two classes from more.

    Raises:
        UsageError: the goal is none, or the target knows no thresholds or no confidence.
    """
    if labels is None and isinstance(target, ClassTarget):
        labels = ("two", "classes")
    task = task_of(target, labels or ())
    with _named("--goal"):
        check_choice(task, Goal.parse(goal) if goal not in (None, NO_GOAL) else None, None)
    with _named("--abstain-risk"):
        check_choice(task, None, abstain_risk or None)


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
