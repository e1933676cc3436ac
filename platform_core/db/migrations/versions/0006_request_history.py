"""Counts of requests by version, role and minute."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "request_history",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("latencies", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request_history"),
        sa.UniqueConstraint(
            "tenant", "version_id", "role", "span", "start", name="uq_request_history_tenant_version_id_role_span_start"
        ),
    )
    op.create_index("ix_request_history_tenant", "request_history", ["tenant"])
    op.create_index("ix_request_history_tenant_model_start", "request_history", ["tenant", "model", "start"])
