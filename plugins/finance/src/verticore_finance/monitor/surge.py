"""Is a day's number of negative sentences more than the days before explain?

The share of negative sentences is taken to be Beta distributed, with the exponentially weighted counts of the days
before as its parameters (and one sentence of each kind, a uniform prior). The number of negative sentences among the
day's ``n`` is then Beta-binomial, which allows for what a short past does not tell. The test is one-sided and exact;
as counts are whole, its rate of false alarms is below the nominal one rather than above.

It is conditional on the day's number of sentences: a busy day alone raises no alert, only a worse one does. Sentences
of one day are taken to be independent given the share; copies of one story are not, which is why the same text counts
once.
"""

from __future__ import annotations

from dataclasses import dataclass

ALERT_WEIGHT = 0.25
"""Days with an alert count so much in the baseline: an outburst must not become usual, a lasting change must."""

LEAST_NEGATIVE = 3
"""Fewer negative sentences are no surge, whatever was usual."""


@dataclass(frozen=True)
class Verdict:
    """What the test says.

    Attributes:
        usual_share: the expected share of negative sentences.
        probability: the chance of as many negative sentences or more.
        limit: the least number that raises an alert; ``n + 1`` where none does.
        is_surge: whether there is an alert.
    """

    usual_share: float
    probability: float
    limit: int
    is_surge: bool


def judge(negative: int, sentences: int, *, past_negative: float, past_other: float, rate: float) -> Verdict:
    """Test one day.

    Args:
        negative: negative sentences of the day.
        sentences: all sentences of the day.
        past_negative: weighted count of negative sentences before.
        past_other: weighted count of other sentences before.
        rate: nominal chance of a false alarm.
    """
    import numpy as np
    from scipy.special import betaln, gammaln

    a, b = past_negative + 1, past_other + 1
    k = np.arange(sentences + 1)
    choose = gammaln(sentences + 1) - gammaln(k + 1) - gammaln(sentences - k + 1)
    chances = np.exp(choose + betaln(k + a, sentences - k + b) - betaln(a, b))
    tail = np.minimum(chances[::-1].cumsum()[::-1], 1.0)
    limit = max(LEAST_NEGATIVE, int(np.count_nonzero(tail > rate)))
    return Verdict(a / (a + b), float(tail[negative]), limit, negative >= limit)
