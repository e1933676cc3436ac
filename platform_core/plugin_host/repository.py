"""All queries on what the host remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platform_core.db.engine import Database
from platform_core.db.ids import new_id

if TYPE_CHECKING:
    from sqlmodel import Session

_DISABLED = "SELECT name, reason FROM plugin_state WHERE tenant = :tenant AND NOT enabled"


def disabled_plugins(db: Database, tenant: str) -> dict[str, str]:
    """Return the plugins that ``tenant`` has switched off, name → reason.

    A peek: ``verticore plugins list`` must not pay for importing SQLModel, and must leave no database behind.
    """
    return dict(db.peek(_DISABLED, {"tenant": tenant}) or [])


def save_state(session: Session, tenant: str, name: str, *, enabled: bool, reason: str) -> None:
    """Remember whether ``tenant`` uses the plugin ``name``."""
    from sqlmodel import select

    from platform_core.db.tables import now
    from platform_core.plugin_host.tables import PluginState

    query = select(PluginState).where(PluginState.tenant == tenant, PluginState.name == name)
    state = session.exec(query).one_or_none()
    if state is None:
        state = PluginState(id=new_id("plg"), tenant=tenant, name=name, enabled=enabled)
    state.enabled, state.reason, state.updated_at = enabled, reason, now()
    session.add(state)
