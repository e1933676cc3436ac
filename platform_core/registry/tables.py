"""Models, versions, aliases, and the history of aliases."""

from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow


class Model(TenantRow, table=True):
    """A name for versions of one solution.

    ``last_number`` is the number given last: counting it up is one atomic statement, and the number of a deleted
    version is never given again.
    """

    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("tenant", "name"),)

    name: str
    solution: str
    last_number: int = 0


class ModelVersion(TenantRow, table=True):
    """A version; its row is written after its files are published, so a row means a whole version.

    The ids of run, dataset version and parent are lineage, not foreign keys: history outlives what it names.
    """

    __tablename__ = "model_version"
    __table_args__ = (UniqueConstraint("model_id", "number"), UniqueConstraint("run_id"))

    model_id: str = Field(foreign_key="model.id", index=True)
    number: int
    run_id: str | None = None
    dataset_version_id: str | None = None
    parent_id: str | None = None
    method: str
    encoder: str
    encoder_fingerprint: str
    storage_key: str
    digest: str
    size_bytes: int = Field(sa_type=BigInteger)
    metrics: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    lineage: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Alias(TenantRow, table=True):
    """A name that points at a version: a live endpoint. The foreign key keeps the version from being deleted."""

    __tablename__ = "alias"
    __table_args__ = (UniqueConstraint("model_id", "name"),)

    model_id: str = Field(foreign_key="model.id", index=True)
    name: str
    version_id: str = Field(foreign_key="model_version.id", index=True)


class AliasMove(TenantRow, table=True):
    """One move of an alias, kept for ever. ``kind`` is ``promote`` or ``rollback``."""

    __tablename__ = "alias_move"

    model_id: str = Field(foreign_key="model.id", index=True)
    alias: str
    kind: str
    from_version: int | None = None
    to_version: int
    reason: str = ""
