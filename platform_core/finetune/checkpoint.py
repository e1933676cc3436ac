"""Checkpoints: the full state of a loop in one safetensors file, replaced atomically. No pickle.

``state.safetensors`` holds the trainable weights, the optimiser's moments and the random state; its header carries the
:class:`LoopState` as JSON. The best weights so far lie beside it in a file of their own, named in the state, because
they change once an epoch at most.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from platform_core.sdk import StorageFull

STATE_FILE = "state.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass
class LoopState:
    """How far a loop is.

    Attributes:
        epoch: the epoch in progress, from 0.
        batch: batches of it that are done.
        loss_sum: sum of the losses of these batches.
        history: one entry for each finished epoch: ``epoch``, ``loss``, validation ``score``.
        best_score: best validation score so far.
        best_epoch: the epoch that had it.
        best_file: the file with its weights.
        train_seconds: time in optimisation steps, data loading included, evaluation not.
    """

    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best_score: float | None = None
    best_epoch: int | None = None
    best_file: str | None = None
    train_seconds: float = 0.0


class Checkpoints:
    """The checkpoints of one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, state: LoopState, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Replace the checkpoint.

        Raises:
            StorageFull: the disk is full; the previous checkpoint still stands.
        """
        tensors = {}
        for name, parameter in trainable(network).items():
            tensors[f"weight/{name}"] = parameter.detach().cpu()
            for moment, value in optimizer.state.get(parameter, {}).items():
                tensors[f"{moment}/{name}"] = value.detach().cpu()
        tensors["random/cpu"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["random/cuda"] = torch.cuda.get_rng_state()
        self._write(STATE_FILE, tensors, {"loop": json.dumps(asdict(state))})

    def load(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> LoopState | None:
        """Restore weights, optimiser and random state in place; return the loop's state, or ``None`` at the start."""
        file = self._folder / STATE_FILE
        try:
            with safe_open(file, "pt") as opened:
                state = LoopState(**json.loads(opened.metadata()["loop"]))
            tensors = load_file(file)
        except FileNotFoundError:
            return None
        except (SafetensorError, KeyError, TypeError, ValueError):
            # A damaged checkpoint is worth no more than none: the run starts again and ends in the same result.
            return None
        if not self._is_whole(state, tensors, network):
            return None
        with torch.no_grad():
            for name, parameter in trainable(network).items():
                parameter.copy_(tensors[f"weight/{name}"])
                moments = {moment: tensors.get(f"{moment}/{name}") for moment in _MOMENTS}
                if None not in moments.values():
                    optimizer.state[parameter] = {m: value.to(parameter.device) for m, value in moments.items()}
        torch.set_rng_state(tensors["random/cpu"])
        if torch.cuda.is_available() and "random/cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random/cuda"])
        return state

    def save_best(self, epoch: int, network: nn.Module) -> str:
        """Keep the weights of ``epoch`` as the best; return the name of their file."""
        name = f"best-{epoch}.safetensors"
        self._write(name, {n: p.detach().cpu() for n, p in trainable(network).items()}, {})
        return name

    def restore_best(self, name: str, network: nn.Module) -> None:
        """Put the best weights back into ``network``."""
        best = load_file(self._folder / name)
        with torch.no_grad():
            for parameter_name, parameter in trainable(network).items():
                parameter.copy_(best[parameter_name])

    def forget_all_but(self, best_file: str | None) -> None:
        """Remove earlier best weights, once a checkpoint that names ``best_file`` stands."""
        for file in self._folder.glob("best-*.safetensors"):
            if file.name != best_file:
                file.unlink(missing_ok=True)

    def _is_whole(self, state: LoopState, tensors: dict[str, Tensor], network: nn.Module) -> bool:
        """Tell whether the best weights are there, and the weights are those of ``network``."""
        if state.best_file is not None and not (self._folder / state.best_file).is_file():
            return False
        shapes = {name: tensor.shape for name, tensor in tensors.items()}
        return all(shapes.get(f"weight/{name}") == p.shape for name, p in trainable(network).items())

    def _write(self, name: str, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        try:
            save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, part, metadata)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            part.replace(self._folder / name)
        except (OSError, SafetensorError) as error:
            part.unlink(missing_ok=True)
            raise StorageFull(
                f"the checkpoint could not be written: {error}",
                where=str(self._folder),
                hint="free some room, then resume the run: the previous checkpoint still stands",
            ) from error


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that are trained, by name."""
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
