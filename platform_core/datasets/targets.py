"""Targets of a dataset: checking that something can be learned, counting them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.sdk import DataError, LabelsTarget, NumberTarget, OrdinalTarget, Target, TargetValue
from platform_core.sdk.names import places_among

QUANTILES: Mapping[str, float] = {"min": 0.0, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}
"""What statistics tell of numbers."""

_MANY_LABELS = 0.5
_SOME_ROWS = 20
_BINS = 10
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?|\d+(?:\.\d+)?")
_OTHER_ROWS = "add rows with other labels, or choose another column with --map label=COLUMN"


def check_targets(examples: Sequence[LabeledExample], target: Target, column: str | None, where: str) -> None:
    """Refuse targets that nothing can be learned from.

    Raises:
        DataError: all rows have the same target, or nearly every row has a label of its own.
    """
    place = f"{where}, column {column!r}" if column else where
    counts = Counter(row.target for row in examples)
    if len(counts) < 2:
        raise DataError(_only_one(examples, target), where=place, hint=_OTHER_ROWS)
    if isinstance(target, NumberTarget):
        return
    labels = Counter(label for row in examples for label in labels_of(row.target))
    if is_no_class(len(labels), len(examples)):
        kind = "no set of labels" if isinstance(target, LabelsTarget) else "no class"
        raise DataError(
            f"the label has {len(labels):,} different values in {len(examples):,} rows; that is {kind}",
            where=place,
            hint="choose another column with --map label=COLUMN",
        )


def is_no_class(labels: int, rows: int) -> bool:
    """Tell whether so many different labels in so many rows are rather numbers, names or texts."""
    return rows >= _SOME_ROWS and labels > _MANY_LABELS * rows


def _only_one(examples: Sequence[LabeledExample], target: Target) -> str:
    rows, value = f"all {len(examples):,} rows have", examples[0].target
    match target:
        case NumberTarget():
            return f"{rows} the target {value!r}; there is nothing to predict"
        case LabelsTarget():
            shown = f"the labels {', '.join(labels_of(value))}" if value else "no labels"
            return f"{rows} {shown}; there is nothing to tell apart"
        case _:
            return f"{rows} the label {value!r}; telling apart needs two at least"


def labels_of(value: TargetValue | None) -> tuple[str, ...]:
    """Return the labels that a target holds: one, several, or, of a number and of nothing, none."""
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def ordered_labels(values: Iterable[TargetValue | None], target: Target) -> list[str]:
    """Return the labels in ``values`` as people expect them: the target's own order, then the others.

    Those are ordered by name, numbers by value; levels by the first number in them. Numbers as targets have no labels.
    """
    found = {label for value in values for label in labels_of(value)}
    places = places_among(found, target.order)
    order = _level_order if isinstance(target, OrdinalTarget) else _natural_order
    return sorted(places, key=lambda label: (places[label], label)) + sorted(found - set(places), key=order)


def number_in(label: str) -> float | None:
    """Return the first number in the name of a level: 3 of ``KTAS 3``."""
    number = _NUMBER.search(label)
    return float(number.group()) if number else None


def _level_order(label: str) -> tuple[bool, float, str]:
    number = number_in(label)
    return number is None, number or 0.0, label


def _natural_order(label: str) -> tuple[bool, float, str]:
    is_number = label.removeprefix("-").isdecimal()
    return not is_number, float(label) if is_number else 0.0, label


def strata_of(targets: Sequence[TargetValue | None]) -> list[str]:
    """Return for each row the stratum that splits hold in proportion.

    It is the label; of a set of labels the rarest; of a number its decile.
    """
    if any(isinstance(value, float) for value in targets):
        numbers = np.array([value if isinstance(value, float) else math.nan for value in targets])
        edges = np.nanquantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1])
        return [f"{bin_:02}" for bin_ in np.searchsorted(edges, numbers, side="right").tolist()]
    counts = Counter(label for value in targets for label in labels_of(value))
    return [min(labels_of(value), key=lambda label: (counts[label], label), default="") for value in targets]


def count_targets(examples: Sequence[LabeledExample]) -> dict[str, int]:
    """Return how many rows have each label, the most frequent first; a set of labels counts for each of them."""
    return dict(Counter(label for row in examples for label in labels_of(row.target)).most_common())


def describe_numbers(examples: Iterable[LabeledExample]) -> dict[str, float]:
    """Return quantiles, mean and standard deviation of targets that are numbers; nothing where there are none."""
    values = [row.target for row in examples if isinstance(row.target, float)]
    if not values:
        return {}
    quantiles = {name: float(np.quantile(values, q)) for name, q in QUANTILES.items()}
    return {**quantiles, "mean": float(np.mean(values)), "std": float(np.std(values))}
