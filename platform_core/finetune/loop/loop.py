"""The loop: epochs of steps, validation, checkpoints, and what to do when a step goes wrong.

It knows nothing of texts or solutions: it trains a *network* on *inputs* and asks *validation* how good it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.finetune.loop.averaging import WeightAverage
from platform_core.finetune.loop.checkpoint import Checkpoints
from platform_core.finetune.loop.compilation import compiled, wants_compilation
from platform_core.finetune.loop.feed import Feed, Pass, TrainingSet
from platform_core.finetune.loop.group import Group
from platform_core.finetune.loop.guards import MOST_ROLLBACKS, NonFinite, must_fit
from platform_core.finetune.loop.judging import Validation
from platform_core.finetune.loop.keeper import Keeper
from platform_core.finetune.loop.losses import Losses
from platform_core.finetune.loop.memory import Memory
from platform_core.finetune.loop.meter import Meter, OnStep
from platform_core.finetune.loop.optimisation import Optimiser, rate_factor
from platform_core.finetune.loop.selection import out_of_patience, takes_the_lead
from platform_core.finetune.loop.state import LoopState, Trainee, changing_buffers, trainable
from platform_core.finetune.loop.steps import Stepper
from platform_core.finetune.loop.timing import seconds_per_unit
from platform_core.finetune.networks import Inputs, Network
from platform_core.modeling.hardware import Precision, grad_scaler, matmul_precision
from platform_core.sdk import Interrupted, Progress, Recipe, Silent

__all__ = ["Loop", "LoopResult", "TrainingSet", "Validation"]

CHECK_STEPS = 8
"""On a GPU, losses are looked at once in so many steps: looking makes it wait."""


@dataclass(frozen=True)
class LoopResult:
    """What a finished loop tells: one history entry per epoch, the best epoch, and the time of the steps."""

    history: list[dict[str, float]]
    best_epoch: int
    train_seconds: float


class Loop:
    """One fine-tune.

    Args:
        network: what is trained; afterwards it holds the best weights (in the first process of a group).
        training: the training split.
        validation: the validation split, or ``None``: then the last epoch is the best.
        recipe: hyper-parameters.
        seed: of batch order and dropout.
        device: where to compute.
        precision: of the matrix products.
        checkpoints: where the state is kept; a loop that finds one there goes on from it.
        progress: is told of every step.
        on_epoch: is given the history after every epoch.
        stop_requested: asked at every step; ``True`` means checkpoint and leave.
        on_step: is given the values of steps, about twice a second.
        group: the processes that train together, each with a loop of the same arguments.
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
        on_step: OnStep | None = None,
        group: Group | None = None,
    ) -> None:
        self._network = network
        self._validation = validation
        self._recipe = recipe
        self._seed = seed
        self._device = device
        self._precision: Precision = precision
        self._group = group or Group()
        self._progress = progress if self._group.is_first else Silent()
        self._on_epoch = on_epoch
        self._stop_requested = stop_requested
        self._state = LoopState()
        with must_fit("the network with the state of its optimiser"):
            network.to(device)
            scaler = grad_scaler(precision, device)
            self._optimiser = Optimiser(network, recipe, scaler)
            averaged = list(trainable(network).values())
            self._average = WeightAverage(averaged, recipe.averaging) if recipe.averaging else None
        self._losses = Losses(CHECK_STEPS if device.type == "cuda" and self._group.size == 1 else 1, scaler)
        trainee = Trainee(network, self._optimiser.adamw, self._average, scaler)
        self._keeper = Keeper(checkpoints, trainee, self._group)
        self._stepper = Stepper(
            network, self._optimiser, self._average, device=device, precision=precision, group=self._group
        )
        self._feed = Feed(
            training,
            recipe.batch_size,
            seed,
            pinned=device.type == "cuda",
            rank=self._group.index,
            ranks=self._group.size,
        )
        self._memory = Memory(self._stepper, self._feed, recipe, self._progress)
        self._epoch_batches = math.ceil(len(self._feed.lengths) / recipe.batch_size)
        self._counts_tokens = bool(self._feed.lengths.max(initial=1) > 1)
        self._meter = Meter(self._progress, on_step if self._group.is_first else None)

    def run(self) -> LoopResult:
        """Train to the end.

        Raises:
            Interrupted: a stop was requested; the checkpoint is written.
            TrainingFailed: the loss is not finite and lower rates do not help, one example does not fit into memory,
                or another process of the group is gone.
            StorageFull: no room for a checkpoint.
        """
        with matmul_precision(self._precision, self._device):
            self._start()
            while not self._is_done():
                try:
                    self._train_epoch()
                except NonFinite as failure:
                    self._go_back(failure)
                else:
                    self._finish_epoch()
        state = self._state
        self._keeper.restore_best(state)
        best = state.best_epoch if state.best_epoch is not None else len(state.history)
        return LoopResult(state.history, best, state.train_seconds)

    def outputs(self, inputs: Inputs) -> Tensor:
        """Return the network's outputs, float32 [examples, …] on the CPU, in evaluation mode."""
        self._network.eval()
        return self._memory.outputs(self._state, inputs, self._group)

    def seconds_per_unit(self) -> float:
        """Measure one step on a batch of median length, without taking it; return seconds per unit of length."""

        def gradients(batch: np.ndarray) -> Tensor:
            limit = self._memory.limit(self._state)
            loss = self._memory.gradients(self._state, batch, self._feed.passes(batch, limit))
            self._optimiser.drop_gradients()
            return loss

        return seconds_per_unit(self._network, self._feed, gradients, self._device)

    def estimated_seconds(self) -> float:
        """Return the time that the epochs to come will take, validation aside, if patience does not end them."""
        units = sum(self._feed.units(batch) for batch in self._feed.plan(0)) / self._group.size
        return self.seconds_per_unit() * units * (self._recipe.epochs - self._state.epoch)

    def _start(self) -> None:
        torch.manual_seed(self._seed)
        found = self._keeper.load()
        if found is None:  # a place to go back to; and a full disk shows now rather than after the first epoch
            self._keeper.save(self._state)
        self._state = found or self._state
        self._group.follow_first([*trainable(self._network).values(), *changing_buffers(self._network).values()])
        if wants_compilation(self._recipe, self._device, self.estimated_seconds):
            self._stepper.forward = compiled(self._network, self._try, self._progress)

    def _try(self, forward: nn.Module) -> None:
        self._stepper.forward = forward
        self.seconds_per_unit()

    def _is_done(self) -> bool:
        state = self._state
        return len(state.history) >= self._recipe.epochs or out_of_patience(state, self._recipe.patience)

    def _train_epoch(self) -> None:
        state = self._state
        plan = self._feed.plan(state.epoch)
        to_come = (self._recipe.epochs - state.epoch - state.batch / len(plan)) * len(self._feed.lengths)
        self._meter.begin(f"epoch {state.epoch + 1}/{self._recipe.epochs}", len(plan), state.batch, round(to_come))
        self._network.train()
        with closing(self._feed.batches(plan[state.batch :], lambda: self._memory.limit(state))) as batches:
            started = time.perf_counter()
            for batch, passes in batches:
                stop = self._step(batch, passes)
                now = time.perf_counter()
                state.train_seconds += now - started
                self._tell(now)
                self._checkpoint_if_due(now, stop)
                started = time.perf_counter()
        self._look()
        self._tell()

    def _step(self, batch: np.ndarray, passes: list[Pass]) -> bool:
        """Take a step; return whether somebody wants to stop."""
        state = self._state
        step = state.epoch * self._epoch_batches + state.batch
        self._optimiser.set_rate(self._rate_factor(step))
        if self._group.size > 1:
            # Each process has its own dropout, and the checkpoint of the first one need not know of it.
            torch.manual_seed(hash((self._seed, step, self._group.index)))
        loss = self._memory.gradients(state, batch, passes)
        loss, norm, stop = self._stepper.apply(loss, step, stop=self._stop_requested())
        state.batch += 1
        self._losses.add(loss, norm)
        self._meter.step(len(batch), int(self._feed.lengths[batch].sum()) if self._counts_tokens else 0)
        if self._losses.are_due:
            self._look()
        return stop

    def _rate_factor(self, step: int) -> float:
        total = self._recipe.epochs * self._epoch_batches
        return self._state.rate_factor * rate_factor(step, total, self._recipe.warmup)

    def _look(self) -> None:
        self._meter.losses(self._losses.look(self._state))

    def _tell(self, now: float | None = None) -> None:
        state = self._state
        seen = max(1, state.batch - len(self._losses))
        step = state.epoch * self._epoch_batches + state.batch
        self._meter.tell(step, state.loss_sum / seen, self._recipe.learning_rate * self._rate_factor(step - 1), now=now)

    def _finish_epoch(self) -> None:
        state = self._state
        entry = {"epoch": float(state.epoch + 1), "loss": state.loss_sum / max(1, state.batch)}
        if self._validation is not None:
            with self._average.applied() if self._average else nullcontext():
                entry["score"] = score = self._score(self._validation)
                if takes_the_lead(state, score, self._validation.tie_width):
                    self._keeper.save_best(state)
        state.history.append(entry)
        state.epoch, state.batch, state.loss_sum = state.epoch + 1, 0, 0.0
        if self._keeper.is_due(time.perf_counter()) or self._is_done():
            self._keeper.save(state)
        self._keeper.forget_others(state)
        if self._group.is_first:
            self._on_epoch(state.history)

    def _score(self, validation: Validation) -> float:
        outputs = self.outputs(validation.inputs)
        score = torch.zeros((), dtype=torch.float64, device=self._device)
        if self._group.is_first:
            score.fill_(validation.score(outputs))
        self._group.follow_first([score])
        return score.item()

    def _checkpoint_if_due(self, now: float, stop: bool) -> None:
        if not stop and not self._keeper.is_due(now):
            return
        self._look()
        self._keeper.save(self._state)
        if stop:
            raise Interrupted("the training was stopped and its state is kept")

    def _go_back(self, failure: NonFinite) -> None:
        place = self._state.place(failure.batch)
        self._losses.clear()
        self._state = state = self._keeper.go_back(self._state, failure)
        self._progress.note(
            f"{failure.what} at {place}: back to {state.place(state.batch + 1)} with {state.rate_factor:g} of the "
            f"recipe's rates ({state.rollbacks} of {MOST_ROLLBACKS} times)"
        )
