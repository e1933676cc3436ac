"""Reviews of examples by a solution's rules, and how they hold a model's answers.

Of levels in an order, a rule may name the mildest one that can be the answer. After calibration more than half of the
probability of all milder levels moves onto it: the median, which is the answer, cannot be milder then. What the model
thinks still counts: among raised examples the order stays, and so do the reasons for it. Rules only ever raise, and
whatever reads scores (decisions, metrics, explanations) sees what people see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platform_core.sdk import Example, OrdinalTarget, PluginError, Remark, Review, Solution, VerticoreError

RESERVED = frozenset({"label", "labels", "value", "scores", "abstained", "top", "remarks", "explanation"})
"""Entries of predictions that no fact may have the name of."""

_KEPT = 0.45
"""What milder levels keep of their probability: less than half, so that the median rises; not nothing, so that what the
model says of raised examples can still be told apart."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What rules say of one example.

    Attributes:
        remarks: in the order of the rules.
        facts: further entries of the prediction.
        least: index of the mildest level that may be the answer; none where any may.
        abstain: a person decides, whatever the model says.
    """

    remarks: tuple[Remark, ...]
    facts: Mapping[str, Any]
    least: int | None = None
    abstain: bool = False

    def add_to(self, prediction: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``prediction`` with the facts and, where there are some, the remarks."""
        said = {**prediction, **self.facts} | ({"abstained": True} if self.abstain else {})
        return said | {"remarks": [remark.to_dict() for remark in self.remarks]} if self.remarks else said


class Reviewer:
    """The rules of a solution, for a model with certain labels.

    Args:
        solution: has a ``review``.
        labels: of the model; levels in their order.
    """

    def __init__(self, solution: Solution, labels: Sequence[str]) -> None:
        self._solution = solution
        self._labels = tuple(labels)
        target = solution.target
        self._severe_first = target.severe == "first" if isinstance(target, OrdinalTarget) else None

    @classmethod
    def of(cls, solution: Solution | None, labels: Sequence[str]) -> Reviewer | None:
        """Return the rules of ``solution``; ``None`` where it has none."""
        return cls(solution, labels) if solution is not None and solution.review is not None else None

    def review(self, example: Example) -> Reviewed:
        """Return what the rules say of ``example``.

        Raises:
            PluginError: they fail, name a level that there is not, or a fact as an entry that predictions have.
        """
        assert self._solution.review is not None
        try:
            said = self._solution.review(example, self._labels)
        except VerticoreError:
            raise
        except Exception as error:  # rules are a plugin's: whatever they raise, people must know whose it is
            raise self._fault(f"the rules failed: {type(error).__name__}: {error}") from error
        if not isinstance(said, Review):
            raise self._fault(f"the rules returned a {type(said).__name__}, not a Review")
        taken = sorted(RESERVED & set(said.facts))
        if taken:
            raise self._fault(f"the fact {taken[0]!r} would replace an entry of the prediction", "name it differently")
        return Reviewed(tuple(said.remarks), dict(said.facts), self._least(said.remarks), said.abstain)

    def raised(self, scores: np.ndarray, reviews: Sequence[Reviewed | None]) -> np.ndarray:
        """Return calibrated ``scores``, float [rows, levels], without milder levels than the rules allow."""
        least = [None if review is None else review.least for review in reviews]
        if self._severe_first is None or all(level is None for level in least):
            return scores
        return raise_levels(scores, least, severe_first=self._severe_first)

    def _least(self, remarks: Sequence[Remark]) -> int | None:
        """Return the index of the most severe of the levels that remarks name."""
        named = [remark.at_least for remark in remarks if remark.at_least is not None]
        if not named:
            return None
        if self._severe_first is None:
            raise self._fault(f"{named[0]!r} cannot be the least level: the answers have no order")
        unknown = [label for label in named if label not in self._labels]
        if unknown:
            known = ", ".join(map(repr, self._labels))
            raise self._fault(f"the rules name the level {unknown[0]!r}, which the model does not know", f"use {known}")
        levels = [self._labels.index(label) for label in named]
        return min(levels) if self._severe_first else max(levels)

    def _fault(self, message: str, hint: str = "correct the plugin") -> PluginError:
        return PluginError(message, where=f"{self._solution.id}, review", hint=hint)


def raise_levels(scores: np.ndarray, least: Sequence[int | None], *, severe_first: bool) -> np.ndarray:
    """Move more than half of the probability of milder levels onto the mildest one that is allowed.

    Args:
        scores: probabilities, float [rows, levels]; they stay as they are.
        least: of each row the index of the mildest level; none where all are allowed.
        severe_first: level 0 is the most severe one; otherwise the last is.
    """
    found = scores.copy()
    for row, level in zip(found, least, strict=True):
        if level is not None:
            milder = row[level + 1 :] if severe_first else row[:level]
            together = float(row[level]) + float(milder.sum(dtype=np.float64))
            milder *= _KEPT
            rest = together - float(milder.sum(dtype=np.float64))
            # Sums that decide on the answer must not move by a rounding towards a milder one.
            row[level] = _rounded(rest, row.dtype, up=severe_first)
    return found


def _rounded(number: float, kind: np.dtype[Any], *, up: bool) -> Any:
    """Return ``number`` in a precision, rounded up or down."""
    nearest = kind.type(number)
    if up:
        return nearest if float(nearest) >= number else np.nextafter(nearest, kind.type(2))
    return nearest if float(nearest) <= number else np.nextafter(nearest, kind.type(-1))
