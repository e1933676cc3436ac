"""What a search gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from platform_core.finetune.schemas import TrainResult
from platform_core.finetune.search.schemas import Searched
from platform_core.finetune.search.study import TrialInfo
from platform_core.sdk import Recipe


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """What a search found.

    Attributes:
        recipe: the best.
        summary: of the study; it goes into the lineage of the version.
        trials: all trials of the study that have ended.
        importance: share of each value in the variation of the metric, largest first; empty where trials are few.
        file: the study.
        picture: PNG of the trials and what mattered.
        seconds: the search itself, this call alone.
    """

    recipe: Recipe
    summary: Searched
    trials: Sequence[TrialInfo]
    importance: Mapping[str, float]
    file: Path
    picture: Path
    seconds: float


@dataclass(frozen=True, kw_only=True)
class TuneResult:
    """What a search found, and the run with the best recipe."""

    search: Tuned
    train: TrainResult

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types: the summary of the study, its trials, and under ``train`` the result of the run."""
        found = self.search
        return {
            **found.summary.model_dump(mode="json"),
            "recipe": found.recipe.model_dump(mode="json"),
            "results": [asdict(trial) for trial in found.trials],
            "importance": dict(found.importance),
            "file": str(found.file),
            "picture": str(found.picture),
            "seconds": found.seconds,
            "train": self.train.to_dict(),
        }
