"""Names as they are compared: of columns, and of labels."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence


def simple_name(name: str) -> str:
    """Return ``name`` as names are compared: letters and digits alone, case-blind."""
    return re.sub(r"[\W_]+", "", name.casefold())


def places_among(labels: Collection[str], names: Sequence[str]) -> dict[str, int]:
    """Return where each of ``labels`` stands among ``names``; one that is not there is left out.

    They are compared as they are, else case-blind, else by letters and digits alone, numbers by value: as far as that
    tells the labels apart. Of ``Yes`` and ``yes``, or ``<=50K`` and ``>50K``, each must stand there as it is.
    """
    places: dict[str, int] = {}
    for essence in (str, str.casefold, _essence):
        listed: dict[str, int] = {}
        for place, name in enumerate(names):
            listed.setdefault(essence(name), place)
        shared = Counter(essence(label) for label in set(labels))
        for label in labels:
            key = essence(label)
            if label not in places and key in listed and key and shared[key] == 1:
                places[label] = listed[key]
    return places


def _essence(label: str) -> str:
    try:
        number = float(label)
    except ValueError:
        return simple_name(label)
    return f"number {number!r}" if math.isfinite(number) else simple_name(label)
