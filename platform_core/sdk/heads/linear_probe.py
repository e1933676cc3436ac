"""A regularised linear model on frozen features; its penalty is chosen on validation data."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.heads.fitted import FitData, Member

_STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Inverse penalties that are tried, as scikit-learn's ``C``."""

_SOURCES = ("text", "dense")
_LARGE = 1e4
_CONSTANT = 1e-6


class LinearProbe(Member):
    """Logistic regression, or ridge regression for numbers, on the text's vector and the table's plain numbers.

    Outputs of a set of labels are one question each; levels are told apart like classes. All examples count alike,
    whatever the loss and class weights of the recipe.
    """

    reads = _SOURCES
    mean: Tensor
    spread: Tensor

    def __init__(self, spec: HeadSpec, answers: Head) -> None:
        super().__init__(spec, answers)
        width = sum(spec.feature_widths.get(name, 0) for name in _SOURCES)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.output = nn.Linear(width, 1 if self.task == "regression" else len(spec.labels))

    def fit(self, training: FitData, validation: FitData | None, *, seed: int) -> None:
        """Fit with each penalty; keep the one with the least validation loss (without validation: 1.0)."""
        inputs = _joined(training.features)
        self.mean.copy_(inputs.mean(0))
        spread = inputs.std(0, correction=0)
        # A column that never changed says nothing yet: whatever it holds later, it must not drown the others.
        self.spread.copy_(torch.where(spread < _CONSTANT, 1.0, spread))
        inputs = self._standardised(training.features)
        best: tuple[float, Tensor, Tensor] | None = None
        for strength in _STRENGTHS if validation is not None else (1.0,):
            weight, bias = self._solve(inputs, training.targets, strength, seed)
            self.output.weight.data.copy_(weight)
            self.output.bias.data.copy_(bias)
            loss = self._loss_on(validation) if validation is not None else 0.0
            if best is None or loss < best[0]:
                best = loss, weight, bias
        assert best is not None
        self.output.weight.data.copy_(best[1])
        self.output.bias.data.copy_(best[2])

    def forward(self, features: Features) -> Tensor:
        """Return outputs of the solution's kind, for features of the same batch."""
        raw: Tensor = self.output(self._standardised(features))
        if self.task == "regression":
            return raw
        probabilities = raw.sigmoid() if self.task == "multilabel" else raw.softmax(-1)
        return self.outputs_of(probabilities)

    def _standardised(self, features: Features) -> Tensor:
        return (_joined(features) - self.mean) / self.spread

    @torch.no_grad()
    def _loss_on(self, data: FitData) -> float:
        return float(self.loss(self(data.features), data.targets))

    def _solve(self, inputs: Tensor, targets: Tensor, strength: float, seed: int) -> tuple[Tensor, Tensor]:
        """Return weight [outputs, width] and bias [outputs]."""
        if self.task == "regression":
            return _ridge(inputs, targets, strength)
        if self.task != "multilabel":
            return _logistic(inputs, targets, len(self.spec.labels), strength, seed)
        pairs = [_logistic(inputs, question.long(), 2, strength, seed) for question in targets.T]
        return torch.stack([w[1] - w[0] for w, _ in pairs]), torch.stack([b[1] - b[0] for _, b in pairs])


def _joined(features: Features) -> Tensor:
    return torch.cat([features[name].float() for name in _SOURCES if name in features], -1)


def _ridge(inputs: Tensor, targets: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1.0 / strength).fit(inputs.numpy(), targets.squeeze(-1).numpy())
    return torch.from_numpy(model.coef_).float().reshape(1, -1), torch.tensor([float(model.intercept_)])


def _logistic(inputs: Tensor, targets: Tensor, classes: int, strength: float, seed: int) -> tuple[Tensor, Tensor]:
    """Return weight [classes, width] and bias [classes], for a softmax; a class without examples gets no vote."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    weight, bias = torch.zeros(classes, inputs.shape[1]), torch.full((classes,), -_LARGE)
    present = torch.unique(targets)
    bias[present] = 0.0
    if len(present) == 1:
        return weight, bias
    model: Any = LogisticRegression(C=strength, max_iter=500, random_state=seed)
    with warnings.catch_warnings():
        # A fit that stopped early is a fit with another penalty: validation judges it like the others.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(inputs.numpy(), targets.numpy())
    told = present[1:] if len(present) == 2 else present  # of two, one row answers for both
    weight[told], bias[told] = torch.from_numpy(model.coef_).float(), torch.from_numpy(model.intercept_).float()
    return weight, bias
