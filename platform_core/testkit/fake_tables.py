"""The source of a small solution that reads a table, and a text beside it where wanted, for every kind of answer.

One hidden number between 0 and 1 decides the answer; columns and words tell of it, so that a model can learn it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from platform_core.sdk import Task

TableKind = Literal["table", "mixed"]


class _Parts(NamedTuple):
    """What differs between answers: the target, the head, its metric, and the answer to the hidden number ``z``."""

    target: str
    head: str
    metric: str
    answer: str


_ANSWERS: Mapping[Task, _Parts] = {
    "binary": _Parts(
        'ClassTarget(positive=("bad",))', "BinaryHead", "average_precision", '"bad" if z < 0.3 else "good"'
    ),
    "multiclass": _Parts(
        'ClassTarget(order=("low", "middle", "high"))',
        "ClassificationHead",
        "macro_f1",
        '("low", "middle", "high")[min(2, int(z * 3))]',
    ),
    "ordinal": _Parts(
        'OrdinalTarget(order=("minor", "moderate", "serious"), severe="last")',
        "OrdinalHead",
        "qwk",
        '("minor", "moderate", "serious")[min(2, int(z * 3))]',
    ),
    "multilabel": _Parts(
        'LabelsTarget(order=("cold", "warm"))',
        "MultiLabelHead",
        "micro_f1",
        '"|".join(label for label, given in (("cold", z < 0.6), ("warm", z > 0.4)) if given)',
    ),
    "regression": _Parts('NumberTarget(unit="points")', "RegressionHead", "r2", "round(100 * z - 20, 3)"),
}

_SOURCE = """
import csv
import random
from pathlib import Path
from typing import Annotated

from platform_core.sdk import (
    CardNotes, Cells, ClassTarget, Columns, Example, LabelsTarget, NonBlank, NumberTarget, OrdinalTarget, Recipe,
    Sample, Solution, TableSettings, Text,
)
from platform_core.sdk.adapters import TableAdapter

WORDS = (("awful", "broken"), ("weak", "slow"), ("usual", "plain"), ("strong", "superb"))


class Row(Example):
TEXT_FIELD    columns: Annotated[Cells, Columns()]


def make_rows(count, seed=7):
    rng = random.Random(seed)
    for _ in range(count):
        z = rng.random()
        level = min(3, int(z * 4))
        yield {
            "text": f"the {rng.choice(WORDS[level])} pump of line {rng.randint(1, 9)}",
            "heat": round(20 + 60 * z + rng.gauss(0, 4), 3),
            "load": round(5 * z + rng.gauss(0, 0.5), 3) if rng.random() > 0.1 else "",
            "grade": "ABCD"[level] if rng.random() > 0.2 else rng.choice("ABCD"),
            "site": rng.choice(("north", "south", "east")),
            "label": ANSWER,
        }


def write_sample(folder: Path) -> None:
    rows = [row for row in make_rows(160)]
    with (folder / "sample.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [name for name in rows[0] if name in COLUMN_NAMES])
        writer.writeheader()
        writer.writerows({name: row[name] for name in writer.fieldnames} for row in rows)


TABLE = TableSettings(width=16, embedding=4, layers=1, bins=8)
REQUESTS = (
    {TEXT_REQUEST"columns": {"heat": 24.0, "load": 0.2, "grade": "A", "site": "north"}},
    {TEXT_REQUEST"columns": {"heat": 77.0, "load": None, "grade": "D", "site": "east"}},
)

solution = Solution(
    id="NAME.rows",
    title="Rows",
    summary="",
    example=Row,
    target=TARGET,
    adapters=(TableAdapter(),),
    head="platform_core.sdk.heads:HEAD",
    recipes={
        "head": Recipe(epochs=30, batch_size=16, learning_rate=1e-2, table=TABLE),
        "fit": Recipe(table=TABLE),
    },
    default_method="head",
    primary_metric="METRIC",
    sample=Sample(write=write_sample, description="generated sample data", requests=REQUESTS),
    notes=CardNotes(intended_use="tests", limits=("It knows nothing of real pumps.",)),
)
"""


def table_solution(name: str, kind: TableKind, answer: Task) -> str:
    """Return the source of a module with ``solution``, the solution ``<name>.rows``.

    Args:
        name: name of the plugin.
        kind: a table alone, or a text and a table.
        answer: what is predicted.
    """
    parts, mixed = _ANSWERS[answer], kind == "mixed"
    columns = ("text",) * mixed + ("heat", "load", "grade", "site", "label")
    values = {
        "TEXT_FIELD": "    text: Annotated[NonBlank, Text()]\n" if mixed else "",
        "TEXT_REQUEST": '"text": "the weak pump of line 3", ' if mixed else "",
        "COLUMN_NAMES": repr(columns),
        "ANSWER": parts.answer,
        "NAME.rows": f"{name}.rows",
        "TARGET,": f"{parts.target},",
        "heads:HEAD": f"heads:{parts.head}",
        "METRIC": parts.metric,
    }
    source = _SOURCE
    for mark, value in values.items():
        source = source.replace(mark, value)
    return source
