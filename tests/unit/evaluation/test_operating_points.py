"""Goals, and the thresholds that serve them: what is promised holds on the data that it was chosen on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from platform_core.evaluation import Costs, Goal, choose_decision
from platform_core.evaluation.operating_points import choose_threshold, measure_threshold
from platform_core.sdk import UsageError

GOALS = ("recall=.95", "recall=1", "precision=.9", "precision=.5", "fbeta=2", "cost=fp:1,fn:20", "alerts=10%")


@pytest.mark.parametrize(
    ("text", "goal", "written"),
    [
        ("recall=.95", Goal("recall", 0.95), "recall=0.95"),
        (" recall=95%", Goal("recall", 0.95), "recall=0.95"),
        ("precision=.9", Goal("precision", 0.9), "precision=0.9"),
        ("fbeta=2", Goal("fbeta", 2.0), "fbeta=2"),
        ("cost=fp:1,fn:20", Goal("cost", costs=Costs(1, 20)), "cost=fp:1,fn:20"),
        ("alerts=1%", Goal("alerts", 0.01), "alerts=1%"),
        ("alerts=.001", Goal("alerts", 0.001), "alerts=0.1%"),
        ("cost=fp:.00001,fn:2500000", Goal("cost", costs=Costs(1e-5, 2.5e6)), "cost=fp:1e-05,fn:2500000"),
    ],
)
def test_goals_are_read_and_written(text, goal, written):
    assert Goal.parse(text) == goal
    assert str(goal) == written
    assert Goal.parse(written) == goal


@given(fp=st.floats(1e-9, 1e15), fn=st.floats(1e-9, 1e15), share=st.floats(1e-6, 0.999))
def test_what_is_written_reads_the_same(fp, fn, share):
    costs = Goal.parse(str(Goal("cost", costs=Costs(fp, fn)))).costs
    assert (costs.fp, costs.fn) == pytest.approx((fp, fn), rel=1e-11)
    for kind in ("recall", "precision", "alerts", "fbeta"):
        assert Goal.parse(str(Goal(kind, share))).value == pytest.approx(share, rel=1e-11)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1=.9", r"no goal 'f1=.9'.*recall=.95"),
        ("recall", "no goal"),
        ("recall=95", "did you mean recall=95%"),
        ("alerts=1", "did you mean alerts=1%"),
        ("alerts=101%", "write recall="),
        ("recall=250%", "write recall="),
        ("recall=0", "not a share"),
        ("precision=much", "not a number"),
        ("recall=nan", "not a share"),
        ("fbeta=-1", "beta is above 0"),
        ("cost=1:20", "write fp:1,fn:20"),
        ("cost=fp:0,fn:20", "both above 0"),
        ("cost=fp:1.2.3,fn:20", "write fp:1,fn:20"),
    ],
)
def test_mistakes_in_goals_are_named(text, message):
    with pytest.raises(UsageError, match=message):
        Goal.parse(text)


@st.composite
def validation(draw):
    """A truth, and scores with many ties, at the ends of the scale and apart by one rounding step."""
    rows = draw(st.integers(1, 40))
    scores = st.sampled_from([0.0, 0.1, 0.1 + 2**-55, 0.25, 0.5, 0.9, float(np.nextafter(0.9, 1)), 1.0])
    return draw(hnp.arrays(np.bool_, rows)), draw(hnp.arrays(np.float64, rows, elements=scores))


def gain(goal, positives, scores, threshold):
    """What a threshold is worth for a goal, and whether it meets it, by plain counting."""
    alerted = scores >= threshold
    hits, alerts, wanted = (alerted & positives).sum(), alerted.sum(), positives.sum()
    match goal.kind:
        case "recall":
            return hits >= goal.value * wanted - 1e-9, -alerts
        case "precision":
            return hits > 0 and hits >= goal.value * alerts - 1e-9, hits
        case "fbeta":
            return True, (1 + goal.value**2) * hits / (goal.value**2 * wanted + alerts)
        case "cost":
            return True, -(goal.costs.fp * (alerts - hits) + goal.costs.fn * (wanted - hits))
        case "alerts":
            return alerts <= goal.value * len(scores) + 1e-9, alerts


@pytest.mark.parametrize("text", GOALS)
@given(case=validation())
@settings(max_examples=150, deadline=None)
def test_no_other_threshold_serves_the_goal_better(text, case):
    positives, scores = case
    goal = Goal.parse(text)
    point = choose_threshold(goal, positives, scores)
    measured = measure_threshold(point.threshold, positives, scores >= point.threshold)
    rates = ("recall", "precision", "fpr", "alert_rate")
    assert [getattr(measured, name) for name in rates] == [getattr(point, name) for name in rates]
    if goal.kind != "alerts" and not positives.any():
        assert not point.feasible
        return
    tried = [gain(goal, positives, scores, t) for t in np.unique(np.r_[scores, 2.0])]
    met, value = gain(goal, positives, scores, point.threshold)
    possible = [worth for meets, worth in tried if meets]
    if point.feasible:
        assert met
        assert value == pytest.approx(max(possible))
    else:
        assert point.note
        assert goal.kind == "precision" or point.alert_rate == 0
        assert not possible or goal.kind == "alerts"


def test_thresholds_stand_midway_and_reach_over_the_ends():
    positives, scores = np.array([False, True, True]), np.array([0.2, 0.6, 0.8])
    assert choose_threshold(Goal.parse("recall=1"), positives, scores).threshold == pytest.approx(0.4)
    assert choose_threshold(Goal.parse("recall=1"), np.array([True] * 3), scores).threshold == 0
    nothing = choose_threshold(Goal.parse("alerts=10%"), positives, np.ones(3))
    assert nothing.threshold > 1
    assert (nothing.alert_rate, nothing.precision, nothing.feasible) == (0, None, False)
    assert "makes 100.00% of the examples" in nothing.note


def test_what_cannot_be_reached_and_what_rests_on_little_is_told():
    positives, scores = np.array([False, True] * 30), np.linspace(1, 0, 60)
    point = choose_threshold(Goal.parse("precision=.9"), positives, scores)
    assert not point.feasible
    assert "a precision of 0.9 is out of reach: the most is 0.50" in point.note
    assert "15 positive examples only" in choose_threshold(Goal.parse("recall=.9"), positives[:30], scores[:30]).note
    assert choose_threshold(Goal.parse("recall=.9"), positives, scores).note == ""


def test_a_decision_for_two_classes():
    random = np.random.default_rng(0)
    truth = random.random(2000) < 0.1
    p = 1 / (1 + np.exp(-random.normal(size=2000) - 3 * truth + 2))
    targets = ["fraud" if t else "fine" for t in truth]
    chosen = choose_decision(
        "binary",
        ("fine", "fraud"),
        targets,
        np.stack([1 - p, p], axis=1),
        positive="fraud",
        goal=Goal.parse("recall=.9"),
        risk=0.02,
    )
    assert list(chosen.decision.thresholds) == ["fraud"]
    assert chosen.decision.goal == "recall=0.9"
    assert chosen.points["fraud"].recall >= 0.9
    alerted = p >= chosen.decision.thresholds["fraud"]
    sure = np.where(alerted, p, 1 - p) >= chosen.decision.abstain_below
    assert (alerted != truth)[sure].mean() <= 0.02
    assert chosen.notes == ()


def test_a_decision_for_label_sets_has_a_threshold_for_each():
    random = np.random.default_rng(0)
    truth = random.random((300, 2)) < [0.5, 0.02]
    scores = np.where(truth, 0.7, 0.3) + random.uniform(-0.29, 0.29, size=(300, 2))
    targets = [tuple(np.array(["common", "rare"])[row]) for row in truth]
    chosen = choose_decision("multilabel", ("common", "rare"), targets, scores, goal=Goal.parse("recall=.9"))
    assert set(chosen.decision.thresholds) == {"common", "rare"}
    assert all(point.recall >= 0.9 for point in chosen.points.values())
    assert [note.partition(":")[0] for note in chosen.notes] == ["rare"]


def test_decisions_that_make_no_sense_are_refused():
    scores = np.full((2, 3), 1 / 3)
    with pytest.raises(UsageError, match="multiclass answers have no threshold to choose for fbeta=1"):
        choose_decision("multiclass", ("a", "b", "c"), ["a", "b"], scores, goal=Goal.parse("fbeta=1"))
    with pytest.raises(UsageError, match="numbers come without confidence"):
        choose_decision("regression", (), [1.0], [[1.0]], risk=0.1)
    plain = choose_decision("multiclass", ("a", "b", "c"), ["c", "b"], scores, risk=0.1)
    assert plain.decision.abstain_below is None
    assert "none is withheld" in plain.notes[0]
