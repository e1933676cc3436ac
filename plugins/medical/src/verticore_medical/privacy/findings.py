"""What the rules find in a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["NAME", "DATE", "ID", "PHONE", "ADDRESS", "EMAIL", "URL", "HOSPITAL", "AGE"]
"""What is found; the placeholder is the same word in square brackets, but ``90+`` for an ``AGE``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters ``start`` to ``end`` of a text identify somebody."""

    start: int
    end: int
    kind: Kind


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` in order, those that overlap as one: of the kind of the longest, the earlier one if level."""
    result: list[Finding] = []
    longest = 0
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        length = finding.end - finding.start
        if result and finding.start < result[-1].end:
            last = result[-1]
            kind = finding.kind if length > longest else last.kind
            longest = max(longest, length)
            result[-1] = Finding(last.start, max(last.end, finding.end), kind)
        else:
            result.append(finding)
            longest = length
    return result
