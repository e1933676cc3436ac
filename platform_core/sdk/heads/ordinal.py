"""One of several levels that have an order."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from platform_core.sdk.decisions import Decision
from platform_core.sdk.heads.base import Features, HeadSpec, LinearHead
from platform_core.sdk.heads.classification import ClassAnswers
from platform_core.sdk.heads.decoding import decode_levels
from platform_core.sdk.heads.losses import ordinal_loss

_TINY = 1e-6


class OrdinalHead(LinearHead, ClassAnswers):
    """One direction for all levels, and cut points that cannot cross (CORAL; Cao, Mirjalili & Raschka 2020).

    A prediction is ``{"label": str, "scores": {level: probability}}``; the label is the median level.
    """

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        self.task = "ordinal"
        self.first_cut = nn.Parameter(torch.tensor(1.0))
        self.gaps = nn.Parameter(torch.zeros(max(0, len(spec.labels) - 2)))

    def outputs_width(self) -> int:
        """Return 1: how far up an example stands; the cut points make levels of it."""
        return 1

    def forward(self, features: Features) -> Tensor:
        """Return the logits of P(level > j), float [batch, levels - 1], falling from left to right."""
        steps = torch.cat((self.first_cut.unsqueeze(0), -F.softplus(self.gaps)))
        return super().forward(features) + steps.cumsum(0)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of the questions "is the level above j?"."""
        return ordinal_loss(
            outputs,
            targets,
            weights=self.class_weights,
            smoothing=self.spec.label_smoothing,
            kind=self.spec.loss,
            gamma=self.spec.focal_gamma,
        )

    def scores(self, outputs: Tensor) -> Tensor:
        """Return the probability of each level, float [batch, levels]."""
        above = outputs.float().sigmoid()
        ends = torch.ones_like(above[:, :1]), torch.zeros_like(above[:, :1])
        return torch.cat((ends[0], above), -1) - torch.cat((above, ends[1]), -1)

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return the logits of P(level > j), float [batch, levels - 1]."""
        above = scores.flip(-1).cumsum(-1).flip(-1)[:, 1:]
        return above.logit(eps=_TINY)

    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
        """Return the median level and all probabilities."""
        return decode_levels(self.spec.labels, scores, decision)
