"""What a gate found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from platform_core.evaluation import Comparison
from platform_core.evaluation.paired_slices import PairedSlice
from platform_core.monitoring.gating.policy import Check, GateLimits, Latencies


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Examples that both models answered.

    Attributes:
        source: where they are from, in words.
        n: how many; ``seen`` more were left out, since one of the models had learned from their inputs.
        comparison: the present model and the candidate; ``None`` where there are no examples.
    """

    source: str
    n: int
    seen: int
    comparison: Comparison | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        facts = asdict(self)
        return facts | {"comparison": self.comparison.to_dict() if self.comparison else None}


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """Whether a version may take the place of another, and why.

    Attributes:
        candidate, present: the versions, ``name:number``; the second is the one that is in place.
        alias: that would move; ``None`` where the candidate was judged against a version.
        solution: of both.
        passed: whether the gate opens.
        promoted: whether the alias was moved.
        checks: the questions and their answers.
        test: on the examples that were held out.
        feedback: on what people said since.
        slices: parts of the test examples.
        latencies: of single answers.
        limits: what was accepted.
        at: when it was judged, UTC.
    """

    candidate: str
    present: str
    alias: str | None
    solution: str
    passed: bool
    promoted: bool = False
    checks: Sequence[Check]
    test: Judged
    feedback: Judged
    slices: Sequence[PairedSlice]
    latencies: Latencies | None
    limits: GateLimits
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        facts = asdict(self) | {"at": self.at.isoformat(timespec="seconds")}
        return facts | {"test": self.test.to_dict(), "feedback": self.feedback.to_dict()}
