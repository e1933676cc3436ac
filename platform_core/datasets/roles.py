"""Which field of an example plays which part."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from platform_core.sdk import Derived, Example, FieldMarker, History, Identity, Moment, Text, field_markers, only_field


@dataclass(frozen=True)
class Roles:
    """The fields of an example type that no encoder reads as they stand, and its texts.

    Attributes:
        texts: the fields marked ``Text``.
        identity, moment, history, derived: the field of this kind, ``None`` where there is none.
        most: how many earlier examples a history holds.
        together: whether examples of one identity share a split even where splits go by time.
    """

    texts: tuple[str, ...] = ()
    identity: str | None = None
    moment: str | None = None
    history: str | None = None
    derived: str | None = None
    most: int = 0
    together: bool = False

    @property
    def most_given(self) -> int:
        """How many earlier examples a request may give: more than count, as not all clients know what counts."""
        return 10 * self.most


@functools.cache
def roles_of(example_type: type[Example]) -> Roles:
    """Return the roles of the fields of ``example_type``."""
    history, identity = only_field(example_type, History), only_field(example_type, Identity)
    return Roles(
        texts=tuple(name for name, marker in field_markers(example_type).items() if isinstance(marker, Text)),
        identity=identity[0] if identity else None,
        moment=_name_of(example_type, Moment),
        history=history[0] if history else None,
        derived=_name_of(example_type, Derived),
        most=history[1].most if history else 0,
        together=bool(identity and identity[1].together),
    )


def _name_of(example_type: type[Example], kind: type[FieldMarker]) -> str | None:
    found = only_field(example_type, kind)
    return found[0] if found else None
