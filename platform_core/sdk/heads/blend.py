"""Several heads that answer together."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.heads.fitted import FitData, Member

_STEPS = 60
_CAUTION = 2.0
"""Pull towards equal weights, as so many rows' loss: on few validation rows differences are mostly luck."""


class BlendHead(Member):
    """The weighted mean of the scores of its members; the weights are those of the least validation loss.

    Args:
        spec: what all are built from.
        answers: the solution's head.
        members: heads by name; all give outputs of the solution's kind.
    """

    weights: Tensor

    def __init__(self, spec: HeadSpec, answers: Head, members: Mapping[str, Head]) -> None:
        super().__init__(spec, answers)
        self.members = nn.ModuleDict(dict(members))
        self.reads = tuple(dict.fromkeys(name for head in members.values() for name in head.reads))  # type: ignore[misc]
        self.register_buffer("weights", torch.full((len(members),), 1.0 / len(members)))

    def fit(self, training: FitData, validation: FitData | None, *, seed: int) -> None:
        """Find the weights. The members are fitted already; without validation they count alike."""
        del training, seed
        if validation is not None:
            self.weigh(self.member_scores(validation.features), validation.targets)

    def weigh(self, scores: Tensor, targets: Tensor) -> None:
        """Take the weights with the least loss.

        Args:
            scores: of each member, float [members, rows, k], on rows that it did not learn from.
            targets: of these rows, as :meth:`encode_targets` returns them.
        """
        if len(self.members) == 1:
            return
        caution = _CAUTION / len(targets)
        free = torch.zeros(len(self.members), requires_grad=True)
        optimiser = torch.optim.LBFGS([free], max_iter=_STEPS, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimiser.zero_grad()
            mixed = torch.einsum("m,mrk->rk", free.softmax(0), scores)
            loss = self.loss(self.outputs_of(mixed), targets) + caution * free.square().mean()
            loss.backward()  # type: ignore[no-untyped-call]
            return loss

        with torch.enable_grad():
            optimiser.step(closure)  # type: ignore[no-untyped-call]
        self.weights.copy_(free.detach().softmax(0))

    def forward(self, features: Features) -> Tensor:
        """Return outputs of the solution's kind, for features of the same batch."""
        return self.outputs_of(self.mix(self.member_scores(features)))

    def mix(self, scores: Tensor) -> Tensor:
        """Return the scores of all together, float [rows, k], for those of each member, float [members, rows, k]."""
        return torch.einsum("m,mrk->rk", self.weights, scores)

    @property
    def shares(self) -> dict[str, float]:
        """Weight of each member."""
        return dict(zip(self.members, self.weights.tolist(), strict=True))

    def member_scores(self, features: Features) -> Tensor:
        """Return the scores of each member, float [members, rows, k]."""
        with torch.no_grad():
            return torch.stack([head.scores(head(features)) for head in self._heads()])

    def _heads(self) -> list[Head]:
        return [head for head in self.members.values() if isinstance(head, Head)]
