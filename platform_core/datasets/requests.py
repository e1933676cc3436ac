"""Requests → finished examples: the road of rows of files, for inputs that come one by one with their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from platform_core.datasets.cells import as_text
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.roles import Roles
from platform_core.sdk import BadInput, Example, read_moment
from platform_core.sdk.moments import is_to_come
from platform_core.sdk.wording import first_complaint


def finish_requests(finisher: Finisher, inputs: Sequence[Mapping[str, Any] | Example]) -> list[Example]:
    """Return the examples of a request, finished.

    Args:
        finisher: of their solution.
        inputs: as JSON types; or examples, of which those with derived columns are finished already.

    Raises:
        BadInput: one does not fit; the message names the example and the field.
        PluginError: the solution fails at one.
    """
    return [_finish(finisher, given, f"examples[{index}]") for index, given in enumerate(inputs)]


def _finish(finisher: Finisher, given: Mapping[str, Any] | Example, where: str) -> Example:
    roles = finisher.roles
    if isinstance(given, Example) and roles.derived and getattr(given, roles.derived):
        return given
    example = _validated(finisher, given, where)
    past = _past_of(finisher, example, where)
    return finisher.complete(finisher.hide(example, where), past, where)


def _past_of(finisher: Finisher, example: Example, where: str) -> list[Example]:
    """Return the history that a request gives, oldest first, hidden."""
    roles = finisher.roles
    given = getattr(example, roles.history) if roles.history else ()
    if not given:
        return []
    if len(given) > roles.most_given:
        raise BadInput(
            f"a history of {len(given):,} entries is too long; {roles.most_given:,} are the most",
            where=f"{where}.{roles.history}",
            hint=f"give the latest {roles.most:,}: no others count",
        )
    latest = _moment_of(example, roles, where)
    entries = []
    for index, values in enumerate(given):
        place = f"{where}.{roles.history}[{index}]"
        entry = _validated(finisher, values, place)
        _check_entry(entry, example, roles, place)
        moment = _moment_of(entry, roles, place)
        if moment >= latest:
            raise BadInput(
                "it is not earlier than the example itself",
                where=f"{place}.{roles.moment}",
                hint="a history holds what was before; leave out all else",
            )
        entries.append((moment, entry, place))
    latest_ones = sorted(entries, key=lambda known: known[0])[-roles.most :]
    return [finisher.hide(entry, place) for _, entry, place in latest_ones]


def _check_entry(entry: Example, example: Example, roles: Roles, place: str) -> None:
    if roles.history and getattr(entry, roles.history):
        raise BadInput("an entry has no history of its own", where=f"{place}.{roles.history}", hint="leave it out")
    if roles.identity:
        whose, asked = getattr(entry, roles.identity), getattr(example, roles.identity)
        if whose is not None and asked is not None and whose.strip() != asked.strip():
            raise BadInput(
                f"it is of another {roles.identity} than the example itself",
                where=f"{place}.{roles.identity}",
                hint="give the history of the same one",
            )


def _moment_of(example: Example, roles: Roles, where: str) -> float:
    moment = read_moment(getattr(example, roles.moment)) if roles.moment else None
    if moment is None:
        raise BadInput(
            "without a moment it has no place in a history",
            where=f"{where}.{roles.moment}",
            hint="give a number, or a date in ISO 8601",
        )
    return moment


def _validated(finisher: Finisher, given: Mapping[str, Any] | Example, where: str) -> Example:
    """Return ``given`` as an example.

    Raises:
        BadInput: it does not fit.
    """
    example_type, roles = finisher.solution.example, finisher.roles
    try:
        example = example_type.model_validate(_with_words(given, roles))
    except ValidationError as error:
        found = first_complaint(error)
        known = ", ".join(name for name in example_type.model_fields if name != roles.derived)
        raise BadInput(
            found.message,
            where=where + (f".{found.where}" if found.where else ""),
            hint=f"an example has: {known}",
        ) from error
    if roles.derived and getattr(example, roles.derived):
        raise BadInput(
            "these columns are computed from the other fields", where=f"{where}.{roles.derived}", hint="leave them out"
        )
    if roles.moment and is_to_come(getattr(example, roles.moment) or ""):
        raise BadInput("the date lies in the future", where=f"{where}.{roles.moment}", hint="correct it")
    return example


def _with_words(given: Mapping[str, Any] | Example, roles: Roles) -> Mapping[str, Any] | Example:
    """Return ``given`` with identity and moment as text: in JSON, as in files, both may be numbers."""
    if not isinstance(given, Mapping):
        return given
    names = [name for name in (roles.identity, roles.moment) if name is not None]
    numbers = {
        name: as_text(given[name])
        for name in names
        if isinstance(given.get(name), int | float) and not isinstance(given[name], bool)
    }
    return {**given, **numbers} if numbers else given
