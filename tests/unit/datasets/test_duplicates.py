import time
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from platform_core.datasets.duplicates import cluster, find_duplicates

BASE = "the company said on monday that its operating profit rose to ten million euros in the third quarter of the year"


def clusters(texts: list[str]) -> list[int]:
    found = find_duplicates(texts, texts)
    return cluster(len(texts), found.exact + found.near)


def test_equal_rows_are_linked_exactly_once() -> None:
    found = find_duplicates(["a", "b", "a", "a"], None)
    assert len(found.exact) == 2
    assert found.near == ()
    assert cluster(4, found.exact) == [0, 1, 0, 0]


def test_small_changes_make_near_duplicates() -> None:
    texts = [
        BASE,
        BASE.upper() + " !",
        BASE.replace("ten", "twelve"),
        BASE + " https://example.com/a1",
        "a court in Lima upheld the claim of a former supplier against the company and its directors",
    ]
    assert clusters(texts) == [0, 0, 0, 0, 4]


def test_short_texts_are_alike_only_when_their_words_are_equal() -> None:
    assert clusters(["Sales up", "sales up!", "Sales down", "!!", "??"]) == [0, 0, 2, 3, 4]


def test_other_sentences_of_one_style_are_not_linked() -> None:
    rng = Random(0)
    words = [f"word{i}" for i in range(300)]
    texts = [" ".join(rng.choices(words, k=12)) for _ in range(400)]
    assert len(set(clusters(texts))) == 400


def test_stays_quick_when_thousands_share_a_template() -> None:
    texts = [f"{BASE} said analyst number {i}" for i in range(5_000)]
    started = time.perf_counter()
    assert len(set(clusters(texts))) == 1
    assert time.perf_counter() - started < 20


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_linked_rows_share_a_cluster_named_after_its_first_row(case: tuple[int, list[tuple[int, int]]]) -> None:
    rows, links = case
    found = cluster(rows, links)
    assert all(found[a] == found[b] for a, b in links)
    assert all(found[number] == number <= row for row, number in enumerate(found))
    linked = {row for link in links for row in link}
    assert all(found[row] == row for row in range(rows) if row not in linked)
