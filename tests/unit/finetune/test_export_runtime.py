import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from platform_core.modeling.onnx_runtime import OnnxRuntime
from platform_core.modeling.rows import Row
from platform_core.sdk import IntegrityError, UnsafeArtifact

pytest.importorskip("onnxruntime")


class Sum(nn.Module):
    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers.float() @ torch.arange(6.0).reshape(3, 2)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("graph") / "model.onnx"
    program = torch.onnx.export(
        Sum(),
        (torch.zeros(2, 3, dtype=torch.float64),),
        dynamic_shapes={"numbers": {0: "rows"}},
        output_names=["outputs"],
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.save(file)
    return file


pytestmark = pytest.mark.filterwarnings("ignore")  # of torch's exporter


def rows(count: int) -> list[Row]:
    return [Row([], np.array([i, 1.0, 2.0]), np.zeros(0, np.int64)) for i in range(count)]


def test_more_rows_than_a_pass_come_back_in_order(graph: Path) -> None:
    runtime = OnnxRuntime(graph)
    found = runtime.features(rows(1300), [None] * 1300)["outputs"]
    assert found.shape == (1300, 2)
    np.testing.assert_allclose(found[:, 1], np.arange(1300) + 13.0)
    assert runtime.calls == 1
    assert runtime.tokenize(["no text is read"], 8) == [[]]


def test_damage_is_told(graph: Path, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="missing or damaged"):
        OnnxRuntime(tmp_path / "absent.onnx")
    for name, content in {"cut": graph.read_bytes()[:60], "noise": b"\x07" * 500, "empty": b""}.items():
        file = tmp_path / f"{name}.onnx"
        file.write_bytes(content)
        with pytest.raises(IntegrityError, match="missing or damaged"):
            OnnxRuntime(file)


@pytest.mark.parametrize("inside", ["initializer", "attribute"])
def test_a_graph_that_reads_other_files_is_refused(graph: Path, tmp_path: Path, inside: str) -> None:
    model = onnx.load(graph)
    outside = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[2])
    outside.data_location = onnx.TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    if inside == "initializer":
        model.graph.initializer.append(outside)
    else:
        model.graph.node.append(onnx.helper.make_node("Constant", [], ["w"], value=outside))
    file = tmp_path / "model.onnx"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(UnsafeArtifact, match="other files"):
        OnnxRuntime(file)


def test_a_text_model_needs_its_tokenizer(graph: Path, tmp_path: Path) -> None:
    model = onnx.load(graph)
    model.graph.input[0].name = "input_ids"
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if name == "numbers":
                node.input[index] = "input_ids"
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(IntegrityError, match="tokenizer is missing"):
        OnnxRuntime(tmp_path / "model.onnx")
    shutil.copy(graph, tmp_path / "tokenizer.json")
    with pytest.raises(IntegrityError, match="tokenizer is missing or damaged"):
        OnnxRuntime(tmp_path / "model.onnx")
