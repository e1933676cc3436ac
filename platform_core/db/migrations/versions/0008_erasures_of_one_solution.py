"""Erasures may be limited to the data of one solution."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("erasure") as table:
        table.add_column(sa.Column("solution", sa.String(), nullable=False, server_default=""))
        table.drop_constraint("uq_erasure_tenant_subject", type_="unique")
        table.create_unique_constraint("uq_erasure_tenant_subject_solution", ["tenant", "subject", "solution"])
