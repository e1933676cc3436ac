"""De-identification: what must go, what must stay, and that it is done once and for all."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verticore_medical.privacy.identifiers import nhs_number_is_valid, resident_id_is_valid
from verticore_medical.privacy.masker import ClinicalMasker
from verticore_medical.privacy.measuring import measure
from verticore_medical.privacy.note_templates import CLINICAL_LINES
from verticore_medical.privacy.notes import make_notes

from platform_core.sdk import Masker

MASKER = ClinicalMasker()


def mask(text: str) -> str:
    return MASKER.mask(text).text


def test_is_a_masker_of_the_sdk() -> None:
    assert isinstance(MASKER, Masker)


def test_notes_are_the_same_every_time_and_spans_are_where_they_say() -> None:
    notes = make_notes(30, held_out=False)
    assert notes == make_notes(30, held_out=False)
    assert all(note.text[span.start : span.end].strip() for note in notes for span in note.spans)


def test_finds_nearly_all_on_the_generated_notes_of_both_sets() -> None:
    known, held_out = (measure(make_notes(300, held_out=flag)) for flag in (False, True))
    found = sum(known.masked.values()) + sum(held_out.masked.values())
    assert found / (sum(known.spans.values()) + sum(held_out.spans.values())) >= 0.98
    assert held_out.recall >= 0.97
    assert min(known.precision, held_out.precision) >= 0.99
    for measured in (known, held_out):
        assert {kind: n for kind, n in measured.spans.items() if measured.masked[kind] < 0.97 * n} == {}


@pytest.mark.parametrize("line", CLINICAL_LINES)
def test_clinical_text_stays(line: str) -> None:
    assert mask(line) == line


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Dr. Smith saw Mr O'Neill.", "Dr. [NAME] saw Mr [NAME]."),
        ("PATIENT: DOE, JANE   SEX: F", "PATIENT: [NAME]   SEX: F"),
        ("pt name: john smith, ssn 212-45-6789", "pt name: [NAME], ssn [ID]"),
        ("Mr Parkinson has Parkinson's disease.", "Mr [NAME] has Parkinson's disease."),
        ("Seen 3 May 2021, MRN 00123456.", "Seen [DATE], MRN [ID]."),
        ("robert brown is a 67 year old man", "[NAME] is a 67 year old man"),
        ("Susan Miller (wife) at 555-987-6543", "[NAME] (wife) at [PHONE]"),
        ("Call (617) 555-0123 or +44 20 7946 0018.", "Call [PHONE] or [PHONE]."),
        ("Lives at 12 Elm Street, Leeds LS6 2AB.", "Lives at [ADDRESS]."),
        ("Write to a.b@example.org, see https://example.org/p/1.", "Write to [EMAIL], see [URL]."),
        ("姓名：张伟，身份证号11010519491231002X，电话13800138000", "姓名：[NAME]，身份证号[ID]，电话[PHONE]"),
        ("患者李秀英于2024年3月5日入院，住北京市朝阳区建国路88号。", "患者[NAME]于[DATE]入院，住[ADDRESS]。"),
        ("Call 617–555–0123 ext. 44, 01632/960001 or (0)20 is wrong", "Call [PHONE], [PHONE] or (0)20 is wrong"),
        ("On +1 617 555 0123 14:30; +44 (0) 20 7946 0018 x3", "On [PHONE] 14:30; [PHONE]"),
        ("Home 555-0123 or 01 23 45 67 89, bleep 412", "Home [PHONE] or [PHONE], bleep [PHONE]"),
        ("座机0571-88888888转123，４００－８２０－８８２０", "座机[PHONE]，[PHONE]"),
        ("A 94-year-old woman, aged 91, 92 y/o", "A 90+-year-old woman, aged 90+, 90+ y/o"),
        ("Ninety-four-year-old, age: 101", "90+-year-old, age: 90+"),
        ("患者，男，93岁，年龄：101岁", "患者，男，90+岁，年龄：90+岁"),
        ("From St. Mary's Hospital to the Mayo Clinic", "From [HOSPITAL] to the [HOSPITAL]"),
        ("University Hospital of Wales, Great Ormond Street Hospital", "[HOSPITAL], [HOSPITAL]"),
        ("患者于北京协和医院就诊，转入苏州市立医院", "患者于[HOSPITAL]就诊，转入[HOSPITAL]"),
        ("Lives alone in Little Rock, AR; born in New Haven", "Lives alone in [ADDRESS]; born in [ADDRESS]"),
        ("王医生会诊，住院号00123456。", "[NAME]医生会诊，住院号[ID]。"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Aged 90 days; 89 years old; temp 95 F; HR 95; 90 years ago; SpO2 95 %.",
        "Platelets 150-2000, 500-1000 mg, 0800 1200 1600, 250-1500 mL, 2.0-3.0.",
        "Moved to ICU, then to Ward 3; lives in a flat; born in Poland.",
        "District General Hospital, the Sickle Cell Clinic, St. Thomas' Hospital solution.",
        "当地医院、三甲医院、我院门诊、社区卫生服务中心",
    ],
)
def test_what_looks_alike_stays(text: str) -> None:
    assert mask(text) == text


def test_counts_by_kind() -> None:
    assert MASKER.mask("Dr Smith, Dr Jones, 3 May 2021").counts == {"DATE": 1, "NAME": 2}
    assert MASKER.mask("BP 120/80, pain 7/10").counts == {}


def test_a_name_told_once_is_masked_everywhere() -> None:
    assert mask("Name: Ottoline Hrdlicka\n\nOttoline slept well.") == "Name: [NAME]\n\n[NAME] slept well."


def test_checksums() -> None:
    assert resident_id_is_valid("11010519491231002X")
    assert not resident_id_is_valid("110105194912310021")
    assert nhs_number_is_valid("9434765919")
    assert not nhs_number_is_valid("9434765918")


PIECES = st.sampled_from(
    [
        note.text[i : i + 37]
        for flag in (False, True)
        for note in make_notes(40, held_out=flag)
        for i in range(0, 400, 37)
    ]
    + [
        "[NAME]",
        "[DATE]",
        "Mr ",
        "Dear ",
        "Patient: ",
        "姓名：",
        "患者",
        "on ",
        "tel ",
        "ID ",
        "\n",
        " ",
        "Bell",
        "May",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_masking_again_changes_nothing(text: str) -> None:
    once = MASKER.mask(text)
    again = MASKER.mask(once.text)
    assert again.text == once.text
    assert again.counts == {}


@pytest.mark.parametrize(
    "unit",
    ["a", "A", "A ", "Ab ", "1", "1-", "1 ", "1.", "1/", "@", "a@", "a.", ".", "Dr ", "Name: ", "[NAME", "王", "患者",
     "路", "1 Elm ", "(", "Jan ", "van ", "x-", "+1 ", "on 1/", "北京市", "tel ", "MRN ", "\n", "MRN:", "A1-", "1号",
     "9", "90 ", "St ", "Hospital ", "Hospital of ", "医院", "于医院", "555-", "0 1", "00 1",
     "www.", "O'", "a1", "Dr Ab ", "Ann ", "ann@b.", "1,", "X1-2/", "ID: 1 ", "by Ab ", "Ab, "],
)  # fmt: skip
def test_takes_time_in_proportion_to_the_length(unit: str) -> None:
    started = time.process_time()
    MASKER.mask(unit * (20_000 // len(unit)) + "a1")
    assert time.process_time() - started < 3.0
