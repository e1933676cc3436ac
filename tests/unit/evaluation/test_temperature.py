"""Temperature scaling finds the factor by which a model is too sure of itself."""

import numpy as np
import pytest

from platform_core.evaluation.calibration import ece
from platform_core.evaluation.temperature import fit_temperature

LABELS = ("a", "b", "c")


def honest_logits(rows, seed=0):
    random = np.random.default_rng(seed)
    logits = random.normal(size=(rows, 3)) * 1.5
    cumulative = softmax(logits).cumsum(1)
    return logits, (random.uniform(size=(rows, 1)) > cumulative).sum(1).clip(max=2)


def softmax(logits):
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_factor_is_found_and_the_error_gone(factor):
    logits, truth = honest_logits(4000)
    scores = softmax(logits * factor)
    temperature = fit_temperature(LABELS, [LABELS[i] for i in truth], scores)
    assert temperature == pytest.approx(factor, rel=0.1)
    assert ece(truth, softmax(logits * factor / temperature)) < 0.03


def test_too_few_examples_change_nothing():
    assert fit_temperature(LABELS, ["a"] * 5, softmax(np.eye(5, 3))) == 1.0


def test_certain_and_right_stays_finite():
    scores = np.tile([1.0, 0.0, 0.0], (50, 1))
    assert np.isfinite(fit_temperature(LABELS, ["a"] * 50, scores))
