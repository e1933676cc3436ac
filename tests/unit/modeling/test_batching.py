from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from platform_core.modeling.batching import inference_batches, split_batch, training_batches

lengths = st.lists(st.integers(1, 512), max_size=300)


@given(lengths, st.integers(64, 4096), st.integers(1, 64))
def test_inference_batches_hold_each_example_once_within_the_budget(sizes, budget, most):
    batches = list(inference_batches(sizes, budget, most))
    assert sorted(i for batch in batches for i in batch) == list(range(len(sizes)))
    for batch in batches:
        assert len(batch) <= most
        assert len(batch) == 1 or max(sizes[i] for i in batch) * len(batch) <= budget


@given(lengths, st.integers(1, 40), st.integers(0, 3), st.integers(0, 3))
def test_training_batches_hold_each_example_once_and_depend_on_the_arguments_alone(sizes, size, seed, epoch):
    batches = training_batches(sizes, size, seed, epoch)
    assert sorted(i for batch in batches for i in batch) == list(range(len(sizes)))
    assert all(len(batch) <= size for batch in batches)
    again = training_batches(sizes, size, seed, epoch)
    assert all(np.array_equal(a, b) for a, b in zip(batches, again, strict=True))


def test_epochs_differ_and_batches_are_of_like_length():
    sizes = [(i * 7919) % 100 + 1 for i in range(2000)]
    first, second = training_batches(sizes, 32, 0, 0), training_batches(sizes, 32, 0, 1)
    assert not all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    padded = sum(max(sizes[i] for i in batch) * len(batch) for batch in first)
    assert padded < 1.1 * sum(sizes)


@given(lengths, st.one_of(st.none(), st.integers(1, 4096)), st.one_of(st.none(), st.integers(1, 64)))
def test_parts_of_a_batch_keep_its_order_and_the_bounds(sizes, budget, most):
    batch = np.random.default_rng(0).permutation(len(sizes))
    known = np.asarray(sizes, np.int64)
    parts = split_batch(batch, known, budget, most)
    assert [i for part in parts for i in part] == batch.tolist()
    for part in parts:
        assert 1 <= len(part) <= (most or len(batch))
        assert len(part) == 1 or budget is None or known[part].max() * len(part) <= budget
    if budget is None and most is None:
        assert len(parts) == min(1, len(sizes))


def test_parts_are_as_large_as_fits():
    known = np.asarray([5, 5, 5, 10, 10, 30])
    parts = split_batch(np.arange(6), known, 20)
    assert [part.tolist() for part in parts] == [[0, 1, 2], [3, 4], [5]]
