"""Low-rank deltas: trained with peft, kept as plain tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

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
