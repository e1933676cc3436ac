"""Keys: where a published folder stands below the storage's root, e.g. ``tenants/local/models/ver_01…``."""

from __future__ import annotations

import re

from platform_core.sdk.errors import UsageError

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def check_key(key: str) -> str:
    """Return ``key``, which can neither leave the root nor reach what the storage hides behind a dot.

    Raises:
        UsageError: it is not made of names separated by single slashes.
    """
    if not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise UsageError(
            f"{key!r} is no storage key", hint="write names of letters, digits, '.', '_', '-' with '/' between"
        )
    return key
