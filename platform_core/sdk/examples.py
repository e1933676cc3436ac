"""Examples: what a solution takes in, as one pydantic type per solution.

The same type validates rows at import, feeds training, and is the request schema of the endpoint::

    class SentimentExample(Example):
        text: Annotated[str, Text(aliases=("sentence", "headline"))]

A field's marker (:class:`Text`, :class:`Number`, :class:`Category`) says which encoder reads it and by which
column names users tend to call it. Some fields no encoder reads: whom an example is about (:class:`Identity`), when it
is (:class:`Moment`), and what came before it (:class:`History`); what a solution makes of them stands in a field
marked :class:`Derived`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict

from platform_core.sdk.errors import PluginError


class Example(BaseModel):
    """One typed, validated input. Subclass it; mark each field with what it holds."""

    # Errors are logged with what caused them: the values of an example may tell who somebody is.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON: the identity of this input, without its target.

        Equal examples have equal hashes: the order of an open field's columns does not count, nor what is derived.
        """
        tables = {name: dict(sorted(value.items())) for name, value in self if isinstance(value, Mapping)}
        canonical = self.model_copy(update=tables) if tables else self
        return hashlib.sha256(canonical.model_dump_json(exclude=_followed(type(self))).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class FieldMarker:
    """What a field holds.

    Attributes:
        aliases: column names by which users know the field, most likely first; compared case-blind.
        title: the words for the field in forms and tables.
    """

    aliases: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Text(FieldMarker):
    """Natural language, read by a text encoder."""


@dataclass(frozen=True, kw_only=True)
class Number(FieldMarker):
    """A finite number, read by a tabular encoder.

    Attributes:
        unit: the unit, as shown to people.
        low: the least value that can be, such as 0 for a heart rate. Models take what is outside as missing, and
            imports tell where it stands.
        high: the greatest.
    """

    unit: str = ""
    low: float | None = None
    high: float | None = None

    def is_possible(self, value: float) -> bool:
        """Tell whether ``value`` is within the bounds."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, kw_only=True)
class Category(FieldMarker):
    """One of few values, read by a tabular encoder.

    Attributes:
        known: the words that the solution's rules understand, such as yes and no; empty where there are no such rules.
            Imports tell where other words stand; models read them like all.
    """

    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Columns(FieldMarker):
    """All columns of a table that feed no other field: numbers and categories, told apart when a model is trained.

    The field's type is :data:`Cells`; an example type has one such field at most. Columns that identify rows, that
    give the target away, or that are free text are left out, and the user is told.

    Attributes:
        known_later: names of columns that are filled in after the moment of prediction; they are left out.
        ignored: names of columns that mean nothing for the target, such as running numbers.
        unique: names of columns that tell rows apart, such as the number of a transaction: a row that repeats a value
            is bad, and no model reads them.
    """

    known_later: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Identity(FieldMarker):
    """Whom or what an example is about: a patient, an account. No model reads it.

    The field's type is ``str | None``. It is kept as a keyed hash only; by the value itself the examples are found
    when a person is to be erased. Examples of one identity are never in different splits, unless splits go by time.

    Attributes:
        together: not even then, as with patients, who are seen for some days. Where identities live as long as the
            data, such as accounts, leave it: what is active to the end would all be tested, and never learned from.
    """

    together: bool = False


@dataclass(frozen=True, kw_only=True)
class Moment(FieldMarker):
    """When an example is: a number, or a date in ISO 8601. No model reads it as it stands.

    The field's type is ``str | None``. It puts the rows of an identity in order.
    """


@dataclass(frozen=True, kw_only=True)
class History(FieldMarker):
    """What came before an example with the same :class:`Identity`, oldest first.

    The field's type is :data:`Past`. Requests give it; from files it is gathered: the rows of the same identity that
    are strictly earlier by their :class:`Moment`. Only :attr:`Solution.derive` sees it; it is not kept.

    Attributes:
        most: only so many of the latest are gathered.
    """

    most: int = 50


@dataclass(frozen=True, kw_only=True)
class Derived(FieldMarker):
    """Columns that :attr:`Solution.derive` computes from the other fields; users never give them.

    The field's type is :data:`Cells`, with an empty default; an example type has one such field at most.
    """


Cell = float | str | None
"""One value of a table: a number, a category, or nothing."""

Cells = Mapping[str, Cell]
"""Values by column, for a field marked :class:`Columns` or :class:`Derived`."""

Past = tuple[Mapping[str, Any], ...]
"""Earlier examples of the same type as JSON types, for a field marked :class:`History`."""


def _reject_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("the text is empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("the text holds half a character (a lone surrogate)") from None
    return value


NonBlank = Annotated[str, AfterValidator(_reject_blank)]
"""A string with at least one character that is not white space."""


@functools.lru_cache(maxsize=256)
def field_markers(example_type: type[Example]) -> Mapping[str, FieldMarker]:
    """Return the marker of each field of ``example_type``, in order of definition.

    Raises:
        PluginError: a field has no marker.
    """
    markers: dict[str, FieldMarker] = {}
    for name, hint in get_type_hints(example_type, include_extras=True).items():
        if name not in example_type.model_fields:
            continue
        marker = _find_marker(hint)
        if marker is None:
            raise PluginError(
                f"the field {name!r} of {example_type.__name__} says not what it holds",
                hint="annotate it: Annotated[str, Text()], Annotated[float, Number()] or Annotated[str, Category()]",
            )
        markers[name] = marker
    return MappingProxyType(markers)


def open_field(example_type: type[Example]) -> tuple[str, Columns] | None:
    """Return the name and marker of the field that takes all columns that feed no other, where there is one.

    Raises:
        PluginError: there are several.
    """
    return only_field(example_type, Columns)


MarkerT = TypeVar("MarkerT", bound=FieldMarker)


def only_field(example_type: type[Example], kind: type[MarkerT]) -> tuple[str, MarkerT] | None:
    """Return the name and marker of the field of ``example_type`` whose marker is a ``kind``, where there is one.

    Raises:
        PluginError: there are several.
    """
    found = [(name, marker) for name, marker in field_markers(example_type).items() if isinstance(marker, kind)]
    if len(found) > 1:
        names = ", ".join(name for name, _ in found)
        raise PluginError(
            f"{example_type.__name__} has {len(found)} fields marked {kind.__name__} ({names})", hint="keep one"
        )
    return found[0] if found else None


@functools.cache
def _followed(example_type: type[Example]) -> set[str]:
    """Return the fields that follow from others."""
    return {name for name, marker in field_markers(example_type).items() if isinstance(marker, History | Derived)}


def _find_marker(hint: Any) -> FieldMarker | None:
    if get_origin(hint) is Annotated:
        for extra in hint.__metadata__:
            if isinstance(extra, FieldMarker):
                return extra
        return _find_marker(get_args(hint)[0])
    return next((m for m in map(_find_marker, get_args(hint)) if m), None)
