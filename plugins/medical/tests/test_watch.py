"""Alarms over vital signs."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.solution import solution as deterioration
from verticore_medical.watch.judging import raised
from verticore_medical.watch.operation import make_sample, operation, run
from verticore_medical.watch.schema import WatchInput

from platform_core.cli.server_process import ServerProcess
from platform_core.client import Client
from platform_core.platform import Platform
from platform_core.sdk import BadInput

CALM = {"heart_rate": 72, "respiratory_rate": 14, "systolic_bp": 128, "temperature": 36.7, "spo2": 98}
ILL = CALM | {"heart_rate": 120, "respiratory_rate": 26, "spo2": 90}


class Context:
    """Answers by the heart rate; remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def predict(self, model, examples):
        self.asked += examples
        scores = [min(1.0, example.get("heart_rate", 70) / 200) for example in examples]
        return [
            {"label": "deteriorates" if s > 0.5 else "stable", "scores": {"stable": 1 - s, "deteriorates": s}}
            for s in scores
        ]

    def progress(self, done, total=None):
        """Nothing to tell."""


def observed(*signs, patient="p"):
    start = datetime(2024, 1, 1)
    return [
        {"patient": patient, "timestamp": (start + timedelta(hours=hour)).isoformat(), **values}
        for hour, values in enumerate(signs)
    ]


def watch(signs, **options):
    return run(Context(), WatchInput.model_validate({"signs": signs, **options}))


def test_news2_raises_an_alarm_once_and_again_when_it_rises():
    found = watch(observed(CALM, ILL, ILL, {**ILL, "systolic_bp": 85}, CALM))
    assert [(a.time[11:13], a.level) for a in found.alarms] == [("01", "emergency")]
    assert found.alarms[0].text == "NEWS2 ≥8: RR 3, SpO2 3, HR 2"
    assert [p.news2 for p in found.patients[0].points] == [0, 8, 8, 11, 0]


def test_an_alarm_that_stands_is_repeated():
    found = watch(observed(*[ILL] * 8), repeat_hours=3)
    assert [a.time[11:13] for a in found.alarms] == ["06", "03", "00"]


def test_children_get_no_alarm_by_a_score_for_adults():
    found = watch(observed({**ILL, "age": 7}))
    assert found.alarms == ()
    assert found.patients[0].latest_news2 is None
    assert "not for children" in found.patients[0].note


def test_the_model_sees_what_came_before_and_nothing_later():
    context = Context()
    signs = observed(CALM, CALM, ILL)
    found = run(context, WatchInput.model_validate({"signs": signs[::-1], "model": "ward@champion"}))
    assert [len(asked["history"]) for asked in context.asked] == [0, 1, 2]
    assert all(past["timestamp"] < asked["timestamp"] for asked in context.asked for past in asked["history"])
    assert [(a.rule, a.level) for a in found.alarms] == [("model", "urgent"), ("news2", "emergency")]


def test_the_newest_alarms_come_first_and_the_latest_state_is_told():
    found = watch([*observed(CALM, ILL), *observed(*[ILL] * 4, CALM, patient="q")], repeat_hours=1)
    assert [(a.patient, a.time[11:13]) for a in found.alarms] == [
        ("q", "03"),
        ("q", "02"),
        ("q", "01"),
        ("q", "00"),
        ("p", "01"),
    ]
    assert [(p.patient, p.latest_news2, p.latest_time[11:], p.alarms) for p in found.patients] == [
        ("p", 8, "01:00:00", 1),
        ("q", 0, "04:00:00", 4),
    ]


def test_the_longest_text_is_not_cut():
    worst = {"heart_rate": 140, "respiratory_rate": 30, "systolic_bp": 80, "temperature": 34, "spo2": 80}
    found = watch(observed({**worst, "oxygen": "2 l/min", "consciousness": "GCS 3"}))
    assert (found.patients[0].latest_news2, len(found.alarms[0].text) <= 60) == (20, True)


def test_nothing_measured_has_no_score():
    assert watch(observed({"age": 70})).patients[0].latest_news2 is None


def test_what_cannot_be_or_is_not_understood_is_told():
    found = watch(observed({**CALM, "heart_rate": 900, "consciousness": "asleep"}))
    assert found.warnings == (
        "heart_rate, cannot be, taken as missing (1): p at 2024-01-01T00:00:00: 900",
        "consciousness, not understood, taken as missing (1): p at 2024-01-01T00:00:00: 'asleep'",
    )


def test_what_cannot_be_in_a_file_is_told_once(tmp_path):
    file = tmp_path / "ward.csv"
    file.write_text("patient,time,heart_rate,avpu\np,2024-01-01T00:00,900,alert\np,2024-01-01T01:00,80,asleep\n")
    with Platform.open(tmp_path / "home") as platform:
        result = platform.run_operation("medical.watch", data=file)
    assert list(result.warnings) == []
    assert [warning.split(" ")[0] for warning in result.output.warnings] == ["heart_rate,", "consciousness,"]


def test_an_observation_that_is_there_twice_counts_once_and_is_told():
    found = watch([*observed(CALM, ILL), *observed(CALM)])
    assert (found.observations, len(found.patients[0].points)) == (2, 2)
    assert found.warnings == ("the same observation twice, counted once (1): p at 2024-01-01T00:00:00",)


@pytest.mark.parametrize(
    ("times", "written"),
    [
        (("2024-01-01 06:00", "2024-01-01T07:00"), ["2024-01-01T06:00:00", "2024-01-01T07:00:00"]),
        (("2024-01-01T06:00+02:00",), ["2024-01-01T06:00:00+02:00"]),
        (("2024-01-01T06:00+02:00", "2024-01-01T06:00Z"), ["2024-01-01T04:00:00+00:00", "2024-01-01T06:00:00+00:00"]),
        (("12.5", "13"), ["12.5", "13"]),
    ],
)
def test_times_come_back_in_one_form(times, written):
    found = watch([{"patient": "p", "timestamp": time, **CALM} for time in times])
    assert [point.time for point in found.patients[0].points] == written


@pytest.mark.parametrize(
    ("change", "complaint"), [({"patient": None}, "have no patient"), ({"timestamp": None}, "have no time")]
)
def test_observations_that_cannot_be_put_in_order(change, complaint):
    with pytest.raises(BadInput, match=complaint) as caught:
        watch([*observed(CALM), observed(CALM)[0] | change])
    assert caught.value.where == "signs[1]"


def test_a_model_of_another_kind_is_refused():
    class Other(Context):
        def predict(self, model, examples):
            return [{"label": "positive", "scores": {"negative": 0.2, "neutral": 0.2, "positive": 0.6}}] * len(examples)

    with pytest.raises(BadInput, match="does not say whether a patient gets worse"):
        run(Other(), WatchInput.model_validate({"signs": observed(CALM), "model": "finance.sentiment"}))


def test_the_sample_is_judged_and_drawn():
    found = operation.run(Context(), operation.input.model_validate(make_sample()))
    assert found.observations > 100
    assert len(found.patients) == 8
    assert operation.picture(found).startswith(b"\x89PNG")


def test_the_picture_says_whom_it_shows_and_keeps_probabilities_between_0_and_1(monkeypatch):
    drawn = {}

    def remember(panels, **words):
        drawn.update(words, panels=panels)
        return b""

    monkeypatch.setattr("platform_core.sdk.pictures.draw_series", remember)
    signs = [one for patient in "abcd" for one in observed(CALM, ILL, patient=patient)]
    operation.picture(run(Context(), WatchInput.model_validate({"signs": signs, "model": "ward@champion"})))
    assert "3 of 4 patients, those with the most alarms" in drawn["title"]
    score, probability = drawn["panels"][:2]
    assert (probability.bounds, set(probability.high)) == ((0.0, 1.0), {0.6})
    assert [(alert.text, alert.level) for alert in score.alerts] == [("E", "critical")]
    assert {alert.level for alert in probability.alerts} == {"warning"}
    assert score.at[0] == "2024-01-01T00:00:00"


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0.1, 5)), max_size=40), st.floats(0.5, 10))
def test_what_comes_later_changes_no_alarm(steps, repeat_after):
    levels = [level for level, _ in steps]
    hours = [sum(gap for _, gap in steps[: i + 1]) for i in range(len(steps))]
    whole = raised(levels, hours, repeat_after)
    for cut in range(len(steps)):
        assert raised(levels[:cut], hours[:cut], repeat_after) == [index for index in whole if index < cut]


def test_signs_of_unknown_columns_are_refused():
    with pytest.raises(ValueError, match="Extra inputs"):
        VitalSigns.model_validate({"pulse_ox": 97})


@pytest.mark.slow
def test_the_whole_road_on_the_sample(tmp_path):
    road, sample = deterioration.id, tmp_path / "sample"
    sample.mkdir()
    deterioration.sample.write(sample)
    with Platform.open(tmp_path / "home") as platform:
        dataset = platform.datasets.import_(road, sample)
        result = platform.train(road, dataset.ref, settings={"folds": 2})
        measured = platform.evaluate(road, dataset.ref, split="test")
        platform.registry.promote(f"{road}:1", "champion")
        watched = platform.run_operation("medical.watch", make_sample()).output
    assert result.metrics["average_precision"] > 0.5
    assert measured.metrics["average_precision"] == pytest.approx(result.metrics["average_precision"])
    assert {alarm.rule for alarm in watched.alarms} == {"news2", "model"}
    with ServerProcess(tmp_path / "home") as server, Client(server.url) as client:
        calm, ill = client.predict(f"{road}@champion", deterioration.sample.requests, explain=True).predictions
    assert (calm["label"], ill["label"]) == ("stable", "deteriorates")
    assert {"news2", "respiratory_rate"} & {part["column"] for part in ill["explanation"]["columns"][:8]}
