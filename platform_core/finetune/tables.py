"""Runs: executions of a recipe."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from platform_core.db.tables import TenantRow, UtcDateTime


class Run(TenantRow, table=True):
    """One execution: what was asked for, how it goes, what came of it.

    ``pid``, ``host`` and ``heartbeat_at`` tell a run that works from one whose process died.
    """

    __tablename__ = "run"

    solution: str
    model_name: str = Field(index=True)
    status: str = Field(default="created", index=True)
    spec: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    method: str
    dataset_version_id: str | None = None
    error: str = ""
    metrics: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    history: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    warnings: list[str] = Field(default_factory=list, sa_type=JSON)
    pid: int | None = None
    host: str = ""
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    model_version_id: str | None = None
