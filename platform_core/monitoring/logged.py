"""Logged predictions: one row for each example of a request, and the request that such rows make."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
import polars as pl

from platform_core.serving.served import Served

SCHEMA = pl.Schema(
    {
        "id": pl.String(),
        "index": pl.Int32(),
        "count": pl.Int32(),
        "at": pl.Datetime("us", "UTC"),
        "model": pl.String(),
        "version": pl.Int32(),
        "version_id": pl.String(),
        "solution": pl.String(),
        "reference": pl.String(),
        "role": pl.String(),
        "code": pl.String(),
        "seconds": pl.Float64(),
        "example": pl.String(),
        "prediction": pl.String(),
    }
)
"""A row: ``index`` of ``count`` examples of the request ``id``; ``code`` is null where it was answered. ``example`` and
``prediction`` are JSON; ``prediction`` is null after an error."""

Row = tuple[Any, ...]
"""Values in the order of :data:`SCHEMA`."""

_KEY = ["id", "version_id", "index"]


@dataclass(frozen=True, kw_only=True)
class LoggedPrediction:
    """One request, as it was logged.

    Attributes:
        id: what the answer called it.
        at: when it ended.
        model, version, version_id, solution: who was asked.
        reference: what the caller wrote.
        role: why that version was asked: ``stable``, ``canary`` or ``shadow``.
        code: of the error; ``None``: it was answered.
        seconds: from the request to the answer.
        examples: finished examples as JSON types, in the order of the request; ``None`` where a person was erased.
        predictions: as many; ``None`` likewise, and after an error.
    """

    id: str
    at: datetime
    model: str
    version: int
    version_id: str
    solution: str
    reference: str
    role: str
    code: str | None
    seconds: float
    examples: Sequence[Mapping[str, Any] | None]
    predictions: Sequence[Mapping[str, Any] | None]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"at": self.at.isoformat()}


def rows_of(served: Served) -> list[Row]:
    """Return the rows of a request; none where it held no valid example."""
    answers = map(_without_reasons, served.predictions) if served.predictions else itertools.repeat(None)
    return [
        (
            served.id,
            index,
            len(served.examples),
            served.at,
            served.model,
            served.version,
            served.version_id,
            served.solution,
            served.reference,
            served.role,
            served.code,
            served.seconds,
            example.model_dump_json(),
            prediction,
        )
        for index, (example, prediction) in enumerate(zip(served.examples, answers, strict=False))
    ]


def frame_of(rows: Iterable[Row]) -> pl.DataFrame:
    """Return rows as a table."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def distinct(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without those that stand twice, for a moment, while parts are written anew."""
    return frame.unique(_KEY, keep="first", maintain_order=True)


def requests_of(frame: pl.DataFrame) -> list[LoggedPrediction]:
    """Return the requests that the rows of ``frame`` belong to, newest first; its rows are distinct."""
    requests = [
        _request(rows.sort("index").rows(named=True)) for rows in frame.partition_by("id", "version_id", as_dict=False)
    ]
    return sorted(requests, key=lambda request: request.id, reverse=True)


def _request(rows: Sequence[Mapping[str, Any]]) -> LoggedPrediction:
    first = rows[0]
    examples: list[Mapping[str, Any] | None] = [None] * first["count"]
    predictions: list[Mapping[str, Any] | None] = [None] * first["count"]
    for row in rows:
        examples[row["index"]] = orjson.loads(row["example"])
        predictions[row["index"]] = orjson.loads(row["prediction"]) if row["prediction"] is not None else None
    shared = ("id", "at", "model", "version", "version_id", "solution", "reference", "role", "code", "seconds")
    return LoggedPrediction(**{name: first[name] for name in shared}, examples=examples, predictions=predictions)


def _without_reasons(prediction: Mapping[str, Any]) -> str:
    """Return a prediction as JSON; its explanation can be computed again, and is long."""
    kept = {name: value for name, value in prediction.items() if name != "explanation"}
    return orjson.dumps(kept, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode()
