"""What crosses the HTTP border of monitoring."""

from datetime import datetime

from pydantic import BaseModel, Field


class HistorySummary(BaseModel):
    """Requests in some time."""

    requests: int
    examples: int = Field(description="Valid examples in them.")
    errors: dict[str, int] = Field(description="How many failed, by the error's code.")
    mean: float | None = Field(description="Seconds from request to answer, errors included.")
    p50: float | None = Field(description="Percentiles of the seconds, within 5 %.")
    p95: float | None
    p99: float | None


class HistoryPoint(HistorySummary):
    """Requests of one step."""

    at: datetime = Field(description="When the step began.")


class VersionHistoryOut(BaseModel):
    """What one version answered in one role."""

    version: int
    role: str = Field(description="`stable`, `canary` or `shadow`.")
    total: HistorySummary
    points: list[HistoryPoint] = Field(description="Steps with requests, in their order.")


class ModelHistoryOut(BaseModel):
    """What the versions of a model answered, and how quickly."""

    model: str
    since: datetime
    until: datetime
    step_seconds: int = Field(description="Length of a step, chosen by the time that is told of.")
    versions: list[VersionHistoryOut] = Field(description="Newest first.")
