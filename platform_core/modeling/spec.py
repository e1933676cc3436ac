"""``model.json``: all that a model version is, besides its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from platform_core.evaluation.calibrating import Calibration
from platform_core.modeling.hardware import Precision
from platform_core.modeling.table_schema import TableSchema
from platform_core.sdk import Decision, FitMember, Method, TableSettings, Task

FORMAT: Final = 2
"""Version of the layout of model folders. Later releases read every earlier one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class EncoderRecord(_Part):
    """The encoder that features of text come from."""

    reference: str = Field(description="How to find it: a packaged name, a path or a hub id.")
    fingerprint: str = Field(description="Its identity; a version refuses any other encoder.")
    width: int = Field(description="Size of its vector.")
    licence: str = "unknown"
    max_tokens: int = Field(512, description="Longer texts are cut to this many tokens.")


class TableRecord(_Part):
    """The table that is read, and the network that reads it."""

    columns: TableSchema
    settings: TableSettings


class HeadRecord(_Part):
    """The head, as it is built again."""

    object: str = Field(description="`module:Class` of the head.")
    labels: tuple[str, ...]
    feature_widths: Mapping[str, int]
    task: Task = "multiclass"
    positive: str | None = None
    top: int = Field(0, description="Predictions list so many of the most probable classes.")
    center: float = 0.0
    scale: float = 1.0
    members: tuple[FitMember, ...] = Field((), description="Heads of method `fit`, blended; none: the head itself.")
    folds: int = Field(1, description="Parts of a bag: each learned without another part of the rows; 1: no bag.")
    options: Mapping[str, Any] = Field(default_factory=dict)


class ExportRecord(_Part):
    """The form that another version was brought into: its networks became one graph."""

    format: Literal["onnx"] = "onnx"
    precision: Literal["fp32", "int8"]
    opset: int = Field(description="Version of the operators that the graph is made of.")
    parent: str = Field(description="The version that was exported, e.g. `news:3`.")
    parent_digest: str = Field(description="SHA-256 over its files.")


class ModelSpec(_Part):
    """What a model version is: encoders + delta + head + preprocessing + mapping + labels + calibration + decision."""

    format: Literal[2] = FORMAT
    solution: str
    method: Method
    encoder: EncoderRecord | None = Field(None, description="Of the text; none where there is no text.")
    table: TableRecord | None = None
    fusion: Literal["concat", "attend"] = "concat"
    precision: Precision = Field(
        "fp32", description="In which the encoder is asked where the machine has it: found to be as good as fp32."
    )
    head: HeadRecord
    calibration: Calibration = Field(Calibration(), description="Of the scores: fitted on validation data.")
    decision: Decision = Field(Decision(), description="How scores become answers: chosen on validation data.")
    adapter: str = Field("", description="The data adapter that read the training data.")
    mapping: Mapping[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="Field → column of the training data, or columns of the open field."
    )
    export: ExportRecord | None = Field(None, description="Of a version that was made of another one.")

    @model_validator(mode="before")
    @classmethod
    def _from_format_1(cls, content: Any) -> Any:
        """Read what release 0.1 wrote: text only, a temperature, the length beside the encoder."""
        if not isinstance(content, dict) or content.get("format") != 1:
            return content
        encoder = dict(content["encoder"]) | {"max_tokens": content["max_tokens"]}
        head = dict(content["head"])
        width = head["feature_widths"]["pooled"]
        labels = head["labels"]
        head["feature_widths"] = {"pooled": width, "text": width, "tokens": width}
        head["task"] = "binary" if len(labels) == 2 else "multiclass"
        calibration = {"method": "temperature", "temperature": content.get("temperature", 1.0)}
        return dict(content) | {"format": FORMAT, "encoder": encoder, "head": head, "calibration": calibration}
