"""A version's networks as one graph: from token ids and table rows to the head's outputs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from platform_core.finetune.export.trees import DOMAIN, VERSION, fill_in, put_trees_into_graphs
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.delta import merge_delta
from platform_core.modeling.mixture import Tail
from platform_core.modeling.onnx_runtime import OUTPUTS
from platform_core.modeling.spec import ModelSpec
from platform_core.modeling.text_encoder import TextEncoder, encode
from platform_core.sdk import UsageError

OPSET = 20
"""The first with GELU as one operator."""

SCORES = "scores"
"""The graph's second output: scores before calibration, for readers that have no head."""

_ROWS, _TOKENS = 2, 8
_MOST_BYTES = 2 * 10**9
"""A file of the format holds no more."""


class Whole(nn.Module):
    """All networks of a version.

    Args:
        encoder: of the text, with the version's own weights; none where there is no text.
        tail: table network, fusion and head.
    """

    def __init__(self, encoder: nn.Module | None, tail: Tail) -> None:
        super().__init__()
        self.encoder = encoder
        self.tail = tail

    def forward(self, **inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the head's outputs and its scores.

        Args:
            inputs: ``input_ids`` and ``attention_mask``, int64 [rows, tokens]; ``numbers``, double [rows, columns];
                ``categories``, int64 [rows, columns]: those that the version reads.
        """
        features = dict(inputs)
        if self.encoder is not None:
            features = encode(self.encoder, inputs, tokens=self.tail.reads_tokens)
        features |= {name: inputs[name] for name in ("numbers", "categories") if name in inputs}
        if "numbers" in features or "categories" in features:
            features |= _absent_half(features)
        outputs = self.tail(features)
        return outputs, self.tail.head.scores(outputs)


def assemble(artifact: Artifact, encoder: TextEncoder | None) -> Whole:
    """Put the networks of a version together, with the version's weights.

    Args:
        artifact: the version; its head is changed to fit into a graph.
        encoder: of its text, held by nobody else.
    """
    if encoder is not None:
        if artifact.encoder_weights is not None:
            encoder.module.load_state_dict(artifact.encoder_weights)
        if artifact.delta is not None:
            with torch.no_grad():
                merge_delta(encoder.module, artifact.delta)
        module: Any = encoder.module
        module.set_attn_implementation("eager")
    return Whole(encoder.module if encoder is not None else None, artifact.tail).cpu().eval()


def trace(whole: Whole, spec: ModelSpec) -> Any:
    """Return the graph of a version, an ``onnx_ir.Model``: rows and tokens are free, all else is fixed.

    Raises:
        UsageError: one of its networks cannot be a graph; names it.
    """
    size = sum(weight.numel() * weight.element_size() for weight in whole.state_dict().values())
    if size > _MOST_BYTES:
        raise UsageError(f"the networks have {size / 1e9:.1f} GB, an ONNX file holds up to 2 GB", where=spec.solution)
    trees = put_trees_into_graphs(whole.tail)
    inputs = _sample_inputs(spec)
    axes = {name: {0: "rows", 1: "tokens"} if name in _TEXT_INPUTS else {0: "rows"} for name in inputs}
    try:
        with _silent_exporter():
            program = torch.onnx.export(
                whole,
                (),
                kwargs=inputs,
                input_names=list(inputs),
                output_names=[OUTPUTS, SCORES],
                dynamic_shapes={"inputs": axes},
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # whatever a network does that no graph can
        raise _explained(spec, error) from error
    assert program is not None
    model: Any = program.model
    fill_in(model, trees)
    model.opset_imports[DOMAIN] = VERSION
    _strip(model)
    return model


@contextmanager
def _silent_exporter() -> Iterator[None]:
    """Keep back what the exporter says of its own insides, and of packages that no graph of ours needs."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parity is tested
            yield
    finally:
        log.setLevel(level)


_TEXT_INPUTS = ("input_ids", "attention_mask")


def _sample_inputs(spec: ModelSpec) -> dict[str, Tensor]:
    """Return inputs of the right kinds; no value in them matters."""
    inputs: dict[str, Tensor] = {}
    if spec.encoder is not None:
        inputs |= {name: torch.ones((_ROWS, _TOKENS), dtype=torch.int64) for name in _TEXT_INPUTS}
    if spec.table is not None:
        columns = spec.table.columns
        if columns.numbers:
            inputs["numbers"] = torch.zeros((_ROWS, len(columns.numbers)), dtype=torch.float64)
        if columns.categories:
            inputs["categories"] = torch.ones((_ROWS, len(columns.categories)), dtype=torch.int64)
    return inputs


def _absent_half(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what a table without numbers, or without categories, lacks: an array without columns."""
    rows = next(iter(features.values())).shape[0]
    kinds = {"numbers": torch.float64, "categories": torch.int64}
    return {name: torch.zeros((rows, 0), dtype=kind) for name, kind in kinds.items() if name not in features}


def _explained(spec: ModelSpec, error: Exception) -> UsageError:
    """Name the network that cannot be a graph: the solution's own head, else the encoder."""
    reason = str(error.__cause__ or error).strip().partition("\n")[0]
    if isinstance(error.__cause__ or error, ImportError | AttributeError) and not _exporter_works():
        return UsageError(
            f"the installed packages cannot export: {reason[:300]}",
            hint="they may be too old for this torch: pip install --upgrade 'verticore[export]' onnxscript onnx-ir",
        )
    ours = spec.head.object.startswith("platform_core.sdk.heads:")
    culprit = f"the encoder {spec.encoder.reference!r}" if ours and spec.encoder else f"the head {spec.head.object!r}"
    return UsageError(
        f"{culprit} cannot be exported: {reason[:300]}",
        where=spec.solution,
        hint="in forward and scores use torch operations only, and no decisions that depend on values",
    )


def _exporter_works() -> bool:
    """Tell whether the simplest of networks becomes a graph."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(nn.Identity(), (torch.ones(1),), opset_version=OPSET, dynamo=True, verbose=False)
    except Exception:  # whatever one version of a package lacks that another wants
        return False
    return True


def _strip(model: Any) -> None:
    """Remove what the exporter says of itself: places in source files, and shapes that only hold for the sample."""
    for part in (model, model.graph, *model.graph):
        part.metadata_props.clear()
        part.doc_string = None
    for node in model.graph:
        for value in node.outputs:
            value.metadata_props.clear()
