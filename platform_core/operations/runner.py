"""Running operations: input in, checked; output out, checked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from platform_core.datasets.mapping import MappedColumns
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import facts_of
from platform_core.operations.context import Context
from platform_core.operations.results import OperationResult
from platform_core.operations.rows import read_rows
from platform_core.plugin_host import failures
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.service import Registry
from platform_core.sdk import BadInput, Operation, PluginError, Progress, UsageError
from platform_core.sdk.wording import first_complaint
from platform_core.serving.predictor import Predictor


class OperationRunner:
    """Runs the operations of all plugins with one tenant's models.

    Args:
        host: knows the operations.
        registry: the tenant's models.
        predictor: predicts with them.
    """

    def __init__(self, host: PluginHost, registry: Registry, predictor: Predictor) -> None:
        self._host = host
        self._registry = registry
        self._predictor = predictor

    def run(
        self,
        operation_id: str,
        given: Mapping[str, Any],
        *,
        data: str | Path | None,
        mapping: MappedColumns | None,
        skip_bad: bool,
        progress: Progress,
    ) -> OperationResult:
        """Run an operation.

        Args:
            operation_id: its id.
            given: its input as JSON types.
            data: a file or folder whose rows feed the field :attr:`Operation.rows`.
            mapping: which column feeds which field of a row.
            skip_bad: whether rows that cannot be used are skipped and counted.
            progress: is told how it goes.

        Raises:
            NotFound: there is no such operation, or no model that it asks.
            BadInput: the input or the file cannot be used.
            PluginError: the operation failed, or returned something else than it promises.
        """
        started = time.perf_counter()
        operation = self._host.operation(operation_id)
        read = None
        if data is not None:
            if operation.rows in given:
                hint = f"leave {operation.rows!r} out of the input, or --data"
                raise UsageError("the rows are given twice, in the input and as a file", where="--data", hint=hint)
            progress.stage("Reading data")
            read = read_rows(operation, data, mapping=mapping, skip_bad=skip_bad, progress=progress)
        context = Context(operation.title, self._registry, self._host, self._predictor, progress)
        output = run_checked(operation, context, checked_input(operation, given, read))
        return OperationResult(
            operation=operation.id,
            output=output,
            models=context.versions,
            rows=len(read.examples) if read else 0,
            bad_rows=read.bad_rows if read else 0,
            skipped=[facts_of(bad) for bad in read.skipped] if read else (),
            warnings=read.warnings if read else (),
            seconds=time.perf_counter() - started,
        )


def checked_input(
    operation: Operation[Any, Any], given: Mapping[str, Any], read: ReadResult | None = None
) -> BaseModel:
    """Return the operation's input as its type; the rows of ``read`` feed the field that takes rows.

    Raises:
        BadInput: it does not fit; the message names the field.
    """
    values = dict(given)
    if read is not None:
        values[operation.rows] = tuple(row.example for row in read.examples)
    try:
        checked: BaseModel = operation.input.model_validate(values)
    except ValidationError as error:
        raise _unfit(operation, error) from None  # logs show what caused an error: this one quotes the input
    return checked


def run_checked(operation: Operation[Any, Any], context: Any, given: BaseModel) -> BaseModel:
    """Run ``operation`` on checked input, and return its checked output.

    Raises:
        PluginError: it raised what is no error of Verticore, or returned something else than it promises.
    """
    with _guarded(operation):
        returned = operation.run(context, given)
        values = returned.model_dump() if isinstance(returned, BaseModel) else returned
    try:
        checked: BaseModel = operation.output.model_validate(values)
    except ValidationError as error:
        found = first_complaint(error, own_words=False)
        raise PluginError(
            f"the operation {operation.id!r} returned something else than it promises: {found.message}",
            where=found.where or operation.output.__name__,
        ) from None
    return checked


def draw(operation: Operation[Any, Any], output: BaseModel) -> bytes:
    """Return the picture of a result as PNG.

    Raises:
        UsageError: the operation draws none.
        PluginError: it failed.
    """
    if operation.picture is None:
        raise UsageError(f"{operation.id} draws no picture", hint="leave it out")
    with _guarded(operation):
        return operation.picture(output)


def _guarded(operation: Operation[Any, Any]) -> AbstractContextManager[None]:
    module = getattr(operation.run, "__module__", "")
    return failures.guarded(f"the operation {operation.id!r}", str(module))


def _unfit(operation: Operation[Any, Any], error: ValidationError) -> BadInput:
    found = first_complaint(error)
    known = ", ".join(operation.input.model_fields)
    hint = f"the input has: {known}" if known else "the input is empty"
    if operation.rows and found.where == operation.rows and found.kind == "missing":
        hint = f"give a file with --data FILE, or a list; {hint}"
    return BadInput(found.message, where=f"input.{found.where}" if found.where else "input", hint=hint)
