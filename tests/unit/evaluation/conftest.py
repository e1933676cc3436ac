"""Answers of models of each kind, for the tests of this room."""

import numpy as np
import pytest

LABELS = ("negative", "neutral", "positive")
LEVELS = ("1", "2", "3", "4")
TOPICS = ("late", "lost", "damaged")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def make_answers(task, rows, seed=0, skill=1.5):
    """Return labels, targets and scores."""
    random = np.random.default_rng(seed)
    match task:
        case "binary":
            truth = random.random(rows) < 0.3
            p = sigmoid(random.normal(size=rows) + skill * (2 * truth - 1))
            return ("fine", "fraud"), ["fraud" if t else "fine" for t in truth], np.stack([1 - p, p], axis=1)
        case "multilabel":
            truth = random.random((rows, 3)) < 0.3
            scores = sigmoid(random.normal(size=(rows, 3)) + skill * (2 * truth - 1))
            return TOPICS, [tuple(np.array(TOPICS)[row].tolist()) for row in truth], scores
        case "regression":
            truth = random.normal(size=rows) * 10
            return (), truth.tolist(), (truth + random.normal(size=rows) * 3)[:, None]
    labels = LABELS if task == "multiclass" else LEVELS
    truth = random.integers(len(labels), size=rows)
    near = -np.abs(np.arange(len(labels)) - truth[:, None]) if task == "ordinal" else np.eye(len(labels))[truth]
    logits = random.normal(size=(rows, len(labels))) + skill * near
    return labels, [labels[i] for i in truth], np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


@pytest.fixture
def answers():
    """A function of task, number of examples, seed and skill."""
    return make_answers
