"""Exported models: one ONNX graph from token ids and table rows to the head's outputs, run by ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.rows import Row, TokenIds, collate_tables
from platform_core.modeling.runtime import Deltas
from platform_core.sdk import IntegrityError, UnsafeArtifact, UsageError

TOKENIZER_FILE = "tokenizer.json"
OUTPUTS = "outputs"
"""The graph's output that Verticore reads."""

PASS_TOKENS = 512
"""Most padded tokens in a pass: what a core's own cache holds. Larger passes are slower, not faster."""

_PASS_ROWS = 512
_SLOW_FUSIONS = ["SkipLayerNormFusion"]
"""On a CPU the fused kernel takes several times as long as the two that it replaces."""


class OnnxRuntime:
    """An exported model, alone: its graph holds the encoder with the version's own weights.

    Args:
        graph: the file; :data:`TOKENIZER_FILE` lies beside it where the model reads text.

    Raises:
        UsageError: ONNX Runtime is not installed.
        IntegrityError: a file is missing or damaged.
        UnsafeArtifact: the graph wants data from other files.
    """

    device = torch.device("cpu")

    def __init__(self, graph: Path) -> None:
        self.calls = 0
        self._session = open_session(graph)
        self.nbytes = graph.stat().st_size
        # Passes side by side wait less for each other than the threads within one.
        self._side_by_side = ThreadPoolExecutor(torch.get_num_threads(), "onnx")
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._tokenizer = None
        if "input_ids" in self._inputs:
            self._tokenizer = _read_tokenizer(graph.parent / TOKENIZER_FILE)
            self._padding: int = self._tokenizer.padding["pad_id"]
            self._tokenizer.no_padding()

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, special tokens included."""
        del max_tokens  # the tokenizer's file says it
        if self._tokenizer is None:
            return [[] for _ in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def attach(self, delta: LoraDelta | None) -> None:
        """Return nothing: it is part of the graph."""
        assert delta is None

    def features(self, rows: Sequence[Row], deltas: Deltas, *, tokens: bool = False) -> dict[str, Tensor]:
        """Return ``outputs``, the head's outputs, float32 [rows, …]."""
        del deltas, tokens
        self.calls += 1
        found: list[np.ndarray] = [np.empty(0)] * len(rows)
        batches = list(inference_batches([row.cost for row in rows], PASS_TOKENS, most=_PASS_ROWS))
        passes = self._side_by_side.map(self._pass, [[rows[i] for i in batch] for batch in batches])
        for batch, outputs in zip(batches, passes, strict=True):
            for index, output in zip(batch, outputs, strict=True):
                found[index] = output
        return {OUTPUTS: torch.from_numpy(np.stack(found))}

    def _pass(self, rows: Sequence[Row]) -> np.ndarray:
        outputs: np.ndarray = self._session.run([OUTPUTS], self._collate(rows))[0]
        return outputs

    def _collate(self, rows: Sequence[Row]) -> dict[str, np.ndarray]:
        """Return the graph's inputs, texts padded on the right."""
        inputs: dict[str, np.ndarray] = {}
        if self._tokenizer is not None:
            shape = len(rows), max(len(row.ids) for row in rows)
            inputs["input_ids"] = np.full(shape, self._padding, np.int64)
            inputs["attention_mask"] = np.zeros(shape, np.int64)
            for index, row in enumerate(rows):
                inputs["input_ids"][index, : len(row.ids)] = row.ids
                inputs["attention_mask"][index, : len(row.ids)] = 1
        table = collate_tables(rows, self.device)
        return inputs | {name: tensor.numpy() for name, tensor in table.items() if name in self._inputs}


def open_session(graph: Path) -> Any:
    """Open a graph, with as many threads as torch has.

    Raises:
        UsageError: ONNX Runtime is not installed.
        IntegrityError: the file is missing or damaged.
        UnsafeArtifact: the graph wants data from other files.
    """
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise UsageError(
            f"exported models need the package {error.name}, which is not installed",
            hint="pip install 'verticore[export]'",
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    # Idle threads that spin would take the processor from the other models of a server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        _refuse_outside_data(onnx.load(graph, load_external_data=False).graph, graph)
        return onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
        )
    except UnsafeArtifact:
        raise
    except Exception as error:  # each of the packages below has a dozen kinds of its own
        raise IntegrityError("the graph is missing or damaged", where=str(graph)) from error


def _refuse_outside_data(content: Any, file: Path) -> None:
    """Refuse a graph that names other files; all of ours are whole in themselves."""
    from onnx.external_data_helper import uses_external_data

    if any(uses_external_data(tensor) for tensor in _tensors(content)):
        raise UnsafeArtifact("the graph wants data from other files", where=str(file), hint="export it as one file")


def _tensors(content: Any) -> Iterator[Any]:
    """Yield all tensors of a graph: initial values, and those inside its operators and their own graphs."""
    yield from content.initializer
    for attribute in (attribute for node in content.node for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for inner in (attribute.g, *attribute.graphs):
            yield from _tensors(inner)


def _read_tokenizer(file: Path) -> Any:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the package has one kind of error for everything
        raise IntegrityError("the tokenizer is missing or damaged", where=str(file)) from error
    return tokenizer
