"""Checkpoints: the full state of a loop in one safetensors file, replaced atomically. No pickle.

``state.safetensors`` holds the trainable weights, their running average, the optimiser's moments and the random state;
its header carries the :class:`LoopState` and the loss scaler as JSON. The best weights so far lie beside it in a file
of their own, named in the state, because they change once an epoch at most.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from platform_core.finetune.loop.state import LoopState, Trainee, changing_buffers, trainable
from platform_core.sdk import StorageFull

STATE_FILE = "state.safetensors"


class Checkpoints:
    """The checkpoints of one run, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, state: LoopState, trainee: Trainee) -> None:
        """Replace the checkpoint.

        Raises:
            StorageFull: the disk is full; the previous checkpoint still stands.
        """
        tensors = {name: tensor.detach().cpu() for name, tensor in _parts(trainee).items()}
        tensors["random/cpu"] = torch.get_rng_state()
        if torch.cuda.is_available():
            tensors["random/cuda"] = torch.cuda.get_rng_state()
        scaler = trainee.scaler.state_dict() if trainee.scaler else {}
        self._write(STATE_FILE, tensors, {"loop": json.dumps(asdict(state)), "scaler": json.dumps(scaler)})

    def load(self, trainee: Trainee) -> LoopState | None:
        """Restore all of ``trainee`` and the random state in place; return the loop's state, or ``None`` at the start.

        A damaged checkpoint is worth no more than none: the run starts again and ends in the same result.
        """
        file = self._folder / STATE_FILE
        try:
            with safe_open(file, "pt") as opened:
                header = opened.metadata()
            state = LoopState(**json.loads(header["loop"]))
            scaler = json.loads(header.get("scaler", "{}"))
            tensors = load_file(file)
        except (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError):
            return None
        parts = _parts(trainee)
        if not self._has_best(state) or not _matches(tensors, parts) or bool(scaler) != bool(trainee.scaler):
            return None
        _copy(tensors, parts)
        if trainee.scaler is not None:
            trainee.scaler.load_state_dict(scaler)
        torch.set_rng_state(tensors["random/cpu"])
        if torch.cuda.is_available() and "random/cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random/cuda"])
        return state

    def save_best(self, epoch: int, network: nn.Module) -> str:
        """Keep the weights of ``epoch`` as the best; return the name of their file."""
        name = best_name(epoch)
        self._write(name, {n: tensor.detach().cpu() for n, tensor in _weights(network).items()}, {})
        return name

    def restore_best(self, name: str, network: nn.Module) -> None:
        """Put the best weights back into ``network``."""
        _copy(load_file(self._folder / name), _weights(network))

    def forget_all_but(self, *files: str | None) -> None:
        """Remove earlier best weights, except ``files``: those of the checkpoint that stands, and the present best."""
        for file in self._folder.glob("best-*.safetensors"):
            if file.name not in files:
                file.unlink(missing_ok=True)

    def _has_best(self, state: LoopState) -> bool:
        return state.best_file is None or (self._folder / state.best_file).is_file()

    def _write(self, name: str, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        part = self._folder / f"{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, part, metadata)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            part.replace(self._folder / name)
        except (OSError, SafetensorError) as error:
            part.unlink(missing_ok=True)
            raise StorageFull(
                f"the checkpoint could not be written: {error}",
                where=str(self._folder),
                hint="free some room there: what was kept before still stands",
            ) from error


def best_name(epoch: int) -> str:
    """Return the name of the file with the weights of ``epoch``."""
    return f"best-{epoch}.safetensors"


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {**trainable(network), **changing_buffers(network)}


def _parts(trainee: Trainee) -> dict[str, Tensor]:
    """Return all tensors of ``trainee`` by their names in the file."""
    parts = {f"buffer/{name}": buffer for name, buffer in changing_buffers(trainee.network).items()}
    parameters = trainable(trainee.network)
    for name, parameter in parameters.items():
        parts[f"weight/{name}"] = parameter
        parts |= {f"{part}/{name}": value for part, value in trainee.optimizer.state.get(parameter, {}).items()}
    if trainee.average is not None:
        parts |= {f"average/{name}": value for name, value in zip(parameters, trainee.average.values, strict=True)}
    return parts


def _matches(tensors: Mapping[str, Tensor], parts: Mapping[str, Tensor]) -> bool:
    """Tell whether ``tensors`` are those of this network, and complete."""
    found = {name: tensor.shape for name, tensor in tensors.items() if not name.startswith("random/")}
    return found == {name: tensor.shape for name, tensor in parts.items()}


@torch.no_grad()
def _copy(source: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> None:
    for name, tensor in target.items():
        tensor.copy_(source[name])
