"""Features of examples under a frozen encoder, from the cache where they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.feature_cache import FeatureCache, feature_key
from platform_core.modeling.hardware import Precision
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.rows import Row, texts_of
from platform_core.modeling.spec import EncoderRecord
from platform_core.sdk import Example, Progress

POOLING = "mean2"
"""How states become a vector, see :func:`platform_core.modeling.text_encoder.encode`: part of the cache's identity.
Count it up with every change of that, so that no cache of an earlier release is read."""


def cached_features(
    encoders: EncoderPool,
    record: EncoderRecord,
    examples: Sequence[Example],
    *,
    cache: Path,
    precision: Precision,
    progress: Progress,
    writing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> np.ndarray:
    """Return the vectors of texts, float32 [examples, width].

    The encoder is not even loaded when all are known.

    Args:
        encoders: where the encoder is found.
        record: the encoder and its preprocessing.
        examples: what to encode, all of one type.
        cache: folder of the tenant's caches.
        precision: of the matrix products; part of the cache's identity.
        progress: is told of what is computed.
        writing: is entered to write what was computed.
    """
    texts = texts_of(examples)

    def compute(missing: Sequence[int]) -> np.ndarray:
        runtime = encoders.shared(record, precision)
        rows = [Row(ids) for ids in runtime.tokenize([texts[i] for i in missing], record.max_tokens)]
        vectors = np.empty((len(missing), record.width), np.float32)
        for batch in inference_batches([row.cost for row in rows]):
            found = runtime.features([rows[i] for i in batch], [None] * len(batch))
            vectors[batch] = found["text"].cpu().numpy()
            progress.advance(len(batch))
        return vectors

    def tell_damage(file: Path) -> None:
        progress.warn(f"the cached features in {file} are damaged: they are dropped, and computed again")

    folder = cache / f"{record.fingerprint[:16]}-{record.max_tokens}-{precision}-{POOLING}"
    return FeatureCache(folder, record.width, on_damage=tell_damage, writing=writing).fetch(
        [feature_key(text) for text in texts], compute, on_missing=lambda count: progress.stage("encoding", count)
    )
