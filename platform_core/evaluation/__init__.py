"""Evaluation: metrics, intervals, calibration, operating points, slices, and the comparison of two models.

``evaluate`` measures everything; ``score`` computes one metric quickly; ``compare`` sets two models side by side.
``fit_calibration`` and ``choose_decision`` make of validation data what a version keeps. All tasks share these doors,
and the arrays that go in: see :func:`evaluate`. :mod:`platform_core.evaluation.pictures` is imported only when asked
for, because it brings matplotlib; scipy and scikit-learn come in only where something is fitted.
"""

from platform_core.evaluation.calibrating import Calibration, fit_calibration
from platform_core.evaluation.choosing import ChosenDecision, choose_decision
from platform_core.evaluation.comparison import compare
from platform_core.evaluation.evaluating import evaluate, score
from platform_core.evaluation.evaluation import Comparison, Evaluation
from platform_core.evaluation.goals import Costs, Goal
from platform_core.evaluation.names import LOWER_IS_BETTER, METRICS_OF, better, sign_of
from platform_core.evaluation.operating_points import OperatingPoint

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS_OF",
    "Calibration",
    "ChosenDecision",
    "Comparison",
    "Costs",
    "Evaluation",
    "Goal",
    "OperatingPoint",
    "better",
    "choose_decision",
    "compare",
    "evaluate",
    "fit_calibration",
    "score",
    "sign_of",
]
