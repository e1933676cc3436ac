"""Events become versions: hidden, and split by time, by account or by chance."""

from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.sdk import Solution
from platform_core.storage import Storage


@pytest.fixture
def service(database: Database, storage: Storage, pseudonyms: Pseudonyms, ledger: Solution) -> Datasets:
    plugin = SimpleNamespace(name="toy", version="1.0")
    host: Any = SimpleNamespace(solution=lambda _: ledger, plugin=lambda _: plugin)
    return Datasets(database, storage, host, pseudonyms, "local")


@pytest.fixture
def sample(ledger: Solution, tmp_path: Path) -> Path:
    ledger.sample.write(tmp_path)
    return tmp_path / "events.csv"


def moments(service: Datasets, info: DatasetInfo) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in service.load(info):
        found[row.split].append(row.example.at)  # type: ignore[attr-defined]
    return found


def is_by_time(service: Datasets, info: DatasetInfo) -> bool:
    found = moments(service, info)
    return max(found["train"]) <= min(found["test"])


def test_a_version_holds_nothing_that_tells_who_it_is(
    service: Datasets, sample: Path, home: Path, pseudonyms: Pseudonyms
) -> None:
    info = service.import_("toy.events", sample)
    assert info.provenance["masking"] == {"by": "digits 1", "counts": {"number": 200}}
    assert info.provenance["pseudonyms"] == {"field": "account", "key": pseudonyms.fingerprint}
    assert info.notes[-1] == "texts were masked by digits 1: 200 number"
    assert info.to_dict()["notes"] == info.notes
    rows = service.load(info)
    assert {row.example.account for row in rows} == {pseudonyms.of(f"A-{n}") for n in range(8)}  # type: ignore[attr-defined]
    import polars

    (stored,) = (home / "storage").rglob("examples.parquet")
    frame = polars.read_parquet(stored)
    assert [name for name in frame.columns if name.startswith("derived.")] == [
        "derived.events before",
        "derived.amount to mean",
        "derived.since",
        "derived.last place",
    ]
    assert "history" not in frame.columns
    assert "A-3" not in str(frame.to_dicts())
    kept = service.read("toy.events", sample).examples
    assert [row.example for row in rows] == [row.example for row in kept]
    assert info.statistics["derived"]["events before"]["type"] == "number"
    assert set(info.statistics["missing"]) == {"note", "account", "at", "amount"}


def test_rows_with_moments_are_split_by_time(service: Datasets, sample: Path) -> None:
    info = service.import_("toy.events", sample)
    assert is_by_time(service, info)
    assert info.options["by_time"] is True
    assert info.notes[0] == "rows are split by time, by the column 'time'; --map time= splits by chance"
    assert all(row.group is None and row.time == row.example.at for row in service.load(info))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "options", [{"mapping": {"time": ""}}, {"group": "account_id"}, {"mapping": {"group": "account_id"}}]
)
def test_the_user_may_keep_accounts_together_instead(service: Datasets, sample: Path, options: Any) -> None:
    info = service.import_("toy.events", sample, **options)
    assert not is_by_time(service, info)
    assert info.notes[0] == "rows with the same value in the column 'account_id' are kept in one split"
    splits: dict[Any, set[str]] = defaultdict(set)
    for row in service.load(info):
        assert row.group == row.example.account  # type: ignore[attr-defined]
        splits[row.group].add(row.split)
    assert all(len(found) == 1 for found in splits.values())


def test_the_user_may_leave_all_to_chance(service: Datasets, sample: Path) -> None:
    info = service.import_("toy.events", sample, mapping={"time": "", "group": ""})
    assert all(row.group is None and row.time is None for row in service.load(info))
    assert len(info.notes) == 1


def test_a_column_of_the_user_orders_the_rows(service: Datasets, sample: Path) -> None:
    info = service.import_("toy.events", sample, time="hour", mapping={"at": ""})
    assert info.notes[0] == "rows are split by time, by the column 'hour'"
    assert all(row.group is None for row in service.load(info))


def test_rows_with_unreadable_moments_are_not_split_by_time(service: Datasets, sample: Path) -> None:
    lines = sample.read_text().splitlines()
    lines[3] = lines[3].replace("2024-01-01", "01/01/2024")
    sample.write_text("\n".join(lines))
    info = service.import_("toy.events", sample)
    assert info.options["by_time"] is False
    assert info.notes[:2] == [
        "rows are not split by time: the column 'time' tells no moment in 1 row",
        "rows with the same value in the column 'account_id' are kept in one split",
    ]


def test_the_same_text_of_one_account_twice_is_a_duplicate(service: Datasets, sample: Path) -> None:
    lines = sample.read_text().splitlines()
    twice = ["e900" + lines[5][lines[5].index(",") :], "e901" + lines[5][lines[5].index(",") :].replace("A-", "B-")]
    sample.write_text("\n".join([*lines, *twice]))
    assert service.import_("toy.events", sample).statistics["duplicates"]["exact"] == 1


def test_official_splits_have_moments_too(service: Datasets, sample: Path, tmp_path: Path) -> None:
    lines = sample.read_text().splitlines()
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "later.csv").write_text("\n".join([lines[0], *lines[-30:]]))
    sample.write_text("\n".join(lines[:-30]))
    info = service.import_("toy.events", sample, test=tmp_path / "test")
    assert info.splits["test"] == 30
    assert is_by_time(service, info)
    assert all(row.time for row in service.load(info))
