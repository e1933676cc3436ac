"""Text encoders: any transformers encoder with its tokenizer, mean-pooled."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from platform_core.modeling.encoder_files import EncoderFiles
from platform_core.modeling.rows import TokenIds
from platform_core.sdk import UsageError
from platform_core.sdk.recipes import LoraTarget

PLAIN_ATTENTION_TOKENS = 256
"""Texts up to this length are trained with plain attention on a CPU."""

_LAYER_NAMES: Mapping[str, Mapping[LoraTarget, str]] = {
    "bert": {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention_output": "attention.output.dense",
        "intermediate": "intermediate.dense",
        "output": "output.dense",
    },
    "distilbert": {
        "query": "attention.q_lin",
        "key": "attention.k_lin",
        "value": "attention.v_lin",
        "attention_output": "attention.out_lin",
        "intermediate": "ffn.lin1",
        "output": "ffn.lin2",
    },
    "mpnet": {
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "attention_output": "attention.attn.o",
        "intermediate": "intermediate.dense",
        "output": "output.dense",
    },
}
_LOADING = threading.Lock()
"""Transformers loads its own parts on demand, and replaces functions of torch while it loads weights: two threads at
once break it."""

_SAME_AS_BERT = {"roberta", "xlm-roberta", "electra", "camembert", "ernie"}


class TextEncoder:
    """A transformers encoder, its tokenizer, and the pooling that makes one vector of a text.

    Attributes:
        files: where it came from; ``files.fingerprint`` is its identity.
        module: the network; ``forward`` runs it.
        width: size of the pooled vector.
    """

    def __init__(self, files: EncoderFiles) -> None:
        # Offline is the default; the one road to the hub is `locate_encoder`, which has been taken already.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.files = files
        with _LOADING:
            from transformers import AutoModel, AutoTokenizer
            from transformers.utils import logging

            logging.set_verbosity_error()
            logging.disable_progress_bar()
            safe = {"local_files_only": True, "trust_remote_code": False}
            self.tokenizer: Any = AutoTokenizer.from_pretrained(files.folder, use_fast=True, **safe)
            self.module: nn.Module = AutoModel.from_pretrained(files.folder, use_safetensors=True, **safe)
        if getattr(self.module, "pooler", None) is not None:
            self.module.pooler = None  # pooling is ours; untrained weights are dead weight
        self.module.eval()
        config: Any = self.module.config
        self.width = files.width
        self.architecture: str = config.model_type
        # Where positions start late (RoBERTa), only the tokenizer knows how many tokens fit.
        self.most_tokens = min(self.tokenizer.model_max_length, getattr(config, "max_position_embeddings", 512))

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, special tokens included, cut to ``max_tokens``."""
        if not texts:
            return []
        limit = min(max_tokens, self.most_tokens)
        encoded = self.tokenizer(list(texts), truncation=True, max_length=limit, return_attention_mask=False)
        ids: list[TokenIds] = encoded["input_ids"]
        return ids

    def collate(self, ids: Sequence[TokenIds]) -> dict[str, Tensor]:
        """Return ``input_ids`` and ``attention_mask``, int64 [batch, tokens], padded on the right."""
        longest = min(padded_length(max(map(len, ids))), self.most_tokens)
        padding = self.tokenizer.pad_token_id or 0
        tokens = torch.full((len(ids), longest), padding, dtype=torch.int64)
        mask = torch.zeros((len(ids), longest), dtype=torch.int64)
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = torch.tensor(sequence)
            mask[row, : len(sequence)] = 1
        return {"input_ids": tokens, "attention_mask": mask}

    def prepare_training(self, device: torch.device, longest: int) -> None:
        """Choose the attention whose backward pass is fast on ``device`` for texts of up to ``longest`` tokens.

        On a CPU the fused kernel's backward pass takes twice the time of the plain one; where texts are long, the
        plain one's memory, quadratic in tokens, is worth more than that.
        """
        if device.type == "cpu" and longest <= PLAIN_ATTENTION_TOKENS:
            module: Any = self.module
            module.set_attn_implementation("eager")

    def layers_for(self, targets: Sequence[LoraTarget]) -> list[str]:
        """Return the full names of the linear layers that ``targets`` mean in this architecture.

        Raises:
            UsageError: low-rank deltas are not known for this architecture.
        """
        family = "bert" if self.architecture in _SAME_AS_BERT else self.architecture
        names = _LAYER_NAMES.get(family)
        if names is None:
            raise UsageError(
                f"no low-rank deltas are known for the architecture {self.architecture!r}",
                hint="use --method head or --method full",
                where=self.files.reference,
            )
        suffixes = [names[target] for target in targets]
        linear = [name for name, module in self.module.named_modules() if isinstance(module, nn.Linear)]
        return [name for name in linear if any(_names_layer(name, suffix) for suffix in suffixes)]


def _names_layer(name: str, suffix: str) -> bool:
    # `attention.output.dense` also ends in `output.dense`: what comes before must be the block's number.
    return name.endswith("." + suffix) and name.removesuffix("." + suffix).rsplit(".", 1)[-1].isdigit()


def padded_length(tokens: int) -> int:
    """Return ``tokens`` rounded up to one of eight lengths per octave: at most an eighth more.

    Kernels are made and kept for each shape of a batch, so fewer shapes cost less time and memory.
    """
    step = 1 << max(0, tokens.bit_length() - 4)
    return -(-tokens // step) * step


def pool_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over tokens of ``hidden`` [batch, tokens, width] where ``mask`` [batch, tokens] is 1, in fp32."""
    weights = mask.unsqueeze(-1).to(torch.float32)
    total: Tensor = (hidden.float() * weights).sum(1)
    return total / weights.sum(1).clamp(min=1.0)


def encode(module: nn.Module, batch: Mapping[str, Tensor], *, tokens: bool = False) -> dict[str, Tensor]:
    """Run the network on a collated batch and return its named features.

    Args:
        module: the network.
        batch: ``input_ids`` and ``attention_mask``, int64 [batch, tokens].
        tokens: whether the states of all tokens are wanted beside their mean.

    Returns:
        ``text``, float32 [batch, width]; where wanted also ``tokens`` [batch, tokens, width] and ``mask``.
    """
    mask = batch["attention_mask"]
    hidden = module(input_ids=batch["input_ids"], attention_mask=mask).last_hidden_state
    found = {"text": pool_mean(hidden, mask)}
    return found | {"tokens": hidden.float(), "mask": mask} if tokens else found
