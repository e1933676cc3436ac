"""Choosing a method: the cheapest first, each as far as the time allows, and the best on validation data is kept.

A method that leaves the encoder as it is, or changes it by a small delta, is preferred where it comes within a point
of one that makes an encoder of its own: such a version is small, and shares its encoder with others when it serves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from platform_core.evaluation import better
from platform_core.finetune.loop.checkpoint import STATE_FILE
from platform_core.finetune.loop.estimate import Estimate
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.ranking import value_on_validation
from platform_core.finetune.search.schemas import Attempt, AttemptState, MethodChosen
from platform_core.sdk import Interrupted, Method, Recipe, TrainingFailed, VerticoreError

CHEAPEST_FIRST: tuple[Method, ...] = ("fit", "head", "lora", "full")
LIGHT: tuple[Method, ...] = ("fit", "head", "lora")

POINT = 0.01
"""What a light method may lack; of errors without an upper bound, a part of the best."""

_UNBOUNDED = ("mae", "rmse")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """The method that was chosen.

    Attributes:
        recipe: its recipe.
        chosen: why it was.
        checkpoint: folder with the finished state of its loop, from which a run goes straight to its end; it is empty
            for closed forms.
        history: its epochs.
    """

    method: Method
    recipe: Recipe
    chosen: MethodChosen
    checkpoint: Path
    history: list[dict[str, float]]


def choose_method(desk: Desk, recipes: Mapping[Method, Recipe], minutes: float, folder: Path) -> Kept:
    """Try methods and keep one.

    Args:
        desk: where they are tried.
        recipes: the methods with their recipes.
        minutes: time for all. The first method takes what it needs; a later one is left out where its estimate does
            not fit, and is given up when the time is over.
        folder: where the state of each is kept: a later call goes on from there.

    Raises:
        UsageError: there is no validation split.
        Interrupted: a stop was requested.
        TrainingFailed: no method could be learned.
    """
    desk.need_validation()
    return _Trying(desk, recipes, 60 * minutes, folder).run()


@dataclass
class _Trying:
    desk: Desk
    recipes: Mapping[Method, Recipe]
    seconds: float
    folder: Path
    started: float = field(default_factory=time.monotonic)
    attempts: list[Attempt] = field(default_factory=list)
    histories: dict[Method, list[dict[str, float]]] = field(default_factory=dict)

    def run(self) -> Kept:
        for method in sorted(self.recipes, key=CHEAPEST_FIRST.index):
            self.attempts.append(self._attempt(method, self.recipes[method]))
        values = {a.method: a.value for a in self.attempts if a.value is not None}
        if not values:
            reasons = "; ".join(f"{a.method}: {a.note}" for a in self.attempts)
            raise TrainingFailed(f"no method could be learned ({reasons})", hint="see that one --method alone works")
        method, reason = choose(self.desk.metric, values)
        sentence = " ".join([reason, *_left_out(self.attempts)])
        self.desk.progress.note(sentence)
        chosen = MethodChosen(metric=self.desk.metric, attempts=tuple(self.attempts), chosen_because=sentence)
        return Kept(method, self.recipes[method], chosen, self.folder / method, self.histories[method])

    def _attempt(self, method: Method, recipe: Recipe) -> Attempt:
        started = time.monotonic()

        def ended(state: AttemptState, note: str = "", value: float | None = None) -> Attempt:
            self.desk.progress.note(f"{method}: {note or f'{self.desk.metric} {value:.4f} on validation'}")
            seconds = time.monotonic() - started
            return Attempt(method=method, state=state, value=value, seconds=seconds, note=note)

        if self.histories and self._left() <= 0:
            return ended("skipped", "the time was over")
        self.desk.progress.note(f"trying method {method}")
        checkpoints = self.folder / method
        try:
            material = self.desk.material(method, recipe)
            learned = self.desk.learn(
                material,
                # What an earlier call has begun goes on: the estimate is of a whole training.
                on_estimate=None if (checkpoints / STATE_FILE).exists() else self._check,
                stop=self._is_late,
                progress=self.desk.progress,
                checkpoints=checkpoints,
            )
            value = value_on_validation(self.desk, material, learned)
        except _TooLong as error:
            return ended("skipped", str(error))
        except Interrupted:
            if self.desk.stop():
                raise
            return ended("stopped", "the time was over before it had ended")
        except Exception as error:
            if isinstance(error, VerticoreError) and not isinstance(error, TrainingFailed):
                raise
            _log.warning("method %s failed", method, exc_info=True)
            return ended("failed", str(error))
        self.histories[method] = learned.result.history
        return ended("learned", value=value)

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.started)

    def _is_late(self) -> bool:
        return bool(self.histories) and self._left() <= 0

    def _check(self, estimate: Estimate) -> None:
        self.desk.progress.note(str(estimate))
        if self.histories and estimate.seconds > self._left():
            raise _TooLong(f"it would take about {_minutes(estimate.seconds)}, {_minutes(self._left())} were left")


class _TooLong(Exception):
    """The estimate does not fit into what is left of the time."""


def choose(metric: str, values: dict[Method, float]) -> tuple[Method, str]:
    """Return the method to keep, by its value on validation data, and why.

    Args:
        metric: what the values are of.
        values: of each method that was learned, cheapest first.
    """
    best = _best(metric, values)
    light = {method: value for method, value in values.items() if method in LIGHT}
    shown = ", ".join(f"{method} {value:.3f}" for method, value in values.items())
    if best in light or not light:
        return best, f"Method {best} had the best {metric} on validation data ({shown})."
    second = _best(metric, light)
    lacking = abs(values[best] - values[second])
    point = POINT * abs(values[best]) if metric in _UNBOUNDED else POINT
    if lacking <= point:
        return second, f"Method {second} came within {point:.2g} of {best} in {metric} on validation data ({shown})."
    return best, f"Method {best} was better than {second} by {lacking:.3f} in {metric} on validation data ({shown})."


def _best(metric: str, values: dict[Method, float]) -> Method:
    """Return the best method, the cheaper one among equals."""
    best = next(iter(values))
    for method, value in values.items():
        if better(metric, value, values[best]):
            best = method
    return best


def _left_out(attempts: Sequence[Attempt]) -> list[str]:
    return [f"{a.method.capitalize()} was {a.state}: {a.note}." for a in attempts if a.value is None]


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes"
