"""What crosses the HTTP border of feedback."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ANSWERS = ("label", "labels", "value")


class FeedbackRequest(BaseModel):
    """The right answer: to an example of a request that was answered, or to an example that comes with it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prediction: str | None = Field(None, min_length=1, max_length=100, description="The `id` of the answer.")
    index: int = Field(0, ge=0, description="Which of its predictions; 0 is the first.")
    example: dict[str, Any] | None = Field(None, description="Or the example itself, as in a request.")
    label: str | None = Field(None, description="The right answer: a label,")
    labels: list[str] | None = Field(None, description="or a set of labels,")
    value: float | None = Field(None, description="or a number.")

    @property
    def answer(self) -> dict[str, Any]:
        """What was said, by the word that it was said with."""
        return {name: value for name in ANSWERS if (value := getattr(self, name)) is not None}


class FeedbackOut(BaseModel):
    """The right answer to one example, as it is kept."""

    id: str
    model: str
    prediction: str | None = Field(description="The answer that it is about; null where an example was sent.")
    index: int | None
    version: int | None = Field(description="The version that had answered.")
    target: str | list[str] | float = Field(description="The right answer.")
    answer: str | list[str] | float | None = Field(description="What the model had said, where that is known.")
    agrees: bool | None = Field(description="Whether that is the same.")
    revision: int = Field(description="1 is the first word on this example; the last one counts.")
    created_at: datetime
    example: dict[str, Any] = Field(description="The example as it is kept: masked, identities as pseudonyms.")


class FeedbackList(BaseModel):
    """Feedback on a model, the latest first."""

    feedback: list[FeedbackOut]
