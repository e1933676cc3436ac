"""What every table has in common. Each feature folder's ``tables.py`` builds on :class:`TenantRow`."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, because a migration can only change what it can name."""

metadata = MetaData(naming_convention=NAMING)
"""All tables of the platform."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, timezone-aware on both sides; SQLite forgets the zone, so it is written in UTC and given back so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return ``value`` in UTC; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a timezone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored moment, aware, in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class TenantRow(SQLModel):
    """The columns of every row: an opaque id, the tenant that owns it, the moment it was written."""

    metadata: ClassVar[MetaData] = metadata

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
