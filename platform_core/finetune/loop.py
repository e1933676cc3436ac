"""The loop: batches of like length, AdamW, warm-up and decay, clipping, early stopping, checkpoints; accelerate
underneath.

It knows nothing of texts or solutions: it trains a *network* on *inputs* and asks *validation* how good it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from platform_core.finetune.checkpoint import Checkpoints, LoopState, trainable
from platform_core.finetune.networks import Inputs, Network
from platform_core.modeling.batching import inference_batches, training_batches
from platform_core.modeling.hardware import Precision
from platform_core.sdk import Interrupted, Progress, Recipe, TrainingFailed

CHECKPOINT_SECONDS = 20.0
"""A checkpoint at least this often, unless writing it would take over a twentieth of the time."""


@dataclass(frozen=True)
class TrainingSet:
    """Inputs with their encoded targets, [examples, …]."""

    inputs: Inputs
    targets: Tensor


@dataclass(frozen=True)
class Validation:
    """Inputs, and the score of a network's outputs [examples, …] on them; larger is better."""

    inputs: Inputs
    score: Callable[[Tensor], float]


@dataclass(frozen=True)
class LoopResult:
    """What a finished loop tells: one history entry per epoch, the best epoch, and the time of the steps."""

    history: list[dict[str, float]]
    best_epoch: int
    train_seconds: float


class Loop:
    """One fine-tune.

    Args:
        network: what is trained; afterwards it holds the best weights.
        training: the training split.
        validation: the validation split, or ``None``: then the last epoch is the best.
        recipe: hyper-parameters.
        seed: of batch order and dropout.
        device: where to compute.
        precision: of the matrix products.
        checkpoints: where the state is kept; a loop that finds one there goes on from it.
        progress: is told of every step.
        on_epoch: is given the history after every epoch.
        stop_requested: asked after every step; ``True`` means checkpoint and leave.
    """

    def __init__(
        self,
        network: Network,
        training: TrainingSet,
        validation: Validation | None,
        recipe: Recipe,
        *,
        seed: int,
        device: torch.device,
        precision: Precision,
        checkpoints: Checkpoints,
        progress: Progress,
        on_epoch: Callable[[Sequence[dict[str, float]]], None],
        stop_requested: Callable[[], bool],
    ) -> None:
        self._training = training
        self._validation = validation
        self._recipe = recipe
        self._seed = seed
        self._checkpoints = checkpoints
        self._progress = progress
        self._on_epoch = on_epoch
        self._stop_requested = stop_requested
        self._state = LoopState()
        self._saved_at = time.monotonic()
        self._save_cost = 0.0
        self._raw_network = network
        # Accelerate keeps process-wide state, precision included; this loop may want another than the last one.
        AcceleratorState._reset_state(reset_partial_state=True)
        self._accelerator = Accelerator(
            cpu=device.type == "cpu",
            mixed_precision="bf16" if precision == "bf16" else "no",
            step_scheduler_with_optimizer=False,
        )
        self._device = self._accelerator.device
        network.to(self._device)
        self._optimizer = torch.optim.AdamW(parameter_groups(network, recipe), fused=True)
        self._network, self._prepared_optimizer = self._accelerator.prepare(network, self._optimizer)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._epoch_batches = math.ceil(len(training.inputs.lengths) / recipe.batch_size)

    def run(self) -> LoopResult:
        """Train to the end.

        Raises:
            Interrupted: a stop was requested; the checkpoint is written.
            TrainingFailed: the loss is not finite.
            StorageFull: no room for a checkpoint.
        """
        torch.manual_seed(self._seed)
        self._state = self._checkpoints.load(self._raw_network, self._optimizer) or self._state
        while not self._is_done():
            self._train_epoch()
            self._finish_epoch()
        if self._state.best_file is not None:
            self._checkpoints.restore_best(self._state.best_file, self._raw_network)
        self._accelerator.free_memory()
        best = self._state.best_epoch if self._state.best_epoch is not None else len(self._state.history)
        return LoopResult(self._state.history, best, self._state.train_seconds)

    def outputs(self, inputs: Inputs) -> Tensor:
        """Return the network's outputs, float32 [examples, …] on the CPU, in evaluation mode."""
        self._network.eval()
        found: list[Tensor] = [torch.empty(0)] * len(inputs.lengths)
        with torch.inference_mode():
            for batch in inference_batches(inputs.lengths):
                rows = self._network(self._on_device(inputs.collate(batch))).float().cpu()
                for index, row in zip(batch, rows, strict=True):
                    found[index] = row
        return torch.stack(found)

    def seconds_per_unit(self) -> float:
        """Measure one step on a batch of median length, without taking it; return seconds per unit of length."""
        lengths = np.asarray(self._training.inputs.lengths)
        middle = np.argsort(lengths)[len(lengths) // 2 :][: self._recipe.batch_size].tolist()
        with torch.random.fork_rng():
            for _ in range(2):  # the first pass pays for one-time preparations
                started = time.perf_counter()
                self._network.train()
                self._accelerator.backward(self._loss(middle))
                self._optimizer.zero_grad()
        return (time.perf_counter() - started) / max(1, int(lengths[middle].max()) * len(middle))

    def _is_done(self) -> bool:
        state = self._state
        since_best = len(state.history) - (state.best_epoch or 0)
        impatient = self._validation is not None and len(state.history) > 0 and since_best >= self._recipe.patience
        return len(state.history) >= self._recipe.epochs or impatient

    def _train_epoch(self) -> None:
        state = self._state
        lengths = self._training.inputs.lengths
        batches = training_batches(lengths, self._recipe.batch_size, self._seed, state.epoch)
        self._progress.stage(f"epoch {state.epoch + 1}/{self._recipe.epochs}", len(batches))
        self._progress.advance(state.batch)
        self._network.train()
        for batch in batches[state.batch :]:
            started = time.perf_counter()
            loss = self._step(batch)
            state.train_seconds += time.perf_counter() - started
            state.batch += 1
            state.loss_sum += loss
            self._progress.advance(1, loss=state.loss_sum / state.batch)
            self._checkpoint_if_due()

    def _step(self, batch: list[int]) -> float:
        self._set_rate(self._state.epoch * self._epoch_batches + self._state.batch)
        loss = self._loss(batch)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingFailed(
                f"the loss became {value}",
                where=f"epoch {self._state.epoch + 1}, batch {self._state.batch + 1}",
                hint="lower the rate: --set learning_rate=…, or use --set precision=fp32",
            )
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(trainable(self._raw_network).values(), self._recipe.clip_norm)
        self._prepared_optimizer.step()
        self._prepared_optimizer.zero_grad()
        return value

    def _loss(self, batch: list[int]) -> Tensor:
        outputs = self._network(self._on_device(self._training.inputs.collate(batch)))
        return self._raw_network.loss(outputs, self._training.targets[batch].to(self._device))

    def _on_device(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: tensor.to(self._device, non_blocking=True) for name, tensor in batch.items()}

    def _set_rate(self, step: int) -> None:
        total = self._recipe.epochs * self._epoch_batches
        factor = rate_factor(step, total, self._recipe.warmup)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor

    def _finish_epoch(self) -> None:
        state = self._state
        entry = {"epoch": float(state.epoch + 1), "loss": state.loss_sum / max(1, state.batch)}
        if self._validation is not None:
            entry["score"] = score = self._validation.score(self.outputs(self._validation.inputs))
            if state.best_score is None or score > state.best_score:
                state.best_score, state.best_epoch = score, state.epoch + 1
                state.best_file = self._checkpoints.save_best(state.epoch + 1, self._raw_network)
        state.history.append(entry)
        state.epoch, state.batch, state.loss_sum = state.epoch + 1, 0, 0.0
        self._save()
        self._checkpoints.forget_all_but(state.best_file)
        self._on_epoch(state.history)

    def _checkpoint_if_due(self) -> None:
        if self._stop_requested():
            self._save()
            raise Interrupted("the training was stopped and its state is kept", hint="resume it to go on")
        if time.monotonic() - self._saved_at > max(CHECKPOINT_SECONDS, 20 * self._save_cost):
            self._save()

    def _save(self) -> None:
        started = time.monotonic()
        self._checkpoints.save(self._state, self._raw_network, self._optimizer)
        self._saved_at = time.monotonic()
        self._save_cost = self._saved_at - started


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
