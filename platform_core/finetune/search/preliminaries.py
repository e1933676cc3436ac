"""What ``train --method auto --minutes N`` and ``train --cv K`` do before the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_core.finetune.learning import Learned
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.automatic import choose_method
from platform_core.finetune.search.cross_validation import cross_validate
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.schemas import FoldKind, Selection
from platform_core.finetune.stopping import stop_on_signals
from platform_core.finetune.workshop import Workshop
from platform_core.sdk import Interrupted, Method, Progress, Recipe, UsageError


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is wanted to be known before a run.

    Attributes:
        recipes: the methods to choose from with their recipes; none where the method is given.
        minutes: time for the choice.
        folds: number of folds of a cross-validation; ``None``: none.
        by: how rows become folds.
    """

    recipes: Mapping[Method, Recipe]
    minutes: float | None = None
    folds: int | None = None
    by: FoldKind | None = None


def look_ahead(shop: Workshop, spec: RunSpec, wishes: Wishes, progress: Progress) -> tuple[RunSpec, Learned | None]:
    """Choose the method and measure it fold by fold, as far as that is wanted.

    Args:
        shop: the rooms that trainings need.
        spec: the run that is prepared.
        wishes: what is wanted.
        progress: is told how it goes.

    Returns:
        The run with what was found; and what its learning would give, where that is known already.

    Raises:
        UsageError: there is nothing to compare on, or the folds cannot be made.
        Interrupted: a stop was requested; nothing is kept.
        TrainingFailed: no method, or not every fold, could be learned.
    """
    if wishes.minutes is None and wishes.folds is None:
        return spec, None
    if spec.parent_id is not None:
        raise UsageError(
            "a run that starts from a version can neither choose its method nor be cross-validated",
            where="--from",
            hint="that version may have seen any row: leave out --from, or --minutes and --cv",
        )
    learned = chosen = crossed = None
    try:
        with stop_on_signals() as stop:
            desk = Desk.of(shop, spec, progress, stop)
            if wishes.minutes is not None:
                kept = choose_method(desk, wishes.recipes, wishes.minutes)
                spec, learned, chosen = kept.material.spec, kept.learned, kept.chosen
            if wishes.folds is not None:
                crossed = cross_validate(desk, spec.method, spec.recipe, wishes.folds, wishes.by)
                progress.note(crossed.sentence())
    except Interrupted as stopped:
        stopped.hint = "the run itself had not begun: give the command again"
        raise
    selection = Selection(method=chosen, cross_validation=crossed)
    return spec.model_copy(update={"selection": selection}), learned
