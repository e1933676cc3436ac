import lightgbm
import numpy as np
import onnx_ir
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.finetune.export.trees import DOMAIN, VERSION, tree_attributes
from platform_core.sdk.heads import BoostedTrees, ClassificationHead, FitData, HeadSpec, RegressionHead

onnxruntime = pytest.importorskip("onnxruntime")

ROWS = 400
SECONDS = 1.7e9
"""A time of our days: single precision tells it from others only by minutes."""


def make_table(seed: int, missing: float) -> dict[str, torch.Tensor]:
    drawn = np.random.default_rng(seed)
    numbers = drawn.normal(size=(ROWS, 3))
    numbers[:, 2] = SECONDS + drawn.random(ROWS)
    numbers[drawn.random((ROWS, 3)) < missing] = np.nan
    categories = drawn.integers(0, 80, (ROWS, 2))
    return {"numbers": torch.from_numpy(numbers), "categories": torch.from_numpy(categories)}


def fitted(task: str, table: dict[str, torch.Tensor], *, rounds: int = 30) -> BoostedTrees:
    labels = {"binary": ("a", "b"), "multiclass": ("a", "b", "c"), "regression": ()}[task]
    spec = HeadSpec(
        feature_widths={"pooled": 1, "numbers": 3, "categories": 2},
        labels=labels,
        options={"boosting": {"rounds": rounds, "least_in_leaf": 2}},
    )
    trees = BoostedTrees(spec, RegressionHead(spec) if task == "regression" else ClassificationHead(spec))
    hidden = table["numbers"].nan_to_num(0.4)
    value = hidden[:, 0] + 2 * (hidden[:, 2] - SECONDS > 0.5) + (table["categories"][:, 0] % 7 < 3)
    targets = value.unsqueeze(-1).float() if task == "regression" else value.long().clamp(0, len(labels) - 1)
    trees.fit(FitData(table, targets), None, seed=0)
    return trees


def run_graph(trees: BoostedTrees, rows: np.ndarray) -> np.ndarray:
    """Return raw scores of a graph of the trees alone."""
    x = onnx_ir.val("x", onnx_ir.DataType.DOUBLE, [None, rows.shape[1]])
    y = onnx_ir.val("y", onnx_ir.DataType.DOUBLE, [None, None])
    node = onnx_ir.Node(DOMAIN, "TreeEnsemble", [x], tree_attributes(trees).values(), outputs=[y])
    graph = onnx_ir.Graph([x], [y], nodes=[node], opset_imports={"": 18, DOMAIN: VERSION})
    content = onnx_ir.to_proto(onnx_ir.Model(graph, ir_version=10)).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": rows})
    return found


def side_by_side(table: dict[str, torch.Tensor]) -> np.ndarray:
    return np.concatenate([table["numbers"].numpy(), table["categories"].double().numpy()], -1)


def raw(trees: BoostedTrees, rows: np.ndarray) -> np.ndarray:
    return lightgbm.Booster(model_str=trees.model_text).predict(rows, raw_score=True).reshape(len(rows), -1)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_computes_what_lightgbm_does(task: str) -> None:
    table = make_table(0, 0.1)
    trees = fitted(task, table)
    rows = side_by_side(table)
    np.testing.assert_allclose(run_graph(trees, rows), raw(trees, rows), atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1000),
    missing=st.sampled_from([0.0, 0.3]),
    odd=st.sampled_from([np.nan, 0.0, -1e300, 1e-40, SECONDS + 0.5]),
)
def test_missing_odd_and_unseen_values_go_where_lightgbm_sends_them(seed: int, missing: float, odd: float) -> None:
    table = make_table(seed, missing)
    trees = fitted("regression", table, rounds=10)
    rows = side_by_side(table)[:60]
    rows[::3, seed % 3] = odd
    rows[::2, 3] = 999
    np.testing.assert_allclose(run_graph(trees, rows), raw(trees, rows), atol=1e-12)


def test_trees_that_found_nothing_are_single_leaves() -> None:
    table = {name: tensor[:3] for name, tensor in make_table(0, 0.0).items()}
    trees = fitted("regression", table)
    rows = side_by_side(table)
    np.testing.assert_allclose(run_graph(trees, rows), raw(trees, rows), atol=1e-12)
