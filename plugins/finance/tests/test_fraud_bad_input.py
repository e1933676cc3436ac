"""Files of payments as they should not be: what is said, and that nothing of them stays behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from verticore_finance.fraud.sample import write_sample

from platform_core.platform import Platform
from platform_core.sdk import DataError

HEADER = "transaction_id,account_id,timestamp,amount,merchant,is_fraud"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")


def row(number: int, **changes: str) -> str:
    cells = {
        "transaction_id": f"T{number}",
        "account_id": f"A{number % 5}",
        "timestamp": f"2024-03-{1 + number % 28:02}T10:00:00",
        "amount": f"{10 + number}.50",
        "merchant": f"shop {number % 3}",
        "is_fraud": str(int(number % 4 == 0)),
    }
    return ",".join((cells | changes).values())


def write(folder: Path, *last: str, encoding: str = "utf-8", header: str = HEADER) -> Path:
    file = folder / "payments.csv"
    file.write_bytes("\n".join((header, *(row(i) for i in range(40)), *last)).encode(encoding))
    return file


@pytest.fixture
def platform(tmp_path: Path):
    with Platform.open(tmp_path / "home") as platform:
        yield platform


BAD = {
    "future": (row(40, timestamp=LATER), "timestamp"),
    "no moment": (row(40, timestamp="soon"), "timestamp"),
    "repeated id": (row(7, amount="1.00"), "transaction_id"),
    "words for an amount": (row(40, amount="a lot"), "amount"),
    "no label": (row(40, is_fraud=""), "is_fraud"),
    "too many fields": (row(40) + ",1", None),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_is_named_and_nothing_is_imported(platform: Platform, tmp_path: Path, kind: str) -> None:
    line, column = BAD[kind]
    with pytest.raises(DataError) as caught:
        platform.datasets.import_("finance.fraud", write(tmp_path, line))
    assert str(caught.value.where).startswith("payments.csv, data row 41")
    assert column is None or repr(column) in str(caught.value.where)
    assert "--skip-bad" in str(caught.value.hint)
    assert platform.datasets.list() == []


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_can_be_skipped_and_is_counted(platform: Platform, tmp_path: Path, kind: str) -> None:
    made = platform.datasets.import_("finance.fraud", write(tmp_path, BAD[kind][0]), skip_bad=True)
    assert made.rows == 40
    assert any("1 bad row was skipped: payments.csv, data row 41" in warning for warning in made.warnings)


def test_mixed_encodings_are_named(platform: Platform, tmp_path: Path) -> None:
    file = write(tmp_path, row(40, merchant="kiosk \u00e4"))
    file.write_bytes(file.read_bytes() + ("\n" + row(41, merchant="caf\u00e9")).encode("latin-1"))
    with pytest.raises(DataError, match="mixes encodings") as caught:
        platform.datasets.import_("finance.fraud", file)
    assert str(caught.value.where).startswith("payments.csv, data row 42")


def test_another_layout_is_told_by_its_columns(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("balance,opened,branch code\n" + "\n".join(f"{i * 1.5},{i},{i}" for i in range(30)))
    with pytest.raises(DataError, match="label") as caught:
        platform.datasets.import_("finance.fraud", file)
    assert "branch code" in str(caught.value)


def test_what_is_known_later_and_what_counts_rows_is_left_out(platform: Platform, tmp_path: Path) -> None:
    write_sample(tmp_path)
    read = platform.datasets.read("finance.fraud", tmp_path / "sample_payments.csv")
    assert {suspect.column: suspect.kind for suspect in read.dropped} == {
        "transaction_id": "unique",
        "chargeback_date": "later",
    }
    assert read.mapping["columns"] == ("merchant", "category", "country", "device", "channel")


def test_accounts_are_kept_as_hashes_alone(platform: Platform, tmp_path: Path) -> None:
    read = platform.datasets.read("finance.fraud", write(tmp_path))
    assert all((example.example.account or "A")[0] != "A" for example in read.examples)
    assert all(example.example.history == () for example in read.examples)
    assert max(example.example.derived["known_payments"] for example in read.examples) > 3


def test_a_request_without_a_column_of_the_model_is_refused(platform: Platform, tmp_path: Path) -> None:
    settings = {"folds": 1, "members": ("lightgbm",), "boosting.rounds": 5}
    platform.train("finance.fraud", write(tmp_path), settings=settings, goal="none")
    with pytest.raises(DataError, match="'merchant'") as caught:
        platform.predict("finance.fraud:1", [{"account": "A1", "amount": 5.0, "columns": {"shop": "x"}}])
    assert caught.value.where == "examples[0]"
