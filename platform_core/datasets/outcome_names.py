"""Names of columns that sound like outcomes: worth a word to the user, no proof."""

from __future__ import annotations

from platform_core.datasets.profiles import name_parts

_OUTCOMES = frozenset(
    (
        "outcome", "result", "results", "disposition", "discharge", "discharged", "diagnosis", "resolution", "resolved",
        "closed", "closure", "settlement", "settled", "chargeback", "investigation", "investigated", "verdict",
        "decision", "approved", "rejected", "repaired", "error", "mistriage", "churned", "cancelled", "death", "died",
        "los", "label", "target",
    )
)  # fmt: skip
_PHRASES = (("length", "stay"), ("root", "cause"), ("failure", "type"), ("failure", "mode"), ("status",))
_FILLING = frozenset(("of", "the", "in", "min", "mins", "hours", "days", "category", "code"))


def sounds_later(name: str) -> bool:
    """Tell whether the name sounds like something that is known only after the moment of prediction."""
    parts = name_parts(name)
    core = tuple(part for part in parts if part not in _FILLING)
    return bool(_OUTCOMES.intersection(parts)) or core in _PHRASES
