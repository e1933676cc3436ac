import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from verticore_finance.fraud.history import derive
from verticore_finance.fraud.sample import COLUMNS, make_payments, write_sample
from verticore_finance.fraud.schema import REMEMBERED, FraudExample

from platform_core.sdk import Cell

FIELDS = ("merchant", "category", "country", "device", "channel")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    with (folder / "sample_payments.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def average_precision(cells: list[Mapping[str, Cell]], frauds: np.ndarray) -> float:
    """Learn from the first 70 % of the rows, and measure on the rest."""
    first = int(0.7 * len(cells))
    table = np.full((len(cells), len(cells[0])), np.nan)
    words = []
    for place, name in enumerate(cells[0]):
        values = [row[name] for row in cells]
        known = sorted({value for value in values[:first] if isinstance(value, str)})
        codes: dict[Cell, float] = {word: code for code, word in enumerate(known)}
        words += [place] * bool(known)
        table[:, place] = [
            np.nan if value is None else codes.get(value, -1.0) if isinstance(value, str) else value for value in values
        ]
    data = lightgbm.Dataset(table[:first], frauds[:first], categorical_feature=words, params={"verbose": -1})
    settings = {"objective": "binary", "learning_rate": 0.05, "min_data_in_leaf": 10, "num_threads": 1, "verbose": -1}
    model = lightgbm.train(settings, data, 100)
    return float(average_precision_score(frauds[first:], model.predict(table[first:])))


def test_holds_what_fraud_data_holds(rows: list[dict[str, str]]) -> None:
    assert tuple(rows[0]) == COLUMNS
    frauds = [row for row in rows if row["is_fraud"] == "1"]
    assert 0.04 < len(frauds) / len(rows) < 0.05
    assert len({row["transaction_id"] for row in rows}) == len(rows) > 3_000
    assert any(float(row["amount"]) < 0 for row in rows), "refunds"
    assert all(row["is_fraud"] == "1" for row in rows if row["chargeback_date"]), "known later, and a leak"
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)


def test_without_history_much_of_the_fraud_is_missed(rows: list[dict[str, str]]) -> None:
    frauds = np.array([int(made.fraud) for made in make_payments()])
    past: dict[str, list[FraudExample]] = defaultdict(list)
    alone: list[Mapping[str, Cell]] = []
    with_history: list[Mapping[str, Cell]] = []
    for row in rows:
        example = FraudExample(
            account=row["account_id"],
            timestamp=row["timestamp"],
            amount=float(row["amount"]),
            columns={name: row[name] for name in FIELDS},
        )
        derived = derive(example, past[row["account_id"]][-REMEMBERED:])
        past[row["account_id"]].append(example)
        clock = {name: derived[name] for name in ("hour", "weekday", "round_amount")}
        alone.append({"amount": example.amount, **example.columns, **clock})
        with_history.append({"amount": example.amount, **example.columns, **derived})
    assert average_precision(with_history, frauds) > average_precision(alone, frauds) + 0.2


def test_is_the_same_every_time(rows: list[dict[str, str]], tmp_path: Path) -> None:
    write_sample(tmp_path)
    with (tmp_path / "sample_payments.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == rows
