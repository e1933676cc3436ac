"""One of two or more classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from platform_core.sdk.decisions import Decision
from platform_core.sdk.errors import DataError
from platform_core.sdk.heads.base import Head, HeadSpec, LinearHead
from platform_core.sdk.heads.decoding import decode_classes
from platform_core.sdk.heads.losses import binary_loss, class_loss
from platform_core.sdk.targets import TargetValue, Task

_TINY = 1e-7
"""Least probability whose logarithm is taken."""


class ClassAnswers(Head):
    """The answer is one of the labels.

    A prediction is ``{"label": str, "scores": {label: probability}}``; with ``top``, the most probable labels as well.
    """

    class_weights: Tensor | None

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        weights = None if spec.class_weights is None else torch.tensor(spec.class_weights)
        self.register_buffer("class_weights", weights, persistent=False)
        self._index = {label: i for i, label in enumerate(spec.labels)}
        self.task: Task = "binary" if len(spec.labels) == 2 else "multiclass"

    def encode_targets(self, targets: Sequence[TargetValue]) -> Tensor:
        """Return class indices, int64 [batch]."""
        return torch.tensor([self._index[str(t)] for t in targets], dtype=torch.int64)

    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
        """Return the most probable label, or what the thresholds say, and all probabilities."""
        return decode_classes(self.spec.labels, scores, decision, top=self.spec.top)


class ClassificationHead(LinearHead, ClassAnswers):
    """A linear layer on the fused feature and a softmax: any number of classes."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the weighted, smoothed cross-entropy, or the focal loss."""
        return class_loss(
            outputs,
            targets,
            weights=self.class_weights,
            smoothing=self.spec.label_smoothing,
            kind=self.spec.loss,
            gamma=self.spec.focal_gamma,
        )

    def scores(self, outputs: Tensor) -> Tensor:
        """Return class probabilities, float [batch, labels]."""
        return outputs.float().softmax(dim=-1)

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return logarithms, float [batch, labels]."""
        return scores.clamp(min=_TINY).log()


class BinaryHead(LinearHead, ClassAnswers):
    """A linear layer on the fused feature and a sigmoid: is it the positive class?

    Raises:
        DataError: there are not two labels.
    """

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        if len(spec.labels) != 2:
            found = ", ".join(spec.labels[:10]) or "none"
            raise DataError(
                f"the head tells two labels apart, the data has {len(spec.labels)}: {found}",
                where="label",
                hint="keep two labels; solutions for more have a ClassificationHead",
            )
        self._positive = spec.labels.index(spec.positive or spec.labels[1])

    def outputs_width(self) -> int:
        """Return 1."""
        return 1

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the weighted, smoothed binary cross-entropy, or the focal loss."""
        return binary_loss(
            outputs.squeeze(-1),
            targets == self._positive,
            weights=None if self.class_weights is None else self.class_weights[targets],
            smoothing=self.spec.label_smoothing,
            kind=self.spec.loss,
            gamma=self.spec.focal_gamma,
        )

    def scores(self, outputs: Tensor) -> Tensor:
        """Return class probabilities, float [batch, 2]."""
        positive = outputs.float().sigmoid()
        pair = (1 - positive, positive)
        return torch.cat(pair if self._positive else pair[::-1], dim=-1)

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return the logit of the positive class, float [batch, 1]."""
        return scores[:, self._positive, None].logit(eps=_TINY)
