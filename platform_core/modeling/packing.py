"""Texts in one pass without padding: their tokens lie in one row, and attention stays within each text.

Beside the padding that is saved, a text's features do not depend on its neighbours: everything but attention works on
tokens one by one, and attention sees each text at its own length. (Without padding: Krell et al. 2021, "Efficient
sequence packing".) On CPUs whose products do not depend on the number of rows, features are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from platform_core.modeling.rows import TokenIds

_ATTENTION = "verticore_packed"
_LATE_POSITIONS = {"roberta", "xlm-roberta", "camembert"}
"""Architectures whose positions start behind the padding token's number."""

PACKABLE = {"bert", "distilbert", "electra", "ernie", *_LATE_POSITIONS}
"""Architectures that learn positions and leave attention to a function."""


@dataclass(frozen=True)
class Segment:
    """Neighbours of one length: ``texts`` of them, ``tokens`` each, from the token ``start`` on."""

    start: int
    texts: int
    tokens: int

    @property
    def end(self) -> int:
        """The token behind the last."""
        return self.start + self.texts * self.tokens


@dataclass(frozen=True)
class Pack:
    """Texts, shortest first, as one row of tokens.

    Attributes:
        ids: int64 [1, tokens of all].
        positions: of each token in its own text, int64 [1, tokens of all].
        order: number of each text among those that were given, in the order of the pack.
        lengths: tokens of each text, in the order of the pack.
        segments: where neighbours of one length lie.
    """

    ids: Tensor
    positions: Tensor
    order: list[int]
    lengths: Tensor
    segments: list[Segment]

    @classmethod
    def of(cls, texts: Sequence[TokenIds], device: torch.device) -> Pack:
        """Lay ``texts`` behind each other.

        Args:
            texts: their tokens.
            device: where they are read.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        segments: list[Segment] = []
        for length, members in groupby(order, key=lambda i: len(texts[i])):
            segments.append(Segment(segments[-1].end if segments else 0, len(list(members)), length))
        ids = torch.tensor([[token for i in order for token in texts[i]]], device=device)
        positions = torch.cat([torch.arange(s.tokens).repeat(s.texts) for s in segments])
        lengths = torch.tensor([len(texts[i]) for i in order], device=device)
        return cls(ids, positions[None].to(device), order, lengths, segments)

    def mean(self, hidden: Tensor) -> Tensor:
        """Return the mean of the states [tokens of all, width] of each text, fp32 [texts, width], as given."""
        total = torch.segment_reduce(hidden.float(), "sum", lengths=self.lengths)
        return self._as_given(total / self.lengths.clamp(min=1)[:, None])

    def padded(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Return the states of each text and their mask, fp32 [texts, tokens, width] and [texts, tokens], as given."""
        parts = torch.split(hidden.float(), self.lengths.tolist())
        longest = torch.arange(int(self.lengths.max()), device=hidden.device)
        mask = (longest < self.lengths[:, None]).long()
        return self._as_given(nn.utils.rnn.pad_sequence(list(parts), batch_first=True)), self._as_given(mask)

    def _as_given(self, rows: Tensor) -> Tensor:
        given = torch.empty_like(rows)
        given[self.order] = rows
        return given


class PackedEncoder:
    """Runs a network of a packable architecture on packs.

    Args:
        module: a transformers encoder; its attention is changed to that of packs.
    """

    def __init__(self, module: nn.Module) -> None:
        _register_attention()
        network: Any = module
        network.set_attn_implementation(_ATTENTION)
        config = network.config
        self._module = network
        self._first = config.pad_token_id + 1 if config.model_type in _LATE_POSITIONS else 0

    def __call__(self, pack: Pack) -> Tensor:
        """Return the states of all tokens, [tokens of all, width]."""
        found = self._module(input_ids=pack.ids, position_ids=pack.positions + self._first, segments=pack.segments)
        hidden: Tensor = found.last_hidden_state[0]
        return hidden


def _register_attention() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(_ATTENTION, _attend_within_texts)
    AttentionMaskInterface.register(_ATTENTION, lambda *_, **__: None)


def _attend_within_texts(
    _module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _mask: Tensor | None,
    *,
    segments: Sequence[Segment],
    scaling: float | None = None,
    **_options: object,
) -> tuple[Tensor, None]:
    """Attend, as transformers asks for it: from [1, heads, tokens, size] to [1, tokens, heads, size]."""
    heads, size = query.shape[1], query.shape[3]

    def of_texts(states: Tensor, segment: Segment) -> Tensor:
        part = states[0, :, segment.start : segment.end]
        return part.reshape(heads, segment.texts, segment.tokens, size).transpose(0, 1)

    parts = []
    for segment in segments:
        q, k, v = (of_texts(states, segment) for states in (query, key, value))
        attended = functional.scaled_dot_product_attention(q, k, v, scale=scaling)
        parts.append(attended.transpose(1, 2).reshape(segment.end - segment.start, heads, size))
    return (parts[0] if len(parts) == 1 else torch.cat(parts))[None], None
