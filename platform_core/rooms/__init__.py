"""Settings → rooms, wired for one tenant. Each is built on first use, so that light work stays light."""

from platform_core.rooms.serving import Rooms
from platform_core.rooms.workspace import WORKER_SETTINGS

__all__ = ["WORKER_SETTINGS", "Rooms"]
