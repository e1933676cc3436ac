"""Decisions: from calibrated scores to what is said, as chosen on validation data and kept with the version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field


class Decision(BaseModel):
    """How scores become an answer.

    Without thresholds the most probable label is the answer, of a set of labels those with at least one half. Of levels
    in an order it is always the median. Where rare classes are to be favoured (``rarity`` above 0), the label with the
    greatest score / share**rarity takes the place of the most probable one; scores stay as they are.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    thresholds: Mapping[str, float] = Field(
        default_factory=dict,
        description="Label → least score with which it is given. Of two classes it is that of the positive one alone.",
    )
    goal: str = Field("", description="What the thresholds were chosen for, such as `recall=0.95`.")
    rarity: float = Field(0.0, ge=0, le=1, description="How far rare classes are favoured: 0 not, 1 in full.")
    shares: Mapping[str, float] = Field(
        default_factory=dict, description="Label → its share of the examples that `rarity` was chosen on."
    )
    abstain_below: float | None = Field(
        None, description="Answers with less confidence are marked `abstained`: a person decides."
    )

    def weights(self, labels: Sequence[str]) -> list[float]:
        """Return what the score of each label is multiplied by before the greatest is taken."""
        return [self.shares.get(label, 1.0) ** -self.rarity for label in labels]

    @property
    def note(self) -> str:
        """What a reader of answers must know, one sentence; empty where they are as expected."""
        if not self.rarity:
            return ""
        return (
            f"Answers are weighted toward rare classes (a = {self.rarity:g}): the label has the greatest "
            "probability / share^a, which need not be the greatest probability."
        )
