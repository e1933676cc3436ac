"""From what was read to the examples of a version: duplicates, splits, statistics. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platform_core.datasets.describing import duplicate_warnings, split_warnings, statistics_of, untested_warnings
from platform_core.datasets.duplicates import cluster
from platform_core.datasets.likeness import count_conflicts, count_linked, duplicates_of, group_links
from platform_core.datasets.moments import moments_of
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import SPLITS, Ratio, assign
from platform_core.datasets.targets import strata_of
from platform_core.sdk import EmptyData


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
    found = duplicates_of(everything)
    links = found.exact + found.near
    copies = _rows_like_official(len(data), cluster(len(everything), links))
    kept = [row for row in range(len(data)) if row not in copies]
    if not kept:
        raise EmptyData("all rows to train on are also in the validation or test data", where=_files_of(data))
    clusters = cluster(len(data), [*(pair for pair in links if pair[1] < len(data)), *group_links(data)])
    chosen = [data[row] for row in kept]
    splits = assign(
        [clusters[row] for row in kept],
        strata_of([row.target for row in chosen]),
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
        statistics_of(examples, duplicates),
        [
            *duplicate_warnings(duplicates, len(everything)),
            *untested_warnings(wanted),
            *split_warnings(examples, wanted),
        ],
    )


def _rows_like_official(rows: int, clusters: Sequence[int]) -> set[int]:
    taken = set(clusters[rows:])
    return {row for row in range(rows) if clusters[row] in taken}


def _files_of(examples: Sequence[LabeledExample]) -> str:
    return ", ".join(list(dict.fromkeys(row.place.file for row in examples))[:5])
