from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.datasets.splitting import SPLITS, Ratio, assign
from platform_core.sdk import UsageError

ratios = st.sampled_from(["80/10/10", "70/15/15", "90/10/0", "80/0/20", "100/0/0", "1/1/1"]).map(Ratio.parse)
rows = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc"), st.integers(0, 10**6)), min_size=1, max_size=120)


def parts(ratio: Ratio) -> dict[str, float]:
    return {name: getattr(ratio, name) for name in SPLITS}


@given(rows, ratios, st.integers(0, 5), st.booleans())
def test_clusters_stay_whole_and_unwanted_parts_stay_empty(
    given_rows: list[tuple[int, str, int]], ratio: Ratio, seed: int, by_time: bool
) -> None:
    clusters, labels, moments = zip(*given_rows, strict=True)
    times = moments if by_time else None
    splits = assign(clusters, labels, ratio, seed=seed, times=times)
    assert splits == assign(clusters, labels, ratio, seed=seed, times=times)
    assert len({(c, s) for c, s in zip(clusters, splits, strict=True)}) == len(set(clusters))
    wanted = {name for name, part in parts(ratio).items() if part > 0}
    assert set(splits) <= wanted
    assert "train" in splits
    if len(set(clusters)) >= len(wanted):
        assert set(splits) == wanted


@given(st.lists(st.sampled_from("aabc"), min_size=60, max_size=300), ratios, st.integers(0, 5))
def test_single_rows_are_split_by_the_ratio_with_all_labels_in_proportion(
    labels: list[str], ratio: Ratio, seed: int
) -> None:
    splits = assign(range(len(labels)), labels, ratio, seed=seed)
    for name, part in parts(ratio).items():
        assert abs(splits.count(name) - part * len(labels)) <= 1
        for label, count in Counter(labels).items():
            chosen = sum(s == name and found == label for s, found in zip(splits, labels, strict=True))
            assert abs(chosen - part * count) <= 3


@given(rows, ratios)
def test_by_time_training_ends_before_later_splits(given_rows: list[tuple[int, str, int]], ratio: Ratio) -> None:
    clusters, labels, moments = zip(*given_rows, strict=True)
    splits = assign(clusters, labels, ratio, times=moments)
    ends: dict[int, int] = {}
    for number, moment in zip(clusters, moments, strict=True):
        ends[number] = max(moment, ends.get(number, moment))
    by_split = {name: [ends[c] for c, s in zip(clusters, splits, strict=True) if s == name] for name in SPLITS}
    present = [by_split[name] for name in SPLITS if by_split[name]]
    assert all(max(a) <= min(b) for a, b in pairwise(present))


def test_another_seed_is_another_split() -> None:
    labels = ["a", "b"] * 100
    assert assign(range(200), labels, Ratio.parse("80/10/10"), seed=0) != assign(
        range(200), labels, Ratio.parse("80/10/10"), seed=1
    )


def test_a_big_cluster_trains() -> None:
    clusters = [0] * 50 + list(range(1, 51))
    for seed in range(5):
        splits = assign(clusters, ["a"] * 100, Ratio.parse("80/10/10"), seed=seed)
        assert splits[0] == "train"
        assert Counter(splits) == {"train": 80, "validation": 10, "test": 10}


@pytest.mark.parametrize("text", ["", "a/b/c", "0/50/50", "80/-10/30", "1/2/3/4", "nan/1/1", "inf/1/1"])
def test_refuses_what_is_no_ratio(text: str) -> None:
    with pytest.raises(UsageError, match="no split") as caught:
        Ratio.parse(text)
    assert "80/10/10" in str(caught.value)


def test_reads_proportions() -> None:
    assert Ratio.parse("8/1/1") == Ratio.parse("80/10/10")
    assert str(Ratio.parse("90/10")) == "90/10/0"
    assert str(Ratio.parse("80/10/10").without("test")) == "88.89/11.11/0"
    assert str(Ratio.parse("80/10/10").without("test", "validation")) == "100/0/0"
