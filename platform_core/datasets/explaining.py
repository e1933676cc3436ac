"""What the other columns know: a quick model of them, to tell a leak from an easy task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platform_core.datasets.leaks import Question, Telling
from platform_core.datasets.profiles import Profile

_ROWS = 4_000
_CATEGORIES = 100
_FOLDS = 2
_FEW = 5
_TREES, _ALL_TREES = 60, 240


@dataclass(frozen=True)
class Explanation:
    """What the columns say of the classes of some rows, having learned from other rows.

    Attributes:
        rows: the rows that were looked at.
        probabilities: of the classes [rows looked at, classes].
        question: the classes of all rows.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    question: Question

    def telling(self) -> Telling:
        """Return how well the columns together tell the class."""
        codes = self.question.codes[self.rows]
        counts = np.bincount(codes, minlength=len(self.question.classes))
        present = counts > 0
        said = (self.probabilities / np.maximum(counts, 1)).argmax(1)
        right = np.bincount(codes[said == codes], minlength=len(counts))
        return Telling.of(right[present], counts[present])

    def belief(self, rows: NDArray[np.bool_], label: int) -> float | None:
        """Return the probability of the class ``label`` in the ``rows``, their geometric mean; ``None`` for too few."""
        looked_at = rows[self.rows]
        if looked_at.sum() < _FEW:
            return None
        return float(np.exp(np.log(np.maximum(self.probabilities[looked_at, label], 1e-6)).mean()))


def explain(
    profiles: Sequence[Profile], question: Question, wanted: NDArray[np.bool_] | None = None
) -> Explanation | None:
    """Return what a quick model of ``profiles`` knows: boosted trees in two folds over a few thousand rows.

    Args:
        profiles: the columns that it learns from.
        question: the classes.
        wanted: rows that should be among those looked at.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    rows = _sample(len(question.codes), wanted)
    counts = np.bincount(question.codes[rows], minlength=len(question.classes))
    rows = rows[counts[question.codes[rows]] >= _FOLDS]
    present = np.unique(question.codes[rows])
    if not profiles or len(present) < 2:
        return None
    model = HistGradientBoostingClassifier(
        max_iter=max(_FEW, min(_TREES, _ALL_TREES // len(present))),
        categorical_features=[profile.numbers is None for profile in profiles],
        early_stopping=False,
        random_state=0,
    )
    columns = [profile.numbers if profile.numbers is not None else _categories(profile) for profile in profiles]
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    matrix, codes = np.column_stack(columns)[rows], question.codes[rows]
    probabilities = np.zeros((len(rows), len(question.classes)))
    probabilities[:, present] = cross_val_predict(model, matrix, codes, cv=folds, method="predict_proba")
    return Explanation(rows, probabilities, question)


def _sample(rows: int, wanted: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    order = np.random.default_rng(0).permutation(rows)
    if wanted is not None:
        first = order[wanted[order]][: _ROWS // 2]
        order = np.concatenate([first, order[~np.isin(order, first)]])
    return np.sort(order[:_ROWS])


def _categories(profile: Profile) -> NDArray[np.float64]:
    """Return the codes of the most frequent categories, the others as one."""
    counts = np.bincount(profile.codes)
    place = np.full(len(counts), _CATEGORIES, dtype=np.float64)
    frequent = np.argsort(-counts, kind="stable")[:_CATEGORIES]
    place[frequent] = np.arange(len(frequent))
    return place[profile.codes]
