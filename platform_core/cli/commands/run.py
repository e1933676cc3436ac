"""``verticore run``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.operations.results import OperationResult
    from platform_core.sdk import Operation

STDIN = "-"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "run",
        examples=(
            "verticore run finance.monitor --data news.csv --picture series.png",
            "verticore run finance.monitor --data news.csv --set half_life_days=14 --output alerts.json",
            "cat news.jsonl | verticore run finance.monitor --data - --json",
        ),
    )
    def run(
        door: Door,
        operation: Annotated[str, typer.Argument(metavar="ID", help="Id of the operation.")],
        input_: Annotated[
            str | None, typer.Option("--input", metavar="FILE.json|JSON", help="The input, a file or the text itself.")
        ] = None,
        set_: Annotated[
            list[str] | None,
            typer.Option("--set", metavar="FIELD=VALUE", help="A field of the input; JSON or text. May be repeated."),
        ] = None,
        data: Annotated[
            str | None,
            typer.Option(
                "--data", metavar="PATH", help="Rows: CSV, TSV, JSON Lines or Parquet; '-' reads JSON Lines from stdin."
            ),
        ] = None,
        map_: options.Map = None,
        skip_bad: options.SkipBad = False,
        output: Annotated[
            Path | None, typer.Option("--output", metavar="FILE.json", help="File that gets the whole result.")
        ] = None,
        picture: Annotated[
            Path | None, typer.Option("--picture", metavar="FILE.png", help="File that gets a picture of the result.")
        ] = None,
    ) -> Json:
        """Run an operation of a plugin: a monitor, a pipeline of models, a watch over a series."""
        from platform_core.cli.results import show_result

        spec = door.platform.plugins.operation(operation)
        _check_files(spec, output, picture)
        given = {**_read_input(input_), **options.read_settings(set_)}
        mapping = options.read_mapping(map_, None)
        with door.progress() as progress, _rows_at(data) as place:
            result = door.platform.run_operation(
                operation, given, data=place, mapping=mapping, skip_bad=skip_bad, progress=progress
            )
        door.warn(*result.warnings)
        files = _write(spec, result, output, picture)  # before anything is printed: who reads it may stop reading
        show_result(door, result.to_dict()["output"], passed_on=spec.input.model_fields)
        door.say(*(f"{what} in {file}" for what, file in files.items()))
        return result.to_dict() | {"files": [str(file) for file in files.values()]}


def _check_files(operation: Operation[Any, Any], output: Path | None, picture: Path | None) -> None:
    """Refuse, before any work, files that could not be written."""
    from platform_core.sdk.errors import UsageError

    if picture is not None and operation.picture is None:
        raise UsageError(f"{operation.id} draws no picture", where="--picture", hint="leave it out")
    for option, file, suffix in (("--output", output, ".json"), ("--picture", picture, ".png")):
        if file is None:
            continue
        if file.suffix.lower() != suffix:
            raise UsageError(f"{file.name!r} does not end in {suffix}", where=option, hint=f"write {file.stem}{suffix}")
        if not file.parent.is_dir():
            raise UsageError(f"there is no folder {str(file.parent)!r}", where=option, hint="create it first")


def _read_input(given: str | None) -> Mapping[str, Any]:
    """Return the object that ``--input`` gives, as text or as the name of a file.

    Raises:
        FileMissing, FileUnreadable: there is no such file, or it is no JSON.
        UsageError: the text is no JSON object.
    """
    import json

    from platform_core.sdk.errors import FileMissing, FileUnreadable, UsageError

    if given is None:
        return {}
    is_text = given.lstrip().startswith(("{", "["))
    try:
        value = json.loads(given if is_text else Path(given).read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "name a file, or give the input itself: --input '{\"field\": …}'"
        raise FileMissing("there is no such file", where=given, hint=hint) from None
    except (OSError, ValueError) as error:
        kind = UsageError if is_text else FileUnreadable
        raise kind(f"the input is no JSON ({error})", where="--input" if is_text else given) from None
    if not isinstance(value, dict):
        raise UsageError(
            f"the input is a {type(value).__name__}, not an object", where="--input", hint='write {"…": …}'
        )
    return value


@contextmanager
def _rows_at(data: str | None) -> Iterator[Path | None]:
    """Yield the path of the rows; what comes through stdin lies in a folder that is gone afterwards."""
    import shutil
    import sys
    import tempfile

    if data != STDIN:
        yield None if data is None else Path(data)
        return
    with tempfile.TemporaryDirectory(prefix="verticore-") as folder:
        file = Path(folder) / "stdin.jsonl"
        with file.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield file


def _write(
    operation: Operation[Any, Any], result: OperationResult, output: Path | None, picture: Path | None
) -> dict[str, Path]:
    """Write what is asked for, with the list of skipped rows beside the result; return the files, in words."""
    from platform_core.datasets.skipped import list_skipped

    files: dict[str, Path] = {}
    if output is not None:
        output.write_text(result.output.model_dump_json(indent=2) + "\n", encoding="utf-8")
        files["The result is"] = output
        listed = list_skipped(result.skipped, output)
        files |= {"The skipped rows are listed": listed} if listed else {}
    if picture is not None:
        from platform_core.operations.runner import draw

        picture.write_bytes(draw(operation, result.output))
        files["The picture is"] = picture
    return files
