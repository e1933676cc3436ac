"""What ``train --method auto --minutes N`` and ``train --cv K`` do before the run itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platform_core.finetune.requests import resolve_recipe
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.automatic import choose_method
from platform_core.finetune.search.cross_validation import cross_validate
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.holding import held
from platform_core.finetune.search.places import place_of
from platform_core.finetune.search.schemas import FoldKind, Selection
from platform_core.finetune.service import RunService
from platform_core.finetune.stopping import stop_on_signals
from platform_core.finetune.workshop import Workshop
from platform_core.modeling.rows import has_text
from platform_core.sdk import Interrupted, Method, Progress, Recipe, UsageError


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is wanted to be known before a run.

    Attributes:
        minutes: time to choose a method; ``None``: it is chosen already.
        folds: number of folds of a cross-validation; ``None``: none.
        by: how rows become folds.
        changes: recipe values that the user has set, for whatever method.
    """

    minutes: float | None = None
    folds: int | None = None
    by: FoldKind | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prospect:
    """A run that is ready to be made.

    Attributes:
        spec: the run, with what was found.
        checkpoint: folder with the state of its finished loop, where it was learned already.
        history: its epochs, in that case.
        writing: is entered to record it.
    """

    spec: RunSpec
    checkpoint: Path | None = None
    history: tuple[dict[str, float], ...] = ()
    writing: Callable[[], AbstractContextManager[None]] = nullcontext

    def create(self, runs: RunService) -> str:
        """Record the run, give it what was learned already, and return its id.

        Raises:
            DataChanged: rows of the data were erased since it was looked at.
        """
        with self.writing():
            return self._create(runs)

    def _create(self, runs: RunService) -> str:
        run = runs.create(self.spec)
        if self.checkpoint is None:
            return run
        if self.checkpoint.exists():
            place = runs.folder(run) / "checkpoint"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self.checkpoint, place)
            runs.update(run, history=list(self.history))
        shutil.rmtree(self.checkpoint.parent, ignore_errors=True)
        return run


def check_search(method: str, minutes: float | None, folds: int | None, by: FoldKind | None) -> None:
    """Refuse wishes that make no sense, before anything is read.

    Raises:
        UsageError: time without a choice of method, no time, or folds that are none.
    """
    if minutes is not None and method != "auto":
        raise UsageError(
            f"method {method!r} is given: there is nothing to choose in {minutes:g} minutes",
            where="--minutes",
            hint="leave out --minutes, or use --method auto",
        )
    if minutes is not None and not minutes > 0:
        raise UsageError("the time must be more than nothing", where="--minutes")
    if folds is not None and folds < 2:
        raise UsageError("cross-validation needs two folds at least", where="--cv", hint="five are usual: --cv 5")
    if by is not None and folds is None:
        raise UsageError("how to cut folds is said, but not how many", where="--cv-by", hint="add --cv 5")


def look_ahead(shop: Workshop, folder: Path, spec: RunSpec, wishes: Wishes, progress: Progress) -> Prospect:
    """Choose the method and measure it fold by fold, as far as that is wanted; SIGTERM and Ctrl-C stop it.

    Args:
        shop: the rooms that trainings need.
        folder: where methods that are tried keep their state.
        spec: the run that is prepared.
        wishes: what is wanted.
        progress: is told how it goes.

    Raises:
        UsageError: there is nothing to compare on, the run starts from a version, or the folds cannot be made.
        Conflict: another process tries the same.
        DataChanged: rows of the data were erased meanwhile.
        Interrupted: a stop was requested; the same call goes on with the method that was being tried.
        TrainingFailed: no method, or not every fold, could be learned.
    """
    if wishes.minutes is None and wishes.folds is None:
        return Prospect(spec)
    if spec.parent_id is not None:
        raise UsageError(
            "a run that starts from a version can neither choose its method nor be cross-validated",
            where="--from",
            hint="that version may have seen any row: leave out --from, or --minutes and --cv",
        )
    kept = crossed = None
    try:
        with stop_on_signals() as stop:
            desk = Desk.of(shop, spec, progress, stop)
            if wishes.minutes is not None:
                recipes = _recipes(desk, wishes.changes)
                digest = desk.digest(recipes={m: r.model_dump(mode="json") for m, r in recipes.items()})
                place = place_of(folder, spec.solution, "auto", desk.base.dataset, digest)
                with held(place):
                    with desk.writing():
                        place.mkdir(parents=True, exist_ok=True)
                    kept = choose_method(desk, recipes, wishes.minutes, place)
                spec = spec.model_copy(update={"method": kept.method, "recipe": kept.recipe})
            if wishes.folds is not None:
                crossed = cross_validate(desk, spec.method, spec.recipe, wishes.folds, wishes.by)
                progress.note(crossed.sentence())
    except Interrupted as stopped:
        stopped.hint = "give the same command again"
        raise
    selection = Selection(method=kept.chosen if kept else None, cross_validation=crossed)
    spec = spec.model_copy(update={"selection": selection})
    prospect = Prospect(spec, writing=desk.writing)
    return replace(prospect, checkpoint=kept.checkpoint, history=tuple(kept.history)) if kept else prospect


def _recipes(desk: Desk, changes: Mapping[str, Any]) -> dict[Method, Recipe]:
    """Return the recipe of each method that the encoder allows, changed as the one of the run was."""
    solution, spec = desk.base.solution, desk.base.spec
    encoder = spec.recipe.encoder
    if encoder == solution.recipes[spec.method].encoder:
        return {method: resolve_recipe(solution, method, None, changes)[1] for method in solution.recipes}
    frozen = has_text(solution.example) and desk.shop.encoders.locate(encoder).kind != "transformers"
    return {
        method: resolve_recipe(solution, method, encoder, changes)[1]
        for method in solution.recipes
        if not frozen or method in ("head", "fit")
    }
