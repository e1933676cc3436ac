"""One answer of several heads that each learned without another part of the examples."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from platform_core.sdk.heads.base import Features, Head, HeadSpec
from platform_core.sdk.heads.fitted import Answering


class BaggedHead(Answering):
    """The mean of the scores of its parts (cross-validated committees: Parmanto, Munro & Doyle 1996).

    Each part is fitted on its own; what a part answers for examples that it did not learn from says how good it is.

    Args:
        spec: what all are built from.
        parts: heads of one kind, one at least.
    """

    def __init__(self, spec: HeadSpec, parts: Sequence[Head]) -> None:
        super().__init__(spec, parts[0])
        self.parts = nn.ModuleList(parts)
        self.reads = parts[0].reads  # type: ignore[misc]

    def forward(self, features: Features) -> Tensor:
        """Return outputs of the solution's kind, where all parts read the same features."""
        return self.together([part(features) for part in self.parts])

    def together(self, outputs: Sequence[Tensor]) -> Tensor:
        """Return outputs whose scores are the mean of those of the parts' ``outputs``, each [batch, …]."""
        return self.outputs_of(torch.stack([self.scores(each) for each in outputs]).mean(0))
