"""Numbers as people write them."""

from __future__ import annotations

import math

_MOST_DECIMALS = 4
_ROUNDING = 1e-9


def share(value: float) -> str:
    """Return a share as per cent: one decimal, and more where a small rest would vanish."""
    percent = 100 * value
    rest = min(abs(percent), abs(100 - percent))
    decimals = 1 if rest < _ROUNDING or rest >= 0.1 else min(_MOST_DECIMALS, math.ceil(-math.log10(rest)))
    return f"{percent:.{decimals}f} %"


def round_share(value: float) -> str:
    """Return a share that somebody stated, without digits that nobody wrote."""
    return f"{100 * value:g} %"


def number(value: float) -> str:
    """Return a number with at most three digits that count, or all of those before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def digits(value: float) -> str:
    """Return a measured number with three digits that count, zeros included."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


def size(count: int) -> str:
    """Return bytes in the unit that people use, e.g. ``1.4 MB``."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def duration(seconds: float) -> str:
    """Return a time as people say it, e.g. ``2 min 5 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
