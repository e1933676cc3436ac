"""How people name versions: ``name``, ``name:3``, ``name@champion``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from platform_core.sdk.errors import UsageError

_NAME = r"[a-z0-9][a-z0-9._-]{0,79}"
_ALIAS = r"[a-z][a-z0-9_-]{0,39}"
_REFERENCE = re.compile(rf"(?P<name>{_NAME})(?::(?P<number>[1-9][0-9]{{0,8}})|@(?P<alias>{_ALIAS}))?")


@dataclass(frozen=True)
class Reference:
    """A model, and perhaps one of its versions by number or by alias."""

    name: str
    number: int | None = None
    alias: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference.

        Raises:
            UsageError: it is malformed.
        """
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text!r} is no reference to a model", hint="write NAME, NAME:VERSION or NAME@ALIAS, in lower case"
            )
        number = match["number"]
        return cls(match["name"], int(number) if number else None, match["alias"])


def check_model_name(name: str) -> str:
    """Return ``name``.

    Raises:
        UsageError: it cannot name a model.
    """
    if not re.fullmatch(_NAME, name):
        raise UsageError(
            f"{name!r} cannot name a model",
            hint="use up to 80 of the characters a-z, 0-9, '.', '_' and '-', a letter or digit first",
        )
    return name


def check_alias_name(alias: str) -> str:
    """Return ``alias``.

    Raises:
        UsageError: it cannot name an alias.
    """
    if not re.fullmatch(_ALIAS, alias):
        raise UsageError(
            f"{alias!r} cannot name an alias",
            hint="use up to 40 of the characters a-z, 0-9, '_' and '-', a letter first; write it without '@'",
        )
    return alias
