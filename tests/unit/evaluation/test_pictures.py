"""Pictures are small, deterministic, free of metadata, and survive strange labels."""

import numpy as np
import pytest
from PIL import Image

from platform_core.evaluation import Costs, evaluate
from platform_core.evaluation.pictures import (
    confusion_matrix,
    draw_all,
    ranking,
    reliability_diagram,
    risk_coverage,
    thresholds,
    training_curve,
)
from platform_core.evaluation.pictures import slices as draw_slices
from platform_core.sdk import Decision

HISTORY = [{"epoch": 1.0, "loss": 0.9, "score": 0.6}, {"epoch": 2.0, "loss": 0.4, "score": 0.8}]
PICTURES = {
    "binary": ["confusion_matrix", "ranking", "thresholds", "reliability", "risk_coverage"],
    "multiclass": ["confusion_matrix", "reliability", "risk_coverage"],
    "ordinal": ["confusion_matrix", "reliability", "risk_coverage"],
    "multilabel": ["labels", "reliability", "risk_coverage"],
    "regression": ["predicted_true", "residuals"],
}
TASKS = tuple(PICTURES)


def evaluation_of(labels, rows=600, seed=0):
    random = np.random.default_rng(seed)
    truth = random.integers(len(labels), size=rows)
    logits = random.normal(size=(rows, len(labels)))
    logits[np.arange(rows), truth] += 3.5
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return evaluate("multiclass", labels, [labels[i] for i in truth], scores, resamples=20)


@pytest.mark.parametrize("task", TASKS)
def test_all_pictures_of_a_card(tmp_path, task, answers):
    slices = {"site $1": ["东京" if i % 3 else "b" * 40 for i in range(300)]}
    evaluation = evaluate(task, *answers(task, 300), slices=slices, costs=Costs(1, 20), resamples=20)
    pictures = draw_all(tmp_path, evaluation, HISTORY, metric="macro_f1")
    assert pictures == {name: f"{name}.png" for name in (*PICTURES[task], "slices", "training_curve")}
    for file in pictures.values():
        assert (tmp_path / file).stat().st_size < 100_000
        with Image.open(tmp_path / file) as picture:
            assert picture.format == "PNG"
            assert picture.width > 600
            assert not picture.info.keys() - {"dpi", "transparency"}


def test_the_same_numbers_give_the_same_bytes(tmp_path, answers):
    evaluation = evaluate("regression", *answers("regression", 200), resamples=20)
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        pictures = draw_all(folder, evaluation, HISTORY, metric="macro_f1")
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in pictures.values())


def test_no_curve_without_a_history(tmp_path, answers):
    evaluation = evaluate("regression", *answers("regression", 20), resamples=5)
    assert set(draw_all(tmp_path, evaluation, [], metric="mae")) == set(PICTURES["regression"])


@pytest.mark.parametrize(("threshold", "abstain"), [(0.01, 0.7), (0.999999, 2.0)])
def test_extreme_decisions_are_drawn(tmp_path, threshold, abstain, answers):
    decision = Decision(thresholds={"fraud": threshold}, abstain_below=abstain)
    evaluation = evaluate("binary", *answers("binary", 100), decision=decision, resamples=5)
    for draw in (ranking, thresholds, risk_coverage):
        draw(evaluation, tmp_path / "picture.png")


@pytest.mark.parametrize("task", TASKS)
def test_a_single_example_is_drawn(tmp_path, task, answers):
    evaluation = evaluate(task, *answers(task, 1), slices={"x": ["y"]}, resamples=5)
    draw_all(tmp_path, evaluation, [], metric="auroc")


@pytest.mark.parametrize("history", [HISTORY[:1], [{"epoch": 1.0, "loss": 0.5}, {"epoch": 2.0, "loss": 0.4}]])
def test_curves_of_one_epoch_and_without_validation(tmp_path, history):
    training_curve(history, tmp_path / "curve.png", metric="accuracy")
    assert (tmp_path / "curve.png").stat().st_size > 1000


@pytest.mark.parametrize(("metric", "sign"), [("accuracy", 1), ("mae", -1)])
def test_the_best_epoch_is_marked_whichever_way_is_up(tmp_path, monkeypatch, metric, sign):
    titles = []
    monkeypatch.setattr("platform_core.evaluation.pictures.training.entitle", lambda _, title: titles.append(title))
    scores = [3.0, 2.0, float("nan")]
    history = [{"epoch": i + 1.0, "loss": 1.0, "score": sign * s} for i, s in enumerate(scores)]
    training_curve(history, tmp_path / "curve.png", metric=metric)
    best = {"accuracy": "3.000, after epoch 1", "mae": "2.000, after epoch 2"}[metric]
    assert titles == [f"Best validation {metric} {best}"]


@pytest.mark.parametrize(
    "labels",
    [
        ["costs $5", "costs $10 or $x_1$", "c"],
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


def test_many_slices_fit_one_picture(tmp_path, answers):
    values = {f"field {j}": [str((i + j) % 20) for i in range(400)] for j in range(4)}
    evaluation = evaluate("multiclass", *answers("multiclass", 400), slices=values, resamples=10)
    draw_slices(evaluation, tmp_path / "slices.png", metric="no such metric")
    with Image.open(tmp_path / "slices.png") as picture:
        assert picture.height < 3000


def test_reliability_of_a_single_answer(tmp_path):
    evaluation = evaluate("binary", ["no", "yes"], ["yes"], np.array([[0.0, 1.0]]))
    reliability_diagram(evaluation, tmp_path / "reliability.png")
    assert (tmp_path / "reliability.png").exists()
