"""How long single answers take, of two models side by side."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

import numpy as np

from platform_core.modeling.model import Model
from platform_core.monitoring.gating.policy import Latencies
from platform_core.sdk import Example
from platform_core.serving.offline import predict_examples

SECONDS = 10.0
_MOST, _FEWEST = 300, 20
_WARM_UP = 5


def measure_latencies(
    present: Model,
    candidate: Model,
    examples: Sequence[Example],
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.perf_counter,
) -> Latencies | None:
    """Ask both models the same single examples, in turns, so that a busy machine is so for both; ``None`` without any.

    Args:
        present: the first model.
        candidate: the second one.
        examples: as they are asked, over and over.
        seconds: about how long it may take; at least 20 examples are asked.
        clock: tells seconds.
    """
    if not examples:
        return None
    models = (present, candidate)
    for example in examples[:_WARM_UP]:
        for model in models:
            predict_examples(model, [example])
    taken: tuple[list[float], list[float]] = ([], [])
    started = clock()
    for turn, example in enumerate(itertools.islice(itertools.cycle(examples), _MOST)):
        if turn >= _FEWEST and clock() - started > seconds:
            break
        for which in (0, 1) if turn % 2 else (1, 0):
            before = clock()
            predict_examples(models[which], [example])
            taken[which].append(1000 * (clock() - before))
    (first, first_tail), (second, second_tail) = (np.quantile(times, (0.5, 0.95)).tolist() for times in taken)
    return Latencies(first, second, first_tail, second_tail)
