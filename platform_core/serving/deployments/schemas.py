"""What is wanted beside an alias, and what others are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from platform_core.sdk.errors import UsageError
from platform_core.serving.deployments.policy import ArmRole, Limits

MOST_KEYS = 1000
LONGEST_KEY = 200
DEFAULT_PERCENT = 10.0


@dataclass(frozen=True)
class CanaryPlan:
    """A canary as it is wanted.

    Args:
        version: number of the version.
        percent: share of requests that it answers, 0 to 100.
        keys: callers whose requests it always answers.
        limits: what ends it.

    Raises:
        UsageError: nobody would reach it, or a value is out of range.
    """

    version: int
    percent: float = DEFAULT_PERCENT
    keys: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise UsageError(f"{self.percent:g} % is no share of requests", where="percent", hint="give 0 to 100")
        if not self.percent and not self.keys:
            raise UsageError("no request would reach the canary", where="percent", hint="give a percentage or keys")
        if len(self.keys) > MOST_KEYS or not all(0 < len(key) <= LONGEST_KEY for key in self.keys):
            hint = f"give at most {MOST_KEYS} keys of 1 to {LONGEST_KEY} characters"
            raise UsageError("the keys cannot be used", where="keys", hint=hint)


@dataclass(frozen=True)
class ShadowPlan:
    """A shadow as it is wanted: number of the version, and what ends it."""

    version: int
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Plan:
    """What is wanted beside the stable version of an alias; ``None``: nothing."""

    canary: CanaryPlan | None = None
    shadow: ShadowPlan | None = None


@dataclass(frozen=True)
class ArmInfo:
    """A trial, running or ended.

    Attributes:
        role: ``canary`` or ``shadow``.
        version, stable: numbers of what is tried, and of what it is compared with.
        percent, keys: of a canary.
        outcome: how it ended; ``None``: it runs.
        evidence: what was counted: ``stable``, ``tried``, and of one that was rolled back ``limit``, ``text`` and
            ``facts``. Of a running one: as it stands.
    """

    id: str
    role: ArmRole
    version: int
    stable: int
    percent: float
    keys: tuple[str, ...]
    limits: Limits
    outcome: str | None
    evidence: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return vars(self) | {
            "keys": list(self.keys),
            "limits": self.limits.to_dict(),
            "evidence": dict(self.evidence),
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
        }


@dataclass(frozen=True)
class DeploymentInfo:
    """An alias, its stable version, what is tried beside it, and what was, latest first."""

    model: str
    alias: str
    stable: int
    canary: ArmInfo | None
    shadow: ArmInfo | None
    history: Sequence[ArmInfo]

    @property
    def endpoint(self) -> str:
        """What callers ask: ``news@champion``."""
        return f"{self.model}@{self.alias}"

    @property
    def arms(self) -> tuple[ArmInfo, ...]:
        """What is tried now."""
        return tuple(arm for arm in (self.canary, self.shadow) if arm is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "model": self.model,
            "alias": self.alias,
            "stable": self.stable,
            "canary": self.canary.to_dict() if self.canary else None,
            "shadow": self.shadow.to_dict() if self.shadow else None,
            "history": [arm.to_dict() for arm in self.history],
        }
