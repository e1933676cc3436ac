"""A small solution with a text, a number and a category, and the service at work on real files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import (
    CardNotes,
    Category,
    Cells,
    ClassTarget,
    Columns,
    Example,
    NonBlank,
    Number,
    Recipe,
    Sample,
    Solution,
    Target,
    Text,
)
from platform_core.sdk.adapters import TableAdapter
from platform_core.storage import Storage
from platform_core.testkit.fake_events import event_solution


class Ticket(Example):
    text: Annotated[NonBlank, Text(aliases=("body", "subject"))]
    age: Annotated[float | None, Number(aliases=("days",))] = None
    channel: Annotated[str | None, Category()] = None


@pytest.fixture
def tickets() -> Solution:
    return Solution(
        id="toy.tickets",
        title="Tickets",
        summary="Tickets.",
        example=Ticket,
        target=ClassTarget(order=("low", "high")),
        adapters=(TableAdapter(),),
        head="platform_core.sdk.heads:ClassificationHead",
        recipes={"head": Recipe()},
        default_method="head",
        sample=Sample(write=lambda folder: None, description="Sample data.", requests=()),
        notes=CardNotes(intended_use="Tests."),
    )


class Row(Example):
    columns: Annotated[Cells, Columns(known_later=("closed by",), ignored=("batch",))]


class Visit(Example):
    complaint: Annotated[str | None, Text()] = None
    columns: Annotated[Cells, Columns()]


Tables = Callable[..., Solution]


@pytest.fixture
def tables(tickets: Solution) -> Tables:
    """Make a solution on open tables."""

    def make(target: Target | None = None, example: type[Example] = Row) -> Solution:
        return replace(tickets, id="toy.tables", example=example, target=target or ClassTarget())

    return make


@pytest.fixture
def datasets(database: Database, storage: Storage, pseudonyms: Pseudonyms) -> Datasets:
    return Datasets(database, storage, PluginHost(database, "local"), pseudonyms, "local")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Sixty different sentences, twenty of each label."""
    subjects = ("Sales", "Costs", "Orders", "Margins", "Volumes")
    places = ("Turku", "Oslo", "Lima", "Riga")
    turns = {"positive": "surprised everyone", "negative": "let owners down", "neutral": "stood still"}
    lines = ["text,label"]
    for label, turn in turns.items():
        for i, subject in enumerate(subjects):
            for j, place in enumerate(places):
                lines.append(f"{subject} {turn} {i * 7 + j} times near {place} {label[:2]}{i}{j},{label}")
    path = tmp_path / "news.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def ledger() -> Solution:
    """A solution on events of accounts, ``toy.events``, with all that examples may hold."""
    module = ModuleType("ledger")
    exec(event_solution("toy"), module.__dict__)
    solution: Solution = module.__dict__["solution"]
    return solution


@pytest.fixture
def finisher(ledger: Solution, pseudonyms: Pseudonyms) -> Finisher:
    return Finisher(ledger, pseudonyms)
