"""``verticore feedback``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_core.cli import options
from platform_core.cli.command import command
from platform_core.cli.door import Door, Json

if TYPE_CHECKING:
    from platform_core.monitoring.feedback.words import FeedbackInfo

HELP = "Feedback: what answers should have been; 'verticore data from-feedback' makes data of it."

Model = Annotated[str, typer.Argument(metavar="MODEL[:VERSION|@ALIAS]", help="A bare name is its champion, if set.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``app``."""

    @command(
        app,
        "add",
        examples=(
            "verticore feedback add news --prediction prd_33n6wy12dxpwj0axcbh0anreq7 --label negative",
            'verticore feedback add news --example \'{"text": "Sales fell."}\' --label negative',
            "verticore feedback add news --data corrected.csv",
        ),
    )
    def add(
        door: Door,
        model: Model,
        prediction: Annotated[
            str | None, typer.Option("--prediction", metavar="ID", help="The id of an answer of the server.")
        ] = None,
        index: Annotated[int, typer.Option("--index", min=0, help="Which of its predictions.")] = 0,
        example: Annotated[
            str | None, typer.Option("--example", metavar="JSON", help="Or an example, as in a request.")
        ] = None,
        label: Annotated[
            list[str] | None,
            typer.Option("--label", help="The right label; of sets of labels each one, '' for none."),
        ] = None,
        value: Annotated[float | None, typer.Option("--value", help="Or the right number.")] = None,
        data: Annotated[
            Path | None, typer.Option("--data", metavar="FILE_OR_FOLDER", help="Or labelled rows, as for training.")
        ] = None,
        adapter: options.Adapter = None,
        map_: options.Map = None,
        mapping: options.Mapping = None,
        skip_bad: options.SkipBad = False,
    ) -> Json:
        """Say what answers should have been; the last word on an example counts."""
        feedback = door.platform.feedback
        if data is not None:
            _check_alone(prediction, example, label, value)
            adapter, columns = options.read_how(adapter, map_, mapping)
            with door.progress() as progress:
                words = door.platform.feedback_from_file(
                    model, data, adapter=adapter, mapping=columns, skip_bad=skip_bad, progress=progress
                )
            door.say(f"{len(words):,} answers are kept as feedback on {words[0].model}")
            return {"feedback": [word.to_dict() for word in words]}
        word = feedback.add(
            model,
            _said(door, model, label, value),
            prediction=prediction,
            index=index,
            example=_read_example(example),
        )
        agreement = {True: ", as the model said", False: f"; the model said {word.answer}", None: ""}[word.agrees]
        door.say(f"{word.id}: {_shown(word.target)}{agreement}")
        door.next_steps(f"verticore data from-feedback {word.model}")
        return word.to_dict()

    @command(app, "list", examples=("verticore feedback list news", "verticore feedback list news --last 100 --json"))
    def list_(
        door: Door,
        model: Model,
        last: Annotated[int, typer.Option("--last", min=1, help="No more than so many.")] = 20,
        every: Annotated[bool, typer.Option("--every", help="Also words that were taken back.")] = False,
    ) -> Json:
        """List feedback on a model, the latest first."""
        words = door.platform.feedback.list(model, last, every=every)
        door.table(
            ("at", "about", "right", "the model said", "word", "example"),
            [
                (
                    f"{word.created_at:%Y-%m-%d %H:%M}",
                    f"{word.prediction}/{word.index}" if word.prediction else "an example",
                    _shown(word.target),
                    "" if word.answer is None else _shown(word.answer),
                    word.revision,
                    _excerpt(word),
                )
                for word in words
            ],
        )
        if not words:
            door.say("There is none yet.")
            door.next_steps(f"verticore feedback add {model} --help")
        return {"feedback": [word.to_dict() for word in words]}


def _check_alone(*others: Any) -> None:
    from platform_core.sdk.errors import UsageError

    if any(other is not None for other in others):
        raise UsageError("--data holds examples and their answers", where="--data", hint="give nothing else with it")


def _said(door: Door, model: str, label: list[str] | None, value: float | None) -> dict[str, Any]:
    """Return the answer by the word that it is given with; of sets of labels, all that were named."""
    from platform_core.sdk import LabelsTarget

    said: dict[str, Any] = {} if value is None else {"value": value}
    if label is None:
        return said
    solution = door.platform.registry.resolve_endpoint(model).solution
    if isinstance(door.platform.plugins.solution(solution).target, LabelsTarget):
        return said | {"labels": [name for name in label if name]}
    return said | ({"label": label[0]} if len(label) == 1 else {"labels": label})


def _read_example(text: str | None) -> dict[str, Any] | None:
    from platform_core.sdk.errors import UsageError

    if text is None:
        return None
    try:
        example = json.loads(text)
    except ValueError as error:
        raise UsageError(f"it is no JSON: {error}", where="--example", hint='write \'{"text": "…"}\'') from None
    if not isinstance(example, dict):
        raise UsageError("it is no JSON object", where="--example", hint='write \'{"text": "…"}\'')
    return example


def _shown(value: Any) -> str:
    return (" | ".join(value) or "(none)") if isinstance(value, list) else str(value)


def _excerpt(word: FeedbackInfo) -> str:
    parts = (str(value) for value in word.example.values() if value not in (None, "", {}, []))
    text = " · ".join(parts)
    return text if len(text) <= 80 else f"{text[:79]}…"
