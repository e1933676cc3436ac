"""Targets: what a solution predicts. The kind of target decides how labels are read, and which metrics apply.

============================  ==========================  ===============================
target                        value in a dataset          task
============================  ==========================  ===============================
:class:`ClassTarget`          ``"fraud"``                 ``binary`` or ``multiclass``
:class:`OrdinalTarget`        ``"level 2"``               ``ordinal``
:class:`LabelsTarget`         ``("late", "damaged")``     ``multilabel``
:class:`NumberTarget`         ``13.5``                    ``regression``
============================  ==========================  ===============================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from platform_core.sdk.names import places_among

Task = Literal["binary", "multiclass", "ordinal", "multilabel", "regression"]
"""What kind of answer a head gives."""

TargetValue = str | tuple[str, ...] | float
"""The target of one example: a label, a set of labels (sorted), or a number."""

_ALIASES = ("label", "class", "target", "category", "y")


@dataclass(frozen=True, kw_only=True)
class ClassTarget:
    """The target is one of two or more classes.

    Attributes:
        aliases: column names by which users know the target, most likely first.
        order: labels in the order in which people expect them; others follow in natural order. Compared case-blind,
            else by letters and digits alone.
        positive: of two classes, names of the one that is looked for, such as ``("fraud", "yes", "1")``, compared like
            those of ``order``. Where none matches, imports take what the user names, the opposite of a usual negative
            such as ``no``, or the rarer label.
        top: predictions list the so many most probable labels as ``top``, the first first; 0: they do not.
    """

    aliases: tuple[str, ...] = _ALIASES
    order: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    top: int = 0

    def positive_label(self, labels: Sequence[str]) -> str | None:
        """Return the label that is looked for by its name, else the last; ``None`` where there are not exactly two."""
        if len(labels) != 2:
            return None
        wanted = places_among(labels, self.positive)
        return next((label for label in labels if label in wanted), labels[-1])


@dataclass(frozen=True, kw_only=True)
class OrdinalTarget:
    """The target is one of several levels that have an order, such as the acuity of a patient.

    Attributes:
        aliases: column names by which users know the target, most likely first.
        order: names of levels from first to last, of several scales if need be; a level that is not listed follows, by
            the number in it or by its name. Compared case-blind, else by letters and digits alone.
        severe: the end of the order whose levels must not be missed: mistaking a severe level for a milder one is
            the costly error (``undertriage``).
    """

    aliases: tuple[str, ...] = ("label", "level", "grade", "class", "target", "y")
    order: tuple[str, ...] = ()
    severe: Literal["first", "last"] = "first"


@dataclass(frozen=True, kw_only=True)
class LabelsTarget:
    """The target is a set of labels, possibly empty.

    Attributes:
        aliases: column names by which users know the target, most likely first.
        order: labels in the order in which people expect them; others follow in natural order.
        separators: what may stand between two labels in one cell; lists (JSON, Parquet) need none.
    """

    aliases: tuple[str, ...] = ("labels", "tags", "label", "classes", "targets", "y")
    order: tuple[str, ...] = ()
    separators: str = "|;"


@dataclass(frozen=True, kw_only=True)
class NumberTarget:
    """The target is a finite number.

    Attributes:
        aliases: column names by which users know the target, most likely first.
        unit: the unit, as shown to people.
    """

    order: ClassVar[tuple[str, ...]] = ()
    """Numbers have no labels to put in order."""

    aliases: tuple[str, ...] = ("label", "target", "value", "y")
    unit: str = ""


Target = ClassTarget | OrdinalTarget | LabelsTarget | NumberTarget
"""What a solution predicts."""


def task_of(target: Target, labels: Sequence[str]) -> Task:
    """Return the task that ``target`` is when it has these ``labels``."""
    match target:
        case ClassTarget():
            return "binary" if len(labels) == 2 else "multiclass"
        case OrdinalTarget():
            return "ordinal"
        case LabelsTarget():
            return "multilabel"
        case NumberTarget():
            return "regression"
