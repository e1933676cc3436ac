"""Every red flag, just on and just off its threshold; and that no answer is milder than one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verticore_medical.triage.patient import NUMBERS, Patient
from verticore_medical.triage.red_flags import RED_FLAGS
from verticore_medical.triage.review import review
from verticore_medical.triage.schema import TriageExample
from verticore_medical.triage.solution import solution

from platform_core.modeling.reviewing import Reviewer

FIVE = ("1", "2", "3", "4", "5")
SCALES = (FIVE, ("Emergency", "Non-Emergency"), ("red", "yellow", "green"), ("I", "II", "III", "IV"))
BY_CODE = {flag.code: flag for flag in RED_FLAGS}

# code → what raises it, what just does not
CASES = {
    "unresponsive": ({"mental_state": "U"}, {"mental_state": "alert"}),
    "arrest": ({"complaint": "found not breathing"}, {"complaint": "breathing hard"}),
    "seizing": ({"complaint": "still seizing"}, {"complaint": "not seizing"}),
    "hypoxia-severe": ({"spo2": 84}, {"spo2": 85}),
    "hypoxia": ({"spo2": 91}, {"spo2": 92}),
    "reduced-consciousness": ({"mental_state": "V"}, {"mental_state": None}),
    "breathing-rate": ({"respiratory_rate": 25}, {"respiratory_rate": 24}),
    "heart-rate": ({"heart_rate": 131}, {"heart_rate": 131, "age": 5}),
    "hypotension": ({"systolic_bp": 90}, {"systolic_bp": 91}),
    "shock-index": ({"heart_rate": 130, "systolic_bp": 100}, {"heart_rate": 129, "systolic_bp": 100}),
    "hypertension": ({"systolic_bp": 220}, {"systolic_bp": 219}),
    "cold": ({"temperature": 33.5}, {"temperature": 34}),
    "very-hot": ({"temperature": 105.8}, {"temperature": 40.9}),
    "news2": (
        {"respiratory_rate": 24, "heart_rate": 120, "systolic_bp": 100, "temperature": 38.5},
        {"respiratory_rate": 24, "heart_rate": 120, "systolic_bp": 100, "temperature": 37},
    ),
    "news2-urgent": (
        {"respiratory_rate": 24, "heart_rate": 120, "temperature": 38.5},
        {"respiratory_rate": 24, "heart_rate": 120},
    ),
    "qsofa": ({"respiratory_rate": 22, "systolic_bp": 100}, {"respiratory_rate": 22, "systolic_bp": 101}),
    "hypoglycaemia": ({"glucose": 2.9}, {"glucose": 3}),
    "child-pressure": ({"systolic_bp": 79, "age": 5}, {"systolic_bp": 80, "age": 5}),
    "child-heart": ({"heart_rate": 161, "age": 1}, {"heart_rate": 161, "age": 0.1}),
    "child-breath": ({"respiratory_rate": 31, "age": 6}, {"respiratory_rate": 31, "age": 2}),
    "young-fever": ({"temperature": 38, "age": 0.2}, {"temperature": 38, "age": 0.3}),
    "chest-pain": ({"complaint": "chest pain", "age": 40}, {"complaint": "chest pain", "age": 39}),
    "chest-pain-typical": ({"complaint": "CP radiating to jaw"}, {"complaint": "chest pain, no sweating"}),
    "stroke": ({"complaint": "Lt. side motor weakness"}, {"complaint": "weakness"}),
    "anaphylaxis": ({"complaint": "swelling of the tongue"}, {"complaint": "leg swelling"}),
    "allergy-breathing": ({"complaint": "hives, wheezing"}, {"complaint": "hives, no wheezing"}),
    "airway": ({"complaint": "stridor"}, {"complaint": "denies choking"}),
    "mental-change": ({"complaint": "mental change"}, {"complaint": "no confusion"}),
    "seizure": ({"complaint": "post seizure"}, {"complaint": "history of seizure"}),
    "syncope": ({"complaint": "syncope"}, {"complaint": "denies LOC"}),
    "vomiting-blood": ({"complaint": "haematemesis"}, {"complaint": "vomiting, no blood"}),
    "gut-bleeding": ({"complaint": "melaena"}, {"complaint": "soft stools"}),
    "coughing-blood": ({"complaint": "coughing up blood"}, {"complaint": "cough"}),
    "pregnancy": ({"complaint": "preg, vag. bleeding"}, {"complaint": "pregnant, no bleeding"}),
    "thunderclap": ({"complaint": "worst headache of life"}, {"complaint": "headache"}),
    "self-harm": ({"complaint": "suicidal ideation"}, {"complaint": "denies suicidal ideation"}),
    "neutropenic-fever": (
        {"complaint": "on chemo, shivers", "temperature": 38},
        {"complaint": "on chemo, shivers", "temperature": 37.9},
    ),
    "torsion": ({"complaint": "testicular pain"}, {"complaint": "groin itch"}),
    "major-trauma": ({"complaint": "stab wound to chest"}, {"complaint": "open wound"}),
    "chemical-eye": ({"complaint": "bleach in eye"}, {"complaint": "red eye"}),
    "leaking-aneurysm": ({"complaint": "tearing back pain"}, {"complaint": "back pain"}),
}

possible_vitals = st.fixed_dictionaries(
    {},
    optional={name: st.floats(m.low - 1, m.high * 1.1) for name, m in NUMBERS.items()}
    | {
        "mental_state": st.sampled_from(["alert", "voice", "unresponsive", "odd"]),
        "complaint": st.sampled_from([on.get("complaint") for on, _ in CASES.values()]) | st.text(max_size=40),
    },
)


def raised(code: str, fields: dict) -> bool:
    return BY_CODE[code].evidence(Patient(TriageExample.model_validate(fields))) is not None


def test_every_flag_has_a_case():
    assert set(CASES) == set(BY_CODE)
    assert len(BY_CODE) == len(RED_FLAGS)


@pytest.mark.parametrize("code", CASES)
def test_a_flag_is_raised_at_its_threshold_and_not_before(code):
    on, off = CASES[code]
    assert raised(code, on)
    assert not raised(code, off)


@pytest.mark.parametrize("code", [code for code, (on, _) in CASES.items() if "complaint" in on and code != "arrest"])
def test_words_that_are_denied_raise_nothing(code):
    on, _ = CASES[code]
    assert not raised(code, on | {"complaint": f"denies {on['complaint']}"})


@pytest.mark.parametrize("flag", RED_FLAGS, ids=lambda flag: flag.code)
def test_the_table_says_what_why_and_from_where(flag):
    assert flag.title
    assert flag.condition
    assert flag.source
    assert flag.level in (1, 2, 3)
    assert flag.words or flag.when


def test_impossible_values_are_told_and_raise_nothing():
    said = review(TriageExample(heart_rate=900, systolic_bp=0, spo2=98, mental_state="alert"), FIVE)
    told = {remark.field: remark.text for remark in said.remarks if remark.code == "vitals.impossible"}
    assert told["heart_rate"] == "Heart rate 900 /min is not possible (10 to 300); taken as missing."
    assert set(told) == {"heart_rate", "systolic_bp"}
    assert not [remark for remark in said.remarks if remark.at_least]


def test_missing_vitals_are_told():
    said = review(TriageExample(heart_rate=80, respiratory_rate=15, systolic_bp=120, spo2=98), FIVE)
    assert [remark.text for remark in said.remarks] == [
        "Not measured: temperature, mental state. Red flags and scores that need them are silent."
    ]


def test_a_remark_says_what_it_rests_on():
    remark = review(TriageExample(complaint="CP radiating to jaw", age=35, heart_rate=140), FIVE).remarks[0]
    assert (remark.code, remark.at_least) == ("red-flag.heart-rate", "2")
    assert "heart rate 140" in remark.text
    assert "NEWS2" in remark.text


def test_the_most_urgent_flag_stands_first():
    said = review(TriageExample(mental_state="U", complaint="syncope", heart_rate=150), FIVE)
    levels = [remark.at_least for remark in said.remarks if remark.at_least]
    assert levels == sorted(levels)
    assert levels[0] == "1"


def test_an_age_that_is_not_known_may_be_the_age_of_danger():
    assert codes(TriageExample(complaint="chest pain")) >= {"red-flag.chest-pain"}
    assert codes(TriageExample(complaint="chest pain", age=266)) >= {"red-flag.chest-pain", "vitals.impossible"}


def test_a_patient_of_whom_nothing_is_known_is_left_to_people():
    said = review(TriageExample(age=40), FIVE)
    assert said.abstain
    assert said.remarks[0].code == "nothing-known"
    assert not review(TriageExample(complaint="cough"), FIVE).abstain
    assert not review(TriageExample(spo2=97), FIVE).abstain


def codes(example):
    return {remark.code for remark in review(example, FIVE).remarks}


def test_facts_have_the_same_names_always():
    assert (
        set(review(TriageExample(), FIVE).facts) == set(review(TriageExample(heart_rate=70), FIVE).facts) == {"news2"}
    )
    assert review(TriageExample(heart_rate=70, age=8), FIVE).facts == {"news2": None}


@settings(max_examples=150, deadline=None)
@given(possible_vitals, st.sampled_from(SCALES), st.data())
def test_no_answer_is_milder_than_a_red_flag(fields, labels, data):
    scores = np.array([data.draw(st.lists(st.floats(0.001, 1), min_size=len(labels), max_size=len(labels)))])
    scores /= scores.sum()
    example = TriageExample.model_validate(fields)
    reviewer = Reviewer(solution, labels)
    found = reviewer.review(example)
    after = reviewer.raised(scores, [found])
    limits = [labels.index(r.at_least) for r in found.remarks if r.at_least]
    assert after.sum() == pytest.approx(1)
    assert (after[0].cumsum() >= scores[0].cumsum() - 1e-9).all()  # never milder than before
    if limits:
        assert after[0, : min(limits) + 1].sum() > 0.5  # the median, which is the answer, is no milder
    else:
        assert (after == scores).all()


def test_the_readme_lists_every_flag_as_it_is():
    listed = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for flag in RED_FLAGS:
        assert f"| `{flag.code}` | {flag.level} | {flag.condition} | {flag.source} |" in listed
