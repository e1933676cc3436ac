"""The operation of a :class:`FakePlugin`: rows and a model in, a count for each label out."""

from __future__ import annotations

_SOURCE = '''
from collections import Counter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from platform_core.sdk import BadInput, Example, Moment, NonBlank, Number, Operation, Text


class Line(Example):
    text: Annotated[NonBlank, Text(aliases=("headline",))]
    day: Annotated[str | None, Moment(aliases=("date",))] = None
    weight: Annotated[float | None, Number()] = None


class Request(BaseModel):
    """What is counted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: tuple[Line, ...] = Field(description="What people wrote.")
    model: str = Field("NAME.words@champion", description="Who tells the label.")
    least: int = Field(1, ge=1, description="Labels that are rarer are left out.")


class Count(BaseModel):
    """How often a label was given."""

    label: str
    lines: int
    first: str | None


class Tally(BaseModel):
    """All counts, the greatest first."""

    lines: int = Field(description="Lines that were counted.")
    counts: tuple[Count, ...]


def run(context, given):
    if not given.lines:
        raise BadInput("there are no lines", where="input.lines", hint="give at least one")
    predictions = context.predict(given.model, [{"text": line.text} for line in given.lines])
    labels = [prediction["label"] for prediction in predictions]
    context.progress(len(labels), len(labels))
    first = {label: line.text for label, line in reversed(list(zip(labels, given.lines)))}
    common = [(label, n) for label, n in Counter(labels).most_common() if n >= given.least]
    return Tally(lines=len(labels), counts=[Count(label=label, lines=n, first=first[label]) for label, n in common])


def draw(tally):
    from platform_core.sdk.pictures import Panel, draw_series

    places = list(range(len(tally.counts)))
    return draw_series([Panel(title="Lines", at=places, values=[count.lines for count in tally.counts])])


operation = Operation(
    id="NAME.tally",
    title="Tally",
    summary="Counts the lines of each label.",
    input=Request,
    output=Tally,
    run=run,
    sample=lambda: {"lines": [{"text": "good"}, {"text": "bad", "day": "2024-01-02"}]},
    rows="lines",
    picture=draw,
)
'''


def tally_operation(name: str) -> str:
    """Return the source of a module with ``operation``, the operation ``<name>.tally``.

    Args:
        name: name of the plugin.
    """
    return _SOURCE.replace("NAME", name)
