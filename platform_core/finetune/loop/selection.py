"""Which epoch is kept, and when it is time to stop."""

from __future__ import annotations

import math

from platform_core.finetune.loop.state import LoopState

TIE = 0.25
"""Scores nearer than this, over the root of the number of validation examples, are level.

The standard error of an accuracy is at most 0.5 / √n; half of that is far inside what chance does. Among level epochs
the later one saw more and is kept: the first peak of a noisy curve is mostly luck.
"""


def tie_of(examples: int) -> float:
    """Return the difference below which scores between 0 and 1 on so many examples are level."""
    return TIE / math.sqrt(max(1, examples))


def takes_the_lead(state: LoopState, score: float, tie: float) -> bool:
    """Note the score of the epoch in progress; return whether that epoch is to be kept.

    It is when its score is level with the peak so far, or above it. The comparison is with the peak, not with the
    epoch kept before, so that many small steps down do not add up. A score that is undefined says nothing: where all
    are, the last epoch is the model, and patience does not end the training.
    """
    if math.isnan(score):
        return False
    epoch = state.epoch + 1
    leads = state.peak_score is None or score >= state.peak_score - tie
    if state.peak_score is None or score > state.peak_score:
        state.peak_score, state.peak_epoch = score, epoch
    if leads:
        state.best_epoch = epoch
    return leads


def out_of_patience(state: LoopState, patience: int) -> bool:
    """Tell whether the peak is ``patience`` epochs ago."""
    return state.peak_epoch is not None and len(state.history) - state.peak_epoch >= patience
