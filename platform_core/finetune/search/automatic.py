"""Choosing a method: the cheapest first, each as far as the time allows, and the best on validation data is kept.

A method that leaves the encoder as it is, or changes it by a small delta, is preferred where it comes within a point
of one that makes an encoder of its own: such a version is small, and shares its encoder with others when it serves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from platform_core.evaluation import better
from platform_core.finetune.estimate import Estimate
from platform_core.finetune.learning import Learned
from platform_core.finetune.material import Material
from platform_core.finetune.search.desk import Desk
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
    """The method that was chosen, and what it has learned already."""

    material: Material
    learned: Learned
    chosen: MethodChosen


def choose_method(desk: Desk, recipes: Mapping[Method, Recipe], minutes: float) -> Kept:
    """Try methods and keep one.

    Args:
        desk: where they are tried.
        recipes: the methods with their recipes.
        minutes: time for all. The first method takes what it needs; a later one is left out where its estimate does
            not fit, and is given up when the time is over.

    Raises:
        UsageError: there is no validation split.
        Interrupted: a stop was requested.
        TrainingFailed: no method could be learned.
    """
    desk.need_validation()
    return _Trying(desk, recipes, 60 * minutes).run()


@dataclass
class _Trying:
    desk: Desk
    recipes: Mapping[Method, Recipe]
    seconds: float
    started: float = field(default_factory=time.monotonic)
    attempts: list[Attempt] = field(default_factory=list)
    kept: dict[Method, tuple[Material, Learned]] = field(default_factory=dict)

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
        material, learned = self.kept[method]
        chosen = MethodChosen(metric=self.desk.metric, attempts=tuple(self.attempts), chosen_because=sentence)
        return Kept(material, learned, chosen)

    def _attempt(self, method: Method, recipe: Recipe) -> Attempt:
        started = time.monotonic()

        def ended(state: AttemptState, note: str = "", value: float | None = None) -> Attempt:
            self.desk.progress.note(f"{method}: {note or f'{self.desk.metric} {value:.4f} on validation'}")
            seconds = time.monotonic() - started
            return Attempt(method=method, state=state, value=value, seconds=seconds, note=note)

        if self.kept and self._left() <= 0:
            return ended("skipped", "the time was over")
        self.desk.progress.note(f"trying method {method}")
        material = self.desk.material(method, recipe)
        try:
            learned = self.desk.learn(
                material, on_estimate=self._check, stop=self._is_late, progress=self.desk.progress
            )
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
        self.kept[method] = material, learned
        return ended("learned", value=learned.score)

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.started)

    def _is_late(self) -> bool:
        return bool(self.kept) and self._left() <= 0

    def _check(self, estimate: Estimate) -> None:
        self.desk.progress.note(str(estimate))
        if self.kept and estimate.seconds > self._left():
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
