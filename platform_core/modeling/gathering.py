"""The low-rank deltas of many models in one pass of the encoder that they share.

A resident delta is a few plain tensors. A pass stacks those that it needs, and multiplies each with the tokens of its
own texts, all models in one batched product (Chen et al. 2023, "Punica"; Sheng et al. 2023, "S-LoRA"). So a model takes
exactly its own bytes for as long as somebody holds it, whatever the ranks and layers of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.prepacking import PrepackedLinear

_PIECE = 64
"""Most tokens of one model that lie in one row of a batched product: the rows are as long as the longest."""

Stacks = dict[int, Tensor]
"""Width → tensors of all layers of that width."""


@dataclass(frozen=True)
class Layout:
    """What deltas have in common that can be stacked on each other.

    Attributes:
        rank: of every pair.
        layers: name, inputs and outputs of each layer.
    """

    rank: int
    layers: tuple[tuple[str, int, int], ...]

    @cached_property
    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Layer → inputs, number among the layers with as many inputs, outputs, number among those."""
        downs: dict[int, int] = {}
        ups: dict[int, int] = {}
        found = {}
        for name, inputs, outputs in self.layers:
            found[name] = (inputs, downs.get(inputs, 0), outputs, ups.get(outputs, 0))
            downs[inputs] = downs.get(inputs, 0) + 1
            ups[outputs] = ups.get(outputs, 0) + 1
        return found


@dataclass(frozen=True, eq=False)
class ResidentDelta:
    """A delta as passes read it.

    Attributes:
        layout: what lies where.
        down: inputs → A of the layers, [layers, rank, inputs].
        up: outputs → B of the layers, [layers, rank, outputs].
    """

    layout: Layout
    down: Stacks
    up: Stacks

    @classmethod
    def of(cls, delta: LoraDelta, device: torch.device, dtype: torch.dtype) -> ResidentDelta:
        """Lay out ``delta`` in the type that its encoder multiplies."""
        rank = delta.rank
        layout = Layout(rank, tuple((name, a.shape[1], b.shape[0]) for name, (a, b) in sorted(delta.pairs.items())))
        downs: dict[int, list[Tensor]] = {}
        ups: dict[int, list[Tensor]] = {}
        for name, inputs, outputs in layout.layers:
            a, b = delta.pairs[name]
            missing = rank - a.shape[0]
            downs.setdefault(inputs, []).append(nn.functional.pad(a, (0, 0, 0, missing)))
            ups.setdefault(outputs, []).append(nn.functional.pad(b.T, (0, 0, 0, missing)))
        return cls(layout, _stacked(downs, device, dtype), _stacked(ups, device, dtype))

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        return sum(tensor.nbytes for tensor in (*self.down.values(), *self.up.values()))


@dataclass(frozen=True)
class Gathered:
    """The deltas of one layout in a pass, and whose tokens lie where.

    Attributes:
        layout: of all of them.
        tokens: the tokens that have such a delta, int64 [own]; ``None``: all do.
        padded: the tokens of each row of the product, int64 [rows, longest]; short rows end in any token.
        back: where each of ``tokens`` is among the padded ones, int64 [own].
        down, up: as in a resident delta, with rows behind layers: [layers, rows, …].
    """

    layout: Layout
    tokens: Tensor | None
    padded: Tensor
    back: Tensor
    down: Stacks
    up: Stacks

    @classmethod
    def of_texts(
        cls, deltas: Sequence[ResidentDelta | None], lengths: Sequence[int], device: torch.device
    ) -> list[Gathered]:
        """Gather the deltas of a pass, by layout.

        Args:
            deltas: of each text, where it has one.
            lengths: tokens of each text; they lie behind each other.
            device: where tokens are.
        """
        starts = np.cumsum(lengths) - lengths
        layouts: dict[Layout, dict[ResidentDelta, list[np.ndarray]]] = {}
        for delta, start, length in zip(deltas, starts, lengths, strict=True):
            if delta is not None:
                own = layouts.setdefault(delta.layout, {}).setdefault(delta, [])
                own.append(np.arange(start, start + length))
        return [cls._of_layout(layout, own, sum(lengths), device) for layout, own in layouts.items()]

    @classmethod
    def _of_layout(
        cls, layout: Layout, own: dict[ResidentDelta, list[np.ndarray]], total: int, device: torch.device
    ) -> Gathered:
        rows: list[np.ndarray] = []
        owners: list[ResidentDelta] = []
        piece = _PIECE if len(own) > 1 else total  # a delta that is alone needs no stack
        for delta, parts in own.items():
            tokens = np.concatenate(parts)
            pieces = [tokens[start : start + piece] for start in range(0, len(tokens), piece)]
            rows += pieces
            owners += [delta] * len(pieces)
        padded = np.zeros((len(rows), max(map(len, rows))), np.int64)
        for row, tokens in zip(padded, rows, strict=True):
            row[: len(tokens)] = tokens
        tokens = np.concatenate(rows)
        back = np.concatenate([number * padded.shape[1] + np.arange(len(row)) for number, row in enumerate(rows)])
        if len(tokens) == total:
            back = back[np.argsort(tokens)]
        return cls(
            layout,
            None if len(tokens) == total else torch.from_numpy(tokens).to(device),
            torch.from_numpy(padded).to(device),
            torch.from_numpy(back).to(device),
            _side_by_side([delta.down for delta in owners]),
            _side_by_side([delta.up for delta in owners]),
        )

    def add(self, y: Tensor, x: Tensor, layer: str) -> Tensor:
        """Return y [tokens, out] with the deltas' share of a layer, for its input x [tokens, in]; y may be changed."""
        place = self.layout.places.get(layer)
        if place is None:
            return y
        inputs, down, outputs, up = place
        a, b = self.down[inputs][down].transpose(1, 2), self.up[outputs][up]
        if self.tokens is None and len(a) == 1:
            return y.add_(x @ a[0] @ b[0])  # not in one: the sum would be rounded otherwise than beside other models
        rows = x.index_select(0, self.padded.flatten()).view(*self.padded.shape, inputs)
        share = torch.bmm(torch.bmm(rows, a), b).flatten(0, 1).index_select(0, self.back)
        return y.add_(share) if self.tokens is None else y.index_add_(0, self.tokens, share)


class Asked(threading.local):
    """Which deltas this thread computes with."""

    gathered: Sequence[Gathered] = ()

    @contextmanager
    def set(self, gathered: Sequence[Gathered]) -> Iterator[None]:
        """While inside, this thread's passes take ``gathered``."""
        self.gathered = gathered
        try:
            yield
        finally:
            self.gathered = ()


class GatheredLinear(nn.Module):
    """A frozen linear layer that adds to each token the delta of its text, in the type that it multiplies."""

    def __init__(self, base: nn.Linear | PrepackedLinear, name: str, asked: Asked) -> None:
        super().__init__()
        self.base = base
        self._name = name
        self._asked = asked

    def forward(self, x: Tensor) -> Tensor:
        """Return ``base(x) + B A x`` for x of […, in], with the deltas that are asked."""
        gathered = self._asked.gathered
        if not gathered:
            return self.base(x)  # type: ignore[no-any-return]
        x = x.to(weight_type(self.base))
        y: Tensor = self.base(x)
        flat, tokens = y.view(-1, y.shape[-1]), x.reshape(-1, x.shape[-1])
        for part in gathered:
            flat = part.add(flat, tokens, self._name)
        return flat.view(y.shape)


def weight_type(layer: nn.Linear | PrepackedLinear) -> torch.dtype:
    """Return the type that a layer multiplies."""
    return layer.dtype if isinstance(layer, PrepackedLinear) else layer.weight.dtype


def gather_linears(module: nn.Module, asked: Asked) -> None:
    """Let every linear layer of a frozen network add deltas, in place."""
    for path, parent in list(module.named_modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear | PrepackedLinear):
                setattr(parent, name, GatheredLinear(child, f"{path}.{name}" if path else name, asked))


def _side_by_side(stacks: Sequence[Stacks]) -> Stacks:
    """Return stacks of several deltas as one, [layers, rows, …]; a delta that is alone is not copied."""
    first = stacks[0]
    if len(stacks) == 1:
        return {width: tensor[:, None] for width, tensor in first.items()}
    return {width: torch.stack([stack[width] for stack in stacks], 1) for width in first}


def _stacked(parts: dict[int, list[Tensor]], device: torch.device, dtype: torch.dtype) -> Stacks:
    return {width: torch.stack(tensors).to(device, dtype) for width, tensors in parts.items()}
