"""Features of several encoders → one vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_ATTENTION_WIDTH = 128
_ATTENTION_HEADS = 4


class Concatenation(nn.Module):
    """Vectors side by side; where there are several, each is normalised first, so that none drowns another.

    Args:
        widths: size of each encoder's vector.
    """

    def __init__(self, widths: dict[str, int]) -> None:
        super().__init__()
        self.width = sum(widths.values())
        self._alone = len(widths) == 1

    def forward(self, vectors: dict[str, Tensor], parts: dict[str, Tensor]) -> Tensor:
        """Return float [rows, width]; ``vectors`` are [rows, width of the encoder]."""
        del parts
        if self._alone:
            return next(iter(vectors.values()))
        return torch.cat([nn.functional.layer_norm(v, v.shape[-1:]) for v in vectors.values()], -1)


class Attention(nn.Module):
    """One learned question to the parts of all encoders: a text's vector, a table's columns (Vaswani et al. 2017).

    Args:
        widths: size of each encoder's vector.
        part_widths: size of one part of each encoder that gives parts.
    """

    def __init__(self, widths: dict[str, int], part_widths: dict[str, int]) -> None:
        super().__init__()
        self.width = _ATTENTION_WIDTH
        self.vectors = nn.ModuleDict({name: nn.Linear(size, self.width) for name, size in widths.items()})
        self.parts = nn.ModuleDict({name: nn.Linear(size, self.width) for name, size in part_widths.items()})
        self.question = nn.Parameter(torch.randn(1, 1, self.width) * 0.02)
        self.attention = nn.MultiheadAttention(self.width, _ATTENTION_HEADS, batch_first=True)
        self.norm = nn.LayerNorm(self.width)

    def forward(self, vectors: dict[str, Tensor], parts: dict[str, Tensor]) -> Tensor:
        """Return float [rows, width] for vectors [rows, …] and parts [rows, count, …] by encoder."""
        whole = [self.vectors[name](nn.functional.layer_norm(v, v.shape[-1:])) for name, v in vectors.items()]
        pieces = [layer(parts[name]) for name, layer in self.parts.items()]
        known = torch.cat([torch.stack(whole, 1), *pieces], 1)
        found, _ = self.attention(self.question.expand(known.shape[0], -1, -1), known, known, need_weights=False)
        fused: Tensor = self.norm(found.squeeze(1) + torch.stack(whole).mean(0))
        return fused
