"""What happens to every example before it is stored or answered, whether it was read from a file or asked for.

First :meth:`Finisher.hide`: the solution's masker goes over all texts, and an identity becomes a pseudonym. Then
:meth:`Finisher.complete`: the solution derives columns from the example and those before it, which are hidden, too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platform_core.datasets.histories import pasts_of
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.roles import roles_of
from platform_core.sdk import Cell, Example, PluginError, Solution


class Finisher:
    """Finishes the examples of a solution.

    Args:
        solution: whose masker and derived columns apply.
        pseudonyms: for identities.

    Attributes:
        roles: of the fields of its example type.
        masked: how much was masked, by kind.
    """

    def __init__(self, solution: Solution, pseudonyms: Pseudonyms) -> None:
        self.solution = solution
        self.pseudonyms = pseudonyms
        self.roles = roles_of(solution.example)
        self.masked: Counter[str] = Counter()
        self._columns: tuple[str, ...] | None = None

    @property
    def hides(self) -> bool:
        """Whether the solution wants it hidden who its examples are about."""
        return self.solution.masker is not None or self.roles.identity is not None

    def hide(self, example: Example, where: str) -> Example:
        """Return ``example`` without what identifies people, and without its history; ``where`` names it in errors.

        Raises:
            PluginError: the masker failed.
        """
        roles = self.roles
        changes: dict[str, Any] = {}
        if self.solution.masker is not None:
            changes = {
                name: self._masked(text, where) for name in roles.texts if (text := getattr(example, name)) is not None
            }
        if roles.identity and (identity := getattr(example, roles.identity)) is not None:
            changes[roles.identity] = self.pseudonyms.of(identity) if identity.strip() else None
        if roles.history:
            changes[roles.history] = ()
        return example.model_copy(update=changes) if changes else example

    def complete(self, example: Example, past: Sequence[Example], where: str) -> Example:
        """Return ``example`` with its derived columns.

        Args:
            example: hidden already.
            past: those before it with the same identity, oldest first; hidden, too.
            where: names the example in errors.

        Raises:
            PluginError: the solution derives no columns, others than before, or what is no cell.
        """
        name = self.roles.derived
        if name is None:
            return example
        if self.solution.derive is None:
            raise PluginError(f"{self.solution.id} has the field {name!r}, and no function that derives it")
        try:
            derived = {column: _cell(value) for column, value in self.solution.derive(example, past).items()}
        except Exception as error:
            raise PluginError(
                f"{self.solution.id} cannot derive columns: {type(error).__name__}: {error}",
                where=where,
                hint="tell the authors of the plugin",
            ) from error
        return example.model_copy(update={name: self._in_order(derived, where)})

    def _masked(self, text: str, where: str) -> str:
        assert self.solution.masker is not None
        try:
            masked = self.solution.masker.mask(text)
        except Exception as error:
            raise PluginError(
                f"the masker of {self.solution.id} failed: {type(error).__name__}",
                where=where,
                hint="tell the authors of the plugin",
            ) from None  # logs show what caused an error, and this one may quote the text
        self.masked.update(masked.counts)
        return masked.text

    def _in_order(self, derived: Mapping[str, Cell], where: str) -> dict[str, Cell]:
        """Return the columns in the order of the first example."""
        if self._columns is None:
            self._columns = tuple(derived)
        if set(derived) != set(self._columns):
            raise PluginError(
                f"{self.solution.id} derives the columns {', '.join(derived)}; before they were "
                f"{', '.join(self._columns)}",
                where=where,
                hint="derive the same columns for every example, with None where there is nothing to say",
            )
        return {column: derived[column] for column in self._columns}


def finish_rows(
    finisher: Finisher, rows: Sequence[LabeledExample], *, grouped_by_identity: bool
) -> list[LabeledExample]:
    """Return the rows of a file finished; each one's past is the earlier rows of the same identity.

    Args:
        finisher: of their solution.
        rows: as they were read, all of one source.
        grouped_by_identity: rows of one identity are a group.

    Raises:
        PluginError: the solution fails at a row; the message names it.
    """
    roles = finisher.roles
    hidden = [finisher.hide(row.example, str(row.place)) for row in rows]
    finished = []
    for row, example, past in zip(rows, hidden, pasts_of(hidden, roles), strict=True):
        group = row.group
        if roles.identity and grouped_by_identity:
            group = getattr(example, roles.identity)
        elif group is not None and finisher.hides:
            group = finisher.pseudonyms.of(group)
        example = finisher.complete(example, past, str(row.place))
        finished.append(replace(row, example=example, group=group))
    return finished


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no finite number; None means that there is none")
    return number
