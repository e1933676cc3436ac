"""Files as they should not be, by format: what is said of them, where, and that nothing of them stays behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from verticore_medical.routing.sample import make_letters

from platform_core.datasets.reading import Memory
from platform_core.platform import Platform
from platform_core.sdk import ColumnMissing, DataError, FileUnreadable

ROWS = 12
SPECIALTIES = ("cardiology", "neurology")

Files = dict[str, bytes]


def lines_of(resources: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(resource, ensure_ascii=False) for resource in resources).encode()


def encounter(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter", "id": f"e{number}", "period": {"start": "2024-03-01T08:15:00Z"},
        "reasonCode": [{"text": f"chest pain for {number} hours"}], "priority": {"text": f"ESI {1 + number % 3}"},
    } | changes  # fmt: skip


def heart_rate(number: int, value: float, unit: str = "/min") -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": f"o{number}", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "encounter": {"reference": f"Encounter/e{number}"}, "valueQuantity": {"value": value, "code": unit},
    }  # fmt: skip


def document(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport", "id": f"r{number}", "effectiveDateTime": "2024-03-01",
        "category": [{"text": SPECIALTIES[number % 2]}], "conclusion": make_letters(ROWS)[number % ROWS][0],
    } | changes  # fmt: skip


def bundled(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def by_line(name: str, resource: Callable[..., dict[str, Any]], *last: bytes | dict[str, Any]) -> Files:
    """Return a file of good resources with ``last`` after them."""
    tail = [entry if isinstance(entry, bytes) else lines_of([entry]) for entry in last]
    return {name: b"\n".join([lines_of([resource(n) for n in range(ROWS)]), *tail])}


def notes(*, labels: tuple[str, ...] = (), replaced: bytes | None = None) -> Files:
    """Return good notes; ``labels`` take the place of the last row of labels, ``replaced`` that of the last note."""
    texts = {f"{n}.txt": text.encode() for n, (text, *_) in enumerate(make_letters(ROWS))}
    rows = [f"{n}.txt,{SPECIALTIES[n % 2]},2024-03-01" for n in range(ROWS)]
    content = "\n".join(["file,label,date", *rows[: ROWS - bool(labels)], *labels])
    return texts | {"labels.csv": content.encode()} | ({f"{ROWS - 1}.txt": replaced} if replaced is not None else {})


LATIN = "malade, fièvre".encode("latin-1")
TRIAGE, ROUTING = "medical.triage", "medical.routing"
BAD: dict[str, tuple[str, Files, str, str]] = {
    "fhir: unknown label": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(12, priority={"text": "perhaps"})),
        "'perhaps' is no level of urgency", "e.ndjson, data row 13, column 'label'",
    ),
    "fhir: no label": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(12, priority=None)),
        "the row has no label", "e.ndjson, data row 13, column 'label'",
    ),
    "fhir: future": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(12, period={"start": "2999-01-01T08:00:00Z"})),
        "lies in the future", "e.ndjson, data row 13, column 'arrived'",
    ),
    "fhir: no moment": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(12, period={"start": "tomorrow"})),
        "period.start is 'tomorrow', no FHIR date", "e.ndjson, data row 13",
    ),
    "fhir: duplicated id": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(3)),
        "entry 13: Encounter/e3 is there twice, first at e.ndjson, entry 4", "e.ndjson, data row 13",
    ),
    "fhir: unknown unit": (
        TRIAGE, by_line("e.ndjson", encounter, heart_rate(11, 90, "mm[Hg]")),
        "heart_rate is given in 'mm\\[Hg\\]'; known units are /min", "e.ndjson, data row 12",
    ),
    "fhir: null for codings": (
        TRIAGE, by_line("e.ndjson", encounter, encounter(12, reasonCode=[{"coding": None}])),
        "Encounter/e12: coding is null, not a list", "e.ndjson, data row 13",
    ),
    "fhir: no sex": (
        TRIAGE, by_line(
            "e.ndjson", encounter, {"resourceType": "Patient", "id": "p", "gender": []},
            encounter(12, subject={"reference": "Patient/p"}),
        ),
        "gender is \\[\\]", "e.ndjson, data row 14",
    ),
    "fhir: too many digits": (
        TRIAGE, by_line("e.ndjson", encounter, heart_rate(11, 10**400)),
        "valueQuantity.value has more digits", "e.ndjson, data row 12",
    ),
    "fhir: malformed": (
        TRIAGE, by_line("e.ndjson", encounter, b'{"resourceType": "Encounter", id: 3}'),
        "malformed JSON at line 13, column 31: a name in double quotes is missing", "e.ndjson, data row 13",
    ),
    "fhir: truncated": (
        TRIAGE, by_line("e.ndjson", encounter, b'{"resourceType": "Encou'),
        "the line is cut off: its JSON breaks off at line 13, column 24", "e.ndjson, data row 13",
    ),
    "fhir: truncated bundle": (
        TRIAGE, by_line("e.ndjson", encounter) | {"b.json": b'{"resourceType": "Bundle",\n "entry": [{"fullUrl":'},
        "the file is cut off: its JSON breaks off at line 2, column 23", "b.json, data row 1",
    ),
    "fhir: wrong layout": (
        TRIAGE, by_line("e.ndjson", encounter) | {"p.json": b'{"resourceType": "Patient", "id": "p"}'},
        "the file holds a Patient, not a Bundle", "p.json, data row 1",
    ),
    "fhir: mixed encodings": (
        TRIAGE, by_line("e.ndjson", encounter, b'{"resourceType": "' + LATIN + b'"}'),
        "line 13 is not UTF-8 at byte", "e.ndjson, data row 13",
    ),
    "documents: future": (
        ROUTING, by_line("r.ndjson", document, document(12, effectiveDateTime="2999-01-01")),
        "lies in the future", "r.ndjson, data row 13, column 'date'",
    ),
    "documents: duplicated id": (
        ROUTING, by_line("r.ndjson", document, document(3)),
        "DiagnosticReport/r3 is there twice, first at r.ndjson, entry 4", "r.ndjson, data row 13",
    ),
    "documents: duplicated in a line": (
        ROUTING, by_line("r.ndjson", document, bundled(document(12), document(12))),
        "entry 13, part 2: DiagnosticReport/r12 is there twice, first at r.ndjson, entry 13, part 1",
        "r.ndjson, data row 13",
    ),
    "documents: null for codings": (
        ROUTING, by_line("r.ndjson", document, document(12, category=[{"coding": None}])),
        "DiagnosticReport/r12: coding is null, not a list", "r.ndjson, data row 13",
    ),
    "documents: null for categories": (
        ROUTING, by_line("r.ndjson", document, document(12, category=None)),
        "category is null, not a list", "r.ndjson, data row 13",
    ),
    "documents: no label": (
        ROUTING, by_line("r.ndjson", document, document(12, category=[])),
        "the row has no label", "r.ndjson, data row 13, column 'label'",
    ),
    "documents: no text": (
        ROUTING, by_line("r.ndjson", document, document(12, conclusion=" ")),
        "it has no plain text", "r.ndjson, data row 13",
    ),
    "documents: malformed": (
        ROUTING, by_line("r.ndjson", document, b'{"resourceType": "DiagnosticReport" "id": 3}'),
        "malformed JSON at line 13, column 37: a comma or a closing bracket is missing", "r.ndjson, data row 13",
    ),
    "documents: truncated": (
        ROUTING, by_line("r.ndjson", document, b'{"resourceType": "DiagnosticReport", "id'),
        "the line is cut off", "r.ndjson, data row 13",
    ),
    "documents: mixed encodings": (
        ROUTING, by_line("r.ndjson", document, b'{"resourceType": "' + LATIN + b'"}'),
        "line 13 is not UTF-8 at byte", "r.ndjson, data row 13",
    ),
    "notes: future": (
        ROUTING, notes(labels=("11.txt,neurology,2999-01-01",)),
        "lies in the future", "labels.csv, data row 12, column 'date'",
    ),
    "notes: duplicated": (
        ROUTING, notes(labels=("11.txt,neurology,2024-03-01", "11.txt,urology,2024-03-01")),
        "'11.txt' is named 2 times in labels.csv", "labels.csv, data row 12",
    ),
    "notes: no label": (
        ROUTING, notes(labels=("11.txt,,2024-03-01",)),
        "the row has no label", "labels.csv, data row 12, column 'label'",
    ),
    "notes: note not there": (
        ROUTING, notes(labels=("11.txt,neurology,2024-03-01", "99.txt,neurology,2024-03-01")),
        "there is no note '99.txt'", "labels.csv, data row 13, column 'file'",
    ),
    "notes: ragged row": (
        ROUTING, notes(labels=("11.txt,neurology,2024-03-01", "12.txt,neurology")),
        "the row has 2 fields, the header has 3", "labels.csv, data row 13",
    ),
    "notes: empty": (ROUTING, notes(replaced=b" \n"), "the note '11.txt' is empty", "labels.csv, data row 12"),
    "notes: mixed encodings": (
        ROUTING, notes(replaced=LATIN + "\nfièvre".encode()),
        "the note '11.txt' mixes encodings", "labels.csv, data row 12",
    ),
    "notes: no text": (
        ROUTING, notes(replaced=b"%PDF-1.7\n\0\1"),
        "'11.txt' cannot be read: the file is no text but a PDF document", "labels.csv, data row 12",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    with Platform.open(tmp_path_factory.mktemp("home")) as platform:
        yield platform.datasets


def write(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_nothing_is_imported_and_it_can_be_skipped(datasets, tmp_path, case):
    solution, files, message, where = BAD[case]
    folder = write(tmp_path, files)
    with pytest.raises(DataError, match=message) as caught:
        datasets.import_(solution, folder)
    assert str(caught.value.where).startswith(where)
    assert "--skip-bad" in str(caught.value.hint)
    assert datasets.list() == []
    read = datasets.read(solution, folder, labelled=True, skip_bad=True)
    assert read.bad_rows == (2 if case == "notes: duplicated" else 1)
    assert len(read.examples) >= ROWS - 1
    assert any("skipped" in warning and where.split(", column")[0] in warning for warning in read.warnings)


def test_null_says_nothing_where_an_element_may_be_left_out(datasets, tmp_path):
    level = {
        "resourceType": "Observation", "id": "o", "status": None, "valueInteger": None, "valueQuantity": None,
        "code": {"coding": [{"system": None, "code": "75636-1"}, {"code": None}]},
        "encounter": {"reference": "Encounter/e12"},
    }  # fmt: skip
    last = encounter(12, reasonReference=[{"reference": None}])
    read = datasets.read(TRIAGE, write(tmp_path, by_line("e.ndjson", encounter, last, level)), labelled=True)
    assert (read.bad_rows, len(read.examples)) == (0, ROWS + 1)


def test_impossible_vitals_of_fhir_are_told_and_kept_out(datasets, tmp_path):
    observed = [heart_rate(n, 900 if n == 3 else 80) for n in range(ROWS)]
    read = datasets.read(TRIAGE, write(tmp_path, by_line("e.ndjson", encounter, *observed)), labelled=True)
    assert (read.adapter, read.bad_rows, len(read.examples)) == ("fhir", 0, ROWS)
    (told,) = [warning for warning in read.warnings if "heart_rate" in warning]
    assert "10 to 300 /min" in told
    assert "data row 4: 900" in told


@pytest.mark.parametrize(("solution", "name"), [(TRIAGE, "fhir"), (ROUTING, "fhir-documents"), (ROUTING, "notes")])
def test_another_layout_is_refused_with_the_formats_that_are_known(datasets, tmp_path, solution, name):
    folder = write(tmp_path, {"patients.json": b'{"patients": []}', "readme.md": b"Read me."})
    with pytest.raises(DataError, match="no adapter of medical") as caught:
        datasets.import_(solution, folder)
    assert f"{name} – " in str(caught.value.hint)
    with pytest.raises(FileUnreadable, match=f"the adapter '{name}' knows none of the files: 0 of 2 files"):
        datasets.import_(solution, folder, adapter=name)


@pytest.mark.parametrize(
    ("solution", "files", "adapter"),
    [
        (TRIAGE, by_line("e.ndjson", encounter), "fhir"),
        (ROUTING, by_line("r.ndjson", document), "fhir-documents"),
        (ROUTING, notes(), "notes"),
        (ROUTING, {name: text for name, text in notes().items() if name != "labels.csv"}, "notes"),
    ],
    ids=["fhir", "documents", "notes", "notes without labels"],
)
def test_files_to_predict_are_told_from_the_tables_of_the_training(datasets, tmp_path, solution, files, adapter):
    trained = Memory("table", {"text" if solution == ROUTING else "complaint": "transcription", "label": "label"})
    read = datasets.read(solution, write(tmp_path, files), remembered=trained, labelled=False)
    assert (read.adapter, len(read.examples)) == (adapter, ROWS)


def test_a_free_column_of_the_model_that_files_to_predict_lack_is_named(datasets, tmp_path):
    known = {"complaint": "complaint", "label": "label", "other": ("waiting_patients",)}
    with pytest.raises(ColumnMissing, match="'waiting_patients'") as caught:
        datasets.read(
            TRIAGE,
            write(tmp_path, by_line("e.ndjson", encounter)),
            remembered=Memory("table", known),
            labelled=False,
        )
    assert str(tmp_path) in str(caught.value.where)


def test_a_field_that_no_fhir_file_can_carry_is_missing_with_a_warning(datasets, tmp_path):
    known = {"complaint": "complaint", "label": "label", "injury": "injury"}
    read = datasets.read(
        TRIAGE, write(tmp_path, by_line("e.ndjson", encounter)), remembered=Memory("table", known), labelled=False
    )
    assert [row.example.injury for row in read.examples] == [None] * ROWS
    assert any("injury" in warning for warning in read.warnings)


def test_a_column_of_the_model_that_a_labels_file_lacks_is_named(datasets, tmp_path):
    trained = Memory("notes", {"text": "text", "label": "label", "patient": "patient"})
    with pytest.raises(ColumnMissing, match="'patient'") as caught:
        datasets.read(ROUTING, write(tmp_path, notes()), remembered=trained, labelled=False)
    assert "--map patient=" in str(caught.value.hint)


def test_notes_without_labels_can_be_looked_at(datasets, tmp_path):
    files = {name: text for name, text in notes().items() if name != "labels.csv"}
    read = datasets.read(ROUTING, write(tmp_path, files), labelled=None)
    assert (len(read.examples), read.bad_rows) == (ROWS, 0)
    with pytest.raises(DataError, match="the row has no label") as caught:
        datasets.read(ROUTING, tmp_path, labelled=True)
    assert "labels stand in labels.csv" in str(caught.value.hint)
