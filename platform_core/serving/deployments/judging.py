"""Whether a version on trial has broken a limit: pure functions over counts.

The question is asked again and again while requests come in. A test that is made for one look would raise a false alarm
sooner or later; these hold for all looks together.

*Errors, slow answers of a canary, answers of a shadow that differ* are shares. Against the hypothesis that the true
share is at most ``tolerated``, the evidence after ``count`` requests is the likelihood ratio averaged over all greater
shares (a mixture of sequential probability ratios; Robbins 1970). Under the hypothesis it is a supermartingale, so it
ever reaches ``1 / ALPHA`` with probability ``ALPHA`` at most (Ville 1939). It holds for fractions of a request, too:
their likelihood is convex in them.

* Errors: tolerated is ``limits.errors`` more than the stable version's share. Where the stable version fails as well,
  its share is not known exactly, and the upper 95 % bound of Clopper and Pearson (1934) stands for it.
* Latency: the canary's 95th percentile is at most ``limits.latency`` times the stable version's, if and only if at most
  5 % of its answers take longer than that. The stable percentile is its own upper 95 % bound, rounded up to a bucket.
* Disagreement of a shadow: tolerated is ``limits.disagreement``.

*The labels of a canary* cannot be compared one by one, for no request is answered twice. The total variation distance
between both distributions, less what chance alone makes of it, is a lower bound: its mean under equal distributions is
at most half the root of (labels − 1) / requests for each of them, and it exceeds its mean by more than
√(ln(1/δ) (1/n + 1/m) / 2) with probability δ at most (McDiarmid 1989). δ shrinks with the square of the number of
requests, so that its sum over all looks is ``ALPHA``.

A version may also do well for days and then fail. So the counts since each of the latest :data:`MOST_MARKS` marks,
which are set every :data:`MARK` requests, are judged like a trial of their own, with :data:`LATER_ALPHA`.

Simulated, with 2 % tolerated: of 400 versions that fail 1 % of their requests, and of 400 that fail 2 %, none was
rolled back within 5,000 requests. Of 1,000 that fail 20 % all were, after 35 requests in the median and 120 at most;
of those that fail 10 %, after 135 and 449; of those that fail 5 %, after 708 and 2,201. Of 300 that failed 1 % of 5,000
requests and then 20 %, all were rolled back, after 53 more in the median and 160 at most.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Literal

from scipy.special import betaincc, betaln
from scipy.stats import beta

from platform_core.serving.deployments.policy import ArmRole, Limits
from platform_core.serving.deployments.tally import Tally

ALPHA = 1e-4
"""Probability of a false alarm, for each limit of each trial, over its whole life."""
MARK, MOST_MARKS = 50, 8
LATER_ALPHA = 1e-6
"""Probability of a false alarm for each mark: there may be many of them."""
LEAST = 10
"""Requests before a version is judged at all."""
LEAST_STABLE = 50
"""Answers of the stable version before times or labels are compared with its own."""
_CONFIDENCE = 0.95
_SLOW = 0.05


@dataclass(frozen=True)
class Verdict:
    """A limit is broken.

    Attributes:
        limit: which.
        text: what happened, for people.
        facts: the numbers, as JSON types.
    """

    limit: Literal["errors", "latency", "disagreement"]
    text: str
    facts: dict[str, Any]


class Judge:
    """Judges one trial again and again: all of it, and what was done of late.

    Args:
        role: how a version is tried.
    """

    def __init__(self, role: ArmRole) -> None:
        self._role = role
        self._marks: deque[tuple[Tally, Tally]] = deque(maxlen=MOST_MARKS)

    def look(self, stable: Tally, tried: Tally, limits: Limits) -> Verdict | None:
        """Return which limit is broken, if any.

        Args:
            stable: what the stable version did since the trial began.
            tried: what the tried one did; both only grow from look to look.
            limits: what it may do.
        """
        verdict = judge(self._role, stable, tried, limits)
        for stable_then, tried_then in () if verdict else self._marks:
            late = stable.since(stable_then), tried.since(tried_then)
            verdict = judge(self._role, *late, limits, alpha=LATER_ALPHA)
            if verdict is not None:
                return replace(verdict, text=f"of late, {verdict.text}")
        if not self._marks or tried.requests >= self._marks[-1][1].requests + MARK:
            self._marks.append((stable, tried))
        return verdict


def judge(role: ArmRole, stable: Tally, tried: Tally, limits: Limits, *, alpha: float = ALPHA) -> Verdict | None:
    """Return which limit the tried version has broken, if any.

    Args:
        role: how it is tried.
        stable: what the stable version did.
        tried: what the tried one did in the same time.
        limits: what it may do.
        alpha: probability of a false alarm, for each limit.
    """
    verdict = _judge_errors(stable, tried, limits.errors, alpha)
    if verdict is None and role == "canary":
        verdict = _judge_latency(stable, tried, limits.latency, alpha)
        verdict = verdict or _judge_labels(stable, tried, limits.disagreement, alpha)
    if verdict is None and role == "shadow":
        verdict = _judge_comparisons(tried, limits.disagreement, alpha)
    return verdict


def is_beyond(total: float, count: int, tolerated: float, alpha: float = ALPHA) -> bool:
    """Tell whether ``total`` of ``count`` is too much for a true share of at most ``tolerated``.

    Args:
        total: how many did it, or the sum of fractions between 0 and 1.
        count: of how many.
        tolerated: between 0 and 1.
        alpha: probability that it is ever said though it is not so.
    """
    share = min(max(tolerated, 1e-9), 1 - 1e-9)
    if count < LEAST or total <= share * count:
        return False
    a, b = total + 1, count - total + 1
    above = float(betaincc(a, b, share))
    if above <= 0:
        return False
    likelihood = total * math.log(share) + (count - total) * math.log1p(-share)
    evidence = float(betaln(a, b)) + math.log(above) - math.log1p(-share) - likelihood
    return evidence >= -math.log(alpha)


def _judge_errors(stable: Tally, tried: Tally, allowance: float | None, alpha: float) -> Verdict | None:
    if allowance is None:
        return None
    tolerated = allowance + _upper_share(stable.failures, stable.requests)
    if not is_beyond(tried.failures, tried.requests, tolerated, alpha):
        return None
    text = f"{tried.failures} of {tried.requests} requests failed, of the stable version {stable.failures} of "
    text += f"{stable.requests}; tolerated are {tolerated:.1%}"
    facts = {"failures": tried.failures, "requests": tried.requests, "tolerated": tolerated, "allowance": allowance}
    return Verdict("errors", text, facts)


def _judge_latency(stable: Tally, tried: Tally, ratio: float | None, alpha: float) -> Verdict | None:
    if ratio is None or stable.timed < LEAST_STABLE:
        return None
    spread = 1.645 * math.sqrt(_SLOW * (1 - _SLOW) / stable.timed)
    usual = stable.quantile(min(1 - _SLOW + spread, 1.0))
    assert usual is not None
    limit = ratio * usual
    slow = tried.slower(limit)
    if not is_beyond(slow, tried.timed, _SLOW, alpha):
        return None
    text = f"{slow} of {tried.timed} answers took longer than {1000 * limit:.1f} ms, {ratio:g} times what 95 % of the "
    text += f"stable version's take at most ({1000 * usual:.1f} ms)"
    return Verdict("latency", text, {"slow": slow, "answers": tried.timed, "limit_seconds": limit, "ratio": ratio})


def _judge_comparisons(tried: Tally, tolerated: float | None, alpha: float) -> Verdict | None:
    if tolerated is None or not is_beyond(tried.differing, tried.compared, tolerated, alpha):
        return None
    share = tried.differing / tried.compared
    text = f"{share:.1%} of its answers to {tried.compared} requests differ from the stable version's; tolerated are "
    text += f"{tolerated:.1%}"
    return Verdict("disagreement", text, {"share": share, "compared": tried.compared, "tolerated": tolerated})


def _judge_labels(stable: Tally, tried: Tally, tolerated: float | None, alpha: float) -> Verdict | None:
    many, few = sum(stable.labels.values()), sum(tried.labels.values())
    if tolerated is None or many < LEAST_STABLE or few < LEAST:
        return None
    labels = stable.labels.keys() | tried.labels.keys()
    shares = ((stable.labels.get(label, 0.0) / many, tried.labels.get(label, 0.0) / few) for label in labels)
    distance = sum(abs(first - second) for first, second in shares) / 2
    chance = sum(math.sqrt((len(labels) - 1) / count) for count in (many, few)) / 2
    looks = math.log(math.pi**2 / 6 / alpha) + 2 * math.log(many + few)
    surely = distance - chance - math.sqrt(looks * (1 / many + 1 / few) / 2)
    if surely <= tolerated:
        return None
    text = f"the labels of {few:.0f} requests are distributed otherwise than the stable version's of {many:.0f}: total "
    text += f"variation distance {distance:.2f}, surely over {surely:.2f}; tolerated is {tolerated:g}"
    return Verdict("disagreement", text, {"distance": distance, "at_least": surely, "tolerated": tolerated})


def _upper_share(failures: int, requests: int) -> float:
    """Return the upper 95 % bound of a share; a stable version that never failed is taken to be sound."""
    if not failures:
        return 0.0
    return 1.0 if failures == requests else float(beta.ppf(_CONFIDENCE, failures + 1, requests - failures))
