from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from worlds import make_examples, make_rows, make_solution

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.records import LabeledExample
from platform_core.evaluation.calibrating import Calibration
from platform_core.finetune.export.comparing import (
    gather_trial,
    require_parity,
    typical_examples,
)
from platform_core.finetune.parity import Parity, compare_answers
from platform_core.modeling.spec import HeadRecord, ModelSpec
from platform_core.sdk import Decision, IntegrityError, NotFound, Place, UsageError
from platform_core.testkit.fake_events import event_solution

VERSION = SimpleNamespace(ref="m:3", solution="world.text_binary", dataset_version_id="d", lineage={})


def spec_of(task: str, labels: tuple[str, ...], **thresholds: float) -> ModelSpec:
    head = HeadRecord(object="a:B", labels=labels, feature_widths={}, task=task, scale=10.0)  # type: ignore[arg-type]
    return ModelSpec(
        solution="s", method="head", head=head, calibration=Calibration(), decision=Decision(thresholds=thresholds)
    )


def test_answers_are_those_of_the_decision() -> None:
    parent, export = np.array([[0.6, 0.4], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.31, 0.69]])
    plain = compare_answers(spec_of("binary", ("no", "yes")), parent, export)
    assert (plain.examples, plain.same_answers) == (2, 1.0)
    assert plain.largest_difference == pytest.approx(0.11)
    assert compare_answers(spec_of("binary", ("no", "yes"), yes=0.7), parent, export).same_answers == 0.5
    sets = compare_answers(spec_of("multilabel", ("a", "b")), parent, np.array([[0.6, 0.6], [0.2, 0.8]]))
    assert sets.same_answers == 0.5


def test_numbers_are_compared_in_standard_deviations() -> None:
    found = compare_answers(spec_of("regression", ()), np.array([[100.0], [200.0]]), np.array([[100.005], [205.0]]))
    assert found.largest_difference == pytest.approx(0.5)
    assert found.same_answers is None


@pytest.mark.parametrize("difference", [2e-3, float("nan")])
def test_another_answer_is_no_export(difference: float) -> None:
    require_parity(Parity(5, 9e-4, 1.0), VERSION)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match="m:3") as caught:
        require_parity(Parity(5, difference, 1.0), VERSION)  # type: ignore[arg-type]
    assert "nothing was registered" in (caught.value.hint or "")


class FakeDatasets:
    def __init__(self, *splits: str, finisher: Finisher | None = None) -> None:
        self._finisher = finisher
        self.rows = len(splits)
        examples = make_examples("text", make_rows(len(splits)))
        self._rows = [LabeledExample(e, "bad", s, None, Place("r", 1)) for e, s in zip(examples, splits, strict=True)]

    def resolve(self, reference: str) -> object:
        if not self._rows:
            raise NotFound("it is gone")
        return self

    def finisher(self, solution: str) -> Finisher | None:
        return self._finisher

    def load(self, info: object, splits: list[str]) -> list[LabeledExample]:
        return [row for row in self._rows if row.split in splits]


@pytest.mark.parametrize(
    ("splits", "expected", "count"),
    [(("train", "validation", "test", "test"), "test", 2), (("train", "validation"), "validation", 1)],
)
def test_the_split_that_nothing_was_learned_from(splits: tuple[str, ...], expected: str, count: int) -> None:
    datasets = FakeDatasets(*splits)
    trial = gather_trial(datasets, VERSION, make_solution("text", "binary"))  # type: ignore[arg-type]
    assert (trial.split, len(trial.labelled), len(trial.examples)) == (expected, count, count)
    assert len(typical_examples(datasets, VERSION, trial)) == 1, "of the training split"  # type: ignore[arg-type]


@pytest.mark.parametrize("splits", [(), ("train",)])
def test_without_a_split_the_samples_of_the_solution(splits: tuple[str, ...], tmp_path: Path) -> None:
    solution = make_solution("text", "binary")
    datasets = FakeDatasets(*splits, finisher=Finisher(solution, Pseudonyms(tmp_path / "key")))
    with pytest.raises(UsageError, match="no example to compare m:3"):
        gather_trial(datasets, VERSION, solution)  # type: ignore[arg-type]


def test_sample_requests_are_finished_as_any_request_is(tmp_path: Path) -> None:
    module = ModuleType("events")
    exec(event_solution("toy"), module.__dict__)
    solution = module.__dict__["solution"]
    datasets = FakeDatasets(finisher=Finisher(solution, Pseudonyms(tmp_path / "key")))
    trial = gather_trial(datasets, VERSION, solution)  # type: ignore[arg-type]
    assert (trial.split, trial.labelled, len(trial.examples)) == ("none", [], 2)
    _, second = trial.examples
    assert second.note == "call [NUMBER] about the late order"  # type: ignore[attr-defined]
    assert second.derived["events before"] == 3  # type: ignore[attr-defined]
