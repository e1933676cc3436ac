"""Rules hold the answers of models: they raise, never lower, and on every road alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from worlds import make_examples, make_rows, make_solution, write_encoder
from worlds.work import World

from platform_core.evaluation.decisions import decide
from platform_core.finetune.assessment import assess, settle
from platform_core.modeling.model import Model, forward_rows
from platform_core.modeling.reviewing import Reviewer, raise_levels
from platform_core.sdk import Decision, Example, PluginError, Remark, Review, Silent, Solution
from platform_core.sdk.heads.decoding import decode_levels

LEVELS = ("critical", "serious", "moderate", "minor")
HOT = 45.0


def review(example: Any, labels: Sequence[str]) -> Review:
    """Great heat is critical."""
    heat = example.columns["heat"]
    facts = {"hot": heat is not None and heat > HOT}
    if not facts["hot"]:
        return Review(facts=facts)
    remarks = [
        Remark(code="red-flag.heat", text=f"heat {heat:.0f}", field="columns", at_least="critical"),
        Remark(code="red-flag.warm", text=f"heat {heat:.0f}", at_least="moderate"),
        Remark(code="seen", text="looked at"),
    ]
    return Review(remarks=remarks, facts=facts)


def with_review(said: Review, solution: Solution | None = None) -> Reviewer:
    solution = replace(solution or make_solution("table", "ordinal"), review=lambda example, labels: said)
    return Reviewer(solution, LEVELS)


def flags(*levels: str) -> Review:
    return Review(remarks=[Remark(code=f"flag.{level}", text="…", at_least=level) for level in levels])


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    count = draw(st.integers(2, 6))
    weights = draw(st.lists(st.floats(0, 1, width=32), min_size=count, max_size=count).filter(lambda w: sum(w) > 1e-3))
    scores = np.array([weights], np.float64) / sum(weights)
    return scores.astype(np.float32), draw(st.integers(0, count - 1))


@given(case=cases(), severe=st.sampled_from(["first", "last"]))
def test_no_answer_is_milder_than_the_flag_or_than_the_model_alone(
    case: tuple[np.ndarray, int], severe: Literal["first", "last"]
) -> None:
    scores, flag = case
    labels = [f"level {i}" for i in range(scores.shape[1])]
    raised = raise_levels(scores, [flag], severe_first=severe == "first")

    def severity(given: np.ndarray) -> int:
        (said,) = decode_levels(labels, torch.from_numpy(given), Decision())
        assert labels[decide("ordinal", labels, given.astype(np.float64), Decision())[0]] == said["label"]
        level = labels.index(said["label"])
        return -level if severe == "first" else level

    assert severity(raised) >= (-flag if severe == "first" else flag)
    assert severity(raised) >= severity(scores)
    assert raised.sum() == pytest.approx(scores.sum(), abs=1e-6)
    assert (raised >= 0).all()


@pytest.mark.parametrize("severe_first", [True, False])
def test_no_rounding_makes_an_answer_milder(severe_first: bool) -> None:
    """Scores whose sums lie at the very middle, where the last bit decides."""
    draw = np.random.default_rng(0)
    parts = draw.dirichlet((1, 1), 20_000) * np.nextafter(0.5, 0)
    rows = np.c_[parts, 1 - parts.sum(-1)].astype(np.float32)
    rows = np.where(severe_first, rows[:, ::-1], rows)
    raised = raise_levels(rows, [1] * len(rows), severe_first=severe_first)
    before, after = (
        decide("ordinal", ("1", "2", "3"), given.astype(np.float64), Decision()) for given in (rows, raised)
    )
    assert ((after <= before) if severe_first else (after >= before)).all()


def test_of_several_flags_the_most_severe_counts() -> None:
    scores = np.array([[0.1, 0.2, 0.3, 0.4]], np.float32)
    reviewer = with_review(flags("minor", "serious", "moderate"))
    said = reviewer.review(make_examples("table", make_rows(1))[0])
    np.testing.assert_allclose(reviewer.raised(scores, [said]), [[0.1, 0.585, 0.135, 0.18]], atol=1e-6)
    np.testing.assert_allclose(scores, [[0.1, 0.2, 0.3, 0.4]])


def test_where_the_last_level_is_severe_the_first_ones_are_raised() -> None:
    solution = make_solution("table", "ordinal")
    reviewer = with_review(
        flags("moderate"),
        replace(solution, target=replace(solution.target, severe="last")),  # type: ignore[arg-type]
    )
    said = reviewer.review(make_examples("table", make_rows(1))[0])
    raised = reviewer.raised(np.array([[0.1, 0.2, 0.3, 0.4]], np.float32), [said])
    np.testing.assert_allclose(raised, [[0.045, 0.09, 0.465, 0.4]], atol=1e-6)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (flags("deadly"), "does not know"),
        (Review(facts={"scores": 1}), "would replace"),
        ({"remarks": []}, "returned a dict"),
    ],
)
def test_rules_that_say_nonsense_are_the_plugins_fault(said: Any, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        with_review(said).review(make_examples("table", make_rows(1))[0])


def test_rules_that_fail_are_the_plugins_fault() -> None:
    def broken(example: Example, labels: Sequence[str]) -> Review:
        raise KeyError("pulse")

    reviewer = Reviewer(replace(make_solution("table", "ordinal"), review=broken), LEVELS)
    with pytest.raises(PluginError, match="pulse"):
        reviewer.review(make_examples("table", make_rows(1))[0])


def test_answers_without_order_cannot_be_raised() -> None:
    with pytest.raises(PluginError, match="no order"):
        with_review(flags("low"), make_solution("table", "multiclass")).review(make_examples("table", make_rows(1))[0])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


@pytest.fixture(scope="module")
def material(world: World) -> Any:
    found = world.material("mixed", "ordinal", "head", rows=200, epochs=2)
    return replace(found, solution=replace(found.solution, review=review))


@pytest.fixture(scope="module")
def model(world: World, material: Any) -> Model:
    return world.save_and_load(world.learn(material, "rules"), material, "rules")


def test_predictions_have_remarks_and_facts(model: Model) -> None:
    examples = make_examples("mixed", make_rows(40, seed=5))
    rows = model.prepare(examples)
    predictions = model.decode(torch.from_numpy(model.score_rows(rows)), rows)
    for example, said in zip(examples, predictions, strict=True):
        is_hot = example.columns["heat"] > HOT  # type: ignore[attr-defined]
        assert said["hot"] is is_hot
        assert ("remarks" in said) is is_hot
        if is_hot:
            assert said["label"] == "critical"
            assert said["scores"]["critical"] >= 0.55
            assert said["remarks"][2] == {"code": "seen", "text": "looked at"}


def test_a_batch_of_several_models_is_raised_row_by_row(model: Model) -> None:
    rows = model.prepare(make_examples("mixed", make_rows(12, seed=6)))
    mixed = forward_rows([(model if i % 2 else model.alone, row) for i, row in enumerate(rows)])
    alone, raised = model.alone.score_rows(rows), model.score_rows(rows)
    assert (alone != raised).any()
    for i, scores in enumerate(mixed):
        np.testing.assert_allclose(scores.numpy(), (raised if i % 2 else alone)[i], atol=1e-6)


def test_calibration_is_fitted_on_what_the_model_alone_says(model: Model, material: Any) -> None:
    chosen = {"goal": None, "abstain_risk": 0.3, "metric": "qwk", "progress": Silent()}
    settled = settle(model, material.validation, **chosen)  # type: ignore[arg-type]
    plain = settle(model.alone, material.validation, **chosen)  # type: ignore[arg-type]
    assert settled.model.spec.calibration == plain.model.spec.calibration
    np.testing.assert_allclose(
        settled.scores, settled.model.score_examples([row.example for row in material.validation]), atol=1e-6
    )
    assert settled.risk is not None
    assert settled.risk["coverage"] <= 1


def test_an_evaluation_counts_what_the_rules_did(model: Model, material: Any) -> None:
    examples = material.splits["test"]
    found = assess(model, material.solution, examples, Silent())
    assert found.rules is not None
    hot = sum(row.example.columns["heat"] > HOT for row in examples)
    assert found.rules["n"] == len(examples)
    assert found.rules["flagged"] == hot
    assert 0 < found.rules["raised"] <= hot
    assert {c["code"]: (c["examples"], c["raised"]) for c in found.rules["codes"]} == {
        "red-flag.heat": (hot, found.rules["raised"]),
        "red-flag.warm": (hot, found.rules["raised"]),
        "seen": (hot, 0),
    }
    assert assess(model.alone, material.solution, examples, Silent()).rules is None
