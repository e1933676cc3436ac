"""What is told of a model's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from platform_core.monitoring.history.counting import Counts
from platform_core.serving.latencies import percentile


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Requests in some time.

    Attributes:
        requests: how many ended.
        examples: how many valid examples they held.
        errors: how many failed, by the error's code.
        mean, p50, p95, p99: seconds from request to answer, errors included; percentiles are within 5 %; ``None``
            without requests.
    """

    requests: int
    examples: int
    errors: Mapping[str, int]
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, counts: Counts) -> Summary:
        """Sum up counts."""
        return cls(
            requests=counts.requests,
            examples=counts.examples,
            errors=dict(counts.errors),
            mean=counts.seconds / counts.requests if counts.requests else None,
            p50=percentile(counts.latencies, 0.5),
            p95=percentile(counts.latencies, 0.95),
            p99=percentile(counts.latencies, 0.99),
        )

    @property
    def error_share(self) -> float:
        """The share of the requests that failed."""
        return sum(self.errors.values()) / self.requests if self.requests else 0.0


_NOTHING = Summary.of(Counts())


@dataclass(frozen=True, kw_only=True)
class VersionHistory:
    """What one version answered in one role.

    Attributes:
        version: its number.
        role: ``stable``, ``canary`` or ``shadow``.
        total: of the whole time.
        points: start and summary of each step with requests, in their order.
    """

    version: int
    role: str
    total: Summary
    points: Sequence[tuple[datetime, Summary]]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        points = [{"at": at.isoformat()} | asdict(summary) for at, summary in self.points]
        return {"version": self.version, "role": self.role, "total": asdict(self.total), "points": points}


@dataclass(frozen=True, kw_only=True)
class ModelHistory:
    """What the versions of a model answered.

    Attributes:
        model: its name.
        since, until: the time that is told of.
        step_seconds: length of a step.
        versions: newest first; in each, who answered before who was compared in silence.
    """

    model: str
    since: datetime
    until: datetime
    step_seconds: int
    versions: Sequence[VersionHistory]

    def steps_of(self, version: VersionHistory) -> list[tuple[datetime, Summary]]:
        """Return all steps of a version from its first to its last one with requests; in those between were none."""
        known = dict(version.points)
        first, last = version.points[0][0], version.points[-1][0]
        step = timedelta(seconds=self.step_seconds)
        moments = (first + step * index for index in range(int((last - first) / step) + 1))
        return [(at, known.get(at, _NOTHING)) for at in moments]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "model": self.model,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "step_seconds": self.step_seconds,
            "versions": [version.to_dict() for version in self.versions],
        }
