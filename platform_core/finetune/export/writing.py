"""The folder of an export: the graph, its tokenizer, and how to use both."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from platform_core.finetune.export.readme import readme
from platform_core.finetune.export.tracing import OPSET
from platform_core.modeling.artifact import GRAPH_FILE, save_spec
from platform_core.modeling.onnx_runtime import TOKENIZER_FILE
from platform_core.modeling.spec import ExportRecord, ModelSpec
from platform_core.modeling.text_encoder import TextEncoder
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Solution

README_FILE = "README.md"

ExportPrecision = Literal["fp32", "int8"]


def describe_export(
    spec: ModelSpec, version: VersionInfo, precision: ExportPrecision, encoder: TextEncoder | None
) -> ModelSpec:
    """Return what the export of ``version`` is: all that its parent is, in another form."""
    record = ExportRecord(precision=precision, opset=OPSET, parent=version.ref, parent_digest=version.digest)
    text = spec.encoder
    if text is not None and encoder is not None:
        text = text.model_copy(update={"max_tokens": min(text.max_tokens, encoder.most_tokens)})
    return spec.model_copy(update={"export": record, "encoder": text})


def write_export(folder: Path, spec: ModelSpec, model: Any, encoder: TextEncoder | None, solution: Solution) -> None:
    """Write an export into ``folder``; what lies there of the same name is replaced.

    Args:
        folder: an existing folder.
        spec: what :func:`describe_export` returned.
        model: the graph, an ``onnx_ir.Model``.
        encoder: whose tokenizer goes with it.
        solution: for the words.
    """
    import onnx_ir

    onnx_ir.save(model, folder / GRAPH_FILE)
    save_spec(spec, folder)
    if encoder is not None and spec.encoder is not None:
        _save_tokenizer(encoder, spec.encoder.max_tokens, folder / TOKENIZER_FILE)
    (folder / README_FILE).write_text(readme(spec, solution), "utf-8")


def _save_tokenizer(encoder: TextEncoder, max_tokens: int, file: Path) -> None:
    """Save the tokenizer so that it cuts and pads as the encoder's own does."""
    from tokenizers import Tokenizer

    hidden = encoder.tokenizer
    tokenizer = Tokenizer.from_str(hidden.backend_tokenizer.to_str())
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=hidden.pad_token_id or 0, pad_token=hidden.pad_token or "[PAD]")
    tokenizer.save(str(file), pretty=False)
