"""Batches of like length: padding is work that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

POOL_BATCHES = 50
"""Shuffled examples are sorted by length within pools of this many batches: near-random order, little padding."""


def inference_batches(lengths: Sequence[int], token_budget: int = 8192, most: int = 64) -> Iterator[list[int]]:
    """Yield indices, longest first, so that each batch padded to its longest fits ``token_budget``.

    Args:
        lengths: tokens of each example.
        token_budget: most tokens in a padded batch; a single longer example still makes a batch.
        most: most examples in a batch.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        width = lengths[batch[0]] if batch else lengths[index]
        if batch and (len(batch) == most or width * (len(batch) + 1) > token_budget):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def training_batches(lengths: Sequence[int] | np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the batches of one epoch, each int64 [examples]: shuffled, of like length inside, in random order.

    The plan depends on the arguments alone, so that a resumed run goes through the very same batches, and so do all
    processes that train together.
    """
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths))
    sizes = np.asarray(lengths)
    pool = batch_size * POOL_BATCHES
    batches: list[np.ndarray] = []
    for start in range(0, len(order), pool):
        chunk = order[start : start + pool]
        chunk = chunk[np.argsort(sizes[chunk], kind="stable")]
        batches += [chunk[i : i + batch_size] for i in range(0, len(chunk), batch_size)]
    return [batches[i] for i in generator.permutation(len(batches))]


def split_batch(
    batch: np.ndarray, lengths: np.ndarray, token_budget: int | None, most: int | None = None
) -> list[np.ndarray]:
    """Cut ``batch`` into consecutive parts that fit ``token_budget`` when each is padded to its longest.

    Args:
        batch: indices of examples, best in order of length; int64 [examples].
        lengths: tokens of each example of the whole set.
        token_budget: most tokens in a padded part, or no bound; a single longer example still makes a part.
        most: most examples in a part, or no bound.
    """
    if len(batch) == 0:
        return []
    most = most or len(batch)
    if len(batch) <= most and (token_budget is None or int(lengths[batch].max()) * len(batch) <= token_budget):
        return [batch]
    budget = token_budget or np.iinfo(np.int64).max
    sizes = lengths[batch]
    cuts, start, width = [0], 0, 0
    for place, size in enumerate(sizes.tolist()):
        width = max(width, size)
        count = place - start + 1
        if count > 1 and (count > most or width * count > budget):
            cuts.append(place)
            start, width = place, size
    return np.split(batch, cuts[1:])
