"""One of two or more classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from platform_core.sdk.heads.base import Features, Head, HeadSpec


class ClassificationHead(Head):
    """A linear layer on the pooled feature, softmax cross-entropy.

    A prediction is ``{"label": str, "scores": {label: probability}}``.
    """

    class_weights: Tensor | None

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        self.dropout = nn.Dropout(spec.dropout)
        self.output = nn.Linear(spec.feature_widths["pooled"], len(spec.labels))
        weights = None if spec.class_weights is None else torch.tensor(spec.class_weights)
        self.register_buffer("class_weights", weights, persistent=False)
        self._index = {label: i for i, label in enumerate(spec.labels)}

    def forward(self, features: Features) -> Tensor:
        """Return logits, float [batch, labels]."""
        logits: Tensor = self.output(self.dropout(features["pooled"]))
        return logits

    def encode_targets(self, targets: Sequence[Any]) -> Tensor:
        """Return class indices, int64 [batch]."""
        return torch.tensor([self._index[t] for t in targets], dtype=torch.int64)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the weighted, smoothed cross-entropy."""
        return F.cross_entropy(
            outputs.float(), targets, weight=self.class_weights, label_smoothing=self.spec.label_smoothing
        )

    def scores(self, outputs: Tensor) -> Tensor:
        """Return class probabilities."""
        return outputs.float().softmax(dim=-1)

    def decode(self, scores: Tensor) -> list[dict[str, Any]]:
        """Return the most probable label and all probabilities."""
        labels = self.spec.labels
        return [
            {
                "label": labels[max(range(len(row)), key=row.__getitem__)],
                "scores": dict(zip(labels, row, strict=True)),
            }
            for row in scores.tolist()
        ]
