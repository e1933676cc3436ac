"""Identities and names of files as keyed hashes: whose they are can be told only by who knows the value and the key.

HMAC-SHA-256 (RFC 2104) of the value, cut to 128 bits. The key is a setting, or a file of the workspace that is made
when it is first needed and that only its owner may read. Without the key a value cannot be found again, so both want
a backup.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from functools import cached_property
from pathlib import Path, PurePath

from platform_core.sdk import FileUnreadable

KEY_FILE = "pseudonym.key"
_PREFIX = "p_"
_FILE_PREFIX = "f_"
_FILE_DIGITS = 16
_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx", ".gz", ".zip")
_DIGITS = 32
_PSEUDONYM = re.compile(rf"{_PREFIX}[0-9a-f]{{{_DIGITS}}}")
_KEY_BYTES = 32


class Pseudonyms:
    """The pseudonyms of one tenant.

    Args:
        file: where the key is kept, if the settings give none.
        key: the key of the settings.
        tenant: tenants do not share pseudonyms.
    """

    def __init__(self, file: Path, key: str | None = None, *, tenant: str = "local") -> None:
        self._file = file
        self._given = key
        self._tenant = tenant

    def of(self, value: str) -> str:
        """Return the pseudonym of ``value``, white space around it aside; a pseudonym stays as it is.

        Raises:
            FileUnreadable: the file of the key is damaged.
        """
        text = value.strip()
        if _PSEUDONYM.fullmatch(text):
            return text
        return _PREFIX + self._digest("identity", text)[:_DIGITS]

    def of_file(self, name: str) -> str:
        """Return what stands for the name of a file; the suffix stays where it tells a usual format.

        Raises:
            FileUnreadable: the file of the key is damaged.
        """
        suffix = PurePath(name).suffix.lower()
        return _FILE_PREFIX + self._digest("file", name)[:_FILE_DIGITS] + (suffix if suffix in _SUFFIXES else "")

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, and nothing of them: recorded with data, so that it is known which key finds a person."""
        return self._digest("fingerprint", "")[:8]

    def _digest(self, purpose: str, text: str) -> str:
        message = "\0".join((purpose, self._tenant, text))
        return hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _key(self) -> bytes:
        if self._given is not None:
            return self._given.encode()
        if not self._file.exists():
            _make_key(self._file)
        return _read_key(self._file)


def _read_key(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise _damaged(file) from error
    if len(key) != _KEY_BYTES:
        raise _damaged(file)
    return key


def _damaged(file: Path) -> FileUnreadable:
    return FileUnreadable(
        "the key of the pseudonyms cannot be read",
        where=str(file),
        hint="restore it from a backup: with another key, the people in stored datasets cannot be found any more",
    )


def _make_key(file: Path) -> None:
    """Write a new key, whole or not at all; where another process was quicker, its key stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # readable by its owner only
    part = Path(name)
    try:
        with os.fdopen(number, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        except OSError:  # there are no hard links here
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
