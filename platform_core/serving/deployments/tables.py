"""Versions on trial, and what they did."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow, UtcDateTime


class DeploymentArm(TenantRow, table=True):
    """One trial of a version beside the stable one of an alias, kept for ever; of each role one runs at a time.

    ``stable`` and ``number`` are numbers of versions: history outlives them. ``version_id`` is set while it runs, and
    its foreign key keeps the version from being deleted. ``revision`` counts changes. ``outcome`` is set at the end.
    """

    __tablename__ = "deployment_arm"
    __table_args__ = (
        sa.Index(
            "uq_deployment_arm_running",
            "model_id",
            "alias",
            "role",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    model_id: str = Field(foreign_key="model.id", index=True)
    alias: str
    role: str
    stable: int
    number: int
    version_id: str | None = Field(default=None, foreign_key="model_version.id", index=True)
    percent: float = 0.0
    keys: list[str] = Field(default_factory=list, sa_type=JSON)
    limits: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    revision: int = 0
    outcome: str | None = None
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeploymentTally(TenantRow, table=True):
    """What one process counted for one trial; ``side`` is ``stable`` or ``tried``. Only that process writes it."""

    __tablename__ = "deployment_tally"
    __table_args__ = (UniqueConstraint("arm_id", "side", "worker"),)

    arm_id: str = Field(foreign_key="deployment_arm.id")
    side: str
    worker: str
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
