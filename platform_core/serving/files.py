"""Predicting on files: rows in, the same rows out with columns appended."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import facts_of
from platform_core.datasets.skipped import list_skipped
from platform_core.modeling.model import Model
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Example, Progress, StorageFull, UsageError
from platform_core.serving.answers import PARTS, answer_of
from platform_core.serving.offline import predict_examples

Writer = Callable[[pl.DataFrame, Path], Any]

_WRITERS: Mapping[str, Writer] = {
    ".csv": lambda frame, file: _flat(frame).write_csv(file),
    ".tsv": lambda frame, file: _flat(frame).write_csv(file, separator="\t"),
    ".jsonl": lambda frame, file: frame.write_ndjson(file),
    ".parquet": lambda frame, file: frame.write_parquet(file),
}


@dataclass(frozen=True, kw_only=True)
class PredictFileResult:
    """Predictions on a file or folder.

    Attributes:
        model, version: who predicted.
        predictions: one per usable row, each with the ``file`` and the ``row`` that it is about.
        output: the file that was written, if any.
        bad_rows: how many rows were skipped.
        skipped: these rows: file, row, column, message and hint.
        skipped_output: the file beside ``output`` that lists them, if any.
        warnings: what people should know.
    """

    model: str
    version: int
    predictions: Sequence[Mapping[str, Any]]
    output: str | None
    bad_rows: int
    skipped: Sequence[Mapping[str, Any]]
    skipped_output: str | None
    warnings: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)


def predict_file(
    model: Model,
    version: VersionInfo,
    read: ReadResult,
    *,
    output: Path | None,
    want_explanation: bool,
    most_explained: int | None = None,
    progress: Progress,
) -> PredictFileResult:
    """Predict on what was read; with ``output`` write its rows, all columns as they were, predictions appended.

    Rows that were skipped are listed in a file beside ``output``.

    Raises:
        UsageError: the name of ``output`` tells no format, or its folder does not exist; or more than
            ``most_explained`` rows were to be explained.
        StorageFull: a file could not be written; nothing is left of it.
    """
    write = writer_of(output) if output else None
    if want_explanation and most_explained is not None and len(read.examples) > most_explained:
        raise UsageError(
            f"{len(read.examples):,} rows were to be explained, {most_explained:,} are allowed",
            hint="split the file, leave the explanations out, or use 'verticore predict'",
            details={"limit": most_explained},
        )
    progress.stage("predicting", len(read.examples))
    examples = [e.example for e in read.examples]
    predictions = predict_examples(model, examples, want_explanation=want_explanation, advance=progress.advance)
    skipped = [facts_of(bad) for bad in read.skipped]
    listed: Path | None = None
    if output and write:
        may_abstain = model.spec.decision.abstain_below is not None
        frame = with_predictions(read, answer_columns(predictions, may_abstain=may_abstain))
        _write_whole(frame, output, write)
        listed = list_skipped(skipped, output)
    return PredictFileResult(
        model=version.model,
        version=version.number,
        predictions=[
            prediction | {"file": row.place.file, "row": row.place.row}
            for prediction, row in zip(predictions, read.examples, strict=True)
        ],
        output=str(output) if output else None,
        bad_rows=read.bad_rows,
        skipped=skipped,
        skipped_output=str(listed) if listed else None,
        warnings=[*read.warnings, *_unseen_warnings(model, examples)],
    )


def with_predictions(read: ReadResult, columns_of_answers: Mapping[str, list[Any]]) -> pl.DataFrame:
    """Return the usable rows as they stand in the files, with the columns of their answers appended.

    A column of the file that has such a name already keeps it; the new one gets an underscore in front.
    """
    columns = {name: [values[row] for row in read.rows] for name, values in read.raw.columns.items()}
    for name, values in columns_of_answers.items():
        while name in columns:
            name = f"_{name}"
        columns[name] = values
    return pl.DataFrame(columns, strict=False)


def answer_columns(predictions: Sequence[Mapping[str, Any]], *, may_abstain: bool) -> dict[str, list[Any]]:
    """Return predictions as columns: ``prediction``, ``score_<label>``, ``abstained``, and what else there is.

    Texts and numbers stand as they are, all else in JSON; a row without it is empty. Numbers in explanations have
    four digits that count, and their reasons stand apart, as ``age:high; sex=f``.

    Args:
        predictions: of one model.
        may_abstain: whether the model leaves some answers to people.
    """
    first: Mapping[str, Any] = predictions[0] if predictions else {}
    columns: dict[str, list[Any]] = {"prediction": [answer_of(p) for p in predictions]}
    for label in first.get("scores", ()):
        columns[f"score_{label}"] = [p["scores"][label] for p in predictions]
    if may_abstain:
        columns["abstained"] = [bool(p.get("abstained")) for p in predictions]
    for extra in dict.fromkeys(key for p in predictions for key in p if key not in (*PARTS, "explanation")):
        columns[extra] = [_extra_cell(p.get(extra)) for p in predictions]
    said: list[Mapping[str, Any]] = [p.get("explanation", {}) for p in predictions]
    if any("reasons" in explanation for explanation in said):
        columns["reasons"] = ["; ".join(r["code"] for r in explanation.get("reasons", ())) for explanation in said]
    if any(said):
        parts = [{key: part for key, part in explanation.items() if key != "reasons"} for explanation in said]
        columns["explanation"] = [_extra_cell(_rounded(part)) if part else None for part in parts]
    return columns


def _rounded(value: Any) -> Any:
    """Return a JSON value whose numbers have four digits that count."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _extra_cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def _unseen_warnings(model: Model, examples: Sequence[Example]) -> list[str]:
    """Return one sentence for each column with categories that training did not know."""
    if model.spec.table is None:
        return []
    schema = model.spec.table.columns.model_copy(update={"numbers": ()})
    return [
        f"column {name!r}: {count:,} of {len(examples):,} rows hold a category that training hardly or never saw; "
        "it is read as unknown"
        for name, count in schema.unseen(schema.encode(examples)).items()
    ]


def writer_of(output: Path) -> Writer:
    """Return what writes a table to ``output``.

    Raises:
        UsageError: its name tells no format, or its folder does not exist.
    """
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise UsageError(
            f"the name {output.name!r} tells no format", where="--output", hint=f"end it in {', '.join(_WRITERS)}"
        )
    if not output.parent.is_dir():
        raise UsageError("the folder of the output does not exist", where=str(output.parent))
    return write


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``frame`` with lists and objects, which CSV has no cells for, as JSON."""
    nested = [column for column in frame.get_columns() if column.dtype.is_nested()]
    texts = {c.name: [None if v is None else json.dumps(v, ensure_ascii=False) for v in c.to_list()] for c in nested}
    return frame.with_columns(pl.Series(name, values, pl.String) for name, values in texts.items())


def _write_whole(frame: pl.DataFrame, output: Path, write: Writer) -> None:
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        part = Path(folder) / output.name
        try:
            write(frame, part)
            part.replace(output)
        except OSError as error:
            raise StorageFull(f"the output could not be written: {error}", where=str(output)) from error
