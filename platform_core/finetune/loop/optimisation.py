"""AdamW with what surrounds it: groups of parameters, the rate over time, clipping."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from platform_core.finetune.loop.state import trainable
from platform_core.finetune.networks import Network
from platform_core.sdk import Recipe


def rate_factor(step: int, total: int, warmup: float) -> float:
    """Return the factor of the peak rate at ``step`` of ``total``: linear warm-up, then linear decay to zero."""
    rising = warmup * total
    if step < rising:
        return (step + 1) / (rising + 1)
    return max(0.0, (total - step) / max(1.0, total - rising))


def parameter_groups(network: Network, recipe: Recipe) -> list[dict[str, Any]]:
    """Return AdamW's groups: the head may have a rate of its own; vectors (biases, norms) are not decayed."""
    head = {id(parameter) for parameter in network.head.parameters()}
    head_rate = recipe.head_learning_rate or recipe.learning_rate
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in trainable(network).values():
        rate = head_rate if id(parameter) in head else recipe.learning_rate
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]


class Optimiser:
    """Fused AdamW on the trainable parameters of a network.

    Attributes:
        adamw: the optimiser itself; its state is complete from the start, and only ever changed in place.
        scaler: scales the loss where gradients are fp16, else ``None``.
        parameters: what is trained.
    """

    def __init__(self, network: Network, recipe: Recipe, scaler: torch.amp.GradScaler | None) -> None:
        self.adamw = torch.optim.AdamW(parameter_groups(network, recipe), fused=True)
        self.scaler = scaler
        self.parameters = [p for group in self.adamw.param_groups for p in group["params"]]
        self._peaks = [group["lr"] for group in self.adamw.param_groups]
        self._limit = recipe.clip_norm
        for p in self.parameters:
            zeros = {moment: torch.zeros_like(p) for moment in ("exp_avg", "exp_avg_sq")}
            self.adamw.state[p] = {"step": torch.zeros((), device=p.device), **zeros}

    def set_rate(self, factor: float) -> None:
        """Set the rate of each group to ``factor`` of its peak."""
        for group, peak in zip(self.adamw.param_groups, self._peaks, strict=True):
            group["lr"] = peak * factor

    @torch.no_grad()
    def step(self) -> Tensor:
        """Clip the gradients, move the parameters, drop the gradients; return the norm before clipping, a scalar.

        With a scaler, a step whose gradients overflow is left out and the next ones are scaled less.
        """
        if self.scaler is not None:
            self.scaler.unscale_(self.adamw)
        norm = clip([p.grad for p in self.parameters if p.grad is not None], self._limit)
        if self.scaler is not None:
            self.scaler.step(self.adamw)
            self.scaler.update()
        else:
            self._move()
        self.drop_gradients()
        return norm

    def drop_gradients(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def _move(self) -> None:
        """Do what ``AdamW.step`` does, for a quarter of its price, which is that of a small network's whole step.

        Groups of the same rate go together: decay is a factor of its own (Loshchilov & Hutter 2019, line 12).
        """
        by_rate: dict[float, list[Tensor]] = {}
        for group in self.adamw.param_groups:
            moved = [p for p in group["params"] if p.grad is not None]
            by_rate.setdefault(group["lr"], []).extend(moved)
            if group["weight_decay"] and moved:
                torch._foreach_mul_(moved, 1 - group["lr"] * group["weight_decay"])
        beta1, beta2 = self.adamw.defaults["betas"]
        for rate, moved in by_rate.items():
            states = [self.adamw.state[p] for p in moved]
            adamw(
                moved,
                [p.grad for p in moved if p.grad is not None],
                [state["exp_avg"] for state in states],
                [state["exp_avg_sq"] for state in states],
                [],
                [state["step"] for state in states],
                fused=True,
                amsgrad=False,
                beta1=beta1,
                beta2=beta2,
                lr=rate,
                weight_decay=0.0,
                eps=self.adamw.defaults["eps"],
                maximize=False,
            )


def clip(gradients: list[Tensor], limit: float) -> Tensor:
    """Scale ``gradients`` in place to a joint norm of at most ``limit``; return their norm before, a scalar."""
    if not gradients:
        return torch.zeros(())
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    if norm.device.type != "cpu":
        torch._foreach_mul_(gradients, (limit / (norm + 1e-6)).clamp(max=1.0))
    elif (value := norm.item()) > limit:
        torch._foreach_mul_(gradients, limit / (value + 1e-6))
    return norm
