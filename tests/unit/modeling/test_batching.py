from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from platform_core.modeling.batching import inference_batches, training_batches

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
    assert batches == training_batches(sizes, size, seed, epoch)


def test_epochs_differ_and_batches_are_of_like_length():
    sizes = [(i * 7919) % 100 + 1 for i in range(2000)]
    first, second = training_batches(sizes, 32, 0, 0), training_batches(sizes, 32, 0, 1)
    assert first != second
    padded = sum(max(sizes[i] for i in batch) * len(batch) for batch in first)
    assert padded < 1.1 * sum(sizes)
