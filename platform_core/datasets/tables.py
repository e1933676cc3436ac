"""Datasets and their immutable versions; who was erased from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow, UtcDateTime


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


class Erasure(TenantRow, table=True):
    """The tombstone of a person: rows of theirs are not taken in again.

    ``subject`` is a keyed hash; ``solution`` limits it to the data of one, empty: all data. ``versions`` holds the rows
    that were removed, by id of the dataset version; ``models`` the model versions that were trained on them, as
    ``name:version``. ``finished_at`` is set where nothing is left to do.
    """

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("tenant", "subject", "solution"),)

    subject: str
    solution: str = ""
    versions: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    models: list[str] = Field(default_factory=list, sa_type=JSON)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
