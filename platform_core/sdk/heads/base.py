"""The protocol of heads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from platform_core.sdk.decisions import Decision
from platform_core.sdk.heads.dropout import Dropout
from platform_core.sdk.targets import TargetValue, Task

Features = Mapping[str, Tensor]
"""Named features of a batch:

==============  =====================================================================================
``pooled``      float [batch, width]: features of all encoders, fused
``text``        float [batch, width]: the text's mean-pooled vector
``tokens``      float [batch, tokens, width]: states of all tokens, with ``mask`` [batch, tokens]
``numbers``     double [batch, columns]: numbers of a table as they came, NaN where missing
``categories``  int64 [batch, columns]: 0 missing, 1 unseen or rare, from 2 on the known categories
``dense``       float [batch, width]: the table as plain numbers near [-1, 1], without missing values
==============  =====================================================================================
"""


@dataclass(frozen=True, kw_only=True)
class HeadSpec:
    """All that a head needs to be built again: JSON types only, kept in the model version.

    Attributes:
        feature_widths: width of each named feature, e.g. ``{"pooled": 384}``.
        labels: class names, in the order of the outputs; none for numbers.
        dropout: dropout probability before the output layer.
        loss: ``focal`` weighs easy examples down.
        focal_gamma: how much.
        label_smoothing: part of the target that is given to all classes alike.
        class_weights: a weight per label for the loss, or none.
        positive: of two classes, the one that is looked for.
        top: predictions list so many of the most probable classes; 0: they do not.
        center, scale: mean and spread of numeric targets in training.
        options: what a subclass needs besides.
    """

    feature_widths: Mapping[str, int]
    labels: tuple[str, ...]
    dropout: float = 0.0
    loss: Literal["cross_entropy", "focal"] = "cross_entropy"
    focal_gamma: float = 2.0
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    positive: str | None = None
    top: int = 0
    center: float = 0.0
    scale: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)


class Head(nn.Module, ABC):
    """Features → outputs, with the loss that trains them and the decoding that people read.

    Each method treats the rows of a batch independently: serving mixes rows of many models in one batch.

    Attributes:
        reads: names of the features that :meth:`forward` reads.
        task: the kind of answer.
    """

    reads: ClassVar[tuple[str, ...]] = ("pooled",)
    task: Task

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__()
        self.spec = spec

    @abstractmethod
    def forward(self, features: Features) -> Tensor:
        """Return raw outputs, float [batch, …], for features of the same batch."""

    @abstractmethod
    def encode_targets(self, targets: Sequence[TargetValue]) -> Tensor:
        """Return the targets, as they stand in examples, as a tensor [batch, …] for :meth:`loss`."""

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a batch, a scalar."""

    @abstractmethod
    def scores(self, outputs: Tensor) -> Tensor:
        """Return what people understand: probabilities float [batch, labels], or values float [batch, 1]."""

    @abstractmethod
    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return outputs whose :meth:`scores` are ``scores``: its inverse, for heads that compute scores directly."""

    @abstractmethod
    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
        """Return one JSON-typed prediction per row of ``scores``, as ``decision`` wants it."""

    @torch.inference_mode()
    def predict(self, features: Features, decision: Decision | None = None) -> list[dict[str, Any]]:
        """Return one prediction per row: ``decode(scores(forward(features)))``."""
        return self.decode(self.scores(self(features)), decision or Decision())


class LinearHead(Head):
    """A linear layer on the fused feature; what it answers is added by a subclass."""

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        self.dropout = Dropout(spec.dropout)
        self.output = nn.Linear(spec.feature_widths["pooled"], self.outputs_width())

    def outputs_width(self) -> int:
        """Return how many outputs a row has: one per label."""
        return len(self.spec.labels)

    def forward(self, features: Features) -> Tensor:
        """Return raw outputs, float [batch, outputs]."""
        outputs: Tensor = self.output(self.dropout(features["pooled"]))
        return outputs
