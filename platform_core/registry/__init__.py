"""Models, their numbered versions, and the aliases that point at them."""

from platform_core.registry.schemas import ModelInfo, VersionInfo
from platform_core.registry.service import Registry

__all__ = ["ModelInfo", "Registry", "VersionInfo"]
