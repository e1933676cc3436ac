"""Columns of tensors → examples of a solution, and predictions → tensors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platform_core.api.problems import WrongSchema
from platform_core.api.tensors import OutputTensor, Value
from platform_core.sdk import (
    Columns,
    Derived,
    History,
    LabelsTarget,
    Number,
    NumberTarget,
    Solution,
    Text,
    field_markers,
    open_field,
)
from platform_core.serving.answers import PARTS, SEPARATOR

if TYPE_CHECKING:
    from platform_core.modeling.spec import ModelSpec

_NO_TENSORS = (Columns, Derived, History)


def describe_inputs(solution: Solution, spec: ModelSpec) -> list[dict[str, Any]]:
    """Return the tensors that a model takes: one for each field, and one for each column that it reads."""
    opened = open_field(solution.example)
    fields = solution.example.model_fields
    tensors = [
        _described(name, "FP64" if isinstance(marker, Number) else "BYTES", required=fields[name].is_required())
        for name, marker in field_markers(solution.example).items()
        if not isinstance(marker, _NO_TENSORS)
    ]
    if opened and spec.table:
        places = [(column.place, "FP64") for column in spec.table.columns.numbers]
        places += [(column.place, "BYTES") for column in spec.table.columns.categories]
        tensors += [_described(place.name, kind) for place, kind in places if place.field == opened[0]]
    return tensors


def describe_outputs(solution: Solution, spec: ModelSpec) -> list[dict[str, Any]]:
    """Return the tensors that a model answers with, whatever it is asked."""
    labels = spec.head.labels
    said: dict[str, Any] = {"labels": []} if isinstance(solution.target, LabelsTarget) else {"label": ""}
    some = {"value": 0.0} if isinstance(solution.target, NumberTarget) else said | {"scores": dict.fromkeys(labels, 0)}
    return [tensor.describe() for tensor in answer_tensors([some])]


def make_examples(solution: Solution, columns: Mapping[str, Sequence[Value]]) -> list[dict[str, Any]]:
    """Return one example for each row of the tensors, as JSON types.

    Missing values, and empty strings where no text is asked for, leave a field out; in a table they are null.

    Raises:
        WrongSchema: a tensor is no field of the solution's examples, and they take no table.
    """
    opened = open_field(solution.example)
    markers = {n: m for n, m in field_markers(solution.example).items() if not isinstance(m, _NO_TENSORS)}
    unknown = [name for name in columns if name not in markers]
    if unknown and opened is None:
        raise WrongSchema(
            f"there is no input {unknown[0][:80]!r}", where="inputs", hint=f"the inputs are: {', '.join(markers)}"
        )
    rows = max((len(values) for values in columns.values()), default=0)
    examples: list[dict[str, Any]] = [{} for _ in range(rows)]
    for name, values in columns.items():
        marker = markers.get(name)
        for example, value in zip(examples, values, strict=True):
            given = None if value == "" and not isinstance(marker, Text) else value
            if marker is None and opened is not None:
                example.setdefault(opened[0], {})[name] = given
            elif given is not None:
                example[name] = given
    return examples


def answer_tensors(predictions: Sequence[Mapping[str, Any]]) -> list[OutputTensor]:
    """Return predictions of one model as tensors.

    ``label`` or ``labels`` (with ``|`` between them) and ``scores`` with a column for each label, which its parameter
    ``labels`` names as a list in JSON, and ``abstained``; or ``value``. What else there is, such as an explanation,
    is a tensor of strings: texts as they are, all else in JSON.
    """
    first: Mapping[str, Any] = predictions[0] if predictions else {}
    rows = len(predictions)
    tensors = []
    if "value" in first:
        tensors.append(OutputTensor("value", "FP32", [rows], [p["value"] for p in predictions], {}))
    if "label" in first:
        tensors.append(OutputTensor("label", "BYTES", [rows], [p["label"] for p in predictions], {}))
    if "labels" in first:
        sets = [SEPARATOR.join(p["labels"]) for p in predictions]
        tensors.append(OutputTensor("labels", "BYTES", [rows], sets, {}))
    if "scores" in first:
        names = list(first["scores"])
        scores = [p["scores"][name] for p in predictions for name in names]
        told = {"labels": json.dumps(names, ensure_ascii=False)}
        tensors.append(OutputTensor("scores", "FP32", [rows, len(names)], scores, told))
        tensors.append(OutputTensor("abstained", "BOOL", [rows], [bool(p.get("abstained")) for p in predictions], {}))
    for name in dict.fromkeys(key for p in predictions for key in p if key not in PARTS):
        tensors.append(OutputTensor(name, "BYTES", [rows], [_cell(p.get(name)) for p in predictions], {}))
    return tensors


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _described(name: str, datatype: str, *, required: bool = True) -> dict[str, Any]:
    optional = {} if required else {"parameters": {"optional": True}}
    return {"name": name, "datatype": datatype, "shape": [-1]} | optional
