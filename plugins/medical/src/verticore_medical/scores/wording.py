"""What people write where nothing was observed, and the plain form in which words are compared."""

from __future__ import annotations

from typing import Any

from platform_core.sdk.names import simple_name

_NOTHING = frozenset(
    simple_name(word)
    for word in (
        "", "na", "nan", "none", "null", "nil", "unknown", "not known", "not assessed", "not recorded",
        "not documented",
        "not done", "not measured", "not available", "missing", "unable to assess", "unable", "unbekannt",
        "nicht erhoben",
        "nicht beurteilbar", "keine angabe", "k.a.", "未知", "不详", "未测", "미상", "모름", "측정불가",
    )
)  # fmt: skip


def plain(said: Any) -> str:
    """Return ``said`` in lower case with single blanks; a whole number without its point."""
    text = str(int(said)) if isinstance(said, float) and said.is_integer() else str(said)
    text = " ".join(text.casefold().split())
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def said_nothing(said: Any) -> bool:
    """Tell whether ``said`` means that nothing was observed: blank, a dash, "not assessed"."""
    return simple_name(plain(said)) in _NOTHING
