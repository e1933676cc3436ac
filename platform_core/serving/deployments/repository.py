"""All queries of trials, for one tenant, in the transaction of the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from platform_core.db.ids import new_id
from platform_core.registry.tables import AliasMove, Model, ModelVersion
from platform_core.serving.deployments.tables import DeploymentArm, DeploymentTally
from platform_core.serving.deployments.tally import Tally

Side = Literal["stable", "tried"]
SIDES: tuple[Side, Side] = ("stable", "tried")
Stamp = tuple[Any, ...]


class DeploymentRepository:
    """Reads and writes trials and their counts."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def running(self, model: str, alias: str) -> dict[str, DeploymentArm]:
        """Return the trials that run beside an alias, by role."""
        rows = self._session.exec(self._of(model, alias).where(col(DeploymentArm.ended_at).is_(None)))
        return {row.role: row for row in rows}

    def history(self, model: str, alias: str) -> Sequence[DeploymentArm]:
        """Return all trials of an alias, latest first."""
        rows: Sequence[DeploymentArm] = self._session.exec(
            self._of(model, alias).order_by(col(DeploymentArm.id).desc())
        ).all()
        return rows

    def all_running(self) -> list[tuple[str, DeploymentArm]]:
        """Return the trials that run, with the names of their models, by model, alias and role."""
        query = (
            select(Model.name, DeploymentArm)
            .join(Model, col(Model.id) == DeploymentArm.model_id)
            .where(DeploymentArm.tenant == self._tenant, col(DeploymentArm.ended_at).is_(None))
            .order_by(Model.name, DeploymentArm.alias, DeploymentArm.role)
        )
        return [(name, row) for name, row in self._session.exec(query)]

    def arm(self, arm_id: str) -> DeploymentArm | None:
        """Return one trial."""
        query = select(DeploymentArm).where(DeploymentArm.tenant == self._tenant, DeploymentArm.id == arm_id)
        return self._session.exec(query).first()

    def add(self, model: Model, alias: str, **columns: Any) -> DeploymentArm:
        """Write a new trial."""
        row = DeploymentArm(id=new_id("arm"), tenant=self._tenant, model_id=model.id, alias=alias, **columns)
        self._session.add(row)
        self._session.flush()
        return row

    def change(self, row: DeploymentArm, columns: Mapping[str, Any]) -> None:
        """Write other values of columns."""
        row.sqlmodel_update({**columns, "revision": row.revision + 1})
        self._session.add(row)
        self._session.flush()

    def end(self, arm_id: str, outcome: str, evidence: Mapping[str, Any], at: datetime) -> bool:
        """End a trial that runs; return whether it did."""
        table = DeploymentArm
        statement = (
            sa.update(table)
            .where(col(table.tenant) == self._tenant, col(table.id) == arm_id, col(table.ended_at).is_(None))
            .values(
                outcome=outcome,
                evidence=dict(evidence),
                ended_at=at,
                version_id=None,
                revision=col(table.revision) + 1,
            )
        )
        ended: int = self._session.exec(statement).rowcount
        return ended > 0

    def tallies(self, arm_id: str, *, besides: str | None = None) -> dict[Side, Tally]:
        """Return what each side of a trial did, over all processes but one."""
        query = select(DeploymentTally.side, DeploymentTally.counts).where(
            DeploymentTally.tenant == self._tenant, DeploymentTally.arm_id == arm_id
        )
        if besides is not None:
            query = query.where(DeploymentTally.worker != besides)
        found: dict[str, list[Tally]] = defaultdict(list)
        for side, counts in self._session.exec(query):
            found[side].append(Tally.of(counts))
        return {side: Tally.total(found[side]) for side in SIDES}

    def save_tally(self, arm_id: str, side: Side, worker: str, counts: Mapping[str, Any]) -> None:
        """Write what one process counted until now."""
        query = select(DeploymentTally).where(
            DeploymentTally.tenant == self._tenant,
            DeploymentTally.arm_id == arm_id,
            DeploymentTally.side == side,
            DeploymentTally.worker == worker,
        )
        row = self._session.exec(query).first() or DeploymentTally(
            id=new_id("tal"), tenant=self._tenant, arm_id=arm_id, side=side, worker=worker
        )
        row.counts = dict(counts)
        self._session.add(row)

    def stamp(self) -> Stamp:
        """Return what is another as soon as any reference may mean something else than before."""
        latest = ((ModelVersion, ModelVersion.id), (AliasMove, AliasMove.id), (DeploymentArm, DeploymentArm.revision))
        parts = (
            sa.select(sa.func.count(), sa.func.sum(value) if table is DeploymentArm else sa.func.max(value)).where(
                col(table.tenant) == self._tenant
            )
            for table, value in latest
        )
        return tuple(tuple(self._session.execute(part).one()) for part in parts)

    def _of(self, model: str, alias: str) -> Any:
        return (
            select(DeploymentArm)
            .join(Model, col(Model.id) == DeploymentArm.model_id)
            .where(DeploymentArm.tenant == self._tenant, Model.name == model, DeploymentArm.alias == alias)
        )
