"""What is told of a dataset version: statistics, and warnings about labels, duplicates and splits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from platform_core.datasets.likeness import texts_of
from platform_core.datasets.records import LabeledExample, count_of
from platform_core.datasets.splitting import SPLITS
from platform_core.datasets.targets import (
    QUANTILES,
    count_targets,
    describe_numbers,
    labels_of,
    number_in,
    ordered_labels,
)
from platform_core.sdk import Columns, Derived, History, OrdinalTarget, Target, field_markers
from platform_core.sdk.names import places_among

_WORTH_A_WARNING = 0.1
_SHOWN_LABELS = 5


def statistics_of(examples: Sequence[LabeledExample], duplicates: Mapping[str, int]) -> dict[str, Any]:
    """Return counts and quantiles of the examples of a version; of numbers as targets, those instead of labels."""
    by_split = {name: [row for row in examples if row.split == name] for name in SPLITS}
    markers = field_markers(type(examples[0].example))
    fields = [name for name, marker in markers.items() if not isinstance(marker, Columns | Derived | History)]
    tables = {"columns": Columns, "derived": Derived}
    statistics: dict[str, Any] = {
        "rows": {name: len(rows) for name, rows in by_split.items()},
        "labels": {name: count_targets(rows) for name, rows in by_split.items()},
        "groups": len({row.group for row in examples if row.group is not None}),
        "missing": {name: sum(getattr(row.example, name) is None for row in examples) for name in fields},
        "duplicates": dict(duplicates),
    }
    numbers = {name: describe_numbers(rows) for name, rows in by_split.items()}
    if any(numbers.values()):
        statistics["target"] = numbers
    for title, kind in tables.items():
        for name in (name for name, marker in markers.items() if isinstance(marker, kind)):
            statistics[title] = _columns([getattr(row.example, name) for row in examples])
    texts = texts_of(examples)
    if texts is not None:
        words = np.array([len(text.split()) for text in texts])
        statistics["words"] = {name: float(np.quantile(words, q)) for name, q in QUANTILES.items()}
    return statistics


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return type, missing and different values of each column of a field that holds many."""
    described = {}
    for name in dict.fromkeys(column for row in rows for column in row):
        present = [cell for row in rows if (cell := row.get(name)) is not None]
        kind = "category" if any(isinstance(cell, str) for cell in present) else "number"
        described[name] = {"type": kind, "missing": len(rows) - len(present), "distinct": len(set(present))}
    return described


def label_warnings(examples: Sequence[LabeledExample], target: Target) -> list[str]:
    """Return sentences on labels that the solution does not name, where it names some, and on levels in no order."""
    counts = count_targets(examples)
    labels = ordered_labels([tuple(counts)], target)
    known = places_among(labels, target.order)
    stray = [label for label in labels if label not in known]
    if isinstance(target, OrdinalTarget):
        if not known:  # a scale of its own
            return _order_warnings(labels, target)
        stray_levels = _order_warnings(labels, target) if any(number_in(label) is None for label in stray) else []
        return [*_stray_warnings(stray, counts, target), *stray_levels]
    return _stray_warnings(stray, counts, target)


def _stray_warnings(stray: Sequence[str], counts: Mapping[str, int], target: Target) -> list[str]:
    if not target.order or not stray:
        return []
    shown = ", ".join(_stray(label, counts[label], target.order) for label in stray[:_SHOWN_LABELS])
    more = ", …" if len(stray) > _SHOWN_LABELS else ""
    return [
        f"some labels are not among the solution's ({', '.join(target.order)}): {shown}{more}; "
        "a model will answer with these names: correct them where they are mistakes"
    ]


def _order_warnings(labels: Sequence[str], target: OrdinalTarget) -> list[str]:
    """Return a sentence on levels whose order is a guess, as neither the solution nor a number in them tells it."""
    if not labels or all(number_in(label) is not None for label in labels):
        return []
    severe = labels[0 if target.severe == "first" else -1]
    return [
        f"the order of the levels is a guess: {', '.join(labels)}; {severe!r} is taken as the most severe one: "
        "where that is wrong, write numbers into the labels, such as 'level 1'"
    ]


def _stray(label: str, rows: int, known: Sequence[str]) -> str:
    names = {name.casefold(): name for name in known}
    nearest = difflib.get_close_matches(label.casefold(), names, n=1)
    advice = f"; did you mean {names[nearest[0]]!r}?" if nearest else ""
    return f"{label!r} ({count_of(rows, 'row')}{advice})"


def duplicate_warnings(duplicates: Mapping[str, int], rows: int) -> list[str]:
    """Return sentences on rows that repeat others."""
    warnings = []
    if duplicates["left_out"]:
        warnings.append(
            f"{duplicates['left_out']:,} rows were left out of training: "
            "they repeat rows of the validation or test data, exactly or nearly"
        )
    if duplicates["exact"] + duplicates["near"] > _WORTH_A_WARNING * rows:
        kinds = {"repeat another row": duplicates["exact"], "are near duplicates": duplicates["near"]}
        counted = " and ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
        warnings.append(f"of {rows:,} rows, {counted}; such rows are kept in one split")
    if duplicates["conflicts"]:
        warnings.append(f"{duplicates['conflicts']:,} inputs appear with different labels")
    return warnings


def untested_warnings(wanted: Sequence[str]) -> list[str]:
    """Return a sentence where no test split is wanted, and metrics will be of what choices are made on."""
    if "test" in wanted or "validation" not in wanted:
        return []
    return [
        "there is no test split: metrics will be of the examples on which epoch, thresholds and calibration are also "
        "chosen, so they flatter; a split in three parts, such as 70/20/10, keeps one"
    ]


def split_warnings(examples: Sequence[LabeledExample], wanted: Sequence[str]) -> list[str]:
    """Return sentences on splits that are empty, lack a label, or share groups with training."""
    rows = {name: [row for row in examples if row.split == name] for name in SPLITS}
    warnings = [f"the {name} split is empty: too few rows that may be separated" for name in wanted if not rows[name]]
    labels = {name: {label for row in rows[name] for label in labels_of(row.target)} for name in SPLITS}
    everything = set().union(*labels.values())
    for name in SPLITS:
        absent = sorted(everything - labels[name])
        if rows[name] and absent:
            shown = ", ".join(repr(label) for label in absent[:5]) + (", …" if len(absent) > 5 else "")
            effect = "it cannot be learned" if name == "train" else f"its {name} metrics say nothing of it"
            warnings.append(f"the {name} split has no row labelled {shown}: {effect}")
    groups = {name: {row.group for row in rows[name] if row.group is not None} for name in SPLITS}
    shared = groups["train"] & (groups["validation"] | groups["test"])
    if shared:
        warnings.append(f"{len(shared):,} groups are both in training and in the validation or test data")
    return warnings
