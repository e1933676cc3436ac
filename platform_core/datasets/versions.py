"""A dataset version as files: ``examples.parquet``, a column per field, and ``dataset.json`` about it.

The columns of open and derived fields are stored as ``<field>.<column>``, numbers as numbers; histories are not stored,
only what was derived from them. The digest covers the examples,
their targets, splits and moments, and the options, in order; not names of files, not the time of day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from platform_core.datasets.records import LabeledExample
from platform_core.sdk import (
    Columns,
    DataError,
    Derived,
    Example,
    History,
    Place,
    TargetValue,
    field_markers,
    only_field,
)
from platform_core.sdk.wording import first_complaint

if TYPE_CHECKING:
    import polars

EXAMPLES_FILE = "examples.parquet"
FACTS_FILE = "dataset.json"
_FORMAT = 1
LABEL, GROUP, SPLIT, FILE = "label", "group", "_split", "_file"
_ROW, _TIME = "_row", "_time"


def digest_of(solution: str, options: Mapping[str, Any], examples: Sequence[LabeledExample]) -> str:
    """Return the SHA-256 that names the version."""
    digest = hashlib.sha256()
    digest.update(_canonical({"format": _FORMAT, "solution": solution, "options": options}))
    for row in examples:
        digest.update(row.example.model_dump_json().encode())
        facts = [row.target, row.split, row.group]
        digest.update(_canonical(facts if row.time is None else [*facts, row.time]))
    return digest.hexdigest()


def write_version(folder: Path, examples: Sequence[LabeledExample], facts: Mapping[str, Any]) -> None:
    """Write the files of a version into ``folder``."""
    import polars

    columns = [polars.Series(name, values, strict=False) for name, values in _fields(examples).items()]
    columns += [
        _targets([row.target for row in examples]),
        polars.Series(GROUP, [row.group for row in examples], dtype=polars.String),
        polars.Series(SPLIT, [row.split for row in examples], dtype=polars.String),
        polars.Series(FILE, [row.place.file for row in examples], dtype=polars.String),
        polars.Series(_ROW, [row.place.row for row in examples], dtype=polars.Int64),
        polars.Series(_TIME, [row.time for row in examples], dtype=polars.String),
    ]
    polars.DataFrame(columns).write_parquet(folder / EXAMPLES_FILE, compression="zstd")
    write_facts(folder, facts)


def write_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write what is told of a version into ``folder``."""
    text = json.dumps({"format": _FORMAT, **facts}, indent=2, ensure_ascii=False, sort_keys=True)
    (folder / FACTS_FILE).write_text(text + "\n", encoding="utf-8")


def read_facts(folder: Path) -> dict[str, Any]:
    """Return what is told of a version."""
    facts: dict[str, Any] = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    return facts


def read_version(folder: Path, example_type: type[Example], splits: Collection[str] | None) -> list[LabeledExample]:
    """Return the examples of a version, those of ``splits`` only where given.

    Raises:
        DataError: the plugin's example type no longer takes what was stored.
    """
    import polars

    frame = polars.read_parquet(folder / EXAMPLES_FILE)
    if splits is not None:
        frame = frame.filter(polars.col(SPLIT).is_in(list(splits)))
    names = [name for name in example_type.model_fields if name in frame.columns]
    tables = {name: _stored_columns(frame, name) for name in _tables_of(example_type)}
    examples = []
    for values in frame.iter_rows(named=True):
        fields = {name: values[name] for name in names}
        for field, columns in tables.items():
            fields[field] = {column: values[stored] for column, stored in columns.items()}
        examples.append(_example(values, fields, example_type))
    return examples


def _tables_of(example_type: type[Example]) -> list[str]:
    """Return the fields that hold many columns."""
    markers = field_markers(example_type)
    return [name for name, marker in markers.items() if isinstance(marker, Columns | Derived)]


def _stored_columns(frame: polars.DataFrame, field: str) -> dict[str, str]:
    """Return the columns of such a field, by name in the example the name in the file."""
    prefix = f"{field}."
    return {name.removeprefix(prefix): name for name in frame.columns if name.startswith(prefix)}


def _fields(examples: Sequence[LabeledExample]) -> dict[str, list[Any]]:
    """Return the stored columns of the inputs."""
    example_type = type(examples[0].example)
    history = only_field(example_type, History)
    dumped = [row.example.model_dump(mode="json", exclude={history[0]} if history else None) for row in examples]
    columns: dict[str, list[Any]] = {name: [values[name] for values in dumped] for name in dumped[0]}
    for name in _tables_of(example_type):
        cells = columns.pop(name)
        for column in dict.fromkeys(column for row in cells for column in row):
            columns[f"{name}.{column}"] = [row.get(column) for row in cells]
    return columns


def _targets(values: Sequence[TargetValue | None]) -> polars.Series:
    """Return the targets as a column of their kind: text, lists of text, or numbers."""
    import polars

    kinds: dict[type, Any] = {float: polars.Float64, tuple: polars.List(polars.String), str: polars.String}
    kind = next((type(value) for value in values if value is not None), str)
    return polars.Series(LABEL, [list(v) if isinstance(v, tuple) else v for v in values], dtype=kinds[kind])


def _example(values: Mapping[str, Any], fields: Mapping[str, Any], example_type: type[Example]) -> LabeledExample:
    place = Place(values[FILE], values[_ROW])
    try:
        example = example_type.model_validate(fields)
    except ValidationError as error:
        raise DataError(
            f"the stored example does not fit the plugin any more: {first_complaint(error).message}",
            where=str(place),
            hint="import the data again with the installed plugin",
        ) from error
    target = tuple(values[LABEL]) if isinstance(values[LABEL], list) else values[LABEL]
    # Versions of release 0.1 hold no moments.
    return LabeledExample(example, target, values[SPLIT], values[GROUP], place, values.get(_TIME))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
