"""Metric streams of runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "run_metric",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_metric"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_run_metric_run_id", ondelete="CASCADE"),
        sa.UniqueConstraint("run_id", "name", "step", name="uq_run_metric_run_id_name_step"),
    )
    op.create_index("ix_run_metric_tenant", "run_metric", ["tenant"])
