"""What mistakes are taken to cost, where the goal of a model does not say it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from verticore_finance.fraud.schema import FraudExample
from verticore_finance.fraud.solution import solution as fraud

from platform_core.datasets.records import LabeledExample, Place
from platform_core.finetune.assessment import judge
from platform_core.modeling.spec import HeadRecord, ModelSpec
from platform_core.sdk import Decision, Solution


@pytest.mark.parametrize(
    ("goal", "solution", "saved"),
    [
        ("alerts=1%", fraud, 1 - 2 / 10),
        ("cost=fp:1,fn:2", fraud, 1 - 2 / 4),
        ("alerts=1%", replace(fraud, goal="recall=.9"), None),
    ],
)
def test_the_costs_of_the_solution_hold_for_goals_without_costs(
    goal: str, solution: Solution, saved: float | None
) -> None:
    head = HeadRecord(object=fraud.head, labels=("0", "1"), task="binary", positive="1", feature_widths={})
    facts: dict[str, Any] = {"solution": fraud.id, "method": "fit", "head": head, "adapter": "table", "mapping": {}}
    spec = ModelSpec(**facts, decision=Decision(goal=goal))
    targets = ["1", "1", *["0"] * 10]
    rows = [LabeledExample(FraudExample(), target, "test", None, Place("a.csv", 1), None) for target in targets]
    scores = np.array([[0.1, 0.9]] * 4 + [[0.9, 0.1]] * 8)
    found = judge(spec, solution, rows, scores)
    assert found.metrics.get("cost_saved") == (None if saved is None else pytest.approx(saved))
