"""Masking: taking what identifies people out of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Masked:
    """A text after masking.

    Attributes:
        text: with a placeholder such as ``[NAME]`` in the place of each finding.
        counts: how many there were, by kind.
    """

    text: str
    counts: Mapping[str, int]


@runtime_checkable
class Masker(Protocol):
    """Finds names, dates, numbers of all sorts, and puts placeholders in their place.

    Attributes:
        name: with a version of its rules, as provenance records it, e.g. ``medical-deid 1``.
    """

    name: str

    def mask(self, text: str) -> Masked:
        """Return ``text`` without what identifies people. Masking it again changes nothing."""
