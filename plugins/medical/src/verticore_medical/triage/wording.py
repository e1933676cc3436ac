"""The words and codes in which files write the same thing, brought to one form: ``M``, ``male``, ``Male``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from platform_core.sdk.names import simple_name

SEXES = {"male": ("m", "man", "boy", "男"), "female": ("f", "woman", "girl", "女")}
ARRIVALS = {
    "ambulance": ("ambulance", "ems", "publicambulance"),
    "private ambulance": ("privateambulance",),
    "private vehicle": ("privatevehicle", "privatecar", "car", "ownvehicle", "privatetransport", "taxi"),
    "walk-in": ("walkin", "walk", "walking", "onfoot", "foot"),
    "helicopter": ("helicopter", "air"),
}
YES_OR_NO = {"yes": ("yes", "y", "true"), "no": ("no", "n", "false")}

_BY_SCORE = {"none": 0.0, "mild": 2.0, "moderate": 5.0, "severe": 8.0}
"""Words for pain, as the middle of the scores that they stand for (WHO ladder: 1-3, 4-6, 7-10)."""


def in_words(words: Mapping[str, tuple[str, ...]]) -> Callable[[Any], Any]:
    """Return a validator that brings known words and codes to one form; other words stay, in lower case."""
    known = {simple_name(alias): word for word, aliases in words.items() for alias in (word, *aliases)}

    def read(value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return {True: "yes", False: "no"}.get(value) if value is not None else None
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        return known.get(simple_name(text), text.lower() or None)

    return read


def pain_parts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``pain`` (yes or no) and ``pain_score`` (0 to 10) from either of them.

    A number in ``pain`` is the score, unless there is a score already: then it says whether there is any. What is
    neither a number nor a known word, such as "unable", says nothing.
    """
    score, said = _number(data.get("pain_score")), data.get("pain")
    stated = _number(said)
    word = in_words(YES_OR_NO)(said) if stated is None else None
    if stated is None and score is None and isinstance(word, str):
        score = _BY_SCORE.get(word)
    if stated is not None and score is None:
        score = stated
    if word not in ("yes", "no"):
        known = stated if stated is not None else score
        word = None if known is None or known < 0 else "yes" if known > 0 else "no"
    kept = score if score is not None else data.get("pain_score")
    return {"pain": word, "pain_score": kept}


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
