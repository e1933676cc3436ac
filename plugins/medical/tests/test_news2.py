"""NEWS2 against the chart of the Royal College of Physicians."""

import pytest
from verticore_medical.scores.news2 import Observations, news2

CHART = [
    ("respiratory_rate", [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)]),
    ("spo2", [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)]),
    ("systolic_bp", [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)]),
    ("heart_rate", [(40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)]),
    ("temperature", [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)]),
]


@pytest.mark.parametrize(
    ("name", "value", "points"), [(name, value, points) for name, rows in CHART for value, points in rows]
)
def test_points_are_those_of_the_chart(name, value, points):
    assert news2(Observations(**{name: value})).points == {name: points}


@pytest.mark.parametrize(
    ("spo2", "on_oxygen", "points"),
    [(83, False, 3), (84, False, 2), (86, True, 1), (88, True, 0), (92, True, 0), (93, True, 1), (95, True, 2),
     (97, True, 3), (97, False, 0)],
)  # fmt: skip
def test_the_second_scale_of_saturation(spo2, on_oxygen, points):
    assert news2(Observations(spo2=spo2, on_oxygen=on_oxygen, hypercapnic=True)).points["spo2"] == points


def test_the_total_and_what_it_calls_for():
    calm = Observations(
        respiratory_rate=16, spo2=97, systolic_bp=125, heart_rate=70, temperature=36.8, on_oxygen=False, alert=True
    )
    assert (news2(calm).total, news2(calm).response, news2(calm).missing) == (0, "routine", ())
    ill = news2(Observations(respiratory_rate=22, spo2=94, systolic_bp=108, heart_rate=96, temperature=38.4))
    assert (ill.total, ill.response, ill.missing) == (6, "urgent", ("consciousness", "oxygen"))
    worse = news2(Observations(respiratory_rate=26, spo2=90, on_oxygen=True))
    assert (worse.total, worse.response, worse.red) == (8, "emergency", ("respiratory_rate", "spo2"))
    assert news2(Observations(alert=False)).response == "urgent"
