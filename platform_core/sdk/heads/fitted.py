"""Heads that are fitted in closed form or by a library of their own, instead of by gradients in the loop."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from platform_core.sdk.decisions import Decision
from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.targets import TargetValue


@dataclass(frozen=True)
class FitData:
    """Features of some examples with their targets, as :meth:`Head.encode_targets` returns them."""

    features: Features
    targets: Tensor


class FitHead(Head):
    """A head with a :meth:`fit`. A solution whose head is one offers the method ``fit``.

    What it learns must be in its parameters and buffers: they are what a version keeps.
    """

    @abstractmethod
    def fit(self, training: FitData, validation: FitData | None, *, seed: int) -> None:
        """Learn from all training examples at once.

        Args:
            training: what to learn from.
            validation: held out: for settings and for stopping, never to learn from.
            seed: the same seed gives the same head.
        """


class Answering(Head):
    """A head that answers in the way of a solution's own head.

    Args:
        spec: what both are built from.
        answers: the solution's head: its targets, loss, scores and decoding apply.
    """

    def __init__(self, spec: HeadSpec, answers: Head) -> None:
        super().__init__(spec)
        self._answers = (answers,)  # in a tuple: its weights are not part of this head
        self.task = answers.task

    def encode_targets(self, targets: Sequence[TargetValue]) -> Tensor:
        """Return the targets as the solution's head encodes them."""
        return self._answers[0].encode_targets(targets)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of the solution's head."""
        return self._answers[0].loss(outputs, targets)

    def scores(self, outputs: Tensor) -> Tensor:
        """Return the scores of the solution's head."""
        return self._answers[0].scores(outputs)

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return the outputs of the solution's head."""
        return self._answers[0].outputs_of(scores)

    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
        """Return the predictions of the solution's head."""
        return self._answers[0].decode(scores, decision)


class Member(Answering, FitHead):
    """A fitted head that answers in the way of a solution's own head."""
