"""Names of metrics, the same in code, ``--json``, API, cards and console, and which of them a task has.

=======================  ======  ==========  =======  ==========  ==========
metric                   binary  multiclass  ordinal  multilabel  regression
=======================  ======  ==========  =======  ==========  ==========
``accuracy``             x       x           x        all right
``balanced_accuracy``    x       x           x
``macro_f1``             x       x           x        labels
``micro_f1``             x       x           x        pooled
``mcc``                  x       x           x
``qwk``                                      x
``auroc``                x       mean        mean     mean
``average_precision``    x       mean                 mean
``recall@fpr=SHARE``     x
``recall@alert=SHARE``   x
``cost_saved``           x
``top_k_accuracy=K``               x
``coverage``             x       x           x        x
``risk``                 x       x           x        x
``undertriage``                              x
``brier``                x       x           x        mean
``ece``                  x       x           x        pooled
``mae``                                      levels               x
``rmse``                                                          x
``r2``                                                            x
=======================  ======  ==========  =======  ==========  ==========

Of a set of labels, ``accuracy`` asks for the whole set, F1 is the mean over labels (``macro_f1``) or that of all
answers together (``micro_f1``), and ``ece`` takes each label of each example as one answer. ``mean``: over classes, one
against the rest, or over labels, where it is defined. ``mae`` of levels is the mean distance in levels. ``undertriage``
is the share of examples whose predicted level is milder than the true one.

Some metrics hold at a share that the name states: ``recall@fpr=0.01`` is the greatest recall at which at most 1 % of
the negatives is alerted, ``recall@alert=0.01`` that where the 1 % of all examples that score highest are (the
expected value under a random order of equal ones), ``undertriage@overtriage=0.3`` the least share judged too mild at
which at most 30 % are judged too severe. ``top_k_accuracy=3`` is the share of examples whose class is among the three
most probable ones; of three classes and fewer it is not reported. ``coverage`` is the share of examples whose answer a
version gives itself and does not leave to a person, ``risk`` the share of these answers that is wrong; both are
reported where a version abstains.
``cost_saved`` is the share of the cost that is saved against the better of alerting always and never; it is reported
where it is known what mistakes cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from platform_core.sdk.errors import UsageError
from platform_core.sdk.targets import Task

METRICS_OF: Mapping[Task, tuple[str, ...]] = {
    "binary": (
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "micro_f1",
        "mcc",
        "auroc",
        "average_precision",
        "recall@fpr=0.01",
        "recall@alert=0.001",
        "recall@alert=0.01",
        "cost_saved",
        "brier",
        "ece",
        "coverage",
        "risk",
    ),
    "multiclass": (
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "micro_f1",
        "mcc",
        "top_k_accuracy=3",
        "auroc",
        "average_precision",
        "brier",
        "ece",
        "coverage",
        "risk",
    ),
    "ordinal": (
        "undertriage@overtriage=0.3",
        "undertriage",
        "qwk",
        "coverage",
        "risk",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "micro_f1",
        "mcc",
        "auroc",
        "brier",
        "ece",
        "mae",
    ),
    "multilabel": (
        "accuracy",
        "macro_f1",
        "micro_f1",
        "auroc",
        "average_precision",
        "brier",
        "ece",
        "coverage",
        "risk",
    ),
    "regression": ("mae", "rmse", "r2"),
}
"""What is reported of each task, in this order, as far as it is defined on the examples."""

PARAMETRISED = ("recall@fpr", "recall@alert", "undertriage@overtriage", "top_k_accuracy")
"""Metrics that are complete only with a number, as in ``recall@fpr=0.05``."""

COUNTED = frozenset({"top_k_accuracy"})
"""Those of them whose number is a count; that of the others is a share."""

LOWER_IS_BETTER = frozenset({"undertriage", "undertriage@overtriage", "brier", "ece", "risk", "mae", "rmse"})
"""Names, without number, of the metrics of which less is better."""


def sign_of(name: str) -> int:
    """Return 1 where more of the metric is better, -1 where less is: maximise ``sign_of(name) * value``."""
    return -1 if name.partition("=")[0] in LOWER_IS_BETTER else 1


def better(name: str, value: float, than: float) -> bool:
    """Tell whether ``value`` of the metric is better ``than`` another; an undefined value (NaN) never is."""
    if math.isnan(than):
        return not math.isnan(value)
    return sign_of(name) * value > sign_of(name) * than


def split_name(name: str, task: Task) -> tuple[str, float]:
    """Return the base of a metric's name and its number, a share or a count; 0 where the metric has none.

    Raises:
        UsageError: the task has no such metric, or its number is missing or is none.
    """
    base, _, text = name.partition("=")
    known = {known.partition("=")[0]: known for known in METRICS_OF[task]}
    if base not in known or (text and base not in PARAMETRISED):
        raise UsageError(f"there is no metric {name!r} of {task} answers", hint=f"known: {', '.join(METRICS_OF[task])}")
    if base not in PARAMETRISED:
        return base, 0.0
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if base in COUNTED and not (number >= 1 and number.is_integer()):
        raise UsageError(f"the metric {name!r} needs a count from 1 on", hint=f"such as {known[base]}")
    if base not in COUNTED and not 0 < number < 1:
        raise UsageError(f"the metric {name!r} needs a share between 0 and 1", hint=f"such as {known[base]}")
    return base, number


def canonical(name: str, task: Task) -> str:
    """Return the name as it is reported: ``recall@fpr=.010`` is ``recall@fpr=0.01``.

    Raises:
        UsageError: see :func:`split_name`.
    """
    base, number = split_name(name, task)
    return f"{base}={number:g}" if number else base
