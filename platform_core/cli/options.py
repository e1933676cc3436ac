"""Options that several commands share, and how their words are read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

Adapter = Annotated[str | None, typer.Option("--adapter", help="Format of the files; default: the one that fits best.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN,…", help="Which column feeds which field. May be repeated."),
]
Mapping = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="Mapping file that 'verticore data inspect' wrote.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used, and count them.")]
Split = Annotated[
    str | None,
    typer.Option(
        "--split", metavar="TRAIN/VALIDATION/TEST", help="Parts in percent; a part may be 0. Default: 80/10/10."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the split and of the training.")]
Group = Annotated[str | None, typer.Option("--group", metavar="COLUMN", help="Rows of one group share a split.")]
Time = Annotated[
    str | None, typer.Option("--time", metavar="COLUMN", help="Split by time: the newest rows are the test.")
]
Validation = Annotated[Path | None, typer.Option("--validation", metavar="PATH", help="Official validation split.")]
Test = Annotated[Path | None, typer.Option("--test", metavar="PATH", help="Official test split.")]
Model = Annotated[str, typer.Argument(metavar="MODEL[:VERSION|@ALIAS]", help="A bare name means its newest version.")]


def read_mapping(pairs: Iterable[str] | None, file: Path | None) -> dict[str, str] | None:
    """Return field → column of ``--map`` and ``--mapping``; words on the command line win.

    Raises:
        UsageError: a pair is malformed, or a field is named twice.
        FileMissing: the mapping file does not exist.
        FileUnreadable: it is not one that ``data inspect`` writes.
    """
    from platform_core.sdk.errors import UsageError

    mapping = _read_mapping_file(file) if file is not None else {}
    named: set[str] = set()
    for pair in (part.strip() for words in pairs or () for part in words.split(",")):
        field, equals, column = (word.strip() for word in pair.partition("="))
        if not (field and equals and column):
            raise UsageError(f"{pair!r} is no pair of field and column", where="--map", hint="write text=headline")
        if field in named:
            raise UsageError(f"the field {field!r} is mapped twice", where="--map", hint="name each field once")
        named.add(field)
        mapping[field] = column
    return mapping or None


def _read_mapping_file(file: Path) -> dict[str, str]:
    import tomllib

    from platform_core.sdk.errors import FileMissing, FileUnreadable

    hint = "write one with 'verticore data inspect FILE --solution ID'"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileMissing("the mapping file does not exist", where=str(file), hint=hint) from None
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"the mapping file cannot be read ({error})", where=str(file), hint=hint) from None
    columns = content.get("columns")
    if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
        raise FileUnreadable("the mapping file has no table [columns]", where=str(file), hint=hint)
    return dict(columns)


def read_settings(pairs: Iterable[str] | None) -> dict[str, Any]:
    """Return name → value of ``--set name=value``; a value is JSON where it parses, else text.

    Raises:
        UsageError: a pair is malformed.
    """
    from platform_core.sdk.errors import UsageError

    values: dict[str, Any] = {}
    for pair in pairs or ():
        name, equals, value = (word.strip() for word in pair.partition("="))
        if not (name and equals):
            raise UsageError(f"{pair!r} is no pair of name and value", where="--set", hint="write epochs=4")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values
