import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import Conflict, DataError, EmptyData, FileMissing, IntegrityError, NotFound, UsageError
from platform_core.storage import Storage

SOLUTION = "finance.sentiment"


def rewrite(source: Path, target: Path, change: str = "") -> Path:
    """Copy the rows to another name, and format where the suffix says so."""
    with source.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if target.suffix == ".jsonl":
        target.write_text("\n".join(json.dumps({"headline": r["text"], "tone": r["label"]}) for r in rows))
    else:
        target.write_text("\n".join(["text,label", *(f"{r['text']}{change},{r['label']}" for r in rows)]) + "\n")
    return target


def test_the_same_content_and_options_give_the_same_version(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    first = datasets.import_(SOLUTION, news)
    assert (first.ref, first.reused, first.rows) == ("finance.sentiment:1", False, 60)
    assert first.splits == {"train": 48, "validation": 6, "test": 6}
    assert first.labels == ["negative", "neutral", "positive"]
    again = datasets.import_(SOLUTION, rewrite(news, tmp_path / "other.jsonl"))
    assert (again.id, again.digest, again.reused) == (first.id, first.digest, True)
    other = datasets.import_(SOLUTION, news, seed=1)
    assert (other.number, other.digest == first.digest) == (2, False)
    assert [info.ref for info in datasets.list()] == ["finance.sentiment:1", "finance.sentiment:2"]


def test_unchanged_data_has_the_digest_of_release_0_1(datasets: Datasets) -> None:
    release = Path(__file__).parents[2] / "golden" / "0.1.0"
    (stored,) = (release / "workspace").rglob("dataset.json")
    assert datasets.import_(SOLUTION, release / "data.csv").digest == json.loads(stored.read_text())["digest"]


def test_what_is_loaded_is_what_was_read(datasets: Datasets, news: Path) -> None:
    info = datasets.import_(SOLUTION, news, name="news")
    examples = datasets.load(info)
    assert len(examples) == 60
    assert (examples[0].example.text, examples[0].target) == (
        "Sales surprised everyone 0 times near Turku po00",
        "positive",
    )  # type: ignore[attr-defined]
    assert str(examples[0].place) == "news.csv, data row 1"
    test = datasets.load(info, ["test"])
    assert [e.split for e in test] == ["test"] * 6
    assert test == [e for e in examples if e.split == "test"]


def test_says_where_a_version_comes_from(datasets: Datasets, news: Path) -> None:
    info = datasets.resolve(datasets.import_(SOLUTION, news).ref)
    (file,) = info.provenance["files"]
    assert (file["name"], file["role"], file["bytes"]) == ("news.csv", "data", news.stat().st_size)
    assert info.provenance["plugin"] == "finance"
    assert info.statistics["labels"]["test"] == {"positive": 2, "negative": 2, "neutral": 2}
    assert info.statistics["words"]["median"] == 8.0
    json.dumps(info.to_dict())


def test_references(datasets: Datasets, news: Path) -> None:
    info = datasets.import_(SOLUTION, news, name="news")
    datasets.import_(SOLUTION, news, name="news", seed=3)
    assert datasets.resolve(info.id) == datasets.resolve("news:1")
    assert datasets.resolve("news").number == 2
    with pytest.raises(NotFound, match="no dataset 'nwes'") as caught:
        datasets.resolve("nwes:1")
    assert "did you mean 'news'" in str(caught.value)
    for wrong in ("news:3", "news:0", "news:x"):
        with pytest.raises(NotFound, match="no dataset version"):
            datasets.resolve(wrong)


def test_a_path_or_a_reference_may_be_given(datasets: Datasets, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = datasets.obtain(SOLUTION, news, seed=5, adapter=None)
    assert datasets.obtain(SOLUTION, info.ref).id == info.id
    with pytest.raises(UsageError, match="'split' says how files are imported"):
        datasets.obtain(SOLUTION, info.ref, split="70/20/10")
    for missing in ("news.csv", "./news", Path("news")):
        with pytest.raises(DataError, match="no such file"):
            datasets.obtain(SOLUTION, missing)
    with pytest.raises(NotFound):
        datasets.obtain(SOLUTION, "news")
    monkeypatch.chdir(news.parent)
    with pytest.raises(FileMissing, match=r"did you mean 'news\.csv'"):
        datasets.obtain(SOLUTION, "nws.csv")


def test_examples_to_evaluate_on(datasets: Datasets, news: Path) -> None:
    info = datasets.import_(SOLUTION, news, split="90/10")
    assert len(datasets.examples_for(SOLUTION, news)[0]) == 60
    assert len(datasets.list()) == 1
    assert len(datasets.examples_for(SOLUTION, info.ref, split="validation")[0]) == 6
    assert len(datasets.examples_for(SOLUTION, info.ref, split="all")[0]) == 60
    with pytest.raises(EmptyData, match="test split is empty") as caught:
        datasets.examples_for(SOLUTION, info.ref)
    assert "train, validation" in str(caught.value)
    with pytest.raises(UsageError, match="no split 'tset'"):
        datasets.examples_for(SOLUTION, info.ref, split="tset")
    with pytest.raises(Conflict, match="is data of"):
        datasets.examples_for("finance.other", info.ref)


def test_duplicates_are_kept_in_one_split(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    path = rewrite(news, tmp_path / "twice.csv")
    path.write_text(path.read_text() + "".join(news.read_text().splitlines(keepends=True)[1:]))
    info = datasets.import_(SOLUTION, path)
    by_text: dict[str, set[str]] = {}
    for row in datasets.load(info):
        by_text.setdefault(row.example.text, set()).add(row.split)  # type: ignore[attr-defined]
    assert all(len(splits) == 1 for splits in by_text.values())
    assert info.statistics["duplicates"]["exact"] == 60
    assert any("60 repeat another row" in warning for warning in info.warnings)


def test_groups_are_kept_in_one_split(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    lines = news.read_text().splitlines()
    path = tmp_path / "grouped.csv"
    path.write_text("\n".join([lines[0] + ",group", *(f"{line},{i // 3}" for i, line in enumerate(lines[1:]))]))
    info = datasets.import_(SOLUTION, path)
    assert info.mapping["group"] == "group"
    splits = {}
    for row in datasets.load(info):
        assert splits.setdefault(row.group, row.split) == row.split
    assert info.statistics["groups"] == 20
    assert datasets.import_(SOLUTION, path, group="label", split="50/50").statistics["groups"] == 3


def test_time_splits_the_past_from_the_future(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    lines = news.read_text().splitlines()
    path = tmp_path / "dated.csv"
    days = [f"20{10 + (i * 7) % 60 // 2}-0{1 + i % 9}-01" for i in range(60)]
    path.write_text(
        "\n".join([lines[0] + ",day", *(f"{line},{day}" for line, day in zip(lines[1:], days, strict=True))])
    )
    info = datasets.import_(SOLUTION, path, time="day")
    moments = {split: [days[row.place.row - 1] for row in datasets.load(info, [split])] for split in info.splits}
    assert max(moments["train"]) <= min(moments["validation"])
    assert max(moments["validation"]) <= min(moments["test"])
    path.write_text(path.read_text().replace(days[4], "yesterday"))
    with pytest.raises(DataError, match="'yesterday' is no moment") as caught:
        datasets.import_(SOLUTION, path, time="day")
    assert caught.value.where == "dated.csv, data row 5, column 'day'"


def test_official_splits_are_used_as_they_are(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    lines = news.read_text().splitlines(keepends=True)
    test = tmp_path / "test.csv"
    test.write_text(lines[0] + "".join(lines[1::10]))
    info = datasets.import_(SOLUTION, news, test=test)
    assert info.splits == {"train": 48, "validation": 6, "test": 6}
    assert {row.place.file for row in datasets.load(info, ["test"])} == {"test.csv"}
    assert any(warning.startswith("6 rows were left out of training") for warning in info.warnings)
    both = datasets.import_(SOLUTION, news, test=test, validation=rewrite(test, tmp_path / "val.csv", " indeed"))
    assert both.splits == {"train": 54, "validation": 6, "test": 6}
    with pytest.raises(EmptyData, match="also in the validation or test data"):
        datasets.import_(SOLUTION, news, test=news)


def test_suspect_columns_are_named_and_not_used(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    lines = news.read_text().splitlines()
    path = tmp_path / "leaky.csv"
    rows = [f"{line},{line.rpartition(',')[2].upper()},{1000 + i}" for i, line in enumerate(lines[1:])]
    path.write_text("\n".join([lines[0] + ",verdict,serial", *rows]))
    info = datasets.import_(SOLUTION, path)
    assert [warning.partition(":")[0] for warning in info.warnings] == [
        "the column 'verdict' is not used; it looks like a leak of the label",
        "the column 'serial' is not used; it looks like an identifier",
    ]
    found = datasets.inspect(SOLUTION, path)
    assert [(suspect.column, suspect.kind) for suspect in found.suspects] == [
        ("verdict", "leak"),
        ("serial", "identifier"),
    ]
    assert info.provenance["unused_columns"] == ["verdict", "serial"]


def test_a_version_without_test_split_says_what_its_metrics_will_be_of(
    datasets: Datasets, news: Path, tmp_path: Path
) -> None:
    def told(**options: Any) -> bool:
        return any(w.startswith("there is no test split") for w in datasets.import_(SOLUTION, news, **options).warnings)

    assert told(split="70/20")
    assert not told(split="70/20/10")
    assert not told(split="100"), "there is no validation split either"
    lines = news.read_text().splitlines(keepends=True)
    (tmp_path / "test.csv").write_text(lines[0] + "".join(lines[1::10]))
    assert not told(split="70/20", test=tmp_path / "test.csv")


def test_labels_that_the_solution_does_not_name_are_told(datasets: Datasets, news: Path, tmp_path: Path) -> None:
    assert not any("among the solution's" in warning for warning in datasets.import_(SOLUTION, news).warnings)
    path = tmp_path / "named.csv"
    path.write_text(news.read_text().replace(",positive", ",Positive", 5) + "Owners cheered loudly in Bergen,bullish\n")
    (told,) = (w for w in datasets.import_(SOLUTION, path).warnings if "among the solution's" in w)
    assert told.startswith(
        "some labels are not among the solution's (negative, neutral, positive): "
        "'Positive' (5 rows; did you mean 'positive'?), 'bullish' (1 row); a model will answer with these names"
    )
    assert told in datasets.inspect(SOLUTION, path).warnings


def test_inspection_shows_what_would_be_read(datasets: Datasets, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,headline,tone\n1,sales rose in the north,good\n2,sales fell in the north,bad\n3,,bad\n")
    found = datasets.inspect(SOLUTION, path).to_dict()
    assert (found["adapter"], found["rows"], found["bad_rows"]) == ("table", 2, 1)
    assert found["mapping"] == {"text": "headline", "label": "tone"}
    assert found["labels"] == {"good": 1, "bad": 1}
    columns = {column["name"]: column for column in found["columns"]}
    assert (columns["id"]["type"], columns["headline"]["type"], columns["tone"]["type"]) == (
        "integer",
        "text",
        "category",
    )
    assert (columns["headline"]["missing"], columns["headline"]["field"]) == (1, "text")
    assert datasets.list() == []


def test_a_name_belongs_to_one_solution(datasets: Datasets, news: Path) -> None:
    with pytest.raises(UsageError, match="no name for a dataset"):
        datasets.import_(SOLUTION, news, name="My Data")


def test_changed_bytes_are_refused(datasets: Datasets, news: Path, home: Path) -> None:
    info = datasets.import_(SOLUTION, news)
    (stored,) = (home / "storage").rglob("examples.parquet")
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes()[:-5] + b"xxxxx")
    with pytest.raises(IntegrityError, match="examples"):
        datasets.load(info)


def test_two_processes_end_in_one_version(datasets: Datasets, news: Path, home: Path, tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from platform_core.datasets.service import Datasets
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.storage import Storage
home = Path({str(home)!r})
database = Database(f"sqlite:///{{home / 'verticore.db'}}")
storage = Storage(f"file://{{home / 'storage'}}", home / "cache")
datasets = Datasets(database, storage, PluginHost(database, "local"), Pseudonyms(home / "key"), "local")
print(datasets.import_("finance.sentiment", sys.argv[1]).id)
"""
    paths = [news, rewrite(news, tmp_path / "same.csv")]
    processes = [
        subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True) for path in paths
    ]
    ids = {process.communicate(timeout=120)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    assert ids == {info.id for info in datasets.list()}
    assert len(ids) == 1


def test_a_tenant_sees_its_own_only(
    datasets: Datasets, database: Database, storage: Storage, pseudonyms: Pseudonyms, news: Path
) -> None:
    info = datasets.import_(SOLUTION, news)
    other = Datasets(database, storage, PluginHost(database, "other"), pseudonyms, "other")
    assert other.list() == []
    for reference in (info.id, info.ref):
        with pytest.raises(NotFound):
            other.resolve(reference)
    assert other.import_(SOLUTION, news).reused is False


def test_the_sample_is_no_heap_of_near_duplicates(datasets: Datasets, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    PluginHost(database, "local").solution(SOLUTION).sample.write(folder)
    info = datasets.import_(SOLUTION, folder)
    assert info.splits["test"] == 90
    assert info.statistics["duplicates"]["near"] < 0.1 * info.rows
    assert info.warnings == []
