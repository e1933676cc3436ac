"""Changing a deployment by what is said of it: the rest stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from platform_core.registry.references import Reference
from platform_core.registry.service import CHAMPION
from platform_core.sdk.errors import UsageError
from platform_core.serving.deployments.policy import Limits
from platform_core.serving.deployments.schemas import (
    DEFAULT_PERCENT,
    ArmInfo,
    CanaryPlan,
    DeploymentInfo,
    Plan,
    ShadowPlan,
)


@dataclass(frozen=True)
class Change:
    """What somebody wants otherwise; ``None`` and nothing: as it is.

    Attributes:
        canary, shadow: numbers of versions to try.
        percent, keys: of the canary; keys replace those before.
        limits: by name, for what is tried by then.
    """

    canary: int | None = None
    percent: float | None = None
    keys: tuple[str, ...] | None = None
    shadow: int | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)


def planned(current: DeploymentInfo, change: Change) -> Plan:
    """Return what is to be tried after a change; another version than before begins with the defaults.

    Raises:
        UsageError: nothing is to change, or there is no canary whose share could.
    """
    if change == Change():
        raise UsageError(f"it is not said what to try beside {current.endpoint}", hint="give --canary or --shadow")
    canary, shadow = _going_on(current.canary, change.canary), _going_on(current.shadow, change.shadow)
    if change.canary is None and canary is None and (change.percent is not None or change.keys is not None):
        raise UsageError(f"{current.endpoint} has no canary", hint="say which version is to be it with --canary")
    if change.canary is None and change.shadow is None and not current.arms:
        raise UsageError(f"nothing is tried beside {current.endpoint}", hint="give --canary or --shadow")
    return Plan(_canary(canary, change), _shadow(shadow, change))


def read_endpoint(text: str) -> tuple[str, str]:
    """Return model and alias of ``news@next``; a bare name means its champion.

    Raises:
        UsageError: it is malformed, or names a version.
    """
    reference = Reference.parse(text)
    if reference.number is not None:
        raise UsageError(f"{text!r} names a version, not an alias", hint=f"write {reference.name}@{CHAMPION}")
    return reference.name, reference.alias or CHAMPION


def _going_on(arm: ArmInfo | None, wanted: int | None) -> ArmInfo | None:
    """Return the trial that goes on, if any."""
    return arm if arm is not None and wanted in (None, arm.version) else None


def _canary(arm: ArmInfo | None, change: Change) -> CanaryPlan | None:
    version = change.canary if arm is None else arm.version
    if version is None:
        return None
    keys = change.keys if change.keys is not None else (arm.keys if arm else ())
    usual = arm.percent if arm else DEFAULT_PERCENT
    percent = change.percent if change.percent is not None else usual
    return CanaryPlan(version, percent, keys, _limits(arm, change))


def _shadow(arm: ArmInfo | None, change: Change) -> ShadowPlan | None:
    version = change.shadow if arm is None else arm.version
    return ShadowPlan(version, _limits(arm, change)) if version is not None else None


def _limits(arm: ArmInfo | None, change: Change) -> Limits:
    return Limits.of((arm.limits.to_dict() if arm else {}) | dict(change.limits))
