"""Open tables from files to versions and back, through the service."""

import csv
import json
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.reading import Memory
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.sdk import ClassTarget, ColumnMissing, NumberTarget, Solution, UsageError
from platform_core.storage import Storage
from tests.unit.datasets.conftest import Tables

RNG = Random(0)


class Host:
    """Knows one solution."""

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

    def solution(self, _: str) -> Solution:
        return self._solution

    def plugin(self, name: str) -> Any:
        return SimpleNamespace(name=name, version="1.0")


@pytest.fixture
def service(database: Database, storage: Storage, pseudonyms: Pseudonyms, tables: Tables) -> Datasets:
    return Datasets(database, storage, Host(tables(ClassTarget())), pseudonyms, "local")  # type: ignore[arg-type]


def write(path: Path, count: int, **more: Any) -> Path:
    rows = [
        {
            "row id": i,
            "size": RNG.choice(["1,5", "2,25", "", "3,125"]),
            "site": RNG.choice(["none", "east", "west"]),
            "day": f"2024-01-{1 + i % 28:02}",
            "label": "ab"[i % 2],
        }
        | {name: value(i) for name, value in more.items()}
        for i in range(count)
    ]
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_table_becomes_a_version_and_comes_back(service: Datasets, tmp_path: Path) -> None:
    info = service.import_("toy.tables", write(tmp_path / "a.csv", 100), drop=["day"])
    assert info.mapping == {"label": "label", "columns": ("size", "site")}
    assert service.resolve(info.id).mapping == info.mapping
    assert json.loads(json.dumps(info.to_dict()))["mapping"]["columns"] == ["size", "site"]
    rows = service.load(info)
    assert {type(row.example.columns["size"]) for row in rows} == {float, type(None)}  # type: ignore[attr-defined]
    assert {row.example.columns["site"] for row in rows} == {"none", "east", "west"}  # type: ignore[attr-defined]
    assert info.statistics["columns"]["size"]["distinct"] == 3
    assert info.statistics["missing"] == {}
    assert [w.partition(";")[0] for w in info.warnings if "row id" in w] == ["the column 'row id' is not used"]
    assert info.provenance["unused_columns"] == ["row id", "day"]
    kept = service.import_("toy.tables", tmp_path / "a.csv", keep=["row id"], drop=["day"])
    assert kept.digest != info.digest
    with pytest.raises(UsageError, match="'drop' says how files are imported"):
        service.obtain("toy.tables", info.ref, drop=["site"])


def test_official_splits_are_read_like_the_training_data(service: Datasets, tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", 100, code=lambda i: "x" if i == 1 else str(i % 5))
    test = write(tmp_path / "test.csv", 20, code=lambda i: i % 5, size=lambda i: "1,234")
    info = service.import_("toy.tables", data, test=test, drop=["day"])
    (first, *_) = service.load(info, ["test"])
    assert first.example.columns == {"size": 1.234, "site": first.example.columns["site"], "code": "0"}  # type: ignore[attr-defined]
    short = write(tmp_path / "short.csv", 20)
    with pytest.raises(ColumnMissing, match="'code'"):
        service.import_("toy.tables", data, test=short)


def test_moments_are_kept_and_change_the_digest(service: Datasets, tmp_path: Path) -> None:
    info = service.import_("toy.tables", write(tmp_path / "a.csv", 60), time="day")
    assert {row.time for row in service.load(info)} == {f"2024-01-{day:02}" for day in range(1, 29)}
    assert info.mapping["time"] == "day"
    assert "day" not in info.mapping["columns"]
    later = tmp_path / "b.csv"
    later.write_text((tmp_path / "a.csv").read_text().replace("2024-", "2025-"))
    assert service.import_("toy.tables", later, time="day").digest != info.digest


def test_inspection_shows_what_feeds_the_open_field(service: Datasets, tmp_path: Path) -> None:
    found = service.inspect("toy.tables", write(tmp_path / "a.csv", 60), drop=["day"]).to_dict()
    fields = {column["name"]: (column["field"], column["type"]) for column in found["columns"]}
    assert fields == {
        "row id": (None, "integer"),
        "size": ("columns", "number"),
        "site": ("columns", "category"),
        "day": (None, "category"),
        "label": ("label", "category"),
    }
    assert [(s["column"], s["kind"]) for s in found["suspects"]] == [("row id", "identifier")]
    assert found["labels"] == {"a": 30, "b": 30}


def test_numbers_as_targets_are_told_by_their_quantiles(
    database: Database, storage: Storage, pseudonyms: Pseudonyms, tables: Tables, tmp_path: Path
) -> None:
    service = Datasets(database, storage, Host(tables(NumberTarget())), pseudonyms, "local")  # type: ignore[arg-type]
    path = write(tmp_path / "a.csv", 100, label=lambda i: i / 4)
    assert service.inspect("toy.tables", path).target["median"] == 12.375
    info = service.import_("toy.tables", path, drop=["row id"])
    assert (info.labels, info.statistics["labels"]["train"]) == ([], {})
    assert info.statistics["target"]["test"]["max"] > 20
    assert all(isinstance(row.target, float) for row in service.load(info))


def test_a_model_without_a_column_is_told_so_at_evaluation(service: Datasets, tmp_path: Path) -> None:
    memory = Memory("table", {"label": "label", "columns": ("size", "Site")})
    path = write(tmp_path / "a.csv", 30)
    with pytest.raises(ColumnMissing, match="of the model: 'Site'"):
        service.examples_for("toy.tables", path, remembered=memory)
    examples, _ = service.examples_for("toy.tables", path, remembered=memory, mapping={"columns.Site": "site"})
    assert set(examples[0].example.columns) == {"size", "Site"}  # type: ignore[attr-defined]
