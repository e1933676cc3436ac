"""A dataset version without some of its rows: the same in all else.

Rows are found and left out in the stored table, so that nobody's data stays because a plugin is gone or has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_core.datasets.describing import label_warnings, split_warnings, statistics_of
from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.likeness import count_conflicts, count_linked, duplicates_of
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import SPLITS
from platform_core.datasets.tombstones import Pseudonym
from platform_core.datasets.versions import EXAMPLES_FILE, FILE, GROUP, LABEL, SPLIT
from platform_core.sdk import IntegrityError, Target

if TYPE_CHECKING:
    import polars

_QUOTES = re.compile(r"(.*?\b(?:skipped|(?:read|taken) as missing|not used)): .*", re.DOTALL)
"""Warnings of imports that quote rows after a colon."""

_OF_LABELS = re.compile(r"some labels are not among|the (?:train|validation|test) split ")
"""Warnings of imports on labels, which may have gone."""


def rows_of(file: Path, subject: str, pseudonym: Pseudonym) -> list[int]:
    """Return which rows of the stored examples are about ``subject``: a field holds that hash, or it is their group's.

    Raises:
        IntegrityError: the file cannot be read.
    """
    import polars

    frame = _read(file)
    groups = [group for group in frame[GROUP].unique() if group is not None and pseudonym(group) == subject]
    texts = [name for name, kind in frame.schema.items() if kind == polars.String]
    about = polars.any_horizontal(polars.col(texts) == subject) | polars.col(GROUP).is_in(groups)
    return frame.select(about.fill_null(False).arg_true()).to_series().to_list()


def digest_without(digest: str, rows: Sequence[int]) -> str:
    """Return the SHA-256 that names the version ``digest`` without ``rows``."""
    return hashlib.sha256(json.dumps({"of": digest, "without": list(rows)}).encode()).hexdigest()


def write_without(source: Path, target: Path, rows: Sequence[int]) -> None:
    """Write the examples of the folder ``source`` without ``rows`` into the folder ``target``."""
    import polars

    gone = polars.Series(rows, dtype=polars.UInt32).implode()
    frame = _read(source / EXAMPLES_FILE).with_row_index("_index")
    frame.filter(~polars.col("_index").is_in(gone)).drop("_index").write_parquet(
        target / EXAMPLES_FILE, compression="zstd"
    )


def statistics_without(folder: Path, examples: Sequence[LabeledExample], before: DatasetInfo) -> dict[str, Any]:
    """Return the statistics of a version that was written without some rows.

    Args:
        folder: where it was written.
        examples: its examples; none where no plugin takes them, or none are left: then rows and labels are counted.
        before: the version with these rows.
    """
    if examples:
        found = duplicates_of(examples)
        duplicates = {
            "exact": len(found.exact),
            "near": count_linked(found.near),
            "conflicts": count_conflicts(examples),
            "left_out": before.statistics.get("duplicates", {}).get("left_out", 0),
        }
        statistics = statistics_of(examples, duplicates)
    else:
        statistics = _counted(_read(folder / EXAMPLES_FILE))
    present = set().union(*statistics["labels"].values())
    return statistics | {"label_order": [label for label in before.labels if label in present]}


def files_in(folder: Path) -> set[str]:
    """Return the names of the files that the examples in ``folder`` were read from."""
    return set(_read(folder / EXAMPLES_FILE)[FILE].unique())


def provenance_without(provenance: Mapping[str, Any], files: Collection[str]) -> dict[str, Any]:
    """Return the provenance without ``files``, of which no row is left: one person's file may bear their name."""
    kept = [file for file in provenance.get("files", ()) if file["name"] not in files]
    return {**provenance, "files": kept}


def kept_warnings(warnings: Sequence[str]) -> list[str]:
    """Return the warnings of an import as far as they hold without some of its rows, and quote none of them."""
    kept = (warning for warning in warnings if not _OF_LABELS.match(warning))
    return [_QUOTES.sub(r"\1", warning) for warning in kept]


def warnings_of(examples: Sequence[LabeledExample], target: Target) -> list[str]:
    """Return what people should know of the examples that are left."""
    splits = [name for name in SPLITS if any(row.split == name for row in examples)]
    return [*label_warnings(examples, target), *split_warnings(examples, splits)]


def sentence(step: Mapping[str, Any]) -> str:
    """Return an erasure in words: one of :attr:`DatasetInfo.erased`."""
    were = "row of a person was" if step["rows"] == 1 else "rows of a person were"
    return f"{step['rows']:,} {were} erased on {step['at'][:10]}"


def _counted(frame: polars.DataFrame) -> dict[str, Any]:
    by_split = {name: frame.filter(frame[SPLIT] == name) for name in SPLITS}
    return {
        "rows": {name: part.height for name, part in by_split.items()},
        "labels": {name: _labels(part[LABEL].to_list()) for name, part in by_split.items()},
        "groups": frame[GROUP].drop_nulls().n_unique(),
    }


def _labels(values: Sequence[Any]) -> dict[str, int]:
    parts = (value if isinstance(value, list) else [value] for value in values)
    return dict(Counter(label for part in parts for label in part if isinstance(label, str)).most_common())


def _read(file: Path) -> polars.DataFrame:
    import polars

    try:
        return polars.read_parquet(file)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise IntegrityError("the stored examples cannot be read", where=str(file)) from error
