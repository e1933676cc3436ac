"""The classifier that the other servers serve: transformers as its documentation shows, padded batches, mean pooling.

What it is comes from the environment, as each server starts processes in its own way:

==================  =====================================================================
``CLASSIFIER``      JSON: ``encoder`` (folder), ``head`` (safetensors), ``labels``
``PRECISION``       ``fp32``, or ``bf16``: autocast
``OMP_NUM_THREADS`` threads of a product; torch reads it itself
==================  =====================================================================
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer


class Classifier:
    """Encoder and linear head."""

    def __init__(self) -> None:
        found = json.loads(os.environ["CLASSIFIER"])
        self.labels: list[str] = found["labels"]
        self.tokenizer = AutoTokenizer.from_pretrained(found["encoder"])
        self.encoder = AutoModel.from_pretrained(found["encoder"]).eval()
        weights = load_file(found["head"])
        self.weight, self.bias = weights["output.weight"], weights["output.bias"]
        self.in_half = os.environ["PRECISION"] == "bf16"

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Return label and scores of each text."""
        batch = self.tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16, enabled=self.in_half):
            hidden = self.encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        pooled = (hidden.float() * mask).sum(1) / mask.sum(1)
        scores = torch.nn.functional.linear(pooled, self.weight, self.bias).softmax(-1).tolist()
        return [
            {"label": self.labels[row.index(max(row))], "scores": dict(zip(self.labels, row, strict=True))}
            for row in scores
        ]
