"""A set of labels, each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from platform_core.sdk.decisions import Decision
from platform_core.sdk.heads.base import HeadSpec, LinearHead
from platform_core.sdk.heads.decoding import decode_sets
from platform_core.sdk.heads.losses import binary_loss
from platform_core.sdk.targets import TargetValue

_TINY = 1e-7


class MultiLabelHead(LinearHead):
    """A linear layer on the fused feature and a sigmoid per label.

    A prediction is ``{"labels": [str], "scores": {label: probability}}``.
    """

    class_weights: Tensor | None

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        self.task = "multilabel"
        weights = None if spec.class_weights is None else torch.tensor(spec.class_weights)
        self.register_buffer("class_weights", weights, persistent=False)
        self._index = {label: i for i, label in enumerate(spec.labels)}

    def encode_targets(self, targets: Sequence[TargetValue]) -> Tensor:
        """Return 0 or 1 per label, float [batch, labels]."""
        truth = torch.zeros(len(targets), len(self._index))
        for row, target in enumerate(targets):
            for label in target:  # type: ignore[union-attr]
                truth[row, self._index[label]] = 1.0
        return truth

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of all labels."""
        spec = self.spec
        return binary_loss(
            outputs,
            targets,
            weights=self.class_weights,
            smoothing=spec.label_smoothing,
            kind=spec.loss,
            gamma=spec.focal_gamma,
        )

    def scores(self, outputs: Tensor) -> Tensor:
        """Return the probability of each label, float [batch, labels]."""
        return outputs.float().sigmoid()

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return logits, float [batch, labels]."""
        return scores.logit(eps=_TINY)

    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
        """Return the labels that reach their thresholds, and all probabilities."""
        return decode_sets(self.spec.labels, scores, decision)
