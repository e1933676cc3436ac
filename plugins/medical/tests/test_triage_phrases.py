"""What complaints say is there, and what they deny."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verticore_medical.triage.complaints import GROUPS, group_of
from verticore_medical.triage.phrases import present_parts, says

CHEST_PAIN = "chest pain"


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "Ant. CHEST PAIN x 2 days",
        "non-radiating chest pain",
        "chest pain without nausea",
        "no fever, chest pain since 3 am",
        "denies fever but has chest pain",
        "Denies fall. Chest pain",
        "no meds taken, crushing chest pain or pressure",
        "chest pain, no relief with nitro",
        "no change: chest pain",
        "CP",
        "h/o stroke, now chest pain",
    ],
)
def test_what_is_there_is_found(text):
    assert says(text, CHEST_PAIN)


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain",
        "denies chest pain",
        "denies fever, chest pain or cough",
        "no fever, chest pain or cough",
        "cough without chest pain",
        "never had chest pain",
        "negative for chest pain",
        "history of chest pain",
        "father had chest pain",
        "h/o chest pain, dizzy",
        "has no chest pain",
        "",
        None,
    ],
)
def test_what_is_denied_or_history_is_not(text):
    assert says(text, CHEST_PAIN) is None


@pytest.mark.parametrize(
    ("text", "word"), [("not breathing", "apnea"), ("no pulse", "pulseless"), ("not responding", "unresponsive")]
)
def test_what_only_looks_like_a_negation(text, word):
    assert says(text, word)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    assert all(part == part.strip() and part for part in present_parts(text))


@pytest.mark.parametrize(
    ("complaint", "group"),
    [
        ("Lt. arm weakness", "stroke"),
        ("SOB, no chest pain", "breathing"),
        ("chest pain and SOB", "chest pain"),
        ("finger laceration", "wound"),
        ("vomiting of fresh blood", "upper bleeding"),
        ("HA", "headache"),
        ("hiccup", "other"),
        (None, None),
    ],
)
def test_groups_of_complaints(complaint, group):
    assert group_of(complaint) == group


def test_groups_have_names_of_their_own():
    assert len({name for name, _ in GROUPS}) == len(GROUPS)
