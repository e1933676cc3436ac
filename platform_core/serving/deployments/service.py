"""Beginning, showing, promoting and stopping trials: what people do."""

from __future__ import annotations

import builtins
from typing import Any, cast

from sqlalchemy.exc import IntegrityError as RowClash
from sqlmodel import Session

from platform_core.db.engine import Database
from platform_core.registry.lookup import find_model, find_version
from platform_core.registry.references import Reference, check_alias_name
from platform_core.registry.repository import RegistryRepository
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk.errors import Conflict, UsageError
from platform_core.serving.deployments.changing import Change, planned
from platform_core.serving.deployments.ending import (
    PROMOTED,
    REPLACED,
    STOPPED,
    SUPERSEDED,
    end,
    end_superseded,
    evidence_of,
    is_over,
)
from platform_core.serving.deployments.policy import ArmRole, Limits
from platform_core.serving.deployments.repository import DeploymentRepository
from platform_core.serving.deployments.schemas import ArmInfo, DeploymentInfo, Plan
from platform_core.serving.deployments.tables import DeploymentArm


class Deployments:
    """The deployments of one tenant: for each alias its stable version, a canary, a shadow, and the history."""

    def __init__(self, db: Database, registry: Registry, tenant: str) -> None:
        self._db = db
        self._registry = registry
        self._tenant = tenant

    def show(self, name: str, alias: str) -> DeploymentInfo:
        """Return what runs beside an alias, with what was counted until a second ago, and what ran.

        Raises:
            NotFound: there is no such model or alias.
        """
        with self._db.reading() as session:
            registry, arms = RegistryRepository(session, self._tenant), DeploymentRepository(session, self._tenant)
            _, live = find_version(registry, Reference(name, alias=check_alias_name(alias)))
            rows = [(row, evidence_of(arms, row.id)) for row in arms.history(name, alias)]
        infos = [_info(row, live.number, counted) for row, counted in rows]
        running = {info.role: info for info in infos if info.outcome is None}
        past = [info for info in infos if info.outcome is not None]
        return DeploymentInfo(name, alias, live.number, running.get("canary"), running.get("shadow"), past)

    def list(self) -> builtins.list[DeploymentInfo]:
        """Return the deployments in which something is tried, by model and alias."""
        with self._db.reading() as session:
            running = DeploymentRepository(session, self._tenant).all_running()
        shown = [self.show(name, alias) for name, alias in dict.fromkeys((n, row.alias) for n, row in running)]
        return [deployment for deployment in shown if deployment.arms]

    def apply(self, name: str, alias: str, plan: Plan) -> DeploymentInfo:
        """Make what is tried beside an alias what ``plan`` says, and return it.

        A version that is tried in the same role already goes on, with its counts; its percentage, keys and limits
        are changed.

        Raises:
            NotFound: there is no such model, alias or version.
            UsageError: a version is the stable one, or both roles are to try the same one.
            Conflict: somebody else changed it at the same moment.
        """
        try:
            with self._db.session() as session:
                self._apply(session, name, check_alias_name(alias), plan)
        except RowClash:
            hint = "look at it with `verticore deploy show` and try again"
            raise Conflict(f"the deployment of {name}@{alias} was changed by somebody else", hint=hint) from None
        return self.show(name, alias)

    def change(self, name: str, alias: str, change: Change) -> DeploymentInfo:
        """Change what is said and leave the rest, see :meth:`apply`."""
        return self.apply(name, alias, planned(self.show(name, alias), change))

    def stop(self, name: str, alias: str, role: ArmRole | None = None) -> DeploymentInfo:
        """End what is tried beside an alias, or only one role of it; the stable version answers all.

        Raises:
            NotFound: there is no such model.
            Conflict: nothing is tried.
        """
        with self._db.session() as session:
            find_model(RegistryRepository(session, self._tenant), name)
            arms = DeploymentRepository(session, self._tenant)
            ended = [
                end(arms, arm.id, STOPPED) for arm in arms.running(name, alias).values() if role in (None, arm.role)
            ]
        if not ended:
            raise Conflict(
                f"nothing is tried beside {name}@{alias}" if role is None else f"{name}@{alias} has no {role}",
                hint=f"start with `verticore deploy {name}@{alias} --canary VERSION`",
            )
        return self.show(name, alias)

    def promote(self, name: str, alias: str, reason: str = "") -> VersionInfo:
        """Make the canary the stable version, unless a plugin objects; return it.

        Raises:
            NotFound: there is no such model or alias.
            Conflict: there is no canary, or plugins object: then it goes on as before; or it ended meanwhile.
        """
        canary = self.show(name, alias).canary
        if canary is None:
            hint = f"start one with `verticore deploy {name}@{alias} --canary VERSION`"
            raise Conflict(f"{name}@{alias} has no canary", hint=hint)

        def conclude(session: Session, live: int | None) -> None:
            arms = DeploymentRepository(session, self._tenant)
            if live != canary.stable or not end(arms, canary.id, PROMOTED):
                hint = f"look why with `verticore deploy show {name}@{alias}`"
                raise Conflict(f"the canary {name}:{canary.version} ended meanwhile", hint=hint)
            for arm in arms.running(name, alias).values():
                end(arms, arm.id, SUPERSEDED)

        reason = reason or f"canary {canary.id}"
        return self._registry.promote(f"{name}:{canary.version}", alias, reason, check=conclude)

    def _apply(self, session: Session, name: str, alias: str, plan: Plan) -> None:
        registry, arms = RegistryRepository(session, self._tenant), DeploymentRepository(session, self._tenant)
        model, live = find_version(registry, Reference(name, alias=alias))
        end_superseded(arms, registry, name, alias)
        running = arms.running(name, alias)
        for role, columns in _columns_of(plan).items():
            row = running.get(role)
            if row is not None and (columns is None or row.number != columns["number"]):
                end(arms, row.id, STOPPED if columns is None else REPLACED)
                row = None
            if columns is None:
                continue
            _, version = find_version(registry, Reference(name, columns["number"]))
            if version.id == live.id:
                raise UsageError(f"{name}:{version.number} is the stable version of {name}@{alias}", where=role)
            if row is None:
                arms.add(model, alias, role=role, stable=live.number, version_id=version.id, **columns)
            else:
                arms.change(row, columns)


def _columns_of(plan: Plan) -> dict[ArmRole, dict[str, Any] | None]:
    """Return the columns of each role that is wanted."""
    canary, shadow = plan.canary, plan.shadow
    if canary is not None and shadow is not None and canary.version == shadow.version:
        raise UsageError("canary and shadow are the same version", where="shadow", hint="a canary is compared as well")
    columns: dict[ArmRole, dict[str, Any] | None] = {"canary": None, "shadow": None}
    if canary is not None:
        columns["canary"] = {
            "number": canary.version,
            "percent": canary.percent,
            "keys": sorted(set(canary.keys)),
            "limits": canary.limits.to_dict(),
        }
    if shadow is not None:
        columns["shadow"] = {"number": shadow.version, "limits": shadow.limits.to_dict()}
    return columns


def _info(row: DeploymentArm, live: int, evidence: dict[str, Any]) -> ArmInfo:
    """Return what others are told; one whose end nobody has written yet is shown as ended."""
    is_running = row.ended_at is None and not is_over(row, live)
    return ArmInfo(
        id=row.id,
        role=cast(ArmRole, row.role),
        version=row.number,
        stable=row.stable,
        percent=row.percent,
        keys=tuple(row.keys),
        limits=Limits.of(row.limits),
        outcome=None if is_running else row.outcome or SUPERSEDED,
        evidence=evidence | row.evidence,
        started_at=row.created_at,
        ended_at=row.ended_at,
    )
