"""One optimisation step: the gradients of its passes added up, over all processes, clipped and applied."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from platform_core.finetune.loop.averaging import WeightAverage
from platform_core.finetune.loop.feed import Pass
from platform_core.finetune.loop.group import GradientSum, Group
from platform_core.finetune.loop.guards import OutOfMemory, is_out_of_memory
from platform_core.finetune.loop.optimisation import Optimiser
from platform_core.finetune.networks import Network
from platform_core.modeling.hardware import Precision, autocast


class Stepper:
    """Takes steps with ``network``.

    The loss of a batch is a mean, so the loss of each pass counts by its share of the examples. For a mean over
    *weighted* examples (class weights) that is exact only when all passes hold the classes in like proportion;
    elsewhere it is a stratified estimate of the same quantity.

    Args:
        network: what is trained.
        optimiser: moves its parameters.
        average: follows them, if it is wanted.
        device: where to compute.
        precision: of the forward pass.
        group: the processes that train together.

    Attributes:
        forward: runs the network; the network itself, or its compiled form.
    """

    def __init__(
        self,
        network: Network,
        optimiser: Optimiser,
        average: WeightAverage | None,
        *,
        device: torch.device,
        precision: Precision,
        group: Group,
    ) -> None:
        self.forward: nn.Module = network
        self._network = network
        self._optimiser = optimiser
        self._average = average
        self._device = device
        self._autocast = autocast(precision, device)
        self._sum = GradientSum(optimiser.parameters, group) if group.size > 1 else None

    def accumulate(self, passes: Sequence[Pass]) -> Tensor:
        """Add up the gradients of ``passes``; return their part of the batch's loss, a scalar.

        Raises:
            OutOfMemory: a pass does not fit; the gradients are dropped.
        """
        total: Tensor | None = None
        for part in passes:
            try:
                loss = self._loss(part)
                torch.autograd.backward(self._optimiser.scaler.scale(loss) if self._optimiser.scaler else loss)
            except Exception as error:
                self._optimiser.drop_gradients()
                if is_out_of_memory(error):
                    raise OutOfMemory(part.examples) from error
                raise
            total = loss.detach() if total is None else total + loss.detach()
        return torch.zeros((), device=self._device) if total is None else total

    def apply(self, loss: Tensor, steps: int, *, stop: bool) -> tuple[Tensor, Tensor, bool]:
        """Take the step; return the batch's loss, the norm of its gradients, and whether any process wants to stop.

        Args:
            loss: this process's part of the batch's loss.
            steps: how many were taken before.
            stop: whether this process is asked to stop.
        """
        if self._sum is not None:
            loss, stop = self._sum(loss, stop)
        norm = self._optimiser.step()
        if self._average is not None:
            self._average.update(steps)
        return loss, norm, stop

    def outputs(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return the network's outputs, float32 [batch, …], on the device."""
        if self._device.type != "cpu":
            inputs = {name: tensor.to(self._device, non_blocking=True) for name, tensor in inputs.items()}
        with self._autocast:
            outputs: Tensor = self.forward(inputs)
        return outputs.float()

    def _loss(self, part: Pass) -> Tensor:
        loss = self._network.loss(self.outputs(part.inputs), part.targets.to(self._device, non_blocking=True))
        return loss if part.share == 1 else loss * part.share
