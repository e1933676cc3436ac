"""How files become a dataset version: the options that import, training and the command line share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from platform_core.datasets.mapping import MappedColumns


class ImportOptions(TypedDict, total=False):
    """Options of an import; each may be left out.

    Attributes:
        adapter: name of the adapter; the most specific that fits if left out.
        mapping: field → column, for what should not be guessed; of an open field the columns, all of them.
        split: ``train/validation/test`` in proportion; ``80/10/10`` if left out.
        seed: of the shuffle.
        group: column of groups that are never torn apart; one named ``group`` is taken by itself.
        time: column of moments: split by time instead of by chance.
        validation: file or folder of an official validation split, used as it is.
        test: file or folder of an official test split, used as it is.
        skip_bad: skip and count rows that cannot be used.
        drop: columns that must not feed the open field.
        keep: columns that must feed the open field, whatever the screening finds.
        positive: of two classes, the label that is looked for; where it is left out and the solution knows neither
            name, the rarer one.
    """

    adapter: str | None
    mapping: MappedColumns | None
    split: str | None
    seed: int
    group: str | None
    time: str | None
    validation: str | Path | None
    test: str | Path | None
    skip_bad: bool
    drop: Sequence[str]
    keep: Sequence[str]
    positive: str | None
