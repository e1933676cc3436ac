"""A dataset version as files: ``examples.parquet``, a column per field, and ``dataset.json`` about it.

The digest covers the examples, their splits and the options, in order; not names of files, not the time of day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from platform_core.datasets.records import LabeledExample
from platform_core.sdk import DataError, Example, Place

EXAMPLES_FILE = "examples.parquet"
FACTS_FILE = "dataset.json"
_FORMAT = 1
_SPLIT, _FILE, _ROW = "_split", "_file", "_row"


def digest_of(solution: str, options: Mapping[str, Any], examples: Sequence[LabeledExample]) -> str:
    """Return the SHA-256 that names the version."""
    digest = hashlib.sha256()
    digest.update(_canonical({"format": _FORMAT, "solution": solution, "options": options}))
    for row in examples:
        digest.update(row.example.model_dump_json().encode())
        digest.update(_canonical([row.target, row.split, row.group]))
    return digest.hexdigest()


def write_version(folder: Path, examples: Sequence[LabeledExample], facts: Mapping[str, Any]) -> None:
    """Write the files of a version into ``folder``."""
    import polars

    dumped = [row.example.model_dump(mode="json") for row in examples]
    columns: dict[str, list[Any]] = {name: [values[name] for values in dumped] for name in dumped[0]}
    columns["label"] = [row.target for row in examples]
    columns["group"] = [row.group for row in examples]
    columns[_SPLIT] = [row.split for row in examples]
    columns[_FILE] = [row.place.file for row in examples]
    columns[_ROW] = [row.place.row for row in examples]
    frame = polars.DataFrame(columns, strict=False, infer_schema_length=None)
    frame.write_parquet(folder / EXAMPLES_FILE, compression="zstd")
    text = json.dumps({"format": _FORMAT, **facts}, indent=2, ensure_ascii=False, sort_keys=True)
    (folder / FACTS_FILE).write_text(text + "\n", encoding="utf-8")


def read_version(folder: Path, example_type: type[Example], splits: Collection[str] | None) -> list[LabeledExample]:
    """Return the examples of a version, those of ``splits`` only where given.

    Raises:
        DataError: the plugin's example type no longer takes what was stored.
    """
    import polars

    frame = polars.read_parquet(folder / EXAMPLES_FILE)
    if splits is not None:
        frame = frame.filter(polars.col(_SPLIT).is_in(list(splits)))
    names = [name for name in example_type.model_fields if name in frame.columns]
    return [_example(values, names, example_type) for values in frame.iter_rows(named=True)]


def _example(values: Mapping[str, Any], names: Sequence[str], example_type: type[Example]) -> LabeledExample:
    place = Place(values[_FILE], values[_ROW])
    try:
        example = example_type.model_validate({name: values[name] for name in names})
    except ValidationError as error:
        raise DataError(
            f"the stored example does not fit the plugin any more: {error.errors()[0]['msg']}",
            where=str(place),
            hint="import the data again with the installed plugin",
        ) from error
    return LabeledExample(example, values["label"], values[_SPLIT], values["group"], place)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
