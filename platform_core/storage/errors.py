"""Telling a full disk from other failures."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from platform_core.sdk.errors import StorageFull

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM_TEXTS = ("No space left on device", "Disk quota exceeded", "File too large")


@contextmanager
def full_disk_explained(place: str) -> Iterator[None]:
    """Raise :class:`StorageFull` where the block fails for want of room at ``place``.

    Some libraries (shutil; safetensors and polars) put the system's error into one of their own, whose text is all
    that is left of it.
    """
    try:
        yield
    except Exception as error:
        if not _is_for_want_of_room(error):
            raise
        raise StorageFull(
            "there is no room to write", where=place, hint="free some space, or raise the limit, and try again"
        ) from error


def _is_for_want_of_room(error: Exception) -> bool:
    if isinstance(error, StorageFull):
        return False
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _NO_ROOM
    return any(text in str(error) for text in _NO_ROOM_TEXTS)
