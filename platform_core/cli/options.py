"""Options that several commands share, and how their words are read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
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
Drop = Annotated[
    list[str] | None,
    typer.Option("--drop", metavar="COLUMN", help="Do not learn from this column. May be repeated."),
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="COLUMN", help="Learn from this column though it looks bad. May be repeated."),
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
Positive = Annotated[
    str | None,
    typer.Option(
        "--positive",
        metavar="LABEL",
        help="Of two classes, the one that is looked for. Default: by its name, else the rarer one.",
    ),
]
Validation = Annotated[Path | None, typer.Option("--validation", metavar="PATH", help="Official validation split.")]
Test = Annotated[Path | None, typer.Option("--test", metavar="PATH", help="Official test split.")]
Model = Annotated[str, typer.Argument(metavar="MODEL[:VERSION|@ALIAS]", help="A bare name means its newest version.")]
Costs = Annotated[
    str | None,
    typer.Option("--costs", metavar="fp:COST,fn:COST", help="What a false alert and a miss cost, e.g. fp:1,fn:20."),
]


class Part(StrEnum):
    """Which part of a dataset version is evaluated."""

    test = "test"
    validation = "validation"
    train = "train"
    all = "all"


EvaluatedPart = Annotated[Part, typer.Option("--split", help="Part of a dataset version; a file is used whole.")]


def read_how(
    adapter: str | None, pairs: Iterable[str] | None, file: Path | None, *, solution: str | None = None
) -> tuple[str | None, dict[str, str | tuple[str, ...]] | None]:
    """Return adapter and mapping of ``--adapter``, ``--map`` and ``--mapping``; the file says what is left unsaid.

    Args:
        adapter: ``--adapter``.
        pairs: ``--map``.
        file: ``--mapping``.
        solution: the solution that the data is read for, where it is known.

    Raises:
        UsageError: a pair is malformed, a field is named twice, or the file is for another solution.
        FileMissing: the mapping file does not exist.
        FileUnreadable: it is not one that ``data inspect`` writes.
    """
    from platform_core.sdk.errors import UsageError

    if file is not None:
        content = _read_mapping_file(file)
        meant = content.get("solution")
        if solution is not None and meant not in (None, solution):
            hint = f"write one with 'verticore data inspect FILE --solution {solution}'"
            raise UsageError(f"the mapping file is for {meant}, not for {solution}", where=str(file), hint=hint)
        adapter = adapter or content.get("adapter")
    return adapter, read_mapping(pairs, file)


def read_mapping(pairs: Iterable[str] | None, file: Path | None) -> dict[str, str | tuple[str, ...]] | None:
    """Return field → column, or columns, of ``--map`` and ``--mapping``; words on the command line win.

    Raises:
        UsageError: a pair is malformed, or a field is named twice.
        FileMissing: the mapping file does not exist.
        FileUnreadable: it is not one that ``data inspect`` writes.
    """
    from platform_core.sdk.errors import UsageError

    mapping = _columns_of(file) if file is not None else {}
    named: set[str] = set()
    for pair in (part.strip() for words in pairs or () for part in words.split(",")):
        field, equals, column = (word.strip() for word in pair.partition("="))
        if not (field and equals):
            hint = "write text=headline, or time= for a field that no column is to feed"
            raise UsageError(f"{pair!r} is no pair of field and column", where="--map", hint=hint)
        if field in named:
            raise UsageError(f"the field {field!r} is mapped twice", where="--map", hint="name each field once")
        named.add(field)
        mapping[field] = column
    return mapping or None


_MAPPING_HINT = "write one with 'verticore data inspect FILE --solution ID'"


def _columns_of(file: Path) -> dict[str, str | tuple[str, ...]]:
    from platform_core.sdk.errors import FileUnreadable

    columns = _read_mapping_file(file).get("columns")
    if not isinstance(columns, dict) or not all(map(_names_columns, columns.values())):
        raise FileUnreadable("the mapping file has no table [columns] of names", where=str(file), hint=_MAPPING_HINT)
    return {field: column if isinstance(column, str) else tuple(column) for field, column in columns.items()}


def _read_mapping_file(file: Path) -> dict[str, Any]:
    import tomllib

    from platform_core.sdk.errors import FileMissing, FileUnreadable

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileMissing("the mapping file does not exist", where=str(file), hint=_MAPPING_HINT) from None
    except (OSError, ValueError) as error:
        message = f"the mapping file cannot be read ({error})"
        raise FileUnreadable(message, where=str(file), hint=_MAPPING_HINT) from None


def _names_columns(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(name, str) for name in value))


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


def check_picture(output: Path | None) -> None:
    """Refuse a place for a picture that cannot be written, before the work.

    Raises:
        UsageError: the file is no PNG, or its folder does not exist.
    """
    from platform_core.sdk.errors import UsageError

    if output is None:
        return
    if output.suffix.lower() != ".png":
        raise UsageError(f"a picture is a PNG file, not {output.name!r}", where="--output", hint="write picture.png")
    if not output.absolute().parent.is_dir():
        raise UsageError("the folder does not exist", where=f"--output {output}", hint="create it first")
