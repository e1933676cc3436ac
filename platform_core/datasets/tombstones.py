"""Persons who were erased: known by keyed hashes alone, and not taken in again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import LabeledExample, count_of
from platform_core.datasets.tables import Erasure
from platform_core.sdk import EmptyData

Pseudonym = Callable[[str], str]
"""From an identity as users write it to its keyed hash."""


@dataclass(frozen=True)
class Person:
    """Whose rows go.

    Attributes:
        subject: the keyed hash.
        solution: whose data alone they go from, for the same identity may be another person elsewhere; empty: all.
    """

    subject: str
    solution: str = ""

    def is_in(self, solution: str) -> bool:
        """Tell whether rows go from the data of ``solution``."""
        return self.solution in ("", solution)


@dataclass(frozen=True)
class Holding:
    """A stored table with rows of the person.

    Attributes:
        key: where it is stored.
        rows: which rows they are.
        versions: the versions that name it; none where a process died.
        solution: whose examples they are.
    """

    key: str
    rows: list[int]
    versions: list[DatasetInfo]
    solution: str


@dataclass(frozen=True)
class Tombstone:
    """What is kept of an erasure.

    Attributes:
        subject: the keyed hash of the person.
        at: when they were erased first.
        versions: rows that were removed, by id of the dataset version.
        models: the model versions that were trained on them, as ``name:version``.
        finished: whether nothing is left to do.
    """

    subject: str
    at: datetime
    versions: dict[str, int]
    models: list[str]
    finished: bool


def tombstone_of(row: Erasure) -> Tombstone:
    """Return what callers see of a row."""
    return Tombstone(row.subject, row.created_at, dict(row.versions), list(row.models), row.finished_at is not None)


def without_erased(read: ReadResult, erased: Collection[str], pseudonym: Pseudonym) -> ReadResult:
    """Return what was read without the rows of persons who were erased, and tell how many there were.

    Args:
        read: what was read.
        erased: the keyed hashes of these persons.
        pseudonym: makes such hashes, for groups.

    Raises:
        EmptyData: no other rows are left.
    """
    if not erased:
        return read
    subjects = [subject_of(row, erased, pseudonym) for row in read.examples]
    persons = set(subjects) - {None}
    if not persons:
        return read
    kept = [index for index, subject in enumerate(subjects) if subject is None]
    whose = f"of {count_of(len(persons), 'person')} who {'was' if len(persons) == 1 else 'were'} erased"
    if not kept:
        raise EmptyData(f"all rows are {whose}", hint="they are not taken in again")
    left_out = len(subjects) - len(kept)
    warning = f"{count_of(left_out, 'row')} {whose} {'was' if left_out == 1 else 'were'} left out"
    return replace(
        read,
        examples=[read.examples[index] for index in kept],
        rows=[read.rows[index] for index in kept],
        warnings=[*read.warnings, warning],
    )


def subject_of(row: LabeledExample, erased: Collection[str], pseudonym: Pseudonym) -> str | None:
    """Return which of ``erased`` the row is about: by a field that holds the hash, or by its group."""
    values = [value for _, value in row.example if isinstance(value, str)]
    if row.group is not None:
        values += [row.group, pseudonym(row.group)]
    return next((value for value in values if value in erased), None)
