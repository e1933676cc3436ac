"""Decisions: from calibrated scores to what is said, as chosen on validation data and kept with the version."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class Decision(BaseModel):
    """How scores become an answer.

    Without thresholds the most probable label is the answer, of a set of labels those with at least one half. Of levels
    in an order it is always the median.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    thresholds: Mapping[str, float] = Field(
        default_factory=dict,
        description="Label → least score with which it is given. Of two classes it is that of the positive one alone.",
    )
    goal: str = Field("", description="What the thresholds were chosen for, such as `recall=0.95`.")
    abstain_below: float | None = Field(
        None, description="Answers with less confidence are marked `abstained`: a person decides."
    )
