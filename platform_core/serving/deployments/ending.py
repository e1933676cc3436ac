"""How trials end, in the transaction of the caller."""

from __future__ import annotations

from typing import Any

from platform_core.db.tables import now
from platform_core.registry.repository import RegistryRepository
from platform_core.serving.deployments.repository import DeploymentRepository
from platform_core.serving.deployments.tables import DeploymentArm

STOPPED, REPLACED, SUPERSEDED = "stopped", "replaced", "superseded"
PROMOTED, ROLLED_BACK = "promoted", "rolled_back"


def end(repository: DeploymentRepository, arm_id: str, outcome: str, **verdict: Any) -> bool:
    """End a trial that runs, with what was counted and a verdict as evidence; return whether it ran."""
    return repository.end(arm_id, outcome, evidence_of(repository, arm_id) | verdict, now())


def evidence_of(repository: DeploymentRepository, arm_id: str) -> dict[str, Any]:
    """Return what was counted until now, by side, as JSON types."""
    return {side: tally.summary() for side, tally in repository.tallies(arm_id).items()}


def is_over(arm: DeploymentArm, live: int | None) -> bool:
    """Tell whether the alias has left the version that a trial is compared with; ``live``: where it points."""
    return arm.stable != live


def end_superseded(repository: DeploymentRepository, registry: RegistryRepository, name: str, alias: str) -> None:
    """End the trials of an alias that has moved since they began."""
    model = registry.model(name)
    live = registry.aliases(model).get(alias) if model is not None else None
    for arm in repository.running(name, alias).values():
        if is_over(arm, live):
            end(repository, arm.id, SUPERSEDED)
