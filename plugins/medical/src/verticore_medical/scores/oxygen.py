"""Supplemental oxygen as people write it: yes or no, a flow, a device, a fraction of inspired oxygen."""

from __future__ import annotations

import re
from typing import Any

from platform_core.sdk.names import simple_name
from verticore_medical.scores.wording import plain, said_nothing

_YES = frozenset(
    simple_name(word)
    for word in (
        "yes", "y", "true", "oxygen", "o2", "on", "on oxygen", "on o2", "supplemental", "supplemental oxygen", "ja",
        "j",
        "mit sauerstoff", "sauerstoff", "是", "有", "吸氧", "예", "네", "산소",
    )
)  # fmt: skip
_NO = frozenset(
    simple_name(word)
    for word in (
        "no", "n", "false", "air", "room air", "off", "ra", "on air", "on room air", "breathing air", "none",
        "no oxygen",
        "no o2", "without oxygen", "nein", "raumluft", "ohne sauerstoff", "否", "无", "空气", "未吸氧", "아니오",
        "실내공기",
    )
)  # fmt: skip
_DEVICE = re.compile(
    r"\b(?:nasal (?:cannula|cannulae|prongs?|specs?)|cannula|nc|hfnc|hfno|high[- ]flow(?: nasal)?|"
    r"(?:face|simple|venturi|non[- ]?rebreath\w*|reservoir|oxygen)? ?mask|venturi|non[- ]?rebreath\w*|nrb|nrbm|cpap|"
    r"bipap|niv|ventilat\w+|intubated|nasenbrille|sauerstoffbrille|sauerstoffmaske|beatmet)\b|"
    r"鼻导管|面罩|비강 ?캐뉼라|마스크"
)
_NUMBER = r"(\d{1,3}(?:[.,]\d+)?)"
_FLOW = re.compile(rf"\b{_NUMBER} ?(?:l|lit(?:er|re)s?)(?: ?(?:/|p|per) ?(?:m|min|minute))?\b")
_FRACTION = re.compile(rf"(?P<named>fi ?o2 ?[:=]? ?)?{_NUMBER} ?(?P<percent>%)?(?P<after> ?fi ?o2| ?oxygen)?")
_AIR_PERCENT = 21.0
_MOST_UNNAMED = 60.0
"""Percents above may be a saturation, unless they say that they are a fraction of inspired oxygen."""
_MOST_LITRES = 15.0
_LEAST_SATURATION, _MOST_SATURATION = 50.0, 100.0


def on_oxygen(said: Any) -> bool | None:
    """Return whether supplemental oxygen is given; ``None`` where that is not understood.

    Bare numbers from 1 to 15 are litres a minute, 0 is air.
    """
    text = plain(said)
    name = simple_name(text)
    if name in _YES or name in _NO:
        return name in _YES
    flow = _FLOW.search(text)
    if flow:
        return _number(flow[1]) > 0
    if _DEVICE.search(text):
        return None if re.search(r"\b(?:no|not|off|without|ohne|kein\w*)\b", text) else True
    fraction = _FRACTION.fullmatch(text)
    return None if fraction is None else _of_fraction(fraction)


def read_oxygen(said: Any) -> Any:
    """Return ``yes`` or ``no`` for what is understood, ``None`` where nothing is said, all else in lower case.

    Raises:
        ValueError: the value is a bare number that is a saturation.
    """
    if isinstance(said, bool):
        return "yes" if said else "no"
    if not isinstance(said, str | int | float):
        return said
    found = on_oxygen(said)
    if found is not None:
        return "yes" if found else "no"
    if said_nothing(said):
        return None
    text = plain(said)
    if re.fullmatch(_NUMBER, text) and _LEAST_SATURATION <= _number(text) <= _MOST_SATURATION:
        raise ValueError(f"{text} looks like a saturation: it belongs in 'spo2'; 'oxygen' is yes or no, or a flow")
    return text


def _of_fraction(match: re.Match[str]) -> bool | None:
    value, named = _number(match[2]), bool(match["named"] or match["after"])
    if not match["percent"] and not named:
        return value > 0 if value == 0 or 1 <= value <= _MOST_LITRES else None
    percent = value if match["percent"] or value > 1 else 100 * value
    if percent < _AIR_PERCENT or percent > (100 if named else _MOST_UNNAMED):
        return None
    return percent > _AIR_PERCENT


def _number(text: str) -> float:
    return float(text.replace(",", "."))
