"""Eight-bit weights, and products of eight-bit numbers with a scale for each row.

A row of activations (a token, or a row of a table) is scaled by its own largest value, a weight matrix by that of each
output column, an embedding table by that of each entry (Yao et al. 2022, "ZeroQuant"). ONNX Runtime's own dynamic
quantisation has one scale for a whole batch: an answer would then depend on what else is asked at the same time, and
one odd token would cost all others their precision.

The few columns of activations that are much louder than the rest would take the precision of all others in their row:
they are left out of it, and multiplied in fp32 (Dettmers et al. 2022, "LLM.int8()").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

LEAST_SIDE = 64
"""Smaller matrices, such as a head's output layer, gain nothing and lose precision."""

LEAST_TABLE = 1 << 20
"""Bytes from which on an embedding table is worth it."""

LOUD = 3.0
"""So many times the median of all columns' peaks makes a column loud."""

LOUD_SHARE = 48
"""At most one column in so many is: each costs time."""

_LEAST_GELU = 0.17
"""GELU gives nothing below its negative."""

_LARGEST = 127
_CENTER = 128
_RUNTIME = "com.microsoft"


def factors(model: Any) -> list[str]:
    """Return the names of the values in a graph that :func:`quantise` will multiply in eight bits."""
    nodes = [node for node in model.graph if _is_product(node) or _is_layer(node)]
    return list(dict.fromkeys(node.inputs[0].name for node in nodes))


def quantise(model: Any, peaks: Mapping[str, np.ndarray] | None = None) -> int:
    """Quantise a graph in place; return how many of its matrices and embedding tables.

    Args:
        model: an ``onnx_ir.Model`` in fp32.
        peaks: largest absolute value of each column of the values that :func:`factors` names, on typical rows; without
            them no column is taken for loud.
    """
    return _Quantiser(model, peaks or {}).run()


class _Quantiser:
    def __init__(self, model: Any, peaks: Mapping[str, np.ndarray]) -> None:
        self._model = model
        self._graph = model.graph
        self._peaks = peaks
        self._loud = {name: _loud_columns(columns) for name, columns in peaks.items()}
        self._rows: dict[Any, tuple[Any, Any]] = {}
        self._exact: dict[Any, Any] = {}
        self._one = self._constant("quantised.one", np.array(1, np.float32))
        self._center = self._constant("quantised.center", np.array(_CENTER, np.uint8))

    def run(self) -> int:
        done = 0
        for node in list(self._graph):
            if _is_product(node):
                self._product(node, node.inputs[1].const_value.numpy())
            elif _is_layer(node):
                self._layer(node)
            elif node.op_type == "Gather" and _is_table(node):
                self._table(node)
            else:
                continue
            done += 1
        for name, value in list(self._graph.initializers.items()):
            if not value.uses():
                del self._graph.initializers[name]
        self._model.opset_imports[_RUNTIME] = 1
        return done

    def _layer(self, node: Any) -> None:
        """Replace ``x Wᵀ + b`` of two dimensions."""
        weight = node.inputs[1].const_value.numpy()
        bias = node.inputs[2] if len(node.inputs) > 2 else None
        self._product(node, weight.T if _attribute(node, "transB", 0) else weight, bias)

    def _product(self, node: Any, weight: np.ndarray, bias: Any = None) -> None:
        """Replace the product of rows with ``weight`` [inputs, outputs]."""
        loud = self._loud.get(node.inputs[0].name, _NONE)
        quiet = weight.copy()
        quiet[loud] = 0
        codes, scales = _codes(quiet, axis=0)
        name = node.inputs[1].name
        rows, row_scales = self._quantised_rows(node)
        product = self._add(
            node,
            "MatMulIntegerToFloat",
            rows,
            self._constant(f"{name}.codes", codes),
            self._one,
            self._constant(f"{name}.scales", scales[0]),
            self._center,
            domain=_RUNTIME,
        )
        found = self._add(node, "Mul", product, row_scales)
        if len(loud):
            exact = self._constant(f"{name}.exact", weight[loud])
            found = self._add(node, "Add", found, self._add(node, "MatMul", self._loud_part(node, loud), exact))
        self._replace(node, self._add(node, "Add", found, bias) if bias is not None else found)

    def _quantised_rows(self, node: Any) -> tuple[Any, Any]:
        """Return the first input of ``node`` as codes, uint8 [..., inputs], and their scales [..., 1]."""
        given = node.inputs[0]
        if given not in self._rows:
            part = self._constant("quantised.part", np.array(1 / _LARGEST, np.float32))
            scales = self._add(node, "Mul", self._row_peaks(node, given), part)
            codes = self._add(node, "QuantizeLinear", self._add(node, "Div", given, scales), self._one, self._center)
            self._rows[given] = codes, scales
        return self._rows[given]

    def _row_peaks(self, node: Any, given: Any) -> Any:
        """Return the largest absolute value of each row but for its loud columns, [..., 1]; those are cut off later."""
        last = self._constant("quantised.last", np.array([-1], np.int64))
        loud = self._loud.get(given.name, _NONE)
        if len(loud):
            mask = np.ones(len(self._peaks[given.name]), np.float32)
            mask[loud] = 0
            given = self._add(node, "Mul", given, self._constant(f"{given.name}.quiet", mask))
        source = node.inputs[0].producer()
        if source is not None and source.op_type == "Gelu":
            least = self._constant("quantised.least_gelu", np.array(_LEAST_GELU, np.float32))
        else:
            least = self._constant("quantised.least", np.array(1e-9, np.float32))
            given = self._add(node, "Abs", given)
        return self._add(node, "Max", self._add(node, "ReduceMax", given, last, keepdims=1), least)

    def _loud_part(self, node: Any, loud: np.ndarray) -> Any:
        """Return the loud columns of the first input of ``node``, in fp32."""
        given = node.inputs[0]
        if given not in self._exact:
            self._exact[given] = self._add(node, "Gather", given, self._constant(f"{given.name}.loud", loud), axis=-1)
        return self._exact[given]

    def _table(self, node: Any) -> None:
        """Replace the look-up in an embedding table."""
        table, wanted = node.inputs
        codes, scales = _codes(table.const_value.numpy(), axis=1)
        found = self._add(node, "Gather", self._constant(f"{table.name}.codes", codes), wanted)
        found_scales = self._add(node, "Gather", self._constant(f"{table.name}.scales", scales), wanted)
        self._replace(node, self._add(node, "Mul", self._add(node, "Cast", found, to=1), found_scales))

    def _add(self, before: Any, kind: str, *inputs: Any, domain: str = "", **attributes: int) -> Any:
        """Add an operator in front of another one and return its output."""
        import onnx_ir

        node = onnx_ir.node(kind, inputs, attributes, domain=domain)
        self._graph.insert_before(before, node)
        return node.outputs[0]

    def _replace(self, node: Any, output: Any) -> None:
        import onnx_ir

        output.name = node.outputs[0].name
        onnx_ir.convenience.replace_all_uses_with(node.outputs[0], output, replace_graph_outputs=True)
        self._graph.remove(node, safe=True)

    def _constant(self, name: str, array: np.ndarray) -> Any:
        import onnx_ir

        if name not in self._graph.initializers:
            tensor = onnx_ir.tensor(np.ascontiguousarray(array), name=name)
            self._graph.register_initializer(onnx_ir.val(name, const_value=tensor))
        return self._graph.initializers[name]


_NONE = np.zeros(0, np.int64)


def _loud_columns(peaks: np.ndarray) -> np.ndarray:
    """Return the indices of the loudest columns, int64."""
    loudest = np.argsort(peaks)[::-1][: len(peaks) // LOUD_SHARE]
    return np.sort(loudest[peaks[loudest] > LOUD * np.median(peaks)])


def _codes(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return int8 codes of ``weight`` and their scales, float32, reduced over ``axis``; of zeros the scale is 1."""
    scales = np.abs(weight).max(axis, keepdims=True) / _LARGEST
    scales[scales == 0] = 1
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def _is_matrix(value: Any) -> bool:
    constant = value.const_value
    return constant is not None and len(constant.shape) == 2 and min(constant.shape) >= LEAST_SIDE


def _is_product(node: Any) -> bool:
    return node.op_type == "MatMul" and _is_matrix(node.inputs[1])


def _is_layer(node: Any) -> bool:
    if node.op_type != "Gemm":
        return False
    plain = _attribute(node, "alpha", 1.0) == _attribute(node, "beta", 1.0) == 1.0
    return plain and not _attribute(node, "transA", 0) and _is_matrix(node.inputs[1])


def _is_table(node: Any) -> bool:
    constant = node.inputs[0].const_value
    by_entry = _attribute(node, "axis", 0) == 0
    return by_entry and constant is not None and len(constant.shape) == 2 and constant.nbytes >= LEAST_TABLE


def _attribute(node: Any, name: str, default: float) -> float:
    return node.attributes[name].value if name in node.attributes else default
