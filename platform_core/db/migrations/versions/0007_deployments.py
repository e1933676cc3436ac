"""Versions on trial beside the stable one of an alias, and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "deployment_arm",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("stable", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=True),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deployment_arm"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_deployment_arm_model_id"),
        sa.ForeignKeyConstraint(["version_id"], ["model_version.id"], name="fk_deployment_arm_version_id"),
    )
    op.create_index("ix_deployment_arm_tenant", "deployment_arm", ["tenant"])
    op.create_index("ix_deployment_arm_model_id", "deployment_arm", ["model_id"])
    op.create_index("ix_deployment_arm_version_id", "deployment_arm", ["version_id"])
    op.create_index(
        "uq_deployment_arm_running",
        "deployment_arm",
        ["model_id", "alias", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "deployment_tally",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arm_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment_tally"),
        sa.ForeignKeyConstraint(["arm_id"], ["deployment_arm.id"], name="fk_deployment_tally_arm_id"),
        sa.UniqueConstraint("arm_id", "side", "worker", name="uq_deployment_tally_arm_id_side_worker"),
    )
    op.create_index("ix_deployment_tally_tenant", "deployment_tally", ["tenant"])
