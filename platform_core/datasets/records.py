"""Validated examples, and the problems met on the way to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from platform_core.sdk import BadRecord, DataError, Example, Place, TargetValue

LISTED_PROBLEMS = 20
SHOWN_PROBLEMS = 10
SKIP_HINT = "correct it, or skip such rows with --skip-bad"


@dataclass(frozen=True, slots=True)
class LabeledExample:
    """One validated row of a dataset.

    Attributes:
        example: the input.
        target: what is predicted, where the row has it: a label, a sorted set of labels, or a number.
        split: ``train``, ``validation`` or ``test``; empty where nothing was split.
        group: rows of one group are never in different splits.
        place: where it was read.
        time: its moment as written in the file, where a time column was named.
    """

    example: Example
    target: TargetValue | None
    split: str
    group: str | None
    place: Place
    time: str | None = None


@dataclass
class Problems:
    """The rows that cannot be used."""

    listed: list[BadRecord] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.listed)

    def add(self, bad: BadRecord) -> None:
        """Take up ``bad``."""
        self.listed.append(bad)

    def error(self) -> DataError:
        """Return an error that shows the first problem fully, names the next with their places, and counts all."""
        first = self.listed[0]
        others = ""
        if self.count > 1:
            others = f" (and {count_of(self.count - 1, 'more bad row')}: {self._shown(1)})"
        return DataError(
            first.message + others,
            where=_where(first),
            hint=_with_skip(first.hint),
            details={"count": self.count, "problems": [facts_of(bad) for bad in self.listed[:LISTED_PROBLEMS]]},
        )

    def warning(self) -> str:
        """Return one sentence that counts the skipped rows and lists the first."""
        were = "was" if self.count == 1 else "were"
        return f"{count_of(self.count, 'bad row')} {were} skipped: {self._shown(0)}"

    def _shown(self, start: int) -> str:
        """Return the first problems from ``start`` on, each with its place."""
        shown = "; ".join(f"{_where(bad)}: {bad.message}" for bad in self.listed[start:SHOWN_PROBLEMS])
        return shown + ("; …" if self.count > SHOWN_PROBLEMS else "")


def count_of(count: int, noun: str) -> str:
    """Return ``count`` in words: ``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def facts_of(bad: BadRecord) -> dict[str, Any]:
    """Return as JSON types which file, row and column cannot be used, why, and what to do."""
    place = {"file": bad.place.file, "row": bad.place.row, "column": bad.column}
    return {**place, "message": bad.message, "hint": bad.hint}


def _with_skip(hint: str | None) -> str:
    if not hint:
        return SKIP_HINT
    return hint if "--skip-bad" in hint else f"{hint}; or skip such rows with --skip-bad"


def _where(bad: BadRecord) -> str:
    return f"{bad.place}, column {bad.column!r}" if bad.column else str(bad.place)
