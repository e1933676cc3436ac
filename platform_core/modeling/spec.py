"""``model.json``: all that a model version is, besides its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from platform_core.sdk.recipes import Method

FORMAT: Final = 1
"""Version of the layout of model folders. Later releases read every earlier one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class EncoderRecord(_Part):
    """The encoder that features come from."""

    reference: str = Field(description="How to find it: a packaged name, a path or a hub id.")
    fingerprint: str = Field(description="Its identity; a version refuses any other encoder.")
    width: int = Field(description="Size of the pooled feature.")
    licence: str = "unknown"


class HeadRecord(_Part):
    """The head, as it is built again."""

    object: str = Field(description="`module:Class` of the head.")
    labels: tuple[str, ...]
    feature_widths: Mapping[str, int]
    options: Mapping[str, Any] = Field(default_factory=dict)


class ModelSpec(_Part):
    """What a model version is: encoder + delta + head + preprocessing + mapping + labels + calibration."""

    format: Literal[1] = FORMAT
    solution: str
    method: Method
    encoder: EncoderRecord
    head: HeadRecord
    max_tokens: int = Field(description="Longer texts are cut to this many tokens.")
    temperature: float = Field(1.0, gt=0, description="Outputs are divided by it: fitted on validation data.")
    adapter: str = Field("", description="The data adapter that read the training data.")
    mapping: Mapping[str, str] = Field(default_factory=dict, description="Field → column of the training data.")
