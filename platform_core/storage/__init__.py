"""Published folders: written whole or not at all, verified when read, local or remote through fsspec."""

from platform_core.storage.service import Published, Storage

__all__ = ["Published", "Storage"]
