"""The trials of a search: learn with other values of the recipe, until there are enough or the time is over."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from optuna.trial import Trial

from platform_core.evaluation import sign_of
from platform_core.finetune.recipe_values import with_values
from platform_core.finetune.search.cross_validation import Fold, fold_values
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.ranking import value_on_validation
from platform_core.finetune.search.schemas import FoldKind
from platform_core.finetune.search.study import StudyFile
from platform_core.sdk import Interrupted, Recipe, TrainingFailed, VerticoreError

HOPELESS = 3
"""After so many failed trials and none that worked, the next will not work either."""

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


@dataclass
class Trials:
    """The trials of one call.

    Attributes:
        desk: where they take place.
        study: proposes them, and keeps how they ended.
        plan: how many, and for how long.
        folds: what their value is a mean over; none: it is that of the validation split.
    """

    desk: Desk
    study: StudyFile
    plan: TuningPlan
    folds: list[Fold] | None
    started: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Make trials until the study has as many as the plan wants, or the time is over.

        Raises:
            Interrupted: a stop was requested.
            TrainingFailed: no trial works.
        """
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
            raise without_result(self.study)


class _Pruned(Exception):
    """The trial is not worth its time."""


def without_result(study: StudyFile) -> TrainingFailed:
    """Return the error of a study whose trials gave no result."""
    trials = study.trials()
    last = next((trial.error for trial in reversed(trials) if trial.error), "")
    return TrainingFailed(
        f"none of {len(trials)} trials gave a result; the last failed with: {last}",
        where=str(study.path),
        hint="see that 'verticore train' works with the same data and --set; for a new search remove the study's file",
    )
