"""What crosses the HTTP border."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class PredictRequest(BaseModel):
    """Examples to predict on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    examples: list[dict[str, Any]] = Field(min_length=1, description="Inputs of the model's solution.")
    explain: bool = Field(False, description="Whether each prediction says what moved it.")


class PredictResponse(BaseModel):
    """The answer: which version gave it, and one prediction per example, in their order."""

    model: str
    version: int
    predictions: list[dict[str, Any]]


class ModelOut(BaseModel):
    """A model."""

    name: str
    solution: str
    versions: int = Field(description="How many versions there are.")
    newest: int | None = Field(description="Number of the newest version.")
    aliases: dict[str, int] = Field(description="Alias → version.")


class ModelList(BaseModel):
    """All models."""

    models: list[ModelOut]


class VersionOut(BaseModel):
    """A version of a model."""

    model: str
    number: int
    solution: str
    method: str
    encoder: str
    metrics: dict[str, Any]
    aliases: list[str]
    created_at: datetime
    size_bytes: int


class ModelDetail(ModelOut):
    """A model with its versions, newest first."""

    history: list[VersionOut]


class Health(BaseModel):
    """How the server is."""

    status: str
