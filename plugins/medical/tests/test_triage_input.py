"""What an example of triage takes, in whatever words and units files have it."""

import pytest
from pydantic import ValidationError
from verticore_medical.triage.levels import ORDER, at_least, level_of, merged_names
from verticore_medical.triage.schema import TriageExample

from platform_core.sdk import DataError

FIVE = ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("given", "pain", "score"),
    [
        ({"pain": "Yes"}, "yes", None),
        ({"pain": "No", "pain_score": 4}, "no", 4),
        ({"pain": "7"}, "yes", 7),
        ({"pain": 0}, "no", 0),
        ({"pain": 1, "pain_score": 6}, "yes", 6),
        ({"pain": "severe"}, "yes", 8),
        ({"pain": "unable"}, None, None),
        ({"pain": "-8"}, None, -8),
        ({"pain_score": 3}, "yes", 3),
        ({}, None, None),
    ],
)
def test_pain_is_a_word_or_a_score(given, pain, score):
    example = TriageExample.model_validate(given)
    assert (example.pain, example.pain_score) == (pain, score)
    assert TriageExample.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize(("given", "celsius"), [(98.6, 37.0), (36.6, 36.6), (105, 40.56), (60, 60), (None, None)])
def test_fahrenheit_is_told_by_the_value(given, celsius):
    example = TriageExample(temperature=given)
    assert example.temperature == celsius
    assert TriageExample.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("sex", "M", "male"),
        ("sex", "Female", "female"),
        ("sex", "2", "2"),
        ("mental_state", "Verbal Response", "voice"),
        ("mental_state", "U", "unresponsive"),
        ("mental_state", 1.0, "alert"),
        ("mental_state", "new confusion", "confused"),
        ("arrival_mode", "Public Ambulance", "ambulance"),
        ("arrival_mode", "by boat", "by boat"),
        ("injury", True, "yes"),
        ("injury", "N", "no"),
    ],
)
def test_words_and_codes_are_brought_to_one_form(field, value, word):
    assert getattr(TriageExample.model_validate({field: value}), field) == word


@pytest.mark.parametrize("blank", ["", "  ", "??", "-", None])
def test_a_blank_complaint_is_none(blank):
    assert TriageExample(complaint=blank).complaint is None


def test_what_is_no_number_is_refused():
    with pytest.raises(ValidationError):
        TriageExample.model_validate({"heart_rate": "fast"})


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (FIVE, FIVE),
        (("Emergency", "Non-Emergency"), ("Emergency",) * 3),
        (("red", "yellow", "green"), ("red", "red", "yellow")),
        (("red", "orange", "yellow", "green"), ("red", "orange", "yellow")),
        (("I", "II", "III", "IV"), ("I", "II", "III")),
        (("2", "3", "4", "5"), ("2", "2", "3")),
        (("3", "4", "5"), ("3", "3", "3")),
        (
            ("Resuscitation", "Emergency", "Urgent", "Less urgent", "Non-urgent"),
            ("Resuscitation", "Emergency", "Urgent"),
        ),
        (("ESI 1", "ESI 2", "ESI 3"), ("ESI 1", "ESI 1", "ESI 2")),
        (("now", "soon", "later"), ("now", "now", "soon")),
        (tuple("abcdefghij"), ("b", "d", "f")),
    ],
)
def test_a_level_of_five_in_the_scale_in_use(labels, expected):
    found = tuple(at_least(level, labels) for level in range(1, len(expected) + 1))
    assert found == expected


@pytest.mark.parametrize(
    ("label", "level"),
    [("KTAS 4", 4), ("Very urgent", 2), ("semi_urgent", 4), ("immediate", 1), ("10", None), ("?", None)],
)
def test_names_of_levels(label, level):
    assert level_of(label) == level


def test_the_order_of_names_follows_the_levels():
    levels = [level_of(name) for name in ORDER]
    assert levels == sorted(levels)
    assert len({name.casefold() for name in ORDER}) == len(ORDER)


def test_two_names_of_one_level_are_one_across_scales():
    found = merged_names(["1", "red", "2", "orange", "3", "ESI 3"], is_known_scale=True)
    assert found == {"1": "1", "red": "1", "2": "2", "orange": "2", "3": "3", "ESI 3": "3"}
    assert merged_names(["emergency", "very urgent", "urgent", "ESI 4"], is_known_scale=True) == {}


@pytest.mark.parametrize(
    ("labels", "is_known", "both"),
    [
        (["red", "1", "emergency", "very urgent"], True, "'emergency' and 'very urgent'"),
        (["1", "red", "foo", "bar"], False, "'1' and 'red'"),
    ],
)
def test_names_that_may_be_one_level_or_two_are_refused(labels, is_known, both):
    with pytest.raises(DataError, match=both):
        merged_names(labels, is_known_scale=is_known)
