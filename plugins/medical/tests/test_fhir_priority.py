"""How urgent an Encounter is, where its priority alone says so."""

import json
from pathlib import Path

import pytest
from verticore_medical.triage.levels import ORDER, level_of

from platform_core.datasets.targets import ordered_labels
from platform_core.platform import Platform
from platform_core.sdk import DataError, OrdinalTarget

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"
ROAD = "medical.triage"


def encounter(number: int, code: str, **more: str) -> str:
    priority = {"coding": [{"code": code, "system": SYSTEM}], **more}
    return json.dumps(
        {
            "resourceType": "Encounter", "id": f"e{number}", "reasonCode": [{"text": f"pain for {number} hours"}],
            "period": {"start": "2024-03-01T08:15:00Z"}, "priority": priority,
        }
    )  # fmt: skip


def write(file: Path, codes: list[str], **more: str) -> Path:
    file.write_text("\n".join(encounter(n, code, **more) for n, code in enumerate(codes)), encoding="utf-8")
    return file


@pytest.fixture
def datasets(tmp_path):
    with Platform.open(tmp_path / "home") as platform:
        yield platform.datasets


def test_codes_of_act_priority_are_levels_in_order(datasets, tmp_path):
    codes = ["EL", "R", "UR", "A", "EM", "S"]
    read = datasets.read(ROAD, write(tmp_path / "e.ndjson", codes), labelled=True)
    found = ordered_labels([row.target for row in read.examples], OrdinalTarget(order=ORDER))
    assert found == ["stat", "emergency", "ASAP", "urgent", "routine", "elective"]
    assert [level_of(label) for label in found] == [1, 2, 2, 3, 4, 5]


@pytest.mark.parametrize("code", ["PRN", "XX"])
def test_a_code_that_states_no_urgency_is_named(datasets, tmp_path, code):
    file = write(tmp_path / "e.ndjson", ["UR", code, "UR", "EM"])
    with pytest.raises(DataError, match=f"'{code}' is no level of urgency") as caught:
        datasets.import_(ROAD, file)
    assert "e.ndjson, data row 2, column 'label'" in str(caught.value.where)
    assert "the codes S, EM, A, UR, R, EL" in str(caught.value.hint)
    assert datasets.list() == []
    assert len(datasets.read(ROAD, file, labelled=False).examples) == 4


def test_words_of_ones_own_are_read_as_they_are(datasets, tmp_path):
    file = write(tmp_path / "e.ndjson", ["XX", "YY"], text="as at the desk")
    assert {row.target for row in datasets.read(ROAD, file, labelled=True).examples} == {"as at the desk"}


def test_priority_is_no_level_where_others_have_one_of_triage(datasets, tmp_path):
    scored = {
        "resourceType": "Observation", "id": "esi", "status": "final", "valueInteger": 2,
        "code": {"coding": [{"system": "http://loinc.org", "code": "75636-1"}]},
        "encounter": {"reference": "Encounter/e0"},
    }  # fmt: skip
    file = write(tmp_path / "e.ndjson", ["UR", "EM"])
    file.write_text(file.read_text() + "\n" + json.dumps(scored), encoding="utf-8")
    read = datasets.read(ROAD, file, labelled=None)
    assert [row.target for row in read.examples] == ["2", None]
