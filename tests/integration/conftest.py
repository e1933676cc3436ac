"""A workspace with a few small models, trained once per test process on the finance plugin's sample data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from platform_core.platform import Platform
from platform_core.settings import Settings

QUICK: dict[str, Any] = {"epochs": 1, "lora_rank": 2, "lora_targets": ("query", "value"), "learning_rate": 0.01}


@pytest.fixture(scope="session")
def sample_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finance plugin's sample file."""
    folder = tmp_path_factory.mktemp("sample")
    with Platform.open(folder / "unused") as platform:
        platform.plugins.solution("finance.sentiment").sample.write(folder)
    return next(folder.glob("*.csv"))


@pytest.fixture(scope="session")
def small_csv(sample_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred rows of it."""
    return write_rows(tmp_path_factory.mktemp("small") / "small.csv", read_rows(sample_csv)[:100])


@pytest.fixture(scope="session")
def two_labels_csv(sample_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred other rows, neutral ones left out: a task with two labels."""
    rows = [row for row in read_rows(sample_csv)[100:] if row["label"] != "neutral"][:100]
    return write_rows(tmp_path_factory.mktemp("two") / "two.csv", rows)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, small_csv: Path, two_labels_csv: Path) -> Iterator[Platform]:
    """Models ``first`` (LoRA), ``second`` (LoRA, other data, two labels) and ``third`` (head)."""
    settings = Settings(home=tmp_path_factory.mktemp("workspace"), max_batch_delay_ms=50.0)
    with Platform.open(settings=settings) as platform:
        platform.train("finance.sentiment", small_csv, name="first", method="lora", settings=QUICK)
        platform.train("finance.sentiment", two_labels_csv, name="second", method="lora", settings=QUICK, seed=1)
        platform.train("finance.sentiment", "finance.sentiment:1", name="third", method="head", settings={"epochs": 3})
        yield platform


def read_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(file: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as CSV."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return file
