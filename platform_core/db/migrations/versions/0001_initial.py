"""The first schema: plugins' state, datasets, models with versions and aliases, runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _plugin_state()
    _datasets()
    _models()
    _aliases()
    _runs()


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table with the columns of every row."""
    op.create_table(
        name,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    _index(name, "tenant")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _plugin_state() -> None:
    _table(
        "plugin_state",
        _text("name"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _text("reason"),
        _moment("updated_at"),
        _unique("plugin_state", "tenant", "name"),
    )


def _datasets() -> None:
    _table("dataset", _text("name"), _text("solution"), _unique("dataset", "tenant", "name"))
    _table(
        "dataset_version",
        _text("dataset_id"),
        _number("number"),
        _text("digest"),
        _text("storage_key"),
        _text("adapter"),
        _json("mapping"),
        _json("options"),
        _json("statistics"),
        _json("provenance"),
        _number("rows"),
        _reference("dataset_version", "dataset_id", "dataset"),
        _unique("dataset_version", "dataset_id", "number"),
    )
    _index("dataset_version", "dataset_id")
    _index("dataset_version", "digest")


def _models() -> None:
    _table("model", _text("name"), _text("solution"), _number("last_number"), _unique("model", "tenant", "name"))
    _table(
        "model_version",
        _text("model_id"),
        _number("number"),
        _text("run_id", nullable=True),
        _text("dataset_version_id", nullable=True),
        _text("parent_id", nullable=True),
        _text("method"),
        _text("encoder"),
        _text("encoder_fingerprint"),
        _text("storage_key"),
        _text("digest"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        _json("metrics"),
        _json("lineage"),
        _reference("model_version", "model_id", "model"),
        _unique("model_version", "model_id", "number"),
        _unique("model_version", "run_id"),
    )
    _index("model_version", "model_id")


def _aliases() -> None:
    _table(
        "alias",
        _text("model_id"),
        _text("name"),
        _text("version_id"),
        _reference("alias", "model_id", "model"),
        _reference("alias", "version_id", "model_version"),
        _unique("alias", "model_id", "name"),
    )
    _index("alias", "model_id")
    _index("alias", "version_id")
    _table(
        "alias_move",
        _text("model_id"),
        _text("alias"),
        _text("kind"),
        _number("from_version", nullable=True),
        _number("to_version"),
        _text("reason"),
        _reference("alias_move", "model_id", "model"),
    )
    _index("alias_move", "model_id")


def _runs() -> None:
    _table(
        "run",
        _text("solution"),
        _text("model_name"),
        _text("status"),
        _json("spec"),
        _text("method"),
        _text("dataset_version_id", nullable=True),
        _text("error"),
        _json("metrics"),
        _json("history"),
        _number("pid", nullable=True),
        _text("host"),
        _moment("heartbeat_at", nullable=True),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
        _text("model_version_id", nullable=True),
    )
    _index("run", "model_name")
    _index("run", "status")
