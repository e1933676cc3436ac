"""One column of a table, looked at: its cells as numbers or as codes, and how many different values it has."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from platform_core.datasets.cells import Unfit
from platform_core.datasets.column_styles import read_column, style_of
from platform_core.sdk import Cell

FEW_VALUES = 50
_CODES_PART = 0.05
_EDGES = np.concatenate([[0.001, 0.01], np.arange(0.05, 1.0, 0.05), [0.99, 0.999]])


@dataclass(frozen=True)
class Profile:
    """A column.

    Attributes:
        name: its name.
        cells: its values, in the order of the rows.
        written: the values that are there, as they stand in the file.
        unreadable: why it can be no column of cells, or nothing.
    """

    name: str
    cells: Sequence[Cell]
    written: Sequence[str]
    unreadable: str | None = None

    @classmethod
    def of(cls, name: str, values: Sequence[Any]) -> Profile:
        """Look at the ``values`` of a column, as read from a file."""
        cells = read_column(values, style_of(values))
        unfit = next((cell for cell in cells if isinstance(cell, Unfit)), None)
        if unfit:
            return cls(name, (), (), str(unfit))
        present = [cell for cell in cells if not isinstance(cell, Unfit)]
        written = [str(value).strip() for value, cell in zip(values, present, strict=True) if cell is not None]
        return cls(name, present, written)

    @cached_property
    def distinct(self) -> int:
        """How many different values there are, missing ones apart."""
        return len(set(self.written))

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """The values as numbers [rows], NaN where missing; ``None`` for categories."""
        if any(isinstance(cell, str) for cell in self.cells) or all(cell is None for cell in self.cells):
            return None
        return np.array([math.nan if cell is None else cell for cell in self.cells], dtype=np.float64)

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is no value [rows]."""
        return np.array([cell is None for cell in self.cells], dtype=bool)

    @cached_property
    def values(self) -> list[Cell]:
        """The different values, in order of appearance; :attr:`codes` counts them."""
        return list(dict.fromkeys(self.cells))

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """The place of each row's value in :attr:`values` [rows]."""
        place = {value: code for code, value in enumerate(self.values)}
        return np.array([place[cell] for cell in self.cells], dtype=np.int64)

    @cached_property
    def bins(self) -> NDArray[np.int64] | None:
        """Few codes for the rows: values as they are, or quantiles of numbers; ``None`` where neither is possible."""
        if len(self.values) <= max(FEW_VALUES, _CODES_PART * len(self.cells)):
            return self.codes
        if self.numbers is None:
            return None
        edges = np.unique(np.nanquantile(self.numbers, _EDGES))
        return np.where(self.missing, len(edges) + 1, np.searchsorted(edges, self.numbers, side="right"))

    @cached_property
    def words(self) -> float:
        """How many words a value has, on average."""
        return sum(len(value.split()) for value in self.written) / max(1, len(self.written))


def name_parts(name: str) -> list[str]:
    """Return the words of a column's name: ``PolicyNumber`` → ``policy``, ``number``."""
    return [part.casefold() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
