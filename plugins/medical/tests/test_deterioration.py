"""Vital signs and their trends."""

import csv

import pytest
from verticore_medical.deterioration.sample import make_rows, write_sample
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.trends import score, trends

from platform_core.platform import Platform

CALM = {"heart_rate": 72, "respiratory_rate": 14, "systolic_bp": 128, "temperature": 36.7, "spo2": 98}


def signs(timestamp=None, **values):
    return VitalSigns.model_validate({**CALM, "timestamp": timestamp, **values})


def test_without_a_past_there_are_scores_and_no_trends():
    found = trends(signs(oxygen="no", consciousness="alert"), [])
    assert (found["news2"], found["news2_missing"], found["observations"]) == (0, 0, 0)
    assert found["shock_index"] == pytest.approx(72 / 128)
    assert found["heart_rate_change"] is found["heart_rate_slope"] is found["news2_change"] is None


def test_the_columns_are_always_the_same():
    assert list(trends(VitalSigns(), [])) == list(trends(signs("2024-01-01"), [signs("2023-12-31T20:00")]))


def test_trends_are_per_hour_and_against_the_own_past():
    past = [signs("2024-01-01T06:00", heart_rate=70), signs("2024-01-01T08:00", heart_rate=80)]
    found = trends(signs("2024-01-01T09:00", heart_rate=85), past)
    assert found["heart_rate_change"] == 5
    assert found["heart_rate_from_mean"] == 10
    assert found["heart_rate_slope"] == pytest.approx(5)
    assert found["news2_change"] == 0


def test_what_lies_far_back_does_not_count():
    found = trends(signs("2024-01-03T09:00", heart_rate=85), [signs("2024-01-01T08:00", heart_rate=60)])
    assert (found["observations"], found["heart_rate_change"]) == (0, None)


def test_what_cannot_be_is_not_scored():
    found = score(signs(heart_rate=900, oxygen="air", consciousness="Alert"))
    assert found.missing == ("heart_rate",)
    assert found.total == 0


@pytest.mark.parametrize(
    ("word", "points"), [("yes", 2), ("Air", 0), ("room air", 0), ("1", 2), ("unclear", None), (None, None)]
)
def test_oxygen_as_people_write_it(word, points):
    assert score(signs(oxygen=word)).points.get("oxygen") == points


def test_the_sample_is_the_same_every_time_and_in_order(tmp_path):
    first = list(make_rows(12))
    assert first == list(make_rows(12))
    assert [row["charttime"] for row in first] == sorted(row["charttime"] for row in first)
    write_sample(tmp_path)
    with (tmp_path / "sample_vital_signs.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    ill = sum(row["label"] == "deteriorates" for row in rows) / len(rows)
    assert 2_500 < len(rows) < 6_000
    assert 0.02 < ill < 0.08


def test_a_patients_own_past_tells_more_than_the_score_of_the_moment():
    """The sample must punish a model that ignores the history."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import average_precision_score

    rows = list(make_rows())
    past, table, now, targets = {}, [], [], []
    for row in rows:
        values = {name: row[name] or None for name in VitalSigns.model_fields if name in row}
        one = VitalSigns.model_validate({**values, "patient": row["patient_id"], "timestamp": row["charttime"]})
        found = trends(one, past.setdefault(one.patient, [])[-48:])
        past[one.patient].append(one)
        table.append([float("nan") if value is None else value for value in found.values()])
        now.append(found["news2"])
        targets.append(row["label"] == "deteriorates")
    held_out = [int(row["patient_id"][1:]) // 37 % 4 == 0 for row in rows]
    train = [i for i, out in enumerate(held_out) if not out]
    test = [i for i, out in enumerate(held_out) if out]
    model = HistGradientBoostingClassifier(random_state=0).fit([table[i] for i in train], [targets[i] for i in train])
    truth = [targets[i] for i in test]
    learned = average_precision_score(truth, model.predict_proba([table[i] for i in test])[:, 1])
    published = average_precision_score(truth, [now[i] for i in test])
    assert learned > published + 0.1


def test_patients_are_whole_and_the_latest_are_tested(tmp_path):
    write_sample(tmp_path)
    with Platform.open(tmp_path / "home") as platform:
        info = platform.datasets.import_("medical.deterioration", tmp_path / "sample_vital_signs.csv")
        rows = platform.datasets.load(info)
    splits = {}
    for row in rows:
        splits.setdefault(row.example.patient, set()).add(row.split)
    assert all(len(found) == 1 for found in splits.values())
    last = {}
    for row in rows:
        last.setdefault(row.split, []).append(row.time)
    assert max(last["train"]) <= max(last["validation"]) <= max(last["test"])
