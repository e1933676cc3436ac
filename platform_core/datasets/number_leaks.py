"""Which columns give a number, or the order of levels, away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from platform_core.datasets.leaks import group_correlation, rank_correlation
from platform_core.datasets.profiles import Profile

_SAME = 0.995
_ALIKE = 0.95
_FAR_BETTER = 0.15
_FEW = 2


def number_leaks(profiles: Sequence[Profile], target: NDArray[np.float64], words: str) -> dict[str, tuple[str, bool]]:
    """Return column → evidence, and whether it is sure.

    A column that follows the target nearly without error is a sure leak if no other column comes near it; where
    others do, such as earlier values of a series, people should look.

    Args:
        profiles: the columns.
        target: the numbers [rows], NaN where there is none.
        words: what the numbers are, for the evidence.
    """
    found: dict[str, tuple[float, str]] = {}
    for profile in profiles:
        rank = rank_correlation(profile, target)
        group = group_correlation(profile, target)
        if rank is not None:
            found[profile.name] = abs(rank), f"it follows the {words} (rank correlation {rank:.3f})"
        elif group is not None:
            found[profile.name] = group, f"its categories tell the {words} (correlation ratio {group:.3f})"
    same = [name for name, (value, _) in found.items() if value >= _SAME]
    alike = [name for name, (value, _) in found.items() if _ALIKE <= value < _SAME]
    rest = max((value for name, (value, _) in found.items() if value < _ALIKE), default=0.0)
    sure = not alike and len(same) <= _FEW
    suspects = {**dict.fromkeys(same, sure), **dict.fromkeys(alike if rest < _ALIKE - _FAR_BETTER else (), False)}
    compared = f"the best other column reaches {rest:.3f}"
    return {name: (f"{found[name][1]}; {compared}", certain) for name, certain in suspects.items()}
