"""What crosses the HTTP border of deployments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from platform_core.serving.deployments.policy import Limits
from platform_core.serving.deployments.schemas import DEFAULT_PERCENT, CanaryPlan, Plan, ShadowPlan

_USUAL = Limits()


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LimitsIn(_In):
    """What ends a trial; null: it is not judged by that."""

    errors: float | None = Field(
        _USUAL.errors, description="How far the share of failed requests may be above the stable version's."
    )
    latency: float | None = Field(
        _USUAL.latency, description="How many times the stable version's 95th percentile a canary's may be."
    )
    disagreement: float | None = Field(
        _USUAL.disagreement,
        description="Of a shadow: the share of answers that may differ; of a canary: how far the distribution of its "
        "labels may be from the stable version's.",
    )


class CanaryIn(_In):
    """A version that answers a part of the requests."""

    version: int = Field(ge=1, description="Number of the version.")
    percent: float = Field(DEFAULT_PERCENT, ge=0, le=100, description="Share of the requests that it answers.")
    keys: list[str] = Field(default_factory=list, description="Callers (`Verticore-Key`) whose requests it answers.")
    limits: LimitsIn = Field(default_factory=LimitsIn)


class ShadowIn(_In):
    """A version that is asked the same as the stable one; its answers are compared and thrown away."""

    version: int = Field(ge=1, description="Number of the version.")
    limits: LimitsIn = Field(default_factory=LimitsIn)


class DeploymentIn(_In):
    """What is to be tried beside the stable version; null: nothing."""

    canary: CanaryIn | None = Field(
        None, description="`version`; `percent`, 10 by default; `keys`; `limits` (`errors`, `latency`, `disagreement`)."
    )
    shadow: ShadowIn | None = Field(None, description="`version`; `limits` (`errors`, `disagreement`).")

    def plan(self) -> Plan:
        """Return it as the service takes it.

        Raises:
            UsageError: it makes no sense.
        """
        canary, shadow = self.canary, self.shadow
        return Plan(
            CanaryPlan(canary.version, canary.percent, tuple(canary.keys), _limits(canary.limits)) if canary else None,
            ShadowPlan(shadow.version, _limits(shadow.limits)) if shadow else None,
        )


class ArmOut(BaseModel):
    """A trial of a version, running or ended."""

    id: str
    role: Literal["canary", "shadow"]
    version: int
    stable: int = Field(description="Number of the version that it is compared with.")
    percent: float
    keys: list[str]
    limits: dict[str, float | None]
    outcome: str | None = Field(
        description="`promoted`, `rolled_back`, `stopped`, `replaced`, `superseded`; null: it runs."
    )
    evidence: dict[str, Any] = Field(
        description="What was counted, `stable` and `tried`; after a roll-back the `limit`, a `text` and the `facts`."
    )
    started_at: datetime
    ended_at: datetime | None


class DeploymentOut(BaseModel):
    """An alias: the version that answers, what is tried beside it, and what was tried, latest first."""

    model: str
    alias: str
    stable: int
    canary: ArmOut | None = Field(description="What runs, with `evidence`: what was counted until a second ago.")
    shadow: ArmOut | None
    history: list[ArmOut] = Field(description="Each with its `outcome`, and `evidence`.")


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its definitions in the places of the references to them."""
    definitions = schema.pop("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, list):
            return [resolve(item) for item in part]
        if not isinstance(part, dict):
            return part
        name = str(part.get("$ref", "")).removeprefix("#/$defs/")
        return (
            resolve(definitions[name] | {k: v for k, v in part.items() if k != "$ref"})
            if name
            else {key: resolve(value) for key, value in part.items()}
        )

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def _limits(limits: LimitsIn) -> Limits:
    return Limits.of(limits.model_dump())
