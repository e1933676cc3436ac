"""How loud each column of a graph's inner values is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from platform_core.modeling.rows import Row, collate_tables


def column_peaks(graph: Path, names: Sequence[str], rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return the largest absolute value of each column of the values that are named.

    Args:
        graph: an ONNX file in fp32.
        names: of values that operators of the graph give, float [..., columns].
        rows: typical ones.
    """
    import onnx_ir
    import onnxruntime

    model = onnx_ir.load(graph)
    watched = [value for node in model.graph for value in node.outputs if value.name in set(names)]
    if not watched:
        return {}
    model.graph.outputs.extend(watched)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    content = onnx_ir.to_proto(model).SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    inputs = {given.name for given in session.get_inputs()}
    peaks: dict[str, np.ndarray] = {}
    for row in rows:
        given = {name: array for name, array in _arrays(row).items() if name in inputs}
        for value, found in zip(watched, session.run([value.name for value in watched], given), strict=True):
            peak = np.abs(found).reshape(-1, found.shape[-1]).max(0)
            peaks[value.name] = np.maximum(peaks.get(value.name, peak), peak)
    return peaks


def _arrays(row: Row) -> dict[str, np.ndarray]:
    """Return the inputs of a batch of one row."""
    ids = np.array([row.ids], np.int64)
    table = {name: tensor.numpy() for name, tensor in collate_tables([row], torch.device("cpu")).items()}
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), **table}
