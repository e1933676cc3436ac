"""The column of the target as a whole: what says that there is no label, and which labels a solution cannot know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from platform_core.datasets.cells import Unfit
from platform_core.datasets.looked_for import NEGATIVE
from platform_core.datasets.target_reading import read_target
from platform_core.datasets.targets import is_no_class, ordered_labels
from platform_core.sdk import ClassTarget, Solution, TargetValue
from platform_core.sdk.names import places_among

TWO_CLASSES = "platform_core.sdk.heads:BinaryHead"
"""The head that tells two labels apart, whatever they are called."""

_SHOWN = 10


class LabelColumn:
    """Reads the target of each row of one source.

    Args:
        solution: whose target it is.
        values: all cells of the column as read from the files; they tell the two classes of a solution that has two.
        known: these classes, where they are known already.
    """

    def __init__(self, solution: Solution, values: Iterable[Any] = (), known: Sequence[str] = ()) -> None:
        self._solution = solution
        self._classes: tuple[str, ...] = ()
        self._advice = ""
        target = solution.target
        values = list(values)
        self._signs = "+" in {*known, *(value.strip() for value in values if isinstance(value, str))}
        if solution.head == TWO_CLASSES and isinstance(target, ClassTarget):
            counts = self._count(values)
            if len(known) == 2 or (len(counts) > 2 and not is_no_class(len(counts), counts.total())):
                self._classes = tuple(known or ordered_labels(_two_of(counts, target), target))
                self._advice = self._advise(counts)

    def read(self, value: Any) -> TargetValue | None:
        """Return the target that ``value`` means, ``None`` where there is none.

        Raises:
            Unfit: it is of another kind, or none of the classes.
        """
        target = self._plain(value)
        if self._classes and target is not None and target not in self._classes:
            raise Unfit(f"the label {target!r} is neither {self._names(' nor ')}", value, self._advice)
        return target

    def _plain(self, value: Any) -> TargetValue | None:
        if self._signs and isinstance(value, str) and value.strip() == "-":
            return "-"  # beside a plus it is an answer
        return read_target(self._solution.target, value)

    def _count(self, values: Iterable[Any]) -> Counter[str]:
        """Return how many rows have each label, the most frequent first."""
        counts: Counter[str] = Counter()
        for value in values:
            with suppress(Unfit):
                label = self._plain(value)
                if isinstance(label, str):
                    counts[label] += 1
        return Counter(dict(counts.most_common()))

    def _advise(self, counts: Mapping[str, int]) -> str:
        strange = [label for label in counts if label not in self._classes]
        counted = ", ".join(f"{label!r} ({counts[label]:,})" for label in strange[:_SHOWN])
        more = f" and {len(strange) - _SHOWN:,} more" if len(strange) > _SHOWN else ""
        return (
            f"{self._solution.id} tells two classes apart, here {self._names(' and ')}; not known, with their rows: "
            f"{counted}{more}; correct them, or name the column of the target with --map label=COLUMN"
        )

    def _names(self, between: str) -> str:
        return between.join(map(repr, self._classes))


def _two_of(counts: Mapping[str, int], target: ClassTarget) -> list[str]:
    """Return the class that is looked for and its opposite: those with usual names first, then the most frequent."""
    looked_for = [label for label in counts if label in places_among(counts, target.positive)]
    others = [label for label in counts if label not in looked_for]
    named = places_among(others, (*target.order, *NEGATIVE))
    others.sort(key=lambda label: label not in named)
    return [*looked_for[:1], *others, *looked_for[1:]][:2]
