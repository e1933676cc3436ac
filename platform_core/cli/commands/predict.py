"""``verticore predict``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.sdk import Solution
    from platform_core.serving.files import PredictFileResult

SHOWN_ROWS = 50
"""Rows of a table on the screen; --output writes all."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @command(
        app,
        "predict",
        examples=(
            'verticore predict finance.sentiment --text "Profit rose by a third."',
            "verticore predict finance.sentiment@champion --input news.csv --output scored.csv",
            'verticore predict finance.sentiment:2 --text "Sales fell." --explain --json',
        ),
    )
    def predict(
        door: Door,
        model: options.Model,
        text: Annotated[
            list[str] | None, typer.Option("--text", help="The text of one example. May be repeated.")
        ] = None,
        input_: Annotated[
            Path | None, typer.Option("--input", metavar="FILE_OR_FOLDER", help="Examples, labelled or not.")
        ] = None,
        output: Annotated[
            Path | None, typer.Option("--output", metavar="FILE", help="Rows of the input with the answers appended.")
        ] = None,
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        explain: Annotated[bool, typer.Option("--explain", help="Show the words and columns that moved it.")] = False,
        skip_bad: options.SkipBad = False,
    ) -> Json:
        """Predict with a model: single texts, a file or a folder."""
        _check(text, input_, output)
        if input_ is not None:
            adapter, columns = options.read_how(adapter, map_, mapping)
            with door.progress() as progress:
                result = door.platform.predict_file(
                    model,
                    input_,
                    output=output,
                    adapter=adapter,
                    mapping=columns,
                    explain=explain,
                    skip_bad=skip_bad,
                    progress=progress,
                )
            return _show_file(door, result, output, _unit(_solution(door, model)))
        solution, texts = _solution(door, model), text or []
        field = _text_field(solution)
        predictions = door.platform.predict(model, [{field: words} for words in texts], explain=explain)
        _show(door, ("text",), [(words,) for words in texts], predictions, _unit(solution))
        return {"predictions": predictions}


def _check(text: list[str] | None, input_: Path | None, output: Path | None) -> None:
    from platform_core.sdk.errors import UsageError

    if (text is None) == (input_ is None):
        raise UsageError("give either --text or --input", where="verticore predict", hint='--text "…" or --input FILE')
    if output is not None and input_ is None:
        raise UsageError("--output goes with --input", where="--output", hint="use --json for the answer to a text")


def _solution(door: Door, model: str) -> Solution:
    return door.platform.plugins.solution(door.platform.registry.resolve(model).solution)


def _unit(solution: Solution) -> str:
    from platform_core.sdk import NumberTarget

    return solution.target.unit if isinstance(solution.target, NumberTarget) else ""


def _text_field(solution: Solution) -> str:
    """Return the one text field of the solution.

    Raises:
        UsageError: its examples are more than one text.
    """
    from platform_core.sdk import Columns, Derived, History, Identity, Moment, Text, UsageError, field_markers

    markers = field_markers(solution.example)
    fields = [name for name, marker in markers.items() if isinstance(marker, Text)]
    required = [name for name, info in solution.example.model_fields.items() if info.is_required()]
    if len(fields) != 1 or set(required) - set(fields):
        # Where nothing is derived from earlier examples, whom and when one is about makes no difference.
        kinds = (Columns, Derived, History, *(() if solution.derive else (Identity, Moment)))
        given = [name for name, marker in markers.items() if not isinstance(marker, kinds)]
        others = ", and other columns" if any(isinstance(marker, Columns) for marker in markers.values()) else ""
        raise UsageError(
            f"an example of {solution.id} is more than one text: {', '.join(given)}{others}",
            where="--text",
            hint="give a file with these columns: --input FILE",
        )
    return fields[0]


def _show_file(door: Door, result: PredictFileResult, output: Path | None, unit: str) -> Json:
    door.warn(*result.warnings)
    if output is None:
        from platform_core.cli.predictions import places_of

        titles, places = places_of(result.predictions)
        _show(door, titles, places, result.predictions, unit)
    else:
        door.say(f"{len(result.predictions):,} predictions are in {output}")
    if result.skipped_output:
        door.say(f"The skipped rows are listed in {result.skipped_output}")
    return result.to_dict()


def _show(
    door: Door,
    titles: Sequence[str],
    keys: Sequence[Sequence[Any]],
    predictions: Sequence[Mapping[str, Any]],
    unit: str,
) -> None:
    from platform_core.cli.predictions import prediction_table

    told, rows = prediction_table(predictions[:SHOWN_ROWS], unit=unit)
    door.table((*titles, *told), [(*key, *row) for key, row in zip(keys, rows, strict=False)])
    if len(predictions) > SHOWN_ROWS:
        door.say(f"… and {len(predictions) - SHOWN_ROWS:,} more; --output FILE writes all")
    note = predictions[0].get("explanation", {}).get("note") if predictions else None
    if note:
        door.say(note)
