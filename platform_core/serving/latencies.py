"""Latencies as counts in logarithmic buckets: small, additive, with percentiles of bounded error.

The buckets are those of DDSketch (Masson, Rim & Lee, PVLDB 12, 2019): bucket ``i`` holds the values from
``GROWTH**(i-1)`` to ``GROWTH**i`` seconds, and stands for one that is at most 4.8 % away from each of them. They are
fixed, so that counts of several processes and minutes add up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

GROWTH = 1.1
LEAST_SECONDS, MOST_SECONDS = 1e-5, 3600.0

_LOG = math.log(GROWTH)


def bucket_of(seconds: float) -> int:
    """Return the bucket of a latency; what is outside the range counts as its end."""
    return math.ceil(math.log(min(max(seconds, LEAST_SECONDS), MOST_SECONDS)) / _LOG)


def edge_of(bucket: int) -> float:
    """Return the seconds up to which a bucket reaches, a tenth more than the one before."""
    return GROWTH**bucket


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the latency in seconds that ``share`` of the requests did not exceed; ``None`` where there were none.

    Args:
        counts: requests by bucket.
        share: between 0 and 1; of the ranks the lower nearest one, as in DDSketch.
    """
    rank = share * (sum(counts.values()) - 1)
    passed = 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        if passed > rank:
            return 2 * GROWTH**bucket / (GROWTH + 1)
    return None
