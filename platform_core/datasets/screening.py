"""Columns that should not be learned from: leaks of the target, and identifiers. Pure functions, with evidence."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from platform_core.datasets.records import as_text

SCREENED_ROWS = 20_000
"""Rows that are looked at; enough to see a leak."""

_FAR_TOO_WELL = 0.9
_BINS = 20
_FEW_VALUES = 50
_MIN_ROWS = 20
_NEARLY_ALL = 0.98
_IDENTIFIER_WORDS = 1.5

Kind = Literal["leak", "identifier"]


@dataclass(frozen=True)
class Suspect:
    """A column that should not be learned from, and why."""

    column: str
    kind: Kind
    evidence: str


def screen(columns: Mapping[str, Sequence[Any]], labels: Sequence[str | None]) -> list[Suspect]:
    """Return the suspects among ``columns``, which are aligned with ``labels``."""
    labelled = [row for row, label in enumerate(labels) if label is not None][:SCREENED_ROWS]
    targets = [labels[row] for row in labelled]
    found: list[Suspect] = []
    for name, values in columns.items():
        identifier = _identifier_evidence(values[:SCREENED_ROWS])
        leak = None if identifier else _leak_evidence([values[row] for row in labelled], targets)
        if identifier:
            found.append(Suspect(name, "identifier", identifier))
        elif leak:
            found.append(Suspect(name, "leak", leak))
    return found


def as_numbers(values: Iterable[Any]) -> list[float] | None:
    """Return ``values`` as finite numbers, missing ones as NaN; ``None`` if one is something else."""
    numbers: list[float] = []
    for value in values:
        if is_missing(value):
            numbers.append(math.nan)
            continue
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        if not math.isfinite(number):
            return None
        numbers.append(number)
    return numbers


def is_missing(value: Any) -> bool:
    """Tell whether there is no value: ``None``, NaN, or white space."""
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (isinstance(value, str) and not value.strip())
    )


def _identifier_evidence(values: Sequence[Any]) -> str | None:
    """Say why the column looks like an identifier: as many values as rows, whole numbers or single words."""
    present = [value for value in values if not is_missing(value)]
    if len(present) < _MIN_ROWS or len(set(map(str, present))) < _NEARLY_ALL * len(present):
        return None
    numbers = as_numbers(present)
    if numbers is None:
        words = sum(len(str(value).split()) for value in present) / len(present)
        return "a different word in nearly every row" if words <= _IDENTIFIER_WORDS else None
    if not all(number.is_integer() for number in numbers):
        return None
    if all(a < b for a, b in pairwise(numbers)):
        return "whole numbers that rise from row to row"
    span = max(numbers) - min(numbers) + 1
    if span <= 1.5 * len(numbers):
        return "whole numbers without repetition or gaps"
    return "a different whole number in nearly every row" if min(map(abs, numbers)) >= 100 else None


def _leak_evidence(values: Sequence[Any], targets: Sequence[Any]) -> str | None:
    """Say how well the column alone predicts the target, if far too well.

    The rule "the most frequent label of this value" is learned on every other row and tried on the rest; its balanced
    accuracy, scaled so that chance is 0, is the evidence.
    """
    classes = sorted(set(targets))
    if len(values) < _MIN_ROWS or len(classes) < 2:
        return None
    bins = _binned(values)
    if bins is None or len(set(bins)) < 2:
        return None
    right: Counter[str] = Counter()
    for fold in (0, 1):
        rule = _majority(bins[fold::2], targets[fold::2])
        pairs = zip(bins[1 - fold :: 2], targets[1 - fold :: 2], strict=True)
        right.update(target for value, target in pairs if rule.get(value) == target)
    totals = Counter(targets)
    recall = sum(right[label] / totals[label] for label in classes) / len(classes)
    chance = 1 / len(classes)
    if (recall - chance) / (1 - chance) < _FAR_TOO_WELL:
        return None
    return f"alone it tells the label with a balanced accuracy of {recall:.2f} (chance {chance:.2f})"


def _binned(values: Sequence[Any]) -> list[Any] | None:
    """Return the values as few categories: as they are, or numbers in quantiles; ``None`` for free text."""
    texts = [_category(value) for value in values]
    if len(set(texts)) <= max(_FEW_VALUES, len(texts) // 20):
        return texts
    numbers = as_numbers(values)
    if numbers is None:
        return None
    array = np.asarray(numbers)
    edges = np.unique(np.nanquantile(array, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return [None if math.isnan(n) else int(b) for n, b in zip(numbers, np.searchsorted(edges, array), strict=True)]


def _category(value: Any) -> str | None:
    try:
        return as_text(value)
    except ValueError:
        return repr(value)[:200]


def _majority(bins: Sequence[Any], targets: Sequence[Any]) -> dict[Any, Any]:
    counts: dict[Any, Counter[Any]] = defaultdict(Counter)
    for value, target in zip(bins, targets, strict=True):
        counts[value][target] += 1
    return {value: min(found, key=lambda label: (-found[label], label)) for value, found in counts.items()}
