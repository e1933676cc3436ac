"""What servers ask of trials, and tell: routes, counts, roll-backs."""

from __future__ import annotations

from collections.abc import Mapping

from platform_core.db.engine import Database
from platform_core.registry.references import Reference
from platform_core.registry.repository import RegistryRepository
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import CHAMPION, Registry
from platform_core.serving.deployments.ending import ROLLED_BACK, end, end_superseded, is_over
from platform_core.serving.deployments.judging import Verdict
from platform_core.serving.deployments.policy import Arm, ArmRole, Limits, Route
from platform_core.serving.deployments.repository import DeploymentRepository, Side, Stamp
from platform_core.serving.deployments.tables import DeploymentArm
from platform_core.serving.deployments.tally import Tally


class Trials:
    """The trials of one tenant, as servers see them; every method asks the database."""

    def __init__(self, db: Database, registry: Registry, tenant: str) -> None:
        self._db = db
        self._registry = registry
        self._tenant = tenant

    def route(self, reference: str) -> Route:
        """Return what ``reference`` means now; a bare name is its champion where that is set.

        Raises:
            NotFound: it means nothing.
            UsageError: it is malformed.
        """
        version = self._registry.resolve_endpoint(reference)
        alias = _alias_of(Reference.parse(reference), version)
        if alias is None:
            return Route(version)
        with self._db.reading() as session:
            rows = DeploymentRepository(session, self._tenant).running(version.model, alias)
        if any(is_over(row, version.number) for row in rows.values()):
            self._end_superseded(version.model, alias)
        arms = {role: self._arm(row) for role, row in rows.items() if not is_over(row, version.number)}
        return Route(version, arms.get("canary"), arms.get("shadow"))

    def stamp(self) -> Stamp:
        """Return what is another as soon as any reference may mean something else than before."""
        with self._db.reading() as session:
            return DeploymentRepository(session, self._tenant).stamp()

    def exchange(self, arm_id: str, worker: str, mine: Mapping[Side, Tally]) -> dict[Side, Tally] | None:
        """Write what this process counted for a trial; return what others did, or ``None`` where it is over."""
        with self._db.session() as session:
            repository = DeploymentRepository(session, self._tenant)
            arm = repository.arm(arm_id)
            if arm is None or arm.ended_at is not None:
                return None
            for side, tally in mine.items():
                repository.save_tally(arm_id, side, worker, tally.to_dict())
            return repository.tallies(arm_id, besides=worker)

    def roll_back(self, arm_id: str, worker: str, mine: Mapping[Side, Tally], verdict: Verdict) -> bool:
        """End a trial for a broken limit, with the evidence; return whether it ran until now."""
        with self._db.session() as session:
            repository = DeploymentRepository(session, self._tenant)
            for side, tally in mine.items():
                repository.save_tally(arm_id, side, worker, tally.to_dict())
            session.flush()
            return end(
                repository, arm_id, ROLLED_BACK, limit=verdict.limit, text=verdict.text, facts=dict(verdict.facts)
            )

    def _end_superseded(self, name: str, alias: str) -> None:
        with self._db.session() as session:
            registry = RegistryRepository(session, self._tenant)
            end_superseded(DeploymentRepository(session, self._tenant), registry, name, alias)

    def _arm(self, row: DeploymentArm) -> Arm:
        assert row.version_id is not None
        role: ArmRole = "canary" if row.role == "canary" else "shadow"
        version = self._registry.get(row.version_id)
        return Arm(row.id, role, version, row.percent, frozenset(row.keys), Limits.of(row.limits))


def _alias_of(reference: Reference, version: VersionInfo) -> str | None:
    """Return the alias through which a reference led to a version."""
    if reference.alias is not None:
        return reference.alias
    return CHAMPION if reference.number is None and CHAMPION in version.aliases else None
