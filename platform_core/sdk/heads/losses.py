"""Losses. All return means over the batch, in float32 whatever the outputs' type."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

LossName = Literal["cross_entropy", "focal"]

_LEAST_ERROR = 1e-6
"""Below it an example counts no less: powers under 1 have no slope at 0."""


def class_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    weights: Tensor | None = None,
    smoothing: float = 0.0,
    kind: LossName = "cross_entropy",
    gamma: float = 2.0,
) -> Tensor:
    """Return the loss of one-of-k classes.

    Args:
        logits: float [batch, k].
        targets: class indices, int64 [batch].
        weights: a weight per class, float [k].
        smoothing: part of the target that is given to all classes alike.
        kind: ``focal`` weighs each example by (1 - p)^gamma, p its probability of the target (Lin et al. 2017).
        gamma: of the focal loss.
    """
    logits = logits.float()
    if kind == "cross_entropy":
        return F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)
    each = F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing, reduction="none")
    hit = logits.softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    total = len(targets) if weights is None else weights[targets].sum()
    return (_focus(1 - hit, gamma) * each).sum() / total


def binary_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    weights: Tensor | None = None,
    smoothing: float = 0.0,
    kind: LossName = "cross_entropy",
    gamma: float = 2.0,
) -> Tensor:
    """Return the loss of independent yes-or-no questions.

    Args:
        logits: float [batch, …].
        targets: 0 or 1, of the same shape.
        weights: a weight per element, broadcastable.
        smoothing: part of the target that moves to one half.
        kind, gamma: as for :func:`class_loss`.
    """
    logits, truth = logits.float(), targets.float()
    each = F.binary_cross_entropy_with_logits(logits, truth * (1 - smoothing) + smoothing / 2, reduction="none")
    if kind == "focal":
        probability = logits.sigmoid()
        each = each * _focus(truth * (1 - probability) + (1 - truth) * probability, gamma)
    if weights is None:
        return each.mean()
    weights = weights.expand_as(each)
    return (each * weights).sum() / weights.sum()


def ordinal_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    weights: Tensor | None = None,
    smoothing: float = 0.0,
    kind: LossName = "cross_entropy",
    gamma: float = 2.0,
) -> Tensor:
    """Return the loss of "is the level above j?" for each j (Cao, Mirjalili & Raschka 2020, CORAL).

    Args:
        logits: of P(level > j), float [batch, levels - 1].
        targets: levels, int64 [batch].
        weights: a weight per level, float [levels].
        smoothing, kind, gamma: as for :func:`binary_loss`.
    """
    above = targets.unsqueeze(-1) > torch.arange(logits.shape[-1], device=targets.device)
    row_weights = None if weights is None else weights[targets].unsqueeze(-1)
    return binary_loss(logits, above, weights=row_weights, smoothing=smoothing, kind=kind, gamma=gamma)


def _focus(error: Tensor, gamma: float) -> Tensor:
    return error.clamp(min=_LEAST_ERROR) ** gamma
