"""The sample: what is in it, and that it can be told from."""

import csv
from collections import Counter

import pytest
from verticore_medical.triage.conditions import CONDITIONS
from verticore_medical.triage.derive import derive
from verticore_medical.triage.patient import Patient
from verticore_medical.triage.sample import DESCRIPTION, ROWS, make_rows, write_sample
from verticore_medical.triage.schema import TriageExample


@pytest.fixture(scope="module")
def rows():
    return list(make_rows())


def test_all_levels_occur_as_often_as_in_a_department(rows):
    counts = Counter(row["acuity"] for row in rows)
    shares = {level: counts[level] / len(rows) for level in "12345"}
    assert len(rows) == ROWS
    assert 0.01 < shares["1"] < 0.06
    assert 0.15 < shares["2"] < 0.3
    assert shares["3"] == max(shares.values())
    assert shares["5"] < shares["4"]


def test_patients_come_again(rows):
    visits = Counter(row["patient_id"] for row in rows)
    assert 100 < sum(count > 1 for count in visits.values()) < 400
    assert len({row["stay_id"] for row in rows}) == len(rows)


def test_values_are_missing_and_a_few_are_impossible(rows):
    absent = sum(row["heart_rate"] in ("", "??") for row in rows) / len(rows)
    assert 0.02 < absent < 0.08
    assert 2 < sum(row["heart_rate"] == "900" for row in rows) < 30
    assert sum(row["temperature"] not in ("", "??") and float(row["temperature"]) > 77 for row in rows) > 10


def test_what_comes_later_gives_the_level_away(rows):
    stays = {level: [float(r["length_of_stay_min"]) for r in rows if r["acuity"] == level] for level in ("1", "3", "5")}
    means = [sum(found) / len(found) for found in stays.values()]
    assert means[0] > means[1] > means[2]


def test_vital_signs_follow_the_condition_and_its_level(rows):
    urgent = [float(r["spo2"]) for r in rows if r["acuity"] == "1" and r["spo2"] not in ("", "??", "999")]
    calm = [float(r["spo2"]) for r in rows if r["acuity"] == "5" and r["spo2"] not in ("", "??", "999")]
    assert sum(urgent) / len(urgent) < sum(calm) / len(calm) - 4


def test_complaints_vary(rows):
    assert len({row["chief_complaint"] for row in rows}) > 800


def test_the_file_is_the_same_every_time(tmp_path):
    write_sample(tmp_path)
    first = (tmp_path / "sample_triage.csv").read_bytes()
    write_sample(tmp_path)
    assert (tmp_path / "sample_triage.csv").read_bytes() == first
    with (tmp_path / "sample_triage.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == ROWS


def test_it_says_that_it_is_invented():
    assert "sample data" in DESCRIPTION.lower()
    assert "invented" in DESCRIPTION


def test_conditions_are_sound():
    for name, condition in CONDITIONS.items():
        assert condition.mild, name
        assert set(condition.levels) <= {1, 2, 3, 4, 5}, name
        assert condition.ages[0] < condition.ages[1], name


def test_derived_columns_are_those_of_the_bedside():
    example = TriageExample(
        complaint="abd pain", age=50, systolic_bp=100, diastolic_bp=70, heart_rate=120, respiratory_rate=24
    )
    found = derive(example)
    assert found["shock_index"] == pytest.approx(1.2)
    assert found["mean_arterial_pressure"] == pytest.approx(80)
    assert found["pulse_pressure"] == 30
    assert found["heart_rate_over_limit"] == pytest.approx(0.2)
    assert (found["qsofa"], found["news2"], found["missing_vitals"]) == (2, 6, 3)
    assert (found["most_urgent_flag"], found["complaint_group"]) == (2, "abdomen")


def test_derived_columns_are_always_the_same():
    assert list(derive(TriageExample())) == list(derive(TriageExample(heart_rate=80, complaint="cough")))


def test_impossible_values_derive_nothing():
    found = derive(TriageExample(heart_rate=900, systolic_bp=120))
    assert found["shock_index"] is found["heart_rate_over_limit"] is None


@pytest.mark.parametrize(
    ("age", "heart", "pressure"),
    [(0.1, 180, 70), (1, 160, 72), (5, 140, 80), (12, 100, 90), (40, 100, 90), (None, 100, 90)],
)
def test_limits_follow_the_age(age, heart, pressure):
    patient = Patient(TriageExample(age=age))
    assert (patient.fast_heart, patient.low_pressure) == (heart, pressure)
