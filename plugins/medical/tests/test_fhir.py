"""FHIR R4: what becomes of resources, and what is said of wrong ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from verticore_medical.adapters.fhir import FhirAdapter
from verticore_medical.triage.schema import TriageExample

from platform_core.sdk import BadRecord, ColumnMapping, Record, Source

ADAPTER = FhirAdapter()


def coded(code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": "http://loinc.org", "code": code}], **more}


def observation(name: str, code: str, value: Any, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": name, "status": "final", "code": coded(code),
        "subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/e1"},
        "effectiveDateTime": "2024-03-01T08:20:00Z", "valueQuantity": {"value": value, "code": unit}, **more,
    }  # fmt: skip


PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1960-03-02"}
ENCOUNTER = {
    "resourceType": "Encounter", "id": "e1", "subject": {"reference": "Patient/p1"},
    "period": {"start": "2024-03-01T08:15:00Z"}, "reasonCode": [{"text": "chest pain"}],
    "priority": {"text": "urgent"},
}  # fmt: skip
PRESSURE = {
    "resourceType": "Observation", "id": "bp", "status": "final", "code": coded("85354-9"),
    "subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/e1"},
    "component": [
        {"code": coded("8480-6"), "valueQuantity": {"value": 142, "code": "mm[Hg]"}},
        {"code": coded("8462-4"), "valueQuantity": {"value": 88, "code": "mm[Hg]"}},
    ],
}  # fmt: skip
HISTORY = {
    "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
    "category": [{"coding": [{"code": "problem-list-item"}]}], "code": {"text": "hypertension"},
    "onsetDateTime": "2015-01-01",
}  # fmt: skip
DIAGNOSIS = {
    **HISTORY,
    "id": "c2",
    "category": [{"coding": [{"code": "encounter-diagnosis"}]}],
    "code": {"text": "STEMI"},
}


def bundle(*resources: Any) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})


def source_of(folder: Path, **files: str | bytes) -> Source:
    paths = []
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
    return Source(folder, tuple(sorted(paths)))


def read(source: Source) -> list[Record | BadRecord]:
    columns = ADAPTER.raw(source).columns
    return list(ADAPTER.read(source, ColumnMapping({name: name for name in columns})))


def only_problem(source: Source) -> BadRecord:
    (bad,) = [row for row in read(source) if isinstance(row, BadRecord)]
    return bad


def test_an_encounter_becomes_a_row_of_what_is_known_at_arrival(tmp_path: Path) -> None:
    vitals = (
        PRESSURE,
        observation("hr", "8867-4", 96, "/min"),
        observation("rr", "9279-1", 18, "/min"),
        observation("t", "8310-5", 98.6, "[degF]"),
        observation("o", "59408-5", 97, "%"),
        observation("pain", "72514-3", 6, "{score}"),
        observation("g", "2339-0", 180.16, "mg/dL"),
        observation("later", "8867-4", 80, "/min", effectiveDateTime="2024-03-01T11:00:00Z"),
        observation("void", "8867-4", 20, "/min", status="entered-in-error", effectiveDateTime="2024-03-01T08:00:00Z"),
    )
    (row,) = read(source_of(tmp_path, one__json=bundle(PATIENT, ENCOUNTER, *vitals, HISTORY, DIAGNOSIS)))
    assert isinstance(row, Record)
    assert row.values == {
        "encounter_id": "e1", "patient": "p1", "arrived": "2024-03-01T08:15:00Z", "complaint": "chest pain",
        "medical_history": "hypertension", "age": 63, "sex": "female", "systolic_bp": 142.0, "diastolic_bp": 88.0,
        "heart_rate": 96.0, "respiratory_rate": 18.0, "temperature": 37.0, "spo2": 97.0, "pain_score": 6.0,
        "glucose": 10.0, "label": "urgent",
    }  # fmt: skip
    fields = {name: value for name, value in row.values.items() if name not in ("encounter_id", "label")}
    assert TriageExample.model_validate(fields).heart_rate == 96.0


def test_the_severity_index_wins_over_the_priority(tmp_path: Path) -> None:
    level = {**observation("esi", "75636-1", 0, ""), "valueCodeableConcept": coded("LA21752-3")}
    del level["valueQuantity"]
    (row,) = read(source_of(tmp_path, one__json=bundle(PATIENT, ENCOUNTER, level)))
    assert isinstance(row, Record)
    assert row.values["label"] == "2"


def test_resources_per_line_and_bundles_are_one_source(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(r) for r in (ENCOUNTER, PRESSURE)) + "\n\n" + bundle(PATIENT) + "\n"
    other = {**ENCOUNTER, "id": "e2", "subject": {"reference": "urn:uuid:7"}}
    entries = [{"fullUrl": "urn:uuid:7", "resource": {**PATIENT, "id": "p7"}}, {"resource": other}]
    whole = json.dumps({"resourceType": "Bundle", "entry": entries})
    rows = read(source_of(tmp_path, a__ndjson=lines, b__json=whole, c__txt="no FHIR", d__json="{}"))
    assert [(str(row.place), row.values["patient"]) for row in rows if isinstance(row, Record)] == [
        ("a.ndjson, data row 1", "p1"),
        ("b.json, data row 2", "p7"),
    ]
    assert [file.name for file in ADAPTER.probe(Source(tmp_path, tuple(sorted(tmp_path.iterdir())))).files] == [
        "a.ndjson",
        "b.json",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"valueQuantity": {"value": 96, "code": "mm[Hg]"}}, "heart_rate is given in 'mm[Hg]'"),
        ({"valueQuantity": {"value": 96}}, "heart_rate has no unit"),
        ({"valueQuantity": {"value": "96", "code": "/min"}}, "valueQuantity.value is '96', not a number"),
        ({"valueQuantity": {"value": True, "code": "/min"}}, "not a number"),
        ({"valueQuantity": [96]}, "valueQuantity is a list"),
        ({"effectiveDateTime": "yesterday"}, "no FHIR date"),
        ({"subject": {"reference": "Patient/p9"}}, "Observation/hr refers to Patient/p9, which is not there"),
        ({"component": {}}, "component is a dict, not a list"),
    ],
)
def test_a_wrong_observation_makes_its_encounter_bad(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    wrong = {**observation("hr", "8867-4", 96, "/min"), **change}
    rows = read(source_of(tmp_path, one__json=bundle(PATIENT, ENCOUNTER, wrong)))
    (bad,) = rows
    assert isinstance(bad, BadRecord)
    assert message in bad.message
    assert "Observation/hr" in bad.message
    assert str(bad.place) == "one.json, data row 2"


def test_what_belongs_to_no_encounter_is_bad_on_its_own(tmp_path: Path) -> None:
    lost = {**observation("hr", "8867-4", 96, "/min"), "encounter": {"reference": "Encounter/e9"}, "subject": None}
    rows = read(source_of(tmp_path, one__json=bundle(PATIENT, ENCOUNTER, lost)))
    assert [type(row) for row in rows] == [Record, BadRecord]
    assert "entry 3: Observation/hr refers to Encounter/e9, which is not there" in rows[1].message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"resourceType": "Bundle",\n "entry": [}', "malformed JSON at line 2, column 12: a value is missing"),
        (bundle(PATIENT, ENCOUNTER)[:90], "the file is cut off: its JSON breaks off at line 1, column 91"),
        ('{"resourceType": "Patient", "id": "p"}', "the file holds a Patient, not a Bundle"),
        ('{"resourceType": "Bundle", "entry": 3}', "entry of the Bundle is a int, not a list"),
        ('{"resourceType": "Bundle", "entry": [{}]}', "entry 1 of the Bundle holds no resource"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"id": "x"}}]}', "the resource has no resourceType"),
        (bundle({"resourceType": "Patient"}), "the Patient has no id"),
        (bundle(PATIENT, ENCOUNTER, {**ENCOUNTER}), "Encounter/e1 is there twice, first at one.json, entry 2"),
        (bundle(PATIENT, {**PATIENT, "gender": "male"}), "Patient/p1 is there twice"),
        (bundle(ENCOUNTER), "Encounter/e1 refers to Patient/p1, which is not there"),
        (bundle({**PATIENT, "gender": "F"}, ENCOUNTER), "Patient/p1: gender is 'F'"),
        (bundle({**PATIENT, "birthDate": "1960"}, {**ENCOUNTER, "period": "now"}), "period is a str, not an object"),
        ('{"resourceType": "Bundle", "entry": [], "x": NaN}', "NaN is no JSON number"),
        ("[" * 100_000 + '"resourceType"', "malformed JSON"),
        (bundle(PATIENT).encode() + b'  "caf\xe9 \xc3\xa9"\n', "the file is not UTF-8 throughout"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, content: str | bytes, message: str) -> None:
    if isinstance(content, str) and content.startswith("["):
        content = '{"resourceType": ' + content
    assert message in only_problem(source_of(tmp_path, one__json=content)).message


def test_a_bad_line_does_not_hide_the_others(tmp_path: Path) -> None:
    lines = [json.dumps(PATIENT), '{"resourceType": "Obs', '"x"', json.dumps(ENCOUNTER)]
    rows = read(source_of(tmp_path, all__ndjson="\n".join(lines).encode() + b"\n\xff\xfe\n"))
    assert [(row.place.row, type(row)) for row in rows] == [(2, BadRecord), (3, BadRecord), (4, Record), (5, BadRecord)]
    assert rows[0].message.startswith("the line is cut off: its JSON breaks off at line 2, column 22")  # type: ignore[union-attr]
    assert "export the file again" in rows[0].hint  # type: ignore[union-attr, operator]


def test_every_row_of_raw_is_the_row_that_is_read(tmp_path: Path) -> None:
    wrong = {**observation("hr", "8867-4", 96, "cm")}
    source = source_of(tmp_path, a__json="{]" + '"resourceType"', b__json=bundle(PATIENT, ENCOUNTER, wrong))
    assert ADAPTER.raw(source).rows == len(read(source)) == 2
