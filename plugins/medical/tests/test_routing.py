"""Routing of letters: the sample, what is computed from a text, bad files, and the whole road."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from verticore_medical.routing.derive import derive
from verticore_medical.routing.lexicon import count_stems
from verticore_medical.routing.sample import ROWS, make_letters
from verticore_medical.routing.schema import RoutingExample
from verticore_medical.routing.solution import solution

from platform_core.cli.server_process import ServerProcess
from platform_core.client import Client
from platform_core.platform import Platform
from platform_core.sdk import DataError

ROAD = "medical.routing"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Platform.open(tmp_path_factory.mktemp("workspace")) as platform:
        yield platform


def write(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def letters(count: int = 40) -> list[dict[str, str]]:
    names = ("text", "specialty", "patient", "date")
    return [dict(zip(names, letter, strict=True)) for letter in make_letters(count)]


def test_the_sample_is_balanced_and_no_letter_names_its_specialty() -> None:
    rows = make_letters()
    counts = Counter(label for _, label, _, _ in rows)
    assert set(counts.values()) == {ROWS // 8}
    assert not [text for text, label, _, _ in rows if label in text]
    assert len({patient for _, _, patient, _ in rows}) < ROWS


def test_the_sample_is_learnable_but_not_trivial() -> None:
    texts, labels, _, _ = zip(*make_letters(), strict=True)
    bag_of_words = make_pipeline(TfidfVectorizer(), LogisticRegression(C=5, max_iter=1000))
    assert 0.75 < cross_val_score(bag_of_words, texts, labels, cv=3, scoring="f1_macro").mean() < 0.92


def test_stems_count_words_once_each() -> None:
    counts = count_stems("Cardiac arrest; electrocardiogram, ELECTROCARDIOGRAMS. The heartfelt gastroscopy.")
    assert counts["heart_and_vessels"] == 3
    assert counts["digestive_system"] == 1
    assert counts["skin"] == 0


def test_derived_columns_are_always_the_same_and_finite() -> None:
    names = [list(derive(RoutingExample(text=text), ())) for text in ("x", "Cough. " * 3000, "心 肌")]
    assert names[0] == names[1] == names[2]
    assert derive(RoutingExample(text="Renal biopsy."), ())["opens_with_kidney_and_bladder"] > 0


def test_columns_go_by_the_names_that_people_use(workspace, tmp_path) -> None:
    renamed = [
        {"Medical Abstract": row["text"], "condition": row["specialty"], "MRN": row["patient"]} for row in letters()
    ]
    read = workspace.datasets.read(ROAD, write(tmp_path / "a.csv", renamed), labelled=True)
    assert read.mapping == {"text": "Medical Abstract", "label": "condition", "patient": "MRN"}


def test_nothing_that_identifies_people_is_kept(workspace, tmp_path) -> None:
    read = workspace.datasets.read(ROAD, write(tmp_path / "a.csv", letters()), labelled=True)
    kept = " ".join(row.example.model_dump_json() for row in read.examples)
    assert not re.search(r"@example|07700 900|Road, Leeds|P-10\d\d|Dear Dr [A-Z]", kept)
    assert "[NAME]" in kept


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "  "}, "the text is empty"),
        ({"specialty": ""}, "the row has no label"),
        ({"date": "2999-01-01"}, "future"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(workspace, tmp_path, change, message) -> None:
    rows = [row | change if number == 5 else row for number, row in enumerate(letters())]
    file = write(tmp_path / "letters.csv", rows)
    before = len(workspace.datasets.list())
    with pytest.raises(DataError, match=message) as caught:
        workspace.datasets.import_(ROAD, file)
    assert "letters.csv, data row 6" in (caught.value.where or "")
    assert len(workspace.datasets.list()) == before
    assert workspace.datasets.read(ROAD, file, labelled=True, skip_bad=True).bad_rows == 1


def test_a_folder_of_notes_is_read_and_what_is_wrong_is_told(workspace, tmp_path) -> None:
    rows = letters(12)
    for number, row in enumerate(rows):
        (tmp_path / f"{number}.txt").write_text(row["text"], encoding="utf-8")
    lines = ["file,specialty,patient", *(f"{n},{row['specialty']},{row['patient']}" for n, row in enumerate(rows))]
    (tmp_path / "labels.csv").write_text("\n".join([*lines, "0.txt,urology,P-1"]), encoding="utf-8")
    with pytest.raises(DataError, match="is named 2 times"):
        workspace.datasets.import_(ROAD, tmp_path)
    read = workspace.datasets.read(ROAD, tmp_path, labelled=True, skip_bad=True)
    assert (read.adapter, read.bad_rows, len(read.examples)) == ("notes", 2, 11)


def test_documents_of_fhir_are_read_and_what_is_wrong_is_told(workspace, tmp_path) -> None:
    reports = [
        {
            "resourceType": "DiagnosticReport", "id": f"r{number}",
            "subject": {"reference": f"Patient/{row['patient']}"}, "effectiveDateTime": row["date"],
            "category": [{"text": row["specialty"]}], "conclusion": row["text"],
        }
        for number, row in enumerate(letters(12))
    ]  # fmt: skip
    lines = [json.dumps(report) for report in reports] + ['{"resourceType": "DiagnosticReport", "id": "r99"}', "{"]
    (tmp_path / "reports.ndjson").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="DiagnosticReport/r99: it has no plain text") as caught:
        workspace.datasets.import_(ROAD, tmp_path)
    assert "reports.ndjson, data row 13" in (caught.value.where or "")
    read = workspace.datasets.read(ROAD, tmp_path, labelled=True, skip_bad=True)
    assert (read.adapter, read.bad_rows, len(read.examples)) == ("fhir-documents", 2, 12)


@pytest.mark.slow
def test_the_whole_road_on_the_sample(tmp_path) -> None:
    sample = tmp_path / "sample"
    sample.mkdir()
    solution.sample.write(sample)
    with Platform.open(tmp_path / "home") as platform:
        dataset = platform.datasets.import_(ROAD, sample)
        result = platform.train(ROAD, dataset.ref, settings={"folds": 2})
        measured = platform.evaluate(ROAD, dataset.ref, split="test")
        version = platform.registry.resolve(f"{ROAD}:1")
        card = (platform.registry.folder(version) / "card.md").read_text(encoding="utf-8")
        platform.registry.promote(f"{ROAD}:1", "champion")
    assert result.metrics["macro_f1"] > 0.7
    assert measured.metrics["macro_f1"] == pytest.approx(result.metrics["macro_f1"])
    assert dataset.provenance["masking"]["by"] == "medical-deid 3"
    assert "ecision support" in card
    with ServerProcess(tmp_path / "home") as server, Client(server.url) as client:
        answer = client.predict(f"{ROAD}@champion", solution.sample.requests, explain=True)
    assert [prediction["label"] for prediction in answer.predictions] == [
        "cardiology",
        "orthopaedics",
        "respiratory medicine",
    ]
    assert all(len(prediction["top"]) == 3 for prediction in answer.predictions)
    assert all(prediction["explanation"]["words"] for prediction in answer.predictions)
