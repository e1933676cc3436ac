"""What the kit asks of operations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from platform_core.operations.runner import checked_input, run_checked
from platform_core.sdk import BadInput, Operation, PluginError, row_type
from platform_core.testkit.fake_context import FakeContext

_PNG = b"\x89PNG\r\n\x1a\n"


def sample_of(operation: Operation[Any, Any]) -> BaseModel:
    """Return the operation's sample as its input; a program that sends it as JSON gets the same."""
    given = dict(operation.sample())
    assert dict(operation.sample()) == given, f"{operation.id} has another sample every time"
    checked = checked_input(operation, json.loads(json.dumps(given)))
    assert checked == checked_input(operation, given), operation.id
    return checked


def check_round_trip(value: BaseModel) -> None:
    """Python → JSON → Python gives the same; NaN and infinities do not survive it."""
    assert type(value).model_validate_json(value.model_dump_json()) == value, type(value).__name__


def check_run(operation: Operation[Any, Any], context: FakeContext) -> None:
    """The sample runs, gives what the operation promises, twice the same, and a picture where it draws one."""
    try:
        output = run_checked(operation, context, sample_of(operation))
        again = run_checked(operation, context, sample_of(operation))
    except PluginError as error:
        error.__suppress_context__ = False  # a sample is nobody's secret: its author wants to see what went wrong
        raise
    check_round_trip(output)
    assert again == output, f"{operation.id} gives another result for the same input"
    if operation.picture is not None:
        assert operation.picture(output).startswith(_PNG), f"the picture of {operation.id} is no PNG"


def check_bad_input(operation: Operation[Any, Any], context: FakeContext) -> None:
    """A misspelt field is an error, and so are rows that are none; no rows are an error or a result, never a crash."""
    sample = dict(operation.sample())
    _refused(operation, {**sample, "no_such_field": 1})
    if row_type(operation) is None:
        return
    _refused(operation, {**sample, operation.rows: [{"no_such_field": 1}]})
    _refused(operation, {**sample, operation.rows: "rows"})
    try:
        empty = checked_input(operation, {**sample, operation.rows: []})
        run_checked(operation, context, empty)
    except BadInput as error:
        assert error.hint, f"{operation.id} does not say what to do where there are no rows"


def check_schemas(operation: Operation[Any, Any]) -> None:
    """The endpoint publishes both schemas: JSON, with every field."""
    for model in (operation.input, operation.output):
        schema = json.loads(json.dumps(model.model_json_schema()))
        assert set(schema.get("properties", {})) == set(model.model_fields), f"{operation.id}: {model.__name__}"


def _refused(operation: Operation[Any, Any], given: Mapping[str, Any]) -> None:
    with pytest.raises(BadInput):
        checked_input(operation, given)
