import csv
from collections import Counter
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from verticore_finance.sentiment.sample import ROWS, make_sentences, write_sample
from verticore_finance.sentiment.schema import LABELS


def test_is_the_same_every_time(tmp_path: Path) -> None:
    write_sample(tmp_path)
    with (tmp_path / "sample_sentences.csv").open(encoding="utf-8", newline="") as stream:
        written = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
    assert written == [(text, label) for text, label, *_ in make_sentences()]
    assert len({text for text, _ in written}) == ROWS


def test_holds_all_labels_in_fair_parts() -> None:
    counts = Counter(made.label for made in make_sentences())
    assert set(counts) == set(LABELS)
    assert min(counts.values()) > 0.25 * ROWS


def test_is_learnable_but_not_trivial() -> None:
    texts, labels, *_ = zip(*make_sentences(), strict=True)
    bag_of_words = make_pipeline(TfidfVectorizer(), LogisticRegression(C=5, max_iter=1000))
    assert 0.75 < cross_val_score(bag_of_words, texts, labels, cv=3, scoring="f1_macro").mean() < 0.95
