"""Metric streams: the values of a run by step."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

import platform_core.finetune.tables  # noqa: F401  (the foreign key needs its table)
from platform_core.db.tables import TenantRow


class RunMetric(TenantRow, table=True):
    """One value of one metric at one step; ``created_at`` is the moment of the step.

    ``epoch`` is set where the value concludes an epoch.
    """

    __tablename__ = "run_metric"
    __table_args__ = (UniqueConstraint("run_id", "name", "step"),)

    run_id: str = Field(foreign_key="run.id", ondelete="CASCADE")
    name: str
    step: int
    epoch: int | None = None
    value: float
