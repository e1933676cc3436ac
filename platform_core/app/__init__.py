"""The server process: what ``verticore serve`` starts."""

from platform_core.app.server import Endpoint, serve

__all__ = ["Endpoint", "serve"]
