"""Consciousness, oxygen and temperature as people write them; what is not understood is told, and never scored."""

import pytest
from pydantic import ValidationError
from verticore_medical.deterioration.review import review as review_signs
from verticore_medical.deterioration.schema import LABELS, VitalSigns
from verticore_medical.deterioration.trends import score
from verticore_medical.scores.consciousness import consciousness_of
from verticore_medical.scores.oxygen import on_oxygen
from verticore_medical.triage.review import review
from verticore_medical.triage.schema import TriageExample

from platform_core.platform import Platform
from platform_core.sdk.adapters import TableAdapter

CALM = {"heart_rate": 72, "respiratory_rate": 14, "systolic_bp": 128, "temperature": 36.7, "spo2": 98}
FIVE = ("1", "2", "3", "4", "5")


def codes(remarks):
    return {remark.code for remark in remarks}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("GCS 3", "unresponsive"),
        ("3/15", "unresponsive"),
        ("gcs: 8", "unresponsive"),
        ("GCS 9", "pain"),
        ("14/15", "voice"),
        ("GCS 15", "alert"),
        ("15", "alert"),
        (15.0, "alert"),
        ("E4V5M6", "alert"),
        ("GCS 7 (E1 V2 M4)", "unresponsive"),
        ("GCS 2", None),
        ("16", None),
        ("3", "pain"),
        ("A&O x3", "alert"),
        ("A&Ox2", "confused"),
        ("oriented", "alert"),
        ("normal", "alert"),
        ("V", "voice"),
        ("nicht ansprechbar", "unresponsive"),
        ("verwirrt", "confused"),
        ("昏迷", "unresponsive"),
        ("清醒", "alert"),
        ("혼수", "unresponsive"),
        ("명료", "alert"),
        ("asleep", None),
        ("not alert", None),
        ("unknown", None),
        ("-", None),
    ],
)
def test_consciousness(said, state):
    assert consciousness_of(said) == state


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("2 l/min", True),
        ("4L NC", True),
        ("0 l/min", False),
        ("nasal cannula", True),
        ("28%", True),
        ("FiO2 0.4", True),
        ("FiO2 80%", True),
        ("21 %", False),
        ("room air", False),
        ("RA", False),
        ("Raumluft", False),
        ("2", True),
        ("0", False),
        ("no mask", None),
        ("92%", None),
        ("0.92", None),
        ("28", None),
        ("perhaps", None),
    ],
)
def test_oxygen(said, given):
    assert on_oxygen(said) is given


def test_a_saturation_is_no_answer_to_whether_oxygen_is_given():
    with pytest.raises(ValidationError, match="looks like a saturation"):
        VitalSigns.model_validate({"oxygen": "87"})


def test_a_column_o2_is_not_guessed_to_be_supplemental_oxygen(tmp_path):
    from verticore_medical.deterioration.solution import solution

    from platform_core.sdk import RawTable

    table = RawTable(columns={"o2": ["87", "92", "85"], "hr": ["80", "90", "100"]}, rows=3)
    assert "oxygen" not in TableAdapter().propose(table, solution).columns


@pytest.mark.parametrize("word", ["unknown", "not assessed", "-", "asleep", None])
def test_unknown_consciousness_costs_no_points(word):
    found = score(VitalSigns.model_validate({**CALM, "consciousness": word, "oxygen": "no"}))
    assert (found.total, found.missing) == (0, ("consciousness",))


def test_what_is_not_understood_is_told():
    signs = VitalSigns.model_validate({**CALM, "consciousness": "asleep", "oxygen": "perhaps", "heart_rate": 900})
    remarks = review_signs(signs, LABELS).remarks
    told = [(r.code, r.field) for r in remarks if r.field]
    assert told == [
        ("vitals.impossible", "heart_rate"),
        ("vitals.not-understood", "oxygen"),
        ("vitals.not-understood", "consciousness"),
    ]


@pytest.mark.parametrize(
    ("solution", "header", "words", "told"),
    [
        ("medical.triage", "chief_complaint,avpu,acuity", "cough,{},2", ["'avpu'"]),
        ("medical.deterioration", "avpu,on_oxygen,hr,label", "{0},{0},80,stable", ["'on_oxygen'", "'avpu'"]),
    ],
)
def test_an_import_counts_and_lists_words_that_are_not_understood(tmp_path, solution, header, words, told):
    file = tmp_path / "a.csv"
    rows = ["grumpy", "not assessed", *["asleep"] * 6]
    file.write_text("\n".join([header, *(words.format(word) for word in rows)]))
    with Platform.open(tmp_path / "home") as platform:
        warnings = platform.datasets.read(solution, file, labelled=None).warnings
    warnings = [warning for warning in warnings if "not understood" in warning]
    assert [warning.split(" ")[1].rstrip(":") for warning in warnings] == told
    for warning in warnings:
        assert ": 7 words are not understood (known: " in warning
        assert "taken as missing: a.csv, data row 1: " in warning
        assert warning.endswith("; …")


def test_triage_takes_no_unknown_mental_state_for_alert():
    found = review(TriageExample(complaint="cough", mental_state="grumpy", **CALM), FIVE)
    assert {"vitals.not-understood", "vitals.missing"} <= codes(found.remarks)
    for said in ("GCS 3", "nicht ansprechbar"):
        assert "red-flag.unresponsive" in codes(review(TriageExample(mental_state=said), FIVE).remarks)


def test_fahrenheit_is_converted():
    assert VitalSigns(temperature=102.2).temperature == 39.0


def test_deterioration_knows_nothing_of_a_blank_example():
    found = review_signs(VitalSigns(age=70), LABELS)
    assert (found.abstain, found.facts["news2"]) == (True, None)
    assert "nothing-known" in codes(found.remarks)


@pytest.mark.parametrize(
    ("change", "code", "points"),
    [
        ({"respiratory_rate": 26}, "news2.urgent", 3),
        ({"heart_rate": 120, "respiratory_rate": 26, "spo2": 90}, "news2.emergency", 8),
        ({"heart_rate": 135, "age": 5}, "news2.child", None),
        ({}, None, 0),
    ],
)
def test_deterioration_tells_news2(change, code, points):
    full = {**CALM, "oxygen": "no", "consciousness": "alert", **change}
    found = review_signs(VitalSigns.model_validate(full), LABELS)
    assert found.facts["news2"] == points
    assert codes(found.remarks) == ({code} if code else set())
