"""Tuning: the search for the best recipe, from what can be varied to what was found."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from platform_core.evaluation import sign_of
from platform_core.finetune.recipe_values import with_values
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.cross_validation import fold_kind, make_plan
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.pictures import draw_study
from platform_core.finetune.search.places import place_of
from platform_core.finetune.search.ranking import rules_count
from platform_core.finetune.search.results import Tuned
from platform_core.finetune.search.schemas import FoldKind, Searched
from platform_core.finetune.search.space import search_space, starting_values
from platform_core.finetune.search.study import StudyFile
from platform_core.finetune.search.trials import Trials, TuningPlan, without_result
from platform_core.finetune.stopping import stop_on_signals
from platform_core.finetune.workshop import Workshop
from platform_core.sdk import Progress, Range, UsageError

__all__ = ["TuningPlan", "search", "tune"]

EPOCHS_UNJUDGED = 2
"""So many epochs say nothing about the rest of a trial."""


def tune(shop: Workshop, folder: Path, spec: RunSpec, plan: TuningPlan, progress: Progress) -> Tuned:
    """Search for the recipe that the run of ``spec`` should have; SIGTERM and Ctrl-C stop it.

    Args:
        shop: the rooms that trainings need.
        folder: of all studies.
        spec: the run that is prepared; its recipe is the first trial.
        plan: how to go about it.
        progress: is told how it goes.

    Raises:
        Interrupted: a stop was requested; the same call goes on.
        VerticoreError: see :func:`search`.
    """
    with stop_on_signals() as stop:
        return search(Desk.of(shop, spec, progress, stop), folder, plan)


def search(desk: Desk, folder: Path, plan: TuningPlan) -> Tuned:
    """Search for the best recipe at ``desk``.

    A study belongs to solution, data, method, recipe, space, folds and seed: the same call goes on with it, also after
    it was stopped; a larger number of trials goes further.

    Raises:
        UsageError: nothing can be varied, or there is nothing to compare on.
        Conflict: another process is at the study.
        DataChanged: rows of the data were erased meanwhile.
        Interrupted: a stop was requested.
        TrainingFailed: no trial gave a result.
    """
    if plan.trials < 1:
        raise UsageError("a search needs a trial at least", where="--trials")
    started = time.monotonic()
    spec = desk.base.spec
    space = search_space(desk.base.solution, spec.method, spec.recipe, fixed=plan.fixed)
    kind = fold_kind(desk.base, plan.by) if plan.folds is not None else None
    folds = make_plan(desk.base, plan.folds, kind) if plan.folds is not None and kind is not None else None
    if folds is None:
        desk.need_validation()
    study = StudyFile(
        _study_file(folder, desk, space, plan.folds, kind),
        space,
        start=starting_values(space, spec.recipe),
        maximise=sign_of(desk.metric) > 0,
        seed=spec.seed,
        # The rows of a fold are the same for all trials; an epoch of another rate may come to the same later.
        judged_from=EPOCHS_UNJUDGED + 1 if folds is None else 1,
        comparable=folds is not None or not rules_count(desk.base.solution),
    )
    desk.warm_up(desk.material(spec.method, spec.recipe))
    with ExitStack() as stack:
        with desk.writing():
            stack.enter_context(study)
        Trials(desk, study, plan, folds).run()
        return _concluded(desk, study, plan, started)


def _concluded(desk: Desk, study: StudyFile, plan: TuningPlan, started: float) -> Tuned:
    best, trials = study.best(), study.trials()
    if best is None or best.value is None:
        raise without_result(study)
    states = [trial.state for trial in trials]
    importance = study.importance()
    picture = study.path.with_suffix(".png")
    draw_study(trials, importance, picture, metric=desk.metric)
    summary = Searched(
        study=study.path.stem,
        metric=desk.metric,
        trials=len(trials),
        pruned=states.count("pruned"),
        failed=states.count("failed"),
        value=best.value,
        parameters=dict(best.parameters),
        folds=plan.folds,
    )
    return Tuned(
        recipe=with_values(desk.base.spec.recipe, best.parameters),
        summary=summary,
        trials=trials,
        importance=importance,
        file=study.path,
        picture=picture,
        seconds=time.monotonic() - started,
    )


def _study_file(folder: Path, desk: Desk, space: Mapping[str, Range], folds: int | None, kind: FoldKind | None) -> Path:
    """Return a place that is the same for the same search."""
    spec = desk.base.spec
    digest = desk.digest(space={name: repr(values) for name, values in space.items()}, folds=folds, by=kind)
    place = place_of(folder, spec.solution, spec.method, desk.base.dataset, digest)
    return place.with_name(f"{place.name}.jsonl")
