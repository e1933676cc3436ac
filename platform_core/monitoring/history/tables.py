"""Counts of requests by version, role and minute."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow, UtcDateTime


class RequestHistory(TenantRow, table=True):
    """The requests that one version ended in ``span`` seconds from ``start`` on, counted by all processes.

    ``errors`` counts by code, ``latencies`` by bucket, see :mod:`platform_core.serving.latencies`; ``seconds`` is
    their sum. The row outlives its version.
    """

    __tablename__ = "request_history"
    __table_args__ = (
        UniqueConstraint("tenant", "version_id", "role", "span", "start"),
        Index("ix_request_history_tenant_model_start", "tenant", "model", "start"),
    )

    model: str
    version: int
    version_id: str
    role: str
    start: datetime = Field(sa_type=UtcDateTime)
    span: int
    requests: int
    examples: int
    seconds: float
    errors: dict[str, Any] = Field(sa_type=JSON)
    latencies: dict[str, Any] = Field(sa_type=JSON)
