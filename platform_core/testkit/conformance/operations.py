"""Operations: their types, samples and results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platform_core.platform import Platform
from platform_core.sdk import Operation
from platform_core.testkit.conformance.base import Kit
from platform_core.testkit.fake_context import FakeContext
from platform_core.testkit.operation_checks import (
    check_bad_input,
    check_round_trip,
    check_run,
    check_schemas,
    sample_of,
)


class OperationTests(Kit):
    """Operations do what they publish, with answers of models that were never trained."""

    def test_operations_publish_what_they_take_and_give(self, operations: list[Operation[Any, Any]]) -> None:
        """The endpoint publishes both schemas."""
        for operation in operations:
            check_schemas(operation)

    def test_samples_of_operations_are_sound(self, operations: list[Operation[Any, Any]]) -> None:
        """The sample is valid, the same every time, and survives JSON."""
        for operation in operations:
            check_round_trip(sample_of(operation))

    def test_operations_run_on_their_samples(self, operations: list[Operation[Any, Any]], tmp_path: Path) -> None:
        """With answers of models that were never trained: the result is what is promised, and can be drawn."""
        with Platform.open(tmp_path) as platform:
            for operation in operations:
                check_run(operation, FakeContext(platform))

    def test_operations_refuse_bad_input(self, operations: list[Operation[Any, Any]], tmp_path: Path) -> None:
        """A misspelt field or a row that is none is an error that users see, not a default and not a crash."""
        with Platform.open(tmp_path) as platform:
            for operation in operations:
                check_bad_input(operation, FakeContext(platform))
