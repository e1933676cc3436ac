"""Heads, and a model that is fitted to the sample."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from platform_core.platform import Platform
from platform_core.sdk import Solution, Source, open_field
from platform_core.testkit.conformance.base import Kit
from platform_core.testkit.specimens import (
    BEATS_GUESSING,
    check_prediction,
    check_same_prediction,
    make_features,
    make_head,
    make_targets,
)

if TYPE_CHECKING:
    from platform_core.finetune.schemas import TrainResult
    from platform_core.sdk.heads import Head


@dataclass(frozen=True)
class Fitted:
    """A model that was fitted to sample data, and what it predicts for the sample requests."""

    home: Path
    result: TrainResult
    predictions: list[dict[str, Any]]


class LearningTests(Kit):
    """What is learned from the sample answers as it should, and always the same."""

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, solution: Solution, sample: Source, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
        """A model that was fitted to the sample data in a workspace of its own."""
        home = tmp_path_factory.mktemp("workspace")
        with Platform.open(home) as platform:
            result = platform.train(
                solution.id, data=sample.root, method=cls.fit_method, settings=dict(cls.fit_settings), name="kit"
            )
            return Fitted(home, result, platform.predict("kit", solution.sample.requests))

    @pytest.fixture
    def head(self, solution: Solution) -> Head:
        """A fresh head of the solution for small features and a few labels."""
        return make_head(solution)

    def test_the_recipes_cover_the_fit(self, solution: Solution) -> None:
        """The kit fits with ``fit_method``; a plugin without that method sets the flag."""
        assert self.fit_method in solution.recipes, f"set fit_method to one of {', '.join(solution.recipes)}"

    def test_the_head_learns_from_features(self, solution: Solution, head: Head) -> None:
        """The loss is one finite number, and its gradient reaches weights; a head of closed form is fitted instead."""
        from platform_core.sdk.heads import FitData, FitHead

        features, targets = make_features(), head.encode_targets(make_targets(solution, head.spec.labels))
        if isinstance(head, FitHead):
            head.fit(FitData(features, targets), None, seed=0)
        loss = head.loss(head(features), targets)
        assert loss.ndim == 0
        assert math.isfinite(loss.item())
        if isinstance(head, FitHead):
            return
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad.abs().sum().item() for p in head.parameters() if p.grad is not None]
        assert sum(gradients) > 0

    def test_the_head_treats_rows_independently(self, head: Head) -> None:
        """Serving mixes requests in one batch: a neighbour must not change an answer."""
        from platform_core.sdk.heads import FitHead

        if isinstance(head, FitHead):
            return  # it answers nothing before it was fitted; the fit below is asked the same
        features = make_features()
        together = head.predict(features)
        rows = range(len(together))
        alone = [head.predict({name: part[row, None] for name, part in features.items()})[0] for row in rows]
        self.assert_same_predictions(together, alone)

    def test_the_fit_ends_in_time(self, fitted: Fitted) -> None:
        """Trying a solution takes seconds."""
        assert fitted.result.train_seconds <= self.fit_seconds
        assert all(math.isfinite(value) for value in fitted.result.metrics.values())

    def test_the_fit_beats_guessing(self, fitted: Fitted) -> None:
        """Features, labels and head belong together; ``beats_guessing = False`` for samples without a pattern."""
        metric, guessing = BEATS_GUESSING[fitted.result.task]
        if fitted.result.task == "multiclass":
            guessing = 1 / len(fitted.predictions[0]["scores"])
        beaten = fitted.result.metrics[metric] > guessing
        assert beaten == self.beats_guessing, fitted.result.metrics

    def test_predictions_follow_the_schema(self, solution: Solution, fitted: Fitted) -> None:
        """One JSON object per request: a label, a set of labels or a number, with a probability for each label."""
        assert len(fitted.predictions) == len(solution.sample.requests)
        for prediction in fitted.predictions:
            check_prediction(solution, json.loads(json.dumps(prediction)), self.tolerance)

    def test_values_that_nobody_knows_are_answered(self, solution: Solution, fitted: Fitted) -> None:
        """``null`` is an ordinary value in any column of a table."""
        opened = open_field(solution.example)
        requests = [
            {**request, name: {**request[name], column: None}}
            for request in solution.sample.requests[:1]
            for name in ([opened[0]] if opened else [])
            for column in request.get(name, {})
        ]
        with Platform.open(fitted.home) as platform:
            for prediction in platform.predict("kit:1", requests):
                check_prediction(solution, prediction, self.tolerance)

    def test_a_saved_model_predicts_the_same(self, solution: Solution, fitted: Fitted) -> None:
        """A workspace that is opened again answers as before."""
        with Platform.open(fitted.home) as platform:
            self.assert_same_predictions(platform.predict("kit:1", solution.sample.requests), fitted.predictions)

    def test_a_request_is_answered_the_same_alone(self, solution: Solution, fitted: Fitted) -> None:
        """What else is in a batch does not change an answer."""
        with Platform.open(fitted.home) as platform:
            alone = [platform.predict("kit:1", [request])[0] for request in solution.sample.requests]
        self.assert_same_predictions(alone, fitted.predictions)

    def assert_same_predictions(self, found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
        """Compare labels exactly, scores and values within ``tolerance``."""
        for one, other in zip(found, expected, strict=True):
            check_same_prediction(one, other, self.tolerance)
