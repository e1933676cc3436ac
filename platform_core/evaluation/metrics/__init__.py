"""Metrics, as functions of arrays.

Every function takes ``weights``, float [..., n], how often each row counts, or sums that come of them, and returns an
array of the leading shape: one call computes a metric for all bootstrap resamples at once, with the code that computes
the metric itself. A metric that is undefined is NaN.

Names and conventions are those of scikit-learn where it has them; the tests compare. Which metric is reported for
which task stands in :mod:`platform_core.evaluation.names`.
"""
