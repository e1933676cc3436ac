"""What the machine can do: the device to use, and the precision that it multiplies natively."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Literal

import torch

Precision = Literal["fp32", "tf32", "bf16", "fp16"]

_HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}
_TENSOR_CORES = (7, 0)
"""The first compute capability that multiplies fp16 faster than fp32."""


def choose_device(wanted: str = "auto") -> torch.device:
    """Return the device for ``auto``, ``cpu``, ``cuda`` or ``cuda:1``; ``auto`` takes a GPU where there is one."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)


def free_memory(device: torch.device) -> int:
    """Return the bytes that are free on ``device`` now; on a CPU within what the process's group may have."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    import psutil

    free: int = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    try:
        most, taken = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        facts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        # What files have left in memory goes as soon as the room is needed.
        return min(free, most - taken + int(facts.get("inactive_file", 0)))
    except (OSError, ValueError):  # no such groups here, or no bound
        return free


def choose_precision(wanted: Literal["auto", "fp32", "tf32", "bf16", "fp16"], device: torch.device) -> Precision:
    """Return ``wanted``, or for ``auto`` bf16 where the hardware has instructions for it, else fp16 on GPUs that do."""
    if wanted != "auto":
        return wanted
    if device.type != "cuda":
        return "bf16" if _cpu_multiplies_bf16() else "fp32"
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16"
    return "fp16" if torch.cuda.get_device_capability(device) >= _TENSOR_CORES else "fp32"


def half_type(precision: Precision) -> torch.dtype | None:
    """Return the 16-bit type that ``precision`` computes in, or ``None``."""
    return _HALVES.get(precision)


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which networks run in ``precision``; it may be entered again and again, not nested."""
    half = half_type(precision)
    return nullcontext() if half is None else torch.autocast(device.type, half)


def grad_scaler(precision: Precision, device: torch.device) -> torch.amp.GradScaler | None:
    """Return what keeps fp16 gradients from vanishing, or ``None`` where ``precision`` needs nothing of the kind."""
    return torch.amp.GradScaler(device.type) if precision == "fp16" else None


@contextmanager
def matmul_precision(precision: Precision, device: torch.device) -> Iterator[None]:
    """While inside, products of float32 matrices on GPUs use the TF32 format, if ``precision`` says so."""
    before = torch.get_float32_matmul_precision()
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _cpu_multiplies_bf16() -> bool:
    # torch offers no public question for this; absent names (another release) mean the safe answer.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in questions)
