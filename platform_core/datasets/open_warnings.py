"""What people are told of columns that do not feed the open field, or perhaps should not."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from platform_core.datasets.cells import Style
from platform_core.datasets.screening import Suspect

_KINDS = {
    "leak": "it looks like a leak of the label",
    "identifier": "it looks like an identifier",
    "text": "it is free text",
    "constant": "it says nothing",
    "unreadable": "its values are neither numbers nor words",
    "later": "it is known only later",
    "ignored": "it means nothing for the label",
    "unique": "it only tells rows apart",
}


def unused_warning(suspect: Suspect) -> str:
    """Return the sentence on a column that is not used."""
    return f"the column {suspect.column!r} is not used; {_KINDS[suspect.kind]}: {suspect.evidence}"


def dropped_warning(suspect: Suspect) -> str:
    """Return the sentence on a column that was kept out of the open field, with the way to use it."""
    remedy = f"; use it with --keep {shlex.quote(suspect.column)}" if suspect.kind != "unreadable" else ""
    return unused_warning(suspect) + remedy


def doubt_warning(suspect: Suspect, *, asked: bool) -> str:
    """Return the sentence on a column that is used though it may be a leak: it was ``asked`` for, or is doubtful."""
    if asked:
        return f"the column {suspect.column!r} is used as you said; it looks like a leak: {suspect.evidence}"
    return (
        f"the column {suspect.column!r} is used; it may be a leak of the label: {suspect.evidence}; "
        f"if it is filled in later, leave it out with --drop {shlex.quote(suspect.column)}"
    )


def later_warning(names: Sequence[str]) -> str:
    """Return the sentence on columns that are used though they are named like outcomes."""
    drops = " ".join(f"--drop {shlex.quote(name)}" for name in names)
    sound = "sounds as if it were" if len(names) == 1 else "sound as if they were"
    return f"{', '.join(map(repr, names))} {sound} filled in after the moment of prediction; if so, leave out: {drops}"


def stray_warnings(styles: Mapping[str, Style]) -> list[str]:
    """Return a sentence on each column of numbers that holds a few other values."""
    return [
        f"the column {name!r} holds numbers; other values are read as missing: {', '.join(map(repr, style.stray[:5]))}"
        + (", …" if len(style.stray) > 5 else "")
        for name, style in styles.items()
        if style.stray
    ]
