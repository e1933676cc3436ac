"""The running average of weights: often better than the last ones, and steadier between seeds.

Exponential moving average with a decay that starts low, so that the first steps are soon forgotten (Tarvainen &
Valpola 2017, "Mean teachers"; the warm-up is TensorFlow's).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """The average of ``parameters`` over the steps.

    Attributes:
        values: the averages, in the order of the parameters.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float) -> None:
        self._parameters = list(parameters)
        self._decay = decay
        self.values: list[Tensor] = [p.detach().clone() for p in self._parameters]

    @torch.no_grad()
    def update(self, steps: int) -> None:
        """Take in the weights after one more step; ``steps`` were taken before it."""
        decay = min(self._decay, (1 + steps) / (10 + steps))
        torch._foreach_lerp_(self.values, [p.detach() for p in self._parameters], 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """While inside, the parameters are their averages. Nothing is copied."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def keep(self) -> None:
        """Make the averages the weights."""
        torch._foreach_copy_([p.detach() for p in self._parameters], self.values)

    def _swap(self) -> None:
        for place, parameter in enumerate(self._parameters):
            parameter.data, self.values[place] = self.values[place], parameter.data
