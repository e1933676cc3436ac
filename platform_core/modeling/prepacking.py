"""Frozen linear layers on a CPU, their weights laid out once as oneDNN reads them instead of anew in every product."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from platform_core.modeling.hardware import choose_precision, half_type

_TYPICAL_TOKENS = 512
"""Tokens of a pass that the layout is chosen for; passes of every other size read it as well."""


class PrepackedLinear(nn.Module):
    """Computes what a frozen :class:`~torch.nn.Linear` computes; input and output are of the weight's type."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.dtype = layer.weight.dtype
        # Neither can be saved or moved: they are no parameters.
        self._weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), _TYPICAL_TOKENS)
        self._bias = None if layer.bias is None else layer.bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x Wᵀ + b`` for x of […, in]."""
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x.to(self.dtype), self._weight, self._bias, "none", [], "")
        return y


def prepack(module: nn.Module) -> None:
    """Replace the linear layers of a frozen network, in place.

    Layers stay as they are off the CPU, without oneDNN, and in types that this machine does not multiply.
    """
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear and _is_possible(child.weight):
                setattr(parent, name, PrepackedLinear(child))


def _is_possible(weight: Tensor) -> bool:
    # The operators have no public name; they are those that torch's compiler emits.
    operators = ("_reorder_linear_weight", "_linear_pointwise")
    if weight.device.type != "cpu" or not all(hasattr(torch.ops.mkldnn, operator) for operator in operators):
        return False
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return weight.dtype == torch.float32 or weight.dtype == half_type(choose_precision("auto", weight.device))
