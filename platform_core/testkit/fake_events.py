"""The source of a small solution on events of accounts: who, when, how much, and what came before.

An event is bad where its amount is far above what its account has spent before, so that only derived columns tell.
"""

from __future__ import annotations

_SOURCE = """
import csv
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from platform_core.sdk import (
    CardNotes, Cells, ClassTarget, Columns, Derived, Example, History, Identity, Masked, Moment, Number, Past, Recipe,
    Sample, Solution, TableSettings, Text, read_moment,
)
from platform_core.sdk.adapters import TableAdapter


class Event(Example):
    note: Annotated[str | None, Text(aliases=("comment",))] = None
    account: Annotated[str | None, Identity(aliases=("account_id", "card"))] = None
    at: Annotated[str | None, Moment(aliases=("time", "date"))] = None
    amount: Annotated[float | None, Number(aliases=("amt",), unit="EUR", low=0, high=100_000)] = None
    columns: Annotated[Cells, Columns(unique=("event_id",), known_later=("refunded",))] = {}
    history: Annotated[Past, History(most=5)] = ()
    derived: Annotated[Cells, Derived()] = {}


class Digits:
    name = "digits 1"

    def mask(self, text):
        masked, count = re.subn(r"[0-9]{4,}", "[NUMBER]", text)
        return Masked(masked, {"number": count} if count else {})


def derive(event, past):
    amounts = [e.amount for e in past if e.amount is not None]
    mean = sum(amounts) / len(amounts) if amounts else None
    return {
        "events before": float(len(past)),
        "amount to mean": event.amount / mean if mean and event.amount is not None else None,
        "since": read_moment(event.at) - read_moment(past[-1].at) if past else None,
        "last place": past[-1].columns.get("place") if past else None,
    }


def make_rows(count, seed=7):
    rng = random.Random(seed)
    at, usual = datetime(2024, 1, 1), [rng.uniform(5, 200) for _ in range(8)]
    for number in range(count):
        at += timedelta(minutes=rng.randint(1, 90))
        account = rng.randrange(len(usual))
        bad = number >= 16 and rng.random() < 0.3
        yield {
            "event_id": f"e{number}",
            "note": f"call {rng.randint(10**6, 10**7)} about the {rng.choice(('late', 'usual', 'first'))} order",
            "account_id": f"A-{account}",
            "time": at.isoformat(sep=" "),
            "amount": round(usual[account] * (8 if bad else 1) * rng.uniform(0.7, 1.3), 2),
            "place": rng.choice(("shop", "web")),
            "hour": at.hour,
            "label": "bad" if bad else "good",
        }


def write_sample(folder: Path) -> None:
    rows = list(make_rows(200))
    with (folder / "events.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


BEFORE = [
    {"account": "A-9", "at": f"2024-03-0{day}", "amount": 20.0 + day, "columns": {"place": "web", "hour": 9.0}}
    for day in (1, 2, 3)
]
REQUESTS = (
    {"note": "the usual order", "amount": 24.0, "columns": {"place": "web", "hour": 9.0}},
    {"note": "call 1234567 about the late order", "account": "A-9", "at": "2024-03-04", "amount": 240.0,
     "columns": {"place": "shop", "hour": 23.0}, "history": BEFORE},
)

solution = Solution(
    id="NAME.events",
    title="Events",
    summary="",
    example=Event,
    target=ClassTarget(positive=("bad",)),
    adapters=(TableAdapter(),),
    head="platform_core.sdk.heads:BinaryHead",
    recipes={"head": Recipe(epochs=30, batch_size=16, learning_rate=1e-2,
                            table=TableSettings(width=16, embedding=4, layers=1, bins=8))},
    default_method="head",
    primary_metric="average_precision",
    sample=Sample(write=write_sample, description="generated sample data", requests=REQUESTS),
    notes=CardNotes(intended_use="tests", limits=("It knows nothing of real accounts.",)),
    derive=derive,
    masker=Digits(),
)
"""


def event_solution(name: str) -> str:
    """Return the source of a module with ``solution``, the solution ``<name>.events``."""
    return _SOURCE.replace("NAME.events", f"{name}.events")
