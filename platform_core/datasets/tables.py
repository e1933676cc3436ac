"""Datasets and their immutable versions."""

from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow


class Dataset(TenantRow, table=True):
    """A name for versions of data of one solution."""

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("tenant", "name"),)

    name: str
    solution: str


class DatasetVersion(TenantRow, table=True):
    """Examples that never change: where they are stored, what they are, and where they come from."""

    __tablename__ = "dataset_version"
    __table_args__ = (UniqueConstraint("dataset_id", "number"),)

    dataset_id: str = Field(foreign_key="dataset.id", index=True)
    number: int
    digest: str = Field(index=True)
    storage_key: str
    adapter: str
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    statistics: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    provenance: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    rows: int
