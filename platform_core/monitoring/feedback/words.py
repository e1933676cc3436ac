"""What callers see of feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from platform_core.monitoring.feedback.tables import FeedbackRow


class Logged(Protocol):
    """A request that was answered, as far as feedback needs to know it."""

    @property
    def model(self) -> str:
        """Name of the model that answered."""

    @property
    def version(self) -> int:
        """Number of its version."""

    @property
    def examples(self) -> Sequence[Mapping[str, Any] | None]:
        """The finished examples as JSON types; ``None`` where a person was erased."""

    @property
    def predictions(self) -> Sequence[Mapping[str, Any] | None]:
        """As many; ``None`` after an error."""


class PredictionFinder(Protocol):
    """Finds requests that were answered."""

    def find(self, identifier: str, /) -> Logged:
        """Return the request that was answered under ``identifier``.

        Raises:
            NotFound: it is not known, or no more.
        """


@dataclass(frozen=True, kw_only=True)
class FeedbackInfo:
    """The right answer to one example, as it is kept.

    Attributes:
        id: of this word.
        model: name of the model that it is for.
        prediction, index: the answered example that it is about; ``None`` where an example was sent.
        version: the version that had answered.
        target: the right answer: a label, a list of labels, or a number.
        answer: what the model had said; ``None`` where that is not known.
        revision: 1 is the first word on this example; the last one counts.
        created_at: when it was said.
        example: the finished example, as JSON types.
    """

    id: str
    model: str
    prediction: str | None
    index: int | None
    version: int | None
    target: Any
    answer: Any
    revision: int
    created_at: datetime
    example: Mapping[str, Any]

    @property
    def agrees(self) -> bool | None:
        """Whether the model had said the same; ``None`` where that is not known."""
        return None if self.answer is None else self.answer == self.target

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"agrees": self.agrees, "created_at": self.created_at.isoformat()}


def describe(row: FeedbackRow) -> FeedbackInfo:
    """Return what callers see of a row."""
    return FeedbackInfo(
        id=row.id,
        model=row.model,
        prediction=row.prediction,
        index=row.position,
        version=row.version,
        target=row.target,
        answer=row.answer,
        revision=row.revision,
        created_at=row.created_at,
        example=row.example,
    )
