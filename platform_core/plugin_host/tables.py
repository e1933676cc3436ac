"""What the host remembers of plugins between processes."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from platform_core.db.tables import TenantRow, UtcDateTime, now


class PluginState(TenantRow, table=True):
    """Whether a plugin may be activated; a plugin without a row may."""

    __tablename__ = "plugin_state"
    __table_args__ = (UniqueConstraint("tenant", "name"),)

    name: str
    enabled: bool
    reason: str = ""
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
