"""Verticore: one core, many verticals.

``from platform_core import Platform`` is the Python door: everything the command line does is a method of it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from platform_core.platform import Platform as Platform

__all__ = ["Platform", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import :class:`Platform` on first use, so that light commands stay light."""
    if name == "Platform":
        from platform_core.platform import Platform

        return Platform
    raise AttributeError(f"module 'platform_core' has no attribute {name!r}")
