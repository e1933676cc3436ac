"""The road of a file of triage: what is refused, what is told, and what comes out at the other end."""

import csv
import random
from pathlib import Path

import pytest
from verticore_medical.triage.sample import make_rows
from verticore_medical.triage.solution import solution

from platform_core.cli.server_process import ServerProcess
from platform_core.client import Client
from platform_core.platform import Platform
from platform_core.sdk import BadInput, ColumnMissing, DataError

ROAD = "medical.triage"
QUICK = {"folds": 1, "members": ("linear",)}
FIVE = ("1", "2", "3", "4", "5")


@pytest.fixture(scope="module")
def rows():
    return list(make_rows(160))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Platform.open(tmp_path_factory.mktemp("workspace")) as platform:
        yield platform


@pytest.fixture(scope="module")
def trained(workspace, rows, tmp_path_factory):
    """A workspace with a model that was trained on few rows and a column of the department's own."""
    timed = [row | {"capillary_refill": str(random.Random(i).randint(0, 30))} for i, row in enumerate(rows)]
    workspace.train(ROAD, write(tmp_path_factory.mktemp("few") / "few.csv", timed), name="few", settings=QUICK)
    return workspace


def write(file: Path, rows: list[dict[str, str]], *, drop: tuple[str, ...] = (), encoding: str = "utf-8") -> Path:
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, [name for name in rows[0] if name not in drop], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def changed(rows: list[dict[str, str]], place: int, **values: str) -> list[dict[str, str]]:
    return [row | values if number == place else row for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("values", "column", "message"),
    [
        ({"acuity": "banana"}, "acuity", "'banana' is no level of urgency"),
        ({"acuity": "7"}, "acuity", "'7' is no level of urgency"),
        ({"acuity": "??"}, "acuity", "the row has no label"),
        ({"arrival_time": "2999-01-01T00:00"}, "arrival_time", "future"),
        ({"stay_id": "S00001"}, "stay_id", "repeats the value of er.csv, data row 1"),
        ({"heart_rate": "quick"}, "heart_rate", "number"),
        ({"glucose": "inf"}, "glucose", "finite"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(workspace, rows, tmp_path, values, column, message):
    file = write(tmp_path / "er.csv", changed(rows, 40, **values))
    before = len(workspace.datasets.list())
    with pytest.raises(DataError, match=message) as caught:
        workspace.datasets.import_(ROAD, file)
    assert "er.csv, data row 41" in (caught.value.where or "")
    assert column in (caught.value.where or "")
    assert len(workspace.datasets.list()) == before
    read = workspace.datasets.read(ROAD, file, labelled=True, skip_bad=True)
    assert (read.bad_rows, len(read.examples)) == (1, len(rows) - 1)
    assert any("1 bad row was skipped" in warning and "row 41" in warning for warning in read.warnings)


def test_impossible_vitals_are_told_and_kept_out(workspace, rows, tmp_path):
    few = [row | {"heart_rate": "80", "temperature": "36.8"} for row in rows]
    read = workspace.datasets.read(ROAD, write(tmp_path / "er.csv", changed(few, 3, heart_rate="900")), labelled=True)
    (told,) = [warning for warning in read.warnings if "heart_rate" in warning]
    assert "10 to 300 /min" in told
    assert "data row 4: 900" in told


def test_later_columns_and_running_numbers_are_dropped_and_told(workspace, rows, tmp_path):
    read = workspace.datasets.read(ROAD, write(tmp_path / "er.csv", rows), labelled=True)
    dropped = {suspect.column: suspect.kind for suspect in read.dropped}
    assert dropped["disposition"] == dropped["length_of_stay_min"] == "later"
    assert not {"disposition", "length_of_stay_min", "acuity", "stay_id"} & {
        name for row in read.examples for name in row.example.other
    }


def test_what_is_not_of_the_patient_is_dropped_and_told(workspace, rows, tmp_path):
    wider = [row | {"Group": "Local ED", "Patients number per hour": "7"} for row in rows]
    read = workspace.datasets.read(ROAD, write(tmp_path / "er.csv", wider), labelled=True)
    assert {"Group", "Patients number per hour"} <= {suspect.column for suspect in read.dropped}
    assert not {"Group", "Patients number per hour"} & set(read.examples[0].example.other)


def test_names_of_the_ktas_study_and_of_mimic_are_known(workspace, rows, tmp_path):
    ktas = {
        "patient_id": "", "chief_complaint": "Chief_complain", "mental_state": "Mental", "systolic_bp": "Systolic BP",
        "temperature": "Body Temperature", "acuity": "KTAS_expert", "disposition": "Diagnosis in ED",
    }  # fmt: skip
    mimic = {
        "stay_id": "stay_id", "patient_id": "subject_id", "arrival_time": "intime", "heart_rate": "heartrate",
        "respiratory_rate": "resprate", "spo2": "o2sat", "systolic_bp": "sbp", "diastolic_bp": "dbp",
        "chief_complaint": "chiefcomplaint", "sex": "gender", "arrival_mode": "arrival_transport",
    }  # fmt: skip
    for names in (ktas, mimic):
        renamed = [{names.get(k, k): v for k, v in row.items() if names.get(k, k)} for row in rows]
        read = workspace.datasets.read(ROAD, write(tmp_path / "er.csv", renamed), labelled=True)
        expected = {field: names.get(field, field) for field in ("heart_rate", "systolic_bp", "temperature", "spo2")}
        assert {field: read.mapping[field] for field in expected} == expected
        assert read.mapping["complaint"] == names["chief_complaint"]
        assert read.mapping["label"] == names.get("acuity", "acuity")


def test_the_label_can_be_said(workspace, rows, tmp_path):
    named = [row | {"KTAS_expert": row["acuity"], "KTAS_Nurse": row["acuity"]} for row in rows]
    file = write(tmp_path / "er.csv", named, drop=("acuity",))
    for said, other in (({}, "KTAS_Nurse"), ({"label": "KTAS_Nurse"}, "KTAS_expert")):
        read = workspace.datasets.read(ROAD, file, mapping=said, labelled=True)
        assert other in {suspect.column for suspect in read.dropped}
        assert {row.target for row in read.examples} == set(FIVE)


def test_a_diagnosis_never_feeds_the_complaint(workspace, rows, tmp_path):
    long = [row | {"final_diagnosis": f"acute disease of an inner organ, form {i}"} for i, row in enumerate(rows)]
    file = write(tmp_path / "er.csv", long, drop=("chief_complaint", "medical_history"))
    read = workspace.datasets.read(ROAD, file, labelled=True)
    assert "complaint" not in read.mapping
    assert "medical_history" not in read.mapping


def test_a_file_that_is_none_of_the_format_is_refused(workspace, tmp_path):
    broken = tmp_path / "er.csv"
    broken.write_bytes(b"acuity,heart_rate\n1,80\n2,90,7\n3,70\n")
    with pytest.raises(DataError, match="3 fields") as caught:
        workspace.datasets.import_(ROAD, broken)
    assert "data row 2" in (caught.value.where or "")


def test_mixed_encodings_are_found(workspace, rows, tmp_path):
    good = write(tmp_path / "er.csv", changed(rows, 2, chief_complaint="fièvre"))
    line = b"S9,P9,2024-01-01T00:00,30,male,walk-in,fi\xe8vre,,no,alert,no,0,80,15,120,70,36.7,98,5,4,home,60\n"
    good.write_bytes(good.read_bytes() + line)
    with pytest.raises(DataError, match="mixes encodings") as caught:
        workspace.datasets.import_(ROAD, good)
    assert f"data row {len(rows) + 1}" in (caught.value.where or "")


def test_a_scale_of_ones_own_is_read(workspace, rows, tmp_path):
    words = dict(zip(FIVE, ("sofort", "eilig", "bald", "später", "warten"), strict=True))
    file = write(tmp_path / "er.csv", [row | {"acuity": words[row["acuity"]]} for row in rows])
    assert {row.target for row in workspace.datasets.read(ROAD, file, labelled=True).examples} == set(words.values())


def test_a_column_that_the_model_knows_must_be_there(trained, rows, tmp_path):
    with pytest.raises(ColumnMissing, match="capillary_refill"):
        trained.predict("few", [{"complaint": "cough", "heart_rate": 80}])
    with pytest.raises(ColumnMissing, match="capillary_refill"):
        trained.predict_file("few", write(tmp_path / "new.csv", rows))


@pytest.mark.parametrize(
    "request_", [{"heart_rate": "fast"}, {"pulse": 80}, {"arrived": "2999-01-01"}, {"complaint": 3, "age": []}]
)
def test_a_request_that_is_wrong_is_refused(trained, request_):
    with pytest.raises(BadInput):
        trained.predict("few", [request_ | {"other": {"capillary_refill": 3}}])


def test_no_prediction_is_milder_than_its_red_flags(trained, rows):
    rng = random.Random(1)
    requests = []
    for row in rows:
        fields = {"complaint": row["chief_complaint"] or None, "mental_state": row["mental_state"] or None}
        fields |= {"age": rng.uniform(0, 90), "heart_rate": rng.uniform(20, 220), "systolic_bp": rng.uniform(50, 240)}
        fields |= {"respiratory_rate": rng.uniform(4, 50), "spo2": rng.choice((None, rng.uniform(70, 100)))}
        requests.append(fields | {"other": {"capillary_refill": 3}})
    flagged = 0
    for prediction in trained.predict("few", requests):
        limits = [FIVE.index(r["at_least"]) for r in prediction.get("remarks", ()) if "at_least" in r]
        flagged += bool(limits)
        if limits:
            assert FIVE.index(prediction["label"]) <= min(limits)
    assert flagged > 50


@pytest.mark.slow
def test_the_whole_road_on_the_sample(tmp_path):
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
    assert result.metrics["qwk"] > 0.6
    assert measured.metrics["qwk"] == pytest.approx(result.metrics["qwk"])
    assert measured.metrics["undertriage"] < 0.25
    for word in ("Under-triage", "kappa", "Coverage", "Decision support", "red-flag."):
        assert word in card
    with ServerProcess(tmp_path / "home") as server, Client(server.url) as client:
        answer = client.predict(f"{ROAD}@champion", solution.sample.requests, explain=True)
    heart, ankle, fever = answer.predictions
    assert heart["label"] in ("1", "2")
    assert "red-flag.chest-pain" in {remark["code"] for remark in heart["remarks"]}
    assert ankle["label"] in ("4", "5")
    assert ankle["news2"] == 0
    assert "vitals.impossible" in {remark["code"] for remark in fever["remarks"]}
    assert all(p["explanation"]["words"] and p["explanation"]["columns"] for p in (heart, ankle, fever))
