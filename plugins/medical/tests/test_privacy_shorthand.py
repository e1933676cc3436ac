"""De-identification of triage shorthand: ages without "years", capitals, numbers that are none of a telephone's."""

import pytest
from verticore_medical.privacy.masker import ClinicalMasker

MASKER = ClinicalMasker()


def mask(text: str) -> str:
    return MASKER.mask(text).text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("95M with chest pain", "90+M with chest pain"),
        ("97F fall", "90+F fall"),
        ("95 M c/o SOB", "90+ M c/o SOB"),
        ("Pt is a 101 F, confused", "Pt is a 90+ F, confused"),
        ("F/92 off legs, 94/M unwell", "F/90+ off legs, 90+/M unwell"),
        ("Mr Smith, 93, lives alone", "Mr [NAME], 90+, lives alone"),
        ("Mrs Jones (96) fell", "Mrs [NAME] (90+) fell"),
        ("Pt 93yrs", "Pt 90+yrs"),
        ("Pt 94 M BP 90/60", "Pt 90+ M BP 90/60"),
        ("Female, 98, off food. She is 98.", "Female, 90+, off food. She is 90+."),
        ("92-95 years old", "90+-90+ years old"),
        ("aged 92 to 95, 88-91 y/o, 92-90+ years old", "aged 90+ to 90+, 88-90+ y/o, 90+-90+ years old"),
        ("年龄92-95岁", "年龄90+-90+岁"),
    ],
)
def test_great_ages_without_years_old(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Age 90% of predicted; turned 90 mg into 95 mL; turned 90 degrees; turned 90° left; age 95 mmHg.",
        "Temp 97F, T 101 F oral, fever of 103F; 97F, HR 88, BP 120/80; afebrile at 98 F.",
        "Walked 100 M with a frame; 120 M sucrose; platelets 95 M/L; 100M NaCl; 98F (36.7 C).",
        "100 years ago, for 100 years, in the last 90 years, 120 pack years, 100 person-years.",
        "Mr [NAME], 93 mg; she is 95 kg; he was 92% on air; HR, 95, and BP.",
        "94M/s, 90 FR, HR 95; 88M fall; 45F collapse; TECHNETIUM-99M, Tc 99M scan.",
    ],
)
def test_what_is_no_great_age_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("admitted from KETTERING GENERAL HOSPITAL", "admitted from [HOSPITAL]"),
        ("REFERRED BY GREENFIELD MEDICAL CENTER", "REFERRED BY [HOSPITAL]"),
        ("TX FROM ST THOMAS HOSPITAL WITH SOB", "TX FROM [HOSPITAL] WITH SOB"),
        ("ST. JOSEPH'S HOSPICE; BRANDRETH CLINIC", "[HOSPITAL]; [HOSPITAL]"),
        ("FELL OUT OF BED AT MERCY HOSPITAL", "FELL OUT OF BED AT [HOSPITAL]"),
        ("UNIVERSITY HOSPITAL OF WALES", "[HOSPITAL]"),
        ("tx from mercy hospital", "tx from [HOSPITAL]"),
        ("seen at st. mary's hospital, then thornbury general hospital", "seen at [HOSPITAL], then [HOSPITAL]"),
        ("Lakeview medical center sent him", "[HOSPITAL] sent him"),
    ],
)
def test_hospitals_in_capitals_and_in_lower_case(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "ADMITTED TO HOSPITAL. DISTRICT GENERAL HOSPITAL. LEFT THE HOSPITAL. HOSPITAL FOR SYNCOPE.",
        "TIA CLINIC, FRACTURE CLINIC, CARDIOLOGY CLINIC; OUTSIDE HOSPITAL; HOSPITAL COURSE UNEVENTFUL.",
        "SINCE LEAVING HOSPITAL; PSYCHIATRIC HOSPITAL; LIVES IN A NURSING HOME; RESIDENTIAL CARE HOME.",
        "taken to hospital, an outside hospital, the patient's hospital stay, a women's hospital, field hospital",
        "SIX NEVER LEFT THE HOSPITAL; MANY HOSPITALS; SIX COMMUNITY HOSPITALS; ALIVE AT 16 MONTHS AFTER HOSPITAL",
        "a small community hospital, early hospital discharge, another nursing home, children's hospital",
    ],
)
def test_hospitals_that_nothing_names_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "white cell 12000, red cell 4500, White cell count 11000, T cell 1200",
        "Called at 0830. Contact at 2200 hrs. called 1200 mL. Reached 2000 mL.",
        "Texted 1430; dialled down to 1500; mobile 1500 m; ext 1200 mL; phoned at 0915",
        "called 0830 120/80",
    ],
)
def test_numbers_that_nobody_dials_stay(text: str) -> None:
    assert mask(text) == text


def test_short_numbers_after_a_word_for_a_telephone_and_long_ones_after_a_verb_are_masked() -> None:
    assert (
        mask("ext 4512, bleep 2210, pager 83412, tel 4567") == "ext [PHONE], bleep [PHONE], pager [PHONE], tel [PHONE]"
    )
    assert mask("called 5550123, cell: 5559876") == "called [PHONE], cell: [PHONE]"


@pytest.mark.parametrize(
    "text",
    [
        "moved to Bay 3. Moved to Resus. Moved to Theatre 2, then moved to Recovery.",
        "lives in Rural area. Lives in Assisted Living. Lives in Sheltered Housing. Lives in Warden flats.",
        "moved to Bay 12, moved to Level 3",
        "moved to Majors, moved to Minors, moved to Cubicle 4, moved to Ward 7, moved to HDU, moved to CPAP",
    ],
)
def test_rooms_and_kinds_of_housing_are_no_towns(text: str) -> None:
    assert mask(text) == text


def test_a_town_ends_with_its_sentence() -> None:
    assert mask("Lives in Leeds. Born in St. Ives. Retired.") == "Lives in [ADDRESS]. Born in [ADDRESS]. Retired."
