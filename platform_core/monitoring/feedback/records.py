"""From finished examples to rows of feedback, and back to examples that models learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.roles import roles_of
from platform_core.monitoring.feedback.tables import FeedbackRow
from platform_core.monitoring.feedback.targets import as_target
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import DataError, Example, Place, TargetValue, read_moment


def row_of(tenant: str, version: VersionInfo, example: Example, target: TargetValue) -> FeedbackRow:
    """Return a word on an example that was sent; id and revision come when it is written."""
    content, history = example.content_hash(), roles_of(type(example)).history
    return FeedbackRow(
        id="",
        tenant=tenant,
        model=version.model,
        solution=version.solution,
        about=content,
        revision=0,
        content=content,
        example=example.model_dump(mode="json", exclude={history} if history else None),
        target=list(target) if isinstance(target, tuple) else target,
    )


def labelled(row: FeedbackRow, example_type: type[Example]) -> LabeledExample:
    """Return a word as a row to learn from: its place names it, its time is the example's or that of the word.

    Raises:
        DataError: the plugin no longer takes the example.
    """
    example = restored(example_type, row.example, row.id)
    moment = roles_of(example_type).moment
    when = getattr(example, moment) if moment else None
    time = when if when is not None and read_moment(when) is not None else row.created_at.isoformat()
    return LabeledExample(example, as_target(row.target), "", None, Place(f"feedback {row.id}", 1), time)


def restored(example_type: type[Example], stored: Mapping[str, Any], where: str) -> Example:
    """Return a stored example.

    Raises:
        DataError: the plugin no longer takes it; names ``where``.
    """
    try:
        return example_type.model_validate(stored)
    except ValidationError as error:
        raise DataError(
            "the example does not fit the installed plugin any more", where=where, hint="send the example instead"
        ) from error
