"""What rules did to a model's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from platform_core.evaluation.decisions import decide
from platform_core.evaluation.evaluation import RuleCount, RuleReport
from platform_core.sdk.decisions import Decision
from platform_core.sdk.reviews import Remark
from platform_core.sdk.targets import Task


def rule_report(
    task: Task,
    labels: Sequence[str],
    before: ArrayLike,
    after: ArrayLike,
    remarks: Sequence[Sequence[Remark]],
    *,
    decision: Decision,
) -> RuleReport:
    """Count remarks, and the answers that are others because of them.

    Args:
        task: the kind of answer.
        labels: in the order of the columns.
        before: calibrated scores of the model alone, [n, k].
        after: the same as the rules left them, [n, k].
        remarks: of each example.
        decision: how scores become answers.
    """
    answers = [decide(task, labels, np.asarray(scores, np.float64), decision) for scores in (before, after)]
    raised = (answers[0] != answers[1]).reshape(len(remarks), -1).any(-1)
    seen: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for said, is_raised in zip(remarks, raised.tolist(), strict=True):
        seen.update({remark.code for remark in said})
        moved.update({remark.code for remark in said if is_raised and remark.at_least is not None})
    return RuleReport(
        n=len(remarks),
        flagged=sum(any(remark.at_least is not None for remark in said) for said in remarks),
        raised=int(raised.sum()),
        codes=[RuleCount(code=code, examples=count, raised=moved[code]) for code, count in seen.most_common()],
    )
