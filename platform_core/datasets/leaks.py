"""Columns that give the target away. Pure functions over profiles, with evidence in words and numbers.

A leak is known by what no honest column shows: it tells the target nearly without error, in every row or in the rows
of some of its values, and the other columns together do not. Where they do, the task is easy and the column is kept.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from platform_core.datasets.profiles import FEW_VALUES, Profile

Codes = NDArray[np.int64]

MIN_ROWS = 20
"""Fewer rows prove nothing."""

_MIN_CLASS = 8
_PURE = 0.98
_RARE = 0.2
_COMMON = 0.6
_NATS = 30.0
_USUAL = 0.5
_FEW_NUMBERS = 10
_ANSWERS = frozenset(("0", "1", "yes", "no", "y", "n", "true", "false", "t", "f", "-1", "+", "-"))


@dataclass(frozen=True)
class Question:
    """What is asked of a column: the class of each row.

    Attributes:
        classes: the names of the classes.
        codes: the class of each row [rows].
        ordered: the classes are levels, in their order.
    """

    classes: tuple[str, ...]
    codes: Codes
    ordered: bool = False

    @property
    def shares(self) -> NDArray[np.float64]:
        """The part of the rows of each class [classes]."""
        return np.bincount(self.codes, minlength=len(self.classes)) / len(self.codes)

    def without_rare_classes(self) -> tuple[NDArray[np.int64], Codes]:
        """Return the rows of classes that are frequent enough to judge by, and their classes, counted anew."""
        counts = np.bincount(self.codes, minlength=len(self.classes))
        rows = np.flatnonzero(counts[self.codes] >= _MIN_CLASS)
        return rows, np.unique(self.codes[rows], return_inverse=True)[1]


@dataclass(frozen=True)
class Purity:
    """A value of a column that goes with one class nearly always.

    Attributes:
        rows: where the value stands [rows].
        label: the class.
        hits, count: of ``count`` rows with the value, ``hits`` are of the class.
        base: the part of all rows that is of the class.
        rare: the class is so rare that no honest value points at it without error.
        words: the value, as the evidence names it.
    """

    rows: NDArray[np.bool_]
    label: int
    hits: int
    count: int
    base: float
    rare: bool
    words: str

    @property
    def nats(self) -> float:
        """How surprising it is, as minus the logarithm of its probability by chance."""
        return -self.hits * math.log(self.base)


@dataclass(frozen=True)
class Telling:
    """How well something tells the class: its balanced accuracy, and that of chance."""

    accuracy: float
    chance: float

    @property
    def scaled(self) -> float:
        """The accuracy from 0 (chance) to 1."""
        return (self.accuracy - self.chance) / (1 - self.chance)

    @classmethod
    def of(cls, right: NDArray[Any], counts: NDArray[Any]) -> Telling:
        """Build it from the rows that are told rightly, and all rows, by class."""
        return cls(float((right / counts).mean()), 1 / len(counts))


def telling_alone(profile: Profile, question: Question) -> Telling | None:
    """Return how well the column alone tells the class.

    The rule "the class that has the greatest part of its rows at this value" is learned on half of the rows and tried
    on the other. ``None`` where the rows are too few to judge.
    """
    rows, codes = question.without_rare_classes()
    if profile.bins is None or len(rows) < MIN_ROWS or codes.max(initial=0) < 1:
        return None
    bins = np.unique(profile.bins[rows], return_inverse=True)[1]
    counts = np.bincount(codes)
    right = np.zeros(len(counts))
    for learned, tried in _halves(codes):
        table = _table(bins[learned], codes[learned], bins.max() + 1, len(counts))
        rule = np.where(table.sum(1) > 0, (table / counts).argmax(1), -1)
        told = codes[tried][rule[bins[tried]] == codes[tried]]
        right += np.bincount(told, minlength=len(counts))
    return Telling.of(right, counts)


def agreement(profile: Profile, question: Question) -> float | None:
    """Return how far a column that holds the labels themselves agrees with them (Cohen's kappa).

    Of levels the kappa is weighted by the squared distance. Such a column is another judgement of the same thing.
    ``None`` for other columns; those of yes and no, or of 0 and 1, hold such words for reasons of their own.
    """
    labels = {name.casefold(): code for code, name in enumerate(question.classes)}
    if len(profile.values) > len(labels) + 1:
        return None
    words = [None if cell is None else _written(cell).casefold() for cell in profile.values]
    known = {word for word in words if word is not None}
    if len(known) < 2 or not known <= labels.keys() or known <= _ANSWERS:
        return None
    codes = np.array([-1 if word is None else labels[word] for word in words])[profile.codes]
    found = codes >= 0
    if found.sum() < MIN_ROWS:
        return None
    size = len(labels)
    table = _table(codes[found], question.codes[found], size, size)
    places = np.arange(size)
    apart = (places[:, None] - places) ** 2 if question.ordered else (places[:, None] != places)
    expected = float((np.outer(table.sum(1), table.sum(0)) / found.sum() * apart).sum())
    return 1 - float((table * apart).sum()) / expected if expected else None


def pure_values(profile: Profile, question: Question) -> list[Purity]:
    """Return the values of the column that go with one class nearly always, more often than chance allows.

    Looked at are the values of columns with few, whether there is a value at all, and whether it is another than the
    usual one. Of two classes, one that is not rare counts, too, where all such values together leave no doubt.
    """
    found = []
    classes, shares = len(question.classes), question.shares
    most = min(_RARE, _USUAL / classes)
    for codes, words in _views(profile):
        table = _table(codes, question.codes, len(words), classes)
        counts = table.sum(1)
        for value, label in zip(*np.nonzero(table >= np.maximum(_MIN_CLASS, _PURE * counts)[:, None]), strict=True):
            base = float(shares[label])
            hits, count = int(table[value, label]), int(counts[value])
            found.append(Purity(codes == value, int(label), hits, count, base, base <= most, words[value]))
    rare = [purity for purity in found if purity.rare and purity.nats >= _NATS]
    common = [purity for purity in found if not purity.rare and purity.base <= _COMMON and purity.hits == purity.count]
    doubtless = classes == 2 and sum(purity.nats for purity in common) >= _NATS
    return rare + common if doubtless else rare


def rank_correlation(profile: Profile, target: NDArray[np.float64]) -> float | None:
    """Return Spearman's correlation of the column with a target of numbers; ``None`` where it has none."""
    if profile.numbers is None:
        return None
    rows = ~profile.missing & ~np.isnan(target)
    if rows.sum() < max(MIN_ROWS, _USUAL * len(target)):
        return None
    ours, theirs = rankdata(profile.numbers[rows]), rankdata(target[rows])
    if ours.std() == 0 or theirs.std() == 0:
        return None
    return float(np.corrcoef(ours, theirs)[0, 1])


def group_correlation(profile: Profile, target: NDArray[np.float64]) -> float | None:
    """Return how well the column's categories tell a target of numbers: the square root of the explained variance.

    The mean of each category is learned on half of the rows and tried on the other; 0 is chance.
    """
    known = np.flatnonzero(~np.isnan(target))
    if profile.numbers is not None or profile.bins is None or len(known) < MIN_ROWS:
        return None
    bins, values = profile.bins[known], target[known]
    left = np.empty_like(values)
    for learned, tried in _halves(np.zeros_like(bins)):
        mean = values[learned].mean()
        sums = np.bincount(bins[learned], values[learned], minlength=bins.max() + 1)
        counts = np.bincount(bins[learned], minlength=bins.max() + 1)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), mean)
        left[tried] = values[tried] - means[bins[tried]]
    variance = float(values.var())
    return math.sqrt(max(0.0, 1 - float((left**2).mean()) / variance)) if variance else None


def _halves(classes: Codes) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield the rows to learn from and those to try, once each way round; each half has half of every class.

    Rows are drawn: files may hold cases and controls, or question and answer, in turn.
    """
    drawn = np.random.default_rng(0).permutation(len(classes))
    first = np.empty(len(classes), dtype=bool)
    first[drawn[np.argsort(classes[drawn], kind="stable")]] = np.arange(len(classes)) % 2 == 0
    yield first, ~first
    yield ~first, first


def _views(profile: Profile) -> Iterator[tuple[Codes, Sequence[str]]]:
    """Yield codes of the rows, with the words for each code."""
    if len(profile.values) <= (FEW_VALUES if profile.numbers is None else _FEW_NUMBERS):
        yield profile.codes, ["no value" if cell is None else reprlib.repr(_written(cell)) for cell in profile.values]
        if len(profile.values) <= 2:
            return
    if profile.missing.any():
        yield profile.missing.astype(np.int64), ["a value", "no value"]
    counts = np.bincount(profile.codes)
    usual = int(counts.argmax())
    value = profile.values[usual]
    if value is not None and counts[usual] >= _USUAL * len(profile.codes):
        words = ["its usual value", f"another value than {reprlib.repr(_written(value))}"]
        yield (~profile.missing & (profile.codes != usual)).astype(np.int64), words


def _written(cell: str | float) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _table(rows: Codes, columns: Codes, height: int, width: int) -> NDArray[np.float64]:
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width).astype(np.float64)
