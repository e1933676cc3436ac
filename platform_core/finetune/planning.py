"""What is asked of a run → all that it needs, checked before long work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platform_core.datasets.options import ImportOptions
from platform_core.finetune.languages import suit_language
from platform_core.finetune.requests import check_devices, check_wishes, choose_wishes, resolve_recipe
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.workshop import Workshop
from platform_core.modeling.rows import has_text
from platform_core.registry.references import check_alias_name
from platform_core.sdk import Progress


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """A run as it is asked for; :meth:`Platform.train` says what each word means.

    Attributes:
        options: how files become a dataset version.
    """

    solution: str
    data: str | Path
    name: str | None = None
    method: str = "auto"
    encoder: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    goal: str | None = None
    abstain_risk: float | None = None
    parent: str | None = None
    devices: int = 1
    promote: str | None = None
    options: ImportOptions


def plan_run(shop: Workshop, request: RunRequest, progress: Progress) -> RunSpec:
    """Check all that can be checked at once, obtain the data, and return the run.

    Args:
        shop: the rooms that a run needs.
        request: what is asked for.
        progress: is told how it goes.

    Raises:
        NotFound: unknown solution, parent, dataset or encoder.
        DataError: the data cannot be used.
        UsageError: an option is wrong, or there are fewer GPUs than asked for.
        Conflict: the model belongs to another solution.
    """
    shop.trackers.check()
    solution = shop.host.solution(request.solution)
    check_wishes(solution.target, request.goal, request.abstain_risk)
    check_devices(request.devices, shop.encoders.device)
    start = shop.registry.resolve(request.parent) if request.parent is not None else None
    encoder = request.encoder or (start.encoder if start is not None and start.encoder_fingerprint else None)
    method, recipe = resolve_recipe(solution, request.method, encoder, request.settings)
    model = shop.registry.check_name(request.name or solution.id, solution.id)
    if request.promote is not None:
        check_alias_name(request.promote)
    if has_text(solution.example):
        shop.encoders.locate(recipe.encoder)
    dataset = shop.datasets.obtain(solution.id, request.data, progress=progress, **request.options)
    goal, abstain_risk = choose_wishes(solution, request.goal, request.abstain_risk, dataset.labels, progress)
    method, recipe = suit_language(
        solution,
        method,
        recipe,
        shop.datasets.load(dataset),
        chosen_by_user=encoder is not None or "encoder" in request.settings,
        progress=progress,
    )
    return RunSpec(
        solution=solution.id,
        model=model,
        dataset_id=dataset.id,
        method=method,
        recipe=recipe,
        seed=request.options.get("seed", 0),
        promote=request.promote,
        goal=goal,
        abstain_risk=abstain_risk,
        parent_id=start.id if start is not None else None,
        devices=request.devices,
    )
