"""Units: a number before one of them counts or measures, and is neither an age nor a telephone number."""

from __future__ import annotations

UNIT = (
    r"(?:[kmµμun]g|mcg|g|pg|[dmfµμu]?L|[dm]?l|cc|[kcmn]?m|mm[ ]?Hg|cm[ ]?H2O|kPa|k?[Cc]al|kJ|IU|iu|mU|U|units?"
    r"|[mµμun]?mol|mEq|Hz|bpm|beats|breaths|cells|copies|pages?|patients|steps|met(?:re|er)s?|feet|ft|yards?"
    r"|lit(?:re|er)s?|grams?|pounds|lbs?"
    r"|h|hrs?|hours?|HRS?|HOURS?|min(?:ute)?s?|days?|weeks?|months?|degrees?|points?|[kc]?Gy|mA|J|joules?|times)\b"
)
"""A regular expression for what follows the number, after a space or none."""
