"""Low-rank deltas: trained with peft, kept as plain tensors, applied many at a time.

A *delta bank* lets one encoder serve many fine-tunes: each target layer holds a stack of (A, B) pairs, one pair per
slot, and every row of a batch names its slot. Slot 0 is the encoder as it came. Rows are independent, so a batch may
mix any models (gathered batched products; Chen et al. 2023, "Punica"; Sheng et al. 2023, "S-LoRA").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from platform_core.modeling.prepacking import PrepackedLinear

ADAPTER = "default"
"""peft's name for the one delta that is being trained."""


@dataclass(frozen=True)
class LoraDelta:
    """A low-rank delta: layer name → (A [rank, in], B [out, rank]); the scale is part of B."""

    pairs: Mapping[str, tuple[Tensor, Tensor]]

    @property
    def rank(self) -> int:
        """The greatest rank of its layers."""
        return max((a.shape[0] for a, _ in self.pairs.values()), default=0)

    def tensors(self) -> dict[str, Tensor]:
        """Return it as flat names, for safetensors."""
        flat = {}
        for layer, (a, b) in self.pairs.items():
            flat[f"{layer}.A"], flat[f"{layer}.B"] = a.contiguous(), b.contiguous()
        return flat

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> LoraDelta:
        """Build it from what :meth:`tensors` returned."""
        layers = sorted({name.rsplit(".", 1)[0] for name in tensors})
        return cls({layer: (tensors[f"{layer}.A"], tensors[f"{layer}.B"]) for layer in layers})


def inject_trainable_delta(module: nn.Module, layers: Sequence[str], rank: int, alpha: float) -> None:
    """Freeze ``module`` and put a trainable delta (peft) on its ``layers``, in place."""
    from peft import LoraConfig, inject_adapter_in_model
    from peft.tuners.tuners_utils import BaseTunerLayer

    # No dropout inside the delta: on a CPU its random numbers cost more than the delta itself, and gain nothing here.
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(layers), lora_dropout=0.0)
    inject_adapter_in_model(config, module, adapter_name=ADAPTER)
    for layer in module.modules():
        if isinstance(layer, BaseTunerLayer):
            # Under autocast the products choose their own type: casting inputs up first only costs copies.
            layer.cast_input_dtype_enabled = False


def halve_frozen_layers(module: nn.Module, half: torch.dtype) -> None:
    """Keep frozen linear weights in a 16-bit type, in place: autocast would cast them anew in every pass."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear) and not layer.weight.requires_grad:
            layer.to(half)


def extract_delta(module: nn.Module) -> LoraDelta:
    """Return the trained delta of a module that :func:`inject_trainable_delta` prepared."""
    pairs = {}
    for name, layer in module.named_modules():
        if hasattr(layer, "lora_A") and ADAPTER in layer.lora_A:
            lora: Any = layer
            a = lora.lora_A[ADAPTER].weight.detach().float().cpu()
            b = lora.lora_B[ADAPTER].weight.detach().float().cpu() * lora.scaling[ADAPTER]
            pairs[name] = (a.clone(), b.clone())
    return LoraDelta(pairs)


@torch.no_grad()
def load_delta(module: nn.Module, delta: LoraDelta) -> None:
    """Put ``delta`` into a module that :func:`inject_trainable_delta` prepared, as where training starts.

    Raises:
        ValueError: it is for other layers, or of a higher rank than the module's.
    """
    layers: dict[str, Any] = {name: layer for name, layer in module.named_modules() if hasattr(layer, "lora_A")}
    if set(layers) != set(delta.pairs):
        raise ValueError("it is for other layers")
    for name, (a, b) in delta.pairs.items():
        down, up = layers[name].lora_A[ADAPTER].weight, layers[name].lora_B[ADAPTER].weight
        if a.shape[0] > down.shape[0]:
            raise ValueError(f"its rank is {a.shape[0]}")
        down[: a.shape[0]] = a
        up[:, : b.shape[1]] = b / layers[name].scaling[ADAPTER]


@torch.no_grad()
def merge_delta(module: nn.Module, delta: LoraDelta) -> None:
    """Add ``delta`` to the weights of its layers, in place: the module then computes the same without it."""
    for name, (a, b) in delta.pairs.items():
        weight = module.get_submodule(name).weight
        assert isinstance(weight, Tensor)
        weight += (b @ a).to(weight)


@dataclass(frozen=True)
class Runs:
    """Whose tokens lie where, when the tokens of all texts lie behind each other.

    Attributes:
        slots: the slot of each run of tokens, int64 [runs].
        padded: the tokens of each run, int64 [runs, longest]; short runs end in tokens that do not count.
        back: where each token is among the padded ones, int64 [tokens].
    """

    slots: Tensor
    padded: Tensor
    back: Tensor

    @classmethod
    def of(cls, slots: Sequence[int], lengths: Sequence[int], device: torch.device) -> Runs | None:
        """Join neighbours of one slot.

        Args:
            slots: of each text.
            lengths: tokens of each text.
            device: where tokens are.

        Returns:
            The runs; ``None`` where no text has a delta.
        """
        if not any(slots):
            return None
        of_tokens = torch.repeat_interleave(torch.tensor(slots), torch.tensor(lengths))
        places, counts = torch.unique_consecutive(of_tokens, return_counts=True)
        longest, total = int(counts.max()), len(of_tokens)
        starts = counts.cumsum(0) - counts
        padded = (starts[:, None] + torch.arange(longest)).clamp(max=total - 1)
        run_of_tokens = torch.repeat_interleave(torch.arange(len(counts)), counts)
        back = run_of_tokens * longest + torch.arange(total) - starts[run_of_tokens]
        return cls(places.to(device), padded.to(device), back.to(device))


class GatheredLinear(nn.Module):
    """A frozen linear layer that adds to each token the delta of its text's slot, in the type that it multiplies."""

    a: Tensor
    b: Tensor

    def __init__(self, base: nn.Linear | PrepackedLinear, bank: DeltaBank, device: torch.device) -> None:
        super().__init__()
        self.base = base
        self._bank = (bank,)  # in a tuple: the bank is no submodule
        dtype = base.dtype if isinstance(base, PrepackedLinear) else base.weight.dtype
        a = torch.zeros(1, base.in_features, 0, dtype=dtype, device=device)
        b = torch.zeros(1, 0, base.out_features, dtype=dtype, device=device)
        self.register_buffer("a", a, persistent=False)
        self.register_buffer("b", b, persistent=False)

    def put(self, slot: int, slots: int, rank: int, pair: tuple[Tensor, Tensor] | None) -> None:
        """Write ``pair`` into ``slot`` of tables with at least ``slots`` slots of at least ``rank``."""
        self.a = _grown(self.a, slots, 2, rank)
        self.b = _grown(self.b, slots, 1, rank)
        self.a[slot].zero_()
        self.b[slot].zero_()
        if pair is not None:
            a, b = pair
            self.a[slot, :, : a.shape[0]] = a.T
            self.b[slot, : b.shape[1]] = b.T

    def forward(self, x: Tensor) -> Tensor:
        """Return ``base(x) + B[slot] A[slot] x`` for x of […, in]; the bank's runs say whose tokens they are."""
        runs = self._bank[0].active
        if runs is None or self.a.shape[2] == 0:
            return self.base(x)  # type: ignore[no-any-return]
        x = x.to(self.a.dtype)
        y: Tensor = self.base(x)
        tokens = x.reshape(-1, x.shape[-1])
        if len(runs.slots) == 1:
            return y + (tokens @ self.a[runs.slots[0]] @ self.b[runs.slots[0]]).view(y.shape)
        low = torch.bmm(tokens[runs.padded], self.a[runs.slots])
        high = torch.bmm(low, self.b[runs.slots])
        return y + high.view(-1, high.shape[-1])[runs.back].view(y.shape)


class DeltaBank:
    """The deltas that share one encoder; several threads may ask it at once."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._device = next(module.parameters()).device
        self._layers: dict[str, GatheredLinear] = {}
        self._free: list[int] = []
        self._slots = 1
        self._rank = 0
        self._asked = threading.local()

    @property
    def active(self) -> Runs | None:
        """Whose tokens this thread computes; ``None``: no deltas at all."""
        runs: Runs | None = getattr(self._asked, "runs", None)
        return runs

    @contextmanager
    def asked(self, runs: Runs | None) -> Iterator[None]:
        """While inside, this thread computes the tokens of ``runs``."""
        self._asked.runs = runs
        try:
            yield
        finally:
            self._asked.runs = None

    def add(self, delta: LoraDelta) -> int:
        """Make ``delta`` resident and return its slot."""
        slot = self._free.pop() if self._free else self._slots
        self._slots = max(self._slots, slot + 1)
        self._rank = max(self._rank, delta.rank)
        for name in delta.pairs:
            if name not in self._layers:
                self._layers[name] = self._wrap(name)
        for name, layer in self._layers.items():
            layer.put(slot, self._slots, self._rank, delta.pairs.get(name))
        return slot

    def remove(self, slot: int) -> None:
        """Free ``slot`` for the next delta. May be called at any moment, by any thread: it waits for no lock."""
        self._free.append(slot)

    def _wrap(self, name: str) -> GatheredLinear:
        parent_name, _, child = name.rpartition(".")
        parent = self._module.get_submodule(parent_name)
        base = parent.get_submodule(child)
        if not isinstance(base, nn.Linear | PrepackedLinear):
            raise TypeError(f"{name} is no linear layer")
        layer = GatheredLinear(base, self, self._device)
        setattr(parent, child, layer)
        return layer


def _grown(table: Tensor, slots: int, rank_dim: int, rank: int) -> Tensor:
    """Return ``table`` with room for ``slots`` (dimension 0, doubling) and ``rank`` (dimension ``rank_dim``)."""
    shape = list(table.shape)
    if slots <= shape[0] and rank <= shape[rank_dim]:
        return table
    old = tuple(slice(0, size) for size in shape)
    if slots > shape[0]:
        shape[0] = max(slots, 2 * shape[0])
    shape[rank_dim] = max(rank, shape[rank_dim])
    grown = table.new_zeros(shape)
    grown[old] = table
    return grown
