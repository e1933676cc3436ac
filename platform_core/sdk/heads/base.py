"""The protocol of heads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

Features = Mapping[str, Tensor]
"""Named encoder features; ``pooled`` is float [batch, width]."""


@dataclass(frozen=True, kw_only=True)
class HeadSpec:
    """All that a head needs to be built again: JSON types only, kept in the model version.

    Attributes:
        feature_widths: width of each named feature, e.g. ``{"pooled": 384}``.
        labels: class names, in the order of the outputs.
        dropout: dropout probability before the output layer.
        label_smoothing: part of the target that is given to all classes alike.
        class_weights: a weight per label for the loss, or none.
        options: what a subclass needs besides.
    """

    feature_widths: Mapping[str, int]
    labels: tuple[str, ...]
    dropout: float = 0.0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class Head(nn.Module, ABC):
    """Features → outputs, with the loss that trains them and the decoding that people read.

    Each method treats the rows of a batch independently: serving mixes rows of many models in one batch.
    """

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__()
        self.spec = spec

    @abstractmethod
    def forward(self, features: Features) -> Tensor:
        """Return raw outputs, float [batch, …], for features of the same batch."""

    @abstractmethod
    def encode_targets(self, targets: Sequence[Any]) -> Tensor:
        """Return the targets, as they stand in examples, as a tensor [batch, …] for :meth:`loss`."""

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a batch, a scalar."""

    @abstractmethod
    def scores(self, outputs: Tensor) -> Tensor:
        """Return calibrated-scale scores: for classes, probabilities float [batch, labels] that sum to one."""

    @abstractmethod
    def decode(self, scores: Tensor) -> list[dict[str, Any]]:
        """Return one JSON-typed prediction per row of :meth:`scores`."""

    @torch.inference_mode()
    def predict(self, features: Features) -> list[dict[str, Any]]:
        """Return one prediction per row: ``decode(scores(forward(features)))``."""
        return self.decode(self.scores(self(features)))
