"""What came before an example: the earlier rows of the same identity. Nothing looks ahead."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from platform_core.datasets.roles import Roles
from platform_core.sdk import Example, read_moment

Line = list[tuple[float, int]]
"""Moments and rows of one identity, in order."""


def pasts_of(examples: Sequence[Example], roles: Roles) -> Iterator[Sequence[Example]]:
    """Yield the past of each example: those of the same identity that are strictly earlier, oldest first.

    Examples of the same moment keep the order of the file. An example without identity or moment has no past, and is
    in none. Only the latest :attr:`Roles.most` are yielded.
    """
    moments: list[float | None] = [None] * len(examples)
    lines: dict[str, Line] = defaultdict(list)
    if roles.history and roles.identity and roles.moment:
        for row, example in enumerate(examples):
            moment = read_moment(getattr(example, roles.moment))
            identity = getattr(example, roles.identity)
            if moment is not None and identity is not None:
                moments[row] = moment
                lines[identity].append((moment, row))
        for line in lines.values():
            line.sort()
    for example, moment in zip(examples, moments, strict=True):
        if moment is None:
            yield ()
            continue
        line = lines[getattr(example, roles.identity or "")]
        end = bisect_left(line, (moment, -1))
        yield tuple(examples[row] for _, row in line[max(0, end - roles.most) : end])
