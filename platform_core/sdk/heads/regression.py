"""A number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from platform_core.sdk.decisions import Decision
from platform_core.sdk.heads.base import HeadSpec, LinearHead
from platform_core.sdk.targets import TargetValue


class RegressionHead(LinearHead):
    """A linear layer on the fused feature; targets are centred and scaled, and few outliers do not rule the loss.

    A prediction is ``{"value": float}``, in the unit of the target.
    """

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__(spec)
        self.task = "regression"

    def outputs_width(self) -> int:
        """Return 1."""
        return 1

    def encode_targets(self, targets: Sequence[TargetValue]) -> Tensor:
        """Return centred and scaled targets, float [batch, 1]."""
        values = torch.tensor([float(t) for t in targets], dtype=torch.float64)  # type: ignore[arg-type]
        return ((values - self.spec.center) / self.spec.scale).float().unsqueeze(-1)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean Huber loss."""
        return F.huber_loss(outputs.float(), targets)

    def scores(self, outputs: Tensor) -> Tensor:
        """Return values in the unit of the target, float [batch, 1]."""
        return outputs.float() * self.spec.scale + self.spec.center

    def outputs_of(self, scores: Tensor) -> Tensor:
        """Return centred and scaled values, float [batch, 1]."""
        return (scores - self.spec.center) / self.spec.scale

    def decode(self, scores: Tensor, decision: Decision) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return the value."""
        return [{"value": row[0]} for row in scores.tolist()]
