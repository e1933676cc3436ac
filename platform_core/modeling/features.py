"""Features of examples under a frozen encoder, from the cache where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.feature_cache import FeatureCache, feature_key
from platform_core.modeling.hardware import Precision
from platform_core.modeling.model import EncoderPool, texts_of
from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import Example, Progress


def cached_features(
    encoders: EncoderPool,
    spec: ModelSpec,
    examples: Sequence[Example],
    *,
    cache: Path,
    precision: Precision,
    progress: Progress,
) -> np.ndarray:
    """Return pooled features, float32 [examples, width].

    The encoder is not even loaded when all are known.

    Args:
        encoders: where the encoder is found.
        spec: names the encoder and the preprocessing.
        examples: what to encode, all of one type.
        cache: folder of the tenant's caches.
        precision: of the matrix products; part of the cache's identity.
        progress: is told of what is computed.
    """
    record = spec.encoder
    texts = texts_of(examples)

    def compute(missing: list[int]) -> np.ndarray:
        progress.stage("encoding", len(missing))
        runtime = encoders.shared(record.reference, record.fingerprint)
        ids = runtime.encoder.tokenize([texts[i] for i in missing], spec.max_tokens)
        vectors = np.empty((len(missing), record.width), np.float32)
        for batch in inference_batches([len(i) for i in ids]):
            vectors[batch] = runtime.features([ids[i] for i in batch], [0] * len(batch), precision).cpu().numpy()
            progress.advance(len(batch))
        return vectors

    folder = cache / f"{record.fingerprint[:16]}-{spec.max_tokens}-{precision}"
    return FeatureCache(folder, record.width).fetch([feature_key(text) for text in texts], compute)
