"""What the steps are fed: the batches of an epoch, each cut into passes that fit, collated ahead where that pays."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from platform_core.finetune.networks import Inputs
from platform_core.modeling.batching import split_batch, training_batches

PROBED_BATCHES = 8
"""Batches whose collation is timed before it is decided whether another thread should do it."""
PREFETCH_SECONDS = 1e-3
"""Shorter collations are not worth the hand-over between threads."""
PREFETCH_SHARE = 0.03
"""Collations that take a smaller share of the time are not worth a thread."""
AHEAD = 2
"""Batches that are collated ahead."""


@dataclass(frozen=True)
class TrainingSet:
    """Inputs with their encoded targets, [examples, …]."""

    inputs: Inputs
    targets: Tensor


@dataclass(frozen=True)
class Pass:
    """What the network sees at once: a batch, or a part of one.

    Attributes:
        examples: indices.
        inputs: as the network takes them.
        targets: of the same examples.
        share: part of the batch that it is.
    """

    examples: np.ndarray
    inputs: dict[str, Tensor]
    targets: Tensor
    share: float


Batches = Generator[tuple[np.ndarray, list[Pass]], None, None]
"""Batches, indices, with their passes."""


class Feed:
    """The batches of a training set, as one of ``ranks`` processes computes them.

    Each batch is planned as a whole; each process takes its share, so that together they compute what one would.

    Args:
        training: the training set.
        batch_size: examples in a batch, over all processes.
        seed: of the order.
        pinned: whether batches go on to a GPU.
        rank: number of this process.
        ranks: number of processes.
    """

    def __init__(
        self, training: TrainingSet, batch_size: int, seed: int, *, pinned: bool = False, rank: int = 0, ranks: int = 1
    ) -> None:
        self._training = training
        self._batch_size = batch_size
        self._seed = seed
        self._pinned = pinned
        self._rank, self._ranks = rank, ranks
        self._probed, self._collating, self._elapsed = 0, 0.0, 0.0
        self.lengths = np.asarray(training.inputs.lengths, np.int64)

    def plan(self, epoch: int) -> list[np.ndarray]:
        """Return the indices of each batch of ``epoch``, of all processes together."""
        return training_batches(self.lengths, self._batch_size, self._seed, epoch)

    def units(self, batch: np.ndarray) -> int:
        """Return the padded length of ``batch``."""
        return int(self.lengths[batch].max()) * len(batch)

    def median_batch(self) -> np.ndarray:
        """Return a batch of examples of median length, indices."""
        return np.argsort(self.lengths)[len(self.lengths) // 2 :][: self._batch_size]

    def passes(self, batch: np.ndarray, limit: int | None) -> list[Pass]:
        """Collate this process's share of ``batch`` in passes of at most ``limit`` padded units."""
        mine = batch[self._rank :: self._ranks]
        return [self._collate(part, len(batch)) for part in split_batch(mine, self.lengths, limit)]

    def batches(self, plan: Sequence[np.ndarray], limit: Callable[[], int | None]) -> Batches:
        """Yield each batch of ``plan`` with its passes; close the iterator when leaving it early.

        A thread collates ahead, if the first batches show that this pays.
        """
        remaining = iter(plan)
        for batch in islice(remaining, max(0, PROBED_BATCHES - self._probed)):
            started = time.perf_counter()
            passes = self.passes(batch, limit())
            self._collating += time.perf_counter() - started
            yield batch, passes
            self._elapsed += time.perf_counter() - started
            self._probed += 1
        if self._prefetching_pays():
            yield from _ahead(remaining, lambda batch: self.passes(batch, limit()))
        for batch in remaining:
            yield batch, self.passes(batch, limit())

    def _prefetching_pays(self) -> bool:
        longest_free = max(PREFETCH_SECONDS * self._probed, PREFETCH_SHARE * self._elapsed)
        return self._probed >= PROBED_BATCHES and self._collating > longest_free

    def _collate(self, part: np.ndarray, whole: int) -> Pass:
        inputs = self._training.inputs.collate(part)
        targets = self._training.targets.index_select(0, torch.from_numpy(part))
        if self._pinned:
            inputs = {name: tensor.pin_memory() for name, tensor in inputs.items()}
            targets = targets.pin_memory()
        return Pass(part, inputs, targets, len(part) / whole)


def _ahead(batches: Iterator[np.ndarray], collate: Callable[[np.ndarray], list[Pass]]) -> Batches:
    """Yield each batch with its passes, in order, while a thread collates the next ones."""
    pending: deque[tuple[np.ndarray, Future[list[Pass]]]] = deque()
    with ThreadPoolExecutor(1, "collate") as pool:
        try:
            while True:
                for batch in islice(batches, AHEAD + 1 - len(pending)):
                    pending.append((batch, pool.submit(collate, batch)))
                if not pending:
                    return
                batch, passes = pending.popleft()
                yield batch, passes.result()
        finally:
            for _, waiting in pending:
                waiting.cancel()
