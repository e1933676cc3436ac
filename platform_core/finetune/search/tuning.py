"""Tuning: trial after trial, learn with other values of the recipe, until there are enough or the time is over."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from optuna.trial import Trial

from platform_core.evaluation import sign_of
from platform_core.finetune.recipe_values import with_values
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.cross_validation import Fold, fold_kind, fold_values, make_plan
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.pictures import draw_study
from platform_core.finetune.search.places import place_of
from platform_core.finetune.search.ranking import value_on_validation
from platform_core.finetune.search.results import Tuned
from platform_core.finetune.search.schemas import FoldKind, Searched
from platform_core.finetune.search.space import search_space, starting_values
from platform_core.finetune.search.study import StudyFile
from platform_core.finetune.stopping import stop_on_signals
from platform_core.finetune.workshop import Workshop
from platform_core.sdk import Interrupted, Progress, Range, Recipe, TrainingFailed, UsageError, VerticoreError

HOPELESS = 3
"""After so many failed trials and none that worked, the next will not work either."""

EPOCHS_UNJUDGED = 2
"""So many epochs say nothing about the rest of a trial."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class TuningPlan:
    """How a search goes.

    Attributes:
        trials: how many trials the study is to have in the end, those of earlier calls included.
        minutes: no trial begins after so many, and the one that runs then is cut off; the final training comes after.
        folds: the value of a trial is a mean over so many folds; ``None``: it is that of the validation split.
        by: how rows become folds.
        fixed: recipe values that the user has set, which stay as they are.
    """

    trials: int
    minutes: float | None = None
    folds: int | None = None
    by: FoldKind | None = None
    fixed: Collection[str] = ()


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
    )
    desk.warm_up(desk.material(spec.method, spec.recipe))
    with ExitStack() as stack:
        with desk.writing():
            stack.enter_context(study)
        _Tuning(desk, study, plan, folds).run()
        return _concluded(desk, study, plan, started)


@dataclass
class _Tuning:
    """The trials of one call."""

    desk: Desk
    study: StudyFile
    plan: TuningPlan
    folds: list[Fold] | None
    started: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        done = before = len(self.study.trials())
        if done:
            self.desk.progress.note(f"going on with the study {self.study.path.stem}: {done} trials are there")
        self.desk.progress.stage("searching", self.plan.trials)
        self.desk.progress.advance(min(done, self.plan.trials))
        while done < self.plan.trials and not self._is_late():
            self._next()
            before_it, done = done, len(self.study.trials())
            if done > before_it:
                self._tell(done, done - before)
            self._give_up_if_hopeless()

    def _next(self) -> None:
        """Make one trial, and record how it ends; one that is cut off is as if it had not been."""
        trial = self.study.ask()
        try:
            value = self._value(trial)
        except _Pruned:
            self.study.prune(trial)
        except Interrupted as stopped:
            self.study.forget(trial)
            if self.desk.stop():
                stopped.hint = "give the same command again: the search goes on where it stopped"
                raise
        except Exception as error:
            if isinstance(error, VerticoreError) and not isinstance(error, TrainingFailed):
                self.study.forget(trial)
                raise
            _log.warning("a trial failed: %s", dict(trial.params), exc_info=True)
            self.desk.progress.warn(f"a trial failed: {error}")
            self.study.fail(trial, str(error))
        else:
            self.study.complete(trial, value)

    def _value(self, trial: Trial) -> float:
        spec = self.desk.base.spec
        recipe = with_values(spec.recipe, trial.params)
        if self.folds is not None:
            return self._mean(trial, recipe, self.folds)

        def on_epoch(history: Sequence[Mapping[str, float]]) -> None:
            value = sign_of(self.desk.metric) * history[-1]["score"]
            if not math.isnan(value) and self.study.report(trial, value, len(history)):
                raise _Pruned

        material = self.desk.material(spec.method, recipe)
        learned = self.desk.learn(material, on_epoch=on_epoch, stop=self._is_late)
        value = value_on_validation(self.desk, material, learned)
        assert value is not None
        return value

    def _mean(self, trial: Trial, recipe: Recipe, folds: list[Fold]) -> float:
        values: list[float] = []
        spec = self.desk.base.spec
        for number, value in fold_values(self.desk, spec.method, recipe, folds, stop=self._is_late):
            values.append(value)
            worthless = self.study.report(trial, statistics.fmean(values), number)
            if worthless and number < len(folds):
                raise _Pruned
        if not values:
            raise TrainingFailed(f"{self.desk.metric} is undefined on every fold")
        return statistics.fmean(values)

    def _is_late(self) -> bool:
        """Tell whether the time is over; until there is a result, it is not."""
        if self.plan.minutes is None or time.monotonic() - self.started < 60 * self.plan.minutes:
            return False
        return self.study.best() is not None

    def _tell(self, done: int, mine: int) -> None:
        best = self.study.best()
        if best is not None and best.number == done:
            self.desk.progress.note(
                f"trial {done} of {self.plan.trials} is the best, {self.desk.metric} {best.value:.4f}"
            )
        passed = time.monotonic() - self.started
        left = passed / max(1, mine) * (self.plan.trials - done)
        if self.plan.minutes is not None:
            left = max(0.0, min(left, 60 * self.plan.minutes - passed))
        numbers = {} if best is None or best.value is None else {f"best {self.desk.metric}": best.value}
        self.desk.progress.advance(1, **numbers, minutes_left=left / 60)

    def _give_up_if_hopeless(self) -> None:
        trials = self.study.trials()
        if len(trials) >= HOPELESS and all(trial.state == "failed" for trial in trials):
            raise _without_result(self.study)


class _Pruned(Exception):
    """The trial is not worth its time."""


def _concluded(desk: Desk, study: StudyFile, plan: TuningPlan, started: float) -> Tuned:
    best, trials = study.best(), study.trials()
    if best is None or best.value is None:
        raise _without_result(study)
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


def _without_result(study: StudyFile) -> TrainingFailed:
    trials = study.trials()
    last = next((trial.error for trial in reversed(trials) if trial.error), "")
    return TrainingFailed(
        f"none of {len(trials)} trials gave a result; the last failed with: {last}",
        where=str(study.path),
        hint="see that 'verticore train' works with the same data and --set; for a new search remove the study's file",
    )


def _study_file(folder: Path, desk: Desk, space: Mapping[str, Range], folds: int | None, kind: FoldKind | None) -> Path:
    """Return a place that is the same for the same search."""
    spec = desk.base.spec
    digest = desk.digest(space={name: repr(values) for name, values in space.items()}, folds=folds, by=kind)
    place = place_of(folder, spec.solution, spec.method, desk.base.dataset, digest)
    return place.with_name(f"{place.name}.jsonl")
