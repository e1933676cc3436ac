"""Pictures are small, deterministic, free of metadata, and survive strange labels."""

import numpy as np
import pytest
from PIL import Image

from platform_core.evaluation import evaluate_classes
from platform_core.evaluation.pictures import (
    confusion_matrix,
    draw_all,
    reliability_diagram,
    training_curve,
)

HISTORY = [{"epoch": 1.0, "loss": 0.9, "score": 0.6}, {"epoch": 2.0, "loss": 0.4, "score": 0.8}]


def evaluation_of(labels, rows=600, seed=0):
    random = np.random.default_rng(seed)
    truth = random.integers(len(labels), size=rows)
    logits = random.normal(size=(rows, len(labels)))
    logits[np.arange(rows), truth] += 3.5
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return evaluate_classes(labels, [labels[i] for i in truth], scores, resamples=20)


def test_all_pictures_of_a_card(tmp_path):
    evaluation = evaluation_of(["negative", "neutral", "positive"])
    pictures = draw_all(tmp_path, evaluation, HISTORY, metric="macro_f1")
    assert pictures == {name: f"{name}.png" for name in ("confusion_matrix", "reliability", "training_curve")}
    for file in pictures.values():
        assert (tmp_path / file).stat().st_size < 100_000
        with Image.open(tmp_path / file) as picture:
            assert picture.format == "PNG"
            assert picture.width > 600
            assert not picture.info.keys() - {"dpi", "transparency"}
    again = tmp_path / "again"
    again.mkdir()
    draw_all(again, evaluation, HISTORY, metric="macro_f1")
    assert all((again / file).read_bytes() == (tmp_path / file).read_bytes() for file in pictures.values())


def test_no_curve_without_a_history(tmp_path):
    assert "training_curve" not in draw_all(tmp_path, evaluation_of(["a", "b"]), [], metric="macro_f1")


@pytest.mark.parametrize("history", [HISTORY[:1], [{"epoch": 1.0, "loss": 0.5}, {"epoch": 2.0, "loss": 0.4}]])
def test_curves_of_one_epoch_and_without_validation(tmp_path, history):
    training_curve(history, tmp_path / "curve.png", metric="accuracy")
    assert (tmp_path / "curve.png").stat().st_size > 1000


@pytest.mark.parametrize(
    "labels",
    [
        ["costs $5", "costs $10 or $x_1$"],
        ["正面", "负面", "中性"],
        ["x" * 200, "short", "<b>bold</b>", "line\nbreak", "\\frac", "", "%"],
    ],
)
def test_any_label_can_be_drawn(tmp_path, labels):
    confusion_matrix(evaluation_of(labels), tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert max(picture.size) < 2000


@pytest.mark.slow
def test_many_classes_stay_legible_and_small(tmp_path):
    evaluation = evaluation_of([f"request_{i}_about_card" for i in range(77)], rows=3080)
    confusion_matrix(evaluation, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").stat().st_size < 130_000
    with Image.open(tmp_path / "confusion.png") as picture:
        assert 2000 < picture.width < 4000


def test_reliability_of_a_single_answer(tmp_path):
    evaluation = evaluate_classes(["no", "yes"], ["yes"], np.array([[0.0, 1.0]]))
    reliability_diagram(evaluation, tmp_path / "reliability.png")
    assert (tmp_path / "reliability.png").exists()
