"""Counts of what a version did, small enough to be kept in one row, and to be added up over processes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from platform_core.serving.deployments.policy import Answers, Outcome
from platform_core.serving.latencies import bucket_of, edge_of

MOST_LABELS = 500
REST = "…"
"""Stands for all labels after the first :data:`MOST_LABELS`."""
_LONGEST_LABEL = 200
_SHOWN = 10
_ROUNDING = 1e-6
_NEAR = 0.1
"""Numbers agree where they differ by no more than this share of the larger one."""


@dataclass
class Tally:
    """What one version did in some requests.

    Attributes:
        requests: that it was asked, and either answered or failed.
        failures: those that it failed.
        seconds: bucket → answered requests, see :mod:`platform_core.serving.latencies`.
        labels: label → weight; the answers to one request weigh 1 together, numbers count by their power of two.
        compared: requests whose answers were compared.
        differing: the sum over those of the share of answers that differ.
    """

    requests: int = 0
    failures: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    labels: dict[str, float] = field(default_factory=dict)
    compared: int = 0
    differing: float = 0.0

    def add(self, outcome: Outcome, *, timed: bool = True, labelled: bool = True) -> None:
        """Count a request.

        Args:
            outcome: what became of it.
            timed, labelled: whether its seconds and its answers count.
        """
        self.requests += 1
        self.failures += outcome.failed
        if outcome.failed:
            return
        if timed:
            self.seconds[bucket_of(outcome.seconds)] += 1
        if labelled and outcome.answers:
            for answer in outcome.answers:
                self._add_label(_label_of(answer), 1 / len(outcome.answers))

    def add_comparison(self, mine: Answers, theirs: Answers) -> None:
        """Count a request that was asked twice; answers to one example stand at the same place."""
        pairs = list(zip(mine, theirs, strict=True))
        if pairs:
            self.compared += 1
            self.differing += sum(_differ(a, b) for a, b in pairs) / len(pairs)

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Self:
        """Return the sum."""
        total = cls()
        for tally in tallies:
            total.requests += tally.requests
            total.failures += tally.failures
            total.seconds.update(tally.seconds)
            for label, weight in tally.labels.items():
                total._add_label(label, weight)
            total.compared += tally.compared
            total.differing += tally.differing
        return total

    def since(self, before: Tally) -> Tally:
        """Return what was added to ``before``, which was this tally once."""
        labels = {label: weight - before.labels.get(label, 0.0) for label, weight in self.labels.items()}
        return Tally(
            self.requests - before.requests,
            self.failures - before.failures,
            self.seconds - before.seconds,
            {label: weight for label, weight in labels.items() if weight > _ROUNDING},
            self.compared - before.compared,
            self.differing - before.differing,
        )

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` returned."""
        seconds = Counter({int(bucket): count for bucket, count in counts["seconds"].items()})
        return cls(**{**counts, "seconds": seconds})

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        seconds = {str(bucket): count for bucket, count in self.seconds.items()}
        return {**vars(self), "seconds": seconds, "labels": dict(self.labels)}

    @property
    def timed(self) -> int:
        """Answered requests whose seconds count."""
        return self.seconds.total()

    @property
    def error_rate(self) -> float | None:
        """Share of failed requests."""
        return self.failures / self.requests if self.requests else None

    @property
    def disagreement(self) -> float | None:
        """Share of compared answers that differ."""
        return self.differing / self.compared if self.compared else None

    def quantile(self, share: float) -> float | None:
        """Return seconds within which ``share`` of the requests were answered, rounded up to a bucket's end."""
        wanted = math.ceil(share * self.timed)
        for bucket in sorted(self.seconds):
            wanted -= self.seconds[bucket]
            if wanted <= 0:
                return edge_of(bucket)
        return None

    def slower(self, seconds: float) -> int:
        """Return how many requests surely took longer than ``seconds``."""
        return sum(count for bucket, count in self.seconds.items() if edge_of(bucket - 1) >= seconds)

    def summary(self) -> dict[str, Any]:
        """Return what people compare, as JSON types: counts, error rate, percentiles, the most frequent labels."""
        weight = sum(self.labels.values())
        frequent = sorted(self.labels.items(), key=lambda entry: -entry[1])[:_SHOWN]
        return {
            "requests": self.requests,
            "failures": self.failures,
            "error_rate": self.error_rate,
            "p50_seconds": self.quantile(0.5),
            "p95_seconds": self.quantile(0.95),
            "labels": {label: part / weight for label, part in frequent},
            "compared": self.compared,
            "disagreement": self.disagreement,
        }

    def _add_label(self, label: str, weight: float) -> None:
        name = label if label in self.labels or len(self.labels) < MOST_LABELS else REST
        self.labels[name] = self.labels.get(name, 0.0) + weight


def _label_of(answer: str | float) -> str:
    if isinstance(answer, str):
        return answer[:_LONGEST_LABEL]
    if not answer:
        return "0"
    power = f"2^{round(math.log2(abs(answer)))}"
    return power if answer > 0 else f"-{power}"


def _differ(first: str | float, second: str | float) -> bool:
    if isinstance(first, str) or isinstance(second, str):
        return first != second
    return abs(first - second) > _NEAR * max(abs(first), abs(second))
