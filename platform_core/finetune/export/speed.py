"""How fast a version and its export answer, side by side in one run."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.model import Model
from platform_core.modeling.rows import Row, collate_tables

SECONDS = 8.0
MOST_ROWS = 64
_SINGLES = 8
_ROUNDS = (2, 15)

Answerer = Callable[[Sequence[Row]], object]


@dataclass(frozen=True)
class Speed:
    """Medians.

    Attributes:
        latency_ms: time for one example, without tokenising.
        per_second: examples in batches.
    """

    latency_ms: float
    per_second: float

    def to_dict(self) -> dict[str, float]:
        """Return it as JSON types."""
        return asdict(self)


def answerer(model: Model) -> Answerer:
    """Return what computes the outputs of rows of ``model``, in batches of like length."""

    @torch.inference_mode()
    def answer(rows: Sequence[Row]) -> None:
        for batch in inference_batches([row.cost for row in rows]):
            chosen = [rows[i] for i in batch]
            deltas = [model.delta] * len(chosen)
            features = model.runtime.features(chosen, deltas, tokens=model.tail.reads_tokens)
            model.tail(features | collate_tables(chosen, model.runtime.device)).cpu()

    return answer


def measure_speed(
    contenders: Mapping[str, Answerer], rows: Sequence[Row], *, seconds: float = SECONDS
) -> dict[str, Speed]:
    """Return the speed of each contender on the same rows; they take turns, so that a busy machine is so for all.

    Args:
        contenders: name → what answers rows.
        rows: of typical length.
        seconds: about how long it may take.
    """
    rows = rows[:MOST_ROWS]
    single: dict[str, list[float]] = {name: [] for name in contenders}
    whole: dict[str, list[float]] = {name: [] for name in contenders}
    for answer in contenders.values():
        answer(rows)
    started = time.perf_counter()
    for turn in itertools.count(1):
        for name, answer in contenders.items():
            whole[name].append(_seconds(answer, rows))
            single[name] += [_seconds(answer, [row]) for row in rows[:_SINGLES]]
        if turn >= _ROUNDS[0] and (turn == _ROUNDS[1] or time.perf_counter() - started > seconds):
            break
    return {
        name: Speed(1000 * statistics.median(single[name]), len(rows) / statistics.median(whole[name]))
        for name in contenders
    }


def _seconds(answer: Answerer, rows: Sequence[Row]) -> float:
    started = time.perf_counter()
    answer(rows)
    return time.perf_counter() - started
