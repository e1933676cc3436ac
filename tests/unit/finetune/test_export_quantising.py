from pathlib import Path

import numpy as np
import onnx_ir
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from platform_core.finetune.export.peaks import column_peaks
from platform_core.finetune.export.quantising import LEAST_SIDE, factors, quantise
from platform_core.modeling.rows import Row

onnxruntime = pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.filterwarnings("ignore")  # of torch's exporter, whose insides are not the subject

WIDTH = 96
ENTRIES = 3000


class Small(nn.Module):
    """Every kind of operator that is quantised, and a head that is not."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(ENTRIES, WIDTH)
        self.first, self.second = nn.Linear(WIDTH, 128), nn.Linear(128, WIDTH)
        self.flat, self.head = nn.Linear(WIDTH, LEAST_SIDE), nn.Linear(LEAST_SIDE, 3)
        with torch.no_grad():
            self.second.weight[5] = 0.0
            self.table.weight[7] *= 50

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        tokens = self.table(ids)
        tokens = tokens + self.second(self.first(tokens).relu())
        return self.head(self.flat(tokens.mean(1)).relu())


@pytest.fixture(scope="module")
def exact() -> onnx_ir.Model:
    ids = torch.ones((2, 4), dtype=torch.int64)
    program = torch.onnx.export(
        Small().eval(), (ids,), dynamic_shapes={"ids": {0: "rows", 1: "tokens"}}, dynamo=True, verbose=False
    )
    assert program is not None
    return program.model


@pytest.fixture(scope="module")
def sessions(exact: onnx_ir.Model) -> tuple[object, object]:
    opened = open_model(exact)
    assert quantise(exact) == 4
    return opened, open_model(exact)


def open_model(model: onnx_ir.Model) -> object:
    return onnxruntime.InferenceSession(onnx_ir.to_proto(model).SerializeToString(), providers=["CPUExecutionProvider"])


def answers(session: object, ids: np.ndarray) -> np.ndarray:
    (found,) = session.run(None, {"ids": ids})  # type: ignore[attr-defined]
    return found


def test_is_smaller_and_answers_nearly_the_same(exact: onnx_ir.Model, sessions: tuple[object, object]) -> None:
    ids = np.random.default_rng(0).integers(0, ENTRIES, (50, 9))
    full, eight = (answers(session, ids) for session in sessions)
    assert 0 < np.abs(full - eight).max() < 0.02 * np.abs(full).max()
    left = {name for name, value in exact.graph.initializers.items() if value.const_value.nbytes > LEAST_SIDE * 64}
    assert {name.rpartition(".")[2] for name in left} == {"codes", "scales"}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), others=st.integers(0, 20), loud=st.booleans())
def test_an_answer_does_not_depend_on_its_neighbours(
    sessions: tuple[object, object], seed: int, others: int, loud: bool
) -> None:
    """A neighbour with activations fifty times as large would ruin the answer if both shared a scale."""
    drawn = np.random.default_rng(seed)
    ids = drawn.integers(8, ENTRIES, (others + 1, 6))
    if loud:
        ids[1:] = 7
    np.testing.assert_allclose(answers(sessions[1], ids)[:1], answers(sessions[1], ids[:1]), atol=1e-5)


class Loud(nn.Module):
    """A few columns of what it multiplies are a hundred times as large as the others, as in trained encoders."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(50, WIDTH)
        self.normal = nn.LayerNorm(WIDTH)
        self.wide, self.narrow, self.head = nn.Linear(WIDTH, 128), nn.Linear(128, WIDTH), nn.Linear(WIDTH, 3)
        with torch.no_grad():
            self.normal.weight[[3, 40]] = 100.0
            self.wide.weight[:, [3, 40]] /= 30
            self.wide.weight[9] *= 40

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        tokens = self.normal(self.table(input_ids))
        return self.head(self.narrow(nn.functional.gelu(self.wide(tokens))).mean(1))


def test_loud_columns_do_not_cost_the_others_their_precision(tmp_path: Path) -> None:
    model = Loud().eval()
    ids = torch.randint(0, 50, (40, 6), generator=torch.Generator().manual_seed(1))
    axes = {"input_ids": {0: "rows", 1: "tokens"}}
    program = torch.onnx.export(model, (ids,), dynamic_shapes=axes, opset_version=20, dynamo=True, verbose=False)
    assert program is not None
    onnx_ir.save(program.model, tmp_path / "model.onnx")
    names = factors(program.model)
    peaks = column_peaks(tmp_path / "model.onnx", names, [Row(row.tolist()) for row in ids[:20]])
    normal = model.normal(model.table(ids[:20])).detach().abs().flatten(0, 1).amax(0)
    np.testing.assert_allclose(peaks[names[0]], normal, rtol=1e-4)
    truth = model(ids).detach().numpy()
    errors = []
    for known in ({}, peaks):
        graph = onnx_ir.load(tmp_path / "model.onnx")
        assert quantise(graph, known) == 2
        (found,) = open_model(graph).run(None, {"input_ids": ids.numpy()})  # type: ignore[attr-defined]
        errors.append(np.abs(found - truth).max())
    assert errors[1] < 0.4 * errors[0]


def test_nothing_large_enough_is_left_alone() -> None:
    program = torch.onnx.export(
        nn.Linear(8, 3).eval(), (torch.zeros(2, 8),), dynamo=True, verbose=False, dynamic_shapes=({0: "rows"},)
    )
    assert program is not None
    assert quantise(program.model) == 0
