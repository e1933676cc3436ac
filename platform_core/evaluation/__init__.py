"""Evaluation: metrics, intervals, calibration and the pictures that show them.

``evaluate_classes`` is the door; ``score`` computes one metric quickly. :mod:`platform_core.evaluation.pictures` is
imported only when asked for, because it brings matplotlib.
"""

from platform_core.evaluation.evaluation import LOWER_IS_BETTER, METRICS, Evaluation, evaluate_classes, score

__all__ = ["LOWER_IS_BETTER", "METRICS", "Evaluation", "evaluate_classes", "score"]
