"""What was found before a run, as its spec and its version's lineage keep it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from platform_core.sdk import Method

FoldKind = Literal["stratified", "group", "time"]
"""How rows become folds: alike in their targets, whole groups, or one stretch of time after the other."""

AttemptState = Literal["learned", "skipped", "stopped", "failed"]
"""What became of a method that was considered; ``stopped``: the time was over."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Searched(_Part):
    """A search over the values of a recipe.

    Attributes:
        study: its name.
        metric: the solution's primary metric.
        trials: trials that have ended, pruned and failed ones included.
        value: the metric of the best: on the validation split, or its mean over the folds.
        parameters: the values that were searched, as they are best.
        folds: number of folds; ``None`` where the validation split was used.
    """

    study: str
    metric: str
    trials: int
    pruned: int
    failed: int
    value: float
    parameters: dict[str, Any]
    folds: int | None = None

    def sentence(self) -> str:
        """Return it in words, for cards."""
        where = f"as a mean over {self.folds} folds" if self.folds else "on the validation split"
        values = ", ".join(f"{name} {_plain(value)}" for name, value in self.parameters.items())
        return f"Of {self.trials} trials this recipe was the best, {self.metric} {self.value:.3f} {where}: {values}."


class Attempt(_Part):
    """One method that was considered.

    Attributes:
        value: the primary metric on the validation split.
        note: why it has none.
    """

    method: Method
    state: AttemptState
    value: float | None = None
    seconds: float = 0.0
    note: str = ""


class MethodChosen(_Part):
    """The choice of a method by trying.

    Attributes:
        metric: the solution's primary metric.
        attempts: the methods in the order in which they were tried.
        chosen_because: the reason, one sentence.
    """

    metric: str
    attempts: tuple[Attempt, ...]
    chosen_because: str


class CrossValidated(_Part):
    """What a recipe reaches on rows that were held out in turn.

    Attributes:
        folds: how many folds were measured.
        by: how rows became folds.
        metric: the solution's primary metric.
        values: its value on each fold on which it is defined.
        mean, sd: of these values; the sample standard deviation.
        n: rows that were held out.
        metrics, intervals: of the answers to all of them together; 95 % bootstrap intervals.
    """

    folds: int
    by: FoldKind
    metric: str
    values: tuple[float, ...]
    mean: float
    sd: float
    n: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]

    def sentence(self) -> str:
        """Return it in words, for cards."""
        kind = {"stratified": "stratified folds", "group": "folds of whole groups", "time": "folds in order of time"}
        return (
            f"Cross-validation, {self.folds} {kind[self.by]}, {self.n:,} rows: "
            f"{self.metric} {self.mean:.3f} ± {self.sd:.3f} (mean and standard deviation of the folds)."
        )


class Selection(_Part):
    """All that was found before a run; parts that were not asked for are ``None``."""

    search: Searched | None = None
    method: MethodChosen | None = None
    cross_validation: CrossValidated | None = None

    def sentences(self) -> list[str]:
        """Return it in words, for cards."""
        parts = [
            self.method.chosen_because if self.method else "",
            self.search.sentence() if self.search else "",
            self.cross_validation.sentence() if self.cross_validation else "",
        ]
        return [part for part in parts if part]


def _plain(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
