"""From what was read to the examples of a version: checks, duplicates, splits, statistics. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from platform_core.datasets.duplicates import Pair, cluster, find_duplicates
from platform_core.datasets.inspection import count_conflicts, count_linked, texts_of
from platform_core.datasets.moments import moments_of
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import SPLITS, Ratio, assign
from platform_core.sdk import DataError, EmptyData, Target

_MANY_LABELS = 0.5
_SOME_ROWS = 20
_WORTH_A_WARNING = 0.1
_QUANTILES = {"min": 0.0, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}


@dataclass(frozen=True)
class Prepared:
    """The examples of a version, with splits, and what people should know."""

    examples: list[LabeledExample]
    statistics: dict[str, Any]
    warnings: list[str]


def prepare(
    data: Sequence[LabeledExample],
    official: Mapping[str, Sequence[LabeledExample]],
    ratio: Ratio,
    *,
    seed: int,
    time_column: str | None = None,
) -> Prepared:
    """Split the rows of ``data``, and put those of ``official`` splits beside them as they are.

    Rows of ``data`` that say the same as a row of an official split are left out.

    Args:
        data: the rows to train on.
        official: rows by split, ``validation`` or ``test``.
        ratio: of the splits of ``data``; the official ones are taken out of it.
        seed: of the shuffle.
        time_column: split by time; the column is named in messages.

    Raises:
        EmptyData: nothing is left to train on.
        DataError: a moment cannot be read.
    """
    fixed = [replace(row, split=name) for name in SPLITS for row in official.get(name, ())]
    everything = [*data, *fixed]
    found = find_duplicates([row.example for row in everything], texts_of(everything))
    links = found.exact + found.near
    copies = _rows_like_official(len(data), cluster(len(everything), links))
    kept = [row for row in range(len(data)) if row not in copies]
    if not kept:
        raise EmptyData("all rows to train on are also in the validation or test data", where=_files_of(data))
    clusters = cluster(len(data), [*(pair for pair in links if pair[1] < len(data)), *_group_links(data)])
    chosen = [data[row] for row in kept]
    splits = assign(
        [clusters[row] for row in kept],
        [row.target or "" for row in chosen],
        ratio.without(*official),
        seed=seed,
        times=moments_of(chosen, time_column) if time_column else None,
    )
    examples = [replace(row, split=split) for row, split in zip(chosen, splits, strict=True)] + fixed
    duplicates = {
        "exact": len(found.exact),
        "near": count_linked(found.near),
        "conflicts": count_conflicts(everything),
        "left_out": len(copies),
    }
    wanted = [name for name in SPLITS if name in official or getattr(ratio.without(*official), name) > 0]
    return Prepared(
        examples,
        _statistics(examples, duplicates),
        [*_duplicate_warnings(duplicates, len(everything)), *_split_warnings(examples, wanted)],
    )


def check_labels(examples: Sequence[LabeledExample], column: str | None, where: str) -> None:
    """Refuse labels that nothing can be learned from.

    Raises:
        DataError: there is one label only, or nearly as many as rows.
    """
    counts = Counter(row.target for row in examples)
    place = f"{where}, column {column!r}" if column else where
    if len(counts) < 2:
        raise DataError(
            f"all {len(examples):,} rows have the label {examples[0].target!r}; telling apart needs two at least",
            where=place,
            hint="add rows with other labels, or choose another column with --map label=COLUMN",
        )
    if len(examples) >= _SOME_ROWS and len(counts) > _MANY_LABELS * len(examples):
        raise DataError(
            f"the label has {len(counts):,} different values in {len(examples):,} rows; that is no class",
            where=place,
            hint="choose another column with --map label=COLUMN",
        )


def ordered_labels(labels: Iterable[str], target: Target) -> list[str]:
    """Return the labels as people expect them: the target's own order, then the others; numbers by value."""
    found = set(labels)
    known = [label for label in target.order if label in found]
    return known + sorted(found - set(known), key=_natural)


def _natural(label: str) -> tuple[bool, float, str]:
    is_number = label.removeprefix("-").isdecimal()
    return not is_number, float(label) if is_number else 0.0, label


def _rows_like_official(rows: int, clusters: Sequence[int]) -> set[int]:
    taken = set(clusters[rows:])
    return {row for row in range(rows) if clusters[row] in taken}


def _group_links(examples: Sequence[LabeledExample]) -> list[Pair]:
    first: dict[str, int] = {}
    return [(first.setdefault(row.group, index), index) for index, row in enumerate(examples) if row.group is not None]


def _files_of(examples: Sequence[LabeledExample]) -> str:
    return ", ".join(list(dict.fromkeys(row.place.file for row in examples))[:5])


def _statistics(examples: Sequence[LabeledExample], duplicates: Mapping[str, int]) -> dict[str, Any]:
    by_split = {name: [row for row in examples if row.split == name] for name in SPLITS}
    statistics: dict[str, Any] = {
        "rows": {name: len(rows) for name, rows in by_split.items()},
        "labels": {name: dict(Counter(row.target for row in rows).most_common()) for name, rows in by_split.items()},
        "groups": len({row.group for row in examples if row.group is not None}),
        "missing": {
            name: sum(getattr(row.example, name) is None for row in examples)
            for name in type(examples[0].example).model_fields
        },
        "duplicates": dict(duplicates),
    }
    texts = texts_of(examples)
    if texts is not None:
        words = np.array([len(text.split()) for text in texts])
        statistics["words"] = {name: float(np.quantile(words, q)) for name, q in _QUANTILES.items()}
    return statistics


def _duplicate_warnings(duplicates: Mapping[str, int], rows: int) -> list[str]:
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


def _split_warnings(examples: Sequence[LabeledExample], wanted: Sequence[str]) -> list[str]:
    labels = {name: {row.target for row in examples if row.split == name} for name in SPLITS}
    warnings = [f"the {name} split is empty: too few rows that may be separated" for name in wanted if not labels[name]]
    everything = set().union(*labels.values())
    for name in SPLITS:
        absent = sorted(str(label) for label in everything - labels[name])
        if labels[name] and absent:
            shown = ", ".join(repr(label) for label in absent[:5]) + (", …" if len(absent) > 5 else "")
            effect = "it cannot be learned" if name == "train" else f"its {name} metrics say nothing of it"
            warnings.append(f"the {name} split has no row labelled {shown}: {effect}")
    groups = {name: {row.group for row in examples if row.split == name and row.group is not None} for name in SPLITS}
    shared = groups["train"] & (groups["validation"] | groups["test"])
    if shared:
        warnings.append(f"{len(shared):,} groups are both in training and in the validation or test data")
    return warnings
