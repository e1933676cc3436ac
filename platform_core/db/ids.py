"""Identifiers of rows: opaque to users, unique across machines, ordered by time."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: digits and letters that people do not mix up; its order is that of ASCII."""

_LENGTH = 26
_RANDOM_BITS = 66


def new_id(prefix: str) -> str:
    """Return ``<prefix>_`` and 26 characters: 64 bits of nanoseconds since 1970, then 66 random bits."""
    number = (time.time_ns() << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    digits = [_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_LENGTH))]
    return f"{prefix}_{''.join(digits)}"


def made_at(identifier: str) -> datetime:
    """Return when :func:`new_id` made ``identifier``, in UTC.

    Raises:
        ValueError: it did not.
    """
    digits = identifier.rpartition("_")[2]
    if len(digits) != _LENGTH or not set(digits) <= set(_ALPHABET):
        raise ValueError(f"{identifier!r} is no id")
    number = 0
    for digit in digits:
        number = (number << 5) | _ALPHABET.index(digit)
    return datetime.fromtimestamp((number >> _RANDOM_BITS) / 1e9, UTC)
